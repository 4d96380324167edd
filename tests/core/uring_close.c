/* Listeners, connects, handshakes and datagram sockets over io_uring, closed in every state. */

#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/os.h"
#include "reed/dgram.h"
#include "reed/handover.h"
#include "reed/listener.h"
#include "reed/tls.h"
#include "tests/core/uring_kit.h"

enum { CALLERS = 3, PATIENCE_MS = 10000, HANDSHAKE_TURNS = 9 };

static const struct reed_address here = { .family = REED_FAMILY_IPV4, .ip = { 127, 0, 0, 1 } };

/* What is tried, with what is done to it after so many turns. */
struct state {
	void (*enter)(void);
	int turns;
};

static const struct state *now;

static void in_all(const struct state *states, size_t n, void (*test)(void))
{
	for (now = states; now < states + n; now++)
		for (int after = 0; after <= 2; after++)
			in_a_loop(test, after);
}

/* ---- listeners ---- */

static struct reed_listener *listener;
static struct reed_stream *accepted;
static struct owner accepting;
static int callers[CALLERS], caller_count;

static struct reed_listener *listen_on(const struct reed_address *at)
{
	struct reed_fault *fault = NULL;
	struct reed_listener *l = NULL;

	check_int(reed_listen_address(loop, at, NULL, &l, &fault), REED_OK);
	return l;
}

static void call(int n)
{
	while (n-- > 0)
		callers[caller_count++] = bare_dial(&listener->address);
}

static void with_nobody_accepting(void)
{
}

static void with_callers_and_nobody_accepting(void)
{
	call(CALLERS);
}

static void accepting_from_now_on(void)
{
	own(&accepting, reed_accept(listener, &accepted));
}

static void with_callers_who_came_before(void)
{
	call(CALLERS);
	accepting_from_now_on();
}

static void with_callers_who_came_after(void)
{
	accepting_from_now_on();
	short_turns(1);
	call(CALLERS);
}

/* One is delivered; the others have been accepted with it, and nobody has taken them. */
static void with_callers_not_taken(void)
{
	with_callers_who_came_after();
	until(accepting.told);
}

/* The system accepts them on the way, and the loop has not looked. */
static void with_callers_nobody_has_seen(void)
{
	struct reed_listener *another = listen_on(&here);
	struct reed_stream *s = NULL;
	struct owner o;

	accepting_from_now_on();
	own(&o, reed_accept(another, &s));
	short_turns(1);
	call(CALLERS);
	reed_listener_close(another);
	disown(&o);
}

/* Nobody wants what comes, and the request for it is called back. */
static void with_an_accept_that_was_dropped(void)
{
	accepting_from_now_on();
	short_turns(1);
	disown(&accepting);
	call(1);
	short_turns(1);
}

static void shared_with_another_process(void)
{
	int fd;

	accepting_from_now_on();
	short_turns(1);
	check_int(reed_listening(loop, &fd, 1), 1);
	short_turns(1);
	call(1);
}

/* The system has no number left for who comes; it looks at the limit of when it was asked. */
static void out_of_descriptors(void)
{
	struct rlimit all, few;
	int next;

	call(1);
	next = dup(0);
	close(next);
	check(getrlimit(RLIMIT_NOFILE, &all) == 0);
	few = (struct rlimit){ (rlim_t)next, all.rlim_max };
	check(setrlimit(RLIMIT_NOFILE, &few) == 0);
	accepting_from_now_on();
	until(listener->rests > 0);
	check(setrlimit(RLIMIT_NOFILE, &all) == 0);
	check(!accepting.told);
}

static const struct state listening[] = {
	{ with_nobody_accepting, 0 },
	{ with_callers_and_nobody_accepting, 1 },
	{ accepting_from_now_on, 0 },
	{ accepting_from_now_on, 1 },
	{ with_callers_who_came_before, 0 },
	{ with_callers_who_came_before, 1 },
	{ with_callers_who_came_after, 0 },
	{ with_callers_who_came_after, 1 },
	{ with_callers_not_taken, 0 },
	{ with_callers_nobody_has_seen, 0 },
	{ with_an_accept_that_was_dropped, 0 },
	{ with_an_accept_that_was_dropped, 1 },
	{ shared_with_another_process, 0 },
	{ shared_with_another_process, 1 },
	{ out_of_descriptors, 0 },
};

