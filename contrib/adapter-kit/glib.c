/* The arrangements of GLib: guest, host, over. */

#include <glib-unix.h>
#include <reed/glib.h>

#include "kit.h"

static void *foreign_new(void)
{
	return g_main_context_new();
}

static void foreign_free(void *foreign)
{
	g_main_context_unref(foreign);
}

static void foreign_turn(void *foreign)
{
	g_main_context_iteration(foreign, TRUE);
}

/* ---- timers and watches ---- */

struct call {
	GSource *source;
	kit_fn *fn;
	void *arg;
};

static gboolean timer_called(gpointer arg)
{
	struct call *self = arg;

	self->fn(self->arg);
	return G_SOURCE_CONTINUE;
}

static gboolean watch_called(gint fd, GIOCondition condition, gpointer arg)
{
	(void)fd;
	(void)condition;
	return timer_called(arg);
}

static void *call_new(void *foreign, GSource *source, GSourceFunc called, kit_fn *fn, void *arg)
{
	struct call *self = calloc(1, sizeof(*self));

	self->source = source;
	self->fn = fn;
	self->arg = arg;
	g_source_set_callback(source, called, self, free);
	g_source_attach(source, foreign);
	return self;
}

/* GLib frees the call when it has returned. */
static void call_free(void *call)
{
	GSource *source = ((struct call *)call)->source;

	g_source_destroy(source);
	g_source_unref(source);
}

static void *timer_new(void *foreign, int ms, kit_fn *fn, void *arg)
{
	return call_new(foreign, g_timeout_source_new((guint)ms), timer_called, fn, arg);
}

static void *watch_new(void *foreign, int fd, kit_fn *fn, void *arg)
{
	return call_new(foreign, g_unix_fd_source_new(fd, G_IO_IN), G_SOURCE_FUNC(watch_called), fn,
	                arg);
}

static void timer_free(void *timer)
{
	call_free(timer);
}

static void watch_free(void *watch)
{
	call_free(watch);
}

#define KIT_ADAPTER glib
#define KIT_NAME    "glib"
#define KIT_HOSTS
#include "ties.h"
