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

#include "site.h"

#include "reed/co.h"
#include "reed/scope.h"
#include "tests/check.h"

enum { PATIENCE_MS = 5000 };

static struct reed_loop *loop;
static struct reed_scope sessions;
static struct site site;
static struct reed_stream *client;
static const char *file;
static int line_number;

static void fail(const char *what, const char *wanted, struct reed_slice got)
{
	fprintf(stderr, "%s:%d: %s\n  wanted: %s\n  heard:  " REED_FMT "\n", file, line_number,
	        what, wanted, REED_ARG(got));
	exit(1);
}

static void connect_anew(void)
{
	struct reed_stream *theirs;

	reed_close(client);
	reed_stream_pair(loop, 0, &client, &theirs);
	reed_scope_add(&sessions, reed_http_session(site.server, theirs));
}

static enum reed_err wait_for(struct reed_future *f)
{
	return reed_loop_run_until(loop, reed_within(PATIENCE_MS, f), NULL);
}

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

static bool matches(const char *pattern, struct reed_slice s)
{
	for (; *pattern && *pattern != '*'; pattern++, s = reed_slice_from(s, 1))
		if (s.n == 0 || s.p[0] != *pattern)
			return false;
	if (!*pattern)
		return s.n == 0;
	for (size_t i = 0; i <= s.n; i++)
		if (matches(pattern + 1, reed_slice_from(s, i)))
			return true;
	return false;
}

static void hear_line(const char *wanted)
{
	struct reed_slice line = REED_STR("");

	if (wait_for(reed_read_line(client, &line)))
		fail("nothing comes", wanted, reed_peek(client));
	if (!matches(wanted, line))
		fail("something else", wanted, line);
}

static void hear_bytes(const char *wanted)
{
	char bytes[4096];
	size_t n = unescape(wanted, bytes);
	struct reed_slice got = REED_STR("");

	if (wait_for(reed_read_exactly(client, n, &got)))
		fail("nothing comes", wanted, reed_peek(client));
	if (!reed_slice_eq(got, reed_slice(bytes, n)))
		fail("something else", wanted, got);
}

static void hear_the_end(void)
{
	enum reed_err err = REED_OK;

	if (reed_peek(client).n == 0)
		err = wait_for(reed_more(client));
	if (err != REED_EEOF && err != REED_ERESET)
		fail("it goes on", reed_strerror(err), reed_peek(client));
}

static void play_line(const char *line)
{
	char bytes[4096];
	bool raw = line[0] && line[1] == '|';
	const char *text = line + 1 + raw;

	text += *text == ' ';
	if (*line == '>') {
		reed_write(client, reed_slice(bytes, unescape(text, bytes)));
		if (!raw)
			reed_write_str(client, "\r\n");
	} else if (*line == '<' && raw) {
		hear_bytes(text);
	} else if (*line == '<') {
		hear_line(text);
	} else if (*line == '.') {
		reed_shutdown(client);
	} else if (*line == '!') {
		hear_the_end();
	} else if (*line == '+') {
		connect_anew();
	} else if (*line && *line != '#') {
		fail("what is this?", line, REED_STR(""));
	}
}

static void play(const char *path)
{
	char line[4096];
	FILE *in = fopen(path, "r");

	check(in != NULL);
	file = path;
	line_number = 0;
	connect_anew();
	while (fgets(line, sizeof(line), in)) {
		line_number++;
		line[strcspn(line, "\n")] = '\0';
		play_line(line);
	}
	fclose(in);
	reed_close(client);
	client = NULL;
	check_int(wait_for(reed_scope_wait(&sessions)), REED_OK);
	printf("ok %s\n", path);
}

int main(int argc, char **argv)
{
	struct reed_http_server_options options = REED_HTTP_SERVER_OPTIONS;

	check(argc > 1);
	check_int(reed_loop_new(NULL, &loop), REED_OK);
	options.limits.body = 1000;
	reed_scope_init(&sessions, loop, NULL, "sessions");
	site_open(&site, loop, &options);
	for (int i = 1; i < argc; i++)
		play(argv[i]);
	reed_scope_finish(&sessions);
	site_close(&site);
	reed_loop_free(loop);
	return 0;
}
