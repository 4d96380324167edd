/*
 * What TLS costs, in one process and on one core, both ends of a connection
 * over TCP on the loopback, TLS 1.3: bytes per second of CPU time in large and
 * small writes, handshakes, and the memory of idle connections.  Beside each
 * number that of OpenSSL on its own, given descriptors (SSL_set_fd) and polled
 * without an event loop, which is the least one can do.
 *
 * Every measurement runs in a child, so that none finds the memory of another.
 */

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/random.h"
#include "reed/tls.h"

enum { ROUNDS = 3, HANDSHAKES = 1000, IDLE = 400, LARGEST = 65536 };

static struct reed_buf key, pem;
static char bytes[LARGEST];

static double cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double resident(void)
{
	unsigned long pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	if (!f || fscanf(f, "%*u %lu", &pages) != 1)
		exit(1);
	fclose(f);
	return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

static void tcp_pair(int fds[2])
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t n = sizeof(at);
	int one = 1, l = socket(AF_INET, SOCK_STREAM, 0);

	if (bind(l, (struct sockaddr *)&at, n) || listen(l, 1) ||
	    getsockname(l, (struct sockaddr *)&at, &n))
		exit(1);
	fds[0] = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(fds[0], (struct sockaddr *)&at, n))
		exit(1);
	fds[1] = accept(l, NULL, NULL);
	close(l);
	for (int i = 0; i < 2; i++) {
		setsockopt(fds[i], IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		fcntl(fds[i], F_SETFL, O_NONBLOCK);
	}
}

/* ---- OpenSSL on its own ---- */

static SSL_CTX *client_ctx, *server_ctx;

static void plain_contexts(void)
{
	BIO *cert = BIO_new_mem_buf(pem.p, (int)reed_buf_held(&pem));
	BIO *private = BIO_new_mem_buf(key.p, (int)reed_buf_held(&key));
	const long modes = SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
	                   SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER;
	X509 *x = PEM_read_bio_X509(cert, NULL, NULL, NULL);
	EVP_PKEY *k = PEM_read_bio_PrivateKey(private, NULL, NULL, NULL);

	client_ctx = SSL_CTX_new(TLS_client_method());
	server_ctx = SSL_CTX_new(TLS_server_method());
	SSL_CTX_set_mode(client_ctx, modes);
	SSL_CTX_set_mode(server_ctx, modes);
	if (SSL_CTX_use_certificate(server_ctx, x) != 1 ||
	    SSL_CTX_use_PrivateKey(server_ctx, k) != 1 ||
	    X509_STORE_add_cert(SSL_CTX_get_cert_store(client_ctx), x) != 1)
		exit(1);
	SSL_CTX_set_verify(client_ctx, SSL_VERIFY_PEER, NULL);
	X509_free(x);
	EVP_PKEY_free(k);
	BIO_free(cert);
	BIO_free(private);
}

static void plain_pair(SSL **client, SSL **server)
{
	int fds[2], a, b;

	tcp_pair(fds);
	*client = SSL_new(client_ctx);
	*server = SSL_new(server_ctx);
	SSL_set_fd(*client, fds[0]);
	SSL_set_fd(*server, fds[1]);
	SSL_set1_host(*client, "server.example");
	SSL_set_connect_state(*client);
	SSL_set_accept_state(*server);
	do {
		a = SSL_do_handshake(*client);
		b = SSL_do_handshake(*server);
	} while (a != 1 || b != 1);
}

static void plain_free(SSL *s)
{
	close(SSL_get_fd(s));
	SSL_free(s);
}

static double plain_bulk(size_t size, size_t total)
{
	static char into[LARGEST];
	size_t sent = 0, got = 0;
	SSL *client, *server;
	double before;
	int n;

	plain_contexts();
	plain_pair(&client, &server);
	before = cpu_seconds();
	while (got < total) {
		while (sent < total && (n = SSL_write(client, bytes, (int)size)) > 0)
			sent += (size_t)n;
		while ((n = SSL_read(server, into, sizeof(into))) > 0)
			got += (size_t)n;
	}
	return (double)total / 1e6 / (cpu_seconds() - before);
}

