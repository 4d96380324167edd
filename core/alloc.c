#include "reed/alloc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct reed_allocator allocator = { calloc, malloc, realloc, free, NULL };

void reed_allocator_set(const struct reed_allocator *a)
{
	allocator = *a;
}

void reed_allocator_get(struct reed_allocator *a)
{
	*a = allocator;
}

static void *or_die(void *p, size_t size)
{
	if (p)
		return p;
	if (allocator.last_words)
		allocator.last_words(size);
	fprintf(stderr, "reed: out of memory, %zu bytes wanted\n", size);
	abort();
}

void *reed_alloc(size_t size)
{
	return or_die(allocator.calloc(1, size ? size : 1), size);
}

void *reed_alloc_raw(size_t size)
{
	return or_die(allocator.malloc(size ? size : 1), size);
}

void *reed_realloc(void *p, size_t size)
{
	return or_die(allocator.realloc(p, size ? size : 1), size);
}

void *reed_realloc_try(void *p, size_t size)
{
	return allocator.realloc(p, size ? size : 1);
}

void reed_free(void *p)
{
	allocator.free(p);
}

char *reed_strdup(const char *s)
{
	size_t n;

	if (!s)
		return NULL;
	n = strlen(s) + 1;
	return memcpy(reed_alloc_raw(n), s, n);
}

char *reed_sprintf(const char *format, ...)
{
	va_list args;
	char *text;
	int n;

	va_start(args, format);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	n = n < 0 ? 0 : n;
	text = reed_alloc((size_t)n + 1);
	va_start(args, format);
	vsnprintf(text, (size_t)n + 1, format, args);
	va_end(args);
	return text;
}

void reed_wipe(void *p, size_t n)
{
	volatile char *bytes = p;

	while (n-- > 0)
		*bytes++ = 0;
}
