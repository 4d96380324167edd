/* Datagram sockets by inheritance, by UNIX name and by endpoint. */

#include "core/os.h"
#include "reed/endpoint.h"
#include "tests/core/dgram_kit.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* ---- what is inherited ---- */

static void an_inherited_socket_is_taken_over(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	struct reed_dgram *second = NULL;
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
	check_int(outcome(reed_dgram_listen(loop, endpoint, &second)), REED_ESYNTAX);
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
	char endpoint[40];

	own(&o, reed_dgram_listen(loop, "udp:0:interface=127.0.0.1", &us));
	disown(&o);
	snprintf(endpoint, sizeof(endpoint), "unix:@reed-dropped-%ld", (long)getpid());
	own(&o, reed_dgram_listen(loop, endpoint, &us));
	disown(&o);
	us = opened(endpoint, false);
}

int main(void)
{
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
