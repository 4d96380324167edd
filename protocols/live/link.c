/* Links: how they begin, who carries them, when they end. */

#include "private.h"

#include "reed/random.h"

void live_link_stir(struct reed_live_link *self)
{
	reed_list_each (link, &self->carriers)
		reed_cell_touch(&reed_container_of(link, struct live_carrier, link)->stir);
	/* Whoever ends it may be in the middle of something. */
	if (self->ending && !reed_linked(&self->last.link))
		reed_at_turn_end(self->live->loop, &self->last);
}

/* ---- carriers ---- */

void live_carrier_attach(struct live_carrier *c, struct reed_live_link *link, const char *name)
{
	c->of = link;
	c->name = name;
	reed_list_append(&link->carriers, &c->link);
}

enum reed_err live_carrier_take_over(struct live_carrier *c, uint64_t had)
{
	struct reed_live_link *link = c->of;
	bool was_away = !link->is_online;

	if (live_link_acknowledged(link, had))
		return REED_EPROTO;
	link->down = c;
	link->is_online = true;
	link->next = link->queue.next;
	link->told = link->had;
	reed_timer_stop(&link->away);
	live_link_stir(link); /* the one before sees that it is not the one any more */
	if (was_away && link->page->ops->online)
		link->page->ops->online(link->page, true);
	return REED_OK;
}

void live_carrier_detach(struct live_carrier *c)
{
	struct reed_live_link *link = c->of;

	if (!link)
		return;
	c->of = NULL;
	reed_list_remove(&c->link);
	if (link->down != c)
		return;
	link->down = NULL;
	reed_timer_start(link->live->loop, &link->away,
	                 REED_MS(link->live->options.limits.away_ms));
	/* Between two polls a page is there as well. */
	link->is_online = strcmp(c->name, "poll") == 0;
	if (!link->is_online && link->page->ops->online)
		link->page->ops->online(link->page, false);
}

const char *reed_live_carrier(const struct reed_live_link *link)
{
	return link->down ? link->down->name : "";
}

/* ---- the end ---- */

static void forget_queue(struct reed_live_link *self)
{
	struct reed_list *link;

	while ((link = reed_list_take(&self->queue)))
		reed_free(reed_container_of(link, struct live_message, link));
}

void live_link_end(struct reed_live_link *self, const char *why)
{
	struct reed_list *link;

	self->ending = why;
	reed_list_unlink(&self->last.link);
	reed_timer_stop(&self->away);
	reed_timer_stop(&self->life);
	while ((link = reed_list_take(&self->carriers))) {
		struct live_carrier *c = reed_container_of(link, struct live_carrier, link);

		c->of = NULL;
		reed_cell_touch(&c->stir);
	}
	live_drop_calls(self);
	live_forget_waits(self, why);
	reed_list_remove(&self->bucket);
	self->live->count--;
	self->page->ops->gone(self->page, why);
	forget_queue(self);
	reed_buf_finish(&self->pending);
	reed_wipe(self->token, sizeof(self->token));
	reed_free(self);
}

static void end_of_turn(struct reed_last *last)
{
	struct reed_live_link *self = reed_container_of(last, struct reed_live_link, last);

	live_link_end(self, self->ending);
}

void reed_live_close(struct reed_live_link *link)
{
	link->ending = link->ending ? link->ending : "closed";
	live_link_stir(link);
}

static void away_too_long(struct reed_timer *t)
{
	live_link_end(reed_container_of(t, struct reed_live_link, away), "expired");
}

static void lived_too_long(struct reed_timer *t)
{
	live_link_end(reed_container_of(t, struct reed_live_link, life), "expired");
}

/* ---- the beginning ---- */

static struct reed_list *bucket_of(struct reed_live *live, struct reed_slice token)
{
	return &live->buckets[reed_slice_hash(token, live->seed) % LIVE_BUCKETS];
}

static struct reed_live_link *look_up(struct reed_live *live, struct reed_slice token)
{
	struct reed_list *bucket = bucket_of(live, token);

	reed_list_each (link, bucket) {
		struct reed_live_link *self =
			reed_container_of(link, struct reed_live_link, bucket);

		if (reed_slice_is(token, self->token) && !self->ending)
			return self;
	}
	return NULL;
}

static struct reed_live_link *link_new(struct reed_live *live)
{
	struct reed_live_link *self = reed_alloc(sizeof(*self));
	uint32_t life = live->options.limits.life_ms;

	self->live = live;
	reed_random_word(live->loop, self->token, LIVE_TOKEN);
	reed_list_init(&self->carriers);
	reed_list_init(&self->queue);
	reed_list_init(&self->asked);
	reed_list_init(&self->draining);
	reed_list_init(&self->calls);
	self->next = &self->queue;
	self->last.run = end_of_turn;
	self->away.fire = away_too_long;
	self->life.fire = lived_too_long;
	if (life)
		reed_timer_start(live->loop, &self->life, REED_MS(life));
	reed_timer_start(live->loop, &self->away, REED_MS(live->options.limits.away_ms));
	return self;
}

static void link_forget(struct reed_live_link *self)
{
	reed_timer_stop(&self->life);
	reed_timer_stop(&self->away);
	live_forget_waits(self, "refused");
	forget_queue(self);
	reed_free(self);
}

static struct reed_live_link *open_link(struct reed_live *live, struct reed_http_request *request,
                                        unsigned *status)
{
	struct reed_live_link *self;

	*status = 503;
	if (live->count >= live->options.limits.links)
		return NULL;
	self = link_new(live);
	self->page = live->options.open(live->options.arg, request, self);
	if (!self->page) {
		*status = 403;
		link_forget(self);
		return NULL;
	}
	live->count++;
	reed_list_append(bucket_of(live, reed_slice_of(self->token)), &self->bucket);
	return self;
}

struct reed_live_link *live_link_find(struct reed_live *live, struct reed_http_request *request,
                                      struct reed_slice token, unsigned *status)
{
	struct reed_live_link *self;

	if (reed_slice_is(token, "-"))
		return open_link(live, request, status);
	*status = 410;
	self = look_up(live, token);
	if (self && live->options.resume &&
	    !live->options.resume(live->options.arg, request, self->page))
		return NULL;
	return self;
}
