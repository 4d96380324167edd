/* Orders, against an authority that does right and one that does wrong, in a simulation. */

#include "ca.h"

#include <string.h>

#include "protocols/acme/private.h"
#include "reed/cert.h"
#include "reed/challenge.h"
#include "reed/random.h"
#include "tests/check.h"

static const char *const NAMES[] = { "chat.example", NULL };

struct world {
	struct reed_sim *sim;
	struct reed_loop *loop; /* of chat.example */
	struct ca ca;
	struct reed_http_server *web;
	struct reed_scope scope;
	struct reed_acme *acme;
	struct reed_acme_options options;
	struct reed_acme_wish wish;
	struct reed_acme_solver solver;
	struct reed_buf account, key, chain;
	struct reed_fault *fault;
	char *order; /* the last that was placed */
};

static struct reed_future *not_here(void *arg, struct reed_http_request *request)
{
	(void)arg;
	reed_http_fail(request, 404, "nothing but challenges");
	return NULL;
}

static struct reed_future *placed(void *arg, const char *order)
{
	struct world *w = arg;

	reed_free(w->order);
	w->order = reed_strdup(order);
	return reed_ready(w->loop, REED_OK);
}

static void serve(struct world *w)
{
	struct reed_http_server_options o = REED_HTTP_SERVER_OPTIONS;

	o.handler = not_here;
	w->web = reed_http_server_new(w->loop, &o);
	reed_scope_init(&w->scope, w->loop, NULL, "web");
	w->scope.policy = REED_SCOPE_IGNORE;
	reed_scope_add(&w->scope, reed_http_serve(w->web, "tcp:80"));
	reed_sim_run_for(w->sim, REED_MS(1));
}

static void open_account(struct world *w)
{
	struct reed_fault *fault;

	check_int(reed_acme_new(w->loop, &w->options, &w->acme, &fault), REED_OK);
}

static void world_open(struct world *w)
{
	*w = (struct world){ .sim = reed_sim_new(NULL) };
	ca_open(&w->ca, w->sim);
	w->loop = reed_sim_host(w->sim, "chat.example");
	serve(w);
	check_int(reed_cert_make_key(REED_CERT_ECDSA, &w->account), REED_OK);
	check_int(reed_cert_make_key(REED_CERT_ECDSA, &w->key), REED_OK);
	w->options = (struct reed_acme_options)REED_ACME_OPTIONS;
	w->options.directory = CA_DIRECTORY;
	w->options.key = reed_buf_slice(&w->account);
	w->options.contact = "admin@chat.example";
	w->solver = reed_acme_http(w->loop);
	w->wish = (struct reed_acme_wish)REED_ACME_WISH;
	w->wish.names = NAMES;
	w->wish.key = reed_buf_slice(&w->key);
	w->wish.solvers = &w->solver;
	w->wish.solver_count = 1;
	w->wish.placed = placed;
	w->wish.arg = w;
	open_account(w);
}

static void world_close(struct world *w)
{
	check(reed_challenge_none(w->loop));
	check(!reed_sim_failure(w->sim));
	reed_acme_free(w->acme);
	reed_scope_finish(&w->scope);
	ca_close(&w->ca);
	reed_http_server_free(w->web);
	reed_sim_free(w->sim);
	reed_buf_finish(&w->account);
	reed_buf_finish(&w->key);
	reed_buf_finish(&w->chain);
	reed_fault_free(w->fault);
	reed_free(w->order);
}

static enum reed_err obtain(struct world *w)
{
	reed_buf_clear(&w->chain);
	reed_fault_free(w->fault);
	w->fault = NULL;
	return reed_sim_run_until(w->sim, reed_acme_obtain(w->acme, &w->wish, &w->chain),
	                          &w->fault);
}

static void says(struct world *w, const char *part)
{
	const char *why = reed_fault_why(w->fault, REED_OK);

	if (!strstr(why, part)) {
		fprintf(stderr, "\"%s\" is not in \"%s\"\n", part, why);
		abort();
	}
}

static void a_name_that_is_proven_gets_a_certificate(void)
{
	struct reed_fault *fault = NULL;
	struct world w;

	world_open(&w);
	check_int(obtain(&w), REED_OK);
	check_int(acme_judge_chain(reed_buf_slice(&w.chain), w.wish.key, NAMES, reed_wall(w.loop),
	                           &fault),
	          REED_OK);
	check_int(w.ca.issued, 1);
	check_int(w.ca.accounts, 1);
	check_str(w.order, "http://ca/order/0");
	/* and once more, with the same account, and nothing asked of it twice */
	check_int(obtain(&w), REED_OK);
	check_int(w.ca.accounts, 1);
	check_int(w.ca.issued, 2);
	world_close(&w);
}

