/* Contexts: what is loaded from files and directories, chosen by name, and loaded again. */

#include "tests/core/tls_kit.h"

#include <openssl/pem.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/os.h"
#include "core/x509.h"

static char folder[64];
static struct reed_tls_server_ctx_options so;
static struct reed_tls_ctx *ctx;
static const char *const SERVER[] = { "server.example", NULL };

static void begin(void)
{
	kit_begin();
	snprintf(folder, sizeof(folder), "/tmp/reed-tls-XXXXXX");
	check(mkdtemp(folder) != NULL);
	so = (struct reed_tls_server_ctx_options)REED_TLS_SERVER_CTX_OPTIONS;
	so.cert = folder;
}

static void end(void)
{
	char *command = reed_sprintf("rm -rf %s", folder);

	check_int(system(command), 0);
	reed_free(command);
	kit_end();
	kit_clock = 0;
}

static char *path_of(const char *name)
{
	static char paths[16][128];
	static int next;

	next = (next + 1) % 16;
	snprintf(paths[next], sizeof(paths[next]), "%s/%s", folder, name);
	return paths[next];
}

static void put(const char *name, struct reed_slice pem)
{
	check_int(reed_cert_write(path_of(name), pem, true, NULL), REED_OK);
}

/* The part of a kit's PEM from one "-----BEGIN" on, or up to it. */
static struct reed_slice only_key(struct reed_slice pem)
{
	return reed_slice_from(pem, reed_slice_search(pem, REED_STR("-----BEGIN PRIVATE")));
}

static struct reed_slice only_cert(struct reed_slice pem)
{
	return reed_slice_first(pem, reed_slice_search(pem, REED_STR("-----BEGIN PRIVATE")));
}

static void refused(enum reed_err err, const char *format, ...) REED_PRINTF(2, 3);

static void refused(enum reed_err err, const char *format, ...)
{
	struct reed_fault *fault = NULL;
	char why[512];
	va_list args;

	va_start(args, format);
	vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	check_int(reed_tls_server_ctx(&so, &ctx, &fault), err);
	check_str(fault->sentence, why);
	reed_fault_free(fault);
	/* and nobody need be interested */
	check_int(reed_tls_server_ctx(&so, &ctx, NULL), err);
}

static void load(void)
{
	struct reed_fault *fault = NULL;

	if (reed_tls_server_ctx(&so, &ctx, &fault))
		check_str(fault->sentence, "");
}

/* ---- files ---- */

static void a_missing_file_is_named(void)
{
	begin();
	so.cert = path_of("nowhere.pem");
	refused(REED_ENOENT,
	        "cannot read %s: No such file or directory; `reed cert new NAME` makes one",
	        so.cert);
	so.cert = NULL;
	refused(REED_EINVAL, "a TLS server needs a certificate: name a PEM file with the chain and "
	                     "its key, or a directory of such files");
	end();
}

static void a_file_that_may_not_be_read_is_named(void)
{
	begin();
	put("secret.pem", kit_issue_for("server.example"));
	check_int(chmod(path_of("secret.pem"), 0), 0);
	so.cert = path_of("secret.pem");
	if (geteuid() == 0) { /* whom nothing is forbidden */
		load();
		reed_tls_ctx_release(ctx);
	} else {
		refused(REED_EACCES,
		        "cannot read %s: Permission denied (the user this runs as may "
		        "not)",
		        so.cert);
	}
	end();
}

static void a_key_may_be_in_a_file_of_its_own(void)
{
	struct reed_slice pem;

	begin();
	pem = kit_issue_for("server.example");
	put("chain.pem", only_cert(pem));
	put("key.pem", only_key(pem));
	so.cert = path_of("chain.pem");
	so.key = path_of("key.pem");
	load();
	reed_tls_ctx_release(ctx);
	so.key = NULL;
	refused(REED_ENOENT,
	        "%s holds no private key; put it behind the chain, or name the file it "
	        "is in",
	        so.cert);
	so.key = so.cert;
	refused(REED_ENOENT, "%s holds no private key in PEM format", so.cert);
	end();
}

