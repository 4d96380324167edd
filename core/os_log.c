/*
 * Writes the log: a thread that may block, behind a queue that may not.
 *
 * The queue is a buffer of bounded size.  The thread takes it as a whole and
 * leaves an empty one.  What does not fit is counted, and the thread says so.
 * Changes of the target go through the queue too, so that every line goes
 * where it was meant to.
 */

#include <pthread.h>
#include <string.h>
#include <time.h>

#include "os_log_writer.h"
#include "os_thread.h"
#include "reed/alloc.h"
#include "reed/driver.h"

enum { ROOM = 256 << 10, FAREWELL_MS = 2000 };

/* ---- the thread ---- */

static void timed_wait(struct reed_log_writer *w, pthread_cond_t *cond, int64_t until)
{
	struct timespec t = { .tv_sec = until / 1000000000, .tv_nsec = until % 1000000000 };

	if (until == REED_NEVER)
		pthread_cond_wait(cond, &w->lock);
	else
		pthread_cond_timedwait(cond, &w->lock, &t);
}

static void release(struct reed_log_writer *w)
{
	reed_log_lines_close(w);
	reed_free(w->target.path);
	reed_free(w->target.journal);
	reed_free(w->in.p);
	reed_free(w->out.p);
	pthread_cond_destroy(&w->more);
	pthread_cond_destroy(&w->idle);
	pthread_mutex_destroy(&w->lock);
	reed_free(w);
}

static bool has_work(const struct reed_log_writer *w, int64_t deadline)
{
	return w->in.n > 0 || w->stopping || w->flushing || w->dropped != w->told_dropped ||
	       (deadline != REED_NEVER && deadline <= reed_system_now(NULL));
}

static void *writer_main(void *arg)
{
	struct reed_log_writer *w = arg;
	bool last, abandoned;

	pthread_mutex_lock(&w->lock);
	do {
		int64_t deadline = reed_log_fold_deadline(&w->fold);

		if (!has_work(w, deadline)) {
			w->waiting = true;
			timed_wait(w, &w->more, deadline);
			w->waiting = false;
		}
		last = w->stopping;
		if (has_work(w, deadline))
			reed_log_lines_write(w);
	} while (!last);
	w->ended = true;
	abandoned = w->abandoned;
	pthread_cond_broadcast(&w->idle);
	pthread_mutex_unlock(&w->lock);
	if (abandoned)
		release(w);
	return NULL;
}

static void start_thread(struct reed_log_writer *w)
{
	w->started = !reed_os_start_thread(&w->thread, writer_main, w);
}

/* ---- the side of the loop ---- */

static void init_cond(pthread_cond_t *cond)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(cond, &attr);
	pthread_condattr_destroy(&attr);
}

struct reed_log_writer *reed_log_writer_new(bool synchronous)
{
	struct reed_log_writer *w = reed_alloc(sizeof(*w));

	pthread_mutex_init(&w->lock, NULL);
	init_cond(&w->more);
	init_cond(&w->idle);
	w->synchronous = synchronous;
	w->room = ROOM;
	w->target.fd = -1;
	w->fold.emit = reed_log_lines_gather;
	w->fold.end = reed_log_lines_end;
	return w;
}

static char *grow(struct reed_log_queue *q, size_t n)
{
	if (q->size - q->n < n) {
		q->size = q->n + n > 2 * q->size ? q->n + n : 2 * q->size;
		q->p = reed_realloc(q->p, q->size);
	}
	q->n += n;
	return q->p + q->n - n;
}

