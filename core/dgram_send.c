/* Sending datagrams, for all kinds of sockets: a bounded queue, one system call a turn. */

#include "dgram_private.h"

#include <string.h>

enum {
	ALIGNED = 16,
	/* RFC 768, RFC 791 3.1, RFC 8200 3: what the lengths of the headers leave */
	LARGEST_IPV4 = 65535 - 20 - 8,
	LARGEST_IPV6 = 65535 - 8,
};

/* A buffer of the loop with datagrams in it, each behind its struct reed_dgram_out. */
struct reed_dgram_chunk {
	struct reed_dgram_chunk *next;
	size_t size, begin, end; /* from the chunk's first byte */
};

static const size_t first_place = (sizeof(struct reed_dgram_chunk) + ALIGNED - 1) & ~(ALIGNED - 1u);

static size_t space_of(size_t n)
{
	return (sizeof(struct reed_dgram_out) + n + ALIGNED - 1) & ~(size_t)(ALIGNED - 1);
}

static struct reed_dgram_out *out_at(struct reed_dgram_chunk *c, size_t place)
{
	return (struct reed_dgram_out *)(void *)((char *)c + place);
}

/* ---- the queue ---- */

static void chunk_return(struct reed_loop *loop, struct reed_dgram_chunk *c)
{
	if (c->size == REED_BUFFER)
		reed_buffer_return(loop, (char *)c);
	else
		reed_free(c);
}

static struct reed_dgram_chunk *chunk_for(struct reed_dgram *d, size_t space)
{
	struct reed_dgram_chunk *c = d->last;
	size_t size = first_place + space;

	if (c && c->size - c->end >= space)
		return c;
	if (size <= REED_BUFFER)
		size = REED_BUFFER;
	c = size == REED_BUFFER ? (void *)reed_buffer_take(d->loop) : reed_alloc_raw(size);
	*c = (struct reed_dgram_chunk){ .size = size, .begin = first_place, .end = first_place };
	if (d->last)
		d->last->next = c;
	else
		d->first = c;
	d->last = c;
	return c;
}

/* The address only as far as its family goes: a path is long. */
static struct reed_dgram_out *append(struct reed_dgram *d, const struct reed_address *to,
                                     struct reed_slice data)
{
	struct reed_dgram_chunk *c = chunk_for(d, space_of(data.n));
	struct reed_dgram_out *out = out_at(c, c->end);
	char *bytes = (char *)(out + 1);

	c->end += space_of(data.n);
	d->queued += (uint32_t)space_of(data.n);
	if (data.n)
		memcpy(bytes, data.p, data.n);
	out->data = reed_slice(bytes, data.n);
	out->has_from = false;
	out->interface = 0;
	if (!to)
		out->to.family = REED_FAMILY_NONE;
	else if (to->family == REED_FAMILY_UNIX)
		out->to = *to;
	else
		memcpy(&out->to, to, offsetof(struct reed_address, path));
	return out;
}

static void consume(struct reed_dgram *d, int n)
{
	while (n-- > 0) {
		struct reed_dgram_chunk *c = d->first;
		size_t space = space_of(out_at(c, c->begin)->data.n);

		c->begin += space;
		d->queued -= (uint32_t)space;
		if (c->begin < c->end)
			continue;
		d->first = c->next;
		if (!d->first)
			d->last = NULL;
		chunk_return(d->loop, c);
	}
}

void reed_dgram_discard(struct reed_dgram *d)
{
	while (d->first) {
		struct reed_dgram_chunk *c = d->first;

		d->first = c->next;
		chunk_return(d->loop, c);
	}
	d->last = NULL;
	d->queued = 0;
}

static int gather(struct reed_dgram *d, struct reed_dgram_out **out)
{
	struct reed_dgram_chunk *c = d->first;
	int n = 0;

	for (; c; c = c->next)
		for (size_t at = c->begin; at < c->end; at += space_of(out[n - 1]->data.n)) {
			if (n == REED_DGRAM_BATCH)
				return n;
			out[n++] = out_at(c, at);
		}
	return n;
}

static void note_failure(struct reed_dgram *d, const struct reed_dgram_out *out, enum reed_err err)
{
	struct reed_dgram_error error = { .err = err };

	if (out->to.family == REED_FAMILY_NONE)
		error.to = d->peer;
	else if (out->to.family == REED_FAMILY_UNIX)
		error.to = out->to;
	else
		memcpy(&error.to, &out->to, offsetof(struct reed_address, path));
	d->stats.failed++;
	reed_dgram_note(d, &error);
}

