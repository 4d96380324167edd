/*
 * The SOA record, and if that is newer than ours a transfer, over one connection
 * (RFC 1034 4.3.5, RFC 1995, RFC 5936, RFC 9103).
 */

#include "fetch.h"

#include "reed/co.h"
#include "reed/endpoint.h"
#include "reed/frame.h"
#include "reed/random.h"
#include "reed/stream.h"

enum { DIAL_MS = 10000, PATIENCE_MS = 15000, LONGEST_S = 3600, QUERY_ROOM = 2048 };

struct fetch {
	struct reed_co co;
	struct dns_fetch_wish wish;
	char *endpoint;
	struct reed_dns_key key;
	struct reed_stream *stream;
	struct reed_slice bytes;
	struct reed_dns_message m;
	struct reed_dns_tsig tsig;
	struct dns_intake intake, *out;
	struct reed_fault *fault;
	enum reed_err err;
	uint32_t promised; /* the serial the SOA query was told */
	int64_t until;
	bool whole, plain; /* plain: without EDNS */
	bool is_refused;   /* as somebody does who does not know EDNS */
	bool has_expire;
	uint32_t expire;
	uint16_t id;
};

static uint64_t seconds(struct fetch *self)
{
	return (uint64_t)(reed_wall(self->co.loop) / 1000000000);
}

/* ---- asking ---- */

/* RFC 1995 3: the SOA record of what we have. */
static void add_serial(struct reed_dns_builder *b, const struct fetch *self)
{
	uint8_t rdata[22] = { 0 };

	dns_put32(rdata + 2, self->wish.serial);
	reed_dns_build_record(b, REED_DNS_AUTHORITY, &self->wish.zone, REED_DNS_TYPE_SOA,
	                      REED_DNS_CLASS_IN, 0, reed_slice(rdata, sizeof(rdata)));
}

/* RFC 7314 3.1 */
static void add_edns(struct reed_dns_builder *b)
{
	static const struct reed_dns_edns edns = { .udp_size = 1232 };

	reed_dns_build_opt(b, &edns);
	reed_dns_build_option(b, REED_DNS_OPTION_EXPIRE, reed_slice(NULL, 0));
	reed_dns_build_opt_end(b);
}

static void ask(struct fetch *self, uint16_t type)
{
	uint8_t p[QUERY_ROOM];
	struct reed_dns_builder b;
	struct reed_slice message;
	size_t n;

	reed_dns_tsig_finish(&self->tsig);
	reed_dns_tsig_begin(&self->tsig, self->wish.key ? &self->key : NULL);
	self->id = (uint16_t)reed_random(self->co.loop);
	reed_dns_build(&b, p, QUERY_ROOM);
	reed_dns_build_header(&b, self->id, 0);
	reed_dns_build_question(&b, &self->wish.zone, type, REED_DNS_CLASS_IN);
	if (type == REED_DNS_TYPE_IXFR)
		add_serial(&b, self);
	if (type == REED_DNS_TYPE_SOA && !self->plain)
		add_edns(&b);
	reed_dns_build_end(&b, &message);
	n = message.n;
	reed_dns_tsig_sign(&self->tsig, p, &n, QUERY_ROOM, seconds(self));
	reed_write_frame(self->stream, REED_FRAME_16, reed_slice(p, n));
}

/* ---- being answered ---- */

static struct reed_future *patiently(struct fetch *self, struct reed_future *f)
{
	int64_t left = (self->until - reed_now(self->co.loop)) / 1000000;

	return reed_within(left < 1 ? 1 : left < PATIENCE_MS ? left : PATIENCE_MS, f);
}

static enum reed_err fail(struct fetch *self, enum reed_err err, const char *why)
{
	reed_fault_free(self->fault);
	self->fault = reed_fault(err, NULL, "%s", why);
	return err;
}

static enum reed_err refuse_signature(struct fetch *self, enum reed_err err)
{
	char word[REED_DNS_WORD_SIZE], text[64];

