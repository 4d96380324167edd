/*
 * irc_calls ENDPOINT [PASSWORD]: two clients, and every call there is, against
 * a server of others.  What the server cannot is left out where a capability
 * or token says so.
 */

#include "check.h"

#include "reed/co.h"
#include "reed/irc/ask.h"
#include "reed/log.h"
#include "reed/scope.h"

#define S(text) reed_slice_of(text)

enum { PATIENCE_MS = 30000 };

struct story {
	struct reed_co co;
	struct reed_scope scope;
	struct reed_irc_client *ann, *bob;
	struct reed_irc_events ann_events, bob_events;
	struct reed_irc_refusal refusal;
	struct reed_irc_whois whois;
	struct reed_irc_people people;
	struct reed_irc_rooms rooms;
	struct reed_irc_list_answer list;
	struct reed_irc_topic topic;
	struct reed_irc_modes_answer modes;
	struct reed_irc_monitor monitor;
	struct reed_irc_answer answer;
	const char *endpoint, *password;
	int64_t ms;
};

static struct story *story_of(struct reed_co *co)
{
	return reed_frame(co, struct story);
}

static struct reed_irc_client *come(struct story *self, const char *nick,
                                    struct reed_irc_events *events)
{
	struct reed_irc_client_options o = REED_IRC_CLIENT_OPTIONS;
	struct reed_irc_client *client;

	o.endpoint = self->endpoint;
	o.password = self->password;
	o.nick = nick;
	o.flood_ms = 0;
	o.no_reconnect = true;
	o.ctcp_version = "calls 1.0";
	client = reed_irc_client_new(self->co.loop, &o);
	reed_irc_events_begin(events, client, 1000);
	reed_scope_add(&self->scope, reed_irc_client_run(client));
	return client;
}

static void story_end(struct reed_co *co)
{
	struct story *self = story_of(co);

	reed_scope_finish(&self->scope);
	reed_irc_events_end(&self->ann_events);
	reed_irc_events_end(&self->bob_events);
	reed_irc_client_free(self->ann);
	reed_irc_client_free(self->bob);
	reed_irc_whois_finish(&self->whois);
	reed_irc_people_finish(&self->people);
	reed_irc_rooms_finish(&self->rooms);
	reed_irc_list_finish(&self->list);
	reed_irc_topic_finish(&self->topic);
	reed_irc_modes_finish(&self->modes);
	reed_irc_monitor_finish(&self->monitor);
	reed_irc_answer_finish(&self->answer);
}

/* ---- waiting for something to be told ---- */

struct hearing {
	struct reed_co co;
	struct reed_irc_events *events;
	enum reed_irc_event_kind kind;
	const char *text;
};

static void hearing_run(struct reed_co *co)
{
	struct hearing *self = reed_frame(co, struct hearing);

	reed_coroutine (co) {
		do
			reed_try(co, reed_irc_events_next(self->events));
		while (self->events->event->kind != self->kind ||
		       !reed_slice_is(self->events->event->text, self->text));
	}
}

static const struct reed_co_kind hearing_kind = { .name = "hearing",
	                                          .size = sizeof(struct hearing),
	                                          .run = hearing_run };

static struct reed_future *hears(struct reed_loop *loop, struct reed_irc_events *events,
                                 enum reed_irc_event_kind kind, const char *text)
{
	struct hearing *self = reed_co_new(loop, &hearing_kind);

	self->events = events;
	self->kind = kind;
	self->text = text;
	return reed_within(PATIENCE_MS, reed_start(&self->co));
}

/* ---- who it is about ---- */

static const struct reed_irc_person *person(const struct reed_irc_people *people, const char *nick)
{
	for (size_t i = 0; i < people->count; i++)
		if (reed_slice_is(people->people[i].nick, nick))
			return &people->people[i];
	return NULL;
}

