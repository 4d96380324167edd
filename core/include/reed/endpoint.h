/*
 * Endpoints: where to listen and what to dial, as a string.
 *
 *	scheme:argument:...:key=value:...
 *
 *	tcp:6667    tcp:6667:interface=127.0.0.1    tcp:host:port    unix:/run/x:mode=660
 *	tcp:6667:interface=localhost    srv:_xmpp-client._tcp.example.org    udp:53
 *	sim:host:port
 *
 * A backslash quotes the character behind it.  Brackets hold a nested endpoint
 * or an IPv6 address: haproxy:[tcp:6667], tcp:[::1]:6667.  Keys may stand in
 * any order, behind the arguments.  An error names the column and what would
 * have been right.
 *
 * Schemes are registered by modules; `reed endpoints` lists and explains them.
 */

#ifndef REED_ENDPOINT_H
#define REED_ENDPOINT_H

#include "reed/dgram.h"
#include "reed/listener.h"
#include "reed/pool.h"
#include "reed/stream.h"

REED_BEGIN_DECLS

enum { REED_ENDPOINT_ARGS = 16, REED_ENDPOINT_LENGTH = 4096, REED_ENDPOINT_DEPTH = 8 };

struct reed_endpoint_part {
	struct reed_slice key;   /* empty: an argument */
	struct reed_slice value; /* unquoted, without brackets */
	unsigned column;         /* of the value, from 1 */
	bool nested;             /* stood in brackets */
};

/* Parsed; the slices are of its pool. */
struct reed_endpoint {
	struct reed_slice text; /* as it was given */
	struct reed_slice scheme;
	struct reed_endpoint_part args[REED_ENDPOINT_ARGS];
	unsigned count;
	struct reed_pool pool;
};

/* REED_ESYNTAX with a fault that names the column; *fault is the caller's.  Finish it in any case. */
REED_API enum reed_err reed_endpoint_parse(struct reed_slice text, struct reed_endpoint *e,
                                           struct reed_fault **fault);
REED_API void reed_endpoint_finish(struct reed_endpoint *e);

/* The n-th argument, or the value of a key; NULL when it is not there. */
REED_API const struct reed_endpoint_part *reed_endpoint_arg(const struct reed_endpoint *e,
                                                            unsigned n);
REED_API const struct reed_endpoint_part *reed_endpoint_key(const struct reed_endpoint *e,
                                                            const char *key);

/*
 * The host that answers when this is dialled, however many others stand in
 * between: "example.org" of socks5:[tcp:127.0.0.1:1080]:example.org:443.  The
 * caller frees it; NULL when the endpoint has none.
 */
REED_API char *reed_endpoint_host(struct reed_slice endpoint);

/*
 * An endpoint for logs and faults: what stands behind password= in it, at any
 * depth, is "***".  The caller frees it.
 */
REED_API char *reed_endpoint_shown(struct reed_slice endpoint);

/* text with a backslash before what an endpoint would not take literally; the caller frees it. */
REED_API char *reed_endpoint_quote(struct reed_slice text);

/* The last two are of datagrams. */
enum reed_endpoint_use {
	REED_ENDPOINT_ANY,
	REED_ENDPOINT_LISTEN,
	REED_ENDPOINT_DIAL,
	REED_ENDPOINT_DGRAM_LISTEN,
	REED_ENDPOINT_DGRAM_DIAL
};

static inline bool reed_endpoint_is_listening(enum reed_endpoint_use use)
{
	return use == REED_ENDPOINT_LISTEN || use == REED_ENDPOINT_DGRAM_LISTEN;
}

/*
 * Will it do, as far as the string alone can tell: scheme, arguments, keys,
 * ports, and the same of what stands in brackets?  No file is opened and no
 * name looked up.  REED_ESYNTAX with a fault, as reed_listen() and reed_dial()
 * would fail; *fault is the caller's.
 */
REED_API enum reed_err reed_endpoint_check(struct reed_slice text, enum reed_endpoint_use use,
                                           struct reed_fault **fault);

/*
 * Will it do on this machine, as far as files tell: certificates, keys, the
 * folder of a socket?  Of an endpoint that passes the check.  It blocks: for
 * threads of the offload pool.  Whether a port is free is not asked.
 */
REED_API enum reed_err reed_endpoint_probe(struct reed_slice text, enum reed_endpoint_use use,
                                           struct reed_fault **fault);

/*
 * The listener or stream is the caller's when the future has been delivered.
 * REED_ESYNTAX: the string is wrong; else as the scheme has it: REED_EADDRINUSE,
 * REED_EREFUSED, REED_ENAME, REED_ECERT, ...  The fault says what and where.
 */
REED_API struct reed_future *reed_listen(struct reed_loop *loop, const char *endpoint,
                                         struct reed_listener **listener);
REED_API struct reed_future *reed_dial(struct reed_loop *loop, const char *endpoint,
                                       struct reed_stream **stream);

/* reed_listen() and then reed_serve(), which see. */
REED_API struct reed_future *reed_listen_and_serve(struct reed_loop *loop, const char *endpoint,
                                                   reed_session_fn *session, void *arg,
                                                   const struct reed_serve_options *options);

/* ---- for those who bring a scheme ---- */

enum {
	REED_SCHEME_NO_HOST,
	REED_SCHEME_HOST_INSIDE = -1, /* the endpoint in brackets that is its first argument has */
};

