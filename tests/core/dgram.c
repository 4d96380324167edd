/* What datagram sockets of the system promise beyond what all kinds do. */

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/dgram.h"
#include "core/os.h"
#include "reed/endpoint.h"
#include "reed/scope.h"
#include "tests/core/tools.h"

#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static struct reed_dgram *us, *them;
static struct reed_datagram got;
static struct reed_dgram_options options;

static struct reed_address address(const char *text, uint16_t port)
{
	struct reed_address at;

	check_int(reed_address_parse(reed_slice_of(text), port, &at), REED_OK);
	return at;
}

static struct reed_dgram *bound_to(const struct reed_address *at)
{
	struct reed_fault *fault = NULL;
	struct reed_dgram *d = NULL;

	if (reed_dgram_bind(loop, at, &options, &d, &fault))
		fprintf(stderr, "%s\n", reed_fault_why(fault, REED_OK));
	check(d != NULL);
	return d;
}

static struct reed_dgram *bound(const char *text, uint16_t port)
{
	struct reed_address at = address(text, port);

	return bound_to(&at);
}

static struct reed_dgram *opened(const char *endpoint, bool dial)
{
	struct reed_dgram *d = NULL;

	check_int(outcome(dial ? reed_dgram_dial(loop, endpoint, &d)
	                       : reed_dgram_listen(loop, endpoint, &d)),
	          REED_OK);
	return d;
}

static void hears(struct reed_dgram *d, const char *text)
{
	check_int(outcome(reed_dgram_receive(d, &got)), REED_OK);
	check_slice(got.data, text);
}

static void hears_nothing(struct reed_dgram *d)
{
	struct owner o;

	own(&o, reed_dgram_receive(d, &got));
	quiet();
	check(!o.told);
	disown(&o);
}

static void send_to(struct reed_dgram *from, const char *text, uint16_t port, const char *what)
{
	struct reed_address to = address(text, port);

	check_int(reed_dgram_send(from, &to, reed_slice_of(what)), REED_OK);
}

/* What befell the next that was sent. */
static enum reed_err fate(struct reed_dgram *d)
{
	struct reed_dgram_error error = { .err = REED_OK };

	if (!d->error_count)
		check_int(outcome(reed_dgram_wait(d)), REED_OK);
	check(reed_dgram_take_error(d, &error));
	return error.err;
}

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

static void in_own_network(void (*test)(void))
{
	int status = 0;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
			_exit(77);
		set_interface("lo", true);
		test();
		_exit(0);
	}
	check(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		printf("no network of its own for this user: not tried\n");
	else
		check_int(WEXITSTATUS(status), 0);
}

/* ---- groups and broadcasts ---- */

static const char *interface = "lo";

/* What is sent leaves by an interface that nothing else hears. */
static void on_interface(struct reed_dgram *d)
{
	struct reed_dgram_multicast how = REED_DGRAM_MULTICAST;

	how.interface = reed_interface(interface);
	check_int(reed_dgram_set_multicast(d, &how), REED_OK);
}

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
		_exit(77);
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

