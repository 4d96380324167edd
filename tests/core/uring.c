/* Sockets whose bytes io_uring moves, closed in every state. */

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "reed/stream.h"
#include "tests/core/uring_kit.h"

static int peer = -1;
static struct reed_stream *us;

static void open_pair(void)
{
	struct reed_address at;
	int listener = bare_listener(1, &at);

	peer = bare_dial(&at);
	check_int(reed_stream_of_fd(loop, accept(listener, NULL, NULL), &us), REED_OK);
	close(listener);
}

/* ---- states ---- */

static void untouched(void)
{
}

static void waiting(void)
{
	reed_drop(reed_more(us));
	short_turns(1);
}

static void with_bytes_not_taken(void)
{
	char block[3000] = { 1 };

	waiting();
	check(send(peer, block, sizeof(block), 0) == sizeof(block));
	short_turns(1);
}

static void with_bytes_moved_out_of_the_ring(void)
{
	with_bytes_not_taken();
	short_turns(3);
}

static void ended_by_the_peer(void)
{
	waiting();
	shutdown(peer, SHUT_WR);
	short_turns(2);
}

static void with_bytes_to_send(void)
{
	reed_write_str(us, "not sent yet");
}

/* The peer takes nothing: what the system does not take either is on its way. */
static void sending_to_who_takes_nothing(void)
{
	static char block[3000];

	for (int i = 0; i < 3000 && !reed_must_drain(us); i++) {
		reed_write(us, reed_slice(block, sizeof(block)));
		short_turns(1);
	}
	check(reed_must_drain(us));
}

/* Much of it is on its way: the peer may take it, or break off. */
static void sending_while_the_peer_ends(void)
{
	waiting();
	sending_to_who_takes_nothing();
	shutdown(peer, SHUT_WR);
	short_turns(1);
}

static void sending_to_who_breaks_off(void)
{
	static const struct linger at_once = { .l_onoff = 1 };
	struct sockaddr nobody = { .sa_family = AF_UNSPEC };

	sending_to_who_takes_nothing();
	check(setsockopt(peer, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)) == 0);
	check(connect(peer, &nobody, sizeof(nobody)) == 0); /* the connection is reset */
}

static void (*const states[])(void) = {
	untouched,
	waiting,
	with_bytes_not_taken,
	with_bytes_moved_out_of_the_ring,
	ended_by_the_peer,
	with_bytes_to_send,
	sending_to_who_takes_nothing,
	sending_while_the_peer_ends,
	sending_to_who_breaks_off,
};

static void close_in(void (*state)(void), bool abort, int turns_after)
{
	open_uring();
	open_pair();
	state();
	if (abort)
		reed_abort(us);
	else
		reed_close(us);
	short_turns(turns_after);
	reed_loop_free(loop);
	close(peer);
}

static void a_socket_may_be_closed_in_every_state(void)
{
	for (size_t i = 0; i < REED_COUNT(states); i++)
		for (int after = 0; after <= 4; after += 2) {
			close_in(states[i], true, after);
			close_in(states[i], false, after);
		}
}

/* ---- what is promised meanwhile ---- */

static void what_was_written_arrives_before_the_end(void)
{
	char got[64];

	open_uring();
	open_pair();
	reed_write_str(us, "the last words");
	reed_close(us);
	short_turns(2);
	check_int((int)recv(peer, got, sizeof(got), MSG_WAITALL), 14);
	check(memcmp(got, "the last words", 14) == 0);
	close(peer);
	reed_loop_free(loop);
}

/* Bytes that the system reads from memory of ours after we let go of the stream. */
static void what_was_on_its_way_at_the_close_arrives(void)
{
	static char block[65536];
	uint64_t written;
	size_t taken = 0;
	ssize_t n = -1;

	open_uring();
	open_pair();
	sending_to_who_takes_nothing();
	written = us->bytes_out + us->queued;
	reed_close(us);
	while (n != 0) {
		n = recv(peer, block, sizeof(block), MSG_DONTWAIT);
		check(n >= 0 || errno == EAGAIN);
		taken += n > 0 ? (size_t)n : 0;
		short_turns(n < 0);
	}
	check(taken == written);
	close(peer);
	reed_loop_free(loop);
}

static void who_reads_nothing_makes_the_peer_wait(void)
{
	static char block[65536];
	size_t sent = 0;
	ssize_t n = 0;

	open_uring();
	open_pair();
	waiting();
	for (int i = 0; i < 2000 && n >= 0; i++) {
		n = send(peer, block, sizeof(block), MSG_DONTWAIT);
		sent += n > 0 ? (size_t)n : 0;
		short_turns(1);
	}
	check(n < 0 && errno == EAGAIN);
	check(sent < sizeof(block) * 1000);
	reed_abort(us);
	close(peer);
	reed_loop_free(loop);
}

int main(void)
{
	RUN(a_socket_may_be_closed_in_every_state);
	RUN(what_was_written_arrives_before_the_end);
	RUN(what_was_on_its_way_at_the_close_arrives);
	RUN(who_reads_nothing_makes_the_peer_wait);
	return 0;
}
