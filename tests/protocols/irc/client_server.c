/* The client and the server, each on a host of its own, with a network between them. */

#include "tests/protocols/irc/client_world.h"

/* ---- the world ---- */

static struct reed_sim *world(void)
{
	struct reed_sim_options o = REED_SIM_OPTIONS;
	struct reed_sim *sim;

	o.most_turns = 20000;
	sim = reed_sim_new(&o);
	reed_sim_boot(sim, "irc", house, NULL);
	return sim;
}

/* ---- a story ---- */

struct story {
	struct reed_co co;
	struct reed_scope scope;
	struct person ann, bob;
	struct reed_irc_refusal refusal;
	struct reed_irc_whois whois;
	struct reed_irc_people people;
	struct reed_irc_rooms rooms;
	struct reed_irc_list_answer list;
	struct reed_irc_topic topic;
	struct reed_irc_modes_answer modes;
	struct reed_irc_monitor monitor;
	struct reed_irc_answer answer;
	int64_t ms;
	enum reed_irc_event_kind kind;
	const char *text;
	struct person *who;
	bool has_login;
};

static struct story *story(struct reed_sim *sim, const struct reed_co_kind *kind)
{
	struct reed_loop *loop = reed_sim_host(sim, "home");
	struct story *self = reed_co_new(loop, kind);

	reed_scope_init(&self->scope, loop, NULL, "people");
	self->scope.policy = REED_SCOPE_IGNORE;
	return self;
}

static void story_end(struct reed_co *co)
{
	struct story *self = reed_frame(co, struct story);

	reed_scope_finish(&self->scope);
	go(&self->ann);
	go(&self->bob);
	reed_irc_whois_finish(&self->whois);
	reed_irc_people_finish(&self->people);
	reed_irc_rooms_finish(&self->rooms);
	reed_irc_list_finish(&self->list);
	reed_irc_topic_finish(&self->topic);
	reed_irc_modes_finish(&self->modes);
	reed_irc_monitor_finish(&self->monitor);
	reed_irc_answer_finish(&self->answer);
}

/* ---- the first story: everything a client can ask ---- */

