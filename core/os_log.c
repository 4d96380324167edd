/*
 * Writes the log: a thread that may block, behind a queue that may not.
 *
 * The queue is a buffer of bounded size.  The thread takes it as a whole and
 * leaves an empty one.  What does not fit is counted, and the thread says so.
 * Changes of the target go through the queue too, so that every line goes
 * where it was meant to.
 */

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "log_private.h"
#include "os_thread.h"
#include "reed/alloc.h"
#include "reed/driver.h"

enum { ROOM = 256 << 10, GATHER = 16 << 10, FAREWELL_MS = 2000 };

enum entry_kind { LINE, SWITCH, REOPEN, PACKED };

struct entry {
	enum entry_kind kind;
	uint32_t n; /* bytes that follow: a line, a struct reed_log_target, or a path */
	size_t stamp;
	int64_t now;
	struct reed_log_file of; /* what a packed one was made from */
};

struct queue {
	char *p;
	size_t n, size;
};

struct reed_log_writer {
	pthread_mutex_t lock;
	pthread_cond_t more, idle;

	/* under the lock */
	struct queue in;
	size_t room;
	uint64_t dropped, folded, failed;
	bool started, waiting, stopping, ended, abandoned, flushing;
	bool is_failing; /* as the thread says */
	reed_log_moved_fn *moved;
	void *moved_arg;
	struct reed_log_style style;

	/* of the thread */
	pthread_t thread;
	bool synchronous;
	struct queue out;
	struct reed_log_target target;
	struct reed_log_fold fold;
	uint64_t told_dropped, lost; /* lost: could not be written */
	uint64_t told_lost, size;    /* size: of the file */
	bool failing, well, torn;    /* well: it is over, which has to be told */
	bool has_moved;              /* a file, which is to be told */
	bool led;                    /* what is gathered begins with the end of a torn line */
	int why;                     /* errno of what fails */
	char gathered[GATHER];
	size_t gathered_n;
};

/* ---- the system ---- */

int reed_log_os_open(const char *path)
{
	return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
}

bool reed_log_os_is_terminal(int fd)
{
	return isatty(fd);
}

/* Another process may have made the descriptor non-blocking: then wait here. */
static bool write_some(int fd, const char **p, size_t *n)
{
	struct pollfd ready = { .fd = fd, .events = POLLOUT };
	ssize_t written = write(fd, *p, *n);

	if (written >= 0) {
		*p += written;
		*n -= (size_t)written;
		return true;
	}
	if (errno == EAGAIN)
		poll(&ready, 1, -1);
	return errno == EAGAIN || errno == EINTR;
}

/* The thread may wait for standard error; whoever logs does not. */
static void tell_stderr(const struct reed_log_writer *w, int why)
{
	if (w->target.fd != 2)
		dprintf(2, "the log%s%s cannot be written, so records are lost until it can: %s\n",
		        w->target.path ? " " : "", w->target.path ? w->target.path : "",
		        strerror(why));
}

/* A line that is there in part is ended before the next one. */
static void fail(struct reed_log_writer *w, const char *rest, size_t n, bool torn, int why)
{
	size_t first = w->led && rest == w->gathered;

	for (size_t i = first; i < n; i++)
		w->lost += rest[i] == '\n';
	w->torn = torn;
	w->well = false;
	if (!w->failing)
		tell_stderr(w, why);
	w->failing = true;
	w->why = why;
}

static void write_gathered(struct reed_log_writer *w)
{
	const char *p = w->gathered;
	size_t n = w->gathered_n;

	while (n > 0 && write_some(w->target.fd, &p, &n))
		w->torn = p[-1] != '\n';
	w->size += w->gathered_n - n;
	if (n > 0)
		fail(w, p, n, w->torn, errno);
	else
		w->well = w->failing;
}

static void send_gathered(struct reed_log_writer *w)
{
	struct reed_slice record = reed_slice(w->gathered, w->gathered_n);

	w->gathered[w->gathered_n - 1] = '\n'; /* what was too long is cut */

	if (w->target.fd >= 0 && reed_log_os_journal_send(w->target.fd, record)) {
		w->well = w->failing;
		return;
	}
	/* a journal that was started anew has another socket */
	if (w->target.fd >= 0)
		close(w->target.fd);
	w->target.fd = reed_log_os_journal(w->target.journal);
	if (w->target.fd < 0 || !reed_log_os_journal_send(w->target.fd, record))
		fail(w, "\n", 1, false, errno);
	else
		w->well = w->failing;
}

