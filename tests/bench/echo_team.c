/*
 * echo_team HOW LOOPS PORT: TCP echo on several loops, which come by their connections
 *
 *	team       as reed/team.h has it
 *	herd       from one socket that every loop watches: each connection wakes all
 *	exclusive  from one socket, of whose watchers the system wakes one
 *	reuseport  from a socket of its own for each, among which the system spreads
 *	handed     from the first, who accepts all and hands them over in turn
 *
 * On SIGUSR1 it says how many each has had since it was last asked.
 */

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/endpoint.h"
#include "reed/mailbox.h"
#include "reed/team.h"

static const char *how;
static int port;
static int shared = -1; /* of herd and exclusive */
static atomic_uint came[REED_TEAM_MOST];
static struct reed_mailbox *_Atomic boxes[REED_TEAM_MOST];

/* ---- echo ---- */

static size_t echo_data(struct reed_protocol *self, struct reed_slice in)
{
	reed_write(self->stream, in);
	return in.n;
}

static void echo_free(struct reed_protocol *self)
{
	reed_free(self);
}

static const struct reed_protocol_ops echo_ops = { .data = echo_data, .free = echo_free };

static struct reed_future *echo(void *arg, struct reed_stream *stream)
{
	struct reed_protocol *self = reed_alloc(sizeof(*self));

	++*(atomic_uint *)arg;
	self->ops = &echo_ops;
	return reed_stream_attach(stream, self);
}

/* ---- sockets made by hand ---- */

static int listening(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1;

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (strcmp(how, "reuseport") == 0)
		setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 || listen(fd, 4096) < 0) {
		perror("listen");
		exit(1);
	}
	return fd;
}

/* ---- watchers of which one is woken, and the acceptor ---- */

struct acceptor {
	struct reed_co co;
	struct reed_fd_watch watch;
	struct reed_scope sessions;
	const struct reed_team_member *of;
	unsigned next;
	int fd; /* that came out of the box */
};

static void begin(struct acceptor *self, int fd)
{
	struct reed_stream *stream;

	if (!reed_stream_of_fd(self->of->loop, fd, &stream))
		reed_scope_add(&self->sessions, echo(&came[self->of->number], stream));
}

static void give(struct acceptor *self, int fd)
{
	unsigned to = self->next++ % self->of->count;

	if (strcmp(how, "handed") != 0 || to == self->of->number)
		begin(self, fd);
	else if (!boxes[to] || reed_mailbox_try_put(boxes[to], &fd))
		close(fd);
}

static void can_accept(struct reed_fd_watch *w, unsigned events)
{
	struct acceptor *self = reed_container_of(w, struct acceptor, watch);
	int fd, one = 1;

	(void)events;
	while ((fd = accept4(w->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		give(self, fd);
	}
}

static void acceptor_run(struct reed_co *co)
{
	static const struct reed_item_kind number = { .size = sizeof(int) };
	struct acceptor *self = reed_frame(co, struct acceptor);

	reed_coroutine (co) {
		reed_scope_init(&self->sessions, co->loop, NULL, "sessions");
		self->sessions.policy = REED_SCOPE_IGNORE;
		boxes[self->of->number] = reed_mailbox_new(co->loop, &number, 4096);
		if (self->watch.fd >= 0)
			reed_fd_watch(&self->watch, REED_READ);
		for (;;) {
			reed_try(co, reed_mailbox_get(boxes[self->of->number], &self->fd));
			begin(self, self->fd);
		}
	}
}

static const struct reed_co_kind acceptor_kind = { .name = "acceptor",
	                                           .size = sizeof(struct acceptor),
	                                           .run = acceptor_run };

static struct reed_future *accept_by_hand(const struct reed_team_member *of, int fd, bool exclusive)
{
	struct acceptor *self = reed_co_new(of->loop, &acceptor_kind);

	self->of = of;
	self->watch = (struct reed_fd_watch){ .loop = of->loop,
		                              .ready = can_accept,
		                              .fd = fd,
		                              .exclusive = exclusive };
	return reed_start(&self->co);
}

/* ---- the team ---- */

static struct reed_future *serve(void *arg, const struct reed_team_member *self)
{
	char endpoint[64];

	(void)arg;
	if (strcmp(how, "reuseport") == 0)
		return accept_by_hand(self, listening(), false);
	if (strcmp(how, "herd") == 0)
		return accept_by_hand(self, fcntl(shared, F_DUPFD_CLOEXEC, 0), false);
	if (strcmp(how, "exclusive") == 0)
		return accept_by_hand(self, fcntl(shared, F_DUPFD_CLOEXEC, 0), true);
	if (strcmp(how, "handed") == 0)
		return accept_by_hand(self, self->number == 0 ? shared : -1, false);
	snprintf(endpoint, sizeof(endpoint), "tcp:%d:interface=127.0.0.1", port);
	return reed_listen_and_serve(self->loop, endpoint, echo, &came[self->number], NULL);
}

struct teller {
	struct reed_co co;
	unsigned count;
};

static void teller_run(struct reed_co *co)
{
	struct teller *self = reed_frame(co, struct teller);

	reed_coroutine (co) {
		for (;;) {
			reed_try(co, reed_signal(co->loop, SIGUSR1));
			for (unsigned i = 0; i < self->count; i++)
				printf("%u%c", atomic_exchange(&came[i], 0),
				       i + 1 < self->count ? '/' : '\n');
			fflush(stdout);
		}
	}
}

static const struct reed_co_kind teller_kind = { .name = "teller",
	                                         .size = sizeof(struct teller),
	                                         .run = teller_run };

static struct reed_future *start(struct reed_loop *loop, int argc, char **argv)
{
	struct reed_team_options options = REED_TEAM_OPTIONS;
	struct teller *teller = reed_co_new(loop, &teller_kind);

	if (argc != 4)
		return reed_failed(loop, REED_EINVAL, "echo_team HOW LOOPS PORT");
	how = argv[1];
	options.loops = teller->count = (unsigned)atoi(argv[2]);
	port = atoi(argv[3]);
	if (strcmp(how, "team") != 0 && strcmp(how, "reuseport") != 0)
		shared = listening();
	return reed_any(NULL, reed_team(loop, &options, serve, NULL), reed_start(&teller->co));
}

int main(int argc, char **argv)
{
	return reed_main(argc, argv, start);
}
