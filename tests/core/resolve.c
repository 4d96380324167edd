/* The resolver of a loop: what is asked, what is kept, what a drop leaves. */

#include "tests/core/resolve_kit.h"

static struct kit kit;
static struct reed_addresses got;

static struct reed_future *resolve(const char *name)
{
	return reed_resolve(loop, reed_slice_of(name), 80, &got);
}

static enum reed_err asking(const char *name)
{
	return outcome(resolve(name));
}

static const struct kit_answer plain[] = {
	{ "both.example", REED_RECORD_A, 0, REED_OK, 300, "192.0.2.1, 192.0.2.2" },
	{ "both.example", REED_RECORD_AAAA, 0, REED_OK, 300, "2001:db8::1" },
	{ "v4.example", REED_RECORD_A, 5, REED_OK, 300, "192.0.2.4" },
	{ "v6.example", REED_RECORD_AAAA, 5, REED_OK, 300, "2001:db8::6" },
	{ "half.example", REED_RECORD_A, 5, REED_OK, 300, "192.0.2.5" },
	{ "half.example", REED_RECORD_AAAA, 1, REED_ETIMEDOUT, 0, NULL },
	{ "late.example", REED_RECORD_AAAA, 1, REED_ETIMEDOUT, 0, NULL },
	{ "broken.example", REED_RECORD_A, 1, REED_EIO, 0, NULL },
	{ "broken.example", REED_RECORD_AAAA, 1, REED_EIO, 0, NULL },
	{ "xn--mller-kva.example", REED_RECORD_A, 0, REED_OK, 300, "192.0.2.7" },
	{ NULL, REED_RECORD_A, 0, REED_OK, 0, NULL },
};

/* ---- what needs no question ---- */

static void digits_are_addresses_at_once(void)
{
	kit_set(&kit, plain);
	check_int(asking("192.0.2.9"), REED_OK);
	check_int(got.list[0].port, 80);
	check_str(kit_text(&got), "192.0.2.9");
	check_int(asking("2001:db8::9"), REED_OK);
	check_str(kit_text(&got), "2001:db8::9");
	check_int(asking("\357\274\221\357\274\222\357\274\227.0.0.1"), REED_OK);
	check_str(kit_text(&got), "127.0.0.1");
	check_int(kit.asked, 0);
}

static void localhost_is_this_host_always(void)
{
	static const char *const names[] = { "localhost", "localhost.", "LocalHost",
		                             "a.b.localhost" };

	kit_set(&kit, plain);
	for (size_t i = 0; i < REED_COUNT(names); i++) {
		check_int(asking(names[i]), REED_OK);
		check_str(kit_text(&got), "::1 127.0.0.1");
	}
	check_int(kit.asked, 0);
}

static void what_is_no_name_is_not_asked_for(void)
{
	kit_set(&kit, plain);
	check_int(asking("two words"), REED_ESYNTAX);
	check(why_is("\"two words\" is no host name: letters, digits, hyphens and dots make one"));
	check_int(asking(""), REED_ESYNTAX);
	check_int(kit.asked, 0);
}

/* ---- what is asked for ---- */

static void both_families_are_asked_for_and_put_in_order(void)
{
	kit_set(&kit, plain);
	check_int(asking("both.example"), REED_OK);
	check_int(got.list[2].port, 80);
	check_str(kit_text(&got), "2001:db8::1 192.0.2.1 192.0.2.2");
	check_int(kit.asked, 2);
	check_int(asking("v4.example"), REED_OK);
	check_str(kit_text(&got), "192.0.2.4");
	check_int(asking("v6.example"), REED_OK);
	check_str(kit_text(&got), "2001:db8::6");
}

static void an_international_name_is_asked_for_in_ascii(void)
{
	kit_set(&kit, plain);
	check_int(asking("M\303\274ller.example"), REED_OK);
	check_str(kit_text(&got), "192.0.2.7");
	check_str(kit.last, "xn--mller-kva.example");
}

static void a_name_without_addresses_is_none(void)
{
	kit_set(&kit, plain);
	check_int(asking("no.example"), REED_ENAME);
	check(why_is("there is no host called no.example"));
	check_int(kit.asked, 2);
}