/* Some servers have rooms of their own. */
static struct reed_slice topic_of(const struct reed_irc_rooms *rooms, const char *name)
{
	for (size_t i = 0; i < rooms->count; i++)
		if (reed_slice_is(rooms->rooms[i].name, name))
			return rooms->rooms[i].topic;
	return REED_STR("no such room");
}

static const char *modes_of_bob(struct story *self)
{
	const struct reed_irc_channel *room = reed_irc_channel_find(self->ann, S("#reed"));
	const struct reed_irc_member *bob =
		room ? reed_irc_member_find(self->ann, room, S("bob")) : NULL;

	return bob ? bob->modes : "not there";
}

static bool was_refused(struct story *self, uint16_t numeric)
{
	if (self->refusal.numeric != numeric)
		fprintf(stderr, "refused with %u %s\n", self->refusal.numeric, self->refusal.text);
	return self->refusal.numeric == numeric;
}

static bool has(struct reed_slice s, char c)
{
	return reed_slice_find(s, c) < s.n;
}

/* ---- the acts ---- */

struct act {
	struct reed_co co;
	struct story *story;
};

static struct story *story_in(struct reed_co *co)
{
	return reed_frame(co, struct act)->story;
}

static void talking(struct reed_co *co)
{
	struct story *self = story_in(co);

	reed_coroutine (co) {
		reed_try(co, reed_irc_join(self->ann, S("#reed"), S(""), &self->refusal));
		check(was_refused(self, 0));
		reed_try(co, reed_irc_join(self->bob, S("#reed"), S(""), &self->refusal));
		check(was_refused(self, 0));
		check_int(reed_irc_channel_find(self->bob, S("#reed"))->members, 2);
		reed_try(co, reed_irc_say(self->ann, S("#reed"), S("hello, bob: \303\244")));
		reed_try(co, hears(co->loop, &self->bob_events, REED_IRC_EVENT_MESSAGE,
		                   "hello, bob: \303\244"));
		check_slice(self->bob_events.event->who.nick, "ann");
		reed_try(co, reed_irc_reply(self->bob, self->bob_events.event, S("hello, ann")));
		reed_try(co,
		         hears(co->loop, &self->ann_events, REED_IRC_EVENT_MESSAGE, "hello, ann"));
		reed_try(co, reed_irc_act(self->bob, S("ann"), S("waves")));
		reed_try(co, hears(co->loop, &self->ann_events, REED_IRC_EVENT_ACTION, "waves"));
		check(self->ann_events.event->is_private);
		reed_try(co, reed_irc_say_notice(self->ann, S("bob"), S("psst")));
		reed_try(co, hears(co->loop, &self->bob_events, REED_IRC_EVENT_NOTICE, "psst"));
		reed_try(co, reed_irc_ctcp_ask(self->ann, S("bob"), S("VERSION"), S("")));
		reed_try(co, hears(co->loop, &self->ann_events, REED_IRC_EVENT_CTCP_REPLY,
		                   "calls 1.0"));
	}
}

static void setting(struct reed_co *co)
{
	struct story *self = story_in(co);

	reed_coroutine (co) {
		reed_try(co, reed_irc_set_modes(self->ann, S("#reed"), S("+nt"), NULL));
		reed_try(co, reed_irc_set_topic(self->bob, S("#reed"), S("no"), &self->refusal));
		check(was_refused(self, 482));
		reed_try(co, reed_irc_set_topic(self->ann, S("#reed"), S("reeds"), &self->refusal));
		check(was_refused(self, 0));
		reed_try(co, hears(co->loop, &self->bob_events, REED_IRC_EVENT_TOPIC, "reeds"));
		reed_try(co, reed_irc_ask_topic(self->bob, S("#reed"), &self->topic, NULL));
		check_slice(self->topic.topic, "reeds");
		reed_try(co,
		         reed_irc_set_modes(self->ann, S("#reed"),
		                            S("+vkb bob sesame *!*@spam.example"), &self->refusal));
		check(was_refused(self, 0));
		check_str(modes_of_bob(self), "v");
		reed_try(co, reed_irc_ask_modes(self->ann, S("#reed"), &self->modes, NULL));
		check(has(self->modes.modes, 'k') && has(self->modes.modes, 't'));
		check(reed_irc_channel_mode(reed_irc_channel_find(self->ann, S("#reed")), 'k',
		                            NULL));
		reed_try(co, reed_irc_ask_list(self->ann, S("#reed"), 'b', &self->list, NULL));
		check_int(self->list.count, 1);
		check_slice(self->list.entries[0].mask, "*!*@spam.example");
		reed_irc_modes_finish(&self->modes);
		reed_try(co, reed_irc_ask_modes(self->ann, S("#nowhere"), &self->modes,
		                                &self->refusal));
		check(reed_irc_is_refused(&self->refusal)); /* 401 or 403 */
	}
}

