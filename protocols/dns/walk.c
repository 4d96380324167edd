/*
 * One question and how it is answered: from zone to zone, or by those that are
 * forwarded to; from alias to alias.
 */

#include "walk.h"

#include "reed/random.h"

/* ---- what was said ---- */

static bool is_whole(const struct dns_walk *self)
{
	return self->asked.labels == self->target.labels;
}

/*
 * RFC 9156 2.3: one label more each time, and from the fourth on more of them, so
 * that a name of a hundred labels does not cost a hundred queries.
 */
static void lengthen(struct dns_walk *self)
{
	unsigned left = self->target.labels - self->asked.labels;
	unsigned more = self->steps < ONE_LABEL_STEPS ? 1 : (left + 5) / 6;

	self->steps++;
	if (self->resolver->options.no_minimising || self->resolver->upstream_count ||
	    self->steps > STEPS_MOST || more > left)
		more = left;
	reed_dns_name_suffix(&self->target, self->asked.labels + more, &self->asked);
}

static void ask_whole(struct dns_walk *self)
{
	self->asked = self->target;
	dns_servers_again(self);
}

static void follow(struct dns_walk *self, const struct reed_dns_name *target)
{
	self->target = *target;
	if (++self->aliases > DNS_ALIASES_MOST) {
		self->state = WALK_FAILED;
		return;
	}
	self->state = WALK_NEXT;
}

static void complete(struct dns_walk *self, const struct dns_reading *reading, unsigned rcode)
{
	self->state = self->judging ? WALK_JUDGING : WALK_DONE;
	self->rcode = rcode;
	self->ttl = reading->ttl;
	self->has_ttl = reading->has_ttl;
}

static void descend(struct dns_walk *self, const struct dns_reading *reading, size_t before)
{
	struct reed_slice pile = reed_slice_from(reed_buf_slice(&self->pile), before);

	dns_cut_keep(self->resolver, &reading->zone, pile, reading->ttl);
	self->cut = reading->zone;
	dns_servers_of_referral(self, pile);
	self->asked = self->cut;
	lengthen(self);
}

/* What a part of the name is like matters only as far as it leads to the whole. */
static void take_part(struct dns_walk *self, const struct dns_reading *reading)
{
	if (reading->said == DNS_SAID_ANSWER || reading->said == DNS_SAID_NOTHING)
		lengthen(self);
	else
		ask_whole(self);
	dns_servers_again(self);
}

static void shun(struct dns_walk *self, enum dns_said said)
{
	int64_t now = reed_now(self->co.loop);

	dns_station_lame(dns_server_station(self, self->server), dns_cut_hash(self),
	                 now + (said == DNS_SAID_LAME ? REED_S(LAME_SECONDS) : REED_S(1)));
}

static void take_said(struct dns_walk *self, const struct dns_reading *reading, size_t before)
{
	switch (reading->said) {
	case DNS_SAID_REFERRAL:
		descend(self, reading, before);
		self->pile.end = self->pile.begin + before;
		return;
	case DNS_SAID_LAME:
	case DNS_SAID_FAILED:
	case DNS_SAID_NONSENSE:
		shun(self, reading->said);
		return;
	case DNS_SAID_ANSWER:
	case DNS_SAID_ALIAS:
	case DNS_SAID_NOTHING:
	case DNS_SAID_NO_NAME:
		break;
	}
	if (!is_whole(self)) {
		self->pile.end = self->pile.begin + before;
		take_part(self, reading);
	} else if (reading->said == DNS_SAID_ALIAS) {
		follow(self, &reading->target);
	} else {
		complete(self, reading,
		         reading->said == DNS_SAID_NO_NAME ? REED_DNS_RCODE_NXDOMAIN
		                                           : REED_DNS_RCODE_NOERROR);
	}
}

static bool wants_signatures(const struct dns_walk *self)
{
	return self->judging || self->key.kind & DNS_KEPT_DNSSEC;
}

static void digest(struct dns_walk *self)
{
	struct reed_dns_question question = { .name = self->asked,
		                              .type = self->ask.type,
		                              .klass = REED_DNS_CLASS_IN };
	struct dns_reading_of of = { .m = &self->reply.message,
		                     .question = &question,
		                     .zone = &self->cut,
		                     .forwarded = self->resolver->upstream_count > 0,
		                     .dnssec = wants_signatures(self),
		                     .scratch = self->resolver->scratch };
	size_t before = reed_buf_held(&self->pile);
	struct dns_reading reading;

	dns_reading_read(&of, &self->pile, &reading);
	take_said(self, &reading, before);
	reed_dns_reply_finish(&self->reply);
}

