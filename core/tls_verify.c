/* Whether the peer is who it says it is; and why a handshake failed, in a sentence. */

#include "tls_private.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "reed/random.h"

/* ---- certificates that are not accepted ---- */

static const char *name_or(const struct reed_tls *self, const char *otherwise)
{
	return self->server ? self->server : otherwise;
}

static char *wrong_date(const struct reed_tls *self, int code, X509 *x)
{
	char who[REED_X509_NAME], date[REED_X509_DATE], today[REED_X509_DATE];

	reed_x509_who(x, who);
	if (code == X509_V_ERR_CERT_HAS_EXPIRED)
		return reed_sprintf("the certificate of %s expired on %s", who,
		                    reed_x509_date(reed_x509_ns(X509_get0_notAfter(x)), date));
	return reed_sprintf("the certificate of %s is not valid before %s (the clock here says %s)",
	                    who, reed_x509_date(reed_x509_ns(X509_get0_notBefore(x)), date),
	                    reed_x509_date(reed_wall(self->stream.loop), today));
}

static char *wrong_name(const struct reed_tls *self, X509 *leaf)
{
	char names[REED_X509_NAME];

	return reed_sprintf("the certificate is for %s, not for %s", reed_x509_names(leaf, names),
	                    name_or(self, "this peer"));
}

static char *self_signed(const struct reed_tls *self, X509 *x)
{
	char who[REED_X509_NAME], hex[REED_X509_HEX];
	uint8_t hash[32] = { 0 };

	reed_x509_who(x, who);
	reed_x509_spki(x, hash);
	if (self->material->is_server)
		return reed_sprintf("the certificate of %s is self-signed", who);
	return reed_sprintf("the certificate of %s is self-signed; to trust it, pin its key (%s) "
	                    "or name it as a CA",
	                    who, reed_x509_hex(hash, hex));
}

static char *unknown_issuer(X509 *x)
{
	char who[REED_X509_NAME], issuer[REED_X509_NAME];

	return reed_sprintf("the certificate of %s was issued by %s, which is not known here: "
	                    "either the peer does not send its whole chain, or that CA is to be "
	                    "trusted first",
	                    reed_x509_who(x, who), reed_x509_issuer(x, issuer));
}

static char *no_record(X509 *leaf)
{
	char who[REED_X509_NAME], hex[REED_X509_HEX];
	uint8_t hash[32] = { 0 };

	reed_x509_spki(leaf, hash);
	return reed_sprintf("the certificate of %s matches none of the TLSA records; its own would "
	                    "be 3 1 1 %s",
	                    reed_x509_who(leaf, who), reed_x509_hex(hash, hex));
}

static char *other_reason(int code, X509 *x)
{
	char who[REED_X509_NAME];

	return reed_sprintf("the certificate of %s is not accepted: %s", reed_x509_who(x, who),
	                    X509_verify_cert_error_string(code));
}

/* x: the certificate it is about; leaf: the peer's own.  The caller frees it. */
static char *not_verified(const struct reed_tls *self, int code, X509 *x, X509 *leaf)
{
	char who[REED_X509_NAME];

	switch (code) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return wrong_date(self, code, x);
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		return wrong_name(self, leaf);
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		return self_signed(self, x);
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
		return reed_sprintf("the chain ends with the CA %s, which is not trusted here",
		                    reed_x509_who(x, who));
	case X509_V_ERR_DANE_NO_MATCH:
		return no_record(leaf);
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
		return unknown_issuer(x);
	default:
		return other_reason(code, x);
	}
}

/* ---- verifying ---- */

static bool is_pinned(const struct reed_tls *self, X509 *leaf)
{
	uint8_t hash[32];

	if (!reed_x509_spki(leaf, hash))
		return false;
	for (size_t i = 0; i < self->setup->pin_count; i++)
		if (memcmp(self->setup->pins[i], hash, sizeof(hash)) == 0)
			return true;
	return false;
}

