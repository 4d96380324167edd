/* An answer judged: each of its RRsets, and what it proves of the name that was asked for. */

#include "trust.h"

#include "reed/alloc.h"
#include "reed/co.h"

enum { ALIASES = 16, EDE_INDETERMINATE = 5, EDE_NO_PROOF = 12 };

struct judging {
	struct reed_co co;
	struct reed_dns_validator *v;
	struct reed_slice message;
	struct dns_reply reply;
	struct dns_reply_set *set; /* the next */
	struct reed_dns_name name; /* at the end of aliases */
	struct dns_trusted *zone;
	struct dns_budget budget;
	struct reed_dns_verdict verdict, *out;
};

/* ---- one RRset after another ---- */

/* A CNAME made of a DNAME has no signature of its own: RFC 6672 5.3.1. */
static bool is_made(const struct dns_reply *reply, const struct dns_reply_set *s)
{
	struct reed_dns_name to, made, target;

	if (s->set.type != REED_DNS_TYPE_CNAME || s->sig_count || s->set.count != 1 ||
	    reed_dns_name_take(s->set.rdata[0], &target))
		return false;
	for (const struct dns_reply_set *d = reply->sets; d; d = d->next)
		if (d->set.type == REED_DNS_TYPE_DNAME && d->section == REED_DNS_ANSWER &&
		    d->set.count == 1 && !reed_dns_name_take(d->set.rdata[0], &to) &&
		    !reed_dns_name_replace(&s->owner, &d->owner, &to, &made) &&
		    reed_dns_name_eq(&made, &target))
			return true;
	return false;
}

static bool is_wanted(const struct judging *self, const struct dns_reply_set *s)
{
	if (!s->set.count)
		return false; /* signatures of what did not come */
	if (s->section == REED_DNS_ANSWER)
		return !is_made(&self->reply, s);
	return s->signer.n &&
	       (s->set.type == REED_DNS_TYPE_NSEC || s->set.type == REED_DNS_TYPE_NSEC3 ||
	        s->set.type == REED_DNS_TYPE_SOA);
}

/* Where to look for the keys; DS records are the parent's. */
static struct reed_dns_name zone_of(const struct reed_dns_name *owner, uint16_t type)
{
	struct reed_dns_name name = *owner;

	if (type == REED_DNS_TYPE_DS && name.labels)
		reed_dns_name_suffix(&name, name.labels - 1U, &name);
	return name;
}

static bool next_set(struct judging *self)
{
	self->set = self->set ? self->set->next : self->reply.sets;
	while (self->set && !is_wanted(self, self->set))
		self->set = self->set->next;
	return self->set != NULL;
}

/* Who names a signer above the anchor would have it judged by nobody. */
static bool is_above_anchor(const struct judging *self)
{
	const struct dns_anchor *anchor = dns_trust_anchor(self->v, &self->set->owner);

	return anchor && !reed_dns_name_is_under(&self->set->signer, &anchor->zone);
}

static struct reed_future *walk_to_set(struct judging *self)
{
	struct reed_dns_name name = self->set->signer.n && !is_above_anchor(self)
	                                    ? self->set->signer
	                                    : zone_of(&self->set->owner, self->set->set.type);

	return dns_trust_walk(self->v, &name, &self->budget, &self->verdict, &self->zone);
}

static void judge_set(struct judging *self)
{
	/* a signer that is no zone: the chain ends above it */
	dns_set_judge(self->set, self->zone, &self->budget, (uint32_t)dns_trust_now(self->v),
	              &self->verdict);
	dns_trusted_release(self->zone);
	self->zone = NULL;
}

/* ---- what it comes to ---- */

static void worsen(struct judging *self, enum reed_dns_security security)
{
	/* bogus is worse than indeterminate, that than insecure, that than secure */
	static const uint8_t rank[] = { 2, 0, 1, 3 };

	if (rank[security] > rank[self->verdict.security])
		self->verdict.security = security;
}

static void need(struct judging *self, bool proven, bool opt_out, const char *why)
{
	if (!proven) {
		worsen(self, REED_DNS_BOGUS);
		dns_verdict_blame(&self->verdict, EDE_NO_PROOF, &self->name, why);
	} else if (opt_out) {
		worsen(self, REED_DNS_INSECURE);
	}
}

static void check_wild(struct judging *self, const struct dns_reply_set *s)
{
	struct dns_proofs *proofs;
	bool opt_out, proven;

	if (!s->is_wild || s->security != REED_DNS_SECURE)
		return;
	proofs = reed_alloc(sizeof(*proofs));
	self->name = s->owner;
	dns_reply_proofs(&self->reply, &s->signer, &self->budget, proofs);
	proven = dns_deny_wild(proofs, &s->owner, s->labels, &opt_out);
	need(self, proven || proofs->too_many, opt_out || proofs->too_many,
	     "came of a wildcard without proof that the name itself is not there");
	self->budget.hashes = proofs->hashes;
	reed_free(proofs);
}

static void judge_answer(struct judging *self)
{
	for (const struct dns_reply_set *s = self->reply.sets; s; s = s->next)
		if (s->section == REED_DNS_ANSWER && is_wanted(self, s)) {
			worsen(self, s->security);
			check_wild(self, s);
		}
}

static bool has_any(const struct dns_reply *r)
{
	for (const struct dns_reply_set *s = r->sets; s; s = s->next)
		if (s->section == REED_DNS_ANSWER && s->set.count &&
		    reed_dns_name_eq(&s->owner, &r->name))
			return true;
	return false;
}

