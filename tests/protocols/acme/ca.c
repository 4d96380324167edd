#include "ca.h"

#include <jansson.h>
#include <string.h>

#include "protocols/acme/private.h"
#include "reed/base64.h"
#include "reed/cert.h"
#include "reed/random.h"
#include "tests/check.h"

enum { BODY = 64 << 10 };

/* ---- certificates ---- */

static void make_root(struct ca *self)
{
	static const char *const none[] = { NULL };
	struct reed_cert_options options = REED_CERT_OPTIONS;

	options.wall = reed_wall(self->loop);
	options.names = none;
	options.common_name = "a CA for tests";
	options.ca = true;
	check_int(reed_cert_make_key(REED_CERT_ECDSA, &self->key), REED_OK);
	check_int(reed_cert_self_sign(reed_buf_slice(&self->key), &options, &self->cert, NULL),
	          REED_OK);
}

static void put_pem(const char *base64url, struct reed_buf *pem)
{
	uint8_t der[4096];
	size_t n;

	check_int(reed_base64url_decode(reed_slice_of(base64url), der, sizeof(der), &n), REED_OK);
	reed_buf_add_str(pem, "-----BEGIN CERTIFICATE REQUEST-----\n");
	for (size_t at = 0; at < n; at += 48) {
		reed_buf_add_base64(pem, reed_slice(der + at, n - at < 48 ? n - at : 48));
		reed_buf_add_char(pem, '\n');
	}
	reed_buf_add_str(pem, "-----END CERTIFICATE REQUEST-----\n");
}

static void other_request(struct ca *self, const char *name, struct reed_buf *pem)
{
	const char *names[] = { name, NULL };
	struct reed_cert_options options = REED_CERT_OPTIONS;
	struct reed_buf key = { .limit = 0 };

	options.wall = reed_wall(self->loop);
	options.names = names;
	check_int(reed_cert_make_key(REED_CERT_ECDSA, &key), REED_OK);
	check_int(reed_cert_request(reed_buf_slice(&key), &options, pem, NULL), REED_OK);
	reed_buf_finish(&key);
}

static void issue(struct ca *self, struct ca_order *order, const char *csr)
{
	const char *names[] = { order->name, NULL };
	struct reed_cert_options options = REED_CERT_OPTIONS;
	struct reed_buf pem = { .limit = 0 };

	if (self->lies)
		other_request(self, order->name, &pem);
	else
		put_pem(csr, &pem);
	options.wall = reed_wall(self->loop);
	options.names = names;
	options.days = 90;
	reed_buf_clear(&order->chain);
	check_int(reed_cert_sign(reed_buf_slice(&self->cert), reed_buf_slice(&self->key),
	                         reed_buf_slice(&pem), &options, &order->chain, NULL),
	          REED_OK);
	reed_buf_add(&order->chain, reed_buf_slice(&self->cert));
	reed_buf_finish(&pem);
	self->issued++;
	order->status = self->slow ? "processing" : "valid";
	order->left = self->slow;
}

/* ---- looking ---- */

struct looking {
	struct reed_co co;
	struct ca *ca;
	struct ca_order *order;
	struct reed_http_response *response;
};

static struct reed_future *get(struct looking *self)
{
	char *url = reed_sprintf("http://%s/.well-known/acme-challenge/%s", self->order->name,
	                         self->order->token);
	struct reed_future *f = reed_http_get(self->co.loop, url, &self->response);

	reed_free(url);
	return f;
}

static void judge(struct looking *self)
{
	struct ca_order *order = self->order;
	char *wanted = reed_sprintf("%s.%s", order->token, order->print);
	bool good = !self->co.err && self->response->status == 200 &&
	            reed_slice_is(self->response->body, wanted);

	reed_free(wanted);
	order->authorization = good ? "valid" : "invalid";
	order->status = good ? "ready" : "invalid";
	if (!good && !order->problem)
		order->problem =
			reed_sprintf("%s was looked at: %s", order->name,
		                     self->co.err ? reed_co_why(&self->co) : "not what was wanted");
}