static void one_family_does_when_the_other_cannot_be_looked_up(void)
{
	kit_set(&kit, plain);
	check_int(asking("half.example"), REED_OK);
	check_str(kit_text(&got), "192.0.2.5");
}

static void a_failure_counts_when_the_other_family_has_nothing(void)
{
	kit_set(&kit, plain);
	check_int(asking("late.example"), REED_ETIMEDOUT);
	check(why_is("no answer about late.example"));
	check_int(asking("broken.example"), REED_EIO);
}

static void a_resolver_of_ones_own_hears_of_onions_and_no_search_list(void)
{
	kit_set(&kit, plain);
	check_int(asking("abc.onion"), REED_ENAME);
	check_int(kit.asked, 2);
	check_str(kit.last, "abc.onion");
	check_int(asking("short"), REED_ENAME);
	check_int(kit.asked, 4);
	check_str(kit.last, "short");
}

static void a_driver_with_names_is_asked_instead(void)
{
	reed_resolver_set(loop, NULL);
	kit_net_set(NULL, true);
	kit_net.names = "server 10.0.0.1 fd00::1";
	check_int(asking("server"), REED_OK);
	check_str(kit_text(&got), "10.0.0.1 fd00::1");
	check_int(asking("server.example"), REED_ENAME);
	check_int(asking("localhost"), REED_OK);
	check_str(kit_text(&got), "::1 127.0.0.1");
	check_int(kit_net.looked_up, 4);
	check_int(asking("server"), REED_OK); /* a host may move from one turn to the next */
	reed_addresses_finish(&got);
	check_int(kit_net.looked_up, 6);
	check_int(kit_stats().looks, 0);
	kit_net_set(NULL, false);
}

/* ---- what is kept ---- */

static void an_answer_is_kept_as_long_as_it_says(void)
{
	kit_set(&kit, plain);
	for (int i = 0; i < 3; i++) {
		check_int(asking("both.example"), REED_OK);
		reed_addresses_finish(&got);
	}
	check_int(kit.asked, 2);
	check_int(kit_stats().hits, 4);
	lab_pass(REED_S(299));
	turns(1);
	check_int(asking("both.example"), REED_OK);
	reed_addresses_finish(&got);
	check_int(kit.asked, 2);
	lab_pass(REED_S(2));
	turns(1);
	check_int(asking("both.example"), REED_OK);
	reed_addresses_finish(&got);
	check_int(kit.asked, 4);
}

/* How often the name is asked for, of two questions with so many seconds between them. */
static int asked_again(const char *name, int64_t seconds)
{
	int before;

	reed_resolver_flush(loop);
	asking(name);
	reed_addresses_finish(&got);
	before = kit.asked;
	lab_pass(REED_S(seconds) - REED_MS(100));
	turns(1);
	asking(name);
	reed_addresses_finish(&got);
	return kit.asked - before;
}

static void what_is_kept_has_limits_of_time(void)
{
	static const struct kit_answer table[] = {
		{ "long.example", REED_RECORD_A, 0, REED_OK, 1000000, "192.0.2.1" },
		{ "long.example", REED_RECORD_AAAA, 0, REED_OK, 1000000, "2001:db8::1" },
		{ "never.example", REED_RECORD_A, 0, REED_OK, 0, "192.0.2.1" },
		{ "never.example", REED_RECORD_AAAA, 0, REED_OK, 0, "2001:db8::1" },
		{ "failed.example", REED_RECORD_A, 0, REED_EIO, 0, NULL },
		{ "failed.example", REED_RECORD_AAAA, 0, REED_EIO, 0, NULL },
		{ NULL, REED_RECORD_A, 0, REED_OK, 0, NULL },
	};

	kit_set(&kit, table);
	kit.negative_ttl = 1000000;
	check_int(asked_again("long.example", 3600), 0);
	check_int(asked_again("long.example", 3601), 2);
	check_int(asked_again("none.example", 60), 0);
	check_int(asked_again("none.example", 61), 2);
	kit.negative_ttl = 10;
	check_int(asked_again("none.example", 10), 0);
	check_int(asked_again("none.example", 11), 2);
	kit.negative_ttl = 0;
	check_int(asked_again("none.example", 1), 2);
	check_int(asked_again("never.example", 1), 2);
	check_int(asked_again("failed.example", 1), 0); /* RFC 9520 3.2 */
	check_int(asked_again("failed.example", 2), 2);
}

