/* Datagrams of the system beyond what all kinds promise: sources, groups, broadcasts, faults. */

#include "tests/core/dgram_kit.h"

#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- where it was sent to ---- */

static void one_bound_everywhere_answers_from_where_it_was_asked(void)
{
	us = bound("0.0.0.0", 0);
	them = bound("127.0.0.1", 0);
	send_to(them, "127.0.0.9", us->local.port, "x");
	hears(us, "x");
	check_int(got.to->ip[3], 9);
	check(!got.to_many && got.interface == reed_interface("lo"));
	check_int(reed_dgram_reply(us, &got, REED_STR("y")), REED_OK);
	hears(them, "y");
	check_int(got.from->ip[3], 9);
}

static void one_of_both_families_answers_from_where_it_was_asked(void)
{
	us = bound("::", 0);
	them = bound("127.0.0.1", 0);
	send_to(them, "127.0.0.9", us->local.port, "x");
	hears(us, "x");
	check_int(got.to->family, REED_FAMILY_IPV4);
	check_int(got.to->ip[3], 9);
	check_int(got.from->family, REED_FAMILY_IPV4);
	check_int(reed_dgram_reply(us, &got, REED_STR("y")), REED_OK);
	hears(them, "y");
	check_int(got.from->ip[3], 9);
}

static void the_hop_limit_is_set_and_told(void)
{
	options.ttl = 7;
	them = bound("127.0.0.1", 0);
	options.want_ttl = true;
	us = bound("::", 0);
	send_to(them, "127.0.0.1", us->local.port, "x");
	hears(us, "x");
	check_int(got.ttl, 7);
	reed_dgram_close(them);
	them = bound("::1", 0);
	send_to(them, "::1", us->local.port, "y");
	hears(us, "y");
	check_int(got.ttl, 7);
}

/* ---- a network of our own ---- */

static void set_interface(const char *name, bool up)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = { .ifr_flags = 0 };

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	check(ioctl(fd, SIOCGIFFLAGS, &request) == 0);
	request.ifr_flags = (short)(up ? request.ifr_flags | IFF_UP : request.ifr_flags & ~IFF_UP);
	check(ioctl(fd, SIOCSIFFLAGS, &request) == 0);
	close(fd);
}

static int tunnel = -1;

/* One that leads nowhere, and is there until its descriptor is closed. */
static bool make_interface(const char *name)
{
	struct ifreq request = { .ifr_flags = IFF_TUN | IFF_NO_PI };

	tunnel = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	if (tunnel < 0)
		return false;
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	check(ioctl(tunnel, TUNSETIFF, &request) == 0);
	set_interface(name, true);
	return true;
}

/* What ctest takes for "skipped". */
enum { NOT_ALLOWED = 77 };

static bool skipped;

static void in_own_network(void (*test)(void))
{
	int status = 0;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
			_exit(NOT_ALLOWED);
		set_interface("lo", true);
		test();
		_exit(0);
	}
	check(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
	if (WEXITSTATUS(status) == NOT_ALLOWED)
		skipped = true;
	else
		check_int(WEXITSTATUS(status), 0);
}

/* ---- groups and broadcasts ---- */

static struct reed_dgram_group group_of(const char *text)
{
	struct reed_dgram_group g = { .group = address(text, 0),
		                      .interface = reed_interface(interface) };

	return g;
}

static void over_a_group(const char *any, const char *own, const char *group)
{
	struct reed_dgram_group g = group_of(group);

	us = bound(any, 0);
	them = bound(own, 0);
	on_interface(them);
	send_to(them, group, us->local.port, "nobody");
	hears_nothing(us);
	check_int(reed_dgram_join(us, &g), REED_OK);
	check_int(reed_dgram_join(us, &g), REED_EADDRINUSE);
	send_to(them, group, us->local.port, "all");
	hears(us, "all");
	check(got.to_many && reed_address_is_multicast(got.to));
	check_int(reed_dgram_reply(us, &got, REED_STR("you")), REED_OK);
	hears(them, "you");
	check(!reed_address_is_multicast(got.from));
	check_int(reed_dgram_leave(us, &g), REED_OK);
	send_to(them, group, us->local.port, "nobody again");
	hears_nothing(us);
	check_int(reed_dgram_leave(us, &g), REED_EADDRNOTAVAIL);
}

