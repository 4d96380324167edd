/* dnstap: what waits to be written, and who it is written to. */

#include "tap.h"

#include "reed/alloc.h"
#include "reed/backoff.h"
#include "reed/cell.h"
#include "reed/co.h"
#include "reed/endpoint.h"
#include "reed/file.h"
#include "reed/folder.h"
#include "reed/log.h"
#include "reed/metric.h"
#include "reed/offload.h"
#include "reed/random.h"
#include "reed/stream.h"

enum { MOST = 4 << 20, TEXT_MOST = 255, DIAL_MS = 5000, LAST_MS = 1000 };

struct reed_dns_tap {
	struct reed_loop *loop;
	char *endpoint, *file, *identity, *version;
	size_t most;
	struct reed_buf waiting;
	struct reed_cell wake;
	struct reed_counter *taken, *dropped;
	uint64_t taken_here, dropped_here;
	bool open;
};

static char *text_of(const char *text)
{
	return text ? reed_slice_dup(reed_slice_first(reed_slice_of(text), TEXT_MOST)) : NULL;
}

struct reed_dns_tap *reed_dns_tap_new(struct reed_loop *loop,
                                      const struct reed_dns_tap_options *options)
{
	struct reed_dns_tap *self = reed_alloc(sizeof(*self));
	struct reed_dns_tap_options o = { 0 };

	memcpy(&o, options, options->size < sizeof(o) ? options->size : sizeof(o));
	self->loop = loop;
	self->endpoint = o.endpoint ? reed_strdup(o.endpoint) : NULL;
	self->file = o.file ? reed_strdup(o.file) : NULL;
	self->identity = text_of(o.identity);
	self->version = text_of(o.version);
	self->most = o.most ? o.most : MOST;
	self->taken = reed_counter(loop, "reed_dns_tap_frames", "Messages for dnstap.", "result=%s",
	                           "taken");
	self->dropped = reed_counter(loop, "reed_dns_tap_frames", "Messages for dnstap.",
	                             "result=%s", "dropped");
	return self;
}

void reed_dns_tap_free(struct reed_dns_tap *self)
{
	if (!self)
		return;
	reed_buf_finish(&self->waiting);
	reed_free(self->endpoint);
	reed_free(self->file);
	reed_free(self->identity);
	reed_free(self->version);
	reed_free(self);
}

void reed_dns_tap_add(struct reed_dns_tap *self, const struct reed_dns_tap_event *event)
{
	struct dns_tap_writer w = { .wall = reed_wall(self->loop) };
	bool idle = !reed_buf_held(&self->waiting);

	w.identity = reed_slice_of(self->identity ? self->identity : "");
	w.version = reed_slice_of(self->version ? self->version : "");
	if (!self->open ||
	    reed_buf_held(&self->waiting) + dns_tap_size(&w, event->message.n) > self->most) {
		self->dropped->value++;
		self->dropped_here++;
		return;
	}
	dns_tap_put(&self->waiting, &w, event);
	self->taken->value++;
	self->taken_here++;
	if (idle)
		reed_cell_touch(&self->wake);
}

void reed_dns_tap_stats(const struct reed_dns_tap *self, struct reed_dns_tap_stats *stats)
{
	struct reed_dns_tap_stats all = { .size = stats->size,
		                          .taken = self->taken_here,
		                          .dropped = self->dropped_here,
		                          .waiting = reed_buf_held(&self->waiting),
		                          .open = self->open };

	memcpy(stats, &all, stats->size < sizeof(all) ? stats->size : sizeof(all));
}

/* ---- to a file, by a thread ---- */

struct writing {
	struct reed_job job;
	char *path;   /* begins anew; NULL: */
	int fd, *out; /* its own meanwhile: who drops it must not close what a thread writes to */
	struct reed_buf bytes;
};

static enum reed_err writing_run(struct reed_job *job)
{
	struct writing *self = reed_job_frame(job, struct writing);
	enum reed_err err = REED_OK;

	if (self->path) {
		err = reed_file_open_end(self->path, &self->fd);
		if (!err)
			err = reed_file_cut(self->fd, 0);
	}
	if (!err)
		err = reed_file_add(self->fd, reed_buf_slice(&self->bytes));
	return err;
}

static void writing_deliver(struct reed_job *job)
{
	struct writing *self = reed_job_frame(job, struct writing);

	*self->out = self->fd;
	self->fd = -1;
}

static void writing_end(struct reed_job *job)
{
	struct writing *self = reed_job_frame(job, struct writing);

	reed_folder_close(self->fd);
	reed_free(self->path);
	reed_buf_finish(&self->bytes);
}

static const struct reed_job_kind writing_kind = {
	.name = "dnstap",
	.size = sizeof(struct writing),
	.run = writing_run,
	.deliver = writing_deliver,
	.end = writing_end,
};

/* ---- a life ---- */

struct life {
	struct reed_co co;
	struct reed_dns_tap *tap;
	struct reed_stream *stream; /* NULL: a file, or nobody */
	int fd;
	unsigned failures;
	uint64_t seen;
};

/* All that waits, and STOP behind the last; the file is opened first if there is none. */
static struct reed_future *write_file(struct life *self, bool last)
{
	struct writing *writing = reed_job_new(self->co.loop, &writing_kind);

	writing->fd = self->fd;
	writing->path = self->fd < 0 ? reed_strdup(self->tap->file) : NULL;
	writing->out = &self->fd;
	self->fd = -1;
	if (writing->path)
		dns_tap_put_control(&writing->bytes, DNS_TAP_START);
	reed_buf_add(&writing->bytes, reed_buf_slice(&self->tap->waiting));
	reed_buf_clear(&self->tap->waiting);
	if (last)
		dns_tap_put_control(&writing->bytes, DNS_TAP_STOP);
	return reed_shield(reed_offload(&writing->job));
}

