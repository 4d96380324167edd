/*
 * What the thread of the log does with what was queued: lines are gathered and
 * written, files opened anew and moved away; what cannot be written is told.
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "os_log_writer.h"
#include "reed/alloc.h"
#include "reed/driver.h"

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

void reed_log_lines_gather(struct reed_log_fold *fold, struct reed_slice bytes)
{
	struct reed_log_writer *w = reed_container_of(fold, struct reed_log_writer, fold);

	if (w->gathered_n == 0)
		begin_line(w);
	while (bytes.n > 0) {
		struct reed_slice part = reed_slice_first(bytes, REED_LOG_GATHER - w->gathered_n);

		memcpy(w->gathered + w->gathered_n, part.p, part.n);
		w->gathered_n += part.n;
		bytes = reed_slice_from(bytes, part.n);
		if (w->gathered_n == REED_LOG_GATHER && w->target.journal)
			return;
		if (w->gathered_n == REED_LOG_GATHER)
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
	reed_log_lines_gather(&w->fold, reed_buf_slice(&line));
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

void reed_log_lines_end(struct reed_log_fold *fold)
{
	struct reed_log_writer *w = reed_container_of(fold, struct reed_log_writer, fold);

	if (w->target.journal)
		write_out(w);
	else if (w->target.rotate && w->target.path && w->size + w->gathered_n >= w->target.rotate)
		rotate(w);
}

/* ---- what is queued ---- */

void reed_log_lines_close(struct reed_log_writer *w)
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
	reed_log_lines_close(w);
	w->target.fd = fd;
	w->size = reed_log_os_size(fd);
	w->torn = false;
}

static void end_day(struct reed_log_writer *w)
{
	reed_log_fold_expire(&w->fold, REED_NEVER);
	write_out(w);
	if (w->target.path && w->size > 0)
		rotate(w);
}

static void switch_to(struct reed_log_writer *w, const struct reed_log_target *target)
{
	reed_log_fold_expire(&w->fold, REED_NEVER);
	write_out(w);
	reed_log_lines_close(w);
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

static void process_entry(struct reed_log_writer *w, const struct reed_log_entry *e,
                          const char *bytes)
{
	struct reed_log_target target;

	switch (e->kind) {
	case REED_LOG_ENTRY_LINE:
		reed_log_fold_line(&w->fold, e->now, reed_slice(bytes, e->n), e->stamp);
		break;
	case REED_LOG_ENTRY_SWITCH:
		memcpy(&target, bytes, sizeof(target));
		switch_to(w, &target);
		break;
	case REED_LOG_ENTRY_REOPEN:
		reopen(w);
		break;
	case REED_LOG_ENTRY_ROTATE:
		end_day(w);
		break;
	case REED_LOG_ENTRY_PACKED:
		put_packed(w, bytes, e->of);
		break;
	}
}

static void process(struct reed_log_writer *w)
{
	struct reed_log_entry e;

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

void reed_log_lines_write(struct reed_log_writer *w)
{
	struct reed_log_queue taken = w->in;
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
