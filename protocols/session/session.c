/* One session: its values, its id, who holds it. */

#include "private.h"

static const struct reed_web_session_row nothing;

struct reed_web_session *session_new(struct reed_web_sessions *sessions)
{
	struct reed_web_session *self = reed_alloc(sizeof(*self));

	self->sessions = sessions;
	self->holders = 1;
	return self;
}

struct reed_web_session *session_find(struct reed_web_sessions *sessions,
                                      const uint8_t id[REED_WEB_SESSION_ID])
{
	reed_list_each (link, &sessions->live[id[0]]) {
		struct reed_web_session *s = reed_container_of(link, struct reed_web_session, link);

		if (memcmp(s->id, id, REED_WEB_SESSION_ID) == 0)
			return s;
	}
	return NULL;
}

void session_place(struct reed_web_session *self, const uint8_t id[REED_WEB_SESSION_ID])
{
	reed_list_unlink(&self->link);
	memmove(self->id, id, REED_WEB_SESSION_ID);
	self->has_id = true;
	reed_list_append(&self->sessions->live[id[0]], &self->link);
}

void session_release(struct reed_web_session *self)
{
	if (--self->holders > 0)
		return;
	reed_list_unlink(&self->link);
	reed_wipe(&self->row, sizeof(self->row));
	reed_free(self);
}

/* ---- ids ---- */

static void renew(struct reed_web_session *self)
{
	int64_t now = reed_wall(self->sessions->loop);

	self->row.made = self->row.used = now;
	reed_random_bytes(self->sessions->loop, self->row.secret, sizeof(self->row.secret));
	self->changed = true;
	self->gone = false;
}

enum reed_err session_begin(struct reed_web_session *self, struct reed_http_request *request)
{
	uint8_t id[REED_WEB_SESSION_ID];
	enum reed_err err;

	if (self->has_id)
		return REED_OK;
	err = session_cookie_set(self->sessions, request, id);
	if (err)
		return err;
	session_place(self, id);
	renew(self);
	return REED_OK;
}

enum reed_err session_rotate(struct reed_web_session *self, struct reed_http_request *request)
{
	uint8_t old[REED_WEB_SESSION_ID], id[REED_WEB_SESSION_ID];
	enum reed_err err;

	if (!self->has_id)
		return session_begin(self, request);
	memcpy(old, self->id, sizeof(old));
	err = session_cookie_set(self->sessions, request, id);
	if (err)
		return err;
	session_remove(self->sessions, old);
	stay_move(self->sessions, old, id);
	session_place(self, id);
	renew(self);
	return REED_OK;
}

/* ---- values ---- */

/* The next name and value of data. */
static bool next(struct reed_slice *rest, struct reed_slice *name, struct reed_slice *value)
{
	if (rest->n == 0)
		return false;
	*name = reed_slice_cut(rest, '\0');
	*value = reed_slice_cut(rest, '\0');
	return true;
}

static struct reed_slice data_of(const struct reed_web_session_row *row)
{
	uint32_t n = row->data_n;

	return reed_slice(row->data, n < REED_WEB_SESSION_DATA ? n : REED_WEB_SESSION_DATA);
}

struct reed_slice reed_web_session_row_get(const struct reed_web_session_row *row,
                                           const char *wanted)
{
	struct reed_slice rest = data_of(row), name, value;

	while (next(&rest, &name, &value))
		if (reed_slice_is(name, wanted))
			return value;
	return reed_slice(NULL, 0);
}

struct reed_slice reed_web_session_get(const struct reed_web_session *self, const char *wanted)
{
	return reed_web_session_row_get(&self->row, wanted);
}

static void add_pair(struct reed_buf *out, struct reed_slice name, struct reed_slice value)
{
	reed_buf_add(out, name);
	reed_buf_add_char(out, '\0');
	reed_buf_add(out, value);
	reed_buf_add_char(out, '\0');
}

enum reed_err reed_web_session_set(struct reed_web_session *self, struct reed_http_request *request,
                                   const char *wanted, struct reed_slice given)
{
	struct reed_slice rest = data_of(&self->row), name, value;
	struct reed_buf data = { .limit = REED_WEB_SESSION_DATA };
	enum reed_err err;

	if (given.p && reed_slice_find(given, '\0') < given.n)
		return REED_EINVAL;
	while (next(&rest, &name, &value))
		if (!reed_slice_is(name, wanted))
			add_pair(&data, name, value);
	if (given.p)
		add_pair(&data, reed_slice_of(wanted), given);
	err = data.err ? REED_ETOOBIG : session_begin(self, request);
	if (!err) {
		self->row.data_n = (uint32_t)reed_buf_held(&data);
		memcpy(self->row.data, reed_buf_slice(&data).p, self->row.data_n);
		self->changed = true;
	}
	reed_buf_finish(&data);
	return err;
}

/* ---- who ---- */

const char *reed_web_session_account(const struct reed_web_session *self)
{
	return self->gone ? "" : self->row.account;
}

const struct reed_avatar *reed_web_session_avatar(const struct reed_web_session *self)
{
	struct stay *stay = self->has_id ? stay_find(self->sessions, self->id) : NULL;

	return stay ? stay->avatar : NULL;
}

enum reed_err reed_web_session_enter(struct reed_web_session *self,
                                     struct reed_http_request *request, const char *account)
{
	enum reed_err err;

	if (strlen(account) >= sizeof(self->row.account))
		return REED_EINVAL;
	err = session_rotate(self, request);
	if (err)
		return err;
	snprintf(self->row.account, sizeof(self->row.account), "%s", account);
	stay_end(self->sessions, stay_find(self->sessions, self->id));
	stay_add(self->sessions, self->id, account, NULL);
	return REED_OK;
}

void session_leave(struct reed_web_session *self, struct reed_http_request *request)
{
	stay_end(self->sessions, stay_find(self->sessions, self->id));
	reed_list_unlink(&self->link);
	self->row = nothing;
	self->has_id = self->changed = false;
	self->gone = true;
	if (request)
		session_cookie_clear(self->sessions, request);
}

void reed_web_session_end(struct reed_web_session *self, struct reed_http_request *request)
{
	if (!self->has_id)
		return;
	session_remove(self->sessions, self->id);
	session_leave(self, request);
}

void reed_web_session_touch(struct reed_web_session *self)
{
	struct stay *stay = self->has_id ? stay_find(self->sessions, self->id) : NULL;

	if (!self->has_id || self->gone)
		return;
	if (stay)
		stay_touch(self->sessions, stay);
	self->row.used = reed_wall(self->sessions->loop);
	self->changed = true;
	session_commit(self);
}
