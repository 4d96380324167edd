/* The grammar of endpoint strings. */

#include "reed/endpoint.h"

#include "private.h"

#include <string.h>

struct parser {
	struct reed_endpoint *e;
	struct reed_fault **fault;
	size_t at; /* in the text */
	unsigned depth;
};

/* Of what is shown in place of the text. */
static size_t shown_column(struct reed_slice text, size_t column)
{
	struct reed_slice before = reed_slice_first(text, column - 1);
	char *shown = reed_endpoint_shown(before);
	size_t n = strlen(shown);

	if (reed_slice_ends(before, REED_STR("password="))) /* the stars begin here */
		n -= 3;
	reed_free(shown);
	return n + 1;
}

static enum reed_err wrong(struct parser *p, size_t at, const char *what)
{
	char *shown = reed_endpoint_shown(p->e->text);

	*p->fault = reed_fault(REED_ESYNTAX, NULL, "\"%s\", column %zu: %s", shown,
	                       shown_column(p->e->text, at + 1), what);
	reed_free(shown);
	return REED_ESYNTAX;
}

static char here(const struct parser *p)
{
	return p->at < p->e->text.n ? p->e->text.p[p->at] : '\0';
}

/* To the bracket that closes the one we stand on; what is inside stays quoted. */
static enum reed_err skip_nested(struct parser *p, struct reed_slice *inside)
{
	size_t open = p->at, depth = 0;

	for (; p->at < p->e->text.n; p->at++) {
		char c = here(p);

		if (c == '\\')
			p->at++;
		else if (c == '[' && ++depth > REED_ENDPOINT_DEPTH)
			return wrong(p, p->at, "nested too deep");
		else if (c == ']' && --depth == 0)
			break;
	}
	if (p->at >= p->e->text.n)
		return wrong(p, open, "this bracket is never closed");
	*inside = reed_slice(p->e->text.p + open + 1, p->at - open - 1);
	p->at++;
	if (p->at < p->e->text.n && here(p) != ':')
		return wrong(p, p->at, "a colon must follow a closing bracket");
	return REED_OK;
}

/* Up to the next colon, without the backslashes. */
static enum reed_err take_plain(struct parser *p, struct reed_slice *value)
{
	char *out = reed_pool_alloc(&p->e->pool, p->e->text.n + 1);
	size_t n = 0;

	for (; p->at < p->e->text.n && here(p) != ':'; p->at++) {
		char c = here(p);

		if (c == '[' || c == ']')
			return wrong(p, p->at, "a bracket in a word; write \\[ or \\] for itself");
		if (c == '\\' && ++p->at == p->e->text.n)
			return wrong(p, p->at - 1, "nothing follows the backslash");
		if (here(p) == '\0')
			return wrong(p, p->at, "a NUL byte");
		out[n++] = here(p);
	}
	*value = reed_slice(out, n);
	return REED_OK;
}

static bool is_key_char(char c, bool first)
{
	return (c >= 'a' && c <= 'z') ||
	       (!first && ((c >= '0' && c <= '9') || c == '-' || c == '_'));
}

/* "key=" in front of the value; nothing when there is none. */
static struct reed_slice take_key(struct parser *p)
{
	struct reed_slice key;
	size_t end = p->at;

	while (end < p->e->text.n && is_key_char(p->e->text.p[end], end == p->at))
		end++;
	if (end == p->at || end == p->e->text.n || p->e->text.p[end] != '=')
		return REED_STR("");
	key = reed_slice(p->e->text.p + p->at, end - p->at);
	p->at = end + 1;
	return key;
}

static enum reed_err take_part(struct parser *p)
{
	struct reed_endpoint *e = p->e;
	struct reed_endpoint_part *part = &e->args[e->count];
	size_t start = p->at;

	if (e->count == REED_ENDPOINT_ARGS)
		return wrong(p, p->at, "more than 16 parts");
	*part = (struct reed_endpoint_part){ .key = take_key(p) };
	if (part->key.n > 0) {
		for (unsigned i = 0; i < e->count; i++)
			if (reed_slice_eq(e->args[i].key, part->key))
				return wrong(p, start, "this key stands here twice");
	} else if (e->count > 0 && e->args[e->count - 1].key.n > 0) {
		return wrong(p, start,
		             "an argument behind a key=value; arguments go first, "
		             "and a colon in a value is written \\:");
	}
	part->column = (unsigned)p->at + 1;
	e->count++;
	part->nested = here(p) == '[';
	return part->nested ? skip_nested(p, &part->value) : take_plain(p, &part->value);
}

