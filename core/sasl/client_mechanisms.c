/* What a client says, mechanism by mechanism. */

#include "client.h"

#include "reed/base64.h"
#include "reed/random.h"

/* ---- those of one message ---- */

enum client_next reed_client_external(struct reed_sasl_client *self, struct reed_slice in)
{
	if (in.n > 0 || self->said_all)
		return CLIENT_BROKEN;
	reed_buf_add(&self->out, self->authzid);
	self->said_all = true;
	return CLIENT_SEND;
}

enum client_next reed_client_plain(struct reed_sasl_client *self, struct reed_slice in)
{
	if (in.n > 0 || self->said_all)
		return CLIENT_BROKEN;
	reed_buf_add(&self->out, self->authzid);
	reed_buf_add_char(&self->out, '\0');
	reed_buf_add(&self->out, self->user);
	reed_buf_add_char(&self->out, '\0');
	/* RFC 4616 2: preparing it is the server's task */
	reed_buf_add(&self->out, self->in_clear);
	self->said_all = true;
	return CLIENT_SEND;
}

enum client_next reed_client_anonymous(struct reed_sasl_client *self, struct reed_slice in)
{
	if (in.n > 0 || self->said_all)
		return CLIENT_BROKEN;
	reed_buf_add(&self->out, self->user);
	self->said_all = true;
	return CLIENT_SEND;
}

/* ---- SCRAM ---- */

static bool is_plus(const struct reed_sasl_client *self)
{
	return reed_slice_ends(reed_slice_of(self->mechanism->name), REED_STR("-PLUS"));
}

/* RFC 5802 6: "y" when we could bind, but were told that the server cannot */
static void add_gs2(struct reed_sasl_client *self)
{
	struct reed_buf *b = &self->gs2;

	if (is_plus(self))
		reed_buf_printf(b, "p=%s,", self->binding_name);
	else if (self->binding_name && !self->plus_offered)
		reed_buf_add_str(b, "y,");
	else
		reed_buf_add_str(b, "n,");
	if (self->authzid.n > 0) {
		reed_buf_add_str(b, "a=");
		reed_scram_add_name(b, self->authzid);
	}
	reed_buf_add_char(b, ',');
}

static enum client_next begin(struct reed_sasl_client *self, struct reed_slice in)
{
	if (in.n > 0)
		return CLIENT_BROKEN;
	add_gs2(self);
	reed_random_word(self->loop, self->nonce, SCRAM_NONCE);
	reed_buf_add_str(&self->bare, "n=");
	reed_scram_add_name(&self->bare, self->user);
	reed_buf_printf(&self->bare, ",r=%s", self->nonce);
	reed_buf_add(&self->out, reed_buf_slice(&self->gs2));
	reed_buf_add(&self->out, reed_buf_slice(&self->bare));
	self->round = CLIENT_CHALLENGED;
	return CLIENT_SEND;
}

/* What the server may ask of us has a limit on both sides. */
static const char *challenge_fault(const struct reed_sasl_client *self)
{
	struct reed_slice nonce = self->first.nonce;

	if (!reed_slice_starts(nonce, reed_slice_of(self->nonce)) || nonce.n == SCRAM_NONCE)
		return "the server's nonce does not begin with ours";
	if (self->first.iterations < REED_ITERATIONS_MIN)
		return "the server asks for fewer than 4096 iterations";
	if (self->first.iterations > self->iterations_max)
		return "the server asks for too many iterations";
	return NULL;
}

static enum client_next challenged(struct reed_sasl_client *self, struct reed_slice in)
{
	struct reed_buf *m = &self->message;
	struct reed_slice nonce;

	self->why = "not a challenge of SCRAM";
	if (reed_scram_parse_server_first(in, &self->first))
		return CLIENT_BROKEN;
	self->why = challenge_fault(self);
	if (self->why)
		return CLIENT_BROKEN;
	nonce = self->first.nonce;
	/* c= is what was said first, and the binding */
	if (is_plus(self))
		reed_buf_add(&self->gs2, reed_buf_slice(&self->binding));
	reed_buf_add_str(&self->out, "c=");
	reed_buf_add_base64(&self->out, reed_buf_slice(&self->gs2));
	reed_buf_printf(&self->out, ",r=" REED_FMT, REED_ARG(nonce));
	/* AuthMessage (RFC 5802 3) */
	reed_buf_add(m, reed_buf_slice(&self->bare));
	reed_buf_add_char(m, ',');
	reed_buf_add(m, in);
	reed_buf_add_char(m, ',');
	reed_buf_add(m, reed_buf_slice(&self->out));
	return CLIENT_DERIVE;
}

void reed_client_scram_prove(struct reed_sasl_client *self)
{
	uint8_t proof[SCRAM_KEY];

	reed_scram_prove(&self->keys, reed_buf_slice(&self->message), proof);
	reed_buf_add_str(&self->out, ",p=");
	reed_buf_add_base64(&self->out, reed_slice(proof, reed_scram_key_length(&self->keys)));
	self->round = CLIENT_PROVED;
}

static enum client_next proved(struct reed_sasl_client *self, struct reed_slice in)
{
	struct scram_server_final final;

	self->why = "not the last message of SCRAM";
	if (reed_scram_parse_server_final(in, &final))
		return CLIENT_BROKEN;
	self->why = "the server refuses us";
	if (final.error.n > 0)
		return CLIENT_BROKEN;
	self->why = "the server does not know our password: it is somebody else";
	if (!reed_scram_proved(&self->keys, reed_buf_slice(&self->message), &final))
		return CLIENT_BROKEN;
	self->round = CLIENT_SATISFIED;
	self->said_all = true;
	return CLIENT_SEND;
}

enum client_next reed_client_scram(struct reed_sasl_client *self, struct reed_slice in)
{
	switch (self->round) {
	case CLIENT_FIRST:
		return begin(self, in);
	case CLIENT_CHALLENGED:
		return challenged(self, in);
	case CLIENT_PROVED:
		return proved(self, in);
	case CLIENT_SATISFIED:
		break;
	}
	return CLIENT_BROKEN;
}
