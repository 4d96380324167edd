/* What the files of sessions share. */

#ifndef REED_WEB_SESSION_PRIVATE_H
#define REED_WEB_SESSION_PRIVATE_H

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/random.h"
#include "reed/scope.h"
#include "reed/session.h"

enum { BUCKETS = 256, STAYS = 10000 };

/* Somebody who has logged in: known to the portal while the program runs. */
struct stay {
	struct reed_list link;           /* in its bucket */
	struct reed_list order;          /* the latest used last */
	struct reed_avatar *avatar;      /* NULL: has come in before the program began */
	uint8_t id[REED_WEB_SESSION_ID]; /* of the session */
	char account[REED_ACCOUNT_ROOM];
	int64_t used; /* reed_wall() */
	bool gone;    /* the account is nobody's, or another's */
};

struct reed_web_sessions {
	struct reed_loop *loop;
	struct reed_web_sessions_options options;
	struct reed_web_session_store *store;
	struct reed_scope writes;
	struct reed_list live[BUCKETS];  /* that requests or writes hold */
	struct reed_list stays[BUCKETS]; /* by the session */
	struct reed_list stay_order;
	size_t stay_count;
	struct reed_account_watch watch;
	struct reed_future *sweeping; /* NULL: nobody wants to hear of what is over */
};

/* Shared by the requests that came with it, and by what writes it. */
struct reed_web_session {
	struct reed_list link; /* in live, when it has an id */
	struct reed_web_sessions *sessions;
	unsigned holders;
	bool has_id, changed, gone;
	uint8_t id[REED_WEB_SESSION_ID];
	struct reed_web_session_row row;
};

static inline const char *sessions_cookie(const struct reed_web_sessions *self)
{
	return self->options.cookie ? self->options.cookie : "session";
}

/* session.c */
struct reed_web_session *session_new(struct reed_web_sessions *sessions);
struct reed_web_session *session_find(struct reed_web_sessions *sessions,
                                      const uint8_t id[REED_WEB_SESSION_ID]);
void session_place(struct reed_web_session *self, const uint8_t id[REED_WEB_SESSION_ID]);
void session_release(struct reed_web_session *self);
/* It has an id, and the browser knows; REED_EINVAL: too late for that. */
enum reed_err session_begin(struct reed_web_session *self, struct reed_http_request *request);
/* Another id and secret; what is under the old one goes. */
enum reed_err session_rotate(struct reed_web_session *self, struct reed_http_request *request);

/* This browser has none any more; in the store it is as it was. */
void session_leave(struct reed_web_session *self, struct reed_http_request *request);

/* expire.c: tells of those that are over, until it is dropped. */
struct reed_future *sessions_sweep(struct reed_web_sessions *sessions);

/* cookie.c: the id that a request came with. */
bool session_cookie_read(const struct reed_web_sessions *sessions,
                         struct reed_http_request *request, uint8_t id[REED_WEB_SESSION_ID]);
/* Another one, at random, and its cookie. */
enum reed_err session_cookie_set(const struct reed_web_sessions *sessions,
                                 struct reed_http_request *request,
                                 uint8_t id[REED_WEB_SESSION_ID]);
/* The same for one that is there: its time begins anew; and for none. */
void session_cookie_again(const struct reed_web_sessions *sessions,
                          struct reed_http_request *request);
void session_cookie_clear(const struct reed_web_sessions *sessions,
                          struct reed_http_request *request);

/* write.c: what has changed is on its way. */
void session_commit(struct reed_web_session *self);
void session_remove(struct reed_web_sessions *sessions, const uint8_t id[REED_WEB_SESSION_ID]);
void sessions_forget(struct reed_web_sessions *sessions, const char *account);

/* stay.c */
struct stay *stay_find(struct reed_web_sessions *sessions, const uint8_t id[REED_WEB_SESSION_ID]);
/* Takes over the avatar, which may be NULL. */
void stay_add(struct reed_web_sessions *sessions, const uint8_t id[REED_WEB_SESSION_ID],
              const char *account, struct reed_avatar *avatar);
void stay_end(struct reed_web_sessions *sessions, struct stay *stay);
/* Calls nothing of the portal: they end when they are met. */
void stays_forget(struct reed_web_sessions *sessions, const char *account);
void stay_touch(struct reed_web_sessions *sessions, struct stay *stay);
/* Those unused for too long, and too many, are logged out. */
void stays_sweep(struct reed_web_sessions *sessions);
/* That of the session is another's id now. */
void stay_move(struct reed_web_sessions *sessions, const uint8_t from[REED_WEB_SESSION_ID],
               const uint8_t to[REED_WEB_SESSION_ID]);

#endif
