/* Keys, certificates and requests, made and signed. */

#include "reed/cert.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "os.h"
#include "reed/address.h"
#include "reed/alloc.h"
#include "x509.h"

enum {
	SERIAL_BITS = 127, /* RFC 5280 4.1.2.2: positive, at most 20 octets */
	RSA_BITS = 3072,
	DAYS = 365,
	CA_DAYS = 3650,
	DAYS_AT_MOST = 36500,
	EARLIER_S = 3600, /* for clocks that are late */
	COMMON_NAME = 64, /* RFC 5280 A.1: ub-common-name */
};

/* ---- options ---- */

static enum reed_err options_of(const struct reed_cert_options *given,
                                struct reed_cert_options *options, struct reed_fault **fault)
{
	*options = (struct reed_cert_options)REED_CERT_OPTIONS;
	memcpy(options, given, given->size < sizeof(*options) ? given->size : sizeof(*options));
	if (!options->days)
		options->days = options->ca ? CA_DAYS : DAYS;
	if (options->days < 0 || options->days > DAYS_AT_MOST)
		return reed_x509_fail(fault,
		                      reed_fault(REED_EINVAL, NULL,
		                                 "%d days: a certificate is valid for 1 to %d",
		                                 options->days, DAYS_AT_MOST));
	if (!options->common_name && options->names && options->names[0])
		options->common_name = options->names[0];
	return REED_OK;
}

/* ---- names ---- */

/* A "*" may stand for the first label. */
static bool is_host(struct reed_slice name)
{
	return reed_x509_is_host(
		reed_slice_from(name, reed_slice_starts(name, REED_STR("*.")) ? 2 : 0));
}

static GENERAL_NAME *name_of(const char *text, struct reed_fault **fault)
{
	GENERAL_NAME *name = GENERAL_NAME_new();
	ASN1_STRING *value = ASN1_STRING_type_new(V_ASN1_IA5STRING);
	struct reed_address a;

	if (reed_address_parse(reed_slice_of(text), 0, &a) == REED_OK) {
		ASN1_STRING_free(value);
		value = ASN1_STRING_type_new(V_ASN1_OCTET_STRING);
		ASN1_STRING_set(value, a.ip, a.family == REED_FAMILY_IPV4 ? 4 : 16);
		GENERAL_NAME_set0_value(name, GEN_IPADD, value);
	} else if (is_host(reed_slice_of(text))) {
		ASN1_STRING_set(value, text, (int)strlen(text));
		GENERAL_NAME_set0_value(name, GEN_DNS, value);
	} else {
		ASN1_STRING_free(value);
		GENERAL_NAME_free(name);
		reed_x509_fail(
			fault,
			reed_fault(
				REED_EINVAL, NULL,
				"\"%s\" is neither a host name (in ASCII: xn--...) nor an IP address",
				text));
		return NULL;
	}
	return name;
}

/* NULL and no fault: there are none. */
static enum reed_err names_of(const char *const *texts, GENERAL_NAMES **out,
                              struct reed_fault **fault)
{
	GENERAL_NAMES *names;

	*out = NULL;
	if (!texts || !texts[0])
		return REED_OK;
	names = sk_GENERAL_NAME_new_null();
	for (; *texts; texts++) {
		GENERAL_NAME *name = name_of(*texts, fault);

		if (!name) {
			GENERAL_NAMES_free(names);
			return REED_EINVAL;
		}
		sk_GENERAL_NAME_push(names, name);
	}
	*out = names;
	return REED_OK;
}

/* What is too long for a common name stands in the names alone. */
static bool set_subject(X509_NAME *subject, const char *common_name)
{
	if (!common_name || strlen(common_name) > COMMON_NAME)
		return true;
	return X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
	                                  (const unsigned char *)common_name, -1, -1, 0);
}

/* ---- keys ---- */