static void looking_run(struct reed_co *co)
{
	struct looking *self = reed_frame(co, struct looking);

	reed_coroutine (co) {
		self->ca->looked++;
		reed_try(co, reed_sleep(co->loop, 10));
		reed_await(co, get(self));
		judge(self);
		reed_return(co, REED_OK);
	}
}

static void looking_end(struct reed_co *co)
{
	reed_http_response_free(reed_frame(co, struct looking)->response);
}

static const struct reed_co_kind looking_kind = { .name = "look",
	                                          .size = sizeof(struct looking),
	                                          .run = looking_run,
	                                          .end = looking_end };

static void look(struct ca *ca, struct ca_order *order)
{
	struct looking *self = reed_co_new(ca->loop, &looking_kind);

	self->ca = ca;
	self->order = order;
	reed_scope_add(&ca->scope, reed_start(&self->co));
}

/* ---- answers ---- */

static void fail(struct reed_http_request *r, unsigned status, const char *type, const char *why)
{
	reed_http_respondf(r, status, "application/problem+json",
	                   "{\"type\":\"urn:ietf:params:acme:error:%s\",\"detail\":\"%s\"}", type,
	                   why);
}

static void give_nonce(struct ca *self, struct reed_http_request *r)
{
	reed_http_addf(r, "Replay-Nonce", "nonce-%u", ++self->nonce);
}

static void say_order(struct ca *self, struct reed_http_request *r, struct ca_order *order,
                      unsigned status)
{
	size_t i = (size_t)(order - self->orders);

	if (self->garbage) {
		reed_http_respond(r, status, "application/json", reed_slice_of(self->garbage));
		return;
	}
	if (order->left > 0 && --order->left == 0)
		order->status = "valid";
	reed_http_respondf(r, status, "application/json",
	                   "{\"status\":\"%s\",\"authorizations\":[\"http://ca/authz/%zu\"],"
	                   "\"finalize\":\"http://ca/finalize/%zu\"%s%zu%s}",
	                   order->status, i, i,
	                   strcmp(order->status, "valid") == 0
	                           ? ",\"certificate\":\"http://ca/cert/"
	                           : ",\"was\":\"",
	                   i, "\"");
}

static void say_authorization(struct ca *self, struct reed_http_request *r, size_t i)
{
	const struct ca_order *order = &self->orders[i];
	char *problem = order->problem
	                        ? reed_sprintf(",\"error\":{\"detail\":\"%s\"}", order->problem)
	                        : reed_strdup("");

	reed_http_respondf(r, 200, "application/json",
	                   "{\"status\":\"%s\",\"identifier\":{\"type\":\"dns\",\"value\":\"%s\"},"
	                   "\"challenges\":[{\"type\":\"%s\",\"url\":\"http://ca/chall/%zu\","
	                   "\"token\":\"%s\",\"status\":\"%s\"%s}]}",
	                   strcmp(order->authorization, "processing") == 0 ? "pending"
	                                                                   : order->authorization,
	                   order->name, self->offers_nothing ? "smoke-01" : "http-01", i,
	                   order->token, order->authorization, problem);
	reed_free(problem);
}

static void place(struct ca *self, struct reed_http_request *r, const json_t *payload)
{
	struct ca_order *order = &self->orders[self->count];
	const json_t *first = json_array_get(json_object_get(payload, "identifiers"), 0);
	const char *name = json_string_value(json_object_get(first, "value"));

	if (self->throttle > 0) {
		self->throttle--;
		reed_http_addf(r, "Retry-After", "3600");
		fail(r, 429, "rateLimited", "too many certificates for today");
		return;
	}
	check(self->count < CA_ORDERS && name);
	*order = (struct ca_order){ .status = "pending", .authorization = "pending" };
	snprintf(order->name, sizeof(order->name), "%s", name);
	snprintf(order->token, sizeof(order->token), "token-%zu_x", self->count);
	snprintf(order->print, sizeof(order->print), "%s", self->account);
	reed_http_addf(r, "Location", "http://ca/order/%zu", self->count++);
	say_order(self, r, order, 201);
}

