/*
 * Handshakes by which a certificate authority finds out whose name this is
 * (RFC 8737): for "acme-tls/1" alone, with a certificate of their own.
 */

#include "tls_private.h"

#include <openssl/tls1.h>
#include <string.h>

#include "reed/challenge.h"

/* One protocol in the list, and its length in front: RFC 7301 3.1. */
static const unsigned char protocol[] = { 10, 'a', 'c', 'm', 'e', '-', 't', 'l', 's', '/', '1' };

void reed_tls_challenge_protocol(const unsigned char **out, unsigned char *n)
{
	*out = protocol + 1;
	*n = sizeof(protocol) - 1;
}

static bool asks_for_it(SSL *ssl)
{
	const unsigned char *list;
	size_t n;

	return SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_application_layer_protocol_negotiation,
	                                 &list, &n) == 1 &&
	       n == 2 + sizeof(protocol) && list[0] == 0 && list[1] == sizeof(protocol) &&
	       memcmp(list + 2, protocol, sizeof(protocol)) == 0;
}

/* Without a challenge it is a protocol like any other, which hardly anybody speaks. */
int reed_tls_hear_hello(SSL *ssl, int *alert, void *arg)
{
	struct reed_tls *self = reed_tls_of_ssl(ssl);

	(void)alert;
	(void)arg;
	if (self->setup && !reed_challenge_none(self->stream.loop) && asks_for_it(ssl))
		self->setup->challenged = true;
	return SSL_CLIENT_HELLO_SUCCESS;
}

bool reed_tls_challenge_use(struct reed_tls *self)
{
	const char *name = SSL_get_servername(self->ssl, TLSEXT_NAMETYPE_host_name);
	struct reed_slice pem = { NULL, 0 };
	struct reed_identity id = { .leaf = NULL };
	bool good;

	if (name)
		pem = reed_challenge_find(self->stream.loop, REED_CHALLENGE_TLS,
		                          reed_slice_of(name), 0);
	if (!pem.p)
		return false;
	SSL_certs_clear(self->ssl);
	good = !reed_identity_read(&id, name, pem, NULL, reed_slice(NULL, 0), NULL) &&
	       SSL_use_cert_and_key(self->ssl, id.leaf, id.key, id.chain, 1) == 1;
	reed_identity_finish(&id);
	return good;
}