static void the_key_of_another_certificate_is_refused(void)
{
	begin();
	put("chain.pem", only_cert(kit_issue_for("server.example")));
	put("key.pem", kit_key(REED_CERT_ECDSA));
	so.cert = path_of("chain.pem");
	so.key = path_of("key.pem");
	refused(REED_ECERT,
	        "the private key in %s does not belong to the certificate of "
	        "server.example in %s; name the key that it was issued for",
	        so.key, so.cert);
	end();
}

/* PKCS #8, or as OpenSSL wrote keys of old: with "Proc-Type: 4,ENCRYPTED". */
static void encrypt(bool as_of_old, const char *from, const char *to)
{
	struct reed_buf b;
	EVP_PKEY *key;
	BIO *out = BIO_new_file(to, "w");

	reed_buf_init(&b, 0);
	check_int(reed_os_read_file(from, &b, NULL), REED_OK);
	check_int(reed_x509_read_key(from, reed_buf_slice(&b), &key, NULL), REED_OK);
	check(out && (as_of_old ? PEM_write_bio_PrivateKey_traditional
	                        : PEM_write_bio_PrivateKey)(out, key, EVP_aes_256_cbc(),
	                                                    (unsigned char *)(uintptr_t) "x", 1,
	                                                    NULL, NULL) == 1);
	BIO_free(out);
	EVP_PKEY_free(key);
	reed_buf_finish(&b);
}

static void an_encrypted_key_says_how_to_decrypt_it(void)
{
	begin();
	put("chain.pem", only_cert(kit_issue_for("server.example")));
	so.cert = path_of("chain.pem");
	so.key = path_of("key.pem");
	put("plain.pem", kit_key(REED_CERT_ECDSA));
	for (int i = 0; i < 2; i++) {
		encrypt(i, path_of("plain.pem"), so.key);
		refused(REED_EAUTH,
		        "the private key in %s is encrypted; decrypt it with `openssl "
		        "pkey -in FILE -out NEW`",
		        so.key);
	}
	end();
}

static void what_is_no_certificate_is_said_to_be_none(void)
{
	begin();
	put("x.pem", REED_STR("hello\n"));
	so.cert = path_of("x.pem");
	refused(REED_ENOENT,
	        "%s holds no certificate in PEM format (-----BEGIN CERTIFICATE-----)"
	        "",
	        so.cert);
	put("x.pem", REED_STR("0\202\001\001"));
	refused(REED_ENOENT,
	        "%s holds no certificate in PEM format (-----BEGIN CERTIFICATE-----); "
	        "it looks like DER: convert it with `openssl x509 -inform der`",
	        so.cert);
	put("x.pem", kit_key(REED_CERT_ECDSA));
	refused(REED_ENOENT,
	        "%s holds no certificate; a chain was expected that begins with the "
	        "server's own",
	        so.cert);
	end();
}

static void expired_files_are_refused_when_the_time_is_given(void)
{
	begin();
	put("x.pem", kit_issue(REED_CERT_ECDSA, KIT_2026, 30, SERVER));
	so.cert = path_of("x.pem");
	so.wall = KIT_2026 + 86400 * REED_S(40);
	refused(REED_ECERT,
	        "the certificate of server.example in %s expired on 2026-02-01: renew "
	        "it",
	        so.cert);
	so.wall = KIT_2026 - 86400 * REED_S(40);
	refused(REED_ECERT,
	        "the certificate of server.example in %s is not valid before "
	        "2026-01-01: is the clock right?",
	        so.cert);
	so.wall = 0;
	load();
	check_int(reed_tls_ctx_expires(ctx), KIT_2026 + 86400 * REED_S(30));
	reed_tls_ctx_release(ctx);
	end();
}

