#include "tests/core/tls_kit.h"

#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

struct reed_loop *loop;
struct reed_slice kit_ca, kit_ca_key;
struct reed_stream *client, *server;
struct wire *client_wire, *server_wire;

enum { KEPT = 256 };

static char *kept[KEPT];
static size_t kept_count;
static struct reed_tls_ctx *contexts[KEPT];
static size_t context_count;
static struct reed_fault *last_fault;
static enum reed_err last_err;

/* ---- life ---- */

static struct reed_slice keep(struct reed_buf *b)
{
	size_t n = reed_buf_held(b);

	check(kept_count < KEPT);
	kept[kept_count] = reed_buf_take(b);
	return reed_slice(kept[kept_count++], n);
}

int64_t kit_wall(void)
{
	return reed_wall(loop);
}

struct reed_slice kit_key(enum reed_cert_key kind)
{
	struct reed_buf b;

	reed_buf_init(&b, 0);
	check_int(reed_cert_make_key(kind, &b), REED_OK);
	return keep(&b);
}

static void make_ca(void)
{
	struct reed_cert_options o = REED_CERT_OPTIONS;
	struct reed_buf b;

	o.wall = kit_wall();
	o.common_name = "Test CA";
	o.ca = true;
	kit_ca_key = kit_key(REED_CERT_ECDSA);
	reed_buf_init(&b, 0);
	check_int(reed_cert_self_sign(kit_ca_key, &o, &b, NULL), REED_OK);
	kit_ca = keep(&b);
}

int64_t kit_clock;
static struct reed_driver_ops ops;
static int64_t (*true_wall)(struct reed_driver *d);

static int64_t wall(struct reed_driver *d)
{
	return kit_clock ? kit_clock : true_wall(d);
}

void kit_begin(void)
{
	check_int(reed_loop_new(NULL, &loop), REED_OK);
	ops = *loop->driver->ops;
	true_wall = ops.wall;
	ops.wall = wall;
	loop->driver->ops = &ops;
	make_ca();
}

void kit_end(void)
{
	while (context_count > 0)
		reed_tls_ctx_release(contexts[--context_count]);
	while (kept_count > 0)
		reed_free(kept[--kept_count]);
	reed_fault_free(last_fault);
	last_fault = NULL;
	for (int i = 0; i < 1000 && (loop->watches || reed_loop_deadline(loop) != REED_NEVER); i++)
		reed_loop_turn(loop, REED_MS(1));
	check(loop->task_count == 0);
	check_int(loop->watches, 0);
	check_int(reed_loop_deadline(loop), REED_NEVER);
	reed_loop_free(loop);
}

/* ---- certificates ---- */

static struct reed_slice join(struct reed_slice a, struct reed_slice b)
{
	struct reed_buf all;

	reed_buf_init(&all, 0);
	reed_buf_add(&all, a);
	reed_buf_add(&all, b);
	return keep(&all);
}

struct reed_slice kit_issue(enum reed_cert_key kind, int64_t wall, int days,
                            const char *const *names)
{
	struct reed_cert_options o = REED_CERT_OPTIONS;
	struct reed_slice key = kit_key(kind), request;
	struct reed_buf b;

	o.wall = wall;
	o.days = days;
	o.names = names;
	if (!names)
		o.common_name = "nobody";
	reed_buf_init(&b, 0);
	check_int(reed_cert_request(key, &o, &b, NULL), REED_OK);
	request = keep(&b);
	check_int(reed_cert_sign(kit_ca, kit_ca_key, request, &o, &b, NULL), REED_OK);
	return join(keep(&b), key);
}

struct reed_slice kit_issue_for(const char *name)
{
	return kit_issue(REED_CERT_ECDSA, kit_wall(), 0, (const char *const[]){ name, NULL });
}

struct reed_slice kit_self_signed(const char *name)
{
	struct reed_cert_options o = REED_CERT_OPTIONS;
	struct reed_slice key = kit_key(REED_CERT_ECDSA);
	struct reed_buf b;

	o.wall = kit_wall();
	o.names = (const char *const[]){ name, NULL };
	reed_buf_init(&b, 0);
	check_int(reed_cert_self_sign(key, &o, &b, NULL), REED_OK);
	return join(keep(&b), key);
}

/* ---- OCSP ---- */

static X509 *cert_of(struct reed_slice pem)
{
	BIO *in = BIO_new_mem_buf(pem.p, (int)pem.n);
	X509 *x = PEM_read_bio_X509(in, NULL, NULL, NULL);

	BIO_free(in);
	check(x);
	return x;
}

static EVP_PKEY *key_of(struct reed_slice pem)
{
	BIO *in = BIO_new_mem_buf(pem.p, (int)pem.n);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(in, NULL, NULL, NULL);

	BIO_free(in);
	check(key);
	return key;
}

static OCSP_BASICRESP *response_about(struct reed_slice of, int status, int64_t wall, int days)
{
	time_t begin = (time_t)(wall / REED_S(1));
	X509 *x = cert_of(of), *ca = cert_of(kit_ca);
	OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), x, ca);
	ASN1_TIME *from = ASN1_TIME_set(NULL, begin);
	ASN1_TIME *until = days ? ASN1_TIME_set(NULL, begin + (time_t)days * 86400) : NULL;
	OCSP_BASICRESP *basic = OCSP_BASICRESP_new();

	check(OCSP_basic_add1_status(basic, id, status, 0, from, from, until));
	ASN1_TIME_free(from);
	ASN1_TIME_free(until);
	OCSP_CERTID_free(id);
	X509_free(x);
	X509_free(ca);
	return basic;
}

