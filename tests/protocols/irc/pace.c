/*
 * Long answers: twenty thousand rooms and users, for somebody who reads slowly.
 * In simulation, the server on one host and its clients on another.
 */

#include "stage.h"

#include "reed/alloc.h"

enum { MANY = 20000, SOME = 5000, SENDQ = 100000 };

/* ---- people and rooms ---- */

static struct reed_session *people;
static size_t many; /* of people or rooms */

static void add_people(size_t n, const char *room)
{
	struct reed_member *member;
	char nick[24];

	many = n;
	people = reed_alloc(n * sizeof(*people));
	for (size_t i = 0; i < n; i++) {
		snprintf(nick, sizeof(nick), "p%05zu", i);
		add_person(&people[i], nick, "someone", "a.rather.long.name.of.a.host.example",
		           "A person with a name that is not short");
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

static void begin(uint32_t sendq)
{
	struct stage stage = STAGE;

	stage.irc.limits.sendq = sendq;
	stage.irc.limits.burst = 1000;
	stage.irc.limits.commands_per_10_seconds = 100000;
	stage.rooms.limits.members = MANY + 10;
	stage.sim.send_buffer = stage.sim.receive_buffer = 16384;
	raise_curtain(&stage);
}

static void end(void)
{
	drop_curtain();
	reed_free(people);
	people = NULL;
}

static struct reed_stream *asker(const char *caps)
{
	return come_in_with("asker", caps);
}

static void hear_until(struct reed_stream *s, const char *pattern)
{
	check_int(hear(s, pattern), REED_OK);
}

/* How many lines match before the one that ends it; "other", if given, comes among them. */
static size_t count_until(struct reed_stream *s, const char *pattern, const char *last,
                          const char *other)
{
	struct reed_slice line;
	size_t n = 0;
	bool met = !other;

	while (!matches(last, line = next_line(s))) {
		n += matches(pattern, line);
		met |= other && matches(other, line);
	}
	check(met);
	return n;
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

	begin(SENDQ);
	add_rooms(MANY);
	s = asker("batch");
	ask(s, "LIST");
	hear_until(s, ":reed 321 *");
	/* other commands are answered meanwhile */
	check_int(count_until(s, ":reed 322 asker #room-with*", ":reed 323 *", "*PONG*there"),
	          many);
	reed_close(s);
	end();
}

static void a_who_of_many_users_reaches_a_slow_reader(void)
{
	struct reed_stream *s;

	begin(SENDQ);
	add_people(MANY, NULL);
	s = asker("batch");
	ask(s, "WHO p*");
	check_int(count_until(s, ":reed 352 asker \\* someone *", ":reed 315 asker p\\* *",
	                      "*PONG*there"),
	          many);
	ask(s, "WHO p* %tn,7");
	check_int(count_until(s, ":reed 354 asker 7 p?????", ":reed 315 asker p\\* *",
	                      "*PONG*there"),
	          many);
	reed_close(s);
	end();
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

	while (!matches(":reed 366 *", line = next_line(s))) {
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

	begin(SENDQ);
	add_people(MANY, "#big");
	s = asker("userhost-in-names");
	ask(s, "NAMES #big");
	expect_all_names_once(s);
	ask(s, "WHO #big");
	check_int(count_until(s, ":reed 352 asker #big *", ":reed 315 *", NULL), many);
	ask(s, "JOIN #big");
	hear_until(s, ":asker!asker@* JOIN #big");
	expect_all_names_once(s);
	reed_close(s);
	end();
}

static void who_stays_is_told_whoever_else_comes_and_goes(void)
{
	struct reed_stream *s;
	unsigned *seen;

	begin(20000);
	add_people(SOME, "#big");
	s = asker("batch");
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
	end();
}

static void a_list_goes_on_when_the_room_it_stands_at_has_gone(void)
{
	struct reed_stream *s;
	size_t n, i = 0;

	begin(20000);
	add_rooms(SOME);
	s = asker("batch");
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
	end();
}

static void a_who_goes_on_when_the_user_it_stands_at_has_gone(void)
{
	struct reed_stream *s;
	size_t n;

	begin(20000);
	add_people(SOME, NULL);
	s = asker("batch");
	reed_write_str(s, "WHO p*\r\n");
	check_int(reed_sim_run_for(sim, REED_S(30)), REED_OK);
	for (size_t i = 0; i < many; i += 2)
		reed_session_end(&people[i], REED_STR("bye"));
	n = count_until(s, ":reed 352 asker \\* someone *", ":reed 315 *", NULL);
	check(n >= many / 2 && n < many);
	reed_close(s);
	end();
}

static void the_room_may_go_before_all_its_names_are_told(void)
{
	struct reed_stream *s;

	begin(20000);
	add_people(SOME, "#big");
	s = asker("batch");
	reed_write_str(s, "NAMES #big\r\nWHO #big\r\n");
	check_int(reed_sim_run_for(sim, REED_S(30)), REED_OK);
	for (size_t i = 0; i < many; i++)
		reed_session_end(&people[i], REED_STR("bye"));
	check(!reed_room_find(hub, REED_STR("#big")));
	hear_until(s, ":reed 366 asker #big *");
	hear_until(s, ":reed 315 asker #big *");
	reed_close(s);
	end();
}

/* One batch with all of the list in it, and nothing of what came in between. */
static void a_labeled_list_is_one_batch_however_long(void)
{
	struct reed_stream *s;

	begin(SENDQ);
	add_rooms(SOME);
	s = asker("batch labeled-response message-tags");
	ask(s, "@label=all LIST");
	hear_until(s, "@label=all :reed BATCH +L1 labeled-response");
	check_int(count_until(s, "@batch=L1 :reed 322 *", ":reed BATCH -L1", ":reed PONG *there"),
	          many);
	reed_write_str(s, "@label=next PING x\r\n");
	check(matches("@label=next :reed PONG *", next_line(s)));
	reed_close(s);
	end();
}

static void long_answers_come_one_after_another_but_names_first(void)
{
	struct reed_stream *s;

	begin(20000);
	add_rooms(SOME);
	s = asker("batch labeled-response message-tags");
	reed_write_str(s, "LIST\r\n@label=b WHO *\r\nLIST >5\r\nJOIN #mine\r\n");
	check_int(reed_sim_run_for(sim, REED_S(30)), REED_OK);
	hear_until(s, ":reed 366 asker #mine *");
	hear_until(s, ":reed 323 *");
	hear_until(s, "@batch=* :reed 315 *");
	hear_until(s, ":reed BATCH -*");
	hear_until(s, ":reed 323 *");
	reed_close(s);
	end();
}

static void who_goes_in_the_middle_of_an_answer_takes_it_along(void)
{
	struct reed_stream *s;

	begin(20000);
	add_rooms(SOME);
	s = asker("batch labeled-response message-tags");
	reed_write_str(s, "@label=a LIST\r\nLIST\r\nJOIN #mine\r\n");
	check_int(reed_sim_run_for(sim, REED_S(30)), REED_OK);
	reed_abort(s);
	check_int(reed_sim_run_for(sim, REED_S(30)), REED_OK);
	check_int(stats().connections, 0);
	/* and one that says good-bye */
	s = asker("batch labeled-response message-tags");
	reed_write_str(s, "@label=a LIST\r\n@label=q QUIT :enough\r\n");
	check_int(reed_sim_run_for(sim, REED_S(30)), REED_OK);
	hear_until(s, "@label=q ERROR *enough*");
	reed_close(s);
	check_int(reed_sim_run_for(sim, REED_S(30)), REED_OK);
	check_int(stats().connections, 0);
	end();
}

static void whoever_asks_without_end_is_sent_away(void)
{
	struct reed_stream *s;

	begin(SENDQ);
	add_rooms(SOME);
	s = asker("batch");
	for (int i = 0; i < 1100; i++)
		reed_write_str(s, "LIST\r\n");
	check_int(reed_sim_run_for(sim, REED_S(1)), REED_OK);
	hear_until(s, "ERROR *too many answers wait for you to read*");
	reed_close(s);
	end();
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
	int64_t since;

	begin(SENDQ);
	add_rooms(MANY);
	s = asker("batch");
	since = reed_sim_now(sim);
	reed_write_str(s, "LIST\r\n");
	for (int i = 0; !matches(":reed 323 *", line); i++) {
		if (i % 20 == 0)
			check_int(reed_sim_run_for(sim, REED_MS(1500)), REED_OK);
		line = next_line(s);
		n += matches(":reed 322 asker #room-with*", line);
		if (matches("PING *", line))
			reed_write_str(s, "PONG reed\r\n");
	}
	check_int(n, MANY);
	check(reed_sim_now(sim) - since > REED_S(1000));
	reed_close(s);
	end();
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
