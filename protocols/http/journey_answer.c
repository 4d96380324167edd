/* What an answer means for the next request of a fetch. */

#include "journey.h"
#include "reed/random.h"

static struct reed_slice field(const struct journey *self, const char *name)
{
	return reed_http_response_field(&self->response->public, name);
}

void journey_learn(struct journey *self)
{
	const struct reed_http_response *r = &self->response->public;
	int64_t wall = reed_wall(self->client->loop) / REED_S(1);
	struct reed_http_cookie_place place;
	struct reed_slice value;
	const char *why;
	struct url url;

	if (url_parse(reed_slice_of(self->url), &url, &why))
		return;
	place = (struct reed_http_cookie_place){ .host = url.host,
		                                 .path = url.target,
		                                 .secure = url.secure };
	for (unsigned i = 0; self->client->options.jar; i++) {
		value = reed_http_field(r->fields, r->field_count, "Set-Cookie", i);
		if (!value.p)
			break;
		reed_http_jar_set(self->client->options.jar, &place, value, wall);
	}
	if (self->client->options.hsts)
		hsts_learn(self->client, &url, field(self, "Strict-Transport-Security"));
}

/* ---- redirects (RFC 9110 15.4) ---- */

static bool is_redirect(unsigned status)
{
	return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* POST becomes GET where everybody does it so; 307 and 308 change nothing. */
static void change_method(struct journey *self, unsigned status)
{
	bool is_post = strcmp(self->method, "POST") == 0;
	bool is_head = strcmp(self->method, "HEAD") == 0;

	if (is_head || status == 307 || status == 308 || (status != 303 && !is_post))
		return;
	reed_free(self->method);
	self->method = reed_strdup("GET");
	self->body = (struct reed_slice){ .p = NULL };
	self->upload = NULL;
}

enum reed_err journey_redirect(struct journey *self)
{
	unsigned status = self->response->public.status;
	struct reed_slice location = field(self, "Location");
	struct url from, to;
	const char *why;
	char *next;

	if (!is_redirect(status) || !location.p ||
	    self->redirects >= self->client->options.redirects)
		return REED_ENOENT;
	url_parse(reed_slice_of(self->url), &from, &why);
	if (url_resolve(&from, location, &next))
		return REED_ENOENT;
	change_method(self, status);
	if (self->upload) { /* it has been read */
		reed_free(next);
		return REED_ENOENT;
	}
	url_parse(reed_slice_of(next), &to, &why);
	if (!url_same_origin(&from, &to))
		self->astray = true; /* and stays so, whatever comes behind it */
	reed_free(self->url);
	self->url = next;
	self->redirects++;
	self->tries = 0;
	return REED_OK;
}

/* ---- again ---- */

bool journey_may_repeat(const struct journey *self)
{
	return self->tries <= self->client->options.retries && !self->upload &&
	       is_idempotent(reed_http_method_of(reed_slice_of(self->method)));
}

static int64_t usual_rest(const struct journey *self)
{
	unsigned times = self->tries < 7 ? self->tries : 7;

	return (100 << times) + (int64_t)reed_random_below(self->client->loop, 100);
}

int64_t journey_rest(const struct journey *self)
{
	unsigned status;
	uint64_t seconds;

	if (!journey_may_repeat(self))
		return -1;
	if (!self->response)
		return usual_rest(self);
	status = self->response->public.status;
	if (status != 429 && status != 502 && status != 503 && status != 504)
		return -1;
	if (field(self, "Retry-After").p &&
	    !reed_slice_u64(field(self, "Retry-After"), 60, &seconds))
		return (int64_t)seconds * 1000;
	return field(self, "Retry-After").p ? -1 : usual_rest(self);
}
