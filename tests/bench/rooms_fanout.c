/*
 * What it costs to tell a room: events through the hub to doors that do
 * nothing, that copy a line into each client's buffer, and that write it to a
 * stream of Reed whose writes are swallowed.  CPU time of this process, one
 * core, no system calls but the clock.
 *
 *	rooms_fanout [SECONDS]
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "reed/alloc.h"
#include "reed/blob.h"
#include "reed/rooms.h"
#include "reed/stream.h"

enum { OUTPUT = 16384 };

struct client {
	struct reed_session session;
	struct reed_stream *stream;
	size_t used;
	char *output;
};

static struct reed_loop *loop;
static struct client *clients;
static double seconds = 1;
static uint64_t heard;

static double cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static struct client *client_of(struct reed_session *session)
{
	return reed_container_of(session, struct client, session);
}

/* ---- doors ---- */

static void over(struct reed_session *session, struct reed_slice why)
{
	(void)session;
	(void)why;
}

static void null_event(struct reed_session *session, const struct reed_hub_event *ev)
{
	(void)session;
	heard += ev->kind == REED_EVENT_MESSAGE;
}

/* As IRC has it, once for all receivers. */
static struct reed_blob *line_of(const struct reed_hub_event *ev)
{
	char line[1024];
	int n = snprintf(line, sizeof(line), ":%s PRIVMSG %s :" REED_FMT "\r\n", ev->actor->full,
	                 ev->room ? ev->room->name : "*", REED_ARG(ev->text));

	return reed_blob_new(reed_slice(line, (size_t)n));
}

static struct reed_slice encoded(struct reed_session *session, const struct reed_hub_event *ev)
{
	void **slot = reed_event_slot(ev, session);

	if (!*slot)
		*slot = line_of(ev);
	return reed_blob_slice(*slot);
}

static void copy_event(struct reed_session *session, const struct reed_hub_event *ev)
{
	struct client *self = client_of(session);
	struct reed_slice line;

	if (ev->origin == session)
		return;
	line = encoded(session, ev);
	if (self->used + line.n > OUTPUT)
		self->used = 0;
	memcpy(self->output + self->used, line.p, line.n);
	self->used += line.n;
	heard++;
}

static void stream_event(struct reed_session *session, const struct reed_hub_event *ev)
{
	if (ev->origin == session)
		return;
	reed_write(client_of(session)->stream, encoded(session, ev));
	heard++;
}

static void release(void *blob)
{
	reed_blob_release(blob);
}

static const struct reed_door_ops null_door = { .name = "null", .event = null_event, .over = over };
static const struct reed_door_ops copy_door = { .name = "copy",
	                                        .event = copy_event,
	                                        .over = over,
	                                        .release = release };
static const struct reed_door_ops stream_door = { .name = "stream",
	                                          .event = stream_event,
	                                          .over = over,
	                                          .release = release };

/* ---- a stream that swallows ---- */

static ssize_t swallow_read(struct reed_stream *s, char *into, size_t room)
{
	(void)s;
	(void)into;
	(void)room;
	return REED_EAGAIN;
}

static ssize_t swallow_write(struct reed_stream *s, const struct iovec *iov, int count)
{
	ssize_t n = 0;

	(void)s;
	for (int i = 0; i < count; i++)
		n += (ssize_t)iov[i].iov_len;
	return n;
}

static void swallow_want(struct reed_stream *s, unsigned events)
{
	(void)s;
	(void)events;
}

static void swallow_close(struct reed_stream *s)
{
	(void)s;
}

static const struct reed_stream_ops swallow_ops = {
	.name = "swallow",
	.read = swallow_read,
	.write = swallow_write,
	.want = swallow_want,
	.close = swallow_close,
};

static struct reed_stream *swallow_new(void)
{
	struct reed_stream *s = reed_alloc(sizeof(*s));

	reed_stream_init(s, loop, &swallow_ops);
	return s;
}

/* ---- the scene ---- */

static void attach(struct reed_hub *hub, struct client *c, const struct reed_door_ops *ops, int n)
{
	struct reed_newcomer newcomer = REED_NEWCOMER;
	char nick[32];

	snprintf(nick, sizeof(nick), "user%d", n);
	newcomer.nick = reed_slice_of(nick);
	newcomer.username = REED_STR("load");
	newcomer.host = REED_STR("host.example");
	c->session.ops = ops;
	if (ops == &copy_door)
		c->output = reed_alloc(OUTPUT);
	if (ops == &stream_door)
		c->stream = swallow_new();
	if (reed_session_attach(hub, &c->session, &newcomer))
		abort();
}

/* So many rooms with so many members each; client i is in room i % rooms. */
static struct reed_hub *scene(const struct reed_door_ops *ops, int rooms, int members,
                              struct reed_history *history)
{
	struct reed_hub_options options = REED_HUB_OPTIONS;
	struct reed_hub *hub;