static void a_policy_that_cannot_be_is_refused(void)
{
	begin();
	put("x.pem", kit_issue_for("server.example"));
	so.policy.ciphers = "NOTHING";
	refused(REED_EINVAL, "no cipher fits \"NOTHING\"; openssl-ciphers(1) has the words");
	so.policy.ciphers = NULL;
	so.policy.groups = "P-17";
	refused(REED_EINVAL, "\"P-17\" is no list of groups; \"X25519:P-256:P-384\" is the default"
	                     "");
	so.policy.groups = NULL;
	so.policy.min = REED_TLS_1_3;
	so.policy.max = REED_TLS_1_2;
	refused(REED_EINVAL, "the minimum TLS version is above the maximum");
	end();
}

static void roots_that_cannot_be_read_are_named(void)
{
	struct reed_tls_client_ctx_options co = REED_TLS_CLIENT_CTX_OPTIONS;
	struct reed_fault *fault;

	begin();
	co.ca_file = "/nowhere/ca.pem";
	check_int(reed_tls_client_ctx(&co, &ctx, &fault), REED_ENOENT);
	check_str(fault->sentence, "cannot read /nowhere/ca.pem: No such file or directory");
	reed_fault_free(fault);
	co.ca_file = NULL;
	co.ca_dir = "/nowhere";
	check_int(reed_tls_client_ctx(&co, &ctx, &fault), REED_ENOENT);
	check_str(fault->sentence, "/nowhere, where roots should be, is no directory");
	reed_fault_free(fault);
	end();
}

/* OpenSSL looks a root up by the hash of its name. */
static void put_root(struct reed_slice pem)
{
	char name[32];
	STACK_OF(X509) * all;

	check_int(reed_x509_read_all("it", pem, &all, NULL), REED_OK);
	snprintf(name, sizeof(name), "%08lx.0",
	         X509_NAME_hash_ex(X509_get_subject_name(sk_X509_value(all, 0)), NULL, NULL, NULL));
	sk_X509_pop_free(all, X509_free);
	put(name, pem);
}

static void roots_come_from_files_and_directories(void)
{
	struct reed_tls_client_ctx_options o = REED_TLS_CLIENT_CTX_OPTIONS;
	struct reed_tls_client_options co = REED_TLS_CLIENT_OPTIONS;
	struct reed_tls_ctx *trusting;

	begin();
	put("ca", kit_ca);
	put_root(kit_ca);
	so.cert_pem = kit_issue_for("server.example");
	co.server = "server.example";
	load();
	for (int i = 0; i < 3; i++) {
		o.ca_file = i == 1 ? path_of("ca") : NULL;
		o.ca_dir = i == 2 ? folder : NULL;
		check_int(reed_tls_client_ctx(&o, &trusting, NULL), REED_OK);
		kit_connect(trusting, &co, ctx, NULL);
		check_int(kit_shake_hands(), i == 0 ? REED_ECERT : REED_OK);
		kit_disconnect();
		reed_tls_ctx_release(trusting);
	}
	reed_tls_ctx_release(ctx);
	end();
}

/* ---- directories ---- */

static void connect_to(const char *name)
{
	struct reed_tls_client_options co = REED_TLS_CLIENT_OPTIONS;

	co.server = name;
	kit_connect(kit_client_ctx(), &co, ctx, NULL);
}

static void no_file_in_a_directory_is_an_error(void)
{
	begin();
	put("readme.txt", REED_STR("not a certificate"));
	put(".hidden.pem", REED_STR("nor this"));
	refused(REED_ENOENT, "%s holds no file *.pem; each should have a chain and its key",
	        folder);
	put("a.pem", kit_issue_for("a.example"));
	put("b.pem", only_cert(kit_issue_for("b.example")));
	refused(REED_ENOENT,
	        "%s holds no private key; put it behind the chain, or name the file it "
	        "is in",
	        path_of("b.pem"));
	end();
}

