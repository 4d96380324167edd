/* What streams over pipes, terminals and standard input and output promise. */

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/os.h"
#include "tests/core/tools.h"

static struct reed_stream *s;
static struct reed_slice got;

static void stream_of(int fd)
{
	check_int(reed_stream_of_fd(loop, fd, &s), REED_OK);
}

/* Waits, while the loop turns, for what comes to fd; 0 for its end. */
static ssize_t comes_to(int fd, char *into, size_t room)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	until(poll(&p, 1, 0) == 1);
	return read(fd, into, room);
}

/* ---- one end of a pipe ---- */

static void a_pipe_can_be_read_to_its_end(void)
{
	int fds[2];

	check(pipe(fds) == 0);
	stream_of(fds[0]);
	check(write(fds[1], "one\ntw", 6) == 6);
	check_int(outcome(reed_read_line(s, &got)), REED_OK);
	check_slice(got, "one");
	check(write(fds[1], "o", 1) == 1);
	close(fds[1]);
	check_int(outcome(reed_read_exactly(s, 3, &got)), REED_OK);
	check_slice(got, "two");
	check_int(outcome(reed_more(s)), REED_EEOF);
	reed_close(s);
	run();
}

/* Its reader would wait for ever, or for as long as the stream lingers. */
static void a_pipe_that_is_closed_ends_at_once_after_the_last_bytes(void)
{
	int fds[2];
	int64_t start = reed_now(loop);
	char bytes[8];

	check(pipe(fds) == 0);
	stream_of(fds[1]);
	reed_write_str(s, "bye");
	reed_close(s);
	check(comes_to(fds[0], bytes, sizeof(bytes)) == 3 && memcmp(bytes, "bye", 3) == 0);
	check_int(comes_to(fds[0], bytes, sizeof(bytes)), 0);
	check(idle());
	check_int(reed_now(loop) - start, 0);
	close(fds[0]);
}

static void a_reader_that_is_closed_is_gone_at_once(void)
{
	int fds[2];

	check(pipe(fds) == 0);
	stream_of(fds[0]);
	reed_close(s);
	turns(2);
	check(idle());
	signal(SIGPIPE, SIG_IGN);
	check(write(fds[1], "x", 1) < 0 && errno == EPIPE);
	signal(SIGPIPE, SIG_DFL);
	close(fds[1]);
}

static void a_slow_reader_gets_all_of_a_closed_pipe(void)
{
	static char block[200000];
	int fds[2];
	size_t all = 0;
	ssize_t n;

	check(pipe(fds) == 0);
	stream_of(fds[1]);
	reed_write(s, reed_slice(block, sizeof(block)));
	reed_close(s);
	while ((n = comes_to(fds[0], block, 5000)) > 0)
		all += (size_t)n;
	check_int(all, sizeof(block));
	run();
	close(fds[0]);
}

static void a_pipe_that_nobody_reads_breaks_without_a_signal(void)
{
	int fds[2];

	check(pipe(fds) == 0);
	stream_of(fds[1]);
	close(fds[0]);
	reed_write_str(s, "x");
	turns(2);
	check_int(outcome(reed_drain(s)), REED_EPIPE);
	reed_close(s);
	turns(2);
	check(idle());
}

/* What was pending or blocked before is so afterwards. */
static void a_signal_that_was_pending_stays_pending(void)
{
	sigset_t pipe_only, before, pending;
	int fds[2];

	sigemptyset(&pipe_only);
	sigaddset(&pipe_only, SIGPIPE);
	sigprocmask(SIG_BLOCK, &pipe_only, &before);
	raise(SIGPIPE);
	check(pipe(fds) == 0);
	stream_of(fds[1]);
	close(fds[0]);
	reed_write_str(s, "x");
	turns(2);
	sigpending(&pending);
	check(sigismember(&pending, SIGPIPE));
	signal(SIGPIPE, SIG_IGN);
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, &before, NULL);
	reed_abort(s);
}

static void what_is_not_open_is_told(void)
{
	check_int(reed_stream_of_fd(loop, -1, &s), REED_EINVAL);
	check_int(reed_stream_of_fd(loop, 987654, &s), REED_EINVAL);
}

