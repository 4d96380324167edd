/*
 * Five clients that say what they like to one server.  Each line of the input
 * begins with who says the rest: '0' to '2' a client that has come in (alice,
 * carol, bob), '3' and '4' one that has not; '5' to '9' are the same without an
 * end of line; '-' lets the last who spoke vanish and another take its place.
 * Nothing is read by the clients, and the queue is short.
 */

#include "reed/alloc.h"
#include "reed/auth.h"
#include "reed/checker.h"
#include "reed/irc/server.h"
#include "reed/scope.h"

#include "tests/check.h"

enum { CLIENTS = 5, LINES = 200, QUIET_TURNS = 6 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct house {
	struct reed_hub *hub;
	struct reed_irc_server *server;
	struct reed_scope sessions;
	struct reed_stream *clients[CLIENTS];
};

/* Made once; the fuzzer's process is where they end. */
static struct reed_loop *loop;
static struct reed_portal *portal;

/* ---- a checker that derives nothing, so that it is quick ---- */

static struct reed_future *verify(struct reed_checker *self, const struct reed_credential *c,
                                  const struct reed_peer *from, struct reed_principal *out)
{
	(void)from;
	*out = (struct reed_principal){ .name = "alice" };
	if (reed_slice_is(c->user, "root"))
		*out = (struct reed_principal){ .name = "root", .roles = "admin" };
	return reed_ready(self->loop, reed_slice_is(c->secret, "secret") ? REED_OK : REED_EAUTH);
}

static void checker_free(struct reed_checker *self)
{
	reed_free(self);
}

static const struct reed_checker_ops checker_ops = {
	.name = "quick",
	.takes = REED_CREDENTIAL_BIT(REED_CREDENTIAL_PASSWORD),
	.verify = verify,
	.free = checker_free,
};

static void make_portal(void)
{
	struct reed_portal_options options = REED_PORTAL_OPTIONS;
	struct reed_checker *checker;

	if (loop)
		return;
	check_int(reed_loop_new(NULL, &loop), REED_OK);
	options.limits.none = true;
	portal = reed_portal_new(loop, &options);
	checker = reed_alloc(sizeof(*checker));
	*checker = (struct reed_checker){ .ops = &checker_ops, .loop = loop };
	reed_portal_add(portal, checker);
}

/* ---- the house ---- */

/* What is ready runs, and what that makes ready, until nothing is. */
static void settle(void)
{
	for (int i = 0; i < QUIET_TURNS; i++)
		reed_loop_turn(loop, 0);
}

static struct reed_stream *dial(struct house *house)
{
	struct reed_stream *ours, *theirs;

	reed_stream_pair(loop, 0, &ours, &theirs);
	reed_scope_add(&house->sessions, reed_irc_session(house->server, theirs));
	return ours;
}

static void open_house(struct house *house)
{
	static const char *const first[CLIENTS] = {
		"CAP REQ :labeled-response batch message-tags echo-message sasl standard-replies "
		"extended-join away-notify server-time account-tag chghost setname\r\n"
		"NICK alice\r\nUSER a 0 * :A\r\nCAP END\r\n",
		"NICK carol\r\nUSER c 0 * :C\r\n",
		"NICK bob\r\nUSER b 0 * :B\r\n",
		"",
		"CAP REQ :sasl labeled-response batch\r\n",
	};
	struct reed_irc_server_options options = REED_IRC_SERVER_OPTIONS;

	house->hub = reed_hub_new(loop, NULL);
	options.hub = house->hub;
	options.portal = portal;
	options.name = "reed";
	options.registration = true;
	options.limits.sendq = 6000;
	options.limits.burst = 1000;
	options.limits.commands_per_10_seconds = 100000;
	house->server = reed_irc_server_new(loop, &options);
	reed_scope_init(&house->sessions, loop, NULL, "sessions");
	house->sessions.policy = REED_SCOPE_IGNORE;
	for (int i = 0; i < CLIENTS; i++) {
		house->clients[i] = dial(house);
		reed_write_str(house->clients[i], first[i]);
	}
	settle();
}

static void close_house(struct house *house)
{
	for (int i = 0; i < CLIENTS; i++)
		reed_abort(house->clients[i]);
	reed_scope_finish(&house->sessions);
	settle();
	reed_irc_server_free(house->server);
	reed_hub_free(house->hub);
	settle();
}

/* ---- the play ---- */

static void play(struct house *house, struct reed_slice rest)
{
	unsigned who = 0;

	for (int i = 0; i < LINES && rest.n > 0; i++) {
		struct reed_slice line = reed_slice_cut(&rest, '\n');
		char verb = line.n > 0 ? line.p[0] : '+';

		if (verb == '-') {
			reed_abort(house->clients[who]);
			house->clients[who] = dial(house);
		} else if (verb >= '0' && verb <= '9') {
			who = (unsigned)(verb - '0') % CLIENTS;
			reed_write(house->clients[who], reed_slice_from(line, 1));
			if (verb < '5')
				reed_write_str(house->clients[who], "\r\n");
		}
		/* without a line end between, two lines are one turn's */
		if (verb < '5')
			settle();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct house house = { .hub = NULL };

	make_portal();
	open_house(&house);
	play(&house, reed_slice(data, size));
	close_house(&house);
	return 0;
}
