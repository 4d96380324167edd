/* Certificates: made, signed, read, put into words. */

#include "reed/cert.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reed/alloc.h"
#include "reed/loop.h"
#include "tests/check.h"

static const int64_t DAY = 86400 * REED_S(1);
static const int64_t NOW = 1767312000 * REED_S(1); /* 2026-01-02 */
static const struct reed_slice none;

static struct reed_buf key, ca_key, ca, pem, request;

static void begin(void)
{
	struct reed_cert_options o = REED_CERT_OPTIONS;

	reed_buf_init(&key, 0);
	reed_buf_init(&ca_key, 0);
	reed_buf_init(&ca, 0);
	reed_buf_init(&pem, 0);
	reed_buf_init(&request, 0);
	check_int(reed_cert_make_key(REED_CERT_ECDSA, &key), REED_OK);
	check_int(reed_cert_make_key(REED_CERT_ECDSA, &ca_key), REED_OK);
	o.wall = NOW;
	o.common_name = "House CA";
	o.ca = true;
	check_int(reed_cert_self_sign(reed_buf_slice(&ca_key), &o, &ca, NULL), REED_OK);
}

static void end(void)
{
	reed_buf_finish(&key);
	reed_buf_finish(&ca_key);
	reed_buf_finish(&ca);
	reed_buf_finish(&pem);
	reed_buf_finish(&request);
}

static struct reed_cert *read_at(struct reed_buf *b, struct reed_slice k, int64_t wall)
{
	struct reed_cert *cert;

	check_int(reed_cert_read(reed_buf_slice(b), k, wall, &cert, NULL), REED_OK);
	return cert;
}

static void self_sign(const char *const *names, int days)
{
	struct reed_cert_options o = REED_CERT_OPTIONS;

	o.wall = NOW;
	o.names = names;
	o.days = days;
	reed_buf_clear(&pem);
	check_int(reed_cert_self_sign(reed_buf_slice(&key), &o, &pem, NULL), REED_OK);
}

static const char *const NAMES[] = { "chat.example", "*.chat.example", "192.0.2.7", "2001:db8::7",
	                             NULL };

/* ---- the tests ---- */

static void a_self_signed_certificate_reads_as_it_was_ordered(void)
{
	struct reed_cert *c;

	begin();
	self_sign(NAMES, 30);
	c = read_at(&pem, reed_buf_slice(&key), NOW);
	check_str(c->subject, "CN=chat.example");
	check_int(c->name_count, 4);
	for (size_t i = 0; NAMES[i]; i++)
		check_str(c->names[i], NAMES[i]);
	check(c->names[4] == NULL && c->self_signed && !c->is_ca && !c->next);
	check_int(c->not_after, NOW + 30 * DAY);
	check(c->not_before < NOW && c->not_before > NOW - DAY);
	check_str(c->key, "ECDSA P-256");
	check_str(c->signature, "ecdsa-with-SHA256");
	check_int(c->problem_count, 0);
	reed_cert_free(c);
	end();
}

static void every_kind_of_key_signs(void)
{
	static const struct {
		enum reed_cert_key kind;
		const char *words;
	} kinds[] = {
		{ REED_CERT_ECDSA, "ECDSA P-256" },
		{ REED_CERT_ECDSA_384, "ECDSA P-384" },
		{ REED_CERT_RSA, "RSA 3072" },
		{ REED_CERT_ED25519, "Ed25519" },
	};

	begin();
	for (size_t i = 0; i < REED_COUNT(kinds); i++) {
		struct reed_cert *c;

		reed_buf_clear(&key);
		check_int(reed_cert_make_key(kinds[i].kind, &key), REED_OK);
		self_sign(NAMES, 0);
		c = read_at(&pem, reed_buf_slice(&key), NOW);
		check_str(c->key, kinds[i].words);
		check_int(c->problem_count, 0);
		reed_cert_free(c);
	}
	end();
}

