#include "core/auth_throttle.h"

#include "core/auth_address.h"

#include "check.h"

static const struct reed_limits defaults;
static const struct reed_peer home = { .address = "192.0.2.1:4711" };
static const struct reed_peer away = { .address = "198.51.100.7" };

/* Wrong attempts in a row until one has to wait; how long is *wait. */
static int attempts(struct throttle *t, int64_t now, const char *account,
                    const struct reed_peer *from, int64_t *wait)
{
	struct throttle_attempt a;

	for (int n = 0;; n++) {
		*wait = reed_throttle_take(t, now, reed_slice_of(account), from, &a);
		if (*wait > 0 || n == 1000)
			return n;
	}
}

static void the_sixth_wrong_password_has_to_wait(void)
{
	struct throttle *t = reed_throttle_new(&defaults, 1);
	int64_t wait;

	check_int(attempts(t, REED_S(100), "alice", &home, &wait), 5);
	check_int(wait, REED_S(15));
	check_int(reed_throttle_wait(t, REED_S(110), REED_STR("alice"), &away), REED_S(5));
	check_int(attempts(t, REED_S(100), "bob", &home, &wait), 5);
	reed_throttle_free(t);
}

static void each_lock_is_twice_as_long(void)
{
	struct throttle *t = reed_throttle_new(&defaults, 1);
	int64_t wait, now = REED_S(100);

	check_int(attempts(t, now, "alice", &home, &wait), 5);
	for (int64_t seconds = 30; seconds < 3600; seconds *= 2) {
		now += wait;
		check_int(attempts(t, now, "alice", &away, &wait), 1);
		check_int(wait, REED_S(seconds));
	}
	now += wait;
	check_int(attempts(t, now, "alice", &home, &wait), 1);
	check_int(wait, REED_S(3600));
	reed_throttle_free(t);
}

static void all_is_forgiven_in_the_end(void)
{
	struct throttle *t = reed_throttle_new(&defaults, 1);
	int64_t wait, now = REED_S(100);

	attempts(t, now, "alice", &home, &wait);
	now += wait;
	attempts(t, now, "alice", &home, &wait);
	check_int(wait, REED_S(30));
	now += REED_S(2 * 3600);
	check_int(attempts(t, now, "alice", &home, &wait), 5);
	check_int(wait, REED_S(15));
	reed_throttle_free(t);
}

static void attempts_come_back_with_time(void)
{
	struct throttle *t = reed_throttle_new(&defaults, 1);
	struct throttle_attempt a;
	int64_t now = REED_S(100);

	for (int i = 0; i < 100; i++, now += REED_S(60))
		check_int(reed_throttle_take(t, now, REED_STR("alice"), &home, &a), 0);
	reed_throttle_free(t);
}

static void many_names_from_one_address_have_to_wait(void)
{
	struct throttle *t = reed_throttle_new(&defaults, 1);
	struct throttle_attempt a;
	char name[16];
	int n = 0;

	for (; n < 100; n++) {
		snprintf(name, sizeof(name), "a%d", n);
		if (reed_throttle_take(t, 0, reed_slice_of(name), &home, &a) > 0)
			break;
	}
	check_int(n, 20);
	check(reed_throttle_wait(t, 0, REED_STR("carol"), &home) > 0);
	check_int(reed_throttle_wait(t, 0, REED_STR("carol"), &away), 0);
	reed_throttle_free(t);
}

static void the_right_password_takes_nothing(void)
{
	struct throttle *t = reed_throttle_new(&defaults, 1);
	struct throttle_attempt a;

	for (int i = 0; i < 1000; i++) {
		check_int(reed_throttle_take(t, 7, REED_STR("alice"), &home, &a), 0);
		reed_throttle_right(t, 7, &a);
	}
	reed_throttle_free(t);
}

static void the_last_attempt_may_be_the_right_one(void)
{
	struct throttle *t = reed_throttle_new(&defaults, 1);
	struct throttle_attempt a;
	int64_t wait;

	for (int i = 0; i < 5; i++)
		check_int(reed_throttle_take(t, 0, REED_STR("alice"), &home, &a), 0);
	check_int(reed_throttle_wait(t, 0, REED_STR("alice"), &home), REED_S(15));
	reed_throttle_right(t, 0, &a);
	check_int(reed_throttle_wait(t, 0, REED_STR("alice"), &home), 0);
	check_int(attempts(t, 0, "alice", &home, &wait), 5);
	reed_throttle_free(t);
}

static void trouble_of_our_own_costs_nothing(void)
{
	struct throttle *t = reed_throttle_new(&defaults, 1);
	struct throttle_attempt a;
	int64_t wait;

	for (int i = 0; i < 100; i++) {
		check_int(reed_throttle_take(t, 0, REED_STR("alice"), &home, &a), 0);
		reed_throttle_undo(t, &a);
	}
	check_int(attempts(t, 0, "alice", &home, &wait), 5);
	reed_throttle_free(t);
}

