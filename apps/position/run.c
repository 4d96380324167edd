/* Fixes from the first to the last. */

#include <stdio.h>

#include "position.h"
#include "reed/cell.h"
#include "reed/co.h"
#include "reed/endpoint.h"

enum { REJECTED_SHOWN = 3 };

struct run {
	struct reed_co co;
	const struct position_flags *flags;
	const char *endpoint;
	struct reed_stream *stream;
	struct reed_positioning positioning;
	struct reed_positioning_options options;
	struct reed_buf text;
	struct reed_cell enough;
	int shown;
	bool any;
};

static struct run *run_of(struct reed_positioning *p)
{
	return reed_container_of(p, struct run, positioning);
}

static void show(struct reed_positioning *p, const struct reed_fix *fix)
{
	struct run *self = run_of(p);

	if (self->enough.count > 0)
		return;
	reed_buf_clear(&self->text);
	if (self->flags->json)
		position_show_json(fix, &self->text);
	else
		position_show(fix, &self->text);
	fwrite(reed_buf_slice(&self->text).p, 1, reed_buf_held(&self->text), stdout);
	fflush(stdout);
	self->any |= (fix->told & REED_TOLD_POSITION) != 0;
	if (++self->shown == self->flags->count)
		reed_cell_touch(&self->enough);
}

static void complain(struct reed_positioning *p, struct reed_slice line, const char *why)
{
	if (p->rejected > REJECTED_SHOWN)
		return;
	fprintf(stderr, "reed position: \"");
	for (size_t i = 0; i < line.n && i < 40; i++)
		fputc(line.p[i] >= ' ' && line.p[i] <= '~' ? line.p[i] : '?', stderr);
	fprintf(stderr, "%s\": %s\n", line.n > 40 ? "..." : "", why);
	if (p->rejected == REJECTED_SHOWN)
		fprintf(stderr, "reed position: and others are not told of\n");
}

static const struct reed_positioning_ops ops = { .fix = show, .rejected = complain };

static struct reed_future *read_all(struct run *self)
{
	struct reed_stream *stream = self->stream;

	self->stream = NULL;
	self->options = (struct reed_positioning_options)REED_POSITIONING_OPTIONS;
	self->options.strict = self->flags->strict;
	self->options.pace = self->flags->pace;
	self->options.listens = strncmp(self->endpoint, "file:", 5) == 0 ||
	                        strncmp(self->endpoint, "stdio:", 6) == 0;
	return reed_positioning_read(stream, &self->positioning, &self->options);
}

static enum reed_err nothing(struct run *self)
{
	const struct reed_positioning *p = &self->positioning;

	return reed_because(&self->co, REED_EIO,
	                    "%s: no position came; %llu lines told something else, and %llu could "
	                    "not be understood",
	                    self->endpoint, (unsigned long long)(p->reports + p->unknown),
	                    (unsigned long long)p->rejected);
}

static void run_run(struct reed_co *co)
{
	struct run *self = reed_frame(co, struct run);

	reed_coroutine (co) {
		reed_try(co, reed_dial(co->loop, self->endpoint, &self->stream));
		reed_try(co, reed_any(NULL, read_all(self),
		                      reed_cell_changed(co->loop, &self->enough, 0)));
		if (!self->any)
			reed_return(co, nothing(self));
	}
}

static void run_end(struct reed_co *co)
{
	struct run *self = reed_frame(co, struct run);

	reed_close(self->stream);
	reed_buf_finish(&self->text);
}

static const struct reed_co_kind run_kind = { .name = "position",
	                                      .size = sizeof(struct run),
	                                      .run = run_run,
	                                      .end = run_end };

struct reed_future *position_run(struct reed_loop *loop, const struct position_flags *flags,
                                 const char *endpoint)
{
	struct run *self = reed_co_new(loop, &run_kind);

	self->flags = flags;
	self->endpoint = endpoint;
	reed_positioning_init(&self->positioning, &ops);
	return reed_start(&self->co);
}
