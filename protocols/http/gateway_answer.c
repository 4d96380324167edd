/* A program that answers a request: what it says, how long it may take, and how it fails. */

#include "gateway.h"

#include "fcgi.h"
#include "reed/log.h"

enum { HEAD_MOST = 64 << 10, PIECE_MOST = 64 << 10, FIELDS = 100 };

/* A segment that leads to the folder above. */
static bool leads_out(struct reed_slice path)
{
	while (path.n > 0)
		if (reed_slice_is(reed_slice_cut(&path, '/'), ".."))
			return true;
	return false;
}

bool gateway_accepts(struct reed_http_request *r, struct reed_slice path, uint64_t body)
{
	unsigned status = r->head.framing == REED_HTTP_CHUNKED ? 411 : 0;

	if (r->head.method == REED_HTTP_CONNECT || r->head.method == REED_HTTP_TRACE)
		status = 405;
	else if (path.n == 0 || path.p[0] != '/' || leads_out(path))
		status = 400;
	else if (r->head.framing == REED_HTTP_LENGTH && r->head.length > body)
		status = 413;
	if (status)
		reed_http_fail(r, status, NULL);
	else
		reed_http_body_limit(r, body);
	return !status;
}

void gateway_init(struct gateway *self, struct reed_http_request *r)
{
	self->request = r;
	reed_buf_init(&self->head, HEAD_MOST + PIECE_MOST);
}

void gateway_finish(struct gateway *self)
{
	upload_stop(&self->upload);
	reed_buf_finish(&self->head);
}

void gateway_send(struct gateway *self, const struct upload_manner *manner)
{
	self->upload = (struct upload){ .request = self->request,
		                        .to = self->stream,
		                        .silent_ms = self->silent_ms };
	upload_begin(&self->upload, manner);
}

/* ---- what it says ---- */

static void begin_answer(struct gateway *self, const struct gateway_head *head)
{
	struct reed_http_request *r = self->request;

	for (unsigned i = 0; i < head->count; i++) {
		char *name = reed_pool_strdup(&r->pool, head->fields[i].name);

		if (!hop_by_hop(head->fields, head->count, head->fields[i].name) &&
		    !reed_slice_is_nocase(head->fields[i].name, "date"))
			reed_http_add(r, name, head->fields[i].value);
	}
	reed_http_begin(r, head->status, NULL, head->length);
}

enum reed_err gateway_take(struct gateway *self, struct reed_slice bytes)
{
	struct reed_http_field fields[FIELDS];
	struct gateway_head head = { .fields = fields, .room = FIELDS };
	enum reed_err err;
	size_t used;

	if (reed_http_begun(self->request)) {
		reed_http_write(self->request, bytes);
		return REED_OK;
	}
	reed_buf_add(&self->head, bytes);
	if (self->head.err)
		return self->head.err;
	err = gateway_parse(reed_buf_slice(&self->head), &head, &used);
	if (err)
		return err == REED_EAGAIN ? REED_OK : err;
	begin_answer(self, &head);
	reed_buf_skip(&self->head, used);
	reed_http_write(self->request, reed_buf_slice(&self->head));
	reed_buf_clear(&self->head);
	return REED_OK;
}

void gateway_complain(const struct gateway *self, struct reed_slice bytes)
{
	while (bytes.n > 0) {
		struct reed_slice line = reed_slice_trim(reed_slice_cut(&bytes, '\n'));

		if (line.n > 0)
			reed_log(self->co.loop, REED_LOG_WARN,
			         "a program complains gateway=%s behind=%s script=%.*s said=%.*s",
			         self->kind, self->shown, REED_ARG(self->script.name),
			         REED_ARG(line));
	}
}

/* ---- how long it takes ---- */

struct reed_future *gateway_more(struct gateway *self)
{
	return reed_within(reed_http_begun(self->request) ? self->silent_ms : self->first_ms,
	                   reed_more(self->stream));
}

/* While a body is on its way up, that is what is watched over. */
bool gateway_is_late(const struct gateway *self)
{
	return !upload_excuses(&self->upload, self->first_ms);
}

/* ---- how it fails ---- */

void gateway_tell_log(const struct gateway *self, const char *why)
{
	reed_log(
		self->co.loop, REED_LOG_WARN,
		"a program failed gateway=%s behind=%s method=%.*s script=%.*s target=%.*s error=%s why=%s",
		self->kind, self->shown, REED_ARG(self->request->head.method_name),
		REED_ARG(self->script.name), REED_ARG(self->request->head.target),
		reed_strerror(self->err), why);
}

enum reed_err gateway_fail(struct gateway *self, enum reed_err err, const char *why)
{
	self->err = err;
	gateway_tell_log(self, why);
	if (self->upload.err)
		return self->upload.err;
	reed_http_fail(self->request, relay_status(err), NULL);
	return self->request->ended ? REED_OK : REED_EIO;
}
