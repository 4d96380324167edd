/* What authorities say, read; keys, prints and signatures against the vectors of the RFCs. */

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "protocols/acme/private.h"
#include "reed/cert.h"
#include "tests/check.h"

static struct reed_pool pool;
static char why[ACME_WORDS];

/* The key of RFC 7515 A.3.1; its print was made by another program. */
static const char KEY[] = "-----BEGIN EC PRIVATE KEY-----\n"
			  "MHcCAQEEII6bEJ5xkJi/mASH3x9dd+nLKWBuvtImO19XwhPfhPSyoAoGCCqGSM49\n"
			  "AwEHoUQDQgAEf83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEXH8UTNG72b\n"
			  "focs3+257rn0s2ldbqkLJK2KRiMohYjlrQ==\n"
			  "-----END EC PRIVATE KEY-----\n";

static void a_signature_is_checked_by_the_key_that_made_it(void)
{
	struct reed_fault *fault = NULL;
	struct reed_buf out = { .limit = 0 };
	struct acme_key key;
	json_t *jws;

	check_int(acme_key_read(&key, reed_slice_of(KEY), &fault), REED_OK);
	check_str(key.x, "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU");
	check_str(key.y, "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");
	check_str(key.print, "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U");
	check_int(acme_sign(&key, json_pack("{ss}", "nonce", "n"), REED_STR("{\"a\":1}"), &out),
	          REED_OK);
	jws = acme_json_read(reed_buf_slice(&out), why);
	check_str(acme_json_text(jws, "protected", 999), "eyJhbGciOiJFUzI1NiIsIm5vbmNlIjoibiJ9");
	check_str(acme_json_text(jws, "payload", 999), "eyJhIjoxfQ");
	check_int(strlen(acme_json_text(jws, "signature", 999)), 86);
	json_decref(jws);
	reed_buf_finish(&out);
	acme_key_finish(&key);
}

static void a_key_of_another_kind_is_refused(void)
{
	struct reed_fault *fault = NULL;
	struct reed_buf pem = { .limit = 0 };
	struct acme_key key;

	check_int(reed_cert_make_key(REED_CERT_ED25519, &pem), REED_OK);
	check_int(acme_key_read(&key, reed_buf_slice(&pem), &fault), REED_EINVAL);
	reed_fault_free(fault);
	check_int(acme_key_read(&key, REED_STR("no key"), &fault), REED_ESYNTAX);
	check(strstr(fault->sentence, "ECDSA P-256") != NULL);
	reed_fault_free(fault);
	reed_buf_finish(&pem);
}

static enum reed_err directory(const char *text, struct acme_directory *out)
{
	reed_pool_clear(&pool);
	return acme_read_directory(reed_slice_of(text), "https://ca.example/dir", &pool, out, why);
}

static void a_directory_does_not_lead_away_from_tls(void)
{
	struct acme_directory d;

	check_int(directory("{\"newNonce\":\"https://a/n\",\"newAccount\":\"https://a/a\","
	                    "\"newOrder\":\"https://a/o\",\"meta\":{}}",
	                    &d),
	          REED_OK);
	check_str(d.order, "https://a/o");
	check(!d.renewal && !d.binding);
	check_int(directory("{\"newNonce\":\"https://a/n\",\"newAccount\":\"http://a/a\","
	                    "\"newOrder\":\"https://a/o\"}",
	                    &d),
	          REED_EPROTO);
	check_int(directory("{\"newNonce\":\"https://a/\\u0001\",\"newAccount\":\"https://a/a\","
	                    "\"newOrder\":\"https://a/o\"}",
	                    &d),
	          REED_EPROTO);
	check_int(directory("{\"newNonce\":7}", &d), REED_EPROTO);
	check_int(directory("nothing", &d), REED_EPROTO);
	check_str(why, "what it says is no JSON: line 1, column 7");
}

static void a_token_is_letters_of_base64url_or_no_challenge(void)
{
	struct acme_authorization a;

	reed_pool_clear(&pool);
	check_int(acme_read_authorization(
			  REED_STR("{\"status\":\"pending\",\"identifier\":{\"type\":\"dns\","
	                           "\"value\":\"a.example\"},\"wildcard\":true,\"challenges\":["
	                           "{\"type\":\"http-01\",\"url\":\"https://a/1\","
	                           "\"token\":\"../../etc\"},"
	                           "{\"type\":\"dns-01\",\"url\":\"https://a/2\","
	                           "\"token\":\"Abc-_9\",\"status\":\"invalid\",\"error\":"
	                           "{\"type\":\"urn:ietf:params:acme:error:dns\","
	                           "\"detail\":\"no \\u001bTXT\"}}]}"),
			  "https://a/", &pool, &a, why),
	          REED_OK);
	check_int(a.count, 1);
	check(a.wildcard);
	check_str(a.offers[0].kind, "dns-01");
	check_str(a.offers[0].error, "no  TXT (dns)");
}

