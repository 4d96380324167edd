/* SIGHUP: settings that were changed, in a process that goes on. */

#include "daemon_private.h"

#include "reed/alloc.h"

void reed_daemon_reload(struct daemon *d)
{
	reed_log_reopen(reed_log_of(d->loop));
}
