/*
 * Plays transcripts against the server: transcript FILE...
 *
 *	> alice: NICK alice             alice's client says this
 *	< alice: :reed 001 alice :*     and must hear this next; '*' and '?' match
 *	~ alice: :reed 366 *            skips what comes before this
 *	- alice                         has heard everything
 *	. alice                         closes without a word
 *	! alice                         must find the connection closed
 *	+ alice: JOIN #reed             comes in with that nick, and says this
 *
 * A client is there from its first line on.  \r, \n, \0, \x01 stand for bytes.
 */

#include "check.h"

#include <ctype.h>

#include "reed/auth.h"
#include "reed/checker.h"
#include "reed/co.h"
#include "reed/irc/modes.h"
#include "reed/irc/server.h"
#include "reed/scope.h"
#include "reed/verifier.h"

enum { CLIENTS = 16, PATIENCE_MS = 5000 };

struct client {
	char name[32];
	struct reed_stream *stream;
};

static struct reed_loop *loop;
static struct reed_hub *hub;
static struct reed_portal *portal;
static struct reed_irc_server *server;
static struct reed_scope sessions;
static struct client clients[CLIENTS];
static const char *file;
static int line_number;

static void fail(const char *what, const char *wanted, struct reed_slice got)
{
	fprintf(stderr, "%s:%d: %s\n  wanted: %s\n  heard:  " REED_FMT "\n", file, line_number,
	        what, wanted, REED_ARG(got));
	exit(1);
}

/* ---- clients ---- */

static struct client *client_of(const char *name)
{
	for (int i = 0; i < CLIENTS; i++)
		if (clients[i].stream && strcmp(clients[i].name, name) == 0)
			return &clients[i];
	return NULL;
}

static struct client *client_for(const char *name)
{
	struct client *c = client_of(name);
	struct reed_stream *theirs;

	if (c)
		return c;
	for (c = clients; c->stream; c++)
		check(c < clients + CLIENTS - 1);
	reed_slice_copy(c->name, sizeof(c->name), reed_slice_of(name));
	reed_stream_pair(loop, 0, &c->stream, &theirs);
	reed_scope_add(&sessions, reed_irc_session(server, theirs));
	return c;
}

static bool hear(struct client *c, struct reed_slice *line)
{
	return reed_loop_run_until(loop, reed_within(PATIENCE_MS, reed_read_line(c->stream, line)),
	                           NULL) == REED_OK;
}

/* A pattern may hold backslashes, which stand for themselves here. */
static bool matches(const char *pattern, struct reed_slice line)
{
	return reed_irc_match(REED_IRC_CASEMAP_ASCII, reed_slice_of(pattern), line) ||
	       reed_slice_is(line, pattern);
}

static void expect(struct client *c, const char *pattern)
{
	struct reed_slice line = REED_STR("(nothing)");

	if (!hear(c, &line))
		fail("nothing came", pattern, REED_STR("(nothing)"));
	if (!matches(pattern, line))
		fail("something else came", pattern, line);
}

static void skip_to(struct client *c, const char *pattern)
{
	struct reed_slice line = REED_STR("(nothing)");
	char last[600] = "(nothing)";

	do {
		if (!hear(c, &line))
			fail("it never came", pattern, reed_slice_of(last));
		reed_slice_copy(last, sizeof(last), line);
	} while (!matches(pattern, line));
}

/* What is under way arrives; then there must be nothing left. */
static void expect_silence(struct client *c)
{
	struct reed_slice line;

	reed_write_str(c->stream, "PING :silence\r\n");
	if (!hear(c, &line))
		fail("nothing came", "PONG silence", REED_STR("(nothing)"));
	if (!matches("*PONG reed silence", line) && !matches("*PONG reed :silence", line))
		fail("something came", "(nothing)", line);
}

static void expect_end(struct client *c)
{
	struct reed_slice line = REED_STR("(nothing)");

	while (hear(c, &line))
		continue;
	if (reed_peek(c->stream).n > 0)
		fail("half a line came", "(the end)", reed_peek(c->stream));
	reed_close(c->stream);
	c->stream = NULL;
}

/* ---- the script ---- */

static size_t unescape(char *text)
{
	char *out = text;

	for (const char *in = text; *in; in++) {
		if (in[0] != '\\') {
			*out++ = *in;
			continue;
		}
		in++;
		*out++ = *in == 'r'   ? '\r'
		         : *in == 'n' ? '\n'
		         : *in == '0' ? '\0'
		         : *in == '1' ? '\1'
		         : *in == 'x' ? '\xff'
		                      : *in;
	}
	return (size_t)(out - text);
}

