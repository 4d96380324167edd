/*
 * What a process needs once, before its first loop.
 *
 * Nothing else of the kernel is global.  Calls are counted; everything that
 * needs it makes the call itself with the defaults, so a program calls it only
 * to choose an allocator, first.
 */

#ifndef REED_INIT_H
#define REED_INIT_H

#include "reed/alloc.h"
#include "reed/err.h"

REED_BEGIN_DECLS

struct reed_init_options {
	size_t size;                            /* of this struct */
	const struct reed_allocator *allocator; /* NULL: the C library's */
};

#define REED_INIT_OPTIONS                                \
	{                                                \
		.size = sizeof(struct reed_init_options) \
	}

/* options may be NULL.  Not while another thread is in it or in its counterpart. */
REED_API enum reed_err reed_process_init(const struct reed_init_options *options);
REED_API void reed_process_finish(void);

REED_END_DECLS

#endif
