/* Where the lines go: gathered, and written by a thread of their own. */

#include "access.h"

#include "reed/file.h"
#include "reed/folder.h"
#include "reed/log.h"
#include "reed/offload.h"

enum { ROOM = 1 << 20, ENOUGH = 64 << 10, LINE = 32 << 10, WAIT_MS = 500 };

struct reed_http_access_log {
	struct reed_loop *loop;
	struct reed_lane *lane;
	char *path;
	enum reed_http_access_format format;
	char *custom; /* NULL: none */
	struct peers trust;
	bool forwarded;
	struct reed_buf lines;
	struct reed_timer timer;
	int fd;
	uint64_t count;   /* of lines gathered */
	uint64_t dropped; /* lines */
	bool writing, reopen, closed, failing;
};

struct write_lines {
	struct reed_job job;
	struct reed_http_access_log *log; /* the loop's */
	const char *path;
	int fd, new_fd; /* new_fd: -1 unless it was opened anew */
	bool reopen;
	struct reed_buf lines;
	uint64_t count;
	enum reed_err err, reopen_err;
};

static enum reed_err write_run(struct reed_job *job)
{
	struct write_lines *self = reed_job_frame(job, struct write_lines);

	self->err = reed_file_add(self->fd, reed_buf_slice(&self->lines));
	if (self->reopen)
		self->reopen_err = reed_file_open_end(self->path, &self->new_fd);
	if (self->reopen_err)
		self->new_fd = -1; /* the old one is better than none */
	return REED_OK;
}

static void write_more(struct reed_http_access_log *log);

static void destroy(struct reed_http_access_log *log)
{
	reed_lane_close(log->lane);
	reed_timer_stop(&log->timer);
	reed_folder_close(log->fd);
	reed_buf_finish(&log->lines);
	peers_finish(&log->trust);
	reed_free(log->custom);
	reed_free(log->path);
	reed_free(log);
}

/* A full disk is told of when it begins, and when it is over. */
static void tell_state(struct reed_http_access_log *log, const struct write_lines *done)
{
	if (done->reopen_err)
		reed_log(log->loop, REED_LOG_ERROR,
		         "an access log stays the file it was file=%s why=%s", log->path,
		         reed_strerror(done->reopen_err));
	if (done->count == 0)
		return;
	if (done->err && !log->failing)
		reed_log(log->loop, REED_LOG_ERROR,
		         "an access log cannot be written file=%s why=%s", log->path,
		         reed_strerror(done->err));
	else if (!done->err && log->failing)
		reed_log(log->loop, REED_LOG_INFO,
		         "an access log is written again file=%s dropped=%llu", log->path,
		         (unsigned long long)log->dropped);
	log->failing = done->err != REED_OK;
}

static void write_end(struct reed_job *job)
{
	struct write_lines *self = reed_job_frame(job, struct write_lines);
	struct reed_http_access_log *log = self->log;

	if (self->new_fd >= 0) {
		reed_folder_close(log->fd);
		log->fd = self->new_fd;
	}
	reed_buf_finish(&self->lines);
	tell_state(log, self);
	log->writing = false;
	if (self->err)
		log->dropped += self->count;
	if (reed_buf_held(&log->lines) > 0)
		write_more(log);
	else if (log->closed)
		destroy(log);
}

/* Even of a loop that ends, what was said is written. */
static const struct reed_job_kind write_kind = { .name = "write an access log",
	                                         .size = sizeof(struct write_lines),
	                                         .run = write_run,
	                                         .end = write_end,
	                                         .always = true };

static void write_more(struct reed_http_access_log *log)
{
	struct write_lines *self = reed_job_new(log->loop, &write_kind);

	self->log = log;
	self->path = log->path;
	self->fd = log->fd;
	self->new_fd = -1;
	self->reopen = log->reopen;
	self->lines = log->lines;
	self->count = log->count;
	reed_buf_init(&log->lines, ROOM);
	log->count = 0;
	log->reopen = false;
	log->writing = true;
	reed_timer_stop(&log->timer);
	reed_background(reed_lane_run(log->lane, &self->job), NULL, NULL);
}

static void fire(struct reed_timer *t)
{
	struct reed_http_access_log *log = reed_container_of(t, struct reed_http_access_log, timer);

	if (!log->writing)
		write_more(log);
}

static enum reed_err check_options(const struct reed_http_access_options *o, struct peers *trust,
                                   struct reed_fault **fault)
{
	struct reed_buf why = { .limit = 0 };
	enum reed_err err = o->custom ? reed_http_access_check(o->custom, &why) : REED_OK;

	if (err)
		*fault = reed_fault(err, NULL, "the format " REED_FMT,
		                    REED_ARG(reed_buf_slice(&why)));
	else if (o->trust)
		err = peers_parse(reed_slice_of(o->trust), trust, fault);
	if (err)
		peers_finish(trust);
	reed_buf_finish(&why);
	return err;
}

enum reed_err reed_http_access_open(struct reed_loop *loop, const char *path,
                                    const struct reed_http_access_options *given,
                                    struct reed_http_access_log **log, struct reed_fault **fault)
{
	struct reed_http_access_options o = REED_HTTP_ACCESS_OPTIONS;
	struct reed_http_access_log *self;
	struct peers trust = { .count = 0 };
	enum reed_err err;
	int fd;

	if (given)
		memcpy(&o, given, given->size < sizeof(o) ? given->size : sizeof(o));
	err = check_options(&o, &trust, fault);
	if (err)
		return err;
	err = reed_file_open_end(path, &fd);
	if (err) {
		*fault = reed_fault(err, NULL, "%s: %s", path, reed_strerror(err));
		peers_finish(&trust);
		return err;
	}
	self = *log = reed_alloc(sizeof(*self));
	self->loop = loop;
	self->lane = reed_lane_new(loop, "access log", 0);
	self->path = reed_strdup(path);
	self->format = o.format;
	self->custom = o.custom ? reed_strdup(o.custom) : NULL;
	self->trust = trust;
	self->forwarded = o.forwarded;
	self->fd = fd;
	self->timer.fire = fire;
	reed_buf_init(&self->lines, ROOM);
	return REED_OK;
}

static void add_line(struct reed_http_access_log *self, const struct reed_http_access *access)
{
	struct reed_http_access seen = *access;

	access_find_client(access, &self->trust, self->forwarded, &seen.client);
	if (self->custom)
		reed_http_access_custom(&seen, self->custom, &self->lines);
	else
		reed_http_access_line(&seen, self->format, &self->lines);
}

void reed_http_access_tell(void *arg, const struct reed_http_access *access)
{
	struct reed_http_access_log *self = arg;

	if (reed_buf_held(&self->lines) > ROOM - 4 * LINE) {
		self->dropped++;
		return;
	}
	add_line(self, access);
	self->count++;
	if (self->writing)
		return;
	if (reed_buf_held(&self->lines) > ENOUGH)
		write_more(self);
	else if (!reed_timer_running(&self->timer))
		reed_timer_start(self->loop, &self->timer, REED_MS(WAIT_MS));
}

void reed_http_access_reopen(struct reed_http_access_log *self)
{
	self->reopen = true;
	if (!self->writing)
		write_more(self);
}

uint64_t reed_http_access_dropped(const struct reed_http_access_log *self)
{
	return self->dropped;
}

void reed_http_access_close(struct reed_http_access_log *self)
{
	if (!self)
		return;
	self->closed = true;
	if (self->writing)
		return;
	if (reed_buf_held(&self->lines) > 0)
		write_more(self);
	else
		destroy(self);
}
