/* What programs say: a record of the log for each line. */

#include "reed/programs.h"

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/log.h"

enum { LINE = 4096 };

struct output {
	struct reed_co co;
	struct reed_stream *stream;
	char *program;
	const char *what;
};

/* A longer line is several. */
static void tell(struct output *self, struct reed_slice line)
{
	for (; line.n > 0; line = reed_slice_from(line, LINE))
		reed_log(self->co.loop, REED_LOG_INFO, "says program=%s on=%s line=" REED_FMT,
		         self->program, self->what, REED_ARG(reed_slice_first(line, LINE)));
}

static bool take(struct output *self, struct reed_slice *line)
{
	return reed_take_line(self->stream, line) || reed_take(self->stream, LINE, line);
}

static void output_run(struct reed_co *co)
{
	struct output *self = reed_frame(co, struct output);
	struct reed_slice line;

	reed_coroutine (co) {
		for (;;) {
			while (take(self, &line))
				tell(self, line);
			reed_await(co, reed_more(self->stream));
			if (co->err)
				break;
		}
		tell(self, reed_peek(self->stream));
	}
}

static void output_end(struct reed_co *co)
{
	struct output *self = reed_frame(co, struct output);

	reed_abort(self->stream);
	reed_free(self->program);
}

static const struct reed_co_kind output_kind = { .name = "output",
	                                         .size = sizeof(struct output),
	                                         .run = output_run,
	                                         .end = output_end };

struct reed_future *reed_log_lines(struct reed_stream *stream, const char *program,
                                   const char *what)
{
	struct output *self = reed_co_new(stream->loop, &output_kind);

	self->stream = stream;
	self->program = reed_strdup(program);
	self->what = what;
	return reed_start(&self->co);
}
