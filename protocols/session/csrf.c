/* Who changes something here, a page of ours or of somebody else (OWASP, RFC 6454, Fetch Metadata). */

#include "private.h"
#include "reed/base64.h"
#include "reed/http/router.h"

enum { SECRET = 16 };

/* ---- tokens: the secret under a pad that is another each time, as pages are compressed ---- */

void reed_web_session_token(struct reed_web_session *self, struct reed_http_request *request,
                            char text[REED_WEB_SESSION_TOKEN])
{
	uint8_t both[2 * SECRET];

	text[0] = '\0';
	if (session_begin(self, request))
		return;
	reed_random_bytes(self->sessions->loop, both, SECRET);
	for (int i = 0; i < SECRET; i++)
		both[SECRET + i] = both[i] ^ self->row.secret[i];
	reed_hex(reed_slice(both, sizeof(both)), text);
}

bool reed_web_session_token_is_right(const struct reed_web_session *self, struct reed_slice text)
{
	uint8_t both[2 * SECRET], differs = 0;

	if (!self->has_id || !text.p || reed_hex_decode(text, both, sizeof(both)))
		return false;
	for (int i = 0; i < SECRET; i++)
		differs |= both[i] ^ both[SECRET + i] ^ self->row.secret[i];
	return differs == 0;
}

/* ---- what the browser says ---- */

enum word { SILENT, OURS, FOREIGN };

static bool is_trusted(const struct reed_web_sessions *self, struct reed_slice origin)
{
	for (const char *const *o = self->options.origins; o && *o; o++)
		if (reed_slice_is_nocase(origin, *o))
			return true;
	return false;
}

/* Behind a proxy that ends TLS we know the host, not the scheme. */
static bool is_ours(const struct reed_web_sessions *self, struct reed_http_request *request,
                    struct reed_slice origin)
{
	struct reed_stream_facts facts = { .size = sizeof(facts) };
	struct reed_slice host = origin;

	reed_http_facts(request, &facts);
	if (reed_slice_starts(origin, REED_STR("https://")))
		host = reed_slice_from(origin, 8);
	else if (reed_slice_starts(origin, REED_STR("http://")) && !facts.secure &&
	         !self->options.secure)
		host = reed_slice_from(origin, 7);
	else
		return false;
	return reed_slice_eq_nocase(host, reed_http_head(request)->host);
}

static enum word word_of(const struct reed_web_sessions *self, struct reed_http_request *request)
{
	struct reed_slice site = reed_http_header(request, "Sec-Fetch-Site");
	struct reed_slice origin = reed_http_header(request, "Origin");

	if (origin.p && is_trusted(self, origin))
		return OURS;
	if (site.p)
		return reed_slice_is(site, "same-origin") || reed_slice_is(site, "none") ? OURS
		                                                                         : FOREIGN;
	if (origin.p)
		return is_ours(self, request, origin) ? OURS : FOREIGN;
	return SILENT;
}

/* ---- what has to be shown ---- */

/* RFC 9110 9.2.1 */
static bool changes_nothing(const struct reed_http_request *request)
{
	enum reed_http_method method = reed_http_head(request)->method;

	return method == REED_HTTP_GET || method == REED_HTTP_HEAD || method == REED_HTTP_OPTIONS ||
	       method == REED_HTTP_TRACE;
}

/* No page of another site can have a browser send that without being allowed to. */
static bool has_bearer(const struct reed_http_request *request)
{
	struct reed_slice value = reed_http_header(request, "Authorization");

	return value.p && reed_slice_is_nocase(reed_slice_first(value, 7), "Bearer ");
}

/* Fetch, "CORS-safelisted request-header": these any page sends unasked. */
static bool any_page_sends(const struct reed_http_request *request)
{
	struct reed_slice type = reed_http_header(request, "Content-Type");

	type = reed_slice_trim(reed_slice_first(type, reed_slice_find(type, ';')));
	return !type.p || type.n == 0 || reed_slice_is_nocase(type, "text/plain") ||
	       reed_form_is_there(request);
}

struct check {
	struct reed_co co;
	struct reed_web_sessions *sessions;
	struct reed_http_request *request;
	const struct reed_form *form;
};

static bool shows_token(const struct check *self)
{
	struct reed_web_session *session = reed_web_session_of(self->request);
	struct reed_slice text = reed_http_header(self->request, "X-CSRF-Token");

	if (!text.p && self->form)
		text = reed_form_get(self->form, "csrf");
	return session && reed_web_session_token_is_right(session, text);
}

static bool must_look(const struct check *self)
{
	return reed_form_is_there(self->request) &&
	       !reed_http_header(self->request, "X-CSRF-Token").p;
}

static void check_run(struct reed_co *co)
{
	struct check *self = reed_frame(co, struct check);

	reed_coroutine (co) {
		if (must_look(self))
			reed_try(co, reed_form_take(self->request, self->sessions->options.form,
			                            &self->form));
		if (!shows_token(self)) {
			reed_http_fail(self->request, 403,
			               "this page is too old; load it again, and send it then");
			reed_return(co, REED_OK);
		}
		reed_try(co, reed_http_next_future(self->request));
	}
}

static const struct reed_co_kind check_kind = { "csrf", sizeof(struct check), check_run, NULL,
	                                        NULL };

struct reed_future *reed_web_sessions_csrf(void *sessions, struct reed_http_request *request)
{
	enum word word = word_of(sessions, request);
	struct check *self;

	if (changes_nothing(request) || has_bearer(request))
		return reed_http_next(request);
	if (word == FOREIGN) {
		reed_http_fail(request, 403, "pages of other sites may not do that");
		return NULL;
	}
	if (!any_page_sends(request))
		return reed_http_next(request);
	self = reed_co_new(reed_http_loop(request), &check_kind);
	self->sessions = sessions;
	self->request = request;
	return reed_start(&self->co);
}
