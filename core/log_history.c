/* What has just happened, in bounded memory, for who begins to listen now. */

#include <string.h>

#include "log_private.h"
#include "reed/alloc.h"

/* ---- copies ---- */

size_t reed_log_size(const struct reed_log_event *e)
{
	size_t n = sizeof(*e) + e->count * sizeof(e->fields[0]) + e->message.n;

	for (size_t i = 0; i < e->count; i++)
		n += strlen(e->fields[i].key) + 1 + e->fields[i].value.n;
	return n + (e->file ? strlen(e->file) + 1 : 0);
}

static char *add(char *to, struct reed_slice from, struct reed_slice *copy)
{
	*copy = reed_slice(to, from.n);
	if (from.n > 0)
		memcpy(to, from.p, from.n);
	return to + from.n;
}

static char *add_string(char *to, const char *from, const char **copy)
{
	size_t n = strlen(from) + 1;

	*copy = memcpy(to, from, n);
	return to + n;
}

struct reed_log_event *reed_log_copy(const struct reed_log_event *event, void *block)
{
	struct reed_log_event *e = block;
	struct reed_log_field *fields = (struct reed_log_field *)(e + 1);
	char *text = (char *)(fields + event->count);

	*e = *event;
	e->fields = fields;
	text = add(text, event->message, &e->message);
	for (size_t i = 0; i < e->count; i++) {
		fields[i] = event->fields[i];
		text = add_string(text, event->fields[i].key, &fields[i].key);
		text = add(text, event->fields[i].value, &fields[i].value);
	}
	if (event->file)
		add_string(text, event->file, &e->file);
	return e;
}

/* ---- keeping them ---- */

struct kept {
	struct reed_list link;
	size_t size; /* of all of it */
	struct reed_log_event *event;
};

static struct kept *kept_of(struct reed_list *link)
{
	return reed_container_of(link, struct kept, link);
}

void reed_log_history_init(struct reed_log_history *self)
{
	reed_list_init(&self->kept);
}

static void forget_oldest(struct reed_log_history *self)
{
	struct kept *k = kept_of(self->kept.next);

	self->held -= k->size;
	reed_list_remove(&k->link);
	reed_free(k);
}

void reed_log_history_limit(struct reed_log_history *self, size_t room)
{
	self->room = room;
	while (self->held > room)
		forget_oldest(self);
}

void reed_log_history_add(struct reed_log_history *self, const struct reed_log_event *event)
{
	size_t size = sizeof(struct kept) + reed_log_size(event);
	struct kept *k;

	if (size > self->room || self->busy)
		return;
	while (self->held + size > self->room)
		forget_oldest(self);
	k = reed_alloc_raw(size);
	k->size = size;
	k->event = reed_log_copy(event, k + 1);
	reed_list_append(&self->kept, &k->link);
	self->held += size;
}

/* ---- telling them ---- */

bool reed_log_tap_wants(struct reed_log_tap *tap, const struct reed_log_event *event)
{
	return event->level >= tap->level && (!tap->wants || tap->wants(tap, event));
}

void reed_log_history_tell(struct reed_log_history *self, struct reed_log_tap *tap, size_t most)
{
	size_t wanted = 0;

	if (self->busy || most == 0)
		return;
	self->busy = true;
	reed_list_each (link, &self->kept)
		wanted += reed_log_tap_wants(tap, kept_of(link)->event);
	reed_list_each (link, &self->kept) {
		const struct reed_log_event *event = kept_of(link)->event;

		if (!reed_log_tap_wants(tap, event))
			continue;
		if (wanted-- <= most)
			tap->hear(tap, event);
	}
	self->busy = false;
}
