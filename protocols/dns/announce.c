/* Records of programs as text, and those that tell of services: RFC 2782, 7671, 4255, 8555. */

#include <openssl/pem.h>
#include <openssl/sha.h>

#include "reed/base64.h"
#include "reed/loop.h"

#include "publish.h"

enum { TTL_TEXT = 60, TTL_SERVICE = 300, KEYS_MOST = 64, SSH_KEY = 4096 };

static struct reed_future *refuse(struct reed_loop *loop, struct dns_changes *changes,
                                  const char *what, const char *text)
{
	reed_buf_finish(&changes->bytes);
	return reed_failed_with(loop, reed_fault(REED_ESYNTAX, NULL, "%s: \"%.200s\"", what, text));
}

/* ---- a line ---- */

static struct reed_slice word(struct reed_slice *rest)
{
	struct reed_slice w;

	do
		w = reed_slice_cut(rest, ' ');
	while (!w.n && rest->n);
	return w;
}

static bool parse_line(const char *text, enum dns_change_kind kind, struct dns_changes *changes)
{
	struct reed_slice rest = reed_slice_of(text), w, rdata = { NULL, 0 };
	uint8_t *room = reed_alloc_raw(REED_DNS_RDATA_MAX);
	struct reed_dns_name owner;
	uint64_t ttl = TTL_TEXT;
	uint16_t type = 0;
	bool good;

	good = !reed_dns_name_parse(word(&rest), NULL, &owner);
	w = word(&rest);
	if (!reed_slice_u64(w, INT32_MAX, &ttl))
		w = word(&rest);
	if (reed_slice_is_nocase(w, "IN"))
		w = word(&rest);
	rest = reed_slice_trim(rest);
	good = good && !reed_dns_type_parse(w, &type) && !reed_dns_type_is_meta(type);
	if (good && (rest.n || kind == DNS_CHANGE_ADD))
		good = !reed_dns_rdata_parse(type, rest, NULL, room, REED_DNS_RDATA_MAX, &rdata,
		                             NULL);
	if (good)
		dns_changes_add(changes,
		                kind == DNS_CHANGE_REMOVE && !rdata.n ? DNS_CHANGE_CLEAR : kind,
		                &owner, type, (uint32_t)ttl, rdata);
	reed_free(room);
	return good;
}

struct reed_future *reed_dns_publish_text(struct reed_dns_server *self, const char *record)
{
	struct dns_changes changes = { 0 };

	if (!parse_line(record, DNS_CHANGE_ADD, &changes))
		return refuse(self->loop, &changes, "a record is as www.example.org 60 A 192.0.2.1",
		              record);
	return dns_publish(self, &changes);
}

struct reed_future *reed_dns_withdraw_text(struct reed_dns_server *self, const char *record)
{
	struct dns_changes changes = { 0 };

	if (!parse_line(record, DNS_CHANGE_REMOVE, &changes))
		return refuse(self->loop, &changes, "a record is as www.example.org A 192.0.2.1",
		              record);
	return dns_publish(self, &changes);
}

/* ---- names ---- */

/* False: together they are no name. */
static bool name_of(const char *prefix, const char *domain, struct reed_dns_name *name)
{
	char *text = reed_sprintf("%s.%s", prefix, domain);
	enum reed_err err = reed_dns_name_parse(reed_slice_of(text), NULL, name);

	reed_free(text);
	return !err;
}

struct reed_future *reed_dns_challenge(struct reed_dns_server *self, const char *domain,
                                       const char *digest, bool there)
{
	struct dns_changes changes = { 0 };
	struct reed_dns_name owner;
	char rdata[256];
	size_t n = strlen(digest);

	/* RFC 8555 8.4: a wildcard is proven at the name below which it is */
	if (!name_of("_acme-challenge", strncmp(domain, "*.", 2) == 0 ? domain + 2 : domain,
	             &owner))
		return refuse(self->loop, &changes, "that is no domain", domain);
	if (!n || n > 255)
		return refuse(self->loop, &changes, "that is no digest", digest);
	rdata[0] = (char)n;
	memcpy(rdata + 1, digest, n);
	dns_changes_add(&changes, there ? DNS_CHANGE_ADD : DNS_CHANGE_REMOVE, &owner,
	                REED_DNS_TYPE_TXT, TTL_TEXT, reed_slice(rdata, n + 1));
	return dns_publish(self, &changes);
}

