/*
 * udpload - ping-pong load for a UDP echo server.
 *
 *   udpload -p PORT [-c SOCKETS] [-w WINDOW] [-s BYTES] [-d SECONDS] [-P SERVER_PID]
 *
 * Every socket keeps WINDOW datagrams in flight. Each carries the socket's number and a count
 * and is compared when it is back; what is not back after 200 ms is lost and sent anew. One
 * line of key=value comes out.
 */
#include "bench.h"
#include <getopt.h>
#include <sys/epoll.h>

enum { BATCH = 64, MOST = 2048 };

struct sock {
	int fd;
	uint32_t number, in_flight;
	uint64_t last;
};

static struct {
	size_t size;
	uint64_t done, lost, wrong;
	bool counting;
} g;

static char bytes[BATCH][MOST], pattern[MOST];
static struct mmsghdr msgs[BATCH];
static struct iovec iov[BATCH];

static void send_some(struct sock *s, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		memcpy(bytes[i], &s->number, sizeof s->number);
	for (unsigned i = 0; i < n; i++)
		iov[i].iov_len = g.size;
	int sent = sendmmsg(s->fd, msgs, n, MSG_DONTWAIT);
	if (sent > 0)
		s->in_flight += (uint32_t)sent;
}

static int receive(struct sock *s)
{
	for (int i = 0; i < BATCH; i++)
		iov[i].iov_len = MOST;
	int n = recvmmsg(s->fd, msgs, BATCH, MSG_DONTWAIT, NULL);
	for (int i = 0; i < n; i++)
		if (msgs[i].msg_len != g.size || memcmp(bytes[i], &s->number, 4) != 0 ||
		    memcmp(bytes[i] + 4, pattern + 4, g.size - 4) != 0)
			g.wrong++;
	if (n > 0 && g.counting)
		g.done += (uint64_t)n;
	return n;
}

static void round_trip(struct sock *s, uint32_t window)
{
	int n;
	while ((n = receive(s)) > 0) {
		s->in_flight -= (uint32_t)n < s->in_flight ? (uint32_t)n : s->in_flight;
		while (s->in_flight < window) {
			uint32_t before = s->in_flight, want = window - before;
			send_some(s, want < BATCH ? want : BATCH);
			if (s->in_flight == before)
				break;
		}
		s->last = now_ns();
		if (n < BATCH)
			break;
	}
}

static void revive(struct sock *socks, int count, uint32_t window)
{
	for (int i = 0; i < count; i++)
		if (now_ns() - socks[i].last > 200000000) {
			g.lost += g.counting ? socks[i].in_flight : 0;
			socks[i].in_flight = 0;
			send_some(&socks[i], window < BATCH ? window : BATCH);
			socks[i].last = now_ns();
		}
}

static void run(int ep, struct sock *socks, int count, uint32_t window, uint64_t until)
{
	struct epoll_event ev[256];
	uint64_t looked = now_ns();
	while (now_ns() < until) {
		int n = epoll_wait(ep, ev, 256, 50);
		for (int i = 0; i < n; i++)
			round_trip(ev[i].data.ptr, window);
		if (now_ns() - looked > 50000000) {
			revive(socks, count, window);
			looked = now_ns();
		}
	}
}

int main(int argc, char **argv)
{
	int port = 0, count = 1, pid = 0, opt;
	uint32_t window = 1;
	double seconds = 3;
	g.size = 64;
	while ((opt = getopt(argc, argv, "p:c:w:s:d:P:")) != -1)
		switch (opt) {
		case 'p':
			port = atoi(optarg);
			break;
		case 'c':
			count = atoi(optarg);
			break;
		case 'w':
			window = (uint32_t)atoi(optarg);
			break;
		case 's':
			g.size = (size_t)atoi(optarg);
			break;
		case 'd':
			seconds = atof(optarg);
			break;
		case 'P':
			pid = atoi(optarg);
			break;
		default:
			die("usage: see the head of udpload.c");
		}
	if (!port || g.size < 4 || g.size > MOST)
		die("-p PORT is needed, and -s is from 4 to %d", MOST);
	raise_fd_limit();
	for (size_t i = 0; i < MOST; i++)
		pattern[i] = (char)(i * 31 + 7);
	for (int i = 0; i < BATCH; i++) {
		memcpy(bytes[i], pattern, MOST);
		iov[i] = (struct iovec){ bytes[i], g.size };
		msgs[i].msg_hdr = (struct msghdr){ .msg_iov = &iov[i], .msg_iovlen = 1 };
	}
	struct sockaddr_in a = loopback_address("127.0.0.1", port);
	struct sock *socks = xcalloc((size_t)count, sizeof *socks);
	int ep = epoll_create1(0);
	for (int i = 0; i < count; i++) {
		int room = 1 << 20;
		socks[i].fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
		socks[i].number = (uint32_t)i;
		setsockopt(socks[i].fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
		if (connect(socks[i].fd, (struct sockaddr *)&a, sizeof a) < 0)
			die("connect: %s", strerror(errno));
		struct epoll_event e = { .events = EPOLLIN, .data.ptr = &socks[i] };
		epoll_ctl(ep, EPOLL_CTL_ADD, socks[i].fd, &e);
	}
	revive(socks, count, window);
	run(ep, socks, count, window, now_ns() + 300000000);
	struct usage before = usage_of(pid);
	uint64_t began = now_ns();
	g.counting = true;
	run(ep, socks, count, window, began + (uint64_t)(seconds * 1e9));
	double wall = (double)(now_ns() - began) / 1e9;
	struct usage after = usage_of(pid);
	printf("per_s=%.0f per_cpu_s=%.0f lost=%llu wrong=%llu rss_kb=%ld\n", (double)g.done / wall,
	       per_cpu_second((double)g.done, before, after), (unsigned long long)g.lost,
	       (unsigned long long)g.wrong, after.rss_kb);
	return g.wrong > 0;
}
