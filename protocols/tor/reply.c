/* Replies and events, put together of lines (control-spec 2.3). */

#include <string.h>

#include "private.h"

enum { LINE_COST = 32 }; /* so that empty lines are not for nothing */

static enum reed_err broken(const char **wrong, const char *what)
{
	*wrong = what;
	return REED_EPROTO;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int code_of(struct reed_slice line)
{
	for (size_t i = 0; i < 3; i++)
		if (line.n < 4 || !is_digit(line.p[i]))
			return 0;
	return (line.p[0] - '0') * 100 + (line.p[1] - '0') * 10 + line.p[2] - '0';
}

static struct tor_span *add_span(struct tor_collect *self)
{
	if (self->count == self->room) {
		self->room = self->room ? self->room * 2 : 4;
		self->spans = reed_realloc(self->spans, self->room * sizeof(*self->spans));
	}
	self->spans[self->count] = (struct tor_span){ .text = reed_buf_held(&self->bytes) };
	return &self->spans[self->count++];
}

static bool has_room(const struct tor_collect *self, size_t n)
{
	size_t held = reed_buf_held(&self->bytes) + (self->count + 1) * LINE_COST;

	return !self->bytes.limit || (n <= self->bytes.limit && held <= self->bytes.limit - n);
}

/* A dot in front of another one was put there; one alone is the end. */
static void add_data(struct tor_collect *self, struct reed_slice line)
{
	struct tor_span *span = &self->spans[self->count - 1];

	if (reed_slice_is(line, ".")) {
		self->in_data = false;
		return;
	}
	if (line.n > 0 && line.p[0] == '.')
		line = reed_slice_from(line, 1);
	reed_buf_add(&self->bytes, line);
	reed_buf_add_char(&self->bytes, '\n');
	span->data_n += line.n + 1;
}

static enum reed_err add_line(struct tor_collect *self, struct reed_slice line, bool *done,
                              const char **wrong)
{
	int code = code_of(line);
	struct tor_span *span;

	if (code == 0)
		return broken(wrong, "a line without a code of three digits");
	if (self->count > 0 && code != self->code)
		return broken(wrong, "a reply with two codes");
	if (!strchr(" -+", line.p[3]) || line.p[3] == '\0')
		return broken(wrong, "a code with neither blank, minus nor plus behind it");
	self->code = code;
	span = add_span(self);
	span->text_n = line.n - 4;
	reed_buf_add(&self->bytes, reed_slice_from(line, 4));
	span->data = reed_buf_held(&self->bytes);
	span->has_data = self->in_data = line.p[3] == '+';
	*done = line.p[3] == ' ';
	return REED_OK;
}

enum reed_err reed_tor_collect(struct tor_collect *self, struct reed_slice line, bool *done,
                               const char **wrong)
{
	enum reed_err err = REED_OK;

	*done = false;
	if (!has_room(self, line.n + 1))
		return REED_ETOOBIG;
	if (line.n > 0 && memchr(line.p, '\0', line.n))
		return broken(wrong, "a NUL byte");
	if (self->in_data)
		add_data(self, line);
	else
		err = add_line(self, line, done, wrong);
	return err ? err : self->bytes.err;
}

void reed_tor_collected(struct tor_collect *self, struct reed_tor_reply *reply)
{
	*reply = (struct reed_tor_reply){ .code = self->code, .count = self->count };
	reply->memory = reed_buf_take(&self->bytes);
	reply->lines = reed_alloc((self->count ? self->count : 1) * sizeof(*reply->lines));
	for (size_t i = 0; i < self->count; i++) {
		const struct tor_span *span = &self->spans[i];

		reply->lines[i].text = reed_slice(reply->memory + span->text, span->text_n);
		reply->lines[i].data = reed_slice(reply->memory + span->data, span->data_n);
		reply->lines[i].has_data = span->has_data;
	}
	reed_free(self->spans);
	*self = (struct tor_collect){ .bytes = { .limit = self->bytes.limit } };
}

void reed_tor_collect_finish(struct tor_collect *self)
{
	if (self->bytes.p)
		reed_wipe(self->bytes.p, self->bytes.size);
	reed_buf_finish(&self->bytes);
	reed_free(self->spans);
}

/* ---- what was collected ---- */

void reed_tor_reply_finish(struct reed_tor_reply *reply)
{
	reed_free(reply->lines);
	reed_free(reply->memory);
	*reply = (struct reed_tor_reply){ 0 };
}

static bool value_of(const struct reed_tor_line *line, const char *key, struct reed_slice *value)
{
	struct reed_slice rest = line->text, name = reed_slice_cut(&rest, '=');

	/* GETCONF may answer with the name as it is spelt, whatever was asked for. */
	if (name.n == line->text.n || !reed_slice_is_nocase(name, key))
		return false;
	*value = line->has_data ? line->data : rest;
	return true;
}

bool reed_tor_reply_value(const struct reed_tor_reply *reply, const char *key, size_t n,
                          struct reed_slice *value)
{
	for (size_t i = 0; i < reply->count; i++)
		if (value_of(&reply->lines[i], key, value) && n-- == 0)
			return true;
	return false;
}
