/* Connecting to the control port and logging in (control-spec 3.5, 3.24). */

#include <openssl/crypto.h>
#include <string.h>

#include "private.h"
#include "reed/base64.h"
#include "reed/random.h"

struct login {
	struct reed_co co;
	struct reed_tor_options options; /* copies */
	struct reed_tor *tor, **out;
	struct reed_tor_reply reply;
	char *methods, *cookie_file;
	struct reed_buf cookie;
	unsigned char nonce[TOR_NONCE], answer[TOR_HASH];
};

/* ---- what tor takes ---- */

static bool takes(const struct login *self, const char *method)
{
	struct reed_slice rest = reed_slice_of(self->methods);

	while (rest.n > 0)
		if (reed_slice_is_nocase(reed_slice_cut(&rest, ','), method))
			return true;
	return false;
}

/* control-spec 3.21 */
static void read_info(struct login *self)
{
	for (size_t i = 0; i < self->reply.count; i++) {
		struct reed_slice rest = self->reply.lines[i].text;
		struct reed_slice word = reed_slice_cut(&rest, ' ');

		if (reed_slice_is(word, "AUTH") && !self->methods) {
			self->methods = reed_tor_value(rest, "METHODS");
			self->cookie_file = reed_tor_value(rest, "COOKIEFILE");
		} else if (reed_slice_is(word, "VERSION") && !self->tor->version) {
			self->tor->version = reed_tor_value(rest, "Tor");
		}
	}
	reed_tor_reply_finish(&self->reply);
}

enum way { NOTHING, SAFE_COOKIE, COOKIE, PASSWORD, NO_WAY };

static enum way way_of(const struct login *self)
{
	bool cookie = self->options.cookie || self->cookie_file;

	if (takes(self, "NULL"))
		return NOTHING;
	if (self->options.password && takes(self, "HASHEDPASSWORD"))
		return PASSWORD;
	if (cookie && takes(self, "SAFECOOKIE"))
		return SAFE_COOKIE;
	return cookie && takes(self, "COOKIE") ? COOKIE : NO_WAY;
}

static struct reed_future *no_way(struct login *self)
{
	if (!self->methods)
		return reed_failed(self->co.loop, REED_EPROTO,
		                   "it does not say how to log in, so it is no tor");
	if (takes(self, "HASHEDPASSWORD"))
		return reed_failed(self->co.loop, REED_EAUTH,
		                   "tor wants the password of HashedControlPassword; say "
		                   "password=, or set CookieAuthentication 1 in torrc");
	return reed_failed(self->co.loop, REED_EAUTH,
	                   "tor wants to be logged in to by %s, which is not known here",
	                   self->methods);
}

/* ---- the proofs ---- */

static struct reed_future *open_cookie(struct login *self)
{
	const char *path = self->options.cookie ? self->options.cookie : self->cookie_file;

	return reed_tor_read_file(self->co.loop, path, TOR_COOKIE + 2, &self->cookie);
}

/* A liar may name any file: of another size it is nobody's business. */
static bool is_cookie(const struct login *self)
{
	return reed_buf_held(&self->cookie) == TOR_COOKIE;
}

static enum reed_err cookie_advice(struct login *self)
{
	const char *path = self->options.cookie ? self->options.cookie : self->cookie_file;

	if (self->co.err == REED_EACCES)
		return reed_because(
			&self->co, REED_EACCES,
			"tor's cookie may not be read; this user has to be in the group "
			"of the file (Debian's is debian-tor), and a sandbox lets us "
			"read it when the endpoint says cookie=%s",
			path);
	if (self->co.err == REED_ETOOBIG)
		return reed_because(&self->co, REED_EAUTH, "that is no cookie of tor");
	return reed_because(&self->co, self->co.err, "tor's cookie");
}

static char *authenticate(struct reed_slice proof)
{
	char hex[REED_HEX_ROOM(TOR_COOKIE)];
	char *line;

	reed_hex(proof, hex);
	line = reed_sprintf("AUTHENTICATE %s", hex);
	reed_wipe(hex, sizeof(hex));
	return line;
}

static struct reed_future *challenge(struct login *self)
{
	char hex[REED_HEX_ROOM(TOR_NONCE)];

	reed_random_bytes(self->co.loop, self->nonce, sizeof(self->nonce));
	reed_hex(reed_slice(self->nonce, TOR_NONCE), hex);
	return reed_tor_do(self->tor, reed_sprintf("AUTHCHALLENGE SAFECOOKIE %s", hex),
	                   &self->reply);
}

static bool hex_value(struct reed_slice line, const char *key, unsigned char *into, size_t n)
{
	char *text = reed_tor_value(line, key);
	bool well = text && !reed_hex_decode(reed_slice_of(text), into, n);

	reed_free(text);
	return well;
}

