/*
 * Services: what a program runs for as long as it lives, as a tree.
 *
 * A service has a kind, which says how it is started, a name, settings, a
 * scope, and a future that runs for its life.  Services may have services.
 * The tree of one process is what `reed ctl services` shows and a daemon
 * (daemon.h) starts, reloads and stops.
 *
 *	static struct reed_future *chat_start(struct reed_service *self)
 *	{
 *		struct chat *chat = reed_co_new(self->loop, &chat_kind);
 *
 *		chat->service = self;
 *		return reed_start(&chat->co);
 *	}
 *
 *	reed_coroutine (co) {
 *		for (; self->i < self->settings->irc.n; self->i++)
 *			reed_try(co, reed_service_listen(self->service,
 *				&self->settings->irc.items[self->i], irc_session, self, NULL));
 *		reed_service_ready(self->service);
 *		reed_try(co, reed_forever(co->loop));
 *	}
 *
 *	const struct reed_service_kind chat_service = REED_SERVICE_KIND(
 *		.name = "chat", .summary = "A chat server.", .schema = &chat_schema,
 *		.start = chat_start);
 *
 * A life: start() is called; its future runs; when that has ended, for
 * whatever reason, all in the service's scope is interrupted, and dropped after
 * the grace time; then end() is called.  A service that is stopped has its
 * future interrupted, and that is where it says goodbye.  One that fails after
 * it was ready may be restarted: with a new scope, from start().
 *
 * Everything belongs to one loop.
 */

#ifndef REED_SERVICE_H
#define REED_SERVICE_H

#include "reed/cell.h"
#include "reed/listener.h"
#include "reed/module.h"
#include "reed/scope.h"

REED_BEGIN_DECLS

struct reed_auth_rules;
struct reed_buf;
struct reed_needs;
struct reed_portal;
struct reed_schema;
struct reed_service;
struct reed_settings;

/* A connection, for `reed ctl conns`.  Borrowed for the call. */
struct reed_conn {
	size_t size;                /* of this struct */
	struct reed_stream *stream; /* addresses, bytes and TLS are asked of it; may be NULL */
	const char *door;           /* "irc" */
	const char *account;        /* NULL: none, or not known yet */
	const char *note;           /* a few words: "nick alice, 3 rooms"; may be NULL */
	int64_t since;              /* reed_now() when it began */
};

#define REED_CONN                                \
	{                                        \
		.size = sizeof(struct reed_conn) \
	}

/* Returns false when there is no room for more. */
typedef bool reed_conn_fn(void *arg, const struct reed_conn *conn);

/* A word that `reed ctl` takes of the services of a kind. */
struct reed_service_verb {
	const char *name; /* "zone"; that of the daemon's own words goes before it */
	const char *args; /* "ACTION [NAME]"; "" for none */
	const char *help; /* a few words */
};

/* A constant that outlives its services. */
struct reed_service_kind {
	size_t size;                      /* of this struct */
	const char *name;                 /* "chat": its key in a suite, its folder, in the log */
	const char *summary;              /* one sentence */
	const struct reed_schema *schema; /* NULL: it has no settings */

	/* What --auth is when nobody says: "sqlite:{state}/accounts.db"; NULL: no accounts. */
	const char *auth;
	const struct reed_auth_rules *rules; /* of its accounts' names; NULL: ASCII */

	/*
	 * Runs for the service's life.  Success: its work is done.  Failure: it
	 * cannot go on.  An interrupt is the wish that it stop.  It calls
	 * reed_service_ready() as soon as it serves.
	 */
	struct reed_future *(*start)(struct reed_service *self);

	/*
	 * Somebody has changed the settings: take from values what a running
	 * service can take.  They are good until the next reload() has returned;
	 * self->settings stays what it was.  NULL: all changes need a restart.
	 */
	void (*reload)(struct reed_service *self, const void *values);

	/* Calls each for every connection, until it returns false.  May be NULL. */
	void (*conns)(struct reed_service *self, reed_conn_fn *each, void *arg);

