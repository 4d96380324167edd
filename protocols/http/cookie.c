/* Set-Cookie, as servers write it (RFC 6265bis 5.6). */

#include "cookie.h"

enum { LARGEST = 4096, ATTRIBUTE = 1024, LONGEST = 400 * 86400 /* 5.5 */ };

static bool is_clean(struct reed_slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (((unsigned char)s.p[i] < ' ' && s.p[i] != '\t') || s.p[i] == 127)
			return false;
	return true;
}

/* ---- dates, as people write them (5.1.1) ---- */

struct date {
	int day, month, year, hour, minute, second; /* -1: not found */
};

static bool is_delimiter(unsigned char c)
{
	return c == '\t' || (c >= ' ' && c <= '/') || (c >= ';' && c <= '@') ||
	       (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
}

/* least to most digits at the front; -1 when there are not. */
static int digits(struct reed_slice *s, size_t least, size_t most)
{
	int value = 0;
	size_t n = 0;

	while (n < s->n && n < most && s->p[n] >= '0' && s->p[n] <= '9')
		value = value * 10 + (s->p[n++] - '0');
	*s = reed_slice_from(*s, n);
	if (n < least || (s->n > 0 && s->p[0] >= '0' && s->p[0] <= '9'))
		return -1;
	return value;
}

static bool take_time(struct date *d, struct reed_slice token)
{
	int hour = digits(&token, 1, 2), minute, second;

	if (hour < 0 || token.n == 0 || token.p[0] != ':')
		return false;
	token = reed_slice_from(token, 1);
	minute = digits(&token, 1, 2);
	if (minute < 0 || token.n == 0 || token.p[0] != ':')
		return false;
	token = reed_slice_from(token, 1);
	second = digits(&token, 1, 2);
	if (second < 0)
		return false;
	d->hour = hour;
	d->minute = minute;
	d->second = second;
	return true;
}

static bool take_month(struct date *d, struct reed_slice token)
{
	static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";

	for (int i = 0; i < 12; i++)
		if (reed_slice_eq_nocase(reed_slice_first(token, 3),
		                         reed_slice(names + 3 * i, 3))) {
			d->month = i + 1;
			return true;
		}
	return false;
}

static void take_token(struct date *d, struct reed_slice token)
{
	struct reed_slice rest = token;
	int n;

	if (d->hour < 0 && take_time(d, token))
		return;
	if (d->day < 0) {
		n = digits(&rest, 1, 2);
		if (n >= 0) {
			d->day = n;
			return;
		}
	}
	if (d->month < 0 && take_month(d, token))
		return;
	rest = token;
	n = d->year < 0 ? digits(&rest, 2, 4) : -1;
	if (n >= 0)
		d->year = n >= 70 && n <= 99 ? n + 1900 : n <= 69 ? n + 2000 : n;
}

/* Days since 1970-01-01 of the Gregorian calendar. */
static int64_t days_of(const struct date *d)
{
	int64_t year = d->month <= 2 ? d->year - 1 : d->year;
	int64_t of_year = (153 * (d->month + (d->month > 2 ? -3 : 9)) + 2) / 5 + d->day - 1;
	int64_t era = year / 400, of_era = year % 400;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

enum reed_err reed_http_cookie_date(struct reed_slice text, int64_t *wall)
{
	struct date d = { -1, -1, -1, -1, -1, -1 };
	size_t at = 0, begin;

	while (at < text.n) {
		while (at < text.n && is_delimiter((unsigned char)text.p[at]))
			at++;
		for (begin = at; at < text.n && !is_delimiter((unsigned char)text.p[at]);)
			at++;
		if (at > begin)
			take_token(&d, reed_slice(text.p + begin, at - begin));
	}
	if (d.day < 1 || d.day > 31 || d.month < 1 || d.year < 1601 || d.hour < 0 || d.hour > 23 ||
	    d.minute > 59 || d.second > 59)
		return REED_ESYNTAX;
	*wall = ((days_of(&d) * 24 + d.hour) * 60 + d.minute) * 60 + d.second;
	return REED_OK;
}

/* ---- the field ---- */

static void take_age(struct http_cookie *c, struct reed_slice value, int64_t wall, bool *has_age)
{
	bool negative = value.n > 0 && value.p[0] == '-';
	uint64_t age = UINT64_MAX; /* of one out of range */

	if (reed_slice_u64(reed_slice_from(value, negative), UINT64_MAX, &age) == REED_ESYNTAX)
		return;
	*has_age = c->persistent = true;
	c->expires =
		negative || age == 0 ? INT64_MIN : wall + (age < LONGEST ? (int64_t)age : LONGEST);
}

/* RFC 6265bis 5.6.7: a word nobody knows is as good as none. */
static void take_same_site(struct http_cookie *c, struct reed_slice value)
{
	static const char *const words[] = { "Lax", "Strict", "None" };

	c->has_same_site = false;
	for (int i = 0; i < 3; i++)
		if (reed_slice_is_nocase(value, words[i])) {
			c->has_same_site = true;
			c->same_site = (enum reed_http_same_site)i;
		}
}

static void take_attribute(struct http_cookie *c, struct reed_slice text, int64_t wall,
                           bool *has_age)
{
	struct reed_slice value = text, name = reed_slice_trim(reed_slice_cut(&value, '='));
	int64_t when;

	value = reed_slice_trim(value);
	if (value.n > ATTRIBUTE)
		return;
	if (reed_slice_is_nocase(name, "Secure")) {
		c->secure = true;
	} else if (reed_slice_is_nocase(name, "HttpOnly")) {
		c->http_only = true;
	} else if (reed_slice_is_nocase(name, "Domain")) {
		c->domain = reed_slice_from(value, value.n > 0 && value.p[0] == '.');
	} else if (reed_slice_is_nocase(name, "Path")) {
		c->path = value.n > 0 && value.p[0] == '/' ? value : REED_STR("");
	} else if (reed_slice_is_nocase(name, "SameSite")) {
		take_same_site(c, value);
	} else if (reed_slice_is_nocase(name, "Max-Age")) {
		take_age(c, value, wall, has_age);
	} else if (reed_slice_is_nocase(name, "Expires") && !*has_age &&
	           !reed_http_cookie_date(value, &when)) {
		c->persistent = true;
		c->expires = when < wall + LONGEST ? when : wall + LONGEST;
	}
}

enum reed_err http_cookie_parse(struct reed_slice field, int64_t wall, struct http_cookie *c)
{
	struct reed_slice rest = field, pair = reed_slice_cut(&rest, ';');
	bool has_age = false;

	*c = (struct http_cookie){ .expires = 0 };
	if (!is_clean(field))
		return REED_ESYNTAX;
	if (reed_slice_find(pair, '=') < pair.n)
		c->name = reed_slice_trim(reed_slice_cut(&pair, '='));
	c->value = reed_slice_trim(pair);
	if (c->name.n + c->value.n > LARGEST)
		return REED_ETOOBIG;
	if (c->name.n + c->value.n == 0)
		return REED_ESYNTAX;
	/* a value without a name must not look like one that promises something */
	if (c->name.n == 0 && (reed_slice_is_nocase(reed_slice_first(c->value, 9), "__Secure-") ||
	                       reed_slice_is_nocase(reed_slice_first(c->value, 7), "__Host-")))
		return REED_ESYNTAX;
	while (rest.n > 0)
		take_attribute(c, reed_slice_cut(&rest, ';'), wall, &has_age);
	return REED_OK;
}

struct reed_slice http_cookie_default_path(struct reed_slice path)
{
	size_t last = 0;

	path = reed_slice_first(path, reed_slice_find(path, '?'));
	for (size_t i = 0; i < path.n; i++)
		if (path.p[i] == '/')
			last = i;
	return path.n == 0 || path.p[0] != '/' || last == 0 ? REED_STR("/")
	                                                    : reed_slice_first(path, last);
}
