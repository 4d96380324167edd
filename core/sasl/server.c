/* The server's side of an exchange, whatever the mechanism. */

#include "private.h"

static const struct sasl_mechanism *const mechanisms[] = {
	&reed_sasl_scram_plus, &reed_sasl_scram,    &reed_sasl_external,
	&reed_sasl_plain,      &reed_sasl_cram_md5, &reed_sasl_anonymous,
};

/* What was given, without reading further than its size. */
static struct reed_sasl_options whole(const struct reed_sasl_options *given)
{
	struct reed_sasl_options o = REED_SASL_OPTIONS;

	memcpy(&o, given, given->size < sizeof(o) ? given->size : sizeof(o));
	return o;
}

void reed_sasl_mechanisms(const struct reed_sasl_options *options, char separator,
                          struct reed_buf *out)
{
	struct reed_sasl_options o = whole(options);
	bool first = true;

	for (size_t i = 0; i < REED_COUNT(mechanisms); i++) {
		if (!mechanisms[i]->offered(&o))
			continue;
		if (!first)
			reed_buf_add_char(out, separator);
		reed_buf_add_str(out, mechanisms[i]->name);
		first = false;
	}
}

static const struct sasl_mechanism *find(struct reed_slice name, const struct reed_sasl_options *o)
{
	for (size_t i = 0; i < REED_COUNT(mechanisms); i++)
		if (reed_slice_is_nocase(name, mechanisms[i]->name) && mechanisms[i]->offered(o))
			return mechanisms[i];
	return NULL;
}

enum reed_err reed_sasl_new(const struct reed_sasl_options *options, struct reed_slice mechanism,
                            struct reed_sasl **out)
{
	struct reed_sasl_options o = whole(options);
	const struct sasl_mechanism *m = find(mechanism, &o);
	struct reed_sasl *self;

	if (!m)
		return REED_ENOTSUP;
	self = reed_alloc(sizeof(*self));
	self->mechanism = m;
	self->options = o;
	self->loop = reed_portal_loop(o.portal);
	self->credential.kind = m->kind;
	*out = self;
	return REED_OK;
}

void reed_sasl_free(struct reed_sasl *self)
{
	if (!self)
		return;
	reed_avatar_logout(self->avatar);
	reed_exchange_free(self->scram.exchange);
	reed_buf_finish(&self->out);
	reed_buf_finish(&self->user);
	reed_buf_finish(&self->authzid);
	reed_buf_finish(&self->scram.gs2);
	reed_buf_finish(&self->scram.bare);
	reed_buf_finish(&self->scram.nonce);
	reed_buf_finish(&self->scram.message);
	reed_wipe(self, sizeof(*self));
	reed_free(self);
}

/* ---- for mechanisms ---- */

enum sasl_next reed_sasl_break(struct reed_sasl *self, const char *why)
{
	self->why = why;
	return SASL_BROKEN;
}

struct reed_slice reed_sasl_local_part(const struct reed_sasl *self, struct reed_slice name)
{
	struct reed_slice host = name, user = reed_slice_cut(&host, '@');

	if (!self->options.host || user.n == name.n)
		return name;
	return reed_slice_is_nocase(host, self->options.host) ? user : name;
}

void reed_sasl_keep(struct reed_buf *b, struct reed_slice text)
{
	reed_buf_clear(b);
	reed_buf_add(b, text);
}

/* ---- a step ---- */

struct step {
	struct reed_co co;
	struct reed_sasl *sasl;
	char *in; /* NULL: no initial response */
	size_t n;
	enum sasl_next next;
	struct reed_sasl_reply reply, *out;
};

static enum sasl_next take(struct step *self)
{
	struct reed_sasl *sasl = self->sasl;
	bool asks = !sasl->begun && !self->in && sasl->mechanism->client_first;

	sasl->begun = true;
	reed_buf_clear(&sasl->out);
	if (asks)
		return SASL_CHALLENGE;
	if (self->n > REED_SASL_MESSAGE)
		return reed_sasl_break(sasl, "the message is too long");
	return sasl->mechanism->step(sasl, reed_slice(self->in ? self->in : "", self->n));
}

static struct reed_future *broken(struct step *self)
{
	return reed_failed(self->co.loop, REED_EPROTO, "%s", self->sasl->why);
}

static struct reed_future *begin(struct step *self)
{
	struct reed_sasl *sasl = self->sasl;

	return reed_portal_begin(sasl->options.portal, reed_buf_slice(&sasl->user),
	                         &sasl->options.from, &sasl->scram.exchange);
}

static struct reed_future *login(struct step *self)
{
	struct reed_sasl *sasl = self->sasl;

	sasl->credential.user = reed_buf_slice(&sasl->user);
	sasl->credential.authzid = reed_buf_slice(&sasl->authzid);
	return reed_portal_login(sasl->options.portal, &sasl->credential, sasl->options.interface,
	                         &sasl->options.from, &sasl->avatar);
}

static void challenge(struct step *self)
{
	self->reply.data = reed_buf_slice(&self->sasl->out);
	self->reply.has_data = true;
}

/* The avatar is handed over with the last word, which may be the client's. */
static void done(struct step *self)
{
	struct reed_sasl *sasl = self->sasl;

	self->reply.done = true;
	sasl->over = true;
}

static void logged_in(struct step *self)
{
	struct reed_sasl *sasl = self->sasl;

	if (!sasl->mechanism->in_with) {
		done(self);
		return;
	}
	sasl->mechanism->in_with(sasl);
	challenge(self);
	if (!sasl->options.success_is_bare)
		done(self);
}

static void step_run(struct reed_co *co)
{
	struct step *self = reed_frame(co, struct step);
	struct reed_sasl *sasl = self->sasl;

	reed_coroutine (co) {
		if (sasl->over)
			reed_return(co, REED_EINVAL);
		/* until it has gone well */
		sasl->over = true;
		self->next = take(self);
		if (self->next == SASL_BROKEN)
			reed_try(co, broken(self));
		if (self->next == SASL_BEGIN) {
			reed_try(co, begin(self));
			sasl->mechanism->began(sasl);
		}
		if (self->next == SASL_LOGIN)
			reed_try(co, login(self));
		sasl->over = false;
		if (self->next == SASL_LOGIN)
			logged_in(self);
		else if (self->next == SASL_DONE)
			done(self);
		else
			challenge(self);
	}
}

static void step_deliver(struct reed_co *co)
{
	struct step *self = reed_frame(co, struct step);

	if (self->reply.done) {
		self->reply.avatar = self->sasl->avatar;
		self->sasl->avatar = NULL;
	}
	*self->out = self->reply;
}

static void step_end(struct reed_co *co)
{
	struct step *self = reed_frame(co, struct step);

	if (self->in)
		reed_wipe(self->in, self->n);
	reed_free(self->in);
}

static const struct reed_co_kind step_kind = { .name = "SASL step",
	                                       .size = sizeof(struct step),
	                                       .run = step_run,
	                                       .deliver = step_deliver,
	                                       .end = step_end };

struct reed_future *reed_sasl_step(struct reed_sasl *sasl, struct reed_slice in,
                                   struct reed_sasl_reply *out)
{
	struct step *self = reed_co_new(sasl->loop, &step_kind);

	self->sasl = sasl;
	self->out = out;
	/* what is too long is refused anyway */
	in = reed_slice_first(in, REED_SASL_MESSAGE + 1);
	self->n = in.n;
	if (in.p)
		self->in = reed_slice_dup(in);
	return reed_start(&self->co);
}
