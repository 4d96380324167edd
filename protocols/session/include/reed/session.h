/*
 * Sessions: what a server remembers of a browser, between its requests.
 *
 *	sessions = reed_web_sessions_new(loop, &options);
 *	reed_http_around(router, reed_web_sessions_around, sessions);
 *	reed_http_around(router, reed_web_sessions_csrf, sessions);
 *	reed_http_around(staff, reed_web_sessions_guarded, sessions);
 *	...
 *	session = reed_web_session_of(request);
 *	reed_try(co, reed_web_session_login(session, request, user, password));
 *
 * A browser has a cookie of 256 random bits, the store their SHA-256: who reads
 * the store cannot come in with it.  The cookie is HttpOnly and SameSite=Lax,
 * and over TLS "__Host-session" and Secure.  A session begins when something is
 * put into it, and gets another cookie and another token at each login and
 * logout, so that nobody comes in by a cookie that was laid under him.
 *
 * Requests of one browser that are under way at the same time share the session.
 * What changed is written when the handler ends; reed_web_session_save() waits for
 * it.  A session must get its cookie before the answer begins: what is put into
 * a new one later is REED_EINVAL.
 */

#ifndef REED_WEB_SESSION_H
#define REED_WEB_SESSION_H

#include "reed/auth.h"
#include "reed/form.h"
#include "reed/http/cookies.h"

REED_BEGIN_DECLS

enum {
	REED_WEB_SESSION_ID = 32,
	REED_WEB_SESSION_DATA = 2048, /* bytes of names and values */
	REED_WEB_SESSION_TOKEN = 65,  /* of its text, with a NUL */
};

/* ---- stores ---- */

/* What is kept of a session.  Times are reed_wall(). */
struct reed_web_session_row {
	char account[REED_ACCOUNT_ROOM]; /* "": nobody has logged in */
	int64_t made, used, expires;
	uint8_t secret[16]; /* of its tokens */
	uint32_t data_n;
	char data[REED_WEB_SESSION_DATA]; /* name NUL value NUL ... */
};

struct reed_web_session_store {
	const struct reed_web_session_store_ops *ops;
};

/* id and row are borrowed for the call.  Calls are done in the order they were made in. */
struct reed_web_session_store_ops {
	/* REED_ENOENT: there is none. */
	struct reed_future *(*load)(struct reed_web_session_store *self,
	                            const uint8_t id[REED_WEB_SESSION_ID],
	                            struct reed_web_session_row *row);
	struct reed_future *(*save)(struct reed_web_session_store *self,
	                            const uint8_t id[REED_WEB_SESSION_ID],
	                            const struct reed_web_session_row *row);
	/* Well, too, when there is none. */
	struct reed_future *(*remove)(struct reed_web_session_store *self,
	                              const uint8_t id[REED_WEB_SESSION_ID]);
	/* All of an account. */
	struct reed_future *(*forget)(struct reed_web_session_store *self, const char *account);
	/* The last call; what was given to it is done all the same. */
	void (*free)(struct reed_web_session_store *self);
	/*
	 * Takes out one that was over by now, which nobody else gets then; REED_ENOENT: there is
	 * none.  Once it is asked for, such rows stay until they are taken.  May be NULL.
	 */
	struct reed_future *(*take_expired)(struct reed_web_session_store *self, int64_t now,
	                                    uint8_t id[REED_WEB_SESSION_ID],
	                                    struct reed_web_session_row *row);
};

/* In memory: at most so many (0: 10,000), of which those unused for longest go first. */
REED_API struct reed_web_session_store *reed_web_session_memory_new(struct reed_loop *loop,
                                                                    size_t most);

/* A value of a row; p is NULL when there is none. */
REED_API struct reed_slice reed_web_session_row_get(const struct reed_web_session_row *row,
                                                    const char *name);

/* ---- the sessions of a server ---- */

struct reed_web_sessions;
struct reed_web_session;

struct reed_web_sessions_options {
	size_t size;                          /* of this struct */
	struct reed_web_session_store *store; /* owned from here on; NULL: in memory */
	const char *cookie; /* NULL: "session"; over TLS with "__Host-" in front of it */
	int64_t idle_s;     /* without a request; 0: a day */
	int64_t life_s;     /* in all; 0: 30 days */
	bool stays;         /* when the browser ends */
	bool secure;        /* TLS ends in front of us: cookies as over TLS */
	enum reed_http_same_site same_site;
	struct reed_portal *portal; /* who may log in; NULL: reed_web_session_enter() only */
	const char *login;          /* the page where people do; NULL: 401 */
	/* Origins besides our own whose pages may post here, up to a NULL; may be NULL. */
	const char *const *origins;
	const struct reed_form_options *form; /* of forms that are looked into for their token */
	/*
	 * Hears of each session whose time is over, once, within a tenth of idle_s and a minute,
	 * whether its browser comes back or not; not of those that have logged out, or had to make
	 * room.  row is borrowed.  The store must have take_expired.  May be NULL.
	 */
	void (*expired)(void *arg, const struct reed_web_session_row *row);
	void *expired_arg;
};

