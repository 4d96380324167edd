/* Preconditions, ranges, codings: what a client has already, and what it wants. */

#include "private.h"

#include "reed/http/files.h"
#include "reed/random.h"

/* RFC 9110 8.8.3.2: the weak comparison ignores W/, the strong one refuses it. */
static bool tags_match(struct reed_slice list, struct reed_slice etag, bool weakly)
{
	struct reed_slice each;

	if (reed_slice_is(reed_slice_trim(list), "*"))
		return true;
	while (reed_http_list_next(&list, &each)) {
		if (weakly && reed_slice_starts(each, REED_STR("W/")))
			each = reed_slice_from(each, 2);
		if (reed_slice_eq(each, etag))
			return true;
	}
	return false;
}

static bool date_of(const struct reed_http_request *r, const char *field, int64_t *date)
{
	struct reed_slice value = reed_http_header(r, field);

	return value.p && !reed_http_parse_date(value, reed_wall(r->loop) / REED_S(1), date);
}

static bool is_read(const struct reed_http_request *r)
{
	return r->head.method == REED_HTTP_GET || r->head.method == REED_HTTP_HEAD;
}

unsigned reed_http_condition(const struct reed_http_request *r, struct reed_slice etag,
                             int64_t modified)
{
	struct reed_slice match = reed_http_header(r, "If-Match");
	struct reed_slice none = reed_http_header(r, "If-None-Match");
	int64_t date;

	if (match.p && !tags_match(match, etag, false))
		return 412;
	if (!match.p && date_of(r, "If-Unmodified-Since", &date) && modified > date)
		return 412;
	if (none.p && tags_match(none, etag, true))
		return is_read(r) ? 304 : 412;
	if (!none.p && is_read(r) && date_of(r, "If-Modified-Since", &date) && modified <= date)
		return 304;
	return 0;
}

/* ---- ranges ---- */

/* RFC 9110 14.1.2: what is too large for us is beyond the end of any file. */
static enum reed_err parse_position(struct reed_slice s, uint64_t *out)
{
	enum reed_err err = reed_slice_u64(s, INT64_MAX, out);

	if (err != REED_ERANGE)
		return err;
	*out = INT64_MAX;
	return REED_OK;
}

/* REED_ESYNTAX; REED_ERANGE: beyond the end. */
static enum reed_err parse_range(struct reed_slice s, uint64_t size, struct reed_http_range *out)
{
	struct reed_slice last = s, first = reed_slice_cut(&last, '-');
	uint64_t n;

	if (first.n == s.n)
		return REED_ESYNTAX;
	if (first.n == 0) { /* the last n bytes */
		if (parse_position(last, &n))
			return REED_ESYNTAX;
		if (n == 0 || size == 0)
			return REED_ERANGE;
		*out = (struct reed_http_range){ n < size ? size - n : 0, size - 1 };
		return REED_OK;
	}
	out->last = INT64_MAX;
	if (parse_position(first, &out->first) ||
	    (last.n > 0 && parse_position(last, &out->last)) || out->last < out->first)
		return REED_ESYNTAX;
	if (out->first >= size)
		return REED_ERANGE;
	if (out->last >= size)
		out->last = size - 1;
	return REED_OK;
}

/* Many small or overlapping ones cost more than all of it (RFC 9110 14.2). */
static enum reed_err parse_ranges(struct reed_slice value, uint64_t size,
                                  struct reed_http_range *ranges, size_t *count)
{
	struct reed_slice each;
	uint64_t total = 0;
	size_t seen = 0;

	*count = 0;
	if (!reed_slice_is_nocase(reed_slice_first(value, 6), "bytes="))
		return REED_ENOENT;
	value = reed_slice_from(value, 6);
	while (reed_http_list_next(&value, &each)) {
		struct reed_http_range range;
		enum reed_err err = parse_range(each, size, &range);

		if (err == REED_ESYNTAX || seen++ == REED_HTTP_RANGES)
			return REED_ENOENT;
		if (err)
			continue;
		total += range.last - range.first + 1;
		ranges[(*count)++] = range;
	}
	if (seen == 0 || total > size)
		return REED_ENOENT;
	return *count > 0 ? REED_OK : REED_ERANGE;
}

enum reed_err reed_http_ranges(struct reed_slice value, uint64_t size,
                               struct reed_http_range *ranges, size_t *count)
{
	enum reed_err err = parse_ranges(value, size, ranges, count);

	if (err)
		*count = 0;
	return err;
}

/* ---- codings ---- */

/* "0", "0.", "0.0": not acceptable */
static bool weighs_nothing(struct reed_slice params)
{
	struct reed_slice q = reed_slice_trim(params);

	if (!reed_slice_is_nocase(reed_slice_first(q, 2), "q="))
		return false;
	for (size_t i = 2; i < q.n; i++)
		if (q.p[i] >= '1' && q.p[i] <= '9')
			return false;
	return true;
}

bool reed_http_accepts_coding(struct reed_slice accept, const char *coding)
{
	struct reed_slice each;
	bool any = false;

	while (reed_http_list_next(&accept, &each)) {
		struct reed_slice params = each;
		struct reed_slice name = reed_slice_trim(reed_slice_cut(&params, ';'));

		if (reed_slice_is_nocase(name, coding))
			return !weighs_nothing(params);
		if (reed_slice_is(name, "*"))
			any = !weighs_nothing(params);
	}
	return any;
}
