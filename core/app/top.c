/*
 * reed top: a running server on a terminal, over its control socket.
 *
 * One coroutine asks for figures, one follows the log, one hears of another
 * size; the last waits for keys and for news of theirs, and draws.
 */

#include "top.h"

#include <stdlib.h>

#include "control.h"
#include "daemon_private.h"
#include "reed/alloc.h"
#include "reed/cell.h"
#include "reed/co.h"
#include "reed/endpoint.h"
#include "reed/scope.h"

enum { ONCE_MS = 500, ANSWER_MS = 5000 };

struct top {
	struct reed_co co;
	struct reed_scope scope;
	struct reed_cell news;
	struct reed_stream *screen;
	struct top_terminal *terminal;
	struct top_view view;
	char *endpoint;
	char *trouble; /* owned */
	int64_t interval_ms;
	bool once;
	bool owes; /* a picture, to a terminal that took nothing when there was one */
	uint64_t seen;
	int which, fetched;
};

static const struct reed_stream_limits limits = {
	.size = sizeof(limits),
	.input = 8 << 20,
	.output = 4 << 20,
	.high = 256 << 10,
	.low = 64 << 10,
	.linger_ms = 100,
};

/* ---- figures ---- */

struct fetch {
	struct reed_co co;
	struct top *top;
	struct reed_stream *stream;
	struct reed_slice status;
	struct reed_buf text;
};

static void set_trouble(struct top *top, const char *why)
{
	reed_free(top->trouble);
	top->trouble = reed_strdup(why);
	top->view.trouble = top->trouble;
	reed_cell_touch(&top->news);
}

static void take_some(struct fetch *self)
{
	reed_buf_add(&self->text, reed_peek(self->stream));
	reed_skip(self->stream, reed_peek(self->stream).n);
}

static void take_figures(struct fetch *self)
{
	struct top *top = self->top;

	reed_buf_add_char(&self->text, '\0');
	top_figures_finish(&top->view.before);
	top->view.before = top->view.now;
	top_figures_parse(&top->view.now, reed_buf_take(&self->text), reed_now(top->co.loop));
	top->fetched++;
	set_trouble(top, NULL);
}

static void fetch_run(struct reed_co *co)
{
	struct fetch *self = reed_frame(co, struct fetch);

	reed_coroutine (co) {
		reed_try(co, reed_dial(co->loop, self->top->endpoint, &self->stream));
		self->stream->limits = &limits;
		reed_write_str(self->stream, "top\n");
		reed_try(co, reed_read_line(self->stream, &self->status));
		if (!reed_slice_is(self->status, "ok"))
			reed_return(co, reed_because(co, REED_EPROTO, REED_FMT,
			                             REED_ARG(self->status)));
		take_some(self);
		for (;;) {
			reed_await(co, reed_more(self->stream));
			if (co->err)
				break;
			take_some(self);
		}
		if (co->err != REED_EEOF)
			reed_return(co, co->err);
		take_figures(self);
		reed_return(co, REED_OK);
	}
}

static void fetch_end(struct reed_co *co)
{
	struct fetch *self = reed_frame(co, struct fetch);

	reed_abort(self->stream);
	reed_buf_finish(&self->text);
}

static const struct reed_co_kind fetch_kind = {
	.name = "fetch",
	.size = sizeof(struct fetch),
	.run = fetch_run,
	.end = fetch_end,
};

static struct reed_future *fetch(struct top *top)
{
	struct fetch *self = reed_co_new(top->co.loop, &fetch_kind);

	self->top = top;
	return reed_within(ANSWER_MS, reed_start(&self->co));
}

/* ---- one of these after another ---- */

struct helper {
	struct reed_co co;
	struct top *top;
	struct reed_stream *stream;
	struct reed_slice line;
};

static void complain(struct top *top, struct reed_co *co)
{
	bool nobody = co->err == REED_EREFUSED || co->err == REED_ENOENT;
	char *why = reed_sprintf("%s%s", nobody ? "no server runs there: " : "", reed_co_why(co));

	set_trouble(top, why);
	reed_free(why);
}

static void fetcher_run(struct reed_co *co)
{
	struct top *top = reed_frame(co, struct helper)->top;

	reed_coroutine (co) {
		for (;;) {
			if (!top->view.paused) {
				reed_await(co, fetch(top));
				if (co->err)
					complain(top, co);
			}
			reed_try(co, reed_sleep(co->loop, top->interval_ms));
		}
	}
}

