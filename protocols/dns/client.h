/* What the files of the client share. */

#ifndef REED_DNS_CLIENT_PRIVATE_H
#define REED_DNS_CLIENT_PRIVATE_H

#include "reed/cell.h"
#include "reed/dns/client.h"
#include "reed/scope.h"
#include "reed/stream.h"

enum {
	QUERY_ROOM = 512,
	JAR = 256, /* cookies of so many servers */
	COOKIE_OURS = 8,
	COOKIE_THEIRS = 32,
};

struct dns_jar_slot {
	struct reed_address server;
	uint8_t theirs[COOKIE_THEIRS];
	uint8_t n; /* bytes of theirs; 0: none */
};

struct reed_dns_asker {
	struct reed_loop *loop;
	struct reed_dns_asker_options options;
	struct reed_scope scope; /* connections */
	struct reed_list links;
	struct reed_dns_asker_stats stats;
	uint8_t secret[16]; /* of our half of cookies */
	struct dns_jar_slot *jar;
};

/* What is sent, and what has to come back. */
struct dns_question_sent {
	struct reed_dns_name name; /* in the letters it was sent in */
	uint16_t type, klass, id;
};

/* ---- client_message.c: pure ---- */

enum dns_match {
	DNS_MATCH_NOT,
	DNS_MATCH_FOLDED, /* but for upper and lower case */
	DNS_MATCH_YES,
};

/* Whether bytes are the answer to that; *m is parsed then. */
enum dns_match dns_match(struct reed_slice bytes, const struct dns_question_sent *sent,
                         struct reed_dns_message *m);

/* Letters by chance (draft-vixie-dnsext-dns0x20). */
void dns_mix_case(struct reed_dns_name *name, uint64_t chance[4]);

struct dns_sending {
	const struct reed_dns_ask *ask;
	const struct dns_question_sent *sent;
	uint16_t udp_size;
	struct reed_slice cookie; /* the option's data; empty: none */
	bool edns, padded;
};

enum reed_err dns_query_write(const struct dns_sending *how, uint8_t *into, size_t room,
                              struct reed_slice *message);

/* ---- client_cookie.c ---- */

/* The data of the option for this server; returns how many bytes. */
size_t dns_jar_get(struct reed_dns_asker *self, const struct reed_address *server,
                   uint8_t into[COOKIE_OURS + COOKIE_THEIRS]);

/* Keeps what the server has said; false: it is not ours that it echoes. */
bool dns_jar_put(struct reed_dns_asker *self, const struct reed_address *server,
                 const struct reed_dns_message *m);

/* A server that has said nothing may be another one behind the same address by now. */
void dns_jar_forget(struct reed_dns_asker *self, const struct reed_address *server);

/* ---- client_link.c: connections ---- */

struct dns_link;

/* A query on a connection; embedded in whoever waits for it. */
struct dns_pending {
	struct reed_list list;
	struct dns_link *link; /* NULL: none, or it has ended */
	struct dns_question_sent sent;
	struct reed_cell done; /* counts when there are bytes, or an error */
	char *bytes;           /* the answer, owned */
	size_t n;
	enum reed_err err;
	struct reed_fault *fault; /* owned; may be NULL */
	uint8_t query[2 + QUERY_ROOM];
	size_t query_n;
	bool reused; /* the connection was there before */
};

/* The query is on its way, or will be; REED_ETOOBIG. */
enum reed_err dns_link_send(struct reed_dns_asker *self, const char *endpoint,
                            const struct reed_dns_ask *ask, struct dns_pending *pending);

/* The query, as it is sent; empty before that. */
struct reed_slice dns_pending_message(const struct dns_pending *pending);

/* Forgets it; what is owned is freed. */
void dns_pending_finish(struct dns_pending *pending);

#endif
