/*
 * A file that comes: into NAME.part, in pieces that are written in a thread
 * each before the next is read, so that who sends faster than the disk waits.
 */

#include "dcc_private.h"

#include <inttypes.h>
#include <string.h>

#include "reed/file.h"
#include "reed/folder.h"
#include "reed/offload.h"
#include "reed/part.h"

enum { PIECE = 256 << 10 };

/* A file that jobs under way hold too; the last holder closes it. */
struct open_file {
	int fd;
	unsigned holders;
};

struct getting {
	struct reed_co co;
	struct irc_dcc_wait tie; /* until it has met the other */
	struct reed_irc_dcc_options options;
	struct reed_irc_dcc offer; /* its slices point to the next two */
	char *offered_name, *token;
	char *part, *path;
	struct open_file *file;
	struct reed_stream *stream;
	uint64_t have, from, got;
	enum reed_err end; /* how the peer's end is to be taken */
	struct reed_irc_dcc_file *out;
};

/* ---- the file, in threads ---- */

static struct open_file *share(struct open_file *file)
{
	file->holders++;
	return file;
}

static void let_go(struct open_file *file)
{
	if (!file || --file->holders > 0)
		return;
	reed_folder_close(file->fd);
	reed_free(file);
}

enum work_what { OPEN, WRITE, KEEP };

struct work {
	struct reed_job job;
	enum work_what what;
	struct getting *of;
	char *part, *path;
	bool replace;
	struct open_file *file;
	uint64_t offset, have;
	size_t n;
	char *bytes;
	int fd; /* that was opened */
};

static enum reed_err open_part(struct work *self)
{
	enum reed_err err = REED_EEXIST;
	struct reed_file_stamp stamp;

	if (self->replace || reed_file_look(self->path, &stamp) == REED_ENOENT)
		err = reed_part_open(self->part, &self->fd, &self->have);
	if (!err)
		return REED_OK;
	self->fd = -1;
	return reed_job_fail(&self->job, err, "cannot get %s: %s", self->path,
	                     err == REED_EBUSY    ? "it is coming already"
	                     : err == REED_EINVAL ? "what has its name with .part is no file"
	                                          : reed_strerror(err));
}

static enum reed_err work_run(struct reed_job *job)
{
	struct work *self = reed_job_frame(job, struct work);
	enum reed_err err = REED_OK;

	if (self->what == OPEN)
		return open_part(self);
	if (self->what == WRITE)
		err = reed_part_write(self->file->fd, self->offset,
		                      reed_slice(self->bytes, self->n));
	else
		err = reed_part_keep(self->file->fd, self->part, self->path, self->replace);
	return err ? reed_job_fail(job, err, "cannot write %s: %s",
	                           self->what == WRITE ? self->part : self->path,
	                           reed_strerror(err))
	           : REED_OK;
}

static void work_deliver(struct reed_job *job)
{
	struct work *self = reed_job_frame(job, struct work);

	if (self->what != OPEN)
		return;
	self->of->file = reed_alloc(sizeof(*self->of->file));
	*self->of->file = (struct open_file){ self->fd, 1 };
	self->of->have = self->have;
	self->fd = -1;
}

static void work_end(struct reed_job *job)
{
	struct work *self = reed_job_frame(job, struct work);

	reed_folder_close(self->fd);
	let_go(self->file);
	reed_free(self->bytes);
	reed_free(self->part);
	reed_free(self->path);
}

static const struct reed_job_kind work_kind = {
	.name = "DCC GET",
	.size = sizeof(struct work),
	.run = work_run,
	.deliver = work_deliver,
	.end = work_end,
};

/* Holds all it needs itself, as it may still run when who wanted it is gone. */
static struct work *work_new(struct getting *of, enum work_what what)
{
	struct work *self = reed_job_new(of->co.loop, &work_kind);

	self->what = what;
	self->of = of;
	self->part = reed_strdup(of->part);
	self->path = reed_strdup(of->path);
	self->replace = of->options.replace;
	self->fd = -1;
	self->file = of->file ? share(of->file) : NULL;
	return self;
}

static struct reed_future *work(struct getting *of, enum work_what what)
{
	return reed_offload(&work_new(of, what)->job);
}

/* ---- the other ---- */

/* Of what is there: what can be gone on from. */
static uint64_t usable(const struct getting *self)
{
	bool good =
		!self->options.no_resume && self->offer.has_size && self->have < self->offer.size;

	return good ? self->have : 0;
}

static struct reed_future *meet(struct getting *self)
{
	struct irc_dcc_call call = {
		.client = self->tie.client,
		.dcc = self->offer,
		.options = &self->options,
	};

	if (!call.client)
		return reed_ready(self->co.loop, REED_ECANCELED);
	call.nick = reed_slice_of(self->tie.nick);
	call.have = usable(self);
	return reed_irc_dcc_meet(&call, &self->stream, &self->from);
}

/* ---- bytes ---- */

static bool is_whole(const struct getting *self)
{
	return self->offer.has_size && self->got >= self->offer.size;
}

/* What is behind the end of the file, as it was offered, is not wanted. */
static struct reed_slice next_piece(const struct getting *self)
{
	struct reed_slice here = reed_slice_first(reed_peek(self->stream), PIECE);