static void problems_become_sentences_and_errors(void)
{
	static const struct {
		const char *text, *words;
		unsigned status;
		enum reed_err err;
	} cases[] = {
		{ "{\"type\":\"urn:ietf:params:acme:error:rateLimited\",\"detail\":\"slow\"}",
		  "slow (rateLimited)", 400, REED_ETHROTTLED },
		{ "{\"type\":\"urn:ietf:params:acme:error:unauthorized\"}", "unauthorized", 403,
		  REED_EACCES },
		{ "{\"detail\":\"all\",\"subproblems\":[{},{\"detail\":\"one\"}]}", "one", 400,
		  REED_EPROTO },
		{ "<h1>", "status 503, without a reason", 503, REED_ETHROTTLED },
		{ "", "status 404, without a reason", 404, REED_ENOENT },
	};
	struct acme_problem p;

	for (size_t i = 0; i < REED_COUNT(cases); i++) {
		acme_read_problem(reed_slice_of(cases[i].text), cases[i].status, &p);
		check_str(p.words, cases[i].words);
		check_int(acme_problem_err(&p, cases[i].status), cases[i].err);
	}
}

static void a_window_is_in_utc(void)
{
	int64_t from, to;

	check_int(acme_read_window(REED_STR("{\"suggestedWindow\":{\"start\":"
	                                    "\"2026-03-01T00:00:00Z\",\"end\":"
	                                    "\"2026-03-01T00:00:01.25Z\"}}"),
	                           &from, &to, why),
	          REED_OK);
	check_int(from / REED_S(1), 1772323200);
	check_int(to / REED_S(1), 1772323201);
	check_int(acme_read_window(REED_STR("{\"suggestedWindow\":{\"start\":"
	                                    "\"2026-03-02T00:00:00Z\",\"end\":"
	                                    "\"2026-03-01T00:00:00Z\"}}"),
	                           &from, &to, why),
	          REED_EPROTO);
	check_int(acme_read_window(REED_STR("{}"), &from, &to, why), REED_EPROTO);
}

/* RFC 8737 3, looked at with OpenSSL. */
static void a_proof_by_tls_bears_the_name_and_the_digest_and_they_are_critical(void)
{
	struct reed_buf pem = { .limit = 0 };
	ASN1_OBJECT *oid = OBJ_txt2obj("1.3.6.1.5.5.7.1.31", 1);
	const ASN1_OCTET_STRING *value;
	X509_EXTENSION *extension;
	char digest[ACME_DIGEST + 1];
	uint8_t hash[32];
	size_t n;
	BIO *bio;
	X509 *x;

	check_int(acme_proof_certificate("a.example", "token.print", 1767312000 * REED_S(1), &pem),
	          REED_OK);
	bio = BIO_new_mem_buf(pem.p, (int)reed_buf_held(&pem));
	x = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	check_int(X509_check_host(x, "a.example", 0, 0, NULL), 1);
	extension = X509_get_ext(x, X509_get_ext_by_OBJ(x, oid, -1));
	check_int(X509_EXTENSION_get_critical(extension), 1);
	value = X509_EXTENSION_get_data(extension);
	acme_digest(REED_STR("token.print"), digest);
	check_int(reed_base64url_decode(reed_slice_of(digest), hash, sizeof(hash), &n), REED_OK);
	check_int(ASN1_STRING_length(value), 34);
	check(memcmp(ASN1_STRING_get0_data(value), "\x04\x20", 2) == 0);
	check(memcmp(ASN1_STRING_get0_data(value) + 2, hash, 32) == 0);
	X509_free(x);
	BIO_free(bio);
	ASN1_OBJECT_free(oid);
	reed_buf_finish(&pem);
}

int main(void)
{
	reed_pool_init(&pool, ACME_POOL);
	RUN(a_signature_is_checked_by_the_key_that_made_it);
	RUN(a_key_of_another_kind_is_refused);
	RUN(a_directory_does_not_lead_away_from_tls);
	RUN(a_token_is_letters_of_base64url_or_no_challenge);
	RUN(problems_become_sentences_and_errors);
	RUN(a_window_is_in_utc);
	RUN(a_proof_by_tls_bears_the_name_and_the_digest_and_they_are_critical);
	reed_pool_finish(&pool);
	return 0;
}
