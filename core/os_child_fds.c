/*
 * The descriptors of a child, opened by us: pipes, sockets, files, a terminal.
 * All of them close when somebody runs a program, so that none gets into another
 * child.
 */

#include "os_spawn.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HIGHEST = 1023 };

static int keep(struct reed_child_fds *fds, int theirs)
{
	fds->theirs[fds->their_count++] = theirs;
	return theirs;
}

static void end_is(struct reed_child_fds *fds, int fd, int ours)
{
	fds->ends[fds->end_count++] = (struct reed_child_end){ fd, ours };
}

/* -1 and errno. */
static int open_null(struct reed_child_fds *fds)
{
	if (fds->null < 0) {
		fds->null = open("/dev/null", O_RDWR | O_CLOEXEC);
		if (fds->null >= 0)
			keep(fds, fds->null);
	}
	return fds->null;
}

#ifndef REED_POSIX_ONLY

static int open_pipe(int ends[2])
{
	return pipe2(ends, O_CLOEXEC);
}

static int open_socket(int ends[2])
{
	return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends);
}

#else

static int close_on_exec(const int ends[2])
{
	fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	fcntl(ends[1], F_SETFD, FD_CLOEXEC);
	return 0;
}

static int open_pipe(int ends[2])
{
	return pipe(ends) < 0 ? -1 : close_on_exec(ends);
}

static int open_socket(int ends[2])
{
	return socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0 ? -1 : close_on_exec(ends);
}

#endif

/* The child gets one of a pair, we the other. */
static int take_pair(struct reed_child_fds *fds, int fd, const int ends[2], int theirs)
{
	end_is(fds, fd, ends[1 - theirs]);
	return keep(fds, ends[theirs]);
}

static int open_terminal(struct reed_child_fds *fds, const struct reed_process_options *o, int fd)
{
	enum reed_err err;

	if (fds->slave < 0) {
		err = reed_terminal_open(o->terminal, &fds->master, &fds->slave);
		if (err) {
			fds->slave = -1;
			errno = -(int)err;
			return -1;
		}
		keep(fds, fds->slave);
	}
	end_is(fds, fd, fds->master);
	return fds->slave;
}

/* A FIFO that nobody else has open must not make us wait. */
static int open_file(struct reed_child_fds *fds, const struct reed_child_fd *c)
{
	static const int flags[] = {
		[REED_OPEN_READ] = O_RDONLY,
		[REED_OPEN_WRITE] = O_WRONLY | O_CREAT | O_TRUNC,
		[REED_OPEN_APPEND] = O_WRONLY | O_CREAT | O_APPEND,
	};
	int fd;

	if ((unsigned)c->open >= REED_COUNT(flags) || !c->path) {
		errno = EINVAL;
		return -1;
	}
	fd = open(c->path, flags[c->open] | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0666);
	if (fd < 0)
		return -1;
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
	return keep(fds, fd);
}

static int find_map(const struct reed_child_fds *fds, int to)
{
	for (size_t i = 0; i < fds->map_count; i++)
		if (fds->map[i].to == to)
			return fds->map[i].from;
	errno = EBADF;
	return -1;
}

/* -1 and errno. */
static int open_one(struct reed_child_fds *fds, const struct reed_process_options *o,
                    const struct reed_child_fd *c, int to)
{
	int ends[2];

	switch (c->is) {
	case REED_CHILD_NULL:
		return open_null(fds);
	case REED_CHILD_INHERITS:
		return to;
	case REED_CHILD_OURS:
		errno = EBADF;
		return c->of;
	case REED_CHILD_SAME:
		return find_map(fds, c->of);
	case REED_CHILD_READS:
		return open_pipe(ends) < 0 ? -1 : take_pair(fds, to, ends, 0);
	case REED_CHILD_WRITES:
		return open_pipe(ends) < 0 ? -1 : take_pair(fds, to, ends, 1);
	case REED_CHILD_TALKS:
		return open_socket(ends) < 0 ? -1 : take_pair(fds, to, ends, 0);
	case REED_CHILD_TERMINAL:
		return open_terminal(fds, o, to);
	case REED_CHILD_FILE:
		return open_file(fds, c);
	}
	errno = EINVAL;
	return -1;
}

