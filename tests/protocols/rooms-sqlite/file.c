/* The file: schemas, full disks, what is kept and what is swept. */

#include "tests/core/tools.h"

#include "tests/protocols/rooms/door.h"

#include <unistd.h>

#include "protocols/rooms/sqlite/private.h"

static char folder[] = "/tmp/reed-rooms-XXXXXX";
static char path[64];
static struct reed_rooms_sqlite *db;
static int troubles;
static enum reed_err trouble_err;

static void hear_trouble(void *arg, enum reed_err err, const char *why)
{
	(void)arg;
	check(strstr(why, path));
	troubles++;
	trouble_err = err;
}

static void hear_hub_trouble(void *arg, struct reed_hub *hub, enum reed_err err, const char *why)
{
	(void)hub;
	hear_trouble(arg, err, why);
}

static void open_with(uint64_t bytes, uint32_t messages, size_t unsaved)
{
	struct reed_rooms_sqlite_options options = REED_ROOMS_SQLITE_OPTIONS;

	options.bytes = bytes;
	options.messages = messages;
	options.unsaved_bytes = unsaved;
	options.trouble = hear_trouble;
	troubles = 0;
	check_int(outcome(reed_rooms_sqlite_open(loop, path, &options, &db)), REED_OK);
}

static void open_file(void)
{
	open_with(0, 0, 0);
}

static enum reed_err close_file(void)
{
	enum reed_err err = outcome(reed_rooms_sqlite_close(db));

	run();
	return err;
}

static void remove_file(void)
{
	const char *ends[] = { "", "-wal", "-shm" };
	char name[96];

	for (size_t i = 0; i < REED_COUNT(ends); i++) {
		snprintf(name, sizeof(name), "%s%s", path, ends[i]);
		unlink(name);
	}
}

static struct reed_hub *hub_over_file(void)
{
	struct reed_hub_options options = REED_HUB_OPTIONS;
	struct reed_hub *hub;

	options.store = reed_rooms_sqlite_store(db);
	options.history = reed_rooms_sqlite_history(db);
	options.trouble = hear_hub_trouble;
	hub = hub_with(&options);
	check_int(outcome(reed_hub_load(hub)), REED_OK);
	return hub;
}

static void append(const char *where, int n, size_t size)
{
	static char text[65536];
	struct reed_message m = { .kind = REED_EVENT_MESSAGE, .time = REED_S(n) };

	memset(text, 'x', sizeof(text));
	snprintf(m.id.s, sizeof(m.id.s), "0000000000000000000000%04d", n);
	m.text = reed_slice(text, size);
	reed_history_append(reed_rooms_sqlite_history(db), reed_slice_of(where), &m);
}

/* How many there are, and the id of the first. */
static size_t kept(const char *where, struct reed_id *first)
{
	struct reed_history_query q = REED_HISTORY_QUERY;
	struct reed_history_page page = { 0 };
	size_t count;

	q.where = reed_slice_of(where);
	check_int(outcome(reed_history_query(reed_rooms_sqlite_history(db), &q, &page)), REED_OK);
	count = page.count;
	if (first)
		*first = count ? page.messages[0].id : (struct reed_id){ "" };
	reed_history_page_finish(&page);
	return count;
}

/* ---- schemas ---- */