static EVP_PKEY *generate(enum reed_cert_key kind)
{
	switch (kind) {
	case REED_CERT_ECDSA:
		return EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	case REED_CERT_ECDSA_384:
		return EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-384");
	case REED_CERT_RSA:
		return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)RSA_BITS);
	case REED_CERT_ED25519:
		return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	}
	return NULL;
}

/* What the functions of OpenSSL wrote; takes over bio. */
static enum reed_err take_bio(BIO *bio, bool ok, struct reed_buf *pem, struct reed_fault **fault)
{
	char *p = NULL;
	long n = ok ? BIO_get_mem_data(bio, &p) : 0;
	enum reed_err err = REED_OK;

	if (n <= 0)
		err = reed_x509_fail(fault,
		                     reed_fault(REED_EIO, NULL, "OpenSSL: %s", reed_x509_reason()));
	else
		err = reed_buf_reserve(pem, (size_t)n);
	if (!err)
		reed_buf_add(pem, reed_slice(p, (size_t)n));
	BIO_free(bio);
	return err;
}

enum reed_err reed_cert_make_key(enum reed_cert_key kind, struct reed_buf *pem)
{
	EVP_PKEY *key = generate(kind);
	BIO *bio = BIO_new(BIO_s_secmem());
	bool ok = key && PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);

	EVP_PKEY_free(key);
	return take_bio(bio, ok, pem, NULL);
}

/* Ed25519 has its hash built in. */
static const EVP_MD *hash_for(const EVP_PKEY *key)
{
	if (EVP_PKEY_is_a(key, "ED25519") || EVP_PKEY_is_a(key, "ED448"))
		return NULL;
	return EVP_PKEY_get_bits(key) == 384 ? EVP_sha384() : EVP_sha256();
}

/* ---- certificates ---- */

static bool set_serial(X509 *x)
{
	BIGNUM *n = BN_new();
	bool ok = n && BN_rand(n, SERIAL_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) &&
	          BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x));

	BN_free(n);
	return ok;
}

static bool set_validity(X509 *x, const struct reed_cert_options *options)
{
	int64_t now = options->wall / 1000000000;

	return ASN1_TIME_adj(X509_getm_notBefore(x), now, 0, -EARLIER_S) &&
	       ASN1_TIME_adj(X509_getm_notAfter(x), now, options->days, 0);
}

static bool extend(X509 *x, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *extension;
	bool ok;

	X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	ok = extension && X509_add_ext(x, extension, -1);
	X509_EXTENSION_free(extension);
	return ok;
}