static void take_account(struct ca *self, struct reed_http_request *r, const json_t *head)
{
	json_t *jwk = json_object_get(head, "jwk");
	struct reed_buf text = { .limit = 0 };
	char print[ACME_DIGEST + 1];

	check(jwk != NULL);
	acme_json_write(json_incref(jwk), &text);
	acme_digest(reed_buf_slice(&text), print);
	reed_buf_finish(&text);
	if (!self->account || strcmp(self->account, print) != 0) {
		reed_free(self->account);
		self->account = reed_strdup(print);
		self->accounts++;
	}
	reed_http_addf(r, "Location", "http://ca/account/%u", self->accounts);
	reed_http_respondf(r, 201, "application/json", "{\"status\":\"valid\"}");
}

/* "order/7": 7 */
static bool is(struct reed_slice path, const char *prefix, size_t *i)
{
	struct reed_slice number;
	uint64_t n;

	if (!reed_slice_starts(path, reed_slice_of(prefix)))
		return false;
	number = reed_slice_from(path, strlen(prefix));
	if (reed_slice_u64(number, CA_ORDERS - 1, &n))
		return false;
	*i = (size_t)n;
	return true;
}

static void do_post(struct ca *self, struct reed_http_request *r, const json_t *head,
                    const json_t *payload)
{
	struct reed_slice path = reed_http_path(r);
	size_t i;

	if (reed_slice_is(path, "/account")) {
		take_account(self, r, head);
	} else if (self->forgets_account) {
		self->forgets_account = false;
		fail(r, 400, "accountDoesNotExist", "who are you?");
	} else if (reed_slice_is(path, "/order")) {
		place(self, r, payload);
	} else if (is(path, "/order/", &i) && i < self->count && !self->forgets_orders) {
		say_order(self, r, &self->orders[i], 200);
	} else if (is(path, "/authz/", &i) && i < self->count) {
		say_authorization(self, r, i);
	} else if (is(path, "/chall/", &i) && i < self->count) {
		if (strcmp(self->orders[i].authorization, "pending") == 0) {
			self->orders[i].authorization = "processing";
			look(self, &self->orders[i]);
		}
		reed_http_respondf(r, 200, "application/json", "{\"status\":\"processing\"}");
	} else if (is(path, "/finalize/", &i) && i < self->count) {
		if (strcmp(self->orders[i].status, "ready") != 0) {
			fail(r, 403, "orderNotReady", "that order is not ready");
			return;
		}
		issue(self, &self->orders[i], json_string_value(json_object_get(payload, "csr")));
		say_order(self, r, &self->orders[i], 200);
	} else if (is(path, "/cert/", &i) && i < self->count) {
		reed_http_respond(r, 200, "application/pem-certificate-chain",
		                  reed_buf_slice(&self->orders[i].chain));
	} else {
		self->forgets_orders = false;
		fail(r, 404, "malformed", "there is nothing here");
	}
}

static json_t *part_of(const json_t *jws, const char *which)
{
	const char *text = json_string_value(json_object_get(jws, which));
	char decoded[8192];
	size_t n;

	if (!text || reed_base64url_decode(reed_slice_of(text), decoded, sizeof(decoded), &n))
		return NULL;
	return json_loadb(decoded, n, 0, NULL);
}

static bool nonce_is_good(struct ca *self, const json_t *head)
{
	char wanted[32];

	snprintf(wanted, sizeof(wanted), "nonce-%u", self->nonce - 1);
	if (self->bad_nonces > 0) {
		self->bad_nonces--;
		return false;
	}
	return json_string_value(json_object_get(head, "nonce")) &&
	       strcmp(json_string_value(json_object_get(head, "nonce")), wanted) == 0;
}

static void post(struct ca *self, struct reed_http_request *r, struct reed_slice body)
{
	json_t *jws = json_loadb(body.p, body.n, 0, NULL);
	json_t *head = part_of(jws, "protected"), *payload = part_of(jws, "payload");

	check(jws && head);
	give_nonce(self, r);
	if (!nonce_is_good(self, head))
		fail(r, 400, "badNonce", "that nonce is none of ours");
	else
		do_post(self, r, head, payload);
	json_decref(jws);
	json_decref(head);
	json_decref(payload);
}

