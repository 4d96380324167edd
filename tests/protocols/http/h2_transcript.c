/*
 * Plays transcripts of HTTP/2 against the server of site.c: h2_transcript FILE...
 *
 *	> HEADERS 1 end :method=GET ...   the client sends this frame (h2_text.h)
 *	*20 > PING 0                      so many of it, at once
 *	< DATA 1 end Hello                it must get this next; '*' matches anything;
 *	                                  SETTINGS and WINDOW_UPDATE 0 are passed over
 *	log a flood                       the server has logged a line that has this in it
 *	stop                              the server stops, in good order
 *	renew                             it wants its clients to come anew
 *	!                                 the connection is closed, and nothing came before that
 *	+                                 another connection
 */

#include "h2_text.h"
#include "site.h"

#include "reed/co.h"
#include "reed/log.h"
#include "reed/scope.h"
#include "tests/check.h"

enum { PATIENCE_MS = 5000 };

static struct reed_loop *loop;
static struct reed_scope sessions;
static struct site site;
static struct reed_stream *client;
static nghttp2_hd_inflater *inflater;
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
	if (inflater)
		nghttp2_hd_inflate_del(inflater);
	check_int(nghttp2_hd_inflate_new(&inflater), 0);
	reed_stream_pair(loop, 0, &client, &theirs);
	reed_scope_add(&sessions, reed_http_session(site.server, theirs));
}

static enum reed_err wait_for(struct reed_future *f)
{
	return reed_loop_run_until(loop, reed_within(PATIENCE_MS, f), NULL);
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

static bool next_frame(struct reed_buf *line)
{
	struct reed_slice in = reed_peek(client);
	size_t n = in.n;

	while (!h2_text_take(inflater, &in, line)) {
		if (wait_for(reed_more(client)))
			return false;
		in = reed_peek(client);
		n = in.n;
	}
	reed_skip(client, n - in.n);
	return true;
}

static bool is_of_no_matter(struct reed_slice line)
{
	return matches("SETTINGS*", line) || matches("WINDOW_UPDATE 0*", line);
}

static void hear(const char *wanted)
{
	struct reed_buf line = { .limit = 0 };

	do
		if (!next_frame(&line))
			fail("nothing comes", wanted, reed_peek(client));
	while (is_of_no_matter(reed_buf_slice(&line)));
	if (!matches(wanted, reed_buf_slice(&line)))
		fail("something else", wanted, reed_buf_slice(&line));
	reed_buf_finish(&line);
}

static void hear_the_end(void)
{
	struct reed_buf line = { .limit = 0 };

	while (next_frame(&line))
		if (!is_of_no_matter(reed_buf_slice(&line)))
			fail("it goes on", "!", reed_buf_slice(&line));
	reed_buf_finish(&line);
}

static void say(const char *text, int times)
{
	struct reed_buf out = { .limit = 0 };

	while (times-- > 0)
		h2_text_add(&out, text);
	reed_write(client, reed_buf_slice(&out));
	reed_buf_finish(&out);
}

/* ---- the log ---- */

static char logged[1024];

static void keep_log(struct reed_log_tap *tap, const struct reed_log_event *event)
{
	size_t n = (size_t)snprintf(logged, sizeof(logged), REED_FMT, REED_ARG(event->message));

	(void)tap;
	for (size_t i = 0; i < event->count && n < sizeof(logged); i++)
		n += (size_t)snprintf(logged + n, sizeof(logged) - n, " %s=" REED_FMT,
		                      event->fields[i].key, REED_ARG(event->fields[i].value));
}

static struct reed_log_tap tap = { .hear = keep_log, .level = REED_LOG_WARN };

static void play_line(const char *line)
{
	int times = 1;

	if (*line == '*') {
		times = atoi(line + 1);
		line = strchr(line, ' ') + 1;
	}
	if (*line == '>')
		say(line + 2, times);
	else if (*line == '<')
		hear(line + 2);
	else if (strncmp(line, "log ", 4) == 0 && !strstr(logged, line + 4))
		fail("no such line in the log", line + 4, reed_slice_of(logged));
	else if (strcmp(line, "stop") == 0)
		reed_scope_interrupt(&sessions);
	else if (strcmp(line, "renew") == 0)
		reed_http_server_renew(site.server);
	else if (*line == '!')
		hear_the_end();
	else if (*line == '+')
		connect_anew();
	else if (*line && *line != '#' && strncmp(line, "log ", 4) != 0)
		fail("what is this?", line, REED_STR(""));
}

static void play(const char *path)
{
	char line[4096];
	FILE *in = fopen(path, "r");

	check(in != NULL);
	file = path;
	line_number = 0;
	logged[0] = '\0';
	reed_scope_init(&sessions, loop, NULL, "sessions");
	connect_anew();
	while (fgets(line, sizeof(line), in)) {
		line_number++;
		line[strcspn(line, "\n")] = '\0';
		play_line(line);
	}
	fclose(in);
	reed_close(client);
	client = NULL;
	wait_for(reed_scope_wait(&sessions));
	check_int(sessions.count, 0);
	reed_scope_finish(&sessions);
	printf("ok %s\n", path);
}

int main(int argc, char **argv)
{
	struct reed_http_server_options options = REED_HTTP_SERVER_OPTIONS;

	check(argc > 1);
	check_int(reed_loop_new(NULL, &loop), REED_OK);
	reed_log_tap(reed_log_of(loop), &tap);
	options.limits.body = 1000;
	options.limits.noise = 20;
	options.limits.streams = 4;
	options.wire.fields = 20;
	options.wire.head = 4096;
	site_open(&site, loop, &options);
	for (int i = 1; i < argc; i++)
		play(argv[i]);
	reed_log_untap(reed_log_of(loop), &tap);
	nghttp2_hd_inflate_del(inflater);
	site_close(&site);
	reed_loop_free(loop);
	return 0;
}
