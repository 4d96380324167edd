/* A program in one call: input in, output out, and how it ended. */

#include <string.h>

#include "process_private.h"

enum { PIECE = 65536 };

void reed_run_finish(struct reed_run *run)
{
	reed_buf_finish(&run->out);
	reed_buf_finish(&run->err);
}

/* ---- input ---- */

struct feed {
	struct reed_co co;
	struct reed_stream *stream;
	struct reed_slice left;
};

/* A program need not hear us out. */
static void feed_run(struct reed_co *co)
{
	struct feed *self = reed_frame(co, struct feed);

	reed_coroutine (co) {
		while (self->left.n > 0) {
			reed_write(self->stream, reed_slice_first(self->left, PIECE));
			self->left = reed_slice_from(self->left, PIECE);
			reed_await(co, reed_drain(self->stream));
			if (co->err)
				reed_return(co, co->err == REED_EPIPE ? REED_OK : co->err);
		}
		reed_shutdown(self->stream);
	}
}

static const struct reed_co_kind feed_kind = {
	.name = "input of a program",
	.size = sizeof(struct feed),
	.run = feed_run,
};

static struct reed_future *feed(struct reed_stream *s, struct reed_slice input)
{
	struct feed *self = reed_co_new(s->loop, &feed_kind);

	self->stream = s;
	self->left = input;
	return reed_start(&self->co);
}

/* ---- output ---- */

struct collect {
	struct reed_co co;
	struct reed_stream *stream;
	struct reed_buf *into;
	const char *name;
};

static void collect_run(struct reed_co *co)
{
	struct collect *self = reed_frame(co, struct collect);

	reed_coroutine (co) {
		for (;;) {
			reed_await(co, reed_more(self->stream));
			if (co->err)
				reed_return(co, co->err == REED_EEOF ? REED_OK : co->err);
			reed_buf_add(self->into, reed_peek(self->stream));
			reed_skip(self->stream, reed_peek(self->stream).n);
			if (self->into->err)
				reed_return(co, reed_because(co, REED_ETOOBIG,
				                             "%s says more than %zu bytes",
				                             self->name, self->into->limit));
		}
	}
}

static const struct reed_co_kind collect_kind = {
	.name = "output of a program",
	.size = sizeof(struct collect),
	.run = collect_run,
};

static struct reed_future *collect(struct reed_stream *s, struct reed_buf *into, const char *name)
{
	struct collect *self = reed_co_new(s->loop, &collect_kind);

	self->stream = s;
	self->into = into;
	self->name = name;
	return reed_start(&self->co);
}

/* ---- both, and the end ---- */

struct run {
	struct reed_co co;
	struct reed_future *spawning;
	struct reed_process *process;
	struct reed_stream *talk, *err;
	struct reed_slice input;
	struct reed_run result, *out;
	char *name;
	int64_t within_ms;
};

static struct reed_future *spawning(struct run *self)
{
	struct reed_future *f = self->spawning;

	self->spawning = NULL;
	return f;
}

static struct reed_future *everything(struct run *self)
{
	struct reed_future *all, *err;

	self->talk = reed_process_dialogue(self->process);
	self->err = reed_process_stream(self->process, 2);
	err = self->err ? collect(self->err, &self->result.err, self->name)
	                : reed_ready(self->co.loop, REED_OK);
	all = reed_all(feed(self->talk, self->input),
	               collect(self->talk, &self->result.out, self->name), err,
	               reed_process_wait(self->process, &self->result.exit));
	return self->within_ms > 0 ? reed_within(self->within_ms, all) : all;
}

static void run_run(struct reed_co *co)
{
	struct run *self = reed_frame(co, struct run);

	reed_coroutine (co) {
		reed_try(co, spawning(self));
		reed_await(co, everything(self));
		if (co->err == REED_ETIMEDOUT)
			reed_return(co, reed_because(co, co->err, "%s", self->name));
		reed_return(co, co->err);
	}
}

static void run_deliver(struct reed_co *co)
{
	struct run *self = reed_frame(co, struct run);

	*self->out = self->result;
	self->result = (struct reed_run){ .exit.status = 0 };
}

/* Nobody is left to say goodbye to. */
static void run_end(struct reed_co *co)
{
	struct run *self = reed_frame(co, struct run);

	reed_drop(self->spawning);
	reed_abort(self->talk);
	reed_abort(self->err);
	reed_process_close(self->process);
	reed_run_finish(&self->result);
	reed_free(self->name);
}