/* Which certificate a client gets that asks for that name. */
static const char *shown_for(const char *name, enum reed_tls_version max, const char *groups)
{
	struct reed_tls_client_ctx_options o = REED_TLS_CLIENT_CTX_OPTIONS;
	struct reed_tls_client_options co = REED_TLS_CLIENT_OPTIONS;
	struct reed_tls_ctx *any;
	static char shown[128];

	o.insecure_accept_any = o.no_system_roots = true;
	o.policy.max = max;
	o.policy.ciphers = groups;
	check_int(reed_tls_client_ctx(&o, &any, NULL), REED_OK);
	co.server = name;
	kit_connect(any, &co, ctx, NULL);
	reed_tls_ctx_release(any);
	check_int(kit_shake_hands(), REED_OK);
	snprintf(shown, sizeof(shown), "%s, %s", kit_facts(client)->peer->names[0],
	         kit_facts(client)->peer->key);
	kit_disconnect();
	return shown;
}

static const char *shown(const char *name)
{
	return shown_for(name, REED_TLS_DEFAULT, NULL);
}

static void the_name_asked_for_chooses(void)
{
	begin();
	put("1.pem", kit_issue_for("a.example"));
	put("2.pem", kit_issue_for("b.example"));
	put("3.pem", kit_issue_for("*.example"));
	put("default.pem", kit_issue_for("z.example"));
	load();
	check_str(shown("a.example"), "a.example, ECDSA P-256");
	check_str(shown("b.example"), "b.example, ECDSA P-256");
	check_str(shown("B.EXAMPLE"), "b.example, ECDSA P-256");
	check_str(shown("c.example"), "*.example, ECDSA P-256");
	check_str(shown("d.c.example"), "z.example, ECDSA P-256");
	check_str(shown("example"), "z.example, ECDSA P-256");
	check_str(shown(NULL), "z.example, ECDSA P-256");
	check_str(shown("192.0.2.7"), "z.example, ECDSA P-256");
	reed_tls_ctx_release(ctx);
	end();
}

static void without_a_default_the_first_file_serves(void)
{
	begin();
	put("b.pem", kit_issue_for("b.example"));
	put("a.pem", kit_issue_for("a.example"));
	load();
	check_str(shown("unknown.example"), "a.example, ECDSA P-256");
	reed_tls_ctx_release(ctx);
	end();
}

static void ecdsa_and_rsa_serve_the_same_name(void)
{
	begin();
	put("ec.pem", kit_issue_for("server.example"));
	put("rsa.pem", kit_issue(REED_CERT_RSA, kit_wall(), 0, SERVER));
	load();
	check_str(shown("server.example"), "server.example, ECDSA P-256");
	check_str(shown_for("server.example", REED_TLS_1_2, "ECDHE-RSA-AES128-GCM-SHA256"),
	          "server.example, RSA 3072");
	check_str(shown_for("server.example", REED_TLS_1_2, "ECDHE-ECDSA-AES128-GCM-SHA256"),
	          "server.example, ECDSA P-256");
	/* the default's name, too */
	check_str(shown_for(NULL, REED_TLS_1_2, "ECDHE-RSA-AES128-GCM-SHA256"),
	          "server.example, RSA 3072");
	reed_tls_ctx_release(ctx);
	end();
}

static void of_two_for_one_name_the_longer_lasting_serves(void)
{
	static const char *const LONG[] = { "server.example", "long.example", NULL };
	static const char *const SHORT[] = { "server.example", "short.example", NULL };

	begin();
	put("1.pem", kit_issue(REED_CERT_ECDSA, kit_wall(), 300, LONG));
	put("2.pem", kit_issue(REED_CERT_ECDSA, kit_wall(), 30, SHORT));
	load();
	connect_to("server.example");
	check_int(kit_shake_hands(), REED_OK);
	check_str(kit_facts(client)->peer->names[1], "long.example");
	kit_disconnect();
	reed_tls_ctx_release(ctx);
	end();
}

