/* Descriptors that travel over UNIX streams. */

#include "reed/alloc.h"
#include "reed/scope.h"
#include "reed/stream.h"
#include "tests/core/tools.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static struct reed_stream *us, *them;
static struct reed_slice got;
static int pipes[2];

static void make_pair(void)
{
	int fds[2];

	lab_open();
	check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
	check_int(reed_stream_of_fd(loop, fds[0], &us), REED_OK);
	check_int(reed_stream_of_fd(loop, fds[1], &them), REED_OK);
	check(pipe2(pipes, O_CLOEXEC) == 0);
}

static void end_pair(void)
{
	reed_abort(us);
	reed_abort(them);
	us = them = NULL;
	for (int i = 0; i < 2; i++)
		if (pipes[i] >= 0)
			close(pipes[i]);
	lab_close();
}

static void hears(const char *bytes)
{
	check_int(outcome(reed_read_exactly(us, strlen(bytes), &got)), REED_OK);
	check_slice(got, bytes);
}

static int open_descriptors(void)
{
	int n = 0;

	for (int fd = 0; fd < 512; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void send_one(const char *text)
{
	check_int(reed_write_fds(them, reed_slice_of(text), &pipes[1], 1), REED_OK);
}

/* The other end of the pipe hears what is written to fd. */
static bool is_the_pipe(int fd)
{
	char byte = 0;

	return write(fd, "!", 1) == 1 && read(pipes[0], &byte, 1) == 1 && byte == '!';
}

static void a_descriptor_comes_with_its_bytes_and_is_closed_on_exec(void)
{
	int fd = -1;

	check_int(reed_accept_fds(us, 4), REED_OK);
	reed_write_str(them, "before");
	send_one("with");
	reed_write_str(them, "after");
	hears("before");
	hears("with");
	check_int(reed_take_fds(us, &fd, 1), 1);
	check(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	check(is_the_pipe(fd));
	hears("after");
	check_int(reed_take_fds(us, &fd, 1), 0);
	close(fd);
}

static void the_sender_may_close_its_own_at_once(void)
{
	int fd;

	check_int(reed_accept_fds(us, 1), REED_OK);
	send_one("x");
	close(pipes[1]);
	pipes[1] = -1;
	hears("x");
	check_int(reed_take_fds(us, &fd, 1), 1);
	check(is_the_pipe(fd));
	close(fd);
}

static void several_come_in_order(void)
{
	int fds[3] = { pipes[1], pipes[0], pipes[1] }, taken[5];

	check_int(reed_accept_fds(us, 8), REED_OK);
	check_int(reed_write_fds(them, REED_STR("ab"), fds, 3), REED_OK);
	send_one("c");
	hears("abc");
	check_int(reed_take_fds(us, taken, 5), 4);
	check(is_the_pipe(taken[0]) && is_the_pipe(taken[2]) && is_the_pipe(taken[3]));
	for (int i = 0; i < 4; i++)
		close(taken[i]);
}

static void who_does_not_ask_for_them_gets_none(void)
{
	int before = open_descriptors(), fd;

	send_one("x");
	hears("x");
	check_int(reed_take_fds(us, &fd, 1), 0);
	check_int(open_descriptors(), before);
}

static void those_not_taken_are_closed_with_the_stream(void)
{
	int before = open_descriptors();

	check_int(reed_accept_fds(us, 4), REED_OK);
	send_one("x");
	send_one("y");
	hears("xy");
	check_int(open_descriptors(), before + 2);
	reed_abort(us);
	us = NULL;
	check_int(open_descriptors(), before - 1);
}

static void those_not_sent_are_closed_with_the_stream(void)
{
	int before = open_descriptors();

	send_one("x");
	check_int(open_descriptors(), before + 1);
	reed_abort(them);
	them = NULL;
	check_int(open_descriptors(), before - 1);
}

static void more_than_the_limit_break_the_stream_and_leak_nothing(void)
{
	int before = open_descriptors();

	check_int(reed_accept_fds(us, 1), REED_OK);
	send_one("x");
	send_one("y");
	check_int(outcome(reed_read_exactly(us, 2, &got)), REED_ETOOBIG);
	check(why_is("the peer sent more than 1 descriptors"));
	check_int(open_descriptors(), before + 1); /* the one within the limit */
}

static void no_number_left_breaks_the_stream_and_says_so(void)
{
	struct rlimit old, few;

	check_int(reed_accept_fds(us, 4), REED_OK);
	send_one("x");
	quiet();
	check(getrlimit(RLIMIT_NOFILE, &old) == 0);
	few = old;
	few.rlim_cur = 3;
	check(setrlimit(RLIMIT_NOFILE, &few) == 0);
	check_int(outcome(reed_more(us)), REED_EMFILE);
	check_int(reed_write_fds(them, REED_STR("y"), &pipes[1], 1), REED_EMFILE);
	check(setrlimit(RLIMIT_NOFILE, &old) == 0);
}

static void what_cannot_be_sent_is_told_at_once(void)
{
	int many[REED_FDS + 1], bad = 500;

	for (int i = 0; i <= REED_FDS; i++)
		many[i] = pipes[1];
	check_int(reed_write_fds(them, REED_STR(""), &pipes[1], 1), REED_EINVAL);
	check_int(reed_write_fds(them, REED_STR("x"), many, 0), REED_EINVAL);
	check_int(reed_write_fds(them, REED_STR("x"), many, REED_FDS + 1), REED_EINVAL);
	check_int(reed_write_fds(them, REED_STR("x"), &bad, 1), REED_EINVAL);
	check_int(them->queued, 0);
}

static void a_stream_of_memory_carries_none(void)
{
	struct reed_stream *a, *b;
	int fd;

	reed_stream_pair(loop, 0, &a, &b);
	check_int(reed_accept_fds(a, 1), REED_ENOTSUP);
	check_int(reed_write_fds(a, REED_STR("x"), &pipes[1], 1), REED_ENOTSUP);
	check_int(reed_take_fds(a, &fd, 1), 0);
	reed_abort(a);
	reed_abort(b);
}

/* A full socket takes the bytes later, and the descriptors with the first of them. */
static void they_wait_with_their_bytes_for_room(void)
{
	static char block[1 << 18];
	size_t sent = 0;
	int fd;

	check_int(reed_accept_fds(us, 1), REED_OK);
	while (them->queued == 0) {
		reed_write(them, reed_slice(block, sizeof(block)));
		sent += sizeof(block);
	}
	send_one("end");
	reed_write_str(them, "of it");
	check_int(them->fds_queued, 1);
	while (sent > 0) {
		size_t n = sent < sizeof(block) ? sent : sizeof(block);

		check_int(outcome(reed_read_exactly(us, n, &got)), REED_OK);
		sent -= n;
	}
	hears("endof it");
	check_int(them->fds_queued, 0);
	check_int(reed_take_fds(us, &fd, 1), 1);
	check(is_the_pipe(fd));
	close(fd);
}

static void too_many_that_wait_are_refused(void)
{
	int many[REED_FDS], before = open_descriptors();
	enum reed_err err = REED_OK;
	int taken = 0;

	for (int i = 0; i < 50; i++)
		many[i] = pipes[1];
	for (; !err && taken <= REED_FDS_QUEUED / 50 + 1; taken++)
		err = reed_write_fds(them, REED_STR("x"), many, 50);
	check(err == REED_EOVERFLOW || err == REED_EMFILE);
	check(taken > 1);
	reed_abort(them);
	them = NULL;
	check_int(open_descriptors(), before - 1);
}

static void over_a_pair(void (*test)(void), const char *name)
{
	make_pair();
	test();
	end_pair();
	printf("ok %s\n", name);
}

#define RUN_OVER_A_PAIR(test) over_a_pair(test, #test)

int main(void)
{
	RUN_OVER_A_PAIR(a_descriptor_comes_with_its_bytes_and_is_closed_on_exec);
	RUN_OVER_A_PAIR(the_sender_may_close_its_own_at_once);
	RUN_OVER_A_PAIR(several_come_in_order);
	RUN_OVER_A_PAIR(who_does_not_ask_for_them_gets_none);
	RUN_OVER_A_PAIR(those_not_taken_are_closed_with_the_stream);
	RUN_OVER_A_PAIR(those_not_sent_are_closed_with_the_stream);
	RUN_OVER_A_PAIR(more_than_the_limit_break_the_stream_and_leak_nothing);
	RUN_OVER_A_PAIR(no_number_left_breaks_the_stream_and_says_so);
	RUN_OVER_A_PAIR(what_cannot_be_sent_is_told_at_once);
	RUN_OVER_A_PAIR(a_stream_of_memory_carries_none);
	RUN_OVER_A_PAIR(they_wait_with_their_bytes_for_room);
	RUN_OVER_A_PAIR(too_many_that_wait_are_refused);
	return 0;
}