	if (self->offer.has_size && here.n > self->offer.size - self->got)
		here.n = (size_t)(self->offer.size - self->got);
	return here;
}

/* An empty one cuts off what cannot be gone on from. */
static struct reed_future *write_piece(struct getting *self)
{
	struct reed_slice here = self->stream ? next_piece(self) : REED_STR("");
	struct work *w;

	if (here.n > self->options.bytes_most - self->got)
		return reed_failed(self->co.loop, REED_ETOOBIG,
		                   "%s is longer than the %" PRIu64 " bytes that are taken",
		                   self->path, self->options.bytes_most);
	w = work_new(self, WRITE);
	w->offset = self->got;
	w->n = here.n;
	w->bytes = reed_slice_dup(here);
	return reed_offload(&w->job);
}

/* RFC 791 has the order of the bytes: the highest first. */
static void count(struct getting *self)
{
	size_t n = next_piece(self).n;
	char four[4];

	self->got += n;
	reed_skip(self->stream, n);
	for (int i = 0; i < 4; i++)
		four[i] = (char)(unsigned char)(self->got >> (24 - 8 * i));
	reed_write(self->stream, reed_slice(four, 4));
	if (self->options.progress)
		reed_cell_set(self->options.progress, (intptr_t)self->got);
}

static struct reed_future *more(struct getting *self)
{
	if (reed_peek(self->stream).n > 0)
		return reed_yield(self->co.loop);
	return reed_within(self->options.stall_ms, reed_more(self->stream));
}

/* Without a size the end is the end. */
static enum reed_err ended(struct getting *self)
{
	if (self->co.err == REED_EEOF && !self->offer.has_size)
		return REED_OK;
	return reed_because(&self->co, self->co.err, "%s ended after %" PRIu64 " bytes",
	                    self->offered_name, self->got);
}

static void getting_run(struct reed_co *co)
{
	struct getting *self = reed_frame(co, struct getting);

	reed_coroutine (co) {
		reed_try(co, work(self, OPEN));
		reed_try(co, meet(self));
		self->got = self->from;
		while (!is_whole(self)) {
			reed_await(co, more(self));
			self->end = co->err ? ended(self) : REED_OK;
			if (self->end)
				reed_return(co, self->end);
			if (co->err)
				break;
			reed_try(co, write_piece(self));
			count(self);
		}
		if (self->got == 0) /* of what was there nothing is left */
			reed_try(co, write_piece(self));
		reed_try(co, work(self, KEEP));
	}
}

static void getting_deliver(struct reed_co *co)
{
	struct getting *self = reed_frame(co, struct getting);

	if (!self->out)
		return;
	*self->out = (struct reed_irc_dcc_file){ self->path, self->got, self->from };
	self->path = NULL;
}

static void getting_end(struct reed_co *co)
{
	struct getting *self = reed_frame(co, struct getting);

	reed_close(self->stream);
	let_go(self->file);
	reed_irc_dcc_untie(&self->tie);
	reed_irc_dcc_options_finish(&self->options);
	reed_free(self->offered_name);
	reed_free(self->token);
	reed_free(self->part);
	reed_free(self->path);
}

static const struct reed_co_kind getting_kind = {
	.name = "DCC GET",
	.size = sizeof(struct getting),
	.run = getting_run,
	.deliver = getting_deliver,
	.end = getting_end,
};

static void take_offer(struct getting *self, const struct reed_irc_dcc *offer, const char *folder)
{
	char name[REED_IRC_DCC_NAME];

	self->offer = *offer;
	self->offered_name = reed_slice_dup(offer->name);
	self->token = reed_slice_dup(offer->token);
	self->offer.name = reed_slice_of(self->offered_name);
	self->offer.token = reed_slice_of(self->token);
	reed_irc_dcc_file_name(offer->name, name);
	self->path = reed_sprintf("%s/%s", folder, name);
	self->part = reed_sprintf("%s/%s.part", folder, name);
}

struct reed_future *reed_irc_dcc_get(struct reed_irc_client *client,
                                     const struct reed_irc_event *event,
                                     const struct reed_irc_dcc_options *options, const char *folder,
                                     struct reed_irc_dcc_file *out)
{
	struct reed_irc_dcc offer;
	struct getting *self;
	uint64_t most = options ? options->bytes_most : UINT64_C(1) << 30;

	if (reed_irc_dcc_of(event, &offer) || offer.kind != REED_IRC_DCC_SEND)
		return reed_failed(client->loop, REED_ESYNTAX, "this offers no file");
	if (offer.has_size && offer.size > most)
		return reed_failed(client->loop, REED_ETOOBIG,
		                   REED_FMT " has %" PRIu64 " bytes, and %" PRIu64 " are taken",
		                   REED_ARG(offer.name), offer.size, most);
	self = reed_co_new(client->loop, &getting_kind);
	reed_irc_dcc_tie(&self->tie, client, event->who.nick);
	self->options = reed_irc_dcc_options_of(options);
	take_offer(self, &offer, folder);
	self->out = out;
	return reed_start(&self->co);
}

void reed_irc_dcc_file_finish(struct reed_irc_dcc_file *file)
{
	reed_free(file->path);
	*file = (struct reed_irc_dcc_file){ .path = NULL };
}
