/* Basic, Bearer and Digest, through the portal. */

#include "reed/http/auth.h"

#include "digest.h"
#include "reed/base64.h"
#include "reed/buf.h"
#include "reed/co.h"

enum { REMEMBERED = 64, MEMORY_S = 60, VALUE_MOST = 2048 };

/* A value that was right, and the session that came of it. */
struct memory {
	char *value; /* of the field; of Digest whose it was; NULL: free */
	size_t n;
	uint8_t key[REED_KEY_BYTES]; /* of Digest: what the next response is judged by */
	struct reed_avatar *avatar;
	int64_t until;
};

struct reed_http_guard {
	struct reed_portal *portal;
	char *realm, *role;
	bool proxies;
	struct digest_guard digest;
	struct memory memories[REMEMBERED];
};

/* ---- the field ---- */

static struct reed_slice without_word(struct reed_slice value, const char *word)
{
	size_t n = strlen(word);

	if (value.n <= n || value.p[n] != ' ' ||
	    !reed_slice_is_nocase(reed_slice_first(value, n), word))
		return reed_slice(NULL, 0);
	return reed_slice_trim(reed_slice_from(value, n));
}

static enum reed_err take_basic(struct reed_slice text, struct reed_http_authorization *out)
{
	struct reed_slice all;
	size_t n;

	if (reed_base64_decode(text, out->room, sizeof(out->room), &n))
		return REED_ESYNTAX;
	all = reed_slice(out->room, n);
	if (reed_slice_find(all, ':') == n || reed_slice_find(all, '\0') < n)
		return REED_ESYNTAX;
	out->scheme = REED_HTTP_BASIC;
	out->user = reed_slice_cut(&all, ':');
	out->secret = all;
	return REED_OK;
}

enum reed_err reed_http_authorization(struct reed_slice value, struct reed_http_authorization *out)
{
	struct reed_slice text = without_word(value, "Basic");

	out->user = out->secret = REED_STR("");
	if (text.p)
		return take_basic(text, out);
	text = without_word(value, "Bearer");
	if (!text.p || text.n == 0 || text.n > sizeof(out->room))
		return REED_ESYNTAX;
	memcpy(out->room, text.p, text.n);
	out->scheme = REED_HTTP_BEARER;
	out->secret = reed_slice(out->room, text.n);
	return REED_OK;
}

/* ---- memory ---- */

static void forget(struct memory *m)
{
	if (!m->value)
		return;
	reed_avatar_logout(m->avatar);
	reed_wipe(m->value, m->n);
	reed_free(m->value);
	reed_wipe(m->key, sizeof(m->key));
	*m = (struct memory){ 0 };
}

/* In a time that does not tell how much of it is the same. */
static bool is_same(const struct memory *m, struct reed_slice value)
{
	unsigned char differs = 0;

	if (m->n != value.n)
		return false;
	for (size_t i = 0; i < value.n; i++)
		differs |= (unsigned char)(m->value[i] ^ value.p[i]);
	return differs == 0;
}

static struct memory *remembered(struct reed_http_guard *self, struct reed_slice value, int64_t now)
{
	for (struct memory *m = self->memories; m < self->memories + REMEMBERED; m++) {
		if (m->value && (m->until < now || m->avatar->revoked.value))
			forget(m);
		if (m->value && is_same(m, value))
			return m;
	}
	return NULL;
}

static struct memory *remember(struct reed_http_guard *self, struct reed_slice value,
                               struct reed_avatar *avatar, int64_t now)
{
	struct memory *m = self->memories;

	for (struct memory *each = m; each < self->memories + REMEMBERED; each++)
		if (each->until < m->until)
			m = each;
	forget(m);
	m->value = reed_slice_dup(value);
	m->n = value.n;
	m->avatar = avatar;
	m->until = now + REED_S(MEMORY_S);
	return m;
}

struct reed_http_guard *reed_http_guard_new(struct reed_portal *portal, const char *realm,
                                            const char *role)
{
	struct reed_http_guard *self = reed_alloc(sizeof(*self));

	self->portal = portal;
	self->realm = reed_strdup(realm);
	self->role = reed_strdup(role);
	return self;
}

struct reed_http_guard *reed_http_proxy_guard_new(struct reed_portal *portal, const char *realm,
                                                  const char *role)
{
	struct reed_http_guard *self = reed_http_guard_new(portal, realm, role);

	self->proxies = true;
	return self;
}