static void asking(struct reed_co *co)
{
	struct story *self = story_in(co);

	reed_coroutine (co) {
		reed_try(co, reed_irc_ask_whois(self->bob, S("ann"), false, &self->whois,
		                                &self->refusal));
		check(was_refused(self, 0));
		check_slice(self->whois.is.nick, "ann");
		reed_irc_whois_finish(&self->whois);
		reed_try(co, reed_irc_ask_whois(self->bob, S("nobody"), false, &self->whois,
		                                &self->refusal));
		check(was_refused(self, 401));
		reed_try(co, reed_irc_ask_who(self->bob, S("#reed"), &self->people, NULL));
		check_int(self->people.count, 2);
		check(person(&self->people, "ann") &&
		      has(person(&self->people, "ann")->prefixes, '@'));
		reed_irc_people_finish(&self->people);
		reed_try(co, reed_irc_ask_names(self->bob, S("#reed"), &self->people, NULL));
		check_int(self->people.count, 2);
		check(person(&self->people, "bob") &&
		      has(person(&self->people, "bob")->prefixes, '+'));
		reed_try(co, reed_irc_ask_rooms(self->bob, S(""), &self->rooms, NULL));
		/* InspIRCd puts the modes in front */
		check(reed_slice_ends(topic_of(&self->rooms, "#reed"), S("reeds")));
		reed_try(co, reed_irc_ping(self->bob, &self->ms));
		check(self->ms >= 0 && self->ms < PATIENCE_MS);
		reed_try(co, reed_irc_request(self->bob, S("VERSION"), &self->answer));
		check(self->answer.count > 0 && self->answer.messages[0].numeric == 351);
		reed_irc_answer_finish(&self->answer);
		reed_try(co, reed_irc_request(self->bob, S("FROB"), &self->answer));
		check_int(self->answer.refusal.numeric, 421);
		reed_irc_answer_finish(&self->answer);
		reed_try(co, reed_irc_request(self->bob, S("MOTD"), &self->answer));
		check(self->answer.count > 0);
	}
}

