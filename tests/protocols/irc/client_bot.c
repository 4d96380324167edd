/* Robots: what they take for a command, and what they do then. */

#include "tests/protocols/irc/client_peer.h"

static struct reed_irc_bot bot;
static int calls, dropped;
static char heard[256];

static struct reed_future *ping(struct reed_irc_call *call)
{
	calls++;
	return reed_irc_answer_call(call, "pong, " REED_FMT, REED_ARG(call->event->who.nick));
}

static struct reed_future *echo(struct reed_irc_call *call)
{
	return reed_irc_reply(call->client, call->event, call->rest);
}

static struct reed_future *nothing(struct reed_irc_call *call)
{
	struct reed_slice a, b, rest = call->rest;

	check(call->arg == &calls);
	calls++;
	if (reed_irc_next_word(&rest, &a) && reed_irc_next_word(&rest, &b))
		snprintf(heard, sizeof(heard), REED_FMT "|" REED_FMT "|" REED_FMT, REED_ARG(a),
		         REED_ARG(b), REED_ARG(rest));
	return NULL;
}

static struct reed_future *fail(struct reed_irc_call *call)
{
	return reed_failed(reed_irc_client_loop(call->client), REED_EIO, "it went wrong");
}

static struct reed_future *uptime(struct reed_irc_call *call)
{
	return reed_irc_answer_call(call, "%u", call->uptime);
}

/* ---- one that takes its time ---- */

struct who {
	struct reed_co co;
	struct reed_irc_client *client;
	const struct reed_irc_event *event;
	struct reed_irc_whois whois;
};

static void who_run(struct reed_co *co)
{
	struct who *self = reed_frame(co, struct who);

	reed_coroutine (co) {
		reed_try(co, reed_irc_ask_whois(self->client, self->event->who.nick, false,
		                                &self->whois, NULL));
		reed_try(co, reed_irc_replyf(self->client, self->event, "you are " REED_FMT,
		                             REED_ARG(self->whois.is.realname)));
	}
}

static void who_end(struct reed_co *co)
{
	struct who *self = reed_frame(co, struct who);

	reed_irc_whois_finish(&self->whois);
	reed_irc_event_let_go(self->event);
	dropped++;
}

static const struct reed_co_kind who_kind = { .name = "who",
	                                      .size = sizeof(struct who),
	                                      .run = who_run,
	                                      .end = who_end };

static struct reed_future *who(struct reed_irc_call *call)
{
	struct who *self = reed_co_new(loop, &who_kind);

	self->client = call->client;
	self->event = reed_irc_event_keep(call->event);
	return reed_start(&self->co);
}

static const struct reed_irc_route routes[] = {
	{ "ping", ping, "says pong" },      { "Echo", echo, "TEXT: says it back" },
	{ "who", who, "says who you are" }, { "hidden", nothing, NULL },
	{ "uptime", uptime, NULL },         { "fail", fail, NULL },
};

static struct reed_future *on_join(void *arg, struct reed_irc_client *c,
                                   const struct reed_irc_event *event)
{
	check(arg == &calls);
	if (event->is_mine)
		return NULL;
	return reed_irc_sayf(c, event->target, "hello, " REED_FMT, REED_ARG(event->who.nick));
}

/* ---- */

static void open(const char *prefix, const char *caps)
{
	struct reed_irc_client_options options = peer_options();

	bot = (struct reed_irc_bot)REED_IRC_BOT;
	bot.routes = routes;
	bot.route_count = REED_COUNT(routes);
	bot.arg = &calls;
	bot.prefix = prefix;
	bot.on[REED_IRC_EVENT_JOIN] = on_join;
	calls = dropped = 0;
	*heard = '\0';
	options.channels = "#reed";
	begin(&options);
	disown(&running);
	own(&running, reed_irc_bot_run(client, &bot));
	welcome(caps, NULL);
	play("> JOIN #reed\n< :joe!j@h JOIN #reed\n");
}

static void say(const char *text)
{
	char line[512];

	snprintf(line, sizeof(line), "< :ann!a@h PRIVMSG #reed :%s\n", text);
	play(line);
}

static void a_command_stands_behind_the_prefix(void)
{
	open(NULL, NULL);
	say("!ping");
	play("> PRIVMSG #reed :pong, ann\n");
	say("  !PING again ");
	play("> PRIVMSG #reed :pong, ann\n");
	say("!echo  two  words ");
	play("> PRIVMSG #reed :two  words\n");
	say("ping");
	say("! ");
	say("!unheard-of");
	say("hi !ping");
	check(is_silent(100));
	finish();
	open("reed> ", NULL);
	say("reed> ping");
	play("> PRIVMSG #reed :pong, ann\n");
	say("!ping");
	check(is_silent(100));
	finish();
}

static void or_behind_our_nick_or_in_private(void)
{
	open("", NULL);
	say("joe: ping");
	say("JOE, ping");
	play("> PRIVMSG #reed :pong, ann\n> PRIVMSG #reed :pong, ann\n");
	say("joes ping");
	say("joe");
	say("joe:");
	say("!ping");
	check(is_silent(100));
	play("< :ann!a@h PRIVMSG joe :ping\n> PRIVMSG ann :pong, ann\n");
	finish();
}

static void what_is_no_message_to_us_is_no_command(void)
{
	open(NULL, "echo-message batch");
	play("< :ann!a@h NOTICE #reed :!ping\n< :joe!j@h PRIVMSG #reed :!ping\n"
	     "< :irc BATCH +h chathistory #reed\n< @batch=h :ann!a@h PRIVMSG #reed :!ping\n"
	     "< :irc BATCH -h\n< :ann!a@h PRIVMSG #reed :\001ACTION !ping\001\n");
	check(is_silent(100) && calls == 0);
	finish();
}

