/* The control socket's client: reed ctl. */

#include "control.h"

#include <stdlib.h>
#include <string.h>

#include "daemon_private.h"
#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/endpoint.h"
#include "settings_private.h"

struct client {
	struct reed_co co;
	struct reed_stream *stream;
	struct reed_slice status;
	char *endpoint;
	const char *prefix, *line;
	const char *secret; /* "": none is wanted */
	char *refusal;      /* what the server has against it */
	char *verdict;      /* becomes VERDICT_MISUSE; of who has started it */
};

enum { VERDICT_NONE = '-', VERDICT_MISUSE = 'u' };

/* ---- words that nobody knows ---- */

/*
 * Where there is no server to ask, it is told what there is not: services may have
 * words that nobody else knows of.  Paths are as of HTTP.  NULL: there is that word.
 */
static struct reed_fault *no_such_word(struct reed_slice word, const char *hint)
{
	struct likeness like;

	reed_likeness_init(&like, word);
	for (const struct reed_settings_verb *v = reed_control_verbs; v->name; v++) {
		if (reed_slice_is(word, v->name) || reed_slice_starts(word, REED_STR("/")))
			return NULL;
		reed_likeness_try(&like, reed_slice_of(v->name));
	}
	if (like.best.n)
		return reed_fault(REED_EINVAL, NULL,
		                  "there is no request \"" REED_FMT "\"; did you mean " REED_FMT
		                  "?",
		                  REED_ARG(word), REED_ARG(like.best));
	return reed_fault(REED_EINVAL, NULL, "there is no request \"" REED_FMT "\"; %s",
	                  REED_ARG(word), hint);
}

/* ---- one question ---- */

/* The answer's text, as far as it is here; false when nobody looks any more. */
static bool show(struct reed_stream *stream)
{
	struct reed_slice text = reed_peek(stream);

	fwrite(text.p, 1, text.n, stdout);
	reed_skip(stream, text.n);
	return fflush(stdout) == 0;
}

/* A sentence of our own, whatever the last await has come to. */
static enum reed_err fail(struct client *self, const char *why)
{
	reed_fault_free(reed_co_take_fault(&self->co));
	self->co.err = REED_OK;
	return reed_because(&self->co, REED_EINVAL, "%s: %s", self->prefix, why);
}

static enum reed_err judge(struct client *self)
{
	struct reed_slice error = REED_STR("error: ");

	if (reed_slice_is(self->status, "ok"))
		return REED_OK;
	if (!reed_slice_starts(self->status, error))
		return reed_because(&self->co, REED_EPROTO, "%s: what answers is no server of ours",
		                    self->prefix);
	self->refusal = reed_slice_dup(reed_slice_from(self->status, error.n));
	return REED_OK;
}

/* What stands behind the refusal, if anything, says whose fault it is. */
static enum reed_err refused(struct client *self)
{
	if (!self->co.err && reed_slice_is(self->status, REED_CONTROL_USAGE))
		*self->verdict = VERDICT_MISUSE;
	return fail(self, self->refusal);
}

static enum reed_err explain(struct client *self)
{
	bool nobody = self->co.err == REED_EREFUSED || self->co.err == REED_ENOENT;
	struct reed_slice rest = reed_slice_of(self->line);
	struct reed_fault *unknown = NULL;
	enum reed_err err;

	if (nobody)
		unknown = no_such_word(reed_control_next_word(&rest),
		                       "no server runs there that could have it");
	if (!unknown)
		return reed_because(&self->co, self->co.err, "%s%s", self->prefix,
		                    nobody ? ": no server runs there" : "");
	*self->verdict = VERDICT_MISUSE;
	err = fail(self, unknown->sentence);
	reed_fault_free(unknown);
	return err;
}

