/* The client's connections of HTTP/2, from the first byte to the last. */

#include "client_h2.h"

enum { LATE_MS = 1000 };

static struct second *self_of(struct reed_protocol *p)
{
	return reed_container_of(p, struct second, protocol);
}

/* ---- the end ---- */

/* Both its session and its protocol tell of the end, in the kernel's order. */
static void release(struct second *self)
{
	if (!self->over || !self->woken)
		return;
	reed_free(self->endpoint);
	reed_free(self);
}

static void take_off(struct second *self)
{
	if (self->client)
		reed_list_remove(&self->link);
	self->client = NULL;
}

static void session_is_over(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	struct second *self = reed_container_of(w, struct second, session);

	(void)err; /* free() has told those whom it concerns */
	reed_fault_free(fault);
	self->woken = true;
	release(self);
}

static void protocol_free(struct reed_protocol *p)
{
	struct second *self = self_of(p);

	reed_timer_stop(&self->idle);
	take_off(self);
	self->over = true;
	if (!self->err)
		self->err = p->session.err ? p->session.err : REED_EEOF;
	h2_port_finish(&self->port);
	release(self);
}

void second_free(struct second *self)
{
	take_off(self);
	h2_mux_leave(&self->port.mux, H2_NO_ERROR);
	h2_port_flush(&self->port);
	self->woken = true;
	reed_unwait(self->port.loop, &self->session);
}

void second_doubt(struct second *self)
{
	if (self->client && reed_now(self->port.loop) - self->heard > REED_MS(LATE_MS))
		second_free(self);
}

/* ---- what comes ---- */

static size_t data(struct reed_protocol *p, struct reed_slice in)
{
	struct second *self = self_of(p);
	size_t taken;

	self->heard = reed_now(self->port.loop);
	if (self->port.over)
		return in.n;
	taken = h2_port_receive(&self->port, in);
	if (!self->port.mux.failed) {
		h2_port_flush(&self->port);
		return taken;
	}
	self->err = REED_EPROTO;
	h2_port_end(&self->port);
	return in.n;
}

static const struct reed_protocol_ops ops = { .data = data, .free = protocol_free };

/* ---- one for many ---- */

static bool has_room(const struct second *self)
{
	const struct h2_mux *mux = &self->port.mux;
	uint32_t most = CLIENT_H2_LANES;

	if (mux->greeted && mux->theirs.streams < most)
		most = mux->theirs.streams;

	return !self->port.over && !mux->failed && !mux->leaving && !mux->left &&
	       mux->lanes < most && mux->next < H2_ID_MOST - 2;
}

struct second *second_find(struct reed_http_client *client, const char *endpoint)
{
	reed_list_each (link, &client->seconds) {
		struct second *self = reed_container_of(link, struct second, link);

		if (strcmp(self->endpoint, endpoint) == 0 && has_room(self))
			return self;
	}
	return NULL;
}

/* Nothing was asked for a while. */
static void is_idle(struct reed_timer *t)
{
	second_free(reed_container_of(t, struct second, idle));
}

/* As many as there may be connections that nobody uses. */
static void drop_oldest(struct reed_http_client *client)
{
	struct reed_list *link = client->seconds.next, *next;
	uint32_t n = 0;

	reed_list_each (each, &client->seconds)
		n++;
	for (; link != &client->seconds && n >= client->options.kept; link = next) {
		struct second *self = reed_container_of(link, struct second, link);

		next = link->next;
		if (!reed_list_empty(&self->asks))
			continue;
		second_free(self);
		n--;
	}
}

struct second *second_new(struct reed_http_client *client, const char *endpoint,
                          struct reed_stream *stream)
{
	const struct h2_settings ours = { .window = CLIENT_H2_WINDOW };
	struct second *self = reed_alloc(sizeof(*self));

	drop_oldest(client);
	self->client = client;
	self->wire = client->wire;
	self->idle_ms = client->options.idle_ms;
	self->endpoint = reed_strdup(endpoint);
	self->protocol.ops = &ops;
	self->session.wake = session_is_over;
	self->idle.fire = is_idle;
	reed_list_init(&self->asks);
	reed_list_append(&client->seconds, &self->link);
	h2_port_init(&self->port, client->loop, &self->protocol);
	if (!h2_mux_init(&self->port.mux, &second_ops, true, &ours, CLIENT_H2_WINDOWS,
	                 client->wire.head))
		h2_mux_fail(&self->port.mux, H2_INTERNAL_ERROR, "there is no memory for it");
	reed_wait(reed_stream_attach(stream, &self->protocol), &self->session);
	h2_port_soon(&self->port);
	reed_timer_start(client->loop, &self->idle, REED_MS((int64_t)self->idle_ms));
	return self;
}
