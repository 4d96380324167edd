/*
 * What streams are made of: OpenSSL's context with certificates, roots and
 * callbacks.  Once made it never changes, so that threads may share it.
 */

#include "tls_private.h"

#include <openssl/err.h>
#include <string.h>

#include "os.h"

/* ---- OpenSSL's context ---- */

static const char CIPHERS[] = "ECDHE+AESGCM:ECDHE+CHACHA20";
static const char OLD_CIPHERS[] = "DEFAULT:@SECLEVEL=0";
static const char GROUPS[] = "X25519:P-256:P-384";

static int version_of(enum reed_tls_version v, int otherwise)
{
	switch (v) {
	case REED_TLS_1_0_INSECURE:
		return TLS1_VERSION;
	case REED_TLS_1_1_INSECURE:
		return TLS1_1_VERSION;
	case REED_TLS_1_2:
		return TLS1_2_VERSION;
	case REED_TLS_1_3:
		return TLS1_3_VERSION;
	case REED_TLS_DEFAULT:
		break;
	}
	return otherwise;
}

static enum reed_err set_policy(SSL_CTX *ssl, const struct reed_tls_policy *p,
                                struct reed_fault **fault)
{
	bool old = p->min == REED_TLS_1_0_INSECURE || p->min == REED_TLS_1_1_INSECURE;
	const char *ciphers = p->ciphers ? p->ciphers : old ? OLD_CIPHERS : CIPHERS;
	const char *groups = p->groups ? p->groups : GROUPS;
	int min = version_of(p->min, TLS1_2_VERSION), max = version_of(p->max, TLS1_3_VERSION);

	if (min > max)
		return reed_x509_fail(fault,
		                      reed_fault(REED_EINVAL, NULL,
		                                 "the minimum TLS version is above the maximum"));
	SSL_CTX_set_min_proto_version(ssl, min);
	SSL_CTX_set_max_proto_version(ssl, max);
	if (SSL_CTX_set_cipher_list(ssl, ciphers) != 1)
		return reed_x509_fail(
			fault, reed_fault(REED_EINVAL, NULL,
		                          "no cipher fits \"%s\"; openssl-ciphers(1) has the words",
		                          ciphers));
	if (SSL_CTX_set1_groups_list(ssl, (uintptr_t)groups) != 1)
		return reed_x509_fail(
			fault, reed_fault(REED_EINVAL, NULL,
		                          "\"%s\" is no list of groups; \"%s\" is the default",
		                          groups, GROUPS));
	return REED_OK;
}

/* A peer may send tickets and new keys, but not live on them: it costs us more than it. */
static void count_messages(int writing, int version, int type, const void *bytes, size_t n,
                           SSL *ssl, void *arg)
{
	struct reed_tls *self = reed_tls_of_ssl(ssl);

	(void)version;
	(void)bytes;
	(void)n;
	(void)arg;
	if (!writing && type == SSL3_RT_HANDSHAKE && self->open)
		self->messages++;
}

