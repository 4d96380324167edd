/* Happy eyeballs, in a network and a time of the laboratory's. */

#include "tests/core/resolve_kit.h"

static struct kit kit;
static struct reed_stream *stream;

static struct reed_future *connecting(const char *name)
{
	return reed_connect(loop, reed_slice_of(name), 6667, NULL, &stream);
}

/* ---- a table of races ---- */

enum { NEVER = -1 };

static const struct race {
	const char *why;
	struct {
		const char *v6, *v4;  /* what the name has */
		int64_t v6_ms, v4_ms; /* when that is known */
	} name;
	struct kit_host hosts[5];
	struct {
		enum reed_err err;
		const char *log;      /* who is tried, when */
		const char *sentence; /* of a failure */
	} end;
} races[] = {
	{ "both are there: the better one goes first, and is enough",
	  { "2001:db8::1", "192.0.2.1", 0, 0 },
	  { { "2001:db8::1", 20, REED_OK } },
	  { REED_OK, "2001:db8::1@0", NULL } },
	{ "IPv6 is known first and does not wait for IPv4",
	  { "2001:db8::1", "192.0.2.1", 5, 500 },
	  { { "2001:db8::1", 20, REED_OK } },
	  { REED_OK, "2001:db8::1@5", NULL } },
	{ "IPv4 is known first and waits a little for IPv6",
	  { "2001:db8::1", "192.0.2.1", 40, 10 },
	  { { "2001:db8::1", 20, REED_OK } },
	  { REED_OK, "2001:db8::1@40", NULL } },
	{ "IPv6 takes too long to be known",
	  { "2001:db8::1", "192.0.2.1", 1000, 10 },
	  { { "192.0.2.1", 20, REED_OK } },
	  { REED_OK, "192.0.2.1@60", NULL } },
	{ "there is no IPv6, so IPv4 does not wait",
	  { NULL, "192.0.2.1", 12, 10 },
	  { { "192.0.2.1", 20, REED_OK } },
	  { REED_OK, "192.0.2.1@12", NULL } },
	{ "there is no IPv4",
	  { "2001:db8::1", NULL, 10, 0 },
	  { { "2001:db8::1", 20, REED_OK } },
	  { REED_OK, "2001:db8::1@10", NULL } },
	{ "IPv6 leads nowhere, IPv4 begins 250 ms later",
	  { "2001:db8::1", "192.0.2.1", 0, 0 },
	  { { "2001:db8::1", NEVER, REED_OK }, { "192.0.2.1", 20, REED_OK } },
	  { REED_OK, "2001:db8::1@0 192.0.2.1@250", NULL } },
	{ "the first one wins although it is slow",
	  { "2001:db8::1", "192.0.2.1", 0, 0 },
	  { { "2001:db8::1", 300, REED_OK }, { "192.0.2.1", 100, REED_OK } },
	  { REED_OK, "2001:db8::1@0 192.0.2.1@250", NULL } },
	{ "who is refused makes way at once",
	  { "2001:db8::1", "192.0.2.1", 0, 0 },
	  { { "2001:db8::1", 0, REED_EREFUSED }, { "192.0.2.1", 20, REED_OK } },
	  { REED_OK, "2001:db8::1@0 192.0.2.1@0", NULL } },
	{ "so does who is refused later",
	  { "2001:db8::1", "192.0.2.1", 0, 0 },
	  { { "2001:db8::1", 100, REED_EREFUSED }, { "192.0.2.1", 20, REED_OK } },
	  { REED_OK, "2001:db8::1@0 192.0.2.1@100", NULL } },
	{ "families take turns, and what is left of one follows",
	  { "2001:db8::1, 2001:db8::2, 2001:db8::3", "192.0.2.1", 0, 0 },
	  { { "2001:db8::1", NEVER, REED_OK },
	    { "192.0.2.1", NEVER, REED_OK },
	    { "2001:db8::2", NEVER, REED_OK },
	    { "2001:db8::3", 10, REED_OK } },
	  { REED_OK, "2001:db8::1@0 192.0.2.1@250 2001:db8::2@500 2001:db8::3@750", NULL } },
	{ "what becomes known during the race takes part in it",
	  { "2001:db8::1", "192.0.2.1, 192.0.2.2", 100, 0 },
	  { { "192.0.2.1", NEVER, REED_OK }, { "2001:db8::1", 10, REED_OK } },
	  { REED_OK, "192.0.2.1@50 2001:db8::1@300", NULL } },
	{ "all were refused, but there may be more soon",
	  { "2001:db8::1", "192.0.2.1", 400, 0 },
	  { { "192.0.2.1", 0, REED_EREFUSED }, { "2001:db8::1", 10, REED_OK } },
	  { REED_OK, "192.0.2.1@50 2001:db8::1@400", NULL } },
	{ "nobody is there: everyone is named",
	  { "2001:db8::1", "192.0.2.1, 192.0.2.2", 0, 0 },
	  { { "2001:db8::1", 0, REED_ENETUNREACH },
	    { "192.0.2.1", 0, REED_EREFUSED },
	    { "192.0.2.2", 0, REED_ETIMEDOUT } },
	  { REED_EREFUSED, "2001:db8::1@0 192.0.2.1@0 192.0.2.2@0",
	    "cannot connect to race.example:6667: 2001:db8::1: network unreachable; "
	    "192.0.2.1: connection refused; 192.0.2.2: timed out" } },
	{ "nobody can be reached at all",
	  { NULL, "192.0.2.1", 0, 0 },
	  { { "192.0.2.1", 5, REED_EHOSTUNREACH } },
	  { REED_EHOSTUNREACH, "192.0.2.1@0",
	    "cannot connect to race.example:6667: 192.0.2.1: host unreachable" } },
	{ "there is no such name",
	  { NULL, NULL, 30, 20 },
	  { { NULL, 0, REED_OK } },
	  { REED_ENAME, "", "there is no host called race.example" } },
};

