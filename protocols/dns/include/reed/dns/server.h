/*
 * An authoritative name server: zones, and answers made by code, over UDP, TCP
 * and TLS.
 *
 *	server = reed_dns_server_new(loop, NULL);
 *	reed_dns_zone_load("zone.db", &name, &zone, &fault);  in a thread
 *	reed_dns_server_put(server, zone, NULL);
 *	...
 *	reed_listen_and_serve(loop, "tcp:53", reed_dns_session, server, NULL)
 *	reed_dns_serve(server, dgram)
 *
 * It answers for what is its own, and for nothing else: REFUSED.  A zone is
 * replaced as a whole between two queries, so that none is missed; transfers
 * under way go on with what they began with.
 *
 * RFC 1034, 1035, 2181, 2308, 4035, 4592, 5155, 5936, 6672, 6891, 7766, 8482,
 * 9018, 9471, 9619.  Everything belongs to one loop.
 */

#ifndef REED_DNS_SERVER_H
#define REED_DNS_SERVER_H

#include "reed/address.h"
#include "reed/dgram.h"
#include "reed/dns/message.h"
#include "reed/dns/store.h"
#include "reed/dns/tsig.h"
#include "reed/stream.h"

REED_BEGIN_DECLS

struct reed_dns_server;

struct reed_dns_server_options {
	size_t size;          /* of this struct */
	const char *identity; /* NSID (RFC 5001), and id.server of class CH; NULL: none */
	const char *version;  /* version.bind and version.server of class CH; NULL: refused */
	uint16_t udp_size;    /* answers over UDP at most; 0: 1232 */
	uint32_t rate;        /* the same answer to one network, a second; 0: no limit */
	uint32_t slip; /* every n-th that is over the rate is TC instead of nothing; 0: none */
	bool limit_loopback;  /* limit loopback as others */
	uint32_t connections; /* of one address at a time; 0: 64 */
	int64_t idle;         /* ns until a connection without queries is closed; 0: 10 s */
	uint32_t under_way;   /* answers that code is making, at most; 0: 1024 */
	int64_t patience;     /* ns for code to answer, then SERVFAIL; 0: 5 s */
	uint32_t log_every;   /* one query of so many is logged; 0: none */
};

#define REED_DNS_SERVER_OPTIONS                                \
	{                                                      \
		.size = sizeof(struct reed_dns_server_options) \
	}

/* options may be NULL; texts are copied. */
REED_API struct reed_dns_server *reed_dns_server_new(struct reed_loop *loop,
                                                     const struct reed_dns_server_options *options);

/* Once no session runs any more.  May be NULL. */
REED_API void reed_dns_server_free(struct reed_dns_server *self);

/* Takes effect with the next query. */
REED_API void reed_dns_server_update(struct reed_dns_server *self,
                                     const struct reed_dns_server_options *options);

/*
 * The keys that queries may be signed with (RFC 8945), in the place of those before;
 * consumes keys, which may be NULL.  A signed query has a signed answer.
 */
REED_API void reed_dns_server_keys(struct reed_dns_server *self, struct reed_dns_keys *keys);

struct reed_dns_tap;

/* Queries and answers go there from now on (tap.h), which outlives it; NULL: nowhere. */
REED_API void reed_dns_server_tap(struct reed_dns_server *self, struct reed_dns_tap *tap);

/* ---- zones ---- */

/* Addresses that have their first bits in common. */
struct reed_dns_prefix {
	enum reed_family family;
	uint8_t bits;
	unsigned char ip[16];
};

/* "192.0.2.0/24", "2001:db8::/32", "192.0.2.1".  REED_ESYNTAX. */
REED_API enum reed_err reed_dns_prefix_parse(struct reed_slice text,
                                             struct reed_dns_prefix *prefix);
REED_API bool reed_dns_prefix_has(const struct reed_dns_prefix *prefix,
                                  const struct reed_address *address);

