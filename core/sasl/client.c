/* The client's side: which mechanism, and the exchange. */

#include "client.h"

enum { ITERATIONS_MAX = 1000000, LONGEST = 1000 };

/* ---- which mechanism ---- */

static bool has_password(const struct reed_sasl_client *self)
{
	return self->user.n > 0 && *self->password;
}

static struct reed_slice channel_of(const struct reed_sasl_client *self)
{
	return reed_buf_slice(&self->binding);
}

static bool plus_fits(const struct reed_sasl_client *self)
{
	return has_password(self) && channel_of(self).n > 0;
}

static bool scram_fits(const struct reed_sasl_client *self)
{
	return has_password(self);
}

static bool external_fits(const struct reed_sasl_client *self)
{
	return self->certificate;
}

static bool wants_plain(const struct reed_sasl_client *self)
{
	return self->user.n > 0 && self->in_clear.n > 0;
}

static bool plain_fits(const struct reed_sasl_client *self)
{
	return wants_plain(self) && (self->secure || self->plain_in_clear);
}

static bool anonymous_fits(const struct reed_sasl_client *self)
{
	return self->anonymous;
}

/* Best first. */
static const struct client_mechanism mechanisms[] = {
	{ .name = "EXTERNAL", .fits = external_fits, .step = reed_client_external },
	{ .name = "SCRAM-SHA-256-PLUS",
	  .fits = plus_fits,
	  .step = reed_client_scram,
	  .proves = true },
	{ .name = "SCRAM-SHA-256", .fits = scram_fits, .step = reed_client_scram, .proves = true },
	{ .name = "SCRAM-SHA-1-PLUS",
	  .fits = plus_fits,
	  .step = reed_client_scram,
	  .proves = true,
	  .sha1 = true },
	{ .name = "SCRAM-SHA-1",
	  .fits = scram_fits,
	  .step = reed_client_scram,
	  .proves = true,
	  .sha1 = true },
	{ .name = "PLAIN", .fits = plain_fits, .step = reed_client_plain },
	{ .name = "ANONYMOUS", .fits = anonymous_fits, .step = reed_client_anonymous },
};

static bool is_offered(struct reed_slice offered, const char *name)
{
	while (offered.n > 0) {
		size_t comma = reed_slice_find(offered, ','), space = reed_slice_find(offered, ' ');
		size_t n = comma < space ? comma : space;

		if (reed_slice_is_nocase(reed_slice_first(offered, n), name))
			return true;
		offered = reed_slice_from(offered, n + 1);
	}
	return false;
}

static bool choose(struct reed_sasl_client *self, struct reed_slice offered, const char *only)
{
	for (size_t i = 0; i < REED_COUNT(mechanisms) && !self->mechanism; i++) {
		const struct client_mechanism *m = &mechanisms[i];

		if (only && !reed_slice_is_nocase(reed_slice_of(only), m->name))
			continue;
		if (is_offered(offered, m->name) && m->fits(self))
			self->mechanism = m;
	}
	self->plus_offered = is_offered(offered, "SCRAM-SHA-256-PLUS") ||
	                     is_offered(offered, "SCRAM-SHA-1-PLUS");
	return self->mechanism;
}

/* ---- making one ---- */

static void copy_binding(struct reed_sasl_client *self, const struct reed_sasl_channel *channel)
{
	/* RFC 9266 is the one for TLS 1.3, and bound to the connection and not the server only */
	if (channel->exporter.n > 0) {
		self->binding_name = "tls-exporter";
		reed_buf_add(&self->binding, channel->exporter);
	} else if (channel->end_point.n > 0) {
		self->binding_name = "tls-server-end-point";
		reed_buf_add(&self->binding, channel->end_point);
	}
	self->secure = channel->secure;
}

static struct reed_slice copy(const char *text, char **memory)
{
	*memory = reed_strdup(text);
	return reed_slice_of(*memory);
}

/*
 * A name is sent as it was given: it is for the server to say when two names are
 * one.  Of a password that cannot be prepared SCRAM can make no keys.
 */
static enum reed_err copy_secrets(struct reed_sasl_client *self,
                                  const struct reed_sasl_client_options *o, const char **why)
{
	const struct reed_auth_rules *rules = o->rules ? o->rules : &reed_auth_rules_unicode;

	self->user = copy(o->user, &self->memory_user);
	self->authzid = copy(o->authzid, &self->memory_authzid);
	self->in_clear = copy(o->password, &self->memory_password);
	*why = "the name is too long, or not UTF-8";
	if (self->user.n > LONGEST || self->authzid.n > LONGEST ||
	    !reed_slice_is_utf8(self->user) || !reed_slice_is_utf8(self->authzid))
		return REED_EINVAL;
	*why = "the password is too long";
	if (self->in_clear.n > LONGEST)
		return REED_EINVAL;
	if (rules->password(rules, self->in_clear, false, self->password, why))
		self->password[0] = '\0';
	return REED_OK;
}

static const char *no_mechanism(const struct reed_sasl_client *self, struct reed_slice offered)
{
	if (is_offered(offered, "PLAIN") && wants_plain(self) && !plain_fits(self))
		return "the server wants the password in clear, and this is not TLS";
	return "the server offers no mechanism that would do";
}

