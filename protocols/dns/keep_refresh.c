/* A secondary's side: when primaries are asked, and what becomes of their answers. */

#include "keep.h"

#include "reed/log.h"
#include "reed/random.h"

static const int64_t second = INT64_C(1000000000), patience = 500 * INT64_C(1000000),
		     first_try = 2 * INT64_C(1000000000), noted_every = 60 * INT64_C(1000000000);

/* ---- timers (RFC 1034 4.3.5) ---- */

static int64_t bounded(const struct reed_dns_keeper *self, int64_t ns)
{
	if (ns < self->refresh_least)
		return self->refresh_least;
	return ns > self->refresh_most ? self->refresh_most : ns;
}

/* A tenth less at most, so that many zones are not asked for at once. */
static int64_t about(struct reed_dns_keeper *self, int64_t ns)
{
	return ns - (int64_t)reed_random_below(self->loop, (uint64_t)(ns / 10) + 1);
}

/* Twice as long each time, up to what would be the refresh. */
static int64_t until_retry(struct reed_dns_keeper *self)
{
	int64_t first = self->served->zone ? self->timers[SOA_RETRY] * second : first_try;
	int64_t most = self->served->zone ? self->timers[SOA_REFRESH] * second : 3600 * second;
	unsigned times = self->failures < 12 ? self->failures : 12;

	first = bounded(self, first);
	most = most < first ? first : most;
	for (unsigned i = 1; i < times && first < most; i++)
		first *= 2;
	return about(self, bounded(self, first < most ? first : most));
}

void dns_keeper_schedule(struct reed_dns_keeper *self, int64_t seen)
{
	int64_t now = reed_now(self->loop), wall = reed_wall(self->loop);
	int64_t ago = seen && seen < wall ? wall - seen : 0;

	self->refresh_at = now;
	self->expire_at =
		self->served->zone ? now - ago + self->timers[SOA_EXPIRE] * second : REED_NEVER;
}

void dns_keeper_expire(struct reed_dns_keeper *self)
{
	reed_log(self->loop, REED_LOG_ERROR,
	         "zone has expired, as no primary was in reach zone=%s serial=%u", self->text,
	         self->served->zone->serial);
	dns_served_withdraw(self->server, self->served);
	self->expired = true;
	self->expire_at = REED_NEVER;
}

/* A secondary of ours is not to have the zone for longer than we have (RFC 7314 3.2). */
uint32_t dns_keeper_expires(void *arg)
{
	const struct reed_dns_keeper *self = arg;
	int64_t left = self->expire_at == REED_NEVER
	                       ? self->timers[SOA_EXPIRE]
	                       : (self->expire_at - reed_now(self->loop)) / second;

	return left < 0 ? 0 : (uint32_t)left;
}

/* However many there come, primaries are asked twice a second at most. */
void dns_keeper_notified_again(struct reed_dns_keeper *self)
{
	int64_t soon = self->refreshed ? self->refreshed + patience : 0;

	self->heard = false;
	if (soon < self->refresh_at)
		self->refresh_at = soon;
}

void dns_keeper_notified(void *arg, const struct reed_address *client)
{
	struct reed_dns_keeper *self = arg;
	char text[REED_ADDRESS_TEXT];

	reed_log(self->loop, REED_LOG_DEBUG, "zone has changed, says a primary zone=%s client=%s",
	         self->text, reed_address_text(client, text));
	dns_keeper_notified_again(self);
	self->heard = self->busy; /* what is under way may be too early for it */
	dns_keeper_wake(self);
}

/* ---- asking ---- */

struct asking {
	struct reed_co co;
	struct reed_dns_keeper *keeper;
	struct dns_intake news;
	struct dns_chore_result result;
	size_t tries;
	enum reed_err err;
	bool piecewise; /* changes were stored, not a whole zone */
};

static const struct dns_remote *primary(const struct asking *self)
{
	const struct dns_remotes *all = &self->keeper->primaries;

	return &all->all[(self->keeper->first + self->tries) % all->n];
}

static struct reed_future *fetch(struct asking *self)
{
	struct reed_dns_keeper *k = self->keeper;
	const struct dns_remote *from = primary(self);
	struct dns_fetch_wish wish = {
		.zone = k->served->name,
		.endpoint = from->endpoint,
		.key = from->has_key ? &from->key : NULL,
		.has_serial = k->served->zone != NULL,
		.serial = k->served->zone ? k->served->zone->serial : 0,
		.whole = k->wants_whole,
		.most = k->zone_most,
	};

	wish.whole |= k->resync;
	self->piecewise = false;
	return dns_fetch(k->loop, &wish, &self->news);
}

