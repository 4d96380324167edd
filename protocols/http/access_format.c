/* Lines of an access log in a format of one's own, as Apache's LogFormat has them. */

#include "access.h"

static const struct reed_http_head no_head;

static struct reed_slice field(const struct reed_http_head *head, struct reed_slice name)
{
	char text[64];

	reed_slice_copy(text, sizeof(text), name);
	return reed_http_field(head->fields, head->count, text, 0);
}

static struct reed_slice text_of(const struct reed_http_access *a, char letter,
                                 struct reed_slice name)
{
	const struct reed_http_head *head = a->head ? a->head : &no_head;

	switch (letter) {
	case 'i':
		return field(head, name);
	case 'm':
		return head->method_name;
	case 'u':
		return a->user;
	case 'U':
		return head->path;
	case 'v':
		return head->host;
	default:
		return REED_STR("");
	}
}

static void put_text(struct reed_buf *out, struct reed_slice text)
{
	access_add_quoted(out, text.n > 0 ? text : REED_STR("-"), false);
}

static void put_number(struct reed_buf *out, int64_t n)
{
	reed_buf_printf(out, "%lld", (long long)n);
}

static void put_query(struct reed_buf *out, const struct reed_http_access *a)
{
	if (!a->head || a->head->query.n == 0)
		return;
	reed_buf_add_char(out, '?');
	put_text(out, a->head->query);
}

static void put_protocol(struct reed_buf *out, const struct reed_http_access *a)
{
	if (a->head)
		reed_buf_printf(out, "HTTP/%u.%u", a->head->major, a->head->minor);
	else
		reed_buf_add_char(out, '-');
}

static void put_time(struct reed_buf *out, const struct reed_http_access *a)
{
	reed_buf_add_char(out, '[');
	access_add_time(out, a->wall);
	reed_buf_add_char(out, ']');
}

static void put_figure(struct reed_buf *out, const struct reed_http_access *a, char letter)
{
	if (letter == 's')
		put_number(out, a->status);
	else if (letter == 'D')
		put_number(out, a->duration / 1000);
	else if (letter == 'T')
		put_number(out, a->duration / REED_S(1));
	else if (letter == 'B' || a->bytes > 0)
		put_number(out, (int64_t)a->bytes);
	else
		reed_buf_add_char(out, '-');
}

static void put(struct reed_buf *out, const struct reed_http_access *a, char letter,
                struct reed_slice name)
{
	if (letter == '%')
		reed_buf_add_char(out, '%');
	else if (letter == 'h' || letter == 'a')
		access_add_address(out, name.n > 0 ? &a->peer : access_client(a));
	else if (letter == 't')
		put_time(out, a);
	else if (letter == 'r')
		access_add_request(out, a);
	else if (letter == 'q')
		put_query(out, a);
	else if (letter == 'H')
		put_protocol(out, a);
	else if (strchr("bBsDT", letter))
		put_figure(out, a, letter);
	else
		put_text(out, text_of(a, letter, name));
}

/* Of %{NAME}i and %{c}a; others have none. */
static bool fits(char letter, struct reed_slice name)
{
	if (letter == 'i')
		return reed_http_is_token(name) && name.n < 64;
	return letter && strchr("%abBDhHlmqrstTuUv", letter) &&
	       (name.n == 0 || (letter == 'a' && reed_slice_is(name, "c")));
}

/* rest is behind the percent sign, and then behind what follows it; 0: that means nothing. */
static char take(struct reed_slice *rest, struct reed_slice *name)
{
	char letter;

	*name = REED_STR("");
	if (rest->n > 0 && rest->p[0] == '{') {
		*name = reed_slice_from(*rest, 1);
		*name = reed_slice_first(*name, reed_slice_find(*name, '}'));
		*rest = reed_slice_from(*rest, name->n + 2);
	} else if (reed_slice_starts(*rest, REED_STR(">s"))) {
		*rest = reed_slice_from(*rest, 1);
	}
	letter = rest->n > 0 ? rest->p[0] : '\0';
	*rest = reed_slice_from(*rest, 1);
	return fits(letter, *name) ? letter : '\0';
}

enum reed_err reed_http_access_check(const char *format, struct reed_buf *why)
{
	struct reed_slice rest = reed_slice_of(format), before, name;

	for (size_t i = 0; i < rest.n; i++) {
		if ((unsigned char)rest.p[i] >= 0x20)
			continue;
		reed_buf_add_str(why, "has a control character in it, and a line is one line");
		return REED_ESYNTAX;
	}
	while (rest.n > 0) {
		rest = reed_slice_from(rest, reed_slice_find(rest, '%'));
		before = rest;
		if (rest.n == 0)
			break;
		rest = reed_slice_from(rest, 1);
		if (take(&rest, &name))
			continue;
		reed_buf_printf(why,
		                "has " REED_FMT ", which means nothing; write it as in %%h %%l %%u "
		                "%%t \"%%r\" %%>s %%b \"%%{Referer}i\"",
		                REED_ARG(reed_slice_first(before, before.n - rest.n)));
		return REED_ESYNTAX;
	}
	return REED_OK;
}

void reed_http_access_custom(const struct reed_http_access *access, const char *format,
                             struct reed_buf *out)
{
	struct reed_slice rest = reed_slice_of(format), name;
	char letter;

	while (rest.n > 0) {
		size_t n = reed_slice_find(rest, '%');

		reed_buf_add(out, reed_slice_first(rest, n));
		if (n == rest.n)
			break;
		rest = reed_slice_from(rest, n + 1);
		letter = take(&rest, &name);
		if (letter)
			put(out, access, letter, name);
	}
	reed_buf_add_char(out, '\n');
}