static void strangers_cannot_lock_the_owner_out(void)
{
	struct throttle *t = reed_throttle_new(&defaults, 1);
	struct throttle_attempt a;
	int64_t wait;

	check_int(reed_throttle_take(t, 0, REED_STR("alice"), &home, &a), 0);
	reed_throttle_right(t, 0, &a);
	check_int(attempts(t, 10, "alice", &away, &wait), 5);
	check(reed_throttle_wait(t, 10, REED_STR("alice"), &away) > 0);
	check_int(reed_throttle_wait(t, 10, REED_STR("alice"), &home), 0);
	/* who sits at home cannot guess for ever either */
	check_int(attempts(t, 10, "alice", &home, &wait), 5);
	/* and a month later home is like everywhere else */
	check_int(reed_throttle_wait(t, REED_S(30 * 86400) - 1, REED_STR("alice"), &home), 0);
	reed_throttle_free(t);
}

static void what_is_remembered_is_bounded(void)
{
	struct reed_limits few = { .remembered = 10, .address_attempts = 1000000 };
	struct throttle *t = reed_throttle_new(&few, 1);
	struct throttle_attempt a, old;
	char name[16];

	check_int(reed_throttle_take(t, 0, REED_STR("old"), &away, &old), 0);
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "a%d", i);
		check_int(reed_throttle_take(t, i, reed_slice_of(name), &home, &a), 0);
		check(reed_throttle_remembered(t) <= 10);
	}
	/* what has been forgotten is given back without harm */
	reed_throttle_undo(t, &old);
	reed_throttle_right(t, 1000, &old);
	check(reed_throttle_remembered(t) <= 10);
	reed_throttle_free(t);
}

static void loopback_is_spared_on_demand(void)
{
	struct reed_limits spared = { .spare_loopback = true };
	struct reed_peer here[] = { { .address = "127.1.2.3:80" },
		                    { .address = "[::1]:80" },
		                    { .address = "unix:/run/x" } };
	struct throttle *t = reed_throttle_new(&spared, 1),
			*strict = reed_throttle_new(&defaults, 1);
	struct throttle_attempt a;

	for (size_t k = 0; k < 3; k++) {
		for (int i = 0; i < 100; i++)
			check_int(reed_throttle_take(t, 0, REED_STR(""), &here[k], &a), 0);
		for (int i = 0; i < 20; i++)
			check_int(reed_throttle_take(strict, 0, REED_STR(""), &here[k], &a), 0);
		check(reed_throttle_take(strict, 0, REED_STR(""), &here[k], &a) > 0);
	}
	reed_throttle_free(t);
	reed_throttle_free(strict);
}

static void without_limits_nothing_is_counted(void)
{
	struct reed_limits none = { .none = true };
	struct throttle *t = reed_throttle_new(&none, 1);
	int64_t wait;

	check_int(attempts(t, 0, "alice", &home, &wait), 1000);
	check_int(reed_throttle_remembered(t), 0);
	reed_throttle_free(t);
}

static bool same(const char *a, const char *b)
{
	struct address x = reed_auth_address(a), y = reed_auth_address(b);

	return reed_slice_eq(reed_slice(x.bytes, x.n), reed_slice(y.bytes, y.n));
}

static void an_address_is_known_in_every_spelling(void)
{
	check(same("192.0.2.1", "192.0.2.1:4711"));
	check(same("192.0.2.1", "::ffff:192.0.2.1"));
	check(same("192.0.2.1", "[::ffff:c000:201]:80"));
	check(same("2001:db8::1", "[2001:db8::1]:443"));
	check(same("fe80::1", "fe80::1%eth0"));
	check(!same("192.0.2.1", "192.0.2.2"));
	check(same("exampleonion", "exampleonion"));
	check(!same("exampleonion", "otheronion"));
}

static void ipv6_is_counted_by_subscriber(void)
{
	check(same("2001:db8:1:2::1", "2001:db8:1:2:ffff::9"));
	check(!same("2001:db8:1:2::1", "2001:db8:1:3::1"));
	check(reed_auth_address("::1").loopback);
	check(!reed_auth_address("::2").loopback);
	check(reed_auth_address("127.0.0.1").loopback);
	check(reed_auth_address("::ffff:127.0.0.1").loopback);
	check(!reed_auth_address("128.0.0.1").loopback);
}

int main(void)
{
	RUN(the_sixth_wrong_password_has_to_wait);
	RUN(each_lock_is_twice_as_long);
	RUN(all_is_forgiven_in_the_end);
	RUN(attempts_come_back_with_time);
	RUN(many_names_from_one_address_have_to_wait);
	RUN(the_right_password_takes_nothing);
	RUN(the_last_attempt_may_be_the_right_one);
	RUN(trouble_of_our_own_costs_nothing);
	RUN(strangers_cannot_lock_the_owner_out);
	RUN(what_is_remembered_is_bounded);
	RUN(loopback_is_spared_on_demand);
	RUN(without_limits_nothing_is_counted);
	RUN(an_address_is_known_in_every_spelling);
	RUN(ipv6_is_counted_by_subscriber);
	return 0;
}
