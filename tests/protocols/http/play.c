#include "play.h"

#include "tests/check.h"

enum { PATIENCE_MS = 5000 };

void play_fail(const struct play *self, const char *what, const char *wanted, struct reed_slice got)
{
	fprintf(stderr, "%s:%d: %s\n  wanted: %s\n  heard:  " REED_FMT "\n", self->file, self->line,
	        what, wanted, REED_ARG(got));
	exit(1);
}

enum reed_err play_wait(struct play *self, struct reed_future *f)
{
	return reed_loop_run_until(self->loop, reed_within(PATIENCE_MS, f), NULL);
}

bool play_matches(const char *pattern, struct reed_slice s)
{
	for (; *pattern && *pattern != '*'; pattern++, s = reed_slice_from(s, 1))
		if (s.n == 0 || s.p[0] != *pattern)
			return false;
	if (!*pattern)
		return s.n == 0;
	for (size_t i = 0; i <= s.n; i++)
		if (play_matches(pattern + 1, reed_slice_from(s, i)))
			return true;
	return false;
}

void play_connect(struct play *self)
{
	struct reed_stream *theirs;

	reed_close(self->client);
	reed_stream_pair(self->loop, 0, &self->client, &theirs);
	reed_scope_add(&self->sessions, reed_http_session(self->site.server, theirs));
	if (self->connected)
		self->connected(self);
}

static void play_file(struct play *self, const char *path)
{
	char line[4096];
	FILE *in = fopen(path, "r");

	check(in != NULL);
	self->file = path;
	self->line = 0;
	reed_scope_init(&self->sessions, self->loop, NULL, "sessions");
	play_connect(self);
	while (fgets(line, sizeof(line), in)) {
		self->line++;
		line[strcspn(line, "\n")] = '\0';
		if (*line && *line != '#')
			self->act(self, line);
	}
	fclose(in);
	reed_close(self->client);
	self->client = NULL;
	play_wait(self, reed_scope_wait(&self->sessions));
	check_int(self->sessions.count, 0);
	reed_scope_finish(&self->sessions);
	printf("ok %s\n", path);
}

int play_all(struct play *self, const struct reed_http_server_options *options, int count,
             char **files)
{
	check(count > 0);
	site_open(&self->site, self->loop, options);
	for (int i = 0; i < count; i++)
		play_file(self, files[i]);
	site_close(&self->site);
	reed_loop_free(self->loop);
	return 0;
}
