/* The cookie of a session, and what the store knows it by. */

#include <openssl/sha.h>

#include "private.h"
#include "reed/base64.h"

enum { COOKIE_TEXT = 2 * REED_WEB_SESSION_ID, NAME = 128 };

static bool is_secure(const struct reed_web_sessions *self, struct reed_http_request *request)
{
	struct reed_stream_facts facts = { .size = sizeof(facts) };

	reed_http_facts(request, &facts);
	return self->options.secure || facts.secure;
}

/* Over TLS it has a prefix, so that no other host and nobody on the way can set it. */
static void name_of(const struct reed_web_sessions *self, struct reed_http_request *request,
                    char name[NAME])
{
	snprintf(name, NAME, "%s%s", is_secure(self, request) ? "__Host-" : "",
	         sessions_cookie(self));
}

bool session_cookie_read(const struct reed_web_sessions *self, struct reed_http_request *request,
                         uint8_t id[REED_WEB_SESSION_ID])
{
	uint8_t bytes[REED_WEB_SESSION_ID];
	struct reed_slice text;
	char name[NAME];

	name_of(self, request, name);
	text = reed_http_cookie(request, name);
	if (!text.p || reed_hex_decode(text, bytes, sizeof(bytes)))
		return false;
	SHA256(bytes, sizeof(bytes), id);
	return true;
}

static enum reed_err set(const struct reed_web_sessions *self, struct reed_http_request *request,
                         struct reed_slice value, int64_t age)
{
	struct reed_http_new_cookie cookie = REED_HTTP_NEW_COOKIE;
	char name[NAME];

	name_of(self, request, name);
	cookie.name = name;
	cookie.value = value;
	cookie.max_age = age;
	cookie.secure = self->options.secure;
	cookie.same_site = self->options.same_site;
	return reed_http_set_cookie(request, &cookie);
}

static int64_t age_of(const struct reed_web_sessions *self)
{
	return self->options.stays ? self->options.idle_s : 0;
}

enum reed_err session_cookie_set(const struct reed_web_sessions *self,
                                 struct reed_http_request *request, uint8_t id[REED_WEB_SESSION_ID])
{
	uint8_t bytes[REED_WEB_SESSION_ID];
	char text[COOKIE_TEXT + 1];
	enum reed_err err;

	if (reed_http_begun(request))
		return REED_EINVAL;
	reed_random_bytes(self->loop, bytes, sizeof(bytes));
	reed_hex(reed_slice(bytes, sizeof(bytes)), text);
	SHA256(bytes, sizeof(bytes), id);
	err = set(self, request, reed_slice(text, COOKIE_TEXT), age_of(self));
	reed_wipe(bytes, sizeof(bytes));
	reed_wipe(text, sizeof(text));
	return err;
}

void session_cookie_again(const struct reed_web_sessions *self, struct reed_http_request *request)
{
	char name[NAME];

	name_of(self, request, name);
	if (self->options.stays)
		set(self, request, reed_http_cookie(request, name), age_of(self));
}

void session_cookie_clear(const struct reed_web_sessions *self, struct reed_http_request *request)
{
	set(self, request, REED_STR(""), -1);
}