enum reed_dns_action {
	REED_DNS_MAY_TRANSFER = 1,
	REED_DNS_MAY_NOTIFY = 2,
	REED_DNS_MAY_UPDATE = 4,
};

/* Which names an update may change, as against those of the rule. */
enum reed_dns_owner_match {
	REED_DNS_OWNER_ANY,
	REED_DNS_OWNER_EQUAL,
	REED_DNS_OWNER_SUB, /* below one of them */
	REED_DNS_OWNER_SUB_OR_EQUAL,
};

/* Who may do what.  An empty list of networks, keys or types is any; of keys also none. */
struct reed_dns_rule {
	unsigned actions; /* enum reed_dns_action */
	bool deny;
	const struct reed_dns_prefix *networks;
	size_t network_count;
	const struct reed_dns_name *keys;
	size_t key_count;
	/* Of updates: */
	enum reed_dns_owner_match match;
	bool owner_is_key; /* the only name is that of the key */
	const struct reed_dns_name *owners;
	size_t owner_count;
	const uint16_t *types;
	size_t type_count;
};

/* All of it is copied. */
struct reed_dns_access {
	size_t size;                            /* of this struct */
	const struct reed_dns_prefix *transfer; /* who may have all of the zone */
	size_t transfer_count;
	const struct reed_dns_rule *rules; /* the first that is about it decides; none does: no */
	size_t rule_count;
	bool closed; /* who may not transfer it is refused queries too */
};

#define REED_DNS_ACCESS                                \
	{                                              \
		.size = sizeof(struct reed_dns_access) \
	}

/* In the place of the zone of that name, if there is one.  Consumes zone; access NULL: nobody. */
REED_API void reed_dns_server_put(struct reed_dns_server *self, struct reed_dns_zone *zone,
                                  const struct reed_dns_access *access);

/* REED_ENOENT: there is none of that name. */
REED_API enum reed_err reed_dns_server_take(struct reed_dns_server *self,
                                            const struct reed_dns_name *name);

/* The zone of that name, not shared; NULL: there is none. */
REED_API struct reed_dns_zone *reed_dns_server_zone(const struct reed_dns_server *self,
                                                    const struct reed_dns_name *name);

/* How many zones it has. */
REED_API size_t reed_dns_server_zones(const struct reed_dns_server *self);

/* The name of the i-th zone, in no order; NULL past the end. */
REED_API const struct reed_dns_name *reed_dns_server_zone_at(const struct reed_dns_server *self,
                                                             size_t i);

/*
 * What was counted, but what is 0: kind is "transport", "rcode", "type", "zone", "rate" or
 * "other".  Metrics (metric.h) are the same figures.
 */
typedef void reed_dns_figure_fn(void *arg, const char *kind, const char *name, uint64_t value);
REED_API void reed_dns_server_figures(const struct reed_dns_server *self, reed_dns_figure_fn *fn,
                                      void *arg);

/* ---- answers made by code ---- */

/* Belongs to the server, as long as it is not answered. */
struct reed_dns_request {
	struct reed_loop *loop;
	struct reed_dns_name name;
	uint16_t type;
	struct reed_address client;
	void *reserved[2];
};

/*
 * Called for each question.  NULL: the answer is complete.  Else it is when the
 * future ends, which is dropped with the request; a failure is SERVFAIL.
 */
typedef struct reed_future *reed_dns_answer_fn(void *arg, struct reed_dns_request *request);

/*
 * fn answers what is asked of name and of what is below it: one type, or every
 * one (0).  It goes before a zone of that name or above, which answers the rest.
 */
REED_API void reed_dns_server_answer(struct reed_dns_server *self, const struct reed_dns_name *name,
                                     uint16_t type, reed_dns_answer_fn *fn, void *arg);

