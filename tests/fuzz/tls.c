/*
 * What a stranger may say in a handshake: the first byte chooses whether to a
 * server ('s', or anything) or a client ('c'), and how the bytes are cut.
 * Nobody can get through, as nobody knows the keys.
 */

#include "reed/alloc.h"
#include "reed/random.h"
#include "reed/tls.h"

#include "tests/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct reed_tls_ctx *client_ctx, *server_ctx;

static void make_contexts(struct reed_loop *loop)
{
	struct reed_tls_server_ctx_options so = REED_TLS_SERVER_CTX_OPTIONS;
	struct reed_tls_client_ctx_options co = REED_TLS_CLIENT_CTX_OPTIONS;
	struct reed_cert_options o = REED_CERT_OPTIONS;
	struct reed_buf key = { .limit = 0 }, pem = { .limit = 0 };

	o.wall = reed_wall(loop);
	o.names = (const char *const[]){ "server.example", NULL };
	check(!reed_cert_make_key(REED_CERT_ECDSA, &key));
	check(!reed_cert_self_sign(reed_buf_slice(&key), &o, &pem, NULL));
	co.ca_pem = so.cert_pem = reed_buf_slice(&pem);
	so.key_pem = reed_buf_slice(&key);
	so.client_cert = REED_TLS_ASK;
	co.no_system_roots = true;
	check(!reed_tls_server_ctx(&so, &server_ctx, NULL));
	check(!reed_tls_client_ctx(&co, &client_ctx, NULL));
	reed_buf_finish(&key);
	reed_buf_finish(&pem);
}

static struct reed_stream *begin(struct reed_stream *below, bool as_client)
{
	struct reed_tls_client_options co = REED_TLS_CLIENT_OPTIONS;
	struct reed_tls_server_options so = REED_TLS_SERVER_OPTIONS;

	co.server = "server.example";
	co.alpn = so.alpn = "irc,h2";
	return as_client ? reed_tls_client(below, client_ctx, &co)
	                 : reed_tls_server(below, server_ctx, &so);
}

static void ended(void *arg, enum reed_err err, const char *why)
{
	(void)why;
	*(enum reed_err *)arg = err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reed_loop *loop;
	struct reed_stream *peer, *s;
	enum reed_err how = REED_EAGAIN;
	size_t step;

	if (size < 2)
		return 0;
	check(!reed_loop_new(NULL, &loop));
	if (!server_ctx)
		make_contexts(loop);
	step = data[1] % 2 ? (size_t)data[1] + 1 : size;
	reed_stream_pair(loop, 0, &peer, &s);
	s = begin(s, data[0] == 'c');
	reed_background(reed_tls_handshake(s), ended, &how);
	for (size_t at = 2; at < size; at += step) {
		reed_write(peer, reed_slice(data + at, size - at < step ? size - at : step));
		reed_loop_turn(loop, 0);
	}
	reed_shutdown(peer);
	for (int i = 0; i < 20 && how == REED_EAGAIN; i++)
		reed_loop_turn(loop, 0);
	check(how < 0 && how != REED_EAGAIN);
	check(reed_stream_why(s)[0]);
	reed_abort(s);
	reed_abort(peer);
	reed_loop_free(loop);
	return 0;
}
