/* Buckets, limits and timeouts: to the token and to the nanosecond. */

#include "reed/policy.h"

#include "reed/endpoint.h"
#include "reed/log.h"
#include "tests/core/tools.h"

/* ---- buckets ---- */

static void a_bucket_is_exact_to_the_nanosecond(void)
{
	struct reed_rate rate = { .amount = 3, .burst = 3 }; /* a third of a second each */
	struct reed_bucket b = { 0 };

	check_int(reed_bucket_has(&b, &rate, 1000), 3);
	check(reed_bucket_take(&b, &rate, 1000, 3));
	check(!reed_bucket_take(&b, &rate, 1000, 1));
	check_int(reed_bucket_wait(&b, &rate, 1000, 1), 333333334);
	check_int(reed_bucket_wait(&b, &rate, 1000, 3), REED_S(1));
	check_int(reed_bucket_wait(&b, &rate, 1000, 4), REED_NEVER);
	check_int(reed_bucket_has(&b, &rate, 1000 + 333333333), 0);
	check_int(reed_bucket_has(&b, &rate, 1000 + 333333334), 1);
}

static void nothing_is_lost_in_a_million_takes(void)
{
	struct reed_rate rate = { .amount = 7, .every_ns = 1000, .burst = 1 };
	struct reed_bucket b = { 0 };
	int64_t now = 5;

	for (int i = 0; i < 1000000; i++) {
		now += reed_bucket_wait(&b, &rate, now, 1);
		check(reed_bucket_take(&b, &rate, now, 1));
	}
	/* a token takes 142 6/7 ns; waits end at whole ones, which the bucket then makes good for */
	check(now - 5 >= 999999LL * 1000 / 7 && now - 5 <= 999999LL * 143);
}

static void a_bucket_holds_no_more_than_its_burst(void)
{
	struct reed_rate rate = { .amount = 1000, .burst = 10 };
	struct reed_bucket b = { 0 };

	check(reed_bucket_take(&b, &rate, 0, 10));
	check_int(reed_bucket_has(&b, &rate, REED_MS(4)), 4);
	check_int(reed_bucket_has(&b, &rate, REED_S(3600)), 10);
	check(!reed_bucket_take(&b, &rate, REED_S(3600), 11));
}

static void extreme_rates_do_not_overflow(void)
{
	struct reed_rate fast = { .amount = UINT64_MAX, .burst = UINT64_MAX };
	struct reed_rate slow = { .amount = 1, .every_ns = INT64_MAX, .burst = UINT64_MAX };
	struct reed_rate none = { .amount = 0 };
	struct reed_bucket b = { 0 };

	check_int(reed_bucket_has(&b, &fast, 1), (1LL << 62) / REED_S(1));
	check(reed_bucket_take(&b, &fast, 1, (1ULL << 62) / REED_S(1)));
	check_int(reed_bucket_has(&b, &fast, 1), 0);
	check_int(reed_bucket_has(&b, &slow, 1) > 0, 1); /* of another rate: no more than it had */
	check(reed_bucket_has(&b, &none, 1) == UINT64_MAX);
	check(reed_bucket_take(&b, &none, 1, UINT64_MAX));
	check_int(reed_bucket_wait(&b, &none, 1, UINT64_MAX), 0);
	b = (struct reed_bucket){ .full_at = INT64_MAX, .rest = UINT64_MAX };
	check_int(reed_bucket_has(&b, &fast, 1), 0);
}

/* ---- limits ---- */

static struct reed_policy *policy;
static struct reed_policy_options options;
static struct reed_share *shares[64];
static size_t held;

static void open_policy(void)
{
	lab_open();
	policy = reed_policy_new(loop, &options);
	options = (struct reed_policy_options)REED_POLICY_OPTIONS;
}

static const char *take_one(const char *from)
{
	struct reed_address peer;
	const char *why = NULL;

	check_int(reed_address_parse(reed_slice_of(from), 1, &peer), REED_OK);
	if (!reed_policy_take(policy, &peer, &shares[held], &why))
		held++;
	return why ? why : "welcome";
}

static void give(size_t i)
{
	reed_share_give(shares[i]);
	shares[i] = shares[--held];
}

static size_t known(void)
{
	struct reed_policy_stats stats = { .size = sizeof(stats) };

	reed_policy_stats(policy, &stats);
	return stats.peers;
}

static void close_policy(void)
{
	while (held > 0)
		give(held - 1);
	reed_policy_release(policy);
	lab_close();
}

