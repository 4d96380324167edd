/* Futures that have their result already, and hand it over at delivery. */

#ifndef REED_AUTH_VALUE_H
#define REED_AUTH_VALUE_H

#include "reed/checker.h"

/* n bytes, copied now, are copied to out. */
struct reed_future *reed_value(struct reed_loop *loop, const void *bytes, size_t n, void *out);

/* Takes over list and hands it over, or frees it; count may be NULL. */
struct reed_future *reed_value_list(struct reed_loop *loop, void *list, size_t n, void **out,
                                    size_t *count);

#endif
