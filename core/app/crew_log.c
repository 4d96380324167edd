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
	struct reed_log_event event;
	char number[16];
	struct reed_log_field fields[]; /* then their text */
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
	reed_log_pass(reed_log_of(self->crew->daemon->loop), &self->event);
	atomic_fetch_sub(&self->crew->logged, self->size);
	reed_free(self);
}

/* Keys end with a NUL. */
static char *add_text(char *to, const char *p, size_t n)
{
	if (n > 0)
		memcpy(to, p, n);
	to[n] = '\0';
	return to + n + 1;
}

static size_t size_of(const struct reed_log_event *e)
{
	size_t n = sizeof(struct record) + (e->count + 1) * sizeof(e->fields[0]) + e->message.n + 1;

	for (size_t i = 0; i < e->count; i++)
		n += strlen(e->fields[i].key) + e->fields[i].value.n + 2;
	return n;
}

static void copy(struct record *self, const struct reed_log_event *e)
{
	char *text = (char *)(self->fields + e->count + 1);

	self->event = *e;
	self->event.fields = self->fields;
	self->event.message.p = text;
	text = add_text(text, e->message.p, e->message.n);
	for (size_t i = 0; i < e->count; i++) {
		self->fields[i] = e->fields[i];
		self->fields[i].key = text;
		text = add_text(text, e->fields[i].key, strlen(e->fields[i].key));
		self->fields[i].value.p = text;
		text = add_text(text, e->fields[i].value.p, e->fields[i].value.n);
	}
}

static void add_number(struct record *self, unsigned number)
{
	int n = snprintf(self->number, sizeof(self->number), "%u", number);

	self->fields[self->event.count++] =
		(struct reed_log_field){ .key = "loop",
		                         .value = reed_slice(self->number, (size_t)n),
		                         .number = true };
}

static void hear(struct reed_log_tap *tap, const struct reed_log_event *e)
{
	struct hand *hand = reed_container_of(tap, struct hand_log, tap)->hand;
	struct crew *crew = hand->crew;
	size_t size = size_of(e);
	struct record *self;

	if (atomic_fetch_add(&crew->logged, size) + size > ROOM) {
		atomic_fetch_sub(&crew->logged, size);
		crew->lost++;
		return;
	}
	self = reed_alloc(size);
	self->post.run = record_arrives;
	self->crew = crew;
	self->size = size;
	copy(self, e);
	add_number(self, hand->number);
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
