/*
 * Reading what was logged.
 *
 * A file that is followed is read to its end each time that something happens to
 * its name.  When another file has that name, and somebody has begun to write to
 * it, the one before is read to its end once more, and then all that has begun
 * since, in order.
 */

#include "log_reader.h"

#include <string.h>

#include "control.h"
#include "log_files.h"
#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/offload.h"
#include "reed/pool.h"
#include "reed/watch.h"

enum { PIECE = 64 << 10, HISTORY = 64 << 20, SHOWN = 60 };

struct reader {
	struct reed_co co;
	struct log_reading *how;
	struct reed_log_tap tap; /* of those that were last */
	bool gathers;            /* nothing is shown until it is known which these are */
	const char *path;
	size_t path_n;
	struct log_files files;
	size_t at;
	int64_t wall; /* of the last record */
	struct reed_file_watch *watch;
	struct reed_file_change change;
	bool begun, replaced;

	char *piece;
	size_t piece_n;
	struct reed_buf line; /* the beginning of one */
	bool too_long;
	uint64_t number; /* of the line */
	struct reed_pool pool;
	struct reed_buf shown;
	struct reed_fault *fault; /* of what was done last */
	bool unheard;             /* whoever was shown something has gone */
};

/* ---- in a worker: the files are the job's meanwhile ---- */

struct work {
	struct reed_job job;
	struct reader *reader;
	void (*what)(struct work *self);
	const char *path;
	int64_t wall;
	bool is_known; /* what was logged until then */
	struct log_files files;
	size_t at, n;
	char *piece;
	bool replaced;
	struct reed_fault *fault;
};

static void open_all(struct work *self)
{
	reed_log_files_open(self->path, self->is_known ? &self->wall : NULL, &self->files,
	                    &self->fault);
}

static void read_piece(struct work *self)
{
	struct log_file *file = &self->files.items[self->at];
	enum reed_err err = reed_log_file_read(file, self->piece, PIECE, &self->n);

	if (err)
		self->fault = reed_fault(err, NULL, "%s: %s", file->name,
		                         err == REED_ESYNTAX ? "it is packed, and broken"
		                                             : reed_strerror(err));
}

static void look_at_name(struct work *self)
{
	self->replaced = reed_log_file_was_replaced(&self->files.items[self->at], self->path);
}

static enum reed_err work_run(struct reed_job *job)
{
	struct work *self = reed_job_frame(job, struct work);

	self->what(self);
	return REED_OK;
}

static void work_deliver(struct reed_job *job)
{
	struct work *self = reed_job_frame(job, struct work);
	struct reader *reader = self->reader;

	reader->files = self->files;
	reader->piece = self->piece;
	reader->piece_n = self->n;
	reader->replaced = self->replaced;
	reader->fault = self->fault;
	self->files = (struct log_files){ .n = 0 };
	self->piece = NULL;
	self->fault = NULL;
}

static void work_end(struct reed_job *job)
{
	struct work *self = reed_job_frame(job, struct work);

	reed_log_files_close(&self->files);
	reed_free(self->piece);
	reed_fault_free(self->fault);
}

static const struct reed_job_kind work_kind = { .name = "read a log",
	                                        .size = sizeof(struct work),
	                                        .run = work_run,
	                                        .deliver = work_deliver,
	                                        .end = work_end };

static struct work *work_new(struct reader *self, void (*what)(struct work *))
{
	struct work *w = reed_job_new(self->co.loop, &work_kind);

	w->reader = self;
	w->what = what;
	w->path = self->path;
	w->files = self->files;
	w->at = self->at;
	w->piece = self->piece;
	w->replaced = self->replaced;
	self->files = (struct log_files){ .n = 0 };
	self->piece = NULL;
	return w;
}

static struct reed_future *work(struct reader *self, void (*what)(struct work *))
{
	return reed_offload(&work_new(self, what)->job);
}

static struct reed_future *open_since(struct reader *self, bool is_known)
{
	struct work *w;

	reed_log_files_close(&self->files);
	self->at = 0;
	self->replaced = false;
	w = work_new(self, open_all);
	w->wall = self->wall;
	w->is_known = is_known;
	return reed_offload(&w->job);
}

/* ---- what is shown ---- */

static void show(struct reader *self, const struct reed_log_event *event)
{
	const struct log_reading *how = self->how;

	reed_log_render(event,
	                how->json     ? REED_LOG_JSON
	                : how->colour ? REED_LOG_COLOURED
	                              : REED_LOG_TEXT,
	                !how->utc, &self->shown);
}

static void show_last(struct reed_log_tap *tap, const struct reed_log_event *event)
{
	show(reed_container_of(tap, struct reader, tap), event);
}

static void send_shown(struct reader *self)
{
	struct reed_slice text = reed_buf_slice(&self->shown);

	fwrite(text.p, 1, text.n, self->how->out);
	reed_buf_clear(&self->shown);
	self->unheard |= fflush(self->how->out) != 0;
}

static void end_gathering(struct reader *self)
{
	if (!self->gathers)
		return;
	self->gathers = false;
	self->tap.hear = show_last;
	reed_log_replay(reed_log_of(self->co.loop), &self->tap, self->how->last);
	send_shown(self);
}

static void complain(struct reader *self, const char *why, struct reed_slice line)
{
	struct reed_buf text = { 0 };
	char *begin = reed_slice_dup(reed_slice_first(line, reed_slice_utf8_border(line, SHOWN)));

	reed_buf_printf(&text, "%s:%llu: %s: ", self->files.items[self->at].name,
	                (unsigned long long)self->number, why);
	reed_control_add_shown(&text, begin);
	fprintf(self->how->complaints, REED_FMT "%s\n", REED_ARG(reed_buf_slice(&text)),
	        line.n > SHOWN ? "..." : "");
	reed_buf_finish(&text);
	reed_free(begin);
	self->how->wrong++;
}

