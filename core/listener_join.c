/* One listener of several, as for both loopback addresses. */

#include "private.h"
#include "reed/listener.h"

struct joined {
	struct reed_listener listener;
	size_t count, next; /* next: whose turn it is */
	struct part {
		struct reed_listener *listener;
		bool ended;
	} parts[];
};

static struct joined *joined_of(struct reed_listener *l)
{
	return reed_container_of(l, struct joined, listener);
}

static enum reed_err accept_from(struct joined *self, struct part *part,
                                 struct reed_stream **stream)
{
	struct reed_listener *l = part->listener;
	enum reed_err err = part->ended ? REED_EEOF : l->ops->accept(l, stream);

	if (!err)
		l->accepted++;
	part->ended = err == REED_EEOF;
	if (err && err != REED_EAGAIN && l->fault && !self->listener.fault)
		self->listener.fault = reed_fault_copy(l->fault);
	return err;
}

/* Whoever is busy does not keep the others waiting. */
static enum reed_err joined_accept(struct reed_listener *l, struct reed_stream **stream)
{
	struct joined *self = joined_of(l);
	size_t ended = 0;

	for (size_t i = 0; i < self->count; i++) {
		struct part *part = &self->parts[self->next];
		enum reed_err err = accept_from(self, part, stream);

		self->next = (self->next + 1) % self->count;
		if (err != REED_EAGAIN && err != REED_EEOF)
			return err;
		ended += part->ended;
	}
	return ended == self->count ? REED_EEOF : REED_EAGAIN;
}

static void joined_want(struct reed_listener *l, bool wanted)
{
	struct joined *self = joined_of(l);

	for (size_t i = 0; i < self->count; i++)
		if (!self->parts[i].ended)
			self->parts[i].listener->ops->want(self->parts[i].listener, wanted);
}

static void joined_close(struct reed_listener *l)
{
	struct joined *self = joined_of(l);

	for (size_t i = 0; i < self->count; i++)
		reed_listener_close(self->parts[i].listener);
}

static const struct reed_listener_ops joined_ops = {
	.name = "joined",
	.accept = joined_accept,
	.want = joined_want,
	.close = joined_close,
};

static bool address_of(const struct reed_listener *l, size_t *n, struct reed_address *address)
{
	const struct joined *self;

	while (l->below)
		l = l->below;
	if (l->ops != &joined_ops) {
		*address = l->address;
		return (*n)-- == 0;
	}
	self = reed_container_of((struct reed_listener *)(uintptr_t)l, struct joined, listener);
	for (size_t i = 0; i < self->count; i++)
		if (address_of(self->parts[i].listener, n, address))
			return true;
	return false;
}

bool reed_listener_address(const struct reed_listener *l, size_t n, struct reed_address *address)
{
	return address_of(l, &n, address);
}

struct reed_listener *reed_listener_join(struct reed_listener *const *listeners, size_t n)
{
	struct joined *self = reed_alloc(sizeof(*self) + n * sizeof(self->parts[0]));

	assert(n > 0);
	reed_listener_init(&self->listener, listeners[0]->loop, &joined_ops);
	self->listener.address = listeners[0]->address;
	self->count = n;
	for (size_t i = 0; i < n; i++) {
		assert(!listeners[i]->is_accepting && !listeners[i]->above);
		listeners[i]->above = &self->listener;
		self->parts[i].listener = listeners[i];
	}
	return &self->listener;
}
