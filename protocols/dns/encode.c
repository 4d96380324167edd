/* Bytes as text: hexadecimal, base64 and base32hex (RFC 4648), whose words may be cut anywhere. */

#include "reed/base64.h"
#include "text.h"

static int base64_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

static int base32_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'v')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'V' ? c - 'A' + 10 : -1;
}

/* Digits of `width` bits, made into bytes. */
struct bits {
	int (*digit)(char c);
	unsigned width;
	const char *wanted;
	unsigned held, value; /* bits that make no byte yet */
	unsigned digits, padding;
};

static enum reed_err add_digits(struct reader *r, struct bits *b, struct reed_slice text)
{
	for (size_t i = 0; i < text.n; i++) {
		int digit = b->digit(text.p[i]);

		if (digit < 0 && text.p[i] == '=' && b->width == 6) {
			b->padding++;
			continue;
		}
		if (digit < 0 || b->padding)
			return dns_lex_wanted(&r->lx, b->wanted);
		b->digits++;
		b->value = (b->value << b->width | (unsigned)digit) & 0xffff;
		b->held += b->width;
		if (b->held < 8)
			continue;
		b->held -= 8;
		if (r->n >= r->room)
			return REED_ETOOBIG;
		r->out[r->n++] = (uint8_t)(b->value >> b->held);
	}
	return REED_OK;
}

/* Nothing is left that could be something else: one string of bytes has one text. */
static enum reed_err end_digits(struct reader *r, const struct bits *b)
{
	unsigned rest = b->digits % 4;

	if (b->held >= b->width || (b->value & ((1U << b->held) - 1)))
		return dns_lex_wanted(&r->lx, b->wanted);
	if (b->width == 6 && b->padding != (rest ? 4 - rest : 0))
		return dns_lex_wanted(&r->lx, b->wanted);
	return REED_OK;
}

static struct bits hex(void)
{
	return (struct bits){
		reed_hex_digit, 4, "an even number of hexadecimal digits", 0, 0, 0, 0
	};
}

static struct bits base64(void)
{
	return (struct bits){ base64_digit, 6, "base64", 0, 0, 0, 0 };
}

static enum reed_err read_word(struct reader *r, struct bits b, struct reed_slice text, size_t *n)
{
	size_t before = r->n;
	enum reed_err err = add_digits(r, &b, text);

	*n = r->n - before;
	return err ? err : end_digits(r, &b);
}

static enum reed_err read_rest(struct reader *r, struct bits b, size_t *n)
{
	size_t before = r->n;
	struct word word;
	enum reed_err err;

	while (!(err = dns_lex_next(&r->lx, &word)))
		if ((err = add_digits(r, &b, word.text)))
			return err;
	*n = r->n - before;
	return err == REED_EEOF ? end_digits(r, &b) : err;
}

enum reed_err dns_read_hex_rest(struct reader *r, size_t *n)
{
	return read_rest(r, hex(), n);
}

enum reed_err dns_read_base64_rest(struct reader *r)
{
	size_t n;

	return read_rest(r, base64(), &n);
}

enum reed_err dns_read_hex_word(struct reader *r, struct reed_slice text, size_t *n)
{
	return read_word(r, hex(), text, n);
}

enum reed_err dns_read_base64_word(struct reader *r, struct reed_slice text)
{
	size_t n;

	return read_word(r, base64(), text, &n);
}

enum reed_err dns_read_base32_word(struct reader *r, struct reed_slice text, size_t *n)
{
	struct bits b = {
		base32_digit, 5, "base32hex, as in 0P9MHAVEQVM6T7VBL5LOP2U3T2RP3TOM", 0, 0, 0, 0
	};

	return read_word(r, b, text, n);
}

void dns_print_hex(struct reed_buf *out, const uint8_t *p, size_t n)
{
	static const char digits[] = "0123456789ABCDEF";

	if (reed_buf_reserve(out, 2 * n))
		return;
	for (size_t i = 0; i < n; i++) {
		out->p[out->end + 2 * i] = digits[p[i] >> 4];
		out->p[out->end + 2 * i + 1] = digits[p[i] & 15];
	}
	reed_buf_added(out, 2 * n);
}

void dns_print_base32(struct reed_buf *out, const uint8_t *p, size_t n)
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUV";
	unsigned held = 0, value = 0;

	for (size_t i = 0; i < n; i++) {
		value = (value << 8 | p[i]) & 0xffff;
		for (held += 8; held >= 5; held -= 5)
			reed_buf_add_char(out, digits[value >> (held - 5) & 31]);
	}
	if (held)
		reed_buf_add_char(out, digits[value << (5 - held) & 31]);
}