static void a_group_of_ipv4_is_heard_from_join_to_leave(void)
{
	over_a_group("0.0.0.0", "127.0.0.1", "239.77.1.2");
}

/* The kernel gives an interface its address in its own time, and then makes sure of it. */
static bool has_address(const char *name)
{
	FILE *f = fopen("/proc/net/if_inet6", "r");
	char found[32];
	unsigned flags;
	bool has = false;

	if (!f)
		return true;
	while (fscanf(f, "%*s %*x %*x %*x %x %31s", &flags, found) == 2)
		has |= strcmp(found, name) == 0 && !(flags & IFA_F_TENTATIVE);
	fclose(f);
	return has;
}

static void over_a_group_of_ipv6(void)
{
	if (!make_interface("reed0"))
		_exit(NOT_ALLOWED);
	while (!has_address("reed0"))
		sched_yield();
	interface = "reed0";
	over_a_group("::", "::", "ff02::77:1");
}

static void a_group_of_ipv6_is_heard_from_join_to_leave(void)
{
	in_own_network(over_a_group_of_ipv6);
}

static void a_source_is_heard_and_others_are_not(void)
{
	struct reed_dgram_group g = group_of("239.77.1.3");
	struct reed_dgram *other;

	g.source = address("127.0.0.2", 0);
	us = bound("0.0.0.0", 0);
	them = bound("127.0.0.2", 0);
	other = bound("127.0.0.3", 0);
	on_interface(them);
	on_interface(other);
	check_int(reed_dgram_join(us, &g), REED_OK);
	send_to(other, "239.77.1.3", us->local.port, "other");
	quiet();
	send_to(them, "239.77.1.3", us->local.port, "source");
	hears(us, "source");
	hears_nothing(us);
	reed_dgram_close(other);
}

static void what_cannot_be_set_for_groups_is_told(void)
{
	struct reed_dgram_multicast how = REED_DGRAM_MULTICAST;

	how.ttl = 300;
	us = bound("127.0.0.1", 0);
	check_int(reed_dgram_set_multicast(us, &how), REED_ERANGE);
	how.ttl = 3;
	check_int(reed_dgram_set_multicast(us, &how), REED_OK);
	how.interface = 4000000;
	check(reed_dgram_set_multicast(us, &how) != REED_OK);
}

/* An interface that loops by itself, as lo does, would bring it back all the same. */
static void with_and_without_a_loop(const char *any, const char *group)
{
	struct reed_dgram_multicast how = REED_DGRAM_MULTICAST;
	struct reed_dgram_group g = group_of(group);

	how.interface = reed_interface(interface);
	how.ttl = 9;
	options.want_ttl = true;
	us = bound(any, 0);
	options.want_ttl = false;
	check_int(reed_dgram_join(us, &g), REED_OK);
	them = bound(any, 0);
	how.no_loop = true;
	check_int(reed_dgram_set_multicast(them, &how), REED_OK);
	send_to(them, group, us->local.port, "not here");
	hears_nothing(us);
	how.no_loop = false;
	check_int(reed_dgram_set_multicast(them, &how), REED_OK);
	send_to(them, group, us->local.port, "here too");
	hears(us, "here too");
	check_int(got.ttl, 9);
	reed_dgram_close(us);
	reed_dgram_close(them);
}

static void over_an_interface_without_a_loop(void)
{
	if (!make_interface("reed0"))
		_exit(NOT_ALLOWED);
	while (!has_address("reed0"))
		sched_yield();
	interface = "reed0";
	with_and_without_a_loop("0.0.0.0", "239.77.1.7");
	with_and_without_a_loop("::", "ff02::77:7");
	us = them = NULL;
}

static void who_does_not_loop_is_not_heard_here(void)
{
	in_own_network(over_an_interface_without_a_loop);
}

