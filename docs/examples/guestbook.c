/* A guest book: a page, logins, a form, an API.  guestbook [ENDPOINT], name ada, password lovelace */

#include <reed/checker.h>
#include <reed/http/router.h>
#include <reed/http/server.h>

#include "guestbook_page.h"

static struct { /* until finish() */
	const char *endpoint;
	struct reed_checker *who;
	struct reed_portal *portal;
	struct reed_web_sessions *sessions;
	struct reed_http_router *router;
	struct reed_http_server *server;
	struct reed_template *page;
	struct json_t *entries; /* [{"by": ..., "text": ...}, ...], the latest first */
} book;

struct visit {
	struct reed_co co;
	struct reed_http_request *request;
	struct reed_checked checked; /* all zeros: nothing was sent */
	struct guest_page page;
};

/* What was sent is checked and done; where it was wrong, the page shows it again. */
static void visit_run(struct reed_co *co)
{
	struct visit *self = reed_frame(co, struct visit);
	struct reed_http_request *r = self->request;
	struct reed_checked *said = &self->checked;
	const struct reed_http_head *h = reed_http_head(r);
	bool sent = h->method == REED_HTTP_POST, login = reed_slice_is(h->path, "/login");
	const struct reed_form_schema *form = login ? &logins : &entries;

	reed_coroutine (co) {
		if (sent)
			reed_try(co, reed_form_schema_take(r, form, NULL, said));
		if (login && !said->wrong) {
			reed_await(co, reed_web_session_login(reed_web_session_of(r), r,
			                                      said->values[0].text,
			                                      said->values[1].text));
			if (co->err)
				reed_checked_fail(said, "password", "or name is wrong");
		} else if (sent && !said->wrong) {
			guest_add(book.entries, r, said->values[0].text);
		}
		if (reed_json_is_there(r))
			guest_tell(book.entries, r, said);
		else if (sent && !said->wrong)
			reed_http_redirect(r, 303, "/");
		else
			reed_try(co, guest_show(&self->page, book.page, r, said, book.entries));
	}
}

static struct reed_future *visit(void *unused, struct reed_http_request *request)
{
	static const struct reed_co_kind kind = { "visit", sizeof(struct visit), visit_run, NULL,
		                                  NULL };
	struct visit *self = reed_co_new(reed_http_loop(request), &kind);

	(void)unused;
	self->request = request;
	return reed_start(&self->co);
}

static struct reed_future *finish(void *unused, enum reed_err err)
{
	(void)unused, (void)err; /* is told by reed_main() */
	reed_http_server_free(book.server);
	reed_http_router_free(book.router);
	reed_web_sessions_free(book.sessions);
	reed_portal_free(book.portal);
	reed_template_free(book.page);
	json_decref(book.entries);
	return NULL;
}

static struct reed_future *serve(void *loop, enum reed_err err)
{
	struct reed_web_sessions_options sessions = REED_WEB_SESSIONS_OPTIONS;
	struct reed_http_server_options server = REED_HTTP_SERVER_OPTIONS;
	struct reed_http_router *staff = reed_http_router_new();

	if (err || reed_template_parse("book", reed_slice_of(guest_text), NULL, &book.page, NULL))
		return NULL;
	book.portal = sessions.portal = reed_portal_new(loop, NULL);
	reed_portal_add(book.portal, book.who);
	sessions.login = "/";
	book.sessions = reed_web_sessions_new(loop, &sessions);
	server.arg = book.router = reed_http_router_new();
	server.handler = reed_http_routed;
	book.server = reed_http_server_new(loop, &server);
	book.entries = json_array();
	reed_http_around(book.router, reed_web_sessions_around, book.sessions);
	reed_http_around(book.router, reed_web_sessions_csrf, book.sessions);
	reed_http_around(staff, reed_web_sessions_guarded, book.sessions);
	reed_http_route(book.router, "GET", "/", visit, NULL);
	reed_http_route(book.router, "POST", "/login", visit, NULL);
	reed_http_route(book.router, "GET", "/entries", guest_entries, book.entries);
	reed_http_route(staff, "POST", "/", visit, NULL);
	reed_http_route(staff, "POST", "/logout", reed_web_sessions_log_out, book.sessions);
	reed_http_mount(book.router, "/book", staff);
	return reed_then(reed_http_serve(book.server, book.endpoint), finish, NULL);
}

static struct reed_future *start(struct reed_loop *loop, int argc, char **argv)
{
	book.endpoint = argc > 1 ? argv[1] : "tcp:8080:interface=127.0.0.1";
	return reed_then(reed_checker_new(loop, "memory:ada:lovelace", NULL, &book.who), serve,
	                 loop);
}

int main(int argc, char **argv)
{
	return reed_main(argc, argv, start);
}
