/* Zone files from disk, a piece at a time.  All of it blocks: for threads. */

#include "zone.h"

#include <stdio.h>

enum { PIECE = 1 << 16 };

struct reading {
	struct reed_dns_scanner *scanner;
	FILE **files; /* one within the other */
	unsigned n, max;
	char *piece;
};

/* Where `a/b/..` is a: what is behind begin loses its last part. */
static size_t without_last(const char *into, size_t n)
{
	while (n && into[n - 1] == '/')
		n--;
	while (n && into[n - 1] != '/')
		n--;
	return n;
}

static bool ends_in_parent(const char *into, size_t n)
{
	return n == 0 || (n >= 3 && memcmp(into + n - 3, "../", 3) == 0) ||
	       (n == 1 && *into == '/');
}

char *dns_zone_path(const char *from, struct reed_slice path)
{
	const char *slash = strrchr(from, '/');
	size_t folder = slash && path.p[0] != '/' ? (size_t)(slash - from) + 1 : 0, n = 0;
	struct reed_slice rest = path;
	char *into = reed_alloc(folder + path.n + 3);

	memcpy(into, from, folder);
	n = folder;
	if (path.n && path.p[0] == '/')
		into[n++] = '/';
	while (rest.n) {
		struct reed_slice part = reed_slice_cut(&rest, '/');

		if (!part.n || reed_slice_is(part, "."))
			continue;
		if (reed_slice_is(part, "..") && !ends_in_parent(into, n)) {
			n = without_last(into, n);
			continue;
		}
		memcpy(into + n, part.p, part.n);
		n += part.n;
		if (rest.n || reed_slice_is(part, ".."))
			into[n++] = '/';
	}
	into[n] = '\0';
	return into;
}

static bool open_file(struct reading *r, const char *path)
{
	FILE *file = r->n < r->max ? fopen(path, "rb") : NULL;

	if (file)
		r->files[r->n++] = file;
	return file != NULL;
}

/* A piece of the file that is being read, or its end. */
static enum reed_err feed(struct reading *r)
{
	size_t n = fread(r->piece, 1, PIECE, r->files[r->n - 1]);

	if (n)
		return reed_dns_scanner_feed(r->scanner, reed_slice(r->piece, n));
	if (ferror(r->files[r->n - 1]))
		return reed_err_of(errno);
	reed_dns_scanner_finish(r->scanner);
	fclose(r->files[--r->n]);
	return REED_OK;
}

static enum reed_err more(struct reading *r)
{
	const char *path = reed_dns_scanner_wants(r->scanner);

	if (path && !open_file(r, path)) {
		reed_dns_scanner_refuse(r->scanner, reed_strerror(reed_err_of(errno)));
		return REED_OK;
	}
	return feed(r);
}

static enum reed_err read_all(struct reading *r, reed_dns_zone_fn *fn, void *arg)
{
	struct reed_dns_zone_record record;
	enum reed_err err;

	do {
		err = reed_dns_scanner_next(r->scanner, &record);
		if (err == REED_OK)
			err = fn(arg, &record);
		else if (err == REED_EAGAIN)
			err = more(r);
	} while (!err);
	return err == REED_EEOF ? REED_OK : err;
}

enum reed_err reed_dns_zone_read(const struct reed_dns_scanner_options *options,
                                 reed_dns_zone_fn *fn, void *arg, struct reed_fault **fault)
{
	struct reading r = { .scanner = reed_dns_scanner_new(options) };
	enum reed_err err;

	r.max = r.scanner->depth_max + 1;
	r.files = reed_alloc(r.max * sizeof(FILE *));
	r.piece = reed_alloc_raw(PIECE);
	err = open_file(&r, options->name) ? read_all(&r, fn, arg) : reed_err_of(errno);
	if (fault && err)
		*fault = err == REED_ESYNTAX
		                 ? reed_fault(err, NULL, "%s", reed_dns_scanner_why(r.scanner))
		                 : reed_fault(err, NULL, "%s: %s", options->name,
		                              reed_strerror(err));
	while (r.n)
		fclose(r.files[--r.n]);
	reed_dns_scanner_free(r.scanner);
	reed_free(r.files);
	reed_free(r.piece);
	return err;
}