static void what_is_no_group_is_not_joined(void)
{
	struct reed_dgram_group g = group_of("192.0.2.1");
	struct reed_address abstract = { .family = REED_FAMILY_UNIX };

	us = bound("127.0.0.1", 0);
	check_int(reed_dgram_join(us, &g), REED_EINVAL);
	g = group_of("239.77.1.2");
	g.source = address("::1", 0);
	check_int(reed_dgram_join(us, &g), REED_EINVAL);
	g = group_of("239.77.1.2");
	g.interface = 4000000;
	check_int(reed_dgram_join(us, &g), REED_EADDRNOTAVAIL);
	g.interface = 0;
	snprintf(abstract.path, sizeof(abstract.path), "@reed-test-%d", (int)getpid());
	them = bound_to(&abstract);
	check_int(reed_dgram_join(them, &g), REED_ENOTSUP);
}

static void several_that_share_a_port_all_hear_a_group(void)
{
	struct reed_dgram_group g = group_of("239.77.1.4");
	struct reed_dgram *third;

	options.reuse_address = true;
	us = bound("0.0.0.0", 0);
	third = bound("0.0.0.0", us->local.port);
	them = bound("127.0.0.1", 0);
	on_interface(them);
	check_int(reed_dgram_join(us, &g), REED_OK);
	check_int(reed_dgram_join(third, &g), REED_OK);
	send_to(them, "239.77.1.4", us->local.port, "both");
	hears(us, "both");
	hears(third, "both");
	reed_dgram_close(third);
}

static void a_broadcast_needs_the_option_and_is_heard(void)
{
	us = bound("0.0.0.0", 0);
	them = bound("127.0.0.1", 0);
	send_to(them, "127.255.255.255", us->local.port, "x");
	check_int(fate(them), REED_EACCES);
	reed_dgram_close(them);
	options.broadcast = true;
	them = bound("127.0.0.1", 0);
	send_to(them, "127.255.255.255", us->local.port, "x");
	hears(us, "x");
	check(got.to_many);
	check_int(reed_dgram_reply(us, &got, REED_STR("y")), REED_OK);
	hears(them, "y");
}

/* ---- faults ---- */

static void one_over_the_limit_of_the_system_is_told_by_value(void)
{
	struct reed_address at = { .family = REED_FAMILY_UNIX };
	static char big[65500];
	int room = 4096;

	snprintf(at.path, sizeof(at.path), "@reed-big-%ld", (long)getpid());
	us = bound("127.0.0.1", 0);
	them = bound_to(&at);
	check_int(reed_dgram_send(them, &them->local, reed_slice(big, sizeof(big))), REED_OK);
	check_int(outcome(reed_dgram_receive(them, &got)), REED_OK);
	check_int(got.data.n, sizeof(big));
	options.send_buffer = (uint32_t)room;
	reed_dgram_close(them);
	them = bound_to(&at);
	check_int(reed_dgram_send(them, &them->local, reed_slice(big, sizeof(big))), REED_OK);
	check_int(fate(them), REED_ETOOBIG);
	check_int(them->stats.failed, 1);
	check_int(reed_dgram_send(them, &them->local, REED_STR("small")), REED_OK);
	hears(them, "small");
}

/* Other datagrams of the batch are sent, whatever befalls one of them. */
static void one_that_fails_takes_no_other_with_it(void)
{
	us = bound("127.0.0.1", 0);
	them = bound("127.0.0.1", 0);
	send_to(them, "127.0.0.1", us->local.port, "one");
	send_to(them, "127.255.255.255", us->local.port, "two");
	send_to(them, "127.0.0.1", us->local.port, "three");
	hears(us, "one");
	hears(us, "three");
	check_int(fate(them), REED_EACCES);
	check_int(them->stats.sent, 2);
}

/* An error of one peer, which stands before the next call, costs no other anything. */
static void a_peer_that_has_gone_costs_the_others_nothing(void)
{
	struct reed_dgram *gone = bound("127.0.0.1", 0);
	uint16_t port = gone->local.port;

	us = bound("127.0.0.1", 0);
	them = bound("127.0.0.1", 0);
	reed_dgram_close(gone);
	for (int i = 0; i < 20; i++) {
		send_to(them, "127.0.0.1", port, "to nobody");
		send_to(them, "127.0.0.1", us->local.port, "to you");
		hears(us, "to you");
#ifndef REED_POSIX_ONLY
		check_int(fate(them), REED_EREFUSED);
#endif
	}
	check_int(us->stats.received, 20);
	check_int(them->stats.failed, 0);
}

