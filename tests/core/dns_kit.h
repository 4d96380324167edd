/*
 * A loop with a name server and files of its own, for tests of the resolver.
 * What these functions work on is one at a time.
 */

#ifndef REED_TESTS_DNS_KIT_H
#define REED_TESTS_DNS_KIT_H

#include "check.h"
#include "core/private.h"
#include "dns_server.h"
#include "reed/co.h"

extern struct reed_loop *loop;
extern struct dns_server server;
extern struct reed_addresses got;
extern char why[512]; /* the last failure */
extern char hosts_file[64], resolv_conf[64];

/* both.example, v4.example, v6.example, www.example (an alias), ... */
extern const struct dns_record zone[];

/* Around main(). */
void files_open(void);
void files_close(void);

/* Around each test.  Addresses are put in order as if they could all be reached. */
void begin(const struct dns_record *records, const struct dns_rule *rules);
void end(void);

/* As a file of the system is replaced. */
void write_file(const char *path, const char *text);

struct reed_resolver_options options_of(const char *servers);

/* For what has to time out. */
void be_impatient(const char *servers);

enum reed_err outcome(struct reed_future *f);

/* Into got; text() is what that was, and releases it. */
enum reed_err asking(const char *name);
const char *text(void);

#endif
