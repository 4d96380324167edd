/* Listening sockets that go from one loop to another, as between processes. */

#include "reed/handover.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reed/dgram.h"
#include "reed/endpoint.h"
#include "reed/listener.h"
#include "reed/loop.h"
#include "reed/stream.h"
#include "tests/check.h"

static struct reed_loop *new_loop(void)
{
	struct reed_loop *loop;

	check_int(reed_loop_new(NULL, &loop), REED_OK);
	return loop;
}

static struct reed_listener *listening(struct reed_loop *loop, const char *endpoint)
{
	struct reed_listener *l = NULL;
	struct reed_fault *fault = NULL;
	enum reed_err err = reed_loop_run_until(loop, reed_listen(loop, endpoint, &l), &fault);

	if (err)
		fprintf(stderr, "%s\n", reed_fault_why(fault, err));
	check_int(err, REED_OK);
	return l;
}

/* What the next process would receive. */
static int handed(struct reed_loop *loop)
{
	int fd;

	check_int((int)reed_listening(loop, &fd, 1), 1);
	fd = dup(fd);
	check(fd >= 0);
	return fd;
}

static void dial(struct reed_loop *loop, const struct reed_address *at)
{
	struct reed_stream *s;
	char endpoint[REED_ADDRESS_TEXT + 8], text[REED_ADDRESS_TEXT];

	snprintf(endpoint, sizeof(endpoint), "%s%s",
	         at->family == REED_FAMILY_UNIX ? "" : "tcp:", reed_address_text(at, text));
	check_int(reed_loop_run_until(loop, reed_dial(loop, endpoint, &s), NULL), REED_OK);
	reed_close(s);
}

static void who_connects_between_two_processes_is_served_by_the_second(void)
{
	struct reed_loop *first = new_loop(), *second = new_loop();
	struct reed_listener *before = listening(first, "tcp:0:interface=127.0.0.1"), *after;
	struct reed_address at = before->address;
	struct reed_stream *s = NULL;
	char endpoint[64];

	check_int(reed_inherit(second, handed(first)), REED_OK);
	reed_listener_close(before);
	reed_loop_run(first);
	dial(first, &at); /* nobody accepts: it waits */
	snprintf(endpoint, sizeof(endpoint), "tcp:%u:interface=127.0.0.1", at.port);
	after = listening(second, endpoint);
	check(reed_address_eq(&after->address, &at));
	check_int((int)reed_inherit_end(second), 0);
	check_int(reed_loop_run_until(second, reed_accept(after, &s), NULL), REED_OK);
	reed_close(s);
	reed_listener_close(after);
	reed_loop_run(first);
	reed_loop_run(second);
	reed_loop_free(first);
	reed_loop_free(second);
}

static void an_address_nobody_handed_over_is_bound_anew(void)
{
	struct reed_loop *first = new_loop(), *second = new_loop();
	struct reed_listener *before = listening(first, "tcp:0:interface=127.0.0.1");
	struct reed_listener *other;

	check_int(reed_inherit(second, handed(first)), REED_OK);
	other = listening(second, "tcp:0:interface=127.0.0.1");
	check(!reed_address_eq(&other->address, &before->address));
	check_int((int)reed_inherit_end(second), 1);
	reed_listener_close(before);
	reed_listener_close(other);
	reed_loop_free(first);
	reed_loop_free(second);
}

static bool exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static void the_file_of_a_socket_is_removed_by_its_last_process(void)
{
	char folder[] = "/tmp/reed-handover-XXXXXX", endpoint[64], *path;
	struct reed_loop *first = new_loop(), *second = new_loop();
	struct reed_listener *before, *after;

	check(mkdtemp(folder));
	snprintf(endpoint, sizeof(endpoint), "unix:%s/s", folder);
	path = endpoint + 5;
	before = listening(first, endpoint);
	check_int(reed_inherit(second, handed(first)), REED_OK);
	reed_listening_shared(first);
	reed_listener_close(before);
	check(exists(path));
	after = listening(second, endpoint);
	dial(first, &after->address);
	reed_listener_close(after);
	check(!exists(path));
	check_int(rmdir(folder), 0);
	reed_loop_run(first);
	reed_loop_free(first);
	reed_loop_free(second);
}

