/* Limits of resources, as POSIX has them. */

#include <sys/resource.h>

#include "confine.h"

uint64_t reed_descriptors_raise(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) < 0)
		return 0;
	if (r.rlim_cur < r.rlim_max) {
		struct rlimit high = { r.rlim_max, r.rlim_max };

		if (setrlimit(RLIMIT_NOFILE, &high) == 0)
			r = high;
	}
	return r.rlim_cur;
}