static void sign(const char *const *names, const char *common_name)
{
	struct reed_cert_options o = REED_CERT_OPTIONS;

	o.wall = NOW;
	o.names = names;
	o.common_name = common_name;
	reed_buf_clear(&pem);
	check_int(reed_cert_sign(reed_buf_slice(&ca), reed_buf_slice(&ca_key),
	                         reed_buf_slice(&request), &o, &pem, NULL),
	          REED_OK);
}

static void ask(const char *const *names)
{
	struct reed_cert_options o = REED_CERT_OPTIONS;

	o.names = names;
	reed_buf_clear(&request);
	check_int(reed_cert_request(reed_buf_slice(&key), &o, &request, NULL), REED_OK);
}

static void a_request_is_granted_the_names_it_asks_for(void)
{
	struct reed_cert *c;

	begin();
	ask(NAMES);
	sign(NULL, NULL);
	c = read_at(&pem, reed_buf_slice(&key), NOW);
	check_str(c->subject, "CN=chat.example");
	check_str(c->issuer, "CN=House CA");
	check_int(c->name_count, 4);
	check(!c->self_signed && !c->is_ca);
	check_int(c->problem_count, 0);
	reed_cert_free(c);
	end();
}

static void the_signer_may_grant_other_names(void)
{
	static const char *const OTHER[] = { "mail.example", NULL };
	struct reed_cert *c;

	begin();
	ask(NAMES);
	sign(OTHER, NULL);
	c = read_at(&pem, none, NOW);
	check_str(c->subject, "CN=mail.example");
	check_int(c->name_count, 1);
	check_str(c->names[0], "mail.example");
	reed_cert_free(c);
	end();
}

static void a_certificate_that_is_no_ca_signs_nothing(void)
{
	struct reed_cert_options o = REED_CERT_OPTIONS;
	struct reed_fault *fault;

	begin();
	ask(NAMES);
	self_sign(NAMES, 0);
	o.wall = NOW;
	check_int(reed_cert_sign(reed_buf_slice(&pem), reed_buf_slice(&key),
	                         reed_buf_slice(&request), &o, &pem, &fault),
	          REED_ECERT);
	check_str(fault->sentence, "the certificate of chat.example is not a CA's: "
	                           "it may not sign others");
	reed_fault_free(fault);
	end();
}

static void an_expired_ca_signs_nothing(void)
{
	struct reed_cert_options o = REED_CERT_OPTIONS;
	struct reed_fault *fault;

	begin();
	ask(NAMES);
	o.wall = NOW + 4000 * DAY;
	check_int(reed_cert_sign(reed_buf_slice(&ca), reed_buf_slice(&ca_key),
	                         reed_buf_slice(&request), &o, &pem, &fault),
	          REED_ECERT);
	check_str(fault->sentence, "the CA House CA expired on 2035-12-31");
	reed_fault_free(fault);
	check_int(reed_buf_held(&pem), 0);
	end();
}

/* The signature covers the names, so a changed byte shows. */
static void a_request_that_was_tampered_with_is_refused(void)
{
	struct reed_cert_options o = REED_CERT_OPTIONS;
	struct reed_fault *fault = NULL;
	char *middle;

	begin();
	ask(NAMES);
	middle = request.p + request.begin + 100;
	*middle = *middle == 'A' ? 'B' : 'A';
	o.wall = NOW;
	check(reed_cert_sign(reed_buf_slice(&ca), reed_buf_slice(&ca_key), reed_buf_slice(&request),
	                     &o, &pem, &fault) != REED_OK);
	check(fault != NULL);
	reed_fault_free(fault);
	end();
}

static void bad_names_are_refused_with_a_sentence(void)
{
	static const char *const BAD[] = { "two words", "a..b", "-_-.*.example",
		                           "b\303\274cher.example", "*" };
	struct reed_cert_options o = REED_CERT_OPTIONS;
	struct reed_fault *fault;

	begin();
	for (size_t i = 0; i < REED_COUNT(BAD); i++) {
		o.names = (const char *const[]){ BAD[i], NULL };
		check_int(reed_cert_self_sign(reed_buf_slice(&key), &o, &pem, &fault), REED_EINVAL);
		check(strstr(fault->sentence, BAD[i]) != NULL);
		reed_fault_free(fault);
	}
	o.names = NULL;
	check_int(reed_cert_self_sign(reed_buf_slice(&key), &o, &pem, &fault), REED_EINVAL);
	check_str(fault->sentence, "a certificate needs a name: that of a host, or a common name");
	reed_fault_free(fault);
	end();
}