static void a_race_is_run(const struct race *r)
{
	const struct kit_answer table[] = {
		{ "race.example", REED_RECORD_AAAA, r->name.v6_ms, REED_OK, 0, r->name.v6 },
		{ "race.example", REED_RECORD_A, r->name.v4_ms, REED_OK, 0, r->name.v4 },
		{ NULL, REED_RECORD_A, 0, REED_OK, 0, NULL },
	};
	enum reed_err err;

	kit_set(&kit, table);
	kit_net_set(r->hosts, false);
	err = outcome(connecting("race.example"));
	if (err != r->end.err || strcmp(kit_net.log, r->end.log) != 0)
		fprintf(stderr, "%s: %s\n", r->why, kit_net.log);
	check_int(err, r->end.err);
	check_str(kit_net.log, r->end.log);
	if (r->end.sentence)
		check(why_is(r->end.sentence));
	check_int(kit_net.under_way, 0);
	check_int(kit.under_way, 0);
	check(!err == !!stream);
	check_int(kit_net_open(), err ? 0 : 1);
	reed_abort(stream);
	stream = NULL;
	check(idle());
}

static void races_are_won_by_who_is_first(void)
{
	for (size_t i = 0; i < REED_COUNT(races); i++)
		a_race_is_run(&races[i]);
}

/* ---- one race, disturbed ---- */

static const struct kit_answer two[] = {
	{ "two.example", REED_RECORD_AAAA, 5, REED_OK, 0, "2001:db8::1" },
	{ "two.example", REED_RECORD_A, 5, REED_OK, 0, "192.0.2.1" },
	{ "half.example", REED_RECORD_AAAA, 5, REED_ETIMEDOUT, 0, NULL },
	{ "half.example", REED_RECORD_A, 5, REED_OK, 0, "192.0.2.1" },
	{ NULL, REED_RECORD_A, 0, REED_OK, 0, NULL },
};

static const struct kit_host both[] = {
	{ "2001:db8::1", 300, REED_OK },
	{ "192.0.2.1", 50, REED_OK },
	{ NULL, 0, REED_OK },
};

static void who_comes_second_in_the_same_turn_is_closed(void)
{
	kit_set(&kit, two);
	kit_net_set(both, false);
	check_int(outcome(connecting("two.example")), REED_OK);
	check_int(kit_net.peer_count, 2); /* 5 + 300 = 5 + 250 + 50 */
	check_int(kit_net_open(), 1);
	reed_abort(stream);
	stream = NULL;
}

static void who_loses_goes_at_once_even_if_nobody_takes_the_winner_yet(void)
{
	static const struct kit_host hosts[] = {
		{ "2001:db8::1", NEVER, REED_OK },
		{ "192.0.2.1", 50, REED_OK },
		{ NULL, 0, REED_OK },
	};
	struct owner o;

	kit_set(&kit, two);
	kit_net_set(hosts, false);
	own(&o, reed_all(connecting("two.example"), reed_sleep(loop, 1000)));
	while (kit_net.peer_count == 0)
		step();
	turns(2);
	check(!o.told);
	check_int(kit_net.under_way, 0);
	run();
	check_int(o.err, REED_OK);
	check_int(kit_net_open(), 1);
	reed_abort(stream);
	stream = NULL;
}

