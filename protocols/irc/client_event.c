/* Events: counted, shared by all who read them. */

#include "client_private.h"

#include <string.h>

enum { ROOM_AT_LEAST = 512, EVENT_POOL = 1 << 18 };

const char *reed_irc_event_name(enum reed_irc_event_kind kind)
{
	static const char *const names[] = {
#define X(name, text) #name,
		REED_IRC_EVENTS(X)
#undef X
	};

	return kind < REED_IRC_EVENT_KINDS ? names[kind] : "NOTHING";
}

/* ---- boxes ---- */

struct irc_box *reed_irc_box_of(const struct reed_irc_event *event)
{
	return (struct irc_box *)((uintptr_t)event - offsetof(struct irc_box, event));
}

/* No slice of an event is NULL. */
static struct reed_irc_event blank(void)
{
	const struct reed_slice none = REED_STR("");

	return (struct reed_irc_event){ .kind = REED_IRC_EVENT_KINDS,
		                        .who = { none, none, none },
		                        .target = none,
		                        .reply_to = none,
		                        .text = none,
		                        .subject = none,
		                        .account = none,
		                        .id = none,
		                        .batch = none };
}

static struct irc_box *box_alloc(size_t room)
{
	struct irc_box *box = reed_alloc(sizeof(*box) + room);

	box->holders = 1;
	box->room = room;
	box->event = blank();
	reed_pool_init(&box->pool, EVENT_POOL);
	return box;
}

void reed_irc_box_release(struct irc_box *box)
{
	if (!box || --box->holders > 0)
		return;
	reed_pool_finish(&box->pool);
	reed_free(box);
}

/* A box that nobody kept is used again, so that a line nobody listens to allocates nothing. */
struct irc_box *reed_irc_box_new(struct reed_irc_client *c, struct reed_slice line)
{
	struct irc_box *box = c->scratch;

	if (!box || box->holders > 1 || box->room < line.n) {
		reed_irc_box_release(box);
		box = box_alloc(line.n > ROOM_AT_LEAST ? line.n : ROOM_AT_LEAST);
		c->scratch = box;
	}
	reed_pool_clear(&box->pool);
	box->event = blank();
	box->is_silent = false;
	if (line.n > 0)
		memcpy(box->line, line.p, line.n);
	return box;
}

struct reed_slice reed_irc_box_copy(struct irc_box *box, struct reed_slice s)
{
	struct reed_slice copy = reed_pool_copy(&box->pool, s);

	return copy.p ? copy : reed_slice("", 0);
}

/* ---- what every event has ---- */

static struct reed_slice tag_value(struct irc_box *box, struct reed_slice key)
{
	struct reed_slice value = reed_slice("", 0);
	char *p;

	if (!reed_irc_tag(&box->message, key, &value) || !memchr(value.p, '\\', value.n))
		return value;
	p = reed_pool_alloc(&box->pool, value.n);
	return p ? reed_irc_tag_unescape(value, p) : reed_slice("", 0);
}

static int64_t time_of(struct reed_irc_client *c, const struct reed_irc_message *m)
{
	struct reed_slice value;
	int64_t ms;

	if (reed_irc_tag(m, REED_STR("time"), &value) && reed_irc_time_parse(value, &ms) == REED_OK)
		return ms;
	return reed_wall(c->loop) / 1000000;
}

void reed_irc_client_describe(struct reed_irc_client *c, struct irc_box *box)
{
	struct reed_irc_event *e = &box->event;

	e->message = &box->message;
	e->who = reed_irc_source(box->message.source);
	e->is_mine = e->who.nick.n > 0 && reed_irc_client_is_me(c, e->who.nick);
	e->numeric = box->message.numeric;
	e->time = time_of(c, &box->message);
	if (box->message.tags.n == 0)
		return;
	e->account = tag_value(box, REED_STR("account"));
	e->id = tag_value(box, REED_STR("msgid"));
}

/* ---- telling ---- */

static void item_share(void *item)
{
	reed_irc_box_of(*(const struct reed_irc_event **)item)->holders++;
}

static void item_release(void *item)
{
	reed_irc_box_release(reed_irc_box_of(*(const struct reed_irc_event **)item));
}

const struct reed_item_kind reed_irc_event_items = { .size = sizeof(struct reed_irc_event *),
	                                             .share = item_share,
	                                             .release = item_release };

void reed_irc_client_publish(struct reed_irc_client *c, struct irc_box *box)
{
	const struct reed_irc_event *event = &box->event;

	reed_publish(&c->events, &event);
}

void reed_irc_client_happen(struct reed_irc_client *c, enum reed_irc_event_kind kind,
                            struct reed_slice target, struct reed_slice text, enum reed_err err)
{
	struct irc_box *box = box_alloc(0);
	struct reed_irc_event *e = &box->event;

	e->kind = kind;
	e->target = reed_irc_box_copy(box, target);
	e->text = reed_irc_box_copy(box, text);
	e->err = err;
	e->time = reed_wall(c->loop) / 1000000;
	reed_irc_client_publish(c, box);
	reed_irc_box_release(box);
}

void reed_irc_client_happen_to(struct reed_irc_client *c, enum reed_irc_event_kind kind,
                               struct reed_slice who)
{
	struct irc_box *box = box_alloc(0);

	box->event.kind = kind;
	box->event.who = reed_irc_source(reed_irc_box_copy(box, who));
	box->event.time = reed_wall(c->loop) / 1000000;
	reed_irc_client_publish(c, box);
	reed_irc_box_release(box);
}

/* ---- hearing ---- */

const struct reed_irc_event *reed_irc_event_keep(const struct reed_irc_event *event)
{
	reed_irc_box_of(event)->holders++;
	return event;
}

void reed_irc_event_let_go(const struct reed_irc_event *event)
{
	if (event)
		reed_irc_box_release(reed_irc_box_of(event));
}

static void let_go(struct reed_irc_events *self)
{
	reed_irc_event_let_go(self->event);
	self->event = NULL;
}

void reed_irc_events_begin(struct reed_irc_events *self, struct reed_irc_client *client,
                           size_t capacity)
{
	self->event = NULL;
	reed_subscribe(&client->events, &self->queue, capacity);
}

void reed_irc_events_end(struct reed_irc_events *self)
{
	let_go(self);
	reed_unsubscribe(&self->queue);
}

struct reed_future *reed_irc_events_next(struct reed_irc_events *self)
{
	let_go(self);
	return reed_receive(&self->queue, &self->event);
}

enum reed_err reed_irc_events_try(struct reed_irc_events *self)
{
	let_go(self);
	return reed_try_receive(&self->queue, &self->event);
}
