/*
 * The log of a hand: each record is copied and posted to the first loop, which
 * writes it with the number of the loop.  What is on its way is bounded; beyond
 * that records are counted.
 */

#include "crew.h"

#include <string.h>

#include "reed/alloc.h"

enum { ROOM = 256 << 10 };

struct record {
	struct reed_post post;
	struct crew *crew;
	size_t size; /* of all of it */
	struct reed_log_event *event;
};

static void tell_lost(struct crew *crew)
{
	unsigned lost = atomic_exchange(&crew->lost, 0);

	if (lost > 0)
		reed_log(crew->daemon->loop, REED_LOG_WARN,
		         "records of the other loops were lost count=%u", lost);
}

static void record_arrives(struct reed_post *post)
{
	struct record *self = reed_container_of(post, struct record, post);

	tell_lost(self->crew);
	reed_log_pass(reed_log_of(self->crew->daemon->loop), self->event);
	atomic_fetch_sub(&self->crew->logged, self->size);
	reed_free(self);
}

/* The same with the number of the loop behind its fields. */
struct numbered {
	struct reed_log_event event;
	struct reed_log_field fields[2 * REED_LOG_FIELDS + 1];
	char number[16];
};

static void add_number(struct numbered *self, const struct reed_log_event *e, unsigned number)
{
	size_t n = e->count < 2 * REED_LOG_FIELDS ? e->count : 2 * REED_LOG_FIELDS;

	self->event = *e;
	self->event.fields = self->fields;
	self->event.count = n + 1;
	memcpy(self->fields, e->fields, n * sizeof(e->fields[0]));
	snprintf(self->number, sizeof(self->number), "%u", number);
	self->fields[n] = (struct reed_log_field){ .key = "loop",
		                                   .value = reed_slice_of(self->number),
		                                   .number = true };
}

static void hear(struct reed_log_tap *tap, const struct reed_log_event *e)
{
	struct hand *hand = reed_container_of(tap, struct hand_log, tap)->hand;
	struct crew *crew = hand->crew;
	struct numbered numbered;
	struct record *self;
	size_t size;

	add_number(&numbered, e, hand->number);
	size = sizeof(*self) + reed_log_size(&numbered.event);
	if (atomic_fetch_add(&crew->logged, size) + size > ROOM) {
		atomic_fetch_sub(&crew->logged, size);
		crew->lost++;
		return;
	}
	self = reed_alloc(size);
	self->post.run = record_arrives;
	self->crew = crew;
	self->size = size;
	self->event = reed_log_copy(&numbered.event, self + 1);
	reed_post(crew->daemon->loop, &self->post);
}

void reed_hand_log_begin(struct hand_log *self, struct hand *hand, struct reed_loop *loop)
{
	struct reed_log_options options = REED_LOG_OPTIONS;

	options.to = REED_LOG_TO_NOBODY;
	reed_log_open(reed_log_of(loop), &options, NULL);
	self->hand = hand;
	self->loop = loop;
	self->tap.hear = hear;
	self->tap.level = REED_LOG_INFO;
	reed_log_tap(reed_log_of(loop), &self->tap);
}

void reed_hand_log_level(struct hand_log *self, enum reed_log_level level)
{
	reed_log_untap(reed_log_of(self->loop), &self->tap);
	self->tap.level = level;
	reed_log_tap(reed_log_of(self->loop), &self->tap);
}

void reed_hand_log_end(struct hand_log *self)
{
	if (self->loop)
		reed_log_untap(reed_log_of(self->loop), &self->tap);
}
