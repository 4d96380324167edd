/*
 * Long answers: twenty thousand rooms and users, for somebody who reads slowly.
 * In simulation, the server on one host and its clients on another.
 */

#include "check.h"

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/irc/modes.h"
#include "reed/irc/server.h"
#include "reed/sim.h"

enum { MANY = 20000, SOME = 5000, SENDQ = 100000 };

static struct reed_sim *sim;
static struct reed_loop *home, *away;
static struct reed_hub *hub;
static struct reed_irc_server *server;

/* ---- people who are there by another door ---- */

static struct reed_session *people;
static size_t many; /* of people or rooms */

static void nothing(struct reed_session *session, const struct reed_hub_event *ev)
{
	(void)session;
	(void)ev;
}

static void over(struct reed_session *session, struct reed_slice why)
{
	(void)session;
	(void)why;
}

static const struct reed_door_ops door = { .name = "back door", .event = nothing, .over = over };

static void add_person(size_t i)
{
	struct reed_newcomer who = REED_NEWCOMER;
	char nick[24];

	snprintf(nick, sizeof(nick), "p%05zu", i);
	who.nick = reed_slice_of(nick);
	who.username = REED_STR("someone");
	who.host = REED_STR("a.rather.long.name.of.a.host.example");
	who.realname = REED_STR("A person with a name that is not short");
	people[i].ops = &door;
	check_int(reed_session_attach(hub, &people[i], &who), REED_REFUSAL_NONE);
}

static void add_people(size_t n, const char *room)
{
	struct reed_member *member;

	many = n;
	people = reed_alloc(n * sizeof(*people));
	for (size_t i = 0; i < n; i++) {
		add_person(i);
		if (room)
			check_int(reed_room_put(people[i].user, reed_slice_of(room), 0, &member),
			          REED_REFUSAL_NONE);
	}
}

static void add_rooms(size_t n)
{
	struct reed_room *room;
	char name[64];

	many = n;
	for (size_t i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "#room-with-a-longer-name-%05zu", i);
		check_int(reed_room_make(hub, reed_slice_of(name), &room), REED_REFUSAL_NONE);
	}
}

/* ---- the stage ---- */

struct ircd {
	struct reed_co co;
	struct reed_listener *listener;
};

static void ircd_run(struct reed_co *co)
{
	struct ircd *self = reed_frame(co, struct ircd);
	struct reed_listener *listener = self->listener;

	reed_coroutine (co) {
		self->listener = NULL;
		reed_try(co, reed_irc_serve_on(server, listener));
	}
}

static void ircd_end(struct reed_co *co)
{
	reed_listener_close(reed_frame(co, struct ircd)->listener);
	reed_irc_server_free(server);
	reed_hub_free(hub);
	reed_free(people);
	people = NULL;
}

static const struct reed_co_kind ircd_kind = {
	.name = "ircd",
	.size = sizeof(struct ircd),
	.run = ircd_run,
	.end = ircd_end,
};

static void raise_curtain(uint32_t sendq)
{
	struct reed_irc_server_options options = REED_IRC_SERVER_OPTIONS;
	struct reed_hub_options rooms = REED_HUB_OPTIONS;
	struct reed_sim_options small = REED_SIM_OPTIONS;
	struct ircd *ircd;

	small.send_buffer = small.receive_buffer = 16384;
	sim = reed_sim_new(&small);
	home = reed_sim_host(sim, "server.example");
	away = reed_sim_host(sim, "client.example");
	rooms.limits.members = MANY + 10;
	hub = reed_hub_new(home, &rooms);
	options.hub = hub;
	options.name = "reed";
	options.limits.sendq = sendq;
	options.limits.burst = 1000;
	options.limits.commands_per_10_seconds = 100000;
	server = reed_irc_server_new(home, &options);
	ircd = reed_co_new(home, &ircd_kind);
	check_int(reed_sim_listen(home, 6667, &ircd->listener), REED_OK);
	reed_sim_add(sim, reed_start(&ircd->co));
}

static void drop_curtain(void)
{
	check(!reed_sim_failure(sim));
	reed_sim_free(sim);
}

static bool matches(const char *pattern, struct reed_slice line)
{
	return reed_irc_match(REED_IRC_CASEMAP_ASCII, reed_slice_of(pattern), line);
}

