/* A keeper's life: one thing after another, so that no two change the zone at once. */

#include "keep.h"

#include "reed/log.h"
#include "reed/random.h"

static const int64_t load_again = 60 * INT64_C(1000000000);

void dns_keeper_wake(struct reed_dns_keeper *self)
{
	reed_cell_touch(&self->wake);
}

bool dns_keeper_is_secondary(const struct reed_dns_keeper *self)
{
	return self->shelf->is_secondary;
}

/* NULL: it goes well again. */
void dns_keeper_mistake(struct reed_dns_keeper *self, const char *what, const char *why)
{
	reed_free(self->mistake);
	self->mistake = what ? reed_sprintf("%s: %s", what, why) : NULL;
	if (what)
		reed_log(self->loop, REED_LOG_WARN, "%s zone=%s why=%s", what, self->text, why);
}

/* ---- chores ---- */

struct dns_chore *dns_keeper_chore(struct reed_dns_keeper *self, dns_chore_fn *fn,
                                   struct dns_chore_result *out)
{
	struct dns_chore *chore = dns_chore_new(self->loop, self->shelf, fn, self->served->zone,
	                                        &self->served->history, out);

	chore->wall = reed_wall(self->loop);
	chore->serial = self->serial;
	chore->policy = self->policy;
	if (self->shelf->seal)
		reed_random_bytes(self->loop, chore->entropy.bytes, sizeof(chore->entropy.bytes));
	return chore;
}

struct reed_future *dns_keeper_do(struct reed_dns_keeper *self, struct dns_chore *chore)
{
	return reed_lane_run(self->lane, &chore->job);
}

/* ---- serving ---- */

static void read_timers(struct reed_dns_keeper *self)
{
	uint8_t room[3 * REED_DNS_NAME_MAX];
	struct reed_slice soa = dns_zone_soa(self->served->zone, room, sizeof(room));

	for (unsigned i = 0; i < REED_COUNT(self->timers); i++)
		self->timers[i] = dns_soa_number(soa, i);
}

struct telling {
	struct reed_co co;
	struct reed_dns_keeper *keeper;
	struct dns_remote *to;
};

static void telling_run(struct reed_co *co)
{
	struct telling *self = reed_frame(co, struct telling);
	struct reed_dns_keeper *k = self->keeper;

	reed_coroutine (co) {
		reed_await(co, reed_dns_notify_signed(co->loop, self->to->endpoint,
		                                      self->to->has_key ? &self->to->key : NULL,
		                                      &k->served->name, k->served->zone->serial));
		k->told->value += !co->err;
		k->not_told->value += co->err && co->err != REED_ECANCELED;
		if (co->err && co->err != REED_ECANCELED)
			reed_log(co->loop, REED_LOG_WARN,
			         "secondary could not be told zone=%s endpoint=%s why=%s", k->text,
			         self->to->endpoint, reed_co_why(co));
	}
}

static const struct reed_co_kind telling_kind = {
	.name = "dns tell",
	.size = sizeof(struct telling),
	.run = telling_run,
};

static void tell(struct reed_dns_keeper *self)
{
	reed_scope_drop(&self->telling); /* what they would be told is old */
	for (size_t i = 0; i < self->secondaries.n && self->served->zone; i++) {
		struct telling *t = reed_co_new(self->loop, &telling_kind);

		t->keeper = self;
		t->to = &self->secondaries.all[i];
		reed_scope_add(&self->telling, reed_start(&t->co));
	}
}

static void keep_changes(struct reed_dns_keeper *self, struct dns_chore_result *result)
{
	struct dns_history *h = &self->served->history;

	if (result->anew)
		dns_history_forget(h, h->n);
	for (size_t i = 0; i < result->changes.n; i++)
		dns_history_add(h, dns_delta_share(result->changes.all[i]));
	while (h->n && h->bytes > self->shelf->journal_most)
		dns_history_forget(h, 1);
}

