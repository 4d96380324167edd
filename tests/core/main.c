/* What reed_main() promises: each test is a program of its own. */

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/core/tools.h"

/* ---- programs ---- */

static struct reed_future *well(struct reed_loop *on, int argc, char **argv)
{
	check(argc == 2 && strcmp(argv[1], "argument") == 0 && argv[2] == NULL);
	return reed_sleep(on, 1);
}

static struct reed_future *fails(struct reed_loop *on, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return reed_failed(on, REED_ENOENT, "there is no %s", "harp.conf");
}

struct server {
	struct reed_co co;
	bool stubborn;
};

static void server_run(struct reed_co *co)
{
	struct server *self = reed_frame(co, struct server);

	reed_coroutine (co) {
		puts("ready");
		fflush(stdout);
		reed_await(co, reed_forever(co->loop));
		puts("goodbye");
		fflush(stdout);
		while (self->stubborn)
			reed_await(co, reed_shield(reed_sleep(co->loop, 1)));
		reed_return(co, co->err);
	}
}

static void server_end(struct reed_co *co)
{
	(void)co;
	puts("ended");
}

static const struct reed_co_kind server_kind = {
	.name = "server",
	.size = sizeof(struct server),
	.run = server_run,
	.end = server_end,
};

static struct reed_future *serves(struct reed_loop *on, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return reed_start(reed_co_new(on, &server_kind));
}

static struct reed_future *serves_stubbornly(struct reed_loop *on, int argc, char **argv)
{
	struct server *self = reed_co_new(on, &server_kind);

	(void)argc;
	(void)argv;
	self->stubborn = true;
	return reed_start(&self->co);
}

static struct reed_future *writes_into_nothing(struct reed_loop *on, int argc, char **argv)
{
	int fds[2];

	(void)argc;
	(void)argv;
	check(pipe(fds) == 0);
	close(fds[0]);
	check(write(fds[1], "x", 1) < 0 && errno == EPIPE);
	return reed_ready(on, REED_OK);
}

static struct reed_future *leaves_something_behind(struct reed_loop *on, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	reed_background(reed_sleep(on, 3600000), NULL, NULL);
	reed_background(reed_start(reed_co_new(on, &server_kind)), NULL, NULL);
	return reed_sleep(on, 1);
}

/* Says its last words to somebody who never reads them to the end. */
static struct reed_future *lingers(struct reed_loop *on, int argc, char **argv)
{
	static char block[300000];
	static struct reed_stream_limits patient = REED_STREAM_LIMITS;
	struct reed_stream *s;
	int fds[2];

	(void)argc;
	(void)argv;
	patient.linger_ms = 3600000;
	check(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
	check_int(reed_stream_of_fd(on, fds[0], &s), REED_OK);
	s->limits = &patient;
	reed_write(s, reed_slice(block, sizeof(block)));
	reed_close(s);
	puts("closed");
	fflush(stdout);
	return reed_ready(on, REED_OK);
}

/* ---- a program in a child, and what it says ---- */

static int from_child, errors_of_child;

static pid_t start(reed_main_fn *program)
{
	char *argv[] = { (char[]){ "program" }, (char[]){ "argument" }, NULL };
	int out[2], err[2], status;
	pid_t pid;

	check(pipe(out) == 0 && pipe(err) == 0);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		dup2(out[1], STDOUT_FILENO);
		dup2(err[1], STDERR_FILENO);
		status = reed_main(2, argv, program);
		fflush(stdout);
		_exit(status);
	}
	close(out[1]);
	close(err[1]);
	from_child = out[0];
	errors_of_child = err[0];
	return pid;
}

static void says(const char *wanted)
{
	char said[256] = "";
	size_t n = strlen(wanted), all = 0;
	ssize_t more = 1;

	while (all < n && more > 0) {
		more = read(from_child, said + all, n - all);
		all += more > 0 ? (size_t)more : 0;
	}
	check_str(said, wanted);
}

static void complains(const char *wanted)
{
	char said[256] = "";
	size_t all = 0;
	ssize_t more;

	while ((more = read(errors_of_child, said + all, sizeof(said) - 1 - all)) > 0)
		all += (size_t)more;
	check_str(said, wanted);
}

static void ends_as(pid_t pid, int wanted)
{
	int status;

	check(waitpid(pid, &status, 0) == pid);
	check(WIFEXITED(status));
	check_int(WEXITSTATUS(status), wanted);
	close(from_child);
	close(errors_of_child);
}

/* ---- promises ---- */

static void success_is_zero(void)
{
	pid_t pid = start(well);

	complains("");
	ends_as(pid, 0);
}

static void a_failure_is_told_in_a_sentence(void)
{
	pid_t pid = start(fails);

	complains("there is no harp.conf\n");
	ends_as(pid, 1);
}

static void a_signal_interrupts_politely(void)
{
	static const int stopping[] = { SIGINT, SIGTERM };

	for (size_t i = 0; i < REED_COUNT(stopping); i++) {
		pid_t pid = start(serves);

		says("ready\n");
		kill(pid, stopping[i]);
		says("goodbye\nended\n");
		complains("");
		ends_as(pid, 128 + stopping[i]);
	}
}

static void a_second_signal_does_not_ask(void)
{
	pid_t pid = start(serves_stubbornly);

	says("ready\n");
	kill(pid, SIGTERM);
	says("goodbye\n");
	kill(pid, SIGINT);
	says("ended\n");
	ends_as(pid, 128 + SIGTERM);
}

static void a_broken_pipe_is_no_reason_to_die(void)
{
	pid_t pid = start(writes_into_nothing);

	complains("");
	ends_as(pid, 0);
}

static void what_is_left_in_the_background_keeps_no_program(void)
{
	pid_t pid = start(leaves_something_behind);

	says("ready\nended\n");
	ends_as(pid, 0);
}

static void a_goodbye_that_takes_long_can_be_cut_short(void)
{
	pid_t pid = start(lingers);
	int status;

	says("closed\n");
	check(poll(NULL, 0, 50) == 0);
	check(waitpid(pid, &status, WNOHANG) == 0);
	kill(pid, SIGTERM);
	ends_as(pid, 0);
}

int main(void)
{
	RUN(success_is_zero);
	RUN(a_failure_is_told_in_a_sentence);
	RUN(a_signal_interrupts_politely);
	RUN(a_second_signal_does_not_ask);
	RUN(a_broken_pipe_is_no_reason_to_die);
	RUN(what_is_left_in_the_background_keeps_no_program);
	RUN(a_goodbye_that_takes_long_can_be_cut_short);
	return 0;
}