static void addresses_nets_and_all_have_their_limits(void)
{
	options.most[REED_POLICY_ADDRESS] = 2;
	options.most[REED_POLICY_NET] = 3;
	options.most[REED_POLICY_ALL] = 5;
	open_policy();
	check_str(take_one("192.0.2.1"), "welcome");
	check_str(take_one("::ffff:192.0.2.1"), "welcome");
	check_str(take_one("192.0.2.1"), "Too many connections from your address");
	check_str(take_one("192.0.2.2"), "welcome");
	check_str(take_one("192.0.2.3"), "Too many connections from your network");
	check_str(take_one("192.0.3.1"), "welcome");
	check_str(take_one("2001:db8::1"), "welcome");
	check_str(take_one("2001:db8:0:1::1"), "The server is full");
	give(0);
	check_str(take_one("192.0.2.1"), "welcome");
	close_policy();
}

static void who_has_one_address_of_ipv6_has_its_net(void)
{
	options.most[REED_POLICY_ADDRESS] = 2;
	open_policy();
	check_str(take_one("2001:db8::1"), "welcome");
	check_str(take_one("2001:db8::2"), "welcome");
	check_str(take_one("2001:db8::3"), "Too many connections from your network");
	check_str(take_one("2001:db8:0:1::3"), "welcome");
	for (int i = 1; i < 9; i++)
		check_str(take_one((char[]){ '1', '.', '2', '.', '3', '.', (char)('0' + i), 0 }),
		          "welcome");
	close_policy();
}

static void a_refusal_counts_for_nothing(void)
{
	options.most[REED_POLICY_ADDRESS] = 1;
	options.pace[REED_POLICY_ALL] = (struct reed_rate){ .amount = 2 };
	open_policy();
	check_str(take_one("192.0.2.1"), "welcome");
	for (int i = 0; i < 10; i++)
		check_str(take_one("192.0.2.1"), "Too many connections from your address");
	check_str(take_one("192.0.2.2"), "welcome");
	check_str(take_one("192.0.2.3"), "Connections come too fast");
	close_policy();
}

static void connections_have_a_pace(void)
{
	options.pace[REED_POLICY_ADDRESS] =
		(struct reed_rate){ .amount = 2, .every_ns = REED_S(60) };
	open_policy();
	check_str(take_one("192.0.2.1"), "welcome");
	check_str(take_one("192.0.2.1"), "welcome");
	check_str(take_one("192.0.2.1"), "Connections come too fast from your address");
	check_str(take_one("192.0.2.2"), "welcome");
	give(0);
	give(0);
	check_str(take_one("192.0.2.1"), "Connections come too fast from your address");
	lab_pass(REED_S(30) - 1);
	check_str(take_one("192.0.2.1"), "Connections come too fast from your address");
	lab_pass(1);
	turns(1);
	check_str(take_one("192.0.2.1"), "welcome");
	close_policy();
}

static void who_has_gone_without_debts_is_forgotten(void)
{
	options.most[REED_POLICY_ADDRESS] = 2;
	open_policy();
	check_str(take_one("192.0.2.1"), "welcome");
	check_int(known(), 1);
	give(0);
	check_int(known(), 0);
	close_policy();
}

static void only_so_many_debtors_are_remembered(void)
{
	char from[32];

	options.pace[REED_POLICY_ADDRESS] =
		(struct reed_rate){ .amount = 1, .every_ns = REED_S(60) };
	options.peers = 100;
	open_policy();
	for (int i = 0; i < 1000; i++) {
		snprintf(from, sizeof(from), "10.0.%d.%d", i / 250, i % 250);
		check_str(take_one(from), "welcome");
		give(0);
		check(known() <= 100);
	}
	check_str(take_one("10.0.3.249"), "Connections come too fast from your address");
	check_str(take_one("10.0.0.1"), "welcome"); /* long forgotten */
	give(0);
	lab_pass(REED_S(61));
	turns(1);
	for (int i = 0; i < 60; i++) {
		take_one("192.0.2.1");
		if (held > 0)
			give(0);
	}
	check_int(known(), 1); /* those whose debts are paid went a few at a time */
	close_policy();
}

static void this_machine_may_be_spared(void)
{
	options.most[REED_POLICY_ADDRESS] = 1;
	options.spare_loopback = true;
	open_policy();
	for (int i = 0; i < 3; i++)
		check_str(take_one("127.0.0.1"), "welcome");
	check_int(known(), 0);
	close_policy();
}