/* ---- services ---- */

struct announcing {
	const struct reed_dns_service *service;
	struct reed_dns_name host;
	struct dns_changes changes;
	uint32_t ttl;
	bool there;
	const char *mistake, *about;
};

static bool fail(struct announcing *a, const char *mistake, const char *about)
{
	a->mistake = mistake;
	a->about = about;
	return false;
}

static void replace(struct announcing *a, const struct reed_dns_name *owner, uint16_t type)
{
	dns_changes_add(&a->changes, DNS_CHANGE_CLEAR, owner, type, 0, reed_slice(NULL, 0));
}

static void add(struct announcing *a, const struct reed_dns_name *owner, uint16_t type,
                const void *rdata, size_t n)
{
	if (a->there)
		dns_changes_add(&a->changes, DNS_CHANGE_ADD, owner, type, a->ttl,
		                reed_slice(rdata, n));
}

static bool add_srv(struct announcing *a)
{
	const struct reed_dns_service *s = a->service;
	uint8_t rdata[6 + REED_DNS_NAME_MAX];
	struct reed_dns_name owner;

	if (!s->domain)
		return true;
	if (!s->service || !name_of(s->service, s->domain, &owner))
		return fail(a, "a service is as _xmpp-client._tcp, and not",
		            s->service ? s->service : "");
	dns_put16(rdata, s->priority);
	dns_put16(rdata + 2, s->weight);
	dns_put16(rdata + 4, s->port);
	memcpy(rdata + 6, a->host.wire, a->host.n);
	replace(a, &owner, REED_DNS_TYPE_SRV);
	add(a, &owner, REED_DNS_TYPE_SRV, rdata, 6 + (size_t)a->host.n);
	return true;
}

/* The public key of a certificate, or of a key. */
static EVP_PKEY *key_of(struct reed_slice pem)
{
	BIO *bio = BIO_new_mem_buf(pem.p, pem.n < INT_MAX ? (int)pem.n : 0);
	X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	EVP_PKEY *key = certificate ? X509_get_pubkey(certificate) : NULL;

	X509_free(certificate);
	if (!key && BIO_reset(bio) == 1)
		key = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
	if (!key && BIO_reset(bio) == 1)
		key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
	BIO_free(bio);
	return key;
}

/* RFC 6698 2.1: the certificate's key (1) of an end entity (3), by its SHA-256 (1). */
static bool tlsa_of(struct reed_slice pem, uint8_t rdata[3 + SHA256_DIGEST_LENGTH])
{
	EVP_PKEY *key = key_of(pem);
	unsigned char *der = NULL;
	int n = key ? i2d_PUBKEY(key, &der) : 0;

	memset(rdata, 0, 3 + SHA256_DIGEST_LENGTH);
	memcpy(rdata, "\3\1\1", 3);
	if (n > 0)
		SHA256(der, (size_t)n, rdata + 3);
	OPENSSL_free(der);
	EVP_PKEY_free(key);
	return n > 0;
}

