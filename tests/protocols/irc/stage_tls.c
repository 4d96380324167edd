#include "stage_tls.h"

#include "reed/cert.h"
#include "reed/tls.h"

static struct reed_tls_ctx *ctx;

void make_certificate(const char *name, struct reed_buf *pem)
{
	const char *names[] = { name, NULL };
	struct reed_cert_options options = REED_CERT_OPTIONS;

	options.names = names;
	options.wall = 1767312000 * REED_S(1); /* 2026-01-02 */
	options.days = 365;
	check_int(reed_cert_make_key(REED_CERT_ECDSA, pem), REED_OK);
	check_int(reed_cert_self_sign(reed_buf_slice(pem), &options, pem, NULL), REED_OK);
}

void tls_begin(void)
{
	struct reed_tls_server_ctx_options options = REED_TLS_SERVER_CTX_OPTIONS;
	struct reed_buf pem = { .limit = 0 };

	make_certificate("server.example", &pem);
	options.cert_pem = reed_buf_slice(&pem);
	options.client_cert = REED_TLS_ASK;
	check_int(reed_tls_server_ctx(&options, &ctx, NULL), REED_OK);
	reed_buf_finish(&pem);
}

void tls_end(void)
{
	reed_tls_ctx_release(ctx);
	ctx = NULL;
}

struct reed_listener *stage_tls_listener(struct reed_listener *below)
{
	return reed_tls_listener(below, ctx, NULL);
}

struct reed_stream *dial_tls(struct reed_slice pem)
{
	struct reed_tls_client_ctx_options options = REED_TLS_CLIENT_CTX_OPTIONS;
	struct reed_tls_client_options client = REED_TLS_CLIENT_OPTIONS;
	struct reed_tls_ctx *own = NULL;
	struct reed_stream *s;

	options.insecure_accept_any = true;
	options.no_system_roots = true;
	options.cert_pem = pem;
	check_int(reed_tls_client_ctx(&options, &own, NULL), REED_OK);
	client.server = "server.example";
	s = reed_tls_client(dial(), own, &client);
	reed_tls_ctx_release(own);
	check_int(reed_sim_run_until(sim, reed_tls_handshake(s), NULL), REED_OK);
	return s;
}
