/* Lines of a stream as messages, one each: IRCv3's WebSocket transport. */

#include "lines.h"

enum { LINE = 64 << 10 };

enum reed_ws_form reed_ws_form_of(struct reed_slice protocol)
{
	if (reed_slice_is(protocol, "text.ircv3.net"))
		return REED_WS_LINES_TEXT;
	if (reed_slice_is(protocol, "binary.ircv3.net"))
		return REED_WS_LINES_BINARY;
	return REED_WS_BYTES;
}

/* Bytes that are part of no character become U+FFFD, for a text message must be text. */
static enum reed_err send_repaired(struct reed_ws *ws, struct reed_slice line)
{
	struct reed_buf out = { .limit = 0 };
	enum reed_err err;

	while (line.n > 0) {
		struct reed_ws_utf8 utf8 = { .need = 0 };
		size_t n = 1;

		while (n < line.n && n < 4 &&
		       reed_ws_utf8_add(&utf8, reed_slice(line.p + n - 1, 1)) &&
		       !reed_ws_utf8_is_whole(&utf8))
			n++;
		if (reed_slice_is_utf8(reed_slice_first(line, n))) {
			reed_buf_add(&out, reed_slice_first(line, n));
		} else {
			reed_buf_add_str(&out, "\xef\xbf\xbd");
			n = 1;
		}
		line = reed_slice_from(line, n);
	}
	err = reed_ws_send(ws, REED_WS_TEXT, reed_buf_slice(&out));
	reed_buf_finish(&out);
	return err;
}

static enum reed_err send_line(struct reed_ws *ws, enum reed_ws_form form, struct reed_slice line)
{
	enum reed_err err;

	if (reed_slice_ends(line, REED_STR("\r")))
		line.n--;
	if (form == REED_WS_LINES_BINARY)
		return reed_ws_send(ws, REED_WS_BINARY, line);
	err = reed_ws_send(ws, REED_WS_TEXT, line);
	return err == REED_EINVAL ? send_repaired(ws, line) : err;
}

static enum reed_err keep_rest(struct ws_lines *self, struct reed_slice bytes)
{
	self->rest.limit = LINE;
	reed_buf_add(&self->rest, bytes);
	return self->rest.err;
}

enum reed_err ws_lines_send(struct ws_lines *self, struct reed_ws *ws, enum reed_ws_form form,
                            struct reed_slice bytes)
{
	enum reed_err err = REED_OK;

	while (!err && bytes.n > 0) {
		size_t n = reed_slice_find(bytes, '\n');
		struct reed_slice line = reed_slice_first(bytes, n);

		if (n == bytes.n)
			return keep_rest(self, bytes);
		if (reed_buf_held(&self->rest) > 0) {
			err = keep_rest(self, line);
			line = reed_buf_slice(&self->rest);
		}
		if (!err)
			err = send_line(ws, form, line);
		reed_buf_finish(&self->rest);
		bytes = reed_slice_from(bytes, n + 1);
	}
	return err;
}
