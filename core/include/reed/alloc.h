/*
 * Memory: what the program itself sizes is always there, or the program ends.
 *
 * What the network sizes goes through reed_buf or reed_pool, which have limits
 * and can fail.
 */

#ifndef REED_ALLOC_H
#define REED_ALLOC_H

#include "reed/api.h"

REED_BEGIN_DECLS

/* Zeroed, never NULL: when there is none left the last-words hook is called, then abort(). */
REED_API void *reed_alloc(size_t size) __attribute__((malloc, returns_nonnull));

/* Not zeroed, never NULL. */
REED_API void *reed_alloc_raw(size_t size) __attribute__((malloc, returns_nonnull));

/* Like realloc(), never NULL.  What is new is not zeroed. */
REED_API void *reed_realloc(void *p, size_t size) __attribute__((returns_nonnull));

/* Like reed_realloc(), but NULL when there is not so much; p stays as it was then. */
REED_API void *reed_realloc_try(void *p, size_t size);

/* May be NULL. */
REED_API void reed_free(void *p);

/* The caller frees it.  NULL for NULL. */
REED_API char *reed_strdup(const char *s);

/* The caller frees it. */
REED_API char *reed_sprintf(const char *format, ...) REED_PRINTF(1, 2);

/* Overwrites secrets in a way the compiler does not remove. */
REED_API void reed_wipe(void *p, size_t n);

/*
 * Where memory comes from; all four or none.  Set before anything is
 * allocated, see reed_process_init().
 */
struct reed_allocator {
	void *(*calloc)(size_t count, size_t size);
	void *(*malloc)(size_t size);
	void *(*realloc)(void *p, size_t size);
	void (*free)(void *p);
	void (*last_words)(size_t size); /* may be NULL; abort() follows */
};

REED_API void reed_allocator_set(const struct reed_allocator *allocator);

/* For one that counts and passes on: such a one may be put in front at any time. */
REED_API void reed_allocator_get(struct reed_allocator *allocator);

REED_END_DECLS

#endif
