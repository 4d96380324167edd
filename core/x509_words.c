/* X.509 in words.  What a stranger wrote into a certificate is escaped before anybody sees it. */

#include "x509.h"

#include <openssl/core_names.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "reed/address.h"

enum { NAMES_TOLD = 4 };

/* ---- time ---- */

int64_t reed_x509_ns(const ASN1_TIME *t)
{
	ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
	int days = 0, seconds = 0;
	int64_t s;
	bool ok = epoch && t && ASN1_TIME_diff(&days, &seconds, epoch, t);

	ASN1_TIME_free(epoch);
	if (!ok)
		return 0;
	s = (int64_t)days * 86400 + seconds;
	if (s > INT64_MAX / 1000000000)
		return INT64_MAX;
	return s < INT64_MIN / 1000000000 ? INT64_MIN : s * 1000000000;
}

/* Days since 1970 to a date of the Gregorian calendar, years counted from March. */
const char *reed_x509_date(int64_t ns, char text[REED_X509_DATE])
{
	int64_t day = ns / 86400000000000 - (ns % 86400000000000 < 0), era, of_era, year, of_year;
	int64_t month;

	day += 719468; /* since 0000-03-01 */
	era = (day >= 0 ? day : day - 146096) / 146097;
	of_era = day - era * 146097;
	year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	of_year = of_era - (365 * year + year / 4 - year / 100);
	month = (5 * of_year + 2) / 153;
	day = of_year - (153 * month + 2) / 5 + 1;
	month = month < 10 ? month + 3 : month - 9;
	year += era * 400 + (month <= 2);
	snprintf(text, REED_X509_DATE, "%04d-%02d-%02d", (int)year, (int)month, (int)day);
	return text;
}

/* ---- hashes ---- */

bool reed_x509_spki(X509 *x, uint8_t hash[32])
{
	unsigned char *der = NULL;
	int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &der);
	bool ok = n > 0 && EVP_Digest(der, (size_t)n, hash, NULL, EVP_sha256(), NULL);

	OPENSSL_free(der);
	return ok;
}

const char *reed_x509_hex(const uint8_t hash[32], char text[REED_X509_HEX])
{
	for (int i = 0; i < 32; i++)
		snprintf(text + 2 * i, 3, "%02x", hash[i]);
	return text;
}

/* ---- keys ---- */

static const char *known_curve(const char *name)
{
	static const struct {
		const char *openssl, *people;
	} curves[] = {
		{ "prime256v1", "P-256" },
		{ "secp384r1", "P-384" },
		{ "secp521r1", "P-521" },
	};

	for (size_t i = 0; i < REED_COUNT(curves); i++)
		if (strcmp(name, curves[i].openssl) == 0)
			return curves[i].people;
	return name;
}

const char *reed_x509_key_words(const EVP_PKEY *key, char text[64])
{
	const char *type = key ? EVP_PKEY_get0_type_name(key) : NULL;
	char curve[40];

	if (!type)
		snprintf(text, 64, "unknown");
	else if (strcmp(type, "EC") == 0 &&
	         EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, curve,
	                                        sizeof(curve), NULL))
		snprintf(text, 64, "ECDSA %s", known_curve(curve));
	else if (strcmp(type, "ED25519") == 0)
		snprintf(text, 64, "Ed25519");
	else
		snprintf(text, 64, "%.40s %d", type, EVP_PKEY_get_bits(key));
	return text;
}

/* ---- names ---- */

static void add_escaped(struct reed_buf *b, struct reed_slice s, bool ascii_only)
{
	bool as_it_is = !ascii_only && reed_slice_is_utf8(s);

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		/* DEL, and the controls that UTF-8 writes in two bytes */
		if (c < 32 || c == 127 || (c >= 128 && !as_it_is) ||
		    (c == 0xc2 && i + 1 < s.n && (unsigned char)s.p[i + 1] < 0xa0))
			reed_buf_printf(b, "\\x%02x", c);
		else
			reed_buf_add_char(b, (char)c);
	}
}

