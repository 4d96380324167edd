/*
 * What a zone answers (RFC 1034 4.3.2, RFC 4592, RFC 6672, RFC 4035 3.1), written
 * into memory of the caller behind the question.
 */

#ifndef REED_DNS_ANSWER_H
#define REED_DNS_ANSWER_H

#include "reed/dns/message.h"

#include "store.h"

enum {
	CHAIN_MAX = 16, /* aliases that are followed in one answer */
	DONE_MAX = 48,
	WILD_MAX = 4, /* aliases out of wildcards in one answer, each of which is proven */
};

/* A name that a wildcard stood for: what has to be proven not to be there. */
struct dns_closer {
	struct reed_dns_name name;
	unsigned at; /* where the next closer name (RFC 5155 1.3) begins in it */
};

struct dns_answer {
	const struct reed_dns_zone *zone;
	const struct reed_dns_question *question;
	uint16_t type; /* that is looked for: the question's, as a rule */
	bool dnssec;   /* DO was set */
	bool aa, tc, yxdomain, nxdomain;
	bool exact; /* an RRset of this very name */

	uint8_t *p;      /* the message */
	size_t n, limit; /* what OPT needs is not in the limit */
	uint16_t counts[REED_DNS_SECTIONS];
	unsigned apex_at; /* where the question has the zone's name */

	/* The name that is looked up: the question's, then what an alias leads to. */
	const struct reed_dns_name *name;
	const struct dns_path *path;
	unsigned name_at; /* where it is in the message */
	struct reed_dns_name alias;
	struct dns_path alias_path;
	unsigned chain;

	unsigned wild_count, done_count;
	struct dns_closer wild[WILD_MAX];
	const struct dns_rrset *done[DONE_MAX]; /* no RRset is in an answer twice */
};

/* The header's and the question's bytes are written, n is behind them; path is the question's. */
void dns_answer(struct dns_answer *a, const struct dns_path *path);

/* ---- writing (answer_put.c) ---- */

/* Where an owner is in the message; 0: nowhere, write that of the node. */
struct dns_owner {
	unsigned at;
	const struct dns_node *node;
};

/* Of a node, which may be above the question's name. */
struct dns_owner dns_owner_of(const struct dns_answer *a, const struct dns_node *node);

static inline struct dns_owner dns_owner_at(unsigned at)
{
	return (struct dns_owner){ at, NULL };
}

/* False: it does not fit, and nothing was written.  One that is there already is not written again. */
bool dns_put_set(struct dns_answer *a, enum reed_dns_section section, const struct dns_rrset *set,
                 struct dns_owner owner, unsigned *at);

/* The same, and sets TC if it does not fit (RFC 2181 9). */
bool dns_must_put_set(struct dns_answer *a, enum reed_dns_section section,
                      const struct dns_rrset *set, struct dns_owner owner, unsigned *at);

bool dns_is_done(const struct dns_answer *a, const struct dns_rrset *set);

/* The addresses of what set, which begins at `at`, leads to.  needed: RFC 9471. */
void dns_put_hosts(struct dns_answer *a, const struct dns_rrset *set, unsigned at,
                   const struct dns_node *cut);

/* ---- proofs (answer_deny.c); nothing without DO or in an unsigned zone ---- */

void dns_deny_type(struct dns_answer *a, const struct dns_node *node);
void dns_deny_name(struct dns_answer *a, const struct dns_node *encloser, unsigned depth);
void dns_deny_closer(struct dns_answer *a, const struct dns_closer *closer);
void dns_deny_wild_type(struct dns_answer *a, const struct dns_node *encloser, unsigned depth);

#endif
