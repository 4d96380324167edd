/* Forms, files and JSON that a client sends; exchanges that were recorded. */

#include <jansson.h>
#include <stdlib.h>
#include <unistd.h>

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/folder.h"
#include "reed/form/client.h"
#include "reed/form/schema.h"
#include "reed/har.h"
#include "reed/http/router.h"
#include "reed/log.h"
#include "reed/offload.h"
#include "reed/sim.h"
#include "tests/check.h"

static char folder[] = "/tmp/reed-client-XXXXXX", path[64];

static struct {
	struct reed_sim *sim;
	struct reed_loop *loop;
	struct reed_http_router *router;
	struct reed_http_server *server;
	struct reed_http_client *client;
	struct reed_http_response *response;
	struct json_t *json;
	struct reed_form_post_options post;
	uint64_t sent, all;
	int told;
} w;

/* ---- a server that says what it got ---- */

struct page {
	struct reed_co co;
	struct reed_http_request *request;
	const struct reed_form *form;
	struct reed_buf text;
	struct json_t *json;
};

static void tell(struct page *self)
{
	reed_buf_printf(&self->text, REED_FMT "\n",
	                REED_ARG(reed_slice_first(reed_http_header(self->request, "Content-Type"),
	                                          19)));
	for (size_t i = 0; i < self->form->count; i++) {
		const struct reed_form_field *f = &self->form->fields[i];

		reed_buf_printf(&self->text, REED_FMT "=" REED_FMT, REED_ARG(f->name),
		                REED_ARG(f->value));
		if (f->file)
			reed_buf_printf(&self->text, "(" REED_FMT " " REED_FMT " %llu)",
			                REED_ARG(f->filename), REED_ARG(f->type),
			                (unsigned long long)reed_form_file_size(f->file));
		reed_buf_add_char(&self->text, '\n');
	}
	reed_http_respond(self->request, 200, "text/plain", reed_buf_slice(&self->text));
}

static void form_run(struct reed_co *co)
{
	struct page *self = reed_frame(co, struct page);
	struct reed_form_options options = REED_FORM_OPTIONS;

	reed_coroutine (co) {
		options.folder = folder;
		options.body = 8 << 20;
		reed_try(co, reed_form_take(self->request, &options, &self->form));
		tell(self);
	}
}

static void json_run(struct reed_co *co)
{
	struct page *self = reed_frame(co, struct page);

	reed_coroutine (co) {
		reed_try(co, reed_json_take(self->request, NULL, &self->json));
		reed_json_respondf(self->request, 201, "{s:O}", "got", self->json);
	}
}

static void page_end(struct reed_co *co)
{
	reed_buf_finish(&reed_frame(co, struct page)->text);
}

static const struct reed_co_kind form_kind = { "form", sizeof(struct page), form_run, NULL,
	                                       page_end };
static const struct reed_co_kind json_kind = { "json", sizeof(struct page), json_run, NULL,
	                                       page_end };

static struct reed_future *start(void *kind, struct reed_http_request *r)
{
	struct page *self = reed_co_new(w.loop, kind);

	self->request = r;
	return reed_start(&self->co);
}

static struct reed_future *say(void *arg, struct reed_http_request *r)
{
	reed_http_add(r, "X-Said", REED_STR("yes"));
	reed_http_respond(r, 200, "text/plain", reed_slice_of(arg));
	return NULL;
}

static void begin(void)
{
	struct reed_http_server_options server = REED_HTTP_SERVER_OPTIONS;
	struct reed_http_client_options client = REED_HTTP_CLIENT_OPTIONS;

	memset(&w, 0, sizeof(w));
	w.sim = reed_sim_new(NULL);
	w.loop = reed_sim_host(w.sim, "here");
	reed_log_set_level(reed_log_of(w.loop), REED_LOG_CRITICAL);
	w.post = (struct reed_form_post_options)REED_FORM_POST_OPTIONS;
	w.router = reed_http_router_new();
	reed_http_route(w.router, "*", "/form", start, (void *)(uintptr_t)&form_kind);
	reed_http_route(w.router, "*", "/json", start, (void *)(uintptr_t)&json_kind);
	reed_http_route(w.router, "GET", "/text", say, (void *)(uintptr_t) "hello");
	reed_http_route(w.router, "GET", "/bytes", say, (void *)(uintptr_t) "\xff\xfe\xfd");
	server.handler = reed_http_routed;
	server.arg = w.router;
	w.server = reed_http_server_new(w.loop, &server);
	client.dial = reed_http_fake_dial;
	client.dial_arg = w.server;
	w.client = reed_http_client_new(w.loop, &client);
}

static void end(void)
{
	struct reed_offload_stats jobs = { .size = sizeof(jobs) };

	reed_http_response_free(w.response);
	reed_http_client_free(w.client);
	json_decref(w.json);
	reed_sim_run_for(w.sim, REED_S(100));
	check(!reed_sim_failure(w.sim));
	reed_offload_stats(w.loop, &jobs);
	check_int(jobs.under_way, 0);
	reed_http_server_free(w.server);
	reed_http_router_free(w.router);
	reed_sim_free(w.sim);
}

