/*
 * Plays transcripts against the server of site.c: transcript FILE...
 *
 *	> GET / HTTP/1.1      the client says this line
 *	>| abc\r\n            and this, no more and no less
 *	< HTTP/1.1 200 OK     it must hear this line next; '*' matches anything
 *	<| abc                and these bytes
 *	.                     the client has said everything
 *	!                     the connection is closed, and nothing came before that
 *	+                     another connection
 *
 * \r, \n, \0, \t and \\ stand for bytes.
 */

#include "play.h"

#include "tests/check.h"

static size_t unescape(const char *text, char *into)
{
	static const char names[] = "rn0t\\", bytes[] = "\r\n\0\t\\";
	size_t n = 0;

	for (const char *p = text; *p; p++) {
		const char *name = p[0] == '\\' && p[1] ? strchr(names, p[1]) : NULL;

		into[n++] = name ? bytes[name - names] : *p;
		p += name != NULL;
	}
	return n;
}

static void hear_line(struct play *self, const char *wanted)
{
	struct reed_slice line = REED_STR("");

	if (play_wait(self, reed_read_line(self->client, &line)))
		play_fail(self, "nothing comes", wanted, reed_peek(self->client));
	if (!play_matches(wanted, line))
		play_fail(self, "something else", wanted, line);
}

static void hear_bytes(struct play *self, const char *wanted)
{
	char bytes[4096];
	size_t n = unescape(wanted, bytes);
	struct reed_slice got = REED_STR("");

	if (play_wait(self, reed_read_exactly(self->client, n, &got)))
		play_fail(self, "nothing comes", wanted, reed_peek(self->client));
	if (!reed_slice_eq(got, reed_slice(bytes, n)))
		play_fail(self, "something else", wanted, got);
}

static void hear_the_end(struct play *self)
{
	enum reed_err err = REED_OK;

	if (reed_peek(self->client).n == 0)
		err = play_wait(self, reed_more(self->client));
	if (err != REED_EEOF && err != REED_ERESET)
		play_fail(self, "it goes on", reed_strerror(err), reed_peek(self->client));
}

static void act(struct play *self, const char *line)
{
	char bytes[4096];
	bool raw = line[0] && line[1] == '|';
	const char *text = line + 1 + raw;

	text += *text == ' ';
	if (*line == '>') {
		reed_write(self->client, reed_slice(bytes, unescape(text, bytes)));
		if (!raw)
			reed_write_str(self->client, "\r\n");
	} else if (*line == '<' && raw) {
		hear_bytes(self, text);
	} else if (*line == '<') {
		hear_line(self, text);
	} else if (*line == '.') {
		reed_shutdown(self->client);
	} else if (*line == '!') {
		hear_the_end(self);
	} else if (*line == '+') {
		play_connect(self);
	} else {
		play_fail(self, "what is this?", line, REED_STR(""));
	}
}

int main(int argc, char **argv)
{
	struct reed_http_server_options options = REED_HTTP_SERVER_OPTIONS;
	struct play play = { .act = act };

	check_int(reed_loop_new(NULL, &play.loop), REED_OK);
	options.limits.body = 1000;
	return play_all(&play, &options, argc - 1, argv + 1);
}
