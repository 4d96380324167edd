/*
 * A record out of its line of JSON (RFC 8259): an object of texts and numbers.
 *
 * Numbers stay as they were written, and keys as well, so that what is rendered
 * again is the same line.
 */

#include <string.h>

#include "log_private.h"
#include "reed/base64.h"
#include "reed/pool.h"
#include "reed/random.h"

enum { MEMBERS = 2 * REED_LOG_FIELDS + 8, FIELD_ROOM = 16 };

struct reading {
	struct reed_slice rest;
	struct reed_pool *pool;
	struct reed_log_event *event;
	struct reed_log_field *fields;
	size_t room;
	bool has_time, has_level, has_message;
	enum reed_err err;
	const char *why;
};

static bool fail(struct reading *self, enum reed_err err, const char *why)
{
	self->err = err;
	self->why = why;
	return false;
}

static bool bad(struct reading *self, const char *why)
{
	return fail(self, REED_ESYNTAX, why);
}

static void skip_blanks(struct reading *self)
{
	while (self->rest.n > 0 && strchr(" \t\r\n", self->rest.p[0]) && self->rest.p[0])
		self->rest = reed_slice_from(self->rest, 1);
}

static bool take(struct reading *self, char c)
{
	skip_blanks(self);
	if (self->rest.n == 0 || self->rest.p[0] != c)
		return false;
	self->rest = reed_slice_from(self->rest, 1);
	return true;
}

/* ---- texts ---- */

/* Up to the quote that ends it; n is the length of what stands there. */
static bool find_end(struct reading *self, size_t *n)
{
	struct reed_slice s = self->rest;

	for (*n = 0; *n < s.n && s.p[*n] != '"'; ++*n) {
		if ((unsigned char)s.p[*n] < 0x20)
			return bad(self, "a text has a control character in it");
		*n += s.p[*n] == '\\';
	}
	return *n < s.n || bad(self, "a text has no end");
}

static bool four_digits(const char *p, uint32_t *c)
{
	*c = 0;
	for (int i = 0; i < 4; i++) {
		int digit = reed_hex_digit(p[i]);

		if (digit < 0)
			return false;
		*c = *c << 4 | (uint32_t)digit;
	}
	return true;
}

static char *add_utf8(char *to, uint32_t c)
{
	if (c < 0x80) {
		*to++ = (char)c;
		return to;
	}
	if (c < 0x800) {
		*to++ = (char)(0xc0 | c >> 6);
	} else {
		if (c < 0x10000) {
			*to++ = (char)(0xe0 | c >> 12);
		} else {
			*to++ = (char)(0xf0 | c >> 18);
			*to++ = (char)(0x80 | (c >> 12 & 0x3f));
		}
		*to++ = (char)(0x80 | (c >> 6 & 0x3f));
	}
	*to++ = (char)(0x80 | (c & 0x3f));
	return to;
}

/* Behind "\u", and of the second half of a pair too (RFC 8259 7); 0: there is none. */
static size_t code_at(const char *p, size_t n, uint32_t *c)
{
	uint32_t low;

	if (n < 4 || !four_digits(p, c))
		return 0;
	if (*c < 0xd800 || *c > 0xdfff)
		return 4;
	if (*c > 0xdbff || n < 10 || p[4] != '\\' || p[5] != 'u' || !four_digits(p + 6, &low) ||
	    low < 0xdc00 || low > 0xdfff)
		return 0;
	*c = 0x10000 + ((*c & 0x3ff) << 10 | (low & 0x3ff));
	return 10;
}

/* p is behind the backslash; how much of it that was, 0: it means nothing. */
static size_t escape_at(const char *p, size_t n, char **to)
{
	static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
	const char *name = n > 0 && *p ? strchr(names, *p) : NULL;
	uint32_t c;
	size_t used;

	if (name) {
		*(*to)++ = values[name - names];
		return 1;
	}
	if (n == 0 || *p != 'u')
		return 0;
	used = code_at(p + 1, n - 1, &c);
	if (used > 0)
		*to = add_utf8(*to, c);
	return used ? used + 1 : 0;
}

static bool unescape(struct reading *self, struct reed_slice s, struct reed_slice *text)
{
	char *begin = reed_pool_alloc(self->pool, s.n + 1), *to = begin;

	if (!begin)
		return fail(self, REED_ETOOBIG, "it is too long");
	for (size_t i = 0, used; i < s.n; i += used) {
		used = 1;
		if (s.p[i] != '\\') {
			*to++ = s.p[i];
			continue;
		}
		used = 1 + escape_at(s.p + i + 1, s.n - i - 1, &to);
		if (used == 1)
			return bad(self, "a text has a backslash that means nothing");
	}
	*text = reed_slice(begin, (size_t)(to - begin));
	return reed_slice_is_utf8(*text) || bad(self, "a text is no UTF-8");
}

static bool take_text(struct reading *self, struct reed_slice *text)
{
	struct reed_slice all;
	size_t n;

	if (!find_end(self, &n))
		return false;
	all = reed_slice_first(self->rest, n);
	self->rest = reed_slice_from(self->rest, n + 1);
	return unescape(self, all, text);
}

/* ---- numbers ---- */

static size_t digits(struct reed_slice s, size_t at)
{
	size_t n = 0;

	while (at + n < s.n && s.p[at + n] >= '0' && s.p[at + n] <= '9')
		n++;
	return n;
}