static void moving(struct reed_co *co)
{
	struct story *self = story_in(co);

	reed_coroutine (co) {
		if (reed_irc_client_isupport(self->bob)->has_monitor) {
			reed_try(co, reed_irc_monitor_add(self->bob, S("ann,eve"), &self->monitor,
			                                  NULL));
			check(self->monitor.online_count == 1 && self->monitor.offline_count == 1);
		}
		reed_try(co, reed_irc_set_away(self->ann, S("lunch"), &self->refusal));
		check(was_refused(self, 0));
		reed_try(co, reed_irc_ask_whois(self->bob, S("ann"), false, &self->whois, NULL));
		check_slice(self->whois.away, "lunch");
		reed_irc_whois_finish(&self->whois);
		reed_try(co, reed_irc_set_away(self->ann, S(""), &self->refusal));
		reed_try(co, reed_irc_set_nick(self->bob, S("ann"), &self->refusal));
		check(was_refused(self, 433));
		reed_try(co, reed_irc_set_nick(self->bob, S("rob"), &self->refusal));
		check(was_refused(self, 0) && reed_irc_client_is_me(self->bob, S("ROB")));
		reed_try(co, reed_irc_oper(self->bob, S("root"), S("guess"), &self->refusal));
		check(reed_irc_is_refused(&self->refusal));
		reed_try(co,
		         reed_irc_kick(self->ann, S("#reed"), S("rob"), S("out"), &self->refusal));
		check(was_refused(self, 0));
		reed_try(co, hears(co->loop, &self->bob_events, REED_IRC_EVENT_KICK, "out"));
		check(!reed_irc_channel_find(self->bob, S("#reed")));
		reed_try(co, reed_irc_join(self->bob, S("#reed"), S(""), &self->refusal));
		check(was_refused(self, 475));
		reed_try(co, reed_irc_set_modes(self->ann, S("#reed"), S("+i-k sesame"), NULL));
		reed_try(co, reed_irc_join(self->bob, S("#reed"), S(""), &self->refusal));
		check(was_refused(self, 473));
		reed_try(co, reed_irc_invite(self->ann, S("rob"), S("#reed"), &self->refusal));
		check(was_refused(self, 0));
		reed_try(co, reed_irc_join(self->bob, S("#reed"), S(""), &self->refusal));
		check(was_refused(self, 0));
		reed_try(co, reed_irc_part(self->bob, S("#reed"), S("bye"), &self->refusal));
		check(was_refused(self, 0));
		reed_try(co, reed_irc_part(self->bob, S("#reed"), S(""), &self->refusal));
		check(was_refused(self, 442));
		reed_try(co, reed_irc_kick(self->ann, S("#reed"), S("rob"), S(""), &self->refusal));
		check(was_refused(self, 441));
	}
}

static struct reed_future *act(struct story *story, const struct reed_co_kind *kind)
{
	struct act *self = reed_co_new(story->co.loop, kind);

	printf("%s\n", kind->name);
	self->story = story;
	return reed_within(PATIENCE_MS, reed_start(&self->co));
}

#define ACT(name)                                                                               \
	static const struct reed_co_kind name##_kind = { #name, sizeof(struct act), name, NULL, \
		                                         NULL }
ACT(talking);
ACT(setting);
ACT(asking);
ACT(moving);

/* ---- the whole ---- */

static struct reed_future *both_are_in(struct story *self)
{
	return reed_all(reed_irc_ready(self->ann), reed_irc_ready(self->bob));
}

static void story_run(struct reed_co *co)
{
	struct story *self = story_of(co);

	reed_coroutine (co) {
		reed_scope_init(&self->scope, co->loop, NULL, "people");
		self->scope.policy = REED_SCOPE_FAIL;
		self->ann = come(self, "ann", &self->ann_events);
		self->bob = come(self, "bob", &self->bob_events);
		reed_try(co, reed_any(NULL, both_are_in(self), reed_scope_wait(&self->scope)));
		printf("labels: %s\n",
		       reed_irc_client_has(self->ann, "labeled-response") ? "yes" : "no");
		reed_try(co, act(self, &talking_kind));
		reed_try(co, act(self, &setting_kind));
		reed_try(co, act(self, &asking_kind));
		reed_try(co, act(self, &moving_kind));
		reed_try(co, reed_irc_quit(self->ann, S("that is all")));
		reed_try(co, reed_irc_quit(self->bob, S("")));
	}
}

static const struct reed_co_kind story_kind = { "story", sizeof(struct story), story_run, NULL,
	                                        story_end };

static struct reed_future *start(struct reed_loop *loop, int argc, char **argv)
{
	struct story *self = reed_co_new(loop, &story_kind);

	setvbuf(stdout, NULL, _IONBF, 0);
	self->endpoint = argc > 1 ? argv[1] : "tcp:127.0.0.1:6667";
	self->password = argc > 2 ? argv[2] : NULL;
	return reed_start(&self->co);
}

int main(int argc, char **argv)
{
	return reed_main(argc, argv, start);
}