static void no_number_left_is_told(void)
{
	struct reed_address at = address("127.0.0.1", 0);
	struct reed_fault *fault = NULL;
	struct rlimit old, few;

	check(getrlimit(RLIMIT_NOFILE, &old) == 0);
	few = old;
	few.rlim_cur = 3;
	check(setrlimit(RLIMIT_NOFILE, &few) == 0);
	check_int(reed_dgram_bind(loop, &at, NULL, &us, &fault), REED_EMFILE);
	check(setrlimit(RLIMIT_NOFILE, &old) == 0);
	check(strstr(reed_fault_why(fault, REED_OK), "127.0.0.1:0") != NULL);
	reed_fault_free(fault);
}

static void an_address_in_use_is_told(void)
{
	struct reed_address at;
	struct reed_fault *fault = NULL;

	us = bound("127.0.0.1", 0);
	at = us->local;
	check_int(reed_dgram_bind(loop, &at, NULL, &them, &fault), REED_EADDRINUSE);
	reed_fault_free(fault);
	options.ttl = 256;
	fault = NULL;
	at.port = 0;
	check_int(reed_dgram_bind(loop, &at, &options, &them, &fault), REED_ERANGE);
	reed_fault_free(fault);
}

static void through_the_end_of_an_interface(void)
{
	if (!make_interface("reed0"))
		_exit(NOT_ALLOWED);
	interface = "reed0";
	us = bound("127.0.0.1", 0);
	them = bound("0.0.0.0", 0);
	on_interface(them);
	send_to(them, "239.77.1.6", 1, "into the interface");
	send_to(them, "127.0.0.1", us->local.port, "before");
	hears(us, "before");
	check_int(them->error_count, 0);
	close(tunnel);
	send_to(them, "239.77.1.6", 1, "into nothing");
	send_to(them, "127.0.0.1", us->local.port, "after");
	hears(us, "after");
	check_int(fate(them), REED_ENETUNREACH);
	check_int(them->stats.failed, 1);
	interface = "lo";
	on_interface(them);
	send_to(them, "127.0.0.1", us->local.port, "well");
	hears(us, "well");
}

static void an_interface_that_is_gone_is_a_value(void)
{
	in_own_network(through_the_end_of_an_interface);
}

/* They want a network namespace, which not every user gets: the exit code says so. */
static int with_a_network_of_their_own(void)
{
	RUN_ALONE(a_group_of_ipv6_is_heard_from_join_to_leave);
	RUN_ALONE(who_does_not_loop_is_not_heard_here);
	RUN_ALONE(an_interface_that_is_gone_is_a_value);
	return skipped ? NOT_ALLOWED : 0;
}

int main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1)
		return with_a_network_of_their_own();
	RUN_ALONE(one_bound_everywhere_answers_from_where_it_was_asked);
	RUN_ALONE(one_of_both_families_answers_from_where_it_was_asked);
	RUN_ALONE(the_hop_limit_is_set_and_told);
	RUN_ALONE(a_group_of_ipv4_is_heard_from_join_to_leave);
	RUN_ALONE(a_source_is_heard_and_others_are_not);
	RUN_ALONE(what_cannot_be_set_for_groups_is_told);
	RUN_ALONE(what_is_no_group_is_not_joined);
	RUN_ALONE(several_that_share_a_port_all_hear_a_group);
	RUN_ALONE(a_broadcast_needs_the_option_and_is_heard);

	RUN_ALONE(one_over_the_limit_of_the_system_is_told_by_value);
	RUN_ALONE(one_that_fails_takes_no_other_with_it);
	RUN_ALONE(a_peer_that_has_gone_costs_the_others_nothing);
	RUN_ALONE(no_number_left_is_told);
	RUN_ALONE(an_address_in_use_is_told);
	return 0;
}