static void a_race_can_be_dropped_at_every_step(void)
{
	struct owner o;
	bool ended = false;
	int n;

	for (n = 0; !ended; n++) {
		kit_set(&kit, two);
		kit_net_set(both, false);
		own(&o, connecting("two.example"));
		for (int j = 0; j < n && !o.told; j++)
			step();
		ended = o.told;
		if (!ended)
			disown(&o);
		check_int(kit_net.under_way, 0);
		check_int(kit.under_way, 0);
		check_int(kit_net_open(), ended);
		check(ended == !!stream);
		run();
	}
	check(n > 20);
	reed_abort(stream);
	stream = NULL;
}

static void a_race_can_be_interrupted_at_every_step(void)
{
	struct owner o = { .told = 0 };
	bool ended = false;

	for (int n = 0; !ended; n++) {
		struct reed_future *f;

		kit_set(&kit, two);
		kit_net_set(both, false);
		f = connecting("two.example");
		own(&o, f);
		for (int j = 0; j < n && !o.told; j++)
			step();
		ended = o.told;
		if (!ended)
			reed_interrupt(f);
		run();
		check_int(o.told, 1);
		check(o.err == REED_ECANCELED || !o.err);
		check_int(kit_net_open(), !o.err);
		reed_abort(stream);
		stream = NULL;
		check_int(kit_net.under_way, 0);
		check_int(kit.under_way, 0);
	}
	check_int(o.err, REED_OK);
}

static void a_time_limit_around_it_ends_it(void)
{
	static const struct kit_host nobody[] = {
		{ "2001:db8::1", NEVER, REED_OK },
		{ "192.0.2.1", NEVER, REED_OK },
		{ NULL, 0, REED_OK },
	};

	kit_set(&kit, two);
	kit_net_set(nobody, false);
	check_int(outcome(reed_within(1000, connecting("two.example"))), REED_ETIMEDOUT);
	check_str(kit_net.log, "2001:db8::1@5 192.0.2.1@255");
	check_int(kit_net.under_way, 0);
	check(idle());
}

/* ---- options ---- */

static void delays_can_be_chosen(void)
{
	static const struct kit_host nobody[] = {
		{ "2001:db8::1", NEVER, REED_OK },
		{ "192.0.2.1", 10, REED_OK },
		{ NULL, 0, REED_OK },
	};
	struct reed_connect_options options = REED_CONNECT_OPTIONS;

	options.attempt_delay_ms = 1000;
	kit_set(&kit, two);
	kit_net_set(nobody, false);
	check_int(outcome(reed_connect(loop, REED_STR("two.example"), 80, &options, &stream)),
	          REED_OK);
	check_str(kit_net.log, "2001:db8::1@5 192.0.2.1@1005");
	kit_net_open();
	reed_abort(stream);
	options.attempt_delay_ms = 0; /* RFC 8305 8: not less than 10 */
	kit_set(&kit, two);
	kit_net_set(nobody, false);
	check_int(outcome(reed_connect(loop, REED_STR("two.example"), 80, &options, &stream)),
	          REED_OK);
	check_str(kit_net.log, "2001:db8::1@5 192.0.2.1@15");
	kit_net_open();
	reed_abort(stream);
	stream = NULL;
}

static void an_address_to_dial_from_leaves_one_family(void)
{
	struct reed_connect_options options = REED_CONNECT_OPTIONS;
	struct reed_address from;

	check_int(reed_address_parse(REED_STR("192.0.2.99"), 0, &from), REED_OK);
	options.from = &from;
	kit_set(&kit, two);
	kit_net_set(both, false);
	check_int(outcome(reed_connect(loop, REED_STR("two.example"), 80, &options, &stream)),
	          REED_OK);
	check_str(kit_net.log, "192.0.2.1@5");
	check_int(kit.asked, 1);
	kit_net_open();
	reed_abort(stream);
	stream = NULL;
	check_int(reed_address_parse(REED_STR("2001:db8::99"), 0, &from), REED_OK);
	check_int(outcome(reed_connect(loop, REED_STR("half.example"), 80, &options, &stream)),
	          REED_ETIMEDOUT);
	kit_net_set((const struct kit_host[]){ { "::1", 0, REED_EREFUSED }, { NULL, 0, REED_OK } },
	            false);
	check_int(outcome(reed_connect(loop, REED_STR("localhost"), 80, &options, &stream)),
	          REED_EREFUSED);
	check_str(kit_net.log, "::1@0");
}

static bool is_global(void *arg, const struct reed_address *address)
{
	(void)arg;
	return reed_address_is_global(address);
}

static enum reed_err connect_globally(const char *host)
{
	struct reed_connect_options options = REED_CONNECT_OPTIONS;

