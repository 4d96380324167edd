/* Shipping the log: the queue of records, and who fills it. */

#include "ship_private.h"

#include <string.h>

#include "reed/alloc.h"
#include "reed/endpoint.h"
#include "reed/random.h"

enum {
	FIRST = 4096,
	KEPT = 64 << 10, /* memory that an empty queue keeps */
};

/* ---- the queue ---- */

static bool reserve(struct queue *q, size_t n)
{
	size_t held = q->end - q->begin, size = q->size ? q->size : FIRST;

	if (held + n > q->room)
		return false;
	if (q->end + n <= q->size)
		return true;
	if (q->begin > 0)
		memmove(q->p, q->p + q->begin, held);
	q->begin = 0;
	q->end = held;
	while (size < held + n)
		size *= 2;
	size = size < q->room ? size : q->room;
	if (size > q->size) {
		q->p = reed_realloc(q->p, size);
		q->size = size;
	}
	return true;
}

static bool append(struct queue *q, struct reed_slice record)
{
	uint32_t n = (uint32_t)record.n;

	if (!reserve(q, sizeof(n) + n))
		return false;
	memcpy(q->p + q->end, &n, sizeof(n));
	memcpy(q->p + q->end + sizeof(n), record.p, n);
	q->end += sizeof(n) + n;
	return true;
}

/* The record at an offset from the front; false behind the last one. */
bool reed_ship_look(const struct queue *q, size_t *at, struct reed_slice *record)
{
	uint32_t n;

	if (q->begin + *at == q->end)
		return false;
	memcpy(&n, q->p + q->begin + *at, sizeof(n));
	*record = reed_slice(q->p + q->begin + *at + sizeof(n), n);
	*at += sizeof(n) + n;
	return true;
}

/* A queue that has been long gives its memory back when it is empty. */
void reed_ship_consume(struct queue *q, size_t n)
{
	q->begin += n;
	if (q->begin < q->end)
		return;
	q->begin = q->end = 0;
	if (q->size > KEPT) {
		reed_free(q->p);
		q->p = NULL;
		q->size = 0;
	}
}

/* ---- records come ---- */

static bool put(struct reed_ship *self, const struct reed_log_event *event)
{
	reed_buf_clear(&self->line);
	reed_ship_render(event, &self->options, self->longest, &self->line);
	return append(&self->queue, reed_buf_slice(&self->line));
}

/* Where they are missing. */
static bool put_loss(struct reed_ship *self)
{
	char digits[24];
	struct reed_log_field field = { "records", reed_slice(digits, 0), true };
	struct reed_log_event e = { .level = REED_LOG_WARN,
		                    .wall = reed_wall(self->loop),
		                    .message = REED_STR("records were lost on their way"),
		                    .fields = &field,
		                    .count = 1 };

	if (self->lost == 0)
		return true;
	field.value.n = (size_t)snprintf(digits, sizeof(digits), "%ju", (uintmax_t)self->lost);
	if (!put(self, &e))
		return false;
	self->lost = 0;
	return true;
}

void reed_ship_lose(struct reed_ship *self, uint64_t n)
{
	self->lost += n;
	self->dropped->value += n;
}

static void hear(struct reed_log_tap *tap, const struct reed_log_event *event)
{
	struct reed_ship *self = reed_container_of(tap, struct reed_ship, tap);
	bool idle;

	if (self->full) {
		reed_ship_lose(self, 1);
		return;
	}
	idle = self->queue.begin == self->queue.end;
	if (!put_loss(self) || !put(self, event)) {
		self->full = true;
		reed_ship_lose(self, 1);
		return;
	}
	if (idle)
		reed_cell_touch(&self->news);
}

/* Full is full until there is room for more than one. */
void reed_ship_make_room(struct reed_ship *self)
{
	const struct queue *q = &self->queue;

	if (q->end - q->begin <= q->room / 4 * 3)
		self->full = false;
	if (q->begin == q->end)
		put_loss(self);
}

/* ---- its life ---- */