static void one_that_stays_is_listened_on_again_and_who_connects_meanwhile_waits(void)
{
	struct reed_loop *first = new_loop(), *second = new_loop();
	struct reed_listener *before = listening(first, "tcp:0:interface=127.0.0.1"), *l;
	struct reed_address at = before->address;
	struct reed_stream *s = NULL;
	char endpoint[64];

	snprintf(endpoint, sizeof(endpoint), "tcp:%u:interface=127.0.0.1", at.port);
	check_int(reed_inherit_for_good(second, handed(first)), REED_OK);
	reed_listener_close(before);
	reed_listener_close(listening(second, endpoint));
	dial(first, &at);
	l = listening(second, endpoint);
	check_int(reed_loop_run_until(second, reed_accept(l, &s), NULL), REED_OK);
	reed_close(s);
	reed_inherit_let_go(second);
	reed_listener_close(l);
	check_int((int)reed_inherit_end(second), 0);
	reed_loop_run(first);
	reed_loop_run(second);
	reed_loop_free(first);
	reed_loop_free(second);
}

static void one_whose_listener_lets_nobody_in_does_not_stay(void)
{
	struct reed_loop *first = new_loop(), *second = new_loop();
	struct reed_listener *before = listening(first, "tcp:0:interface=127.0.0.1"), *l;
	char endpoint[64];

	snprintf(endpoint, sizeof(endpoint), "tcp:%u:interface=127.0.0.1", before->address.port);
	check_int(reed_inherit_for_good(second, handed(first)), REED_OK);
	reed_listener_close(before);
	l = listening(second, endpoint);
	reed_listening_end(second, NULL);
	reed_listener_close(l);
	check_int((int)reed_inherit_end(second), 0);
	reed_loop_free(first);
	reed_loop_free(second);
}

static void only_sockets_that_listen_are_inherited(void)
{
	struct reed_loop *loop = new_loop();
	int fds[2];

	check_int(pipe(fds), 0);
	check_int(reed_inherit(loop, fds[0]), REED_EINVAL);
	check_int(close(fds[0]), -1); /* it was taken all the same */
	close(fds[1]);
	check_int(reed_inherit(loop, socket(AF_INET, SOCK_STREAM, 0)), REED_EINVAL);
	reed_loop_free(loop);
}

/* ---- datagrams ---- */

static struct reed_dgram *receiving(struct reed_loop *loop, const char *endpoint)
{
	struct reed_dgram *d = NULL;

	check_int(reed_loop_run_until(loop, reed_dgram_listen(loop, endpoint, &d), NULL), REED_OK);
	return d;
}

static void tell(struct reed_loop *loop, const struct reed_address *to, const char *text)
{
	struct reed_dgram *d = NULL;

	check_int(reed_dgram_connect(loop, to, NULL, NULL, &d, NULL), REED_OK);
	reed_dgram_send(d, NULL, reed_slice_of(text));
	reed_dgram_close(d);
}

static void hears(struct reed_dgram *d, const char *text)
{
	struct reed_datagram in;

	while (!reed_dgram_next(d, &in))
		check_int(reed_loop_run_until(d->loop, reed_dgram_wait(d), NULL), REED_OK);
	check_slice(in.data, text);
}

static void what_is_sent_between_two_processes_is_read_by_the_second(void)
{
	struct reed_loop *first = new_loop(), *second = new_loop();
	struct reed_dgram *before = receiving(first, "udp:0:interface=127.0.0.1"), *after;
	struct reed_address at = before->local;
	char endpoint[64];

	tell(first, &at, "one");
	hears(before, "one");
	tell(first, &at, "two"); /* and nobody reads it */
	check_int(reed_inherit(second, handed(first)), REED_OK);
	reed_dgram_close(before);
	tell(first, &at, "three");
	snprintf(endpoint, sizeof(endpoint), "udp:%u:interface=127.0.0.1", at.port);
	after = receiving(second, endpoint);
	check_int((int)reed_inherit_end(second), 0);
	hears(after, "two");
	hears(after, "three");
	reed_dgram_close(after);
	reed_loop_free(first);
	reed_loop_free(second);
}