	/* The last call of a life: all in its scope is gone.  Release self->own.  May be NULL. */
	void (*end)(struct reed_service *self);

	/*
	 * What its services need of the system beyond the paths and endpoints
	 * among its settings, the state directory and accounts (needs.h): asked
	 * before anything runs, and at a reload.  May be NULL.
	 */
	void (*needs)(const void *settings, struct reed_needs *needs);

	/*
	 * For --check: looks at what the values name, as files.  Blocks.  What it
	 * has to say goes to out, in lines; false: the service could not run with
	 * that.  May be NULL.
	 */
	bool (*check)(const void *values, struct reed_buf *out);

	/*
	 * What operators ask of it by `reed ctl WORD ...`: verbs ends with a name of
	 * NULL, and words begins with one of them.  The text goes to out, which stays
	 * until the future has ended; a failure's fault is what they are told.  Of several
	 * services of a kind the first in the tree is asked.  Both may be NULL.
	 */
	const struct reed_service_verb *verbs;
	struct reed_future *(*control)(struct reed_service *self, const struct reed_slice *words,
	                               size_t count, struct reed_buf *out);

	/*
	 * Whether a service with these settings can be sharded, when the operator
	 * asks for several loops (--loops): then there is one of it on each, which
	 * share nothing but their listening sockets and the files that are
	 * named in the settings (site->loop tells which of them it is).  Returns
	 * why not, as the end of a sentence; NULL: it can.  A member of NULL: it never
	 * can.
	 */
	const char *(*one_loop)(const void *settings);
};

/* C only: designators. */
#define REED_SERVICE_KIND(...)                                        \
	{                                                             \
		.size = sizeof(struct reed_service_kind), __VA_ARGS__ \
	}

/* What the services of one process share.  It outlives them; so does all it points to. */
struct reed_site {
	size_t size;                          /* of this struct */
	const char *name;                     /* what the server calls itself: "chat.example.org" */
	const char *state;                    /* the state directory; NULL: nothing is kept */
	struct reed_portal *portal;           /* NULL: there are no accounts */
	const struct reed_settings *settings; /* where values come from; NULL: not known */
	/* What an operator asks of the process from inside a protocol; NULL: it cannot be done. */
	void (*reload)(const struct reed_site *site);
	void (*stop)(const struct reed_site *site, const char *why);
	/* A folder of certificates for TLS endpoints that name none; NULL: nobody sees to them. */
	const char *certificates;
	unsigned loop, loops; /* which of the process's loops this is, and how many it has */
	void *reserved[1];
};

#define REED_SITE                                \
	{                                        \
		.size = sizeof(struct reed_site) \
	}

enum reed_service_state {
	REED_SERVICE_STARTING,
	REED_SERVICE_READY,
	REED_SERVICE_STOPPING,
	REED_SERVICE_RESTARTING, /* has failed; waits for its next life */
	REED_SERVICE_FAILED,     /* for good */
	REED_SERVICE_ENDED,
};

/* "starting" and the like; never NULL. */
REED_API const char *reed_service_state_name(enum reed_service_state state);

/* Made by reed_service_new(); its members are for reading, but for own. */
struct reed_service {
	struct reed_loop *loop;
	const struct reed_service_kind *kind;
	const char *name;
	const struct reed_site *site;
	const void *settings;        /* the struct of kind->schema; NULL without one */
	const char *state;           /* its own directory, which is there; NULL: keeps nothing */
	struct reed_service *parent; /* NULL: the root */
	struct reed_scope scope;     /* of one life */
	struct reed_cell condition;  /* enum reed_service_state */
	void *own;                   /* the service's, see end() */
};

enum reed_restart {
	REED_RESTART_NEVER,
	REED_RESTART_ON_FAILURE,
};

