/* Recorded exchanges: read, played, recorded, written. */

#include "reed/har.h"

#include <jansson.h>

#include "reed/alloc.h"
#include "reed/base64.h"
#include "reed/co.h"
#include "reed/json.h"

struct reed_har {
	struct reed_loop *loop;
	struct json_t *entries; /* an array, as in the file */
	bool *played;
	size_t played_count, missed;
	struct reed_http_server *server;
};

/* ---- which one ---- */

static struct reed_slice without(struct reed_slice host, const char *port)
{
	if (reed_slice_ends(host, reed_slice_of(port)))
		host.n -= strlen(port);
	return host;
}

/* Host and target are the same, but for a port that goes without saying. */
static bool is_of(const char *url, const struct reed_http_head *head)
{
	struct reed_slice rest = reed_slice_of(url), host, target;
	const char *port = reed_slice_starts(rest, REED_STR("https://")) ? ":443" : ":80";

	rest = reed_slice_from(rest, reed_slice_search(rest, REED_STR("://")) + 3);
	rest = reed_slice_first(rest, reed_slice_find(rest, '#'));
	host = reed_slice_first(rest, reed_slice_find(rest, '/'));
	target = reed_slice_from(rest, host.n);
	if (target.n == 0)
		target = REED_STR("/");
	return reed_slice_eq_nocase(without(host, port), without(head->host, port)) &&
	       reed_slice_eq(target, head->target);
}

