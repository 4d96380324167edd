#include "tests/core/process_kit.h"

#include <sys/wait.h>

struct reed_process *process;
struct reed_exit end;

static char text[1 << 16];

void kit_open(void)
{
	count_memory();
	check_int(reed_loop_new(NULL, &loop), REED_OK);
}

void kit_close(void)
{
	reed_loop_free(loop);
	check_int(memory.live, 0);
}

void all_gone(void)
{
	turns(1);
	until(!reed_stream_lingers(loop) && !reed_processes_linger(loop));
	check(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
	quiet();
	check(idle());
}

struct reed_process_options sh(const char *script)
{
	static const char *argv[4] = { "sh", "-c" };
	struct reed_process_options options = REED_PROCESS_OPTIONS;

	argv[2] = script;
	options.argv = argv;
	options.out.is = REED_CHILD_WRITES;
	return options;
}

void start(const struct reed_process_options *options)
{
	if (outcome(reed_spawn(loop, options, &process)))
		check(why_is(""));
}

void refused(const struct reed_process_options *options, enum reed_err err, const char *sentence)
{
	struct reed_process *none = NULL;

	check_int(outcome(reed_spawn(loop, options, &none)), err);
	check(why_is(sentence));
	check(!none);
}

const char *all_of(struct reed_stream *s)
{
	size_t n = 0;

	check(s != NULL);
	while (outcome(reed_more(s)) == REED_OK) {
		struct reed_slice got = reed_peek(s);

		check(n + got.n < sizeof(text));
		memcpy(text + n, got.p, got.n);
		n += got.n;
		reed_skip(s, got.n);
	}
	text[n] = '\0';
	reed_close(s);
	return text;
}

const char *said(int fd)
{
	return all_of(reed_process_stream(process, fd));
}

struct reed_slice line_of(struct reed_stream *s)
{
	struct reed_slice line;

	check_int(outcome(reed_within(10000, reed_read_line(s, &line))), REED_OK);
	return line;
}

void ends(void)
{
	check_int(outcome(reed_process_wait(process, &end)), REED_OK);
	reed_process_close(process);
	process = NULL;
}

const char *output_of(const struct reed_process_options *options)
{
	const char *all;

	start(options);
	all = said(1);
	ends();
	return all;
}
