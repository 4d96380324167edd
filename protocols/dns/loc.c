/*
 * Places: RFC 1876.  Angles are thousandths of a second of arc around 2^31, the
 * altitude centimetres above 100 km below the ellipsoid, sizes one digit and a
 * power of ten.
 */

#include "text.h"

#define MIDDLE UINT32_C(0x80000000)
#define SEA    INT64_C(10000000)
#define DEGREE UINT32_C(3600000)

static bool size_ok(uint8_t size)
{
	return size >> 4 <= 9 && (size & 15) <= 9 && (size >> 4 || size == 0);
}

static bool angle_ok(uint32_t angle, unsigned degrees)
{
	uint32_t off = angle > MIDDLE ? angle - MIDDLE : MIDDLE - angle;

	return off <= degrees * DEGREE;
}

bool dns_loc_ok(const uint8_t *p)
{
	return p[0] == 0 && size_ok(p[1]) && size_ok(p[2]) && size_ok(p[3]) &&
	       angle_ok(dns_get32(p + 4), 90) && angle_ok(dns_get32(p + 8), 180);
}

/* A number with up to `digits` digits behind its point, times 10^digits. */
static bool read_decimal(struct reed_slice text, unsigned digits, uint64_t max, uint64_t *value)
{
	bool dot = reed_slice_find(text, '.') < text.n;
	struct reed_slice rest = text, whole = reed_slice_cut(&rest, '.');
	uint64_t part = 0;

	if (reed_slice_u64(whole, max, value) || rest.n > digits)
		return false;
	if (dot && reed_slice_u64(rest, UINT32_MAX, &part))
		return false;
	for (size_t i = 0; i < digits; i++) {
		*value *= 10;
		if (i >= rest.n)
			part *= 10;
	}
	*value += part;
	return *value <= max;
}

static bool is_one_of(struct reed_slice text, const char *letters)
{
	return text.n == 1 && strchr(letters, text.p[0] & ~0x20) && text.p[0] & 0x40;
}

/* 52 22 23.000 N, where minutes and seconds may be left out */
static enum reed_err read_angle(struct reader *r, unsigned degrees, const char *letters,
                                const char *wanted)
{
	const uint32_t units[] = { DEGREE, 60000, 1 };
	uint64_t sum = 0, value;
	struct word word;
	enum reed_err err = dns_lex_need(&r->lx, &word, wanted);

	for (unsigned i = 0; i < 3 && !err && (i == 0 || !is_one_of(word.text, letters)); i++) {
		bool ok = i == 2 ? read_decimal(word.text, 3, 59999, &value)
		                 : !reed_slice_u64(word.text, i ? 59 : degrees, &value);

		if (!ok)
			return dns_lex_wanted(&r->lx, wanted);
		sum += value * units[i];
		err = dns_lex_need(&r->lx, &word, wanted);
	}
	if (err)
		return err;
	if (!is_one_of(word.text, letters) || sum > (uint64_t)degrees * DEGREE)
		return dns_lex_wanted(&r->lx, wanted);
	/* North and east, the first of the letters, are above the middle. */
	return dns_emit_number(r,
	                       (word.text.p[0] & ~0x20) == letters[0] ? MIDDLE + sum : MIDDLE - sum,
	                       4);
}

static struct reed_slice without_m(struct reed_slice text)
{
	return text.n && (text.p[text.n - 1] | 0x20) == 'm' ? reed_slice_first(text, text.n - 1)
	                                                    : text;
}

static enum reed_err read_altitude(struct reader *r)
{
	static const char wanted[] = "an altitude between -100000.00m and 42849672.95m";
	struct reed_slice text;
	struct word word;
	uint64_t value;
	bool below;
	enum reed_err err = dns_lex_need(&r->lx, &word, wanted);

	if (err)
		return err;
	text = without_m(word.text);
	below = reed_slice_starts(text, REED_STR("-"));
	if (!read_decimal(reed_slice_from(text, below), 2, UINT32_MAX, &value) ||
	    (below ? value > SEA : value + SEA > UINT32_MAX))
		return dns_lex_wanted(&r->lx, wanted);
	return dns_emit_number(r, below ? SEA - value : SEA + value, 4);
}

static uint8_t size_of(uint64_t centimetres)
{
	unsigned power = 0;

	for (; centimetres > 9; centimetres /= 10)
		power++;
	return (uint8_t)(centimetres << 4 | power);
}

/* Size and precisions, each of which may be left out. */
static enum reed_err read_sizes(struct reader *r, uint8_t sizes[3])
{
	static const char wanted[] = "a size up to 90000000.00m";
	struct word word;
	enum reed_err err = REED_OK;

	for (unsigned i = 0; i < 3 && !(err = dns_lex_next(&r->lx, &word)); i++) {
		uint64_t value;

		if (!read_decimal(without_m(word.text), 2, UINT64_C(9999999999), &value))
			return dns_lex_wanted(&r->lx, wanted);
		sizes[i] = size_of(value);
	}
	return err == REED_EEOF ? REED_OK : err;
}

enum reed_err dns_read_loc(struct reader *r)
{
	uint8_t head[4] = { 0, 0x12, 0x16, 0x13 }; /* 1m, 10000m, 10m: RFC 1876 3 */
	size_t at = r->n;
	enum reed_err err = dns_emit(r, head, 4);

	if (!err)
		err = read_angle(r, 90, "NS", "a latitude, as 52 22 23.000 N");
	if (!err)
		err = read_angle(r, 180, "EW", "a longitude, as 4 53 32.000 E");
	if (!err)
		err = read_altitude(r);
	if (!err && !(err = read_sizes(r, head + 1)))
		memcpy(r->out + at, head, 4);
	return err;
}

static void print_angle(struct reed_buf *out, uint32_t angle, const char *letters)
{
	bool above = angle >= MIDDLE;
	uint32_t off = above ? angle - MIDDLE : MIDDLE - angle;

	reed_buf_printf(out, "%u %u %u.%03u %c ", off / DEGREE, off / 60000 % 60, off / 1000 % 60,
	                off % 1000, above ? letters[0] : letters[1]);
}

static void print_size(struct reed_buf *out, uint8_t size)
{
	uint64_t value = size >> 4;

	for (unsigned i = size & 15; i > 0; i--)
		value *= 10;
	reed_buf_printf(out, " %u.%02um", (unsigned)(value / 100), (unsigned)(value % 100));
}

void dns_print_loc(struct reed_buf *out, const uint8_t *p)
{
	int64_t altitude = (int64_t)dns_get32(p + 12) - SEA;
	uint64_t off = (uint64_t)(altitude < 0 ? -altitude : altitude);

	print_angle(out, dns_get32(p + 4), "NS");
	print_angle(out, dns_get32(p + 8), "EW");
	reed_buf_printf(out, "%s%u.%02um", altitude < 0 ? "-" : "", (unsigned)(off / 100),
	                (unsigned)(off % 100));
	for (unsigned i = 1; i <= 3; i++)
		print_size(out, p[i]);
}
