/* DNS over HTTPS from end to end in memory, and what it reads. */

#include "check.h"
#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/dns/build.h"
#include "reed/dns/server.h"
#include "reed/dns/store.h"
#include "reed/doh.h"
#include "reed/http/server.h"
#include "reed/sim.h"
#include "tests/protocols/dns/names.h"

/* ---- pure ---- */

static enum reed_err decode(const char *text, struct reed_buf *out)
{
	reed_buf_clear(out);
	return reed_doh_decode(reed_slice_of(text), out);
}

static void base64url_is_read_as_it_may_be_written(void)
{
	struct reed_buf out = { 0 };

	check_int(decode("", &out), REED_OK);
	check_int(decode("AAEC-_8", &out), REED_OK);
	check(reed_slice_eq(reed_buf_slice(&out), reed_slice("\0\1\2\373\377", 5)));
	check_int(decode("Zm8", &out), REED_OK);
	check_slice(reed_buf_slice(&out), "fo");
	check_int(decode("Z", &out), REED_ESYNTAX);
	check_int(decode("Zm9", &out), REED_ESYNTAX); /* a bit that means nothing */
	check_int(decode("Zg==", &out), REED_ESYNTAX);
	check_int(decode("Zm9+", &out), REED_ESYNTAX);
	check_int(decode("Zm 8", &out), REED_ESYNTAX);
	reed_buf_finish(&out);
}

static size_t answer_of(uint8_t *into, size_t room, unsigned flags)
{
	struct reed_dns_name name = name_of("www.example.org");
	struct reed_dns_builder b;
	struct reed_slice message;

	reed_dns_build(&b, into, room);
	reed_dns_build_header(&b, 0, (uint16_t)(REED_DNS_QR | flags));
	reed_dns_build_question(&b, &name, REED_DNS_TYPE_A, REED_DNS_CLASS_IN);
	reed_dns_build_record(&b, REED_DNS_ANSWER, &name, REED_DNS_TYPE_A, REED_DNS_CLASS_IN, 300,
	                      reed_slice("\1\2\3\4", 4));
	reed_dns_build_record(&b, REED_DNS_ANSWER, &name, REED_DNS_TYPE_A, REED_DNS_CLASS_IN, 70,
	                      reed_slice("\1\2\3\5", 4));
	check_int(reed_dns_build_end(&b, &message), REED_OK);
	return message.n;
}

static void an_answer_is_fresh_as_long_as_its_lowest_ttl(void)
{
	uint8_t bytes[512];
	size_t n = answer_of(bytes, sizeof(bytes), 0);

	check_int(reed_doh_fresh(reed_slice(bytes, n)), 70);
	reed_doh_age(bytes, n, 30);
	check_int(reed_doh_fresh(reed_slice(bytes, n)), 40);
	reed_doh_age(bytes, n, 60);
	check_int(reed_doh_fresh(reed_slice(bytes, n)), 0);
	n = answer_of(bytes, sizeof(bytes), REED_DNS_RCODE_SERVFAIL);
	check_int(reed_doh_fresh(reed_slice(bytes, n)), 0);
	check_int(reed_doh_fresh(reed_slice(bytes, 20)), 0);
	reed_doh_age(bytes, 20, 60);
}

/* ---- there and back ---- */

struct trip {
	struct reed_co co;
	struct reed_dns_server *dns;
	struct reed_http_server *http;
	struct reed_doh_client *doh;
	struct reed_dns_asker *asker;
	struct reed_dns_ask ask;
	struct reed_dns_reply reply;
	/* sessions outlive the client: who has the loop frees their servers */
	struct reed_http_server **kept_http;
	struct reed_dns_server **kept_dns;
	const char *lie; /* what the server answers in its place; NULL */
};

static struct reed_future *handle(void *arg, struct reed_http_request *request)
{
	struct trip *self = arg;

	if (!self->lie)
		return reed_doh_handler(self->dns, request);
	reed_http_respond(request, 200, self->lie, REED_STR("0123456789abcdef"));
	return NULL;
}

