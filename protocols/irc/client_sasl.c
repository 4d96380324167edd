/*
 * Logging in: AUTHENTICATE (IRCv3 sasl-3.2).  The reader puts together what the
 * server says; the coroutine here answers.
 */

#include "client_private.h"

#include "reed/base64.h"
#include "reed/log.h"
#include "reed/sasl.h"
#include "reed/tls.h"

#include <string.h>

enum {
	CHUNK = 400, /* of base64 in a line; a shorter one is the last */
	ENCODED_MOST = (REED_SASL_MESSAGE + 2) / 3 * 4 + CHUNK,
	ATTEMPTS = 3,
};

bool reed_irc_client_wants_sasl(const struct reed_irc_client *c)
{
	return c->options.sasl_user || c->options.sasl_certificate;
}

/* ---- what the reader hears ---- */

void reed_irc_client_on_authenticate(struct reed_irc_client *c, struct irc_box *box)
{
	struct reed_slice chunk = reed_irc_param(&box->message, 0);

	if (!c->sasl.is_running)
		return;
	if (!reed_slice_is(chunk, "+"))
		reed_buf_add(&c->sasl.in, chunk);
	c->sasl.is_whole = chunk.n < CHUNK || c->sasl.in.err;
	if (c->sasl.is_whole)
		reed_irc_client_progress(c);
}

void reed_irc_client_on_sasl_outcome(struct reed_irc_client *c, struct irc_box *box)
{
	if (!c->sasl.is_running)
		return;
	c->sasl.outcome = box->message.numeric;
	reed_slice_copy(c->sasl.text, sizeof(c->sasl.text), reed_irc_text(&box->message));
	reed_irc_client_progress(c);
}

/* Comes before the outcome that says it was not to be. */
void reed_irc_client_on_sasl_mechanisms(struct reed_irc_client *c, struct irc_box *box)
{
	reed_slice_copy(c->sasl.offered, sizeof(c->sasl.offered), reed_irc_param(&box->message, 1));
}

/* ---- what we say ---- */

static void say_chunks(struct reed_irc_client *c, struct reed_slice text)
{
	while (text.n >= CHUNK) {
		reed_irc_client_tell(c, REED_IRC_AT_ONCE, "AUTHENTICATE",
		                     reed_slice_first(text, CHUNK));
		text = reed_slice_from(text, CHUNK);
	}
	/* the end shows as a chunk that is not full, though there be nothing in it */
	reed_irc_client_tell(c, REED_IRC_AT_ONCE, "AUTHENTICATE",
	                     text.n > 0 ? text : REED_STR("+"));
}

static void say_data(struct reed_irc_client *c, struct reed_slice data)
{
	char *text = reed_alloc(REED_BASE64_ROOM(data.n));
	size_t n = reed_base64(data, text);

	say_chunks(c, reed_slice(text, n));
	reed_wipe(text, n);
	reed_free(text);
}

/* ---- the dialogue ---- */

struct login {
	struct reed_co co;
	struct reed_irc_client *client;
	struct reed_sasl_client *sasl;
	struct reed_sasl_reply reply;
	char data[REED_SASL_MESSAGE];
	size_t n;
	bool begun;
	unsigned attempts;
	enum reed_err err;
	const char *why;
};

struct attempt {
	struct reed_co co;
	struct login *login; /* its frame outlives this one */
};

static struct login *login_of(struct reed_co *co)
{
	return reed_frame(co, struct login);
}

/* What ties the login to this connection, so that nobody in between can pass it on. */
struct bindings {
	uint8_t exporter[REED_TLS_BINDING_ROOM], end_point[REED_TLS_BINDING_ROOM];
};

static struct reed_slice bind_to(struct reed_irc_client *c, enum reed_tls_binding kind,
                                 uint8_t into[REED_TLS_BINDING_ROOM])
{
	size_t n = 0;

	return reed_tls_binding(c->stream, kind, into, &n) ? REED_STR("") : reed_slice(into, n);
}

