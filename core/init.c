#include "reed/init.h"

#include <stdatomic.h>

static atomic_int holders;

enum reed_err reed_process_init(const struct reed_init_options *options)
{
	if (atomic_fetch_add(&holders, 1) > 0) {
		if (!options || !options->allocator)
			return REED_OK;
		atomic_fetch_sub(&holders, 1);
		return REED_EBUSY;
	}
	if (options && options->allocator)
		reed_allocator_set(options->allocator);
	return REED_OK;
}

void reed_process_finish(void)
{
	atomic_fetch_sub(&holders, 1);
}
