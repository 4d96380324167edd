/* Heads: request and status lines, then fields, then what they mean together. */

#include "head.h"

#include "chars.h"

enum { EMPTY_LINES = 8 }; /* bytes of them before a request (RFC 9112 2.2) */

struct reed_http_wire_limits reed_http_wire_limits(const struct reed_http_wire_limits *limits)
{
	struct reed_http_wire_limits out = { .line = 0 };

	if (limits)
		out = *limits;
#define X(name, value, text) \
	if (out.name == 0)   \
		out.name = value;
	REED_HTTP_WIRE_LIMITS(X)
#undef X
	return out;
}

static enum reed_err bad(struct reed_http_head *head, const char *why)
{
	return http_refuse(head, REED_EPROTO, 400, why);
}

/* ---- hosts ---- */

/* Digits, or nothing. */
static bool port_is_good(struct reed_slice port)
{
	unsigned number = 0;

	for (size_t i = 0; i < port.n; i++) {
		if (port.p[i] < '0' || port.p[i] > '9' || number > 6553)
			return false;
		number = number * 10 + (unsigned)(port.p[i] - '0');
	}
	return number <= 65535;
}

bool http_host_is_good(struct reed_slice host)
{
	bool literal = host.n > 0 && host.p[0] == '[';
	size_t end = reed_slice_find(host, literal ? ']' : ':');
	const char *p = host.p + literal;

	if (literal && end == host.n)
		return false;
	if (chars_span(CHARS_HOST, p, host.p + end) != host.p + end)
		return false;
	end += literal;
	return end == host.n ||
	       (host.p[end] == ':' && port_is_good(reed_slice_from(host, end + 1)));
}

/* ---- the target (RFC 9112 3.2) ---- */

static void split_path(struct reed_http_head *head, struct reed_slice rest)
{
	head->query = rest;
	head->path = reed_slice_cut(&head->query, '?');
	if (head->path.n == 0)
		head->path = REED_STR("/");
}

static enum reed_err parse_absolute(struct reed_http_head *head)
{
	size_t at = reed_slice_search(head->target, REED_STR("://"));
	struct reed_slice rest = reed_slice_from(head->target, at + 3);
	size_t end = 0;

	head->scheme = reed_slice_first(head->target, at);
	if (!reed_slice_is_nocase(head->scheme, "http") &&
	    !reed_slice_is_nocase(head->scheme, "https"))
		return bad(head, "the target is of a scheme that is not http or https");
	while (end < rest.n && rest.p[end] != '/' && rest.p[end] != '?')
		end++;
	head->host = reed_slice_first(rest, end);
	if (end == 0 || head->host.p[0] == ':' || !http_host_is_good(head->host))
		return bad(head, "the target has no host");
	split_path(head, reed_slice_from(rest, end));
	head->form = REED_HTTP_ABSOLUTE;
	return REED_OK;
}

static enum reed_err parse_authority(struct reed_http_head *head)
{
	struct reed_slice host = head->target;
	size_t colon = host.n;

	while (colon > 0 && host.p[colon - 1] != ':')
		colon--;
	if (colon < 2 || colon == host.n || !http_host_is_good(host))
		return bad(head, "CONNECT wants HOST:PORT");
	head->host = host;
	head->form = REED_HTTP_AUTHORITY;
	return REED_OK;
}

enum reed_err http_parse_target(struct reed_http_head *head)
{
	if (head->method == REED_HTTP_CONNECT)
		return parse_authority(head);
	if (head->target.p[0] == '/') {
		split_path(head, head->target);
		return REED_OK;
	}
	if (reed_slice_is(head->target, "*")) {
		head->form = REED_HTTP_ASTERISK;
		head->path = head->target;
		return head->method == REED_HTTP_OPTIONS ? REED_OK : bad(head, "* is for OPTIONS");
	}
	if (reed_slice_search(head->target, REED_STR("://")) < head->target.n)
		return parse_absolute(head);
	return bad(head, "the target does not begin with a slash");
}

/* ---- first lines ---- */

/* "HTTP/1.1", at p; more is there than that. */
static enum reed_err parse_version(struct reed_http_head *head, const char *p)
{
	if (memcmp(p, "HTTP/", 5) != 0 || p[5] < '0' || p[5] > '9' || p[6] != '.' || p[7] < '0' ||
	    p[7] > '9')
		return bad(head, "there is no HTTP version");
	head->major = 1;
	if (p[5] != '1')
		return http_refuse(head, REED_ENOTSUP, 505, "this is a server of HTTP/1");
	head->minor = p[7] == '0' ? 0 : 1;
	return REED_OK;
}

/* Ends with REED_EAGAIN at the end of input, else with what is wrong there. */
static enum reed_err stopped(struct cursor *c, const char *p, const char *why)
{
	if (p < c->end)
		return bad(c->head, why);
	if ((size_t)(p - c->p) > c->limits->line)
		return http_refuse(c->head, REED_ETOOBIG, 414, "the request line is too long");
	return REED_EAGAIN;
}