static void what_is_kept_has_a_limit_of_memory(void)
{
	struct reed_resolver_options options = REED_RESOLVER_OPTIONS;
	char name[64];
	int asked = 0;

	options.cache_bytes = 16384;
	reed_resolver_configure(loop, &options);
	kit_set(&kit, plain);
	kit.negative_ttl = 50;
	asking("first.example");
	for (int i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "n%d.example", i);
		check_int(asking(name), REED_ENAME);
		check(kit_stats().kept_bytes <= 16384);
		asked = kit.asked;
		asking("first.example"); /* what is used stays */
		check_int(kit.asked, asked);
	}
	check(kit_stats().kept > 10);
	asking("n199.example");
	check_int(kit.asked, asked);
	asking("n0.example");
	check_int(kit.asked, asked + 2);
	reed_resolver_configure(loop, NULL);
}

static void an_answer_too_large_to_be_kept_is_delivered(void)
{
	struct reed_resolver_options options = REED_RESOLVER_OPTIONS;

	options.cache_bytes = 10;
	reed_resolver_configure(loop, &options);
	kit_set(&kit, plain);
	check_int(asking("both.example"), REED_OK);
	check_str(kit_text(&got), "2001:db8::1 192.0.2.1 192.0.2.2");
	check_int(kit_stats().kept, 0);
	check_int(kit_stats().kept_bytes, 0);
	reed_resolver_configure(loop, NULL);
}

static void a_flush_forgets_what_is_known_and_what_is_coming(void)
{
	struct owner one;

	kit_set(&kit, plain);
	check_int(asking("both.example"), REED_OK);
	reed_addresses_finish(&got);
	own(&one, resolve("v4.example"));
	turns(2);
	reed_resolver_flush(loop);
	check_int(kit_stats().kept, 0);
	run();
	check_int(one.err, REED_OK);
	reed_addresses_finish(&got);
	check_int(kit_stats().kept, 0);
	check_int(asking("v4.example"), REED_OK);
	reed_addresses_finish(&got);
	check_int(kit.asked, 6);
}

/* ---- those who wait ---- */

static void several_who_wait_share_one_question(void)
{
	struct reed_addresses all[5];
	struct owner owners[5];

	kit_set(&kit, plain);
	for (int i = 0; i < 5; i++)
		own(&owners[i], reed_resolve(loop, REED_STR("v4.example"), 80, &all[i]));
	turns(3);
	check_int(kit.asked, 2);
	disown(&owners[0]);
	disown(&owners[3]);
	run();
	check_int(kit.asked, 2);
	check(kit_stats().shared >= 8);
	for (int i = 0; i < 5; i++) {
		check_int(owners[i].told, i != 0 && i != 3);
		if (owners[i].told)
			check_str(kit_text(&all[i]), "192.0.2.4");
	}
}

static void a_question_ends_with_the_last_who_waits(void)
{
	struct owner one, two;

	kit_set(&kit, plain);
	own(&one, resolve("late.example"));
	own(&two, resolve("late.example"));
	turns(3);
	check_int(kit.under_way, 1); /* the other one has been answered */
	disown(&one);
	check_int(kit.under_way, 1);
	disown(&two);
	check_int(kit.under_way, 0);
	check_int(kit_stats().under_way, 0);
	check(idle());
}

static void a_lookup_can_be_dropped_at_every_step(void)
{
	static const char *const names[] = { "v4.example", "half.example", "no.example" };
	struct owner o;
	bool ended;
	int n;

	for (size_t i = 0; i < REED_COUNT(names); i++) {
		for (n = 0, ended = false; !ended; n++) {
			kit_set(&kit, plain);
			own(&o, resolve(names[i]));
			for (int j = 0; j < n && !o.told; j++)
				step();
			ended = o.told;
			if (!ended)
				disown(&o);
			else if (!o.err)
				reed_addresses_finish(&got);
			check_int(kit.under_way, 0);
			run();
			check(!got.list);
		}
		check(n > 5);
	}
}