/* ---- what is known already ---- */

/* An alias may lead to what is in the cache; so may the name of a server. */
static bool take_from_cache(struct dns_walk *self)
{
	struct reed_dns_resolver *resolver = self->resolver;
	struct reed_dns_name name = self->target;
	struct reed_dns_record record;
	struct reed_dns_message m;
	struct reed_dns_walk walk;
	struct dns_entry *entry;
	struct dns_piece item;
	uint32_t age;

	if (!self->aliases && !self->depth)
		return false;
	reed_dns_name_lower(&name);
	entry = dns_cache_find(resolver->cache, &name, self->key.type,
	                       self->judging ? DNS_KEPT_DNSSEC : self->key.kind);
	if (!entry || entry->failed || entry->expires <= reed_now(resolver->loop) ||
	    (self->judging && entry->error)) /* what was withheld is part of what is signed */
		return false;
	age = (uint32_t)((reed_now(resolver->loop) - entry->made) / 1000000000);
	dns_entry_message(entry, &m);
	reed_dns_walk(&m, REED_DNS_ANSWER, &walk);
	walk.on = true;
	while (reed_dns_next(&walk, &record)) {
		if (reed_dns_record_owner(&record, &item.owner) ||
		    reed_dns_record_rdata(&record, resolver->scratch, REED_DNS_RDATA_MAX,
		                          &item.rdata))
			continue;
		item.section = record.section;
		item.type = record.type;
		item.ttl = record.ttl > age ? record.ttl - age : 0;
		dns_pile_add(&self->pile, &item);
	}
	self->rcode = entry->rcode;
	self->state = self->judging ? WALK_JUDGING : WALK_DONE;
	return true;
}

static bool take_special(struct dns_walk *self)
{
	struct dns_key key = { .name = self->target, .type = self->key.type };
	unsigned rcode;

	if (!dns_special(self->resolver, &key, &self->pile, &rcode))
		return false;
	self->rcode = rcode;
	self->ttl = SPECIAL_TTL;
	self->has_ttl = self->here = true;
	self->state = WALK_DONE;
	return true;
}

static void begin_target(struct dns_walk *self)
{
	if (take_special(self) || take_from_cache(self))
		return;
	self->state = WALK_ASKING;
	self->steps = 0;
	dns_servers_of_cut(self);
	self->asked = self->cut;
	lengthen(self);
}

/* ---- asking ---- */

static bool may_spend(struct dns_walk *self)
{
	if (!self->budget->left || reed_now(self->co.loop) >= self->budget->until)
		return false;
	self->budget->left--;
	return true;
}

static void prepare(struct dns_walk *self)
{
	struct reed_dns_resolver *resolver = self->resolver;
	struct dns_server *server = self->server;
	struct dns_station *station = dns_server_station(self, server);

	self->ask = (struct reed_dns_ask)REED_DNS_ASK;
	self->ask.server = server->upstream ? server->upstream->endpoint : NULL;
	self->ask.address = server->address;
	self->ask.name = self->asked;
	/* RFC 9156 2.1: what is asked of a part should not tell what is wanted */
	self->ask.type = is_whole(self) ? self->key.type : REED_DNS_TYPE_A;
	self->ask.no_recursion = !server->upstream;
	self->ask.dnssec = wants_signatures(self);
	self->ask.checking = self->judging || self->key.kind & DNS_KEPT_CHECKING;
	self->ask.tries = 1;
	self->ask.timeout = dns_station_patience(station);
	self->ask.patience = self->budget->until - reed_now(self->co.loop);
	if (self->ask.patience > PATIENCE_EACH)
		self->ask.patience = PATIENCE_EACH;
	resolver->stats.asked++;
	resolver->asked->value++;
}

static void note_manners(struct dns_walk *self, enum reed_err err)
{
	struct dns_station *station = dns_server_station(self, self->server);

	if (err)
		dns_station_missed(station, reed_now(self->co.loop));
	else
		dns_station_heard(station, self->reply.took);
}

static void run_out(struct dns_walk *self)
{
	/* Some servers have no answers to parts of names (RFC 9156 2.3). */
	if (self->state == WALK_ASKING && !is_whole(self) && self->server_count) {
		ask_whole(self);
		return;
	}
	self->state = WALK_FAILED;
}

static struct reed_future *look_up_server(struct dns_walk *self)
{
	struct dns_key key = { .name = self->missing[self->missing_at],
		               .type = self->want_ipv6 ? REED_DNS_TYPE_AAAA : REED_DNS_TYPE_A,
		               .kind = self->resolver->validator ? DNS_KEPT_CHECKING : 0 };

