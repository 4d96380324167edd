/*
 * What tests are made with.  A test is a function whose name is a sentence;
 * main() runs each with RUN(), and a check that fails says where and aborts.
 */

#ifndef REED_TESTS_CHECK_H
#define REED_TESTS_CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define check(condition)                                                                         \
	do {                                                                                     \
		if (!(condition)) {                                                              \
			fprintf(stderr, "%s:%d: %s: not so: %s\n", __FILE__, __LINE__, __func__, \
			        #condition);                                                     \
			abort();                                                                 \
		}                                                                                \
	} while (0)

#define check_int(got, wanted)                                                                   \
	do {                                                                                     \
		long long got_ = (long long)(got), wanted_ = (long long)(wanted);                \
		if (got_ != wanted_) {                                                           \
			fprintf(stderr, "%s:%d: %s: %s is %lld, not %lld\n", __FILE__, __LINE__, \
			        __func__, #got, got_, wanted_);                                  \
			abort();                                                                 \
		}                                                                                \
	} while (0)

#define check_str(got, wanted)                                                              \
	do {                                                                                \
		const char *got_ = (got), *wanted_ = (wanted);                              \
		if (!got_ || strcmp(got_, wanted_) != 0) {                                  \
			fprintf(stderr, "%s:%d: %s: %s is \"%s\", not \"%s\"\n", __FILE__,  \
			        __LINE__, __func__, #got, got_ ? got_ : "(NULL)", wanted_); \
			abort();                                                            \
		}                                                                           \
	} while (0)

/* got is a struct reed_slice */
#define check_slice(got, wanted)                                                              \
	do {                                                                                  \
		struct reed_slice got__ = (got);                                              \
		const char *wanted__ = (wanted);                                              \
		if (got__.n != strlen(wanted__) || memcmp(got__.p, wanted__, got__.n) != 0) { \
			fprintf(stderr, "%s:%d: %s: %s is \"%.*s\", not \"%s\"\n", __FILE__,  \
			        __LINE__, __func__, #got, (int)got__.n, got__.p, wanted__);   \
			abort();                                                              \
		}                                                                             \
	} while (0)

#define RUN(test)                  \
	do {                       \
		test();            \
		puts("ok " #test); \
		fflush(stdout);    \
	} while (0)

#endif