static double plain_handshakes(size_t size, size_t total)
{
	double before;

	(void)size;
	plain_contexts();
	before = cpu_seconds();
	for (size_t i = 0; i < total; i++) {
		SSL *client, *server;

		plain_pair(&client, &server);
		plain_free(client);
		plain_free(server);
	}
	return (double)total / (cpu_seconds() - before);
}

static double plain_idle(size_t size, size_t total)
{
	static char into[64];
	SSL *client, *server;
	double before;

	(void)size;
	plain_contexts();
	plain_pair(&client, &server);
	before = resident();
	for (size_t i = 0; i < total; i++) {
		plain_pair(&client, &server);
		SSL_write(client, bytes, sizeof(into));
		while (SSL_read(server, into, sizeof(into)) > 0)
			continue;
		while (SSL_read(client, into, sizeof(into)) > 0)
			continue;
	}
	return (resident() - before) / 1024 / (double)total;
}

/* ---- streams ---- */

static struct reed_loop *loop;
static struct reed_tls_ctx *reed_client_ctx, *reed_server_ctx;

static void reed_contexts(void)
{
	struct reed_tls_client_ctx_options co = REED_TLS_CLIENT_CTX_OPTIONS;
	struct reed_tls_server_ctx_options so = REED_TLS_SERVER_CTX_OPTIONS;

	so.cert_pem = co.ca_pem = reed_buf_slice(&pem);
	so.key_pem = reed_buf_slice(&key);
	co.no_system_roots = true;
	co.policy.no_resumption = true; /* on the client's side only, as above */
	if (reed_loop_new(NULL, &loop) || reed_tls_client_ctx(&co, &reed_client_ctx, NULL) ||
	    reed_tls_server_ctx(&so, &reed_server_ctx, NULL))
		exit(1);
}

static void must(enum reed_err err)
{
	if (err) {
		fprintf(stderr, "%s\n", reed_strerror(err));
		exit(1);
	}
}

static void reed_pair(struct reed_stream **client, struct reed_stream **server)
{
	struct reed_tls_client_options o = REED_TLS_CLIENT_OPTIONS;
	int fds[2];

	tcp_pair(fds);
	must(reed_stream_of_fd(loop, fds[0], client));
	must(reed_stream_of_fd(loop, fds[1], server));
	o.server = "server.example";
	*client = reed_tls_client(*client, reed_client_ctx, &o);
	*server = reed_tls_server(*server, reed_server_ctx, NULL);
	must(reed_loop_run_until(loop,
	                         reed_all(reed_tls_handshake(*client), reed_tls_handshake(*server)),
	                         NULL));
}

struct sink {
	struct reed_protocol protocol;
	size_t got, total;
};

static size_t sink_data(struct reed_protocol *p, struct reed_slice in)
{
	struct sink *self = reed_container_of(p, struct sink, protocol);

	self->got += in.n;
	if (self->got >= self->total)
		reed_finish(p, REED_OK);
	return in.n;
}

static void sink_free(struct reed_protocol *p)
{
	reed_free(reed_container_of(p, struct sink, protocol));
}

static const struct reed_protocol_ops sink_ops = { .data = sink_data, .free = sink_free };

struct source {
	struct reed_co co;
	struct reed_stream *stream;
	size_t size, left;
};

static void source_run(struct reed_co *co)
{
	struct source *self = reed_frame(co, struct source);

	reed_coroutine (co) {
		while (self->left > 0) {
			reed_write(self->stream, reed_slice(bytes, self->size));
			self->left -= self->size;
			if (reed_must_drain(self->stream))
				reed_try(co, reed_drain(self->stream));
		}
		reed_await(co, reed_forever(co->loop));
	}
}

static const struct reed_co_kind source_kind = {
	.name = "source",
	.size = sizeof(struct source),
	.run = source_run,
};

static double reed_bulk(size_t size, size_t total)
{
	struct reed_stream *client, *server;
	struct source *source;
	struct sink *sink = reed_alloc(sizeof(*sink));
	double before;
	int which;

	reed_contexts();
	reed_pair(&client, &server);
	sink->protocol.ops = &sink_ops;
	sink->total = total;
	source = reed_co_new(loop, &source_kind);
	source->stream = client;
	source->size = size;
	source->left = total;
	before = cpu_seconds();
	must(reed_loop_run_until(loop,
	                         reed_any(&which, reed_stream_attach(server, &sink->protocol),
	                                  reed_start(&source->co)),
	                         NULL));
	return (double)total / 1e6 / (cpu_seconds() - before);
}

