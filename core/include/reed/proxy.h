/*
 * The PROXY protocol, versions 1 and 2 (haproxy.org, doc/proxy-protocol.txt,
 * of 2020): a proxy in front of a server tells it in a header, ahead of the
 * first byte of the connection, whose connection that is.
 *
 * Receiving.  A listener made from another one yields the very streams of that
 * one, when their header has come and has been taken away; so nothing is in
 * the way after it.  The stream's facts have the client's addresses then, and
 * in facts.proxy all that was told.  They say no more that the stream is
 * secure than is true of the whole way, and nothing of what is only the
 * proxy's: its user, its certificate.  Somebody who may not send a header, who
 * sends none, a wrong one, or none in time is cut off with a line in the log.
 *
 * Sending is a write of one header, first of all.
 *
 * Limits: a header of version 1 has 107 bytes at the most, as it is specified;
 * of version 2 REED_PROXY_LENGTH.
 *
 * Errors: REED_EPROTO, no header or a wrong one; REED_ETOOBIG, too long a one;
 * REED_ETIMEDOUT; REED_EACCES, not from there.
 */

#ifndef REED_PROXY_H
#define REED_PROXY_H

#include "reed/buf.h"
#include "reed/listener.h"
#include "reed/stream.h"

REED_BEGIN_DECLS

enum { REED_PROXY_LENGTH = 4096 };

/*
 * What a header tells.  Slices may hold any byte.
 */
struct reed_proxy_facts {
	size_t size; /* of this struct */
	int version; /* 1, 2 */
	bool local;  /* of version 2: the proxy's own connection, such as a check of health */
	struct reed_address source,
		destination;               /* as the client sees them; family NONE: not told */
	struct reed_slice alpn, authority; /* all of these of version 2 only; empty: not told */
	struct reed_slice unique_id, netns;
	bool crc;         /* written: with a checksum; read: there was one, and it was right */
	bool tls;         /* between client and proxy */
	bool certificate; /* the client has shown one, in this connection or in its session */
	bool verified;    /* and the proxy believes it */
	struct reed_slice tls_version, tls_name, tls_cipher, tls_signature, tls_key;
	struct reed_slice
		tlvs; /* read: all of them, for reed_proxy_next(); written: further ones */
	struct reed_address via; /* of a stream: the proxy */
	void *reserved[4];
};

#define REED_PROXY_FACTS                                               \
	{                                                              \
		.size = sizeof(struct reed_proxy_facts), .version = 2, \
	}

enum reed_proxy_type {
	REED_PROXY_ALPN = 0x01,
	REED_PROXY_AUTHORITY = 0x02,
	REED_PROXY_CRC32C = 0x03,
	REED_PROXY_NOOP = 0x04,
	REED_PROXY_UNIQUE_ID = 0x05,
	REED_PROXY_TLS = 0x20,
	REED_PROXY_TLS_VERSION = 0x21,
	REED_PROXY_TLS_NAME = 0x22, /* the common name of the client's certificate */
	REED_PROXY_TLS_CIPHER = 0x23,
	REED_PROXY_TLS_SIGNATURE = 0x24,
	REED_PROXY_TLS_KEY = 0x25,
	REED_PROXY_NETNS = 0x30,
};

/* Takes the first of tlvs; false when there is none. */
REED_API bool reed_proxy_next(struct reed_slice *tlvs, uint8_t *type, struct reed_slice *value);

/*
 * The header that in begins with, and its length; slices point into in.
 * REED_EAGAIN: what is here may be the beginning of one.  Else *fault, which
 * is the caller's, says what is wrong.
 */
REED_API enum reed_err reed_proxy_parse(struct reed_slice in, struct reed_proxy_facts *told,
                                        size_t *length, struct reed_fault **fault);

/*
 * Adds the header; REED_EINVAL: source and destination are of two families;
 * REED_ETOOBIG.  Version 1 leaves out what it has no words for.
 */
REED_API enum reed_err reed_proxy_format(const struct reed_proxy_facts *told, struct reed_buf *out);

/* Writes the header to a new stream; told NULL: version 2, with the stream's own addresses. */
REED_API enum reed_err reed_proxy_write(struct reed_stream *s, const struct reed_proxy_facts *told);

/* Settles when the header of s has come and is part of its facts; whoever sends it is believed. */
REED_API struct reed_future *reed_proxy_read(struct reed_stream *s);

struct reed_proxy_options {
	size_t size; /* of this struct */
	/*
	 * Who may send a header: prefixes with commas, "unix" for UNIX sockets,
	 * "any".  NULL: this machine.
	 */
	const char *trust;
	int64_t deadline_ms; /* for the header to come */
	uint32_t waiting;    /* connections without a header at a time; more are not accepted */
	void *reserved[4];
};

#define REED_PROXY_OPTIONS                                                                      \
	{                                                                                       \
		.size = sizeof(struct reed_proxy_options), .deadline_ms = 5000, .waiting = 256, \
	}

/* REED_ESYNTAX: trust is no such list, with a fault that is the caller's; else it owns below. */
REED_API enum reed_err reed_proxy_listener(struct reed_listener *below,
                                           const struct reed_proxy_options *options,
                                           struct reed_listener **listener,
                                           struct reed_fault **fault);

REED_END_DECLS

#endif
