/* What every driver is put through. */

#ifndef REED_TESTS_DRIVER_H
#define REED_TESTS_DRIVER_H

#include "tests/conformance/suites.h"
#include "tests/core/tools.h"

/* A fresh loop over the driver for each test, and none left of it afterwards. */
void with_driver(void (*test)(void), const char *name);
#define RUN_WITH_DRIVER(test) with_driver(test, #test)

/* ---- a pipe with a watch at each end ---- */

struct tap {
	struct reed_fd_watch watch;
	int told;
	unsigned events;
	int other; /* the end that is not watched */
	void (*then)(struct tap *self);
	void *arg;
};

void tap_reader(struct tap *self); /* watches for reading what is written to other */
void tap_writer(struct tap *self);
void tap_close(struct tap *self);
void tap_say(struct tap *self);  /* makes a reader ready */
void tap_hear(struct tap *self); /* reads one byte, as a reader */

#endif
