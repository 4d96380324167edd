/* Bitmaps of types as text: RFC 4034 4.1.2 and 4.2. */

#include "text.h"

/* A window is cleared when it is first used: most records use one or two of the 256. */
struct bitmap {
	uint8_t windows[256][32];
	uint8_t lengths[256]; /* bytes up to the last bit; 0: not used */
};

static void set(struct bitmap *map, uint16_t type)
{
	unsigned window = type >> 8, at = (type & 255) / 8;

	if (!map->lengths[window])
		memset(map->windows[window], 0, sizeof(map->windows[window]));
	map->windows[window][at] |= (uint8_t)(0x80 >> (type & 7));
	if (map->lengths[window] <= at)
		map->lengths[window] = (uint8_t)(at + 1);
}

static enum reed_err emit(struct reader *r, const struct bitmap *map)
{
	enum reed_err err = REED_OK;

	for (unsigned i = 0; i < 256 && !err; i++) {
		if (!map->lengths[i])
			continue;
		err = dns_emit_number(r, i << 8 | map->lengths[i], 2);
		if (!err)
			err = dns_emit(r, map->windows[i], map->lengths[i]);
	}
	return err;
}

enum reed_err dns_read_types(struct reader *r)
{
	struct bitmap map;
	struct word word;
	enum reed_err err;

	memset(map.lengths, 0, sizeof(map.lengths));
	while (!(err = dns_lex_next(&r->lx, &word))) {
		uint16_t type;

		if (reed_dns_type_parse(word.text, &type))
			return dns_lex_wanted(&r->lx, "a type, as AAAA or TYPE65280");
		set(&map, type);
	}
	return err == REED_EEOF ? emit(r, &map) : err;
}

static void print_window(struct reed_buf *out, unsigned window, const uint8_t *p, unsigned n)
{
	char word[REED_DNS_WORD_SIZE];

	for (unsigned i = 0; i < n * 8; i++) {
		if (!(p[i / 8] & 0x80 >> i % 8))
			continue;
		reed_buf_add_char(out, ' ');
		reed_buf_add(out, reed_dns_type_format((uint16_t)(window << 8 | i), word));
	}
}

/* With a space in front of each. */
void dns_print_types(struct reed_buf *out, const uint8_t *p, size_t n)
{
	for (const uint8_t *end = p + n; p < end; p += 2 + p[1])
		print_window(out, p[0], p + 2, p[1]);
}