static void limits_may_change(void)
{
	options.most[REED_POLICY_ADDRESS] = 1;
	open_policy();
	check_str(take_one("192.0.2.1"), "welcome");
	check_str(take_one("192.0.2.1"), "Too many connections from your address");
	options.most[REED_POLICY_ADDRESS] = 2;
	reed_policy_change(policy, &options);
	options = (struct reed_policy_options)REED_POLICY_OPTIONS;
	check_str(take_one("192.0.2.1"), "welcome");
	close_policy();
}

static void a_stream_counts_until_it_is_gone(void)
{
	struct reed_stream *s[4];
	struct reed_policy_stats stats = { .size = sizeof(stats) };
	const char *why;

	options.most[REED_POLICY_ALL] = 1;
	open_policy();
	reed_stream_pair(loop, 0, &s[0], &s[1]);
	reed_stream_pair(loop, 0, &s[2], &s[3]);
	check_int(reed_policy_admit(policy, s[0], &why), REED_OK);
	check_int(reed_policy_admit(policy, s[2], &why), REED_ETHROTTLED);
	check_str(why, "The server is full");
	reed_policy_stats(policy, &stats);
	check_int(stats.connections, 1);
	check_int(stats.refused, 1);
	reed_abort(s[0]);
	check_int(reed_policy_admit(policy, s[2], &why), REED_OK);
	for (int i = 1; i < 4; i++)
		reed_abort(s[i]);
	close_policy();
}

/* ---- timeouts ---- */

static struct reed_stream *us, *them;

static void open_streams(int64_t idle, int64_t handshake, int64_t total)
{
	struct reed_timeouts t = REED_TIMEOUTS;

	lab_open();
	reed_stream_pair(loop, 100, &us, &them);
	t.idle_ms = idle;
	t.handshake_ms = handshake;
	t.total_ms = total;
	reed_stream_timeouts(us, &t);
}

static void close_streams(void)
{
	reed_abort(us);
	reed_abort(them);
	run();
	lab_close();
}

static void times_out(int64_t after, const char *why)
{
	int64_t start = reed_now(loop);

	check_int(outcome(reed_more(us)), REED_ETIMEDOUT);
	check_int(reed_now(loop) - start, REED_MS(after));
	check_str(reed_stream_why(us), why);
}

static void a_stream_without_a_byte_is_idle(void)
{
	open_streams(1000, 0, 0);
	times_out(1000, "not a byte came or went within 1000 ms");
	close_streams();
}

static void bytes_either_way_keep_a_stream_alive(void)
{
	open_streams(1000, 0, 0);
	check_int(outcome(reed_sleep(loop, 900)), REED_OK);
	reed_write_str(us, "x");
	check_int(outcome(reed_sleep(loop, 900)), REED_OK);
	reed_write_str(them, "x");
	check_int(outcome(reed_more(us)), REED_OK);
	times_out(1000, "not a byte came or went within 1000 ms");
	close_streams();
}

static void the_first_word_has_its_time(void)
{
	open_streams(0, 500, 0);
	times_out(500, "the peer has not said a word within 500 ms");
	close_streams();
	open_streams(0, 500, 2000);
	reed_write_str(them, "x");
	check_int(outcome(reed_more(us)), REED_OK);
	times_out(2000, "the connection has not ended within 2000 ms");
	close_streams();
}

static void a_goodbye_may_follow_a_timeout(void)
{
	open_streams(1000, 0, 0);
	times_out(1000, "not a byte came or went within 1000 ms");
	reed_write_str(us, "too late");
	reed_close(us);
	us = NULL;
	check_int(outcome(reed_more(them)), REED_OK);
	check_slice(reed_peek(them), "too late");
	close_streams();
}

static void who_waits_for_a_peer_that_does_not_take_is_told_too(void)
{
	static char much[1000];
	int64_t start;

	open_streams(0, 0, 1000);
	start = reed_now(loop);
	reed_write(us, reed_slice(much, sizeof(much)));
	check_int(outcome(reed_flush(us)), REED_ETIMEDOUT);
	check_int(reed_now(loop) - start, REED_S(1));
	close_streams();
}

static void timeouts_may_be_said_again(void)
{
	struct reed_timeouts none = REED_TIMEOUTS;

	open_streams(1000, 1000, 1000);
	reed_stream_timeouts(us, &none);
	check(idle());
	close_streams();
}

static void what_lingers_is_let_alone(void)
{
	open_streams(100, 100, 100);
	reed_close(us);
	us = NULL;
	check_int(outcome(reed_sleep(loop, 1000)), REED_OK);
	check_int(outcome(reed_more(them)), REED_EEOF);
	close_streams();
}