static void everything_run(struct reed_co *co)
{
	struct story *self = reed_frame(co, struct story);
	struct reed_irc_client *ann = self->ann.client, *bob = self->bob.client;
	struct reed_irc_client_options o;

	reed_coroutine (co) {
		o = options_of("ann");
		o.sasl_user = "ann";
		o.sasl_password = "wonderland";
		come(&self->ann, co->loop, &self->scope, &o);
		o = options_of("bob");
		come(&self->bob, co->loop, &self->scope, &o);
		reed_try(co, reed_all(reed_irc_ready(self->ann.client),
		                      reed_irc_ready(self->bob.client)));
		check_slice(reed_irc_client_account(ann), "ann");
		check(reed_irc_client_has(ann, "labeled-response"));
		check_str(reed_irc_client_isupport(ann)->network, "Test");

		reed_try(co, reed_irc_join(ann, S("#reed"), S(""), &self->refusal));
		check(!reed_irc_is_refused(&self->refusal));
		reed_try(co, reed_irc_join(bob, S("#reed"), S(""), &self->refusal));
		check_int(reed_irc_channel_find(bob, S("#reed"))->members, 2);
		reed_try(co, reed_irc_say(ann, S("#reed"), S("hello, bob")));
		reed_try(co, hears(&self->bob, REED_IRC_EVENT_MESSAGE, "hello, bob"));
		check_slice(self->bob.events.event->account, "ann");
		check(self->bob.events.event->id.n > 0 && !self->bob.events.event->is_mine);
		reed_try(co, hears(&self->ann, REED_IRC_EVENT_MESSAGE, "hello, bob"));
		check(self->ann.events.event->is_mine);
		reed_try(co, reed_irc_reply(bob, self->bob.events.event, S("hello yourself")));
		reed_try(co, hears(&self->ann, REED_IRC_EVENT_MESSAGE, "hello yourself"));
		reed_try(co, reed_irc_act(bob, S("ann"), S("waves")));
		reed_try(co, hears(&self->ann, REED_IRC_EVENT_ACTION, "waves"));
		check(self->ann.events.event->is_private);

		reed_try(co, reed_irc_set_topic(bob, S("#reed"), S("bob's"), &self->refusal));
		check_int(self->refusal.numeric, 482);
		reed_try(co, reed_irc_set_topic(ann, S("#reed"), S("ann's"), &self->refusal));
		check(!reed_irc_is_refused(&self->refusal));
		reed_try(co, hears(&self->bob, REED_IRC_EVENT_TOPIC, "ann's"));
		reed_try(co, reed_irc_ask_topic(bob, S("#reed"), &self->topic, NULL));
		check_slice(self->topic.topic, "ann's");

		reed_try(co, reed_irc_set_modes(ann, S("#reed"), S("+vkb bob sesame *!*@spam"),
		                                &self->refusal));
		check(!reed_irc_is_refused(&self->refusal));
		check_str(reed_irc_member_find(ann, reed_irc_channel_find(ann, S("#reed")),
		                               S("bob"))
		                  ->modes,
		          "v");
		reed_try(co, reed_irc_ask_modes(ann, S("#reed"), &self->modes, NULL));
		check(reed_slice_find(self->modes.modes, 'k') < self->modes.modes.n);
		check(reed_irc_channel_mode(reed_irc_channel_find(ann, S("#reed")), 'k', NULL));
		reed_try(co, reed_irc_ask_list(ann, S("#reed"), 'b', &self->list, NULL));
		check_int(self->list.count, 1);
		check_slice(self->list.entries[0].mask, "*!*@spam");

		reed_try(co,
		         reed_irc_ask_whois(bob, S("ann"), false, &self->whois, &self->refusal));
		check_slice(self->whois.is.nick, "ann");
		check_slice(self->whois.is.account, "ann");
		reed_irc_whois_finish(&self->whois);
		reed_try(co,
		         reed_irc_ask_whois(bob, S("nobody"), false, &self->whois, &self->refusal));
		check_int(self->refusal.numeric, 401);
		reed_try(co, reed_irc_ask_who(bob, S("#reed"), &self->people, NULL));
		check_int(self->people.count, 2);
		reed_irc_people_finish(&self->people);
		reed_try(co, reed_irc_ask_names(bob, S("#reed"), &self->people, NULL));
		check_int(self->people.count, 2);
		reed_try(co, reed_irc_ask_rooms(bob, S(""), &self->rooms, NULL));
		check_int(self->rooms.count, 1);
		check_slice(self->rooms.rooms[0].topic, "ann's");

		reed_try(co, reed_irc_monitor_add(bob, S("ann,eve"), &self->monitor, NULL));
		check(self->monitor.online_count == 1 && self->monitor.offline_count == 1);
		reed_try(co, reed_irc_set_away(ann, S("lunch"), &self->refusal));
		reed_try(co, hears(&self->bob, REED_IRC_EVENT_AWAY, "lunch"));
		check(reed_irc_user_find(bob, S("ann"))->is_away);
		reed_try(co, reed_irc_set_nick(bob, S("ann"), &self->refusal));
		check_int(self->refusal.numeric, 433);
		reed_try(co, reed_irc_set_nick(bob, S("rob"), &self->refusal));
		check(!reed_irc_is_refused(&self->refusal) && reed_irc_client_is_me(bob, S("ROB")));
		reed_try(co, reed_irc_ping(bob, &self->ms));
		check(self->ms >= 0);
		reed_try(co, reed_irc_request(bob, S("VERSION"), &self->answer));
		check(self->answer.count > 0 && self->answer.messages[0].numeric == 351);
		reed_irc_answer_finish(&self->answer);
		reed_try(co, reed_irc_request(bob, S("FROB"), &self->answer));
		check_int(self->answer.refusal.numeric, 421);

		reed_try(co, reed_irc_kick(ann, S("#reed"), S("rob"), S("out"), &self->refusal));
		check(!reed_irc_is_refused(&self->refusal));
		reed_try(co, hears(&self->bob, REED_IRC_EVENT_KICK, "out"));
		check(!reed_irc_channel_find(bob, S("#reed")));
		reed_try(co, reed_irc_join(bob, S("#reed"), S(""), &self->refusal));
		check_int(self->refusal.numeric, 475);
		reed_try(co, reed_irc_part(ann, S("#reed"), S("bye"), &self->refusal));
		check(!reed_irc_is_refused(&self->refusal));
		reed_try(co, reed_irc_quit(ann, S("that is all")));
		reed_try(co, reed_irc_quit(bob, S("")));
	}
}

