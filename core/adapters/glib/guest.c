/* Reed inside GLib: a source with one descriptor. */

#include <glib.h>

#include "reed/alloc.h"
#include "reed/embed.h"
#include "reed/glib.h"

struct reed_glib_guest {
	struct reed_loop *loop; /* NULL: detached */
	GSource *source;
	bool in_turn;
};

struct source {
	GSource base;
	struct reed_glib_guest *guest;
};

/* GLib does not call a source inside itself, so no turn is nested. */
static gboolean dispatch(GSource *base, GSourceFunc callback, gpointer data)
{
	struct reed_glib_guest *self = reed_container_of(base, struct source, base)->guest;

	(void)callback;
	(void)data;
	self->in_turn = true;
	reed_loop_turn(self->loop, 0);
	self->in_turn = false;
	if (!self->loop)
		reed_free(self);
	return G_SOURCE_CONTINUE;
}

static GSourceFuncs funcs = { .dispatch = dispatch };

enum reed_err reed_glib_guest_new(struct reed_loop *loop, struct _GMainContext *context,
                                  struct reed_glib_guest **guest)
{
	struct reed_glib_guest *self;
	enum reed_err err;
	int fd;

	err = reed_loop_attach(loop, NULL, &fd);
	if (err)
		return err;
	self = reed_alloc(sizeof(*self));
	self->loop = loop;
	self->source = g_source_new(&funcs, sizeof(struct source));
	reed_container_of(self->source, struct source, base)->guest = self;
	g_source_set_name(self->source, "reed");
	g_source_add_unix_fd(self->source, fd, G_IO_IN);
	g_source_attach(self->source, context);
	*guest = self;
	return REED_OK;
}

void reed_glib_guest_free(struct reed_glib_guest *self)
{
	if (!self || !self->loop)
		return;
	reed_loop_detach(self->loop);
	self->loop = NULL;
	g_source_destroy(self->source);
	g_source_unref(self->source);
	if (!self->in_turn)
		reed_free(self);
}
