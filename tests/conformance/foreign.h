/* Loops over foreign ones, for the suites: their names go where those of drivers do. */

#ifndef REED_TESTS_FOREIGN_H
#define REED_TESTS_FOREIGN_H

#include "reed/loop.h"

/* As reed_loop_new(), for options->driver may name an adapter too. */
enum reed_err open_loop(const struct reed_loop_options *options, struct reed_loop **out);

/* Whether it has a descriptor for a host. */
bool has_host_fd(const char *driver);

bool is_adapter(const char *driver);

/* libuv 1.44 leaks when it cannot begin; GLib and libevent end the program. */
bool survives_without_descriptors(const char *driver);

/* How many allocations a descriptor that is watched may cost the driver. */
size_t watch_cost(const char *driver);

#endif
