/* Files that came with a form: written, named and closed by threads of the offload pool. */

#include "reader.h"
#include "reed/alloc.h"
#include "reed/file.h"
#include "reed/folder.h"
#include "reed/offload.h"

struct reed_form_file {
	struct reed_loop *loop;
	int fd;
	uint64_t size;
	bool busy, unwanted; /* a thread works with it; it is freed when that is home */
};

/* One thing that a thread does with a file. */
struct errand {
	struct reed_job job;
	struct reed_form_file *file;
	char *path; /* of the folder, or the name it is to have */
	char *bytes;
	size_t n;
	int fd; /* to be closed */
	struct reed_form_file **out;
};

static struct errand *errand_of(struct reed_job *job)
{
	return reed_job_frame(job, struct errand);
}

static void errand_end(struct reed_job *job)
{
	struct errand *self = errand_of(job);

	self->file->busy = false;
	if (self->file->unwanted)
		form_file_free(self->file);
	reed_free(self->path);
	reed_free(self->bytes);
}

static struct errand *errand_new(struct reed_form_file *file, const struct reed_job_kind *kind)
{
	struct errand *self = reed_job_new(file->loop, kind);

	self->file = file;
	file->busy = true;
	return self;
}

/* ---- opening ---- */

static enum reed_err open_run(struct reed_job *job)
{
	struct errand *self = errand_of(job);
	struct reed_fault *fault = NULL;
	enum reed_err err = reed_file_temporary(self->path, &self->file->fd, &fault);

	if (err)
		reed_job_fail(job, err, "%s", reed_fault_why(fault, err));
	reed_fault_free(fault);
	return err;
}

static void open_deliver(struct reed_job *job)
{
	struct errand *self = errand_of(job);

	self->file->unwanted = false;
	*self->out = self->file;
}

static const struct reed_job_kind open_kind = {
	.name = "open a file of a form",
	.size = sizeof(struct errand),
	.run = open_run,
	.deliver = open_deliver,
	.end = errand_end,
};

struct reed_future *form_file_open(struct reed_loop *loop, const char *folder,
                                   struct reed_form_file **out)
{
	struct reed_form_file *file = reed_alloc(sizeof(*file));
	struct errand *self;

	file->loop = loop;
	file->fd = -1;
	file->unwanted = true; /* until it is delivered */
	self = errand_new(file, &open_kind);
	self->path = reed_strdup(folder);
	self->out = out;
	return reed_offload(&self->job);
}

/* ---- writing ---- */

static enum reed_err add_run(struct reed_job *job)
{
	struct errand *self = errand_of(job);
	enum reed_err err = reed_file_add(self->file->fd, reed_slice(self->bytes, self->n));

	if (err)
		return reed_job_fail(job, err, "a file of a form cannot be written: %s",
		                     reed_strerror(err));
	return REED_OK;
}

static const struct reed_job_kind add_kind = {
	.name = "write a file of a form",
	.size = sizeof(struct errand),
	.run = add_run,
	.end = errand_end,
};

struct reed_future *form_file_add(struct reed_form_file *file, struct reed_buf *bytes)
{
	struct errand *self = errand_new(file, &add_kind);

	self->n = reed_buf_held(bytes);
	self->bytes = reed_buf_take(bytes);
	file->size += self->n;
	return reed_offload(&self->job);
}

/* ---- a name ---- */

static enum reed_err keep_run(struct reed_job *job)
{
	struct errand *self = errand_of(job);
	enum reed_err err = reed_file_name(self->file->fd, self->path);

	if (err)
		return reed_job_fail(job, err, "%s: %s", self->path, reed_strerror(err));
	return REED_OK;
}

static const struct reed_job_kind keep_kind = {
	.name = "keep a file of a form",
	.size = sizeof(struct errand),
	.run = keep_run,
	.end = errand_end,
};

struct reed_future *reed_form_file_keep(struct reed_form_file *file, const char *path)
{
	struct errand *self;

	if (file->busy)
		return reed_failed(file->loop, REED_EBUSY, "%s: the file is in use", path);
	self = errand_new(file, &keep_kind);
	self->path = reed_strdup(path);
	return reed_offload(&self->job);
}

/* ---- closing, which frees what may be a gigabyte ---- */

static void close_now(struct errand *self)
{
	reed_folder_close(self->fd);
	self->fd = -1;
}

static enum reed_err close_run(struct reed_job *job)
{
	close_now(errand_of(job));
	return REED_OK;
}

static void close_end(struct reed_job *job)
{
	close_now(errand_of(job));
}

static const struct reed_job_kind close_kind = {
	.name = "close a file of a form",
	.size = sizeof(struct errand),
	.run = close_run,
	.end = close_end,
	.always = true,
};

void form_file_free(struct reed_form_file *file)
{
	struct errand *self;

	if (!file)
		return;
	if (file->busy) {
		file->unwanted = true;
		return;
	}
	if (file->fd >= 0) {
		self = reed_job_new(file->loop, &close_kind);
		self->fd = file->fd;
		reed_background(reed_offload(&self->job), NULL, NULL);
	}
	reed_free(file);
}

static void free_attached(void *value)
{
	form_file_free(value);
}

static const struct reed_http_key file_key = { "file of a form", free_attached };

void form_file_attach(struct reed_http_request *request, struct reed_form_file *file)
{
	reed_http_attach(request, &file_key, file);
}

uint64_t reed_form_file_size(const struct reed_form_file *file)
{
	return file->size;
}

int reed_form_file_fd(const struct reed_form_file *file)
{
	return file->fd;
}
