/* Keepers from outside: made, changed, asked about, told what to do. */

#include "keep.h"
#include "seal.h"

#include "reed/offload.h"

static const int64_t sync_preset = 60 * INT64_C(1000000000), least = 2 * INT64_C(1000000000),
		     most = 28 * 86400 * INT64_C(1000000000);

enum { JOURNAL = 4 << 20, ZONE = 1 << 30, JOBS = 1 << 20 };

static const struct dns_hooks primary_hooks = { .update = dns_keeper_take_update,
	                                        .change = dns_keeper_take_change };
static const struct dns_hooks secondary_hooks = { .notified = dns_keeper_notified,
	                                          .update = dns_keeper_take_update,
	                                          .expire = dns_keeper_expires };

/* ---- options ---- */

static void remotes_finish(struct dns_remotes *remotes)
{
	for (size_t i = 0; i < remotes->n; i++) {
		reed_wipe(&remotes->all[i].key, sizeof(remotes->all[i].key));
		reed_free(remotes->all[i].endpoint);
	}
	reed_free(remotes->all);
	*remotes = (struct dns_remotes){ 0 };
}

static void remotes_copy(struct dns_remotes *to, const struct reed_dns_remote *from, size_t n)
{
	remotes_finish(to);
	to->all = reed_alloc((n + 1) * sizeof(*to->all));
	to->n = n;
	for (size_t i = 0; i < n; i++) {
		to->all[i].endpoint = reed_strdup(from[i].endpoint);
		to->all[i].has_key = from[i].key != NULL;
		if (from[i].key)
			to->all[i].key = *from[i].key;
	}
}

static int64_t or_else(int64_t value, int64_t preset)
{
	return value ? value : preset;
}

static void take_options(struct reed_dns_keeper *self, const struct reed_dns_keeper_options *o)
{
	reed_scope_drop(&self->telling);
	remotes_copy(&self->primaries, o->primaries, o->primary_count);
	remotes_copy(&self->secondaries, o->secondaries, o->secondary_count);
	dns_served_allow(self->served, o->access);
	self->serial = o->serial;
	self->sync = or_else(o->sync, sync_preset);
	self->refresh_least = or_else(o->refresh_least, least);
	self->refresh_most = or_else(o->refresh_most, most);
	self->zone_most = o->zone_most ? o->zone_most : ZONE;
	self->first = 0;
	if (self->shelf->seal && o->sign) {
		self->policy = dns_policy_of(o->sign);
		self->wants_sign = true;
	}
}

static void make_metrics(struct reed_dns_keeper *self)
{
	struct reed_loop *loop = self->loop;

	self->fetched = reed_counter(loop, "reed_dns_fetches", "Zones or changes transferred in.",
	                             "result=%s", "ok");
	self->not_fetched = reed_counter(loop, "reed_dns_fetches",
	                                 "Zones or changes transferred in.", "result=%s", "failed");
	self->applied =
		reed_counter(loop, "reed_dns_updates_done", "Updates done as they asked.", NULL);
	self->told = reed_counter(loop, "reed_dns_notices", "Secondaries told of a change.",
	                          "result=%s", "heard");
	self->not_told = reed_counter(loop, "reed_dns_notices", "Secondaries told of a change.",
	                              "result=%s", "silent");
}

static struct reed_lane *lane_for(struct reed_dns_server *server, const struct reed_dns_name *name)
{
	struct reed_lane **lane = &server->lanes[reed_dns_name_hash(name, 0) % LANES];

	if (!*lane)
		*lane = reed_lane_new(server->loop, "dns zones", JOBS);
	return *lane;
}

/* What is signed here is in a file of its own; that of the options is only read. */
static struct dns_shelf *shelf_for(const struct reed_dns_keeper_options *o, bool secondary)
{
	size_t limit = o->journal_most ? o->journal_most : JOURNAL;
	char *file = o->sign ? reed_sprintf("%s.signed", o->journal) : reed_strdup(o->file);
	char *keys = reed_sprintf("%s.keys", o->journal);
	struct dns_shelf *shelf = dns_shelf_new(o->name, file, o->journal, limit, secondary);

	if (o->sign && !secondary)
		shelf->seal = dns_seal_new(keys, o->file);
	reed_free(file);
	reed_free(keys);
	return shelf;
}

struct reed_dns_keeper *reed_dns_keeper_new(struct reed_dns_server *server,
                                            const struct reed_dns_keeper_options *o)
{
	struct reed_dns_keeper *self = reed_alloc(sizeof(*self));
	bool secondary = o->primary_count > 0;

	self->loop = server->loop;
	self->server = server;
	reed_dns_name_format(o->name, self->text);
	self->shelf = shelf_for(o, secondary);
	self->lane = lane_for(server, o->name);
	self->served = dns_served_keep(server, o->name,
	                               secondary ? &secondary_hooks : &primary_hooks, self);
	self->sync_at = self->refresh_at = self->expire_at = self->sign_at = REED_NEVER;
	reed_list_init(&self->updates);
	reed_list_init(&self->under_way);
	reed_list_init(&self->twins);
	reed_list_init(&self->idlers);
	reed_scope_init(&self->scope, self->loop, NULL, "dns zone");
	reed_scope_init(&self->telling, self->loop, NULL, "dns notices");
	make_metrics(self);
	self->told_of = o->served;
	take_options(self, o);
	reed_scope_add(&self->scope, dns_keeper_life(self));
	return self;
}

