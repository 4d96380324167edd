/* The mechanisms of one message: PLAIN, EXTERNAL, CRAM-MD5, ANONYMOUS. */

#include "private.h"

#include "reed/base64.h"

static bool takes(const struct reed_sasl_options *o, enum reed_credential_kind kind)
{
	return reed_portal_takes(o->portal) & REED_CREDENTIAL_BIT(kind);
}

static bool is_text(struct reed_slice s)
{
	return reed_slice_is_utf8(s) && reed_slice_find(s, '\0') == s.n;
}

/* ---- PLAIN ---- */

static bool plain_offered(const struct reed_sasl_options *o)
{
	return (o->channel.secure || o->plain_in_clear) &&
	       (takes(o, REED_CREDENTIAL_PASSWORD) || takes(o, REED_CREDENTIAL_TOKEN));
}

/* RFC 4616 2: [authzid] NUL authcid NUL passwd */
static enum sasl_next plain_step(struct reed_sasl *self, struct reed_slice in)
{
	struct reed_slice rest = in, authzid, user;

	if (reed_slice_find(in, '\0') == in.n)
		return reed_sasl_break(self, "PLAIN has two zero bytes");
	authzid = reed_slice_cut(&rest, '\0');
	if (reed_slice_find(rest, '\0') == rest.n)
		return reed_sasl_break(self, "PLAIN has two zero bytes");
	user = reed_slice_cut(&rest, '\0');
	if (!is_text(authzid) || !is_text(user) || !is_text(rest))
		return reed_sasl_break(self, "PLAIN is three texts in UTF-8");
	if (user.n == 0 || rest.n == 0)
		return reed_sasl_break(self, "PLAIN has a name and a password");
	reed_sasl_keep(&self->authzid, reed_sasl_local_part(self, authzid));
	reed_sasl_keep(&self->user, reed_sasl_local_part(self, user));
	/* the login copies it before in goes */
	self->credential.secret = rest;
	return SASL_LOGIN;
}

const struct sasl_mechanism reed_sasl_plain = {
	.name = "PLAIN",
	.kind = REED_CREDENTIAL_PASSWORD,
	.client_first = true,
	.offered = plain_offered,
	.step = plain_step,
};

/* ---- EXTERNAL ---- */

static bool external_offered(const struct reed_sasl_options *o)
{
	return o->certificate && takes(o, REED_CREDENTIAL_CERTIFICATE);
}

/* RFC 4422 A.2: whom to act as, or nothing */
static enum sasl_next external_step(struct reed_sasl *self, struct reed_slice in)
{
	if (!is_text(in))
		return reed_sasl_break(self, "EXTERNAL is a name in UTF-8, or empty");
	reed_sasl_keep(&self->authzid, reed_sasl_local_part(self, in));
	self->credential.certificate = self->options.certificate;
	return SASL_LOGIN;
}

const struct sasl_mechanism reed_sasl_external = {
	.name = "EXTERNAL",
	.kind = REED_CREDENTIAL_CERTIFICATE,
	.client_first = true,
	.offered = external_offered,
	.step = external_step,
};

/* ---- CRAM-MD5 ---- */

static bool cram_md5_offered(const struct reed_sasl_options *o)
{
	return o->cram_md5 && takes(o, REED_CREDENTIAL_CRAM_MD5);
}

static enum sasl_next cram_md5_challenge(struct reed_sasl *self, struct reed_slice in)
{
	struct sasl_cram *cram = &self->cram;
	const char *host = self->options.host ? self->options.host : "localhost";

	if (in.n > 0)
		return reed_sasl_break(self, "in CRAM-MD5 the server speaks first");
	cram->n = reed_proof_challenge(self->loop, host, cram->challenge);
	reed_buf_add(&self->out, reed_slice(cram->challenge, cram->n));
	return SASL_CHALLENGE;
}

/* RFC 2195 2: a name, which may have spaces, a space, and 16 bytes in hexadecimal */
static enum sasl_next cram_md5_step(struct reed_sasl *self, struct reed_slice in)
{
	const size_t digits = REED_MD5_BYTES * (size_t)2;
	struct sasl_cram *cram = &self->cram;
	struct reed_slice user = reed_slice_first(in, in.n > digits ? in.n - digits - 1 : 0);

	if (cram->n == 0)
		return cram_md5_challenge(self, in);
	if (user.n == 0 || user.p[user.n] != ' ' || !is_text(user) ||
	    reed_hex_decode(reed_slice_from(in, user.n + 1), cram->proof, sizeof(cram->proof)))
		return reed_sasl_break(self, "CRAM-MD5 is a name and an MD5 in hexadecimal");
	reed_sasl_keep(&self->user, reed_sasl_local_part(self, user));
	self->credential.message = reed_slice(cram->challenge, cram->n);
	self->credential.secret = reed_slice(cram->proof, sizeof(cram->proof));
	return SASL_LOGIN;
}

const struct sasl_mechanism reed_sasl_cram_md5 = {
	.name = "CRAM-MD5",
	.kind = REED_CREDENTIAL_CRAM_MD5,
	.offered = cram_md5_offered,
	.step = cram_md5_step,
};

/* ---- ANONYMOUS ---- */

static bool anonymous_offered(const struct reed_sasl_options *o)
{
	return takes(o, REED_CREDENTIAL_ANONYMOUS);
}

/* RFC 4505 2: a trace of up to 255 characters, which tells us nothing for sure */
static enum sasl_next anonymous_step(struct reed_sasl *self, struct reed_slice in)
{
	if (!is_text(in) || in.n > 1020)
		return reed_sasl_break(self, "ANONYMOUS is a short text in UTF-8, or empty");
	reed_sasl_keep(&self->user, in);
	return SASL_LOGIN;
}

const struct sasl_mechanism reed_sasl_anonymous = {
	.name = "ANONYMOUS",
	.kind = REED_CREDENTIAL_ANONYMOUS,
	.client_first = true,
	.offered = anonymous_offered,
	.step = anonymous_step,
};