/* The server's choice; a client that wants none of what we have is refused: RFC 7301 3.2. */
static int choose_alpn(SSL *ssl, const unsigned char **out, unsigned char *n,
                       const unsigned char *offered, unsigned offered_size, void *arg)
{
	struct reed_tls_setup *setup = reed_tls_of_ssl(ssl)->setup;
	unsigned char *chosen;

	(void)arg;
	if (setup && setup->challenged) {
		reed_tls_challenge_protocol(out, n);
		return SSL_TLSEXT_ERR_OK;
	}
	if (!setup || !setup->alpn_size)
		return SSL_TLSEXT_ERR_NOACK;
	if (SSL_select_next_proto(&chosen, n, setup->alpn, setup->alpn_size, offered,
	                          offered_size) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

/* So that the name counts as used, and stands in the session. */
static int note_name(SSL *ssl, int *alert, void *arg)
{
	(void)ssl;
	(void)alert;
	(void)arg;
	return SSL_TLSEXT_ERR_OK;
}

static int choose_cert(SSL *ssl, void *arg)
{
	struct reed_tls *self = reed_tls_of_ssl(ssl);

	(void)arg;
	if (self->setup && self->setup->challenged)
		return reed_tls_challenge_use(self);
	return reed_tls_shelf_use(&self->material->shelf,
	                          SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name), ssl);
}

static enum reed_err material_init(struct reed_tls_material *m, bool is_server,
                                   const struct reed_tls_policy *policy, struct reed_fault **fault)
{
	ERR_clear_error();
	m->holders = 1;
	m->is_server = is_server;
	m->expires = INT64_MAX;
	m->bio = reed_tls_bio_method();
	m->ssl = SSL_CTX_new(is_server ? TLS_server_method() : TLS_client_method());
	if (!m->bio || !m->ssl)
		return reed_x509_fail(fault, reed_fault(REED_EIO, NULL, "OpenSSL: %s",
		                                        reed_x509_reason()));
	SSL_CTX_set_options(m->ssl, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
	                                    SSL_OP_CIPHER_SERVER_PREFERENCE |
	                                    SSL_OP_PRIORITIZE_CHACHA);
	SSL_CTX_set_mode(m->ssl, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_RELEASE_BUFFERS |
	                                 SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_msg_callback(m->ssl, count_messages);
	SSL_CTX_set_cert_verify_callback(m->ssl, reed_tls_verify, NULL);
	reed_tls_sessions_init(&m->sessions, m->ssl, is_server, policy->no_resumption);
	return set_policy(m->ssl, policy, fault);
}

void reed_tls_material_release(struct reed_tls_material *m)
{
	if (!m || atomic_fetch_sub(&m->holders, 1) > 1)
		return;
	if (m->ssl)
		reed_tls_sessions_finish(&m->sessions);
	reed_tls_shelf_finish(&m->shelf);
	SSL_CTX_free(m->ssl);
	BIO_meth_free(m->bio);
	reed_free(m);
}

/* ---- whom to trust ---- */

static enum reed_err trust_pem(SSL_CTX *ssl, const char *name, struct reed_slice pem,
                               struct reed_fault **fault)
{
	X509_STORE *store = SSL_CTX_get_cert_store(ssl);
	STACK_OF(X509) * all;
	enum reed_err err = reed_x509_read_all(name, pem, &all, fault);

	if (err)
		return err;
	for (int i = 0; i < sk_X509_num(all); i++) {
		X509_STORE_add_cert(store, sk_X509_value(all, i));
		SSL_CTX_add_client_CA(ssl, sk_X509_value(all, i));
	}
	sk_X509_pop_free(all, X509_free);
	/* what is named here is trusted even if it is no root */
	X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
	ERR_clear_error();
	return REED_OK;
}

static enum reed_err trust_file(SSL_CTX *ssl, const char *path, struct reed_fault **fault)
{
	struct reed_buf pem;
	enum reed_err err;

	reed_buf_init(&pem, REED_X509_ROOTS);
	err = reed_os_read_file(path, &pem, fault);
	if (!err)
		err = trust_pem(ssl, path, reed_buf_slice(&pem), fault);
	reed_buf_finish(&pem);
	return err;
}

static enum reed_err trust_dir(SSL_CTX *ssl, const char *path, struct reed_fault **fault)
{
	if (!reed_os_is_directory(path))
		return reed_x509_fail(fault,
		                      reed_fault(REED_ENOENT, NULL,
		                                 "%s, where roots should be, is no directory",
		                                 path));
	if (X509_STORE_load_path(SSL_CTX_get_cert_store(ssl), path) != 1)
		return reed_x509_fail(fault, reed_fault(REED_EIO, NULL, "%s: %s", path,
		                                        reed_x509_reason()));
	return REED_OK;
}

static enum reed_err trust(SSL_CTX *ssl, const char *file, const char *dir, struct reed_slice pem,
                           struct reed_fault **fault)
{
	enum reed_err err = REED_OK;

	if (pem.n)
		err = trust_pem(ssl, "what is given as roots", pem, fault);
	if (!err && file)
		err = trust_file(ssl, file, fault);
	if (!err && dir)
		err = trust_dir(ssl, dir, fault);
	return err;
}

/* ---- what is loaded ---- */

static enum reed_err show_cert(struct reed_tls_material *m,
                               const struct reed_tls_client_ctx_options *o,
                               struct reed_fault **fault)
{
	struct reed_identity id;
	enum reed_err err;

	if (!o->cert && !o->cert_pem.n)
		return REED_OK;
	err = reed_tls_load_identity(&id, o->cert, o->key, o->cert_pem, o->key_pem, o->wall, fault);
	if (err)
		return err;
	if (SSL_CTX_use_cert_and_key(m->ssl, id.leaf, id.key, id.chain, 1) != 1)
		err = reed_x509_fail(fault,
		                     reed_fault(REED_ECERT, NULL,
		                                "OpenSSL does not accept our certificate: %s",
		                                reed_x509_reason()));
	m->expires = reed_x509_ns(X509_get0_notAfter(id.leaf));
	reed_identity_finish(&id);
	return err;
}

enum reed_err reed_tls_client_material(struct reed_tls_material *m,
                                       const struct reed_tls_client_ctx_options *o,
                                       struct reed_fault **fault)
{
	enum reed_err err = material_init(m, false, &o->policy, fault);

	if (err)
		return err;
	m->insecure = o->insecure_accept_any;
	if (SSL_CTX_dane_enable(m->ssl) <= 0)
		return reed_x509_fail(fault,
		                      reed_fault(REED_EIO, NULL, "DANE: %s", reed_x509_reason()));
	SSL_CTX_set_verify(m->ssl, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_tlsext_status_cb(m->ssl, reed_tls_check_staple);
	if (!o->no_system_roots && SSL_CTX_set_default_verify_paths(m->ssl) != 1)
		return reed_x509_fail(fault, reed_fault(REED_EIO, NULL,
		                                        "the system's roots cannot be loaded: %s",
		                                        reed_x509_reason()));
	err = trust(m->ssl, o->ca_file, o->ca_dir, o->ca_pem, fault);
	return err ? err : show_cert(m, o, fault);
}

static int verify_mode(enum reed_tls_client_cert wanted)
{
	switch (wanted) {
	case REED_TLS_ASK:
	case REED_TLS_ASK_VERIFIED:
		return SSL_VERIFY_PEER;
	case REED_TLS_REQUIRE:
	case REED_TLS_REQUIRE_VERIFIED:
		return SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
	case REED_TLS_NO_CLIENT_CERT:
		break;
	}
	return SSL_VERIFY_NONE;
}

enum reed_err reed_tls_server_material(struct reed_tls_material *m,
                                       const struct reed_tls_server_ctx_options *o,
                                       struct reed_fault **fault)
{
	enum reed_err err = material_init(m, true, &o->policy, fault);

	if (!err && !o->cert && !o->cert_pem.n)
		err = reed_x509_fail(
			fault,
			reed_fault(REED_EINVAL, NULL,
		                   "a TLS server needs a certificate: name a PEM file with the "
		                   "chain and its key, or a directory of such files"));
	if (!err)
		err = reed_tls_shelf_load(&m->shelf, o, fault);
	if (!err)
		err = trust(m->ssl, o->client_ca_file, o->client_ca_dir, o->client_ca_pem, fault);
	if (err)
		return err;
	m->expires = reed_tls_shelf_expires(&m->shelf);
	m->client_cert = o->client_cert;
	SSL_CTX_set_verify(m->ssl, verify_mode(o->client_cert), NULL);
	SSL_CTX_set_dh_auto(m->ssl, 1);
	SSL_CTX_set_alpn_select_cb(m->ssl, choose_alpn, NULL);
	SSL_CTX_set_tlsext_servername_callback(m->ssl, note_name);
	SSL_CTX_set_client_hello_cb(m->ssl, reed_tls_hear_hello, NULL);
	SSL_CTX_set_cert_cb(m->ssl, choose_cert, NULL);
	SSL_CTX_set_tlsext_status_cb(m->ssl, reed_tls_staple);
	return REED_OK;
}