static enum reed_err skip_empty_lines(struct cursor *c)
{
	for (int i = 0; i < EMPTY_LINES && c->p < c->end && *c->p == '\r'; i += 2) {
		if (c->end - c->p < 2)
			return REED_EAGAIN;
		if (c->p[1] != '\n')
			return bad(c->head, "a bare CR");
		c->p += 2;
	}
	return REED_OK;
}

static enum reed_err parse_request_line(struct cursor *c)
{
	struct reed_http_head *head = c->head;
	const char *method_end = chars_span(CHARS_TOKEN, c->p, c->end), *target, *end;
	enum reed_err err;

	if (method_end == c->end || *method_end != ' ' || method_end == c->p)
		return stopped(c, method_end, "the request line does not begin with a method");
	target = method_end + 1;
	end = chars_span(CHARS_TARGET, target, c->end);
	if (end == c->end || *end != ' ' || end == target)
		return stopped(c, end, "the request line is not METHOD TARGET VERSION");
	if (c->end - end < 11) { /* a space, the version, CR LF */
		const char *lf = memchr(end, '\n', (size_t)(c->end - end));

		return stopped(c, lf ? lf : c->end, "there is no HTTP version");
	}
	if ((size_t)(end - c->p) + 9 > c->limits->line)
		return http_refuse(head, REED_ETOOBIG, 414, "the request line is too long");
	err = parse_version(head, end + 1);
	if (err)
		return err;
	if (end[9] != '\r' || end[10] != '\n')
		return bad(head, "something stands behind the HTTP version");
	head->method_name = reed_slice(c->p, (size_t)(method_end - c->p));
	head->target = reed_slice(target, (size_t)(end - target));
	head->method = reed_http_method_of(head->method_name);
	c->p = end + 11;
	return http_parse_target(head);
}

/* It may be the beginning of one, unless it has ended or something else has begun. */
static enum reed_err part_of_status_line(struct reed_http_head *head, struct reed_slice in)
{
	if (memcmp(in.p, "HTTP/", in.n < 5 ? in.n : 5) != 0)
		return bad(head, "there is no HTTP version");
	return reed_slice_find(in, '\n') < in.n ? bad(head, "there is no status") : REED_EAGAIN;
}

static enum reed_err parse_status_line(struct cursor *c)
{
	struct reed_http_head *head = c->head;
	const char *p = c->p, *end;
	enum reed_err err;

	if (c->end - p < 14) /* HTTP/1.1 200 CR LF, the last space may be missing */
		return part_of_status_line(head, reed_slice(p, (size_t)(c->end - p)));
	err = parse_version(head, p);
	if (err)
		return err;
	for (int i = 9; i < 12; i++)
		if (p[i] < '0' || p[i] > '9')
			return bad(head, "there is no status");
	if (p[8] != ' ' || p[9] == '0' || (p[12] != ' ' && p[12] != '\r'))
		return bad(head, "there is no status");
	head->status = (unsigned)((p[9] - '0') * 100 + (p[10] - '0') * 10 + (p[11] - '0'));
	p += p[12] == ' ' ? 13 : 12;
	end = chars_span(CHARS_VALUE, p, c->end);
	if (c->end - end < 2)
		return end == c->end || *end == '\r' ? REED_EAGAIN : bad(head, "a bare LF");
	if (end[0] != '\r' || end[1] != '\n')
		return bad(head, "a control character in the reason");
	head->reason = reed_slice(p, (size_t)(end - p));
	c->p = end + 2;
	return REED_OK;
}

/* ---- framing (RFC 9112 6.3) ---- */

static enum reed_err frame_codings(struct reed_http_head *head, const struct framing *f)
{
	if (f->lengths > 0)
		return bad(head, "Content-Length and Transfer-Encoding exclude each other");
	if (head->minor == 0)
		return bad(head, "HTTP/1.0 knows no Transfer-Encoding");
	if (f->codings > 1)
		return http_refuse(head, REED_ENOTSUP, 501, "chunked is the only transfer coding");
	head->framing = REED_HTTP_CHUNKED;
	return REED_OK;
}

static enum reed_err frame_request(struct reed_http_head *head, const struct framing *f)
{
	if (f->hosts == 0 && head->minor > 0) /* RFC 9112 3.2 */
		return bad(head, "HTTP/1.1 wants a Host");
	if (f->codings > 0 && !f->chunked)
		return f->codings == 1 && f->lengths == 0 && head->minor > 0
		               ? http_refuse(head, REED_ENOTSUP, 501,
		                             "chunked is the only transfer coding")
		               : bad(head, "the last transfer coding is not chunked");
	if (f->codings > 0)
		return frame_codings(head, f);
	if (f->lengths > 0 && head->length > 0)
		head->framing = REED_HTTP_LENGTH;
	return REED_OK;
}

