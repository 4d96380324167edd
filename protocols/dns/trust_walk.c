/* The way down from an anchor to the zone of a name, a label at a time: RFC 4035 5. */

#include "trust.h"

#include "reed/alloc.h"
#include "reed/co.h"

enum { DS_MOST = 64, INSECURE_MOST = 3600, EDE_BOGUS = 6, EDE_NO_PROOF = 12 };

struct walking {
	struct reed_co co;
	struct reed_dns_validator *v;
	struct dns_budget *budget;
	struct reed_dns_verdict *verdict;
	struct reed_dns_name name, child;
	struct dns_trusted *at, **out; /* at: shared */
	struct reed_buf message;
	struct dns_reply reply;
	struct reed_slice ds[DS_MOST]; /* of memory, */
	struct reed_buf memory;
	size_t ds_count;
	bool are_keys, done;
};

/* What was at goes. */
static void step_to(struct walking *self, struct dns_trusted *t)
{
	dns_trusted_release(self->at);
	self->at = t;
	self->done |= t->security != REED_DNS_SECURE;
}

static void end_with(struct walking *self, const struct reed_dns_name *zone,
                     enum reed_dns_security security, uint32_t ttl)
{
	struct dns_trusted *t = dns_trusted_new(zone, security, dns_trust_now(self->v) + ttl);

	if (security == REED_DNS_INSECURE && ttl)
		dns_trust_keep(self->v, t);
	step_to(self, t);
}

static void end_bogus(struct walking *self, uint16_t extended_error, const char *why)
{
	dns_verdict_blame(self->verdict, extended_error, &self->child, why);
	end_with(self, &self->child, REED_DNS_BOGUS, 0);
}

/* ---- the keys of child, which self->ds vouch for ---- */

static void note_anchor(struct walking *self, const struct reed_dns_name *zone)
{
	self->ds_count = 0;
	self->are_keys = false;
	for (const struct dns_anchor *a = self->v->anchors; a && self->ds_count < DS_MOST;
	     a = a->next)
		if (reed_dns_name_eq(&a->zone, zone) && a->type)
			self->are_keys |= a->type == REED_DNS_TYPE_DNSKEY;
	for (const struct dns_anchor *a = self->v->anchors; a && self->ds_count < DS_MOST;
	     a = a->next)
		if (reed_dns_name_eq(&a->zone, zone) &&
		    a->type == (self->are_keys ? REED_DNS_TYPE_DNSKEY : REED_DNS_TYPE_DS))
			self->ds[self->ds_count++] = reed_slice(a->rdata, a->n);
}

static void note_ds(struct walking *self, const struct dns_reply_set *set)
{
	size_t at = 0;

	self->are_keys = false;
	self->ds_count = set->set.count < DS_MOST ? set->set.count : DS_MOST;
	reed_buf_clear(&self->memory);
	for (size_t i = 0; i < self->ds_count; i++)
		reed_buf_add(&self->memory, set->set.rdata[i]);
	for (size_t i = 0; i < self->ds_count; at += set->set.rdata[i++].n)
		self->ds[i] = reed_slice(reed_buf_slice(&self->memory).p + at, set->set.rdata[i].n);
}

static struct reed_future *ask(struct walking *self, uint16_t type)
{
	reed_buf_clear(&self->message);
	dns_reply_finish(&self->reply);
	if (!self->budget->questions)
		return reed_failed(self->co.loop, REED_ETOOBIG,
		                   "more questions than an answer is worth");
	self->budget->questions--;
	return self->v->options.ask(self->v->options.arg, &self->child, type, &self->message);
}

static bool read_reply(struct walking *self)
{
	if (!dns_reply_read(&self->reply, reed_buf_slice(&self->message)))
		return true;
	end_bogus(self, EDE_BOGUS, "has an answer about keys that cannot be read");
	return false;
}

static void take_keys(struct walking *self)
{
	struct dns_trusted *t;

	if (!read_reply(self))
		return;
	t = dns_keys_judge(&self->reply, &self->child, self->ds, self->ds_count, self->are_keys,
	                   self->budget, dns_trust_now(self->v), self->verdict);
	if (t->security == REED_DNS_SECURE)
		dns_trust_keep(self->v, t);
	step_to(self, t);
}

/* ---- a delegation, or none ---- */

static uint32_t judge_all(struct walking *self, uint16_t type)
{
	struct reed_dns_verdict ignored = { .ttl_most = INSECURE_MOST };

	for (struct dns_reply_set *s = self->reply.sets; s; s = s->next)
		if (s->set.type == type && s->set.count && s->signer.n &&
		    reed_dns_name_eq(&s->signer, &self->at->zone))
			dns_set_judge(s, self->at, self->budget, (uint32_t)dns_trust_now(self->v),
			              &ignored);
	return ignored.ttl_most;
}

