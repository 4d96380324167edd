/* What the files of the file server share. */

#ifndef REED_HTTP_FILES_PRIVATE_H
#define REED_HTTP_FILES_PRIVATE_H

#include "private.h"
#include "reed/folder.h"
#include "reed/http/files.h"
#include "reed/offload.h"

enum {
	FILES_BUCKETS = 1024,
	FILES_PIECE = 256 << 10,  /* of a file that is not kept, read or sent at once */
	FILES_ENCODED = 32 << 10, /* the same of one that is compressed, which takes its time */
	FILES_OPEN = 256,         /* that are kept open */
	FILES_LISTED = 10000,     /* entries of a folder that are shown */
	FILES_TAG = 48,
};

/* In the order of preference. */
enum coding { CODING_BR, CODING_ZSTD, CODING_GZIP, CODINGS, CODING_NONE = CODINGS };

/* What a path leads to. */
struct found {
	enum { FOUND_FILE, FOUND_MOVED, FOUND_LISTING } kind;
	enum coding coding;
	struct reed_folder_file file;
	struct reed_blob *blob;     /* all of it; */
	struct reed_source *source; /* or it is sent from there */
	const char *type;
	char etag[FILES_TAG];
	char date[REED_HTTP_DATE]; /* when it was modified */
};

/* Kept in memory or open, by path and by what the client takes. */
struct kept {
	struct reed_list link; /* the latest used first */
	struct kept *next;     /* of its bucket */
	uint64_t hash;
	unsigned codings;
	char *path;
	struct found found;
	int64_t checked;
};

struct reed_http_files {
	struct reed_loop *loop;
	struct reed_http_files_options options;
	char *root, *index, *cache_control, *endings;
	int fd;
	struct kept *buckets[FILES_BUCKETS];
	struct reed_list used;
	size_t bytes;
	unsigned open; /* that are kept so */
	unsigned busy; /* jobs, which use it to their end even when nobody waits for them */
	bool closed;
};

extern const char *const coding_names[CODINGS];

/* files_look.c: settles with what is there, which is the caller's. */
struct reed_future *files_look(struct reed_http_files *files, const char *path, unsigned codings,
                               struct found *found);
void found_finish(struct found *found);

/* files_keep.c */
struct found *files_kept(struct reed_http_files *files, const char *path, unsigned codings);
void files_keep(struct reed_http_files *files, const char *path, unsigned codings,
                const struct found *found);
void files_forget(struct reed_http_files *files);

/* files.c: one job less. */
void files_release(struct reed_http_files *files);

/* files_send.c: consumes what was found, whose blob is all that is sent at once (NULL). */
struct reed_future *files_send(struct reed_http_files *files, struct reed_http_request *r,
                               struct found *found);

/* files_list.c: in the pool. */
enum reed_err files_list(struct reed_http_files *files, const struct reed_folder_file *folder,
                         const char *path, struct reed_blob **html);

#endif