static void hear_line(struct helper *self)
{
	if (!self->top->view.paused)
		top_view_log(&self->top->view, self->line);
	reed_cell_touch(&self->top->news);
}

static void hang_up(struct helper *self)
{
	reed_abort(self->stream);
	self->stream = NULL;
}

static void tailer_run(struct reed_co *co)
{
	struct helper *self = reed_frame(co, struct helper);

	reed_coroutine (co) {
		for (;;) {
			reed_await(co, reed_dial(co->loop, self->top->endpoint, &self->stream));
			if (!co->err) {
				reed_write_str(self->stream, "log follow\n");
				reed_await(co, reed_read_line(self->stream, &self->line));
			}
			while (!co->err) {
				reed_await(co, reed_read_line(self->stream, &self->line));
				if (!co->err)
					hear_line(self);
			}
			hang_up(self);
			reed_try(co, reed_sleep(co->loop, self->top->interval_ms));
		}
	}
}

static void sizer_run(struct reed_co *co)
{
	struct top *top = reed_frame(co, struct helper)->top;

	reed_coroutine (co) {
		for (;;) {
			reed_try(co, reed_signal(co->loop, top_signal_resized));
			top_terminal_size(&top->view.rows, &top->view.columns);
			reed_cell_touch(&top->news);
		}
	}
}

static void helper_end(struct reed_co *co)
{
	hang_up(reed_frame(co, struct helper));
}

static const struct reed_co_kind fetcher_kind = {
	.name = "figures",
	.size = sizeof(struct helper),
	.run = fetcher_run,
	.end = helper_end,
};
static const struct reed_co_kind tailer_kind = {
	.name = "log",
	.size = sizeof(struct helper),
	.run = tailer_run,
	.end = helper_end,
};
static const struct reed_co_kind sizer_kind = {
	.name = "size",
	.size = sizeof(struct helper),
	.run = sizer_run,
	.end = helper_end,
};

static void start_helper(struct top *top, const struct reed_co_kind *kind)
{
	struct helper *self = reed_co_new(top->co.loop, kind);

	self->top = top;
	reed_scope_add(&top->scope, reed_start(&self->co));
}

/* ---- the screen ---- */

/* A terminal that takes nothing gets no more until it does: then the latest, and not all of them. */
static void draw(struct top *self)
{
	struct reed_buf out = { 0 };

	self->owes = reed_must_drain(self->screen);
	if (self->owes)
		return;
	top_draw(&self->view, &out);
	reed_write(self->screen, reed_buf_slice(&out));
	reed_buf_finish(&out);
}

static struct reed_future *may_draw(struct top *self)
{
	return self->owes ? reed_drain(self->screen) : reed_forever(self->co.loop);
}

static bool press_keys(struct top *self)
{
	struct reed_slice keys = reed_peek(self->screen);
	enum top_key key = TOP_STAYS;

	for (size_t i = 0; i < keys.n && key != TOP_QUIT; i++)
		key = top_view_key(&self->view, keys.p[i]);
	reed_skip(self->screen, keys.n);
	return key != TOP_QUIT;
}

static enum reed_err begin(struct top *self)
{
	enum reed_err err = reed_stream_of_stdio(self->co.loop, &self->screen);

	if (err)
		return reed_because(&self->co, err, "no terminal");
	self->terminal = top_terminal_enter();
	top_terminal_size(&self->view.rows, &self->view.columns);
	start_helper(self, &sizer_kind);
	start_helper(self, &tailer_kind);
	start_helper(self, &fetcher_kind);
	return REED_OK;
}

static void print_once(struct top *self)
{
	struct reed_buf out = { 0 };

	self->view.plain = true;
	top_draw(&self->view, &out);
	fwrite(reed_buf_slice(&out).p, 1, reed_buf_held(&out), stdout);
	reed_buf_finish(&out);
}

