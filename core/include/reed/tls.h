/*
 * TLS 1.2 and 1.3 (RFC 5246, 8446) over any stream.
 *
 * A context says whom to trust, or who one is; it is made of files at start
 * and is shared by many streams.  A TLS stream is a stream made from a stream:
 * it owns the one below, reads and writes like any other, and is there at
 * once.  Its handshake goes on by itself, from the end of the turn it was made
 * in; what is written until then waits, and what is read comes after it.
 * Whoever wants to know when it is over awaits reed_tls_handshake(), and sets
 * its deadline: reed_within(10000, reed_tls_handshake(s)).
 *
 * Clients verify: the chain up to a trusted root, the dates (by the wall clock
 * of the loop) and the name (RFC 9525; the common name does not count).
 * Nobody renegotiates, and nothing is compressed.
 *
 * Start-TLS.  The stream below may have been used before, in either face; for
 * a session say reed_restack() at once.  What was written to it leaves before
 * the handshake.  What had come but not been taken is taken for the beginning
 * of the handshake, never for data of the secured stream: commands that
 * somebody in between put behind "STARTTLS" make the handshake fail.
 *
 * The end.  The peer's close_notify is REED_EEOF; ours is sent by
 * reed_shutdown() and reed_close().  When the stream below ends without one,
 * somebody may have cut it short: that is REED_EEOF too, as many peers are so
 * impolite, and facts.tls->clean_end tells; with .strict_end it is
 * REED_EPROTO.  Be strict where the end of the stream is what ends a message.
 *
 * Errors of streams: REED_ECERT, a certificate is not accepted, by us or by
 * the peer; REED_EPROTO, the handshake failed otherwise; REED_EINVAL, an
 * option is wrong.  reed_stream_why() has the sentence.
 *
 * Memory: an idle stream holds no buffers; while data flow it is lent up to
 * three of 64 KiB.  A peer that sends nothing but handshake messages after
 * the handshake is cut off.
 */

#ifndef REED_TLS_H
#define REED_TLS_H

#include "reed/cert.h"
#include "reed/listener.h"
#include "reed/stream.h"

REED_BEGIN_DECLS

/* ---- contexts ---- */

struct reed_tls_ctx;

enum reed_tls_version {
	REED_TLS_DEFAULT,
	REED_TLS_1_0_INSECURE, /* only for peers that know nothing else */
	REED_TLS_1_1_INSECURE,
	REED_TLS_1_2, /* the default minimum */
	REED_TLS_1_3,
};

/* What both sides may say; zero and NULL are the defaults. */
struct reed_tls_policy {
	enum reed_tls_version min, max;
	const char *ciphers; /* of TLS 1.2, in the words of openssl-ciphers(1) */
	const char *groups;  /* "X25519:P-256:P-384" */
	bool no_resumption;  /* neither tickets nor session caches */
	void *reserved[2];
};

/* Certificates to trust, or to show: files, or PEM in memory, which goes first. */
struct reed_tls_client_ctx_options {
	size_t size;         /* of this struct */
	const char *ca_file; /* roots in PEM, besides the system's */
	const char *ca_dir;  /* the same, one a file, named as by openssl-rehash(1) */
	struct reed_slice ca_pem;
	bool no_system_roots;     /* trust those above only */
	bool insecure_accept_any; /* any server may say it is any other: for tests */
	const char *cert, *key;   /* the client's own, if any; key NULL: it is in cert */
	struct reed_slice cert_pem, key_pem;
	int64_t wall; /* reed_wall(): expired ones are refused; 0: not looked at */
	struct reed_tls_policy policy;
	void *reserved[4];
};

#define REED_TLS_CLIENT_CTX_OPTIONS                                \
	{                                                          \
		.size = sizeof(struct reed_tls_client_ctx_options) \
	}

enum reed_tls_client_cert {
	REED_TLS_NO_CLIENT_CERT,
	REED_TLS_ASK,          /* any or none; facts.tls says which, and if verified */
	REED_TLS_ASK_VERIFIED, /* none, or one that the roots vouch for */
	REED_TLS_REQUIRE,      /* any */
	REED_TLS_REQUIRE_VERIFIED,
};

