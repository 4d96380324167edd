/* What the files of shipping share. */

#ifndef REED_SHIP_PRIVATE_H
#define REED_SHIP_PRIVATE_H

#include "reed/cell.h"
#include "reed/metric.h"
#include "reed/ship.h"

/* Records with their sizes before them. */
struct queue {
	char *p;
	size_t begin, end, size, room;
};

/* The record at an offset from the front, which is moved on; false behind the last one. */
bool reed_ship_look(const struct queue *q, size_t *at, struct reed_slice *record);
void reed_ship_consume(struct queue *q, size_t n);

static inline bool reed_ship_is_empty(const struct queue *q)
{
	return q->begin == q->end;
}

enum ship_mode { SHIP_GO_ON, SHIP_REST, SHIP_LAST_WORDS };

struct reed_ship {
	struct reed_loop *loop;
	struct reed_log_tap tap;
	struct reed_ship_options options; /* the strings are ours */
	char *shown;                      /* the endpoint, for the log */
	struct reed_waiter runs;
	struct reed_cell news; /* a record in an empty queue */
	struct reed_cell mode; /* enum ship_mode */
	struct queue queue;
	struct reed_buf line;
	size_t longest;
	uint64_t lost; /* not told yet */
	bool full, done, connected;
	bool told; /* that it does not work */
	uint64_t connections, failures;
	struct reed_counter *shipped, *dropped;
	struct reed_metric_source waiting;
};

/* What is there to be sent, if only the news of a loss. */
static inline bool reed_ship_has_news(const struct reed_ship *self)
{
	return !reed_ship_is_empty(&self->queue) || self->lost > 0;
}

void reed_ship_lose(struct reed_ship *self, uint64_t n);

/* Records have gone: there may be room again, and words about those that were lost. */
void reed_ship_make_room(struct reed_ship *self);

static inline bool reed_ship_is_unix(const struct reed_ship_options *options)
{
	return reed_slice_starts(reed_slice_of(options->endpoint), REED_STR("unix:"));
}

/* Runs until it is dropped. */
struct reed_future *reed_ship_carry(struct reed_ship *self);

#endif
