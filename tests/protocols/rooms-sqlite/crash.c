/*
 * kill -9 at any time: what a future has said to be on the disk is there
 * afterwards, and the file is well.
 */

#include "tests/protocols/rooms/door.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "reed/rooms-sqlite.h"

enum { ROUNDS = 12 };

static char folder[] = "/tmp/reed-crash-XXXXXX";
static char path[64];

static enum reed_err run(struct reed_future *f)
{
	return reed_loop_run_until(loop, f, NULL);
}

static struct reed_rooms_sqlite *open_file(void)
{
	struct reed_rooms_sqlite_options options = REED_ROOMS_SQLITE_OPTIONS;
	struct reed_rooms_sqlite *db;

	options.check = true;
	check_int(run(reed_rooms_sqlite_open(loop, path, &options, &db)), REED_OK);
	return db;
}

static struct reed_hub *open_hub(struct reed_rooms_sqlite *db)
{
	struct reed_hub_options options = REED_HUB_OPTIONS;
	struct reed_hub *hub;

	options.store = reed_rooms_sqlite_store(db);
	options.history = reed_rooms_sqlite_history(db);
	hub = hub_with(&options);
	check_int(run(reed_hub_load(hub)), REED_OK);
	return hub;
}

/* What the victim has been promised. */
struct promise {
	int round, n;
	struct reed_id message;
};

/* ---- the victim ---- */

static void acknowledge(int out, const struct promise *promise)
{
	if (write(out, promise, sizeof(*promise)) != (ssize_t)sizeof(*promise))
		_exit(1);
}

static void live(int round, int out)
{
	struct reed_rooms_sqlite *db;
	struct reed_hub *hub;
	struct promise promise = { .round = round };

	check_int(reed_loop_new(NULL, &loop), REED_OK);
	db = open_file();
	hub = open_hub(db);
	for (;; promise.n++) {
		struct client ann;
		struct reed_account *account;
		enum reed_refusal refusal;
		struct reed_room *room;
		char name[32];

		snprintf(name, sizeof(name), "a%d-%d", round, promise.n);
		check_int(run(reed_account_register(hub, NULL, reed_slice_of(name), &refusal,
		                                    &account)),
		          REED_OK);
		granted(come_as(hub, &ann, name, name));
		snprintf(name, sizeof(name), "#r%d-%d", round, promise.n);
		room = join(&ann, name);
		check_int(run(reed_room_register(&ann.session, room, &refusal)), REED_OK);
		granted(refusal);
		granted(reed_room_set_topic(&ann.session, room, reed_slice_of(name)));
		granted(say(&ann, room, "hello"));
		promise.message = ann.last;
		leave(&ann);
		check_int(run(reed_hub_flush(hub)), REED_OK);
		acknowledge(out, &promise);
	}
}

/* ---- the coroner ---- */

static void look_for(struct reed_hub *hub, struct reed_history *history,
                     const struct promise *promise)
{
	struct reed_history_query q = REED_HISTORY_QUERY;
	struct reed_history_page page = { 0 };
	struct reed_account *account;
	struct reed_room *room;
	char name[32];

	snprintf(name, sizeof(name), "a%d-%d", promise->round, promise->n);
	account = reed_account_find(hub, reed_slice_of(name));
	check(account);
	snprintf(name, sizeof(name), "#r%d-%d", promise->round, promise->n);
	room = reed_room_find(hub, reed_slice_of(name));
	check(room);
	check(room->founder == account);
	check_str(room->topic, name);
	q.where = reed_slice_of(room->id.s);
	q.way = REED_HISTORY_ONE;
	q.from.id = reed_slice_of(promise->message.s);
	check_int(run(reed_history_query(history, &q, &page)), REED_OK);
	check_int(page.count, 1);
	check_slice(page.messages[0].text, "hello");
	reed_history_page_finish(&page);
}

static void examine(const struct promise *promises, int count)
{
	struct reed_rooms_sqlite *db;
	struct reed_hub *hub;

	check_int(reed_loop_new(NULL, &loop), REED_OK);
	db = open_file();
	hub = open_hub(db);
	for (int i = 0; i < count; i++)
		look_for(hub, reed_rooms_sqlite_history(db), &promises[i]);
	reed_hub_free(hub);
	check_int(run(reed_rooms_sqlite_close(db)), REED_OK);
	reed_loop_run(loop);
	reed_loop_free(loop);
}

/* Lets one live until it has so many promises, and a bit longer. */
static int kill_one(int round, int after, useconds_t longer, struct promise *promises)
{
	int fds[2], count = 0, status;
	pid_t pid;

	check_int(pipe(fds), 0);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		close(fds[0]);
		live(round, fds[1]);
	}
	close(fds[1]);
	while (count < after &&
	       read(fds[0], &promises[count], sizeof(*promises)) == (ssize_t)sizeof(*promises))
		count++;
	check_int(count, after);
	usleep(longer);
	check_int(kill(pid, SIGKILL), 0);
	check_int(waitpid(pid, &status, 0), pid);
	while (read(fds[0], &promises[count], sizeof(*promises)) == (ssize_t)sizeof(*promises))
		count++;
	close(fds[0]);
	return count;
}

static void what_was_acknowledged_survives_a_kill(void)
{
	static struct promise promises[100000];
	int count = 0;

	/* Different moments of the next transaction: the seed is fixed, the machine is not. */
	for (int round = 0; round < ROUNDS; round++) {
		count += kill_one(round, 1 + round, (useconds_t)(round * 137 % 1000),
		                  promises + count);
		examine(promises, count);
	}
	check(count >= ROUNDS * (ROUNDS + 1) / 2);
}

static void remove_file(void)
{
	const char *ends[] = { "", "-wal", "-shm" };
	char name[96];

	for (size_t i = 0; i < REED_COUNT(ends); i++) {
		snprintf(name, sizeof(name), "%s%s", path, ends[i]);
		unlink(name);
	}
	rmdir(folder);
}

int main(void)
{
	check(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/rooms.db", folder);
	RUN(what_was_acknowledged_survives_a_kill);
	remove_file();
	return 0;
}
