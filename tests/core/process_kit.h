/* What the tests of processes share: a real loop, and children of the shell. */

#ifndef REED_TESTS_PROCESS_KIT_H
#define REED_TESTS_PROCESS_KIT_H

#include "reed/process.h"
#include "tests/core/tools.h"

extern struct reed_process *process;
extern struct reed_exit end;

/* `loop` is one of the system, with its own clock. */
void kit_open(void);
void kit_close(void);

/* Runs the test; nothing of it may be left, not even a zombie. */
#define RUN_CLEAN(test)     \
	do {                \
		RUN(test);  \
		all_gone(); \
	} while (0)
void all_gone(void);

/* Options for sh -c script; what is the same in all tests of pipes: out is read. */
struct reed_process_options sh(const char *script);

/* Starts it as `process`, which has to go well. */
void start(const struct reed_process_options *options);

/* It is not to be started; `sentence` says why. */
void refused(const struct reed_process_options *options, enum reed_err err, const char *sentence);

/* The stream of the child's fd, read to its end; good until the next call. */
const char *said(int fd);
const char *all_of(struct reed_stream *s);

/* A line of a stream that goes on. */
struct reed_slice line_of(struct reed_stream *s);

/* Waits for the end of `process` into `end`. */
void ends(void);

/* What the script prints, from beginning to end. */
const char *output_of(const struct reed_process_options *options);

#endif