static int verify_pin(struct reed_tls *self, X509_STORE_CTX *ctx)
{
	X509 *leaf = X509_STORE_CTX_get0_cert(ctx);
	char who[REED_X509_NAME], hex[REED_X509_HEX];
	uint8_t hash[32] = { 0 };

	if (is_pinned(self, leaf)) {
		X509_STORE_CTX_set_error(ctx, X509_V_OK);
		return 1;
	}
	X509_STORE_CTX_set_error(ctx, X509_V_ERR_CERT_REJECTED);
	reed_x509_spki(leaf, hash);
	self->refusal = reed_fault(REED_ECERT, NULL,
	                           "the key of %s is another than the one "
	                           "pinned: %s",
	                           reed_x509_who(leaf, who), reed_x509_hex(hash, hex));
	return 0;
}

static bool anybody_will_do(const struct reed_tls *self)
{
	const struct reed_tls_material *m = self->material;

	return m->is_server ? m->client_cert == REED_TLS_ASK || m->client_cert == REED_TLS_REQUIRE
	                    : m->insecure;
}

/*
 * In place of OpenSSL's own: the sentence needs the chain, which is gone
 * later.  What is let through unverified keeps its code, and resumption too.
 */
int reed_tls_verify(X509_STORE_CTX *ctx, void *arg)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(ctx, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct reed_tls *self = reed_tls_of_ssl(ssl);
	X509 *leaf = X509_STORE_CTX_get0_cert(ctx), *x;
	int code;

	(void)arg;
	if (self->pinned)
		return verify_pin(self, ctx);
	if (X509_verify_cert(ctx) > 0)
		return 1;
	code = X509_STORE_CTX_get_error(ctx);
	x = X509_STORE_CTX_get_current_cert(ctx);
	reed_free(self->why_not);
	self->why_not = not_verified(self, code, x ? x : leaf, leaf);
	if (anybody_will_do(self))
		return 1;
	self->refusal = reed_fault(REED_ECERT, NULL, "%s", self->why_not);
	return 0;
}

/* What is known about the peer when the handshake is over, resumed ones included. */
void reed_tls_judge(struct reed_tls *self)
{
	X509 *peer = SSL_get0_peer_certificate(self->ssl);
	long code = SSL_get_verify_result(self->ssl);

	if (self->why_not)
		return;
	if (!peer)
		self->why_not = reed_strdup(self->material->client_cert
		                                    ? "the client has shown no certificate"
		                                    : "the client was not asked for a certificate");
	else if (code != X509_V_OK)
		self->why_not = not_verified(self, (int)code, peer, peer);
}

/* ---- handshakes that failed ---- */

static bool is_alert(int reason)
{
	return reason > SSL_AD_REASON_OFFSET && reason <= SSL_AD_REASON_OFFSET + 255;
}

/* RFC 8446 6.2; NULL: the description in OpenSSL's words will do. */
static const char *alert_words(int alert)
{
	switch (alert) {
	case SSL_AD_BAD_CERTIFICATE:
	case SSL_AD_UNSUPPORTED_CERTIFICATE:
	case SSL_AD_CERTIFICATE_UNKNOWN:
		return "it does not accept our certificate";
	case SSL_AD_CERTIFICATE_EXPIRED:
		return "our certificate has expired, it says";
	case SSL_AD_CERTIFICATE_REVOKED:
		return "our certificate has been revoked, it says";
	case SSL_AD_UNKNOWN_CA:
		return "it does not know the CA of our certificate";
	case SSL_AD_CERTIFICATE_REQUIRED:
		return "it wants a certificate of ours";
	case SSL_AD_HANDSHAKE_FAILURE:
		return "it finds nothing in what we offer that it could use (versions, ciphers, "
		       "kinds of key), or wants a certificate of ours";
	case SSL_AD_PROTOCOL_VERSION:
		return "it speaks none of the TLS versions that we allow";
	case SSL_AD_UNRECOGNIZED_NAME:
		return "it does not know the name it was asked for";
	case SSL_AD_NO_APPLICATION_PROTOCOL:
		return "it speaks none of the protocols offered (ALPN)";
	default:
		return NULL;
	}
}

static bool about_certificate(int alert)
{
	return (alert >= SSL_AD_BAD_CERTIFICATE && alert <= SSL_AD_CERTIFICATE_UNKNOWN) ||
	       alert == SSL_AD_UNKNOWN_CA || alert == SSL_AD_CERTIFICATE_REQUIRED;
}

