#include "reed/source.h"

#include "os.h"
#include "reed/alloc.h"
#include "reed/folder.h"
#include "reed/offload.h"

enum { PIECE = 64 << 10 };

struct reed_source {
	int fd;
	unsigned holders;
};

struct reed_source *reed_source_new(int fd)
{
	struct reed_source *self = reed_alloc(sizeof(*self));

	self->fd = fd;
	self->holders = 1;
	return self;
}

struct reed_source *reed_source_share(struct reed_source *self)
{
	self->holders++;
	return self;
}

void reed_source_release(struct reed_source *self)
{
	if (!self || --self->holders > 0)
		return;
	reed_folder_close(self->fd);
	reed_free(self);
}

int reed_source_fd(const struct reed_source *self)
{
	return self->fd;
}

bool reed_source_is_at_hand(const struct reed_source *self, uint64_t offset, size_t n)
{
	return n == 0 || (reed_os_is_at_hand(self->fd, offset) &&
	                  reed_os_is_at_hand(self->fd, offset + n - 1));
}

/* ---- fetching ---- */

struct fetch {
	struct reed_job job;
	struct reed_source *source;
	uint64_t offset;
	size_t n;
};

/* What is read goes nowhere: the system keeps it. */
static enum reed_err fetch_run(struct reed_job *job)
{
	struct fetch *self = reed_job_frame(job, struct fetch);
	char *into = reed_alloc_raw(PIECE);
	enum reed_err err = REED_OK;

	for (size_t at = 0; at < self->n && !err; at += PIECE) {
		size_t n = self->n - at < PIECE ? self->n - at : PIECE;

		err = reed_folder_read(self->source->fd, into, n, self->offset + at);
	}
	reed_free(into);
	return err;
}

static void fetch_end(struct reed_job *job)
{
	reed_source_release(reed_job_frame(job, struct fetch)->source);
}

static const struct reed_job_kind fetch_kind = { .name = "fetch a file",
	                                         .size = sizeof(struct fetch),
	                                         .run = fetch_run,
	                                         .end = fetch_end };

struct reed_future *reed_source_fetch(struct reed_loop *loop, struct reed_source *source,
                                      uint64_t offset, size_t n)
{
	struct fetch *self = reed_job_new(loop, &fetch_kind);

	self->source = reed_source_share(source);
	self->offset = offset;
	self->n = n;
	return reed_offload(&self->job);
}