static bool response_has_no_body(const struct reed_http_head *head, enum reed_http_method method)
{
	return method == REED_HTTP_HEAD || head->status < 200 || head->status == 204 ||
	       head->status == 304 || (method == REED_HTTP_CONNECT && head->status < 300);
}

static enum reed_err frame_response(struct reed_http_head *head, enum reed_http_method method,
                                    const struct framing *f)
{
	if (response_has_no_body(head, method))
		return REED_OK;
	if (f->codings > 0 && f->chunked)
		return frame_codings(head, f);
	if (f->codings > 0 && f->lengths > 0)
		return bad(head, "Content-Length and Transfer-Encoding exclude each other");
	if (f->codings > 0 || f->lengths == 0)
		head->framing = REED_HTTP_UNTIL_CLOSE;
	else if (head->length > 0)
		head->framing = REED_HTTP_LENGTH;
	return REED_OK;
}

/* ---- all of it ---- */

static void begin(struct reed_http_head *head)
{
	struct reed_http_field *fields = head->fields;
	unsigned room = head->room;

	*head = (struct reed_http_head){ .fields = fields, .room = room };
}

/* Whether the new bytes make it worth a try: an end, or what can only be wrong. */
static bool worth_a_try(struct reed_slice in, size_t *scanned)
{
	size_t at = *scanned;

	*scanned = in.n;
	if (at == 0)
		return true;
	while (at < in.n) {
		const char *lf = memchr(in.p + at, '\n', in.n - at);

		if (!lf)
			return false;
		at = (size_t)(lf - in.p);
		if (at == 0 || lf[-1] != '\r' || at < 3 || lf[-2] == '\n')
			return true;
		at++;
	}
	return false;
}

static enum reed_err not_whole(struct cursor *c, struct reed_slice in, bool in_first_line)
{
	if (in_first_line && in.n > c->limits->line)
		return http_refuse(c->head, REED_ETOOBIG, 414, "the request line is too long");
	if (in.n > c->limits->head)
		return http_refuse(c->head, REED_ETOOBIG, 431, "the header fields are too large");
	return REED_EAGAIN;
}

enum reed_err reed_http_parse_request(struct reed_slice in,
                                      const struct reed_http_wire_limits *limits,
                                      struct reed_http_head *head, size_t *scanned, size_t *used)
{
	struct reed_http_wire_limits own = reed_http_wire_limits(limits);
	struct cursor c = { .p = in.p, .end = in.p + in.n, .limits = &own, .head = head };
	struct framing f = { .lengths = 0 };
	enum reed_err err;
	bool first = true;

	begin(head);
	if (!worth_a_try(in, scanned))
		return not_whole(&c, in, false);
	err = skip_empty_lines(&c);
	if (!err)
		err = parse_request_line(&c);
	if (!err) {
		first = false;
		err = http_parse_field_lines(&c, &f);
	}
	if (err == REED_EAGAIN)
		return not_whole(&c, in, first);
	if (!err && (size_t)(c.p - in.p) > own.head)
		err = http_refuse(head, REED_ETOOBIG, 431, "the header fields are too large");
	if (!err)
		err = frame_request(head, &f);
	*used = err ? 0 : (size_t)(c.p - in.p);
	return err;
}

enum reed_err reed_http_parse_response(struct reed_slice in, enum reed_http_method method,
                                       const struct reed_http_wire_limits *limits,
                                       struct reed_http_head *head, size_t *scanned, size_t *used)
{
	struct reed_http_wire_limits own = reed_http_wire_limits(limits);
	struct cursor c = { .p = in.p, .end = in.p + in.n, .limits = &own, .head = head };
	struct framing f = { .lengths = 0 };
	enum reed_err err;

	begin(head);
	if (!worth_a_try(in, scanned))
		return not_whole(&c, in, false);
	err = parse_status_line(&c);
	if (!err)
		err = http_parse_field_lines(&c, &f);
	if (err == REED_EAGAIN)
		return not_whole(&c, in, false);
	if (!err && (size_t)(c.p - in.p) > own.head)
		err = http_refuse(head, REED_ETOOBIG, 431, "the header fields are too large");
	if (!err)
		err = frame_response(head, method, &f);
	*used = err ? 0 : (size_t)(c.p - in.p);
	return err;
}

/* ---- moving ---- */

static void move(struct reed_slice *s, const char *from, size_t n, const char *p)
{
	if (s->p && s->p >= from && s->p <= from + n)
		s->p = p + (s->p - from);
}

void reed_http_head_move(struct reed_http_head *head, const char *from, size_t n, const char *p)
{
	struct reed_slice *const own[] = { &head->method_name, &head->target, &head->path,
		                           &head->query,       &head->scheme, &head->host,
		                           &head->reason,      &head->upgrade };

	for (size_t i = 0; i < REED_COUNT(own); i++)
		move(own[i], from, n, p);
	for (unsigned i = 0; i < head->count; i++) {
		head->fields[i].name.p = p + (head->fields[i].name.p - from);
		head->fields[i].value.p = p + (head->fields[i].value.p - from);
	}
}