static void add_channel(struct reed_irc_client *c, struct bindings *room,
                        struct reed_sasl_client_options *o)
{
	o->channel.secure = c->is_secure;
	o->channel.exporter = bind_to(c, REED_TLS_EXPORTER, room->exporter);
	o->channel.end_point = bind_to(c, REED_TLS_SERVER_END_POINT, room->end_point);
}

static enum reed_err choose(struct login *self)
{
	struct reed_irc_client *c = self->client;
	struct reed_sasl_client_options o = REED_SASL_CLIENT_OPTIONS;
	const char *offered = reed_irc_client_offers(c, "sasl");
	struct bindings room;

	o.user = c->options.sasl_user;
	o.password = c->options.sasl_password;
	o.mechanism = c->options.sasl_mechanism;
	o.certificate = c->options.sasl_certificate;
	o.plain_in_clear = c->options.plain_in_clear;
	add_channel(c, &room, &o);
	/* servers of sasl-3.1 say what they have only when we guess wrong */
	if (*c->sasl.offered)
		offered = c->sasl.offered;
	else if (!offered || !*offered)
		offered = "EXTERNAL,SCRAM-SHA-256,PLAIN";
	return reed_sasl_client_new(c->loop, &o, reed_slice_of(offered), &self->sasl, &self->why);
}

static void begin(struct login *self)
{
	struct irc_sasl *sasl = &self->client->sasl;

	reed_buf_clear(&sasl->in);
	sasl->is_whole = self->begun = false;
	sasl->outcome = 0;
	sasl->offered[0] = '\0';
	sasl->is_running = true;
	self->attempts++;
	reed_irc_client_tell(self->client, REED_IRC_AT_ONCE, "AUTHENTICATE",
	                     reed_slice_of(reed_sasl_client_mechanism(self->sasl)));
}

static bool has_news(const struct login *self)
{
	return self->client->sasl.is_whole || self->client->sasl.outcome;
}

static enum reed_err decode(struct login *self)
{
	struct irc_sasl *sasl = &self->client->sasl;
	enum reed_err err = sasl->in.err;

	if (!err)
		err = reed_base64_decode(reed_buf_slice(&sasl->in), self->data, sizeof(self->data),
		                         &self->n);
	reed_buf_clear(&sasl->in);
	sasl->is_whole = false;
	return err;
}

/* The server's first message is empty: it only waits for ours. */
static struct reed_future *step(struct login *self)
{
	struct reed_slice in = reed_slice(self->data, self->n);

	if (!self->begun && self->n == 0)
		in = REED_SASL_NOTHING;
	self->begun = true;
	return reed_sasl_client_step(self->sasl, in, &self->reply);
}

static bool is_success(const struct login *self)
{
	return self->client->sasl.outcome == REED_IRC_RPL_SASLSUCCESS;
}

/* Told what there is, and it is not what we guessed: once more. */
static bool may_try_again(struct login *self)
{
	const struct irc_sasl *sasl = &self->client->sasl;
	const char *now;

	if (self->attempts >= ATTEMPTS || !*sasl->offered ||
	    sasl->outcome == REED_IRC_ERR_SASLALREADY)
		return false;
	now = reed_sasl_client_mechanism(self->sasl);
	return !strstr(sasl->offered, now);
}

static struct reed_future *why_not(struct login *self)
{
	struct reed_loop *loop = self->client->loop;
	unsigned outcome = self->client->sasl.outcome;

	if (self->err == REED_EAUTH)
		return reed_failed(loop, REED_EAUTH,
		                   "SASL: the server has not shown that it knows "
		                   "the password; it may be another one");
	/* no mechanism that would do: that will not change by itself */
	if (self->err)
		return reed_failed(loop, self->err == REED_ENOTSUP ? REED_EAUTH : self->err,
		                   "SASL: %s", self->why);
	return reed_failed(loop, outcome == REED_IRC_ERR_SASLABORTED ? REED_EABORTED : REED_EAUTH,
	                   "SASL: %s (%u)", self->client->sasl.text, outcome);
}

