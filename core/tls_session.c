/*
 * Resumption: what a client keeps of earlier handshakes, and the keys that a
 * server's tickets are sealed with (RFC 5077, RFC 8446 4.6.1).
 *
 * Those keys are changed every half day, so that a stolen one opens little of
 * what was recorded with TLS 1.2.  Contexts may be shared by threads.
 */

#include "tls_private.h"

#include <openssl/core_names.h>
#include <openssl/rand.h>
#include <string.h>

#include "reed/random.h"

static const int64_t TICKET_KEY_LASTS = 12 * 3600 * REED_S(1);

static struct reed_tls_sessions *sessions_of(const SSL *ssl)
{
	return &reed_tls_of_ssl(ssl)->material->sessions;
}

/* ---- time ---- */

/*
 * OpenSSL dates a session by the system's clock, which is mere chance to a
 * simulation.  There what is kept, and what is sealed in a ticket, has the date
 * of the loop; and OpenSSL is shown it as one of this very moment.
 */
static long wall_of(const SSL *ssl)
{
	return (long)(reed_wall(reed_tls_of_ssl(ssl)->stream.loop) / REED_S(1));
}

static bool is_simulated(const SSL *ssl)
{
	return reed_tls_of_ssl(ssl)->stream.loop->simulated;
}

static void date_by_loop(const SSL *ssl, SSL_SESSION *session)
{
	if (is_simulated(ssl))
		SSL_SESSION_set_time(session, wall_of(ssl));
}

/*
 * False: it is too old; without a simulation OpenSSL sees to that.  The moment
 * is of OpenSSL's own clock, which may be some milliseconds behind the precise
 * one: a session of the next second would not be used.
 */
static bool date_by_system(const SSL *ssl, SSL_SESSION *session)
{
	long age;

	if (!is_simulated(ssl))
		return true;
	age = wall_of(ssl) - SSL_SESSION_get_time(session);
	SSL_SESSION_set_time(session, (long)reed_system_second());
	return age >= 0 && age <= SSL_SESSION_get_timeout(session);
}

/* ---- the client's ---- */

static size_t slot_of(struct reed_tls_sessions *s, const char *server)
{
	for (size_t i = 0; i < REED_TLS_SESSIONS; i++)
		if (s->kept[i].server && strcmp(s->kept[i].server, server) == 0)
			return i;
	return REED_TLS_SESSIONS;
}

static void forget(struct reed_tls_sessions *s, size_t slot)
{
	reed_free(s->kept[slot].server);
	SSL_SESSION_free(s->kept[slot].session);
	s->kept[slot].server = NULL;
	s->kept[slot].session = NULL;
}

/*
 * A server that is pinned, known by DANE or asked for OCSP shows its certificate each
 * time.  1: the session is ours now.
 */
static int keep(SSL *ssl, SSL_SESSION *session)
{
	struct reed_tls *self = reed_tls_of_ssl(ssl);
	struct reed_tls_sessions *s = sessions_of(ssl);
	size_t slot;

	if (!self->server || self->pinned || self->dane || self->staple ||
	    !SSL_SESSION_is_resumable(session))
		return 0;
	date_by_loop(ssl, session);
	pthread_mutex_lock(&s->lock);
	slot = slot_of(s, self->server);
	if (slot == REED_TLS_SESSIONS) {
		slot = s->next;
		s->next = (s->next + 1) % REED_TLS_SESSIONS;
	}
	forget(s, slot);
	s->kept[slot].server = reed_strdup(self->server);
	s->kept[slot].session = session;
	pthread_mutex_unlock(&s->lock);
	return 1;
}

/* The one that is kept keeps its date. */
static void offer(SSL *ssl, SSL_SESSION *kept)
{
	SSL_SESSION *session = is_simulated(ssl) ? SSL_SESSION_dup(kept) : NULL;

	if (!session)
		SSL_set_session(ssl, kept);
	else if (date_by_system(ssl, session))
		SSL_set_session(ssl, session);
	SSL_SESSION_free(session);
}

/* RFC 8446 C.4: a ticket of TLS 1.3 is used once, or observers could tell who comes again. */
void reed_tls_session_offer(struct reed_tls_sessions *s, SSL *ssl, const char *server)
{
	size_t slot;

	pthread_mutex_lock(&s->lock);
	slot = slot_of(s, server);
	if (slot < REED_TLS_SESSIONS) {
		SSL_SESSION *session = s->kept[slot].session;

		offer(ssl, session);
		if (SSL_SESSION_get_protocol_version(session) >= TLS1_3_VERSION)
			forget(s, slot);
	}
	pthread_mutex_unlock(&s->lock);
}

/* ---- the server's ---- */

static struct reed_tls_ticket_key *present_key(struct reed_tls_sessions *s, int64_t now)
{
	struct reed_tls_ticket_key *key = &s->tickets[0];

	if (key->born && now - key->born < TICKET_KEY_LASTS)
		return key;
	s->tickets[1] = s->tickets[0];
	if (RAND_bytes(key->name, sizeof(key->name)) <= 0 ||
	    RAND_bytes(key->aes, sizeof(key->aes)) <= 0 ||
	    RAND_bytes(key->hmac, sizeof(key->hmac)) <= 0)
		return NULL;
	key->born = now ? now : 1;
	return key;
}

