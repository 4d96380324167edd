/* A driver over a foreign loop. */

#include "reed/foreign.h"

#include "os.h"
#include "private.h"

static struct reed_foreign *self_of(struct reed_driver *d)
{
	return reed_container_of(d, struct reed_foreign, driver);
}

/* ---- slots ---- */

static void slots_grow(struct reed_foreign *self)
{
	int before = self->slot_count;
	size_t count = before ? (size_t)before * 2 : 16;

	self->slots = reed_realloc(self->slots, count * sizeof(*self->slots));
	self->unused = reed_realloc(self->unused, count * sizeof(*self->unused));
	self->slot_count = (int)count;
	for (int i = self->slot_count - 1; i >= before; i--)
		self->unused[self->unused_count++] = i;
}

static int slot_take(struct reed_foreign *self)
{
	if (self->unused_count == 0)
		slots_grow(self);
	return self->unused[--self->unused_count];
}

static void slot_release(struct reed_foreign *self, int slot)
{
	struct reed_foreign_watch *fw = self->slots[slot];

	reed_list_unlink(&fw->link);
	reed_free(fw);
	self->unused[self->unused_count++] = slot;
}

/* ---- the driver ---- */

static enum reed_err add(struct reed_foreign *self, struct reed_fd_watch *w)
{
	struct reed_foreign_watch *fw;

	if (reed_os_is_file(w->fd))
		return REED_ENOTSUP;
	fw = reed_alloc(sizeof(*fw));
	fw->foreign = self;
	fw->fd = w->fd;
	fw->watch = w;
	w->slot = slot_take(self);
	self->slots[w->slot] = fw;
	return REED_OK;
}

static enum reed_err foreign_arm(struct reed_driver *d, struct reed_fd_watch *w, unsigned events)
{
	struct reed_foreign *self = self_of(d);
	enum reed_err err;

	if (!w->armed) {
		err = add(self, w);
		if (err)
			return err;
	}
	err = self->ops->watch(self, self->slots[w->slot], events);
	if (!events || (err && !w->armed))
		slot_release(self, w->slot);
	return err;
}

/* What is left over comes first: it has waited for a turn already. */
static int foreign_wait(struct reed_driver *d, int64_t ns, struct reed_event *events, int room)
{
	struct reed_foreign *self = self_of(d);
	struct reed_list *link;
	int count = 0;

	if (reed_list_empty(&self->ready))
		self->ops->turn(self, ns);
	while (count < room && (link = reed_list_take(&self->ready))) {
		struct reed_foreign_watch *fw =
			reed_container_of(link, struct reed_foreign_watch, link);

		events[count++] = (struct reed_event){ fw->watch, fw->got };
		fw->got = 0;
	}
	return count;
}

static void foreign_wake(struct reed_driver *d)
{
	reed_wakeup_signal(self_of(d)->wakeup_fds);
}

static void foreign_close(struct reed_driver *d)
{
	struct reed_foreign *self = self_of(d);

	self->ops->watch(self, &self->wakeup, 0);
	reed_wakeup_close(self->wakeup_fds);
	reed_free(self->slots);
	reed_free(self->unused);
	self->ops->close(self);
}

void reed_foreign_tell(struct reed_foreign_watch *fw, unsigned events)
{
	struct reed_foreign *self = fw->foreign;

	if (fw == &self->wakeup) {
		reed_wakeup_clear(self->wakeup_fds);
		return;
	}
	fw->got |= events;
	if (!reed_linked(&fw->link))
		reed_list_append(&self->ready, &fw->link);
}

enum reed_err reed_foreign_loop_new(const struct reed_loop_options *options,
                                    struct reed_foreign *self, struct reed_loop **loop)
{
	enum reed_err err = reed_wakeup_open(self->wakeup_fds);

	if (err) {
		self->ops->close(self);
		return err;
	}
	self->driver_ops = (struct reed_driver_ops){
		.name = self->ops->name,
		.close = foreign_close,
		.arm = foreign_arm,
		.wait = foreign_wait,
		.wake = foreign_wake,
		.now = reed_system_now,
		.wall = reed_system_wall,
		.random = reed_system_random,
	};
	self->driver.ops = &self->driver_ops;
	reed_list_init(&self->ready);
	self->wakeup.foreign = self;
	self->wakeup.fd = self->wakeup_fds[0];
	err = self->ops->watch(self, &self->wakeup, REED_READ);
	if (err) {
		reed_wakeup_close(self->wakeup_fds);
		self->ops->close(self);
		return err;
	}
	return reed_loop_new_on(options, &self->driver, loop);
}
