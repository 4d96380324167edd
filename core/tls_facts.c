/* What is known of a TLS stream, and channel bindings. */

#include "tls_private.h"

#include <string.h>

/* ---- facts ---- */

/* NULL: none of it is TLS.  A stream that is made from one passes its facts on. */
struct reed_tls *reed_tls_under(struct reed_stream *s)
{
	struct reed_stream_facts facts = { .size = sizeof(facts) };
	const struct reed_tls_facts *tls;

	reed_stream_facts(s, &facts);
	tls = facts.tls;
	if (!tls)
		return NULL;
	return reed_container_of((struct reed_tls_facts *)(uintptr_t)tls, struct reed_tls, facts);
}

static const char *keep(struct reed_tls *self, const void *bytes, size_t n)
{
	return n ? reed_pool_strdup(&self->pool, reed_slice(bytes, n)) : NULL;
}

static void describe_session(struct reed_tls *self)
{
	struct reed_tls_facts *f = &self->facts;
	const unsigned char *alpn = NULL;
	unsigned alpn_size = 0;
	const char *server = SSL_get_servername(self->ssl, TLSEXT_NAMETYPE_host_name);
	int group = (int)SSL_get_negotiated_group(self->ssl);

	f->version = SSL_get_version(self->ssl);
	f->cipher = SSL_get_cipher_name(self->ssl);
	f->group = group ? SSL_group_to_name(self->ssl, group) : NULL;
	SSL_get0_alpn_selected(self->ssl, &alpn, &alpn_size);
	f->alpn = keep(self, alpn, alpn_size);
	f->server = server ? keep(self, server, strlen(server)) : NULL;
	f->resumed = SSL_session_reused(self->ssl);
}

/* When the certificate has too much in it, there is none to show. */
static void describe_peer(struct reed_tls *self)
{
	X509 *x = SSL_get0_peer_certificate(self->ssl);

	reed_tls_judge(self);
	self->facts.verified = !self->why_not;
	self->facts.why_not = self->why_not;
	if (x && reed_x509_describe(x, &self->pool, &self->peer) == REED_OK)
		self->facts.peer = &self->peer;
}

void reed_tls_facts_fill(struct reed_stream *s, struct reed_stream_facts *facts)
{
	struct reed_tls *self = reed_tls_of(s);
	struct reed_tls_facts *f = &self->facts;

	facts->size = sizeof(*facts);
	reed_stream_facts(self->below, facts);
	f->size = sizeof(*f);
	if (self->open && !f->complete) {
		reed_pool_init(&self->pool, REED_X509_WORDS);
		describe_session(self);
		describe_peer(self);
		f->complete = true;
	}
	f->clean_end = self->clean_end;
	f->stapled = self->is_stapled;
	facts->tls = f;
	/* whether it is the right client is a matter of logging in */
	if (f->complete && (f->verified || self->material->is_server))
		facts->secure = true;
}

/* ---- channel bindings ---- */

/* RFC 9266 4.2: without RFC 7627 somebody in between could make two connections agree. */
static bool has_own_secret(SSL *ssl)
{
	return SSL_version(ssl) >= TLS1_3_VERSION || SSL_get_extms_support(ssl) == 1;
}

static enum reed_err exporter(SSL *ssl, uint8_t *into, size_t *n)
{
	static const char label[] = "EXPORTER-Channel-Binding";
	static const unsigned char no_context[1];

	if (!has_own_secret(ssl) ||
	    SSL_export_keying_material(ssl, into, 32, label, sizeof(label) - 1, no_context, 0, 1) !=
	            1)
		return REED_ENOTSUP;
	*n = 32;
	return REED_OK;
}

/* RFC 5929 4.1: the hash of its signature, but SHA-256 in place of MD5 and SHA-1 */
static const EVP_MD *hash_of(X509 *x)
{
	int hash = NID_undef;

	if (!X509_get_signature_info(x, &hash, NULL, NULL, NULL) || hash == NID_undef)
		return NULL;
	return hash == NID_md5 || hash == NID_sha1 ? EVP_sha256() : EVP_get_digestbynid(hash);
}

static enum reed_err end_point(const struct reed_tls *self, uint8_t *into, size_t *n)
{
	X509 *x = self->material->is_server ? reed_tls_shown(self->ssl)
	                                    : SSL_get0_peer_certificate(self->ssl);
	const EVP_MD *hash = x ? hash_of(x) : NULL;
	unsigned size = 0;

	if (!hash || EVP_MD_get_size(hash) > REED_TLS_BINDING_ROOM ||
	    !X509_digest(x, hash, into, &size))
		return REED_ENOTSUP;
	*n = size;
	return REED_OK;
}

/* RFC 5929 3: the first Finished, which is the client's unless the session was resumed */
static enum reed_err unique(const struct reed_tls *self, uint8_t *into, size_t *n)
{
	bool of_client = !SSL_session_reused(self->ssl);

	if (SSL_version(self->ssl) >= TLS1_3_VERSION || !has_own_secret(self->ssl))
		return REED_ENOTSUP;
	if (of_client != self->material->is_server)
		*n = SSL_get_finished(self->ssl, into, REED_TLS_BINDING_ROOM);
	else
		*n = SSL_get_peer_finished(self->ssl, into, REED_TLS_BINDING_ROOM);
	return *n > 0 && *n <= REED_TLS_BINDING_ROOM ? REED_OK : REED_ENOTSUP;
}

enum reed_err reed_tls_binding(struct reed_stream *s, enum reed_tls_binding kind,
                               uint8_t into[REED_TLS_BINDING_ROOM], size_t *n)
{
	struct reed_tls *self = reed_tls_under(s);

	*n = 0;
	if (!self)
		return REED_EINVAL;
	if (!self->open)
		return self->err ? REED_ENOTSUP : REED_EAGAIN;
	switch (kind) {
	case REED_TLS_EXPORTER:
		return exporter(self->ssl, into, n);
	case REED_TLS_SERVER_END_POINT:
		return end_point(self, into, n);
	case REED_TLS_UNIQUE:
		return unique(self, into, n);
	}
	return REED_EINVAL;
}
