/* The frame of a sentence: what stands between $ and *, and whether it came through. */

#include "reed/positioning/nmea.h"

#include "reed/base64.h"

static unsigned char sum_of(struct reed_slice text)
{
	unsigned char sum = 0;

	for (size_t i = 0; i < text.n; i++)
		sum ^= (unsigned char)text.p[i];
	return sum;
}

/* NMEA 0183 4.0, 7: \s:rx,n:12*hh\ in front says who has heard it, and when. */
static bool skip_tags(struct reed_slice *line)
{
	struct reed_slice tags;

	if (line->n == 0 || line->p[0] != '\\')
		return true;
	*line = reed_slice_from(*line, 1);
	tags = *line;
	*line = reed_slice_from(*line, reed_slice_find(tags, '\\') + 1);
	return line->n > 0;
}

static bool is_plain(struct reed_slice text)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] < ' ' || text.p[i] > '~' || text.p[i] == '$' || text.p[i] == '\\')
			return false;
	return true;
}

static enum reed_err verify(struct reed_slice *text, bool *checked)
{
	size_t star = reed_slice_find(*text, '*');
	struct reed_slice digits = reed_slice_from(*text, star + 1);
	unsigned char sum;

	*checked = star < text->n;
	if (!*checked)
		return REED_OK;
	*text = reed_slice_first(*text, star);
	if (digits.n != 2 || reed_hex_decode(digits, &sum, 1))
		return REED_ESYNTAX;
	return sum == sum_of(*text) ? REED_OK : REED_EPROTO;
}

static bool is_word(struct reed_slice word)
{
	for (size_t i = 0; i < word.n; i++)
		if (!((word.p[i] >= 'A' && word.p[i] <= 'Z') ||
		      (word.p[i] >= '0' && word.p[i] <= '9')))
			return false;
	return true;
}

/* Two letters for the talker and three for the type, or "P" and whatever they please. */
static bool split_address(struct reed_slice address, struct reed_nmea *s)
{
	size_t talker = address.n > 0 && address.p[0] == 'P' ? 1 : 2;

	s->talker = reed_slice_first(address, talker);
	s->type = reed_slice_from(address, talker);
	return is_word(address) && (talker == 1 ? address.n > 1 : address.n == 5);
}

enum reed_err reed_nmea_parse(struct reed_slice line, struct reed_nmea *s)
{
	struct reed_slice text = reed_slice_trim(line);
	enum reed_err err;

	s->count = 0;
	if (!skip_tags(&text) || text.n == 0 || (text.p[0] != '$' && text.p[0] != '!'))
		return REED_ESYNTAX;
	if (text.n > REED_NMEA_LENGTH)
		return REED_ETOOBIG;
	text = reed_slice_from(text, 1);
	err = verify(&text, &s->checked);
	if (err)
		return err;
	if (!is_plain(text) ||
	    !split_address(reed_slice_first(text, reed_slice_find(text, ',')), s))
		return REED_ESYNTAX;
	if (reed_slice_find(text, ',') == text.n)
		return REED_OK;
	reed_slice_cut(&text, ',');
	for (bool more = true; more;) {
		if (s->count == REED_NMEA_FIELDS)
			return REED_ETOOBIG;
		more = reed_slice_find(text, ',') < text.n;
		s->fields[s->count++] = reed_slice_cut(&text, ',');
	}
	return REED_OK;
}

enum reed_err reed_nmea_frame(struct reed_buf *out, struct reed_slice text)
{
	if (text.n == 0 || text.n + 6 > REED_NMEA_LENGTH || !is_plain(text) ||
	    reed_slice_find(text, '*') < text.n)
		return REED_EINVAL;
	reed_buf_printf(out, "$" REED_FMT "*%02X\r\n", REED_ARG(text), sum_of(text));
	return REED_OK;
}

enum reed_constellation reed_nmea_constellation(struct reed_slice talker)
{
	static const struct {
		const char *talker;
		enum reed_constellation is;
	} known[] = { { "GP", REED_GPS },    { "GL", REED_GLONASS }, { "GA", REED_GALILEO },
		      { "GB", REED_BEIDOU }, { "BD", REED_BEIDOU },  { "GQ", REED_QZSS },
		      { "QZ", REED_QZSS },   { "GI", REED_NAVIC } };

	for (size_t i = 0; i < REED_COUNT(known); i++)
		if (reed_slice_is(talker, known[i].talker))
			return known[i].is;
	return REED_CONSTELLATION_UNKNOWN;
}
