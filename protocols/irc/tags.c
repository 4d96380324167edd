/* Tags of messages, and the time that one of them holds: IRCv3 message-tags, server-time. */

#include "reed/irc/message.h"

bool reed_irc_tag_next(struct reed_slice *tags, struct reed_irc_tag *out)
{
	while (tags->n > 0) {
		out->value = reed_slice_cut(tags, ';');
		out->key = reed_slice_cut(&out->value, '=');
		if (out->key.n > 0)
			return true;
	}
	return false;
}

bool reed_irc_tag(const struct reed_irc_message *m, struct reed_slice key, struct reed_slice *value)
{
	struct reed_slice rest = m->tags;
	struct reed_irc_tag tag;
	bool found = false;

	while (reed_irc_tag_next(&rest, &tag)) {
		if (reed_slice_eq(tag.key, key)) {
			*value = tag.value;
			found = true;
		}
	}
	return found;
}

static char unescaped(char c)
{
	switch (c) {
	case ':':
		return ';';
	case 's':
		return ' ';
	case 'r':
		return '\r';
	case 'n':
		return '\n';
	default:
		return c;
	}
}

/* A backslash at the end stands for nothing, one before any other byte for that byte. */
struct reed_slice reed_irc_tag_unescape(struct reed_slice value, char *into)
{
	size_t n = 0;

	if (reed_slice_find(value, '\\') == value.n)
		return value;
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] != '\\')
			into[n++] = value.p[i];
		else if (++i < value.n)
			into[n++] = unescaped(value.p[i]);
	}
	return reed_slice(into, n);
}

struct date {
	int64_t year;
	unsigned month, day;
};

/*
 * Days since 1970 of a day in the calendar of Gregory, in eras of 400 years
 * that begin in March, so that the day a leap year has more is its last.
 */
static int64_t days_of(struct date d)
{
	int64_t year = d.year - (d.month <= 2);
	int64_t era = (year >= 0 ? year : year - 399) / 400;
	int64_t of_era = year - era * 400;
	int64_t of_year = (153 * ((int64_t)d.month + (d.month > 2 ? -3 : 9)) + 2) / 5 + d.day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static struct date date_of(int64_t days)
{
	int64_t since = days + 719468;
	int64_t era = (since >= 0 ? since : since - 146096) / 146097;
	int64_t day = since - era * 146097;
	int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	int64_t of_year = day - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * of_year + 2) / 153;

	return (struct date){
		.year = year + era * 400 + (month >= 10),
		.month = (unsigned)(month < 10 ? month + 3 : month - 9),
		.day = (unsigned)(of_year - (153 * month + 2) / 5 + 1),
	};
}

static char *put(char *at, unsigned value, int digits, char behind)
{
	for (int i = digits; i-- > 0; value /= 10)
		at[i] = (char)('0' + value % 10);
	at[digits] = behind;
	return at + digits + 1;
}

#define DAY_MS     INT64_C(86400000)
#define YEAR_0     INT64_C(-62167219200000)
#define YEAR_10000 INT64_C(253402300800000)

struct reed_slice reed_irc_time_format(int64_t ms, char into[REED_IRC_TIME_SIZE])
{
	struct date date;
	unsigned of_day;
	char *at = into;
	int64_t days;

	ms = ms < YEAR_0 ? YEAR_0 : ms >= YEAR_10000 ? YEAR_10000 - 1 : ms;
	days = (ms >= 0 ? ms : ms - (DAY_MS - 1)) / DAY_MS;
	of_day = (unsigned)(ms - days * DAY_MS);
	date = date_of(days);
	at = put(at, (unsigned)date.year, 4, '-');
	at = put(at, date.month, 2, '-');
	at = put(at, date.day, 2, 'T');
	at = put(at, of_day / 3600000, 2, ':');
	at = put(at, of_day / 60000 % 60, 2, ':');
	at = put(at, of_day / 1000 % 60, 2, '.');
	at = put(at, of_day % 1000, 3, 'Z');
	*at = '\0';
	return reed_slice(into, (size_t)(at - into));
}

/* Takes digits and what has to stand behind them; false when they are not there. */
static bool take(struct reed_slice *rest, size_t digits, const char *behind, unsigned *out)
{
	uint64_t value;

	if (rest->n < digits || reed_slice_u64(reed_slice_first(*rest, digits), 9999, &value))
		return false;
	*out = (unsigned)value;
	*rest = reed_slice_from(*rest, digits);
	if (!reed_slice_starts(*rest, reed_slice_of(behind)))
		return false;
	*rest = reed_slice_from(*rest, strlen(behind));
	return true;
}

/* A fraction may be missing, or have more or fewer digits than three, and ends in 'Z'. */
static bool take_fraction(struct reed_slice rest, unsigned *ms)
{
	unsigned weight = 100;
	size_t i = 0;

	*ms = 0;
	if (rest.n > 2 && rest.p[0] == '.')
		for (i = 1; i < rest.n && rest.p[i] >= '0' && rest.p[i] <= '9'; i++, weight /= 10)
			*ms += weight * (unsigned)(rest.p[i] - '0');
	return i != 1 && reed_slice_is(reed_slice_from(rest, i), "Z");
}

static unsigned days_in(unsigned year, unsigned month)
{
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 ? 28u + leap : 30u + ((month + month / 8) & 1);
}

enum reed_err reed_irc_time_parse(struct reed_slice text, int64_t *ms)
{
	unsigned year, month, day, hour, minute, second, fraction;

	if (!take(&text, 4, "-", &year) || !take(&text, 2, "-", &month) ||
	    !take(&text, 2, "T", &day) || !take(&text, 2, ":", &hour) ||
	    !take(&text, 2, ":", &minute) || !take(&text, 2, "", &second) ||
	    !take_fraction(text, &fraction))
		return REED_ESYNTAX;
	if (month < 1 || month > 12 || day < 1 || day > days_in(year, month) || hour > 23 ||
	    minute > 59 || second > 60)
		return REED_ESYNTAX;
	*ms = days_of((struct date){ year, month, day }) * DAY_MS +
	      ((hour * 60 + minute) * INT64_C(60) + second) * 1000 + fraction;
	return REED_OK;
}
