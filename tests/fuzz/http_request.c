/*
 * A request from anybody.  However it is cut, the same is found, though what is
 * wrong may be told later, or told otherwise; what is found lies within the
 * head; nothing in it could end a line.
 */

#include "check.h"
#include "reed/http/message.h"

enum { ROOM = 32 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void within(struct reed_slice s, struct reed_slice all)
{
	if (s.n == 0)
		return;
	check(reed_slice_is(s, "/") || (s.p >= all.p && s.p + s.n <= all.p + all.n));
	for (size_t i = 0; i < s.n; i++)
		check(s.p[i] != '\r' && s.p[i] != '\n' && s.p[i] != '\0');
}

static void is_sound(const struct reed_http_head *head, struct reed_slice all)
{
	within(head->method_name, all);
	within(head->target, all);
	within(head->path, all);
	within(head->query, all);
	within(head->host, all);
	check(reed_http_is_token(head->method_name));
	for (unsigned i = 0; i < head->count; i++) {
		check(reed_http_is_token(head->fields[i].name));
		check(reed_http_is_value(head->fields[i].value));
		within(head->fields[i].value, all);
	}
	check(head->minor == 1 || head->framing != REED_HTTP_CHUNKED);
	check(head->framing == REED_HTTP_LENGTH || head->length == 0 ||
	      head->framing == REED_HTTP_NO_BODY);
}

static enum reed_err by_bytes(struct reed_slice in, struct reed_http_head *head, size_t *used)
{
	enum reed_err err = REED_EAGAIN;
	size_t scanned = 0;

	for (size_t n = 1; n <= in.n && err == REED_EAGAIN; n++)
		err = reed_http_parse_request(reed_slice(in.p, n), NULL, head, &scanned, used);
	return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reed_http_field fields[ROOM], again[ROOM];
	struct reed_http_head head = { .fields = fields, .room = ROOM };
	struct reed_http_head cut = { .fields = again, .room = ROOM };
	struct reed_slice in = reed_slice(data, size);
	size_t scanned = 0, used = 0, used_cut = 0;
	enum reed_err err, late;

	if (size == 0)
		return 0;
	err = reed_http_parse_request(in, NULL, &head, &scanned, &used);
	late = by_bytes(in, &cut, &used_cut);
	check(late == err || (err && err != REED_EAGAIN && late));
	if (err) {
		check(err == REED_EAGAIN || (head.why && head.status >= 400));
		return 0;
	}
	check_int(used, used_cut);
	is_sound(&head, reed_slice_first(in, used));
	return 0;
}
