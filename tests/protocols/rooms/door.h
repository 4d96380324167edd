/*
 * A door that writes what it hears into memory, one line an event, and the
 * hub that the tests of rooms use.
 */

#ifndef REED_TESTS_ROOMS_DOOR_H
#define REED_TESTS_ROOMS_DOOR_H

#include "check.h"
#include "protocols/rooms/private.h"
#include "reed/alloc.h"
#include "reed/blob.h"
#include "reed/buf.h"
#include "reed/random.h"

struct client {
	struct reed_session session;
	char heard[8192]; /* lines */
	size_t heard_n;
	struct reed_id last; /* id of the last event */
	int events, encoded; /* encoded: how often it had to do it itself */
	bool end_at_event;   /* ends its session inside the next event */
	bool over;
	char why[64];
	void (*on_event)(struct client *self, const struct reed_hub_event *ev);
};

static struct client *client_of(struct reed_session *session)
{
	return reed_container_of(session, struct client, session);
}

static void put_changes(struct reed_buf *b, const struct reed_hub_event *ev)
{
	for (size_t i = 0; i < ev->change_count; i++) {
		const struct reed_room_change *c = &ev->changes[i];

		reed_buf_printf(b, " %c%d:%llu", c->on ? '+' : '-', (int)c->kind,
		                (unsigned long long)c->what);
		if (c->user)
			reed_buf_printf(b, ":%s", c->user->nick);
		if (c->text.n)
			reed_buf_printf(b, ":" REED_FMT, REED_ARG(c->text));
	}
}

/* "KICK bob #reed eve: out" */
static struct reed_blob *encode(const struct reed_hub_event *ev)
{
	struct reed_buf b = { 0 };
	struct reed_blob *blob;

	reed_buf_printf(&b, "%s", reed_event_name(ev->kind));
	reed_buf_printf(&b, " %s", ev->actor ? ev->actor->nick : "*");
	if (ev->room)
		reed_buf_printf(&b, " %s", ev->room->name);
	if (ev->target)
		reed_buf_printf(&b, " %s", ev->target->nick);
	if (ev->was)
		reed_buf_printf(&b, " was " REED_FMT, REED_ARG(ev->was->full));
	put_changes(&b, ev);
	if (ev->text.n)
		reed_buf_printf(&b, ": " REED_FMT, REED_ARG(ev->text));
	reed_buf_add_char(&b, '\n');
	blob = reed_blob_new(reed_buf_slice(&b));
	reed_buf_finish(&b);
	return blob;
}

static void put_line(struct client *self, struct reed_slice line)
{
	check(self->heard_n + line.n < sizeof(self->heard));
	memcpy(self->heard + self->heard_n, line.p, line.n);
	self->heard_n += line.n;
	self->heard[self->heard_n] = '\0';
}

static void client_event(struct reed_session *session, const struct reed_hub_event *ev)
{
	struct client *self = client_of(session);
	void **slot = reed_event_slot(ev, session);

	check(!self->over);
	if (!*slot) {
		*slot = encode(ev);
		self->encoded++;
	}
	put_line(self, reed_blob_slice(*slot));
	self->last = ev->id;
	self->events++;
	if (self->on_event)
		self->on_event(self, ev);
	if (self->end_at_event) {
		self->end_at_event = false;
		reed_session_end(session, REED_STR("too slow"));
	}
}

static void client_over(struct reed_session *session, struct reed_slice why)
{
	struct client *self = client_of(session);

	check(!self->over);
	self->over = true;
	reed_slice_copy(self->why, sizeof(self->why), why);
}

static void client_release(void *encoded)
{
	reed_blob_release(encoded);
}

static const struct reed_door_ops test_door = { .name = "test",
	                                        .event = client_event,
	                                        .over = client_over,
	                                        .release = client_release };

#ifndef REED_TESTS_TOOLS_H
static struct reed_loop *loop;
#endif

static inline struct reed_hub *hub_with(const struct reed_hub_options *options)
{
	return reed_hub_new(loop, options);
}

static inline struct reed_hub *hub_plain(void)
{
	return reed_hub_new(loop, NULL);
}

static inline enum reed_refusal come_as(struct reed_hub *hub, struct client *self, const char *nick,
                                        const char *account)
{
	struct reed_newcomer n = REED_NEWCOMER;

	n.nick = reed_slice_of(nick);
	n.username = REED_STR("u");
	n.host = REED_STR("host.example");
	n.realname = REED_STR("Some Body");
	n.address = REED_STR("192.0.2.7");
	n.account = reed_slice_of(account);
	memset(self, 0, sizeof(*self));
	self->session.ops = &test_door;
	return reed_session_attach(hub, &self->session, &n);
}

static inline void come(struct reed_hub *hub, struct client *self, const char *nick)
{
	check_str(reed_refusal_name(come_as(hub, self, nick, NULL)), "NONE");
}

static inline void leave(struct client *self)
{
	reed_session_end(&self->session, reed_slice_of(NULL));
}

/* What it heard since it was asked last. */
static inline void heard(struct client *self, const char *wanted)
{
	if (strcmp(self->heard, wanted) != 0) {
		fprintf(stderr, "heard:\n%snot:\n%s", self->heard, wanted);
		abort();
	}
	self->heard_n = 0;
	self->heard[0] = '\0';
}

static inline void forget(struct client *self)
{
	self->heard_n = 0;
	self->heard[0] = '\0';
}

static inline struct reed_room *join(struct client *self, const char *name)
{
	struct reed_member *member;

	check_str(reed_refusal_name(reed_room_join(&self->session, reed_slice_of(name),
	                                           REED_STR(""), &member)),
	          "NONE");
	return member->room;
}

static inline enum reed_refusal try_join(struct client *self, const char *name, const char *key)
{
	struct reed_member *member;

	return reed_room_join(&self->session, reed_slice_of(name), reed_slice_of(key), &member);
}

static inline enum reed_refusal say(struct client *self, struct reed_room *room, const char *text)
{
	struct reed_speech speech = REED_SPEECH;

	speech.text = reed_slice_of(text);
	return reed_room_say(&self->session, room, &speech);
}

static inline enum reed_refusal change(struct client *by, struct reed_room *room,
                                       enum reed_change_kind kind, bool on, uint64_t what,
                                       const char *text, struct client *whom)
{
	struct reed_room_change c = {
		.kind = kind,
		.on = on,
		.what = what,
		.text = reed_slice_of(text),
		.user = whom ? whom->session.user : NULL,
	};

	return reed_room_change(by ? &by->session : NULL, room, &c, 1);
}

/* One turn, which ends what wants to end. */
static inline void turn(void)
{
	reed_loop_turn(loop, 0);
}

#define refused(call, name) check_str(reed_refusal_name(call), #name)
#define granted(call)       refused(call, NONE)

#endif
