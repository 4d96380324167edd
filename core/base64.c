/*
 * Text of keys goes through here, so no table is indexed with secret bytes:
 * characters are computed, not looked up.
 */

#include "reed/base64.h"

/* All ones when low <= c <= high, else 0; all are below 256. */
static unsigned within(unsigned c, unsigned low, unsigned high)
{
	return ((low - 1 - c) & (c - high - 1)) >> 8;
}

/* The last two letters of RFC 4648 4, and of 5. */
static const char standard[] = "+/", url[] = "-_";

static char letter(unsigned six, const char *last)
{
	unsigned c = within(six, 0, 25) & (six + 'A');

	c |= within(six, 26, 51) & (six - 26 + 'a');
	c |= within(six, 52, 61) & (six - 52 + '0');
	c |= within(six, 62, 62) & (unsigned char)last[0];
	c |= within(six, 63, 63) & (unsigned char)last[1];
	return (char)(c & 0xff);
}

/* 0 to 63, or over that for what is no letter of base64. */
static unsigned six_of(char letter_, const char *last)
{
	unsigned c = (unsigned char)letter_, plus = (unsigned char)last[0];
	unsigned slash = (unsigned char)last[1];
	unsigned known = within(c, 'A', 'Z') | within(c, 'a', 'z') | within(c, '0', '9') |
	                 within(c, plus, plus) | within(c, slash, slash);
	unsigned six = within(c, 'A', 'Z') & (c - 'A');

	six |= within(c, 'a', 'z') & (c - 'a' + 26);
	six |= within(c, '0', '9') & (c - '0' + 52);
	six |= within(c, plus, plus) & 62;
	six |= within(c, slash, slash) & 63;
	return (six & 63) | (~known & 64);
}

static void encode_three(const unsigned char *in, size_t n, const char *last, char *out)
{
	unsigned word = (unsigned)in[0] << 16;

	word |= n > 1 ? (unsigned)in[1] << 8 : 0;
	word |= n > 2 ? in[2] : 0;
	out[0] = letter(word >> 18 & 63, last);
	out[1] = letter(word >> 12 & 63, last);
	out[2] = n > 1 ? letter(word >> 6 & 63, last) : '=';
	out[3] = n > 2 ? letter(word & 63, last) : '=';
}

static size_t encode(struct reed_slice bytes, const char *last, char *into)
{
	const unsigned char *in = (const unsigned char *)bytes.p;
	size_t out = 0;

	for (size_t at = 0; at < bytes.n; at += 3, out += 4)
		encode_three(in + at, bytes.n - at, last, into + out);
	return out;
}

size_t reed_base64(struct reed_slice bytes, char *into)
{
	size_t n = encode(bytes, standard, into);

	into[n] = '\0';
	return n;
}

static bool has_room(struct reed_buf *b, struct reed_slice bytes)
{
	if (bytes.n <= SIZE_MAX / 2)
		return !reed_buf_reserve(b, REED_BASE64_ROOM(bytes.n) - 1);
	b->err = b->err ? b->err : REED_ETOOBIG;
	return false;
}

void reed_buf_add_base64(struct reed_buf *b, struct reed_slice bytes)
{
	if (has_room(b, bytes))
		reed_buf_added(b, encode(bytes, standard, b->p + b->end));
}

void reed_buf_add_base64url(struct reed_buf *b, struct reed_slice bytes)
{
	if (!has_room(b, bytes))
		return;
	encode(bytes, url, b->p + b->end);
	reed_buf_added(b, bytes.n / 3 * 4 + (bytes.n % 3 * 4 + 2) / 3);
}

/* n, 1 to 3, of the bytes that four letters are; what the rest would be must be zero. */
static enum reed_err decode_four(const char *in, size_t n, const char *last, unsigned char *out)
{
	unsigned bad = 0, word = 0;

	for (size_t i = 0; i < 4; i++) {
		unsigned six = i <= n ? six_of(in[i], last) : 0;

		bad |= six & 64;
		word = word << 6 | (six & 63);
	}
	for (size_t i = 0; i < 3; i++) {
		unsigned byte = word >> (16 - 8 * i) & 255;

		if (i < n)
			out[i] = (unsigned char)byte;
		else
			bad |= byte;
	}
	return bad ? REED_ESYNTAX : REED_OK;
}

/* Text without its padding. */
static enum reed_err decode(struct reed_slice text, const char *last, unsigned char *out,
                            size_t room, size_t *n)
{
	size_t length = text.n / 4 * 3 + text.n % 4 * 3 / 4;
	enum reed_err err = REED_OK;

	*n = 0;
	if (text.n % 4 == 1)
		return REED_ESYNTAX;
	if (length > room)
		return REED_ETOOBIG;
	for (size_t at = 0; at < length && !err; at += 3, text = reed_slice_from(text, 4))
		err = decode_four(text.p, length - at < 3 ? length - at : 3, last, out + at);
	*n = err ? 0 : length;
	return err;
}

enum reed_err reed_base64_decode(struct reed_slice text, void *into, size_t room, size_t *n)
{
	*n = 0;
	if (text.n % 4)
		return REED_ESYNTAX;
	for (unsigned i = 0; i < 2 && text.n > 0 && text.p[text.n - 1] == '='; i++)
		text.n--;
	return decode(text, standard, (unsigned char *)into, room, n);
}

enum reed_err reed_base64url_decode(struct reed_slice text, void *into, size_t room, size_t *n)
{
	return decode(text, url, (unsigned char *)into, room, n);
}

size_t reed_hex(struct reed_slice bytes, char *into)
{
	for (size_t i = 0; i < bytes.n; i++) {
		unsigned c = (unsigned char)bytes.p[i];

		into[2 * i] = "0123456789abcdef"[c >> 4];
		into[2 * i + 1] = "0123456789abcdef"[c & 15];
	}
	into[2 * bytes.n] = '\0';
	return 2 * bytes.n;
}

enum reed_err reed_hex_decode(struct reed_slice text, void *into, size_t n)
{
	unsigned char *out = (unsigned char *)into;

	if (text.n != 2 * n)
		return REED_ESYNTAX;
	for (size_t i = 0; i < n; i++) {
		int high = reed_hex_digit(text.p[2 * i]), low = reed_hex_digit(text.p[2 * i + 1]);

		if (high < 0 || low < 0)
			return REED_ESYNTAX;
		out[i] = (unsigned char)(high << 4 | low);
	}
	return REED_OK;
}