static double reed_handshakes(size_t size, size_t total)
{
	double before;

	(void)size;
	reed_contexts();
	before = cpu_seconds();
	for (size_t i = 0; i < total; i++) {
		struct reed_stream *client, *server;

		reed_pair(&client, &server);
		reed_abort(client);
		reed_abort(server);
	}
	return (double)total / (cpu_seconds() - before);
}

static double reed_idle(size_t size, size_t total)
{
	struct reed_stream *client, *server;
	struct reed_slice got;
	double before;

	(void)size;
	reed_contexts();
	reed_pair(&client, &server);
	before = resident();
	for (size_t i = 0; i < total; i++) {
		reed_pair(&client, &server);
		reed_write(client, reed_slice(bytes, 64));
		must(reed_loop_run_until(loop, reed_read_exactly(server, 64, &got), NULL));
		reed_write(server, reed_slice(bytes, 64));
		must(reed_loop_run_until(loop, reed_read_exactly(client, 64, &got), NULL));
		/* both wait, as idle ones do */
		reed_background(reed_more(client), NULL, NULL);
		reed_background(reed_more(server), NULL, NULL);
	}
	return (resident() - before) / 1024 / (double)total;
}

/* ---- running them ---- */

typedef double measure(size_t size, size_t total);

static double in_a_child(measure *m, size_t size, size_t total)
{
	double result = 0;
	int pipes[2], status;
	pid_t child;

	if (pipe(pipes))
		exit(1);
	child = fork();
	if (child == 0) {
		result = m(size, total);
		_exit(write(pipes[1], &result, sizeof(result)) != sizeof(result));
	}
	close(pipes[1]);
	if (read(pipes[0], &result, sizeof(result)) != sizeof(result) ||
	    waitpid(child, &status, 0) != child || status)
		exit(1);
	close(pipes[0]);
	return result;
}

/* The best of several, as others use the machine too; in turns, so that both have the same luck. */
static void compare(const char *what, const char *unit, measure *ours, measure *theirs, size_t size,
                    size_t total, int sign)
{
	double a = 0, b = 0, x;

	for (int i = 0; i < ROUNDS; i++) {
		x = in_a_child(ours, size, total);
		a = i == 0 || sign * x > sign * a ? x : a;
		x = in_a_child(theirs, size, total);
		b = i == 0 || sign * x > sign * b ? x : b;
	}
	printf("%-28s %9.1f %9.1f  %-10s %5.2f\n", what, a, b, unit, a / b);
	fflush(stdout);
}

static void make_certificate(void)
{
	struct reed_cert_options o = REED_CERT_OPTIONS;
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	o.wall = (int64_t)now.tv_sec * 1000000000;
	o.names = (const char *const[]){ "server.example", NULL };
	must(reed_cert_make_key(REED_CERT_ECDSA, &key));
	must(reed_cert_self_sign(reed_buf_slice(&key), &o, &pem, NULL));
}

int main(void)
{
	struct rlimit files = { 4096, 4096 };

	setrlimit(RLIMIT_NOFILE, &files);
	make_certificate();
	printf("%-28s %9s %9s  %-10s %5s\n", "both ends on one core", "Reed", "OpenSSL", "",
	       "ratio");
	compare("64 KiB a write", "MB/CPU-s", reed_bulk, plain_bulk, 65536, 2000 * 1000 * 1000, 1);
	compare("16 KiB a write", "MB/CPU-s", reed_bulk, plain_bulk, 16384, 2000 * 1000 * 1000, 1);
	compare("4 KiB a write", "MB/CPU-s", reed_bulk, plain_bulk, 4096, 1000 * 1000 * 1000, 1);
	compare("512 B a write", "MB/CPU-s", reed_bulk, plain_bulk, 512, 200 * 1000 * 1000, 1);
	compare("full handshakes", "/CPU-s", reed_handshakes, plain_handshakes, 0, HANDSHAKES, 1);
	compare("an idle pair", "KiB", reed_idle, plain_idle, 0, IDLE, -1);
	return 0;
}