static void open_servers(struct trip *self)
{
	struct reed_http_server_options http = REED_HTTP_SERVER_OPTIONS;
	struct reed_dns_name name = name_of("example.org");
	struct reed_dns_zone *zone;

	self->dns = reed_dns_server_new(self->co.loop, NULL);
	check_int(reed_dns_zone_parse(
			  REED_STR("$TTL 60\n@ SOA ns a 1 2 3 4 60\n@ NS ns\nns A 192.0.2.1\n"
	                           "$GENERATE 1-200 many A 192.0.2.$\n"),
			  "zone", &name, &zone, NULL),
	          REED_OK);
	reed_dns_server_put(self->dns, zone, NULL);
	http.handler = handle;
	http.arg = self;
	self->http = reed_http_server_new(self->co.loop, &http);
}

static void open_client(struct trip *self)
{
	struct reed_http_client_options http = REED_HTTP_CLIENT_OPTIONS;
	struct reed_dns_asker_options asker = REED_DNS_ASKER_OPTIONS;

	http.dial = reed_http_fake_dial;
	http.dial_arg = self->http;
	self->doh = reed_doh_client_new(self->co.loop, &http);
	asker.carry = reed_doh_carry;
	asker.carry_arg = self->doh;
	self->asker = reed_dns_asker_new(self->co.loop, &asker);
}

static struct reed_future *ask(struct trip *self, const char *name)
{
	self->ask = (struct reed_dns_ask)REED_DNS_ASK;
	self->ask.server = "https://dns.example/dns-query";
	self->ask.name = name_of(name);
	self->ask.type = REED_DNS_TYPE_A;
	reed_dns_reply_finish(&self->reply);
	return reed_dns_query(self->asker, &self->ask, &self->reply);
}

static unsigned answers_of(const struct trip *self)
{
	return self->reply.message.counts[REED_DNS_ANSWER];
}

static void trip_run(struct reed_co *co)
{
	struct trip *self = reed_frame(co, struct trip);

	reed_coroutine (co) {
		open_servers(self);
		open_client(self);
		reed_try(co, ask(self, "NS.example.org"));
		check_int(answers_of(self), 1);
		check(self->reply.by_stream);
		reed_try(co, ask(self, "many.example.org"));
		check_int(answers_of(self), 200);
		reed_try(co, ask(self, "no.example.org"));
		check_int(reed_dns_rcode(self->reply.message.flags), REED_DNS_RCODE_NXDOMAIN);
		self->lie = "application/dns-message";
		reed_await(co, ask(self, "ns.example.org"));
		check_int(co->err, REED_EPROTO);
		self->lie = "text/plain";
		reed_await(co, ask(self, "ns.example.org"));
		check_int(co->err, REED_EPROTO);
	}
}

static void trip_end(struct reed_co *co)
{
	struct trip *self = reed_frame(co, struct trip);

	reed_dns_reply_finish(&self->reply);
	reed_dns_asker_free(self->asker);
	reed_doh_client_free(self->doh);
	*self->kept_http = self->http;
	*self->kept_dns = self->dns;
}

static const struct reed_co_kind trip_kind = {
	.name = "trip",
	.size = sizeof(struct trip),
	.run = trip_run,
	.end = trip_end,
};

static void what_is_asked_over_https_is_answered(void)
{
	struct reed_http_server *http = NULL;
	struct reed_dns_server *dns = NULL;
	struct reed_sim *sim = reed_sim_new(NULL);
	struct trip *self = reed_co_new(reed_sim_host(sim, "home"), &trip_kind);

	self->kept_http = &http;
	self->kept_dns = &dns;
	check_int(reed_sim_run_until(sim, reed_start(&self->co), NULL), REED_OK);
	reed_sim_run_for(sim, REED_S(100)); /* sessions notice that the client has gone */
	reed_http_server_free(http);
	reed_dns_server_free(dns);
	reed_sim_free(sim);
}

int main(void)
{
	RUN(base64url_is_read_as_it_may_be_written);
	RUN(an_answer_is_fresh_as_long_as_its_lowest_ttl);
	RUN(what_is_asked_over_https_is_answered);
	return 0;
}
