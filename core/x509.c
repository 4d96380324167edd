/* Keys and certificates out of PEM, with a sentence for whatever is wrong with them. */

#include "x509.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include "reed/alloc.h"

enum reed_err reed_x509_fail(struct reed_fault **fault, struct reed_fault *what)
{
	enum reed_err err = what->err;

	ERR_clear_error();
	if (fault)
		*fault = what;
	else
		reed_fault_free(what);
	return err;
}

const char *reed_x509_reason(void)
{
	unsigned long code = ERR_get_error();
	const char *reason = code ? ERR_reason_error_string(code) : NULL;

	ERR_clear_error();
	return reason ? reason : "unknown error";
}

static BIO *bio_of(struct reed_slice s)
{
	return s.n <= INT32_MAX ? BIO_new_mem_buf(s.p, (int)s.n) : NULL;
}

/* ---- keys ---- */

struct asked {
	bool asked;
};

/* Whoever asks for a password is not given one. */
static int no_password(char *into, int room, int writing, void *arg)
{
	struct asked *self = arg;

	(void)into;
	(void)room;
	(void)writing;
	self->asked = true;
	return -1;
}

static bool mentions(struct reed_slice pem, const char *text)
{
	return reed_slice_search(pem, reed_slice_of(text)) < pem.n;
}

enum reed_err reed_x509_read_key(const char *name, struct reed_slice pem, EVP_PKEY **out,
                                 struct reed_fault **fault)
{
	BIO *bio = bio_of(pem);
	struct asked asked = { false };

	*out = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_password, &asked) : NULL;
	BIO_free(bio);
	if (*out) {
		ERR_clear_error();
		return REED_OK;
	}
	if (asked.asked)
		return reed_x509_fail(
			fault, reed_fault(REED_EAUTH, NULL,
		                          "the private key in %s is encrypted; decrypt it with "
		                          "`openssl pkey -in FILE -out NEW`",
		                          name));
	if (!mentions(pem, "PRIVATE KEY-----"))
		return reed_x509_fail(fault,
		                      reed_fault(REED_ENOENT, NULL,
		                                 "%s holds no private key in PEM format", name));
	return reed_x509_fail(fault, reed_fault(REED_ESYNTAX, NULL,
	                                        "the private key in %s is not readable: %s", name,
	                                        reed_x509_reason()));
}

/* ---- certificates ---- */

/* The end of the file is an error in OpenSSL's eyes. */
static bool only_ended(void)
{
	unsigned long code = ERR_peek_last_error();

	return ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE;
}

static enum reed_err bad_file(const char *name, struct reed_slice file, struct reed_fault **fault)
{
	if (mentions(file, "-----BEGIN "))
		return reed_x509_fail(
			fault,
			reed_fault(REED_ENOENT, NULL,
		                   "%s holds no certificate; a chain was expected that begins "
		                   "with the server's own",
		                   name));
	return reed_x509_fail(
		fault,
		reed_fault(
			REED_ENOENT, NULL,
			"%s holds no certificate in PEM format (-----BEGIN CERTIFICATE-----)"
			"%s",
			name,
			file.n > 0 && file.p[0] == 0x30
				? "; it looks like DER: convert it with `openssl x509 -inform der`"
				: ""));
}

enum reed_err reed_x509_read_all(const char *name, struct reed_slice pem, STACK_OF(X509) * *out,
                                 struct reed_fault **fault)
{
	STACK_OF(X509) *all = sk_X509_new_null();
	BIO *bio = bio_of(pem);
	struct asked asked = { false };
	enum reed_err err = REED_OK;
	X509 *x;

	ERR_clear_error();
	while (bio && (x = PEM_read_bio_X509(bio, NULL, no_password, &asked)))
		sk_X509_push(all, x);
	BIO_free(bio);
	if (!only_ended())
		err = reed_x509_fail(fault,
		                     reed_fault(REED_ESYNTAX, NULL,
		                                "certificate %d in %s is damaged: %s",
		                                sk_X509_num(all) + 1, name, reed_x509_reason()));
	else if (sk_X509_num(all) == 0)
		err = bad_file(name, pem, fault);
	ERR_clear_error();
	if (err) {
		sk_X509_pop_free(all, X509_free);
		return err;
	}
	*out = all;
	return REED_OK;
}

/* ---- both ---- */

void reed_identity_finish(struct reed_identity *id)
{
	X509_free(id->leaf);
	sk_X509_pop_free(id->chain, X509_free);
	EVP_PKEY_free(id->key);
	*id = (struct reed_identity){ 0 };
}

static enum reed_err not_a_pair(const char *name, const char *key_name, X509 *leaf,
                                struct reed_fault **fault)
{
	char who[REED_X509_NAME];

	reed_x509_who(leaf, who);
	if (key_name)
		return reed_x509_fail(
			fault,
			reed_fault(REED_ECERT, NULL,
		                   "the private key in %s does not belong to the certificate of "
		                   "%s in %s; name the key that it was issued for",
		                   key_name, who, name));
	return reed_x509_fail(
		fault,
		reed_fault(REED_ECERT, NULL,
	                   "the private key in %s does not belong to the first certificate in "
	                   "it, that of %s; put the key into it that this was issued for, and "
	                   "the certificates of its issuers behind it",
	                   name, who));
}

static enum reed_err read_key_of(struct reed_identity *id, const char *name, struct reed_slice pem,
                                 const char *key_name, struct reed_slice key,
                                 struct reed_fault **fault)
{
	if (key_name)
		return reed_x509_read_key(key_name, key, &id->key, fault);
	if (mentions(pem, "PRIVATE KEY-----"))
		return reed_x509_read_key(name, pem, &id->key, fault);
	return reed_x509_fail(
		fault,
		reed_fault(REED_ENOENT, NULL,
	                   "%s holds no private key; put it behind the chain, or name the file "
	                   "it is in",
	                   name));
}

enum reed_err reed_identity_read(struct reed_identity *id, const char *name, struct reed_slice pem,
                                 const char *key_name, struct reed_slice key,
                                 struct reed_fault **fault)
{
	enum reed_err err = reed_x509_read_all(name, pem, &id->chain, fault);

	if (err)
		return err;
	id->leaf = sk_X509_shift(id->chain);
	err = read_key_of(id, name, pem, key_name, key, fault);
	if (!err && X509_check_private_key(id->leaf, id->key) != 1)
		err = not_a_pair(name, key_name, id->leaf, fault);
	if (err)
		reed_identity_finish(id);
	return err;
}
