/* The control socket's client: reed ctl. */

#include "control.h"

#include <string.h>

#include "daemon_private.h"
#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/endpoint.h"

struct client {
	struct reed_co co;
	struct reed_stream *stream;
	struct reed_slice status;
	char *endpoint;
	const char *prefix, *line;
};

/* The answer's text, as far as it is here; false when nobody looks any more. */
static bool show(struct reed_stream *stream)
{
	struct reed_slice text = reed_peek(stream);

	fwrite(text.p, 1, text.n, stdout);
	reed_skip(stream, text.n);
	return fflush(stdout) == 0;
}

static enum reed_err judge(struct client *self)
{
	struct reed_slice error = REED_STR("error: ");

	if (reed_slice_is(self->status, "ok"))
		return REED_OK;
	if (!reed_slice_starts(self->status, error))
		return reed_because(&self->co, REED_EPROTO, "%s: what answers is no server of ours",
		                    self->prefix);
	return reed_because(&self->co, REED_EINVAL, "%s: " REED_FMT, self->prefix,
	                    REED_ARG(reed_slice_from(self->status, error.n)));
}

static enum reed_err explain(struct client *self)
{
	bool nobody = self->co.err == REED_EREFUSED || self->co.err == REED_ENOENT;

	return reed_because(&self->co, self->co.err, "%s%s", self->prefix,
	                    nobody ? ": no server runs there" : "");
}

static void client_run(struct reed_co *co)
{
	struct client *self = reed_frame(co, struct client);

	reed_coroutine (co) {
		reed_await(co, reed_dial(co->loop, self->endpoint, &self->stream));
		if (co->err)
			reed_return(co, explain(self));
		reed_printf(self->stream, "%s\n", self->line);
		reed_await(co, reed_read_line(self->stream, &self->status));
		if (co->err)
			reed_return(co, explain(self));
		if (judge(self))
			reed_return(co, co->err);
		while (show(self->stream) && !co->err)
			reed_await(co, reed_more(self->stream));
		if (co->err && co->err != REED_EEOF)
			reed_return(co, explain(self));
	}
}

static void client_end(struct reed_co *co)
{
	struct client *self = reed_frame(co, struct client);

	reed_abort(self->stream);
	reed_free(self->endpoint);
}

static const struct reed_co_kind client_kind = { .name = "control client",
	                                         .size = sizeof(struct client),
	                                         .run = client_run,
	                                         .end = client_end };

/* argv is not that of the program: prefix, state directory, request. */
static struct reed_future *start(struct reed_loop *loop, int argc, char **argv)
{
	struct client *self = reed_co_new(loop, &client_kind);

	(void)argc;
	self->prefix = argv[0];
	self->endpoint = reed_control_endpoint(argv[1], "");
	self->line = argv[2];
	return reed_start(&self->co);
}

/* ---- the command line ---- */

struct wish {
	const char *program, *command;
	const char *state, *of;
	struct reed_buf line;
};

static const struct reed_setting table[] = {
	REED_SETTING(PATH, struct wish, state, .placeholder = "DIR", .from = REED_FROM_FLAG,
	             .help = "The state directory of the server."),
	REED_SETTING(STRING, struct wish, of, .placeholder = "COMMAND", .from = REED_FROM_FLAG,
	             .help = "That which the command has when it was told none."),
};

static const struct reed_schema schema =
	REED_SCHEMA(struct wish, table, .about = "Which server is meant.");

static const struct reed_settings_part parts[] = { { NULL, &reed_tool_schema }, { NULL, &schema } };

const struct reed_settings_program reed_control_tool = REED_SETTINGS_PROGRAM(
		.program = "reed", .command = "ctl",
		.about = "Asks a running server something, or tells it to do something.",
		.parts = parts, .part_count = REED_COUNT(parts), .verbs = reed_control_verbs);

static int usage(const struct wish *wish)
{
	struct reed_buf words = { 0 };

	printf("Usage: %s %s [--state DIR | --of COMMAND] REQUEST\n\n"
	       "Asks a running server something, or tells it to do something. Without a flag\n"
	       "there must be just one.\n\n"
	       "  --state DIR        The state directory of the server.\n"
	       "  --of COMMAND       That which \"%s COMMAND\" has when it was told none.\n\n",
	       wish->program, wish->command, wish->program);
	reed_control_help(&words);
	printf("Requests:\n" REED_FMT, REED_ARG(reed_buf_slice(&words)));
	reed_buf_finish(&words);
	return 0;
}

static int wrong(const struct wish *wish, const char *why)
{
	fprintf(stderr, "%s %s: %s\n", wish->program, wish->command, why);
	return EXIT_WRONG;
}

/* What argv[*i] is worth as the flag of that name; NULL: another one. */
static const char *value_of(const char *flag, int argc, char **argv, int *i)
{
	size_t n = strlen(flag);

	if (strncmp(argv[*i], flag, n) != 0)
		return NULL;
	if (argv[*i][n] == '=')
		return argv[*i] + n + 1;
	return argv[*i][n] || *i + 1 >= argc ? NULL : argv[++*i];
}

/* Returns where the request begins; 0: a flag is wrong. */
static int flags(struct wish *wish, int argc, char **argv)
{
	int i = 1;

	for (; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
		const char *value;

		if ((value = value_of("--state", argc, argv, &i)))
			wish->state = value;
		else if ((value = value_of("--of", argc, argv, &i)))
			wish->of = value;
		else
			return 0;
	}
	return i;
}

/* An argument must stay one word. */
static bool add_words(struct wish *wish, int argc, char **argv, int i)
{
	for (; i < argc; i++) {
		const char *quote = strchr(argv[i], ' ') ? "\"" : "";

		if (!argv[i][0] || strchr(argv[i], '\n') || argv[i][0] == '"' ||
		    (*quote && strchr(argv[i], '"')))
			return false;
		reed_buf_printf(&wish->line, "%s%s%s%s", reed_buf_held(&wish->line) ? " " : "",
		                quote, argv[i], quote);
	}
	reed_buf_add_char(&wish->line, '\0');
	return true;
}

static int ask(struct wish *wish)
{
	struct reed_fault *fault = NULL;
	char *state = wish->state ? reed_strdup(wish->state)
	              : wish->of  ? reed_state_default(wish->of, &fault)
	                          : reed_state_running(&fault);
	char *prefix = reed_sprintf("%s %s", wish->program, wish->command);
	char *line = reed_buf_take(&wish->line);
	int code = 1;

	if (state)
		code = reed_main(3, (char *[]){ prefix, state, line, NULL }, start);
	else
		wrong(wish, fault->sentence);
	reed_fault_free(fault);
	reed_free(line);
	reed_free(prefix);
	reed_free(state);
	return code;
}

int reed_control_main(const char *program, int argc, char **argv)
{
	struct wish wish = { .program = program, .command = argv[0] };
	int i = flags(&wish, argc, argv), code;

	if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
		return usage(&wish);
	if (i == 0)
		return wrong(&wish, "the flags are --state DIR and --of COMMAND; see --help");
	if (i == argc)
		return wrong(&wish, "say what is wanted; see --help");
	if (!add_words(&wish, argc, argv, i))
		code = wrong(
			&wish,
			"a word of a request is not empty, and has no newline and no quote in it");
	else
		code = ask(&wish);
	reed_buf_finish(&wish.line);
	return code;
}