static struct reed_future *write_some(struct life *self)
{
	if (self->tap->file)
		return write_file(self, false);
	reed_write(self->stream, reed_buf_slice(&self->tap->waiting));
	reed_buf_clear(&self->tap->waiting);
	return reed_drain(self->stream);
}

static void say(struct life *self, enum dns_control what)
{
	struct reed_buf frame = { 0 };

	dns_tap_put_control(&frame, what);
	reed_write(self->stream, reed_buf_slice(&frame));
	reed_buf_finish(&frame);
}

/* Beginnings and ends, in which who reads has a say; frames of a life. */
struct handshake {
	struct reed_co co;
	struct life *life;
	enum dns_control heard;
	enum reed_err err;
	size_t n;
};

static enum reed_err hear(struct handshake *self)
{
	struct reed_stream *stream = self->life->stream;

	self->err = dns_tap_read_control(reed_peek(stream), &self->heard, &self->n);
	if (!self->err)
		reed_skip(stream, self->n);
	return self->err;
}

static void opening_run(struct reed_co *co)
{
	struct handshake *self = reed_frame(co, struct handshake);
	struct life *life = self->life;

	reed_coroutine (co) {
		if (life->tap->file) {
			reed_try(co, write_file(life, false));
			reed_return(co, REED_OK);
		}
		reed_try(co, reed_dial(co->loop, life->tap->endpoint, &life->stream));
		say(life, DNS_TAP_READY);
		while (hear(self) == REED_EAGAIN)
			reed_try(co, reed_more(life->stream));
		if (self->err || self->heard != DNS_TAP_ACCEPT)
			reed_return(co, reed_because(co, REED_EPROTO,
			                             "who listens there does not speak Frame "
			                             "Streams, or takes no dnstap"));
		say(life, DNS_TAP_START);
	}
}

static const struct reed_co_kind opening_kind = {
	.name = "dnstap",
	.size = sizeof(struct handshake),
	.run = opening_run,
};

static void ending_run(struct reed_co *co)
{
	struct handshake *self = reed_frame(co, struct handshake);
	struct life *life = self->life;

	reed_coroutine (co) {
		if (life->tap->file) {
			reed_try(co, write_file(life, true));
			reed_return(co, REED_OK);
		}
		reed_write(life->stream, reed_buf_slice(&life->tap->waiting));
		reed_buf_clear(&life->tap->waiting);
		say(life, DNS_TAP_STOP);
		while (hear(self) == REED_EAGAIN)
			reed_try(co, reed_more(life->stream));
	}
}

static const struct reed_co_kind ending_kind = {
	.name = "dnstap",
	.size = sizeof(struct handshake),
	.run = ending_run,
};

static struct reed_future *handshake(struct life *self, const struct reed_co_kind *kind, int64_t ms)
{
	struct handshake *handshake = reed_co_new(self->co.loop, kind);

	handshake->life = self;
	return reed_within(ms, reed_start(&handshake->co));
}

/* Somebody who reads no more is known by that. */
static struct reed_future *wait_for_some(struct life *self)
{
	struct reed_future *f = reed_cell_changed(self->co.loop, &self->tap->wake, self->seen);

	return self->stream ? reed_any(NULL, f, reed_more(self->stream)) : f;
}

static struct reed_future *next(struct life *self)
{
	self->seen = self->tap->wake.count;
	return reed_buf_held(&self->tap->waiting) ? write_some(self) : wait_for_some(self);
}

static void close_it(struct life *self)
{
	self->tap->open = false;
	reed_close(self->stream);
	self->stream = NULL;
	reed_folder_close(self->fd);
	self->fd = -1;
}

static void give_up(struct life *self)
{
	struct reed_dns_tap *tap = self->tap;

	if (self->failures++ == 0)
		reed_log(self->co.loop, REED_LOG_WARN, "dnstap has nobody to write to to=%s why=%s",
		         tap->file ? tap->file : tap->endpoint, reed_co_why(&self->co));
	close_it(self);
}

static struct reed_future *rest(struct life *self)
{
	static const struct reed_backoff backoff = { 1000, 60000, 200, 50 };

	return reed_sleep(self->co.loop, reed_backoff_ms(self->co.loop, &backoff, self->failures));
}

static void life_run(struct reed_co *co)
{
	struct life *self = reed_frame(co, struct life);

	reed_coroutine (co) {
		for (;;) {
			reed_await(co, handshake(self, &opening_kind, DIAL_MS));
			self->tap->open = !co->err;
			if (!co->err)
				self->failures = 0;
			while (!co->err)
				reed_await(co, next(self));
			if (co->err == REED_ECANCELED && self->tap->open) {
				reed_await(co, reed_shield(handshake(self, &ending_kind, LAST_MS)));
				reed_return(co, REED_OK);
			}
			if (co->err == REED_ECANCELED)
				reed_return(co, REED_OK);
			give_up(self);
			reed_try(co, rest(self));
		}
	}
}

static void life_end(struct reed_co *co)
{
	close_it(reed_frame(co, struct life));
}

static const struct reed_co_kind life_kind = {
	.name = "dnstap",
	.size = sizeof(struct life),
	.run = life_run,
	.end = life_end,
};

struct reed_future *reed_dns_tap_run(struct reed_dns_tap *self)
{
	struct life *life = reed_co_new(self->loop, &life_kind);

	life->tap = self;
	life->fd = -1;
	return reed_start(&life->co);
}
