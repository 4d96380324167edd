/* Requests of HTTP answered by a name server: RFC 8484 4.1. */

#include "reed/doh.h"

#include "reed/co.h"
#include "reed/dns/server.h"

static const char type[] = "application/dns-message";

enum { LEAST = 12 };

struct serving {
	struct reed_co co;
	struct reed_dns_server *server;
	struct reed_http_request *request;
	struct reed_stream_facts facts;
	struct reed_slice body;
	struct reed_buf query, answer;
};

static bool is_dns(struct reed_slice content)
{
	struct reed_slice word = reed_slice_trim(reed_slice_cut(&content, ';'));

	return reed_slice_is_nocase(word, type);
}

/* 0, or the status, with a reason. */
static unsigned look(struct serving *self, const char **why)
{
	const struct reed_http_head *head = reed_http_head(self->request);
	enum reed_err err;

	*why = "ask by GET with ?dns=, or by POST";
	if (head->method == REED_HTTP_POST) {
		*why = "the body is to be application/dns-message";
		return is_dns(reed_http_header(self->request, "content-type")) ? 0 : 415;
	}
	if (head->method != REED_HTTP_GET && head->method != REED_HTTP_HEAD) {
		reed_http_add(self->request, "Allow", REED_STR("GET, HEAD, POST"));
		return 405;
	}
	self->body = reed_http_query(self->request, "dns");
	if (!self->body.p) {
		*why = "there is no ?dns= with a message in it";
		return 400;
	}
	err = reed_doh_decode(self->body, &self->query);
	*why = "what ?dns= has is no base64url";
	return err == REED_ETOOBIG ? 414 : err ? 400 : 0;
}

static void respond(struct serving *self)
{
	struct reed_slice answer = reed_buf_slice(&self->answer);

	if (!answer.n) {
		reed_http_fail(self->request, 400, "that is no query of DNS");
		return;
	}
	reed_http_addf(self->request, "Cache-Control", "max-age=%u", reed_doh_fresh(answer));
	reed_http_respond(self->request, 200, type, answer);
}

static struct reed_future *ask(struct serving *self)
{
	enum reed_dns_door door = self->facts.tls ? REED_DNS_TLS : REED_DNS_TCP;

	return reed_dns_server_exchange(self->server, door, &self->facts.peer,
	                                reed_buf_slice(&self->query), &self->answer);
}

static bool has_body(const struct serving *self)
{
	return reed_http_head(self->request)->method == REED_HTTP_POST;
}

static void serving_run(struct reed_co *co)
{
	struct serving *self = reed_frame(co, struct serving);
	const char *why;
	unsigned status;

	reed_coroutine (co) {
		status = look(self, &why);
		if (status) {
			reed_http_fail(self->request, status, why);
			reed_return(co, REED_OK);
		}
		if (has_body(self)) {
			reed_http_body_limit(self->request, REED_DNS_MESSAGE_MAX);
			reed_try(co, reed_http_read_all(self->request, &self->body));
			reed_buf_add(&self->query, self->body);
		}
		if (reed_buf_held(&self->query) < LEAST) {
			reed_http_fail(self->request, 400,
			               "a message of DNS has 12 bytes at least");
			reed_return(co, REED_OK);
		}
		reed_try(co, ask(self));
		respond(self);
	}
}

static void serving_end(struct reed_co *co)
{
	struct serving *self = reed_frame(co, struct serving);

	reed_buf_finish(&self->query);
	reed_buf_finish(&self->answer);
}

static const struct reed_co_kind serving_kind = {
	.name = "doh",
	.size = sizeof(struct serving),
	.run = serving_run,
	.end = serving_end,
};

struct reed_future *reed_doh_handler(void *server, struct reed_http_request *request)
{
	struct serving *self = reed_co_new(reed_http_loop(request), &serving_kind);

	self->server = server;
	self->request = request;
	self->facts.size = sizeof(self->facts);
	reed_http_facts(request, &self->facts);
	return reed_start(&self->co);
}