static struct reed_slice hear(struct reed_stream *s)
{
	struct reed_slice line;

	check_int(reed_sim_run_until(sim, reed_read_line(s, &line), NULL), REED_OK);
	return line;
}

static void hear_until(struct reed_stream *s, const char *pattern)
{
	while (!matches(pattern, hear(s)))
		continue;
}

/* How many lines match before the one that ends it; "other", if given, comes among them. */
static size_t count_until(struct reed_stream *s, const char *pattern, const char *end,
                          const char *other)
{
	struct reed_slice line;
	size_t n = 0;
	bool met = !other;

	while (!matches(end, line = hear(s))) {
		n += matches(pattern, line);
		met |= other && matches(other, line);
	}
	check(met);
	return n;
}

static struct reed_stream *come_in(const char *caps)
{
	struct reed_stream *s = NULL;

	check_int(reed_sim_run_until(sim, reed_sim_dial(away, "server.example", 6667, &s), NULL),
	          REED_OK);
	reed_printf(s, "CAP REQ :%s\r\nNICK asker\r\nUSER a 0 * :A\r\nCAP END\r\n", caps);
	hear_until(s, "* 422 *");
	return s;
}

static bool add_queued(void *arg, const struct reed_irc_client_info *info)
{
	*(size_t *)arg += reed_queued(info->stream);
	return true;
}

static size_t queued(void)
{
	size_t n = 0;

	reed_irc_server_each(server, add_queued, &n);
	return n;
}

static struct reed_irc_server_stats stats(void)
{
	struct reed_irc_server_stats s = { .size = sizeof(s) };

	reed_irc_server_stats(server, &s);
	return s;
}

/* The client asks and does not read: some of the answer waits, and not much of it. */
static void ask(struct reed_stream *s, const char *what)
{
	reed_printf(s, "%s\r\nPING :are you there\r\n", what);
	check_int(reed_sim_run_for(sim, REED_S(30)), REED_OK);
	check(queued() > 0);
	check(queued() < SENDQ / 2 + 1000);
	check_int(stats().overflows, 0);
}

/* ---- tests ---- */

static void a_list_of_many_rooms_reaches_a_slow_reader(void)
{
	struct reed_stream *s;

	raise_curtain(SENDQ);
	add_rooms(MANY);
	s = come_in("batch");
	ask(s, "LIST");
	hear_until(s, ":reed 321 *");
	/* other commands are answered meanwhile */
	check_int(count_until(s, ":reed 322 asker #room-with*", ":reed 323 *", "*PONG*there"),
	          many);
	reed_close(s);
	drop_curtain();
}

static void a_who_of_many_users_reaches_a_slow_reader(void)
{
	struct reed_stream *s;

	raise_curtain(SENDQ);
	add_people(MANY, NULL);
	s = come_in("batch");
	ask(s, "WHO p*");
	check_int(count_until(s, ":reed 352 asker \\* someone *", ":reed 315 asker p\\* *",
	                      "*PONG*there"),
	          many);
	ask(s, "WHO p* %tn,7");
	check_int(count_until(s, ":reed 354 asker 7 p?????", ":reed 315 asker p\\* *",
	                      "*PONG*there"),
	          many);
	reed_close(s);
	drop_curtain();
}

/* The next word of a 353 that is the name of one of them; false at the end of the line. */
static bool next_person(struct reed_slice *line, uint64_t *i)
{
	while (line->n > 0) {
		struct reed_slice word = reed_slice_cut(line, ' ');

		if (word.n > 0 && word.p[0] == ':')
			word = reed_slice_from(word, 1);
		if (word.n >= 6 && word.p[0] == 'p' &&
		    !reed_slice_u64(reed_slice_first(reed_slice_from(word, 1), 5), many - 1, i))
			return true;
	}
	return false;
}

/* How often each is told, until the names of the room end. */
static unsigned *hear_names(struct reed_stream *s)
{
	unsigned *seen = reed_alloc(many * sizeof(*seen));
	struct reed_slice line;
	uint64_t i;

	while (!matches(":reed 366 *", line = hear(s))) {
		bool names = matches(":reed 353 *", line);

		while (names && next_person(&line, &i))
			seen[i]++;
	}
	return seen;
}

