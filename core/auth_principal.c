/* What is known of an account, and how it changes. */

#include "reed/base64.h"
#include "reed/cert.h"
#include "reed/checker.h"

const char *reed_credential_name(enum reed_credential_kind kind)
{
	switch (kind) {
	case REED_CREDENTIAL_ANONYMOUS:
		return "anonymous";
	case REED_CREDENTIAL_PASSWORD:
		return "password";
	case REED_CREDENTIAL_SCRAM:
		return "scram";
	case REED_CREDENTIAL_CERTIFICATE:
		return "certificate";
	case REED_CREDENTIAL_TOKEN:
		return "token";
	case REED_CREDENTIAL_PUBLIC_KEY:
		return "public key";
	case REED_CREDENTIAL_DIGEST:
	case REED_CREDENTIAL_DIGEST_MD5:
		return "digest";
	case REED_CREDENTIAL_CRAM_MD5:
		return "cram-md5";
	case REED_CREDENTIAL_APOP:
		return "apop";
	}
	return "unknown";
}

const char *reed_audit_name(enum reed_audit_what what)
{
	switch (what) {
	case REED_AUDIT_LOGIN:
		return "login";
	case REED_AUDIT_LOGOUT:
		return "logout";
	case REED_AUDIT_REVOKED:
		return "session revoked";
	case REED_AUDIT_ACCOUNT:
		return "account created";
	case REED_AUDIT_PASSWORD:
		return "password changed";
	case REED_AUDIT_CERTIFICATE:
		return "certificate changed";
	case REED_AUDIT_ROLES:
		return "roles changed";
	case REED_AUDIT_TOKEN:
		return "token changed";
	case REED_AUDIT_REMOVED:
		return "account removed";
	}
	return "unknown";
}

/* Both forms that programs print: "AB:CD:..." and "abcd...". */
enum reed_err reed_fingerprint_parse(struct reed_slice text, uint8_t into[REED_FINGERPRINT_BYTES])
{
	char digits[2 * REED_FINGERPRINT_BYTES];
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == ':' && n > 0 && n % 2 == 0 && text.p[i - 1] != ':')
			continue;
		if (n == sizeof(digits))
			return REED_ESYNTAX;
		digits[n++] = text.p[i];
	}
	return reed_hex_decode(reed_slice(digits, n), into, REED_FINGERPRINT_BYTES);
}

void reed_fingerprint_print(const uint8_t fingerprint[REED_FINGERPRINT_BYTES],
                            char into[REED_FINGERPRINT_ROOM])
{
	reed_hex(reed_slice(fingerprint, REED_FINGERPRINT_BYTES), into);
}

static uint32_t place_of(const struct reed_principal *account, const uint8_t *fingerprint)
{
	uint32_t i = 0;

	while (i < account->fingerprints &&
	       memcmp(account->fingerprint[i], fingerprint, REED_FINGERPRINT_BYTES) != 0)
		i++;
	return i;
}

static enum reed_err add_fingerprint(struct reed_principal *account, const uint8_t *fingerprint)
{
	if (place_of(account, fingerprint) < account->fingerprints)
		return REED_EEXIST;
	if (account->fingerprints == REED_FINGERPRINTS)
		return REED_ETOOBIG;
	memcpy(account->fingerprint[account->fingerprints++], fingerprint, REED_FINGERPRINT_BYTES);
	return REED_OK;
}

static enum reed_err remove_fingerprint(struct reed_principal *account, const uint8_t *fingerprint)
{
	uint32_t i = place_of(account, fingerprint);

	if (i == account->fingerprints)
		return REED_ENOENT;
	account->fingerprints--;
	memmove(account->fingerprint[i], account->fingerprint[i + 1],
	        (account->fingerprints - i) * (size_t)REED_FINGERPRINT_BYTES);
	return REED_OK;
}

static enum reed_err set_password(struct reed_principal *account, const struct reed_change *change)
{
	if (change->only_instead &&
	    (!account->has_password || !reed_verifier_eq(&account->verifier, &change->before)))
		return REED_EBUSY;
	account->verifier = change->verifier;
	account->has_password = true;
	return REED_OK;
}

enum reed_err reed_principal_apply(struct reed_principal *account, const struct reed_change *change)
{
	switch (change->what) {
	case REED_CHANGE_PASSWORD:
		return set_password(account, change);
	case REED_CHANGE_ROLES:
		memcpy(account->roles, change->roles, sizeof(account->roles));
		return REED_OK;
	case REED_ADD_FINGERPRINT:
		return add_fingerprint(account, change->fingerprint);
	case REED_REMOVE_FINGERPRINT:
		return remove_fingerprint(account, change->fingerprint);
	case REED_ADD_TOKEN:
	case REED_REMOVE_TOKEN:
		break;
	}
	return REED_ENOTSUP;
}

void reed_certificate_of(const struct reed_cert *cert, struct reed_certificate *certificate)
{
	struct reed_slice subject = reed_slice_of(cert->subject);

	*certificate = (struct reed_certificate){ 0 };
	memcpy(certificate->sha256, cert->sha256, sizeof(certificate->sha256));
	memcpy(certificate->spki_sha256, cert->spki_sha256, sizeof(certificate->spki_sha256));
	if (subject.n >= REED_SUBJECT_ROOM)
		subject.n = reed_slice_utf8_border(subject, REED_SUBJECT_ROOM - 1);
	reed_slice_copy(certificate->subject, REED_SUBJECT_ROOM, subject);
}