static void a_lookup_can_be_interrupted_at_every_step(void)
{
	struct owner o = { .told = 0 };
	int n, canceled = 0;

	for (n = 0; n < 40; n++) {
		struct reed_future *f;

		kit_set(&kit, plain);
		f = resolve("v4.example");
		own(&o, f);
		for (int j = 0; j < n && !o.told; j++)
			step();
		if (!o.told)
			reed_interrupt(f);
		run();
		check_int(o.told, 1);
		check(o.err == REED_ECANCELED || !o.err);
		canceled += o.err == REED_ECANCELED;
		reed_addresses_finish(&got);
		check_int(kit.under_way, 0);
	}
	check(canceled > 5 && canceled < 40);
}

static void too_many_questions_are_refused(void)
{
	static struct owner owners[2100];
	static struct reed_addresses all[2100];
	char name[64];
	int refused = 0;

	kit_set(&kit, (const struct kit_answer[]){ { NULL, REED_RECORD_A, 0, REED_OK, 0, NULL } });
	loop->turn_wakes = 1 << 20;
	for (size_t i = 0; i < REED_COUNT(owners); i++) {
		snprintf(name, sizeof(name), "n%zu.example", i);
		own(&owners[i], reed_resolve(loop, reed_slice_of(name), 80, &all[i]));
	}
	run();
	loop->turn_wakes = REED_TURN_WAKES;
	for (size_t i = 0; i < REED_COUNT(owners); i++) {
		check_int(owners[i].told, 1);
		refused += owners[i].err == REED_ETOOBIG;
		check(owners[i].err == REED_ETOOBIG || owners[i].err == REED_ENAME);
	}
	check_int(refused, 2100 - 2048);
}

/* ---- one resolver after another ---- */

static void another_resolver_ends_what_is_under_way(void)
{
	struct kit other;
	struct owner o;

	kit_set(&kit, plain);
	own(&o, resolve("v4.example"));
	turns(3);
	kit_set(&other, plain);
	check_int(kit.closed, 1);
	run();
	check_int(o.err, REED_ECANCELED);
	check_str(o.why, "the resolver was set up anew");
	check_int(asking("v4.example"), REED_OK);
	reed_addresses_finish(&got);
	check_int(kit.asked, 2);
	check_int(other.asked, 2);
	kit_set(&kit, plain);
	check_int(other.closed, 1);
}

int main(void)
{
	lab_open();
	kit_net_set(NULL, false);
	RUN(digits_are_addresses_at_once);
	RUN(localhost_is_this_host_always);
	RUN(what_is_no_name_is_not_asked_for);
	RUN(both_families_are_asked_for_and_put_in_order);
	RUN(an_international_name_is_asked_for_in_ascii);
	RUN(a_name_without_addresses_is_none);
	RUN(one_family_does_when_the_other_cannot_be_looked_up);
	RUN(a_failure_counts_when_the_other_family_has_nothing);
	RUN(a_resolver_of_ones_own_hears_of_onions_and_no_search_list);
	RUN(a_driver_with_names_is_asked_instead);
	RUN(an_answer_is_kept_as_long_as_it_says);
	RUN(what_is_kept_has_limits_of_time);
	RUN(what_is_kept_has_a_limit_of_memory);
	RUN(an_answer_too_large_to_be_kept_is_delivered);
	RUN(a_flush_forgets_what_is_known_and_what_is_coming);
	RUN(several_who_wait_share_one_question);
	RUN(a_question_ends_with_the_last_who_waits);
	RUN(a_lookup_can_be_dropped_at_every_step);
	RUN(a_lookup_can_be_interrupted_at_every_step);
	RUN(too_many_questions_are_refused);
	RUN(another_resolver_ends_what_is_under_way);
	lab_close();
	check_int(kit.closed, 1);
	return 0;
}
