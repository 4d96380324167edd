/*
 * Bytes from a server into a robot that has joined, asks, listens and obeys.
 * It must stay a client: within its limits, and with nothing left when it goes.
 */

#include "check.h"
#include "reed/irc/bot.h"
#include "reed/irc/client.h"
#include "reed/irc/ask.h"
#include "reed/log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TURNS = 12, MEMBERS_MOST = 50, CHANNELS_MOST = 5, QUESTIONS = 6 };

static struct reed_loop *loop;
static struct reed_stream *server;

static struct reed_future *dial(void *arg, struct reed_loop *l, const char *endpoint,
                                struct reed_stream **stream)
{
	(void)arg;
	(void)endpoint;
	if (server)
		return reed_failed(l, REED_EREFUSED, "once is enough");
	reed_stream_pair(l, 0, stream, &server);
	return reed_ready(l, REED_OK);
}

static void turn(void)
{
	for (int i = 0; i < TURNS; i++)
		reed_loop_turn(loop, 0);
}

static void done(void *arg, enum reed_err err, const char *why)
{
	(void)err;
	(void)why;
	++*(int *)arg;
}

/* ---- what is asked ---- */

struct questions {
	struct reed_irc_whois whois;
	struct reed_irc_people people;
	struct reed_irc_rooms rooms;
	struct reed_irc_topic topic;
	struct reed_irc_answer answer;
	int answered;
};

static void ask(struct reed_irc_client *client, struct questions *q)
{
	reed_background(reed_irc_ask_whois(client, REED_STR("ann"), false, &q->whois, NULL), done,
	                &q->answered);
	reed_background(reed_irc_ask_who(client, REED_STR("#a"), &q->people, NULL), done,
	                &q->answered);
	reed_background(reed_irc_ask_rooms(client, REED_STR(""), &q->rooms, NULL), done,
	                &q->answered);
	reed_background(reed_irc_ask_topic(client, REED_STR("#a"), &q->topic, NULL), done,
	                &q->answered);
	reed_background(reed_irc_request(client, REED_STR("X"), &q->answer), done, &q->answered);
	reed_background(reed_irc_join(client, REED_STR("#b"), REED_STR("key"), NULL), done,
	                &q->answered);
}

static void finish(struct questions *q)
{
	check_int(q->answered, QUESTIONS);
	reed_irc_whois_finish(&q->whois);
	reed_irc_people_finish(&q->people);
	reed_irc_rooms_finish(&q->rooms);
	reed_irc_topic_finish(&q->topic);
	reed_irc_answer_finish(&q->answer);
}

/* ---- what must hold ---- */

static void look_at(struct reed_irc_client *client)
{
	struct reed_irc_client_stats stats = { .size = sizeof(stats) };
	const struct reed_irc_channel *channel = NULL;
	size_t members = 0, channels = 0;

	while ((channel = reed_irc_channel_next(client, channel))) {
		const struct reed_irc_member *m = NULL;
		size_t n = 0;

		check(reed_irc_channel_find(client, reed_slice_of(channel->name)) != NULL);
		while ((m = reed_irc_member_next(channel, m))) {
			check(m->user->channels > 0 && *m->user->nick);
			n++;
		}
		check_int(n, channel->members);
		members += n;
		channels++;
	}
	reed_irc_client_stats(client, &stats);
	check_int(stats.members, members);
	check_int(stats.channels, channels);
	check(members <= MEMBERS_MOST && channels <= CHANNELS_MOST);
}

static void read_events(struct reed_irc_events *events)
{
	enum reed_err err;

	while ((err = reed_irc_events_try(events)) != REED_EAGAIN) {
		const struct reed_irc_event *e = events->event;

		if (err == REED_EOVERFLOW)
			continue;
		check(e->kind < REED_IRC_EVENT_KINDS && e->text.p && e->target.p && e->who.nick.p);
	}
}

