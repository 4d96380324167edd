/* Reed inside sd-event: one descriptor that sd-event watches. */

#include <systemd/sd-event.h>

#include "reed/alloc.h"
#include "reed/embed.h"
#include "reed/sd_event.h"

struct reed_sd_event_guest {
	struct reed_loop *loop; /* NULL: detached */
	sd_event_source *source;
	bool in_turn;
};

static int ready(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	struct reed_sd_event_guest *self = arg;

	(void)source;
	(void)fd;
	(void)events;
	self->in_turn = true;
	reed_loop_turn(self->loop, 0);
	self->in_turn = false;
	if (!self->loop)
		reed_free(self);
	return 0;
}

enum reed_err reed_sd_event_guest_new(struct reed_loop *loop, struct sd_event *event,
                                      struct reed_sd_event_guest **guest)
{
	struct reed_sd_event_guest *self;
	enum reed_err err;
	int fd, failed;

	err = reed_loop_attach(loop, NULL, &fd);
	if (err)
		return err;
	self = reed_alloc(sizeof(*self));
	failed = sd_event_add_io(event, &self->source, fd, EPOLLIN, ready, self);
	if (failed < 0) {
		reed_free(self);
		reed_loop_detach(loop);
		return reed_err_of(-failed);
	}
	self->loop = loop;
	*guest = self;
	return REED_OK;
}

void reed_sd_event_guest_free(struct reed_sd_event_guest *self)
{
	if (!self || !self->loop)
		return;
	reed_loop_detach(self->loop);
	self->loop = NULL;
	sd_event_source_disable_unref(self->source);
	if (!self->in_turn)
		reed_free(self);
}
