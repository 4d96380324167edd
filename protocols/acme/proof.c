/* Certificates: the one that proves a name by TLS, and those that an authority hands out. */

#include "private.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "reed/cert.h"

/* RFC 8737 3: id-pe-acmeIdentifier */
static const char IDENTIFIER[] = "1.3.6.1.5.5.7.1.31";

enum { DAY_S = 86400 };

static X509_EXTENSION *identifier_of(const char *answer)
{
	uint8_t value[2 + SHA256_DIGEST_LENGTH] = { V_ASN1_OCTET_STRING, SHA256_DIGEST_LENGTH };
	ASN1_OCTET_STRING *octets = ASN1_OCTET_STRING_new();
	ASN1_OBJECT *oid = OBJ_txt2obj(IDENTIFIER, 1);
	X509_EXTENSION *extension;

	SHA256((const unsigned char *)answer, strlen(answer), value + 2);
	ASN1_OCTET_STRING_set(octets, value, sizeof(value));
	extension = X509_EXTENSION_create_by_OBJ(NULL, oid, 1, octets);
	ASN1_OBJECT_free(oid);
	ASN1_OCTET_STRING_free(octets);
	return extension;
}

static bool add_extensions(X509 *x, const char *name, const char *answer)
{
	X509_EXTENSION *identifier = identifier_of(answer), *names;
	char text[300];
	bool good;

	snprintf(text, sizeof(text), "DNS:%s", name);
	names = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, text);
	good = identifier && names && X509_add_ext(x, names, -1) && X509_add_ext(x, identifier, -1);
	X509_EXTENSION_free(identifier);
	X509_EXTENSION_free(names);
	return good;
}

static bool fill(X509 *x, EVP_PKEY *key, const char *name, const char *answer, int64_t wall)
{
	time_t now = (time_t)(wall / REED_S(1));
	X509_NAME *subject = X509_get_subject_name(x);

	return X509_set_version(x, X509_VERSION_3) &&
	       ASN1_INTEGER_set(X509_get_serialNumber(x), 1) &&
	       ASN1_TIME_adj(X509_getm_notBefore(x), now, 0, -DAY_S) &&
	       ASN1_TIME_adj(X509_getm_notAfter(x), now, 7, 0) &&
	       X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
	                                  (const unsigned char *)"ACME challenge", -1, -1, 0) &&
	       X509_set_issuer_name(x, subject) && X509_set_pubkey(x, key) &&
	       add_extensions(x, name, answer) && X509_sign(x, key, EVP_sha256()) > 0;
}

enum reed_err acme_proof_certificate(const char *name, const char *answer, int64_t wall,
                                     struct reed_buf *pem)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	BIO *bio = BIO_new(BIO_s_mem());
	X509 *x = X509_new();
	bool good = key && fill(x, key, name, answer, wall) && PEM_write_bio_X509(bio, x) &&
	            PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
	char *p;
	long n = BIO_get_mem_data(bio, &p);

	if (good)
		reed_buf_add(pem, reed_slice(p, (size_t)n));
	BIO_free(bio);
	X509_free(x);
	EVP_PKEY_free(key);
	ERR_clear_error();
	return good ? REED_OK : REED_EIO;
}

/* ---- what comes in the end ---- */

bool acme_is_key_of(struct reed_slice chain, struct reed_slice key)
{
	BIO *certs = BIO_new_mem_buf(chain.p, (int)chain.n);
	BIO *keys = BIO_new_mem_buf(key.p, (int)key.n);
	X509 *x = PEM_read_bio_X509(certs, NULL, NULL, NULL);
	EVP_PKEY *pkey = PEM_read_bio_PrivateKey(keys, NULL, NULL, NULL);
	bool same = x && pkey && X509_check_private_key(x, pkey) == 1;

	BIO_free(certs);
	BIO_free(keys);
	X509_free(x);
	EVP_PKEY_free(pkey);
	ERR_clear_error();
	return same;
}

static bool has_name(const struct reed_cert *cert, const char *name)
{
	for (const char *const *n = cert->names; *n; n++)
		if (reed_slice_is_nocase(reed_slice_of(*n), name))
			return true;
	return false;
}

static enum reed_err judge_names(const struct reed_cert *cert, const char *const *names,
                                 int64_t wall, struct reed_fault **fault)
{
	for (; *names; names++)
		if (!has_name(cert, *names)) {
			*fault = reed_fault(REED_ECERT, NULL, "the certificate is not for %s",
			                    *names);
			return REED_ECERT;
		}
	if (wall <= cert->not_after)
		return REED_OK;
	*fault = reed_fault(REED_ECERT, NULL, "the certificate for %s has expired", cert->names[0]);
	return REED_ECERT;
}

enum reed_err acme_judge_chain(struct reed_slice chain, struct reed_slice key,
                               const char *const *names, int64_t wall, struct reed_fault **fault)
{
	struct reed_cert *cert;
	enum reed_err err;

	*fault = NULL;
	err = reed_cert_read(chain, reed_slice(NULL, 0), wall, &cert, fault);
	if (err)
		return err;
	if (!acme_is_key_of(chain, key)) {
		reed_cert_free(cert);
		*fault = reed_fault(REED_ECERT, NULL, "the certificate is for another key");
		return REED_ECERT;
	}
	err = judge_names(cert, names, wall, fault);
	reed_cert_free(cert);
	return err;
}
