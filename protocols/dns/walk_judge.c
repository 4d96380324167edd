/*
 * What has come of a question goes to the validator before it is kept.  When that finds
 * it wrong, others are asked once more: one server may be old, or not be who it seems.
 */

#include "walk.h"

#include "reed/alloc.h"
#include "reed/log.h"

enum { JUDGED_MOST = 2, EDE_INDETERMINATE = 5 };

/* Everything, as it came: what is withheld is signed together with the rest. */
static enum reed_err put_together(struct dns_walk *self)
{
	struct reed_dns_resolver *resolver = self->resolver;
	struct reed_slice pile = reed_buf_slice(&self->pile), message = reed_slice(NULL, 0);
	struct reed_dns_builder b;
	enum reed_err err = self->pile.err;

	reed_dns_build(&b, resolver->message, sizeof(resolver->message));
	reed_dns_build_header(&b, 0, (uint16_t)(REED_DNS_QR | (self->rcode & 15)));
	reed_dns_build_question(&b, &self->key.name, self->key.type, REED_DNS_CLASS_IN);
	dns_pile_build(&b, pile, REED_DNS_ANSWER);
	dns_pile_build(&b, pile, REED_DNS_AUTHORITY);
	err = err ? err : reed_dns_build_end(&b, &message);
	if (!err && b.truncated)
		err = REED_ETOOBIG;
	if (!err)
		self->message = reed_slice(reed_slice_dup(message), message.n);
	return err;
}

struct reed_future *dns_walk_judge(struct dns_walk *self)
{
	int64_t left = (self->budget->until - reed_now(self->co.loop)) / 1000000;
	enum reed_err err;

	dns_walk_judge_finish(self);
	err = put_together(self);
	if (err)
		return reed_failed(self->co.loop, err, "what has come is too much to be judged");
	return reed_within(left > 0 ? left : 1, reed_dns_validate(self->resolver->validator,
	                                                          self->message, &self->verdict));
}

void dns_walk_judge_finish(struct dns_walk *self)
{
	reed_free((char *)(uintptr_t)self->message.p);
	self->message = reed_slice(NULL, 0);
}

static void tell(struct dns_walk *self)
{
	struct reed_dns_resolver *resolver = self->resolver;
	char name[REED_DNS_NAME_TEXT_SIZE], type[REED_DNS_WORD_SIZE];

	resolver->stats.bogus++;
	resolver->bogus->value++;
	if (reed_now(self->co.loop) < resolver->tell_at)
		return; /* who sends for such names would fill the log */
	resolver->tell_at = reed_now(self->co.loop) + REED_S(1);
	reed_dns_name_format(&self->key.name, name);
	reed_log(self->co.loop, REED_LOG_INFO,
	         "an answer is bogus name=%s type=" REED_FMT " why=%s", name,
	         REED_ARG(reed_dns_type_format(self->key.type, type)), self->verdict.why);
}

static void begin_again(struct dns_walk *self)
{
	self->pile.end = self->pile.begin;
	self->target = self->key.name;
	self->aliases = 0;
	self->has_ttl = false;
	self->state = WALK_NEXT;
}

bool dns_walk_judged(struct dns_walk *self, enum reed_err err, const char *why)
{
	struct reed_dns_verdict *v = &self->verdict;

	if (err) {
		*v = (struct reed_dns_verdict){ .security = REED_DNS_INDETERMINATE,
			                        .extended_error = EDE_INDETERMINATE };
		snprintf(v->why, sizeof(v->why), "%s", why);
	}
	if (v->security == REED_DNS_SECURE || v->security == REED_DNS_INSECURE ||
	    (v->security == REED_DNS_INDETERMINATE && !v->extended_error)) {
		self->resolver->stats.secure += v->security == REED_DNS_SECURE;
		self->resolver->secure->value += v->security == REED_DNS_SECURE;
		v->ttl_most += !v->ttl_most; /* 0 is no limit */
		self->state = WALK_DONE;
		return false;
	}
	if (++self->judged < JUDGED_MOST && !err) {
		begin_again(self);
		return true;
	}
	if (v->security == REED_DNS_BOGUS)
		tell(self);
	self->state = WALK_FAILED;
	return true;
}