static struct reed_fault *cannot_open(const struct reed_process_options *o,
                                      const struct reed_child_fd *c, int to)
{
	const char *why = strerror(errno), *name = o->argv[0];
	enum reed_err err = reed_err_of(errno);

	if (c->is == REED_CHILD_FILE && c->path)
		return reed_fault(err, NULL, "descriptor %d of %s cannot be the file %s: %s", to,
		                  name, c->path, why);
	if (c->is == REED_CHILD_SAME)
		return reed_fault(REED_EINVAL, NULL,
		                  "descriptor %d of %s cannot be what %d is: it has none, or "
		                  "that one is the same as another itself",
		                  to, name, c->of);
	return reed_fault(err, NULL, "descriptor %d of %s: %s", to, name, why);
}

static struct reed_fault *add(struct reed_child_fds *fds, const struct reed_process_options *o,
                              const struct reed_child_fd *c, int to)
{
	int from;

	if (to < 0 || to > HIGHEST)
		return reed_fault(REED_EINVAL, NULL,
		                  "descriptor %d of %s: a number from 0 to %d must stand here", to,
		                  o->argv[0], HIGHEST);
	if (find_map(fds, to) >= 0)
		return reed_fault(REED_EINVAL, NULL, "descriptor %d of %s is there twice", to,
		                  o->argv[0]);
	from = open_one(fds, o, c, to);
	if (from < 0)
		return cannot_open(o, c, to);
	fds->map[fds->map_count++] = (struct reed_spawn_map){ from, to };
	return NULL;
}

static int compare_maps(const void *a, const void *b)
{
	const struct reed_spawn_map *x = a, *y = b;

	return x->to - y->to;
}

/* What is the same as another comes when that is there. */
static struct reed_fault *add_all(struct reed_child_fds *fds, const struct reed_process_options *o,
                                  bool same)
{
	const struct reed_child_fd *standard[] = { &o->in, &o->out, &o->err };
	struct reed_fault *fault = NULL;

	for (int i = 0; i < 3 && !fault; i++)
		if ((standard[i]->is == REED_CHILD_SAME) == same)
			fault = add(fds, o, standard[i], i);
	for (size_t i = 0; i < o->fd_count && !fault; i++)
		if ((o->fds[i].is == REED_CHILD_SAME) == same)
			fault = add(fds, o, &o->fds[i], o->fds[i].fd);
	return fault;
}

struct reed_fault *reed_child_fds_open(struct reed_child_fds *fds,
                                       const struct reed_process_options *o)
{
	size_t most = o->fd_count + 3;
	struct reed_fault *fault;

	*fds = (struct reed_child_fds){ .null = -1, .master = -1, .slave = -1 };
	if (o->fd_count > HIGHEST)
		return reed_fault(REED_EINVAL, NULL, "%zu descriptors for %s; %d is the most",
		                  o->fd_count, o->argv[0], HIGHEST);
	fds->map = reed_alloc(most * sizeof(*fds->map));
	fds->ends = reed_alloc(most * sizeof(*fds->ends));
	fds->theirs = reed_alloc((most + 1) * sizeof(*fds->theirs));
	fault = add_all(fds, o, false);
	if (!fault)
		fault = add_all(fds, o, true);
	qsort(fds->map, fds->map_count, sizeof(*fds->map), compare_maps);
	return fault;
}

void reed_child_fds_close(struct reed_child_fds *fds)
{
	for (size_t i = 0; i < fds->their_count; i++)
		close(fds->theirs[i]);
	for (size_t i = 0; i < fds->end_count; i++)
		if (fds->ends[i].ours != fds->master)
			close(fds->ends[i].ours);
	if (fds->end_count > 0 && fds->master >= 0)
		close(fds->master);
	reed_free(fds->map);
	reed_free(fds->ends);
	reed_free(fds->theirs);
}
