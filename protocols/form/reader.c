/* A form, piece by piece, as it comes. */

#include "reader.h"

#include "reed/alloc.h"

static void reader_free(void *value)
{
	struct reed_form_reader *self = value;

	reed_buf_finish(&self->kept);
	reed_free(self);
}

static const struct reed_http_key reader_key = { "form reader", reader_free };

/* Nothing, of which nobody says what it is, is a form without fields. */
static struct reed_slice type_of(struct reed_http_request *request)
{
	const struct reed_http_head *head = reed_http_head(request);
	struct reed_slice type = reed_http_header(request, "Content-Type");
	bool empty = head->framing == REED_HTTP_NO_BODY ||
	             (head->framing == REED_HTTP_LENGTH && head->length == 0);

	if (type.p)
		return type;
	return empty ? REED_STR("application/x-www-form-urlencoded") : REED_STR("");
}

struct reed_form_reader *reed_form_reader(struct reed_http_request *request,
                                          const struct reed_form_options *options)
{
	struct reed_form_reader *self = reed_alloc(sizeof(*self));
	struct reed_form_options *o = &self->options;

	self->request = request;
	if (options)
		memcpy(o, options, options->size < sizeof(*o) ? options->size : sizeof(*o));
	self->err = reed_form_parser_init(&self->parser, type_of(request), &o->limits);
	if (o->body)
		reed_http_body_limit(request, o->body);
	reed_http_attach(request, &reader_key, self);
	return self;
}

/* ---- events ---- */

static unsigned status_of(enum reed_err err)
{
	return err == REED_ENOTSUP ? 415 : err == REED_ETOOBIG ? 413 : 400;
}

enum reed_err form_reject(struct reed_form_reader *self, struct reed_co *co, enum reed_err err,
                          const char *why)
{
	if (!self->options.quiet)
		reed_http_fail(self->request, status_of(err), why);
	return reed_because(co, err, "%s", why);
}

/* What the parser has left goes in front of what comes next. */
static void keep_rest(struct reed_form_reader *self)
{
	if (self->in_kept) {
		reed_buf_skip(&self->kept, reed_buf_held(&self->kept) - self->in.n);
	} else {
		reed_buf_clear(&self->kept);
		reed_buf_add(&self->kept, self->in);
	}
}

static void take_raw(struct reed_form_reader *self)
{
	self->over = self->raw.n == 0;
	self->in_kept = reed_buf_held(&self->kept) > 0;
	if (self->in_kept)
		reed_buf_add(&self->kept, self->raw);
	self->in = self->in_kept ? reed_buf_slice(&self->kept) : self->raw;
}

struct advance {
	struct reed_co co;
	struct reed_form_reader *reader;
	enum reed_err err;
};

static void advance_run(struct reed_co *co)
{
	struct advance *self = reed_frame(co, struct advance);
	struct reed_form_reader *r = self->reader;

	reed_coroutine (co) {
		self->err = r->err;
		while (!self->err) {
			self->err = reed_form_parse(&r->parser, &r->in, r->over, &r->event);
			if (self->err != REED_EAGAIN)
				break;
			keep_rest(r);
			reed_await(co, reed_http_read(r->request, &r->raw));
			if (co->err == REED_ETOOBIG)
				reed_return(co, form_reject(r, co, co->err,
				                            "the body of the form is too large"));
			if (co->err)
				reed_return(co, co->err);
			take_raw(r);
			self->err = REED_OK;
		}
		if (self->err && self->err != REED_EEOF)
			reed_return(co, form_reject(r, co, self->err, r->parser.why));
		r->inside = !self->err && r->event.what != REED_FORM_DONE;
		reed_return(co, self->err);
	}
}

static const struct reed_co_kind advance_kind = { "form", sizeof(struct advance), advance_run, NULL,
	                                          NULL };

struct reed_future *form_advance(struct reed_form_reader *reader)
{
	struct advance *self = reed_co_new(reed_http_loop(reader->request), &advance_kind);

	self->reader = reader;
	return reed_start(&self->co);
}

