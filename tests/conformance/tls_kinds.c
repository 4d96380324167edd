/* TLS as a kind of stream, over the kinds it is given. */

#include "reed/alloc.h"
#include "reed/random.h"
#include "reed/tls.h"
#include "tests/conformance/stream.h"

static struct reed_slice make_pem(struct reed_loop *on, struct reed_buf *pem)
{
	struct reed_cert_options o = REED_CERT_OPTIONS;
	struct reed_buf key;

	o.wall = reed_wall(on);
	o.names = (const char *const[]){ "server.example", NULL };
	reed_buf_init(&key, 0);
	reed_buf_init(pem, 0);
	check_int(reed_cert_make_key(REED_CERT_ECDSA, &key), REED_OK);
	check_int(reed_cert_self_sign(reed_buf_slice(&key), &o, pem, NULL), REED_OK);
	reed_buf_add(pem, reed_buf_slice(&key));
	reed_buf_finish(&key);
	return reed_buf_slice(pem);
}

static void make_contexts(struct reed_loop *on, struct reed_tls_ctx **client,
                          struct reed_tls_ctx **server)
{
	struct reed_tls_client_ctx_options co = REED_TLS_CLIENT_CTX_OPTIONS;
	struct reed_tls_server_ctx_options so = REED_TLS_SERVER_CTX_OPTIONS;
	struct reed_buf pem;

	so.cert_pem = co.ca_pem = make_pem(on, &pem);
	co.no_system_roots = true;
	/* tickets come when they like, and these tests look at every byte there is to read */
	so.policy.no_resumption = true;
	check_int(reed_tls_client_ctx(&co, client, NULL), REED_OK);
	check_int(reed_tls_server_ctx(&so, server, NULL), REED_OK);
	reed_buf_finish(&pem);
}

void over_tls(struct reed_stream **one, struct reed_stream **other)
{
	struct reed_tls_client_options o = REED_TLS_CLIENT_OPTIONS;
	struct reed_tls_ctx *client, *server;
	struct owner ours, theirs;

	make_contexts((*one)->loop, &client, &server);
	o.server = "server.example";
	*one = reed_tls_client(*one, client, &o);
	*other = reed_tls_server(*other, server, NULL);
	reed_tls_ctx_release(client);
	reed_tls_ctx_release(server);
	own(&ours, reed_tls_handshake(*one));
	own(&theirs, reed_tls_handshake(*other));
	until(ours.told && theirs.told);
	check_int(ours.err, REED_OK);
	check_int(theirs.err, REED_OK);
}