static const char *text_of(const struct json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

static bool matches(const struct json_t *entry, const struct reed_http_head *head)
{
	const struct json_t *request = json_object_get(entry, "request");

	return reed_slice_is(head->method_name, text_of(request, "method")) &&
	       is_of(text_of(request, "url"), head);
}

static const struct json_t *find(struct reed_har *self, const struct reed_http_head *head)
{
	const struct json_t *last = NULL;

	for (size_t i = 0; i < json_array_size(self->entries); i++) {
		const struct json_t *entry = json_array_get(self->entries, i);

		if (!matches(entry, head))
			continue;
		last = entry;
		if (!self->played[i]) {
			self->played[i] = true;
			break;
		}
	}
	return last;
}

/* ---- playing ---- */

/* These are the server's, of the body as it was before it was decoded. */
static bool is_of_transfer(const char *name)
{
	static const char *const names[] = { "Connection",       "Content-Encoding",
		                             "Content-Length",   "Date",
		                             "Keep-Alive",       "Strict-Transport-Security",
		                             "Transfer-Encoding" };

	for (size_t i = 0; i < REED_COUNT(names); i++)
		if (reed_slice_is_nocase(reed_slice_of(name), names[i]))
			return true;
	return false;
}

static void add_fields(struct reed_http_request *r, const struct json_t *fields)
{
	for (size_t i = 0; i < json_array_size(fields); i++) {
		const struct json_t *field = json_array_get(fields, i);
		const char *name = text_of(field, "name");

		if (name[0] != ':' && !is_of_transfer(name))
			reed_http_add(r, name, reed_slice_of(text_of(field, "value")));
	}
}

static void respond(struct reed_http_request *r, const struct json_t *response)
{
	const struct json_t *content = json_object_get(response, "content");
	const struct json_t *text = json_object_get(content, "text");
	struct reed_slice body = reed_slice(json_string_value(text), json_string_length(text));
	json_int_t status = json_integer_value(json_object_get(response, "status"));
	char *room = NULL;

	if (strcmp(text_of(content, "encoding"), "base64") == 0) {
		room = reed_alloc(body.n + 1);
		if (reed_base64_decode(body, room, body.n + 1, &body.n))
			body.n = 0;
		body.p = room;
	}
	add_fields(r, json_object_get(response, "headers"));
	reed_http_respond(r, status >= 200 && status < 600 ? (unsigned)status : 502, NULL,
	                  body.p ? body : REED_STR(""));
	reed_free(room);
}

static struct reed_future *play(void *arg, struct reed_http_request *r)
{
	struct reed_har *self = arg;
	const struct reed_http_head *head = reed_http_head(r);
	const struct json_t *entry = find(self, head);

	if (entry) {
		self->played_count++;
		respond(r, json_object_get(entry, "response"));
		return NULL;
	}
	self->missed++;
	reed_http_respondf(r, 501, "text/plain",
	                   "not recorded: " REED_FMT " " REED_FMT REED_FMT "\n",
	                   REED_ARG(head->method_name), REED_ARG(head->host),
	                   REED_ARG(head->target));
	return NULL;
}

struct reed_http_server *reed_har_server(struct reed_har *self)
{
	return self->server;
}

size_t reed_har_played(const struct reed_har *self)
{
	return self->played_count;
}

size_t reed_har_missed(const struct reed_har *self)
{
	return self->missed;
}

/* ---- made, read, written ---- */

struct reed_har *reed_har_new(struct reed_loop *loop)
{
	struct reed_http_server_options options = REED_HTTP_SERVER_OPTIONS;
	struct reed_har *self = reed_alloc(sizeof(*self));

	self->loop = loop;
	self->entries = json_array();
	self->played = reed_alloc(1);
	options.handler = play;
	options.arg = self;
	self->server = reed_http_server_new(loop, &options);
	return self;
}

void reed_har_free(struct reed_har *self)
{
	if (!self)
		return;
	reed_http_server_free(self->server);
	json_decref(self->entries);
	reed_free(self->played);
	reed_free(self);
}

static void take_entries(struct reed_har *self, struct json_t *entries)
{
	json_decref(self->entries);
	self->entries = json_incref(entries);
	reed_free(self->played);
	self->played = reed_alloc(json_array_size(entries) + 1);
}

enum reed_err reed_har_read(struct reed_loop *loop, struct reed_slice text, struct reed_har **out,
                            struct reed_fault **fault)
{
	const struct reed_json_limits limits = { .bytes = UINT32_MAX, .values = UINT32_MAX };
	struct json_t *all = NULL, *entries;
	enum reed_err err = reed_json_parse(text, &limits, &all, fault);

	if (err)
		return err;
	entries = json_object_get(json_object_get(all, "log"), "entries");
	if (json_is_array(entries)) {
		*out = reed_har_new(loop);
		take_entries(*out, entries);
	} else {
		err = REED_ESYNTAX;
		if (fault)
			*fault = reed_fault(err, NULL, "no HAR: there is no array log.entries");
	}
	json_decref(all);
	return err;
}

void reed_har_write(const struct reed_har *self, struct reed_buf *out)
{
	struct json_t *all =
		json_pack("{s:{s:s, s:{s:s, s:s}, s:O}}", "log", "version", "1.2", "creator",
	                  "name", "Reed", "version", "1", "entries", self->entries);

	reed_json_write(all, out);
	json_decref(all);
}

/* ---- recording ---- */

struct recording {
	struct reed_co co;
	struct reed_har *har;
	struct reed_http_client *client;
	struct reed_future *fetch;
	struct json_t *request;
	struct reed_http_response *response, **out;
};

static struct json_t *fields_of(const struct reed_http_response *r)
{
	struct json_t *all = json_array();

	for (unsigned i = 0; i < r->field_count; i++) {
		struct json_t *field =
			json_pack("{s:s%, s:s%}", "name", r->fields[i].name.p, r->fields[i].name.n,
		                  "value", r->fields[i].value.p, r->fields[i].value.n);

		if (field) /* not of one that is no UTF-8 */
			json_array_append_new(all, field);
	}
	return all;
}

static struct json_t *content_of(const struct reed_http_response *r)
{
	struct reed_buf text = { .limit = 0 };
	struct json_t *content;

	if (reed_slice_is_utf8(r->body))
		return json_pack("{s:I, s:s%}", "size", (json_int_t)r->body.n, "text",
		                 r->body.n ? r->body.p : "", r->body.n);
	reed_buf_add_base64(&text, r->body);
	content = json_pack("{s:I, s:s%, s:s}", "size", (json_int_t)r->body.n, "text",
	                    reed_buf_slice(&text).p, reed_buf_held(&text), "encoding", "base64");
	reed_buf_finish(&text);
	return content;
}

static void add_entry(struct recording *self)
{
	const struct reed_http_response *r = self->response;
	struct reed_har *har = self->har;
	size_t n = json_array_size(har->entries);

	json_array_append_new(har->entries,
	                      json_pack("{s:O, s:{s:i, s:s%, s:o, s:o}}", "request", self->request,
	                                "response", "status", (int)r->status, "statusText",
	                                r->reason.n ? r->reason.p : "", r->reason.n, "headers",
	                                fields_of(r), "content", content_of(r)));
	har->played = reed_realloc(har->played, n + 2);
	har->played[n] = false;
}

static void recording_run(struct reed_co *co)
{
	struct recording *self = reed_frame(co, struct recording);
	struct reed_future *f = self->fetch;

	reed_coroutine (co) {
		self->fetch = NULL;
		reed_try(co, f);
	}
}

static void recording_deliver(struct reed_co *co)
{
	struct recording *self = reed_frame(co, struct recording);

	add_entry(self);
	*self->out = self->response;
	self->response = NULL;
}

static void recording_end(struct reed_co *co)
{
	struct recording *self = reed_frame(co, struct recording);

	reed_drop(self->fetch);
	reed_http_response_free(self->response);
	json_decref(self->request);
}

static const struct reed_co_kind recording_kind = { "record a fetch", sizeof(struct recording),
	                                            recording_run, recording_deliver,
	                                            recording_end };

struct reed_future *reed_har_fetch(struct reed_har *har, struct reed_http_client *client,
                                   const struct reed_http_fetch *fetch,
                                   struct reed_http_response **response)
{
	struct recording *self = reed_co_new(har->loop, &recording_kind);
	char *url = reed_http_fetch_url(fetch);

	self->har = har;
	self->request = json_pack("{s:s, s:s}", "method", fetch->method ? fetch->method : "GET",
	                          "url", url);
	reed_free(url);
	if (fetch->body.n > 0 && reed_slice_is_utf8(fetch->body))
		json_object_set_new(self->request, "postData",
		                    json_pack("{s:s%}", "text", fetch->body.p, fetch->body.n));
	self->out = response;
	self->fetch = reed_http_fetch(client, fetch, &self->response);
	return reed_start(&self->co);
}
