#include "tests/protocols/irc/client_world.h"

/* ---- the server ---- */

struct house {
	struct reed_co co;
	struct reed_hub *hub;
	struct reed_portal *portal;
	struct reed_irc_server *server;
	struct reed_checker *checker;
	struct reed_listener *listener;
};

static void house_run(struct reed_co *co)
{
	struct house *self = reed_frame(co, struct house);
	struct reed_portal_options portal = REED_PORTAL_OPTIONS;
	struct reed_checker_options checker = REED_CHECKER_OPTIONS;
	struct reed_irc_server_options options = REED_IRC_SERVER_OPTIONS;

	reed_coroutine (co) {
		reed_log_set_level(reed_log_of(co->loop), REED_LOG_CRITICAL);
		reed_try(co, reed_checker_new(co->loop, "memory:ann:wonderland", &checker,
		                              &self->checker));
		self->portal = reed_portal_new(co->loop, &portal);
		reed_portal_add(self->portal, self->checker);
		self->hub = reed_hub_new(co->loop, NULL);
		options.hub = self->hub;
		options.portal = self->portal;
		options.name = "irc.example";
		options.network = "Test";
		options.motd = "Welcome.";
		self->server = reed_irc_server_new(co->loop, &options);
		check_int(reed_sim_listen(co->loop, 6667, &self->listener), REED_OK);
		reed_try(co, reed_irc_serve_on(self->server, self->listener));
	}
}

static void house_end(struct reed_co *co)
{
	struct house *self = reed_frame(co, struct house);

	reed_irc_server_free(self->server);
	reed_hub_free(self->hub);
	reed_portal_free(self->portal);
}

static const struct reed_co_kind house_kind = { .name = "server",
	                                        .size = sizeof(struct house),
	                                        .run = house_run,
	                                        .end = house_end };

struct reed_future *house(void *arg, struct reed_loop *loop)
{
	struct house *self = reed_co_new(loop, &house_kind);

	(void)arg;
	return reed_start(&self->co);
}

/* ---- clients ---- */

struct reed_irc_client_options options_of(const char *nick)
{
	struct reed_irc_client_options o = REED_IRC_CLIENT_OPTIONS;

	o.endpoint = "sim:irc:6667";
	o.nick = nick;
	o.flood_ms = 0;
	return o;
}

void come(struct person *self, struct reed_loop *loop, struct reed_scope *scope,
          const struct reed_irc_client_options *o)
{
	reed_log_set_level(reed_log_of(loop), REED_LOG_CRITICAL);
	self->client = reed_irc_client_new(loop, o);
	reed_irc_events_begin(&self->events, self->client, 1000);
	reed_scope_add(scope, reed_irc_client_run(self->client));
}

void go(struct person *self)
{
	reed_irc_events_end(&self->events);
	reed_irc_client_free(self->client);
}

/* ---- waiting for something to be told ---- */

struct hearing {
	struct reed_co co;
	struct reed_irc_events *events;
	enum reed_irc_event_kind kind;
	const char *text;
};

static bool is_it(const struct hearing *self)
{
	const struct reed_irc_event *e = self->events->event;

	return e->kind == self->kind && (!self->text || reed_slice_is(e->text, self->text));
}

static void hearing_run(struct reed_co *co)
{
	struct hearing *self = reed_frame(co, struct hearing);

	reed_coroutine (co) {
		do
			reed_try(co, reed_irc_events_next(self->events));
		while (!is_it(self));
	}
}

static const struct reed_co_kind hearing_kind = { .name = "hearing",
	                                          .size = sizeof(struct hearing),
	                                          .run = hearing_run };

struct reed_future *hears(struct person *who, enum reed_irc_event_kind kind, const char *text)
{
	struct hearing *self = reed_co_new(reed_irc_client_loop(who->client), &hearing_kind);

	self->events = &who->events;
	self->kind = kind;
	self->text = text;
	return reed_within(60000, reed_start(&self->co));
}