/* ---- lines ---- */

static void take_record(struct reader *self, const struct reed_log_event *event)
{
	const struct log_filter *filter = &self->how->filter;

	self->wall = event->wall;
	if (event->level < filter->level || !reed_log_filter_wants(filter, event))
		return;
	if (self->gathers)
		reed_log_pass(reed_log_of(self->co.loop), event);
	else
		show(self, event);
}

static void take_line(struct reader *self, struct reed_slice line)
{
	struct reed_log_event event;
	const char *why;

	self->number++;
	if (self->too_long)
		complain(self, "it is longer than 256K", line);
	else if (line.n > 0 && reed_log_parse(line, &self->pool, &event, &why))
		complain(self, why, line);
	else if (line.n > 0)
		take_record(self, &event);
	reed_pool_clear(&self->pool);
	reed_buf_clear(&self->line);
	self->too_long = false;
}

static void keep(struct reader *self, struct reed_slice part)
{
	self->too_long |= reed_buf_held(&self->line) + part.n > REED_LOG_LINE;
	if (!self->too_long)
		reed_buf_add(&self->line, part);
}

static void take_piece(struct reader *self)
{
	struct reed_slice rest = reed_slice(self->piece, self->piece_n);

	while (rest.n > 0) {
		size_t n = reed_slice_find(rest, '\n');
		struct reed_slice part = reed_slice_first(rest, n);
		bool whole = n < rest.n;

		rest = reed_slice_from(rest, n + whole);
		if (whole && reed_buf_held(&self->line) == 0 && !self->too_long) {
			take_line(self, part);
			continue;
		}
		keep(self, part);
		if (whole)
			take_line(self, reed_buf_slice(&self->line));
	}
	send_shown(self);
}

/* A line that is not ended never will be. */
static void end_file(struct reader *self)
{
	if (reed_buf_held(&self->line) > 0 || self->too_long)
		take_line(self, reed_buf_slice(&self->line));
	send_shown(self);
	self->number = 0;
}

/* ---- files ---- */

static bool is_followed(const struct reader *self)
{
	return self->how->follows && self->path_n + 1 == self->how->count;
}

static void tell_fault(struct reader *self)
{
	fprintf(self->how->complaints, "%s\n", self->fault->sentence);
	reed_fault_free(self->fault);
	self->fault = NULL;
	self->how->wrong++;
}

static enum reed_err watch(struct reader *self)
{
	struct reed_fault *fault = NULL;
	enum reed_err err;

	if (!is_followed(self))
		return REED_OK;
	err = reed_file_watch_new(self->co.loop, self->path, NULL, &self->watch, &fault);
	if (err)
		reed_because(&self->co, err, "%s", reed_fault_why(fault, err));
	reed_fault_free(fault);
	return err;
}

/* What was read last, and which of the files is read next; false: at the end of them. */
static bool go_on(struct reader *self)
{
	if (self->fault)
		tell_fault(self);
	if (self->files.n == 0)
		return false;
	if (self->piece_n > 0) {
		take_piece(self);
		return true;
	}
	self->begun = true;
	if (self->at + 1 == self->files.n && is_followed(self) && !self->replaced)
		return false;
	end_file(self);
	return ++self->at < self->files.n;
}

static void reader_run(struct reed_co *co)
{
	struct reader *self = reed_frame(co, struct reader);

	reed_coroutine (co) {
		for (; self->path_n < self->how->count; self->path_n++) {
			self->path = self->how->paths[self->path_n];
			if (watch(self))
				reed_return(co, co->err);
			reed_try(co, open_since(self, false));
			for (;;) {
				if (self->files.n > 0)
					reed_try(co, work(self, read_piece));
				if (go_on(self) && !self->unheard)
					continue;
				if (self->unheard || !is_followed(self))
					break;
				if (self->replaced) {
					reed_try(co, open_since(self, true));
					continue;
				}
				if (self->files.n == 0)
					break;
				end_gathering(self);
				reed_try(co, work(self, look_at_name));
				if (!self->replaced)
					reed_try(co,
					         reed_file_watch_next(self->watch, &self->change));
			}
		}
		end_gathering(self);
	}
}

static void reader_end(struct reed_co *co)
{
	struct reader *self = reed_frame(co, struct reader);

	reed_file_watch_free(self->watch);
	reed_log_files_close(&self->files);
	reed_fault_free(self->fault);
	reed_pool_finish(&self->pool);
	reed_buf_finish(&self->line);
	reed_buf_finish(&self->shown);
	reed_free(self->piece);
}

static const struct reed_co_kind reader_kind = { .name = "log reader",
	                                         .size = sizeof(struct reader),
	                                         .run = reader_run,
	                                         .end = reader_end };

/* Of the loop's own log nothing is wanted but to keep the last of what is read. */
static void gather(struct reed_loop *loop)
{
	struct reed_log_options options = REED_LOG_OPTIONS;

	options.to = REED_LOG_TO_NOBODY;
	options.level = REED_LOG_DEBUG;
	options.history = HISTORY;
	reed_log_open(reed_log_of(loop), &options, NULL);
}

struct reed_future *reed_log_read(struct reed_loop *loop, struct log_reading *how)
{
	struct reader *self = reed_co_new(loop, &reader_kind);

	self->how = how;
	self->gathers = how->last > 0;
	self->piece = reed_alloc_raw(PIECE);
	if (self->gathers)
		gather(loop);
	return reed_start(&self->co);
}