static void a_descriptor_becomes_non_blocking_and_is_closed_with_its_stream(void)
{
	int fds[2];

	check(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
	stream_of(fds[0]);
	check(fcntl(fds[0], F_GETFL) & O_NONBLOCK);
	reed_abort(s);
	check(fcntl(fds[0], F_GETFL) < 0 && errno == EBADF);
	close(fds[1]);
}

static void a_unix_peer_has_credentials(void)
{
	struct reed_stream_facts facts = { .size = sizeof(facts) };
	int fds[2];

	check(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
	stream_of(fds[0]);
	reed_stream_facts(s, &facts);
	check(facts.local.family == REED_FAMILY_UNIX && facts.peer.family == REED_FAMILY_UNIX);
	check(facts.has_credentials && facts.uid == getuid() && facts.gid == getgid());
	check(facts.pid == getpid() && !facts.tls);
	facts.size = offsetof(struct reed_stream_facts, uid);
	facts.uid = 4711;
	reed_stream_facts(s, &facts);
	check_int(facts.uid, 4711); /* an older program knows a smaller struct */
	reed_abort(s);
	close(fds[1]);
}

static void a_terminal_that_hangs_up_has_ended(void)
{
	int ours, theirs;

	check(openpty(&ours, &theirs, NULL, NULL, NULL) == 0);
	stream_of(ours);
	check(write(theirs, "x\n", 2) == 2);
	check_int(outcome(reed_read_line(s, &got)), REED_OK);
	check_slice(got, "x");
	reed_write_str(s, "hello\n");
	check_int(outcome(reed_flush(s)), REED_OK);
	close(theirs);
	while (outcome(reed_more(s)) == REED_OK)
		reed_skip(s, reed_peek(s).n);
	check_int(s->read_err, REED_EEOF);
	reed_close(s);
	turns(2);
	check(idle());
}

/* ---- standard input and output, of a child that runs test() ---- */

static int to_child, from_child;

static pid_t with_stdio(void (*test)(void))
{
	int in[2], out[2];
	pid_t pid;

	check(pipe(in) == 0 && pipe(out) == 0);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		close(in[1]);
		close(out[0]);
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		check_int(reed_stream_of_stdio(loop, &s), REED_OK);
		test();
		_exit(0);
	}
	close(in[0]);
	close(out[1]);
	to_child = in[1];
	from_child = out[0];
	return pid;
}

static void child_is_well(pid_t pid)
{
	int status;

	close(to_child);
	close(from_child);
	check(waitpid(pid, &status, 0) == pid);
	check(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void echo_twice(void)
{
	for (int i = 0; i < 2; i++) {
		check_int(outcome(reed_read_line(s, &got)), REED_OK);
		reed_printf(s, "%.*s!\n", REED_ARG(got));
	}
	check_int(outcome(reed_flush(s)), REED_OK);
	check(!(fcntl(STDIN_FILENO, F_GETFL) & O_NONBLOCK));
	check(!(fcntl(STDOUT_FILENO, F_GETFL) & O_NONBLOCK));
}

static void standard_input_and_output_are_a_stream(void)
{
	pid_t pid = with_stdio(echo_twice);
	char said[16] = "";

	check(write(to_child, "one\ntwo\n", 8) == 8);
	for (size_t n = 0; n < 10;) {
		ssize_t more = read(from_child, said + n, 10 - n);

		check(more > 0);
		n += (size_t)more;
	}
	check_str(said, "one!\ntwo!\n");
	child_is_well(pid);
}

/* It closes its stream; what comes then is for whoever reads the descriptor next. */
static void close_and_leave_the_rest(void)
{
	char rest[8];

	check_int(outcome(reed_read_line(s, &got)), REED_OK);
	reed_write_str(s, "ok\n");
	reed_close(s);
	turns(3);
	check(idle());
	check(write(STDOUT_FILENO, "still open\n", 11) == 11);
	check(read(STDIN_FILENO, rest, sizeof(rest)) == 4 && memcmp(rest, "rest", 4) == 0);
}

static void both_stay_open_and_unread_when_the_stream_is_closed(void)
{
	pid_t pid = with_stdio(close_and_leave_the_rest);
	char said[32] = "";
	size_t n = 0;

	check(write(to_child, "line\n", 5) == 5);
	while (n < 14)
		n += (size_t)read(from_child, said + n, 14 - n);
	check_str(said, "ok\nstill open\n");
	check(write(to_child, "rest", 4) == 4);
	child_is_well(pid);
}

/* Nobody reads: a blocking write would stop the loop for good. */
static void write_much_and_stay_awake(void)
{
	static char block[300000];
	struct owner o, flushed;

	reed_write(s, reed_slice(block, sizeof(block)));
	own(&flushed, reed_flush(s));
	own(&o, reed_sleep(loop, 50));
	until(o.told);
	check(!flushed.told && reed_queued(s) > 100000);
	check(write(STDERR_FILENO, "", 0) == 0);
	kill(getppid(), SIGUSR1);
	until(flushed.told);
	check_int(flushed.err, REED_OK);
}

static volatile sig_atomic_t child_is_awake;

static void hear_child(int signo)
{
	(void)signo;
	child_is_awake = 1;
}

static void output_that_nobody_takes_does_not_block(void)
{
	static char block[300000];
	size_t all = 0;
	pid_t pid;

	signal(SIGUSR1, hear_child);
	pid = with_stdio(write_much_and_stay_awake);
	while (!child_is_awake)
		check(poll(NULL, 0, 10) <= 0);
	while (all < sizeof(block)) {
		ssize_t n = read(from_child, block, sizeof(block));

		check(n > 0);
		all += (size_t)n;
	}
	child_is_well(pid);
}

int main(void)
{
	lab_open();
	RUN(a_pipe_can_be_read_to_its_end);
	RUN(a_pipe_that_is_closed_ends_at_once_after_the_last_bytes);
	RUN(a_reader_that_is_closed_is_gone_at_once);
	RUN(a_slow_reader_gets_all_of_a_closed_pipe);
	RUN(a_pipe_that_nobody_reads_breaks_without_a_signal);
	RUN(a_signal_that_was_pending_stays_pending);
	RUN(what_is_not_open_is_told);
	RUN(a_descriptor_becomes_non_blocking_and_is_closed_with_its_stream);
	RUN(a_unix_peer_has_credentials);
	RUN(a_terminal_that_hangs_up_has_ended);

	RUN(standard_input_and_output_are_a_stream);
	RUN(both_stay_open_and_unread_when_the_stream_is_closed);
	RUN(output_that_nobody_takes_does_not_block);
	lab_close();
	return 0;
}