void reed_dns_keeper_update(struct reed_dns_keeper *self, const struct reed_dns_keeper_options *o)
{
	take_options(self, o);
	self->wants_refresh = dns_keeper_is_secondary(self);
	dns_keeper_wake(self);
}

void reed_dns_keeper_free(struct reed_dns_keeper *self)
{
	struct reed_dns_name name;

	if (!self)
		return;
	reed_scope_finish(&self->scope);
	reed_scope_finish(&self->telling);
	dns_keeper_dismiss(self);
	name = self->served->name;
	reed_dns_server_take(self->server, &name);
	dns_shelf_release(self->shelf);
	remotes_finish(&self->primaries);
	remotes_finish(&self->secondaries);
	reed_free(self->mistake);
	reed_free(self->seen);
	reed_free(self);
}

/* In the lane of its zone: what it writes itself is written before. */
struct reed_future *reed_dns_keeper_erase(struct reed_dns_keeper *self)
{
	struct reed_future *f;

	if (!dns_keeper_is_secondary(self)) {
		f = reed_ready(self->loop, REED_ENOTSUP);
	} else {
		struct dns_chore *chore =
			dns_chore_new(self->loop, self->shelf, dns_chore_erase, NULL, NULL, NULL);

		reed_scope_drop(&self->scope);
		f = dns_keeper_do(self, chore);
	}
	reed_dns_keeper_free(self);
	return f;
}

/* ---- what it is like ---- */

void reed_dns_keeper_facts(const struct reed_dns_keeper *self, struct reed_dns_keeper_facts *facts)
{
	const struct reed_dns_zone *zone = self->served->zone;
	bool secondary = dns_keeper_is_secondary(self);
	struct reed_dns_keeper_facts all = {
		.size = facts->size,
		.name = &self->served->name,
		.has_zone = zone != NULL,
		.is_secondary = secondary,
		.is_frozen = self->frozen,
		.is_busy = self->busy,
		.has_expired = self->expired,
		.serial = zone ? zone->serial : 0,
		.file_serial = self->file_serial,
		.changes = self->served->history.n,
		.refresh_at = secondary ? self->refresh_at : 0,
		.expire_at = secondary && zone ? self->expire_at : 0,
		.mistake = self->mistake,
	};

	memcpy(facts, &all, facts->size < sizeof(all) ? facts->size : sizeof(all));
}

/* ---- what is wanted ---- */

static enum reed_err wish(struct reed_dns_keeper *self, bool can, bool *flag)
{
	if (!can)
		return REED_ENOTSUP;
	*flag = true;
	dns_keeper_wake(self);
	return REED_OK;
}

enum reed_err reed_dns_keeper_refresh(struct reed_dns_keeper *self)
{
	return wish(self, dns_keeper_is_secondary(self), &self->wants_refresh);
}

enum reed_err reed_dns_keeper_retransfer(struct reed_dns_keeper *self)
{
	return wish(self, dns_keeper_is_secondary(self), &self->wants_whole);
}

enum reed_err reed_dns_keeper_reload(struct reed_dns_keeper *self)
{
	return wish(self, !dns_keeper_is_secondary(self), &self->wants_reload);
}

enum reed_err reed_dns_keeper_flush(struct reed_dns_keeper *self)
{
	return wish(self, self->served->zone != NULL, &self->wants_flush);
}

enum reed_err reed_dns_keeper_freeze(struct reed_dns_keeper *self, bool frozen)
{
	if (dns_keeper_is_secondary(self))
		return REED_ENOTSUP;
	self->frozen = frozen;
	return wish(self, self->served->zone != NULL || !frozen,
	            frozen ? &self->wants_flush : &self->wants_reload);
}

enum reed_err reed_dns_keeper_notify(struct reed_dns_keeper *self)
{
	if (!self->served->zone)
		return REED_ENOTSUP;
	dns_keeper_tell(self);
	return REED_OK;
}

/* ---- keys of a zone that is signed here ---- */

enum reed_err reed_dns_keeper_roll(struct reed_dns_keeper *self, unsigned roles)
{
	self->roll |= self->shelf->seal ? roles : 0;
	return wish(self, self->shelf->seal != NULL, &self->wants_sign);
}

enum reed_err reed_dns_keeper_ds_seen(struct reed_dns_keeper *self)
{
	self->ds_seen = self->shelf->seal != NULL;
	return wish(self, self->shelf->seal != NULL, &self->wants_sign);
}

enum reed_err reed_dns_keeper_key(const struct reed_dns_keeper *self, size_t i,
                                  struct reed_dns_key_facts *facts)
{
	const struct dns_seal *seal = self->shelf->seal;
	const struct dns_ring_key *k;
	struct reed_dns_key_facts all = { .size = facts->size };

	if (!seal)
		return REED_ENOTSUP;
	if (self->busy)
		return REED_EBUSY; /* a thread has them */
	if (i >= seal->ring.n)
		return REED_ENOENT;
	k = &seal->ring.keys[i];
	all.tag = reed_dns_zone_key_tag(k->key);
	all.algorithm = k->algorithm;
	all.roles = k->roles;
	all.state = k->state;
	all.ds = k->ds;
	all.made = k->made;
	all.since = k->since;
	all.dnskey = reed_dns_zone_key_rdata(k->key);
	memcpy(facts, &all, facts->size < sizeof(all) ? facts->size : sizeof(all));
	return REED_OK;
}

struct reed_future *reed_dns_keeper_idle(struct reed_dns_keeper *self)
{
	struct dns_waiting *w;

	dns_waiting_new(self, &self->idlers, &w);
	dns_keeper_wake(self);
	return &w->future;
}
