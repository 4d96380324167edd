/* Server-sent events, told: the server's side and the format. */

#include "reed/http/events.h"

void reed_http_events_begin(struct reed_http_request *request, uint32_t retry_ms)
{
	char text[32];
	int n = snprintf(text, sizeof(text), "retry: %u\n\n", retry_ms);

	reed_http_add(request, "Cache-Control", REED_STR("no-store"));
	reed_http_add(request, "X-Accel-Buffering", REED_STR("no"));
	reed_http_begin(request, 200, "text/event-stream", -1);
	if (retry_ms > 0)
		reed_http_write(request, reed_slice(text, (size_t)n));
}

static bool is_line(struct reed_slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\n' || s.p[i] == '\r' || s.p[i] == '\0')
			return false;
	return reed_slice_is_utf8(s);
}

static void add_field(struct reed_buf *out, const char *name, struct reed_slice value)
{
	reed_buf_add_str(out, name);
	reed_buf_add(out, value);
	reed_buf_add_char(out, '\n');
}

/* CR, LF and CR LF end a line alike, so all of them have to go. */
static struct reed_slice take_line(struct reed_slice *rest)
{
	struct reed_slice line;
	size_t n = 0;

	while (n < rest->n && rest->p[n] != '\n' && rest->p[n] != '\r')
		n++;
	line = reed_slice_first(*rest, n);
	if (n + 1 < rest->n && rest->p[n] == '\r' && rest->p[n + 1] == '\n')
		n++;
	*rest = reed_slice_from(*rest, n + 1);
	return line;
}

enum reed_err reed_http_event(struct reed_http_request *request,
                              const struct reed_http_event *event)
{
	struct reed_buf out = { .limit = 0 };
	struct reed_slice rest = event->data;
	bool open_end = false;

	if (!is_line(event->type) || !is_line(event->id) || !reed_slice_is_utf8(event->data))
		return REED_EINVAL;
	if (event->id.p)
		add_field(&out, "id: ", event->id);
	if (event->type.n > 0)
		add_field(&out, "event: ", event->type);
	do {
		size_t before = rest.n;
		struct reed_slice line = take_line(&rest);

		open_end = line.n < before && rest.n == 0; /* its last line is an empty one */
		add_field(&out, "data: ", line);
	} while (rest.n > 0);
	if (open_end)
		add_field(&out, "data: ", REED_STR(""));
	reed_buf_add_char(&out, '\n');
	reed_http_write(request, reed_buf_slice(&out));
	reed_buf_finish(&out);
	return REED_OK;
}

void reed_http_events_alive(struct reed_http_request *request)
{
	reed_http_write(request, REED_STR(":\n\n"));
}

struct reed_slice reed_http_last_event_id(const struct reed_http_request *request)
{
	return reed_http_header(request, "Last-Event-ID");
}

/* ---- heard ---- */

static void take_field(struct reed_http_event_parser *p, struct reed_slice line)
{
	struct reed_slice value = line, name = reed_slice_cut(&value, ':');
	uint64_t ms;

	if (value.n > 0 && value.p[0] == ' ')
		value = reed_slice_from(value, 1);
	if (reed_slice_is(name, "data")) {
		reed_buf_add(&p->data, value);
		reed_buf_add_char(&p->data, '\n');
		p->has_data = true;
	} else if (reed_slice_is(name, "event")) {
		reed_buf_clear(&p->type);
		reed_buf_add(&p->type, value);
	} else if (reed_slice_is(name, "id") && reed_slice_find(value, '\0') == value.n) {
		reed_buf_clear(&p->next);
		reed_buf_add(&p->next, value);
	} else if (reed_slice_is(name, "retry") && !reed_slice_u64(value, UINT32_MAX, &ms)) {
		p->retry_ms = (uint32_t)ms;
	}
}

/* An empty line: true when there was something to tell. */
static bool end_event(struct reed_http_event_parser *p, struct reed_http_event *event)
{
	struct reed_slice data = reed_buf_slice(&p->data), id = reed_buf_slice(&p->next);

	reed_buf_clear(&p->id);
	reed_buf_add(&p->id, id);
	if (!p->has_data) {
		reed_buf_clear(&p->type);
		return false;
	}
	p->shown = true;
	*event = (struct reed_http_event){ reed_buf_slice(&p->type),
		                           reed_slice_first(data, data.n - 1),
		                           reed_buf_slice(&p->id) };
	if (event->type.n == 0)
		event->type = REED_STR("message");
	return true;
}

static void forget_shown(struct reed_http_event_parser *p)
{
	reed_buf_clear(&p->data);
	reed_buf_clear(&p->type);
	p->shown = p->has_data = false;
}

static bool end_line(struct reed_http_event_parser *p, struct reed_http_event *event)
{
	struct reed_slice line = reed_buf_slice(&p->line);
	bool told = false;

	if (!p->begun && reed_slice_starts(line, REED_STR("\xef\xbb\xbf")))
		line = reed_slice_from(line, 3);
	p->begun = true;
	if (line.n == 0)
		told = end_event(p, event);
	else
		take_field(p, line);
	reed_buf_clear(&p->line);
	return told;
}

static enum reed_err of_limit(struct reed_http_event_parser *p)
{
	size_t limit = p->limit ? p->limit : 1 << 20;

	return reed_buf_held(&p->line) + reed_buf_held(&p->data) > limit ? REED_ETOOBIG : REED_OK;
}

enum reed_err reed_http_event_parse(struct reed_http_event_parser *p, struct reed_slice *in,
                                    struct reed_http_event *event)
{
	if (p->shown)
		forget_shown(p);
	while (in->n > 0) {
		size_t n = 0;

		if (p->after_cr && in->p[0] == '\n')
			*in = reed_slice_from(*in, 1);
		p->after_cr = false;
		while (n < in->n && in->p[n] != '\n' && in->p[n] != '\r')
			n++;
		reed_buf_add(&p->line, reed_slice_first(*in, n));
		if (of_limit(p))
			return REED_ETOOBIG;
		if (n == in->n) {
			*in = reed_slice_from(*in, n);
			break;
		}
		p->after_cr = in->p[n] == '\r';
		*in = reed_slice_from(*in, n + 1);
		if (end_line(p, event))
			return REED_OK;
	}
	return REED_EAGAIN;
}

void reed_http_event_parser_cut(struct reed_http_event_parser *p)
{
	struct reed_slice id = reed_buf_slice(&p->id);

	forget_shown(p);
	reed_buf_clear(&p->line);
	reed_buf_clear(&p->next);
	reed_buf_add(&p->next, id);
	p->begun = p->after_cr = false;
}

void reed_http_event_parser_finish(struct reed_http_event_parser *p)
{
	reed_buf_finish(&p->line);
	reed_buf_finish(&p->data);
	reed_buf_finish(&p->type);
	reed_buf_finish(&p->id);
	reed_buf_finish(&p->next);
}
