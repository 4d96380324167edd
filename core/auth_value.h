/* Futures that have their result already, and hand it over at delivery. */

#ifndef REED_AUTH_VALUE_H
#define REED_AUTH_VALUE_H

#include "reed/checker.h"

/* n bytes, copied now, are copied to out. */
struct reed_future *reed_value(struct reed_loop *loop, const void *bytes, size_t n, void *out);

/*
 * Takes over what is from reed_alloc() and hands it over, or frees it.  out is
 * the address of a pointer to it; n goes to count, which may be NULL.
 */
struct reed_future *reed_value_owned(struct reed_loop *loop, void *thing, size_t n, void *out,
                                     size_t *count);

#endif
