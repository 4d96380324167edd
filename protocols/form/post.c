/* Forms of a client. */

#include "reed/alloc.h"
#include "reed/scope.h"
#include "upload.h"

struct post {
	struct reed_co co;
	struct reed_http_client *client;
	struct reed_http_response *response, **out;
	char *url, *method, *type;
	struct reed_pool pool;
	struct reed_http_field *fields;
	size_t field_count;
	struct reed_buf body;  /* urlencoded, or */
	struct upload *upload; /* multipart */
	struct reed_stream *stream;
	struct reed_scope scope; /* of what writes it */
};

static void encode(struct reed_buf *out, struct reed_slice s)
{
	reed_http_encode(s, "", out);
}

static void take_entries(struct post *self, const struct reed_form_entry *entries, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			reed_buf_add_char(&self->body, '&');
		encode(&self->body, reed_slice_of(entries[i].name));
		reed_buf_add_char(&self->body, '=');
		encode(&self->body, entries[i].value);
	}
	self->type = reed_strdup("application/x-www-form-urlencoded");
}

static bool has_files(const struct reed_form_entry *entries, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (entries[i].path || entries[i].filename)
			return true;
	return false;
}

static void take_fields(struct post *self, const struct reed_form_post_options *o)
{
	self->fields = reed_pool_alloc(&self->pool, (o->field_count + 1) * sizeof(*self->fields));
	self->fields[0] =
		(struct reed_http_field){ REED_STR("Content-Type"), reed_slice_of(self->type) };
	for (size_t i = 0; i < o->field_count; i++) {
		self->fields[i + 1].name = reed_pool_copy(&self->pool, o->fields[i].name);
		self->fields[i + 1].value = reed_pool_copy(&self->pool, o->fields[i].value);
	}
	self->field_count = o->field_count + 1;
}

/* ---- sending ---- */

/* What ends badly aborts the stream, and the fetch tells. */
static void begin_writing(struct post *self)
{
	struct reed_stream *ours;

	reed_stream_pair(self->co.loop, 0, &ours, &self->stream);
	reed_scope_add(&self->scope, upload_write(self->upload, ours));
}

static struct reed_future *fetch(struct post *self)
{
	struct reed_http_fetch what = REED_HTTP_FETCH;

	what.url = self->url;
	what.method = self->method;
	what.fields = self->fields;
	what.field_count = self->field_count;
	what.body = reed_buf_slice(&self->body);
	if (self->upload) {
		begin_writing(self);
		what.upload = self->stream;
		what.upload_size = (int64_t)self->upload->all;
	}
	return reed_http_fetch(self->client, &what, &self->response);
}

static void post_run(struct reed_co *co)
{
	struct post *self = reed_frame(co, struct post);

	reed_coroutine (co) {
		if (self->upload)
			reed_try(co, upload_open(self->upload));
		reed_await(co, fetch(self));
		if (co->err && self->scope.fault)
			reed_return(co,
			            reed_because(co, co->err, "%s", self->scope.fault->sentence));
		reed_return(co, co->err);
	}
}

static void post_deliver(struct reed_co *co)
{
	struct post *self = reed_frame(co, struct post);

	*self->out = self->response;
	self->response = NULL;
}

static void post_end(struct reed_co *co)
{
	struct post *self = reed_frame(co, struct post);

	reed_scope_finish(&self->scope);
	if (self->stream)
		reed_abort(self->stream);
	reed_http_response_free(self->response);
	upload_free(self->upload);
	reed_buf_finish(&self->body);
	reed_pool_finish(&self->pool);
	reed_free(self->url);
	reed_free(self->method);
	reed_free(self->type);
}

static const struct reed_co_kind post_kind = { "post a form", sizeof(struct post), post_run,
	                                       post_deliver, post_end };

struct reed_future *reed_form_post(struct reed_http_client *client, const char *url,
                                   const struct reed_form_entry *entries, size_t count,
                                   const struct reed_form_post_options *options,
                                   struct reed_http_response **response)
{
	struct reed_loop *loop = reed_http_client_loop(client);
	struct post *self = reed_co_new(loop, &post_kind);
	struct reed_form_post_options o = REED_FORM_POST_OPTIONS;

	if (options)
		memcpy(&o, options, options->size < sizeof(o) ? options->size : sizeof(o));
	self->client = client;
	self->url = reed_strdup(url);
	self->method = reed_strdup(o.method ? o.method : "POST");
	self->out = response;
	reed_scope_init(&self->scope, loop, NULL, "form");
	self->scope.policy = REED_SCOPE_FAIL; /* its fault is told with that of the fetch */
	if (o.multipart || has_files(entries, count)) {
		self->upload = upload_new(loop, entries, count);
		self->upload->progress = o.progress;
		self->upload->arg = o.arg;
		self->type =
			reed_sprintf("multipart/form-data; boundary=%s", self->upload->boundary);
	} else {
		take_entries(self, entries, count);
	}
	take_fields(self, &o);
	return reed_start(&self->co);
}