/* What came is for the disk now. */
static struct reed_future *store(struct asking *self)
{
	struct reed_dns_keeper *k = self->keeper;
	bool is_whole = !self->news.changes.n;
	struct dns_chore *chore =
		dns_keeper_chore(k, is_whole ? dns_chore_replace : dns_chore_apply, &self->result);

	chore->items = self->news.items;
	chore->deltas = self->news.changes;
	chore->force = k->wants_whole;
	self->piecewise = !is_whole;
	self->news.items = (struct reed_buf){ 0 };
	self->news.changes = (struct dns_history){ 0 };
	return dns_keeper_do(k, chore);
}

static void note_failure(struct asking *self)
{
	struct reed_dns_keeper *k = self->keeper;

	k->not_fetched->value++;
	k->resync = false;
	dns_keeper_mistake(k, "primary was of no use", reed_co_why(&self->co));
}

/* When it was last in reach, or would have been to expire when it does. */
static struct reed_future *note_seen(struct asking *self)
{
	struct reed_dns_keeper *k = self->keeper;
	struct dns_chore *chore = dns_keeper_chore(k, dns_chore_seen, &self->result);

	k->noted = reed_now(k->loop);
	chore->wall -= k->noted + k->timers[SOA_EXPIRE] * second - k->expire_at;
	return dns_keeper_do(k, chore);
}

/* Theirs is not ours when we have the same zone, and for longer (RFC 7314 4). */
static void renew_expiry(struct asking *self, int64_t now)
{
	struct reed_dns_keeper *k = self->keeper;
	uint32_t most = k->timers[SOA_EXPIRE];
	bool less = self->news.has_expire && self->news.expire < most;
	int64_t at = now + (less ? self->news.expire : most) * second;

	if (!less || self->news.is_news || k->expire_at == REED_NEVER || at > k->expire_at)
		k->expire_at = at;
}

static void succeed(struct asking *self)
{
	struct reed_dns_keeper *k = self->keeper;
	int64_t now = reed_now(k->loop);

	k->first = (k->first + self->tries) % k->primaries.n;
	k->failures = 0;
	k->wants_whole = k->resync = k->expired = false;
	dns_keeper_mistake(k, NULL, NULL);
	renew_expiry(self, now);
	k->refresh_at = now + about(k, bounded(k, k->timers[SOA_REFRESH] * second));
}

static void give_up(struct asking *self)
{
	struct reed_dns_keeper *k = self->keeper;

	k->failures++;
	k->wants_whole = false;
	k->refresh_at = reed_now(k->loop) + until_retry(k);
}

/* Changes that do not fit what we have: all of it then, of the same primary. */
static bool ask_for_all(struct asking *self)
{
	struct reed_dns_keeper *k = self->keeper;

	if (self->co.err != REED_EPROTO || k->resync || !self->piecewise)
		return false;
	k->resync = true;
	return true;
}

static bool is_noted(const struct asking *self)
{
	const struct reed_dns_keeper *k = self->keeper;

	return k->noted && reed_now(k->loop) - k->noted < noted_every;
}

static void asking_run(struct reed_co *co)
{
	struct asking *self = reed_frame(co, struct asking);
	struct reed_dns_keeper *k = self->keeper;

	reed_coroutine (co) {
		k->refreshed = reed_now(co->loop);
		while (self->tries < k->primaries.n) {
			dns_intake_finish(&self->news);
			reed_await(co, fetch(self));
			if (!co->err && self->news.is_news)
				reed_await(co, store(self));
			self->err = co->err;
			if (self->err == REED_ECANCELED)
				reed_return(co, self->err);
			if (!self->err) {
				if (self->result.zone) {
					k->fetched->value++;
					dns_keeper_install(k, &self->result,
					                   primary(self)->endpoint);
				}
				succeed(self);
				if (!is_noted(self))
					reed_await(co, note_seen(self));
				reed_return(co, REED_OK);
			}
			if (ask_for_all(self))
				continue;
			note_failure(self);
			self->tries++;
		}
		give_up(self);
	}
}

static void asking_end(struct reed_co *co)
{
	struct asking *self = reed_frame(co, struct asking);

	dns_intake_finish(&self->news);
	dns_chore_result_finish(&self->result);
}

static const struct reed_co_kind asking_kind = {
	.name = "dns refresh",
	.size = sizeof(struct asking),
	.run = asking_run,
	.end = asking_end,
};

struct reed_future *dns_keeper_ask(struct reed_dns_keeper *keeper)
{
	struct asking *self = reed_co_new(keeper->loop, &asking_kind);

	self->keeper = keeper;
	return reed_start(&self->co);
}
