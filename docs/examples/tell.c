/* Asks a robot on IRC: tell ENDPOINT CHANNEL NICK TEXT, and prints what it answers. */

#include <reed/co.h>
#include <reed/irc/ask.h>

struct tell {
	struct reed_co co;
	struct reed_irc_client *client;
	struct reed_irc_events events;
	struct reed_irc_refusal refusal;
	struct reed_slice channel, nick, text;
};

static bool is_here(const struct tell *self)
{
	const struct reed_irc_channel *room = reed_irc_channel_find(self->client, self->channel);

	return room && reed_irc_member_find(self->client, room, self->nick);
}

static bool is_answer(const struct tell *self)
{
	const struct reed_irc_event *e = self->events.event;

	return e->kind == REED_IRC_EVENT_MESSAGE && reed_slice_eq(e->who.nick, self->nick);
}

static struct reed_future *no_entry(const struct tell *self)
{
	return reed_failed(self->co.loop, REED_EPERM, REED_FMT ": %s (%u)", REED_ARG(self->channel),
	                   self->refusal.text, self->refusal.numeric);
}

static void talk_run(struct reed_co *co)
{
	struct tell *self = reed_frame(co, struct tell);

	reed_coroutine (co) {
		reed_try(co, reed_irc_ready(self->client));
		reed_try(co,
		         reed_irc_join(self->client, self->channel, REED_STR(""), &self->refusal));
		if (reed_irc_is_refused(&self->refusal))
			reed_try(co, no_entry(self));
		while (!is_here(self))
			reed_try(co, reed_irc_events_next(&self->events));
		reed_try(co, reed_irc_sayf(self->client, self->channel, REED_FMT ": " REED_FMT,
		                           REED_ARG(self->nick), REED_ARG(self->text)));
		do
			reed_try(co, reed_irc_events_next(&self->events));
		while (!is_answer(self));
		printf(REED_FMT "\n", REED_ARG(self->events.event->text));
		reed_try(co, reed_irc_quit(self->client, REED_STR("thanks")));
	}
}

static void talk_end(struct reed_co *co)
{
	struct tell *self = reed_frame(co, struct tell);

	reed_irc_events_end(&self->events);
}

static const struct reed_co_kind talk_kind = { "talk", sizeof(struct tell), talk_run, NULL,
	                                       talk_end };

/* ---- the client lives as long as the talk does, and the talk no longer than the client ---- */

struct program {
	struct reed_co co;
	struct reed_irc_client *client;
	const char *endpoint, *channel, *nick, *text;
};

static struct reed_future *talk(struct program *program)
{
	struct tell *self = reed_co_new(program->co.loop, &talk_kind);

	self->client = program->client;
	self->channel = reed_slice_of(program->channel);
	self->nick = reed_slice_of(program->nick);
	self->text = reed_slice_of(program->text);
	reed_irc_events_begin(&self->events, self->client, 100);
	return reed_start(&self->co);
}

static void program_run(struct reed_co *co)
{
	struct program *self = reed_frame(co, struct program);
	struct reed_irc_client_options options = REED_IRC_CLIENT_OPTIONS;

	reed_coroutine (co) {
		options.endpoint = self->endpoint;
		options.nick = "caller";
		options.no_reconnect = true;
		self->client = reed_irc_client_new(co->loop, &options);
		reed_try(co, reed_within(30000, reed_any(NULL, reed_irc_client_run(self->client),
		                                         talk(self))));
	}
}

static void program_end(struct reed_co *co)
{
	reed_irc_client_free(reed_frame(co, struct program)->client);
}

static const struct reed_co_kind program_kind = { "tell", sizeof(struct program), program_run, NULL,
	                                          program_end };

static struct reed_future *start(struct reed_loop *loop, int argc, char **argv)
{
	struct program *self;

	if (argc != 5)
		return reed_failed(loop, REED_EINVAL, "tell ENDPOINT CHANNEL NICK TEXT");
	self = reed_co_new(loop, &program_kind);
	self->endpoint = argv[1];
	self->channel = argv[2];
	self->nick = argv[3];
	self->text = argv[4];
	return reed_start(&self->co);
}

int main(int argc, char **argv)
{
	return reed_main(argc, argv, start);
}
