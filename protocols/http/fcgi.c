/* Records of FastCGI 1.0, sections 3.3 to 5.5, and heads of CGI. */

#include "fcgi.h"

static unsigned u16(const char *p)
{
	return (unsigned)(unsigned char)p[0] << 8 | (unsigned char)p[1];
}

enum reed_err fcgi_next(struct reed_slice *in, struct fcgi_record *record)
{
	size_t n, padding;

	if (in->n > 0 && in->p[0] != 1)
		return REED_EPROTO;
	if (in->n < FCGI_HEAD)
		return REED_EAGAIN;
	n = u16(in->p + 4);
	padding = (unsigned char)in->p[6];
	if (in->n < FCGI_HEAD + n + padding)
		return REED_EAGAIN;
	record->type = (unsigned char)in->p[1];
	record->id = u16(in->p + 2);
	record->content = reed_slice(in->p + FCGI_HEAD, n);
	*in = reed_slice_from(*in, FCGI_HEAD + n + padding);
	return REED_OK;
}

enum reed_err fcgi_end_status(struct reed_slice content, unsigned *status)
{
	if (content.n < 8)
		return REED_EPROTO;
	*status = (unsigned char)content.p[4];
	return REED_OK;
}

void fcgi_head(unsigned type, size_t n, char into[FCGI_HEAD])
{
	const char head[FCGI_HEAD] = { 1, (char)type, 0, 1, (char)(n >> 8), (char)n, 0, 0 };

	memcpy(into, head, FCGI_HEAD);
}

void fcgi_add(struct reed_buf *out, unsigned type, struct reed_slice content)
{
	char head[FCGI_HEAD];

	fcgi_head(type, content.n, head);
	reed_buf_add(out, reed_slice(head, FCGI_HEAD));
	reed_buf_add(out, content);
}

void fcgi_add_begin(struct reed_buf *out)
{
	static const char responder[8] = { 0, 1, 0, 0, 0, 0, 0, 0 };

	fcgi_add(out, FCGI_BEGIN, reed_slice(responder, sizeof(responder)));
}

static void add_length(struct reed_buf *out, size_t n)
{
	const char four[4] = { (char)(n >> 24 | 0x80), (char)(n >> 16), (char)(n >> 8), (char)n };

	if (n < 128)
		reed_buf_add_char(out, (char)n);
	else
		reed_buf_add(out, reed_slice(four, sizeof(four)));
}

void fcgi_add_pair(struct reed_buf *pairs, struct reed_slice name, struct reed_slice value)
{
	add_length(pairs, name.n);
	add_length(pairs, value.n);
	reed_buf_add(pairs, name);
	reed_buf_add(pairs, value);
}

void fcgi_add_pairs(struct reed_buf *out, struct reed_slice pairs)
{
	while (pairs.n > 0) {
		fcgi_add(out, FCGI_PARAMS, reed_slice_first(pairs, FCGI_MOST));
		pairs = reed_slice_from(pairs, FCGI_MOST);
	}
	fcgi_add(out, FCGI_PARAMS, REED_STR(""));
}

/* ---- heads ---- */

/* "404 Not Found"; only what is an answer of its own. */
static enum reed_err take_status(struct gateway_head *head, struct reed_slice value)
{
	uint64_t status;

	if (reed_slice_u64(reed_slice_first(value, reed_slice_find(value, ' ')), 999, &status) ||
	    status < 200)
		return REED_EPROTO;
	head->status = (unsigned)status;
	return REED_OK;
}

static enum reed_err take_line(struct gateway_head *head, struct reed_slice line)
{
	struct reed_slice name = reed_slice_cut(&line, ':'), value = reed_slice_trim(line);
	uint64_t n;

	if (!reed_http_is_token(name) || (value.n > 0 && !reed_http_is_value(value)))
		return REED_EPROTO;
	if (reed_slice_is_nocase(name, "status"))
		return take_status(head, value);
	if (reed_slice_is_nocase(name, "content-length")) {
		if (head->length >= 0 || reed_slice_u64(value, INT64_MAX, &n))
			return REED_EPROTO;
		head->length = (int64_t)n;
		return REED_OK;
	}
	if (head->count == head->room)
		return REED_ETOOBIG;
	head->fields[head->count++] = (struct reed_http_field){ .name = name, .value = value };
	return REED_OK;
}

/* RFC 3875 6.3.3: a Location without a status sends the client there. */
static void judge_location(struct gateway_head *head)
{
	if (head->status == 0)
		head->status =
			reed_http_field(head->fields, head->count, "location", 0).p ? 302 : 200;
}

enum reed_err gateway_parse(struct reed_slice in, struct gateway_head *head, size_t *used)
{
	struct reed_slice rest = in;
	enum reed_err err = REED_OK;

	head->count = head->status = 0;
	head->length = -1;
	while (!err) {
		size_t end = reed_slice_find(rest, '\n');
		struct reed_slice line = reed_slice_first(rest, end);

		if (end == rest.n)
			return REED_EAGAIN;
		if (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		rest = reed_slice_from(rest, end + 1);
		if (line.n == 0)
			break;
		err = take_line(head, line);
	}
	if (err || head->count + (head->status > 0) + (head->length >= 0) == 0)
		return err ? err : REED_EPROTO;
	judge_location(head);
	*used = in.n - rest.n;
	return REED_OK;
}
