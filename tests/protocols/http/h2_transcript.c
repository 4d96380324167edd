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
#include "play.h"

#include "reed/log.h"
#include "tests/check.h"

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

/* ---- frames ---- */

static nghttp2_hd_inflater *inflater;

static void connected(struct play *self)
{
	(void)self;
	logged[0] = '\0';
	if (inflater)
		nghttp2_hd_inflate_del(inflater);
	check_int(nghttp2_hd_inflate_new(&inflater), 0);
}

static bool next_frame(struct play *self, struct reed_buf *line)
{
	struct reed_slice in = reed_peek(self->client);
	size_t n = in.n;

	while (!h2_text_take(inflater, &in, line)) {
		if (play_wait(self, reed_more(self->client)))
			return false;
		in = reed_peek(self->client);
		n = in.n;
	}
	reed_skip(self->client, n - in.n);
	return true;
}

static bool is_of_no_matter(struct reed_slice line)
{
	return play_matches("SETTINGS*", line) || play_matches("WINDOW_UPDATE 0*", line);
}

static void hear(struct play *self, const char *wanted)
{
	struct reed_buf line = { .limit = 0 };

	do
		if (!next_frame(self, &line))
			play_fail(self, "nothing comes", wanted, reed_peek(self->client));
	while (is_of_no_matter(reed_buf_slice(&line)));
	if (!play_matches(wanted, reed_buf_slice(&line)))
		play_fail(self, "something else", wanted, reed_buf_slice(&line));
	reed_buf_finish(&line);
}

static void hear_the_end(struct play *self)
{
	struct reed_buf line = { .limit = 0 };

	while (next_frame(self, &line))
		if (!is_of_no_matter(reed_buf_slice(&line)))
			play_fail(self, "it goes on", "!", reed_buf_slice(&line));
	reed_buf_finish(&line);
}

static void say(struct play *self, const char *text, int times)
{
	struct reed_buf out = { .limit = 0 };

	while (times-- > 0)
		h2_text_add(&out, text);
	reed_write(self->client, reed_buf_slice(&out));
	reed_buf_finish(&out);
}

static void act(struct play *self, const char *line)
{
	int times = 1;

	if (*line == '*') {
		times = atoi(line + 1);
		line = strchr(line, ' ') + 1;
	}
	if (*line == '>')
		say(self, line + 2, times);
	else if (*line == '<')
		hear(self, line + 2);
	else if (strncmp(line, "log ", 4) == 0 && !strstr(logged, line + 4))
		play_fail(self, "no such line in the log", line + 4, reed_slice_of(logged));
	else if (strcmp(line, "stop") == 0)
		reed_scope_interrupt(&self->sessions);
	else if (strcmp(line, "renew") == 0)
		reed_http_server_renew(self->site.server);
	else if (*line == '!')
		hear_the_end(self);
	else if (*line == '+')
		play_connect(self);
	else if (strncmp(line, "log ", 4) != 0)
		play_fail(self, "what is this?", line, REED_STR(""));
}

int main(int argc, char **argv)
{
	struct reed_http_server_options options = REED_HTTP_SERVER_OPTIONS;
	struct play play = { .act = act, .connected = connected };

	check_int(reed_loop_new(NULL, &play.loop), REED_OK);
	reed_log_tap(reed_log_of(play.loop), &tap);
	options.limits.body = 1000;
	options.limits.noise = 20;
	options.limits.streams = 4;
	options.wire.fields = 20;
	options.wire.head = 4096;
	play_all(&play, &options, argc - 1, argv + 1);
	nghttp2_hd_inflate_del(inflater);
	return 0;
}