struct reed_slice kit_ocsp(struct reed_slice of, int status, int64_t wall, int days,
                           struct reed_slice signer, struct reed_slice signers_key)
{
	OCSP_BASICRESP *basic = response_about(of, status, wall, days);
	EVP_PKEY *key = key_of(signers_key);
	X509 *by = cert_of(signer);
	OCSP_RESPONSE *response;
	unsigned char *der = NULL;
	struct reed_buf b;
	int n;

	check(OCSP_basic_sign(basic, by, key, EVP_sha256(), NULL, 0));
	response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
	n = i2d_OCSP_RESPONSE(response, &der);
	check(n > 0);
	reed_buf_init(&b, 0);
	reed_buf_add(&b, reed_slice(der, (size_t)n));
	OPENSSL_free(der);
	OCSP_RESPONSE_free(response);
	OCSP_BASICRESP_free(basic);
	X509_free(by);
	EVP_PKEY_free(key);
	return keep(&b);
}

struct reed_slice kit_must_staple(struct reed_slice pem)
{
	char feature[] = "status_request";
	EVP_PKEY *ca_key = key_of(kit_ca_key), *key = key_of(pem);
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, NID_tlsfeature, feature);
	BIO *out = BIO_new(BIO_s_mem());
	X509 *x = cert_of(pem);
	struct reed_buf b;
	char *text;
	long n;

	check(extension && X509_add_ext(x, extension, -1) && X509_sign(x, ca_key, EVP_sha256()));
	check(PEM_write_bio_X509(out, x) &&
	      PEM_write_bio_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL));
	n = BIO_get_mem_data(out, &text);
	reed_buf_init(&b, 0);
	reed_buf_add(&b, reed_slice(text, (size_t)n));
	X509_EXTENSION_free(extension);
	EVP_PKEY_free(ca_key);
	EVP_PKEY_free(key);
	X509_free(x);
	BIO_free(out);
	return keep(&b);
}

const char *kit_pin(struct reed_slice pem)
{
	struct reed_slice none = { NULL, 0 };
	struct reed_cert *cert;
	struct reed_buf b;

	check_int(reed_cert_read(pem, none, kit_wall(), &cert, NULL), REED_OK);
	reed_buf_init(&b, 0);
	for (int i = 0; i < 32; i++)
		reed_buf_printf(&b, "%02x", cert->spki_sha256[i]);
	reed_cert_free(cert);
	return keep(&b).p;
}

static struct reed_tls_ctx *keep_ctx(struct reed_tls_ctx *ctx)
{
	check(context_count < KEPT);
	contexts[context_count++] = ctx;
	return ctx;
}

struct reed_tls_ctx *kit_server_ctx(struct reed_slice pem)
{
	struct reed_tls_server_ctx_options o = REED_TLS_SERVER_CTX_OPTIONS;
	struct reed_tls_ctx *ctx;

	o.cert_pem = pem;
	check_int(reed_tls_server_ctx(&o, &ctx, NULL), REED_OK);
	return keep_ctx(ctx);
}

struct reed_tls_ctx *kit_client_ctx(void)
{
	struct reed_tls_client_ctx_options o = REED_TLS_CLIENT_CTX_OPTIONS;
	struct reed_tls_ctx *ctx;

	o.ca_pem = kit_ca;
	o.no_system_roots = true;
	check_int(reed_tls_client_ctx(&o, &ctx, NULL), REED_OK);
	return keep_ctx(ctx);
}

/* ---- connections ---- */

void kit_connect(struct reed_tls_ctx *client_ctx, const struct reed_tls_client_options *co,
                 struct reed_tls_ctx *server_ctx, const struct reed_tls_server_options *so)
{
	wire_pair(0, &client_wire, &server_wire);
	client = reed_tls_client(&client_wire->stream, client_ctx, co);
	server = reed_tls_server(&server_wire->stream, server_ctx, so);
}

/* Contexts outlive loops, so these serve a whole program. */
void kit_connect_well(void)
{
	static struct reed_tls_ctx *client_ctx, *server_ctx;
	struct reed_tls_client_options co = REED_TLS_CLIENT_OPTIONS;

	if (!client_ctx) {
		client_ctx = reed_tls_ctx_share(kit_client_ctx());
		server_ctx = reed_tls_ctx_share(kit_server_ctx(kit_issue_for("server.example")));
	}
	co.server = "server.example";
	kit_connect(client_ctx, &co, server_ctx, NULL);
}

void kit_disconnect(void)
{
	reed_close(client);
	reed_close(server);
	client = server = NULL;
	kit_settle();
}

enum reed_err kit_await(struct reed_future *f)
{
	reed_fault_free(last_fault);
	last_fault = NULL;
	last_err = reed_loop_run_until(loop, reed_within(20000, f), &last_fault);
	check(last_err != REED_ETIMEDOUT);
	return last_err;
}

const char *kit_why(void)
{
	return reed_fault_why(last_fault, last_err);
}

void kit_settle(void)
{
	for (int i = 0; i < 1000 && reed_loop_deadline(loop) == 0; i++)
		reed_loop_turn(loop, 0);
}

void kit_says(struct reed_stream *from, struct reed_stream *to, const char *text)
{
	struct reed_slice got;

	reed_write_str(from, text);
	check_int(kit_await(reed_read_exactly(to, strlen(text), &got)), REED_OK);
	check_slice(got, text);
}

const struct reed_tls_facts *kit_facts(struct reed_stream *s)
{
	struct reed_stream_facts facts = { .size = sizeof(facts) };

	reed_stream_facts(s, &facts);
	check(facts.tls != NULL);
	return facts.tls;
}

enum reed_err kit_shake_hands(void)
{
	enum reed_err err = kit_await(reed_tls_handshake(client));

	if (!err)
		check_int(kit_await(reed_tls_handshake(server)), REED_OK);
	return err;
}