/* ---- the server ---- */

struct asked {
	struct reed_co co;
	struct ca *ca;
	struct reed_http_request *request;
	struct reed_slice body;
	bool cut;
};

static void say_directory(const struct ca *self, struct reed_http_request *r)
{
	reed_http_respondf(r, 200, "application/json",
	                   "{\"newNonce\":\"http://ca/nonce\",\"newAccount\":\"http://ca/account\","
	                   "\"newOrder\":\"http://ca/order\"%s%s}",
	                   self->window ? ",\"renewalInfo\":\"http://ca/renewal\"" : "",
	                   self->takes_no_account ? ",\"meta\":{\"externalAccountRequired\":true}"
	                                          : "");
}

static void answer(struct asked *self)
{
	struct ca *ca = self->ca;
	const struct reed_http_head *head = reed_http_head(self->request);
	struct reed_slice path = reed_http_path(self->request);

	if (reed_slice_is(path, "/directory")) {
		say_directory(ca, self->request);
	} else if (reed_slice_is(path, "/nonce")) {
		give_nonce(ca, self->request);
		reed_http_respond(self->request, 200, NULL, reed_slice("", 0));
	} else if (reed_slice_starts(path, REED_STR("/renewal/")) && ca->window) {
		reed_http_respond(self->request, 200, "application/json",
		                  reed_slice_of(ca->second && ca->issued > 1 ? ca->second
		                                                             : ca->window));
	} else if (head->method == REED_HTTP_POST) {
		post(ca, self->request, self->body);
	} else {
		reed_http_fail(self->request, 404, "there is nothing here");
	}
}

static void asked_run(struct reed_co *co)
{
	struct asked *self = reed_frame(co, struct asked);
	struct ca *ca = self->ca;

	reed_coroutine (co) {
		self->cut = ++ca->requests == ca->cut_at;
		if (ca->requests == ca->crash_at)
			reed_sim_crash(ca->sim, "chat.example");
		reed_try(co, reed_http_read_all(self->request, &self->body));
		if (self->cut && !ca->cut_after) {
			reed_sim_reset(ca->sim, "ca", "chat.example");
			reed_try(co, reed_forever(co->loop));
		}
		answer(self);
		if (self->cut)
			reed_sim_reset(ca->sim, "ca", "chat.example");
	}
}

static const struct reed_co_kind asked_kind = { .name = "asked",
	                                        .size = sizeof(struct asked),
	                                        .run = asked_run };

static struct reed_future *handle(void *arg, struct reed_http_request *r)
{
	struct asked *self = reed_co_new(reed_http_loop(r), &asked_kind);

	self->ca = arg;
	self->request = r;
	return reed_start(&self->co);
}

void ca_open(struct ca *self, struct reed_sim *sim)
{
	struct reed_http_server_options o = REED_HTTP_SERVER_OPTIONS;

	*self = (struct ca){ .sim = sim, .loop = reed_sim_host(sim, "ca") };
	make_root(self);
	reed_scope_init(&self->scope, self->loop, NULL, "ca");
	self->scope.policy = REED_SCOPE_IGNORE;
	o.handler = handle;
	o.arg = self;
	self->server = reed_http_server_new(self->loop, &o);
	reed_scope_add(&self->scope, reed_http_serve(self->server, "tcp:80"));
	reed_sim_run_for(sim, REED_MS(1));
}

void ca_close(struct ca *self)
{
	reed_scope_finish(&self->scope);
	reed_sim_run_for(self->sim, REED_S(10));
	reed_http_server_free(self->server);
	for (size_t i = 0; i < self->count; i++) {
		reed_free(self->orders[i].problem);
		reed_buf_finish(&self->orders[i].chain);
	}
	reed_buf_finish(&self->cert);
	reed_buf_finish(&self->key);
	reed_free(self->account);
}