static void add_dn(struct reed_buf *b, const X509_NAME *name)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *p = NULL;
	long n;

	if (bio &&
	    X509_NAME_print_ex(bio, name, 0,
	                       XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) >= 0) {
		n = BIO_get_mem_data(bio, &p);
		add_escaped(b, reed_slice(p, n > 0 ? (size_t)n : 0), false);
	} else {
		reed_buf_add_str(b, "(not readable)");
	}
	BIO_free(bio);
}

static void add_ip(struct reed_buf *b, const ASN1_OCTET_STRING *ip)
{
	struct reed_address a = { .family = REED_FAMILY_IPV4 };
	char text[REED_ADDRESS_TEXT];
	int n = ASN1_STRING_length(ip);

	if (n != 4 && n != 16)
		return;
	if (n == 16)
		a.family = REED_FAMILY_IPV6;
	memcpy(a.ip, ASN1_STRING_get0_data(ip), (size_t)n);
	reed_buf_add_str(b, reed_address_host(&a, text));
}

/* Leaves b as it was when the name is of a kind that we have no words for. */
static void add_name(struct reed_buf *b, const GENERAL_NAME *name)
{
	int type;
	void *value = GENERAL_NAME_get0_value(name, &type);
	const ASN1_STRING *text = value;

	if (type == GEN_IPADD)
		add_ip(b, value);
	else if (type == GEN_DNS || type == GEN_EMAIL || type == GEN_URI)
		add_escaped(b,
		            reed_slice(ASN1_STRING_get0_data(text),
		                       (size_t)ASN1_STRING_length(text)),
		            true);
}

static GENERAL_NAMES *names_of(X509 *x)
{
	return X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
}

static const char *take_text(struct reed_buf *b, char *text, size_t room)
{
	reed_slice_copy(text, room, reed_buf_slice(b));
	reed_buf_finish(b);
	return text;
}

const char *reed_x509_names(X509 *x, char text[REED_X509_NAME])
{
	GENERAL_NAMES *names = names_of(x);
	int count = sk_GENERAL_NAME_num(names), told = 0;
	struct reed_buf b;

	reed_buf_init(&b, 0);
	for (int i = 0; i < count && told < NAMES_TOLD; i++) {
		size_t before = reed_buf_held(&b);

		if (told > 0)
			reed_buf_add_str(&b, ", ");
		add_name(&b, sk_GENERAL_NAME_value(names, i));
		told++;
		if (reed_buf_held(&b) > before + REED_X509_NAME / (NAMES_TOLD + 1))
			break;
	}
	if (count > told)
		reed_buf_printf(&b, " and %d more", count - told);
	else if (told == 0)
		reed_buf_add_str(&b, "no name");
	GENERAL_NAMES_free(names);
	return take_text(&b, text, REED_X509_NAME);
}

static void add_common_name(struct reed_buf *b, const X509_NAME *name)
{
	int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
	unsigned char *utf8 = NULL;
	int n;

	if (at < 0)
		return;
	n = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
	if (n > 0)
		add_escaped(b, reed_slice(utf8, (size_t)n), false);
	OPENSSL_free(utf8);
}

const char *reed_x509_who(X509 *x, char text[REED_X509_NAME])
{
	struct reed_buf b;
	GENERAL_NAMES *names;

	reed_buf_init(&b, 0);
	add_common_name(&b, X509_get_subject_name(x));
	if (reed_buf_held(&b) == 0) {
		names = names_of(x);
		if (sk_GENERAL_NAME_num(names) > 0)
			add_name(&b, sk_GENERAL_NAME_value(names, 0));
		GENERAL_NAMES_free(names);
	}
	if (reed_buf_held(&b) == 0)
		add_dn(&b, X509_get_subject_name(x));
	return take_text(&b, text, REED_X509_NAME);
}

const char *reed_x509_issuer(X509 *x, char text[REED_X509_NAME])
{
	struct reed_buf b;

	reed_buf_init(&b, 0);
	add_common_name(&b, X509_get_issuer_name(x));
	if (reed_buf_held(&b) == 0)
		add_dn(&b, X509_get_issuer_name(x));
	return take_text(&b, text, REED_X509_NAME);
}