static enum reed_err outcome(struct reed_future *f)
{
	return reed_sim_run_until(w.sim, f, NULL);
}

static enum reed_err post(const struct reed_form_entry *entries, size_t count)
{
	reed_http_response_free(w.response);
	w.response = NULL;
	return outcome(
		reed_form_post(w.client, "http://here/form", entries, count, &w.post, &w.response));
}

#define says(wanted) check_slice(w.response->body, (wanted))

/* ---- forms ---- */

static void a_form_without_files_is_urlencoded(void)
{
	const struct reed_form_entry entries[] = {
		{ .name = "a b&", .value = REED_STR("1=2 \xc3\xa4+%") },
		{ .name = "empty", .value = REED_STR("") },
	};

	begin();
	check_int(post(entries, 2), REED_OK);
	says("application/x-www-f\na b&=1=2 \xc3\xa4+%\nempty=\n");
	w.post.multipart = true;
	check_int(post(entries, 2), REED_OK);
	says("multipart/form-data\na b&=1=2 \xc3\xa4+%\nempty=\n");
	w.post.multipart = false;
	check_int(post(NULL, 0), REED_OK);
	end();
}

static void progress(void *arg, uint64_t sent, uint64_t all)
{
	check(arg == &w && sent >= w.sent && sent <= all);
	w.sent = sent;
	w.all = all;
	w.told++;
}

static void make_file(size_t n)
{
	FILE *file = fopen(path, "w");

	check(file);
	for (size_t i = 0; i < n; i++)
		fputc((int)(i * 7 % 251), file);
	check(fclose(file) == 0);
}

static void a_file_is_sent_as_it_is_read(void)
{
	const struct reed_form_entry entries[] = {
		{ .name = "before\"", .value = REED_STR("1") },
		{ .name = "f", .path = path, .type = "image/png" },
		{ .name = "g", .filename = "a \"b\".txt", .value = REED_STR("in memory") },
		{ .name = "after", .value = REED_STR("2") },
	};

	begin();
	make_file(3000000);
	w.post.progress = progress;
	w.post.arg = &w;
	check_int(post(entries, 4), REED_OK);
	says("multipart/form-data\nbefore\"=1\nf=(file image/png 3000000)\n"
	     "g=(a \"b\".txt application/octet-stream 9)\nafter=2\n");
	check(w.told > 20 && w.sent == w.all && w.all > 3000000);
	make_file(0);
	w.sent = 0;
	check_int(post(entries, 2), REED_OK);
	says("multipart/form-data\nbefore\"=1\nf=(file image/png 0)\n");
	end();
}

static void shorten(void *arg, uint64_t sent, uint64_t all)
{
	(void)arg;
	(void)all;
	if (sent > 200000)
		check_int(truncate(path, 10), 0);
}

static void a_file_that_is_not_there_or_becomes_shorter_is_told(void)
{
	struct reed_form_entry entry = { .name = "f", .path = "/nowhere/at/all" };

	begin();
	check_int(post(&entry, 1), REED_ENOENT);
	entry.path = folder;
	check_int(post(&entry, 1), REED_EISDIR);
	entry.path = path;
	make_file(1000000);
	w.post.progress = shorten;
	check(post(&entry, 1) != REED_OK);
	end();
}

static void whoever_stops_in_the_middle_leaves_nothing_behind(void)
{
	struct reed_form_entry entry = { .name = "f", .path = path };
	struct reed_future *f;

	begin();
	make_file(3000000);
	for (int turns = 0; turns < 60; turns++) {
		f = reed_form_post(w.client, "http://here/form", &entry, 1, NULL, &w.response);
		for (int i = 0; i < turns; i++)
			reed_sim_run_for(w.sim, 0);
		reed_drop(f);
		check(!w.response);
		reed_sim_run_for(w.sim, REED_S(1));
	}
	end();
}

/* ---- JSON ---- */

static void json_goes_and_comes(void)
{
	begin();
	check_int(outcome(reed_json_post(w.client, "http://here/json", json_pack("{s:i}", "a", 1),
	                                 &w.response, &w.json)),
	          REED_OK);
	check_int(w.response->status, 201);
	check_int(json_integer_value(json_object_get(json_object_get(w.json, "got"), "a")), 1);
	json_decref(w.json);
	w.json = NULL;
	check_int(outcome(reed_json_get(w.client, "http://here/text", NULL, &w.json)), REED_EPROTO);
	check_int(outcome(reed_json_get(w.client, "http://here/nothing", NULL, &w.json)), REED_OK);
	check(!w.json);
	end();
}

/* ---- recorded ---- */

static enum reed_err record(struct reed_har *har, const char *url)
{
	const struct reed_http_field param = { REED_STR("a"), REED_STR("b c") };
	struct reed_http_fetch what = REED_HTTP_FETCH;