enum reed_err reed_sasl_client_new(struct reed_loop *loop,
                                   const struct reed_sasl_client_options *options,
                                   struct reed_slice offered, struct reed_sasl_client **out,
                                   const char **why)
{
	struct reed_sasl_client_options o = REED_SASL_CLIENT_OPTIONS;
	struct reed_sasl_client *self = reed_alloc(sizeof(*self));
	const char *nothing;
	enum reed_err err;

	why = why ? why : &nothing;
	memcpy(&o, options, options->size < sizeof(o) ? options->size : sizeof(o));
	self->loop = loop;
	self->certificate = o.certificate;
	self->anonymous = o.anonymous;
	self->plain_in_clear = o.plain_in_clear;
	self->iterations_max = o.iterations_max ? o.iterations_max : ITERATIONS_MAX;
	copy_binding(self, &o.channel);
	err = copy_secrets(self, &o, why);
	if (!err && !choose(self, offered, o.mechanism)) {
		*why = no_mechanism(self, offered);
		err = REED_ENOTSUP;
	}
	if (err)
		reed_sasl_client_free(self);
	else
		*out = self;
	return err;
}

void reed_sasl_client_free(struct reed_sasl_client *self)
{
	if (!self)
		return;
	/* PLAIN's message is there */
	reed_wipe(self->out.p, self->out.size);
	reed_buf_finish(&self->out);
	reed_buf_finish(&self->binding);
	reed_buf_finish(&self->gs2);
	reed_buf_finish(&self->bare);
	reed_buf_finish(&self->message);
	reed_free(self->memory_user);
	reed_free(self->memory_authzid);
	if (self->memory_password)
		reed_wipe(self->memory_password, self->in_clear.n);
	reed_free(self->memory_password);
	reed_wipe(self, sizeof(*self));
	reed_free(self);
}

const char *reed_sasl_client_mechanism(const struct reed_sasl_client *self)
{
	return self->mechanism->name;
}

/* ---- a step ---- */

/* Derives SCRAM's keys in a thread; the client may be gone when it comes home. */
struct derivation {
	struct reed_job job;
	struct scram_keys keys, *out;
	struct scram_server_first first;
	char password[REED_PASSWORD_ROOM];
};

static struct derivation *derivation_of(struct reed_job *job)
{
	return reed_job_frame(job, struct derivation);
}

static enum reed_err derive_run(struct reed_job *job)
{
	struct derivation *self = derivation_of(job);

	reed_scram_derive(&self->keys, reed_slice_of(self->password), &self->first);
	return REED_OK;
}

static void derive_deliver(struct reed_job *job)
{
	*derivation_of(job)->out = derivation_of(job)->keys;
}

static void derive_end(struct reed_job *job)
{
	struct derivation *self = derivation_of(job);

	reed_wipe(&self->keys, sizeof(self->keys));
	reed_wipe(self->password, sizeof(self->password));
}

static const struct reed_job_kind derive_kind = { .name = "derive SCRAM keys",
	                                          .size = sizeof(struct derivation),
	                                          .run = derive_run,
	                                          .deliver = derive_deliver,
	                                          .end = derive_end };

static struct reed_future *derive(struct reed_sasl_client *self)
{
	struct derivation *job = reed_job_new(self->loop, &derive_kind);

	job->out = &self->keys;
	job->keys.sha1 = self->mechanism->sha1;
	job->first = self->first;
	/* what it borrows from is not this thread's */
	job->first.nonce = reed_slice(NULL, 0);
	memcpy(job->password, self->password, sizeof(job->password));
	return reed_offload(&job->job);
}

struct step {
	struct reed_co co;
	struct reed_sasl_client *client;
	char *in;
	size_t n;
	enum client_next next;
	struct reed_sasl_reply *out;
};

static enum client_next take(struct step *self)
{
	struct reed_sasl_client *client = self->client;

	reed_buf_clear(&client->out);
	client->why = "the server's message is too long";
	if (self->n > REED_SASL_MESSAGE)
		return CLIENT_BROKEN;
	client->why = "the server goes on when all has been said";
	return client->mechanism->step(client, reed_slice(self->in ? self->in : "", self->n));
}

static struct reed_future *broken(struct step *self)
{
	return reed_failed(self->co.loop, REED_EPROTO, "%s", self->client->why);
}

static void step_run(struct reed_co *co)
{
	struct step *self = reed_frame(co, struct step);
	struct reed_sasl_client *client = self->client;

	reed_coroutine (co) {
		self->next = take(self);
		if (self->next == CLIENT_BROKEN)
			reed_try(co, broken(self));
		if (self->next == CLIENT_DERIVE) {
			reed_try(co, derive(client));
			reed_client_scram_prove(client);
		}
	}
}

static void step_deliver(struct reed_co *co)
{
	struct step *self = reed_frame(co, struct step);

	*self->out = (struct reed_sasl_reply){ .data = reed_buf_slice(&self->client->out),
		                               .has_data = true,
		                               .done = self->client->said_all };
}

static void step_end(struct reed_co *co)
{
	reed_free(reed_frame(co, struct step)->in);
}

static const struct reed_co_kind step_kind = { .name = "SASL client step",
	                                       .size = sizeof(struct step),
	                                       .run = step_run,
	                                       .deliver = step_deliver,
	                                       .end = step_end };

struct reed_future *reed_sasl_client_step(struct reed_sasl_client *client, struct reed_slice in,
                                          struct reed_sasl_reply *out)
{
	struct step *self = reed_co_new(client->loop, &step_kind);

	self->client = client;
	self->out = out;
	in = reed_slice_first(in, REED_SASL_MESSAGE + 1);
	self->n = in.n;
	if (in.p)
		self->in = reed_slice_dup(in);
	return reed_start(&self->co);
}

enum reed_err reed_sasl_client_succeed(struct reed_sasl_client *self, struct reed_slice data)
{
	if (!self->mechanism->proves)
		return REED_OK;
	if (data.n > 0 && self->round == CLIENT_PROVED)
		reed_client_scram(self, data);
	return self->round == CLIENT_SATISFIED ? REED_OK : REED_EAUTH;
}
