/* What the files of `reed resolve` share. */

#ifndef REED_APPS_RESOLVE_H
#define REED_APPS_RESOLVE_H

#include "reed/dns/client.h"
#include "reed/dns/system.h"
#include "reed/dns/validate.h"
#include "reed/settings.h"

/* What was asked for. */
struct resolve_order {
	struct reed_slice text;       /* the name as it was written */
	struct reed_dns_name address; /* of an address, the name its PTR record has; n 0: of none */
	uint16_t type;
	bool has_type;
	struct reed_slice server; /* behind the @; empty: the system's */
	const char *scheme;       /* "udp", "tcp", "tls", "https" */
	bool brief, dnssec, trace, no_recursion, json, colour;
	struct reed_dns_system system;
	struct reed_buf hosts;
	struct reed_buf anchors; /* empty: those of the root */
};

extern const struct reed_settings_program reed_resolve_tool;

int reed_resolve_main(int argc, char **argv);

/* ---- words.c: pure ---- */

/* One word of the command line; *wrong is a sentence when false. */
bool resolve_word(struct resolve_order *order, const char *word, char **wrong);

/* The n-th server to ask, as an endpoint the caller frees; NULL: there are no more. */
char *resolve_server(const struct resolve_order *order, size_t n);

/* ---- hosts.c ---- */

/* Prints what the hosts file has; false: nothing. */
bool resolve_by_hosts(const struct resolve_order *order, struct reed_buf *out);

/* ---- show.c ---- */

struct resolve_said {
	const struct reed_dns_reply *reply;
	const struct reed_dns_name *name; /* that was asked for */
	const char *server;
	uint16_t type;
	const struct reed_dns_verdict *verdict; /* NULL: it was not asked for */
};

void resolve_show(const struct resolve_order *order, const struct resolve_said *said,
                  struct reed_buf *out);

/* One record, in columns. */
void resolve_show_record(const struct resolve_order *order, const struct reed_dns_record *record,
                         struct reed_buf *out);

/* ---- judge.c ---- */

struct resolve_judge;

struct resolve_judge *resolve_judge_new(struct reed_loop *loop, struct reed_dns_asker *asker,
                                        struct reed_slice anchors);
void resolve_judge_free(struct resolve_judge *self); /* may be NULL */

/* An answer of that server; the bytes have to stay. */
struct reed_future *resolve_judge(struct resolve_judge *self, const char *server,
                                  struct reed_slice message, struct reed_dns_verdict *verdict);
const char *resolve_verdict_why(const struct reed_dns_verdict *verdict);

/* ---- run.c, trace.c: settle when it is printed; *status is what main() should return ---- */

struct reed_future *resolve_run(struct reed_loop *loop, const struct resolve_order *order,
                                int *status);
struct reed_future *resolve_trace(struct reed_loop *loop, const struct resolve_order *order,
                                  int *status);

#endif