/* A whole message is there, or the outcome. */
static struct reed_future *news(struct login *self)
{
	struct reed_cell *cell = &self->client->progress.cell;

	return reed_cell_changed(self->client->loop, cell, cell->count);
}

/* One mechanism, from its name to the outcome. */
static void attempt_run(struct reed_co *co)
{
	struct login *self = reed_frame(co, struct attempt)->login;

	reed_coroutine (co) {
		begin(self);
		for (;;) {
			while (!has_news(self))
				reed_try(co, news(self));
			if (self->client->sasl.outcome)
				reed_return(co, REED_OK);
			self->why = "the server's message is not base64, or too long";
			if ((self->err = decode(self)))
				break;
			reed_await(co, step(self));
			self->why = reed_co_why(co);
			if ((self->err = co->err))
				break;
			say_data(self->client, self->reply.data);
		}
		reed_irc_client_tell(self->client, REED_IRC_AT_ONCE, "AUTHENTICATE", REED_STR("*"));
		if (self->err == REED_ECANCELED)
			reed_return(co, REED_ECANCELED);
		reed_try(co, why_not(self));
	}
}

static const struct reed_co_kind attempt_kind = { .name = "SASL attempt",
	                                          .size = sizeof(struct attempt),
	                                          .run = attempt_run };

static struct reed_future *attempt(struct login *self)
{
	struct attempt *a = reed_co_new(self->client->loop, &attempt_kind);

	a->login = self;
	return reed_start(&a->co);
}

static void login_run(struct reed_co *co)
{
	struct login *self = login_of(co);

	reed_coroutine (co) {
		do {
			reed_sasl_client_free(self->sasl);
			self->sasl = NULL;
			self->err = choose(self);
			if (self->err)
				reed_try(co, why_not(self));
			reed_try(co, attempt(self));
		} while (!is_success(self) && may_try_again(self));
		if (is_success(self))
			self->err = reed_sasl_client_succeed(self->sasl, REED_SASL_NOTHING);
		if (self->err || !is_success(self))
			reed_try(co, why_not(self));
	}
}

static void login_end(struct reed_co *co)
{
	struct login *self = login_of(co);

	reed_sasl_client_free(self->sasl);
	self->client->sasl.is_running = false;
	reed_buf_finish(&self->client->sasl.in);
	reed_wipe(self->data, sizeof(self->data));
}

static const struct reed_co_kind login_kind = { .name = "IRC login",
	                                        .size = sizeof(struct login),
	                                        .run = login_run,
	                                        .end = login_end };

struct reed_future *reed_irc_client_authenticate(struct reed_irc_client *c)
{
	struct login *self = reed_co_new(c->loop, &login_kind);

	self->client = c;
	c->sasl.in.limit = ENCODED_MOST;
	c->sasl.offered[0] = '\0';
	return reed_start(&self->co);
}

/* ---- when SASL comes back while we are there ---- */

struct late {
	struct reed_co co;
	struct reed_irc_client *client;
};

static void late_run(struct reed_co *co)
{
	struct late *self = reed_frame(co, struct late);

	reed_coroutine (co) {
		reed_await(co, reed_irc_client_authenticate(self->client));
		if (co->err && co->err != REED_ECANCELED)
			reed_log(co->loop, REED_LOG_WARN, "IRC login failed why=%s",
			         reed_co_why(co));
	}
}

static const struct reed_co_kind late_kind = { .name = "late IRC login",
	                                       .size = sizeof(struct late),
	                                       .run = late_run };

struct reed_future *reed_irc_client_authenticate_late(struct reed_irc_client *c)
{
	struct late *self = reed_co_new(c->loop, &late_kind);

	self->client = c;
	return reed_start(&self->co);
}
