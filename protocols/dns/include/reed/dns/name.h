/*
 * Names of the DNS, in wire form by value: nothing is allocated, nothing owned.
 *
 * A name has up to 127 labels of up to 63 bytes, and 255 bytes in all with its
 * length bytes and the root's (RFC 1035 2.3.4).  Any byte may be in a label.
 * Names are complete; comparing folds the case of ASCII letters (RFC 4343) and
 * what is stored keeps it.
 *
 * As text a dot ends a label, \. and \DDD (decimal) are bytes that would mean
 * something else, and a dot at the end says that nothing is to be added.
 *
 * REED_ESYNTAX: not a name as text.  REED_ETOOBIG: a label or the name is too
 * long.  REED_EPROTO: not a name on the wire.
 */

#ifndef REED_DNS_NAME_H
#define REED_DNS_NAME_H

#include "reed/slice.h"

REED_BEGIN_DECLS

enum {
	REED_DNS_LABEL_MAX = 63,
	REED_DNS_NAME_MAX = 255,
	REED_DNS_LABELS_MAX = 127,      /* the root not counted */
	REED_DNS_NAME_TEXT_SIZE = 1005, /* every byte as \DDD, the dots, a NUL */
};

/* Zeroed is no name at all. */
struct reed_dns_name {
	uint8_t n;      /* bytes of wire, the root's zero counted */
	uint8_t labels; /* the root not counted */
	uint8_t wire[REED_DNS_NAME_MAX];
};

/* "." */
static inline void reed_dns_name_root(struct reed_dns_name *name)
{
	name->n = 1;
	name->labels = 0;
	name->wire[0] = 0;
}

/*
 * Text without a dot at its end is followed by the origin; "@" is the origin
 * itself.  Without an origin (NULL) every text is complete, and "@" a name.
 */
REED_API enum reed_err reed_dns_name_parse(struct reed_slice text,
                                           const struct reed_dns_name *origin,
                                           struct reed_dns_name *name);

/* With the dot at the end; what is returned is in `into`, NUL-terminated. */
REED_API struct reed_slice reed_dns_name_format(const struct reed_dns_name *name,
                                                char into[REED_DNS_NAME_TEXT_SIZE]);

/*
 * Reads the name at *at of a message, and moves *at behind it.  Pointers may
 * only lead back, each before the one that was followed last (RFC 1035 4.1.4), and
 * at most 127 are followed.
 */
REED_API enum reed_err reed_dns_name_read(struct reed_slice message, size_t *at,
                                          struct reed_dns_name *name);

/* Moves *at behind the name that is there, whose pointers are not followed. */
REED_API enum reed_err reed_dns_name_skip(struct reed_slice message, size_t *at);

/* The uncompressed name that bytes begin with; it is name->n bytes of them. */
REED_API enum reed_err reed_dns_name_take(struct reed_slice bytes, struct reed_dns_name *name);

static inline struct reed_slice reed_dns_name_wire(const struct reed_dns_name *name)
{
	return reed_slice(name->wire, name->n);
}

REED_API bool reed_dns_name_eq(const struct reed_dns_name *a, const struct reed_dns_name *b);

/* Canonical order: label by label from the end (RFC 4034 6.1). */
REED_API int reed_dns_name_cmp(const struct reed_dns_name *a, const struct reed_dns_name *b);

/* The same for names that are equal; for tables under a seed of your own. */
REED_API uint64_t reed_dns_name_hash(const struct reed_dns_name *name, uint64_t seed);

/* Folds the letters in place (RFC 4034 6.2). */
REED_API void reed_dns_name_lower(struct reed_dns_name *name);

/* name is `of` or below it. */
REED_API bool reed_dns_name_is_under(const struct reed_dns_name *name,
                                     const struct reed_dns_name *of);

/* How many labels both end with, the root not counted. */
REED_API unsigned reed_dns_name_common(const struct reed_dns_name *a,
                                       const struct reed_dns_name *b);

/* The first label is "*" (RFC 4592). */
static inline bool reed_dns_name_is_wild(const struct reed_dns_name *name)
{
	return name->n > 2 && name->wire[0] == 1 && name->wire[1] == '*';
}

/* The i-th label, without its length; empty for the root and beyond it. */
REED_API struct reed_slice reed_dns_name_label(const struct reed_dns_name *name, unsigned i);

/* The last `labels` labels of a name that has as many.  out may be name. */
REED_API void reed_dns_name_suffix(const struct reed_dns_name *name, unsigned labels,
                                   struct reed_dns_name *out);

/* label in front of name; REED_ESYNTAX: the label is empty.  out may be name. */
REED_API enum reed_err reed_dns_name_prepend(struct reed_slice label,
                                             const struct reed_dns_name *name,
                                             struct reed_dns_name *out);

/*
 * name, which is under `from`, with `to` instead of it (DNAME, RFC 6672 2.2).
 * out may be any of them.  REED_EINVAL: it is not.
 */
REED_API enum reed_err reed_dns_name_replace(const struct reed_dns_name *name,
                                             const struct reed_dns_name *from,
                                             const struct reed_dns_name *to,
                                             struct reed_dns_name *out);

/* The name that PTR records of an address of 4 or 16 bytes have (RFC 1035 3.5, RFC 3596 2.5). */
REED_API enum reed_err reed_dns_name_reverse(struct reed_slice address, struct reed_dns_name *name);

REED_END_DECLS

#endif
