/*
 * What a zone in memory is made of.  Nodes are names, found by a hash over their
 * labels from the end; also those that only have names below them (RFC 4592
 * 2.2.2).  An RRset is kept as it goes into an answer: its owner a pointer to the
 * question, names below the zone's a pointer to where the question has that,
 * which is put right when it is copied.
 */

#ifndef REED_DNS_STORE_PRIVATE_H
#define REED_DNS_STORE_PRIVATE_H

#include "reed/alloc.h"
#include "reed/dns/store.h"

#include "field.h"

enum {
	POINTER_BITS = 0xc000,
	QUESTION_POINTER = POINTER_BITS | 12, /* the name of the question */
	RECORD_HEAD = 12,                     /* owner pointer, type, class, TTL, length */
	NSEC3_HASH = 20,                      /* SHA-1: RFC 5155 11 */
	NSEC3_LABEL = 32,                     /* the same in base32hex */
};

struct dns_node;

/* Whose addresses go along with a record (RFC 1034 4.3.2). */
struct dns_host {
	struct dns_node *node;
	uint32_t at; /* where its name is in the bytes of the RRset */
};

struct dns_rrset {
	struct dns_rrset *next; /* of the node */
	struct dns_rrset *sigs; /* RRSIG records that cover it; NULL: none */
	struct dns_host *hosts; /* may be NULL */
	uint32_t ttl, size;     /* bytes of all its records */
	uint32_t count, fix_count;
	uint16_t type, host_count;
	uint32_t fixes[]; /* where pointers to the zone's name are, then the bytes */
};

static inline const uint8_t *dns_rrset_bytes(const struct dns_rrset *set)
{
	return (const uint8_t *)(set->fixes + set->fix_count);
}

struct dns_file;

/* A record while the zone is read. */
struct dns_raw {
	struct dns_raw *next;
	const struct dns_file *file; /* where it stands */
	unsigned line;
	uint32_t ttl;
	uint16_t type, n;
	uint8_t rdata[];
};

enum { NODE_CUT = 1, NODE_DNAME = 2 };

struct dns_node {
	struct dns_node *parent; /* NULL: the zone's own name */
	struct dns_node *next;   /* in the order they came */
	struct dns_node *wild;   /* the child that is "*" */
	struct dns_node *cut;    /* the highest delegation at or above it */
	union {
		struct dns_rrset *sets;
		struct dns_raw *raw;
	};
	uint32_t hash;
	uint8_t flags, labels, n;
	uint8_t wire[];
};

struct dns_slot {
	uint32_t tag;
	struct dns_node *node;
};

/* The records of an NSEC3 name, which is apart from the others (RFC 5155 7.2.8). */
struct dns_nsec3 {
	uint8_t hash[NSEC3_HASH];
	union {
		struct dns_node *node; /* not in the table */
		struct dns_raw *raw;   /* one record, until all are there */
	};
};

struct dns_arena {
	char *at, *end;
	void *blocks; /* the first word of each leads to the one before */
	size_t bytes;
};

struct dns_file {
	struct dns_file *next;
	char *path;
	struct reed_file_stamp stamp;
};

struct reed_dns_zone {
	struct reed_dns_name name;
	unsigned holders;
	bool has_dname, has_nsec3;
	uint32_t serial, negative_ttl;
	struct dns_node *apex, *last;
	struct dns_rrset *soa;
	struct dns_rrset *negative_soa; /* with the TTL of RFC 2308 3 */
	struct dns_slot *table;
	size_t mask, nodes, records;
	struct dns_node **order; /* nodes with NSEC in canonical order (RFC 4034 6.1) */
	size_t order_count;
	struct dns_nsec3 *nsec3; /* sorted */
	size_t nsec3_count, nsec3_room;
	uint16_t nsec3_iterations;
	uint8_t nsec3_salt_size;
	uint8_t nsec3_salt[255];
	struct dns_arena arena, scratch;
	struct dns_file *files;
	char *warning;
};

/* ---- memory (store_arena.c) ---- */

/* Zeroed, aligned for pointers. */
void *dns_arena_alloc(struct dns_arena *arena, size_t n);
void dns_arena_finish(struct dns_arena *arena);

/* ---- names (store_find.c) ---- */

/* The hash of each of the last labels of a name, taken from the end. */
struct dns_path {
	unsigned labels;
	uint8_t starts[REED_DNS_LABELS_MAX + 1];  /* of each label; the last is the root's */
	uint32_t hashes[REED_DNS_LABELS_MAX + 1]; /* of what begins there */
};

