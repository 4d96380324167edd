/* What the tests of io_uring are made with. */

#ifndef REED_TESTS_URING_KIT_H
#define REED_TESTS_URING_KIT_H

#include "reed/address.h"
#include "tests/core/tools.h"

/* A loop of io_uring; where the system refuses that the test is skipped. */
void open_uring(void);

void short_turns(int n);

/* A bare socket of 127.0.0.1 that listens, with that backlog; *at is its address. */
int bare_listener(int backlog, struct reed_address *at);

/* A bare socket that has connected to one of 127.0.0.1. */
int bare_dial(const struct reed_address *to);

/*
 * All of test in a loop of its own, which is freed after so many turns: no
 * descriptor may be left then that was not there before.
 */
void in_a_loop(void (*test)(void), int turns_after);

#endif
