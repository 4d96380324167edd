/* What has changed goes to the store, and is held here until it is there. */

#include "private.h"
#include "reed/log.h"

struct writing {
	struct reed_co co;
	struct reed_web_sessions *sessions;
	struct reed_web_session *session; /* NULL: nobody needs to see it meanwhile */
	struct reed_future *store;        /* asked at once, so that the order stays */
	bool done;
};

static void writing_run(struct reed_co *co)
{
	struct writing *self = reed_frame(co, struct writing);
	struct reed_future *f;

	reed_coroutine (co) {
		f = self->store;
		self->store = NULL;
		reed_await(co, f);
		self->done = true;
		if (co->err)
			reed_log(co->loop, REED_LOG_ERROR, "sessions cannot be kept why=%s",
			         reed_co_why(co));
		reed_return(co, co->err);
	}
}

static void writing_end(struct reed_co *co)
{
	struct writing *self = reed_frame(co, struct writing);

	reed_drop(self->store);
	if (self->session && !self->done) /* somebody else has to */
		self->session->changed = true;
	if (self->session)
		session_release(self->session);
}

static const struct reed_co_kind writing_kind = { "write a session", sizeof(struct writing),
	                                          writing_run, NULL, writing_end };

static struct reed_future *writing(struct reed_web_sessions *sessions,
                                   struct reed_web_session *session, struct reed_future *store)
{
	struct writing *self = reed_co_new(sessions->loop, &writing_kind);

	self->sessions = sessions;
	self->session = session;
	self->store = store;
	if (session)
		session->holders++;
	return reed_start(&self->co);
}

/* Its own end, whichever comes first. */
static int64_t expiry(const struct reed_web_session *self)
{
	const struct reed_web_sessions_options *o = &self->sessions->options;
	int64_t idle = self->row.used + REED_S(o->idle_s),
		life = self->row.made + REED_S(o->life_s);

	return idle < life ? idle : life;
}

static struct reed_future *save(struct reed_web_session *self)
{
	struct reed_web_session_store *store = self->sessions->store;

	self->row.expires = expiry(self);
	self->changed = false;
	return writing(self->sessions, self, store->ops->save(store, self->id, &self->row));
}

void session_commit(struct reed_web_session *self)
{
	if (self->changed && self->has_id && !self->gone)
		reed_scope_add(&self->sessions->writes, save(self));
}

struct reed_future *reed_web_session_save(struct reed_web_session *self)
{
	if (self->changed && self->has_id && !self->gone)
		return save(self);
	return reed_ready(self->sessions->loop, REED_OK);
}

void session_remove(struct reed_web_sessions *self, const uint8_t id[REED_WEB_SESSION_ID])
{
	reed_scope_add(&self->writes,
	               writing(self, NULL, self->store->ops->remove(self->store, id)));
}

void sessions_forget(struct reed_web_sessions *self, const char *account)
{
	reed_scope_add(&self->writes,
	               writing(self, NULL, self->store->ops->forget(self->store, account)));
}