static void has_problem(const struct reed_cert *c, const char *text)
{
	for (size_t i = 0; i < c->problem_count; i++)
		if (strstr(c->problems[i], text))
			return;
	fprintf(stderr, "no problem with \"%s\" in it; of %zu\n", text, c->problem_count);
	abort();
}

static void what_is_wrong_is_said(void)
{
	struct reed_cert *c;

	begin();
	self_sign(NAMES, 10);
	c = read_at(&pem, none, NOW);
	has_problem(c, "it expires on 2026-01-12, in 10 days");
	reed_cert_free(c);
	c = read_at(&pem, none, NOW + 11 * DAY);
	has_problem(c, "it expired on 2026-01-12");
	reed_cert_free(c);
	c = read_at(&pem, none, NOW - DAY);
	has_problem(c, "it is not valid before 2026-01-01");
	reed_cert_free(c);
	c = read_at(&pem, reed_buf_slice(&ca_key), NOW);
	has_problem(c, "the private key does not belong to it");
	reed_cert_free(c);
	end();
}

static void a_certificate_without_names_is_a_problem(void)
{
	struct reed_cert_options o = REED_CERT_OPTIONS;
	struct reed_cert *c;

	begin();
	o.wall = NOW;
	o.common_name = "only a common name";
	check_int(reed_cert_self_sign(reed_buf_slice(&key), &o, &pem, NULL), REED_OK);
	c = read_at(&pem, none, NOW);
	check_str(c->subject, "CN=only a common name");
	has_problem(c, "it has no names");
	reed_cert_free(c);
	end();
}

static void a_chain_in_the_wrong_order_is_a_problem(void)
{
	struct reed_buf chain;
	struct reed_cert *c;

	begin();
	ask(NAMES);
	sign(NULL, NULL);
	reed_buf_init(&chain, 0);
	reed_buf_add(&chain, reed_buf_slice(&ca));
	reed_buf_add(&chain, reed_buf_slice(&pem));
	c = read_at(&chain, none, NOW);
	has_problem(c, "wrong order");
	has_problem(c, "it is a CA's");
	check(c->next && !c->next->next);
	check_str(c->next->subject, "CN=chat.example");
	reed_cert_free(c);
	reed_buf_finish(&chain);
	end();
}

/* One more extension in what pem holds, signed anew with that key. */
static void put_extension(int nid, const char *value, struct reed_buf *signer)
{
	BIO *in = BIO_new_mem_buf(reed_buf_slice(&pem).p, (int)reed_buf_held(&pem));
	BIO *key_in = BIO_new_mem_buf(reed_buf_slice(signer).p, (int)reed_buf_held(signer));
	X509 *x = PEM_read_bio_X509(in, NULL, NULL, NULL);
	EVP_PKEY *k = PEM_read_bio_PrivateKey(key_in, NULL, NULL, NULL);
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
	BIO *out = BIO_new(BIO_s_mem());
	char *text;
	int at;
	long n;

	check(x && k && e);
	for (at = X509_get_ext_by_NID(x, nid, -1); at >= 0; at = X509_get_ext_by_NID(x, nid, -1))
		X509_EXTENSION_free(X509_delete_ext(x, at));
	check(X509_add_ext(x, e, -1) && X509_sign(x, k, EVP_sha256()) > 0);
	check(PEM_write_bio_X509(out, x));
	n = BIO_get_mem_data(out, &text);
	reed_buf_clear(&pem);
	reed_buf_add(&pem, reed_slice(text, (size_t)n));
	X509_EXTENSION_free(e);
	EVP_PKEY_free(k);
	X509_free(x);
	BIO_free(in);
	BIO_free(key_in);
	BIO_free(out);
}

/* pem, and what follows in the file. */
static struct reed_cert *read_chain(struct reed_buf *next)
{
	struct reed_buf chain = { .limit = 0 };
	struct reed_cert *c;