static int64_t read_waiting(struct reed_metric_source *source)
{
	const struct reed_ship *self = reed_container_of(source, struct reed_ship, waiting);

	return (int64_t)(self->queue.end - self->queue.begin);
}

static const char *format_name(const struct reed_ship *self)
{
	return self->options.format == REED_SHIP_JSON ? "json" : "syslog";
}

static void count(struct reed_ship *self)
{
	self->shipped = reed_counter(self->loop, "reed_ship_records",
	                             "Records of the log that were shipped.", "to=%s format=%s",
	                             self->shown, format_name(self));
	self->dropped = reed_counter(self->loop, "reed_ship_dropped",
	                             "Records that were lost on their way.", "to=%s format=%s",
	                             self->shown, format_name(self));
	self->waiting.read = read_waiting;
	reed_metric_source_add(self->loop, &self->waiting, false, "reed_ship_waiting_bytes",
	                       "What waits to be shipped.", "to=%s format=%s", self->shown,
	                       format_name(self));
}

/* It ends with the loop. */
static void runs_wake(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	(void)w;
	(void)err;
	reed_fault_free(fault);
}

static void copy_options(struct reed_ship *self, const struct reed_ship_options *given)
{
	struct reed_ship_options *o = &self->options;

	*o = (struct reed_ship_options)REED_SHIP_OPTIONS;
	memcpy(o, given, given->size < sizeof(*o) ? given->size : sizeof(*o));
	o->endpoint = reed_strdup(o->endpoint);
	o->host = reed_strdup(o->host);
	o->app = reed_strdup(o->app);
	o->id = reed_strdup(o->id);
}

struct reed_ship *reed_ship_new(struct reed_loop *loop, const struct reed_ship_options *options)
{
	struct reed_ship *self = reed_alloc(sizeof(*self));

	self->loop = loop;
	copy_options(self, options);
	self->shown = reed_endpoint_shown(reed_slice_of(self->options.endpoint));
	self->queue.room = self->options.room ? self->options.room : REED_SHIP_ROOM;
	self->longest = reed_slice_starts(reed_slice_of(self->options.endpoint), REED_STR("udp:"))
	                        ? REED_SHIP_DATAGRAM
	                        : REED_SHIP_LONGEST;
	count(self);
	self->tap.hear = hear;
	self->tap.level = self->options.level;
	reed_log_tap(reed_log_of(loop), &self->tap);
	self->runs.wake = runs_wake;
	reed_wait(reed_ship_carry(self), &self->runs);
	return self;
}

static void free_text(const char *text)
{
	reed_free((char *)(uintptr_t)text);
}

void reed_ship_free(struct reed_ship *self)
{
	if (!self)
		return;
	reed_log_untap(reed_log_of(self->loop), &self->tap);
	reed_unwait(self->loop, &self->runs);
	reed_metric_source_remove(&self->waiting);
	reed_free(self->queue.p);
	reed_buf_finish(&self->line);
	free_text(self->options.endpoint);
	free_text(self->options.host);
	free_text(self->options.app);
	free_text(self->options.id);
	reed_free(self->shown);
	reed_free(self);
}

static void change(struct reed_ship *self, enum ship_mode mode)
{
	self->done = false;
	reed_cell_set(&self->mode, mode);
}

void reed_ship_rest(struct reed_ship *self)
{
	change(self, SHIP_REST);
}

void reed_ship_last_words(struct reed_ship *self)
{
	reed_log_untap(reed_log_of(self->loop), &self->tap);
	change(self, SHIP_LAST_WORDS);
}

bool reed_ship_is_done(const struct reed_ship *self)
{
	return self->done;
}

void reed_ship_stats(const struct reed_ship *self, struct reed_ship_stats *stats)
{
	struct reed_ship_stats all = { .size = stats->size,
		                       .shipped = self->shipped->value,
		                       .dropped = self->dropped->value,
		                       .waiting = self->queue.end - self->queue.begin,
		                       .memory = self->queue.size,
		                       .connections = self->connections,
		                       .failures = self->failures,
		                       .connected = self->connected };

	memcpy(stats, &all, stats->size < sizeof(all) ? stats->size : sizeof(all));
}