/* ---- parts ---- */

struct next {
	struct reed_co co;
	struct reed_form_reader *reader;
	const struct reed_form_part **out;
	bool found;
};

static void take_part(struct reed_form_reader *self)
{
	struct reed_pool *pool = reed_http_pool(self->request);

	self->part.name = reed_pool_copy(pool, self->event.name);
	self->part.filename = reed_pool_copy(pool, self->event.filename);
	self->part.type = reed_pool_copy(pool, self->event.type);
	self->part.file = self->event.file;
}

static void next_run(struct reed_co *co)
{
	struct next *self = reed_frame(co, struct next);

	reed_coroutine (co) {
		do {
			reed_await(co, form_advance(self->reader));
			if (co->err == REED_EEOF)
				reed_return(co, REED_OK);
			if (co->err)
				reed_return(co, co->err);
		} while (self->reader->event.what != REED_FORM_FIELD);
		take_part(self->reader);
		self->found = true;
	}
}

static void next_deliver(struct reed_co *co)
{
	struct next *self = reed_frame(co, struct next);

	*self->out = self->found ? &self->reader->part : NULL;
}

static const struct reed_co_kind next_kind = { "part of a form", sizeof(struct next), next_run,
	                                       next_deliver, NULL };

struct reed_future *reed_form_next(struct reed_form_reader *reader,
                                   const struct reed_form_part **part)
{
	struct next *self = reed_co_new(reed_http_loop(reader->request), &next_kind);

	self->reader = reader;
	self->out = part;
	return reed_start(&self->co);
}

/* ---- pieces ---- */

struct piece {
	struct reed_co co;
	struct reed_form_reader *reader;
	struct reed_slice *out;
};

static void piece_run(struct reed_co *co)
{
	struct piece *self = reed_frame(co, struct piece);

	reed_coroutine (co) {
		self->reader->event.bytes = REED_STR("");
		if (self->reader->inside)
			reed_try(co, form_advance(self->reader));
	}
}

static void piece_deliver(struct reed_co *co)
{
	struct piece *self = reed_frame(co, struct piece);

	*self->out = self->reader->event.bytes;
}

static const struct reed_co_kind piece_kind = { "piece of a form", sizeof(struct piece), piece_run,
	                                        piece_deliver, NULL };

struct reed_future *reed_form_piece(struct reed_form_reader *reader, struct reed_slice *piece)
{
	struct piece *self = reed_co_new(reed_http_loop(reader->request), &piece_kind);

	self->reader = reader;
	self->out = piece;
	return reed_start(&self->co);
}

/* ---- values ---- */

struct value {
	struct reed_co co;
	struct reed_form_reader *reader;
	struct reed_slice piece, *out;
	struct reed_buf all;
};

static void value_run(struct reed_co *co)
{
	struct value *self = reed_frame(co, struct value);

	reed_coroutine (co) {
		do {
			reed_try(co, reed_form_piece(self->reader, &self->piece));
			reed_buf_add(&self->all, self->piece);
			if (self->all.err)
				reed_return(co, form_reject(self->reader, co, REED_ETOOBIG,
				                            "a value of the form is too large"));
		} while (self->piece.n > 0);
	}
}

static void value_deliver(struct reed_co *co)
{
	struct value *self = reed_frame(co, struct value);

	*self->out =
		reed_pool_copy(reed_http_pool(self->reader->request), reed_buf_slice(&self->all));
}

static void value_end(struct reed_co *co)
{
	reed_buf_finish(&reed_frame(co, struct value)->all);
}

static const struct reed_co_kind value_kind = { "value of a form", sizeof(struct value), value_run,
	                                        value_deliver, value_end };

struct reed_future *reed_form_value(struct reed_form_reader *reader, struct reed_slice *value)
{
	struct value *self = reed_co_new(reed_http_loop(reader->request), &value_kind);

	self->reader = reader;
	self->out = value;
	self->all.limit = (size_t)reader->parser.limits.value;
	return reed_start(&self->co);
}