static void write_out(struct reed_log_writer *w)
{
	if (w->gathered_n > 0 && w->target.journal)
		send_gathered(w);
	else if (w->gathered_n > 0 && w->target.fd >= 0)
		write_gathered(w);
	w->led = false;
	w->gathered_n = 0;
}

/* What was torn by a full disk has no end of its own. */
static void begin_line(struct reed_log_writer *w)
{
	if (!w->torn || !w->failing)
		return;
	w->gathered[w->gathered_n++] = '\n';
	w->led = true;
}

static void gather(struct reed_log_fold *fold, struct reed_slice bytes)
{
	struct reed_log_writer *w = reed_container_of(fold, struct reed_log_writer, fold);

	if (w->gathered_n == 0)
		begin_line(w);
	while (bytes.n > 0) {
		struct reed_slice part = reed_slice_first(bytes, GATHER - w->gathered_n);

		memcpy(w->gathered + w->gathered_n, part.p, part.n);
		w->gathered_n += part.n;
		bytes = reed_slice_from(bytes, part.n);
		if (w->gathered_n == GATHER && w->target.journal)
			return;
		if (w->gathered_n == GATHER)
			write_out(w);
	}
}

static void say(struct reed_log_writer *w, enum reed_log_level level, const char *message,
                struct reed_log_field field)
{
	struct reed_log_event e = { .level = level,
		                    .wall = reed_system_wall(NULL),
		                    .message = reed_slice_of(message),
		                    .fields = &field,
		                    .count = 1 };
	struct reed_buf line = { 0 };
	size_t stamp;

	reed_log_render_as(&e, w->target.style, &line, &stamp);
	gather(&w->fold, reed_buf_slice(&line));
	if (w->target.journal)
		write_out(w);
	reed_buf_finish(&line);
}

/* One that cannot be moved away grows on, until it is twice as long. */
static void rotate(struct reed_log_writer *w)
{
	struct reed_log_target *t = &w->target;
	enum reed_err err;
	int fd;

	write_out(w);
	w->size = 0;
	err = reed_log_os_rotate(t->path, t->keep);
	fd = err ? -1 : reed_log_os_open(t->path);
	if (!err && fd < 0)
		err = reed_err_of(errno);
	if (err) {
		say(w, REED_LOG_ERROR, "the log file cannot be moved away, so it grows on",
		    (struct reed_log_field){ "why", reed_slice_of(reed_strerror(err)), false });
		return;
	}
	close(t->fd);
	t->fd = fd;
	w->has_moved = true;
}

static void end_line(struct reed_log_fold *fold)
{
	struct reed_log_writer *w = reed_container_of(fold, struct reed_log_writer, fold);

	if (w->target.journal)
		write_out(w);
	else if (w->target.rotate && w->target.path && w->size + w->gathered_n >= w->target.rotate)
		rotate(w);
}

/* ---- what is queued ---- */

static void close_target(struct reed_log_writer *w)
{
	if ((w->target.path || w->target.journal) && w->target.fd >= 0)
		close(w->target.fd);
}

/* A name under which nothing can be opened is no reason to be silent. */
static void reopen(struct reed_log_writer *w)
{
	int fd;

	if (!w->target.path)
		return;
	reed_log_fold_expire(&w->fold, REED_NEVER);
	write_out(w);
	fd = reed_log_os_open(w->target.path);
	if (fd < 0) {
		say(w, REED_LOG_ERROR, "the log file cannot be opened anew, so this one stays",
		    (struct reed_log_field){ "why", reed_slice_of(strerror(errno)), false });
		return;
	}
	close_target(w);
	w->target.fd = fd;
	w->size = reed_log_os_size(fd);
	w->torn = false;
}

static void switch_to(struct reed_log_writer *w, const struct reed_log_target *target)
{
	reed_log_fold_expire(&w->fold, REED_NEVER);
	write_out(w);
	close_target(w);
	reed_free(w->target.path);
	reed_free(w->target.journal);
	w->target = *target;
	w->size = w->target.path ? reed_log_os_size(w->target.fd) : 0;
	w->torn = false;
	/* opened by who asked for it, before this thread has moved that file away */
	if (w->target.path && reed_log_os_was_moved(w->target.fd, w->target.path))
		reopen(w);
}

static void put_packed(struct reed_log_writer *w, const char *packed, struct reed_log_file of)
{
	enum reed_err err = reed_log_os_put_packed(w->target.path, w->target.keep, packed, of);

	w->has_moved |= !err; /* what has gone was told of when it went */
	if (err && err != REED_ENOENT)
		say(w, REED_LOG_ERROR, "a log file was packed, but cannot be put in its place",
		    (struct reed_log_field){ "why", reed_slice_of(reed_strerror(err)), false });
}

