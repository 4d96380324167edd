/*
 * udp_raw PORT [epoll] - UDP echo by recvmmsg and sendmmsg, one thread: the practical
 * limit. Plain, it blocks in recvmmsg until one datagram is there; with "epoll" it waits as
 * an event loop has to, with a non-blocking socket.
 */
#include "../load/bench.h"
#include <sys/epoll.h>

enum { BATCH = 64, ROOM = 2048 };

int main(int argc, char **argv)
{
	if (argc < 2)
		die("usage: udp_raw PORT [epoll]");
	static char bytes[BATCH][ROOM];
	static struct mmsghdr in[BATCH], out[BATCH];
	static struct iovec iov[BATCH], back[BATCH];
	static struct sockaddr_in name[BATCH];
	bool waits = argc > 2;
	struct sockaddr_in a = loopback_address("127.0.0.1", atoi(argv[1]));
	int fd = socket(AF_INET, SOCK_DGRAM | (waits ? SOCK_NONBLOCK : 0), 0), room = 4 << 20;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
	if (bind(fd, (struct sockaddr *)&a, sizeof a) < 0)
		die("port %s: %s", argv[1], strerror(errno));
	int ep = epoll_create1(0);
	struct epoll_event e = { .events = EPOLLIN };
	epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
	for (int i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){ bytes[i], ROOM };
		in[i].msg_hdr = (struct msghdr){ .msg_name = &name[i],
			                         .msg_namelen = sizeof name[i],
			                         .msg_iov = &iov[i],
			                         .msg_iovlen = 1 };
		out[i].msg_hdr = in[i].msg_hdr;
		out[i].msg_hdr.msg_iov = &back[i];
	}
	for (;;) {
		if (waits)
			epoll_wait(ep, &e, 1, -1);
		int n = recvmmsg(fd, in, BATCH, waits ? MSG_DONTWAIT : MSG_WAITFORONE, NULL);
		for (int i = 0; i < n; i++) {
			back[i] = (struct iovec){ bytes[i], in[i].msg_len };
			in[i].msg_hdr.msg_namelen = sizeof name[i];
		}
		for (int done = 0; done < n;) {
			int m = sendmmsg(fd, out + done, (unsigned)(n - done), 0);
			done += m > 0 ? m : 1;
		}
	}
}
