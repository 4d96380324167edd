/* +dnssec: an answer is validated here, whoever it came from. */

#include "resolve.h"

#include "reed/alloc.h"
#include "reed/co.h"

struct resolve_judge {
	struct reed_loop *loop;
	struct reed_dns_asker *asker;
	struct reed_dns_validator *validator;
	char *server; /* of the answer that is judged */
};

/* ---- keys, from the same server ---- */

struct fetching {
	struct reed_co co;
	struct resolve_judge *judge;
	struct reed_dns_ask ask;
	struct reed_dns_reply reply;
	struct reed_buf *out;
};

static void fetching_run(struct reed_co *co)
{
	struct fetching *self = reed_frame(co, struct fetching);

	reed_coroutine (co) {
		reed_try(co, reed_dns_query(self->judge->asker, &self->ask, &self->reply));
	}
}

static void fetching_deliver(struct reed_co *co)
{
	struct fetching *self = reed_frame(co, struct fetching);

	reed_buf_add(self->out, self->reply.message.bytes);
}

static void fetching_end(struct reed_co *co)
{
	reed_dns_reply_finish(&reed_frame(co, struct fetching)->reply);
}

static const struct reed_co_kind fetching_kind = {
	.name = "keys",
	.size = sizeof(struct fetching),
	.run = fetching_run,
	.deliver = fetching_deliver,
	.end = fetching_end,
};

static struct reed_future *fetch(void *arg, const struct reed_dns_name *name, uint16_t type,
                                 struct reed_buf *message)
{
	struct resolve_judge *judge = arg;
	struct fetching *self = reed_co_new(judge->loop, &fetching_kind);

	self->judge = judge;
	self->out = message;
	self->ask = (struct reed_dns_ask)REED_DNS_ASK;
	self->ask.server = judge->server;
	self->ask.name = *name;
	self->ask.type = type;
	self->ask.dnssec = self->ask.checking = true;
	return reed_start(&self->co);
}

/* ---- a life ---- */

struct resolve_judge *resolve_judge_new(struct reed_loop *loop, struct reed_dns_asker *asker,
                                        struct reed_slice anchors)
{
	struct resolve_judge *self = reed_alloc(sizeof(*self));
	struct reed_dns_validator_options o = { REED_DNS_VALIDATOR_OPTIONS, .ask = fetch,
		                                .arg = self };

	self->loop = loop;
	self->asker = asker;
	self->validator = reed_dns_validator_new(loop, &o);
	reed_dns_validator_trust_text(self->validator, anchors, NULL);
	return self;
}

void resolve_judge_free(struct resolve_judge *self)
{
	if (!self)
		return;
	reed_dns_validator_free(self->validator);
	reed_free(self->server);
	reed_free(self);
}

struct reed_future *resolve_judge(struct resolve_judge *self, const char *server,
                                  struct reed_slice message, struct reed_dns_verdict *verdict)
{
	reed_free(self->server);
	self->server = reed_strdup(server);
	return reed_dns_validate(self->validator, message, verdict);
}

const char *resolve_verdict_why(const struct reed_dns_verdict *verdict)
{
	if (verdict->why[0])
		return verdict->why;
	if (verdict->security == REED_DNS_SECURE)
		return "signed all the way from a trust anchor";
	if (verdict->security == REED_DNS_INSECURE)
		return "in a part of the tree that is not signed";
	return "no trust anchor is above it";
}