void dns_path_of(struct dns_path *path, const uint8_t *wire);

/*
 * What a name is found by is somewhere in memory, so that each look waits for it.
 * Whoever has many to look up asks for all of them first, stage by stage: the
 * place in the table, the node, its records.
 */
enum { DNS_STAGES = 3 };
void dns_zone_prefetch(const struct reed_dns_zone *zone, const struct dns_path *path, int stage);

/* The node of what begins at the i-th label; NULL: there is none. */
struct dns_node *dns_zone_node(const struct reed_dns_zone *zone, const uint8_t *wire,
                               const struct dns_path *path, unsigned i);
struct dns_node *dns_zone_find(const struct reed_dns_zone *zone, const uint8_t *wire);

/* Made, with those above it, if need be. */
struct dns_node *dns_zone_make(struct reed_dns_zone *zone, const uint8_t *wire);

/* The node of a path's longest part that is there; *depth is where it begins. */
struct dns_node *dns_zone_encloser(const struct reed_dns_zone *zone, const uint8_t *wire,
                                   const struct dns_path *path, unsigned *depth);

static inline const struct dns_rrset *dns_node_set(const struct dns_node *node, uint16_t type)
{
	const struct dns_rrset *set = node->sets;

	while (set && set->type != type)
		set = set->next;
	return set;
}

/* ---- building (store_compile.c) ---- */

/* raw is what the node has; the RRsets are made of it. */
void dns_compile_node(struct reed_dns_zone *zone, struct dns_node *node);

/* Where addresses are to be found; when all nodes are there. */
void dns_compile_hosts(struct reed_dns_zone *zone, struct dns_node *node);

/* The same RRset with another TTL. */
struct dns_rrset *dns_compile_copy(struct reed_dns_zone *zone, const struct dns_rrset *set,
                                   uint32_t ttl);

/* ---- a zone being made (store.c) ---- */

struct dns_loading {
	struct reed_dns_zone *zone;
	const struct dns_file *file;
	struct reed_fault *fault;
};

void dns_loading_begin(struct dns_loading *l, const struct reed_dns_name *name);

/* A reed_dns_zone_fn of struct dns_loading. */
enum reed_err dns_loading_add(void *l, const struct reed_dns_zone_record *record);

/*
 * What was added is looked over; a zone that will not do is gone, and *zone NULL; err is
 * how the adding ended.  path is what it calls itself in faults.
 */
enum reed_err dns_loading_finish(struct dns_loading *l, const char *path, enum reed_err err,
                                 struct reed_dns_zone **zone, struct reed_fault **fault);

/* ---- what has to hold (store_finish.c) ---- */

/* "zone.db:12: a sentence" */
struct reed_fault *dns_raw_fault(const struct dns_raw *raw, const char *format, ...)
	REED_PRINTF(2, 3);

enum reed_err dns_zone_finish(struct reed_dns_zone *zone, const char *path,
                              struct reed_fault **fault);

/* ---- denial (store_denial.c) ---- */

/* A record of an NSEC3 name; REED_ESYNTAX: which is none. */
enum reed_err dns_zone_add_nsec3(struct reed_dns_zone *zone, const struct reed_dns_name *owner,
                                 struct dns_raw *raw);

/* The arrays of NSEC and NSEC3; REED_ESYNTAX: parameters that cannot be served. */
enum reed_err dns_zone_index_denial(struct reed_dns_zone *zone, struct reed_fault **fault);

/* The last with NSEC at or before the name. */
struct dns_node *dns_zone_before(const struct reed_dns_zone *zone, const uint8_t *wire);

/* The hash of a name; false: the zone has no NSEC3. */
bool dns_zone_hash(const struct reed_dns_zone *zone, const uint8_t *wire, uint8_t hash[NSEC3_HASH]);

/* The hash of a name (RFC 5155 5), and as a label, without its length. */
void dns_nsec3_hash(const uint8_t *wire, unsigned iterations, struct reed_slice salt,
                    uint8_t hash[NSEC3_HASH]);
void dns_nsec3_label(uint8_t *label, const uint8_t hash[NSEC3_HASH]);
bool dns_nsec3_read_label(const uint8_t *label, uint8_t hash[NSEC3_HASH]);

/* The NSEC3 whose hash it is, or with covers the one before it. */
struct dns_node *dns_zone_nsec3(const struct reed_dns_zone *zone, const uint8_t hash[NSEC3_HASH],
                                bool covers);

#endif
