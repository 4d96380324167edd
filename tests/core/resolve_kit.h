/* A resolver and a network of a test's own, in the laboratory: all in its table, in its time. */

#ifndef REED_TESTS_RESOLVE_KIT_H
#define REED_TESTS_RESOLVE_KIT_H

#include "core/resolve_private.h"
#include "tests/core/tools.h"

/* ---- the resolver ---- */

/* What is not in the table does not exist. */
struct kit_answer {
	const char *name;
	enum reed_record_type type;
	int64_t delay_ms;
	enum reed_err err;
	uint32_t ttl;
	const char *data; /* addresses; "10 5 80 host, ..."; names; NULL: none */
};

struct kit {
	struct reed_resolver_source source;
	const struct kit_answer *table;
	uint32_t negative_ttl;
	int asked, under_way, closed;
	char last[REED_HOST_NAME_MAX + 1];
};

/* Asked from now on; the loop closes it, which only counts. */
void kit_set(struct kit *kit, const struct kit_answer *table);

struct reed_resolver_stats kit_stats(void);

/* "::1 127.0.0.1"; releases them. */
const char *kit_text(struct reed_addresses *a);

/* ---- the network ---- */

struct kit_host {
	const char *address;
	int64_t delay_ms; /* -1: never answers */
	enum reed_err err;
};

struct kit_net {
	const struct kit_host *hosts;
	int64_t since; /* reed_now() of the beginning */
	char log[512]; /* "2001:db8::1@0 192.0.2.1@250": what was tried, when */
	int under_way;
	struct reed_stream *peers[8];
	int peer_count;
	const char *names; /* "NAME ADDRESS ADDRESS": what lookup() knows; may be NULL */
	int looked_up;
};

extern struct kit_net kit_net;

/* The network of the laboratory from now on; names: it has a lookup() too. */
void kit_net_set(const struct kit_host *hosts, bool names);

/* How many connections are open still; closes their other ends. */
int kit_net_open(void);

#endif