/* Changes of the target always fit in. */
static void put(struct reed_log_writer *w, const struct reed_log_entry *e, const void *bytes)
{
	bool wake;
	char *p;

	pthread_mutex_lock(&w->lock);
	if (e->kind == REED_LOG_ENTRY_LINE && w->in.n + sizeof(*e) + e->n > w->room) {
		w->dropped++;
	} else {
		p = grow(&w->in, sizeof(*e) + e->n);
		memcpy(p, e, sizeof(*e));
		if (e->n > 0)
			memcpy(p + sizeof(*e), bytes, e->n);
	}
	if (w->synchronous)
		reed_log_lines_write(w);
	else if (!w->started)
		start_thread(w);
	wake = w->waiting;
	pthread_mutex_unlock(&w->lock);
	if (wake)
		pthread_cond_signal(&w->more);
}

void reed_log_writer_line(struct reed_log_writer *w, int64_t now, struct reed_slice line,
                          size_t stamp)
{
	struct reed_log_entry e = { .kind = REED_LOG_ENTRY_LINE,
		                    .n = (uint32_t)line.n,
		                    .stamp = stamp,
		                    .now = now };

	put(w, &e, line.p);
}

void reed_log_writer_switch(struct reed_log_writer *w, const struct reed_log_target *target)
{
	struct reed_log_entry e = { .kind = REED_LOG_ENTRY_SWITCH, .n = sizeof(*target) };

	w->room = target->room ? target->room : ROOM;
	put(w, &e, target);
}

void reed_log_writer_reopen(struct reed_log_writer *w)
{
	struct reed_log_entry e = { .kind = REED_LOG_ENTRY_REOPEN };

	put(w, &e, NULL);
}

void reed_log_writer_rotate(struct reed_log_writer *w)
{
	struct reed_log_entry e = { .kind = REED_LOG_ENTRY_ROTATE };

	put(w, &e, NULL);
}

void reed_log_writer_packed(struct reed_log_writer *w, const char *packed, struct reed_log_file of)
{
	struct reed_log_entry e = { .kind = REED_LOG_ENTRY_PACKED,
		                    .n = (uint32_t)strlen(packed) + 1,
		                    .of = of };

	put(w, &e, packed);
}

void reed_log_writer_tell(struct reed_log_writer *w, reed_log_moved_fn *moved, void *arg)
{
	pthread_mutex_lock(&w->lock);
	w->moved = moved;
	w->moved_arg = arg;
	pthread_mutex_unlock(&w->lock);
}

static bool wait_until(struct reed_log_writer *w, bool *what, bool wanted, int64_t ms)
{
	int64_t deadline = reed_system_now(NULL) + REED_MS(ms);

	while (*what != wanted && reed_system_now(NULL) < deadline)
		timed_wait(w, &w->idle, deadline);
	return *what == wanted;
}

bool reed_log_writer_flush(struct reed_log_writer *w, int64_t ms)
{
	bool done = true;

	pthread_mutex_lock(&w->lock);
	w->flushing = true;
	if (!w->started) {
		reed_log_lines_write(w);
	} else {
		pthread_cond_signal(&w->more);
		done = wait_until(w, &w->flushing, false, ms);
	}
	pthread_mutex_unlock(&w->lock);
	return done;
}

void reed_log_writer_stats(struct reed_log_writer *w, struct reed_log_stats *stats)
{
	pthread_mutex_lock(&w->lock);
	stats->dropped = w->dropped + w->failed;
	stats->folded = w->folded;
	stats->failing = w->is_failing;
	pthread_mutex_unlock(&w->lock);
}

/* A thread that does not get rid of its last words keeps what it needs. */
void reed_log_writer_free(struct reed_log_writer *w)
{
	bool ended = true;

	pthread_mutex_lock(&w->lock);
	w->stopping = true;
	if (!w->started) {
		reed_log_lines_write(w);
	} else {
		pthread_cond_signal(&w->more);
		ended = wait_until(w, &w->ended, true, FAREWELL_MS);
		w->abandoned = !ended;
	}
	pthread_mutex_unlock(&w->lock);
	if (ended && w->started)
		pthread_join(w->thread, NULL);
	else if (!ended)
		pthread_detach(w->thread);
	if (ended)
		release(w);
}