static bool is_alias(struct walking *self)
{
	const struct dns_reply_set *s =
		dns_reply_find(&self->reply, REED_DNS_ANSWER, &self->child, REED_DNS_TYPE_CNAME);

	judge_all(self, REED_DNS_TYPE_CNAME);
	return s && s->security == REED_DNS_SECURE;
}

/* True: keys of it are to be asked for. */
static bool take_ds(struct walking *self, struct dns_reply_set *set)
{
	uint32_t ttl = judge_all(self, REED_DNS_TYPE_DS);

	if (set->security != REED_DNS_SECURE || set->is_wild) {
		end_bogus(self, EDE_BOGUS, "has a DS record whose signature is wrong");
		return false;
	}
	if (!dns_ds_any_known(set->set.rdata, set->set.count)) {
		end_with(self, &self->child, REED_DNS_INSECURE, ttl);
		return false;
	}
	note_ds(self, set);
	return true;
}

static void take_denial(struct walking *self)
{
	uint32_t ttl = judge_all(self, REED_DNS_TYPE_NSEC);
	uint32_t other = judge_all(self, REED_DNS_TYPE_NSEC3);
	struct dns_proofs *proofs = reed_alloc(sizeof(*proofs));
	struct dns_denied d;

	dns_reply_proofs(&self->reply, &self->at->zone, self->budget, proofs);
	dns_deny(proofs, &self->child, REED_DNS_TYPE_DS, &d);
	self->budget->hashes = proofs->hashes;
	if (proofs->too_many || (d.denial == DNS_DENY_TYPE && (d.delegation || d.opt_out)))
		end_with(self, &self->child, REED_DNS_INSECURE, ttl < other ? ttl : other);
	else if (d.denial == DNS_DENY_NAME)
		self->done = true; /* nothing is below what is not there */
	else if (d.denial == DNS_DENY_NOTHING && !is_alias(self))
		end_bogus(self, EDE_NO_PROOF, "has no DS record, and no proof that it has none");
	reed_free(proofs);
}

static bool take_delegation(struct walking *self)
{
	struct dns_reply_set *set;

	if (!read_reply(self))
		return false;
	set = dns_reply_find(&self->reply, REED_DNS_ANSWER, &self->child, REED_DNS_TYPE_DS);
	if (set && set->set.count)
		return take_ds(self, set);
	take_denial(self);
	return false;
}

/* ---- all the way ---- */

/* What is known already, as far down as can be. */
static bool begin(struct walking *self)
{
	const struct dns_anchor *anchor = dns_trust_anchor(self->v, &self->name);

	if (!anchor || !anchor->type) {
		end_with(self, anchor ? &anchor->zone : &self->name,
		         anchor ? REED_DNS_INSECURE : REED_DNS_INDETERMINATE, 0);
		return false;
	}
	for (unsigned labels = self->name.labels + 1U; labels-- > anchor->zone.labels;) {
		struct dns_trusted *t;

		reed_dns_name_suffix(&self->name, labels, &self->child);
		t = dns_trust_find(self->v, &self->child);
		if (t) {
			t->holders++;
			step_to(self, t);
			return false;
		}
	}
	self->child = anchor->zone;
	note_anchor(self, &self->child);
	return true;
}

static bool next(struct walking *self)
{
	if (self->done || self->child.labels >= self->name.labels)
		return false;
	reed_dns_name_suffix(&self->name, self->child.labels + 1U, &self->child);
	return true;
}

static void walking_run(struct reed_co *co)
{
	struct walking *self = reed_frame(co, struct walking);

	reed_coroutine (co) {
		if (begin(self)) {
			reed_try(co, ask(self, REED_DNS_TYPE_DNSKEY));
			take_keys(self);
		}
		while (next(self)) {
			reed_try(co, ask(self, REED_DNS_TYPE_DS));
			if (!take_delegation(self))
				continue;
			reed_try(co, ask(self, REED_DNS_TYPE_DNSKEY));
			take_keys(self);
		}
	}
}

static void walking_deliver(struct reed_co *co)
{
	struct walking *self = reed_frame(co, struct walking);

	*self->out = self->at;
	self->at = NULL;
}

static void walking_end(struct reed_co *co)
{
	struct walking *self = reed_frame(co, struct walking);

	dns_trusted_release(self->at);
	reed_buf_finish(&self->message);
	reed_buf_finish(&self->memory);
	dns_reply_finish(&self->reply);
}

static const struct reed_co_kind walking_kind = {
	.name = "dns trust",
	.size = sizeof(struct walking),
	.run = walking_run,
	.deliver = walking_deliver,
	.end = walking_end,
};

struct reed_future *dns_trust_walk(struct reed_dns_validator *v, const struct reed_dns_name *name,
                                   struct dns_budget *budget, struct reed_dns_verdict *verdict,
                                   struct dns_trusted **out)
{
	struct walking *self = reed_co_new(v->loop, &walking_kind);

	self->v = v;
	self->name = *name;
	self->budget = budget;
	self->verdict = verdict;
	self->out = out;
	return reed_start(&self->co);
}
