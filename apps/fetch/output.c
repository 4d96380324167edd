/* Where the body goes: a file, written by a thread, or standard output. */

#include "fetch.h"
#include "reed/alloc.h"
#include "reed/file.h"
#include "reed/folder.h"
#include "reed/offload.h"

struct job {
	struct reed_job job;
	char *path, *bytes;
	size_t n;
	int fd, *fd_out;
	bool anew;
	uint64_t size, *size_out;
};

static void job_end(struct reed_job *job)
{
	struct job *self = reed_job_frame(job, struct job);

	reed_folder_close(self->fd);
	reed_free(self->path);
	reed_free(self->bytes);
}

static enum reed_err failed(struct job *self, enum reed_err err)
{
	return err ? reed_job_fail(&self->job, err, "%s: %s", self->path, reed_strerror(err))
	           : REED_OK;
}

/* ---- its size ---- */

static enum reed_err look_run(struct reed_job *job)
{
	struct job *self = reed_job_frame(job, struct job);
	struct reed_file_stamp stamp;
	enum reed_err err = reed_file_look(self->path, &stamp);

	self->size = err ? 0 : (uint64_t)stamp.size;
	return failed(self, err == REED_ENOENT ? REED_OK : err);
}

static void look_deliver(struct reed_job *job)
{
	struct job *self = reed_job_frame(job, struct job);

	*self->size_out = self->size;
}

static const struct reed_job_kind look_kind = {
	.name = "look",
	.size = sizeof(struct job),
	.run = look_run,
	.deliver = look_deliver,
	.end = job_end,
};

struct reed_future *fetch_output_look(struct reed_loop *loop, const char *path, uint64_t *size)
{
	struct job *self = reed_job_new(loop, &look_kind);

	self->fd = -1;
	self->path = reed_strdup(path);
	self->size_out = size;
	return reed_offload(&self->job);
}

/* ---- opening ---- */

static enum reed_err open_run(struct reed_job *job)
{
	struct job *self = reed_job_frame(job, struct job);
	struct reed_file_stamp stamp;
	enum reed_err err = REED_OK;

	if (self->anew && reed_file_look(self->path, &stamp) != REED_EINVAL)
		err = reed_file_replace(self->path, REED_STR(""), &stamp);
	/* else it is /dev/null or the like */
	if (!err)
		err = reed_file_open_end(self->path, &self->fd);
	return failed(self, err);
}

static void open_deliver(struct reed_job *job)
{
	struct job *self = reed_job_frame(job, struct job);

	*self->fd_out = self->fd;
	self->fd = -1;
}

static const struct reed_job_kind open_kind = {
	.name = "open",
	.size = sizeof(struct job),
	.run = open_run,
	.deliver = open_deliver,
	.end = job_end,
};

struct reed_future *fetch_output_open(struct fetch_output *out, bool anew)
{
	struct job *self;
	enum reed_err err;

	if (!out->path) {
		err = out->stdio ? REED_OK : reed_stream_of_stdio(out->loop, &out->stdio);
		return reed_ready(out->loop, err);
	}
	self = reed_job_new(out->loop, &open_kind);
	self->fd = -1;
	self->path = reed_strdup(out->path);
	self->fd_out = &out->fd;
	self->anew = anew;
	return reed_offload(&self->job);
}

/* ---- writing ---- */

static enum reed_err write_run(struct reed_job *job)
{
	struct job *self = reed_job_frame(job, struct job);

	return failed(self, reed_file_add(self->fd, reed_slice(self->bytes, self->n)));
}

static void write_end(struct reed_job *job)
{
	reed_job_frame(job, struct job)->fd = -1; /* it is not the job's */
	job_end(job);
}

static const struct reed_job_kind write_kind = {
	.name = "write",
	.size = sizeof(struct job),
	.run = write_run,
	.end = write_end,
};

struct reed_future *fetch_output_write(struct fetch_output *out, struct reed_slice bytes)
{
	struct job *self;

	if (!out->path) {
		reed_write(out->stdio, bytes);
		return reed_flush(out->stdio);
	}
	self = reed_job_new(out->loop, &write_kind);
	self->fd = out->fd;
	self->path = reed_strdup(out->path);
	self->bytes = reed_slice_dup(bytes);
	self->n = bytes.n;
	return reed_offload(&self->job);
}

void fetch_output_close(struct fetch_output *out)
{
	reed_close(out->stdio);
	reed_folder_close(out->fd);
}