static bool add_tlsa(struct announcing *a)
{
	const struct reed_dns_service *s = a->service;
	bool udp = s->service && reed_slice_ends(reed_slice_of(s->service), REED_STR("._udp"));
	uint8_t rdata[3 + SHA256_DIGEST_LENGTH];
	struct reed_dns_name owner;
	char prefix[32];

	if (!s->key_count)
		return true;
	snprintf(prefix, sizeof(prefix), "_%u._%s", s->port, udp ? "udp" : "tcp");
	if (!name_of(prefix, s->host, &owner))
		return fail(a, "the name is too long", s->host);
	replace(a, &owner, REED_DNS_TYPE_TLSA);
	for (size_t i = 0; i < s->key_count; i++) {
		if (!tlsa_of(s->keys[i], rdata))
			return fail(a, "a certificate or a key is in PEM, and is not of", s->host);
		add(a, &owner, REED_DNS_TYPE_TLSA, rdata, sizeof(rdata));
	}
	return true;
}

/* RFC 4255 3.1.1, 6594 4, 7479 4, 8709 7; 0: another */
static uint8_t ssh_algorithm(struct reed_slice kind)
{
	return reed_slice_is(kind, "ssh-rsa")                     ? 1
	       : reed_slice_starts(kind, REED_STR("ecdsa-sha2-")) ? 3
	       : reed_slice_is(kind, "ssh-ed25519")               ? 4
	       : reed_slice_is(kind, "ssh-ed448")                 ? 6
	                                                          : 0;
}

static bool sshfp_of(const char *line, uint8_t rdata[2 + SHA256_DIGEST_LENGTH])
{
	struct reed_slice rest = reed_slice_of(line);
	uint8_t blob[SSH_KEY];
	size_t n;

	rdata[0] = ssh_algorithm(word(&rest));
	rdata[1] = 2; /* SHA-256: RFC 6594 4.1 */
	if (!rdata[0] || reed_base64_decode(word(&rest), blob, sizeof(blob), &n))
		return false;
	SHA256(blob, n, rdata + 2);
	return true;
}

static bool add_sshfp(struct announcing *a)
{
	const struct reed_dns_service *s = a->service;
	uint8_t rdata[2 + SHA256_DIGEST_LENGTH];

	if (!s->ssh_key_count)
		return true;
	replace(a, &a->host, REED_DNS_TYPE_SSHFP);
	for (size_t i = 0; i < s->ssh_key_count; i++) {
		if (!sshfp_of(s->ssh_keys[i], rdata))
			return fail(a, "a key of SSH is as ssh-ed25519 AAAA..., and not",
			            s->ssh_keys[i]);
		add(a, &a->host, REED_DNS_TYPE_SSHFP, rdata, sizeof(rdata));
	}
	return true;
}

struct reed_future *dns_service_changes(struct reed_loop *loop,
                                        const struct reed_dns_service *given, bool there,
                                        struct dns_changes *changes)
{
	struct reed_dns_service s = { 0 };
	struct announcing a = { .service = &s, .there = there };

	memcpy(&s, given, given->size < sizeof(s) ? given->size : sizeof(s));
	a.ttl = s.ttl ? s.ttl : TTL_SERVICE;
	if (!s.host || reed_dns_name_parse(reed_slice_of(s.host), NULL, &a.host))
		fail(&a, "that is no host", s.host ? s.host : "");
	else if (s.key_count > KEYS_MOST || s.ssh_key_count > KEYS_MOST)
		fail(&a, "these are too many keys of", s.host);
	else if (add_srv(&a) && add_tlsa(&a) && add_sshfp(&a)) {
		*changes = a.changes;
		return NULL;
	}
	return refuse(loop, &a.changes, a.mistake, a.about);
}

static struct reed_future *announce(struct reed_dns_server *self,
                                    const struct reed_dns_service *service, bool there)
{
	struct dns_changes changes;
	struct reed_future *f = dns_service_changes(self->loop, service, there, &changes);

	return f ? f : dns_publish(self, &changes);
}

struct reed_future *reed_dns_announce(struct reed_dns_server *self,
                                      const struct reed_dns_service *service)
{
	return announce(self, service, true);
}

struct reed_future *reed_dns_renounce(struct reed_dns_server *self,
                                      const struct reed_dns_service *service)
{
	return announce(self, service, false);
}