static struct reed_fault *refused(const struct reed_tls *self, int alert)
{
	const char *words = alert_words(alert);

	if (!words)
		words = SSL_alert_desc_string_long(alert);
	return reed_fault(about_certificate(alert) ? REED_ECERT : REED_EPROTO, NULL,
	                  "%s ended TLS: %s", name_or(self, "the peer"), words);
}

/* What came first, as far as it can be shown. */
static const char *greeting_of(const struct reed_tls *self, char text[REED_TLS_GREETING + 1])
{
	size_t n = 0;

	while (self->setup && n < self->setup->greeting_size && self->setup->greeting[n] >= ' ' &&
	       self->setup->greeting[n] <= '~') {
		text[n] = self->setup->greeting[n];
		n++;
	}
	text[n] = '\0';
	return text;
}

static struct reed_fault *plain_text(const struct reed_tls *self)
{
	char greeting[REED_TLS_GREETING + 1];

	if (greeting_of(self, greeting)[0])
		return reed_fault(REED_EPROTO, NULL, "%s does not speak TLS: it says \"%s\"",
		                  name_or(self, "the peer"), greeting);
	return reed_fault(REED_EPROTO, NULL, "%s does not speak TLS", name_or(self, "the peer"));
}

static bool looks_like_plain_text(const struct reed_tls *self, int reason)
{
	int first;

	switch (reason) {
	case SSL_R_WRONG_VERSION_NUMBER:
	case SSL_R_HTTP_REQUEST:
	case SSL_R_HTTPS_PROXY_REQUEST:
	case SSL_R_PACKET_LENGTH_TOO_LONG:
	case SSL_R_RECORD_LENGTH_MISMATCH:
	case SSL_R_UNEXPECTED_RECORD:
	case SSL_R_BAD_RECORD_TYPE:
		if (!self->setup || self->setup->greeting_size == 0)
			return false;
		first = (unsigned char)self->setup->greeting[0];
		return first < SSL3_RT_CHANGE_CIPHER_SPEC || first > SSL3_RT_APPLICATION_DATA;
	default:
		return false;
	}
}

static const char *reason_words(int reason)
{
	switch (reason) {
	case SSL_R_UNSUPPORTED_PROTOCOL:
	case SSL_R_WRONG_SSL_VERSION:
	case SSL_R_UNKNOWN_PROTOCOL:
		return "it speaks none of the TLS versions that we allow";
	case SSL_R_NO_SHARED_CIPHER:
		return "it offers no cipher, or kind of key, that we have";
	case SSL_R_NO_SUITABLE_KEY_SHARE:
	case SSL_R_NO_SUITABLE_GROUPS:
		return "it offers no group for the key exchange that we allow";
	case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
		return "it has to show a certificate, and has none";
	case SSL_R_NO_APPLICATION_PROTOCOL:
		return "it speaks none of our protocols (ALPN)";
	case SSL_R_TOO_MANY_KEY_UPDATES:
		return "it sends nothing but handshake messages";
	default:
		return NULL;
	}
}

struct reed_fault *reed_tls_why(struct reed_tls *self)
{
	unsigned long code = ERR_peek_error();
	int reason = ERR_GET_LIB(code) == ERR_LIB_SSL ? ERR_GET_REASON(code) : 0;
	struct reed_fault *fault = self->refusal;
	const char *words = reason_words(reason);

	self->refusal = NULL;
	if (fault)
		ERR_clear_error();
	else if (self->messages > REED_TLS_FLOOD)
		fault = reed_fault(REED_EPROTO, NULL, "%s sends nothing but handshake messages",
		                   name_or(self, "the peer"));
	else if (is_alert(reason))
		fault = refused(self, reason - SSL_AD_REASON_OFFSET);
	else if (looks_like_plain_text(self, reason))
		fault = plain_text(self);
	else
		fault = reed_fault(reason == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE ? REED_ECERT
		                                                                     : REED_EPROTO,
		                   NULL, "TLS with %s failed: %s", name_or(self, "the peer"),
		                   words ? words : reed_x509_reason());
	ERR_clear_error();
	return fault;
}