static void top_run(struct reed_co *co)
{
	struct top *self = reed_frame(co, struct top);

	reed_coroutine (co) {
		if (self->once) {
			reed_await(co, fetch(self));
			if (co->err)
				reed_return(co, reed_because(co, co->err, "reed top"));
			reed_try(co, reed_sleep(co->loop, ONCE_MS));
			reed_try(co, fetch(self));
			print_once(self);
			reed_return(co, REED_OK);
		}
		if (begin(self))
			reed_return(co, co->err);
		for (;;) {
			self->seen = self->news.count;
			draw(self);
			reed_try(co, reed_any(&self->which, reed_more(self->screen),
			                      reed_cell_changed(co->loop, &self->news, self->seen),
			                      may_draw(self)));
			if (!press_keys(self))
				break;
		}
	}
}

static void top_end(struct reed_co *co)
{
	struct top *self = reed_frame(co, struct top);

	reed_scope_finish(&self->scope);
	reed_abort(self->screen);
	top_terminal_leave(self->terminal);
	top_view_finish(&self->view);
	reed_free(self->endpoint);
	reed_free(self->trouble);
}

static const struct reed_co_kind top_kind = {
	.name = "top",
	.size = sizeof(struct top),
	.run = top_run,
	.end = top_end,
};

/* argv is not that of the program: endpoint, milliseconds, "once" or "". */
static struct reed_future *start(struct reed_loop *loop, int argc, char **argv)
{
	struct top *self = reed_co_new(loop, &top_kind);

	(void)argc;
	reed_scope_init(&self->scope, loop, NULL, "top");
	self->scope.policy = REED_SCOPE_IGNORE;
	self->endpoint = reed_strdup(argv[0]);
	self->interval_ms = atol(argv[1]);
	self->once = argv[2][0] != '\0' || !top_terminal_is_there();
	return reed_start(&self->co);
}

/* ---- the command line ---- */

struct flags {
	const char *state, *of;
	int64_t interval;
	bool once;
};

static const struct reed_setting table[] = {
	REED_SETTING(PATH, struct flags, state, .placeholder = "DIR", .from = REED_FROM_FLAG,
	             .help = "The state directory of the server."),
	REED_SETTING(STRING, struct flags, of, .placeholder = "COMMAND", .from = REED_FROM_FLAG,
	             .help = "That which the command has when it was told none."),
	REED_SETTING(DURATION, struct flags, interval, .preset = "1s", .least = "100ms",
	             .most = "1h", .from = REED_FROM_FLAG, .help = "How often to look."),
	REED_SETTING(BOOL, struct flags, once, .from = REED_FROM_FLAG,
	             .help = "Print it once, as plain text, and end."),
};

static const struct reed_schema schema =
	REED_SCHEMA(struct flags, table, .about = "Which server is meant, and how it is shown.");

static const struct reed_settings_part parts[] = { { NULL, &reed_tool_schema }, { NULL, &schema } };

const struct reed_settings_program reed_top_tool = REED_SETTINGS_PROGRAM(
		.program = "reed", .command = "top",
		.about = "Watches a running server at work: its services, who is connected and how "
			 "busy, what holds the loop, the log. Keys: q quits, p pauses, s sorts by "
			 "something else, / filters, Escape takes the filter away.",
		.parts = parts, .part_count = REED_COUNT(parts));

static int watch(const char *program, const struct flags *flags)
{
	struct reed_fault *fault = NULL;
	char *state = flags->state ? reed_strdup(flags->state)
	              : flags->of  ? reed_state_default(flags->of, &fault)
	                           : reed_state_running(&fault);
	char *endpoint, *ms;
	char once[] = "once", no[] = "";
	int code;

	if (!state) {
		fprintf(stderr, "%s top: %s\n", program, fault->sentence);
		reed_fault_free(fault);
		return EXIT_WRONG;
	}
	endpoint = reed_control_endpoint(state, "");
	ms = reed_sprintf("%jd", (intmax_t)(flags->interval / 1000000));
	code = reed_main(3, (char *[]){ endpoint, ms, flags->once ? once : no, NULL }, start);
	reed_free(ms);
	reed_free(endpoint);
	reed_free(state);
	return code;
}

int reed_top_main(const char *program, int argc, char **argv)
{
	struct reed_settings *settings;
	int code;

	settings = reed_tool_settings(&reed_top_tool, argc, argv, &code);
	if (!settings)
		return code;
	if (reed_settings_arguments(settings).n > 0) {
		fprintf(stderr, "%s top: there is nothing but flags; see --help\n", program);
		code = EXIT_WRONG;
	} else {
		code = watch(program, reed_settings_of(settings, &schema));
	}
	reed_settings_free(settings);
	return code;
}
