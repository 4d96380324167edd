/* Names as people write them: RFC 1035 5.1, RFC 4343 2.1. */

#include "reed/dns/name.h"

#include "name_text.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

size_t dns_unescape(const char *p, size_t n, uint8_t *byte)
{
	unsigned value;

	if (n < 2)
		return 0;
	if (!is_digit(p[1])) {
		*byte = (uint8_t)p[1];
		return 2;
	}
	if (n < 4 || !is_digit(p[2]) || !is_digit(p[3]))
		return 0;
	value = (unsigned)(p[1] - '0') * 100 + (unsigned)(p[2] - '0') * 10 + (unsigned)(p[3] - '0');
	if (value > 255)
		return 0;
	*byte = (uint8_t)value;
	return 4;
}

/* Ends the label whose length byte is at `start`. */
static enum reed_err end_label(struct reed_dns_name *name, unsigned start, unsigned at)
{
	unsigned n = at - start - 1;

	if (n == 0)
		return REED_ESYNTAX;
	if (n > REED_DNS_LABEL_MAX)
		return REED_ETOOBIG;
	name->wire[start] = (uint8_t)n;
	name->labels++;
	return REED_OK;
}

static enum reed_err add_origin(struct reed_dns_name *name, unsigned at,
                                const struct reed_dns_name *origin)
{
	static const struct reed_dns_name root = { .n = 1 };

	if (!origin)
		origin = &root;
	if (at + origin->n > REED_DNS_NAME_MAX)
		return REED_ETOOBIG;
	memcpy(name->wire + at, origin->wire, origin->n);
	name->n = (uint8_t)(at + origin->n);
	name->labels += origin->labels;
	return REED_OK;
}

/* Each label has its length byte in front, which is known when it has ended. */
static enum reed_err parse_labels(struct reed_slice text, const struct reed_dns_name *origin,
                                  struct reed_dns_name *name)
{
	unsigned start = 0, at = 1;
	enum reed_err err = REED_OK;

	name->labels = 0;
	for (size_t i = 0; i < text.n && !err;) {
		uint8_t byte = (uint8_t)text.p[i];
		size_t took = 1;

		if (byte == '.') {
			err = end_label(name, start, at);
			start = at++;
			if (++i == text.n && !err)
				return add_origin(name, start, NULL);
			continue;
		}
		if (byte == '\\' && !(took = dns_unescape(text.p + i, text.n - i, &byte)))
			return REED_ESYNTAX;
		if (at >= REED_DNS_NAME_MAX - 1)
			return REED_ETOOBIG;
		name->wire[at++] = byte;
		i += took;
	}
	if (err || (err = end_label(name, start, at)))
		return err;
	return add_origin(name, at, origin);
}

enum reed_err reed_dns_name_parse(struct reed_slice text, const struct reed_dns_name *origin,
                                  struct reed_dns_name *name)
{
	if (text.n == 0)
		return REED_ESYNTAX;
	if (text.n == 1 && text.p[0] == '.') {
		reed_dns_name_root(name);
		return REED_OK;
	}
	if (text.n == 1 && text.p[0] == '@' && origin) {
		memcpy(name->wire, origin->wire, origin->n);
		name->n = origin->n;
		name->labels = origin->labels;
		return REED_OK;
	}
	return parse_labels(text, origin, name);
}

size_t dns_escape(uint8_t byte, const char *special, char *into)
{
	if (byte <= ' ' || byte >= 127) {
		into[0] = '\\';
		into[1] = (char)('0' + byte / 100);
		into[2] = (char)('0' + byte / 10 % 10);
		into[3] = (char)('0' + byte % 10);
		return 4;
	}
	if (strchr(special, byte)) {
		into[0] = '\\';
		into[1] = (char)byte;
		return 2;
	}
	into[0] = (char)byte;
	return 1;
}

static bool is_plain(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '_';
}

struct reed_slice reed_dns_name_format(const struct reed_dns_name *name,
                                       char into[REED_DNS_NAME_TEXT_SIZE])
{
	const uint8_t *p = name->wire;
	char *out = into;

	for (; p < name->wire + name->n && *p; p += *p + 1) {
		for (unsigned i = 1; i <= *p; i++) {
			if (is_plain(p[i]))
				*out++ = (char)p[i];
			else
				out += dns_escape(p[i], ".\\\"();@$", out);
		}
		*out++ = '.';
	}
	if (out == into && name->n)
		*out++ = '.';
	*out = '\0';
	return reed_slice(into, (size_t)(out - into));
}