/* One record of the name that was asked for: "192.0.2.1".  REED_ESYNTAX, REED_ETOOBIG. */
REED_API enum reed_err reed_dns_reply(struct reed_dns_request *request, uint16_t type, uint32_t ttl,
                                      const char *rdata);

/* Any record, of wire form; sections in their order.  REED_EPROTO, REED_ETOOBIG. */
REED_API enum reed_err reed_dns_reply_record(struct reed_dns_request *request,
                                             enum reed_dns_section section,
                                             const struct reed_dns_name *owner, uint16_t type,
                                             uint32_t ttl, struct reed_slice rdata);

/* enum reed_dns_rcode; NOERROR unless it is called. */
REED_API void reed_dns_reply_code(struct reed_dns_request *request, unsigned rcode);

/* ---- doors ---- */

/* A session that owns dgram: drop it, or interrupt it, to end. */
REED_API struct reed_future *reed_dns_serve(struct reed_dns_server *self, struct reed_dgram *dgram);

/* For reed_serve() over TCP and TLS; arg is the server. */
REED_API struct reed_future *reed_dns_session(void *server, struct reed_stream *stream);

/* A connection over TCP or TLS.  Borrowed for the call. */
struct reed_dns_client {
	struct reed_stream *stream;
	uint64_t queries;
	bool transfer; /* of a zone, under way */
	int64_t since; /* reed_now() */
};

/* Each of them, until it returns false. */
typedef bool reed_dns_client_fn(void *arg, const struct reed_dns_client *client);
REED_API void reed_dns_server_each(const struct reed_dns_server *self, reed_dns_client_fn *each,
                                   void *arg);

/* ---- without any door ---- */

enum reed_dns_door {
	REED_DNS_UDP,
	REED_DNS_TCP,
	REED_DNS_TLS, /* answers are padded (RFC 8467) */
};

/*
 * What the zones answer to one message: 0 bytes when it wants none, as one that is
 * no query, or when code or a transfer would answer.  room is at least 512.
 */
REED_API size_t reed_dns_server_ask(struct reed_dns_server *self, enum reed_dns_door door,
                                    const struct reed_address *client, struct reed_slice query,
                                    void *into, size_t room);

/* ---- secondaries ---- */

/*
 * Tells one, by "udp:192.0.2.1:53", that a zone has changed (RFC 1996), until it
 * says that it has heard: REED_ETIMEDOUT after five times.
 */
REED_API struct reed_future *reed_dns_notify(struct reed_loop *loop, const char *endpoint,
                                             const struct reed_dns_name *name, uint32_t serial);

/* The same, signed with a key, which its answer has to be too; NULL: as above. */
REED_API struct reed_future *reed_dns_notify_signed(struct reed_loop *loop, const char *endpoint,
                                                    const struct reed_dns_key *key,
                                                    const struct reed_dns_name *name,
                                                    uint32_t serial);

/*
 * A view: clients that get what another server says, with zones and a resolver of its own.
 * The first that fits counts, else it is this one.
 */
struct reed_dns_view {
	const struct reed_dns_prefix *clients; /* none: all */
	size_t client_count;
	const struct reed_dns_name *keys; /* that sign the query; none: signed or not */
	size_t key_count;
	struct reed_dns_server *server; /* has to stay as long as this one */
};

/* In the place of those before; what they point to is copied, but for the servers. */
REED_API void reed_dns_server_views(struct reed_dns_server *self, const struct reed_dns_view *views,
                                    size_t count);

/*
 * The answer to one query, whatever it takes, for doors of other protocols, such as HTTP;
 * all but transfers, which are refused.  It is added to *answer at delivery; nothing is when
 * it was no query.  The bytes are copied, the future may be dropped.
 */
REED_API struct reed_future *reed_dns_server_exchange(struct reed_dns_server *self,
                                                      enum reed_dns_door door,
                                                      const struct reed_address *client,
                                                      struct reed_slice query,
                                                      struct reed_buf *answer);

REED_END_DECLS

#endif