	reed_buf_add(&chain, reed_buf_slice(&pem));
	reed_buf_add(&chain, reed_buf_slice(next));
	c = read_at(&chain, none, NOW);
	reed_buf_finish(&chain);
	return c;
}

static void a_chain_in_order_has_no_problem(void)
{
	struct reed_cert *c;

	begin();
	ask(NAMES);
	sign(NULL, NULL);
	c = read_chain(&ca);
	check_int(c->problem_count, 0);
	check_int(c->next->problem_count, 0);
	reed_cert_free(c);
	c = read_at(&pem, none, NOW);
	check_int(c->problem_count, 0); /* its clients may know the CA */
	reed_cert_free(c);
	end();
}

static void a_chain_without_its_ca_is_incomplete(void)
{
	struct reed_cert *c;

	begin();
	ask(NAMES);
	sign(NULL, NULL);
	put_extension(NID_info_access, "caIssuers;URI:http://ca.example/ca.crt", &ca_key);
	c = read_at(&pem, none, NOW);
	check_int(c->problem_count, 1);
	check_str(c->problems[0], "the chain is incomplete: the certificate of House CA, which "
	                          "issued it, has to follow in the file");
	reed_cert_free(c);
	c = read_chain(&ca);
	check_int(c->problem_count, 0);
	reed_cert_free(c);
	end();
}

static void a_ca_of_the_same_name_with_another_key_is_a_problem(void)
{
	struct reed_cert_options o = REED_CERT_OPTIONS;
	struct reed_buf other = { .limit = 0 };
	struct reed_cert *c;

	begin();
	ask(NAMES);
	sign(NULL, NULL);
	o.wall = NOW;
	o.common_name = "House CA";
	o.ca = true;
	check_int(reed_cert_self_sign(reed_buf_slice(&key), &o, &other, NULL), REED_OK);
	c = read_chain(&other);
	has_problem(c, "has the name of its issuer, but not the key that signed it");
	reed_cert_free(c);
	reed_buf_finish(&other);
	end();
}

static void who_signs_others_has_to_be_a_ca(void)
{
	struct reed_buf leaf = { .limit = 0 }, flagless = { .limit = 0 };
	struct reed_cert *c;

	begin();
	ask(NAMES);
	sign(NULL, NULL);
	reed_buf_add(&leaf, reed_buf_slice(&pem));
	reed_buf_clear(&pem);
	reed_buf_add(&pem, reed_buf_slice(&ca));
	put_extension(NID_key_usage, "critical,digitalSignature", &ca_key);
	reed_buf_add(&flagless, reed_buf_slice(&pem));
	reed_buf_clear(&pem);
	reed_buf_add(&pem, reed_buf_slice(&leaf));
	c = read_chain(&flagless);
	has_problem(c->next, "its key may not sign certificates (keyUsage)");
	reed_cert_free(c);
	reed_buf_clear(&pem);
	reed_buf_add(&pem, reed_buf_slice(&ca));
	put_extension(NID_basic_constraints, "critical,CA:FALSE", &ca_key);
	reed_buf_clear(&flagless);
	reed_buf_add(&flagless, reed_buf_slice(&pem));
	reed_buf_clear(&pem);
	reed_buf_add(&pem, reed_buf_slice(&leaf));
	c = read_chain(&flagless);
	has_problem(c->next, "has not the CA flag (basicConstraints)");
	reed_cert_free(c);
	reed_buf_finish(&leaf);
	reed_buf_finish(&flagless);
	end();
}

static void a_certificate_for_something_else_is_a_problem(void)
{
	struct reed_cert *c;

	begin();
	ask(NAMES);
	sign(NULL, NULL);
	put_extension(NID_ext_key_usage, "codeSigning", &ca_key);
	c = read_at(&pem, none, NOW);
	has_problem(c, "it is for neither servers nor clients (extendedKeyUsage)");
	reed_cert_free(c);
	put_extension(NID_ext_key_usage, "clientAuth", &ca_key);
	put_extension(NID_netscape_comment, "critical,hello", &ca_key);
	c = read_at(&pem, none, NOW);
	check_int(c->problem_count, 1);
	has_problem(c, "it has an extension that is critical, and that nobody knows");
	reed_cert_free(c);
	end();
}

