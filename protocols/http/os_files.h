/* What os_files.c asks of the system.  All of it blocks: for the offload pool. */

#ifndef REED_HTTP_OS_FILES_H
#define REED_HTTP_OS_FILES_H

#include "reed/buf.h"

struct http_file {
	int fd; /* -1: none */
	bool folder;
	int64_t size, modified; /* ns */
};

struct http_entry {
	char *name;
	struct http_file file; /* without a descriptor */
};

enum reed_err http_os_root(const char *path, int *fd);

/*
 * path is relative and holds no "." or "..".  Only files and folders are
 * opened; REED_ENOENT also for what leads out of the root.
 */
enum reed_err http_os_open(int root, const char *path, bool symlinks, struct http_file *file);
void http_os_close(int fd);

/* All n bytes, or REED_EIO: the file has become shorter. */
enum reed_err http_os_read(int fd, void *into, size_t n, uint64_t offset);

/* Made if it is not there (0640); what is written goes to its end. */
enum reed_err http_os_open_log(const char *path, int *fd);
enum reed_err http_os_append(int fd, struct reed_slice bytes);

/* Sorted by name, folders first; at most so many, then *more. */
enum reed_err http_os_list(int fd, bool hidden, size_t most, struct http_entry **entries,
                           size_t *count, bool *more);
void http_os_list_free(struct http_entry *entries, size_t count);

#endif