	what.url = url;
	if (strcmp(url, "http://here/bytes") == 0) {
		what.params = &param;
		what.param_count = 1;
	}
	reed_http_response_free(w.response);
	w.response = NULL;
	return outcome(reed_har_fetch(har, w.client, &what, &w.response));
}

static void get(const char *url)
{
	struct reed_http_fetch what = REED_HTTP_FETCH;

	what.url = url;
	reed_http_response_free(w.response);
	w.response = NULL;
	check_int(outcome(reed_http_fetch(w.client, &what, &w.response)), REED_OK);
}

static void play(struct reed_har *har)
{
	struct reed_http_client_options options = REED_HTTP_CLIENT_OPTIONS;

	reed_http_response_free(w.response);
	w.response = NULL;
	reed_http_client_free(w.client);
	options.dial = reed_http_fake_dial;
	options.dial_arg = reed_har_server(har);
	w.client = reed_http_client_new(w.loop, &options);
	get("http://here/bytes?a=b%20c");
	says("\xff\xfe\xfd");
	get("http://here:80/text");
	says("hello");
	check_slice(reed_http_response_field(w.response, "X-Said"), "yes");
	get("http://here/nothing");
	check_int(w.response->status, 404);
	get("http://here/other");
	check_int(w.response->status, 501);
	says("not recorded: GET here/other\n");
	check_int(reed_har_played(har), 3);
	check_int(reed_har_missed(har), 1);
}

static void what_was_recorded_is_played(void)
{
	struct reed_buf text = { .limit = 0 };
	struct reed_har *har;

	begin();
	har = reed_har_new(w.loop);
	check_int(record(har, "http://here/text"), REED_OK);
	check_int(record(har, "http://here/bytes"), REED_OK);
	check_int(record(har, "http://here/nothing"), REED_OK);
	reed_har_write(har, &text);
	reed_har_free(har);
	check_int(reed_har_read(w.loop, reed_buf_slice(&text), &har, NULL), REED_OK);
	play(har);
	reed_http_response_free(w.response);
	w.response = NULL;
	reed_http_client_free(w.client);
	w.client = NULL;
	reed_sim_run_for(w.sim, REED_S(1));
	reed_har_free(har);
	reed_buf_finish(&text);
	end();
}

/* As a browser writes them, with more in it than we read. */
static const char saved[] =
	"{\"log\":{\"version\":\"1.2\",\"pages\":[],\"entries\":["
	"{\"request\":{\"method\":\"GET\",\"url\":\"https://a.example/x?y=1#z\",\"headers\":[]},"
	"\"response\":{\"status\":200,\"headers\":[{\"name\":\":status\",\"value\":\"200\"},"
	"{\"name\":\"content-encoding\",\"value\":\"br\"},{\"name\":\"n\",\"value\":\"1\"}],"
	"\"content\":{\"size\":3,\"mimeType\":\"text/plain\",\"text\":\"one\"}},\"time\":1.5},"
	"{\"request\":{\"method\":\"GET\",\"url\":\"https://a.example/x?y=1\"},"
	"\"response\":{\"status\":200,\"content\":{\"text\":\"two\"}}},{}]}}";

static void answers_of_one_request_are_played_in_their_order(void)
{
	static const char *const bodies[] = { "one", "two", "two" };
	struct reed_http_client_options options = REED_HTTP_CLIENT_OPTIONS;
	struct reed_fault *fault = NULL;
	struct reed_har *har;

	begin();
	check_int(reed_har_read(w.loop, REED_STR("{\"log\":1}"), &har, &fault), REED_ESYNTAX);
	reed_fault_free(fault);
	check_int(reed_har_read(w.loop, reed_slice_of(saved), &har, NULL), REED_OK);
	reed_http_client_free(w.client);
	options.dial = reed_http_fake_dial;
	options.dial_arg = reed_har_server(har);
	w.client = reed_http_client_new(w.loop, &options);
	for (size_t i = 0; i < REED_COUNT(bodies); i++) {
		get("https://a.example/x?y=1");
		says(bodies[i]);
	}
	reed_http_response_free(w.response);
	w.response = NULL;
	reed_http_client_free(w.client);
	w.client = NULL;
	reed_sim_run_for(w.sim, REED_S(1));
	reed_har_free(har);
	end();
}

int main(void)
{
	check(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/file", folder);
	RUN(a_form_without_files_is_urlencoded);
	RUN(a_file_is_sent_as_it_is_read);
	RUN(a_file_that_is_not_there_or_becomes_shorter_is_told);
	RUN(whoever_stops_in_the_middle_leaves_nothing_behind);
	RUN(json_goes_and_comes);
	RUN(what_was_recorded_is_played);
	RUN(answers_of_one_request_are_played_in_their_order);
	unlink(path);
	check_int(rmdir(folder), 0);
	return 0;
}