static void a_nonce_that_is_refused_is_replaced(void)
{
	struct world w;

	world_open(&w);
	w.ca.bad_nonces = 4;
	check_int(obtain(&w), REED_OK);
	w.ca.bad_nonces = 1000;
	check_int(obtain(&w), REED_EPROTO);
	says(&w, "that nonce is none of ours (badNonce)");
	check(w.ca.bad_nonces > 980);
	world_close(&w);
}

static void who_asks_too_often_is_told_until_when(void)
{
	struct world w;

	world_open(&w);
	w.ca.throttle = 1;
	check_int(obtain(&w), REED_ETHROTTLED);
	says(&w, "too many certificates for today (rateLimited)");
	check(reed_acme_rest(w.acme) > reed_wall(w.loop) + REED_S(3590));
	check(reed_acme_rest(w.acme) <= reed_wall(w.loop) + REED_S(3600));
	check_int(obtain(&w), REED_OK);
	world_close(&w);
}

static void a_proof_that_is_not_seen_says_what_was_seen(void)
{
	struct world w;

	world_open(&w);
	reed_scope_drop(&w.scope);
	reed_sim_run_for(w.sim, REED_S(10));
	check_int(obtain(&w), REED_EACCES);
	says(&w, "chat.example, proven by http-01: chat.example was looked at: ");
	says(&w, "refused");
	check_int(w.ca.issued, 0);
	/* the order is of no use any more */
	w.wish.order = w.order;
	check_int(obtain(&w), REED_ENOENT);
	world_close(&w);
}

static void a_challenge_that_cannot_be_met_is_named(void)
{
	struct world w;

	world_open(&w);
	w.ca.offers_nothing = true;
	check_int(obtain(&w), REED_EACCES);
	says(&w, "chat.example: the authority wants it proven by one of these: smoke-01");
	world_close(&w);
}

static void an_order_goes_on_where_it_was(void)
{
	struct world w;

	world_open(&w);
	w.ca.slow = 1000;
	w.options.patience = REED_S(30);
	reed_acme_free(w.acme);
	open_account(&w);
	check_int(obtain(&w), REED_ETIMEDOUT);
	check_int(w.ca.issued, 1);
	w.ca.orders[0].left = 1;
	w.wish.order = w.order;
	check_int(obtain(&w), REED_OK);
	check_int(w.ca.issued, 1);
	check_int(w.ca.count, 1);
	world_close(&w);
}

static void an_order_that_is_not_known_any_more_says_so(void)
{
	struct world w;

	world_open(&w);
	check_int(obtain(&w), REED_OK);
	w.wish.order = w.order;
	w.ca.forgets_orders = true;
	check_int(obtain(&w), REED_ENOENT);
	says(&w, "there is nothing here");
	world_close(&w);
}

static void an_account_that_was_forgotten_is_made_anew(void)
{
	struct world w;

	world_open(&w);
	check_int(obtain(&w), REED_OK);
	w.ca.forgets_account = true;
	check_int(obtain(&w), REED_EPROTO);
	says(&w, "who are you? (accountDoesNotExist)");
	check_int(obtain(&w), REED_OK);
	world_close(&w);
}

static void an_authority_that_wants_a_bound_account_is_told_apart(void)
{
	struct world w;

	world_open(&w);
	w.ca.takes_no_account = true;
	check_int(obtain(&w), REED_EACCES);
	says(&w, "wants an account that is there already; say its id and key");
	reed_acme_free(w.acme);
	w.options.binding = "kid-1";
	w.options.binding_key = "c2VjcmV0";
	open_account(&w);
	check_int(obtain(&w), REED_OK);
	world_close(&w);
}

static void the_key_of_a_bound_account_is_base64url_padded_or_not(void)
{
	const char *right[] = { "c2VjcmU", "c2VjcmU=", "-_8" }, *wrong[] = { "", "=", "a+bc", "A" };
	struct reed_acme *acme;
	struct reed_fault *fault;
	struct world w;

	world_open(&w);
	w.options.binding = "kid-1";
	for (size_t i = 0; i < REED_COUNT(right); i++) {
		w.options.binding_key = right[i];
		check_int(reed_acme_new(w.loop, &w.options, &acme, &fault), REED_OK);
		reed_acme_free(acme);
	}
	for (size_t i = 0; i < REED_COUNT(wrong); i++) {
		w.options.binding_key = wrong[i];
		check_int(reed_acme_new(w.loop, &w.options, &acme, &fault), REED_EINVAL);
		check_str(reed_fault_why(fault, REED_EINVAL),
		          "the key of the account there already is no base64url");
		reed_fault_free(fault);
	}
	world_close(&w);
}

