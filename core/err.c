/* Numbers and sentences of errors. */

#include "reed/err.h"

#include <string.h>

#include "reed/alloc.h"

const char *reed_strerror(enum reed_err err)
{
	switch (err) {
#define X(name, value, text) \
	case REED_##name:    \
		return text;
		REED_ERRORS(X)
#undef X
	}
	return "unknown error";
}

const char *reed_err_name(enum reed_err err)
{
	switch (err) {
#define X(name, value, text) \
	case REED_##name:    \
		return "REED_" #name;
		REED_ERRORS(X)
#undef X
	}
	return "unknown";
}

enum reed_err reed_err_of(int system_errno)
{
	switch (-system_errno) {
#define X(name, value, text) \
	case REED_##name:    \
		return REED_##name;
		REED_ERRORS(X)
#undef X
	}
	return REED_EIO;
}

/* The sentence lies behind the struct, in the same allocation. */
struct reed_fault *reed_fault_new_v(enum reed_err err, struct reed_fault *cause, const char *file,
                                    int line, const char *format, va_list args)
{
	struct reed_fault *fault;
	va_list again;
	char *text;
	int n;

	va_copy(again, args);
	n = vsnprintf(NULL, 0, format, again);
	va_end(again);
	n = n < 0 ? 0 : n;
	fault = reed_alloc(sizeof(*fault) + (size_t)n + 1 +
	                   (cause ? 2 + strlen(cause->sentence) : 0));
	text = (char *)(fault + 1);
	vsnprintf(text, (size_t)n + 1, format, args);
	if (cause) {
		strcat(text, ": ");
		strcat(text, cause->sentence);
	}
	*fault = (struct reed_fault){ err, line, file, text, cause };
	return fault;
}

struct reed_fault *reed_fault_new(enum reed_err err, struct reed_fault *cause, const char *file,
                                  int line, const char *format, ...)
{
	struct reed_fault *fault;
	va_list args;

	va_start(args, format);
	fault = reed_fault_new_v(err, cause, file, line, format, args);
	va_end(args);
	return fault;
}

struct reed_fault *reed_fault_copy(const struct reed_fault *fault)
{
	struct reed_fault *copy;

	if (!fault)
		return NULL;
	copy = reed_fault_new(fault->err, NULL, fault->file, fault->line, "%s", fault->sentence);
	copy->cause = reed_fault_copy(fault->cause);
	return copy;
}

void reed_fault_free(struct reed_fault *fault)
{
	while (fault) {
		struct reed_fault *cause = fault->cause;

		reed_free(fault);
		fault = cause;
	}
}

const char *reed_fault_why(const struct reed_fault *fault, enum reed_err err)
{
	return fault ? fault->sentence : reed_strerror(err);
}

void reed_fault_print(FILE *out, const struct reed_fault *fault)
{
	for (; fault; fault = fault->cause)
		fprintf(out, "  %s:%d: %s\n", fault->file, fault->line, fault->sentence);
}
