/* SCRAM, the server's side (RFC 5802 3 and 5). */

#include "private.h"
#include "reed/base64.h"
#include "reed/random.h"

static bool has_binding(const struct reed_sasl_options *o)
{
	return o->channel.secure && (o->channel.exporter.n > 0 || o->channel.end_point.n > 0);
}

static bool scram_offered(const struct reed_sasl_options *o)
{
	return reed_portal_takes(o->portal) & REED_CREDENTIAL_BIT(REED_CREDENTIAL_SCRAM);
}

static bool plus_offered(const struct reed_sasl_options *o)
{
	return scram_offered(o) && has_binding(o);
}

/* The bytes of a channel binding; empty when there is no such. */
static struct reed_slice binding_of(const struct reed_sasl *self, struct reed_slice name)
{
	if (reed_slice_is(name, "tls-exporter"))
		return self->options.channel.exporter;
	if (reed_slice_is(name, "tls-server-end-point"))
		return self->options.channel.end_point;
	return REED_STR("");
}

/*
 * RFC 5802 6: "y" says that the client could bind but believes that we cannot;
 * if we can, somebody in between has cut our list of mechanisms.
 */
static const char *binding_fault(const struct reed_sasl *self, const struct scram_client_first *m)
{
	bool plus = self->mechanism == &reed_sasl_scram_plus;

	if (plus != (m->flag == 'p'))
		return plus ? "SCRAM-SHA-256-PLUS is bound to the channel"
		            : "SCRAM-SHA-256 is not bound to the channel";
	if (m->flag == 'y' && has_binding(&self->options))
		return "the list of mechanisms was changed on its way to you";
	if (plus && binding_of(self, m->binding).n == 0)
		return "no such channel binding";
	return NULL;
}

static enum sasl_next first(struct reed_sasl *self, struct reed_slice in)
{
	struct sasl_scram *scram = &self->scram;
	struct scram_client_first m;
	char name[REED_SASL_MESSAGE];
	const char *why;

	if (reed_scram_parse_client_first(in, &m))
		return reed_sasl_break(self, "not the first message of SCRAM");
	why = binding_fault(self, &m);
	if (why)
		return reed_sasl_break(self, why);
	if (reed_scram_name(m.user, name, sizeof(name)))
		return reed_sasl_break(self, "',' and '=' in a name are =2C and =3D");
	reed_sasl_keep(&self->user, reed_sasl_local_part(self, reed_slice_of(name)));
	if (reed_scram_name(m.authzid, name, sizeof(name)))
		return reed_sasl_break(self, "',' and '=' in a name are =2C and =3D");
	reed_sasl_keep(&self->authzid, reed_sasl_local_part(self, reed_slice_of(name)));
	reed_sasl_keep(&scram->gs2, m.gs2);
	if (m.flag == 'p')
		reed_buf_add(&scram->gs2, binding_of(self, m.binding));
	reed_sasl_keep(&scram->bare, m.bare);
	reed_sasl_keep(&scram->nonce, m.nonce);
	return SASL_BEGIN;
}

/* r=NONCE,s=SALT,i=ITERATIONS */
static void began(struct reed_sasl *self)
{
	struct sasl_scram *scram = &self->scram;
	const struct reed_verifier *v = reed_exchange_verifier(scram->exchange);
	char more[SCRAM_NONCE + 1];

	reed_random_word(self->loop, more, SCRAM_NONCE);
	reed_buf_add_str(&scram->nonce, more);
	reed_buf_printf(&self->out, "r=" REED_FMT ",s=", REED_ARG(reed_buf_slice(&scram->nonce)));
	reed_buf_add_base64(&self->out, reed_slice(v->salt, v->salt_length));
	reed_buf_printf(&self->out, ",i=%u", v->iterations);
	/* the beginning of AuthMessage (RFC 5802 3) */
	reed_buf_add(&scram->message, reed_buf_slice(&scram->bare));
	reed_buf_add_char(&scram->message, ',');
	reed_buf_add(&scram->message, reed_buf_slice(&self->out));
	scram->round = 1;
}

/* c= is what was said first, and the binding, so that nobody can have changed either. */
static bool is_bound(const struct reed_sasl *self, struct reed_slice binding)
{
	struct reed_buf wanted;
	bool same;

	reed_buf_init(&wanted, 0);
	reed_buf_add_base64(&wanted, reed_buf_slice(&self->scram.gs2));
	same = reed_slice_eq(binding, reed_buf_slice(&wanted));
	reed_buf_finish(&wanted);
	return same;
}

static enum sasl_next final(struct reed_sasl *self, struct reed_slice in)
{
	struct sasl_scram *scram = &self->scram;
	struct scram_client_final m;

	if (reed_scram_parse_client_final(in, &m))
		return reed_sasl_break(self, "not the final message of SCRAM");
	if (!reed_slice_eq(m.nonce, reed_buf_slice(&scram->nonce)))
		return reed_sasl_break(self, "another nonce than the one that was agreed on");
	if (!is_bound(self, m.binding))
		return reed_sasl_break(self, "another channel than the one that was bound to");
	reed_buf_add_char(&scram->message, ',');
	reed_buf_add(&scram->message, m.without_proof);
	memcpy(scram->proof, m.proof, sizeof(scram->proof));
	self->credential.secret = reed_slice(scram->proof, m.proof_length);
	self->credential.message = reed_buf_slice(&scram->message);
	self->credential.exchange = scram->exchange;
	scram->round = 2;
	return SASL_LOGIN;
}

/* Where success is bare, the client has to be heard once more. */
static enum sasl_next acknowledged(struct reed_sasl *self, struct reed_slice in)
{
	if (in.n > 0)
		return reed_sasl_break(self, "SCRAM ends with an empty message");
	return SASL_DONE;
}

static enum sasl_next step(struct reed_sasl *self, struct reed_slice in)
{
	switch (self->scram.round) {
	case 0:
		return first(self, in);
	case 1:
		return final(self, in);
	default:
		return acknowledged(self, in);
	}
}

static void in_with(struct reed_sasl *self)
{
	uint8_t signature[REED_KEY_BYTES];

	reed_verifier_sign(reed_exchange_verifier(self->scram.exchange),
	                   reed_buf_slice(&self->scram.message), signature);
	reed_buf_add_str(&self->out, "v=");
	reed_buf_add_base64(&self->out, reed_slice(signature, sizeof(signature)));
}

const struct sasl_mechanism reed_sasl_scram_plus = {
	.name = "SCRAM-SHA-256-PLUS",
	.kind = REED_CREDENTIAL_SCRAM,
	.client_first = true,
	.offered = plus_offered,
	.step = step,
	.began = began,
	.in_with = in_with,
};

const struct sasl_mechanism reed_sasl_scram = {
	.name = "SCRAM-SHA-256",
	.kind = REED_CREDENTIAL_SCRAM,
	.client_first = true,
	.offered = scram_offered,
	.step = step,
	.began = began,
	.in_with = in_with,
};

void reed_sasl_bindings(const struct reed_sasl_channel *channel, char separator,
                        struct reed_buf *out)
{
	if (channel->exporter.n > 0)
		reed_buf_add_str(out, "tls-exporter");
	if (channel->end_point.n == 0)
		return;
	if (channel->exporter.n > 0)
		reed_buf_add_char(out, separator);
	reed_buf_add_str(out, "tls-server-end-point");
}