static void client_run(struct reed_co *co)
{
	struct client *self = reed_frame(co, struct client);

	reed_coroutine (co) {
		reed_await(co, reed_dial(co->loop, self->endpoint, &self->stream));
		if (co->err)
			reed_return(co, explain(self));
		reed_printf(self->stream, "%s\n", self->line);
		if (*self->secret)
			reed_printf(self->stream, "%s\n", self->secret);
		reed_await(co, reed_read_line(self->stream, &self->status));
		if (co->err)
			reed_return(co, explain(self));
		if (judge(self))
			reed_return(co, co->err);
		if (self->refusal) {
			reed_await(co, reed_read_line(self->stream, &self->status));
			reed_return(co, refused(self));
		}
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
	reed_free(self->refusal);
	reed_free(self->endpoint);
}

static const struct reed_co_kind client_kind = { .name = "control client",
	                                         .size = sizeof(struct client),
	                                         .run = client_run,
	                                         .end = client_end };

/* argv is not that of the program: prefix, state directory, request, password, verdict. */
static struct reed_future *start(struct reed_loop *loop, int argc, char **argv)
{
	struct client *self = reed_co_new(loop, &client_kind);

	(void)argc;
	self->prefix = argv[0];
	self->endpoint = reed_control_endpoint(argv[1], "");
	self->line = argv[2];
	self->secret = argv[3];
	self->verdict = argv[4];
	return reed_start(&self->co);
}

/* ---- the command line ---- */

struct wish {
	const char *program, *command;
	const char *state, *of, *request;
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

static bool take_flag(struct wish *wish, int argc, char **argv, int *i)
{
	const char *value;

	if ((value = value_of("--state", argc, argv, i)))
		wish->state = value;
	else if ((value = value_of("--of", argc, argv, i)))
		wish->of = value;
	return value != NULL;
}

/* An argument must stay one word. */
static const char *add_word(struct wish *wish, const char *word)
{
	const char *quote = strchr(word, ' ') ? "\"" : "";

	if (!*word || strchr(word, '\n') || *word == '"' || (*quote && strchr(word, '"')))
		return "a word of a request is not empty, and has no newline and no quote in it";
	if (!wish->request)
		wish->request = word;
	reed_buf_printf(&wish->line, "%s%s%s%s", reed_buf_held(&wish->line) ? " " : "", quote, word,
	                quote);
	return NULL;
}

/* What is wrong, or NULL; flags may stand before the request and behind it, among its own. */
static const char *read_line(struct wish *wish, int argc, char **argv)
{
	const char *why = NULL;

	for (int i = 1; i < argc && !why; i++)
		if (strncmp(argv[i], "--", 2) != 0)
			why = add_word(wish, argv[i]);
		else if (!take_flag(wish, argc, argv, &i))
			why = wish->request
			              ? add_word(wish, argv[i])
			              : "the flags are --state DIR and --of COMMAND; see --help";
	reed_buf_add_char(&wish->line, '\0');
	return why || wish->request ? why : "say what is wanted; see --help";
}

/* Asked for before anything is connected: people take their time. */
static enum reed_err ask_secret(const char *line, char secret[REED_PASSWORD_ROOM],
                                struct reed_fault **fault)
{
	struct control_request request;
	struct reed_fault *unclear = NULL;
	enum reed_err err = REED_OK;

	/* what is not understood here is for the server to judge */
	if (!reed_control_parse(reed_slice_of(line), &request, &unclear) &&
	    reed_control_wants_secret(&request))
		err = reed_ask_secret("Password", secret, fault);
	reed_fault_free(unclear);
	return err;
}

/* Of a server whose state directory is this; the exit code. */
static int ask_there(struct wish *wish, char *state, char *line)
{
	struct reed_fault *fault = NULL;
	char *prefix = reed_sprintf("%s %s", wish->program, wish->command);
	char secret[REED_PASSWORD_ROOM] = "", verdict[] = { VERDICT_NONE, '\0' };
	int code = EXIT_FAILURE;

	if (ask_secret(line, secret, &fault))
		wrong(wish, fault->sentence);
	else
		code = reed_main(5, (char *[]){ prefix, state, line, secret, verdict, NULL },
		                 start);
	reed_wipe(secret, sizeof(secret));
	reed_fault_free(fault);
	reed_free(prefix);
	return *verdict == VERDICT_MISUSE ? EXIT_WRONG : code;
}

static int ask(struct wish *wish)
{
	struct reed_fault *fault = NULL, *unknown = NULL;
	char *state = wish->state ? reed_strdup(wish->state)
	              : wish->of  ? reed_state_default(wish->of, &fault)
	                          : reed_state_running(&fault);
	char *line = reed_buf_take(&wish->line);
	int code = EXIT_FAILURE;

	if (state) {
		code = ask_there(wish, state, line);
	} else if ((unknown = no_such_word(reed_slice_of(wish->request), "--help lists all"))) {
		code = wrong(wish, unknown->sentence);
	} else {
		wrong(wish, fault->sentence);
	}
	reed_fault_free(unknown);
	reed_fault_free(fault);
	reed_free(line);
	reed_free(state);
	return code;
}

static bool asks_for_help(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return true;
	return false;
}

static int print_page(const struct wish *wish, char **argv)
{
	struct reed_settings_program tool = reed_control_tool;
	int code;

	tool.program = wish->program;
	tool.command = wish->command;
	reed_settings_free(reed_tool_settings(&tool, 2, argv, &code));
	return code;
}

int reed_control_main(const char *program, int argc, char **argv)
{
	struct wish wish = { .program = program, .command = argv[0] };
	const char *why;
	int code = EXIT_WRONG;

	if (asks_for_help(argc, argv))
		return usage(&wish);
	if (argc == 2 && strcmp(argv[1], "--print-man") == 0)
		return print_page(&wish, argv);
	why = read_line(&wish, argc, argv);
	if (why)
		wrong(&wish, why);
	else
		code = ask(&wish);
	reed_buf_finish(&wish.line);
	return code;
}
