/*
 * SASL (RFC 4422): the dialogue by which a client of any protocol logs in.
 *
 * Here are the mechanisms; how their messages travel (base64 in lines, XML, ...)
 * is the protocol's.  The server's side ends in reed_portal_login() (auth.h):
 *
 *	SCRAM-SHA-256-PLUS, SCRAM-SHA-256       RFC 5802, RFC 7677
 *	EXTERNAL                                RFC 4422 A: a TLS client certificate
 *	PLAIN                                   RFC 4616: a password or an app token
 *	CRAM-MD5                                RFC 2195, where the options want it
 *	ANONYMOUS                               RFC 4505
 *
 * Channel bindings are tls-exporter (RFC 9266) and tls-server-end-point (RFC
 * 5929 4).  A client may speak SCRAM-SHA-1 too, to servers that know nothing
 * better; a server cannot, as it keeps verifiers for SHA-256 only.
 *
 * The peer's messages are limited to REED_SASL_MESSAGE bytes.  Errors of a step
 * are those of auth.h, and REED_EPROTO for a message that breaks the rules of
 * its mechanism.  After an error there is no further step.
 */

#ifndef REED_SASL_H
#define REED_SASL_H

#include "reed/auth.h"
#include "reed/buf.h"

REED_BEGIN_DECLS

enum { REED_SASL_MESSAGE = 4096 };

/* ---- names and passwords ---- */

/*
 * Passwords by SASLprep (RFC 4013).  Names by nodeprep (RFC 3920 A), which does
 * the same, folds case, and leaves what is a JID's localpart as well: so no two
 * accounts can be told apart by one door and not by another.
 */
REED_API extern const struct reed_auth_rules reed_auth_rules_unicode;

/* ---- what both sides know of the connection ---- */

/* Borrowed. */
struct reed_sasl_channel {
	bool secure;                 /* nobody in between can read it */
	struct reed_slice exporter;  /* the binding tls-exporter; empty: none */
	struct reed_slice end_point; /* the binding tls-server-end-point; empty: none */
	void *reserved[4];
};

/* In place of a message where there is none, which is not the same as an empty one. */
#define REED_SASL_NOTHING reed_slice(NULL, 0)

struct reed_sasl_reply {
	struct reed_slice data;     /* to be sent; good until the next step or the end */
	bool has_data;              /* there is something to send, perhaps empty */
	bool done;                  /* nothing more is expected of the peer */
	struct reed_avatar *avatar; /* of a server that is done: the caller's, who logs it out */
};

/* ---- the server's side ---- */

/* What all of it points to is borrowed, and must outlive the exchanges. */
struct reed_sasl_options {
	size_t size;
	struct reed_portal *portal;
	const char *interface;
	struct reed_peer from;
	struct reed_sasl_channel channel;
	const struct reed_certificate *certificate; /* the client's; NULL: none */
	const char *host;                           /* alice@HOST is alice; may be NULL */
	bool plain_in_clear;  /* offer PLAIN where somebody in between could read it */
	bool success_is_bare; /* the protocol cannot send data along with success */
	/*
	 * Offer CRAM-MD5 too, where accounts can carry it (secrets:).  It is weak: take it for
	 * clients that know nothing better.  No client here answers it.
	 */
	bool cram_md5;
};

#define REED_SASL_OPTIONS                                \
	{                                                \
		.size = sizeof(struct reed_sasl_options) \
	}

/* Adds the mechanisms to offer, best first: "SCRAM-SHA-256,PLAIN" with ','. */
REED_API void reed_sasl_mechanisms(const struct reed_sasl_options *options, char separator,
                                   struct reed_buf *out);

/* Adds the channel bindings there are, as XEP-0440 lists them. */
REED_API void reed_sasl_bindings(const struct reed_sasl_channel *channel, char separator,
                                 struct reed_buf *out);

struct reed_sasl;

/* REED_ENOTSUP: not offered.  Case does not matter. */
REED_API enum reed_err reed_sasl_new(const struct reed_sasl_options *options,
                                     struct reed_slice mechanism, struct reed_sasl **out);

/* Logs out an avatar nobody has taken.  No step is under way.  May be NULL. */
REED_API void reed_sasl_free(struct reed_sasl *self);

/*
 * in, which is copied, is the client's message: the initial response, or
 * REED_SASL_NOTHING when there was none, then the answers to what was sent.
 */
REED_API struct reed_future *reed_sasl_step(struct reed_sasl *self, struct reed_slice in,
                                            struct reed_sasl_reply *out);

/* ---- the client's side ---- */

struct reed_sasl_client_options {
	size_t size;
	const char *user, *password; /* NULL: none */
	const char *authzid;         /* whom to act as; NULL: oneself */
	bool certificate;            /* one was shown in the TLS handshake */
	bool anonymous;              /* take ANONYMOUS where nothing else will do */
	struct reed_sasl_channel channel;
	const char *mechanism;               /* this one or none; NULL: the best */
	uint32_t iterations_max;             /* more is refused; 0: 1,000,000 */
	bool plain_in_clear;                 /* show the password to whoever is in between */
	const struct reed_auth_rules *rules; /* NULL: reed_auth_rules_unicode */
};

#define REED_SASL_CLIENT_OPTIONS                                \
	{                                                       \
		.size = sizeof(struct reed_sasl_client_options) \
	}

struct reed_sasl_client;

/*
 * offered: the server's mechanisms, separated by spaces or commas.  All is
 * copied.  REED_ENOTSUP: none of them will do; REED_EINVAL: no good name or
 * password.  *why, which may be NULL, is a sentence then.
 */
REED_API enum reed_err reed_sasl_client_new(struct reed_loop *loop,
                                            const struct reed_sasl_client_options *options,
                                            struct reed_slice offered,
                                            struct reed_sasl_client **out, const char **why);

/* No step is under way.  May be NULL. */
REED_API void reed_sasl_client_free(struct reed_sasl_client *self);

/* The one chosen. */
REED_API const char *reed_sasl_client_mechanism(const struct reed_sasl_client *self);

/*
 * First REED_SASL_NOTHING, which gives the initial response (if has_data), then
 * the server's challenges.  Keys are derived on another thread.
 */
REED_API struct reed_future *reed_sasl_client_step(struct reed_sasl_client *self,
                                                   struct reed_slice in,
                                                   struct reed_sasl_reply *out);

/*
 * The server says that all is well; data is what came along, or
 * REED_SASL_NOTHING.  REED_EAUTH: it has not shown that it knows us, so it may
 * be somebody else.
 */
REED_API enum reed_err reed_sasl_client_succeed(struct reed_sasl_client *self,
                                                struct reed_slice data);

REED_END_DECLS

#endif
