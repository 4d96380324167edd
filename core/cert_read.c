/* Certificates in words, and what is wrong with them. */

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "reed/alloc.h"
#include "reed/cert.h"
#include "reed/loop.h"
#include "x509.h"

enum { PROBLEMS = 16, SECURE_BITS = 112, DAYS_SOON = 14 };

static const int64_t DAY = 86400 * REED_S(1);

/* What reed_cert_free() frees: the first, and everything it points at. */
struct file {
	struct reed_pool pool;
	struct reed_cert first;
};

/* ---- what is wrong ---- */

struct finding {
	struct reed_pool *pool;
	struct reed_cert *cert;
	const char **all;
};

static void find(struct finding *f, const char *format, ...) REED_PRINTF(2, 3);

static void find(struct finding *f, const char *format, ...)
{
	char text[2 * REED_X509_NAME];
	va_list args;

	if (!f->all || f->cert->problem_count == PROBLEMS)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	f->all[f->cert->problem_count] = reed_pool_strdup(f->pool, reed_slice_of(text));
	if (f->all[f->cert->problem_count])
		f->cert->problem_count++;
}

static void find_dates(struct finding *f, int64_t wall)
{
	char date[REED_X509_DATE];

	if (wall > f->cert->not_after)
		find(f, "it expired on %s", reed_x509_date(f->cert->not_after, date));
	else if (f->cert->not_after - wall < DAYS_SOON * DAY)
		find(f, "it expires on %s, in %d days", reed_x509_date(f->cert->not_after, date),
		     (int)((f->cert->not_after - wall) / DAY));
	if (wall < f->cert->not_before)
		find(f, "it is not valid before %s", reed_x509_date(f->cert->not_before, date));
}

static void find_weakness(struct finding *f, X509 *x)
{
	EVP_PKEY *key = X509_get0_pubkey(x);
	int bits = 0;

	if (!key)
		find(f, "its public key is of a kind that is not known here");
	else if (EVP_PKEY_get_security_bits(key) < SECURE_BITS)
		find(f, "its key (%s) is weak: RSA with 2048 bits or ECDSA P-256 is the least",
		     f->cert->key);
	if (!f->cert->self_signed && X509_get_signature_info(x, NULL, NULL, &bits, NULL) &&
	    bits < SECURE_BITS)
		find(f, "its signature (%s) is weak: SHA-256 is the least", f->cert->signature);
}

/* Of one certificate and the next in the file, which should be its issuer's. */
static void find_in_pair(struct finding *f, X509 *x, X509 *issuer)
{
	char who[REED_X509_NAME];

	reed_x509_who(issuer, who);
	if (X509_NAME_cmp(X509_get_issuer_name(x), X509_get_subject_name(issuer)) != 0)
		find(f,
		     "the next certificate in the file, that of %s, is not its issuer's: "
		     "the chain is in the wrong order",
		     who);
	else if (X509_verify(x, X509_get0_pubkey(issuer)) != 1)
		find(f,
		     "the next certificate in the file, that of %s, has the name of its issuer, but "
		     "not the key that signed it",
		     who);
}

/* RFC 5280 4.2.1.9, 4.2.1.3: who signs others must be allowed to. */
static void find_in_issuer(struct finding *f, X509 *x)
{
	if (!(X509_get_extension_flags(x) & EXFLAG_CA))
		find(f, "it stands where a CA's should, but has not the CA flag "
		        "(basicConstraints): nobody will accept what it signs");
	else if (!(X509_get_key_usage(x) & KU_KEY_CERT_SIGN))
		find(f, "it is a CA's, but its key may not sign certificates (keyUsage)");
}

/* RFC 9525 2: the common name does not count. */
static void find_all(struct finding *f, X509 *x, X509 *issuer, int64_t wall)
{
	f->all = reed_pool_alloc(f->pool, (PROBLEMS + 1) * sizeof(*f->all));
	f->cert->problems = f->all;
	find_dates(f, wall);
	find_weakness(f, x);
	if (!f->cert->is_ca && f->cert->name_count == 0)
		find(f, "it has no names (subjectAltName): nobody will accept it for a host");
	if (X509_get_extension_flags(x) & EXFLAG_CRITICAL)
		find(f, "it has an extension that is critical, and that nobody knows: it will be "
		        "refused");
	if (issuer)
		find_in_pair(f, x, issuer);
}

