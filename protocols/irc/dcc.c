/* The words of DCC: offers, and what a file may be called. */

#include "reed/irc/dcc.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What is put behind it has room in a name of the system's. */
enum { NAME_MOST = 200 };

/* ---- reading ---- */

static const char *const kinds[] = {
	[REED_IRC_DCC_CHAT] = "CHAT",
	[REED_IRC_DCC_SEND] = "SEND",
	[REED_IRC_DCC_RESUME] = "RESUME",
	[REED_IRC_DCC_ACCEPT] = "ACCEPT",
};

static struct reed_slice trim_front(struct reed_slice s)
{
	while (s.n > 0 && *s.p == ' ')
		s = reed_slice_from(s, 1);
	return s;
}

static struct reed_slice next_word(struct reed_slice *rest)
{
	*rest = trim_front(*rest);
	return reed_slice_cut(rest, ' ');
}

static bool is_number(struct reed_slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.n > 0;
}

static bool take_name(struct reed_slice *rest, struct reed_slice *name)
{
	struct reed_slice all = trim_front(*rest);

	if (all.n == 0 || *all.p != '"') {
		*name = next_word(rest);
		return true;
	}
	*rest = reed_slice_from(all, 1);
	*name = reed_slice_cut(rest, '"');
	return name->p + name->n < all.p + all.n; /* else it has no end */
}

/* As a number of 32 bits, in digits with colons, or with dots. */
static bool read_address(struct reed_slice word, uint16_t port, struct reed_address *out)
{
	uint64_t ip;

	if (!is_number(word))
		return reed_address_parse(word, port, out) == REED_OK;
	if (reed_slice_u64(word, UINT32_MAX, &ip))
		return false;
	*out = (struct reed_address){ .family = REED_FAMILY_IPV4, .port = port };
	for (int i = 0; i < 4; i++)
		out->ip[i] = (unsigned char)(ip >> (24 - 8 * i));
	return true;
}

static bool read_token(struct reed_slice *rest, struct reed_slice *token)
{
	*token = next_word(rest);
	return token->n <= REED_IRC_DCC_TOKEN;
}

static bool read_offer(struct reed_slice rest, struct reed_irc_dcc *out)
{
	struct reed_slice ip = next_word(&rest), port = next_word(&rest);
	uint64_t number;

	if (reed_slice_u64(port, UINT16_MAX, &number) ||
	    !read_address(ip, (uint16_t)number, &out->address))
		return false;
	if (out->kind == REED_IRC_DCC_SEND) {
		struct reed_slice size = next_word(&rest);

		out->has_size = size.n > 0;
		if (out->has_size && reed_slice_u64(size, INT64_MAX, &out->size))
			return false;
	}
	return read_token(&rest, &out->token) && (number > 0 || out->token.n > 0);
}

static bool read_position(struct reed_slice rest, struct reed_irc_dcc *out)
{
	struct reed_slice port = next_word(&rest), position = next_word(&rest);
	uint64_t number;

	out->has_size = true;
	if (reed_slice_u64(port, UINT16_MAX, &number) ||
	    reed_slice_u64(position, INT64_MAX, &out->size))
		return false;
	out->address.port = (uint16_t)number;
	return read_token(&rest, &out->token);
}

enum reed_err reed_irc_dcc_parse(struct reed_slice params, struct reed_irc_dcc *out)
{
	struct reed_slice rest = params, verb = next_word(&rest);
	size_t kind = 0;
	bool good;

	*out = (struct reed_irc_dcc){ .kind = REED_IRC_DCC_CHAT };
	while (kind < REED_COUNT(kinds) && !reed_slice_is_nocase(verb, kinds[kind]))
		kind++;
	if (kind == REED_COUNT(kinds))
		return REED_ESYNTAX;
	out->kind = (enum reed_irc_dcc_kind)kind;
	if (!take_name(&rest, &out->name) || out->name.n == 0)
		return REED_ESYNTAX;
	good = kind <= REED_IRC_DCC_SEND ? read_offer(rest, out) : read_position(rest, out);
	return good ? REED_OK : REED_ESYNTAX;
}

