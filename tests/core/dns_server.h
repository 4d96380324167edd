/*
 * A name server in the loop of a test, on UDP and TCP of 127.0.0.1, and not
 * always a good one.  It keeps no loop running.
 */

#ifndef REED_TESTS_DNS_SERVER_H
#define REED_TESTS_DNS_SERVER_H

#include "dns_message.h"

enum dns_mood {
	DNS_GOOD,
	DNS_SILENT,
	DNS_TRUNCATES, /* tells the whole by TCP only */
	DNS_HANGS_UP,  /* truncates, and says nothing by TCP either */
	DNS_KNOWS_NO_EDNS,
	DNS_FAILS,
	DNS_REFUSES,
	DNS_RAVES,     /* the record is garbage */
	DNS_MUMBLES,   /* less than a header */
	DNS_IS_FORGED, /* 6.6.6.6 with another number, of another question; then the truth */
};

struct dns_rule {
	const char *name; /* NULL: everything else; the last one */
	int type;         /* 0: any */
	enum dns_mood mood;
	int64_t delay_ms;
};

struct dns_server {
	struct reed_loop *loop;
	const struct dns_record *zone; /* ends with owner NULL */
	const struct dns_rule *rules;  /* NULL: good to everyone */
	const char *negative;          /* of the SOA record; NULL: none */
	char address[32];              /* "127.0.0.1:12345" */
	int by_udp, by_tcp;            /* questions */
	char log[4096];                /* " name/type" of each */
	struct reed_fd_watch udp, tcp;
	struct reed_list connections, replies;
};

void dns_server_open(struct dns_server *s, struct reed_loop *loop);
void dns_server_close(struct dns_server *s);

#endif