void reed_http_guard_free(struct reed_http_guard *self)
{
	if (!self)
		return;
	for (size_t i = 0; i < REMEMBERED; i++)
		forget(&self->memories[i]);
	nonces_free(self->digest.nonces);
	reed_free(self->realm);
	reed_free(self->role);
	reed_free(self);
}

enum reed_err reed_http_guard_digest(struct reed_http_guard *self)
{
	const unsigned kinds = REED_CREDENTIAL_BIT(REED_CREDENTIAL_DIGEST) |
	                       REED_CREDENTIAL_BIT(REED_CREDENTIAL_DIGEST_MD5);

	self->digest.kinds = reed_portal_shares(self->portal, kinds);
	if (!self->digest.kinds)
		return REED_ENOTSUP;
	if (!self->digest.nonces)
		self->digest.nonces = nonces_new(reed_portal_loop(self->portal));
	return REED_OK;
}

/* ---- an attempt ---- */

struct admit {
	struct reed_co co;
	struct reed_http_guard *guard;
	struct reed_http_request *request;
	struct reed_slice value;
	struct reed_http_authorization given;
	struct digest_attempt *digest; /* NULL: Basic or Bearer */
	struct reed_avatar *avatar;
	bool *allowed;
};

/* RFC 9110 11.6.1; the first is what we like best. */
static void ask(struct admit *self)
{
	const struct reed_http_guard *guard = self->guard;
	const char *field = guard->proxies ? "Proxy-Authenticate" : "WWW-Authenticate";
	struct reed_buf value = { .limit = 1024 };

	digest_ask(&guard->digest, self->request, field, guard->realm,
	           self->digest && self->digest->stale);
	reed_buf_add_str(&value, "Basic ");
	digest_add_quoted(&value, "realm", reed_slice_of(guard->realm));
	reed_buf_add_str(&value, ", charset=\"UTF-8\"");
	reed_http_add(self->request, field, reed_buf_slice(&value));
	reed_buf_finish(&value);
	reed_http_fail(self->request, guard->proxies ? 407 : 401, NULL);
}

/* Whose responses are judged by one key; never the same as a field of ours. */
static void name_digest(struct admit *self)
{
	const struct digest_attempt *a = self->digest;
	struct reed_buf name = { .limit = DIGEST_MOST * 2 };

	reed_buf_printf(&name, "Digest %s " REED_FMT, reed_digest_name(a->hash),
	                REED_ARG(a->said.username));
	self->value = reed_pool_copy(&self->request->pool, reed_buf_slice(&name));
	reed_buf_finish(&name);
}

/* What was said, if it can be right. */
static enum reed_err read_field(struct admit *self)
{
	struct reed_http_guard *guard = self->guard;
	struct reed_slice params;
	enum reed_err err;

	self->value = reed_http_header(self->request,
	                               guard->proxies ? "Proxy-Authorization" : "Authorization");
	if (!self->value.p || self->value.n > VALUE_MOST)
		return REED_EAUTH;
	params = without_word(self->value, "Digest");
	if (!guard->digest.nonces || !params.p)
		return reed_http_authorization(self->value, &self->given);
	self->digest = reed_alloc(sizeof(*self->digest));
	err = digest_attempt_read(self->digest, &guard->digest, guard->realm, self->request,
	                          params);
	if (!err)
		name_digest(self);
	return err;
}

static struct reed_future *attempt(struct admit *self)
{
	struct reed_credential credential = { .kind = self->given.scheme == REED_HTTP_BASIC
		                                              ? REED_CREDENTIAL_PASSWORD
		                                              : REED_CREDENTIAL_TOKEN };
	struct reed_stream_facts facts = { .size = sizeof(facts) };
	char address[REED_ADDRESS_TEXT];
	struct reed_peer from = { address, "web" };

	credential.user = self->given.user;
	credential.secret = self->given.secret;
	if (self->digest)
		digest_attempt_fill(self->digest, &credential);
	reed_http_facts(self->request, &facts);
	reed_address_text(&facts.peer, address);
	return reed_portal_login(self->guard->portal, &credential, "web", &from, &self->avatar);
}