static void weak_keys_and_signatures_are_problems(void)
{
	/* RSA with 1024 bits, signed with SHA-1; made with openssl req -newkey rsa:1024 -sha1 */
	static const char weak[] =
		"-----BEGIN CERTIFICATE-----\n"
		"MIICDjCCAXegAwIBAgIUZ4pivwRoy1vSJ6axiq1s1aK9bJAwDQYJKoZIhvcNAQEF\n"
		"BQAwETEPMA0GA1UEAwwGd2Vha2NhMCAXDTI2MTEyMTIyNTA1M1oYDzIwODEwODI0\n"
		"MjI1MDUzWjAXMRUwEwYDVQQDDAx3ZWFrLmV4YW1wbGUwgZ8wDQYJKoZIhvcNAQEB\n"
		"BQADgY0AMIGJAoGBAJjwxC4zuYt7zFGrzgPGvmO5nm8l7iZ0FBS6m+4tNhOUmYby\n"
		"WB81kZoyU8HTOY9lPdi7W/EeJjdKXsqoT8g1LWk5OeHD6B3S2F08x2TMgdDv7qBM\n"
		"Uv+3neOKN8KuGO74pXzYZ57EeM/QFwoPBnkx4uGYjfshNFMMKMYdSA1htqh5AgMB\n"
		"AAGjWzBZMBcGA1UdEQQQMA6CDHdlYWsuZXhhbXBsZTAdBgNVHQ4EFgQUKATTpKl8\n"
		"AjEDIyx9uCnd0I0hNyQwHwYDVR0jBBgwFoAU3oRGPCbxMI69TZ95o20qkhzdeXQw\n"
		"DQYJKoZIhvcNAQEFBQADgYEAcbW57K6UrMijDoFHI6OndJl6nZo29RNbzT1JSORW\n"
		"DIi3cyhwL5b3u7OSNNqM3kH/Z153xul7FSfEhgCeYg8Sbwd3U8ugCSdjto4dMGWY\n"
		"0hZGB+hEVK+d4BMpUtxYhlkWtDtRVXfW23IR+khuIosqUb7+j7dIVrGZgAVp5w8s\n"
		"nwg=\n"
		"-----END CERTIFICATE-----\n";
	struct reed_cert *c;
	struct reed_fault *fault = NULL;

	if (reed_cert_read(reed_slice_of(weak), none, NOW, &c, &fault)) {
		fprintf(stderr, "%s\n", fault->sentence);
		abort();
	}
	has_problem(c, "its key (RSA 1024) is weak");
	has_problem(c, "its signature (sha1WithRSAEncryption) is weak");
	reed_cert_free(c);
}

static void printed_it_has_names_dates_and_fingerprints(void)
{
	struct reed_buf out;
	struct reed_slice text;
	struct reed_cert *c;

	begin();
	self_sign(NAMES, 100);
	c = read_at(&pem, none, NOW);
	reed_buf_init(&out, 0);
	reed_cert_print(c, NOW, &out);
	text = reed_buf_slice(&out);
	check(reed_slice_starts(text, REED_STR("CN=chat.example\n  for          chat.example, "
	                                       "*.chat.example, 192.0.2.7, 2001:db8::7\n")));
	check(reed_slice_search(text, REED_STR("valid        2026-01-01 to 2026-04-12, 100 days "
	                                       "left\n")) < text.n);
	check(reed_slice_search(text, REED_STR("issued by    itself\n")) < text.n);
	reed_cert_free(c);
	reed_buf_finish(&out);
	end();
}