#define REED_WEB_SESSIONS_OPTIONS                                \
	{                                                        \
		.size = sizeof(struct reed_web_sessions_options) \
	}

/* Strings, portal and form options must outlive it; options may be NULL. */
REED_API struct reed_web_sessions *reed_web_sessions_new(
	struct reed_loop *loop, const struct reed_web_sessions_options *options);

/* No request is under way.  Avatars are logged out, sessions stay in their store.  May be NULL. */
REED_API void reed_web_sessions_free(struct reed_web_sessions *sessions);

/* What is being written has been. */
REED_API struct reed_future *reed_web_sessions_flush(struct reed_web_sessions *sessions);

/* ---- around handlers; arg is the sessions ---- */

/* The request has a session. */
REED_API struct reed_future *reed_web_sessions_around(void *sessions,
                                                      struct reed_http_request *request);

/*
 * Behind it.  Nobody but our own pages changes anything here (RFC 9110 9.2.1):
 * what the browser says of where a request comes from (Sec-Fetch-Site, Origin)
 * has to be right, and a form, which any page can send, must have the token as
 * its field "csrf" or in the field X-CSRF-Token; else it is 403.  A form that
 * was looked into is the one that reed_form_take() yields.  Requests with a
 * Bearer token of their own are let through.
 */
REED_API struct reed_future *reed_web_sessions_csrf(void *sessions,
                                                    struct reed_http_request *request);

/* Behind it.  Whoever has not logged in is sent to the page for it, or is 401. */
REED_API struct reed_future *reed_web_sessions_guarded(void *sessions,
                                                       struct reed_http_request *request);

/* A handler of its own, for POST: logs out, and goes to the page for logging in, or is 204. */
REED_API struct reed_future *reed_web_sessions_log_out(void *sessions,
                                                       struct reed_http_request *request);

/* ---- in handlers ---- */

/* NULL: nothing has been put around the handler. */
REED_API struct reed_web_session *reed_web_session_of(const struct reed_http_request *request);

/* p is NULL when there is no such value. */
REED_API struct reed_slice reed_web_session_get(const struct reed_web_session *session,
                                                const char *name);

/*
 * value.p may be NULL: there is none from now on.  REED_ETOOBIG: more than
 * REED_WEB_SESSION_DATA in all; REED_EINVAL: a NUL in it, or the answer has begun.
 */
REED_API enum reed_err reed_web_session_set(struct reed_web_session *session,
                                            struct reed_http_request *request, const char *name,
                                            struct reed_slice value);

/* "": nobody has logged in. */
REED_API const char *reed_web_session_account(const struct reed_web_session *session);

/* When it has come in through the portal since this program began; else NULL. */
REED_API const struct reed_avatar *reed_web_session_avatar(const struct reed_web_session *session);

/*
 * Through the portal, with what it fails with (reed/auth.h): REED_EAUTH,
 * REED_ETHROTTLED, whose sentences are fit for people.
 */
REED_API struct reed_future *reed_web_session_login(struct reed_web_session *session,
                                                    struct reed_http_request *request,
                                                    struct reed_slice user,
                                                    struct reed_slice password);

/* Has shown who it is in another way. */
REED_API enum reed_err reed_web_session_enter(struct reed_web_session *session,
                                              struct reed_http_request *request,
                                              const char *account);

/* Logs out: all of it is gone, and its cookie. */
REED_API void reed_web_session_end(struct reed_web_session *session,
                                   struct reed_http_request *request);

/*
 * Is used now, so that its idle time begins anew; each request does so by itself.  For what
 * goes on for long, such as a WebSocket.  No cookie is sent.
 */
REED_API void reed_web_session_touch(struct reed_web_session *session);

/* Is in the store. */
REED_API struct reed_future *reed_web_session_save(struct reed_web_session *session);

/* For the field "csrf" of a form; each time another text.  "" once the answer has begun. */
REED_API void reed_web_session_token(struct reed_web_session *session,
                                     struct reed_http_request *request,
                                     char text[REED_WEB_SESSION_TOKEN]);
REED_API bool reed_web_session_token_is_right(const struct reed_web_session *session,
                                              struct reed_slice text);

REED_END_DECLS

#endif
