/* The body of a lane on its way, copied as little as can be. */

#include "h2_body.h"

#include "reed/alloc.h"
#include "reed/source.h"

enum { COPIED = 256 }; /* bytes of a blob that are cheaper copied than held */

void h2_body_add(struct h2_body *body, struct reed_slice bytes)
{
	reed_buf_add(&body->bytes, bytes);
	body->loose += bytes.n;
	body->held += bytes.n;
}

static struct h2_held *add(struct h2_body *body, size_t n)
{
	struct h2_held *held = body->first ? reed_alloc(sizeof(*held)) : &body->only;

	*held = (struct h2_held){ .n = n, .behind = body->loose };
	body->loose = 0;
	body->held += n;
	if (body->last)
		body->last->next = held;
	else
		body->first = held;
	body->last = held;
	return held;
}

void h2_body_add_blob(struct h2_body *body, struct reed_blob *blob)
{
	if (blob->n <= COPIED)
		h2_body_add(body, reed_blob_slice(blob));
	else
		add(body, blob->n)->blob = reed_blob_share(blob);
}

void h2_body_add_source(struct h2_body *body, struct reed_source *source, uint64_t offset, size_t n)
{
	struct h2_held *held = add(body, n);

	held->source = reed_source_share(source);
	held->offset = offset;
}

static size_t less(size_t a, size_t b)
{
	return a < b ? a : b;
}

struct h2_run h2_body_next(const struct h2_body *body, size_t most)
{
	const struct h2_held *held = body->first;
	struct h2_run run = { .n = 0 };

	if (!held || held->behind > 0) {
		run.bytes = reed_slice_first(reed_buf_slice(&body->bytes),
		                             less(held ? held->behind : body->loose, most));
		run.n = run.bytes.n;
		return run;
	}
	run.n = less(held->n, most);
	run.blob = held->blob;
	run.source = held->source;
	run.offset = held->offset;
	if (run.blob)
		run.bytes = reed_slice(run.blob->bytes + run.offset, run.n);
	return run;
}

static void drop_first(struct h2_body *body)
{
	struct h2_held *held = body->first;

	body->first = held->next;
	if (!body->first)
		body->last = NULL;
	reed_blob_release(held->blob);
	reed_source_release(held->source);
	if (held != &body->only)
		reed_free(held);
}

void h2_body_went(struct h2_body *body, size_t n)
{
	struct h2_held *held = body->first;

	body->held -= n;
	if (held && held->behind == 0) {
		held->offset += n;
		held->n -= n;
		if (held->n == 0)
			drop_first(body);
		return;
	}
	reed_buf_skip(&body->bytes, n);
	if (held)
		held->behind -= n;
	else
		body->loose -= n;
}

void h2_body_clear(struct h2_body *body)
{
	while (body->first)
		drop_first(body);
	reed_buf_clear(&body->bytes);
	body->loose = body->held = 0;
}

void h2_body_finish(struct h2_body *body)
{
	h2_body_clear(body);
	reed_buf_finish(&body->bytes);
}