static void process_entry(struct reed_log_writer *w, const struct entry *e, const char *bytes)
{
	struct reed_log_target target;

	switch (e->kind) {
	case LINE:
		reed_log_fold_line(&w->fold, e->now, reed_slice(bytes, e->n), e->stamp);
		break;
	case SWITCH:
		memcpy(&target, bytes, sizeof(target));
		switch_to(w, &target);
		break;
	case REOPEN:
		reopen(w);
		break;
	case PACKED:
		put_packed(w, bytes, e->of);
		break;
	}
}

static void process(struct reed_log_writer *w)
{
	struct entry e;

	for (size_t at = 0; at < w->out.n; at += sizeof(e) + e.n) {
		memcpy(&e, w->out.p + at, sizeof(e));
		process_entry(w, &e, w->out.p + at + sizeof(e));
	}
	w->out.n = 0;
}

/* There is room again. */
static void tell_lost(struct reed_log_writer *w)
{
	char digits[24];

	if (!w->well)
		return;
	w->failing = w->well = false;
	snprintf(digits, sizeof(digits), "%ju", (uintmax_t)(w->lost - w->told_lost));
	w->told_lost = w->lost;
	say(w, REED_LOG_ERROR, "records were lost as the log could not be written",
	    (struct reed_log_field){ "records", reed_slice_of(digits), true });
	write_out(w);
}

static void tell_dropped(struct reed_log_writer *w, uint64_t dropped)
{
	char digits[24];

	if (dropped == w->told_dropped)
		return;
	snprintf(digits, sizeof(digits), "%ju", (uintmax_t)(dropped - w->told_dropped));
	w->told_dropped = dropped;
	say(w, REED_LOG_WARN, "records were lost as the log could not be written fast enough",
	    (struct reed_log_field){ "records", reed_slice_of(digits), true });
}

/* All that is queued.  The lock is held, but not while writing. */
static void work(struct reed_log_writer *w)
{
	struct queue taken = w->in;
	uint64_t dropped = w->dropped;
	bool all = w->stopping || w->flushing;

	w->in = w->out;
	w->out = taken;
	pthread_mutex_unlock(&w->lock);
	process(w);
	tell_dropped(w, dropped);
	if (all || !w->synchronous)
		reed_log_fold_expire(&w->fold, all ? REED_NEVER : reed_system_now(NULL));
	write_out(w);
	tell_lost(w);
	pthread_mutex_lock(&w->lock);
	w->is_failing = w->failing;
	w->folded = w->fold.folded;
	w->failed = w->lost;
	if (w->has_moved && w->moved && !w->stopping)
		w->moved(w->moved_arg);
	w->has_moved = false;
	if (all)
		w->flushing = false;
	pthread_cond_broadcast(&w->idle);
}

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
	close_target(w);
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
			work(w);
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
	w->fold.emit = gather;
	w->fold.end = end_line;
	return w;
}

static char *grow(struct queue *q, size_t n)
{
	if (q->size - q->n < n) {
		q->size = q->n + n > 2 * q->size ? q->n + n : 2 * q->size;
		q->p = reed_realloc(q->p, q->size);
	}
	q->n += n;
	return q->p + q->n - n;
}

/* Changes of the target always fit in. */
static void put(struct reed_log_writer *w, const struct entry *e, const void *bytes)
{
	bool wake;
	char *p;

	pthread_mutex_lock(&w->lock);
	if (e->kind == LINE && w->in.n + sizeof(*e) + e->n > w->room) {
		w->dropped++;
	} else {
		p = grow(&w->in, sizeof(*e) + e->n);
		memcpy(p, e, sizeof(*e));
		if (e->n > 0)
			memcpy(p + sizeof(*e), bytes, e->n);
	}
	if (w->synchronous)
		work(w);
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
	struct entry e = { .kind = LINE, .n = (uint32_t)line.n, .stamp = stamp, .now = now };

	put(w, &e, line.p);
}

void reed_log_writer_switch(struct reed_log_writer *w, const struct reed_log_target *target)
{
	struct entry e = { .kind = SWITCH, .n = sizeof(*target) };

	w->room = target->room ? target->room : ROOM;
	put(w, &e, target);
}

void reed_log_writer_reopen(struct reed_log_writer *w)
{
	struct entry e = { .kind = REOPEN };

	put(w, &e, NULL);
}

void reed_log_writer_packed(struct reed_log_writer *w, const char *packed, struct reed_log_file of)
{
	struct entry e = { .kind = PACKED, .n = (uint32_t)strlen(packed) + 1, .of = of };

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
		work(w);
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
		work(w);
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
