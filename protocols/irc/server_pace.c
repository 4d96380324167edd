/*
 * Long answers, told a piece at a time as the client reads them.
 *
 * A list of all rooms may be larger than what may wait for a client.  So it is
 * told up to a mark, goes on when all that was written has left, and remembers
 * in between where it stands by what stays the same: ids and serials, never
 * pointers into the hub.  Other commands of the client are answered meanwhile.
 * Answers wait for those before them, but names of rooms, which a client needs
 * to make sense of what it hears, go before lists.
 */

#include "irc_server.h"

enum {
	MARK = 32768, /* queued for the client: no more until that is gone; below limits->high */
	STEPS = 2000, /* looked at in one piece, so that nobody else waits long */
	WAITING = 1000,
};

struct irc_pacing {
	struct irc_conn *conn;
	struct reed_list queue;
	struct reed_waiter waiter;
	unsigned count;
};

static struct irc_pace *first_of(struct irc_pacing *self)
{
	if (reed_list_empty(&self->queue))
		return NULL;
	return reed_container_of(self->queue.next, struct irc_pace, link);
}

/* ---- the life of one answer ---- */

void *reed_irc_pace_new(const struct irc_pace_kind *kind)
{
	struct irc_pace *pace = reed_alloc(kind->size);

	pace->kind = kind;
	return pace;
}

static void pace_free(struct irc_pace *pace)
{
	reed_pool_finish(&pace->pool);
	reed_free(pace);
}

static uint32_t mark_of(const struct irc_conn *c)
{
	uint32_t half = c->server->options.limits.sendq / 2;

	return half < MARK ? half : MARK;
}

bool reed_irc_pace_goes_on(struct irc_conn *c, struct irc_pace *pace)
{
	if (c->closing || pace->steps == 0 || reed_queued(c->protocol.stream) > mark_of(c))
		return false;
	pace->steps--;
	return true;
}

/* True when that was all of it. */
static bool tell_piece(struct irc_conn *c, struct irc_pace *pace)
{
	struct irc_label *outer = c->label;
	bool over;

	pace->steps = STEPS;
	c->label = pace->label;
	over = pace->kind->more(c, pace);
	c->label = outer;
	return over || c->closing;
}

/* ---- all of them ---- */

static void pump(struct irc_pacing *self);

static void pump_woken(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	struct irc_pacing *self = reed_container_of(w, struct irc_pacing, waiter);

	reed_fault_free(fault);
	if (!err) /* else the stream tells its protocol too */
		pump(self);
}

static void wait(struct irc_pacing *self, bool tired)
{
	struct irc_conn *c = self->conn;

	self->waiter.wake = pump_woken;
	if (tired && reed_queued(c->protocol.stream) <= mark_of(c))
		reed_wait(reed_yield(c->server->loop), &self->waiter);
	else
		reed_wait(reed_flush(c->protocol.stream), &self->waiter);
}

static void finish(struct irc_pacing *self, struct irc_pace *pace)
{
	struct irc_label *label = pace->label;

	reed_list_remove(&pace->link);
	self->count--;
	pace_free(pace);
	reed_irc_label_part_over(self->conn, label);
}

static void pump(struct irc_pacing *self)
{
	struct irc_pace *pace;

	while ((pace = first_of(self))) {
		if (!tell_piece(self->conn, pace)) {
			wait(self, pace->steps == 0);
			return;
		}
		finish(self, pace);
	}
	self->conn->pacing = NULL;
	reed_free(self);
}

static struct irc_pacing *pacing_of(struct irc_conn *c)
{
	struct irc_pacing *self = c->pacing;

	if (self)
		return self;
	self = c->pacing = reed_alloc(sizeof(*self));
	self->conn = c;
	reed_list_init(&self->queue);
	return self;
}

static void enqueue(struct irc_pacing *self, struct irc_pace *pace)
{
	struct reed_list *at = &self->queue;

	if (pace->kind->urgent)
		for (at = self->queue.next; at != &self->queue; at = at->next)
			if (!reed_container_of(at, struct irc_pace, link)->kind->urgent)
				break;
	reed_list_insert_before(at, &pace->link);
	self->count++;
}

void reed_irc_pace(struct irc_conn *c, struct irc_pace *pace)
{
	bool alone = !c->pacing;

	pace->label = c->label;
	/* most are short, and over at once */
	if (c->closing || (alone && tell_piece(c, pace))) {
		pace_free(pace);
		return;
	}
	reed_irc_label_part(pace->label);
	enqueue(pacing_of(c), pace);
	if (alone)
		wait(c->pacing, pace->steps == 0);
	else if (c->pacing->count > WAITING)
		reed_irc_send_away(c, IRC_PARTING_SENDQ,
		                   "SendQ exceeded: too many answers wait for you to read");
}

void reed_irc_pacing_drop(struct irc_conn *c)
{
	struct irc_pacing *self = c->pacing;

	if (!self)
		return;
	c->pacing = NULL;
	reed_unwait(c->server->loop, &self->waiter);
	while (!reed_list_empty(&self->queue))
		finish(self, first_of(self));
	reed_free(self);
}
