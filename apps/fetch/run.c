/* A fetch, from the request to the last byte written. */

#include <stdio.h>

#include "fetch.h"
#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/process.h"

struct run {
	struct reed_co co;
	const struct fetch_flags *flags;
	struct fetch_request *request;
	int *status;
	struct reed_http_client *client;
	struct reed_http_response *response;
	struct fetch_output out;
	struct fetch_progress progress;
	struct fetch_pretty pretty;
	struct reed_buf text; /* a head, or JSON */
	struct reed_slice piece;
	uint64_t there; /* bytes of the file, before */
	bool is_json, complete;
};

/* ---- the head ---- */

static void write_head(struct run *self)
{
	const struct reed_http_response *r = self->response;

	reed_buf_printf(&self->text, "HTTP/%s %u " REED_FMT "\n", r->version == 2 ? "2" : "1.1",
	                r->status, REED_ARG(r->reason));
	for (unsigned i = 0; i < r->field_count; i++)
		reed_buf_printf(&self->text, REED_FMT ": " REED_FMT "\n",
		                REED_ARG(r->fields[i].name), REED_ARG(r->fields[i].value));
	reed_buf_add_char(&self->text, '\n');
}

static struct reed_slice field(const struct run *self, const char *name)
{
	return reed_http_response_field(self->response, name);
}

static bool says_json(struct reed_slice type)
{
	type = reed_slice_trim(reed_slice_first(type, reed_slice_find(type, ';')));
	return reed_slice_is_nocase(type, "application/json") ||
	       reed_slice_ends(type, REED_STR("+json"));
}

static bool wants_json(const struct run *self)
{
	if (self->flags->json != FETCH_JSON_AUTO)
		return self->flags->json == FETCH_JSON_ALWAYS;
	return !self->out.path && reed_is_terminal(1) && says_json(field(self, "Content-Type"));
}

/* "bytes 100-199/200" begins where we stopped; "bytes *" + "/100": there is no more. */
static enum reed_err look_at_range(struct run *self)
{
	struct reed_slice range = field(self, "Content-Range"), all = range;
	uint64_t first = 0, size = 0;

	reed_slice_cut(&all, '/');
	reed_slice_u64(all, UINT64_MAX, &size);
	if (self->response->status == 416 && size == self->there && size > 0) {
		self->complete = true;
		return REED_OK;
	}
	if (self->response->status != 206)
		return REED_OK;
	reed_slice_cut(&range, ' ');
	if (reed_slice_u64(reed_slice_cut(&range, '-'), UINT64_MAX, &first) || first != self->there)
		return REED_EPROTO;
	return REED_OK;
}

static void begin_progress(struct run *self)
{
	uint64_t length = 0;

	self->progress.on = !self->flags->silent && reed_is_terminal(2) &&
	                    (self->out.path || !reed_is_terminal(1));
	self->progress.began = reed_now(self->co.loop);
	self->progress.before = self->response->status == 206 ? self->there : 0;
	if (!reed_slice_u64(field(self, "Content-Length"), INT64_MAX / BUFSIZ, &length) &&
	    length > 0)
		self->progress.size = self->progress.before + length;
}

/* ---- the body ---- */

static struct reed_future *write_piece(struct run *self)
{
	struct reed_slice bytes = self->piece;

	fetch_progress_show(&self->progress, self->co.loop,
	                    reed_http_response_progress(self->response));
	if (self->is_json) {
		reed_buf_clear(&self->text);
		fetch_pretty_add(&self->pretty, bytes, &self->text);
		if (bytes.n == 0)
			reed_buf_add_char(&self->text, '\n');
		bytes = reed_buf_slice(&self->text);
	}
	return fetch_output_write(&self->out, bytes);
}

static void judge(struct run *self)
{
	const struct reed_http_response *r = self->response;

	if (self->complete || r->status < 400)
		return;
	*self->status = 1;
	fprintf(stderr, "reed fetch: %s: %u " REED_FMT "\n", r->url, r->status,
	        REED_ARG(r->reason));
}

static void run_run(struct reed_co *co)
{
	struct run *self = reed_frame(co, struct run);
	const struct fetch_flags *flags = self->flags;

	reed_coroutine (co) {
		if (flags->resume)
			reed_try(co, fetch_output_look(co->loop, flags->output, &self->there));
		if (self->there > 0)
			fetch_request_resume(self->request, self->there);
		reed_try(co, reed_http_fetch(self->client, &self->request->fetch, &self->response));
		if (look_at_range(self))
			reed_return(co, REED_EPROTO);
		judge(self);
		/* what says that there is an error is not what was wanted in a file */
		if (self->complete || (*self->status && flags->output))
			reed_return(co, REED_OK);
		reed_try(co, fetch_output_open(&self->out, self->response->status != 206));
		begin_progress(self);
		self->is_json = wants_json(self);
		if (flags->head || flags->include) {
			write_head(self);
			reed_try(co, fetch_output_write(&self->out, reed_buf_slice(&self->text)));
		}
		do {
			reed_try(co, reed_http_response_read(self->response, &self->piece));
			if (self->piece.n > 0 || (self->is_json && !flags->head))
				reed_try(co, write_piece(self));
		} while (self->piece.n > 0);
	}
}

static void run_end(struct reed_co *co)
{
	struct run *self = reed_frame(co, struct run);

	if (self->response)
		fetch_progress_end(&self->progress, co->loop,
		                   reed_http_response_progress(self->response));
	fetch_output_close(&self->out);
	reed_http_response_free(self->response);
	reed_http_client_free(self->client);
	reed_buf_finish(&self->text);
}

static const struct reed_co_kind run_kind = { "fetch", sizeof(struct run), run_run, NULL, run_end };

struct reed_future *fetch_run(struct reed_loop *loop, const struct fetch_flags *flags,
                              struct fetch_request *request, int *status)
{
	struct run *self = reed_co_new(loop, &run_kind);
	struct reed_future *f;

	self->flags = flags;
	self->request = request;
	self->status = status;
	self->client = reed_http_client_new(loop, &request->options);
	self->out = (struct fetch_output){ .loop = loop, .path = flags->output, .fd = -1 };
	f = reed_start(&self->co);
	return flags->timeout ? reed_within(flags->timeout / REED_MS(1), f) : f;
}
