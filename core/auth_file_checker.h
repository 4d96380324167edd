/* Checkers of a file (reed/file_checker.h), as their schemes open them. */

#ifndef REED_AUTH_FILE_CHECKER_H
#define REED_AUTH_FILE_CHECKER_H

#include "reed/file_checker.h"

/* scheme->file is the kind. */
struct reed_future *reed_file_checker_open(struct reed_loop *loop,
                                           const struct reed_checker_scheme *scheme,
                                           struct reed_slice path,
                                           const struct reed_checker_options *options,
                                           struct reed_checker **out);
void reed_file_checker_probe(const struct reed_checker_scheme *scheme, struct reed_slice path,
                             struct reed_fault **fault);

#endif