/* RFC 5280 4.2.1; a server's is good for a client too, as servers call each other. */
static bool set_purpose(X509 *x, X509 *issuer, bool ca)
{
	return extend(x, issuer, NID_basic_constraints,
	              ca ? "critical,CA:TRUE,pathlen:0" : "critical,CA:FALSE") &&
	       extend(x, issuer, NID_key_usage,
	              ca ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature") &&
	       (ca || extend(x, issuer, NID_ext_key_usage, "serverAuth,clientAuth")) &&
	       extend(x, issuer, NID_subject_key_identifier, "hash") &&
	       extend(x, issuer, NID_authority_key_identifier, "keyid");
}

/* names may be NULL; issuer NULL: itself. */
static X509 *make(EVP_PKEY *key, const X509_NAME *subject, GENERAL_NAMES *names, X509 *issuer,
                  EVP_PKEY *issuer_key, const struct reed_cert_options *options)
{
	X509 *x = X509_new();

	if (!issuer)
		issuer = x;
	if (x && X509_set_version(x, X509_VERSION_3) && set_serial(x) && set_validity(x, options) &&
	    X509_set_subject_name(x, subject) &&
	    X509_set_issuer_name(x, X509_get_subject_name(issuer)) && X509_set_pubkey(x, key) &&
	    set_purpose(x, issuer, options->ca) &&
	    (!names || X509_add1_ext_i2d(x, NID_subject_alt_name, names, 0, 0)) &&
	    X509_sign(x, issuer_key, hash_for(issuer_key)))
		return x;
	X509_free(x);
	return NULL;
}

static enum reed_err take_cert(X509 *x, struct reed_buf *pem, struct reed_fault **fault)
{
	BIO *bio = BIO_new(BIO_s_mem());
	bool ok = x && PEM_write_bio_X509(bio, x);

	X509_free(x);
	return take_bio(bio, ok, pem, fault);
}

static enum reed_err nameless(struct reed_fault **fault)
{
	return reed_x509_fail(
		fault, reed_fault(REED_EINVAL, NULL,
	                          "a certificate needs a name: that of a host, or a common name"));
}

/* What self-signed certificates and requests begin with. */
struct draft {
	struct reed_cert_options options;
	EVP_PKEY *key;
	GENERAL_NAMES *names;
	X509_NAME *subject;
};

static void draft_finish(struct draft *d)
{
	EVP_PKEY_free(d->key);
	GENERAL_NAMES_free(d->names);
	X509_NAME_free(d->subject);
}

static enum reed_err draft_init(struct draft *d, struct reed_slice key,
                                const struct reed_cert_options *given, struct reed_fault **fault)
{
	enum reed_err err;

	*d = (struct draft){ .key = NULL };
	err = options_of(given, &d->options, fault);
	if (!err && !d->options.common_name)
		err = nameless(fault);
	if (!err)
		err = names_of(d->options.names, &d->names, fault);
	if (!err)
		err = reed_x509_read_key("what was given", key, &d->key, fault);
	d->subject = X509_NAME_new();
	if (!err && !set_subject(d->subject, d->options.common_name))
		err = reed_x509_fail(fault,
		                     reed_fault(REED_EINVAL, NULL, "the common name is not UTF-8"));
	if (err)
		draft_finish(d);
	return err;
}

enum reed_err reed_cert_self_sign(struct reed_slice key, const struct reed_cert_options *options,
                                  struct reed_buf *pem, struct reed_fault **fault)
{
	struct draft d;
	enum reed_err err = draft_init(&d, key, options, fault);

	if (err)
		return err;
	err = take_cert(make(d.key, d.subject, d.names, NULL, d.key, &d.options), pem, fault);
	draft_finish(&d);
	return err;
}

/* ---- requests ---- */

static bool request_names(X509_REQ *request, GENERAL_NAMES *names)
{
	STACK_OF(X509_EXTENSION) *all = NULL;
	bool ok;

	if (!names)
		return true;
	ok = X509V3_add1_i2d(&all, NID_subject_alt_name, names, 0, 0) > 0 &&
	     X509_REQ_add_extensions(request, all);
	sk_X509_EXTENSION_pop_free(all, X509_EXTENSION_free);
	return ok;
}

enum reed_err reed_cert_request(struct reed_slice key, const struct reed_cert_options *options,
                                struct reed_buf *pem, struct reed_fault **fault)
{
	struct draft d;
	enum reed_err err = draft_init(&d, key, options, fault);
	X509_REQ *request;
	BIO *bio;
	bool ok;

	if (err)
		return err;
	request = X509_REQ_new();
	bio = BIO_new(BIO_s_mem());
	ok = X509_REQ_set_subject_name(request, d.subject) && X509_REQ_set_pubkey(request, d.key) &&
	     request_names(request, d.names) && X509_REQ_sign(request, d.key, hash_for(d.key)) &&
	     PEM_write_bio_X509_REQ(bio, request);
	X509_REQ_free(request);
	draft_finish(&d);
	return take_bio(bio, ok, pem, fault);
}

/* It is signed by the key it names, or somebody asks for a key that is not theirs. */
static enum reed_err read_request(struct reed_slice pem, X509_REQ **out, struct reed_fault **fault)
{
	BIO *bio = pem.n <= INT32_MAX ? BIO_new_mem_buf(pem.p, (int)pem.n) : NULL;
	X509_REQ *request = bio ? PEM_read_bio_X509_REQ(bio, NULL, NULL, NULL) : NULL;

	BIO_free(bio);
	if (!request)
		return reed_x509_fail(fault,
		                      reed_fault(REED_ESYNTAX, NULL,
		                                 "this is no certificate request in PEM format "
		                                 "(-----BEGIN CERTIFICATE REQUEST-----)"));
	if (X509_REQ_verify(request, X509_REQ_get0_pubkey(request)) != 1) {
		X509_REQ_free(request);
		return reed_x509_fail(
			fault, reed_fault(REED_ECERT, NULL,
		                          "the request is not signed by the key it asks for"));
	}
	*out = request;
	return REED_OK;
}

static GENERAL_NAMES *names_of_request(X509_REQ *request)
{
	STACK_OF(X509_EXTENSION) *all = X509_REQ_get_extensions(request);
	GENERAL_NAMES *names = X509V3_get_d2i(all, NID_subject_alt_name, NULL, NULL);

	sk_X509_EXTENSION_pop_free(all, X509_EXTENSION_free);
	return names;
}

static enum reed_err may_sign(X509 *ca, int64_t wall, struct reed_fault **fault)
{
	char who[REED_X509_NAME], date[REED_X509_DATE];

	if (X509_check_ca(ca) != 1)
		return reed_x509_fail(
			fault,
			reed_fault(REED_ECERT, NULL,
		                   "the certificate of %s is not a CA's: it may not sign others",
		                   reed_x509_who(ca, who)));
	if (wall > reed_x509_ns(X509_get0_notAfter(ca)))
		return reed_x509_fail(
			fault,
			reed_fault(REED_ECERT, NULL, "the CA %s expired on %s",
		                   reed_x509_who(ca, who),
		                   reed_x509_date(reed_x509_ns(X509_get0_notAfter(ca)), date)));
	return REED_OK;
}

/* A copy of the subject asked for, unless another common name is given. */
static X509_NAME *granted_subject(X509_REQ *request, const char *common_name)
{
	X509_NAME *subject;

	if (!common_name)
		return X509_NAME_dup(X509_REQ_get_subject_name(request));
	subject = X509_NAME_new();
	set_subject(subject, common_name);
	return subject;
}

static enum reed_err sign(const struct reed_identity *ca, X509_REQ *request,
                          const struct reed_cert_options *options, struct reed_buf *pem,
                          struct reed_fault **fault)
{
	GENERAL_NAMES *names;
	enum reed_err err = names_of(options->names, &names, fault);
	X509_NAME *subject;

	if (err)
		return err;
	if (!names)
		names = names_of_request(request);
	subject = granted_subject(request, options->common_name);
	if (!names && X509_NAME_entry_count(subject) == 0)
		err = nameless(fault);
	else
		err = take_cert(make(X509_REQ_get0_pubkey(request), subject, names, ca->leaf,
		                     ca->key, options),
		                pem, fault);
	X509_NAME_free(subject);
	GENERAL_NAMES_free(names);
	return err;
}

enum reed_err reed_cert_sign(struct reed_slice ca, struct reed_slice ca_key,
                             struct reed_slice request, const struct reed_cert_options *given,
                             struct reed_buf *pem, struct reed_fault **fault)
{
	struct reed_cert_options options;
	struct reed_identity id = { .leaf = NULL };
	X509_REQ *asked = NULL;
	enum reed_err err = options_of(given, &options, fault);

	if (!err)
		err = reed_identity_read(&id, "the CA's certificate", ca, "the CA's key", ca_key,
		                         fault);
	if (!err)
		err = may_sign(id.leaf, options.wall, fault);
	if (!err)
		err = read_request(request, &asked, fault);
	if (!err)
		err = sign(&id, asked, &options, pem, fault);
	X509_REQ_free(asked);
	reed_identity_finish(&id);
	return err;
}

enum reed_err reed_cert_write(const char *path, struct reed_slice pem, bool secret,
                              struct reed_fault **fault)
{
	return reed_os_write_file(path, pem, secret ? 0600 : 0644, fault);
}
