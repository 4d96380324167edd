/* Sessions whose time is over are taken out of the store, one after another, and told of. */

#include "private.h"
#include "reed/log.h"

enum { MOST_S = 60, SHARE = 10 };

struct sweep {
	struct reed_co co;
	struct reed_web_sessions *sessions;
	uint8_t id[REED_WEB_SESSION_ID];
	struct reed_web_session_row row;
	bool failing;
};

static int64_t pause_of(const struct reed_web_sessions *sessions)
{
	int64_t s = sessions->options.idle_s / SHARE;

	return 1000 * (s < 1 ? 1 : s < MOST_S ? s : MOST_S);
}

static struct reed_future *take(struct sweep *self)
{
	struct reed_web_session_store *store = self->sessions->store;

	return store->ops->take_expired(store, reed_wall(self->co.loop), self->id, &self->row);
}

/* A request that has it still must not write it again. */
static void tell(struct sweep *self)
{
	struct reed_web_session *session = session_find(self->sessions, self->id);

	if (session)
		session->gone = true;
	self->row.account[REED_ACCOUNT_ROOM - 1] = '\0';
	self->sessions->options.expired(self->sessions->options.expired_arg, &self->row);
	reed_wipe(&self->row, sizeof(self->row));
}

static void note_failure(struct sweep *self)
{
	bool fails = self->co.err != REED_ENOENT;

	if (fails && !self->failing)
		reed_log(self->co.loop, REED_LOG_ERROR,
		         "sessions that are over cannot be told why=%s", reed_co_why(&self->co));
	self->failing = fails;
}

static void sweep_run(struct reed_co *co)
{
	struct sweep *self = reed_frame(co, struct sweep);

	reed_coroutine (co) {
		for (;;) {
			reed_try(co, reed_sleep(co->loop, pause_of(self->sessions)));
			for (;;) {
				reed_await(co, take(self));
				if (co->err)
					break;
				tell(self);
			}
			if (co->err == REED_ECANCELED)
				reed_return(co, co->err);
			note_failure(self);
		}
	}
}

static void sweep_end(struct reed_co *co)
{
	struct sweep *self = reed_frame(co, struct sweep);

	reed_wipe(&self->row, sizeof(self->row));
}

static const struct reed_co_kind sweep_kind = { "sessions that are over", sizeof(struct sweep),
	                                        sweep_run, NULL, sweep_end };

struct reed_future *sessions_sweep(struct reed_web_sessions *sessions)
{
	struct sweep *self = reed_co_new(sessions->loop, &sweep_kind);

	self->sessions = sessions;
	return reed_start(&self->co);
}
