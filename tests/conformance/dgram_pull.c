/* Datagrams pulled by who waits for them, over every kind of socket. */

#include "tests/conformance/dgram.h"

/* ---- one ---- */

static void a_datagram_arrives_whole_and_says_from_where(void)
{
	say(them, "hello");
	hears(us, "hello");
	check(reed_address_eq(got.from, kind->we_connect ? &us->peer : address_of(them)) || sim);
	check_int(got.from->port, them->local.port);
	check(!got.truncated);
}

static void an_answer_finds_the_way_back(void)
{
	say(them, "question");
	hears(us, "question");
	check_int(reed_dgram_reply(us, &got, REED_STR("answer")), REED_OK);
	hears(them, "answer");
	check_int(got.from->port, us->local.port);
}

static void an_empty_datagram_is_one(void)
{
	say(them, "");
	say(them, "behind it");
	check_int(ends_as(reed_dgram_receive(us, &got)), REED_OK);
	check_int(got.data.n, 0);
	hears(us, "behind it");
}

static void borders_stay_where_they_were(void)
{
	say(them, "one");
	say(them, "");
	say(them, "three");
	say(them, "four");
	hears(us, "one");
	hears(us, "");
	hears(us, "three");
	hears(us, "four");
	hears_nothing(us);
}

static void a_long_one_comes_whole(void)
{
	size_t n = kind->family == REED_FAMILY_UNIX ? 65535 : 65507;

	check_int(send_slice(them, pattern(n)), REED_OK);
	check_int(ends_as(reed_dgram_receive(us, &got)), REED_OK);
	check(reed_slice_eq(got.data, pattern(n)));
}

static void one_that_no_header_could_tell_the_length_of_is_refused_at_once(void)
{
	check_int(send_slice(them, pattern(65536)), REED_ETOOBIG);
	say(them, "well");
	hears(us, "well");
}

static void one_longer_than_asked_for_comes_truncated_and_says_so(void)
{
	close_pair();
	options.largest = 100;
	make_pair();
	say(them, "short");
	check_int(send_slice(them, pattern(101)), REED_OK);
	check_int(send_slice(them, pattern(100)), REED_OK);
	hears(us, "short");
	check_int(ends_as(reed_dgram_receive(us, &got)), REED_OK);
	check(got.truncated && reed_slice_eq(got.data, pattern(100)));
	check_int(ends_as(reed_dgram_receive(us, &got)), REED_OK);
	check(!got.truncated && got.data.n == 100);
	check_int(us->stats.truncated, 1);
}

/* ---- waiting ---- */

static void a_dropped_wait_has_taken_nothing(void)
{
	struct owner o;

	say(them, "kept");
	own(&o, reed_dgram_receive(us, &got));
	until_settled(&us->waiting);
	disown(&o);
	hears(us, "kept");
}

static void an_interrupted_wait_has_taken_nothing(void)
{
	struct owner o;
	struct reed_future *f = reed_dgram_receive(us, &got);

	own(&o, f);
	quiet();
	reed_interrupt(f);
	until(o.told);
	check_int(o.err, REED_ECANCELED);
	say(them, "kept");
	hears(us, "kept");
}

static void what_any_loses_has_taken_nothing(void)
{
	struct reed_datagram lost;
	struct owner o;
	int which = -1;

	say(them, "kept");
	say(us, "first");
	own(&o, reed_any(&which, reed_dgram_receive(them, &got), reed_dgram_receive(us, &lost)));
	until(o.told);
	check_int(o.err, REED_OK);
	if (which == 0)
		hears(us, "kept");
	else
		hears(them, "first");
}

static void what_is_here_is_taken_without_waiting(void)
{
	int n = 0;

	for (int i = 0; i < 5; i++)
		say(them, "x");
	while (n < 5) {
		check_int(ends_as(reed_dgram_wait(us)), REED_OK);
		while (reed_dgram_next(us, &got)) {
			check_slice(got.data, "x");
			n++;
		}
	}
	check(!reed_dgram_next(us, &got));
}

/* 1: somebody who looks there now hears of it. */
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#define is_poisoned(p) __asan_address_is_poisoned(p)
#else
#define is_poisoned(p) ((void)(p), 1)
#endif

static void what_was_shown_stays_until_the_next_wait(void)
{
	struct reed_datagram first;

	say(them, "first");
	hears(us, "first");
	first = got;
	say(them, "second");
	say(us, "other");
	hears(them, "other");
	quiet();
	check_slice(first.data, "first");
	hears(us, "second");
	check(us->batch != NULL);
	reed_drop(reed_dgram_wait(us));
	check(is_poisoned(got.data.p));
}

