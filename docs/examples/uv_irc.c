/*
 * An echo server written for libuv, as in every introduction to it, that also
 * is on IRC and tells a channel who comes: uv_irc PORT ENDPOINT CHANNEL
 *
 * The upper half knows nothing of Reed.  The program ends when somebody says
 * "quit" to the echo server.
 */

#include <reed/alloc.h>
#include <reed/future.h>
#include <reed/irc/client.h>
#include <reed/uv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

static void somebody_came(void);
static void somebody_quit(void);

/* ---- libuv ---- */

static uv_tcp_t server;

struct reply {
	uv_write_t write;
	uv_buf_t buf;
};

static void closed(uv_handle_t *h)
{
	free(h);
}

static void room(uv_handle_t *h, size_t suggested, uv_buf_t *buf)
{
	(void)h;
	*buf = uv_buf_init(malloc(suggested), (unsigned)suggested);
}

static void written(uv_write_t *write, int status)
{
	struct reply *r = (struct reply *)write;

	(void)status;
	free(r->buf.base);
	free(r);
}

static void heard(uv_stream_t *client, ssize_t n, const uv_buf_t *buf)
{
	struct reply *r;

	if (n <= 0) {
		free(buf->base);
		if (n < 0)
			uv_close((uv_handle_t *)client, closed);
		return;
	}
	if (n >= 4 && memcmp(buf->base, "quit", 4) == 0)
		somebody_quit();
	r = malloc(sizeof(*r));
	r->buf = uv_buf_init(buf->base, (unsigned)n);
	uv_write(&r->write, client, &r->buf, 1, written);
}

static void came(uv_stream_t *listener, int status)
{
	uv_tcp_t *client = malloc(sizeof(*client));

	uv_tcp_init(listener->loop, client);
	if (status < 0 || uv_accept(listener, (uv_stream_t *)client) < 0) {
		uv_close((uv_handle_t *)client, closed);
		return;
	}
	uv_read_start((uv_stream_t *)client, room, heard);
	somebody_came();
}

static int serve(uv_loop_t *uv, int port)
{
	struct sockaddr_in at;

	uv_ip4_addr("127.0.0.1", port, &at);
	uv_tcp_init(uv, &server);
	uv_tcp_bind(&server, (struct sockaddr *)&at, 0);
	return uv_listen((uv_stream_t *)&server, 128, came);
}

/* ---- Reed ---- */

static struct reed_loop *loop;
static struct reed_uv_guest *guest;
static struct reed_irc_client *irc;
static struct reed_future *session;
static const char *channel;
static int count;

static void somebody_came(void)
{
	reed_background(reed_irc_sayf(irc, reed_slice_of(channel), "guest number %d", ++count),
	                NULL, NULL);
}

/* From inside a callback of libuv's, as good a place as any. */
static void somebody_quit(void)
{
	reed_drop(session);
	reed_irc_client_free(irc);
	reed_uv_guest_free(guest);
	reed_loop_free(loop);
	uv_stop(server.loop);
}

static enum reed_err go_on_irc(uv_loop_t *uv, const char *endpoint)
{
	struct reed_irc_client_options options = REED_IRC_CLIENT_OPTIONS;
	enum reed_err err = reed_loop_new(NULL, &loop);

	if (!err)
		err = reed_uv_guest_new(loop, uv, &guest);
	if (err)
		return err;
	options.endpoint = endpoint;
	options.nick = "porter";
	options.channels = channel;
	irc = reed_irc_client_new(loop, &options);
	session = reed_irc_client_run(irc);
	return REED_OK;
}

int main(int argc, char **argv)
{
	uv_loop_t *uv = uv_default_loop();

	if (argc != 4) {
		fputs("uv_irc PORT ENDPOINT CHANNEL\n", stderr);
		return 2;
	}
	channel = argv[3];
	if (serve(uv, atoi(argv[1])) < 0 || go_on_irc(uv, argv[2])) {
		fputs("uv_irc: cannot listen there\n", stderr);
		return 1;
	}
	uv_run(uv, UV_RUN_DEFAULT);
	return 0;
}