void dns_keeper_install(struct reed_dns_keeper *self, struct dns_chore_result *result,
                        const char *how)
{
	self->file_serial = result->file_serial;
	if (result->sign_at && result->sign_at < REED_NEVER / 1000000000)
		self->sign_at =
			reed_now(self->loop) + result->sign_at * 1000000000 - reed_wall(self->loop);
	if (result->zone) {
		keep_changes(self, result);
		dns_served_renew(self->server, self->served, result->zone);
		result->zone = NULL;
		read_timers(self);
		if (self->told_of)
			reed_cell_touch(self->told_of);
		reed_log(self->loop, REED_LOG_INFO,
		         "zone is served zone=%s serial=%u records=%zu changes=%zu by=%s",
		         self->text, self->served->zone->serial, self->served->zone->records,
		         self->served->history.n, how);
		tell(self);
	}
	if (self->served->zone && self->served->zone->serial != self->file_serial &&
	    self->sync_at == REED_NEVER)
		self->sync_at = reed_now(self->loop) + self->sync;
	if (self->served->zone && self->served->zone->serial == self->file_serial)
		self->sync_at = REED_NEVER;
	dns_chore_result_finish(result);
}

/* ---- what is to be done ---- */

enum task {
	TASK_NONE,
	TASK_LOAD,
	TASK_UPDATE,
	TASK_RELOAD,
	TASK_FLUSH,
	TASK_SIGN,
	TASK_ASK,
	TASK_EXPIRE
};

struct life {
	struct reed_co co;
	struct reed_dns_keeper *keeper;
	struct dns_chore_result result;
	enum task task;
	uint64_t count;
};

static enum task next_task(const struct reed_dns_keeper *self)
{
	int64_t now = reed_now(self->loop);
	bool secondary = dns_keeper_is_secondary(self);

	if (!self->loaded)
		return now >= self->load_at || self->wants_reload ? TASK_LOAD : TASK_NONE;
	if (now >= self->expire_at && self->served->zone)
		return TASK_EXPIRE;
	if (!reed_list_empty(&self->updates))
		return TASK_UPDATE;
	if (self->wants_flush || now >= self->sync_at)
		return TASK_FLUSH;
	if (self->shelf->seal && !self->frozen &&
	    (self->wants_reload || self->wants_sign || now >= self->sign_at))
		return TASK_SIGN;
	if (self->wants_reload && !self->shelf->seal)
		return TASK_RELOAD;
	if (secondary && self->primaries.n &&
	    (self->wants_refresh || self->wants_whole || now >= self->refresh_at))
		return TASK_ASK;
	return TASK_NONE;
}

static int64_t until_next(const struct reed_dns_keeper *self)
{
	int64_t at = self->loaded ? self->sync_at : self->load_at, ms;

	if (self->loaded && dns_keeper_is_secondary(self)) {
		at = self->refresh_at < at && self->primaries.n ? self->refresh_at : at;
		at = self->expire_at < at ? self->expire_at : at;
	}
	if (self->loaded && !self->frozen && self->sign_at < at)
		at = self->sign_at;
	if (at == REED_NEVER)
		return -1;
	ms = (at - reed_now(self->loop)) / 1000000 + 1;
	return ms < 0 ? 0 : ms;
}

static struct reed_future *sign(struct life *self)
{
	struct reed_dns_keeper *k = self->keeper;
	struct dns_chore *chore = dns_keeper_chore(k, dns_chore_sign, &self->result);

	chore->roll = k->roll;
	chore->ds_seen = k->ds_seen;
	k->wants_reload = k->wants_sign = k->ds_seen = false;
	k->roll = 0;
	k->sign_at = reed_now(k->loop) + load_again; /* should it fail */
	return dns_keeper_do(k, chore);
}

/* The flags are taken before the work begins: what is wanted meanwhile is done again. */
static struct reed_future *begin(struct life *self)
{
	struct reed_dns_keeper *k = self->keeper;
	struct dns_chore *chore;

	k->busy = true;
	switch (self->task) {
	case TASK_LOAD:
		k->wants_reload = false;
		return dns_keeper_do(k, dns_keeper_chore(k, dns_chore_load, &self->result));
	case TASK_UPDATE:
		return dns_keeper_do(k, dns_keeper_updates(k, &self->result));
	case TASK_FLUSH:
		k->wants_flush = false;
		k->sync_at = REED_NEVER;
		return dns_keeper_do(k, dns_keeper_chore(k, dns_chore_flush, &self->result));
	case TASK_RELOAD:
		k->wants_reload = false;
		chore = dns_keeper_chore(k, dns_chore_reload, &self->result);
		chore->strict = dns_rules_mention(k->served->rules, REED_DNS_MAY_UPDATE);
		return dns_keeper_do(k, chore);
	case TASK_SIGN:
		return sign(self);
	case TASK_ASK:
		k->wants_refresh = false;
		return dns_keeper_ask(k);
	case TASK_NONE:
	case TASK_EXPIRE:
		break;
	}
	return reed_ready(k->loop, REED_OK);
}

