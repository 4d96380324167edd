/*
 * http_raw PORT - answers every request head with a ready-made 200: what HTTP/1.1
 * costs on bare epoll with no parsing at all, the practical limit. Requests whose
 * path begins with /1 get 1 KiB, all others "Hello, World!". Bodies in requests
 * and answers larger than the socket's buffer are beyond it.
 */
#include "../load/bench.h"
#include <sys/epoll.h>

static char answer[2][2048];
static size_t answer_len[2];

static void prepare(int which, size_t size, const char *body)
{
	answer_len[which] = (size_t)snprintf(
		answer[which], sizeof answer[which],
		"HTTP/1.1 200 OK\r\nServer: raw\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n\r\n%s",
		size, body);
}

/* False when the connection is over. A head that is cut in two is not put together. */
static bool serve(int fd)
{
	char in[16384], out[65536];
	ssize_t n = recv(fd, in, sizeof in, 0);
	if (n <= 0)
		return n < 0 && errno == EAGAIN;
	size_t out_len = 0;
	for (char *p = in, *end = in + n, *head;
	     (head = memmem(p, (size_t)(end - p), "\r\n\r\n", 4)); p = head + 4) {
		int which = end - p > 5 && p[5] == '1';
		if (out_len + answer_len[which] > sizeof out)
			break;
		memcpy(out + out_len, answer[which], answer_len[which]);
		out_len += answer_len[which];
	}
	return send(fd, out, out_len, MSG_NOSIGNAL) == (ssize_t)out_len;
}

int main(int argc, char **argv)
{
	if (argc != 2)
		die("usage: http_raw PORT");
	raise_fd_limit();
	char body[1025];
	memset(body, 'x', 1024);
	body[1024] = '\0';
	prepare(0, 13, "Hello, World!");
	prepare(1, 1024, body);
	int listener = listen_on(atoi(argv[1])), ep = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event e = { .events = EPOLLIN, .data.fd = listener }, ev[512];
	epoll_ctl(ep, EPOLL_CTL_ADD, listener, &e);
	for (;;) {
		int n = epoll_wait(ep, ev, 512, -1);
		for (int i = 0; i < n; i++) {
			if (ev[i].data.fd != listener) {
				if (!serve(ev[i].data.fd))
					close(ev[i].data.fd);
				continue;
			}
			for (int fd; (fd = accept4(listener, NULL, NULL,
			                           SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
				set_nodelay(fd);
				e = (struct epoll_event){ .events = EPOLLIN, .data.fd = fd };
				epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
			}
		}
	}
}