/* ---- what is obeyed ---- */

static struct reed_future *echo(struct reed_irc_call *call)
{
	check(call->word.n > 0 && call->event->text.n >= call->word.n);
	return reed_irc_reply(call->client, call->event, call->rest);
}

static struct reed_future *ping(struct reed_irc_call *call)
{
	return reed_irc_ping(call->client, NULL);
}

static struct reed_future *topic(struct reed_irc_call *call)
{
	struct reed_slice rest = call->rest, channel;

	if (!reed_irc_next_word(&rest, &channel))
		return reed_irc_answer_call(call, "topic CHANNEL TEXT");
	return reed_irc_set_topic(call->client, channel, rest, NULL);
}

static struct reed_future *greet(void *arg, struct reed_irc_client *client,
                                 const struct reed_irc_event *event)
{
	(void)arg;
	return event->is_mine ? NULL : reed_irc_say_notice(client, event->who.nick, event->target);
}

static const struct reed_irc_route routes[] = { { "echo", echo, "TEXT" },
	                                        { "ping", ping, NULL },
	                                        { "topic", topic, "CHANNEL TEXT" } };

static struct reed_future *robot(struct reed_irc_client *client)
{
	struct reed_irc_bot bot = REED_IRC_BOT;

	bot.routes = routes;
	bot.route_count = REED_COUNT(routes);
	bot.on[REED_IRC_EVENT_JOIN] = greet;
	bot.calls_most = 5;
	return reed_irc_bot_run(client, &bot);
}

/* ---- */

static struct reed_irc_client *client_new(void)
{
	struct reed_irc_client_options o = REED_IRC_CLIENT_OPTIONS;

	if (!loop) {
		check_int(reed_loop_new(NULL, &loop), REED_OK);
		reed_log_set_level(reed_log_of(loop), REED_LOG_CRITICAL);
	}
	o.endpoint = "tcp:irc.example:6667";
	o.channels = "#a,#home key";
	o.dial = dial;
	o.flood_ms = 0;
	o.sasl_user = o.sasl_password = "joe";
	o.sasl_mechanism = "PLAIN";
	o.sasl_optional = o.plain_in_clear = true;
	o.members_most = MEMBERS_MOST;
	o.channels_most = CHANNELS_MOST;
	o.no_reconnect = true;
	o.answer_bytes = 1 << 16;
	return reed_irc_client_new(loop, &o);
}

static void say(const char *text)
{
	reed_write_str(server, text);
	turn();
}

static void let_in(struct reed_irc_client *client, struct questions *q)
{
	say(":irc CAP * LS :batch labeled-response message-tags echo-message draft/multiline\r\n");
	say(":irc CAP * ACK :batch message-tags echo-message draft/multiline\r\n");
	say(":irc 001 joe :Welcome joe!j@h\r\n:irc 005 joe PREFIX=(ov)@+ CHANMODES=b,k,l,n\r\n"
	    ":irc 376 joe :End\r\n:joe!j@h JOIN #a\r\n:irc 353 joe = #a :joe ann\r\n");
	if (reed_irc_client_state(client)->value == REED_IRC_ONLINE)
		ask(client, q);
	else
		q->answered = QUESTIONS;
	turn();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reed_irc_client *client = client_new();
	struct reed_irc_events events = { 0 };
	struct questions q = { .answered = 0 };
	int over = 0;

	reed_irc_events_begin(&events, client, 20);
	reed_background(robot(client), done, &over);
	turn();
	if (size > 0 && data[0] != 'R')
		let_in(client, &q);
	else
		q.answered = QUESTIONS;
	reed_write(server, reed_slice(data, size));
	turn();
	look_at(client);
	read_events(&events);
	reed_abort(server);
	server = NULL;
	turn();
	check_int(over, 1);
	finish(&q);
	reed_irc_events_end(&events);
	reed_irc_client_free(client);
	turn();
	return 0;
}