static bool says_where_its_issuer_is(X509 *x)
{
	AUTHORITY_INFO_ACCESS *info = X509_get_ext_d2i(x, NID_info_access, NULL, NULL);
	bool found = false;

	for (int i = 0; i < sk_ACCESS_DESCRIPTION_num(info); i++)
		found |= OBJ_obj2nid(sk_ACCESS_DESCRIPTION_value(info, i)->method) ==
		         NID_ad_ca_issuers;
	AUTHORITY_INFO_ACCESS_free(info);
	return found;
}

/*
 * Who is trusted is not known here.  But a CA that says where its certificate
 * is to be had expects that its clients do not have it (RFC 5280 4.2.2.1).
 */
static void find_missing_issuer(struct finding *f, X509 *x)
{
	char who[REED_X509_NAME];

	if (!f->cert->self_signed && says_where_its_issuer_is(x))
		find(f,
		     "the chain is incomplete: the certificate of %s, which issued it, has to follow "
		     "in the file",
		     reed_x509_issuer(x, who));
}

static void find_in_first(struct finding *f, X509 *x, const EVP_PKEY *key, int count)
{
	if (key && EVP_PKEY_eq(X509_get0_pubkey(x), key) != 1)
		find(f, "the private key does not belong to it");
	if (f->cert->is_ca && count > 1)
		find(f, "it is a CA's: a chain begins with the server's own certificate");
	if (f->cert->is_ca)
		return;
	if (X509_get_extension_flags(x) & EXFLAG_XKUSAGE &&
	    !(X509_get_extended_key_usage(x) & (XKU_SSL_SERVER | XKU_SSL_CLIENT | XKU_ANYEKU)))
		find(f, "it is for neither servers nor clients (extendedKeyUsage)");
	if (count == 1)
		find_missing_issuer(f, x);
}

/* ---- reading ---- */

static enum reed_err describe_all(STACK_OF(X509) * all, const EVP_PKEY *key, int64_t wall,
                                  struct file *file)
{
	struct reed_cert *cert = &file->first, *next;
	int count = sk_X509_num(all);

	for (int i = 0; i < count; i++) {
		X509 *x = sk_X509_value(all, i), *issuer = sk_X509_value(all, i + 1);
		enum reed_err err = reed_x509_describe(x, &file->pool, cert);
		struct finding f = { .pool = &file->pool, .cert = cert };

		if (err)
			return err;
		find_all(&f, x, issuer, wall);
		if (i == 0)
			find_in_first(&f, x, key, count);
		else
			find_in_issuer(&f, x);
		if (issuer) {
			next = reed_pool_alloc(&file->pool, sizeof(*next));
			if (!next)
				return REED_ETOOBIG;
			cert->next = next;
			cert = next;
		}
	}
	return REED_OK;
}

static bool is_pem(struct reed_slice file)
{
	return reed_slice_search(file, REED_STR("-----BEGIN ")) < file.n;
}

static enum reed_err read_der(struct reed_slice der, STACK_OF(X509) * *out,
                              struct reed_fault **fault)
{
	const unsigned char *p = (const unsigned char *)der.p;
	X509 *x = der.n <= REED_X509_FILE ? d2i_X509(NULL, &p, (long)der.n) : NULL;

	if (!x)
		return reed_x509_fail(
			fault, reed_fault(REED_ESYNTAX, NULL,
		                          "this is no certificate, neither in PEM nor in DER"));
	*out = sk_X509_new_null();
	sk_X509_push(*out, x);
	return REED_OK;
}

static enum reed_err read_file(struct reed_slice file, STACK_OF(X509) * *all,
                               struct reed_fault **fault)
{
	enum reed_err err;

	if (!is_pem(file))
		return read_der(file, all, fault);
	err = reed_x509_read_all("this file", file, all, fault);
	if (err || sk_X509_num(*all) <= REED_X509_CHAIN)
		return err;
	sk_X509_pop_free(*all, X509_free);
	return reed_x509_fail(fault,
	                      reed_fault(REED_ETOOBIG, NULL,
	                                 "more than %d certificates in one file", REED_X509_CHAIN));
}

