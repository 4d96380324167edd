#include "tests/apps/chat/person.h"

#include <stdlib.h>
#include <string.h>

#include "reed/alloc.h"
#include "reed/log.h"
#include "reed/random.h"

#define S(text) reed_slice_of(text)

/* ---- hearing ---- */

static void heard(struct person *self, struct reed_slice text)
{
	struct hearing *hearing;
	uint64_t who, number;

	if (reed_slice_u64(reed_slice_cut(&text, ' '), PEOPLE - 1, &who) ||
	    reed_slice_u64(text, SAYINGS - 1, &number)) {
		reed_sim_fail(self->town->sim, "%s heard what nobody said", self->nick);
		return;
	}
	hearing = &self->heard[who];
	if ((int)number <= hearing->last)
		reed_sim_fail(self->town->sim, "%s heard %d of %d after %d", self->nick,
		              (int)number, (int)who, hearing->last);
	hearing->last = (int)number;
	hearing->in[number] = self->connection;
	if ((int)who == self->number)
		self->accepted[number] = true;
}

static bool is_me(const struct person *self, struct reed_slice nick)
{
	return reed_irc_client_is_me(self->client, nick);
}

static void hear(struct person *self, const struct reed_irc_event *e)
{
	if (e->kind == REED_IRC_EVENT_CONNECTED)
		self->connection++;
	else if (e->kind == REED_IRC_EVENT_JOIN && is_me(self, e->who.nick))
		self->is_here = true;
	else if (e->kind == REED_IRC_EVENT_DISCONNECTED)
		self->is_here = false;
	else if (e->kind == REED_IRC_EVENT_MESSAGE && reed_slice_is(e->target, ROOM) && !e->is_past)
		heard(self, e->text);
	else if (e->kind == REED_IRC_EVENT_KICK)
		reed_sim_fail(self->town->sim, "%s was kicked", self->nick);
}

struct part {
	struct reed_co co;
	struct person *person;
	struct reed_irc_answer answer;
};

static void ears_run(struct reed_co *co)
{
	struct person *self = reed_frame(co, struct part)->person;

	reed_coroutine (co) {
		for (;;) {
			reed_try(co, reed_irc_events_next(&self->events));
			hear(self, self->events.event);
		}
	}
}

static const struct reed_co_kind ears_kind = { .name = "ears",
	                                       .size = sizeof(struct part),
	                                       .run = ears_run };

/* ---- saying ---- */

static struct reed_future *say_next(struct person *self)
{
	self->said++;
	return reed_irc_sayf(self->client, S(ROOM), "%d %d", self->number, self->said);
}

static int64_t a_while(struct person *self)
{
	return (int64_t)reed_random_below(reed_irc_client_loop(self->client), 6000);
}

/* What cannot be said now is not said later. */
static void mouth_run(struct reed_co *co)
{
	struct person *self = reed_frame(co, struct part)->person;

	reed_coroutine (co) {
		while (!self->town->is_over && self->said + 1 < SAYINGS) {
			if (self->is_here)
				reed_await(co, say_next(self));
			reed_try(co, reed_sleep(co->loop, a_while(self)));
		}
	}
}

static const struct reed_co_kind mouth_kind = { .name = "mouth",
	                                        .size = sizeof(struct part),
	                                        .run = mouth_run };

/* ---- an account, then a client that is logged in to it ---- */

static void new_client(struct person *self)
{
	struct reed_irc_client_options o = REED_IRC_CLIENT_OPTIONS;
	struct reed_loop *loop = reed_sim_host(self->town->sim, self->nick);

	o.endpoint = self->endpoint;
	o.nick = self->nick;
	o.reconnect_most_ms = 30000;
	if (self->has_account) {
		o.sasl_user = self->nick;
		o.sasl_password = "a long sentence";
		o.channels = ROOM;
		/* scram protects it */
	}
	self->client = reed_irc_client_new(loop, &o);
	reed_irc_events_begin(&self->events, self->client, 10000);
}

static void drop_client(struct person *self)
{
	reed_scope_drop(&self->scope);
	reed_irc_events_end(&self->events);
	reed_irc_client_free(self->client);
	self->client = NULL;
}

