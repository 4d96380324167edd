/* Reed over GLib: one source, and to wait is an iteration of the context. */

#include <glib.h>

#include "glib_epoll.h"
#include "reed/alloc.h"
#include "reed/glib.h"

struct over {
	struct reed_foreign foreign;
	GMainContext *context;
	GSource *source;
	int epoll;
	int longest_ms; /* of this wait; -1: for ever */
};

struct source {
	GSource base;
	struct over *over;
};

static struct over *self_of(struct reed_foreign *f)
{
	return reed_container_of(f, struct over, foreign);
}

static struct over *over_of(GSource *base)
{
	return reed_container_of(base, struct source, base)->over;
}

/* Not g_source_set_ready_time(), which wakes the context each time it is called. */
static gboolean prepare(GSource *base, gint *timeout)
{
	*timeout = over_of(base)->longest_ms;
	return FALSE;
}

static gboolean dispatch(GSource *base, GSourceFunc callback, gpointer data)
{
	(void)callback;
	(void)data;
	glib_epoll_tell(over_of(base)->epoll);
	return G_SOURCE_CONTINUE;
}

static GSourceFuncs funcs = { .prepare = prepare, .dispatch = dispatch };

static enum reed_err watch(struct reed_foreign *f, struct reed_foreign_watch *w, unsigned events)
{
	return glib_epoll_watch(self_of(f)->epoll, w, events);
}

/* A context that was woken, by a source that came or went, has waited for nothing. */
static void turn(struct reed_foreign *f, int64_t ns)
{
	struct over *self = self_of(f);
	int64_t start = reed_system_now(NULL), left = ns;
	bool has_called;

	do {
		bool is_long = left >= REED_MS(INT32_MAX - 1);

		self->longest_ms = is_long ? -1 : (int)((left + 999999) / 1000000);
		has_called = g_main_context_iteration(self->context, left > 0);
		left = ns - (reed_system_now(NULL) - start);
	} while (!has_called && left > 0);
}

static void over_close(struct reed_foreign *f)
{
	struct over *self = self_of(f);

	g_source_destroy(self->source);
	g_source_unref(self->source);
	g_main_context_unref(self->context);
	glib_epoll_close(self->epoll);
	reed_free(self);
}

static const struct reed_foreign_ops ops = {
	.name = "glib",
	.watch = watch,
	.turn = turn,
	.close = over_close,
};

enum reed_err reed_glib_loop_new(const struct reed_loop_options *options,
                                 struct _GMainContext *context, struct reed_loop **loop)
{
	struct over *self;
	int epoll = glib_epoll_open();

	if (epoll < 0)
		return (enum reed_err)epoll;
	self = reed_alloc(sizeof(*self));
	self->foreign.ops = &ops;
	self->epoll = epoll;
	self->context = context ? g_main_context_ref(context) : g_main_context_new();
	self->source = g_source_new(&funcs, sizeof(struct source));
	reed_container_of(self->source, struct source, base)->over = self;
	g_source_add_unix_fd(self->source, epoll, G_IO_IN);
	g_source_attach(self->source, self->context);
	return reed_foreign_loop_new(options, &self->foreign, loop);
}