struct reed_scheme_key {
	const char *name, *help; /* "interface", "address or name of what to listen on" */
};

/*
 * text: an endpoint, which is dialled or listened on; a file; a folder; a program,
 * which may dial any TCP port.
 */
enum reed_scheme_need { REED_NEED_ENDPOINT, REED_NEED_READ, REED_NEED_WRITE, REED_NEED_PROGRAM };

typedef void reed_scheme_need_fn(void *arg, enum reed_scheme_need need, const char *text);

/* A constant that outlives the process' use of it. */
struct reed_scheme {
	size_t size;              /* of this struct */
	const char *name;         /* "tcp" */
	const char *listen_usage; /* "tcp:PORT[:interface=ADDRESS]"; NULL: cannot listen */
	const char *dial_usage;   /* "tcp:HOST:PORT"; NULL: cannot dial */
	const char *help;         /* one sentence */
	unsigned listen_args[2];  /* how many arguments: at least, at most */
	unsigned dial_args[2];
	const struct reed_scheme_key *keys; /* ends with a name of NULL; may be NULL */
	/* e lives until the call returns; what is needed longer must be copied. */
	struct reed_future *(*listen)(struct reed_loop *loop, const struct reed_endpoint *e,
	                              struct reed_listener **listener);
	struct reed_future *(*dial)(struct reed_loop *loop, const struct reed_endpoint *e,
	                            struct reed_stream **stream);
	/* The same for datagrams: reed_dgram_listen(), reed_dgram_dial().  May be NULL, as the two above. */
	struct reed_future *(*dgram_listen)(struct reed_loop *loop, const struct reed_endpoint *e,
	                                    struct reed_dgram **dgram);
	struct reed_future *(*dgram_dial)(struct reed_loop *loop, const struct reed_endpoint *e,
	                                  struct reed_dgram **dgram);
	/* Which argument, counted from 1, names the host that answers, for TLS to verify. */
	int dial_host;
	/*
	 * What can be wrong beyond the number of arguments and the names of keys,
	 * of an endpoint that is to be listened on or dialled; it is asked before
	 * listen() and dial() too.  Any thread.  May be NULL.
	 */
	enum reed_err (*check)(const struct reed_endpoint *e, enum reed_endpoint_use use,
	                       struct reed_fault **fault);
	/*
	 * What can be wrong with the files that it names; what stands in brackets is
	 * asked on its own.  Blocks; any thread.  May be NULL.
	 */
	enum reed_err (*probe)(const struct reed_endpoint *e, enum reed_endpoint_use use,
	                       struct reed_fault **fault);

	/*
	 * Tells what such an endpoint takes of the system, for a sandbox, beyond the
	 * files in its keys cert, key, ca and file.  Without it a scheme of a module
	 * is let to all ports.  Any thread.  May be NULL.
	 */
	void (*needs)(const struct reed_endpoint *e, reed_scheme_need_fn *tell, void *arg);
};

/* The scheme of that name, of the kernel, registered or of a module; NULL: none. */
REED_API const struct reed_scheme *reed_scheme_find(struct reed_slice name);

/*
 * The folder for what has to outlive the process, such as the key of an onion
 * service: of the service (service.h) that this task is of, or NULL.  A program
 * without services says where for what it starts from then on.
 */
REED_API const char *reed_endpoint_state(const struct reed_loop *loop);
REED_API void reed_endpoint_keep_in(struct reed_loop *loop, const char *folder);

/* REED_EEXIST: there is one of that name.  Before the first loop runs. */
REED_API enum reed_err reed_scheme_register(const struct reed_scheme *scheme);

/*
 * Keys that every endpoint has, whatever its scheme: limits of connections
 * (policy.h) where it is listened on, timeouts in both cases.  In a wrapped one
 * they count where they stand: behind haproxy:[...] for the clients, inside it
 * for the proxies.  Both lists end with a name of NULL.
 */
REED_API extern const struct reed_scheme_key reed_endpoint_listen_keys[];
REED_API extern const struct reed_scheme_key *const reed_endpoint_dial_keys;

/* The n-th scheme in order of names; NULL past the end. */
REED_API const struct reed_scheme *reed_scheme_at(unsigned n);

/* "tcp:6667", column 5: WHAT */
#define reed_endpoint_fault(e, part, ...) \
	reed_endpoint_fault_at((e), (part), __FILE__, __LINE__, __VA_ARGS__)
REED_API struct reed_fault *reed_endpoint_fault_at(const struct reed_endpoint *e,
                                                   const struct reed_endpoint_part *part,
                                                   const char *file, int line, const char *format,
                                                   ...) REED_PRINTF(5, 6);

/* For the check() of a scheme over another one: part is an endpoint in brackets. */
REED_API enum reed_err reed_endpoint_check_nested(const struct reed_endpoint *e,
                                                  const struct reed_endpoint_part *part,
                                                  enum reed_endpoint_use use,
                                                  struct reed_fault **fault);

/* Numbers of ports, or IANA's names for those everybody knows. */
REED_API enum reed_err reed_endpoint_port(const struct reed_endpoint *e,
                                          const struct reed_endpoint_part *part, uint16_t *port,
                                          struct reed_fault **fault);

REED_END_DECLS

#endif
