/* Answers made by code of the program: at once, or by a future. */

#include "reed/co.h"

#include "dynamic.h"

enum { RECORDS_ROOM = 1 << 16 };

struct request {
	struct reed_dns_request asked;
	struct reed_buf records;
	unsigned rcode;
};

struct asking {
	struct reed_co co;
	struct request request;
	struct dns_exchange x;
	struct dns_way way;
	reed_dns_answer_fn *fn;
	void *arg;
	const struct dns_dynamic *dynamic; /* NULL: just answers */
	struct reed_future *future;
	bool counted;
};

/* ---- what the code calls ---- */

static struct request *request_of(struct reed_dns_request *asked)
{
	return reed_container_of(asked, struct request, asked);
}

enum reed_err reed_dns_reply_record(struct reed_dns_request *asked, enum reed_dns_section section,
                                    const struct reed_dns_name *owner, uint16_t type, uint32_t ttl,
                                    struct reed_slice rdata)
{
	struct reed_buf *records = &request_of(asked)->records;
	struct dns_piece piece = { section, *owner, type, ttl, rdata };

	if (reed_dns_rdata_check(type, rdata))
		return REED_EPROTO;
	if (reed_buf_held(records) + owner->n + rdata.n > RECORDS_ROOM)
		return REED_ETOOBIG;
	dns_pile_add(records, &piece);
	return records->err;
}

enum reed_err reed_dns_reply(struct reed_dns_request *asked, uint16_t type, uint32_t ttl,
                             const char *text)
{
	uint8_t *room = request_of(asked)->asked.reserved[0];
	struct reed_slice rdata;
	enum reed_err err = reed_dns_rdata_parse(type, reed_slice_of(text), NULL, room,
	                                         REED_DNS_RDATA_MAX, &rdata, NULL);

	return err ? err
	           : reed_dns_reply_record(asked, REED_DNS_ANSWER, &asked->name, type, ttl, rdata);
}

void reed_dns_reply_code(struct reed_dns_request *asked, unsigned rcode)
{
	request_of(asked)->rcode = rcode;
}

/* ---- where it goes ---- */

void dns_way_keep(struct dns_way *to, const struct dns_way *from)
{
	*to = *from;
	if (!from->dgram)
		return;
	to->from = *from->in.from;
	to->in.from = &to->from;
	if (from->in.to) {
		to->to = *from->in.to;
		to->in.to = &to->to;
	}
}

void dns_way_send(struct reed_dns_server *server, const struct dns_way *way, size_t n)
{
	if (way->into) {
		reed_buf_add(way->into, reed_slice(server->scratch + 2, n));
		return;
	}
	if (way->dgram) {
		reed_dgram_reply(way->dgram, &way->in, reed_slice(server->scratch + 2, n));
		return;
	}
	dns_put16(server->scratch, (unsigned)n);
	reed_write(way->stream, reed_slice(server->scratch, n + 2));
}

/* ---- the answer ---- */

static enum reed_err build(struct asking *self, struct dns_answer *a, uint8_t *into, size_t room)
{
	struct dns_exchange *x = &self->x;
	struct reed_dns_builder b;
	struct reed_slice message;
	enum reed_err err;

	if (self->dynamic)
		dns_dynamic_finish(self->dynamic, x, &self->request.records, &self->request.rcode);
	if (self->request.records.err)
		return self->request.records.err;
	dns_exchange_begin(x, a, into, room);
	reed_dns_build(&b, into, a->limit);
	reed_dns_build_header(&b, x->m.id, REED_DNS_QR);
	reed_dns_build_question(&b, &x->question.name, x->question.type, x->question.klass);
	for (unsigned i = REED_DNS_ANSWER; i < REED_DNS_SECTIONS; i++)
		dns_pile_build(&b, reed_buf_slice(&self->request.records),
		               (enum reed_dns_section)i);
	err = reed_dns_build_end(&b, &message);
	if (err)
		return err;
	a->n = message.n;
	memcpy(a->counts, b.counts, sizeof(a->counts));
	a->tc = b.truncated;
	a->aa = true;
	x->rcode = self->request.rcode;
	return REED_OK;
}

static void send_answer(struct asking *self)
{
	struct reed_dns_server *server = self->x.server;
	uint8_t *into = server->scratch + 2;
	struct dns_answer a;
	size_t n;

	if (build(self, &a, into, REED_DNS_MESSAGE_MAX)) {
		dns_exchange_begin(&self->x, &a, into, REED_DNS_MESSAGE_MAX);
		self->x.rcode = REED_DNS_RCODE_SERVFAIL;
	}
	n = dns_exchange_end(&self->x, &a, REED_DNS_MESSAGE_MAX);
	if (self->way.dgram && server->options.rate) {
		self->x.rate_key = self->request.rcode + REED_DNS_MESSAGE_MAX;
		n = dns_rate_limit(&self->x, into, n, REED_DNS_MESSAGE_MAX);
	}
	if (n)
		dns_way_send(server, &self->way, n);
}

/* ---- asking ---- */

static struct reed_future *ask(struct asking *self)
{
	struct reed_future *f;

	if (!self->counted) {
		self->request.rcode = REED_DNS_RCODE_SERVFAIL;
		return NULL;
	}
	if (self->dynamic &&
	    dns_dynamic_answer(self->dynamic, &self->x.question, &self->request.records))
		return NULL;
	self->request.asked.reserved[0] = reed_alloc_raw(REED_DNS_RDATA_MAX);
	f = self->fn(self->arg, &self->request.asked);
	return f ? reed_within(self->x.server->options.patience / 1000000, f) : NULL;
}

static void fail(struct asking *self)
{
	reed_buf_clear(&self->request.records);
	self->request.rcode = REED_DNS_RCODE_SERVFAIL;
}

static void asking_run(struct reed_co *co)
{
	struct asking *self = reed_frame(co, struct asking);

	reed_coroutine (co) {
		self->future = ask(self);
		if (self->future) {
			reed_await(co, self->future);
			if (co->err)
				fail(self);
		}
		if (self->request.rcode >= RCODES)
			fail(self);
		send_answer(self);
	}
}

static void asking_end(struct reed_co *co)
{
	struct asking *self = reed_frame(co, struct asking);

	if (self->counted)
		self->x.server->under_way--;
	reed_free(self->request.asked.reserved[0]);
	reed_buf_finish(&self->request.records);
}

static const struct reed_co_kind asking_kind = {
	.name = "dns answer",
	.size = sizeof(struct asking),
	.run = asking_run,
	.end = asking_end,
};

struct reed_future *dns_code_ask(const struct dns_exchange *x, const struct dns_coder *coder,
                                 const struct dns_way *way)
{
	struct reed_dns_server *server = x->server;
	struct asking *self = reed_co_new(server->loop, &asking_kind);

	self->x = *x;
	dns_way_keep(&self->way, way);
	self->request.asked.client = *x->client;
	self->x.client = &self->request.asked.client;
	self->fn = coder->fn;
	self->arg = coder->arg;
	self->dynamic = coder->dynamic;
	self->request.asked.loop = server->loop;
	self->request.asked.name = x->question.name;
	self->request.asked.type = x->question.type;
	self->counted = server->under_way < server->options.under_way;
	server->under_way += self->counted;
	return reed_start(&self->co);
}
