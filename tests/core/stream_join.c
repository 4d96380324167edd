/* What is promised of two streams that are joined, and of sockets that are taken. */

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "reed/dgram.h"
#include "reed/stream.h"
#include "tests/core/tools.h"

static struct reed_stream *ann, *left, *right, *bob;
static struct owner join;

static void begin(int64_t silent_ms)
{
	reed_stream_pair(loop, 0, &ann, &left);
	reed_stream_pair(loop, 0, &right, &bob);
	own(&join, reed_stream_join(left, right, silent_ms));
}

static void end(void)
{
	reed_close(ann);
	reed_close(left);
	reed_close(right);
	reed_close(bob);
	run();
}

static void bytes_and_ends_go_both_ways(void)
{
	struct reed_slice line;

	begin(0);
	reed_write_str(ann, "from ann\n");
	reed_shutdown(ann);
	check_int(outcome(reed_read_line(bob, &line)), REED_OK);
	check_slice(line, "from ann");
	check_int(outcome(reed_more(bob)), REED_EEOF);
	check_int(join.told, 0);
	reed_write_str(bob, "from bob\n");
	reed_shutdown(bob);
	check_int(outcome(reed_read_line(ann, &line)), REED_OK);
	check_slice(line, "from bob");
	check_int(outcome(reed_more(ann)), REED_EEOF);
	run();
	check_int(join.told, 1);
	check_int(join.err, REED_OK);
	end();
}

static void a_break_ends_it(void)
{
	begin(0);
	reed_abort(bob);
	bob = NULL;
	run();
	check_int(join.told, 1);
	check(join.err != REED_OK);
	end();
}

static void silence_of_both_ends_it_and_of_one_does_not(void)
{
	begin(1000);
	for (int i = 0; i < 5; i++) {
		check_int(outcome(reed_sleep(loop, 600)), REED_OK);
		reed_write_str(ann, "still here\n");
	}
	check_int(join.told, 0);
	check_int(outcome(reed_sleep(loop, 5000)), REED_OK);
	check_int(join.told, 1);
	check_int(join.err, REED_ETIMEDOUT);
	end();
}

static void a_drop_leaves_both(void)
{
	struct reed_slice line;

	begin(0);
	disown(&join);
	reed_write_str(ann, "to nobody\n");
	check_int(outcome(reed_read_line(left, &line)), REED_OK);
	check_slice(line, "to nobody");
	end();
}

static void a_socket_that_is_taken_lives_on_and_blocks(void)
{
	struct reed_stream *s;
	int fds[2], fd = -1;
	char text[8];

	check_int(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	check_int(reed_stream_of_fd(loop, fds[0], &s), REED_OK);
	check_int(reed_stream_take_socket(s, &fd), REED_OK);
	reed_abort(s);
	run();
	check_int(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
	check_int(write(fd, "hello", 5), 5);
	check_int(read(fds[1], text, sizeof(text)), 5);
	close(fd);
	check_int(read(fds[1], text, sizeof(text)), 0);
	close(fds[1]);
}

static void a_stream_with_bytes_in_it_is_not_taken(void)
{
	struct reed_stream *s, *other;
	int fds[2], fd = -1;

	check_int(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	check_int(reed_stream_of_fd(loop, fds[0], &s), REED_OK);
	check_int(write(fds[1], "hello", 5), 5);
	check_int(outcome(reed_more(s)), REED_OK);
	check_int(reed_stream_take_socket(s, &fd), REED_EBUSY);
	reed_abort(s);
	close(fds[1]);
	reed_stream_pair(loop, 0, &s, &other);
	check_int(reed_stream_take_socket(s, &fd), REED_ENOTSUP);
	reed_close(s);
	reed_close(other);
	run();
	check_int(fd, -1);
}

static void what_waits_in_a_datagram_socket_goes_along(void)
{
	struct reed_dgram *d;
	int fds[2], fd = -1;
	char text[8];

	check_int(socketpair(AF_UNIX, SOCK_DGRAM, 0, fds), 0);
	check_int(reed_dgram_of_fd(loop, fds[0], NULL, &d), REED_OK);
	check_int(write(fds[1], "hello", 5), 5);
	check_int(reed_dgram_take_socket(d, &fd), REED_OK);
	check_int(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
	reed_dgram_close(d);
	check_int(read(fd, text, sizeof(text)), 5);
	close(fd);
	close(fds[1]);
}

int main(void)
{
	lab_open();
	RUN(bytes_and_ends_go_both_ways);
	RUN(a_break_ends_it);
	RUN(silence_of_both_ends_it_and_of_one_does_not);
	RUN(a_drop_leaves_both);
	RUN(a_socket_that_is_taken_lives_on_and_blocks);
	RUN(a_stream_with_bytes_in_it_is_not_taken);
	RUN(what_waits_in_a_datagram_socket_goes_along);
	lab_close();
	return 0;
}
