#include "auth_value.h"

#include "reed/alloc.h"

struct value {
	struct reed_future future;
	void *out;
	size_t n;
	char bytes[];
};

static void value_deliver(struct reed_future *f)
{
	struct value *self = reed_container_of(f, struct value, future);

	memcpy(self->out, self->bytes, self->n);
}

/* It may have been a secret. */
static void value_free(struct reed_future *f)
{
	struct value *self = reed_container_of(f, struct value, future);

	reed_wipe(self->bytes, self->n);
	reed_free(self);
}

static const struct reed_future_kind value_kind = { .name = "value",
	                                            .deliver = value_deliver,
	                                            .free = value_free };

struct reed_future *reed_value(struct reed_loop *loop, const void *bytes, size_t n, void *out)
{
	struct value *self = reed_alloc(sizeof(*self) + n);

	reed_future_init(&self->future, loop, &value_kind);
	self->out = out;
	self->n = n;
	memcpy(self->bytes, bytes, n);
	reed_settle(&self->future, REED_OK);
	return &self->future;
}

struct owned {
	struct reed_future future;
	void *thing, *out;
	size_t n, *count;
};

static void owned_deliver(struct reed_future *f)
{
	struct owned *self = reed_container_of(f, struct owned, future);

	memcpy(self->out, &self->thing, sizeof(self->thing));
	self->thing = NULL;
	if (self->count)
		*self->count = self->n;
}

static void owned_free(struct reed_future *f)
{
	struct owned *self = reed_container_of(f, struct owned, future);

	reed_free(self->thing);
	reed_free(self);
}

static const struct reed_future_kind owned_kind = { .name = "owned value",
	                                            .deliver = owned_deliver,
	                                            .free = owned_free };

struct reed_future *reed_value_owned(struct reed_loop *loop, void *thing, size_t n, void *out,
                                     size_t *count)
{
	struct owned *self = reed_alloc(sizeof(*self));

	reed_future_init(&self->future, loop, &owned_kind);
	self->thing = thing;
	self->out = out;
	self->n = n;
	self->count = count;
	reed_settle(&self->future, REED_OK);
	return &self->future;
}