static void a_file_of_the_first_schema_goes_forward_with_all_that_is_in_it(void)
{
	const char *const forward[] = {
		reed_rooms_sqlite_schema.migrations[0],
		"ALTER TABLE room ADD COLUMN colour TEXT NOT NULL DEFAULT 'green';"
		"CREATE TABLE room_new (id TEXT PRIMARY KEY, colour TEXT NOT NULL) WITHOUT ROWID;"
		"INSERT INTO room_new SELECT id, colour FROM room",
		NULL,
	};
	const struct reed_sqlite_schema schema = { "rooms", forward };
	struct reed_sqlite *raw;
	struct reed_hub *hub;
	struct reed_room *room;
	struct client ann;
	enum reed_refusal refusal;

	open_file();
	hub = hub_over_file();
	granted(come_as(hub, &ann, "ann", "ann"));
	room = join(&ann, "#reed");
	check_int(outcome(reed_room_register(&ann.session, room, &refusal)), REED_OK);
	granted(refusal);
	granted(change(&ann, room, REED_CHANGE_LIST, true, REED_LIST_BAN, "eve!*@*", NULL));
	check_int(outcome(reed_hub_flush(hub)), REED_OK);
	reed_hub_free(hub);
	check_int(close_file(), REED_OK);

	/* The program of tomorrow ... */
	check_int(outcome(reed_sqlite_open(loop, path, &schema, NULL, &raw)), REED_OK);
	check_int(outcome(reed_sqlite_close(raw)), REED_OK);
	run();

	/* ... whose file the program of today does not touch. */
	check_int(outcome(reed_rooms_sqlite_open(loop, path, NULL, &db)), REED_ENOTSUP);
	run();

	/* Were it the same schema, all would be there. */
	check_int(outcome(reed_sqlite_open(loop, path, &schema, NULL, &raw)), REED_OK);
	db = reed_alloc(sizeof(*db));
	*db = (struct reed_rooms_sqlite){ .store.ops = &reed_rooms_sqlite_store_ops,
		                          .history.ops = &reed_rooms_sqlite_history_ops,
		                          .loop = loop,
		                          .db = raw };
	db->options.messages = db->options.unsaved_bytes = 1000;
	reed_rooms_sqlite_writer_init(db);
	hub = hub_over_file();
	room = reed_room_find(hub, REED_STR("#reed"));
	check(room);
	check_str(room->founder->name, "ann");
	check_int(room->lists[REED_LIST_BAN].n, 1);
	reed_hub_free(hub);
	check_int(close_file(), REED_OK);
}

/* ---- a full disk ---- */

static void a_full_disk_refuses_registrations_and_keeps_what_it_has(void)
{
	struct reed_account *account;
	enum reed_refusal refusal;
	enum reed_err err = REED_OK;
	struct reed_hub *hub;
	char name[40];
	int n = 0;

	open_with(160 << 10, 0, 0);
	hub = hub_over_file();
	while (!err && n < 10000) {
		snprintf(name, sizeof(name), "account-%d-xxxxxx", n);
		err = outcome(
			reed_account_register(hub, NULL, reed_slice_of(name), &refusal, &account));
		n += !err;
	}
	check_int(err, REED_ENOSPC);
	check(n > 100);
	check(!reed_account_find(hub, reed_slice_of(name)));
	reed_hub_free(hub);
	close_file();

	/* With more room it goes on. */
	open_file();
	hub = hub_over_file();
	for (int i = 0; i < n; i++) {
		char old[40];

		snprintf(old, sizeof(old), "account-%d-xxxxxx", i);
		check(reed_account_find(hub, reed_slice_of(old)));
	}
	check(!reed_account_find(hub, reed_slice_of(name)));
	check_int(outcome(reed_account_register(hub, NULL, reed_slice_of(name), &refusal,
	                                        &account)),
	          REED_OK);
	granted(refusal);
	reed_hub_free(hub);
	check_int(close_file(), REED_OK);
}

static void messages_wait_for_a_full_disk_up_to_a_limit(void)
{
	struct reed_rooms_sqlite_stats stats = { .size = sizeof(stats) };
	int n = 0;

	open_with(200 << 10, 0, 100 << 10);
	while (!troubles && n < 1000) {
		append("room", ++n, 4000);
		reed_loop_turn(loop, 0);
	}
	check_int(troubles, 1);
	check_int(trouble_err, REED_ENOSPC);
	check_int(outcome(reed_history_flush(reed_rooms_sqlite_history(db))), REED_ENOSPC);
	reed_rooms_sqlite_stats(db, &stats);
	check(stats.waiting_bytes > 0);
	check_int(stats.lost, 0);
	check(stats.written > 0);
	for (int i = 0; i < 100; i++)
		append("room", ++n, 4000);
	reed_rooms_sqlite_stats(db, &stats);
	check(stats.waiting_bytes <= 100 << 10);
	check(stats.lost > 0);
	check_int(close_file(), REED_ENOSPC);
}

static void what_waited_is_written_when_there_is_room_again(void)
{
	struct reed_rooms_sqlite_stats stats = { .size = sizeof(stats) };
	int n = 0, before;

	open_with(200 << 10, 0, 0);
	while (!troubles && n < 1000) {
		append("room", ++n, 4000);
		reed_loop_turn(loop, 0);
	}
	before = (int)kept("room", NULL);
	check(before < n);
	check_int(outcome(reed_history_forget(reed_rooms_sqlite_history(db), REED_STR("room"))),
	          REED_OK);
	run();
	reed_rooms_sqlite_stats(db, &stats);
	check_int(stats.waiting_bytes, 0);
	check_int(kept("room", NULL), n - before);
	check_int(close_file(), REED_OK);
}

