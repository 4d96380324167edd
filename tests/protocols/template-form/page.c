/* A page with a form, empty, wrong and right. */

#include "reed/co.h"
#include "reed/http/client.h"
#include "reed/http/router.h"
#include "reed/http/server.h"
#include "reed/sim.h"
#include "reed/template-form.h"
#include "tests/check.h"

static const char text[] = "<form><b>{{csrf}}</b><i r:if=\"account\">{{account}}</i>"
			   "<u r:if=\"form-error\">{{form-error}}</u>"
			   "<input name=\"age\" value=\"{{age}}\"/>"
			   "<p r:if=\"age-error\">Age {{age-error}}.</p>"
			   "<input name=\"ok\" type=\"checkbox\" r:attr-checked=\"ok\"/>"
			   "{{greeting}}</form>";

static const struct reed_form_schema_field fields[] = {
	{ .name = "age", .type = REED_FORM_SCHEMA_INTEGER, .required = true, .least = 18 },
	{ .name = "ok", .type = REED_FORM_SCHEMA_FLAG },
};
static const struct reed_form_schema schema = { fields, REED_COUNT(fields), true };

static struct {
	struct reed_sim *sim;
	struct reed_loop *loop;
	struct reed_template *t;
	struct reed_http_client *client;
	struct reed_http_response *response;
	struct reed_template_pairs own;
	struct reed_template_pair pairs[1];
	char token[REED_WEB_SESSION_TOKEN];
} w;

struct page {
	struct reed_co co;
	struct reed_http_request *request;
	struct reed_checked checked;
	struct reed_form_page form;
};

static void page_run(struct reed_co *co)
{
	struct page *self = reed_frame(co, struct page);
	struct reed_http_request *r = self->request;

	reed_coroutine (co) {
		if (reed_http_head(r)->method == REED_HTTP_POST)
			reed_try(co, reed_form_schema_take(r, &schema, NULL, &self->checked));
		reed_form_page(&self->form, r, &schema,
		               self->checked.schema ? &self->checked : NULL, &w.own.data);
		memcpy(w.token, self->form.token, sizeof(w.token));
		self->form.token[4] = '\0'; /* the rest is another each time */
		memcpy(self->form.token, "mine", 4);
		reed_try(co, reed_template_respond(w.t, r, &self->form.data));
	}
}

static const struct reed_co_kind page_kind = { "page", sizeof(struct page), page_run, NULL, NULL };

static struct reed_future *page(void *arg, struct reed_http_request *r)
{
	struct page *self = reed_co_new(w.loop, &page_kind);

	self->request = r;
	if (arg)
		check_int(reed_web_session_enter(reed_web_session_of(r), r, arg), REED_OK);
	return reed_start(&self->co);
}

static void ask(const char *method, const char *path, const char *body)
{
	struct reed_http_field type = { REED_STR("Content-Type"),
		                        REED_STR("application/x-www-form-urlencoded") };
	struct reed_http_fetch what = REED_HTTP_FETCH;

	what.url = path;
	what.method = method;
	what.fields = &type;
	what.field_count = 1;
	what.body = reed_slice_of(body);
	reed_http_response_free(w.response);
	w.response = NULL;
	check_int(reed_sim_run_until(w.sim, reed_http_fetch(w.client, &what, &w.response), NULL),
	          REED_OK);
	check_int(strlen(w.token), REED_WEB_SESSION_TOKEN - 1);
}

#define says(middle) check_slice(w.response->body, "<form><b>mine</b>" middle "Hi</form>")

static void a_page_shows_what_was_typed_and_what_is_wrong(void)
{
	ask("GET", "http://here/", "");
	says("<input name=\"age\" value=\"\"><input name=\"ok\" type=\"checkbox\">");
	ask("POST", "http://here/", "age=%3C17&ok=on");
	says("<input name=\"age\" value=\"&lt;17\"><p>Age must be a whole number.</p>"
	     "<input name=\"ok\" type=\"checkbox\" checked=\"\">");
	ask("POST", "http://here/", "age=20&x=1");
	says("<u>there is no field &#34;x&#34;</u><input name=\"age\" value=\"20\">"
	     "<input name=\"ok\" type=\"checkbox\">");
	ask("GET", "http://here/ada", "");
	says("<i>ada</i><input name=\"age\" value=\"\"><input name=\"ok\" type=\"checkbox\">");
}

int main(void)
{
	struct reed_http_server_options server = REED_HTTP_SERVER_OPTIONS;
	struct reed_http_client_options client = REED_HTTP_CLIENT_OPTIONS;
	struct reed_http_router *router = reed_http_router_new();
	struct reed_web_sessions *sessions;

	w.sim = reed_sim_new(NULL);
	w.loop = reed_sim_host(w.sim, "here");
	w.pairs[0].name = "greeting";
	w.pairs[0].value = reed_template_text(REED_STR("Hi"));
	reed_template_pairs(&w.own, w.pairs, 1);
	check_int(reed_template_parse("p", reed_slice(text, sizeof(text) - 1), NULL, &w.t, NULL),
	          REED_OK);
	sessions = reed_web_sessions_new(w.loop, NULL);
	reed_http_around(router, reed_web_sessions_around, sessions);
	reed_http_route(router, "*", "/", page, NULL);
	reed_http_route(router, "GET", "/ada", page, (void *)(uintptr_t) "ada");
	server.handler = reed_http_routed;
	server.arg = router;
	client.dial = reed_http_fake_dial;
	client.dial_arg = reed_http_server_new(w.loop, &server);
	w.client = reed_http_client_new(w.loop, &client);
	RUN(a_page_shows_what_was_typed_and_what_is_wrong);
	reed_http_response_free(w.response);
	reed_http_client_free(w.client);
	reed_sim_run_for(w.sim, REED_S(100));
	reed_http_server_free(client.dial_arg);
	reed_http_router_free(router);
	reed_web_sessions_free(sessions);
	reed_template_free(w.t);
	reed_sim_free(w.sim);
	return 0;
}
