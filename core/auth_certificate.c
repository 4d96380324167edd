/* What a certificate tells those who decide about logins; X.509 is OpenSSL's. */

#include "reed/auth.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

static X509 *read_der(struct reed_slice der)
{
	const unsigned char *p = (const unsigned char *)der.p;
	X509 *x;

	if (der.n == 0 || der.n > INT32_MAX)
		return NULL;
	x = d2i_X509(NULL, &p, (long)der.n);
	if (x && (size_t)((const char *)p - der.p) != der.n) {
		X509_free(x);
		return NULL;
	}
	return x;
}

/* RFC 4514, with UTF-8 as it is; a name too long for its room is cut between characters. */
static void copy_subject(X509 *x, char into[REED_SUBJECT_ROOM])
{
	BIO *bio = BIO_new(BIO_s_mem());
	struct reed_slice text;
	char *p = NULL;
	long n;

	into[0] = '\0';
	if (!bio)
		return;
	X509_NAME_print_ex(bio, X509_get_subject_name(x), 0,
	                   XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB);
	n = BIO_get_mem_data(bio, &p);
	text = reed_slice(p, n > 0 ? (size_t)n : 0);
	if (text.n >= REED_SUBJECT_ROOM)
		text.n = reed_slice_utf8_border(text, REED_SUBJECT_ROOM - 1);
	reed_slice_copy(into, REED_SUBJECT_ROOM, text);
	BIO_free(bio);
}

static bool hash_key(X509 *x, uint8_t into[REED_FINGERPRINT_BYTES])
{
	unsigned char *der = NULL;
	int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &der);
	bool ok = n > 0 && EVP_Digest(der, (size_t)n, into, NULL, EVP_sha256(), NULL);

	OPENSSL_free(der);
	return ok;
}

enum reed_err reed_certificate_read(struct reed_slice der, struct reed_certificate *certificate)
{
	X509 *x = read_der(der);
	bool ok;

	*certificate = (struct reed_certificate){ 0 };
	if (!x)
		return REED_ESYNTAX;
	ok = EVP_Digest(der.p, der.n, certificate->sha256, NULL, EVP_sha256(), NULL) &&
	     hash_key(x, certificate->spki_sha256);
	copy_subject(x, certificate->subject);
	X509_free(x);
	return ok ? REED_OK : REED_ESYNTAX;
}

/* RFC 5929 4.1: the hash of its signature, but SHA-256 instead of MD5 and SHA-1 */
static const EVP_MD *end_point_hash(X509 *x)
{
	int hash = NID_undef;

	if (!X509_get_signature_info(x, &hash, NULL, NULL, NULL) || hash == NID_undef)
		return NULL;
	if (hash == NID_md5 || hash == NID_sha1)
		hash = NID_sha256;
	return EVP_get_digestbynid(hash);
}

enum reed_err reed_certificate_end_point(struct reed_slice der, uint8_t into[64], size_t *n)
{
	X509 *x = read_der(der);
	const EVP_MD *hash;
	unsigned length = 0;

	*n = 0;
	if (!x)
		return REED_ESYNTAX;
	hash = end_point_hash(x);
	X509_free(x);
	if (!hash || EVP_MD_get_size(hash) > 64)
		return REED_ENOTSUP;
	if (!EVP_Digest(der.p, der.n, into, &length, hash, NULL))
		return REED_ENOTSUP;
	*n = length;
	return REED_OK;
}
