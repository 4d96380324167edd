/* No system has told of changes to files in POSIX: they are looked for. */

#include "watch_private.h"

enum reed_err reed_watch_by_system(const char *path, const struct reed_file_watch_options *o,
                                   struct reed_loop *loop, struct reed_file_watch **w,
                                   struct reed_fault **fault)
{
	(void)path;
	(void)o;
	(void)loop;
	(void)w;
	(void)fault;
	return REED_ENOTSUP;
}
