/* Reed inside GLib: a source with one descriptor. */

#include <glib.h>

#include "reed/alloc.h"
#include "reed/embed.h"
#include "reed/glib.h"

struct reed_glib_guest {
	struct reed_loop *loop; /* NULL: detached */
	GSource *source;
	gpointer fd; /* in the source */
	bool in_turn, is_deaf;
};

struct source {
	GSource base;
	struct reed_glib_guest *guest;
};

/*
 * GLib would see to it that no source is called inside itself, and write to and
 * read from a descriptor of its own for that, each time.  Only an inner loop,
 * run in one of these turns, has any use for it: the first call from there
 * makes the source deaf, until the turn is over.
 */
static void set_deaf(struct reed_glib_guest *self, bool deaf)
{
	self->is_deaf = deaf;
	g_source_modify_unix_fd(self->source, self->fd, deaf ? 0 : G_IO_IN);
}

static gboolean dispatch(GSource *base, GSourceFunc callback, gpointer data)
{
	struct reed_glib_guest *self = reed_container_of(base, struct source, base)->guest;

	(void)callback;
	(void)data;
	if (self->in_turn) {
		set_deaf(self, true);
		return G_SOURCE_CONTINUE;
	}
	self->in_turn = true;
	reed_loop_turn(self->loop, 0);
	self->in_turn = false;
	if (!self->loop)
		reed_free(self);
	else if (self->is_deaf)
		set_deaf(self, false);
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
	g_source_set_can_recurse(self->source, TRUE);
	self->fd = g_source_add_unix_fd(self->source, fd, G_IO_IN);
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
