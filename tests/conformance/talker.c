#include "tests/conformance/talker.h"

struct talker t;
struct owner session;

static struct talker *talker_of(struct reed_protocol *p)
{
	return reed_container_of(p, struct talker, protocol);
}

static size_t talker_data(struct reed_protocol *p, struct reed_slice in)
{
	struct talker *self = talker_of(p);
	size_t taken;

	check(!self->inside && !self->freed && in.n > 0);
	self->inside = true;
	self->shown++;
	taken = self->on_data(self, in);
	self->inside = false;
	return taken;
}

static void talker_ended(struct reed_protocol *p, enum reed_err err)
{
	struct talker *self = talker_of(p);

	check(!self->inside && !self->freed);
	self->inside = true;
	self->ended++;
	self->end = err;
	if (self->on_end)
		self->on_end(self);
	self->inside = false;
}

static void talker_interrupted(struct reed_protocol *p)
{
	struct talker *self = talker_of(p);

	check(!self->inside && !self->freed);
	self->inside = true;
	self->interrupted++;
	self->on_interrupt(self);
	self->inside = false;
}

static void talker_free(struct reed_protocol *p)
{
	struct talker *self = talker_of(p);

	check(!self->inside);
	self->freed++;
}

const struct reed_protocol_ops polite_ops = {
	.data = talker_data,
	.ended = talker_ended,
	.interrupted = talker_interrupted,
	.free = talker_free,
};

const struct reed_protocol_ops plain_ops = { .data = talker_data, .free = talker_free };

struct reed_future *begin(const struct reed_protocol_ops *ops, talker_data_fn *on_data)
{
	struct reed_stream *s = us;

	t = (struct talker){ .protocol.ops = ops, .on_data = on_data, .owner = &session };
	us = NULL; /* the session's */
	return reed_stream_attach(s, &t.protocol);
}

void attach(const struct reed_protocol_ops *ops, talker_data_fn *on_data)
{
	own(&session, begin(ops, on_data));
}

void ends(enum reed_err err)
{
	until(session.told);
	check_int(session.err, err);
	check_int(t.freed, 1);
}

/* ---- what data() may do ---- */

size_t take_all(struct talker *self, struct reed_slice in)
{
	self->at += in.n;
	return in.n;
}

size_t echo_line(struct talker *self, struct reed_slice in)
{
	size_t n = reed_slice_find(in, '\n');

	if (n == in.n)
		return 0;
	reed_write(self->protocol.stream, reed_slice_first(in, n + 1));
	return n + 1;
}

size_t echo_lines(struct talker *self, struct reed_slice in)
{
	size_t n, all = 0;

	while ((n = echo_line(self, reed_slice_from(in, all))))
		all += n;
	return all;
}