enum reed_err reed_irc_dcc_of(const struct reed_irc_event *event, struct reed_irc_dcc *out)
{
	if (event->kind != REED_IRC_EVENT_CTCP || event->is_mine || event->is_past ||
	    !event->is_private || !reed_slice_is_nocase(event->subject, "DCC"))
		return REED_ESYNTAX;
	return reed_irc_dcc_parse(event->text, out);
}

/* ---- writing ---- */

struct writing {
	char *p;
	size_t n, room;
};

static REED_PRINTF(2, 3) void put(struct writing *w, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(w->n < w->room ? w->p + w->n : NULL, w->n < w->room ? w->room - w->n : 0,
	              format, args);
	va_end(args);
	w->n += n < 0 ? w->room : (size_t)n;
}

static bool is_name(struct reed_slice name)
{
	for (size_t i = 0; i < name.n; i++)
		if (strchr("\"\r\n\001", name.p[i])) /* and NUL */
			return false;
	return name.n > 0;
}

static bool is_token(struct reed_slice token)
{
	for (size_t i = 0; i < token.n; i++)
		if ((unsigned char)token.p[i] <= ' ')
			return false;
	return token.n <= REED_IRC_DCC_TOKEN;
}

static void put_address(struct writing *w, const struct reed_address *at)
{
	char text[REED_ADDRESS_TEXT];
	uint32_t ip = 0;

	if (at->family == REED_FAMILY_IPV6) {
		put(w, " %s", reed_address_host(at, text));
	} else {
		for (int i = 0; i < 4; i++)
			ip = ip << 8 | at->ip[i];
		put(w, " %" PRIu32, ip);
	}
	put(w, " %u", at->port);
}

enum reed_err reed_irc_dcc_format(const struct reed_irc_dcc *dcc, char *p, size_t room,
                                  struct reed_slice *out)
{
	struct writing w = { .p = p, .room = room };
	const char *quote = reed_slice_find(dcc->name, ' ') < dcc->name.n ? "\"" : "";

	if (!is_name(dcc->name) || !is_token(dcc->token))
		return REED_ESYNTAX;
	put(&w, "%s %s" REED_FMT "%s", kinds[dcc->kind], quote, REED_ARG(dcc->name), quote);
	if (dcc->kind <= REED_IRC_DCC_SEND)
		put_address(&w, &dcc->address);
	else
		put(&w, " %u", dcc->address.port);
	if (dcc->has_size)
		put(&w, " %" PRIu64, dcc->size);
	if (dcc->token.n > 0)
		put(&w, " " REED_FMT, REED_ARG(dcc->token));
	if (w.n >= room)
		return REED_ETOOBIG;
	*out = reed_slice(p, w.n);
	return REED_OK;
}

/* ---- names of files ---- */

static struct reed_slice base_of(struct reed_slice name)
{
	for (size_t i = name.n; i > 0; i--)
		if (name.p[i - 1] == '/' || name.p[i - 1] == '\\')
			return reed_slice_from(name, i);
	return name;
}

/* No character is cut in two. */
static struct reed_slice first_characters(struct reed_slice s, size_t most)
{
	size_t n = most;

	if (s.n <= most)
		return s;
	while (n > 0 && ((unsigned char)s.p[n] & 0xc0) == 0x80)
		n--;
	return reed_slice_first(s, n);
}

const char *reed_irc_dcc_file_name(struct reed_slice name, char into[REED_IRC_DCC_NAME])
{
	struct reed_slice base = base_of(name);
	size_t n = 0;

	while (base.n > 0 && (*base.p == '.' || *base.p == ' '))
		base = reed_slice_from(base, 1);
	base = first_characters(base, NAME_MOST);
	for (size_t i = 0; i < base.n; i++) {
		unsigned char c = (unsigned char)base.p[i];

		into[n++] = c < ' ' || c == 0x7f ? '_' : (char)c;
	}
	into[n] = '\0';
	return n > 0 ? into : strcpy(into, "file");
}