	if (!self->m.tsig)
		return fail(self, err, "the answer is not signed");
	if (self->tsig.error == REED_DNS_RCODE_BADSIG)
		return fail(self, err, "the signature of the answer: BADSIG");
	reed_dns_rcode_format(self->tsig.error, word);
	snprintf(text, sizeof(text), "the signature of the answer: %s", word);
	return fail(self, err, text);
}

/* An answer of an error, without a signature, is believed as far as that goes. */
static enum reed_err read_message(struct fetch *self)
{
	enum reed_err err;

	if (reed_dns_message_parse(self->bytes, &self->m))
		return fail(self, REED_EPROTO, "a message is not well-formed");
	err = reed_dns_tsig_check(&self->tsig, &self->m, seconds(self));
	return err ? refuse_signature(self, err) : REED_OK;
}

static void read_expire(struct fetch *self)
{
	struct reed_dns_edns edns;
	struct reed_slice data;

	self->has_expire = !reed_dns_edns(&self->m, &edns) &&
	                   reed_dns_option(&edns, REED_DNS_OPTION_EXPIRE, &data) && data.n == 4;
	if (self->has_expire)
		self->expire = dns_get32((const uint8_t *)data.p);
}

static enum reed_err read_serial(struct fetch *self)
{
	struct reed_dns_walk walk;
	struct reed_dns_record r;
	struct reed_dns_name owner;
	char word[REED_DNS_WORD_SIZE], text[64];
	enum reed_err err = read_message(self);
	unsigned rcode;

	if (err)
		return err;
	if (self->m.id != self->id || !(self->m.flags & REED_DNS_QR))
		return fail(self, REED_EPROTO, "a message is not an answer to what was asked");
	rcode = reed_dns_edns_rcode(&self->m);
	reed_dns_rcode_format((uint16_t)rcode, word);
	snprintf(text, sizeof(text), "the answer is %s", word);
	self->is_refused = rcode == REED_DNS_RCODE_FORMERR || rcode == REED_DNS_RCODE_NOTIMP;
	read_expire(self);
	if (rcode)
		return fail(self, REED_EREFUSED, text);
	reed_dns_walk(&self->m, REED_DNS_ANSWER, &walk);
	while (reed_dns_next(&walk, &r))
		if (r.type == REED_DNS_TYPE_SOA && r.size >= 22 &&
		    !reed_dns_record_owner(&r, &owner) &&
		    reed_dns_name_eq(&owner, &self->wish.zone)) {
			self->promised =
				dns_get32((const uint8_t *)self->bytes.p + r.rdata + r.size - 20);
			return self->m.flags & REED_DNS_AA
			               ? REED_OK
			               : fail(self, REED_EPROTO,
			                      "the primary has no authority for the zone");
		}
	return fail(self, REED_EPROTO, "the answer has no SOA record of the zone");
}

static bool is_news(const struct fetch *self)
{
	return self->wish.whole || !self->wish.has_serial ||
	       reed_dns_serial_newer(self->promised, self->wish.serial);
}

static enum reed_err take(struct fetch *self)
{
	enum reed_err err = read_message(self);

	if (!err) {
		reed_fault_free(self->fault);
		self->fault = NULL;
		err = dns_intake_take(&self->intake, &self->m, &self->fault);
	}
	if (err)
		return err;
	if (self->tsig.unsigned_count)
		return fail(self, REED_EAUTH, "the last message of the transfer is not signed");
	if (self->intake.newest != self->promised &&
	    !reed_dns_serial_newer(self->intake.newest, self->promised))
		return fail(self, REED_EPROTO,
		            "the transfer is of an older serial than the SOA record told");
	return REED_OK;
}

/* RFC 1035 4.2.2 */
static struct reed_future *read_frame(struct fetch *self)
{
	return patiently(self,
	                 reed_read_frame(self->stream, REED_FRAME_16, UINT16_MAX, &self->bytes));
}