static const struct reed_co_kind run_kind = {
	.name = "program",
	.size = sizeof(struct run),
	.run = run_run,
	.deliver = run_deliver,
	.end = run_end,
};

static struct reed_process_options process_options(const struct reed_run_options *o)
{
	struct reed_process_options p = REED_PROCESS_OPTIONS;

	if (o->process)
		memcpy(&p, o->process, o->process->size < sizeof(p) ? o->process->size : sizeof(p));
	if (!o->process || !p.argv)
		p.argv = o->argv;
	p.in.is = REED_CHILD_READS;
	p.out.is = REED_CHILD_WRITES;
	if (!o->process)
		p.err.is = REED_CHILD_WRITES;
	p.sweep = true;
	return p;
}

struct reed_future *reed_run_with(struct reed_loop *loop, const struct reed_run_options *given,
                                  struct reed_run *out)
{
	struct reed_run_options o = REED_RUN_OPTIONS;
	struct reed_process_options p;
	struct run *self;

	memcpy(&o, given, given->size < sizeof(o) ? given->size : sizeof(o));
	p = process_options(&o);
	if (!p.argv || !p.argv[0])
		return reed_failed(loop, REED_EINVAL, "a process without words in argv");
	self = reed_co_new(loop, &run_kind);
	self->name = reed_strdup(p.argv[0]);
	self->input = o.input;
	self->within_ms = o.within_ms;
	self->out = out;
	reed_buf_init(&self->result.out, o.most_output);
	reed_buf_init(&self->result.err, o.most_output);
	self->spawning = reed_spawn(loop, &p, &self->process);
	return reed_start(&self->co);
}

/* ---- output and nothing else ---- */

struct brief {
	struct reed_co co;
	struct reed_future *running;
	struct reed_run run;
	struct reed_buf *out;
	char *name;
};

static struct reed_future *running(struct brief *self)
{
	struct reed_future *f = self->running;

	self->running = NULL;
	return f;
}

/* Programs say what is wrong at the end. */
static struct reed_slice last_line(struct reed_slice text)
{
	struct reed_slice line = REED_STR(""), rest = text;

	while (rest.n > 0) {
		struct reed_slice next = reed_slice_trim(reed_slice_cut(&rest, '\n'));

		if (next.n > 0)
			line = next;
	}
	return line;
}

static enum reed_err not_well(struct reed_co *co, struct brief *self)
{
	struct reed_slice line = last_line(reed_buf_slice(&self->run.err));
	char text[REED_EXIT_TEXT];

	return reed_because(co, REED_EIO, "%s %s%s" REED_FMT, self->name,
	                    reed_exit_text(&self->run.exit, text), line.n ? ": " : "",
	                    REED_ARG(line));
}

static void brief_run(struct reed_co *co)
{
	struct brief *self = reed_frame(co, struct brief);

	reed_coroutine (co) {
		reed_try(co, running(self));
		if (!reed_exit_well(&self->run.exit))
			reed_return(co, not_well(co, self));
	}
}

static void brief_deliver(struct reed_co *co)
{
	struct brief *self = reed_frame(co, struct brief);

	reed_buf_add(self->out, reed_buf_slice(&self->run.out));
}

static void brief_end(struct reed_co *co)
{
	struct brief *self = reed_frame(co, struct brief);

	reed_drop(self->running);
	reed_run_finish(&self->run);
	reed_free(self->name);
}

static const struct reed_co_kind brief_kind = {
	.name = "program",
	.size = sizeof(struct brief),
	.run = brief_run,
	.deliver = brief_deliver,
	.end = brief_end,
};

struct reed_future *reed_run(struct reed_loop *loop, const char *const *argv,
                             struct reed_slice input, struct reed_buf *output)
{
	struct reed_run_options o = REED_RUN_OPTIONS;
	struct brief *self = reed_co_new(loop, &brief_kind);

	o.argv = argv;
	o.input = input;
	if (output->limit) /* a full one fails by itself: 0 would be no limit */
		o.most_output = output->limit > reed_buf_held(output)
		                        ? output->limit - reed_buf_held(output)
		                        : 1;
	self->name = reed_strdup(argv[0] ? argv[0] : "");
	self->out = output;
	self->running = reed_run_with(loop, &o, &self->run);
	return reed_start(&self->co);
}
