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

static const struct reed_future_kind value_kind = {
	.name = "value", .deliver = value_deliver, .free = value_free
};

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

struct list {
	struct reed_future future;
	void *list, **out;
	size_t n, *count;
};

static void list_deliver(struct reed_future *f)
{
	struct list *self = reed_container_of(f, struct list, future);

	*self->out = self->list;
	self->list = NULL;
	if (self->count)
		*self->count = self->n;
}

static void list_free(struct reed_future *f)
{
	struct list *self = reed_container_of(f, struct list, future);

	reed_free(self->list);
	reed_free(self);
}

static const struct reed_future_kind list_kind = {
	.name = "list", .deliver = list_deliver, .free = list_free
};

struct reed_future *reed_value_list(struct reed_loop *loop, void *list, size_t n, void **out,
                                    size_t *count)
{
	struct list *self = reed_alloc(sizeof(*self));

	reed_future_init(&self->future, loop, &list_kind);
	self->list = list;
	self->out = out;
	self->n = n;
	self->count = count;
	reed_settle(&self->future, REED_OK);
	return &self->future;
}
