/* Who reads it. */

#include <unistd.h>

#include "fetch.h"

bool fetch_is_terminal(int fd)
{
	return isatty(fd);
}