static void a_certificate_for_another_key_is_not_taken(void)
{
	struct world w;

	world_open(&w);
	w.ca.lies = true;
	check_int(obtain(&w), REED_ECERT);
	says(&w, "what http://ca/cert/0 gives is no good");
	check_int(reed_buf_held(&w.chain), 0);
	world_close(&w);
}

static void what_is_no_order_is_told(void)
{
	static const struct {
		const char *says, *why;
	} cases[] = {
		{ "<html>", "no JSON" },
		{ "[]", "no object" },
		{ "{\"status\":\"pending\"}", "no list of authorizations" },
		{ "{\"status\":\"odd\",\"authorizations\":[\"http://ca/a\"],"
		  "\"finalize\":\"http://ca/f\"}",
		  "no status" },
		{ "{\"status\":\"ready\",\"authorizations\":[\"gopher://ca/a\"]}",
		  "no URL of an authorization" },
		{ "{\"status\":\"valid\",\"authorizations\":[\"http://ca/a\"],"
		  "\"finalize\":\"http://ca/f\"}",
		  "no URL of the certificate" },
	};
	struct world w;

	for (size_t i = 0; i < REED_COUNT(cases); i++) {
		world_open(&w);
		w.ca.garbage = cases[i].says;
		check_int(obtain(&w), REED_EPROTO);
		says(&w, cases[i].why);
		world_close(&w);
	}
}

/* How many requests a certificate takes when all goes well. */
static unsigned count_requests(void)
{
	struct world w;
	unsigned n;

	world_open(&w);
	check_int(obtain(&w), REED_OK);
	n = w.ca.requests;
	world_close(&w);
	return n;
}

static void a_connection_that_is_cut_at_any_request_is_made_anew(void)
{
	unsigned n = count_requests();

	check(n >= 9);
	for (unsigned at = 1; at <= 2 * n; at++) {
		struct world w;

		world_open(&w);
		w.ca.cut_at = (at + 1) / 2;
		w.ca.cut_after = at % 2;
		check_int(obtain(&w), REED_OK);
		check_int(w.ca.issued, 1);
		check_int(w.ca.accounts, 1);
		check(w.ca.count <= 2);
		world_close(&w);
	}
}

static void what_is_dropped_at_any_moment_leaves_nothing_shown(void)
{
	for (int64_t ms = 0; ms < 1000; ms += 20) {
		struct world w;
		struct reed_future *f;

		world_open(&w);
		f = reed_acme_obtain(w.acme, &w.wish, &w.chain);
		reed_scope_add(&w.scope, f);
		reed_sim_run_for(w.sim, REED_MS(ms));
		reed_scope_drop(&w.scope);
		reed_sim_run_for(w.sim, REED_S(1));
		world_close(&w);
	}
}

static void an_account_does_one_thing_at_a_time(void)
{
	struct world w;

	world_open(&w);
	reed_scope_add(&w.scope, reed_acme_obtain(w.acme, &w.wish, &w.chain));
	check_int(obtain(&w), REED_EBUSY);
	reed_scope_drop(&w.scope);
	world_close(&w);
}

int main(void)
{
	RUN(a_name_that_is_proven_gets_a_certificate);
	RUN(a_nonce_that_is_refused_is_replaced);
	RUN(who_asks_too_often_is_told_until_when);
	RUN(a_proof_that_is_not_seen_says_what_was_seen);
	RUN(a_challenge_that_cannot_be_met_is_named);
	RUN(an_order_goes_on_where_it_was);
	RUN(an_order_that_is_not_known_any_more_says_so);
	RUN(an_account_that_was_forgotten_is_made_anew);
	RUN(an_authority_that_wants_a_bound_account_is_told_apart);
	RUN(the_key_of_a_bound_account_is_base64url_padded_or_not);
	RUN(a_certificate_for_another_key_is_not_taken);
	RUN(what_is_no_order_is_told);
	RUN(a_connection_that_is_cut_at_any_request_is_made_anew);
	RUN(what_is_dropped_at_any_moment_leaves_nothing_shown);
	RUN(an_account_does_one_thing_at_a_time);
	return 0;
}