static void who_does_not_loop_is_not_heard_here(void)
{
	struct reed_dgram_multicast how = REED_DGRAM_MULTICAST;

	how.no_loop = true;
	how.ttl = 300;
	us = bound("127.0.0.1", 0);
	check_int(reed_dgram_set_multicast(us, &how), REED_ERANGE);
	how.ttl = 3;
	check_int(reed_dgram_set_multicast(us, &how), REED_OK);
	how.interface = 4000000;
	check(reed_dgram_set_multicast(us, &how) != REED_OK);
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
	static char big[65500];
	int room = 4096;

	us = bound("127.0.0.1", 0);
	them = bound_to(&(struct reed_address){ .family = REED_FAMILY_UNIX, .path = "@reed-big" });
	check_int(reed_dgram_send(them, &them->local, reed_slice(big, sizeof(big))), REED_OK);
	check_int(outcome(reed_dgram_receive(them, &got)), REED_OK);
	check_int(got.data.n, sizeof(big));
	options.send_buffer = (uint32_t)room;
	reed_dgram_close(them);
	them = bound_to(&(struct reed_address){ .family = REED_FAMILY_UNIX, .path = "@reed-big" });
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
		_exit(77);
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

/* ---- what is inherited ---- */

static void an_inherited_socket_is_taken_over(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	char endpoint[32];
	int fd = socket(AF_INET, SOCK_DGRAM, 0), stream = socket(AF_INET, SOCK_STREAM, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	check(bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0);
	snprintf(endpoint, sizeof(endpoint), "fd:%d", fd);
	us = opened(endpoint, false);
	them = bound("127.0.0.1", 0);
	send_to(them, "127.0.0.1", us->local.port, "x");
	hears(us, "x");
	check(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	snprintf(endpoint, sizeof(endpoint), "fd:%d", stream);
	check_int(outcome(reed_dgram_listen(loop, endpoint, &us)), REED_ESYNTAX);
	close(stream);
}

/* ---- UNIX names ---- */

static char folder[32];

static struct reed_address in_folder(const char *name)
{
	struct reed_address at = { .family = REED_FAMILY_UNIX };

	if (!folder[0]) {
		snprintf(folder, sizeof(folder), "/tmp/reed-test-XXXXXX");
		check(mkdtemp(folder) != NULL);
	}
	snprintf(at.path, sizeof(at.path), "%s/%s", folder, name);
	return at;
}

static void remove_folder(void)
{
	check(rmdir(folder) == 0); /* sockets and locks have gone */
	folder[0] = '\0';
}

static void a_name_left_behind_is_replaced_and_a_live_one_is_in_use(void)
{
	struct reed_address at = in_folder("s");
	struct reed_fault *fault = NULL;
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	snprintf(to.sun_path, sizeof(to.sun_path), "%s", at.path);
	check(bind(fd, (struct sockaddr *)&to, sizeof(to)) == 0);
	check_int(reed_dgram_bind(loop, &at, NULL, &us, &fault), REED_EADDRINUSE);
	reed_fault_free(fault);
	fault = NULL;
	close(fd);
	us = bound_to(&at);
	check_int(reed_dgram_bind(loop, &at, NULL, &them, &fault), REED_EADDRINUSE);
	reed_fault_free(fault);
	reed_dgram_close(us);
	us = NULL;
	remove_folder();
}

static void a_stream_that_lives_there_is_not_removed_by_a_datagram_socket(void)
{
	struct reed_address at = in_folder("s");
	struct reed_fault *fault = NULL;
	struct reed_listener *l;
	struct reed_bind bind = { .mode = -1 };

	check_int(reed_listen_address(loop, &at, &bind, &l, &fault), REED_OK);
	check_int(reed_dgram_bind(loop, &at, NULL, &us, &fault), REED_EADDRINUSE);
	reed_fault_free(fault);
	reed_listener_close(l);
	us = NULL;
	remove_folder();
}

static void a_file_that_is_no_socket_is_not_removed(void)
{
	struct reed_address at = in_folder("file");
	struct reed_fault *fault = NULL;
	int fd = open(at.path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	close(fd);
	check_int(reed_dgram_bind(loop, &at, NULL, &us, &fault), REED_EADDRINUSE);
	check(strstr(reed_fault_why(fault, REED_OK), "no socket") != NULL);
	reed_fault_free(fault);
	us = NULL;
	check(unlink(at.path) == 0);
	remove_folder();
}

static void mode_and_owner_are_as_asked(void)
{
	struct reed_address at = in_folder("s");
	struct reed_fault *fault = NULL;
	char endpoint[256], group[16];
	struct stat st;

	snprintf(group, sizeof(group), "%d", (int)getgid());
	snprintf(endpoint, sizeof(endpoint), "unix:%s:mode=620:user=%d:group=%s", at.path,
	         (int)getuid(), group);
	us = opened(endpoint, false);
	check(stat(at.path, &st) == 0);
	check_int(st.st_mode & 0777, 0620);
	check_int(st.st_gid, getgid());
	reed_dgram_close(us);
	us = NULL;
	options.user = "no such user";
	check_int(reed_dgram_bind(loop, &at, &options, &us, &fault), REED_ENOENT);
	check(strstr(reed_fault_why(fault, REED_OK), "no user \"no such user\"") != NULL);
	reed_fault_free(fault);
	us = NULL;
	remove_folder();
}

/* A receiver that does not read loses what is sent to it; the others hear theirs. */
static void one_that_is_full_does_not_stop_the_others(void)
{
	struct reed_address at = in_folder("full"), of_us = in_folder("us"), own = in_folder("own");
	struct reed_dgram *full = bound_to(&at);
	enum reed_err last = REED_OK;

	us = bound_to(&of_us);
	them = bound_to(&own);
	for (int i = 0; i < 2000; i++)
		check_int(reed_dgram_send(them, &at, REED_STR("x")), REED_OK);
	check_int(reed_dgram_send(them, &of_us, REED_STR("you")), REED_OK);
	hears(us, "you");
	last = fate(them);
	check_int(last, REED_EOVERFLOW);
	check(them->stats.failed > 1000);
	reed_dgram_close(full);
	reed_dgram_close(us);
	reed_dgram_close(them);
	us = them = NULL;
	remove_folder();
}

static void a_connected_name_waits_for_room(void)
{
	struct reed_address at = in_folder("us");
	struct reed_fault *fault = NULL;

	us = bound_to(&at);
	check_int(reed_dgram_connect(loop, &at, NULL, NULL, &them, &fault), REED_OK);
	for (int i = 0; i < 200; i++)
		check_int(reed_dgram_send(them, NULL, REED_STR("x")), REED_OK);
	for (int i = 0; i < 200; i++)
		hears(us, "x");
	check_int(got.from->path[0], '\0'); /* it has no name, and cannot be answered */
	check_int(reed_dgram_reply(us, &got, REED_STR("y")), REED_EINVAL);
	reed_dgram_close(us);
	us = NULL;
	remove_folder();
}

/* ---- endpoints ---- */

static enum reed_err listening(const char *endpoint)
{
	return outcome(reed_dgram_listen(loop, endpoint, &us));
}

static void endpoints_bring_sockets(void)
{
	char endpoint[64];

	us = opened("udp:0:interface=localhost", false);
	snprintf(endpoint, sizeof(endpoint), "udp:%s:%u",
	         us->local.family == REED_FAMILY_IPV4 ? "127.0.0.1" : "[::1]", us->local.port);
	them = opened(endpoint, true);
	check_int(reed_dgram_send(them, NULL, REED_STR("x")), REED_OK);
	hears(us, "x");
}

static void an_endpoint_may_bring_a_group(void)
{
	us = opened("udp:0:group=239.77.1.5:via=lo", false);
	them = bound("127.0.0.1", 0);
	on_interface(them);
	send_to(them, "239.77.1.5", us->local.port, "all");
	hears(us, "all");
}

static void a_dial_goes_from_where_it_is_told_to(void)
{
	char endpoint[64];

	us = opened("udp:0:interface=127.0.0.1", false);
	snprintf(endpoint, sizeof(endpoint), "udp:localhost:%u:bind=127.0.0.8", us->local.port);
	them = opened(endpoint, true);
	check_int(reed_dgram_send(them, NULL, REED_STR("x")), REED_OK);
	hears(us, "x");
	check_int(got.from->ip[3], 8);
}

static void a_wrong_endpoint_is_told_with_its_column(void)
{
	struct reed_stream *stream;
	struct reed_listener *listener;

	check_int(listening("udp:x"), REED_ESYNTAX);
	check_int(listening("udp:53:group=192.0.2.1"), REED_ESYNTAX);
	check(why_is("\"udp:53:group=192.0.2.1\", column 14: \"192.0.2.1\" is no group; write one "
	             "such as 239.1.2.3 or [ff02::123]"));
	check_int(listening("udp:0:via=no-such-if"), REED_ESYNTAX);
	check_int(listening("udp:0:bind=nonsense"), REED_ESYNTAX);
	check_int(listening("udp:0:ttl=256"), REED_ESYNTAX);
	check_int(listening("udp:0:interface=nothing.invalid"), REED_ENAME);
	check_int(listening("tcp:53"), REED_ESYNTAX);
	check(why_is("\"tcp:53\": tcp is of streams; one of datagrams, such as udp, must "
	             "stand here"));
	check_int(outcome(reed_dial(loop, "udp:127.0.0.1:53", &stream)), REED_ESYNTAX);
	check_int(outcome(reed_listen(loop, "udp:53", &listener)), REED_ESYNTAX);
	check(why_is("\"udp:53\": udp is of datagrams; one of streams, such as tcp, must "
	             "stand here"));
	check_int(outcome(reed_dgram_dial(loop, "udp:127.0.0.1", &us)), REED_ESYNTAX);
	check_int(outcome(reed_dgram_dial(loop, "unix:@", &us)), REED_ESYNTAX);
	us = NULL;
}

static void an_opening_that_is_dropped_leaves_nothing(void)
{
	struct owner o;

	own(&o, reed_dgram_listen(loop, "udp:0:interface=127.0.0.1", &us));
	disown(&o);
	own(&o, reed_dgram_listen(loop, "unix:@reed-dropped", &us));
	disown(&o);
	us = opened("unix:@reed-dropped", false);
}

static void alone(void (*test)(void), const char *name)
{
	lab_open();
	options = (struct reed_dgram_options)REED_DGRAM_OPTIONS;
	test();
	reed_dgram_close(us);
	reed_dgram_close(them);
	us = them = NULL;
	reed_loop_free(loop);
	check_int(memory.live, 0);
	printf("ok %s\n", name);
	fflush(stdout);
}

#define RUN_ALONE(test) alone(test, #test)

int main(void)
{
	RUN_ALONE(one_bound_everywhere_answers_from_where_it_was_asked);
	RUN_ALONE(one_of_both_families_answers_from_where_it_was_asked);
	RUN_ALONE(the_hop_limit_is_set_and_told);
	RUN_ALONE(a_group_of_ipv4_is_heard_from_join_to_leave);
	RUN_ALONE(a_group_of_ipv6_is_heard_from_join_to_leave);
	RUN_ALONE(a_source_is_heard_and_others_are_not);
	RUN_ALONE(who_does_not_loop_is_not_heard_here);
	RUN_ALONE(what_is_no_group_is_not_joined);
	RUN_ALONE(several_that_share_a_port_all_hear_a_group);
	RUN_ALONE(a_broadcast_needs_the_option_and_is_heard);

	RUN_ALONE(one_over_the_limit_of_the_system_is_told_by_value);
	RUN_ALONE(one_that_fails_takes_no_other_with_it);
	RUN_ALONE(a_peer_that_has_gone_costs_the_others_nothing);
	RUN_ALONE(no_number_left_is_told);
	RUN_ALONE(an_address_in_use_is_told);
	RUN_ALONE(an_interface_that_is_gone_is_a_value);
	RUN_ALONE(an_inherited_socket_is_taken_over);

	RUN_ALONE(a_name_left_behind_is_replaced_and_a_live_one_is_in_use);
	RUN_ALONE(a_stream_that_lives_there_is_not_removed_by_a_datagram_socket);
	RUN_ALONE(a_file_that_is_no_socket_is_not_removed);
	RUN_ALONE(mode_and_owner_are_as_asked);
	RUN_ALONE(one_that_is_full_does_not_stop_the_others);
	RUN_ALONE(a_connected_name_waits_for_room);

	RUN_ALONE(endpoints_bring_sockets);
	RUN_ALONE(an_endpoint_may_bring_a_group);
	RUN_ALONE(a_dial_goes_from_where_it_is_told_to);
	RUN_ALONE(a_wrong_endpoint_is_told_with_its_column);
	RUN_ALONE(an_opening_that_is_dropped_leaves_nothing);
	return 0;
}