	options.allows = is_global;
	return outcome(reed_connect(loop, reed_slice_of(host), 80, &options, &stream));
}

static void what_is_not_allowed_is_not_even_tried(void)
{
	kit_set(&kit, two);
	kit_net_set(both, false);
	check_int(connect_globally("two.example"), REED_EACCES);
	check(why_is("cannot connect to two.example:80: 2001:db8::1: is not allowed; "
	             "192.0.2.1: is not allowed"));
	check_int(connect_globally("localhost"), REED_EACCES);
	check_int(connect_globally("::ffff:10.0.0.1"), REED_EACCES);
	check(why_is("cannot connect to ::ffff:10.0.0.1: is not allowed"));
	check_str(kit_net.log, "");
	check(!stream && idle());
}

static bool is_ipv4(void *arg, const struct reed_address *address)
{
	(void)arg;
	return address->family == REED_FAMILY_IPV4;
}

static void what_is_not_allowed_holds_nobody_up(void)
{
	struct reed_connect_options options = REED_CONNECT_OPTIONS;

	options.allows = is_ipv4;
	kit_set(&kit, two);
	kit_net_set(both, false);
	check_int(outcome(reed_connect(loop, REED_STR("two.example"), 80, &options, &stream)),
	          REED_OK);
	check_str(kit_net.log, "192.0.2.1@5");
	kit_net_open();
	reed_abort(stream);
	stream = NULL;
}

/* ---- faults ---- */

static void a_fault_tells_of_the_family_that_could_not_be_looked_up(void)
{
	static const struct kit_host refused[] = {
		{ "192.0.2.1", 0, REED_EREFUSED },
		{ NULL, 0, REED_OK },
	};

	kit_set(&kit, two);
	kit_net_set(refused, false);
	check_int(outcome(connecting("half.example")), REED_EREFUSED);
	check(why_is("cannot connect to half.example:6667: 192.0.2.1: connection refused; "
	             "no answer about half.example"));
}

static void digits_are_dialled_at_once(void)
{
	static const struct kit_host host[] = {
		{ "192.0.2.1", 0, REED_EREFUSED },
		{ NULL, 0, REED_OK },
	};

	kit_set(&kit, two);
	kit_net_set(host, false);
	check_int(outcome(connecting("192.0.2.1")), REED_EREFUSED);
	check(why_is("192.0.2.1: connection refused"));
	check_int(kit.asked, 0);
}

static void many_addresses_are_tried_and_some_of_them_named(void)
{
	char data[4096];
	struct kit_host hosts[REED_ADDRESSES_MAX + 7];
	static char names[REED_ADDRESSES_MAX + 6][20];
	struct kit_answer table[] = {
		{ "many.example", REED_RECORD_A, 0, REED_OK, 0, data },
		{ NULL, REED_RECORD_A, 0, REED_OK, 0, NULL },
	};
	struct reed_fault *fault;
	size_t n = 0;

	for (size_t i = 0; i < REED_COUNT(names); i++) {
		snprintf(names[i], sizeof(names[i]), "192.0.2.%zu", i + 1);
		n += (size_t)snprintf(data + n, sizeof(data) - n, "%s%s", i ? ", " : "", names[i]);
		hosts[i] = (struct kit_host){ names[i], 0, REED_EREFUSED };
	}
	hosts[REED_COUNT(names)] = (struct kit_host){ NULL, 0, REED_OK };
	kit_set(&kit, table);
	kit_net_set(hosts, false);
	check_int(reed_loop_run_until(loop, connecting("many.example"), &fault), REED_EREFUSED);
	check(strstr(fault->sentence, "192.0.2.16: connection refused; and 48 more"));
	reed_fault_free(fault);
}

int main(void)
{
	lab_open();
	RUN(races_are_won_by_who_is_first);
	RUN(who_comes_second_in_the_same_turn_is_closed);
	RUN(who_loses_goes_at_once_even_if_nobody_takes_the_winner_yet);
	RUN(a_race_can_be_dropped_at_every_step);
	RUN(a_race_can_be_interrupted_at_every_step);
	RUN(a_time_limit_around_it_ends_it);
	RUN(delays_can_be_chosen);
	RUN(an_address_to_dial_from_leaves_one_family);
	RUN(what_is_not_allowed_is_not_even_tried);
	RUN(what_is_not_allowed_holds_nobody_up);
	RUN(a_fault_tells_of_the_family_that_could_not_be_looked_up);
	RUN(digits_are_dialled_at_once);
	RUN(many_addresses_are_tried_and_some_of_them_named);
	lab_close();
	return 0;
}
