/*
 * All of coming in, under simulation: dropped, interrupted and crashed at every
 * point where it might wait; the same for the same seed; and through lock-outs
 * that nobody sits out.
 */

#include "reed/checker.h"
#include "reed/co.h"
#include "reed/random.h"
#include "reed/sasl.h"
#include "reed/sim.h"

#include "check.h"
#include "tests/core/sim_each.h"

/* One visit: an account is made, and its owner comes in by SCRAM and with a token. */
struct visit {
	struct reed_co co;
	struct reed_portal *portal;
	struct reed_checker *checker;
	struct reed_sasl *server;
	struct reed_sasl_client *client;
	struct reed_sasl_reply said, answer;
	struct reed_avatar *by_scram, *by_token, *by_password;
	struct reed_credential credential;
	char token[REED_TOKEN_TEXT_ROOM];
	int tries;
};

static const struct reed_peer from = { "192.0.2.1", "sim" };

static void prepare(struct visit *self)
{
	struct reed_portal_options o = REED_PORTAL_OPTIONS;

	o.rules = &reed_auth_rules_unicode;
	self->portal = reed_portal_new(self->co.loop, &o);
}

static void prepare_sasl(struct visit *self)
{
	struct reed_sasl_options o = REED_SASL_OPTIONS;
	struct reed_sasl_client_options c = REED_SASL_CLIENT_OPTIONS;
	struct reed_buf offered;

	o.portal = self->portal;
	o.interface = "chat";
	o.from = from;
	c.user = "alice";
	c.password = "looking glass";
	reed_buf_init(&offered, 0);
	reed_sasl_mechanisms(&o, ' ', &offered);
	check(!reed_sasl_client_new(self->co.loop, &c, reed_buf_slice(&offered), &self->client,
	                            NULL));
	check(!reed_sasl_new(&o, reed_slice_of(reed_sasl_client_mechanism(self->client)),
	                     &self->server));
	reed_buf_finish(&offered);
}

static struct reed_future *log_in(struct visit *self, const char *secret, struct reed_avatar **out)
{
	self->credential = (struct reed_credential){ .kind = REED_CREDENTIAL_PASSWORD,
		                                     .user = REED_STR("alice"),
		                                     .secret = reed_slice_of(secret) };
	return reed_portal_login(self->portal, &self->credential, "chat", &from, out);
}

static void visit_run(struct reed_co *co)
{
	struct visit *self = reed_frame(co, struct visit);

	reed_coroutine (co) {
		prepare(self);
		reed_try(co,
		         reed_checker_new(co->loop, "memory:bob:builder", NULL, &self->checker));
		reed_portal_add(self->portal, self->checker);
		self->checker = NULL;
		reed_try(co, reed_portal_create(self->portal, REED_STR("alice"),
		                                REED_STR("wonderland")));
		reed_try(co, reed_portal_set_password(self->portal, REED_STR("alice"),
		                                      REED_STR("looking glass")));
		prepare_sasl(self);
		reed_try(co, reed_sasl_client_step(self->client, REED_SASL_NOTHING, &self->said));
		while (!self->answer.done) {
			reed_try(co, reed_sasl_step(self->server, self->said.data, &self->answer));
			if (self->answer.done)
				break;
			reed_try(co, reed_sasl_client_step(self->client, self->answer.data,
			                                   &self->said));
		}
		self->by_scram = self->answer.avatar;
		self->answer.avatar = NULL;
		check(!reed_sasl_client_succeed(self->client, self->answer.data));
		reed_try(co, reed_portal_create_token(self->portal, REED_STR("alice"), "sim", NULL,
		                                      0, self->token));
		reed_try(co, log_in(self, self->token, &self->by_token));
		check_str(self->by_token->account, "alice");
		reed_try(co, reed_portal_remove(self->portal, REED_STR("alice")));
		check_int(self->by_scram->revoked.value, 1);
	}
}

static void visit_end(struct reed_co *co)
{
	struct visit *self = reed_frame(co, struct visit);

	reed_avatar_logout(self->answer.avatar);
	reed_avatar_logout(self->by_scram);
	reed_avatar_logout(self->by_token);
	reed_avatar_logout(self->by_password);
	reed_sasl_client_free(self->client);
	reed_sasl_free(self->server);
	reed_checker_free(self->checker);
	reed_portal_free(self->portal);
}

static const struct reed_co_kind visit_kind = { .name = "visit",
	                                        .size = sizeof(struct visit),
	                                        .run = visit_run,
	                                        .end = visit_end };

struct play {
	const struct reed_co_kind *kind;
};

static struct reed_future *begin(void *arg, struct reed_sim *sim)
{
	const struct play *play = arg;

