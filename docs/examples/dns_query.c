/*
 * Asks a name server and prints what it answers, as a zone file:
 *
 *	dns_query tcp:192.0.2.53:53 example.org MX
 */

#include <reed/co.h>
#include <reed/dns/edns.h>
#include <reed/endpoint.h>
#include <reed/random.h>
#include <reed/tls.h>

struct query {
	struct reed_co co;
	const char *endpoint;
	struct reed_dns_name name;
	uint16_t type, id;
	struct reed_stream *stream;
	struct reed_slice bytes;
};

static enum reed_err write_query(struct query *self)
{
	static const struct reed_dns_edns edns = { .udp_size = 1232 };
	struct reed_dns_builder b;
	struct reed_slice message;
	uint8_t p[REED_DNS_UDP_MAX], size[2];
	enum reed_err err;

	reed_dns_build(&b, p, sizeof(p));
	reed_dns_build_header(&b, self->id, REED_DNS_RD);
	reed_dns_build_question(&b, &self->name, self->type, REED_DNS_CLASS_IN);
	reed_dns_build_opt(&b, &edns);
	reed_dns_build_padding(&b, 128, 0); /* RFC 8467 4.1 */
	reed_dns_build_opt_end(&b);
	err = reed_dns_build_end(&b, &message);
	if (err)
		return err;
	size[0] = (uint8_t)(message.n >> 8); /* RFC 1035 4.2.2 */
	size[1] = (uint8_t)message.n;
	reed_write(self->stream, reed_slice(size, 2));
	reed_write(self->stream, message);
	return REED_OK;
}

static enum reed_err print_answer(struct query *self)
{
	struct reed_buf text = { 0 };
	struct reed_dns_message m;
	enum reed_err err = reed_dns_message_parse(self->bytes, &m);

	if (!err && (m.id != self->id || !(m.flags & REED_DNS_QR)))
		err = REED_EPROTO;
	if (!err)
		err = reed_dns_message_print(&m, &text);
	if (!err)
		printf(REED_FMT, REED_ARG(reed_buf_slice(&text)));
	reed_buf_finish(&text);
	return err;
}

static void query_run(struct reed_co *co)
{
	struct query *self = reed_frame(co, struct query);
	enum reed_err err;

	reed_coroutine (co) {
		reed_try(co,
		         reed_within(10000, reed_dial(co->loop, self->endpoint, &self->stream)));
		if ((err = write_query(self)))
			reed_return(co, reed_because(co, err, "the query cannot be written"));
		reed_try(co, reed_within(5000, reed_read_exactly(self->stream, 2, &self->bytes)));
		reed_try(co, reed_within(5000,
		                         reed_read_exactly(self->stream,
		                                           (size_t)(uint8_t)self->bytes.p[0] << 8 |
		                                                   (uint8_t)self->bytes.p[1],
		                                           &self->bytes)));
		if ((err = print_answer(self)))
			reed_return(co,
			            reed_because(co, err, "this is no answer to what was asked"));
	}
}

static void query_end(struct reed_co *co)
{
	reed_close(reed_frame(co, struct query)->stream);
}

static const struct reed_co_kind query_kind = {
	.name = "query",
	.size = sizeof(struct query),
	.run = query_run,
	.end = query_end,
};

static struct reed_future *query(struct reed_loop *loop, int argc, char **argv)
{
	struct query *self;
	struct reed_dns_name name;
	uint16_t type = REED_DNS_TYPE_A;

	if (argc < 3)
		return reed_failed(loop, REED_EINVAL,
		                   "say whom and what: dns_query ENDPOINT NAME [TYPE]");
	if (reed_dns_name_parse(reed_slice_of(argv[2]), NULL, &name))
		return reed_failed(loop, REED_EINVAL, "%s is not a name", argv[2]);
	if (argc > 3 && reed_dns_type_parse(reed_slice_of(argv[3]), &type))
		return reed_failed(loop, REED_EINVAL, "%s is not a type, as AAAA or TYPE65280",
		                   argv[3]);
	self = reed_co_new(loop, &query_kind);
	self->endpoint = argv[1];
	self->name = name;
	self->type = type;
	self->id = (uint16_t)reed_random(loop);
	return reed_start(&self->co);
}

int main(int argc, char **argv)
{
	return reed_main(argc, argv, query);
}