static void expect_all_names_once(struct reed_stream *s)
{
	unsigned *seen = hear_names(s);

	for (size_t i = 0; i < many; i++)
		check_int(seen[i], 1);
	reed_free(seen);
}

static void names_of_many_members_reach_a_slow_reader(void)
{
	struct reed_stream *s;

	raise_curtain(SENDQ);
	add_people(MANY, "#big");
	s = come_in("userhost-in-names");
	ask(s, "NAMES #big");
	expect_all_names_once(s);
	ask(s, "WHO #big");
	check_int(count_until(s, ":reed 352 asker #big *", ":reed 315 *", NULL), many);
	ask(s, "JOIN #big");
	hear_until(s, ":asker!a@* JOIN #big");
	expect_all_names_once(s);
	reed_close(s);
	drop_curtain();
}

static void who_stays_is_told_whoever_else_comes_and_goes(void)
{
	struct reed_stream *s;
	unsigned *seen;

	raise_curtain(20000);
	add_people(SOME, "#big");
	s = come_in("batch");
	reed_write_str(s, "NAMES #big\r\n");
	check_int(reed_sim_run_for(sim, REED_S(30)), REED_OK);
	/* every third one leaves while some have been told and some have not */
	for (size_t i = 0; i < many; i += 3)
		reed_session_end(&people[i], REED_STR("bye"));
	seen = hear_names(s);
	for (size_t i = 0; i < many; i++)
		check(i % 3 == 0 || seen[i] >= 1);
	reed_close(s);
	reed_free(seen);
	drop_curtain();
}

static void a_list_goes_on_when_the_room_it_stands_at_has_gone(void)
{
	struct reed_stream *s;
	size_t n, i = 0;

	raise_curtain(20000);
	add_rooms(SOME);
	s = come_in("batch");
	reed_write_str(s, "LIST\r\n");
	check_int(reed_sim_run_for(sim, REED_S(30)), REED_OK);
	for (struct reed_room *room = reed_room_next(hub, NULL), *next; room; room = next) {
		next = reed_room_next(hub, room);
		if (i++ % 2)
			reed_room_close(NULL, room, REED_STR("over"));
	}
	n = count_until(s, ":reed 322 asker #room-with*", ":reed 323 *", NULL);
	check(n >= many / 2 && n < many);
	reed_close(s);
	drop_curtain();
}

static void a_who_goes_on_when_the_user_it_stands_at_has_gone(void)
{
	struct reed_stream *s;
	size_t n;

	raise_curtain(20000);
	add_people(SOME, NULL);
	s = come_in("batch");
	reed_write_str(s, "WHO p*\r\n");
	check_int(reed_sim_run_for(sim, REED_S(30)), REED_OK);
	for (size_t i = 0; i < many; i += 2)
		reed_session_end(&people[i], REED_STR("bye"));
	n = count_until(s, ":reed 352 asker \\* someone *", ":reed 315 *", NULL);
	check(n >= many / 2 && n < many);
	reed_close(s);
	drop_curtain();
}

static void the_room_may_go_before_all_its_names_are_told(void)
{
	struct reed_stream *s;

	raise_curtain(20000);
	add_people(SOME, "#big");
	s = come_in("batch");
	reed_write_str(s, "NAMES #big\r\nWHO #big\r\n");
	check_int(reed_sim_run_for(sim, REED_S(30)), REED_OK);
	for (size_t i = 0; i < many; i++)
		reed_session_end(&people[i], REED_STR("bye"));
	check(!reed_room_find(hub, REED_STR("#big")));
	hear_until(s, ":reed 366 asker #big *");
	hear_until(s, ":reed 315 asker #big *");
	reed_close(s);
	drop_curtain();
}

/* One batch with all of the list in it, and nothing of what came in between. */
static void a_labeled_list_is_one_batch_however_long(void)
{
	struct reed_stream *s;

	raise_curtain(SENDQ);
	add_rooms(SOME);
	s = come_in("batch labeled-response message-tags");
	ask(s, "@label=all LIST");
	hear_until(s, "@label=all :reed BATCH +L1 labeled-response");
	check_int(count_until(s, "@batch=L1 :reed 322 *", ":reed BATCH -L1", ":reed PONG *there"),
	          many);
	reed_write_str(s, "@label=next PING x\r\n");
	check(matches("@label=next :reed PONG *", hear(s)));
	reed_close(s);
	drop_curtain();
}