bool reed_x509_is_host(struct reed_slice name)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
	struct reed_slice label;

	if (name.n == 0 || name.n > 253 || name.p[name.n - 1] == '.')
		return false;
	while (name.n > 0) {
		label = reed_slice_cut(&name, '.');
		if (label.n == 0 || label.n > 63)
			return false;
		for (size_t i = 0; i < label.n; i++)
			if (!memchr(letters, label.p[i], sizeof(letters) - 1))
				return false;
	}
	return true;
}

/* ---- all of it ---- */

static const char *pool_text(struct reed_pool *pool, struct reed_buf *b)
{
	const char *text = reed_pool_strdup(pool, reed_buf_slice(b));

	reed_buf_finish(b);
	return text;
}

static const char *pool_dn(struct reed_pool *pool, const X509_NAME *name)
{
	struct reed_buf b;

	reed_buf_init(&b, 0);
	add_dn(&b, name);
	return pool_text(pool, &b);
}

static bool describe_names(X509 *x, struct reed_pool *pool, struct reed_cert *into)
{
	GENERAL_NAMES *names = names_of(x);
	int count = sk_GENERAL_NAME_num(names);
	const char **all =
		reed_pool_alloc(pool, ((size_t)(count > 0 ? count : 0) + 1) * sizeof(*all));
	bool ok = all != NULL;
	struct reed_buf b;

	for (int i = 0; ok && i < count; i++) {
		reed_buf_init(&b, 0);
		add_name(&b, sk_GENERAL_NAME_value(names, i));
		if (reed_buf_held(&b) > 0) {
			all[into->name_count] = pool_text(pool, &b);
			ok = all[into->name_count++] != NULL;
		}
	}
	into->names = all;
	GENERAL_NAMES_free(names);
	return ok;
}

static const char *pool_serial(X509 *x, struct reed_pool *pool)
{
	const ASN1_INTEGER *serial = X509_get0_serialNumber(x);
	const unsigned char *p = ASN1_STRING_get0_data(serial);
	struct reed_buf b;

	reed_buf_init(&b, 0);
	for (int i = 0; i < ASN1_STRING_length(serial); i++)
		reed_buf_printf(&b, "%02x", p[i]);
	return pool_text(pool, &b);
}

static bool describe_der(X509 *x, struct reed_pool *pool, struct reed_cert *into)
{
	unsigned char *der = NULL;
	int n = i2d_X509(x, &der);
	bool ok = n > 0 && EVP_Digest(der, (size_t)n, into->sha256, NULL, EVP_sha256(), NULL);

	if (ok)
		into->der = reed_pool_copy(pool, reed_slice(der, (size_t)n));
	OPENSSL_free(der);
	return ok && into->der.p;
}

static const char *signature_words(X509 *x)
{
	const char *name = OBJ_nid2ln(X509_get_signature_nid(x));

	return name && X509_get_signature_nid(x) != NID_undef ? name : "unknown";
}

enum reed_err reed_x509_describe(X509 *x, struct reed_pool *pool, struct reed_cert *into)
{
	char text[64];

	*into = (struct reed_cert){ .size = sizeof(*into) };
	if (!reed_x509_spki(x, into->spki_sha256))
		return REED_ESYNTAX;
	into->subject = pool_dn(pool, X509_get_subject_name(x));
	into->issuer = pool_dn(pool, X509_get_issuer_name(x));
	into->serial = pool_serial(x, pool);
	into->not_before = reed_x509_ns(X509_get0_notBefore(x));
	into->not_after = reed_x509_ns(X509_get0_notAfter(x));
	reed_x509_key_words(X509_get0_pubkey(x), text);
	into->key = reed_pool_strdup(pool, reed_slice_of(text));
	into->signature = signature_words(x);
	into->is_ca = X509_check_ca(x) == 1;
	into->self_signed = X509_self_signed(x, 0) == 1;
	if (!describe_names(x, pool, into) || !describe_der(x, pool, into) || !into->subject ||
	    !into->issuer || !into->serial || !into->key)
		return REED_ETOOBIG;
	return REED_OK;
}
