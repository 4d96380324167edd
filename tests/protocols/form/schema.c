/* JSON with its limits, and one schema for it and for forms. */

#include <jansson.h>
#include <math.h>

#include "reed/form/schema.h"
#include "reed/http/client.h"
#include "reed/http/server.h"
#include "reed/co.h"
#include "reed/sim.h"
#include "tests/check.h"

/* ---- JSON ---- */

static enum reed_err parse(const char *text, const char *wrong)
{
	struct reed_json_limits limits = { .depth = 3, .values = 6, .bytes = 40 };
	struct reed_fault *fault = NULL;
	struct json_t *value = NULL;
	enum reed_err err = reed_json_parse(reed_slice_of(text), &limits, &value, &fault);

	if (err)
		check_str(fault->sentence, wrong);
	reed_fault_free(fault);
	json_decref(value);
	return err;
}

static void an_error_has_a_line_and_a_column(void)
{
	check_int(parse("{\"a\":\n  tru}", "line 2, column 5: invalid token near 'tru'"),
	          REED_ESYNTAX);
	check_int(parse("[1,]", "line 1, column 4: unexpected token near ']'"), REED_ESYNTAX);
	check_int(parse("{\"a\":1,\"a\":2}",
	                "line 1, column 10: duplicate object key near '\"a\"'"),
	          REED_ESYNTAX);
	check_int(parse("", "line 1, column 1: unexpected token near end of file"), REED_ESYNTAX);
	check_int(parse("[1] 2", "line 1, column 5: end of file expected near '2'"), REED_ESYNTAX);
	check_int(parse("[1e999]", "line 1, column 6: real number overflow near '1e999'"),
	          REED_ESYNTAX);
	check_int(parse("{\"a\":[{}]}", NULL), REED_OK);
	check_int(parse("1", NULL), REED_OK);
}

static void what_is_too_much_is_refused_where_it_is(void)
{
	check_int(parse("[[\n [[", "line 2, column 3: arrays and objects too deep in each other"),
	          REED_ETOOBIG);
	check_int(parse("[\"[[[\\\"[\",2]", NULL), REED_OK); /* these are text */
	check_int(parse("[1,2,3,4,5,6,7]", "line 1, column 13: too many values"), REED_ETOOBIG);
	check_int(parse("[\"0123456789012345678901234567890123456789\"]",
	                "line 1, column 1: the text is too long"),
	          REED_ETOOBIG);
}

/* ---- a schema ---- */

static bool looks_like_mail(struct reed_slice text)
{
	size_t at = reed_slice_find(text, '@');

	return at > 0 && at + 1 < text.n;
}

static const char *const colours[] = { "red", "green", NULL };
static const struct reed_form_schema_field fields[] = {
	{ .name = "name", .required = true, .least = 2, .most = 5 },
	{ .name = "mail", .fits = looks_like_mail, .message = "is no address" },
	{ .name = "age", .type = REED_FORM_SCHEMA_INTEGER, .least = 18, .most = 120 },
	{ .name = "score", .type = REED_FORM_SCHEMA_NUMBER, .least = 0, .most = 1 },
	{ .name = "agreed", .type = REED_FORM_SCHEMA_FLAG },
	{ .name = "colour", .choices = colours },
	{ .name = "tags", .most = 3, .many = 2 },
	{ .name = "note", .type = REED_FORM_SCHEMA_LINES },
	{ .name = "few", .type = REED_FORM_SCHEMA_INTEGER, .least = 3 },
};
static const struct reed_form_schema schema = { fields, REED_COUNT(fields), false };
static const struct reed_form_schema closed = { fields, REED_COUNT(fields), true };

static struct reed_pool pool;
static struct reed_checked checked;
static struct json_t *object;

static bool json(const struct reed_form_schema *with, const char *text)
{
	json_decref(object);
	object = NULL;
	check_int(reed_json_parse(reed_slice_of(text), NULL, &object, NULL), REED_OK);
	return reed_form_schema_json(with, object, &pool, &checked);
}

static bool form(const struct reed_form_schema *with, const char *text)
{
	static struct reed_form_field found[20];
	struct reed_form all = { found, 0 };
	struct reed_slice rest = reed_slice_of(text);

	while (rest.n > 0) {
		struct reed_slice value = reed_slice_cut(&rest, '&');

		found[all.count].name = reed_slice_cut(&value, '=');
		found[all.count++].value = value;
	}
	return reed_form_schema_form(with, &all, &pool, &checked);
}