	return reed_start(reed_co_new(reed_sim_host(sim, "server"), play->kind));
}

static void disturbed(unsigned acts)
{
	struct reed_sim_suspension_options o = REED_SIM_SUSPENSION_OPTIONS;
	struct play play = { &visit_kind };
	uint64_t points = 0;

	o.acts = acts;
	o.points = &points;
	check_int(reed_sim_each_suspension(begin, ends_well_or_canceled, &play, &o), REED_OK);
	check(points > 30);
}

static void dropped_at_any_point_a_visit_leaves_nothing(void)
{
	disturbed(REED_SIM_DROP);
}

static void interrupted_at_any_point_a_visit_ends(void)
{
	disturbed(REED_SIM_INTERRUPT);
}

static void a_crash_at_any_point_frees_all(void)
{
	disturbed(REED_SIM_CRASH);
}

static enum reed_err one_visit(void *arg, struct reed_sim *sim)
{
	return reed_sim_run_until(sim, begin(arg, sim), NULL);
}

/* Salts, nonces and tokens too. */
static void the_same_seed_gives_the_same_visit(void)
{
	struct reed_sim_explore_options o = REED_SIM_EXPLORE_OPTIONS;
	struct play play = { &visit_kind };

	o.runs = 10;
	o.twice = true;
	check_int(reed_sim_explore(one_visit, &play, &o), REED_OK);
}

/* ---- time ---- */

static void guess_run(struct reed_co *co)
{
	struct visit *self = reed_frame(co, struct visit);

	reed_coroutine (co) {
		prepare(self);
		reed_try(co, reed_checker_new(co->loop, "memory:alice:wonderland", NULL,
		                              &self->checker));
		reed_portal_add(self->portal, self->checker);
		self->checker = NULL;
		for (self->tries = 0; self->tries < 5; self->tries++) {
			reed_await(co, log_in(self, "underland", &self->by_password));
			check_int(co->err, REED_EAUTH);
		}
		reed_await(co, log_in(self, "wonderland", &self->by_password));
		check_int(co->err, REED_ETHROTTLED);
		reed_try(co, reed_sleep(co->loop, 14900));
		reed_await(co, log_in(self, "wonderland", &self->by_password));
		check_int(co->err, REED_ETHROTTLED);
		check_str(reed_co_why(co), "too many attempts: try again in 1 second");
		reed_try(co, reed_sleep(co->loop, 200));
		reed_try(co, log_in(self, "wonderland", &self->by_password));
	}
}

static const struct reed_co_kind guess_kind = { .name = "guess",
	                                        .size = sizeof(struct visit),
	                                        .run = guess_run,
	                                        .end = visit_end };

static void a_lock_out_ends_by_itself(void)
{
	struct reed_sim *sim = reed_sim_new(NULL);
	struct play play = { &guess_kind };

	check_int(reed_sim_run_until(sim, begin(&play, sim), NULL), REED_OK);
	check(reed_sim_now(sim) >= REED_S(15));
	reed_sim_free(sim);
}

/* A token's end is by the clock on the wall, wherever that goes. */
static void expiry_run(struct reed_co *co)
{
	struct visit *self = reed_frame(co, struct visit);

	reed_coroutine (co) {
		prepare(self);
		reed_try(co, reed_checker_new(co->loop, "memory:alice:wonderland", NULL,
		                              &self->checker));
		reed_portal_add(self->portal, self->checker);
		self->checker = NULL;
		reed_try(co,
		         reed_portal_create_token(self->portal, REED_STR("alice"), NULL, NULL,
		                                  reed_wall(co->loop) + REED_S(60), self->token));
		reed_try(co, log_in(self, self->token, &self->by_token));
		reed_try(co, reed_sleep(co->loop, 60000));
		reed_await(co, log_in(self, self->token, &self->by_password));
		check_int(co->err, REED_EAUTH);
	}
}

static const struct reed_co_kind expiry_kind = { .name = "expiry",
	                                         .size = sizeof(struct visit),
	                                         .run = expiry_run,
	                                         .end = visit_end };

static void a_token_ends_when_it_said(void)
{
	struct reed_sim *sim = reed_sim_new(NULL);
	struct play play = { &expiry_kind };

	check_int(reed_sim_run_until(sim, begin(&play, sim), NULL), REED_OK);
	reed_sim_free(sim);
}

int main(void)
{
	RUN(dropped_at_any_point_a_visit_leaves_nothing);
	RUN(interrupted_at_any_point_a_visit_ends);
	RUN(a_crash_at_any_point_frees_all);
	RUN(the_same_seed_gives_the_same_visit);
	RUN(a_lock_out_ends_by_itself);
	RUN(a_token_ends_when_it_said);
	return 0;
}