static const struct reed_co_kind everything_kind = { .name = "everything",
	                                             .size = sizeof(struct story),
	                                             .run = everything_run,
	                                             .end = story_end };

static enum reed_err tell(struct reed_sim *sim, const struct reed_co_kind *kind)
{
	struct story *self = story(sim, kind);
	struct reed_fault *fault = NULL;
	enum reed_err err = reed_sim_run_until(sim, reed_start(&self->co), &fault);

	if (err && err != REED_EINVAL)
		reed_fault_print(stderr, fault);
	reed_fault_free(fault);
	return err;
}

static void everything_a_client_can_ask_our_server_answers(void)
{
	struct reed_sim *sim = world();

	check_int(tell(sim, &everything_kind), REED_OK);
	reed_sim_free(sim);
}

/* ---- without labels ---- */

static void plainly_run(struct reed_co *co)
{
	struct story *self = reed_frame(co, struct story);
	struct reed_irc_client *ann = self->ann.client;
	struct reed_irc_client_options o;

	reed_coroutine (co) {
		o = options_of("ann");
		o.not_capabilities = "labeled-response batch";
		come(&self->ann, co->loop, &self->scope, &o);
		o = options_of("ann");
		come(&self->bob, co->loop, &self->scope, &o);
		reed_try(co, reed_all(reed_irc_ready(self->ann.client),
		                      reed_irc_ready(self->bob.client)));
		check(!reed_irc_client_has(ann, "labeled-response"));
		reed_try(co, reed_irc_join(ann, S("#reed"), S(""), &self->refusal));
		check(!reed_irc_is_refused(&self->refusal));
		reed_try(co, reed_irc_join(ann, S("no channel"), S(""), &self->refusal));
	}
}

static const struct reed_co_kind plainly_kind = { .name = "plainly",
	                                          .size = sizeof(struct story),
	                                          .run = plainly_run,
	                                          .end = story_end };

static void plainly_asked_it_answers_too(void)
{
	struct reed_sim *sim = world();

	check_int(tell(sim, &plainly_kind), REED_EINVAL);
	reed_sim_free(sim);
}

/* ---- a server that crashes, a network that breaks ---- */

static void crash_run(struct reed_co *co)
{
	struct story *self = reed_frame(co, struct story);
	struct reed_irc_client *ann = self->ann.client;
	struct reed_sim *sim = reed_sim_of(co->loop);
	struct reed_irc_client_options o;

	reed_coroutine (co) {
		o = options_of("ann");
		o.channels = "#reed";
		come(&self->ann, co->loop, &self->scope, &o);
		come(&self->bob, co->loop, &self->scope, &o);
		reed_try(co, hears(&self->ann, REED_IRC_EVENT_NAMES, NULL));
		reed_sim_crash(sim, "irc");
		reed_try(co, reed_sleep(co->loop, 30000));
		reed_sim_restart(sim, "irc");
		reed_await(co, reed_within(600000,
		                           hears(&self->ann, REED_IRC_EVENT_DISCONNECTED, NULL)));
		while (co->err == REED_ETIMEDOUT)
			reed_await(co, hears(&self->ann, REED_IRC_EVENT_DISCONNECTED, NULL));
		reed_try(co, hears(&self->ann, REED_IRC_EVENT_NAMES, NULL));
		check(reed_irc_channel_find(ann, S("#reed")));
		reed_sim_part(sim, "irc", "home");
		reed_try(co, reed_sleep(co->loop, 400000));
		check(reed_irc_client_state(ann)->value != REED_IRC_ONLINE);
		reed_sim_heal(sim, "irc", "home");
		reed_try(co, reed_within(900000, reed_irc_ready(ann)));
	}
}

static const struct reed_co_kind crash_kind = { .name = "crash",
	                                        .size = sizeof(struct story),
	                                        .run = crash_run,
	                                        .end = story_end };

static void a_client_comes_back_after_crashes_and_partitions(void)
{
	struct reed_sim *sim = world();

	check_int(tell(sim, &crash_kind), REED_OK);
	reed_sim_free(sim);
}

/* ---- at every suspension ---- */