static const char *error(const char *name)
{
	return reed_checked_error(&checked, name);
}

static const struct reed_form_schema_value *value(const char *name)
{
	return reed_checked_value(&checked, name);
}

static void check_values(void)
{
	check_slice(value("name")->text, "Ada");
	check_int(value("age")->integer, 36);
	check(fabs(value("score")->number - 0.5) < 1e-9);
	check(value("agreed")->flag);
	check_slice(value("colour")->text, "green");
	check_int(value("tags")->count, 2);
	check_slice(value("tags")->items[1].text, "b");
	check(!value("note")->given && !value("mail")->given);
	check(value("other") == NULL);
}

static void what_is_right_is_the_same_of_both(void)
{
	check(form(&closed,
	           "name=Ada&age=36&score=0.5&agreed=on&colour=green&tags=a&tags=b&note="));
	check_values();
	check(json(&closed, "{\"name\":\"Ada\",\"age\":36,\"score\":0.5,\"agreed\":true,"
	                    "\"colour\":\"green\",\"tags\":[\"a\",\"b\"],\"note\":null}"));
	check_values();
}

static void check_errors(void)
{
	check_str(error("name"), "must have at least 2 characters");
	check_str(error("mail"), "is no address");
	check_str(error("age"), "must be at least 18");
	check_str(error("score"), "must be at most 1");
	check_str(error("colour"), "must be one of red, green");
	check_str(error("tags"), "must be at most 2 values");
	check_str(error("few"), "must be at least 3");
	check_int(checked.wrong, 7);
}

static void what_is_wrong_is_told_by_field_and_the_same_of_both(void)
{
	check(!form(&schema,
	            "name=%&mail=x&age=17&score=1.5&colour=blue&tags=a&tags=b&tags=c&few=2"));
	check_errors();
	check(!json(&schema,
	            "{\"name\":\"%\",\"mail\":\"x\",\"age\":17,\"score\":1.5,\"colour\":\"blue\","
	            "\"tags\":[\"a\",\"b\",\"c\"],\"few\":2}"));
	check_errors();
	check(!form(&schema, "tags=abcd&few=900000000000000000"));
	check_str(error("name"), "is required");
	check_str(error("tags"), "must have at most 3 characters");
	check(!error("few"));
	check(!json(&schema, "{\"name\":\"\"}"));
	check_str(error("name"), "is required");
}

static void types_are_checked(void)
{
	check(!form(&schema, "name=Ada&age=x&score=1,5&agreed=perhaps"));
	check_str(error("age"), "must be a whole number");
	check_str(error("score"), "must be a number");
	check_str(error("agreed"), "must be true or false");
	check_slice(value("age")->text, "x"); /* to be shown again */
	check(!form(&schema, "name=Ada&name=Bob"));
	check_str(error("name"), "must be given once");
	check(!form(&schema, "name=Ada&age=9223372036854775808"));
	check_str(error("age"), "must be a whole number");
	check(!form(&schema, "name=Ada&age=-9223372036854775808"));
	check_str(error("age"), "must be at least 18");
	check(!json(&schema,
	            "{\"name\":1,\"age\":20.0,\"score\":\"1\",\"agreed\":1,\"tags\":\"a\"}"));
	check_str(error("name"), "must be a text");
	check_str(error("age"), "must be a whole number");
	check_str(error("score"), "must be a number");
	check_str(error("agreed"), "must be true or false");
	check_str(error("tags"), "must be a list");
	check(!json(&schema, "[]"));
	check_str(checked.error, "must be an object");
}

static void texts_are_text(void)
{
	check(!form(&schema, "name=a\nb"));
	check_str(error("name"), "has characters that are none");
	check(!form(&schema, "name=a\xff"));
	check(!form(&schema, "name=a\xc2\x85"));
	check(form(&schema, "name=\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f\xe2\x82\xac&note=a\r\n\tb"));
	check(!form(&schema, "name=Ada&note=a\033b"));
}

static void names_that_are_not_in_the_table_can_be_refused(void)
{
	check(form(&schema, "name=Ada&x=1"));
	check(!form(&closed, "name=Ada&x=1"));
	check_str(checked.error, "there is no field \"x\"");
	check(!json(&closed, "{\"name\":\"Ada\",\"y\":1}"));
	check_str(checked.error, "there is no field \"y\"");
}