struct reed_tls_server_ctx_options {
	size_t size; /* of this struct */
	/*
	 * A PEM file with the chain, the server's own certificate first, and its
	 * key, which may be in a file of its own.  Or a directory: each *.pem in
	 * it is such a file, with the key in it, and the name the client asks for
	 * (SNI) chooses by the names in the certificates; "*.example.org" stands
	 * for one label.  ECDSA and RSA for one name are both kept.  Who asks for
	 * no name, or an unknown one, gets default.pem, else the first file.
	 */
	const char *cert, *key;
	struct reed_slice cert_pem, key_pem;
	enum reed_tls_client_cert client_cert;
	const char *client_ca_file, *client_ca_dir; /* who vouches for clients; the system's */
	struct reed_slice client_ca_pem;            /* roots do not */
	int64_t wall; /* reed_wall(): expired ones are refused; 0: not looked at */
	struct reed_tls_policy policy;
	/*
	 * A file with an OCSP response in DER (RFC 6960), handed to clients that ask
	 * for it with the certificate; in a directory, NAME.ocsp beside NAME.pem.
	 * One that is malformed, of another certificate or of a revoked one is an
	 * error; one that is out of date is not handed out, and the log says so.
	 */
	const char *staple;
	void *reserved[3];
};

#define REED_TLS_SERVER_CTX_OPTIONS                                \
	{                                                          \
		.size = sizeof(struct reed_tls_server_ctx_options) \
	}

/*
 * Both read files, and block: for the start of a program or a worker thread.
 * The caller is the first holder.  options may be NULL for clients.  REED_ENOENT,
 * REED_EACCES: of a file; REED_ECERT: certificates that will not do; REED_ESYNTAX,
 * REED_EAUTH (an encrypted key), REED_EINVAL.  fault, which may be NULL, is set then.
 */
REED_API enum reed_err reed_tls_client_ctx(const struct reed_tls_client_ctx_options *options,
                                           struct reed_tls_ctx **ctx, struct reed_fault **fault);
REED_API enum reed_err reed_tls_server_ctx(const struct reed_tls_server_ctx_options *options,
                                           struct reed_tls_ctx **ctx, struct reed_fault **fault);

/*
 * Reads the files again, for streams made from then on; those there are keep
 * what they have.  When the new ones are no good the old ones stay in use.
 * wall as in the options.  May be called by any thread.
 */
REED_API enum reed_err reed_tls_ctx_reload(struct reed_tls_ctx *ctx, int64_t wall,
                                           struct reed_fault **fault);

/* When the first of its own certificates expires; INT64_MAX when it has none. */
REED_API int64_t reed_tls_ctx_expires(struct reed_tls_ctx *ctx);

/* When the first of its OCSP responses is out of date; INT64_MAX when it has none. */
REED_API int64_t reed_tls_ctx_staple_until(struct reed_tls_ctx *ctx);

/* One more holder, who may be in another thread; returns ctx. */
REED_API struct reed_tls_ctx *reed_tls_ctx_share(struct reed_tls_ctx *ctx);

/* One holder less.  Streams hold what they need themselves.  May be NULL. */
REED_API void reed_tls_ctx_release(struct reed_tls_ctx *ctx);

/* ---- streams ---- */

/*
 * OCSP responses that servers show with their certificates (RFC 6066 8, RFC 6960).
 * One that is shown has to be signed by who issued the certificate, of today, and
 * say that it is good: REED_ECERT.  Nobody else is asked, whatever is missing.
 */
enum reed_tls_staple {
	REED_TLS_STAPLE_IGNORED,  /* none is asked for */
	REED_TLS_STAPLE_CHECKED,  /* none will do, unless the certificate itself */
				  /* says that it is not to be used so (RFC 7633) */
	REED_TLS_STAPLE_REQUIRED, /* there has to be one */
};

struct reed_tls_client_options {
	size_t size;        /* of this struct */
	const char *server; /* its host name, in any script, or IP address */
	const char *alpn;   /* in order of preference: "h2,http/1.1"; NULL: none */
	/*
	 * SHA-256 of the server's public key, 64 hexadecimal digits as `reed cert`
	 * prints them; several with commas.  The key alone decides then: neither
	 * name nor dates nor issuer.
	 */
	const char *pin;
	bool strict_end;
	/*
	 * TLSA records of the server's name and port (RFC 6698, 7671), "3 1 1 HEX",
	 * several with commas, which one of them has to match.  3 (DANE-EE) knows
	 * the key, whatever its names and dates; 2 (DANE-TA) the CA, whoever else
	 * trusts it; 0 and 1 ask for one of our roots besides.  The caller has
	 * looked them up and DNSSEC has proven them: reed_resolve_*() proves
	 * nothing, and is no source for them.  REED_EINVAL: malformed, or none that
	 * is of a known kind.
	 */
	const char *dane;
	/* Not with a pin.  Nothing is resumed then, for that would show no certificate. */
	enum reed_tls_staple staple;
	void *reserved[2];
};

