/* Secrets that two know, and their names (RFC 8945 6). */

#include <openssl/crypto.h>

#include "reed/alloc.h"
#include "reed/base64.h"
#include "reed/dns/tsig.h"

struct entry {
	struct entry *next;
	struct reed_dns_key key;
};

struct reed_dns_keys {
	struct entry *first;
};

static const char *const names[] = {
	[REED_DNS_HMAC_SHA256] = "hmac-sha256",
	[REED_DNS_HMAC_SHA384] = "hmac-sha384",
	[REED_DNS_HMAC_SHA512] = "hmac-sha512",
	[REED_DNS_HMAC_SHA1] = "hmac-sha1",
};

enum reed_err reed_dns_hmac_parse(struct reed_slice text, enum reed_dns_hmac *hmac)
{
	for (unsigned i = 0; i < REED_COUNT(names); i++)
		if (reed_slice_is_nocase(text, names[i])) {
			*hmac = (enum reed_dns_hmac)i;
			return REED_OK;
		}
	return REED_ESYNTAX;
}

const char *reed_dns_hmac_name(enum reed_dns_hmac hmac)
{
	return names[hmac];
}

static enum reed_err wrong(struct reed_fault **fault, enum reed_err err, const char *name,
                           const char *what)
{
	if (fault)
		*fault = reed_fault(err, NULL, "key %s: %s", name, what);
	return err;
}

enum reed_err reed_dns_key_parse(const char *name, enum reed_dns_hmac hmac,
                                 struct reed_slice secret, struct reed_dns_key *key,
                                 struct reed_fault **fault)
{
	size_t n = 0;
	enum reed_err err;

	*key = (struct reed_dns_key){ .hmac = hmac };
	if (reed_dns_name_parse(reed_slice_of(name), NULL, &key->name))
		return wrong(fault, REED_ESYNTAX, name,
		             "its name is none; write one as in transfer.example.org");
	err = reed_base64_decode(reed_slice_trim(secret), key->secret, sizeof(key->secret), &n);
	if (err == REED_ETOOBIG)
		return wrong(fault, err, name, "the secret has more than 256 bytes");
	if (err || n == 0)
		return wrong(fault, REED_ESYNTAX, name,
		             "the secret is not base64; `openssl rand -base64 32` makes one");
	key->n = (uint16_t)n;
	return REED_OK;
}

/* ---- those somebody knows ---- */

struct reed_dns_keys *reed_dns_keys_new(void)
{
	return reed_alloc(sizeof(struct reed_dns_keys));
}

void reed_dns_keys_free(struct reed_dns_keys *self)
{
	while (self && self->first) {
		struct entry *entry = self->first;

		self->first = entry->next;
		OPENSSL_cleanse(&entry->key, sizeof(entry->key));
		reed_free(entry);
	}
	reed_free(self);
}

enum reed_err reed_dns_keys_add(struct reed_dns_keys *self, const struct reed_dns_key *key,
                                bool sha1)
{
	struct entry *entry;

	if (key->hmac == REED_DNS_HMAC_SHA1 && !sha1)
		return REED_ENOTSUP;
	if (reed_dns_keys_find(self, &key->name))
		return REED_EEXIST;
	entry = reed_alloc(sizeof(*entry));
	entry->key = *key;
	entry->next = self->first;
	self->first = entry;
	return REED_OK;
}

const struct reed_dns_key *reed_dns_keys_find(const struct reed_dns_keys *self,
                                              const struct reed_dns_name *name)
{
	for (const struct entry *e = self ? self->first : NULL; e; e = e->next)
		if (reed_dns_name_eq(&e->key.name, name))
			return &e->key;
	return NULL;
}