/* RFC 8259 6: the length of the number at the front, 0 when there is none. */
static size_t number_at(struct reed_slice s)
{
	size_t n = s.n > 0 && s.p[0] == '-', whole = digits(s, n), more;

	if (whole == 0 || (whole > 1 && s.p[n] == '0'))
		return 0;
	n += whole;
	if (n < s.n && s.p[n] == '.') {
		more = digits(s, n + 1);
		if (more == 0)
			return 0;
		n += 1 + more;
	}
	if (n < s.n && (s.p[n] | 0x20) == 'e') {
		n += n + 1 < s.n && (s.p[n + 1] == '+' || s.p[n + 1] == '-') ? 2 : 1;
		more = digits(s, n);
		if (more == 0)
			return 0;
		n += more;
	}
	return n;
}

static bool take_number(struct reading *self, struct reed_slice *text)
{
	size_t n = number_at(self->rest);

	if (n == 0)
		return bad(self, "a value is neither a text nor a number");
	*text = reed_pool_copy(self->pool, reed_slice_first(self->rest, n));
	self->rest = reed_slice_from(self->rest, n);
	return text->p || fail(self, REED_ETOOBIG, "it is too long");
}

/* ---- members ---- */

/* As the log has them: who shows a record writes its keys as they are. */
static bool is_key(struct reed_slice key)
{
	for (size_t i = 0; i < key.n; i++) {
		char c = key.p[i];

		if (!(c >= 'a' && c <= 'z') && c != '_' && (i == 0 || c < '0' || c > '9'))
			return false;
	}
	return key.n > 0;
}

static bool set_time(struct reading *self, struct reed_slice text)
{
	self->has_time = true;
	return !reed_wall_parse(text, &self->event->wall) ||
	       bad(self, "its time is none, as in 2026-01-02T03:04:05.678901Z");
}

static bool set_level(struct reading *self, struct reed_slice text)
{
	self->has_level = true;
	return !reed_log_level_parse(text, &self->event->level) || bad(self, "its level is none");
}

/* FILE:LINE */
static bool set_at(struct reading *self, struct reed_slice text)
{
	size_t n = text.n;
	uint64_t line;

	while (n > 0 && text.p[n - 1] != ':')
		n--;
	if (n < 2 || reed_slice_find(text, '\0') < text.n ||
	    reed_slice_u64(reed_slice_from(text, n), INT32_MAX, &line))
		return bad(self, "its \"at\" is no file with a line");
	self->event->file = reed_pool_strdup(self->pool, reed_slice_first(text, n - 1));
	self->event->line = (int)line;
	return self->event->file || fail(self, REED_ETOOBIG, "it is too long");
}

static bool grow(struct reading *self)
{
	size_t n = self->event->count;
	struct reed_log_field *more;

	if (n == MEMBERS)
		return fail(self, REED_ETOOBIG, "it has too many members");
	if (n < self->room)
		return true;
	more = reed_pool_alloc(self->pool, (n + FIELD_ROOM) * sizeof(*more));
	if (!more)
		return fail(self, REED_ETOOBIG, "it is too long");
	if (n > 0)
		memcpy(more, self->fields, n * sizeof(*more));
	self->event->fields = self->fields = more;
	self->room = n + FIELD_ROOM;
	return true;
}

static bool add_field(struct reading *self, struct reed_slice key, struct reed_slice value,
                      bool number)
{
	if (!is_key(key))
		return bad(self, "a key has other characters than a-z, 0-9 and _");
	if (!grow(self))
		return false;
	self->fields[self->event->count] =
		(struct reed_log_field){ .key = reed_pool_strdup(self->pool, key),
		                         .value = value,
		                         .number = number };
	return self->fields[self->event->count++].key || fail(self, REED_ETOOBIG, "it is too long");
}

static bool set(struct reading *self, struct reed_slice key, struct reed_slice value, bool number)
{
	if (!number && !self->has_time && reed_slice_is(key, "time"))
		return set_time(self, value);
	if (!number && !self->has_level && reed_slice_is(key, "level"))
		return set_level(self, value);
	if (!number && !self->event->file && reed_slice_is(key, "at"))
		return set_at(self, value);
	if (number || self->has_message || !reed_slice_is(key, "message"))
		return add_field(self, key, value, number);
	self->has_message = true;
	self->event->message = value;
	return true;
}

static bool take_member(struct reading *self)
{
	struct reed_slice key, value;
	bool number;

	if (!take(self, '"'))
		return bad(self, "a key is missing");
	if (!take_text(self, &key))
		return false;
	if (!take(self, ':'))
		return bad(self, "a value is missing");
	number = !take(self, '"');
	if (!(number ? take_number(self, &value) : take_text(self, &value)))
		return false;
	return set(self, key, value, number);
}

static bool take_object(struct reading *self)
{
	if (!take(self, '{'))
		return bad(self, "it is no object of JSON");
	do {
		if (!take_member(self))
			return false;
	} while (take(self, ','));
	if (!take(self, '}'))
		return bad(self, "it has no end");
	skip_blanks(self);
	if (self->rest.n > 0)
		return bad(self, "something follows its end");
	if (!self->has_time || !self->has_level || !self->has_message)
		return bad(self, "a record has a time, a level and a message");
	return true;
}

enum reed_err reed_log_parse(struct reed_slice line, struct reed_pool *pool,
                             struct reed_log_event *event, const char **why)
{
	struct reading self = { .rest = line, .pool = pool, .event = event };

	*event = (struct reed_log_event){ .wall = 0 };
	if (take_object(&self))
		return REED_OK;
	*why = self.why;
	return self.err;
}