static void short_run(struct reed_co *co)
{
	struct story *self = reed_frame(co, struct story);
	struct reed_irc_client_options o;

	reed_coroutine (co) {
		o = options_of("ann");
		o.reconnect_most = 3;
		if (self->has_login) {
			o.sasl_user = "ann";
			o.sasl_password = "wonderland";
		}
		come(&self->ann, co->loop, &self->scope, &o);
		reed_try(co, reed_within(60000, reed_irc_ready(self->ann.client)));
		reed_try(co, reed_irc_join(self->ann.client, S("#reed"), S(""), NULL));
		reed_try(co,
		         reed_all(reed_irc_say(self->ann.client, S("#reed"), S("one\ntwo")),
		                  reed_irc_ask_whois(self->ann.client, S("ann"), false,
		                                     &self->whois, NULL),
		                  reed_irc_ask_rooms(self->ann.client, S(""), &self->rooms, NULL)));
		reed_try(co, hears(&self->ann, REED_IRC_EVENT_MESSAGE, "two"));
		reed_try(co, reed_irc_quit(self->ann.client, S("bye")));
	}
}

static const struct reed_co_kind short_kind = { .name = "short",
	                                        .size = sizeof(struct story),
	                                        .run = short_run,
	                                        .end = story_end };

static struct reed_future *scenario(void *arg, struct reed_sim *sim)
{
	struct story *self;

	reed_sim_boot(sim, "irc", house, NULL);
	self = story(sim, &short_kind);
	self->has_login = *(bool *)arg;
	return reed_start(&self->co);
}

static void nothing_more(void *arg, struct reed_sim *sim, const struct reed_sim_suspension *at)
{
	(void)arg;
	if (at->finished && at->err)
		reed_sim_fail(sim, "undisturbed it ends as %s", reed_err_name(at->err));
}

static void whoever_goes_at_whatever_suspension_leaves_nothing_behind(void)
{
	struct reed_sim_suspension_options o = REED_SIM_SUSPENSION_OPTIONS;
	uint64_t points = 0;

	o.points = &points;
	for (int login = 0; login < 2; login++) {
		bool has_login = login;

		check_int(reed_sim_each_suspension(scenario, nothing_more, &has_login, &o),
		          REED_OK);
		printf("%llu suspensions\n", (unsigned long long)points);
		check(points > 50);
	}
}

/* ---- with faults ---- */

static int went_well, went_ill;

static enum reed_err faulty(void *arg, struct reed_sim *sim)
{
	struct story *self;
	struct reed_fault *fault = NULL;
	enum reed_err err;

	(void)arg;
	reed_sim_boot(sim, "irc", house, NULL);
	self = story(sim, &short_kind);
	err = reed_sim_run_until(sim, reed_start(&self->co), &fault);
	reed_fault_free(fault);
	went_well += !err;
	went_ill += !!err;
	/* it may fail, but it may not hang, and it may not lie */
	if (err && err != REED_ECLOSED && err != REED_ETIMEDOUT)
		return err;
	return reed_sim_failure(sim) ? REED_ECORRUPT : REED_OK;
}

static void seeds_with_faults_find_nothing_worse_than_errors(void)
{
	struct reed_sim_explore_options o = REED_SIM_EXPLORE_OPTIONS;
	struct reed_sim_options sim = REED_SIM_OPTIONS;
	struct reed_sim_faults faults = REED_SIM_FAULTS;
	struct reed_sim_link rough = REED_SIM_ROUGH;

	faults.reset_every = REED_S(1);
	faults.crash_every = REED_S(5);
	faults.down_for = REED_S(2);
	faults.until = REED_S(60);
	sim.faults = &faults;
	sim.link = &rough;
	sim.schedule = REED_SIM_SHUFFLED;
	sim.partial_reads = sim.partial_writes = 0.5;
	o.sim = &sim;
	o.runs = 30;
	check_int(reed_sim_explore(faulty, NULL, &o), REED_OK);
	check(went_well > 0 && went_ill > 0);
}

int main(void)
{
	RUN(everything_a_client_can_ask_our_server_answers);
	RUN(plainly_asked_it_answers_too);
	RUN(a_client_comes_back_after_crashes_and_partitions);
	RUN(whoever_goes_at_whatever_suspension_leaves_nothing_behind);
	RUN(seeds_with_faults_find_nothing_worse_than_errors);
	return 0;
}