/* ---- what is kept ---- */

static void of_each_conversation_the_last_messages_are_kept(void)
{
	struct reed_id first;

	open_with(0, 50, 0);
	for (int n = 1; n <= 500; n++) {
		append("room", n, 10);
		if (n % 10 == 0)
			reed_loop_turn(loop, 0);
	}
	append("other", 1, 10);
	check(kept("room", &first) >= 50);
	check(kept("room", &first) <= 50 + 50 / 8 + 16);
	check(strcmp(first.s, "00000000000000000000000420") > 0);
	check_int(kept("other", NULL), 1);
	check_int(close_file(), REED_OK);
}

static void what_a_crash_left_of_unregistered_rooms_is_swept(void)
{
	char talk[2 * REED_ID_LENGTH + 1];
	struct reed_hub *hub;
	struct client ann;
	struct reed_room *room;
	enum reed_refusal refusal;
	struct reed_id id, account;

	open_file();
	hub = hub_over_file();
	granted(come_as(hub, &ann, "ann", "ann"));
	room = join(&ann, "#reed");
	check_int(outcome(reed_room_register(&ann.session, room, &refusal)), REED_OK);
	id = room->id;
	account = ann.session.user->account->id;
	granted(say(&ann, room, "stays"));
	snprintf(talk, sizeof(talk), "%s%026d", account.s, 1);
	append(talk, 1, 10);
	append("00000000000000000000000001", 1, 10);
	append("0000000000000000000000000100000000000000000000000002", 1, 10);
	check_int(outcome(reed_hub_flush(hub)), REED_OK);
	reed_hub_free(hub);
	check_int(close_file(), REED_OK);
	open_file();
	reed_hub_free(hub_over_file());
	check_int(kept(id.s, NULL), 1);
	check_int(kept(talk, NULL), 1);
	check_int(kept("00000000000000000000000001", NULL), 0);
	check_int(kept("0000000000000000000000000100000000000000000000000002", NULL), 0);
	check_int(close_file(), REED_OK);
}

static void messages_of_one_turn_are_one_batch_and_queries_see_them(void)
{
	struct reed_rooms_sqlite_stats stats = { .size = sizeof(stats) };

	open_file();
	for (int n = 1; n <= 100; n++)
		append("room", n, 10);
	reed_rooms_sqlite_stats(db, &stats);
	check_int(stats.written, 0);
	check_int(db->batch_serial, 1);
	check_int(kept("room", NULL), 100);
	reed_rooms_sqlite_stats(db, &stats);
	check_int(stats.written, 100);
	check_int(stats.waiting_bytes, 0);
	check_int(close_file(), REED_OK);
}

static void a_close_writes_what_is_left_and_a_drop_of_it_closes_too(void)
{
	open_file();
	append("room", 1, 10);
	check_int(close_file(), REED_OK);
	open_file();
	check_int(kept("room", NULL), 1);
	append("room", 2, 10);
	reed_drop(reed_rooms_sqlite_close(db));
	run();
	open_file();
	check(kept("room", NULL) >= 1);
	check_int(close_file(), REED_OK);
}

static void an_open_that_is_dropped_leaves_nothing_behind(void)
{
	for (int n = 0; n < 4; n++) {
		struct reed_future *f = reed_rooms_sqlite_open(loop, path, NULL, &db);

		turns(n);
		reed_drop(f);
		run();
	}
}

typedef void sentence(void);

static void with_file(sentence *test)
{
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	check(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/rooms.db", folder);
	test();
	remove_file();
	rmdir(folder);
}

#define EACH(test)                 \
	do {                       \
		with_file(test);   \
		puts("ok " #test); \
		fflush(stdout);    \
	} while (0)

int main(void)
{
	lab_open();
	loop->simulated = true;
	EACH(a_file_of_the_first_schema_goes_forward_with_all_that_is_in_it);
	EACH(a_full_disk_refuses_registrations_and_keeps_what_it_has);
	EACH(messages_wait_for_a_full_disk_up_to_a_limit);
	EACH(what_waited_is_written_when_there_is_room_again);
	EACH(of_each_conversation_the_last_messages_are_kept);
	EACH(what_a_crash_left_of_unregistered_rooms_is_swept);
	EACH(messages_of_one_turn_are_one_batch_and_queries_see_them);
	EACH(a_close_writes_what_is_left_and_a_drop_of_it_closes_too);
	EACH(an_open_that_is_dropped_leaves_nothing_behind);
	lab_close();
	return 0;
}
