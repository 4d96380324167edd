/* TLS streams, made according to options. */

#include "tls_private.h"

#include <idn2.h>
#include <openssl/x509v3.h>
#include <string.h>

/* ---- protocols ---- */

static enum reed_err set_alpn(struct reed_tls *self, const char *list)
{
	struct reed_slice rest = reed_slice_of(list), name;
	struct reed_tls_setup *setup = self->setup;
	size_t n = 0;

	while (rest.n > 0) {
		name = reed_slice_trim(reed_slice_cut(&rest, ','));
		if (name.n == 0 || name.n > UINT8_MAX || n + 1 + name.n > sizeof(setup->alpn))
			return reed_tls_fail(
				self,
				reed_fault(REED_EINVAL, NULL,
			                   "\"%s\" is no list of protocols: h2,http/1.1 would be",
			                   list));
		setup->alpn[n] = (uint8_t)name.n;
		memcpy(setup->alpn + n + 1, name.p, name.n);
		n += 1 + name.n;
	}
	setup->alpn_size = (uint8_t)n;
	return REED_OK;
}

/* ---- pins ---- */

static int digit(char c)
{
	const char *digits = "0123456789abcdef", *at;

	if (c >= 'A' && c <= 'F')
		c = (char)(c + 32);
	at = c ? strchr(digits, c) : NULL;
	return at ? (int)(at - digits) : -1;
}

static bool read_pin(struct reed_slice text, uint8_t pin[32])
{
	if (text.n != 64)
		return false;
	for (size_t i = 0; i < 32; i++) {
		int high = digit(text.p[2 * i]), low = digit(text.p[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		pin[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static enum reed_err set_pins(struct reed_tls *self, const char *list)
{
	struct reed_slice rest = reed_slice_of(list);

	while (rest.n > 0) {
		struct reed_slice pin = reed_slice_trim(reed_slice_cut(&rest, ','));

		if (self->setup->pin_count == REED_TLS_PINS ||
		    !read_pin(pin, self->setup->pins[self->setup->pin_count]))
			return reed_tls_fail(self,
			                     reed_fault(REED_EINVAL, NULL,
			                                "\"" REED_FMT
			                                "\" is no pin: the SHA-256 of a public key "
			                                "has 64 hexadecimal digits",
			                                REED_ARG(pin)));
		self->setup->pin_count++;
	}
	self->pinned = self->setup->pin_count > 0;
	return REED_OK;
}

/* ---- the server's name ---- */

static enum reed_err set_address(struct reed_tls *self, const struct reed_address *a)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(self->ssl);
	char text[REED_ADDRESS_TEXT];

	X509_VERIFY_PARAM_set1_ip(param, a->ip, a->family == REED_FAMILY_IPV4 ? 4 : 16);
	self->server = reed_strdup(reed_address_host(a, text));
	return REED_OK;
}

static enum reed_err bad_name(struct reed_tls *self, const char *name, const char *why)
{
	return reed_tls_fail(self, reed_fault(REED_EINVAL, NULL, "\"%s\" is no host name: %s", name,
	                                      why));
}

/* RFC 5890: as it stands in certificates and in DNS; the last dot does not belong to it. */
static enum reed_err set_host(struct reed_tls *self, const char *name)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(self->ssl);
	char *ascii = NULL;
	size_t n;
	int wrong = idn2_lookup_u8((const uint8_t *)name, (uint8_t **)&ascii,
	                           IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);

	if (wrong != IDN2_OK)
		return bad_name(self, name, idn2_strerror(wrong));
	n = strlen(ascii);
	self->server = reed_slice_dup(reed_slice(ascii, n > 0 && ascii[n - 1] == '.' ? n - 1 : n));
	idn2_free(ascii);
	if (!reed_x509_is_host(reed_slice_of(self->server)))
		return bad_name(self, name,
		                "letters, digits and hyphens make labels of 1 to 63, "
		                "dots stand between them");
	X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
	                                               X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
	X509_VERIFY_PARAM_set1_host(param, self->server, 0);
	SSL_ctrl(self->ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, self->server);
	return REED_OK;
}

/* RFC 6066 3: an address is no name to ask for. */
static enum reed_err set_server(struct reed_tls *self, const char *server)
{
	struct reed_address a;

	if (!server && (self->pinned || self->material->insecure))
		return REED_OK;
	if (!server)
		return reed_tls_fail(
			self,
			reed_fault(
				REED_EINVAL, NULL,
				"a TLS client has to know the name of the server, to verify it"));
	if (reed_address_parse(reed_slice_of(server), 0, &a) == REED_OK)
		return set_address(self, &a);
	return set_host(self, server);
}

/* RFC 7671 4: the records of a name say who it is; an address has none. */
static enum reed_err set_dane(struct reed_tls *self, const char *records)
{
	const char *wrong =
		self->pinned    ? "a pin decides alone"
		: !self->server ? "it needs the server's name"
		: !reed_x509_is_host(reed_slice_of(self->server)) ||
				!SSL_get_servername(self->ssl, TLSEXT_NAMETYPE_host_name)
			? "an address has no TLSA records"
			: NULL;

	if (wrong)
		return reed_tls_fail(self, reed_fault(REED_EINVAL, NULL, "DANE: %s", wrong));
	self->dane = true;
	return reed_tls_set_dane(self, records);
}

/* ---- streams ---- */

static enum reed_err begin(struct reed_tls *self, bool as_server, const char *alpn, bool strict_end)
{
	if (self->err)
		return self->err;
	self->strict_end = strict_end;
	if (self->material->is_server != as_server)
		return reed_tls_fail(self, reed_fault(REED_EINVAL, NULL,
		                                      "a TLS %s needs a context made for it",
		                                      as_server ? "server" : "client"));
	return alpn ? set_alpn(self, alpn) : REED_OK;
}

struct reed_stream *reed_tls_client(struct reed_stream *below, struct reed_tls_ctx *ctx,
                                    const struct reed_tls_client_options *given)
{
	struct reed_tls_client_options o = REED_TLS_CLIENT_OPTIONS;
	struct reed_tls *self = reed_tls_new(below, ctx);
	enum reed_err err;

	memcpy(&o, given, given->size < sizeof(o) ? given->size : sizeof(o));
	err = begin(self, false, o.alpn, o.strict_end);
	if (!err && o.pin)
		err = set_pins(self, o.pin);
	if (!err)
		err = set_server(self, o.server);
	if (!err && o.dane)
		err = set_dane(self, o.dane);
	if (!err)
		err = reed_tls_set_staple(self, o.staple);
	if (err)
		return &self->stream;
	SSL_set_connect_state(self->ssl);
	if (self->setup->alpn_size)
		SSL_set_alpn_protos(self->ssl, self->setup->alpn, self->setup->alpn_size);
	if (self->server && !self->pinned && !self->dane && !self->staple)
		reed_tls_session_offer(&self->material->sessions, self->ssl, self->server);
	return &self->stream;
}

struct reed_stream *reed_tls_server(struct reed_stream *below, struct reed_tls_ctx *ctx,
                                    const struct reed_tls_server_options *given)
{
	struct reed_tls_server_options o = REED_TLS_SERVER_OPTIONS;
	struct reed_tls *self = reed_tls_new(below, ctx);

	if (given)
		memcpy(&o, given, given->size < sizeof(o) ? given->size : sizeof(o));
	if (!begin(self, true, o.alpn, o.strict_end))
		SSL_set_accept_state(self->ssl);
	return &self->stream;
}
