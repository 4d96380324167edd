/* How streams without a descriptor tell what they are ready for, level-triggered as with one. */

#include "private.h"

static void tell(struct reed_readiness *self)
{
	unsigned events = self->ready(self->stream) & self->wanted;

	if (!events)
		return;
	reed_timer_start(self->stream->loop, &self->again, 0);
	reed_stream_ready(self->stream, events); /* which may close it */
}

static void tell_run(struct reed_last *last)
{
	tell(reed_container_of(last, struct reed_readiness, tell));
}

static void again_fire(struct reed_timer *t)
{
	tell(reed_container_of(t, struct reed_readiness, again));
}

void reed_readiness_init(struct reed_readiness *self, struct reed_stream *s,
                         unsigned (*ready)(struct reed_stream *s))
{
	*self = (struct reed_readiness){ .stream = s,
		                         .ready = ready,
		                         .tell.run = tell_run,
		                         .again.fire = again_fire };
}

/* Whether it is ready is asked then: what goes on in this turn may change that. */
void reed_readiness_look(struct reed_readiness *self)
{
	if (self->wanted)
		reed_at_turn_end(self->stream->loop, &self->tell);
}

void reed_readiness_want(struct reed_readiness *self, unsigned events)
{
	self->wanted = events;
	reed_readiness_look(self);
}

void reed_readiness_finish(struct reed_readiness *self)
{
	reed_list_unlink(&self->tell.link);
	reed_timer_stop(&self->again);
}