static void long_answers_come_one_after_another_but_names_first(void)
{
	struct reed_stream *s;

	raise_curtain(20000);
	add_rooms(SOME);
	s = come_in("batch labeled-response message-tags");
	reed_write_str(s, "LIST\r\n@label=b WHO *\r\nLIST >5\r\nJOIN #mine\r\n");
	check_int(reed_sim_run_for(sim, REED_S(30)), REED_OK);
	hear_until(s, ":reed 366 asker #mine *");
	hear_until(s, ":reed 323 *");
	hear_until(s, "@batch=* :reed 315 *");
	hear_until(s, ":reed BATCH -*");
	hear_until(s, ":reed 323 *");
	reed_close(s);
	drop_curtain();
}

static void who_goes_in_the_middle_of_an_answer_takes_it_along(void)
{
	struct reed_stream *s;

	raise_curtain(20000);
	add_rooms(SOME);
	s = come_in("batch labeled-response message-tags");
	reed_write_str(s, "@label=a LIST\r\nLIST\r\nJOIN #mine\r\n");
	check_int(reed_sim_run_for(sim, REED_S(30)), REED_OK);
	reed_abort(s);
	check_int(reed_sim_run_for(sim, REED_S(30)), REED_OK);
	check_int(stats().connections, 0);
	/* and one that says good-bye */
	s = come_in("batch labeled-response message-tags");
	reed_write_str(s, "@label=a LIST\r\n@label=q QUIT :enough\r\n");
	check_int(reed_sim_run_for(sim, REED_S(30)), REED_OK);
	hear_until(s, "@label=q ERROR *enough*");
	reed_close(s);
	check_int(reed_sim_run_for(sim, REED_S(30)), REED_OK);
	check_int(stats().connections, 0);
	drop_curtain();
}

static void whoever_asks_without_end_is_sent_away(void)
{
	struct reed_stream *s;

	raise_curtain(SENDQ);
	add_rooms(SOME);
	s = come_in("batch");
	for (int i = 0; i < 1100; i++)
		reed_write_str(s, "LIST\r\n");
	check_int(reed_sim_run_for(sim, REED_S(1)), REED_OK);
	hear_until(s, "ERROR *too many answers wait for you to read*");
	reed_close(s);
	drop_curtain();
}

/*
 * 120 seconds to the PING, 60 for the answer.  The PING waits behind more than
 * can be read in 60 seconds, and yet the client reads all the time.
 */
static void a_slow_reader_that_reads_is_not_taken_for_dead(void)
{
	struct reed_slice line = REED_STR("");
	struct reed_stream *s;
	size_t n = 0;
	int64_t begin;

	raise_curtain(SENDQ);
	add_rooms(MANY);
	s = come_in("batch");
	begin = reed_sim_now(sim);
	reed_write_str(s, "LIST\r\n");
	for (int i = 0; !matches(":reed 323 *", line); i++) {
		if (i % 20 == 0)
			check_int(reed_sim_run_for(sim, REED_MS(1500)), REED_OK);
		line = hear(s);
		n += matches(":reed 322 asker #room-with*", line);
		if (matches("PING *", line))
			reed_write_str(s, "PONG reed\r\n");
	}
	check_int(n, MANY);
	check(reed_sim_now(sim) - begin > REED_S(1000));
	reed_close(s);
	drop_curtain();
}

int main(void)
{
	RUN(a_list_of_many_rooms_reaches_a_slow_reader);
	RUN(a_who_of_many_users_reaches_a_slow_reader);
	RUN(names_of_many_members_reach_a_slow_reader);
	RUN(who_stays_is_told_whoever_else_comes_and_goes);
	RUN(a_list_goes_on_when_the_room_it_stands_at_has_gone);
	RUN(a_who_goes_on_when_the_user_it_stands_at_has_gone);
	RUN(the_room_may_go_before_all_its_names_are_told);
	RUN(a_labeled_list_is_one_batch_however_long);
	RUN(long_answers_come_one_after_another_but_names_first);
	RUN(who_goes_in_the_middle_of_an_answer_takes_it_along);
	RUN(whoever_asks_without_end_is_sent_away);
	RUN(a_slow_reader_that_reads_is_not_taken_for_dead);
	return 0;
}