/* By the next turn nobody has them any more: an end or a reset, whichever. */
static void they_are_let_go_of(void)
{
	struct pollfd p = { .events = POLLIN };
	char byte;

	short_turns(1);
	while (caller_count > 0) {
		p.fd = callers[--caller_count];
		check_int(poll(&p, 1, PATIENCE_MS), 1);
		check(recv(p.fd, &byte, 1, 0) <= 0);
		close(p.fd);
	}
}

/* Its address is free at once, and nobody is let in by what is still on its way. */
static void close_the_listener(void)
{
	struct reed_address at;

	accepted = NULL;
	accepting.told = 0;
	listener = listen_on(&here);
	at = listener->address;
	now->enter();
	short_turns(now->turns);
	reed_listener_close(listener);
	listener = listen_on(&at);
	reed_abort(accepted);
	disown(&accepting);
	they_are_let_go_of();
	accepted = NULL;
	call(1);
	check_int(outcome(reed_accept(listener, &accepted)), REED_OK);
	reed_abort(accepted);
	reed_listener_close(listener);
	they_are_let_go_of();
}

static void a_listener_may_be_closed_in_every_state(void)
{
	in_all(listening, REED_COUNT(listening), close_the_listener);
}

/* ---- connects ---- */

static struct reed_future *connecting;
static struct reed_stream *connected;
static int bare = -1;

static void connect_to(const struct reed_address *at)
{
	connected = NULL;
	connecting = reed_connect_address(loop, at, NULL, &connected);
}

static void to_who_listens(void)
{
	struct reed_address at;

	bare = bare_listener(1, &at);
	connect_to(&at);
}

/* Its queue is full, so that it says nothing. */
static void to_who_does_not_answer(void)
{
	struct reed_address at;

	bare = bare_listener(0, &at);
	callers[caller_count++] = bare_dial(&at);
	connect_to(&at);
}

static void to_where_nobody_listens(void)
{
	struct reed_address at;

	close(bare_listener(1, &at));
	connect_to(&at);
}

static const struct state connects[] = {
	{ to_who_listens, 0 },          { to_who_listens, 1 },
	{ to_who_does_not_answer, 0 },  { to_who_does_not_answer, 1 },
	{ to_where_nobody_listens, 0 }, { to_where_nobody_listens, 1 },
};

static void drop_the_connect(void)
{
	struct owner o;

	now->enter();
	own(&o, connecting);
	short_turns(now->turns);
	disown(&o);
	reed_abort(connected);
	if (bare >= 0)
		close(bare);
	bare = -1;
	they_are_let_go_of();
}

static void a_connect_may_be_dropped_in_every_state(void)
{
	in_all(connects, REED_COUNT(connects), drop_the_connect);
}

/* ---- handshakes ---- */

static struct reed_tls_ctx *servers, *clients;
static int handshake_turns;
static bool abruptly;

static void make_contexts(void)
{
	struct reed_tls_server_ctx_options server = REED_TLS_SERVER_CTX_OPTIONS;
	struct reed_tls_client_ctx_options client = REED_TLS_CLIENT_CTX_OPTIONS;
	struct reed_cert_options cert = REED_CERT_OPTIONS;
	struct reed_buf key, pem;

	reed_buf_init(&key, 0);
	reed_buf_init(&pem, 0);
	cert.names = (const char *const[]){ "server.example", NULL };
	check_int(reed_cert_make_key(REED_CERT_ECDSA, &key), REED_OK);
	check_int(reed_cert_self_sign(reed_buf_slice(&key), &cert, &pem, NULL), REED_OK);
	server.cert_pem = reed_buf_slice(&pem);
	server.key_pem = reed_buf_slice(&key);
	client.no_system_roots = client.insecure_accept_any = true;
	check_int(reed_tls_server_ctx(&server, &servers, NULL), REED_OK);
	check_int(reed_tls_client_ctx(&client, &clients, NULL), REED_OK);
	reed_buf_finish(&key);
	reed_buf_finish(&pem);
}

