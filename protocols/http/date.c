/* Dates (RFC 9110 5.6.7), without the locale or the time zone of the process. */

#include "reed/http/message.h"

static const char days[] = "SunMonTueWedThuFriSat";
static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

struct civil {
	int64_t year;
	int month, day, hour, minute, second; /* month from 0 */
};

/* Days since 1970-01-01 of the Gregorian calendar, counted from March so that leap days end a year. */
static int64_t days_of(const struct civil *c)
{
	int64_t year = c->month < 2 ? c->year - 1 : c->year;
	int64_t era = year / 400, of_era = year - era * 400;
	int month = (c->month + 10) % 12;
	int64_t of_year = (153 * month + 2) / 5 + c->day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static void civil_of(int64_t day, struct civil *c)
{
	int64_t z = day + 719468, era = z / 146097, of_era = z - era * 146097;
	int64_t years = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * years + years / 4 - years / 100);
	int64_t month = (5 * of_year + 2) / 153;

	c->day = (int)(of_year - (153 * month + 2) / 5 + 1);
	c->month = (int)((month + 2) % 12);
	c->year = years + era * 400 + (c->month < 2 ? 1 : 0);
}

static void two(char *p, int n)
{
	p[0] = (char)('0' + n / 10);
	p[1] = (char)('0' + n % 10);
}

void reed_http_date(int64_t seconds, char into[REED_HTTP_DATE])
{
	const int64_t last = 253402300799; /* of the year 9999 */
	struct civil c = { .year = 0 };
	int64_t day;
	int rest;

	seconds = seconds < 0 ? 0 : seconds > last ? last : seconds;
	day = seconds / 86400;
	rest = (int)(seconds % 86400);
	civil_of(day, &c);
	memcpy(into, "Day, 00 Mon 0000 00:00:00 GMT", REED_HTTP_DATE);
	memcpy(into, days + (day + 4) % 7 * 3, 3);
	two(into + 5, c.day);
	memcpy(into + 8, months + c.month * 3, 3);
	two(into + 12, (int)(c.year / 100));
	two(into + 14, (int)(c.year % 100));
	two(into + 17, rest / 3600);
	two(into + 20, rest / 60 % 60);
	two(into + 23, rest % 60);
}

/* ---- parsing ---- */

static bool number(struct reed_slice *s, size_t digits, int64_t *out)
{
	struct reed_slice head = reed_slice_first(*s, digits);
	uint64_t n;

	if (head.n < digits || reed_slice_u64(head, INT64_MAX, &n))
		return false;
	*out = (int64_t)n;
	*s = reed_slice_from(*s, digits);
	return true;
}

static bool small(struct reed_slice *s, int *out)
{
	int64_t n;

	if (!number(s, 2, &n))
		return false;
	*out = (int)n;
	return true;
}

static bool literal(struct reed_slice *s, const char *text)
{
	struct reed_slice wanted = reed_slice_of(text);

	if (!reed_slice_starts(*s, wanted))
		return false;
	*s = reed_slice_from(*s, wanted.n);
	return true;
}

static bool month(struct reed_slice *s, int *out)
{
	for (int i = 0; i < 12; i++)
		if (s->n >= 3 && memcmp(s->p, months + i * 3, 3) == 0) {
			*out = i;
			*s = reed_slice_from(*s, 3);
			return true;
		}
	return false;
}

static bool clock_time(struct reed_slice *s, struct civil *c)
{
	return small(s, &c->hour) && literal(s, ":") && small(s, &c->minute) && literal(s, ":") &&
	       small(s, &c->second);
}

/* Sun, 06 Nov 1994 08:49:37 GMT */
static bool parse_imf(struct reed_slice s, struct civil *c)
{
	reed_slice_cut(&s, ' ');
	return small(&s, &c->day) && literal(&s, " ") && month(&s, &c->month) && literal(&s, " ") &&
	       number(&s, 4, &c->year) && literal(&s, " ") && clock_time(&s, c) &&
	       literal(&s, " GMT") && s.n == 0;
}

/* Sunday, 06-Nov-94 08:49:37 GMT: more than 50 years ahead is the century before */
static bool parse_rfc850(struct reed_slice s, int64_t now, struct civil *c)
{
	struct civil today = { .year = 0 };

	reed_slice_cut(&s, ' ');
	if (!small(&s, &c->day) || !literal(&s, "-") || !month(&s, &c->month) ||
	    !literal(&s, "-") || !number(&s, 2, &c->year) || !literal(&s, " ") ||
	    !clock_time(&s, c) || !literal(&s, " GMT") || s.n > 0)
		return false;
	civil_of(now / 86400, &today);
	c->year += today.year / 100 * 100;
	if (c->year > today.year + 50)
		c->year -= 100;
	return true;
}

/* Sun Nov  6 08:49:37 1994 */
static bool parse_asctime(struct reed_slice s, struct civil *c)
{
	int64_t day = 0;

	reed_slice_cut(&s, ' ');
	if (!month(&s, &c->month) || !literal(&s, " "))
		return false;
	if (literal(&s, " ") ? !number(&s, 1, &day) : !number(&s, 2, &day))
		return false;
	c->day = (int)day;
	return literal(&s, " ") && clock_time(&s, c) && literal(&s, " ") &&
	       number(&s, 4, &c->year) && s.n == 0;
}

static bool is_a_time(const struct civil *c)
{
	struct civil again = { .year = 0 };

	if (c->year < 1970 || c->day < 1 || c->hour > 23 || c->minute > 59 || c->second > 60)
		return false;
	civil_of(days_of(c), &again);
	return again.day == c->day && again.month == c->month;
}

enum reed_err reed_http_parse_date(struct reed_slice s, int64_t now, int64_t *seconds)
{
	struct civil c = { .year = 0 };

	if (!parse_imf(s, &c) && !parse_rfc850(s, now < 0 ? 0 : now, &c) && !parse_asctime(s, &c))
		return REED_ESYNTAX;
	if (!is_a_time(&c))
		return REED_ESYNTAX;
	*seconds = days_of(&c) * 86400 + c.hour * 3600 + c.minute * 60 + c.second;
	return REED_OK;
}
