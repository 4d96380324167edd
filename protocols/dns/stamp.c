/* Points in time and spans of it: RFC 4034 3.2, RFC 1982; units as BIND has them. */

#include "text.h"

#include <stdio.h>

/* Days since 1970-01-01 in the Gregorian calendar; March begins the year that is counted in. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
	int64_t y = month <= 2 ? year - 1 : year, era = y / 400, of_era = y - era * 400;
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static void date_of(int64_t days, int64_t *year, int64_t *month, int64_t *day)
{
	int64_t z = days + 719468, era = z / 146097, of_era = z - era * 146097;
	int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * y + y / 4 - y / 100), mp = (5 * of_year + 2) / 153;

	*day = of_year - (153 * mp + 2) / 5 + 1;
	*month = mp < 10 ? mp + 3 : mp - 9;
	*year = y + era * 400 + (*month <= 2);
}

static bool date_is_whole(const int64_t part[6])
{
	int64_t year, month, day;

	if (part[0] < 1900 || part[1] < 1 || part[1] > 12 || part[2] < 1 || part[3] > 23 ||
	    part[4] > 59 || part[5] > 60)
		return false;
	date_of(days_of(part[0], part[1], part[2]), &year, &month, &day);
	return year == part[0] && month == part[1] && day == part[2];
}

/* Seconds since 1970 modulo 2^32: dates are of the era they are nearest to (RFC 4034 3.1.5). */
enum reed_err dns_read_stamp(struct reed_slice text, uint32_t *seconds)
{
	static const uint8_t widths[6] = { 4, 2, 2, 2, 2, 2 };
	const char *p = text.p;
	int64_t part[6];
	uint64_t value;

	if (text.n != 14) {
		if (reed_slice_u64(text, UINT32_MAX, &value))
			return REED_ESYNTAX;
		*seconds = (uint32_t)value;
		return REED_OK;
	}
	for (unsigned i = 0; i < 6; p += widths[i++]) {
		if (reed_slice_u64(reed_slice(p, widths[i]), 9999, &value))
			return REED_ESYNTAX;
		part[i] = (int64_t)value;
	}
	if (!date_is_whole(part))
		return REED_ESYNTAX;
	*seconds = (uint32_t)(days_of(part[0], part[1], part[2]) * 86400 + part[3] * 3600 +
	                      part[4] * 60 + part[5]);
	return REED_OK;
}

struct reed_slice dns_print_stamp(uint32_t seconds, char *into)
{
	int64_t year, month, day;
	unsigned rest = seconds % 86400;

	date_of(seconds / 86400, &year, &month, &day);
	snprintf(into, STAMP_SIZE, "%04u%02u%02u%02u%02u%02u", (unsigned)year % 10000U,
	         (unsigned)month % 100U, (unsigned)day % 100U, rest / 3600, rest / 60 % 60,
	         rest % 60);
	return reed_slice(into, 14);
}

static uint32_t unit(char c)
{
	switch (c | 0x20) {
	case 's':
		return 1;
	case 'm':
		return 60;
	case 'h':
		return 3600;
	case 'd':
		return 86400;
	case 'w':
		return 604800;
	default:
		return 0;
	}
}

/* 3600, 1h30m, 2W */
enum reed_err dns_read_period(struct reed_slice text, uint32_t *seconds)
{
	uint64_t sum = 0, value = 0;
	bool digits = false, units = false;

	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c >= '0' && c <= '9') {
			value = value * 10 + (unsigned)(c - '0');
			digits = true;
		} else if (digits && unit(c)) {
			sum += value * unit(c);
			value = 0;
			digits = false;
			units = true;
		} else {
			return REED_ESYNTAX;
		}
		if (value > UINT32_MAX || sum > UINT32_MAX)
			return REED_ESYNTAX;
	}
	if (!digits && !units)
		return REED_ESYNTAX;
	*seconds = (uint32_t)(sum + value);
	return sum + value > UINT32_MAX ? REED_ESYNTAX : REED_OK;
}
