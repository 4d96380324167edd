/*
 * Errors: a list of numbers for programs, a fault for people.
 *
 * Zero is success, everything else is negative.  A fault says in a sentence
 * what went wrong, and where.  It is allocated when something fails, never
 * before, has one owner at a time and travels with the error.
 *
 * A protocol's refusal (IRC 433, SMTP 550, NXDOMAIN) is a value, not an error.
 */

#ifndef REED_ERR_H
#define REED_ERR_H

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "reed/api.h"

REED_BEGIN_DECLS

/* name, value, sentence.  The values are those of the system where it has one. */
#define REED_ERRORS(X)                                                 \
	X(OK, 0, "success")                                            \
	X(EPERM, -EPERM, "not permitted")                              \
	X(ENOENT, -ENOENT, "no such file, name or object")             \
	X(EIO, -EIO, "input or output failed")                         \
	X(EAGAIN, -EAGAIN, "not yet")                                  \
	X(ENOMEM, -ENOMEM, "out of memory")                            \
	X(EACCES, -EACCES, "permission denied")                        \
	X(EBUSY, -EBUSY, "in use")                                     \
	X(EEXIST, -EEXIST, "exists already")                           \
	X(ENOTDIR, -ENOTDIR, "not a directory")                        \
	X(EISDIR, -EISDIR, "is a directory")                           \
	X(EINVAL, -EINVAL, "invalid argument")                         \
	X(ENFILE, -ENFILE, "the system has too many open files")       \
	X(EMFILE, -EMFILE, "too many open files")                      \
	X(ENOSPC, -ENOSPC, "no space left on the device")              \
	X(EROFS, -EROFS, "read-only file system")                      \
	X(EPIPE, -EPIPE, "the peer takes no more")                     \
	X(ERANGE, -ERANGE, "out of range")                             \
	X(EPROTO, -EPROTO, "the peer broke the protocol")              \
	X(EOVERFLOW, -EOVERFLOW, "more came than was taken")           \
	X(ETOOBIG, -EMSGSIZE, "over the limit")                        \
	X(ENOTSUP, -EOPNOTSUPP, "not supported")                       \
	X(EADDRINUSE, -EADDRINUSE, "address in use")                   \
	X(EADDRNOTAVAIL, -EADDRNOTAVAIL, "address not available here") \
	X(ENETUNREACH, -ENETUNREACH, "network unreachable")            \
	X(EHOSTUNREACH, -EHOSTUNREACH, "host unreachable")             \
	X(EABORTED, -ECONNABORTED, "connection aborted")               \
	X(ERESET, -ECONNRESET, "connection reset by peer")             \
	X(ETIMEDOUT, -ETIMEDOUT, "timed out")                          \
	X(EREFUSED, -ECONNREFUSED, "connection refused")               \
	X(ECANCELED, -ECANCELED, "canceled")                           \
	X(EEOF, -4095, "end of stream")                                \
	X(ECLOSED, -4094, "closed here")                               \
	X(ENAME, -4093, "no such host name")                           \
	X(ESYNTAX, -4092, "not well-formed")                           \
	X(ECERT, -4091, "certificate not accepted")                    \
	X(EAUTH, -4090, "not authenticated")                           \
	X(ETHROTTLED, -4089, "too many attempts")                      \
	X(ECORRUPT, -4088, "stored data is damaged")

enum reed_err {
#define X(name, value, text) REED_##name = (value),
	REED_ERRORS(X)
#undef X
};

/* The sentence of a number; never NULL. */
REED_API const char *reed_strerror(enum reed_err err);

/* "REED_EIO" and the like; never NULL. */
REED_API const char *reed_err_name(enum reed_err err);

/* For errno values, which are positive.  What the list has no name for is REED_EIO. */
REED_API enum reed_err reed_err_of(int system_errno);

struct reed_fault {
	enum reed_err err;
	int line;
	const char *file;
	const char *sentence;     /* ends with that of the cause */
	struct reed_fault *cause; /* owned; may be NULL */
};

/* Takes over the cause, which may be NULL. */
#define reed_fault(err, cause, ...) reed_fault_new((err), (cause), __FILE__, __LINE__, __VA_ARGS__)
REED_API struct reed_fault *reed_fault_new(enum reed_err err, struct reed_fault *cause,
                                           const char *file, int line, const char *format, ...)
	REED_PRINTF(5, 6);
REED_API struct reed_fault *reed_fault_new_v(enum reed_err err, struct reed_fault *cause,
                                             const char *file, int line, const char *format,
                                             va_list args) REED_PRINTF(5, 0);

/* The caller owns what is returned; NULL for NULL. */
REED_API struct reed_fault *reed_fault_copy(const struct reed_fault *fault);

/* The fault and its causes; may be NULL. */
REED_API void reed_fault_free(struct reed_fault *fault);

/* The sentence, or that of the number when there is no fault. */
REED_API const char *reed_fault_why(const struct reed_fault *fault, enum reed_err err);

/* One line each for the fault and its causes, with the place in the source. */
REED_API void reed_fault_print(FILE *out, const struct reed_fault *fault);

REED_END_DECLS

#endif