static void drop_the_handshake(void)
{
	struct reed_tls_client_options options = REED_TLS_CLIENT_OPTIONS;
	struct reed_address at;
	struct reed_stream *client, *server;
	int fd = bare_listener(1, &at);
	void (*end)(struct reed_stream *) = abruptly ? reed_abort : reed_close;

	options.server = "server.example";
	check_int(reed_stream_of_fd(loop, bare_dial(&at), &client), REED_OK);
	check_int(reed_stream_of_fd(loop, accept(fd, NULL, NULL), &server), REED_OK);
	close(fd);
	client = reed_tls_client(client, clients, &options);
	server = reed_tls_server(server, servers, NULL);
	reed_drop(reed_tls_handshake(client));
	reed_write_str(client, "hello");
	short_turns(handshake_turns);
	end(client);
	short_turns(handshake_turns % 2);
	end(server);
	until_nothing_is_left();
}

static void a_handshake_may_be_left_at_every_step(void)
{
	make_contexts();
	for (handshake_turns = 0; handshake_turns < HANDSHAKE_TURNS; handshake_turns++)
		for (int i = 0; i < 2; i++) {
			abruptly = i;
			in_a_loop(drop_the_handshake, 0);
		}
	reed_tls_ctx_release(servers);
	reed_tls_ctx_release(clients);
}

/* ---- datagrams ---- */

static struct reed_dgram *socket_here, *socket_there;
static struct owner hearing;

static void bind_here(struct reed_dgram **d)
{
	struct reed_fault *fault = NULL;

	check_int(reed_dgram_bind(loop, &here, NULL, d, &fault), REED_OK);
}

static void say(struct reed_dgram *from, const struct reed_dgram *to)
{
	check_int(reed_dgram_send(from, &to->local, reed_slice_of("a word")), REED_OK);
}

static void silent(void)
{
}

static void hearing_nothing(void)
{
	own(&hearing, reed_dgram_wait(socket_here));
}

static void with_something_not_taken(void)
{
	hearing_nothing();
	say(socket_there, socket_here);
	until(hearing.told);
}

static void with_something_that_came_since(void)
{
	struct reed_datagram in;

	with_something_not_taken();
	check(reed_dgram_next(socket_here, &in));
	hearing_nothing();
	short_turns(1);
	say(socket_there, socket_here);
}

static void with_something_to_say(void)
{
	say(socket_here, socket_there);
}

/* ICMP says so in the next turn, or has already. */
static void speaking_to_nobody(void)
{
	struct reed_address gone = socket_there->local;

	reed_dgram_close(socket_there);
	socket_there = NULL;
	hearing_nothing();
	check_int(reed_dgram_send(socket_here, &gone, reed_slice_of("a word")), REED_OK);
}

static const struct state datagrams[] = {
	{ silent, 0 },
	{ hearing_nothing, 0 },
	{ hearing_nothing, 1 },
	{ with_something_not_taken, 0 },
	{ with_something_not_taken, 1 },
	{ with_something_that_came_since, 0 },
	{ with_something_that_came_since, 1 },
	{ with_something_to_say, 0 },
	{ with_something_to_say, 1 },
	{ speaking_to_nobody, 0 },
	{ speaking_to_nobody, 1 },
};

static void close_the_socket(void)
{
	hearing.told = 0;
	bind_here(&socket_here);
	bind_here(&socket_there);
	now->enter();
	short_turns(now->turns);
	reed_dgram_close(socket_here);
	disown(&hearing);
	reed_dgram_close(socket_there);
}

static void a_datagram_socket_may_be_closed_in_every_state(void)
{
	in_all(datagrams, REED_COUNT(datagrams), close_the_socket);
}

/* What a UNIX socket has not taken is on its way when it is closed. */
static void close_one_whose_peer_takes_nothing(void)
{
	static const char block[4096];
	struct reed_dgram *d;
	int ends[2];

	check(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends) == 0);
	check_int(reed_dgram_of_fd(loop, ends[0], NULL, &d), REED_OK);
	while (reed_dgram_send(d, NULL, reed_slice(block, sizeof(block))) == REED_OK)
		;
	short_turns(2);
	check(d->queued > 0 && d->blocked);
	reed_dgram_close(d);
	close(ends[1]);
}

static void a_datagram_socket_may_be_closed_while_it_waits_to_send(void)
{
	for (int after = 0; after <= 2; after++)
		in_a_loop(close_one_whose_peer_takes_nothing, after);
}

int main(void)
{
	RUN(a_listener_may_be_closed_in_every_state);
	RUN(a_connect_may_be_dropped_in_every_state);
	RUN(a_handshake_may_be_left_at_every_step);
	RUN(a_datagram_socket_may_be_closed_in_every_state);
	RUN(a_datagram_socket_may_be_closed_while_it_waits_to_send);
	return 0;
}