/* ---- requests ---- */

struct page {
	struct reed_co co;
	struct reed_http_request *request;
	struct reed_checked checked;
};

static void page_run(struct reed_co *co)
{
	struct page *self = reed_frame(co, struct page);

	reed_coroutine (co) {
		reed_try(co, reed_form_schema_take(self->request, &closed, NULL, &self->checked));
		if (!self->checked.wrong &&
		    reed_slice_is(reed_checked_value(&self->checked, "name")->text, "Bob"))
			reed_checked_fail(&self->checked, "name", "is taken");
		if (self->checked.wrong)
			reed_checked_refuse(&self->checked, self->request);
		else
			reed_json_respondf(self->request, 201, "{s:s%}", "hello",
			                   self->checked.values[0].text.p,
			                   self->checked.values[0].text.n);
	}
}

static const struct reed_co_kind page_kind = { "page", sizeof(struct page), page_run, NULL, NULL };

static struct reed_future *handler(void *arg, struct reed_http_request *r)
{
	struct page *self = reed_co_new(reed_http_loop(r), &page_kind);

	(void)arg;
	self->request = r;
	return reed_start(&self->co);
}

static struct {
	struct reed_sim *sim;
	struct reed_http_client *client;
	struct reed_http_response *response;
} w;

static unsigned post(const char *type, const char *body)
{
	struct reed_http_field field = { REED_STR("Content-Type"), reed_slice_of(type) };
	struct reed_http_fetch what = REED_HTTP_FETCH;

	what.url = "http://here/";
	what.method = "POST";
	what.fields = &field;
	what.field_count = 1;
	what.body = reed_slice_of(body);
	reed_http_response_free(w.response);
	w.response = NULL;
	check_int(reed_sim_run_until(w.sim, reed_http_fetch(w.client, &what, &w.response), NULL),
	          REED_OK);
	return w.response->status;
}

#define says(wanted) check_slice(w.response->body, (wanted))

static void check_answers(void)
{
	check_int(post("application/json; charset=utf-8", "{\"name\":\"Ada\"}"), 201);
	says("{\"hello\":\"Ada\"}");
	check_int(post("application/x-www-form-urlencoded", "name=Ada"), 201);
	check_int(post("application/x-www-form-urlencoded", "name=A"), 422);
	says("{\"errors\":{\"name\":\"must have at least 2 characters\"}}");
	check_int(post("application/vnd.x+json", "{\"name\":\"Bob\"}"), 422);
	says("{\"errors\":{\"name\":\"is taken\"}}");
	check_int(post("application/json", "[]"), 422);
	says("{\"errors\":{\"\":\"must be an object\"}}");
	check_int(post("application/json", "{\"name\":\n1"), 400);
	says("400 Bad Request: line 2, column 1: '}' expected near end of file\n");
	check_int(post("text/plain", "name=Ada"), 415);
}

static void requests_are_answered_by_the_same_table(void)
{
	struct reed_http_server_options server = REED_HTTP_SERVER_OPTIONS;
	struct reed_http_client_options client = REED_HTTP_CLIENT_OPTIONS;
	struct reed_loop *loop;

	w.sim = reed_sim_new(NULL);
	loop = reed_sim_host(w.sim, "here");
	server.handler = handler;
	client.dial_arg = reed_http_server_new(loop, &server);
	client.dial = reed_http_fake_dial;
	w.client = reed_http_client_new(loop, &client);
	check_answers();
	reed_http_response_free(w.response);
	reed_http_client_free(w.client);
	reed_sim_run_for(w.sim, REED_S(100));
	reed_http_server_free(client.dial_arg);
	reed_sim_free(w.sim);
}

int main(void)
{
	RUN(an_error_has_a_line_and_a_column);
	RUN(what_is_too_much_is_refused_where_it_is);
	RUN(what_is_right_is_the_same_of_both);
	RUN(what_is_wrong_is_told_by_field_and_the_same_of_both);
	RUN(types_are_checked);
	RUN(texts_are_text);
	RUN(names_that_are_not_in_the_table_can_be_refused);
	RUN(requests_are_answered_by_the_same_table);
	json_decref(object);
	reed_pool_finish(&pool);
	return 0;
}
