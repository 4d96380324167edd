/* Telling a secondary that a zone has changed: RFC 1996. */

#include "reed/co.h"
#include "reed/random.h"

#include "serve.h"

enum { TRIES = 5, FIRST_MS = 1000, ROOM = 1232 };

struct notice {
	struct reed_co co;
	char *endpoint;
	struct reed_dns_name name;
	uint32_t serial;
	uint16_t id;
	struct reed_dns_key key;
	bool has_key;
	struct reed_dns_tsig tsig;
	struct reed_dgram *dgram;
	struct reed_datagram in;
	int tries;
};

static uint64_t seconds(const struct notice *self)
{
	return (uint64_t)(reed_wall(self->co.loop) / 1000000000);
}

/* The SOA record is a hint only (3.7), so that what is not known of it is left empty. */
static enum reed_err send_notice(struct notice *self)
{
	static const uint8_t nobody[2];
	uint8_t p[ROOM], rdata[sizeof(nobody) + 20] = { 0 };
	struct reed_dns_builder b;
	struct reed_slice message;
	enum reed_err err;
	size_t n;

	dns_put32(rdata + sizeof(nobody), self->serial);
	reed_dns_build(&b, p, sizeof(p));
	reed_dns_build_header(&b, self->id, REED_DNS_OPCODE_NOTIFY << 11 | REED_DNS_AA);
	reed_dns_build_question(&b, &self->name, REED_DNS_TYPE_SOA, REED_DNS_CLASS_IN);
	reed_dns_build_record(&b, REED_DNS_ANSWER, &self->name, REED_DNS_TYPE_SOA,
	                      REED_DNS_CLASS_IN, 0, reed_slice(rdata, sizeof(rdata)));
	err = reed_dns_build_end(&b, &message);
	if (err)
		return err;
	n = message.n;
	reed_dns_tsig_finish(&self->tsig);
	reed_dns_tsig_begin(&self->tsig, self->has_key ? &self->key : NULL);
	reed_dns_tsig_sign(&self->tsig, p, &n, sizeof(p), seconds(self));
	return reed_dgram_send(self->dgram, NULL, reed_slice(p, n));
}

/* It may answer to an earlier attempt, whose signature was another one if a second has passed. */
static bool is_heard(struct notice *self)
{
	struct reed_dns_message m;

	return !reed_dns_message_parse(self->in.data, &m) && m.id == self->id &&
	       m.flags & REED_DNS_QR && reed_dns_opcode(m.flags) == REED_DNS_OPCODE_NOTIFY &&
	       !reed_dns_tsig_check(&self->tsig, &m, seconds(self));
}

static void notice_run(struct reed_co *co)
{
	struct notice *self = reed_frame(co, struct notice);

	reed_coroutine (co) {
		reed_try(co, reed_dgram_dial(co->loop, self->endpoint, &self->dgram));
		for (; self->tries < TRIES; self->tries++) {
			send_notice(self);
			reed_await(co, reed_within(FIRST_MS << self->tries,
			                           reed_dgram_receive(self->dgram, &self->in)));
			if (!co->err && is_heard(self))
				reed_return(co, REED_OK);
			if (co->err && co->err != REED_ETIMEDOUT)
				reed_await(co, reed_sleep(co->loop, FIRST_MS << self->tries));
		}
		reed_return(co, REED_ETIMEDOUT);
	}
}

static void notice_end(struct reed_co *co)
{
	struct notice *self = reed_frame(co, struct notice);

	reed_dgram_close(self->dgram);
	reed_dns_tsig_finish(&self->tsig);
	reed_wipe(&self->key, sizeof(self->key));
	reed_free(self->endpoint);
}

static const struct reed_co_kind notice_kind = {
	.name = "dns notify",
	.size = sizeof(struct notice),
	.run = notice_run,
	.end = notice_end,
};

struct reed_future *reed_dns_notify(struct reed_loop *loop, const char *endpoint,
                                    const struct reed_dns_name *name, uint32_t serial)
{
	return reed_dns_notify_signed(loop, endpoint, NULL, name, serial);
}

struct reed_future *reed_dns_notify_signed(struct reed_loop *loop, const char *endpoint,
                                           const struct reed_dns_key *key,
                                           const struct reed_dns_name *name, uint32_t serial)
{
	struct notice *self = reed_co_new(loop, &notice_kind);

	self->endpoint = reed_strdup(endpoint);
	self->name = *name;
	self->serial = serial;
	self->id = (uint16_t)reed_random(loop);
	self->has_key = key != NULL;
	if (key)
		self->key = *key;
	return reed_start(&self->co);
}
