#include "private.h"

#include <fcntl.h>
#include <unistd.h>

/* Only if it is new: to close a file that SQLite has open would drop its locks. */
enum reed_err reed_os_make_private_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return errno == EEXIST ? REED_OK : reed_err_of(errno);
	close(fd);
	return REED_OK;
}
