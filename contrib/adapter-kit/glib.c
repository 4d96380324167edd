/* The arrangements of GLib: guest, host, over. */

#include <glib-unix.h>
#include <reed/glib.h>

#include "choose.h"

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

static void turn_foreign(struct reed_loop *loop, void *foreign)
{
	(void)loop;
	foreign_turn(foreign);
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

/* ---- ties ---- */

static enum reed_err guest_attach(struct reed_loop *loop, void *foreign, void **tie)
{
	struct reed_glib_guest *guest = NULL;
	enum reed_err err = reed_glib_guest_new(loop, foreign, &guest);

	*tie = guest;
	return err;
}

static void guest_detach(void *tie)
{
	reed_glib_guest_free(tie);
}

static enum reed_err host_attach(struct reed_loop *loop, void *foreign, void **tie)
{
	struct reed_glib_host *host = NULL;
	enum reed_err err = reed_glib_host_new(loop, foreign, &host);

	*tie = host;
	return err;
}

static void host_detach(void *tie)
{
	reed_glib_host_free(tie);
}

static enum reed_err loop_new(void *foreign, struct reed_loop **loop)
{
	return reed_glib_loop_new(NULL, foreign, loop);
}

#define FOREIGN                                                                                 \
	.foreign_new = foreign_new, .foreign_free = foreign_free, .foreign_turn = foreign_turn, \
	.timer_new = timer_new, .timer_free = call_free, .watch_new = watch_new,                \
	.watch_free = call_free

static const struct kit_adapter guest = {
	.name = "glib.guest",
	.attach = guest_attach,
	.detach = guest_detach,
	.turn = turn_foreign,
	FOREIGN,
};

static const struct kit_adapter host = {
	.name = "glib.host",
	.attach = host_attach,
	.detach = host_detach,
	.turn = kit_turn_reed,
	FOREIGN,
};

static const struct kit_adapter over = {
	.name = "glib.over",
	.loop_new = loop_new,
	.turn = kit_turn_reed,
	FOREIGN,
};

int main(int argc, char **argv)
{
	static const struct kit_adapter *const all[] = { &guest, &host, &over };

	return kit_choose(argc, argv, all, REED_COUNT(all));
}