/* False: the system takes no more. */
static bool send_some(struct reed_dgram *d)
{
	struct reed_dgram_out *out[REED_DGRAM_BATCH];
	int n = gather(d, out), sent = d->ops->send(d, out, n);

	if (sent == REED_EAGAIN) {
		d->blocked = true;
		reed_dgram_want(d, d->wanted | REED_WRITE);
		return false;
	}
	if (sent < 0) {
		note_failure(d, out[0], (enum reed_err)sent);
		consume(d, 1);
		return true;
	}
	d->stats.calls_out++;
	d->stats.sent += (uint64_t)sent;
	for (int i = 0; i < sent; i++)
		d->stats.bytes_out += out[i]->data.n;
	consume(d, sent);
	return true;
}

void reed_dgram_flush_now(struct reed_dgram *d)
{
	while (d->first && !d->blocked && send_some(d))
		continue;
}

static bool has_room(const struct reed_dgram *d)
{
	return d->queued <= d->limit / 4;
}

void reed_dgram_flush(struct reed_last *last)
{
	struct reed_dgram *d = reed_container_of(last, struct reed_dgram, flush);

	reed_dgram_flush_now(d);
	if (!has_room(d))
		return;
	if (d->is_draining && !d->draining.settled)
		reed_settle(&d->draining, REED_OK);
	if (d->paused && reed_dgram_pushes(d))
		reed_dgram_push(d);
}

/* ---- what the user calls ---- */

static bool may_go_to(const struct reed_dgram *d, const struct reed_address *to)
{
	if (!to)
		return reed_dgram_connected(d);
	if (reed_dgram_connected(d))
		return reed_address_eq(to, &d->peer);
	if (to->family == REED_FAMILY_UNIX)
		return d->local.family == REED_FAMILY_UNIX && to->path[0];
	return to->family == REED_FAMILY_IPV4
	               ? d->local.family == REED_FAMILY_IPV4 || d->local.family == REED_FAMILY_IPV6
	               : to->family == d->local.family && to->family != REED_FAMILY_NONE;
}

static size_t longest_to(const struct reed_address *to)
{
	if (to->family == REED_FAMILY_UNIX)
		return REED_DGRAM_LARGEST;
	return to->family == REED_FAMILY_IPV6 ? LARGEST_IPV6 : LARGEST_IPV4;
}

static enum reed_err enqueue(struct reed_dgram *d, const struct reed_address *to,
                             struct reed_slice data, struct reed_dgram_out **out)
{
	assert(!d->closed);
	if (!may_go_to(d, to))
		return REED_EINVAL;
	if (data.n > longest_to(to ? to : &d->peer))
		return REED_ETOOBIG;
	if (d->queued > 0 && d->queued + space_of(data.n) > d->limit) {
		d->stats.dropped++;
		return REED_EOVERFLOW;
	}
	*out = append(d, reed_dgram_connected(d) ? NULL : to, data);
	if (!d->blocked)
		reed_at_turn_end(d->loop, &d->flush);
	return REED_OK;
}

enum reed_err reed_dgram_send(struct reed_dgram *d, const struct reed_address *to,
                              struct reed_slice data)
{
	struct reed_dgram_out *out;

	return enqueue(d, to, data, &out);
}

enum reed_err reed_dgram_reply(struct reed_dgram *d, const struct reed_datagram *in,
                               struct reed_slice data)
{
	struct reed_dgram_out *out;
	enum reed_err err = enqueue(d, in->from, data, &out);

	if (err || in->to == &d->local || in->to_many)
		return err;
	out->has_from = true;
	out->interface = in->to->scope_id;
	memcpy(out->from, in->to->ip, sizeof(out->from));
	return REED_OK;
}

/* ---- drain ---- */

static void drain_free(struct reed_future *f)
{
	struct reed_dgram *d = reed_container_of(f, struct reed_dgram, draining);

	d->is_draining = false;
	if (d->closed)
		reed_dgram_gone(d);
}

static const struct reed_future_kind drain_kind = { .name = "drain", .free = drain_free };

struct reed_future *reed_dgram_drain(struct reed_dgram *d)
{
	assert(!d->is_draining && !d->closed);
	reed_future_init(&d->draining, d->loop, &drain_kind);
	d->is_draining = true;
	if (has_room(d))
		reed_settle(&d->draining, REED_OK);
	return &d->draining;
}