static void a_port_of_streams_is_not_one_of_datagrams(void)
{
	struct reed_loop *first = new_loop(), *second = new_loop();
	struct reed_listener *before = NULL;
	struct reed_dgram *dgram = NULL;
	char endpoint[64];
	int fds[3];

	do { /* the system's choice for streams may be somebody's for datagrams */
		reed_listener_close(before);
		before = listening(first, "tcp:0:interface=127.0.0.1");
		snprintf(endpoint, sizeof(endpoint), "udp:%u:interface=127.0.0.1",
		         before->address.port);
	} while (reed_loop_run_until(first, reed_dgram_listen(first, endpoint, &dgram), NULL) ==
	         REED_EADDRINUSE);
	check(dgram != NULL);
	check_int((int)reed_listening(first, fds, 3), 2);
	check_int((int)reed_listening(first, fds, 0), 2);
	check_int((int)reed_listening(first, fds, 1), 2);
	check_int(reed_inherit(second, dup(fds[0])), REED_OK); /* the stream's only */
	reed_dgram_close(dgram);
	dgram = receiving(second, endpoint);
	check_int((int)reed_inherit_end(second), 1);
	reed_dgram_close(dgram);
	reed_listener_close(before);
	reed_loop_free(first);
	reed_loop_free(second);
}

static void the_file_of_datagrams_is_removed_by_its_last_process(void)
{
	char folder[] = "/tmp/reed-handover-XXXXXX", endpoint[64], *path;
	struct reed_loop *first = new_loop(), *second = new_loop();
	struct reed_dgram *before, *after;

	check(mkdtemp(folder));
	snprintf(endpoint, sizeof(endpoint), "unix:%s/d", folder);
	path = endpoint + 5;
	before = receiving(first, endpoint);
	check_int(reed_inherit(second, handed(first)), REED_OK);
	reed_listening_shared(first);
	reed_dgram_close(before);
	check(exists(path));
	after = receiving(second, endpoint);
	tell(first, &after->local, "x");
	hears(after, "x");
	reed_dgram_close(after);
	check(!exists(path));
	check_int(rmdir(folder), 0);
	reed_loop_free(first);
	reed_loop_free(second);
}

static void datagrams_wait_for_one_that_stays(void)
{
	struct reed_loop *first = new_loop(), *second = new_loop();
	struct reed_dgram *before = receiving(first, "udp:0:interface=127.0.0.1"), *d;
	struct reed_address at = before->local;
	char endpoint[64];

	snprintf(endpoint, sizeof(endpoint), "udp:%u:interface=127.0.0.1", at.port);
	check_int(reed_inherit_for_good(second, handed(first)), REED_OK);
	reed_dgram_close(before);
	reed_dgram_close(receiving(second, endpoint));
	tell(first, &at, "x");
	d = receiving(second, endpoint);
	hears(d, "x");
	reed_inherit_let_go(second);
	reed_dgram_close(d);
	check_int((int)reed_inherit_end(second), 0);
	reed_loop_free(first);
	reed_loop_free(second);
}

static void a_group_is_joined_by_the_second_as_by_the_first(void)
{
	struct reed_loop *first = new_loop(), *second = new_loop();
	struct reed_dgram *before = receiving(first, "udp:0:group=239.255.1.2:via=lo"), *after;
	char endpoint[64];

	snprintf(endpoint, sizeof(endpoint), "udp:%u:group=239.255.1.2:via=lo", before->local.port);
	check_int(reed_inherit(second, handed(first)), REED_OK);
	after = receiving(second, endpoint);
	check_int((int)reed_inherit_end(second), 0);
	reed_dgram_close(before);
	reed_dgram_close(after);
	reed_loop_free(first);
	reed_loop_free(second);
}

static void what_nobody_took_is_closed_with_the_loop(void)
{
	struct reed_loop *first = new_loop(), *second = new_loop();
	struct reed_listener *before = listening(first, "tcp:0:interface=127.0.0.1");
	int fd = handed(first);

	check_int(reed_inherit(second, fd), REED_OK);
	reed_loop_free(second);
	check_int(close(fd), -1);
	reed_listener_close(before);
	reed_loop_free(first);
}

int main(void)
{
	who_connects_between_two_processes_is_served_by_the_second();
	an_address_nobody_handed_over_is_bound_anew();
	the_file_of_a_socket_is_removed_by_its_last_process();
	one_that_stays_is_listened_on_again_and_who_connects_meanwhile_waits();
	one_whose_listener_lets_nobody_in_does_not_stay();
	only_sockets_that_listen_are_inherited();
	what_nobody_took_is_closed_with_the_loop();
	what_is_sent_between_two_processes_is_read_by_the_second();
	a_port_of_streams_is_not_one_of_datagrams();
	the_file_of_datagrams_is_removed_by_its_last_process();
	datagrams_wait_for_one_that_stays();
	a_group_is_joined_by_the_second_as_by_the_first();
	return 0;
}
