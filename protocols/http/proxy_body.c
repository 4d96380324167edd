/* The body of an answer, as it comes. */

#include "relay.h"

void answer_body_init(struct answer_body *self, struct reed_stream *stream,
                      const struct reed_http_head *head, const struct reed_http_wire_limits *wire)
{
	*self = (struct answer_body){ .stream = stream,
		                      .framing = head->framing,
		                      .left = head->length,
		                      .chunks = { .limits = wire } };
}

static enum reed_err chunk_piece(struct answer_body *self, struct reed_slice *piece)
{
	struct reed_slice in = reed_peek(self->stream), all = in;
	enum reed_err err = reed_http_chunk(&self->chunks, &in, piece);

	if (err == REED_OK)
		self->shown = all.n - in.n;
	else
		reed_skip(self->stream, all.n - in.n);
	return err;
}

static enum reed_err plain_piece(struct answer_body *self, struct reed_slice *piece)
{
	*piece = reed_peek(self->stream);
	if (self->framing == REED_HTTP_LENGTH) {
		if (self->left == 0)
			return REED_EEOF;
		*piece = reed_slice_first(*piece,
		                          self->left < SIZE_MAX ? (size_t)self->left : SIZE_MAX);
		self->left -= piece->n;
	}
	self->shown = piece->n;
	return piece->n > 0 ? REED_OK : REED_EAGAIN;
}

enum reed_err answer_body_piece(struct answer_body *self, struct reed_slice *piece)
{
	reed_skip(self->stream, self->shown);
	self->shown = 0;
	*piece = REED_STR("");
	if (self->framing == REED_HTTP_NO_BODY)
		return REED_EEOF;
	if (self->framing == REED_HTTP_CHUNKED)
		return chunk_piece(self, piece);
	return plain_piece(self, piece);
}