static enum reed_err take_scheme(struct parser *p)
{
	while (p->at < p->e->text.n && (is_key_char(here(p), p->at == 0)))
		p->at++;
	p->e->scheme = reed_slice(p->e->text.p, p->at);
	if (p->at == 0)
		return wrong(p, 0, "a scheme such as tcp must stand here");
	if (here(p) != ':')
		return wrong(p, p->at, "a colon must follow the scheme, as in tcp:6667");
	return REED_OK;
}

enum reed_err reed_endpoint_parse(struct reed_slice text, struct reed_endpoint *e,
                                  struct reed_fault **fault)
{
	struct parser p = { .e = e, .fault = fault };
	enum reed_err err;

	*e = (struct reed_endpoint){ .count = 0 };
	reed_pool_init(&e->pool, (size_t)REED_ENDPOINT_LENGTH * (REED_ENDPOINT_ARGS + 2));
	if (text.n > REED_ENDPOINT_LENGTH) {
		*fault = reed_fault(REED_ETOOBIG, NULL, "an endpoint of %zu bytes; %d is the most",
		                    text.n, REED_ENDPOINT_LENGTH);
		return REED_ETOOBIG;
	}
	e->text = reed_pool_copy(&e->pool, text);
	err = take_scheme(&p);
	if (err || p.at + 1 == e->text.n) /* "stdio:" has no parts */
		return err;
	while (!err && p.at < e->text.n) {
		p.at++;
		err = take_part(&p);
	}
	return err;
}

void reed_endpoint_finish(struct reed_endpoint *e)
{
	reed_pool_finish(&e->pool);
}

const struct reed_endpoint_part *reed_endpoint_arg(const struct reed_endpoint *e, unsigned n)
{
	return n < e->count && e->args[n].key.n == 0 ? &e->args[n] : NULL;
}

const struct reed_endpoint_part *reed_endpoint_key(const struct reed_endpoint *e, const char *key)
{
	for (unsigned i = 0; i < e->count; i++)
		if (e->args[i].key.n > 0 && reed_slice_is(e->args[i].key, key))
			return &e->args[i];
	return NULL;
}

char *reed_endpoint_quote(struct reed_slice text)
{
	char *quoted = reed_alloc_raw(text.n * 2 + 1), *out = quoted;

	for (size_t i = 0; i < text.n; i++) {
		if (strchr(":=[]\\", text.p[i]))
			*out++ = '\\';
		*out++ = text.p[i];
	}
	*out = '\0';
	return quoted;
}

struct reed_fault *reed_endpoint_fault_at(const struct reed_endpoint *e,
                                          const struct reed_endpoint_part *part, const char *file,
                                          int line, const char *format, ...)
{
	char *shown = reed_endpoint_shown(e->text);
	struct reed_fault *what, *fault;
	va_list args;

	va_start(args, format);
	what = reed_fault_new_v(REED_ESYNTAX, NULL, file, line, format, args);
	va_end(args);
	if (part)
		fault = reed_fault_new(REED_ESYNTAX, NULL, file, line, "\"%s\", column %zu: %s",
		                       shown, shown_column(e->text, part->column), what->sentence);
	else
		fault = reed_fault_new(REED_ESYNTAX, NULL, file, line, "\"%s\": %s", shown,
		                       what->sentence);
	reed_fault_free(what);
	reed_free(shown);
	return fault;
}

static const struct {
	const char *name;
	uint16_t port;
} known_ports[] = {
	{ "domain", 53 }, { "ftp", 21 },           { "http", 80 },          { "https", 443 },
	{ "imap", 143 },  { "imaps", 993 },        { "irc", 6667 },         { "ircs", 6697 },
	{ "pop3", 110 },  { "smtp", 25 },          { "ssh", 22 },           { "submission", 587 },
	{ "telnet", 23 }, { "xmpp-client", 5222 }, { "xmpp-server", 5269 },
};

enum reed_err reed_endpoint_port(const struct reed_endpoint *e,
                                 const struct reed_endpoint_part *part, uint16_t *port,
                                 struct reed_fault **fault)
{
	uint64_t number;

	for (size_t i = 0; i < REED_COUNT(known_ports); i++) {
		if (!reed_slice_is(part->value, known_ports[i].name))
			continue;
		*port = known_ports[i].port;
		return REED_OK;
	}
	if (!reed_slice_u64(part->value, 65535, &number)) {
		*port = (uint16_t)number;
		return REED_OK;
	}
	*fault = reed_endpoint_fault(e, part,
	                             "\"" REED_FMT "\" is no port; a number from 0 to "
	                             "65535 must stand here",
	                             REED_ARG(part->value));
	return REED_ESYNTAX;
}