static void arguments_are_words(void)
{
	open(NULL, NULL);
	say("!hidden  one   two  the rest ");
	check_str(heard, "one|two|the rest");
	check(is_silent(100) && calls == 1);
	finish();
}

static void help_is_made_of_the_table(void)
{
	open(NULL, NULL);
	say("!help");
	play("> PRIVMSG #reed :!ping says pong; !Echo TEXT: says it back; !who says who you are\n");
	say("!help echo");
	play("> PRIVMSG #reed :!Echo TEXT: says it back\n");
	say("!help hidden");
	play("> PRIVMSG #reed :there is no command of that name\n");
	finish();
}

static void time_is_counted_from_the_beginning(void)
{
	open(NULL, NULL);
	pass(90000);
	say("!uptime");
	play("> PRIVMSG #reed :90\n");
	finish();
}

static void events_have_handlers_too(void)
{
	open(NULL, NULL);
	play("< :bob!b@h JOIN #reed\n> PRIVMSG #reed :hello, bob\n");
	finish();
}

static void a_handler_may_take_its_time(void)
{
	open(NULL, NULL);
	say("!who");
	say("!ping");
	play("> WHOIS ann\n> PRIVMSG #reed :pong, ann\n< :irc 311 joe ann a h * :Ann Onymous\n"
	     "< :irc 318 joe ann :End\n> PRIVMSG #reed :you are Ann Onymous\n");
	check_int(dropped, 1);
	finish();
}

static void what_handlers_began_goes_with_the_bot(void)
{
	open(NULL, NULL);
	say("!who");
	say("!who");
	play("> WHOIS ann\n> WHOIS ann\n");
	disown(&running);
	check_int(dropped, 2);
	finish();
}

static void too_many_calls_at_a_time_are_not_heard(void)
{
	open(NULL, NULL);
	for (int i = 0; i < 150; i++)
		say("!who");
	for (int i = 0; i < 100; i++)
		check_str(hear(100), "WHOIS ann");
	check(is_silent(1000));
	finish();
	check_int(dropped, 100);
}

static char logged[128];

static void hear_log(struct reed_log_tap *tap, const struct reed_log_event *e)
{
	(void)tap;
	snprintf(logged, sizeof(logged), REED_FMT ": " REED_FMT ": " REED_FMT, REED_ARG(e->message),
	         REED_ARG(reed_log_value(e, "doing")), REED_ARG(reed_log_value(e, "why")));
}

static void a_command_that_fails_is_logged_without_its_arguments(void)
{
	struct reed_log_tap tap = { .hear = hear_log, .level = REED_LOG_ERROR };

	open(NULL, NULL);
	reed_log_tap(reed_log_of(loop), &tap);
	reed_log_set_level(reed_log_of(loop), REED_LOG_ERROR);
	say("!fail my password");
	check_str(logged, "IRC bot failed: fail: it went wrong");
	reed_log_untap(reed_log_of(loop), &tap);
	finish();
}

static void what_the_end_of_the_connection_cut_off_is_no_failure(void)
{
	struct reed_log_tap tap = { .hear = hear_log, .level = REED_LOG_ERROR };

	open(NULL, NULL);
	reed_log_tap(reed_log_of(loop), &tap);
	reed_log_set_level(reed_log_of(loop), REED_LOG_ERROR);
	*logged = '\0';
	say("!who");
	play("> WHOIS ann\n");
	peer_closes();
	check(dropped == 1 && unheard.count == 0);
	check_str(logged, "");
	reed_log_untap(reed_log_of(loop), &tap);
	finish();
}

static void the_bot_ends_as_its_client_does(void)
{
	struct owner quit;

	open(NULL, NULL);
	own(&quit, reed_irc_quit(client, S("bye")));
	play("> QUIT bye\n");
	peer_closes();
	check(quit.told && running.told && running.err == REED_OK);
	finish();
	open(NULL, NULL);
	reed_interrupt(running.waiter.future);
	play("> QUIT\n");
	peer_closes();
	check(running.told && running.err == REED_ECANCELED);
	finish();
}

static void a_bot_may_own_its_client(void)
{
	struct reed_irc_client_options options = peer_options();
	struct owner o;

	dialled = dial_fails = dial_hangs = 0;
	own(&o, reed_irc_bot_start(loop, &options, routes, REED_COUNT(routes)));
	welcome(NULL, NULL);
	say("!ping");
	play("> PRIVMSG #reed :pong, ann\n");
	disown(&o);
	peer_closes();
	run();
}

int main(void)
{
	lab_open();
	RUN(a_command_stands_behind_the_prefix);
	RUN(or_behind_our_nick_or_in_private);
	RUN(what_is_no_message_to_us_is_no_command);
	RUN(arguments_are_words);
	RUN(help_is_made_of_the_table);
	RUN(time_is_counted_from_the_beginning);
	RUN(events_have_handlers_too);
	RUN(a_handler_may_take_its_time);
	RUN(what_handlers_began_goes_with_the_bot);
	RUN(too_many_calls_at_a_time_are_not_heard);
	RUN(a_command_that_fails_is_logged_without_its_arguments);
	RUN(what_the_end_of_the_connection_cut_off_is_no_failure);
	RUN(the_bot_ends_as_its_client_does);
	RUN(a_bot_may_own_its_client);
	lab_close();
	return 0;
}
