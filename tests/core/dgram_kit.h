/* What the tests of datagram sockets of the system are made with. */

#ifndef REED_TESTS_DGRAM_KIT_H
#define REED_TESTS_DGRAM_KIT_H

#include "reed/dgram.h"
#include "tests/core/tools.h"

/* Closed when a test has ended. */
extern struct reed_dgram *us, *them;
extern struct reed_datagram got;
extern struct reed_dgram_options options; /* of the next that is bound */

struct reed_address address(const char *text, uint16_t port);
struct reed_dgram *bound_to(const struct reed_address *at);
struct reed_dgram *bound(const char *text, uint16_t port);
struct reed_dgram *opened(const char *endpoint, bool dial);

void hears(struct reed_dgram *d, const char *text);
void hears_nothing(struct reed_dgram *d);
void send_to(struct reed_dgram *from, const char *text, uint16_t port, const char *what);

/* What befell the next that was sent. */
enum reed_err fate(struct reed_dgram *d);

/* What is sent to groups leaves by this interface, which nothing else hears. */
extern const char *interface;
void on_interface(struct reed_dgram *d);

/* In a loop of its own, in which nothing may be left. */
void alone(void (*test)(void), const char *name);
#define RUN_ALONE(test) alone(test, #test)

#endif