/* Said once more than needed it exists already. */
static bool is_registered(const struct reed_irc_answer *answer)
{
	for (size_t i = 0; i < answer->count; i++)
		if (answer->messages[i].command == REED_IRC_REGISTER &&
		    reed_slice_is(reed_irc_param(&answer->messages[i], 0), "SUCCESS"))
			return true;
	return strcmp(answer->refusal.code, "ACCOUNT_EXISTS") == 0;
}

static struct reed_future *part(struct person *self, const struct reed_co_kind *kind)
{
	struct part *part = reed_co_new(reed_irc_client_loop(self->client), kind);

	part->person = self;
	return reed_start(&part->co);
}

/* Its failure is the simulation's: who is logged in once is let in again. */
static void life_run(struct reed_co *co)
{
	struct part *self = reed_frame(co, struct part);
	struct person *person = self->person;

	reed_coroutine (co) {
		new_client(person);
		reed_scope_add(&person->scope, reed_irc_client_run(person->client));
		while (!person->has_account) {
			reed_await(co, reed_irc_ready(person->client));
			reed_await(co, reed_irc_request(person->client,
			                                S("REGISTER * * :a long sentence"),
			                                &self->answer));
			person->has_account = !co->err && is_registered(&self->answer);
			reed_irc_answer_finish(&self->answer);
			reed_try(co, reed_sleep(co->loop, 1000));
		}
		drop_client(person);
		new_client(person);
		reed_scope_add(&person->scope, part(person, &ears_kind));
		reed_scope_add(&person->scope, part(person, &mouth_kind));
		reed_try(co, reed_irc_client_run(person->client));
	}
}

static void leave(struct person *self)
{
	drop_client(self);
	reed_scope_finish(&self->scope);
}

/* When the story has failed the life is cut short, and what it uses must be there until then. */
static void life_end(struct reed_co *co)
{
	struct part *self = reed_frame(co, struct part);

	reed_irc_answer_finish(&self->answer);
	if (reed_sim_failure(self->person->town->sim))
		leave(self->person);
}

static const struct reed_co_kind life_kind = { .name = "person",
	                                       .size = sizeof(struct part),
	                                       .run = life_run,
	                                       .end = life_end };

void person_begin(struct person *self, struct town *town, int number, const char *endpoint)
{
	struct reed_log_options log = REED_LOG_OPTIONS;
	struct reed_loop *loop;
	struct part *life;

	*self = (struct person){ .town = town, .number = number };
	snprintf(self->nick, sizeof(self->nick), "p%d", number);
	snprintf(self->endpoint, sizeof(self->endpoint), "%s", endpoint);
	loop = reed_sim_host(town->sim, self->nick);
	log.to = REED_LOG_TO_NOBODY;
	reed_log_open(reed_log_of(loop), &log, NULL);
	reed_scope_init(&self->scope, loop, NULL, self->nick);
	self->scope.policy = REED_SCOPE_IGNORE;
	life = reed_co_new(loop, &life_kind);
	life->person = self;
	reed_sim_add(town->sim, reed_start(&life->co));
}

struct reed_future *person_quit(struct person *self)
{
	return reed_irc_quit(self->client, S("good night"));
}

void person_finish(struct person *self)
{
	if (reed_sim_failure(self->town->sim))
		reed_sim_crash(self->town->sim, self->nick);
	else
		leave(self);
}

/* ---- what must hold ---- */

/* Between two things heard in one connection nothing is missing that the room had. */
static void check_pair(struct town *town, const struct person *ear, const struct person *mouth)
{
	const struct hearing *h = &ear->heard[mouth->number];
	int before = 0;

	for (int i = 1; i <= mouth->said; i++) {
		if (!h->in[i])
			continue;
		for (int j = before + 1; before && h->in[before] == h->in[i] && j < i; j++)
			if (mouth->accepted[j])
				reed_sim_fail(town->sim, "%s heard %d and %d of %s, and not %d",
				              ear->nick, before, i, mouth->nick, j);
		before = i;
	}
}

void town_check(struct town *town)
{
	for (int i = 0; i < PEOPLE; i++)
		for (int j = 0; j < PEOPLE; j++)
			check_pair(town, &town->people[i], &town->people[j]);
}
