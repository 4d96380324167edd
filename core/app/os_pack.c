/* A log file that was moved away, in gzip's format (RFC 1952). */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "daemon_private.h"
#include "pack.h"
#include "reed/alloc.h"

enum { PIECE = 64 << 10 };

/* ---- which ---- */

/* *fd is -1 where there is no file of that number; errno otherwise. */
static int open_numbered(struct packing *p, unsigned i, int *fd)
{
	char *name = reed_sprintf("%s.%u", p->path, i);
	struct stat st;
	int why = 0;

	/* what is a link or a pipe is not ours */
	*fd = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (*fd < 0 && errno != ENOENT && errno != ELOOP)
		why = errno;
	if (*fd >= 0 && (fstat(*fd, &st) < 0 || !S_ISREG(st.st_mode))) {
		close(*fd);
		*fd = -1;
	}
	if (*fd >= 0) {
		p->of = (struct reed_log_file){ (uint64_t)st.st_dev, (uint64_t)st.st_ino };
		p->mode = (unsigned)st.st_mode & 0777;
	}
	reed_free(name);
	return why;
}

/* The oldest of those that are not packed. */
static int open_oldest(struct packing *p, int *fd)
{
	int why = 0;

	*fd = -1;
	for (unsigned i = p->keep; i > 0 && *fd < 0 && !why; i--)
		why = open_numbered(p, i, fd);
	return why;
}

/* ---- packing ---- */

static int copy(int from, gzFile to)
{
	char *piece = reed_alloc(PIECE);
	int why = 0;
	ssize_t n;

	errno = 0;
	while ((n = read(from, piece, PIECE)) > 0 && !why)
		if (gzwrite(to, piece, (unsigned)n) != n)
			why = errno ? errno : EIO;
	if (n < 0)
		why = errno;
	reed_free(piece);
	return why;
}

/* What is not on the disk may be gone after a crash, and what it was made of would be too. */
static int pack(int from, int to)
{
	int kept = dup(to), why;
	gzFile out = gzdopen(to, "wb");

	if (!out || kept < 0) {
		close(out ? kept : to);
		return ENOMEM;
	}
	why = copy(from, out);
	errno = 0;
	if (gzclose(out) != Z_OK && !why)
		why = errno ? errno : EIO;
	if (!why && fsync(kept) < 0)
		why = errno;
	close(kept);
	return why;
}

enum reed_err reed_pack_run(struct packing *p)
{
	int from, to, why = open_oldest(p, &from);

	p->found = from >= 0;
	if (!p->found)
		return why ? reed_err_of(why) : REED_OK;
	unlink(p->into); /* of a process that was killed */
	to = open(p->into, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (to < 0 || fchmod(to, (mode_t)p->mode) < 0)
		why = errno;
	if (to >= 0 && why)
		close(to);
	else if (to >= 0)
		why = pack(from, to);
	close(from);
	if (why)
		unlink(p->into);
	return why ? reed_err_of(why) : REED_OK;
}

void reed_pack_forget(const struct packing *p)
{
	unlink(p->into);
}
