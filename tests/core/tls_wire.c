/* A wire in memory between two streams, level-triggered like a socket. */

#include "tests/core/tls_kit.h"

enum { DEEP = 1 << 20 };

static struct wire *wire_of(struct reed_stream *s)
{
	return reed_container_of(s, struct wire, stream);
}

static unsigned ready_for(const struct wire *w)
{
	unsigned events = 0;

	if (w->held > 0 || w->ended || w->reset)
		events |= REED_READ;
	if (!w->other || (w->left && w->other->held < w->other->room) || w->reset)
		events |= REED_WRITE;
	return events & w->wants;
}

static void look(struct wire *w)
{
	if (ready_for(w))
		reed_at_turn_end(w->stream.loop, &w->ready);
}

static void ready_run(struct reed_last *last)
{
	struct wire *w = reed_container_of(last, struct wire, ready);

	if (ready_for(w))
		reed_stream_ready(&w->stream, ready_for(w));
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static ssize_t wire_read(struct reed_stream *s, char *into, size_t room)
{
	struct wire *w = wire_of(s);
	size_t n = least(w->held, room);

	if (w->read_most)
		n = least(n, w->read_most);
	if (w->reset)
		return REED_ERESET;
	if (n == 0)
		return w->ended ? REED_EEOF : REED_EAGAIN;
	memcpy(into, w->bytes, n);
	memmove(w->bytes, w->bytes + n, w->held - n);
	w->held -= n;
	look(w);
	if (w->other)
		look(w->other);
	return (ssize_t)n;
}

static size_t put(struct wire *w, const char *p, size_t n)
{
	struct wire *o = w->other;

	n = least(n, o->room - o->held);
	if (w->left != SIZE_MAX) {
		n = least(n, w->left);
		w->left -= n;
	}
	memcpy(o->bytes + o->held, p, n);
	o->held += n;
	w->written += n;
	return n;
}

static ssize_t wire_write(struct reed_stream *s, const struct iovec *iov, int count)
{
	struct wire *w = wire_of(s);
	size_t total = 0, n = 1;

	if (w->reset)
		return REED_ERESET;
	if (!w->other)
		return REED_EPIPE;
	for (int i = 0; i < count && n > 0; i++) {
		size_t most = w->write_most ? w->write_most - total : SIZE_MAX;

		n = put(w, iov[i].iov_base, least(iov[i].iov_len, most));
		total += n;
		if (n < iov[i].iov_len)
			break;
	}
	look(w->other);
	return total > 0 ? (ssize_t)total : (ssize_t)REED_EAGAIN;
}

static void wire_want(struct reed_stream *s, unsigned events)
{
	wire_of(s)->wants = events;
	look(wire_of(s));
}

static void end_other(struct wire *w)
{
	if (!w->other)
		return;
	w->other->ended = true;
	look(w->other);
}

static void wire_shutdown(struct reed_stream *s)
{
	end_other(wire_of(s));
}

static void wire_close(struct reed_stream *s)
{
	struct wire *w = wire_of(s);

	end_other(w);
	if (w->other) {
		look(w->other);
		w->other->other = NULL;
	}
	reed_list_unlink(&w->ready.link);
	reed_free(w->bytes);
}

static void wire_facts(struct reed_stream *s, struct reed_stream_facts *facts)
{
	(void)s;
	reed_address_parse(REED_STR("192.0.2.7"), 6697, &facts->peer);
}

static const struct reed_stream_ops wire_ops = {
	.name = "wire",
	.read = wire_read,
	.write = wire_write,
	.want = wire_want,
	.shutdown = wire_shutdown,
	.close = wire_close,
	.facts = wire_facts,
};

static struct wire *wire_new(size_t room)
{
	struct wire *w = reed_alloc(sizeof(*w));

	reed_stream_init(&w->stream, loop, &wire_ops);
	w->room = room ? room : DEEP;
	w->bytes = reed_alloc(DEEP);
	w->left = SIZE_MAX;
	w->ready.run = ready_run;
	return w;
}

void wire_pair(size_t room, struct wire **a, struct wire **b)
{
	*a = wire_new(room);
	*b = wire_new(room);
	(*a)->other = *b;
	(*b)->other = *a;
}
