/* The files of a log, opened and read. */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "log_files.h"
#include "reed/alloc.h"
#include "reed/pool.h"

enum { MOST = 1000, TRIED = 16 }; /* as log.keep */

static void close_file(struct log_file *file)
{
	if (file->gz)
		gzclose_r(file->gz);
	else if (file->fd >= 0)
		close(file->fd);
	reed_free(file->name);
}

/* Takes over the name. */
static enum reed_err open_file(char *name, struct log_file *file)
{
	bool is_stdin = strcmp(name, "-") == 0;
	struct stat st;
	enum reed_err err;

	*file = (struct log_file){ .name = name };
	file->fd = is_stdin ? fcntl(0, F_DUPFD_CLOEXEC, 0) : open(name, O_RDONLY | O_CLOEXEC);
	if (file->fd >= 0 && fstat(file->fd, &st) == 0) {
		file->is = (struct reed_log_file){ (uint64_t)st.st_dev, (uint64_t)st.st_ino };
		file->gz = gzdopen(file->fd, "rb");
		if (file->gz)
			return REED_OK;
		errno = ENOMEM;
	}
	err = reed_err_of(errno);
	close_file(file);
	return err;
}

static bool is_same(struct reed_log_file a, struct reed_log_file b)
{
	return a.device == b.device && a.inode == b.inode;
}

/* PATH.3, or else PATH.3.gz; both are whole, if both are there. */
static enum reed_err open_numbered(const char *path, unsigned i, struct log_file *file)
{
	enum reed_err err;

	if (i == 0)
		return open_file(reed_strdup(path), file);
	err = open_file(reed_sprintf("%s.%u", path, i), file);
	return err == REED_ENOENT ? open_file(reed_sprintf("%s.%u.gz", path, i), file) : err;
}

/* Of its first lines, one of which should be a record. */
static int64_t first_wall(struct log_file *file, char *line, struct reed_pool *pool)
{
	struct reed_log_event event;
	const char *why;

	for (int i = 0; i < TRIED && gzgets(file->gz, line, REED_LOG_LINE); i++)
		if (!reed_log_parse(reed_slice_of(line), pool, &event, &why))
			return event.wall;
	return INT64_MAX;
}

/* When its first record was logged; INT64_MAX: that cannot be told, as of a pipe. */
static int64_t begin_of(struct log_file *file)
{
	char *line = reed_alloc_raw(REED_LOG_LINE);
	struct reed_pool pool = { 0 };
	int64_t wall = INT64_MAX;

	if (lseek(file->fd, 0, SEEK_CUR) >= 0 && gzrewind(file->gz) == 0) {
		wall = first_wall(file, line, &pool);
		gzrewind(file->gz);
	}
	reed_pool_finish(&pool);
	reed_free(line);
	return wall;
}

enum meaning { NEW, MET, KNOWN };

/*
 * One that was packed since it was met is another file, with the same beginning; and what is
 * not held open any more tells nothing by its inode, which may be another's by now.
 */
static enum meaning meaning_of(const struct log_files *files, const struct log_file *file,
                               const int64_t *since)
{
	for (size_t i = 0; i < files->n; i++)
		if (is_same(files->items[i].is, file->is) ||
		    (files->items[i].begin == file->begin && file->begin != INT64_MAX))
			return MET;
	return since && file->begin <= *since ? KNOWN : NEW;
}

static void add(struct log_files *files, const struct log_file *file)
{
	files->items = reed_realloc(files->items, (files->n + 1) * sizeof(*file));
	files->items[files->n++] = *file;
}

static int by_age(const void *a, const void *b)
{
	int64_t first = ((const struct log_file *)a)->begin;
	int64_t second = ((const struct log_file *)b)->begin;

	return first < second ? -1 : first > second;
}

/* The youngest may have been empty when it was opened, and moved and packed since. */
static void put_in_order(struct log_files *files)
{
	size_t kept = 0;

	for (size_t i = 0; i < files->n; i++)
		if (files->items[i].begin == INT64_MAX)
			files->items[i].begin = begin_of(&files->items[i]);
	if (files->n > 1)
		qsort(files->items, files->n, sizeof(files->items[0]), by_age);
	for (size_t i = 0; i < files->n; i++) {
		struct log_file *last = kept ? &files->items[kept - 1] : NULL;

		if (last && last->begin == files->items[i].begin && last->begin != INT64_MAX)
			close_file(&files->items[i]);
		else
			files->items[kept++] = files->items[i];
	}
	files->n = kept;
}

/*
 * From the youngest on: one that is moved meanwhile is met again.  While files are moved a
 * number is missing, and another one when they are moved again: who knows how far to go
 * does not stop there.
 */
enum reed_err reed_log_files_open(const char *path, const int64_t *since, struct log_files *files,
                                  struct reed_fault **fault)
{
	enum meaning meaning = NEW;
	enum reed_err err = REED_OK;
	struct log_file file;
	unsigned missing = 0;

	*files = (struct log_files){ .n = 0 };
	for (unsigned i = 0; i <= MOST && missing < (since ? MOST : 2) && meaning != KNOWN; i++) {
		err = open_numbered(path, i, &file);
		missing = err ? missing + 1 : 0;
		if (err == REED_ENOENT)
			continue;
		if (err)
			break;
		file.begin = begin_of(&file);
		meaning = meaning_of(files, &file, i > 0 ? since : NULL);
		if (meaning == NEW)
			add(files, &file);
		else
			close_file(&file);
	}
	put_in_order(files);
	if (!err || (err == REED_ENOENT && (since || files->n > 0)))
		return REED_OK;
	*fault = reed_fault(err, NULL, "%s: %s", path, reed_strerror(err));
	reed_log_files_close(files);
	return err;
}

void reed_log_files_close(struct log_files *files)
{
	for (size_t i = 0; i < files->n; i++)
		close_file(&files->items[i]);
	reed_free(files->items);
	*files = (struct log_files){ .n = 0 };
}

enum reed_err reed_log_file_read(struct log_file *file, char *into, size_t room, size_t *n)
{
	int got, code;

	gzclearerr(file->gz); /* what is there now was not yet there when it ended */
	got = gzread(file->gz, into, (unsigned)room);
	*n = got > 0 ? (size_t)got : 0;
	if (got > 0)
		return REED_OK;
	gzerror(file->gz, &code);
	if (code == Z_ERRNO)
		return reed_err_of(errno);
	return code == Z_OK || code == Z_STREAM_END ? REED_OK : REED_ESYNTAX;
}

bool reed_log_file_was_replaced(const struct log_file *file, const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return false;
	if (!is_same((struct reed_log_file){ (uint64_t)st.st_dev, (uint64_t)st.st_ino }, file->is))
		return st.st_size > 0;
	return st.st_size < gztell(file->gz);
}
