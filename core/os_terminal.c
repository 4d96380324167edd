/* Pseudo terminals. */

#include "os_spawn.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "os.h"

enum { NAME = 128, ROWS = 24, COLUMNS = 80 };

static int resize(int fd, struct reed_terminal_size size)
{
	struct winsize w = {
		.ws_row = size.rows ? size.rows : ROWS,
		.ws_col = size.columns ? size.columns : COLUMNS,
	};

	return ioctl(fd, TIOCSWINSZ, &w);
}

/* Where there is only the variant with a buffer of its own, one thread at a time makes terminals. */
static int open_slave(int master)
{
#ifndef REED_POSIX_ONLY
	char name[NAME];

	if (ptsname_r(master, name, sizeof(name)))
		return -1;
#else
	const char *name = ptsname(master);

	if (!name)
		return -1;
#endif
	return open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
}

enum reed_err reed_terminal_open(struct reed_terminal_size size, int *master, int *slave)
{
	enum reed_err err;

	*slave = -1;
	*master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (*master >= 0 && grantpt(*master) == 0 && unlockpt(*master) == 0)
		*slave = open_slave(*master);
	if (*slave >= 0 && resize(*master, size) == 0)
		return REED_OK;
	err = reed_err_of(errno);
	if (*slave >= 0)
		close(*slave);
	if (*master >= 0)
		close(*master);
	return err;
}

enum reed_err reed_terminal_resize(struct reed_stream *s, struct reed_terminal_size size)
{
	int fd = reed_stream_fd(s);

	if (fd < 0 || !isatty(fd))
		return REED_ENOTSUP;
	return resize(fd, size) < 0 ? reed_err_of(errno) : REED_OK;
}

bool reed_is_terminal(int fd)
{
	return isatty(fd);
}
