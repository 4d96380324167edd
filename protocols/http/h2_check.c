/* What makes a message of HTTP/2 malformed. */

#include "h2_check.h"

#include "chars.h"
#include "reed/http/message.h"

/* ---- fields ---- */

/* RFC 9113 8.2.1: as in HTTP/1, but in lower case. */
static bool name_is_good(struct reed_slice name)
{
	if (!reed_http_is_token(name))
		return false;
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] >= 'A' && name.p[i] <= 'Z')
			return false;
	return true;
}

bool h2_is_of_connection(struct reed_slice name, struct reed_slice value)
{
	switch (name.n) {
	case 2:
		return reed_slice_is_nocase(name, "te") && !reed_slice_is_nocase(value, "trailers");
	case 7:
		return reed_slice_is_nocase(name, "upgrade");
	case 10:
		return reed_slice_is_nocase(name, "connection") ||
		       reed_slice_is_nocase(name, "keep-alive");
	case 16:
		return reed_slice_is_nocase(name, "proxy-connection");
	case 17:
		return reed_slice_is_nocase(name, "transfer-encoding");
	default:
		return false;
	}
}

static bool see_regular(struct h2_check *check, struct reed_slice name, struct reed_slice value)
{
	check->regular = true;
	if (name.n == 4 && reed_slice_is(name, "host"))
		check->host = true;
	return name_is_good(name) && reed_http_is_value(value) && !h2_is_of_connection(name, value);
}

/* ---- fields that are none (RFC 9113 8.3) ---- */

static unsigned request_pseudo(const struct h2_check *check, struct reed_slice name)
{
	if (reed_slice_is(name, ":method"))
		return H2_METHOD;
	if (reed_slice_is(name, ":path"))
		return H2_PATH;
	if (reed_slice_is(name, ":scheme"))
		return H2_SCHEME;
	if (reed_slice_is(name, ":authority"))
		return H2_AUTHORITY;
	return check->takes_protocol && reed_slice_is(name, ":protocol") ? H2_PROTOCOL : 0;
}

static bool status_is_good(struct reed_slice value)
{
	return value.n == 3 && value.p[0] >= '1' && value.p[0] <= '9' && value.p[1] >= '0' &&
	       value.p[1] <= '9' && value.p[2] >= '0' && value.p[2] <= '9';
}

static bool see_pseudo(struct h2_check *check, struct reed_slice name, struct reed_slice value)
{
	unsigned which;

	if (check->regular || check->trailer)
		return false;
	if (check->response)
		which = reed_slice_is(name, ":status") && status_is_good(value) ? H2_STATUS : 0;
	else
		which = request_pseudo(check, name);
	if (which == 0 || check->pseudos & which || !reed_http_is_value(value))
		return false;
	if (value.n == 0 && which != H2_AUTHORITY)
		return false;
	check->pseudos |= which;
	if (which == H2_METHOD)
		check->connect = reed_slice_is(value, "CONNECT");
	return true;
}

bool h2_check_field(struct h2_check *check, struct reed_slice name, struct reed_slice value)
{
	return name.n > 0 && name.p[0] == ':' ? see_pseudo(check, name, value)
	                                      : see_regular(check, name, value);
}

/* ---- all of it ---- */

bool h2_check_end(const struct h2_check *check)
{
	const unsigned all = H2_METHOD | H2_SCHEME | H2_PATH;
	unsigned seen = check->pseudos;

	if (check->trailer)
		return true;
	if (check->response)
		return seen == H2_STATUS;
	if (check->connect && !(seen & H2_PROTOCOL)) /* RFC 9113 8.5 */
		return seen == (H2_METHOD | H2_AUTHORITY);
	if (seen & H2_PROTOCOL && (!check->connect || !(seen & H2_AUTHORITY))) /* RFC 8441 4 */
		return false;
	return (seen & all) == all && (seen & H2_AUTHORITY || check->host);
}