/* ---- all of it ---- */

static void begin_transfer(struct fetch *self)
{
	bool ixfr = self->wish.has_serial && !self->whole;

	dns_intake_finish(&self->intake);
	ask(self, ixfr ? REED_DNS_TYPE_IXFR : REED_DNS_TYPE_AXFR);
	dns_intake_begin(&self->intake, &self->wish.zone, self->id,
	                 ixfr ? &self->wish.serial : NULL, self->wish.most);
}

/* Who does not know EDNS says so (RFC 6891 7). */
static bool may_be_plain(const struct fetch *self)
{
	return self->err == REED_EREFUSED && self->is_refused && !self->plain;
}

/* Who does not know EDNS is asked without, who does not know IXFR or gets it wrong for all. */
static bool try_again(struct fetch *self)
{
	bool may_help =
		self->err == REED_EPROTO || self->err == REED_EREFUSED || self->err == REED_EEOF;

	if (may_be_plain(self)) {
		self->plain = true;
		return true;
	}
	if (!self->wish.has_serial || self->whole || !may_help)
		return false;
	self->whole = true;
	return true;
}

static enum reed_err explain(struct fetch *self)
{
	if (self->fault)
		return reed_because(&self->co, self->err, "%s: %s", self->wish.endpoint,
		                    self->fault->sentence);
	return reed_because(&self->co, self->err, "%s", self->wish.endpoint);
}

static struct reed_future *dial(struct fetch *self)
{
	reed_abort(self->stream);
	self->stream = NULL;
	return reed_within(DIAL_MS, reed_dial(self->co.loop, self->endpoint, &self->stream));
}

static void fetch_run(struct reed_co *co)
{
	struct fetch *self = reed_frame(co, struct fetch);

	reed_coroutine (co) {
		self->until = reed_now(co->loop) + REED_S(LONGEST_S);
		do {
			reed_await(co, dial(self));
			if (!co->err) {
				ask(self, REED_DNS_TYPE_SOA);
				reed_await(co, read_frame(self));
			}
			self->err = co->err ? co->err : read_serial(self);
			if (may_be_plain(self))
				continue;
			if (self->err)
				reed_return(co, explain(self));
			if (!is_news(self))
				reed_return(co, REED_OK);
			begin_transfer(self);
			do {
				reed_await(co, read_frame(self));
				self->err = co->err ? co->err : take(self);
			} while (self->err == REED_EAGAIN);
		} while (self->err && co->err != REED_ECANCELED && try_again(self));
		if (self->err)
			reed_return(co, explain(self));
	}
}

static void fetch_deliver(struct reed_co *co)
{
	struct fetch *self = reed_frame(co, struct fetch);

	*self->out = self->intake;
	self->out->has_expire = self->has_expire;
	self->out->expire = self->expire;
	self->intake = (struct dns_intake){ .stage = INTAKE_DONE };
}

static void fetch_end(struct reed_co *co)
{
	struct fetch *self = reed_frame(co, struct fetch);

	reed_close(self->stream);
	reed_dns_tsig_finish(&self->tsig);
	dns_intake_finish(&self->intake);
	reed_fault_free(self->fault);
	reed_wipe(&self->key, sizeof(self->key));
	reed_free(self->endpoint);
}

static const struct reed_co_kind fetch_kind = {
	.name = "dns transfer",
	.size = sizeof(struct fetch),
	.run = fetch_run,
	.deliver = fetch_deliver,
	.end = fetch_end,
};

struct reed_future *dns_fetch(struct reed_loop *loop, const struct dns_fetch_wish *wish,
                              struct dns_intake *news)
{
	struct fetch *self = reed_co_new(loop, &fetch_kind);

	self->wish = *wish;
	self->endpoint = reed_strdup(wish->endpoint);
	self->wish.endpoint = self->endpoint;
	if (wish->key)
		self->key = *wish->key;
	self->whole = wish->whole;
	self->out = news;
	return reed_start(&self->co);
}