/* A certificate may hold whatever a stranger has put into it. */
static void what_could_upset_a_terminal_is_escaped(void)
{
	struct reed_cert_options o = REED_CERT_OPTIONS;
	struct reed_cert *c;

	begin();
	o.wall = NOW;
	o.common_name = "a\033[2Jb\302\233c\303\274";
	check_int(reed_cert_self_sign(reed_buf_slice(&key), &o, &pem, NULL), REED_OK);
	c = read_at(&pem, none, NOW);
	for (const char *p = c->subject; *p; p++)
		check((unsigned char)*p >= 32 && *p != 127);
	check(strstr(c->subject, "\302\233") == NULL);
	check(strstr(c->subject, "c\303\274") != NULL);
	reed_cert_free(c);
	end();
}

static void der_is_read_too(void)
{
	struct reed_cert *c, *again;

	begin();
	self_sign(NAMES, 100);
	c = read_at(&pem, none, NOW);
	check_int(reed_cert_read(c->der, none, NOW, &again, NULL), REED_OK);
	check(memcmp(c->sha256, again->sha256, 32) == 0);
	check_str(again->subject, c->subject);
	reed_cert_free(again);
	reed_cert_free(c);
	end();
}

static void what_is_no_certificate_is_refused(void)
{
	static const struct {
		const char *text, *sentence;
	} bad[] = {
		{ "", "this is no certificate, neither in PEM nor in DER" },
		{ "hello", "this is no certificate, neither in PEM nor in DER" },
		{ "-----BEGIN CERTIFICATE-----\nxxxx\n-----END CERTIFICATE-----\n",
		  "certificate 1 in this file is damaged" },
		{ "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
		  "this file holds no certificate; a chain was expected" },
	};
	struct reed_fault *fault;
	struct reed_cert *c;

	for (size_t i = 0; i < REED_COUNT(bad); i++) {
		check(reed_cert_read(reed_slice_of(bad[i].text), none, NOW, &c, &fault) < 0);
		if (!strstr(fault->sentence, bad[i].sentence))
			check_str(fault->sentence, bad[i].sentence);
		reed_fault_free(fault);
	}
}

static void files_are_written_whole_and_secrets_kept(void)
{
	char folder[] = "/tmp/reed-cert-XXXXXX", *path;
	struct reed_fault *fault;
	struct stat st;

	check(mkdtemp(folder) != NULL);
	path = reed_sprintf("%s/key.pem", folder);
	check_int(reed_cert_write(path, REED_STR("first"), false, NULL), REED_OK);
	check(stat(path, &st) == 0 && (st.st_mode & 0777) == 0644 && st.st_size == 5);
	check_int(reed_cert_write(path, REED_STR("secret"), true, NULL), REED_OK);
	check(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600 && st.st_size == 6);
	unlink(path);
	check_int(rmdir(folder), 0); /* nothing else is left in it */
	check_int(reed_cert_write(path, REED_STR("x"), true, &fault), REED_ENOENT);
	check(strstr(fault->sentence, path) != NULL);
	reed_fault_free(fault);
	reed_free(path);
}

int main(void)
{
	RUN(a_self_signed_certificate_reads_as_it_was_ordered);
	RUN(every_kind_of_key_signs);
	RUN(a_request_is_granted_the_names_it_asks_for);
	RUN(the_signer_may_grant_other_names);
	RUN(a_certificate_that_is_no_ca_signs_nothing);
	RUN(an_expired_ca_signs_nothing);
	RUN(a_request_that_was_tampered_with_is_refused);
	RUN(bad_names_are_refused_with_a_sentence);
	RUN(what_is_wrong_is_said);
	RUN(a_certificate_without_names_is_a_problem);
	RUN(a_chain_in_the_wrong_order_is_a_problem);
	RUN(a_chain_in_order_has_no_problem);
	RUN(a_chain_without_its_ca_is_incomplete);
	RUN(a_ca_of_the_same_name_with_another_key_is_a_problem);
	RUN(who_signs_others_has_to_be_a_ca);
	RUN(a_certificate_for_something_else_is_a_problem);
	RUN(weak_keys_and_signatures_are_problems);
	RUN(printed_it_has_names_dates_and_fingerprints);
	RUN(what_could_upset_a_terminal_is_escaped);
	RUN(der_is_read_too);
	RUN(what_is_no_certificate_is_refused);
	RUN(files_are_written_whole_and_secrets_kept);
	return 0;
}