static struct reed_tls_ticket_key *key_named(struct reed_tls_sessions *s, const uint8_t *name,
                                             int64_t now)
{
	present_key(s, now);
	for (size_t i = 0; i < REED_COUNT(s->tickets); i++) {
		struct reed_tls_ticket_key *key = &s->tickets[i];

		if (key->born && now - key->born < 2 * TICKET_KEY_LASTS &&
		    memcmp(key->name, name, sizeof(key->name)) == 0)
			return key;
	}
	return NULL;
}

static bool prepare(struct reed_tls_ticket_key *key, const uint8_t *iv, EVP_CIPHER_CTX *cipher,
                    EVP_MAC_CTX *mac, int seal)
{
	char hash[] = "SHA256";
	OSSL_PARAM params[] = {
		OSSL_PARAM_octet_string(OSSL_MAC_PARAM_KEY, key->hmac, sizeof(key->hmac)),
		OSSL_PARAM_utf8_string(OSSL_MAC_PARAM_DIGEST, hash, sizeof(hash) - 1),
		OSSL_PARAM_END,
	};

	return EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), NULL, key->aes, iv, seal) &&
	       EVP_MAC_CTX_set_params(mac, params);
}

/* 0: this ticket is not ours any more; 2: it is, but give the client a new one, to use once. */
static int ticket_key(SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher,
                      EVP_MAC_CTX *mac, int seal)
{
	struct reed_tls_sessions *s = sessions_of(ssl);
	int64_t now = reed_now(reed_tls_of_ssl(ssl)->stream.loop);
	struct reed_tls_ticket_key *key;
	int answer = -1;

	pthread_mutex_lock(&s->lock);
	key = seal ? present_key(s, now) : key_named(s, name, now);
	if (!key) {
		answer = seal ? -1 : 0;
	} else if (!seal || RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) > 0) {
		memcpy(name, key->name, sizeof(key->name));
		answer = key == &s->tickets[0] && (seal || SSL_version(ssl) < TLS1_3_VERSION) ? 1
		                                                                              : 2;
		if (!prepare(key, iv, cipher, mac, seal))
			answer = -1;
	}
	pthread_mutex_unlock(&s->lock);
	return answer;
}

/*
 * A ticket says which certificate the client was shown, as a resumed
 * handshake shows none, and the end point's binding is of that one.
 */
static int mark_ticket(SSL *ssl, void *arg)
{
	const struct reed_tls_shelf *shelf = &reed_tls_of_ssl(ssl)->material->shelf;
	uint32_t id;

	(void)arg;
	date_by_loop(ssl, SSL_get_session(ssl));
	if (SSL_session_reused(ssl))
		return 1;
	for (id = 0; id < shelf->count; id++)
		if (shelf->ids[id].leaf == SSL_get_certificate(ssl))
			return SSL_SESSION_set1_ticket_appdata(SSL_get_session(ssl), &id,
			                                       sizeof(id));
	return 1;
}

/* What OpenSSL would do without it, but for the date. */
static SSL_TICKET_RETURN look_at_ticket(SSL *ssl, SSL_SESSION *session, const unsigned char *name,
                                        size_t n, SSL_TICKET_STATUS status, void *arg)
{
	bool opened = status == SSL_TICKET_SUCCESS || status == SSL_TICKET_SUCCESS_RENEW;

	(void)name;
	(void)n;
	(void)arg;
	if (!opened || !date_by_system(ssl, session))
		return SSL_TICKET_RETURN_IGNORE_RENEW;
	return status == SSL_TICKET_SUCCESS ? SSL_TICKET_RETURN_USE : SSL_TICKET_RETURN_USE_RENEW;
}

X509 *reed_tls_shown(SSL *ssl)
{
	const struct reed_tls_shelf *shelf = &reed_tls_of_ssl(ssl)->material->shelf;
	void *data = NULL;
	size_t n = 0;
	uint32_t id;

	if (!SSL_session_reused(ssl))
		return SSL_get_certificate(ssl);
	if (!SSL_SESSION_get0_ticket_appdata(SSL_get_session(ssl), &data, &n) || n != sizeof(id))
		return NULL;
	memcpy(&id, data, sizeof(id));
	return id < shelf->count ? shelf->ids[id].leaf : NULL;
}

/* ---- both ---- */

void reed_tls_sessions_init(struct reed_tls_sessions *s, SSL_CTX *ctx, bool is_server, bool none)
{
	static const unsigned char id[] = "reed";

	pthread_mutex_init(&s->lock, NULL);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	if (none) {
		SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
		SSL_CTX_set_num_tickets(ctx, 0);
	} else if (is_server) {
		SSL_CTX_set_session_id_context(ctx, id, sizeof(id) - 1);
		SSL_CTX_set_tlsext_ticket_key_evp_cb(ctx, ticket_key);
		SSL_CTX_set_session_ticket_cb(ctx, mark_ticket, look_at_ticket, NULL);
	} else {
		SSL_CTX_set_session_cache_mode(ctx,
		                               SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
		SSL_CTX_sess_set_new_cb(ctx, keep);
	}
}

void reed_tls_sessions_finish(struct reed_tls_sessions *s)
{
	for (size_t i = 0; i < REED_TLS_SESSIONS; i++)
		forget(s, i);
	reed_wipe(s->tickets, sizeof(s->tickets));
	pthread_mutex_destroy(&s->lock);
}
