/* What a path leads to, found out in the offload pool. */

#include "files.h"

const char *const coding_names[CODINGS] = { "br", "zstd", "gzip" };
static const char *const suffixes[CODINGS] = { ".br", ".zst", ".gz" };

struct look {
	struct reed_job job;
	struct reed_http_files *files;
	char *path;
	unsigned codings;
	struct found found;
	struct found *out;
	bool delivered;
};

static enum reed_err open_one(struct look *self, const char *path, struct reed_folder_file *file)
{
	return reed_folder_look(self->files->fd, path, self->files->options.symlinks, file);
}

/* A sibling that is there and a file is sent in its place. */
static void find_sibling(struct look *self, const char *path)
{
	for (unsigned i = 0; i < CODINGS; i++) {
		struct reed_folder_file file;
		char *name;
		enum reed_err err;

		if (!(self->codings & 1u << i))
			continue;
		name = reed_sprintf("%s%s", path, suffixes[i]);
		err = open_one(self, name, &file);
		reed_free(name);
		if (!err && !file.folder) {
			reed_folder_close(self->found.file.fd);
			self->found.file = file;
			self->found.coding = (enum coding)i;
			return;
		}
		if (!err)
			reed_folder_close(file.fd);
	}
}

static enum reed_err read_small(struct look *self)
{
	struct found *f = &self->found;
	enum reed_err err;

	if (f->file.size > (int64_t)self->files->options.kept_each)
		return REED_OK;
	f->blob = reed_blob_alloc((size_t)f->file.size);
	err = reed_folder_read(f->file.fd, f->blob->bytes, (size_t)f->file.size, 0);
	reed_folder_close(f->file.fd);
	f->file.fd = -1;
	return err;
}

static enum reed_err look_at_file(struct look *self, const char *path)
{
	struct found *f = &self->found;

	f->kind = FOUND_FILE;
	f->type = reed_http_mime(reed_slice_of(path));
	f->coding = CODING_NONE;
	if (self->files->options.precompressed)
		find_sibling(self, path);
	reed_http_date(f->file.modified / REED_S(1), f->date);
	snprintf(f->etag, sizeof(f->etag), "\"%llx-%llx%s\"", (unsigned long long)f->file.modified,
	         (unsigned long long)f->file.size,
	         f->coding == CODING_NONE ? "" : suffixes[f->coding]);
	return read_small(self);
}

static enum reed_err look_at_folder(struct look *self)
{
	struct found *f = &self->found;
	struct reed_folder_file folder = f->file;
	size_t n = strlen(self->path);
	char *index;
	enum reed_err err;

	if (n > 0 && self->path[n - 1] != '/') {
		f->kind = FOUND_MOVED;
		return REED_OK;
	}
	index = reed_sprintf("%s%s", self->path, self->files->index);
	err = open_one(self, index, &f->file);
	if (!err && !f->file.folder) {
		err = look_at_file(self, index);
		reed_folder_close(folder.fd);
	} else {
		reed_folder_close(f->file.fd);
		f->file = folder;
		f->kind = FOUND_LISTING;
		f->type = "text/html; charset=utf-8";
		err = self->files->options.listing
		              ? files_list(self->files, &folder, self->path, &f->blob)
		              : REED_EACCES;
	}
	reed_free(index);
	return err;
}

/* A name without its ending is that of a file, and of no folder. */
static enum reed_err open_with_ending(struct look *self, char **path)
{
	struct reed_slice rest = reed_slice_of(self->files->endings), ending;
	struct reed_folder_file *file = &self->found.file;
	enum reed_err err = REED_ENOENT;

	while (err == REED_ENOENT && reed_http_list_next(&rest, &ending)) {
		char *name = reed_sprintf("%s." REED_FMT, *path, REED_ARG(ending));

		err = open_one(self, name, file);
		if (!err && file->folder) {
			reed_folder_close(file->fd);
			file->fd = -1;
			err = REED_ENOENT;
		}
		if (err) {
			reed_free(name);
			continue;
		}
		reed_free(*path);
		*path = name;
	}
	return err;
}

static enum reed_err look_run(struct reed_job *job)
{
	struct look *self = reed_job_frame(job, struct look);
	size_t n = strlen(self->path);
	char *path = reed_strdup(self->path);
	enum reed_err err;

	if (n > 0 && path[n - 1] == '/')
		path[n - 1] = '\0';
	err = open_one(self, path, &self->found.file);
	if (err == REED_ENOENT && n > 0 && self->path[n - 1] != '/')
		err = open_with_ending(self, &path);
	if (!err && self->found.file.folder)
		err = look_at_folder(self);
	else if (!err && path[0] && self->path[n - 1] == '/')
		err = REED_ENOENT; /* a file is no folder */
	else if (!err)
		err = look_at_file(self, path);
	reed_free(path);
	return err;
}

static void look_deliver(struct reed_job *job)
{
	struct look *self = reed_job_frame(job, struct look);

	struct found *f = &self->found;

	if (f->kind == FOUND_FILE && !f->blob) {
		f->source = reed_source_new(f->file.fd);
		f->file.fd = -1;
	}
	*self->out = *f;
	self->delivered = true;
}

static void look_end(struct reed_job *job)
{
	struct look *self = reed_job_frame(job, struct look);

	if (!self->delivered)
		found_finish(&self->found);
	reed_free(self->path);
	files_release(self->files);
}

static const struct reed_job_kind look_kind = { .name = "look at a file",
	                                        .size = sizeof(struct look),
	                                        .run = look_run,
	                                        .deliver = look_deliver,
	                                        .end = look_end };

void found_finish(struct found *f)
{
	reed_folder_close(f->file.fd);
	f->file.fd = -1;
	reed_blob_release(f->blob);
	reed_source_release(f->source);
	f->blob = NULL;
	f->source = NULL;
}

struct reed_future *files_look(struct reed_http_files *files, const char *path, unsigned codings,
                               struct found *found)
{
	struct look *self = reed_job_new(files->loop, &look_kind);

	self->files = files;
	files->busy++;
	self->path = reed_strdup(path);
	self->codings = codings;
	self->found.file.fd = -1;
	self->out = found;
	return reed_offload(&self->job);
}