	self->missing_at++;
	reed_dns_name_lower(&key.name);
	return dns_walk_new(self->resolver, &key, self->budget, self->depth + 1, &self->found);
}

static void finish(struct dns_walk *self)
{
	struct dns_outcome outcome = { .key = &self->key,
		                       .pile = &self->pile,
		                       .rcode = self->rcode,
		                       .ttl = self->ttl,
		                       .has_ttl = self->has_ttl,
		                       .here = self->here && !self->aliases,
		                       .bogus = self->verdict.security == REED_DNS_BOGUS,
		                       .secure = self->verdict.security == REED_DNS_SECURE,
		                       .error = self->verdict.extended_error,
		                       .ttl_most = self->verdict.ttl_most };

	if (self->state == WALK_FAILED || self->pile.err) {
		self->pile.end = self->pile.begin;
		outcome.rcode = REED_DNS_RCODE_SERVFAIL;
		outcome.failed = true;
		self->resolver->stats.failed++;
		self->resolver->failed->value++;
		/* RFC 8767 does not save those whose signatures are wrong */
		self->kept = outcome.bogus ? dns_outcome_keep(self->resolver, &outcome)
		                           : dns_stale_or_failure(self->resolver, &outcome);
		return;
	}
	self->kept = dns_outcome_keep(self->resolver, &outcome);
}

static void take_verdict(struct dns_walk *self)
{
	struct reed_co *co = &self->co;

	if (dns_walk_judged(self, co->err, co->err ? reed_co_why(co) : "") && self->server)
		shun(self, DNS_SAID_FAILED);
}

static bool is_under_way(const struct dns_walk *self)
{
	return self->state == WALK_ASKING || self->state == WALK_NEXT ||
	       self->state == WALK_JUDGING;
}

static void walk_run(struct reed_co *co)
{
	struct dns_walk *self = reed_frame(co, struct dns_walk);

	reed_coroutine (co) {
		begin_target(self);
		while (is_under_way(self)) {
			if (self->state == WALK_NEXT) {
				begin_target(self);
				continue;
			}
			if (self->state == WALK_JUDGING) {
				reed_await(co, dns_walk_judge(self));
				if (co->err == REED_ECANCELED)
					reed_return(co, co->err);
				take_verdict(self);
				continue;
			}
			self->server = dns_server_next(self);
			if (!self->server && dns_server_missing(self)) {
				reed_await(co, look_up_server(self));
				if (co->err == REED_ECANCELED)
					reed_return(co, co->err);
				dns_servers_found(self);
				continue;
			}
			if (!self->server || !may_spend(self)) {
				run_out(self);
				if (!self->budget->left)
					self->state = WALK_FAILED;
				continue;
			}
			prepare(self);
			reed_await(co, reed_dns_query(self->resolver->client, &self->ask,
			                              &self->reply));
			if (co->err == REED_ECANCELED)
				reed_return(co, co->err);
			note_manners(self, co->err);
			if (!co->err)
				digest(self);
		}
		finish(self);
	}
}

static void walk_deliver(struct reed_co *co)
{
	struct dns_walk *self = reed_frame(co, struct dns_walk);

	*self->out = self->kept;
	self->kept = NULL;
}

static void walk_end(struct reed_co *co)
{
	struct dns_walk *self = reed_frame(co, struct dns_walk);

	dns_entry_release(self->kept);
	dns_entry_release(self->found);
	reed_dns_reply_finish(&self->reply);
	reed_buf_finish(&self->pile);
	dns_walk_judge_finish(self);
}

static const struct reed_co_kind walk_kind = {
	.name = "dns question",
	.size = sizeof(struct dns_walk),
	.run = walk_run,
	.deliver = walk_deliver,
	.end = walk_end,
};

struct reed_future *dns_walk_new(struct reed_dns_resolver *resolver, const struct dns_key *key,
                                 struct dns_budget *budget, unsigned depth,
                                 struct dns_entry **entry)
{
	struct dns_walk *self = reed_co_new(resolver->loop, &walk_kind);

	self->resolver = resolver;
	self->key = *key;
	self->target = key->name;
	self->budget = budget;
	self->depth = depth;
	/* Signatures are not signed themselves; addresses of servers need not be right. */
	self->judging = resolver->validator && !depth && !(key->kind & DNS_KEPT_CHECKING) &&
	                key->type != REED_DNS_TYPE_RRSIG;
	self->out = entry;
	return reed_start(&self->co);
}
