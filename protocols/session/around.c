/* A request gets its session: loaded, looked at, and written when its handler has ended. */

#include "private.h"
#include "reed/http/auth.h"
#include "reed/http/router.h"

enum { TOUCHES = 10 }; /* of its idle time; more often its use is not written down */

static void release(void *value)
{
	session_release(value);
}

static const struct reed_http_key session_key = { "session", release };

struct reed_web_session *reed_web_session_of(const struct reed_http_request *request)
{
	return reed_http_attached(request, &session_key);
}

struct around {
	struct reed_co co;
	struct reed_web_sessions *sessions;
	struct reed_http_request *request;
	struct reed_web_session *session;
	uint8_t id[REED_WEB_SESSION_ID];
	struct reed_web_session_row row;
	struct reed_principal account;
};

/* ---- loading ---- */

/* A request before this one may have it still. */
static bool join(struct around *self)
{
	self->session = session_find(self->sessions, self->id);
	if (!self->session)
		return false;
	self->session->holders++;
	return true;
}

static void take_row(struct around *self)
{
	if (join(self)) /* another was faster */
		return;
	self->session = session_new(self->sessions);
	self->session->row = self->row;
	self->session->row.account[REED_ACCOUNT_ROOM - 1] = '\0';
	session_place(self->session, self->id);
}

static struct reed_future *load(struct around *self)
{
	struct reed_web_session_store *store = self->sessions->store;

	return store->ops->load(store, self->id, &self->row);
}

/* ---- looking ---- */

static bool is_expired(const struct around *self)
{
	const struct reed_web_session *s = self->session;
	const struct reed_web_sessions_options *o = &self->sessions->options;
	int64_t now = reed_wall(self->co.loop);

	return s->has_id &&
	       (now - s->row.used >= REED_S(o->idle_s) || now - s->row.made >= REED_S(o->life_s));
}

static bool is_revoked(const struct stay *stay)
{
	return stay->gone || (stay->avatar && stay->avatar->revoked.value);
}

static struct stay *stay_of(const struct around *self)
{
	return self->session->has_id ? stay_find(self->sessions, self->session->id) : NULL;
}

/* Of an account that came in before this program began, or long ago. */
static bool must_ask(const struct around *self)
{
	return self->sessions->options.portal && self->session->row.account[0] && !stay_of(self);
}

static struct reed_future *ask(struct around *self)
{
	return reed_portal_account(self->sessions->options.portal,
	                           reed_slice_of(self->session->row.account), &self->account);
}

static void touch(struct around *self)
{
	struct reed_web_session *s = self->session;
	struct stay *stay = stay_of(self);
	int64_t now = reed_wall(self->co.loop);

	if (stay)
		stay_touch(self->sessions, stay);
	if (s->row.account[0])
		reed_http_set_user(self->request, reed_slice_of(s->row.account));
	if (!s->has_id || now - s->row.used < REED_S(self->sessions->options.idle_s / TOUCHES))
		return;
	s->row.used = now;
	s->changed = true;
	session_cookie_again(self->sessions, self->request);
}

/*
 * One that is over goes, and the request has one that has not begun.  Who wants to hear of it
 * hears of it when it is taken out of the store.
 */
static void look(struct around *self)
{
	struct stay *stay = stay_of(self);

	if (is_expired(self) && self->sessions->sweeping && !self->session->gone)
		session_leave(self->session, self->request);
	else if (is_expired(self) || self->session->gone || (stay && is_revoked(stay)))
		reed_web_session_end(self->session, self->request);
	self->session->gone = false;
	stays_sweep(self->sessions);
}

static void refuse(struct around *self)
{
	reed_http_fail(self->request, 503, "sessions cannot be read");
}

static void around_run(struct reed_co *co)
{
	struct around *self = reed_frame(co, struct around);

	reed_coroutine (co) {
		if (!session_cookie_read(self->sessions, self->request, self->id)) {
			self->session = session_new(self->sessions);
		} else if (!join(self)) {
			reed_await(co, load(self));
			if (co->err && co->err != REED_ENOENT) {
				refuse(self);
				reed_return(co, co->err);
			}
			if (co->err)
				self->session = session_new(self->sessions);
			else
				take_row(self);
		}
		reed_http_attach(self->request, &session_key, self->session);
		look(self);
		if (must_ask(self)) {
			reed_await(co, ask(self));
			if (co->err && co->err != REED_ENOENT) {
				refuse(self);
				reed_return(co, co->err);
			}
			if (co->err)
				reed_web_session_end(self->session, self->request);
			else if (must_ask(self))
				stay_add(self->sessions, self->session->id,
				         self->session->row.account, NULL);
		}
		touch(self);
		reed_try(co, reed_http_next_future(self->request));
	}
}

/* Also when the client has gone: what it was told of may have arrived. */
static void around_end(struct reed_co *co)
{
	struct around *self = reed_frame(co, struct around);

	if (self->session)
		session_commit(self->session);
	reed_wipe(&self->row, sizeof(self->row));
}

static const struct reed_co_kind around_kind = { "session", sizeof(struct around), around_run, NULL,
	                                         around_end };

struct reed_future *reed_web_sessions_around(void *sessions, struct reed_http_request *request)
{
	struct around *self = reed_co_new(reed_http_loop(request), &around_kind);

	self->sessions = sessions;
	self->request = request;
	return reed_start(&self->co);
}

/* ---- who has not logged in ---- */

static bool is_safe(const struct reed_http_request *request)
{
	enum reed_http_method method = reed_http_head(request)->method;

	return method == REED_HTTP_GET || method == REED_HTTP_HEAD;
}

static void send_to_login(const struct reed_web_sessions *self, struct reed_http_request *request)
{
	const struct reed_http_head *head = reed_http_head(request);
	struct reed_buf to = { .limit = 4096 };

	reed_buf_printf(&to, "%s?to=", self->options.login);
	reed_http_encode(head->path, "/", &to);
	if (head->query.n > 0) {
		reed_buf_add_str(&to, "%3F");
		reed_http_encode(head->query, "", &to);
	}
	reed_buf_add_char(&to, '\0');
	reed_http_add(request, "Cache-Control", REED_STR("no-store"));
	reed_http_redirect(request, 303, to.err ? self->options.login : reed_buf_slice(&to).p);
	reed_buf_finish(&to);
}

struct reed_future *reed_web_sessions_guarded(void *sessions, struct reed_http_request *request)
{
	const struct reed_web_sessions *self = sessions;
	const struct reed_web_session *session = reed_web_session_of(request);

	if (session && reed_web_session_account(session)[0])
		return reed_http_next(request);
	if (self->options.login && is_safe(request))
		send_to_login(self, request);
	else
		reed_http_fail(request, 401, "nobody has logged in");
	return NULL;
}

struct reed_future *reed_web_sessions_log_out(void *sessions, struct reed_http_request *request)
{
	const struct reed_web_sessions *self = sessions;
	struct reed_web_session *session = reed_web_session_of(request);

	if (session)
		reed_web_session_end(session, request);
	if (self->options.login)
		reed_http_redirect(request, 303, self->options.login);
	else
		reed_http_respond(request, 204, NULL, REED_STR(""));
	return NULL;
}