/* True: what was asked for is there; else self->name is what is to be denied. */
static bool follow(struct judging *self)
{
	const struct dns_reply *r = &self->reply;

	self->name = r->name;
	for (unsigned i = 0; i < ALIASES; i++) {
		const struct dns_reply_set *s =
			dns_reply_find(r, REED_DNS_ANSWER, &self->name, r->type);

		if ((s && s->set.count) || (r->type == REED_DNS_TYPE_ANY && has_any(r)))
			return true;
		s = dns_reply_find(r, REED_DNS_ANSWER, &self->name, REED_DNS_TYPE_CNAME);
		if (!s || !s->set.count)
			return false;
		reed_dns_name_take(s->set.rdata[0], &self->name);
	}
	return false;
}

/* The zone that denies: the lowest that has signed a proof, and is above the name. */
static const struct dns_reply_set *denier(const struct judging *self)
{
	const struct dns_reply_set *best = NULL;

	for (const struct dns_reply_set *s = self->reply.sets; s; s = s->next)
		if (s->section == REED_DNS_AUTHORITY && s->security == REED_DNS_SECURE &&
		    s->set.type != REED_DNS_TYPE_SOA &&
		    reed_dns_name_is_under(&self->name, &s->signer) &&
		    (!best || s->signer.labels > best->signer.labels))
			best = s;
	return best;
}

static void judge_denial(struct judging *self, const struct dns_reply_set *by)
{
	struct dns_proofs *proofs = reed_alloc(sizeof(*proofs));
	bool nx = self->reply.rcode == REED_DNS_RCODE_NXDOMAIN;
	struct dns_denied d;

	dns_reply_proofs(&self->reply, &by->signer, &self->budget, proofs);
	dns_deny(proofs, &self->name, self->reply.type, &d);
	need(self, proofs->too_many || d.denial == (nx ? DNS_DENY_NAME : DNS_DENY_TYPE),
	     d.opt_out || proofs->too_many,
	     nx ? "is not proven not to be there" : "is not proven not to have such records");
	reed_free(proofs);
}

static void judge_silence(struct judging *self)
{
	worsen(self,
	       self->zone->security == REED_DNS_SECURE ? REED_DNS_BOGUS : self->zone->security);
	if (self->zone->security == REED_DNS_SECURE)
		dns_verdict_blame(&self->verdict, EDE_NO_PROOF, &self->name,
		                  "is denied without any proof");
}

static struct reed_future *walk_to_name(struct judging *self)
{
	struct reed_dns_name name = zone_of(&self->name, self->reply.type);

	return dns_trust_walk(self->v, &name, &self->budget, &self->verdict, &self->zone);
}

static bool is_error(const struct judging *self)
{
	return self->reply.rcode != REED_DNS_RCODE_NOERROR &&
	       self->reply.rcode != REED_DNS_RCODE_NXDOMAIN;
}

static void refuse(struct judging *self, const char *why)
{
	self->verdict.security = REED_DNS_INDETERMINATE;
	self->verdict.extended_error = EDE_INDETERMINATE;
	snprintf(self->verdict.why, sizeof(self->verdict.why), "%s", why);
}

static void judging_run(struct reed_co *co)
{
	struct judging *self = reed_frame(co, struct judging);

	reed_coroutine (co) {
		self->verdict.security = REED_DNS_SECURE;
		self->verdict.ttl_most = UINT32_MAX;
		if (dns_reply_read(&self->reply, self->message) || is_error(self)) {
			refuse(self, "no answer that could be judged");
			reed_return(co, REED_OK);
		}
		while (next_set(self)) {
			reed_await(co, walk_to_set(self));
			if (co->err == REED_ECANCELED)
				reed_return(co, co->err);
			if (co->err) {
				refuse(self, reed_co_why(co));
				reed_return(co, REED_OK);
			}
			judge_set(self);
		}
		judge_answer(self);
		if (follow(self))
			reed_return(co, REED_OK);
		if (denier(self)) {
			judge_denial(self, denier(self));
			reed_return(co, REED_OK);
		}
		reed_await(co, walk_to_name(self));
		if (co->err == REED_ECANCELED)
			reed_return(co, co->err);
		if (co->err)
			refuse(self, reed_co_why(co));
		else
			judge_silence(self);
	}
}

static void judging_deliver(struct reed_co *co)
{
	struct judging *self = reed_frame(co, struct judging);

	if (self->verdict.security == REED_DNS_SECURE) {
		self->verdict.why[0] = 0;
		self->verdict.extended_error = 0;
	}
	*self->out = self->verdict;
}

static void judging_end(struct reed_co *co)
{
	struct judging *self = reed_frame(co, struct judging);

	dns_trusted_release(self->zone);
	dns_reply_finish(&self->reply);
}

static const struct reed_co_kind judging_kind = {
	.name = "dns validate",
	.size = sizeof(struct judging),
	.run = judging_run,
	.deliver = judging_deliver,
	.end = judging_end,
};

struct reed_future *reed_dns_validate(struct reed_dns_validator *v, struct reed_slice message,
                                      struct reed_dns_verdict *verdict)
{
	struct judging *self = reed_co_new(v->loop, &judging_kind);

	self->v = v;
	self->message = message;
	self->out = verdict;
	self->budget = (struct dns_budget){
		.verifies = v->options.verifies,
		.failures = v->options.failures,
		.questions = v->options.questions,
		.hashes = v->options.hashes,
		.same_tag = v->options.same_tag,
		.iterations = v->options.iterations,
	};
	return reed_start(&self->co);
}
