/*
 * A file that goes.  The other says how much it has got, in four bytes each
 * time, of which the last tells that it has all.
 */

#include "dcc_private.h"

#include <string.h>

#include "reed/folder.h"
#include "reed/offload.h"
#include "reed/part.h"
#include "reed/source.h"

enum { PIECE = 256 << 10 };

struct sending {
	struct reed_co co;
	struct irc_dcc_wait tie; /* until it has met the other */
	struct reed_irc_dcc_options options;
	char *path;
	char name[REED_IRC_DCC_NAME], token[REED_IRC_DCC_TOKEN];
	struct reed_source *source;
	struct reed_stream *stream;
	uint64_t size, from, sent;
	uint64_t left;    /* the stream, when something moved last */
	int64_t moved_at; /* when that was */
	uint32_t got;     /* by the other, as it says */
	bool has_said, is_over;
	struct reed_irc_dcc_file *out;
};

/* ---- the file ---- */

struct opening {
	struct reed_job job;
	char *path;
	int fd;
	uint64_t size;
	struct sending *of;
};

static enum reed_err opening_run(struct reed_job *job)
{
	struct opening *self = reed_job_frame(job, struct opening);
	enum reed_err err = reed_part_source(self->path, &self->fd, &self->size);

	if (!err)
		return REED_OK;
	self->fd = -1;
	return reed_job_fail(job, err, "cannot send %s: %s", self->path,
	                     err == REED_EINVAL ? "it is no file" : reed_strerror(err));
}

static void opening_deliver(struct reed_job *job)
{
	struct opening *self = reed_job_frame(job, struct opening);

	self->of->source = reed_source_new(self->fd);
	self->of->size = self->size;
	self->fd = -1;
}

static void opening_end(struct reed_job *job)
{
	struct opening *self = reed_job_frame(job, struct opening);

	reed_folder_close(self->fd); /* nobody took it */
	reed_free(self->path);
}

static const struct reed_job_kind opening_kind = {
	.name = "DCC SEND",
	.size = sizeof(struct opening),
	.run = opening_run,
	.deliver = opening_deliver,
	.end = opening_end,
};

static struct reed_future *open_file(struct sending *of)
{
	struct opening *self = reed_job_new(of->co.loop, &opening_kind);

	self->path = reed_strdup(of->path);
	self->fd = -1;
	self->of = of;
	return reed_offload(&self->job);
}

/* ---- the other ---- */

static struct reed_future *meet(struct sending *self)
{
	struct reed_irc_client *client = self->tie.client;
	struct irc_dcc_call call = {
		.client = client,
		.offers = true,
		.options = &self->options,
	};

	if (!client)
		return reed_ready(self->co.loop, REED_ECANCELED);
	call.nick = reed_slice_of(self->tie.nick);
	call.dcc.kind = REED_IRC_DCC_SEND;
	call.dcc.name = reed_slice_of(self->name);
	call.dcc.has_size = true;
	call.dcc.size = self->size;
	if (self->options.passive)
		reed_irc_dcc_make_passive(client, &call.dcc, self->token);
	return reed_irc_dcc_meet(&call, &self->stream, &self->from);
}

/* ---- bytes ---- */