/* A service that fails for good takes its parent along, unless it is optional. */
struct reed_service_options {
	size_t size; /* of this struct */
	const struct reed_service_kind *kind;
	const char *name;             /* NULL: the kind's */
	const void *settings;         /* values of the kind's schema; outlive the service */
	const struct reed_site *site; /* NULL: the parent's */
	const char *state;            /* NULL: the site's */
	enum reed_restart restart;    /* of one that has been ready; else it has failed for good */
	int64_t restart_first;        /* ns before the first restart, twice that before the next; */
	int64_t restart_longest;      /* up to this; 0: 1 s, 60 s */
	unsigned restarts; /* in a row; 0: 5; who was ready for restart_longest begins anew */
	int64_t grace;     /* ns for its scope to end; 0: 10 s */
	bool optional;
};

#define REED_SERVICE_OPTIONS                                \
	{                                                   \
		.size = sizeof(struct reed_service_options) \
	}

/*
 * A root: run its future, then free it.  What is left of it then is dropped.
 * Strings are copied.
 */
REED_API struct reed_service *reed_service_new(struct reed_loop *loop,
                                               const struct reed_service_options *options);

/*
 * Once.  Ends as the service does: with success when it was stopped or is done,
 * or as it failed for good.
 */
REED_API struct reed_future *reed_service_run(struct reed_service *self);

/* Not from its own life.  May be NULL. */
REED_API void reed_service_free(struct reed_service *self);

/*
 * A child, which runs in its parent's scope from now on.  It stays until the
 * parent's life ends, whatever becomes of it, or until it is freed.
 */
REED_API struct reed_service *reed_service_add(struct reed_service *parent,
                                               const struct reed_service_options *options);

/* Settles when the service is ready; else fails as it did, REED_ECANCELED when it has ended. */
REED_API struct reed_future *reed_service_wait(struct reed_service *self);

/* Settles when it has ended: with success, or as it failed for good. */
REED_API struct reed_future *reed_service_ended(struct reed_service *self);

/* Of a child: interrupts it; drops what is left of it after ms.  Settles when it has ended. */
REED_API struct reed_future *reed_service_stop(struct reed_service *child, int64_t ms);

/* ---- for a service, of itself ---- */

/*
 * It serves.  A parent is ready when it has said so itself and all its children
 * are, but for those that are optional or have done their work.
 */
REED_API void reed_service_ready(struct reed_service *self);

/* What it is doing, for people, in 199 bytes: "17 clients in 4 rooms". */
REED_API void reed_service_status(struct reed_service *self, const char *format, ...)
	REED_PRINTF(2, 3);

/*
 * Listens, and serves in the service's scope from then on; settles when it
 * listens, and logs where.  endpoint is a member of the settings, or any text:
 * if it does not do, the fault says where the text comes from.  A listener
 * that breaks later fails the service.
 */
REED_API struct reed_future *reed_service_listen(struct reed_service *self,
                                                 const char *const *endpoint,
                                                 reed_session_fn *session, void *arg,
                                                 const struct reed_serve_options *options);

/* What is listened on in this life.  Borrowed until it ends. */
struct reed_door {
	size_t size;          /* of this struct */
	const char *endpoint; /* as it was given */
	const struct reed_address *addresses;
	size_t count; /* of them: of localhost there are two */
	bool datagrams;
};

#define REED_DOOR                                \
	{                                        \
		.size = sizeof(struct reed_door) \
	}

/* The n-th door, in order of their opening; false past the end. */
REED_API bool reed_service_door(const struct reed_service *self, size_t n, struct reed_door *door);

/* One that the service has opened itself, such as a dgram; all of it is copied, and logged. */
REED_API void reed_service_opened(struct reed_service *self, const struct reed_door *door);

/* Where a member of the settings was given: "chat.yaml:4:3", "--irc"; NULL: not known. */
REED_API const char *reed_service_origin(const struct reed_service *self, const void *member);

/* ---- the tree ---- */

/* The n-th child, in order of addition; NULL past the end. */
REED_API struct reed_service *reed_service_child(const struct reed_service *self, size_t n);

/* It and all below it are ready. */
REED_API bool reed_service_is_ready(const struct reed_service *self);

/* One line for each, indented: name, state, since when, status. */
REED_API void reed_service_print(FILE *out, const struct reed_service *self);

REED_END_DECLS

#endif
