/*
 * udp_libuv PORT [mmsg] - UDP echo on libuv in its fastest plain form: one shared buffer,
 * uv_udp_try_send first; with "mmsg" it receives by recvmmsg (UV_UDP_RECVMMSG).
 */
#include "../load/bench.h"
#include <uv.h>

static char chunk[20 * 65536]; /* with UV_UDP_RECVMMSG libuv cuts it into pieces of 64 KiB */
static size_t room = 65536;

struct late {
	uv_udp_send_t req;
	char data[];
};

static void on_alloc(uv_handle_t *h, size_t hint, uv_buf_t *buf)
{
	(void)h;
	(void)hint;
	*buf = uv_buf_init(chunk, (unsigned)room);
}

static void on_sent(uv_udp_send_t *req, int status)
{
	(void)status;
	free(req);
}

static void on_receive(uv_udp_t *u, ssize_t n, const uv_buf_t *buf, const struct sockaddr *from,
                       unsigned flags)
{
	(void)flags;
	if (n < 0 || !from)
		return;
	uv_buf_t out = uv_buf_init(buf->base, (unsigned)n);
	if (uv_udp_try_send(u, &out, 1, from) >= 0)
		return;
	struct late *late = xcalloc(1, sizeof *late + (size_t)n);
	memcpy(late->data, buf->base, (size_t)n);
	out = uv_buf_init(late->data, (unsigned)n);
	if (uv_udp_send(&late->req, u, &out, 1, from, on_sent) < 0)
		free(late);
}

int main(int argc, char **argv)
{
	if (argc < 2)
		die("usage: udp_libuv PORT [mmsg]");
	struct sockaddr_in a = loopback_address("127.0.0.1", atoi(argv[1]));
	uv_loop_t *loop = uv_default_loop();
	uv_udp_t u;
	int bytes = 4 << 20;
	if (argc > 2)
		room = sizeof chunk;
	uv_udp_init_ex(loop, &u, AF_INET | (argc > 2 ? UV_UDP_RECVMMSG : 0));
	if (uv_udp_bind(&u, (struct sockaddr *)&a, 0) < 0)
		die("port %s is not free", argv[1]);
	uv_recv_buffer_size((uv_handle_t *)&u, &bytes);
	uv_udp_recv_start(&u, on_alloc, on_receive);
	return uv_run(loop, UV_RUN_DEFAULT);
}