/* Only who knows the cookie can have answered so. */
static enum reed_err verify(struct login *self, struct reed_fault **fault)
{
	unsigned char told[TOR_HASH], nonce[TOR_NONCE], right[TOR_HASH];
	struct reed_slice line = self->reply.lines[0].text;
	const char *cookie = reed_buf_slice(&self->cookie).p;

	if (!hex_value(line, "SERVERHASH", told, TOR_HASH) ||
	    !hex_value(line, "SERVERNONCE", nonce, TOR_NONCE)) {
		*fault = reed_fault(REED_EPROTO, NULL,
		                    "tor's answer to AUTHCHALLENGE has no hash and nonce in it");
		return REED_EPROTO;
	}
	reed_tor_cookie_hash(true, cookie, self->nonce, nonce, right);
	if (CRYPTO_memcmp(told, right, TOR_HASH) != 0) {
		*fault = reed_fault(REED_EAUTH, NULL,
		                    "what answers does not know tor's cookie, so it is not the "
		                    "tor that wrote the file");
		return REED_EAUTH;
	}
	reed_tor_cookie_hash(false, cookie, self->nonce, nonce, self->answer);
	return REED_OK;
}

static struct reed_future *say_password(struct login *self)
{
	struct reed_buf b = { .limit = 0 };
	enum reed_err err;
	char *line;

	reed_buf_add_str(&b, "AUTHENTICATE ");
	err = reed_tor_quote(&b, reed_slice_of(self->options.password));
	line = err ? NULL : reed_buf_take(&b);
	reed_buf_finish(&b);
	if (!line)
		return reed_failed(self->co.loop, err, "a password with a line end in it");
	return reed_tor_do(self->tor, line, NULL);
}

/* ---- the dialogue ---- */

static void login_run(struct reed_co *co)
{
	struct login *self = reed_frame(co, struct login);
	struct reed_fault *fault = NULL;

	reed_coroutine (co) {
		reed_try(co, reed_tor_do(self->tor, reed_strdup("PROTOCOLINFO 1"), &self->reply));
		read_info(self);
		if (way_of(self) == NO_WAY)
			reed_try(co, no_way(self));
		if (way_of(self) == SAFE_COOKIE || way_of(self) == COOKIE) {
			reed_await(co, open_cookie(self));
			if (co->err)
				reed_return(co, cookie_advice(self));
			if (!is_cookie(self))
				reed_try(co, reed_failed(co->loop, REED_EAUTH,
				                         "tor's cookie has %d bytes, and %s not",
				                         TOR_COOKIE,
				                         self->options.cookie ? self->options.cookie
				                                              : self->cookie_file));
		}
		if (way_of(self) == SAFE_COOKIE) {
			reed_try(co, challenge(self));
			if (verify(self, &fault))
				reed_try(co, reed_failed_with(co->loop, fault));
			reed_try(co, reed_tor_do(self->tor,
			                         authenticate(reed_slice(self->answer, TOR_HASH)),
			                         NULL));
			self->tor->login = "safe cookie";
		} else if (way_of(self) == COOKIE) {
			reed_try(co,
			         reed_tor_do(self->tor, authenticate(reed_buf_slice(&self->cookie)),
			                     NULL));
			self->tor->login = "cookie";
		} else if (way_of(self) == PASSWORD) {
			reed_try(co, say_password(self));
			self->tor->login = "password";
		} else {
			reed_try(co, reed_tor_do(self->tor, reed_strdup("AUTHENTICATE"), NULL));
			self->tor->login = "nothing";
		}
	}
}

static void login_deliver(struct reed_co *co)
{
	struct login *self = reed_frame(co, struct login);

	*self->out = self->tor;
	self->tor = NULL;
}

static void login_end(struct reed_co *co)
{
	struct login *self = reed_frame(co, struct login);

	reed_tor_close(self->tor);
	reed_tor_options_finish(&self->options);
	reed_tor_reply_finish(&self->reply);
	reed_free(self->methods);
	reed_free(self->cookie_file);
	if (self->cookie.p)
		reed_wipe(self->cookie.p, self->cookie.size);
	reed_buf_finish(&self->cookie);
	reed_wipe(self->answer, sizeof(self->answer));
}

static const struct reed_co_kind login_kind = {
	.name = "log in to tor",
	.size = sizeof(struct login),
	.run = login_run,
	.deliver = login_deliver,
	.end = login_end,
};

struct reed_future *reed_tor_start(struct reed_stream *stream, const struct reed_tor_options *given,
                                   struct reed_tor **tor)
{
	struct login *self = reed_co_new(stream->loop, &login_kind);

	reed_tor_options_copy(&self->options, given);
	self->tor = reed_tor_new(stream, &self->options);
	self->out = tor;
	return reed_start(&self->co);
}