static uint64_t lesser(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static size_t next_piece(const struct sending *self)
{
	return (size_t)lesser(self->size - self->sent, PIECE);
}

/* What is on no page yet is fetched, so that the loop never waits for a disk. */
static struct reed_future *fetch(struct sending *self)
{
	size_t n = next_piece(self);

	return n == 0 || reed_source_is_at_hand(self->source, self->sent, n)
	               ? reed_ready(self->co.loop, REED_OK)
	               : reed_source_fetch(self->co.loop, self->source, self->sent, n);
}

static void feed(struct sending *self)
{
	size_t n = next_piece(self);

	if (n > 0)
		reed_write_source(self->stream, self->source, self->sent, n);
	self->sent += n;
}

/* What is told counts from the beginning, also of what is not sent again. */
static void take_counts(struct sending *self)
{
	struct reed_slice four;

	while (reed_take(self->stream, 4, &four)) {
		self->got = 0;
		for (int i = 0; i < 4; i++)
			self->got = self->got << 8 | (unsigned char)four.p[i];
		self->has_said = true;
	}
	self->is_over =
		self->has_said && self->sent == self->size && self->got == (uint32_t)self->size;
}

static void note_progress(struct sending *self)
{
	uint64_t left = self->stream->bytes_out + self->got;

	if (left == self->left)
		return;
	self->left = left;
	self->moved_at = reed_now(self->co.loop);
	if (self->options.progress)
		reed_cell_set(self->options.progress,
		              (intptr_t)lesser(self->from + self->stream->bytes_out, self->size));
}

/* Until more can go, or more is told. */
static struct reed_future *wait_for_it(struct sending *self)
{
	int64_t ns = self->moved_at + REED_MS(self->options.stall_ms) - reed_now(self->co.loop);
	int64_t ms = ns > 0 ? ns / REED_MS(1) + 1 : 1;

	if (self->sent == self->size)
		return reed_within(ms, reed_more(self->stream));
	return reed_within(ms, reed_any(NULL, reed_drain(self->stream), reed_more(self->stream)));
}

/* Some say nothing at all and close when they have it; some count what is sent only. */
static bool has_all(struct sending *self)
{
	bool counts_rest = self->has_said && self->got == (uint32_t)(self->size - self->from);

	if (self->sent < self->size || reed_on_the_way(self->stream) > 0)
		return false;
	return self->co.err == REED_EEOF ? counts_rest || !self->has_said
	                                 : self->co.err == REED_ETIMEDOUT && counts_rest;
}

static enum reed_err ended(struct sending *self)
{
	if (has_all(self))
		return REED_OK;
	return reed_because(&self->co, self->co.err, "%s was not taken to its end", self->name);
}

static void sending_run(struct reed_co *co)
{
	struct sending *self = reed_frame(co, struct sending);

	reed_coroutine (co) {
		reed_try(co, open_file(self));
		reed_try(co, meet(self));
		self->sent = self->from;
		self->moved_at = reed_now(co->loop);
		while (!self->is_over) {
			if (!reed_must_drain(self->stream)) {
				reed_try(co, fetch(self));
				feed(self);
			}
			reed_await(co, wait_for_it(self));
			if (co->err)
				reed_return(co, ended(self));
			take_counts(self);
			note_progress(self);
		}
	}
}

static void sending_deliver(struct reed_co *co)
{
	struct sending *self = reed_frame(co, struct sending);

	if (!self->out)
		return;
	*self->out = (struct reed_irc_dcc_file){ self->path, self->size, self->from };
	self->path = NULL;
}

static void sending_end(struct reed_co *co)
{
	struct sending *self = reed_frame(co, struct sending);

	reed_close(self->stream);
	reed_source_release(self->source);
	reed_irc_dcc_untie(&self->tie);
	reed_irc_dcc_options_finish(&self->options);
	reed_free(self->path);
}

static const struct reed_co_kind sending_kind = {
	.name = "DCC SEND",
	.size = sizeof(struct sending),
	.run = sending_run,
	.deliver = sending_deliver,
	.end = sending_end,
};

struct reed_future *reed_irc_dcc_send(struct reed_irc_client *client, struct reed_slice nick,
                                      const char *path, const struct reed_irc_dcc_options *options,
                                      struct reed_irc_dcc_file *out)
{
	struct sending *self = reed_co_new(client->loop, &sending_kind);

	reed_irc_dcc_tie(&self->tie, client, nick);
	self->options = reed_irc_dcc_options_of(options);
	self->path = reed_strdup(path);
	reed_irc_dcc_file_name(reed_slice_of(path), self->name);
	self->out = out;
	return reed_start(&self->co);
}
