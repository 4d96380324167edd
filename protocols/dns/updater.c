/* Updates that are sent to a server of somebody else: RFC 2136 over TCP or TLS. */

#include "reed/co.h"
#include "reed/endpoint.h"
#include "reed/frame.h"
#include "reed/random.h"

#include "publish.h"

static const int64_t patience = 10 * INT64_C(1000000000);

struct sending {
	struct reed_co co;
	char *endpoint;
	struct reed_dns_name zone;
	struct dns_changes changes;
	uint16_t id;
	struct reed_dns_tsig tsig;
	struct reed_stream *stream;
	struct reed_slice bytes;
};

static uint64_t seconds(const struct sending *self)
{
	return (uint64_t)(reed_wall(self->co.loop) / 1000000000);
}

static enum reed_err send_update(struct sending *self)
{
	uint8_t *room = reed_alloc_raw(REED_DNS_MESSAGE_MAX);
	struct reed_slice message;
	enum reed_err err = dns_changes_build(reed_buf_slice(&self->changes.bytes), &self->zone,
	                                      self->id, room, &message);
	size_t n = message.n;

	if (!err)
		err = reed_dns_tsig_sign(&self->tsig, room, &n, REED_DNS_MESSAGE_MAX,
		                         seconds(self));
	if (!err)
		err = reed_write_frame(self->stream, REED_FRAME_16, reed_slice(room, n));
	reed_free(room);
	return err;
}

/* An answer that is not signed as ours was is nobody's. */
static enum reed_err judge(struct sending *self)
{
	struct reed_co *co = &self->co;
	char word[REED_DNS_WORD_SIZE];
	struct reed_dns_message m;
	unsigned rcode;

	if (reed_dns_message_parse(self->bytes, &m) || m.id != self->id ||
	    !(m.flags & REED_DNS_QR) || reed_dns_opcode(m.flags) != REED_DNS_OPCODE_UPDATE)
		return reed_because(co, REED_EPROTO, "%s: that is no answer to an update",
		                    self->endpoint);
	rcode = reed_dns_rcode(m.flags);
	if (reed_dns_tsig_check(&self->tsig, &m, seconds(self)))
		return reed_because(co, REED_EAUTH, "%s: the answer is not signed with our key%s",
		                    self->endpoint,
		                    rcode == REED_DNS_RCODE_NOTAUTH
		                            ? ", and says that ours is not known there"
		                            : "");
	if (!rcode)
		return REED_OK;
	reed_dns_rcode_format((uint16_t)rcode, word);
	return reed_because(co, dns_update_meaning(rcode), "%s does not take it: %s",
	                    self->endpoint, word);
}

static void sending_run(struct reed_co *co)
{
	struct sending *self = reed_frame(co, struct sending);

	reed_coroutine (co) {
		reed_try(co, reed_dial(co->loop, self->endpoint, &self->stream));
		if (send_update(self))
			reed_return(co,
			            reed_because(co, REED_ETOOBIG, "that is more than an update"));
		reed_try(co,
		         reed_read_frame(self->stream, REED_FRAME_16, UINT16_MAX, &self->bytes));
		reed_return(co, judge(self));
	}
}

static void sending_end(struct reed_co *co)
{
	struct sending *self = reed_frame(co, struct sending);

	reed_close(self->stream);
	reed_dns_tsig_finish(&self->tsig);
	reed_wipe(&self->tsig, sizeof(self->tsig));
	reed_buf_finish(&self->changes.bytes);
	reed_free(self->endpoint);
}

static const struct reed_co_kind sending_kind = {
	.name = "dns update",
	.size = sizeof(struct sending),
	.run = sending_run,
	.end = sending_end,
};

static struct reed_future *tell(struct reed_loop *loop, const struct reed_dns_updater *to,
                                const struct reed_dns_service *service, bool there)
{
	struct dns_changes changes;
	struct reed_future *f = dns_service_changes(loop, service, there, &changes);
	struct sending *self;

	if (f)
		return f;
	self = reed_co_new(loop, &sending_kind);
	self->endpoint = reed_strdup(to->endpoint);
	self->zone = *to->zone;
	self->changes = changes;
	self->id = (uint16_t)reed_random(loop);
	reed_dns_tsig_begin(&self->tsig, to->key);
	return reed_within((to->patience ? to->patience : patience) / 1000000,
	                   reed_start(&self->co));
}

struct reed_future *reed_dns_announce_to(struct reed_loop *loop, const struct reed_dns_updater *to,
                                         const struct reed_dns_service *service)
{
	return tell(loop, to, service, true);
}

struct reed_future *reed_dns_renounce_to(struct reed_loop *loop, const struct reed_dns_updater *to,
                                         const struct reed_dns_service *service)
{
	return tell(loop, to, service, false);
}
