/* A robot's life, disturbed at every suspension there is in it. */

#include "tests/protocols/irc/client_world.h"

/* A host that crashes says no goodbye: it is missed when it does not answer. */
enum { PING_MS = 5000 };

struct life {
	struct reed_co co;
	struct reed_scope scope;
	struct reed_irc_client *client; /* the robot's */
	struct person walter;
};

/* ---- the robot ---- */

static struct reed_future *echo(struct reed_irc_call *call)
{
	return reed_irc_reply(call->client, call->event, call->rest);
}

struct asking {
	struct reed_co co;
	struct reed_irc_client *client;
	const struct reed_irc_event *event;
	struct reed_irc_whois whois;
};

static void asking_run(struct reed_co *co)
{
	struct asking *self = reed_frame(co, struct asking);

	reed_coroutine (co) {
		reed_try(co, reed_irc_ask_whois(self->client, self->event->who.nick, false,
		                                &self->whois, NULL));
		reed_try(co, reed_irc_replyf(self->client, self->event, "you are " REED_FMT,
		                             REED_ARG(self->whois.is.realname)));
	}
}

static void asking_end(struct reed_co *co)
{
	struct asking *self = reed_frame(co, struct asking);

	reed_irc_whois_finish(&self->whois);
	reed_irc_event_let_go(self->event);
}

static const struct reed_co_kind asking_kind = { .name = "asking",
	                                         .size = sizeof(struct asking),
	                                         .run = asking_run,
	                                         .end = asking_end };

static struct reed_future *who(struct reed_irc_call *call)
{
	struct asking *self = reed_co_new(reed_irc_client_loop(call->client), &asking_kind);

	self->client = call->client;
	self->event = reed_irc_event_keep(call->event);
	return reed_start(&self->co);
}

static struct reed_future *greet(void *arg, struct reed_irc_client *client,
                                 const struct reed_irc_event *event)
{
	(void)arg;
	return event->is_mine ? NULL : reed_irc_say_notice(client, event->who.nick, S("welcome"));
}

static const struct reed_irc_route routes[] = { { "echo", echo, NULL }, { "who", who, NULL } };

static void robot_comes(struct life *self)
{
	struct reed_irc_client_options o = options_of("robot");
	struct reed_irc_bot bot = REED_IRC_BOT;

	o.channels = "#reed";
	o.ping_ms = PING_MS;
	self->client = reed_irc_client_new(self->co.loop, &o);
	bot.routes = routes;
	bot.route_count = REED_COUNT(routes);
	bot.on[REED_IRC_EVENT_JOIN] = greet;
	reed_scope_add(&self->scope, reed_irc_bot_run(self->client, &bot));
}

static void walter_comes(struct life *self)
{
	struct reed_irc_client_options o = options_of("walter");

	o.channels = "#reed";
	o.not_capabilities = "echo-message";
	o.ping_ms = PING_MS;
	come(&self->walter, self->co.loop, &self->scope, &o);
}

/* ---- its life ---- */

static bool is_there(const struct life *self)
{
	const struct reed_irc_channel *room =
		reed_irc_channel_find(self->walter.client, S("#reed"));

	return room && reed_irc_member_find(self->walter.client, room, S("robot"));
}

static struct reed_future *says(struct life *self, const char *text)
{
	return reed_irc_say(self->walter.client, S("#reed"), reed_slice_of(text));
}

static void life_run(struct reed_co *co)
{
	struct life *self = reed_frame(co, struct life);

	reed_coroutine (co) {
		robot_comes(self);
		walter_comes(self);
		while (!is_there(self))
			reed_try(co, hears(&self->walter, REED_IRC_EVENT_JOIN, NULL));
		reed_try(co, says(self, "!echo one"));
		reed_try(co, says(self, "!who"));
		reed_try(co, hears(&self->walter, REED_IRC_EVENT_MESSAGE, "one"));
		reed_try(co, hears(&self->walter, REED_IRC_EVENT_MESSAGE, "you are walter"));
		reed_sim_crash(reed_sim_of(co->loop), "irc");
		reed_sim_restart(reed_sim_of(co->loop), "irc");
		reed_try(co, hears(&self->walter, REED_IRC_EVENT_DISCONNECTED, NULL));
		while (!is_there(self))
			reed_try(co, hears(&self->walter, REED_IRC_EVENT_JOIN, NULL));
		reed_try(co, says(self, "!echo two"));
		reed_try(co, hears(&self->walter, REED_IRC_EVENT_MESSAGE, "two"));
		reed_try(co, reed_irc_quit(self->client, S("good night")));
		reed_try(co, hears(&self->walter, REED_IRC_EVENT_QUIT, NULL));
	}
}

static void life_end(struct reed_co *co)
{
	struct life *self = reed_frame(co, struct life);

	reed_scope_finish(&self->scope);
	go(&self->walter);
	reed_irc_client_free(self->client);
}

static const struct reed_co_kind life_kind = { .name = "life",
	                                       .size = sizeof(struct life),
	                                       .run = life_run,
	                                       .end = life_end };

static struct reed_future *scenario(void *arg, struct reed_sim *sim)
{
	struct reed_loop *loop = reed_sim_host(sim, "home");
	struct life *self = reed_co_new(loop, &life_kind);

	reed_sim_boot(sim, "irc", house, NULL);
	reed_log_set_level(reed_log_of(loop), REED_LOG_CRITICAL);
	reed_scope_init(&self->scope, loop, NULL, "people");
	self->scope.policy = REED_SCOPE_IGNORE;
	(void)arg;
	return reed_start(&self->co);
}

static void ends_well(void *arg, struct reed_sim *sim, const struct reed_sim_suspension *at)
{
	(void)arg;
	if (at->finished && at->err)
		reed_sim_fail(sim, "undisturbed it ends as %s", reed_err_name(at->err));
}

static void a_robot_may_go_at_any_suspension(void)
{
	struct reed_sim_suspension_options o = REED_SIM_SUSPENSION_OPTIONS;
	uint64_t points = 0;

	o.points = &points;
	check_int(reed_sim_each_suspension(scenario, ends_well, NULL, &o), REED_OK);
	printf("%llu suspensions\n", (unsigned long long)points);
	check(points > 200);
}

int main(void)
{
	RUN(a_robot_may_go_at_any_suspension);
	return 0;
}