#define REED_TLS_CLIENT_OPTIONS                                \
	{                                                      \
		.size = sizeof(struct reed_tls_client_options) \
	}

struct reed_tls_server_options {
	size_t size;      /* of this struct */
	const char *alpn; /* as above; a client that wants none of these is refused */
	bool strict_end;
	void *reserved[4];
};

#define REED_TLS_SERVER_OPTIONS                                \
	{                                                      \
		.size = sizeof(struct reed_tls_server_options) \
	}

/*
 * Own below, and never fail: what is wrong, with the options too, is how the
 * handshake and the first read end.  Nobody may be waiting for below.  Strings
 * are copied.  options may be NULL for servers; a client without a pin must
 * name the server.
 */
REED_API struct reed_stream *reed_tls_client(struct reed_stream *below, struct reed_tls_ctx *ctx,
                                             const struct reed_tls_client_options *options);
REED_API struct reed_stream *reed_tls_server(struct reed_stream *below, struct reed_tls_ctx *ctx,
                                             const struct reed_tls_server_options *options);

/*
 * Settles when the handshake is complete, or has failed.  s is a TLS stream,
 * or made from one: REED_EINVAL for others.  With TLS 1.3 a client is through
 * before the server has looked at its certificate: a refusal comes with the
 * first read.
 */
REED_API struct reed_future *reed_tls_handshake(struct reed_stream *s);

/*
 * Yields its streams at once, their handshakes still to come, so that nobody
 * waits for a slow one.  Owns below; shares ctx.  options may be NULL.
 */
REED_API struct reed_listener *reed_tls_listener(struct reed_listener *below,
                                                 struct reed_tls_ctx *ctx,
                                                 const struct reed_tls_server_options *options);

/*
 * What SIGHUP asks for: the files of every context that a TLS listener of this
 * loop serves are read again, in a thread.  What cannot be used stays as it
 * was; the first such failure is how this ends, when all have had their turn.
 */
REED_API struct reed_future *reed_tls_reload(struct reed_loop *loop);

/* ---- what is known ---- */

/* Of reed_stream_facts(); what it points at lives as long as the stream. */
struct reed_tls_facts {
	size_t size;                  /* of this struct, in the library's version */
	bool complete;                /* the handshake is over; until then nothing else is set */
	bool resumed;                 /* on the word of an earlier handshake */
	bool verified;                /* the peer is who it says it is */
	bool clean_end;               /* the peer has said that it ended */
	bool stapled;                 /* an OCSP response of today says that it is not revoked */
	const char *version;          /* "TLSv1.3" */
	const char *cipher;           /* "TLS_AES_256_GCM_SHA384" */
	const char *group;            /* of the key exchange; NULL when not known */
	const char *alpn;             /* NULL: none agreed on */
	const char *server;           /* the name that the client asked for; NULL: none */
	const char *why_not;          /* verified, in a sentence; NULL when it is */
	const struct reed_cert *peer; /* NULL: it has shown no certificate */
};

enum reed_tls_binding {
	REED_TLS_EXPORTER,         /* RFC 9266: 32 bytes */
	REED_TLS_SERVER_END_POINT, /* RFC 5929 4: the hash of the server's certificate */
	REED_TLS_UNIQUE,           /* RFC 5929 3: of TLS 1.2 only */
};

enum { REED_TLS_BINDING_ROOM = 64 };

/*
 * Channel bindings: the same bytes at both ends of one handshake.  REED_EINVAL:
 * no TLS; REED_EAGAIN: the handshake is not over; REED_ENOTSUP: not defined for
 * this version, or this certificate.
 */
REED_API enum reed_err reed_tls_binding(struct reed_stream *s, enum reed_tls_binding kind,
                                        uint8_t into[REED_TLS_BINDING_ROOM], size_t *n);

REED_END_DECLS

#endif
