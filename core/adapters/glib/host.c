/* GLib inside Reed: query, and check and dispatch when there is something. */

#include <string.h>

#include "glib_set.h"
#include "reed/alloc.h"
#include "reed/driver.h"
#include "reed/embed.h"
#include "reed/glib.h"

enum { FEW = 16 }; /* descriptors there is room for at first */

struct reed_glib_host {
	struct reed_inner inner;
	GMainContext *context;
	struct glib_set set;
	GPollFD *before; /* a copy, to see what changes */
	gint priority;
	bool in_turn, is_freed;
};

static struct reed_glib_host *self_of(struct reed_inner *inner)
{
	return reed_container_of(inner, struct reed_glib_host, inner);
}

/* The milliseconds until GLib wants to be looked at again; what is to be polled is in the set. */
static int query(struct reed_glib_host *self)
{
	struct glib_set *set = &self->set;
	int count_before = set->count, ms, n;

	memcpy(self->before, set->fds, (size_t)set->count * sizeof(*set->fds));
	while ((n = g_main_context_query(self->context, self->priority, &ms, set->fds, set->room)) >
	       set->room) {
		glib_set_grow(set, n);
		self->before = reed_realloc(self->before, (size_t)n * sizeof(*self->before));
	}
	set->count = n;
	glib_set_update(set, self->before, count_before);
	return ms;
}

static int64_t prepare(struct reed_inner *inner)
{
	struct reed_glib_host *self = self_of(inner);
	gboolean is_ready = g_main_context_prepare(self->context, &self->priority);
	int ms = query(self);

	if (is_ready || ms == 0 || self->set.always)
		return 0;
	return ms < 0 ? REED_NEVER : reed_system_now(NULL) + REED_MS(ms);
}

static void let_go(struct reed_glib_host *self)
{
	glib_set_close(&self->set);
	g_main_context_release(self->context);
	g_main_context_unref(self->context);
	reed_free(self->before);
	reed_free(self);
}

static void turn(struct reed_inner *inner)
{
	struct reed_glib_host *self = self_of(inner);
	struct glib_set *set = &self->set;

	self->in_turn = true;
	glib_set_look(set);
	if (g_main_context_check(self->context, self->priority, set->fds, set->count))
		g_main_context_dispatch(self->context);
	self->in_turn = false;
	if (self->is_freed)
		let_go(self);
}

static bool busy(struct reed_inner *inner)
{
	(void)inner;
	return true;
}

static const struct reed_inner_ops ops = {
	.prepare = prepare,
	.turn = turn,
	.busy = busy,
};

static enum reed_err attach(struct reed_glib_host *self, struct reed_loop *loop)
{
	enum reed_err err;

	if (!g_main_context_acquire(self->context))
		return REED_EBUSY;
	err = glib_set_open(&self->set);
	if (!err) {
		self->inner.ops = &ops;
		self->inner.fd = self->set.epoll;
		err = reed_inner_attach(loop, &self->inner);
		if (err)
			glib_set_close(&self->set);
	}
	if (err)
		g_main_context_release(self->context);
	return err;
}

enum reed_err reed_glib_host_new(struct reed_loop *loop, struct _GMainContext *context,
                                 struct reed_glib_host **host)
{
	struct reed_glib_host *self = reed_alloc(sizeof(*self));
	enum reed_err err;

	self->context = context ? context : g_main_context_default();
	err = attach(self, loop);
	if (err) {
		reed_free(self);
		return err;
	}
	g_main_context_ref(self->context);
	glib_set_grow(&self->set, FEW);
	self->before = reed_alloc(FEW * sizeof(*self->before));
	*host = self;
	return REED_OK;
}

void reed_glib_host_free(struct reed_glib_host *self)
{
	if (!self || self->is_freed)
		return;
	reed_inner_detach(&self->inner);
	self->is_freed = true;
	if (!self->in_turn)
		let_go(self);
}
