/* Dialling through tor: by SOCKS5, each word on circuits of its own. */

#include <string.h>

#include "private.h"
#include "reed/random.h"
#include "reed/tunnel.h"

enum { AUTH_FILE = 1024, WORD = 20, USER_ROOM = 255 };

static const char *const usual_socks = "tcp:127.0.0.1:9050";

struct dialling {
	struct reed_co co;
	struct reed_tor_options tor_options; /* copies */
	char *host, *socks, *isolate, *auth;
	uint16_t port;
	int64_t timeout_ms;
	struct reed_buf key;
	struct reed_tor *tor; /* for auth */
	struct reed_stream *stream, **out;
	char user[USER_ROOM + 1];
};

static bool is_onion(const struct dialling *self)
{
	struct reed_slice end = REED_STR(".onion"), host = reed_slice_of(self->host);

	return host.n > end.n && reed_slice_eq_nocase(reed_slice_from(host, host.n - end.n), end);
}

/* ---- the key of a client ---- */

static char *key_text(const struct dialling *self)
{
	return reed_slice_dup(reed_slice_trim(reed_buf_slice(&self->key)));
}

static struct reed_future *add_key(struct dialling *self)
{
	struct reed_slice labels = reed_slice_of(self->host), last = labels;
	char *key = key_text(self), *address;
	struct reed_future *f;

	/* www.ADDRESS.onion is the same service. */
	while (reed_slice_find(labels, '.') < labels.n)
		last = reed_slice_cut(&labels, '.');
	address = reed_slice_dup(last);
	f = reed_tor_add_client_auth(self->tor, address, key);
	reed_free(address);
	reed_tor_forget(key);
	return f;
}

/* ---- the way there ---- */

static void choose_user(struct dialling *self)
{
	char word[WORD + 1];

	if (self->isolate && *self->isolate) {
		reed_slice_copy(self->user, sizeof(self->user), reed_slice_of(self->isolate));
	} else if (self->isolate) {
		reed_random_word(self->co.loop, word, WORD);
		snprintf(self->user, sizeof(self->user), "once %s", word);
	} else {
		/* a name has 253 bytes at the most, without the port */
		snprintf(self->user, sizeof(self->user), "%u %s", self->port, self->host);
	}
}

/* Tor takes any user and password, and tells circuits apart by both (IsolateSOCKSAuth). */
static struct reed_future *go_through(struct dialling *self)
{
	struct reed_tunnel_options o = REED_TUNNEL_OPTIONS;

	choose_user(self);
	o.host = self->host;
	o.port = self->port;
	o.user = self->user;
	o.password = "reed";
	o.timeout_ms = self->timeout_ms;
	return reed_socks5(self->stream, &o);
}

static struct reed_future *dial_socks(struct dialling *self)
{
	struct reed_future *f =
		reed_dial(self->co.loop, self->socks ? self->socks : usual_socks, &self->stream);

	return self->timeout_ms > 0 ? reed_within(self->timeout_ms, f) : f;
}

/* ---- what can be done about it ---- */

static enum reed_err no_socks(struct dialling *self)
{
	enum reed_err err = self->co.err;

	if (err == REED_EREFUSED || err == REED_ENOENT)
		return reed_because(&self->co, err,
		                    "no tor takes connections for %s there; is it running, with "
		                    "a SocksPort, and not with DisableNetwork 1? socks=[ENDPOINT] "
		                    "says where it is",
		                    self->host);
	return reed_because(&self->co, err, "to tor, for %s", self->host);
}

static const char *advice(const struct dialling *self)
{
	switch ((int)self->co.err) {
	case REED_EAUTH:
		return "auth=FILE has the key that the service gave its client";
	case REED_ETIMEDOUT:
	case REED_EHOSTUNREACH:
		return is_onion(self) ? "is that service up? try again later"
		                      : "tor may still be connecting to its network; try again "
		                        "later";
	case REED_EIO:
		return "tor may still be connecting to its network; its log says how far it is";
	case REED_EREFUSED:
		return is_onion(self) ? "the service is up, but not that port" : NULL;
	case REED_EPROTO:
		return "socks= has to be a SocksPort of tor, not its ControlPort";
	default:
		return NULL;
	}
}

static enum reed_err no_way(struct dialling *self)
{
	const char *what = advice(self);

	return what ? reed_because(&self->co, self->co.err, "%s", what) : self->co.err;
}

static void dialling_run(struct reed_co *co)
{
	struct dialling *self = reed_frame(co, struct dialling);

	reed_coroutine (co) {
		if (self->auth) {
			reed_try(co,
			         reed_tor_read_file(co->loop, self->auth, AUTH_FILE, &self->key));
			reed_try(co, reed_tor_connect(co->loop, &self->tor_options, &self->tor));
			reed_await(co, add_key(self));
			if (co->err)
				reed_return(co,
				            reed_because(co, co->err, "the key in %s", self->auth));
		}
		reed_await(co, dial_socks(self));
		if (co->err)
			reed_return(co, no_socks(self));
		reed_await(co, go_through(self));
		if (co->err)
			reed_return(co, no_way(self));
	}
}

static void dialling_deliver(struct reed_co *co)
{
	struct dialling *self = reed_frame(co, struct dialling);

	*self->out = self->stream;
	self->stream = NULL;
}

static void dialling_end(struct reed_co *co)
{
	struct dialling *self = reed_frame(co, struct dialling);

	reed_tor_close(self->tor);
	reed_abort(self->stream);
	reed_tor_options_finish(&self->tor_options);
	if (self->key.p)
		reed_wipe(self->key.p, self->key.size);
	reed_buf_finish(&self->key);
	reed_free(self->host);
	reed_free(self->socks);
	reed_free(self->isolate);
	reed_free(self->auth);
}

static const struct reed_co_kind dialling_kind = {
	.name = "dial through tor",
	.size = sizeof(struct dialling),
	.run = dialling_run,
	.deliver = dialling_deliver,
	.end = dialling_end,
};

struct reed_future *reed_tor_dial(struct reed_loop *loop, const struct reed_tor_dial_options *given,
                                  struct reed_stream **stream)
{
	struct dialling *self = reed_co_new(loop, &dialling_kind);
	struct reed_tor_dial_options o = REED_TOR_DIAL_OPTIONS;

	memcpy(&o, given, given->size < sizeof(o) ? given->size : sizeof(o));
	reed_tor_options_copy(&self->tor_options, o.tor);
	self->host = reed_strdup(o.host);
	self->port = o.port;
	self->socks = reed_strdup(o.socks);
	self->isolate = reed_strdup(o.isolate);
	self->auth = reed_strdup(o.auth);
	self->timeout_ms = o.timeout_ms;
	self->out = stream;
	return reed_start(&self->co);
}