/* ---- keys of endpoints ---- */

static struct reed_listener *listener;

static void quiet_log(void)
{
	struct reed_log_options o = REED_LOG_OPTIONS;

	o.to = REED_LOG_TO_NOBODY;
	check_int(reed_log_open(reed_log_of(loop), &o, NULL), REED_OK);
}

static struct reed_stream *dial_in(void)
{
	struct reed_stream *s;
	char *endpoint = reed_sprintf("tcp:127.0.0.1:%u", listener->address.port);

	check_int(outcome(reed_dial(loop, endpoint, &s)), REED_OK);
	reed_free(endpoint);
	return s;
}

static void every_listener_can_have_limits(void)
{
	struct reed_stream *s[4], *refused;
	struct owner accepting;
	enum reed_err err;

	lab_open();
	quiet_log();
	check_int(outcome(reed_listen(loop, "tcp:0:interface=127.0.0.1:limit=2", &listener)),
	          REED_OK);
	for (int i = 0; i < 2; i++) {
		s[i] = dial_in();
		check_int(outcome(reed_accept(listener, &s[2 + i])), REED_OK);
	}
	own(&accepting, reed_accept(listener, &us));
	refused = dial_in();
	err = outcome(reed_more(refused));
	check(err == REED_EEOF || err == REED_ERESET);
	check(!accepting.told);
	reed_abort(refused);
	reed_abort(s[2]);
	refused = dial_in();
	until(accepting.told);
	check_int(accepting.err, REED_OK);
	reed_abort(refused);
	reed_abort(us);
	us = NULL;
	for (int i = 0; i < 4; i++)
		if (i != 2)
			reed_abort(s[i]);
	reed_listener_close(listener);
	lab_close();
}

static void every_endpoint_can_have_timeouts(void)
{
	lab_open();
	check_int(outcome(reed_listen(loop, "tcp:0:interface=127.0.0.1:idle=5:limit-all=9",
	                              &listener)),
	          REED_OK);
	them = dial_in();
	check_int(outcome(reed_accept(listener, &us)), REED_OK);
	check_int(outcome(reed_more(us)), REED_ETIMEDOUT);
	reed_listener_close(listener);
	close_streams();
}

static void says(const char *endpoint, const char *sentence)
{
	check_int(outcome(reed_listen(loop, endpoint, &listener)), REED_ESYNTAX);
	check(why_is(sentence));
}

static void wrong_limits_are_told(void)
{
	lab_open();
	says("tcp:0:limit=0",
	     "\"tcp:0:limit=0\", column 13: a number from 1 to 4294967295 must stand here");
	says("tcp:0:pace=10/0",
	     "\"tcp:0:pace=10/0\", column 12: connections and seconds must stand "
	     "here, such as 10/60");
	says("tcp:0:idel=5", "\"tcp:0:idel=5\", column 12: tcp has no key \"idel\"; did you mean "
	                     "idle?");
	check_int(outcome(reed_dial(loop, "tcp:localhost:1:limit=5", &us)), REED_ESYNTAX);
	lab_close();
}

int main(void)
{
	options = (struct reed_policy_options)REED_POLICY_OPTIONS;
	RUN(a_bucket_is_exact_to_the_nanosecond);
	RUN(nothing_is_lost_in_a_million_takes);
	RUN(a_bucket_holds_no_more_than_its_burst);
	RUN(extreme_rates_do_not_overflow);
	RUN(addresses_nets_and_all_have_their_limits);
	RUN(who_has_one_address_of_ipv6_has_its_net);
	RUN(a_refusal_counts_for_nothing);
	RUN(connections_have_a_pace);
	RUN(who_has_gone_without_debts_is_forgotten);
	RUN(only_so_many_debtors_are_remembered);
	RUN(this_machine_may_be_spared);
	RUN(limits_may_change);
	RUN(a_stream_counts_until_it_is_gone);
	RUN(a_stream_without_a_byte_is_idle);
	RUN(bytes_either_way_keep_a_stream_alive);
	RUN(the_first_word_has_its_time);
	RUN(a_goodbye_may_follow_a_timeout);
	RUN(who_waits_for_a_peer_that_does_not_take_is_told_too);
	RUN(timeouts_may_be_said_again);
	RUN(what_lingers_is_let_alone);
	RUN(every_listener_can_have_limits);
	RUN(every_endpoint_can_have_timeouts);
	RUN(wrong_limits_are_told);
	return 0;
}