static void say(struct client *c, char *text)
{
	size_t n = unescape(text);

	reed_write(c->stream, reed_slice(text, n));
	reed_write_str(c->stream, "\r\n");
}

static void come_in(struct client *c, char *text)
{
	reed_printf(c->stream, "NICK %s\r\nUSER %s 0 * :%s\r\n", c->name, c->name, c->name);
	skip_to(c, "* MODE * +*");
	if (*text)
		say(c, text);
}

static void obey(char verb, const char *name, char *text)
{
	struct client *c = client_for(name);

	switch (verb) {
	case '>':
		say(c, text);
		break;
	case '<':
		expect(c, text);
		break;
	case '~':
		skip_to(c, text);
		break;
	case '-':
		expect_silence(c);
		break;
	case '!':
		expect_end(c);
		break;
	case '+':
		come_in(c, text);
		break;
	case '.':
		reed_close(c->stream);
		c->stream = NULL;
		break;
	default:
		fail("no such verb", "> < ~ - . ! +", reed_slice(&verb, 1));
	}
}

static void play_line(char *line)
{
	char verb = line[0], *name = line + 1, *text;

	line[strcspn(line, "\n")] = '\0';
	if (!verb || verb == '\n' || verb == '#' || !line[0])
		return;
	while (isspace((unsigned char)*name))
		name++;
	text = strchr(name, ':');
	if (text) {
		*text++ = '\0';
		text += *text == ' ';
	}
	obey(verb, name, text ? text : name + strlen(name));
}

/* ---- the stage ---- */

static void make_portal(void)
{
	struct reed_portal_options options = REED_PORTAL_OPTIONS;
	struct reed_checker *checker = NULL;

	options.limits.none = true;
	portal = reed_portal_new(loop, &options);
	check_int(reed_loop_run_until(loop,
	                              reed_checker_new(loop,
	                                               "memory:alice:wonderland:carol:christmas",
	                                               NULL, &checker),
	                              NULL),
	          REED_OK);
	reed_portal_add(portal, checker);
}

/* Who may become one with OPER root "open sesame". */
static struct reed_irc_operator *make_operator(void)
{
	static char text[REED_VERIFIER_ROOM];
	static struct reed_irc_operator root = { .name = "root",
		                                 .verifier = text,
		                                 .operator_class = "net",
		                                 .privileges = REED_MAY_ALL };
	struct reed_verifier v = { .iterations = REED_ITERATIONS, .salt_length = REED_SALT_BYTES };

	if (!text[0]) {
		reed_verifier_derive(&v, REED_STR("open sesame"));
		reed_verifier_print(&v, text);
	}
	return &root;
}

/* What it would read anew, and its end, are seen by everybody. */
static void rehash(void *arg)
{
	(void)arg;
	reed_hub_note(hub, NULL, 0, REED_STR("read anew"));
}

static void die(void *arg, const char *why)
{
	(void)arg;
	reed_hub_note(hub, NULL, 0, reed_slice_of(why));
}

static void raise_curtain(void)
{
	struct reed_irc_server_options options = REED_IRC_SERVER_OPTIONS;

	check_int(reed_loop_new(NULL, &loop), REED_OK);
	make_portal();
	hub = reed_hub_new(loop, NULL);
	options.hub = hub;
	options.portal = portal;
	options.name = "reed";
	options.registration = true;
	options.admin[0] = "Under the desk";
	options.admin[2] = "admin@reed.example";
	options.rules = "Be kind.\nStay.";
	options.operators = make_operator();
	options.operator_count = 1;
	options.rehash = rehash;
	options.die = die;
	server = reed_irc_server_new(loop, &options);
	reed_scope_init(&sessions, loop, NULL, "sessions");
	sessions.policy = REED_SCOPE_IGNORE;
}

static void drop_curtain(void)
{
	for (int i = 0; i < CLIENTS; i++) {
		reed_abort(clients[i].stream);
		clients[i].stream = NULL;
	}
	reed_scope_finish(&sessions);
	reed_irc_server_free(server);
	reed_hub_free(hub);
	reed_portal_free(portal);
	reed_loop_run(loop);
	reed_loop_free(loop);
}

static void play(const char *path)
{
	char line[9000];
	FILE *script = fopen(path, "r");

	if (!script) {
		perror(path);
		exit(1);
	}
	file = path;
	line_number = 0;
	raise_curtain();
	while (fgets(line, sizeof(line), script)) {
		line_number++;
		play_line(line);
	}
	fclose(script);
	drop_curtain();
	printf("ok %s, %d lines\n", path, line_number);
}

int main(int argc, char **argv)
{
	check(argc > 1);
	for (int i = 1; i < argc; i++)
		play(argv[i]);
	return 0;
}
