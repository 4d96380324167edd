/* Lists of prefixes: RFC 3123. */

#include "text.h"

#include <stdio.h>

enum { IPV4 = 1, IPV6 = 2, NEGATED = 0x80 };

static unsigned width_of(unsigned family)
{
	return family == IPV4 ? 4 : family == IPV6 ? 16 : 0;
}

/* Without zero bytes at the end (RFC 3123 4); of families that have a form as text. */
bool dns_prefixes_ok(const uint8_t *p, size_t n)
{
	while (n) {
		unsigned width, length;

		if (n < 4)
			return false;
		width = width_of(dns_get16(p));
		length = p[3] & 0x7fU;
		if (!width || p[2] > width * 8 || length > width || n < 4 + length)
			return false;
		if (length && p[3 + length] == 0)
			return false;
		n -= 4 + length;
		p += 4 + length;
	}
	return true;
}

static enum reed_err emit_prefix(struct reader *r, const uint8_t *address, unsigned family,
                                 unsigned bits, bool negated)
{
	unsigned n = width_of(family);
	uint8_t head[4];

	while (n && !address[n - 1])
		n--;
	dns_put16(head, family);
	head[2] = (uint8_t)bits;
	head[3] = (uint8_t)(n | (negated ? NEGATED : 0));
	return dns_emit(r, head, 4) ? REED_ETOOBIG : dns_emit(r, address, n);
}

/* !1:192.168.38.0/28 */
static enum reed_err read_prefix(struct reader *r, struct reed_slice text)
{
	static const char wanted[] = "a prefix, as 1:192.0.2.0/24 or !2:2001:db8::/32";
	bool negated = reed_slice_starts(text, REED_STR("!")), ok;
	struct reed_slice rest = reed_slice_from(text, negated);
	struct reed_slice first = reed_slice_cut(&rest, ':'), address = reed_slice_cut(&rest, '/');
	uint64_t family, bits;
	uint8_t bytes[16];

	if (reed_slice_u64(first, IPV6, &family) || family < IPV4)
		return dns_lex_wanted(&r->lx, wanted);
	ok = family == IPV4 ? dns_address4(address, bytes) : dns_address6(address, bytes);
	if (!ok || reed_slice_u64(rest, width_of((unsigned)family) * 8, &bits))
		return dns_lex_wanted(&r->lx, wanted);
	return emit_prefix(r, bytes, (unsigned)family, (unsigned)bits, negated);
}

enum reed_err dns_read_prefixes(struct reader *r)
{
	struct word word;
	enum reed_err err;

	while (!(err = dns_lex_next(&r->lx, &word)))
		if ((err = read_prefix(r, word.text)))
			return err;
	return err == REED_EEOF ? REED_OK : err;
}

/* With a space in front of each. */
void dns_print_prefixes(struct reed_buf *out, const uint8_t *p, size_t n)
{
	const uint8_t *end = p + n;

	while (p < end) {
		unsigned family = dns_get16(p), length = p[3] & 0x7fU;
		uint8_t address[16] = { 0 };
		char text[ADDRESS_SIZE];
		struct reed_slice s;

		memcpy(address, p + 4, length);
		s = family == IPV4 ? dns_print_address4(address, text)
		                   : dns_print_address6(address, text);
		reed_buf_printf(out, " %s%u:" REED_FMT "/%u", p[3] & NEGATED ? "!" : "", family,
		                REED_ARG(s), p[2]);
		p += 4 + length;
	}
}