/* A file of certificates need not hold a key. */
static enum reed_err read_key(struct reed_slice file, struct reed_slice given, EVP_PKEY **key,
                              struct reed_fault **fault)
{
	*key = NULL;
	if (given.n > 0)
		return reed_x509_read_key("the file given", given, key, fault);
	if (!is_pem(file) || reed_slice_search(file, REED_STR("PRIVATE KEY-----")) == file.n)
		return REED_OK;
	return reed_x509_read_key("this file", file, key, fault);
}

enum reed_err reed_cert_read(struct reed_slice text, struct reed_slice given, int64_t wall,
                             struct reed_cert **first, struct reed_fault **fault)
{
	STACK_OF(X509) *all = NULL;
	EVP_PKEY *key = NULL;
	struct file *file;
	enum reed_err err = read_file(text, &all, fault);

	if (err)
		return err;
	err = read_key(text, given, &key, fault);
	if (!err) {
		file = reed_alloc(sizeof(*file));
		reed_pool_init(&file->pool, REED_X509_WORDS);
		*first = &file->first;
		err = describe_all(all, key, wall, file);
		if (err) {
			reed_cert_free(*first);
			reed_x509_fail(fault, reed_fault(err, NULL,
			                                 "a certificate with too much "
			                                 "in it, or without a key"));
		}
	}
	ERR_clear_error();
	EVP_PKEY_free(key);
	sk_X509_pop_free(all, X509_free);
	return err;
}

void reed_cert_free(struct reed_cert *first)
{
	struct file *file;

	if (!first)
		return;
	file = reed_container_of(first, struct file, first);
	reed_pool_finish(&file->pool);
	reed_free(file);
}

/* ---- printing ---- */

static void print_names(const struct reed_cert *c, struct reed_buf *out)
{
	if (!c->name_count)
		return;
	reed_buf_add_str(out, "  for          ");
	for (size_t i = 0; i < c->name_count; i++)
		reed_buf_printf(out, "%s%s", i > 0 ? ", " : "", c->names[i]);
	reed_buf_add_str(out, "\n");
}

static void print_validity(const struct reed_cert *c, int64_t wall, struct reed_buf *out)
{
	char from[REED_X509_DATE], to[REED_X509_DATE];

	reed_buf_printf(out, "  valid        %s to %s", reed_x509_date(c->not_before, from),
	                reed_x509_date(c->not_after, to));
	if (wall >= c->not_before && wall <= c->not_after)
		reed_buf_printf(out, ", %lld days left",
		                (long long)((c->not_after - wall) / DAY +
		                            ((c->not_after - wall) % DAY >= DAY / 2)));
	reed_buf_add_str(out, "\n");
}

static void print_one(const struct reed_cert *c, int64_t wall, struct reed_buf *out)
{
	char hex[REED_X509_HEX];

	reed_buf_printf(out, "%s%s\n", c->subject[0] ? c->subject : "(no subject)",
	                c->is_ca ? ", a CA" : "");
	print_names(c, out);
	reed_buf_printf(out, "  issued by    %s\n", c->self_signed ? "itself" : c->issuer);
	print_validity(c, wall, out);
	reed_buf_printf(out, "  key          %s\n", c->key);
	reed_buf_printf(out, "  signature    %s\n", c->signature);
	reed_buf_printf(out, "  serial       %s\n", c->serial);
	reed_buf_printf(out, "  fingerprint  %s\n", reed_x509_hex(c->sha256, hex));
	reed_buf_printf(out, "  pin          %s\n", reed_x509_hex(c->spki_sha256, hex));
	for (size_t i = 0; i < c->problem_count; i++)
		reed_buf_printf(out, "  WRONG        %s\n", c->problems[i]);
}

void reed_cert_print(const struct reed_cert *first, int64_t wall, struct reed_buf *out)
{
	for (const struct reed_cert *c = first; c; c = c->next)
		print_one(c, wall, out);
}