	options.history = history;
	hub = reed_hub_new(loop, &options);
	clients = reed_alloc((size_t)(rooms * members) * sizeof(*clients));
	for (int i = 0; i < rooms * members; i++) {
		struct reed_member *m;
		char name[32];

		attach(hub, &clients[i], ops, i);
		snprintf(name, sizeof(name), "#room%d", i % rooms);
		if (reed_room_join(&clients[i].session, reed_slice_of(name), REED_STR(""), &m))
			abort();
	}
	return hub;
}

static void end_scene(struct reed_hub *hub, int count)
{
	reed_hub_free(hub);
	for (int i = 0; i < count; i++) {
		reed_free(clients[i].output);
		if (clients[i].stream)
			reed_abort(clients[i].stream);
	}
	reed_free(clients);
	reed_loop_turn(loop, 0);
}

static void tell(const char *what, double took)
{
	printf("%-28s %8.2f M/s  %6.1f ns each\n", what, (double)heard / took / 1e6,
	       took / (double)heard * 1e9);
}

/* ---- cases ---- */

static void say(const char *what, const struct reed_door_ops *ops, int rooms, int members,
                struct reed_history *history)
{
	struct reed_hub *hub = scene(ops, rooms, members, history);
	struct reed_speech speech = REED_SPEECH;
	double began, took;
	int next = 0;

	speech.text = REED_STR("a line as people write them, neither long nor short, of 64 bytes");
	heard = 0;
	began = cpu();
	do {
		for (int i = 0; i < 100; i++) {
			struct client *c = &clients[next++ % (rooms * members)];

			if (reed_room_say(&c->session,
			                  reed_container_of(c->session.user->memberships.next,
			                                    struct reed_member, link)
			                          ->room,
			                  &speech))
				abort();
			if (ops == &stream_door && next % 8 == 0)
				reed_loop_turn(loop, 0);
		}
		took = cpu() - began;
	} while (took < seconds);
	tell(what, took);
	end_scene(hub, rooms * members);
}

/* Everybody is in every room, so most of the walk finds people it has told already. */
static void rename_all(const char *what, int rooms, int members)
{
	struct reed_hub *hub = scene(&null_door, rooms, members, NULL);
	int count = rooms * members, next = 0;
	double began, took;
	uint64_t before;
	struct reed_hub_stats stats = { .size = sizeof(stats) };

	for (int i = 0; i < count; i++)
		for (int r = 0; r < rooms; r++) {
			struct reed_member *m;
			char name[32];

			snprintf(name, sizeof(name), "#room%d", r);
			reed_room_join(&clients[i].session, reed_slice_of(name), REED_STR(""), &m);
		}
	reed_hub_stats(hub, &stats);
	before = stats.deliveries;
	began = cpu();
	do {
		struct client *c = &clients[next++ % count];
		char nick[32];

		snprintf(nick, sizeof(nick), "n%d", next);
		if (reed_user_rename(c->session.user, &c->session, reed_slice_of(nick)))
			abort();
		took = cpu() - began;
	} while (took < seconds);
	reed_hub_stats(hub, &stats);
	heard = stats.deliveries - before;
	tell(what, took);
	end_scene(hub, count);
}

static void come_and_go(const char *what, int members)
{
	struct reed_hub *hub = scene(&null_door, 1, members, NULL);
	struct reed_room *room = reed_room_find(hub, REED_STR("#room0"));
	double began, took;
	int next = 0;

	heard = 0;
	began = cpu();
	do {
		struct client *c = &clients[next++ % members];
		struct reed_member *m;

		if (reed_room_part(&c->session, room, REED_STR("")) ||
		    reed_room_join(&c->session, REED_STR("#room0"), REED_STR(""), &m))
			abort();
		heard += 2 * (uint64_t)members - 1;
		took = cpu() - began;
	} while (took < seconds);
	tell(what, took);
	end_scene(hub, members);
}

int main(int argc, char **argv)
{
	struct reed_history *history;

	if (argc > 1)
		seconds = atof(argv[1]);
	if (reed_loop_new(NULL, &loop))
		return 1;
	history = reed_history_ring_new(loop, NULL);
	say("say 1x500, null door", &null_door, 1, 500, NULL);
	say("say 1x500, copying door", &copy_door, 1, 500, NULL);
	say("say 1x500, stream door", &stream_door, 1, 500, NULL);
	say("say 1x500, stream, history", &stream_door, 1, 500, history);
	say("say 100x20, null door", &null_door, 100, 20, NULL);
	say("say 100x20, copying door", &copy_door, 100, 20, NULL);
	say("say 100x20, stream door", &stream_door, 100, 20, NULL);
	say("say 100x20, stream, history", &stream_door, 100, 20, history);
	say("say 1x10000, stream door", &stream_door, 1, 10000, NULL);
	rename_all("rename, 500 in 10 rooms", 10, 50);
	come_and_go("join and part 1x500", 500);
	reed_history_free(history);
	reed_loop_free(loop);
	return 0;
}