static void loaded(struct life *self)
{
	struct reed_dns_keeper *k = self->keeper;
	int64_t seen = self->result.seen;

	if (self->co.err) {
		dns_keeper_mistake(k, "zone was not read", reed_co_why(&self->co));
		k->load_at = reed_now(k->loop) + load_again;
		return;
	}
	k->loaded = true;
	dns_keeper_mistake(k, NULL, NULL);
	if (self->result.torn)
		reed_log(k->loop, REED_LOG_WARN,
		         "the end of the journal was torn, and is cut off zone=%s", k->text);
	dns_keeper_install(k, &self->result, k->shelf->file);
	if (dns_keeper_is_secondary(k))
		dns_keeper_schedule(k, seen);
}

static void finish(struct life *self)
{
	struct reed_dns_keeper *k = self->keeper;

	if (self->task == TASK_LOAD) {
		loaded(self);
	} else if (self->task == TASK_UPDATE) {
		if (!self->co.err)
			dns_keeper_answer(k, REED_OK, self->result.rcodes);
		else
			dns_keeper_answer(k, self->co.err, NULL);
	}
	if (self->co.err) {
		if (self->task != TASK_LOAD && self->task != TASK_ASK)
			dns_keeper_mistake(k, "zone could not be changed", reed_co_why(&self->co));
		if (self->task == TASK_FLUSH)
			k->sync_at = reed_now(k->loop) + load_again;
		dns_chore_result_finish(&self->result);
	} else if (self->task != TASK_LOAD && self->task != TASK_ASK) {
		if (self->result.zone && self->result.anew)
			reed_log(k->loop, REED_LOG_WARN,
			         "zone has no higher serial, so that secondaries will not ask for "
			         "it zone=%s serial=%u",
			         k->text, self->result.zone->serial);
		dns_keeper_mistake(k, NULL, NULL);
		dns_keeper_install(k, &self->result, self->task == TASK_UPDATE ? "update" : "file");
	}
	k->busy = false;
	if (k->heard)
		dns_keeper_notified_again(k);
}

static void settle_idlers(struct reed_dns_keeper *self, enum reed_err err)
{
	reed_list_each_safe (link, &self->idlers)
		dns_waiting_settle(reed_container_of(link, struct dns_waiting, link), err, 0);
}

static struct reed_future *wait_for_task(struct life *self)
{
	int64_t ms = until_next(self->keeper);
	struct reed_future *f = reed_cell_changed(self->co.loop, &self->keeper->wake, self->count);

	return ms < 0 ? f : reed_within(ms, f);
}

static void life_run(struct reed_co *co)
{
	struct life *self = reed_frame(co, struct life);
	struct reed_dns_keeper *k = self->keeper;

	reed_coroutine (co) {
		for (;;) {
			self->count = k->wake.count;
			self->task = next_task(k);
			if (self->task == TASK_EXPIRE) {
				dns_keeper_expire(k);
				continue;
			}
			if (self->task == TASK_NONE) {
				settle_idlers(k, REED_OK);
				reed_await(co, wait_for_task(self));
			} else {
				reed_await(co, begin(self));
				finish(self);
			}
			if (co->err == REED_ECANCELED)
				reed_return(co, REED_OK);
		}
	}
}

static void life_end(struct reed_co *co)
{
	dns_chore_result_finish(&reed_frame(co, struct life)->result);
}

static const struct reed_co_kind life_kind = {
	.name = "dns zone",
	.size = sizeof(struct life),
	.run = life_run,
	.end = life_end,
};

struct reed_future *dns_keeper_life(struct reed_dns_keeper *keeper)
{
	struct life *self = reed_co_new(keeper->loop, &life_kind);

	self->keeper = keeper;
	return reed_start(&self->co);
}

void dns_keeper_tell(struct reed_dns_keeper *self)
{
	tell(self);
}

static void dismiss(struct reed_list *list)
{
	reed_list_each_safe (link, list)
		dns_waiting_settle(reed_container_of(link, struct dns_waiting, link),
		                   REED_ECANCELED, 0);
}

void dns_keeper_dismiss(struct reed_dns_keeper *self)
{
	dismiss(&self->idlers);
	dismiss(&self->updates);
	dismiss(&self->under_way);
	dismiss(&self->twins);
}