static void refuse(struct admit *self)
{
	enum reed_err err = self->co.err;

	if (err == REED_ETHROTTLED) {
		reed_http_addf(self->request, "Retry-After", "%d", 15);
		reed_http_fail(self->request, 429, "too many attempts");
	} else if (err == REED_EACCES || err == REED_ENOTSUP) {
		reed_http_fail(self->request, 403, NULL);
	} else if (err == REED_EAUTH || err == REED_EINVAL) {
		ask(self);
	} else {
		reed_http_fail(self->request, 503, NULL);
	}
}

/* A response is good once. */
static bool is_used(const struct admit *self)
{
	struct digest_attempt *a = self->digest;

	if (!a)
		return false;
	a->stale = !nonces_use(self->guard->digest.nonces, &a->nonce, a->count);
	return a->stale;
}

static void admit(struct admit *self, struct memory *m)
{
	if (is_used(self)) {
		ask(self);
		return;
	}
	if (self->guard->role && !reed_avatar_is(m->avatar, self->guard->role)) {
		reed_http_fail(self->request, 403, NULL);
		return;
	}
	reed_http_set_user(self->request, reed_slice_of(m->avatar->account));
	*self->allowed = true;
}

/* A key that a response does not go with may be one of yesterday. */
static struct memory *recall(struct admit *self)
{
	struct memory *m = remembered(self->guard, self->value, reed_now(self->co.loop));

	return m && self->digest && !digest_attempt_is_right(self->digest, m->key) ? NULL : m;
}

/* One that was let in while this was found out is as good. */
static void admit_new(struct admit *self)
{
	struct memory *m = recall(self), *old;

	if (!m) {
		old = remembered(self->guard, self->value, reed_now(self->co.loop));
		if (old)
			forget(old);
		m = remember(self->guard, self->value, self->avatar, reed_now(self->co.loop));
		self->avatar = NULL;
		if (self->digest)
			memcpy(m->key, self->digest->digest.key, sizeof(m->key));
	}
	admit(self, m);
}

static void admit_run(struct reed_co *co)
{
	struct admit *self = reed_frame(co, struct admit);
	struct memory *m;

	reed_coroutine (co) {
		*self->allowed = false;
		if (read_field(self)) {
			ask(self);
			reed_return(co, REED_OK);
		}
		m = recall(self);
		if (m) {
			admit(self, m);
			reed_return(co, REED_OK);
		}
		reed_await(co, attempt(self));
		if (co->err)
			refuse(self);
		else
			admit_new(self);
	}
}

static void admit_end(struct reed_co *co)
{
	struct admit *self = reed_frame(co, struct admit);

	reed_avatar_logout(self->avatar);
	reed_wipe(&self->given, sizeof(self->given));
	if (self->digest)
		digest_attempt_finish(self->digest);
	reed_free(self->digest);
}

static const struct reed_co_kind admit_kind = { "who asks", sizeof(struct admit), admit_run, NULL,
	                                        admit_end };

struct reed_future *reed_http_admit(struct reed_http_guard *guard, struct reed_http_request *r,
                                    bool *allowed)
{
	struct admit *self = reed_co_new(r->loop, &admit_kind);

	self->guard = guard;
	self->request = r;
	self->allowed = allowed;
	return reed_start(&self->co);
}

struct reed_slice reed_http_user(const struct reed_http_request *r)
{
	return r->user;
}

void reed_http_set_user(struct reed_http_request *r, struct reed_slice account)
{
	r->user = reed_pool_copy(&r->pool, account);
}

/* ---- around handlers ---- */

struct guarded {
	struct reed_co co;
	struct reed_http_guard *guard;
	struct reed_http_request *request;
	bool allowed;
};

static void guarded_run(struct reed_co *co)
{
	struct guarded *self = reed_frame(co, struct guarded);

	reed_coroutine (co) {
		reed_try(co, reed_http_admit(self->guard, self->request, &self->allowed));
		if (self->allowed)
			reed_try(co, reed_http_next_future(self->request));
	}
}

static const struct reed_co_kind guarded_kind = { "guarded", sizeof(struct guarded), guarded_run,
	                                          NULL, NULL };

struct reed_future *reed_http_guarded(void *guard, struct reed_http_request *r)
{
	struct guarded *self = reed_co_new(r->loop, &guarded_kind);

	self->guard = guard;
	self->request = r;
	return reed_start(&self->co);
}