/* ---- reload ---- */

static void a_reload_serves_new_streams_and_leaves_old_ones(void)
{
	struct reed_stream *old_client, *old_server;

	begin();
	put("1.pem", kit_issue_for("old.example"));
	load();
	connect_to("old.example");
	old_client = client;
	old_server = server;
	put("1.pem", kit_issue_for("new.example"));
	check_int(reed_tls_ctx_reload(ctx, 0, NULL), REED_OK);
	check_str(shown("old.example"), "new.example, ECDSA P-256");
	client = old_client;
	server = old_server;
	check_int(kit_shake_hands(), REED_OK);
	kit_says(client, server, "still here");
	kit_disconnect();
	reed_tls_ctx_release(ctx);
	end();
}

static void a_bad_reload_keeps_what_was_good(void)
{
	struct reed_fault *fault = NULL;

	begin();
	put("1.pem", kit_issue_for("good.example"));
	load();
	put("1.pem", REED_STR("half-written"));
	check_int(reed_tls_ctx_reload(ctx, 0, &fault), REED_ENOENT);
	check(strstr(fault->sentence, "holds no certificate") != NULL);
	reed_fault_free(fault);
	check_str(shown("good.example"), "good.example, ECDSA P-256");
	put("1.pem", kit_issue(REED_CERT_ECDSA, KIT_2026, 30, SERVER));
	check_int(reed_tls_ctx_reload(ctx, KIT_2026 + 86400 * REED_S(31), NULL), REED_ECERT);
	check_str(shown("good.example"), "good.example, ECDSA P-256");
	reed_tls_ctx_release(ctx);
	end();
}

static void an_emptied_directory_serves_what_it_had(void)
{
	begin();
	put("1.pem", kit_issue_for("good.example"));
	load();
	check_int(unlink(path_of("1.pem")), 0);
	check_int(reed_tls_ctx_reload(ctx, 0, NULL), REED_ENOENT);
	check_str(shown("good.example"), "good.example, ECDSA P-256");
	check_int(rmdir(folder), 0);
	check_int(reed_tls_ctx_reload(ctx, 0, NULL), REED_ENOENT);
	check_str(shown("good.example"), "good.example, ECDSA P-256");
	reed_tls_ctx_release(ctx);
	end();
}

static void a_context_outlives_whoever_made_it(void)
{
	struct reed_tls_ctx *shared;

	begin();
	put("1.pem", kit_issue_for("a.example"));
	load();
	shared = reed_tls_ctx_share(ctx);
	reed_tls_ctx_release(ctx);
	ctx = shared;
	check_str(shown("a.example"), "a.example, ECDSA P-256");
	reed_tls_ctx_release(shared);
	reed_tls_ctx_release(NULL);
	end();
}

int main(void)
{
	RUN(a_missing_file_is_named);
	RUN(a_file_that_may_not_be_read_is_named);
	RUN(a_key_may_be_in_a_file_of_its_own);
	RUN(the_key_of_another_certificate_is_refused);
	RUN(an_encrypted_key_says_how_to_decrypt_it);
	RUN(what_is_no_certificate_is_said_to_be_none);
	RUN(expired_files_are_refused_when_the_time_is_given);
	RUN(a_policy_that_cannot_be_is_refused);
	RUN(roots_that_cannot_be_read_are_named);
	RUN(roots_come_from_files_and_directories);
	RUN(no_file_in_a_directory_is_an_error);
	RUN(the_name_asked_for_chooses);
	RUN(without_a_default_the_first_file_serves);
	RUN(ecdsa_and_rsa_serve_the_same_name);
	RUN(of_two_for_one_name_the_longer_lasting_serves);
	RUN(a_reload_serves_new_streams_and_leaves_old_ones);
	RUN(a_bad_reload_keeps_what_was_good);
	RUN(an_emptied_directory_serves_what_it_had);
	RUN(a_context_outlives_whoever_made_it);
	return 0;
}