static void an_idle_socket_has_no_buffers(void)
{
	struct owner o;
	size_t live;

	say(them, "x");
	hears(us, "x");
	own(&o, reed_dgram_wait(us));
	quiet();
	check(!us->batch && !us->first && !them->first);
	live = memory.total;
	for (int i = 0; i < 20; i++) {
		disown(&o);
		say(them, "y");
		hears(us, "y");
		own(&o, reed_dgram_wait(us));
		quiet();
	}
	check(sim || memory.total == live);
	disown(&o);
}

static void waiting_takes_no_turns(void)
{
	struct owner o;

	own(&o, reed_dgram_wait(us));
	check(turns_of_a_while() <= 6);
	check(!o.told);
	disown(&o);
}

static void what_nobody_waits_for_takes_no_turns(void)
{
	say(them, "x");
	hears(us, "x");
	say(them, "y");
	quiet();
	check(turns_of_a_while() <= 6);
	hears(us, "y");
}

/* ---- closing ---- */

static void who_waits_for_a_closed_socket_is_told(void)
{
	struct owner o, drain;

	own(&o, reed_dgram_wait(us));
	own(&drain, reed_dgram_drain(us));
	quiet();
	reed_dgram_close(us);
	us = NULL;
	until(o.told);
	check_int(o.err, REED_ECANCELED);
	check_int(drain.told, 1);
}

static void what_was_said_before_the_close_is_sent(void)
{
	say(them, "last words");
	reed_dgram_close(them);
	them = NULL;
	hears(us, "last words");
}

static void one_that_settled_may_be_closed_before_it_is_delivered(void)
{
	struct owner o;

	own(&o, reed_dgram_receive(us, &got));
	say(them, "x");
	until_settled(&us->waiting);
	reed_dgram_close(us);
	us = NULL;
	until(o.told);
	check_int(o.err, REED_ECANCELED);
}

/* ---- many ---- */

static void many_of_every_length_come_in_order(void)
{
	size_t sent = 0, heard = 0;

	while (heard < 2000) {
		for (size_t i = 0; i < 20 && sent < 2000; i++, sent++)
			check_int(send_slice(them, pattern(sent * 7 % 300)), REED_OK);
		check_int(ends_as(reed_dgram_wait(us)), REED_OK);
		while (reed_dgram_next(us, &got)) {
			check(reed_slice_eq(got.data, pattern(heard * 7 % 300)));
			heard++;
		}
	}
	check_int(us->stats.received, 2000);
	check_int(them->stats.sent, 2000);
}

/* Runs of one length leave as one where the system can; nobody sees the difference. */
static void runs_of_one_length_come_one_by_one(void)
{
	for (size_t n = 1; n < 1500; n += 157) {
		size_t heard = 0;

		for (int i = 0; i < 30; i++)
			check_int(send_slice(them, pattern(i == 29 ? n / 2 : n)), REED_OK);
		while (heard < 30) {
			check_int(ends_as(reed_dgram_receive(us, &got)), REED_OK);
			check_int(got.data.n, heard == 29 ? n / 2 : n);
			check(reed_slice_eq(got.data, pattern(got.data.n)));
			check_int(got.from->port, them->local.port);
			heard++;
		}
	}
}

void dgram_pull(void)
{
	count_memory();
	RUN_OVER_EACH(a_datagram_arrives_whole_and_says_from_where);
	RUN_OVER_EACH(an_answer_finds_the_way_back);
	RUN_OVER_EACH(an_empty_datagram_is_one);
	RUN_OVER_EACH(borders_stay_where_they_were);
	RUN_OVER_EACH(a_long_one_comes_whole);
	RUN_OVER_EACH(one_that_no_header_could_tell_the_length_of_is_refused_at_once);
	RUN_OVER_EACH(one_longer_than_asked_for_comes_truncated_and_says_so);

	RUN_OVER_EACH(a_dropped_wait_has_taken_nothing);
	RUN_OVER_EACH(an_interrupted_wait_has_taken_nothing);
	RUN_OVER_EACH(what_any_loses_has_taken_nothing);
	RUN_OVER_EACH(what_is_here_is_taken_without_waiting);
	RUN_OVER_EACH(what_was_shown_stays_until_the_next_wait);
	RUN_OVER_EACH(an_idle_socket_has_no_buffers);
	RUN_OVER_EACH(waiting_takes_no_turns);
	RUN_OVER_EACH(what_nobody_waits_for_takes_no_turns);

	RUN_OVER_EACH(who_waits_for_a_closed_socket_is_told);
	RUN_OVER_EACH(what_was_said_before_the_close_is_sent);
	RUN_OVER_EACH(one_that_settled_may_be_closed_before_it_is_delivered);

	RUN_OVER_EACH(many_of_every_length_come_in_order);
	RUN_OVER_EACH(runs_of_one_length_come_one_by_one);
}
