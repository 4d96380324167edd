/* multipart/form-data written to a stream, files read by threads (RFC 7578). */

#include "upload.h"

#include "reed/alloc.h"
#include "reed/folder.h"
#include "reed/offload.h"
#include "reed/random.h"

enum { PIECE = 128 << 10 };

/* ---- parts ---- */

/* HTML 4.10.21.8 */
static void add_name(struct reed_buf *out, const char *name)
{
	for (; *name; name++)
		if (*name == '"' || *name == '\r' || *name == '\n')
			reed_buf_printf(out, "%%%02X", (unsigned)*name);
		else
			reed_buf_add_char(out, *name);
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void add_head(struct upload *self, struct upload_entry *to, const struct reed_form_entry *e)
{
	struct reed_buf head = { .limit = 0 };

	reed_buf_printf(&head, "--%s\r\nContent-Disposition: form-data; name=\"", self->boundary);
	add_name(&head, e->name);
	if (e->path || e->filename) {
		reed_buf_add_str(&head, "\"; filename=\"");
		add_name(&head, e->filename ? e->filename : last_part(e->path));
		reed_buf_add_str(&head, "\"\r\nContent-Type: ");
		add_name(&head, e->type ? e->type : "application/octet-stream");
		reed_buf_add_str(&head, "\r\n\r\n");
	} else {
		reed_buf_add_str(&head, "\"\r\n\r\n");
	}
	to->head = reed_pool_copy(&self->pool, reed_buf_slice(&head));
	reed_buf_finish(&head);
}

struct upload *upload_new(struct reed_loop *loop, const struct reed_form_entry *entries,
                          size_t count)
{
	struct upload *self = reed_alloc(sizeof(*self));

	self->loop = loop;
	self->count = count;
	self->entries = reed_alloc((count + 1) * sizeof(*self->entries));
	reed_random_word(loop, self->boundary, UPLOAD_BOUNDARY);
	for (size_t i = 0; i < count; i++) {
		struct upload_entry *to = &self->entries[i];

		to->fd = -1;
		add_head(self, to, &entries[i]);
		to->path = reed_strdup(entries[i].path);
		if (!to->path)
			to->value = reed_pool_copy(&self->pool, entries[i].value);
		to->size = to->value.n;
	}
	return self;
}

static void close_all(struct upload *self)
{
	for (size_t i = 0; i < self->count; i++) {
		reed_folder_close(self->entries[i].fd);
		reed_free(self->entries[i].path);
	}
}

void upload_free(struct upload *self)
{
	if (!self)
		return;
	self->unwanted = true;
	if (self->busy)
		return;
	close_all(self);
	reed_pool_finish(&self->pool);
	reed_free(self->entries);
	reed_free(self);
}

/* ---- what threads do ---- */

struct errand {
	struct reed_job job;
	struct upload *upload;
	struct upload_entry *entry;
	uint64_t at;
	size_t n;
	char *bytes, **out;
};

static void errand_end(struct reed_job *job)
{
	struct errand *self = reed_job_frame(job, struct errand);

	reed_free(self->bytes);
	self->upload->busy = false;
	if (self->upload->unwanted)
		upload_free(self->upload);
}

static struct errand *errand_new(struct upload *upload, const struct reed_job_kind *kind)
{
	struct errand *self = reed_job_new(upload->loop, kind);

	self->upload = upload;
	upload->busy = true;
	return self;
}

static enum reed_err open_one(struct reed_job *job, struct upload_entry *e)
{
	struct reed_folder_file file = { .fd = -1 };
	const char *name = last_part(e->path);
	char *folder = name == e->path
	                       ? reed_strdup(".")
	                       : reed_slice_dup(reed_slice(e->path, (size_t)(name - e->path)));
	int in = -1;
	enum reed_err err = reed_folder_open(folder, &in);

	if (!err)
		err = reed_folder_look(in, name, true, &file);
	if (!err && file.folder)
		err = REED_EISDIR;
	reed_folder_close(in);
	reed_free(folder);
	e->fd = file.fd;
	e->size = file.size > 0 ? (uint64_t)file.size : 0;
	return err ? reed_job_fail(job, err, "%s: %s", e->path, reed_strerror(err)) : REED_OK;
}

static enum reed_err open_run(struct reed_job *job)
{
	struct upload *self = reed_job_frame(job, struct errand)->upload;
	enum reed_err err = REED_OK;

	for (size_t i = 0; !err && i < self->count; i++)
		if (self->entries[i].path)
			err = open_one(job, &self->entries[i]);
	return err;
}

static void open_deliver(struct reed_job *job)
{
	struct upload *self = reed_job_frame(job, struct errand)->upload;

	self->all = strlen("--") + UPLOAD_BOUNDARY + strlen("--\r\n");
	for (size_t i = 0; i < self->count; i++)
		self->all += self->entries[i].head.n + self->entries[i].size + 2;
}

static const struct reed_job_kind open_kind = {
	.name = "open files of a form",
	.size = sizeof(struct errand),
	.run = open_run,
	.deliver = open_deliver,
	.end = errand_end,
};

struct reed_future *upload_open(struct upload *upload)
{
	return reed_offload(&errand_new(upload, &open_kind)->job);
}

static enum reed_err read_run(struct reed_job *job)
{
	struct errand *self = reed_job_frame(job, struct errand);
	enum reed_err err;

	self->bytes = reed_alloc_raw(self->n);
	err = reed_folder_read(self->entry->fd, self->bytes, self->n, self->at);
	return err ? reed_job_fail(job, err, "%s: %s", self->entry->path,
	                           "it became shorter, or cannot be read")
	           : REED_OK;
}

static void read_deliver(struct reed_job *job)
{
	struct errand *self = reed_job_frame(job, struct errand);

	*self->out = self->bytes;
	self->bytes = NULL;
}

static const struct reed_job_kind read_kind = {
	.name = "read a file of a form",
	.size = sizeof(struct errand),
	.run = read_run,
	.deliver = read_deliver,
	.end = errand_end,
};

/* ---- writing ---- */

struct writing {
	struct reed_co co;
	struct upload *upload;
	struct reed_stream *stream;
	size_t i, n;
	uint64_t at;
	char *bytes;
};

static struct reed_future *read_piece(struct writing *self)
{
	struct errand *errand = errand_new(self->upload, &read_kind);
	const struct upload_entry *e = &self->upload->entries[self->i];
	uint64_t left = e->size - self->at;

	self->n = left < PIECE ? (size_t)left : PIECE;
	errand->entry = &self->upload->entries[self->i];
	errand->at = self->at;
	errand->n = self->n;
	errand->out = &self->bytes;
	return reed_offload(&errand->job);
}

static void send(struct writing *self, struct reed_slice bytes)
{
	struct upload *u = self->upload;

	reed_write(self->stream, bytes);
	u->sent += bytes.n;
	if (u->progress)
		u->progress(u->arg, u->sent, u->all);
}

static void send_piece(struct writing *self)
{
	send(self, reed_slice(self->bytes, self->n));
	self->at += self->n;
	reed_free(self->bytes);
	self->bytes = NULL;
}

static void send_end(struct writing *self)
{
	char text[UPLOAD_BOUNDARY + 8];

	snprintf(text, sizeof(text), "--%s--\r\n", self->upload->boundary);
	send(self, reed_slice_of(text));
}

static void writing_run(struct reed_co *co)
{
	struct writing *self = reed_frame(co, struct writing);
	struct upload *u = self->upload;

	reed_coroutine (co) {
		for (self->i = 0; self->i < u->count; self->i++) {
			send(self, u->entries[self->i].head);
			send(self, u->entries[self->i].value);
			self->at = 0;
			while (u->entries[self->i].path && self->at < u->entries[self->i].size) {
				reed_try(co, read_piece(self));
				send_piece(self);
				reed_try(co, reed_drain(self->stream));
			}
			send(self, REED_STR("\r\n"));
			reed_try(co, reed_drain(self->stream));
		}
		send_end(self);
		reed_try(co, reed_drain(self->stream));
		reed_close(self->stream);
		self->stream = NULL;
	}
}

static void writing_end(struct reed_co *co)
{
	struct writing *self = reed_frame(co, struct writing);

	if (self->stream)
		reed_abort(self->stream);
	reed_free(self->bytes);
}

static const struct reed_co_kind writing_kind = { "send a form", sizeof(struct writing),
	                                          writing_run, NULL, writing_end };

struct reed_future *upload_write(struct upload *upload, struct reed_stream *stream)
{
	struct writing *self = reed_co_new(upload->loop, &writing_kind);

	self->upload = upload;
	self->stream = stream;
	return reed_start(&self->co);
}
