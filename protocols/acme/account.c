/* An account at an authority: made, and known there before anything is asked for. */

#include "private.h"

#include <string.h>

enum { SECRET = 256, PATIENCE_S = 15 * 60, SILENT_MS = 60000, KEPT_MS = 5000 };

/* ---- made ---- */

static enum reed_err refuse(struct reed_fault **fault, const char *why)
{
	*fault = reed_fault(REED_EINVAL, NULL, "%s", why);
	return REED_EINVAL;
}

static enum reed_err take_binding(struct reed_acme *self, const struct reed_acme_options *o,
                                  struct reed_fault **fault)
{
	struct reed_slice key = reed_slice_of(o->binding_key);
	uint8_t secret[SECRET];
	size_t n;

	if (!o->binding != !o->binding_key)
		return refuse(fault, "an account there already has an id and a key: both or none");
	if (!o->binding)
		return REED_OK;
	/* some authorities hand it out with padding */
	while (key.n > 0 && key.p[key.n - 1] == '=')
		key.n--;
	if (reed_base64url_decode(key, secret, sizeof(secret), &n) || n == 0)
		return refuse(fault, "the key of the account there already is no base64url");
	self->binding = reed_strdup(o->binding);
	self->binding_key = reed_slice(reed_slice_dup(reed_slice(secret, n)), n);
	reed_wipe(secret, sizeof(secret));
	return REED_OK;
}

static char *contact_of(const char *given)
{
	if (!given || strchr(given, ':'))
		return reed_strdup(given);
	return reed_sprintf("mailto:%s", given);
}

static struct reed_http_client *client_new(struct reed_loop *loop)
{
	struct reed_http_client_options o = REED_HTTP_CLIENT_OPTIONS;

	o.agent = "reed"; /* RFC 8555 6.1 wants a name */
	o.body = ACME_BODY;
	o.silent_ms = SILENT_MS;
	o.idle_ms = KEPT_MS;
	o.kept = 2;
	return reed_http_client_new(loop, &o);
}

static enum reed_err fill(struct reed_acme *self, const struct reed_acme_options *o,
                          struct reed_fault **fault)
{
	enum reed_err err;

	if (!o->directory ||
	    (strncmp(o->directory, "https://", 8) != 0 && strncmp(o->directory, "http://", 7) != 0))
		return refuse(fault, "the directory of an authority is a URL: https://...");
	err = acme_key_read(&self->key, o->key, fault);
	if (!err)
		err = take_binding(self, o, fault);
	self->url = reed_strdup(o->directory);
	self->ca = reed_strdup(o->ca);
	self->contact = contact_of(o->contact);
	self->patience = o->patience > 0 ? o->patience : REED_S(PATIENCE_S);
	return err;
}

enum reed_err reed_acme_new(struct reed_loop *loop, const struct reed_acme_options *given,
                            struct reed_acme **out, struct reed_fault **fault)
{
	struct reed_acme_options o = REED_ACME_OPTIONS;
	struct reed_acme *self = reed_alloc(sizeof(*self));
	enum reed_err err;

	memcpy(&o, given, given->size < sizeof(o) ? given->size : sizeof(o));
	*fault = NULL;
	self->loop = loop;
	reed_pool_init(&self->pool, ACME_POOL);
	err = fill(self, &o, fault);
	if (err) {
		reed_acme_free(self);
		return err;
	}
	self->client = client_new(loop);
	*out = self;
	return REED_OK;
}

void reed_acme_free(struct reed_acme *self)
{
	if (!self)
		return;
	reed_http_client_free(self->client);
	acme_key_finish(&self->key);
	if (self->binding_key.p)
		reed_wipe((char *)(uintptr_t)self->binding_key.p, self->binding_key.n);
	reed_free((char *)(uintptr_t)self->binding_key.p);
	reed_pool_finish(&self->pool);
	reed_free(self->url);
	reed_free(self->contact);
	reed_free(self->ca);
	reed_free(self->binding);
	reed_free(self->account);
	reed_free(self->nonce);
	reed_free(self);
}

int64_t reed_acme_rest(const struct reed_acme *self)
{
	return self->rest;
}

/* ---- known ---- */

struct registering {
	struct reed_co co;
	struct reed_acme *acme;
	struct reed_http_response *response;
};

static void put_binding(const struct reed_acme *self, json_t *into)
{
	struct reed_buf key = { .limit = 0 }, text = { .limit = 0 };
	json_t *head = json_pack("{ssss}", "kid", self->binding, "url", self->directory.account);

	/* RFC 8555 7.3.4: the account's key, vouched for by who has the other one. */
	acme_json_write(acme_key_json(&self->key), &key);
	if (!acme_sign_shared(self->binding_key, head, reed_buf_slice(&key), &text))
		json_object_set_new(into, "externalAccountBinding",
		                    json_loadb(text.p, reed_buf_held(&text), 0, NULL));
	reed_buf_finish(&key);
	reed_buf_finish(&text);
}

static struct reed_future *ask_for_account(struct registering *self)
{
	struct reed_acme *acme = self->acme;
	json_t *wish = json_pack("{sb}", "termsOfServiceAgreed", 1);
	struct reed_buf text = { .limit = 0 };
	struct reed_future *f;

	if (acme->contact)
		json_object_set_new(wish, "contact", json_pack("[s]", acme->contact));
	if (acme->binding)
		put_binding(acme, wish);
	acme_json_write(wish, &text);
	f = acme_ask(acme, acme->directory.account, reed_buf_slice(&text), ACME_BY_KEY,
	             &self->response);
	reed_buf_finish(&text);
	return f;
}

static enum reed_err take_directory(struct registering *self)
{
	struct reed_acme *acme = self->acme;
	char why[ACME_WORDS];

	reed_pool_clear(&acme->pool);
	if (self->response->status != 200)
		return reed_because(&self->co, REED_EPROTO,
		                    "%s: status %u, where a directory of "
		                    "ACME should be",
		                    acme->url, self->response->status);
	if (acme_read_directory(self->response->body, acme->url, &acme->pool, &acme->directory,
	                        why))
		return reed_because(&self->co, REED_EPROTO, "%s: %s", acme->url, why);
	if (acme->directory.binding && !acme->binding)
		return reed_because(&self->co, REED_EACCES,
		                    "%s wants an account that is there already; say its id and key",
		                    acme->url);
	acme->has_directory = true;
	return REED_OK;
}

/* RFC 8555 7.3: the same key gets the same account, however often it asks. */
static enum reed_err take_account(struct registering *self)
{
	struct reed_acme *acme = self->acme;
	struct reed_slice url = reed_http_response_field(self->response, "Location");
	char *text = url.p ? reed_slice_dup(url) : NULL;

	if (!text || !acme_is_url(text, acme->url)) {
		reed_free(text);
		return reed_because(&self->co, REED_EPROTO, "%s does not say which account is ours",
		                    acme->url);
	}
	acme->account = text;
	return REED_OK;
}

static void drop_response(struct registering *self)
{
	reed_http_response_free(self->response);
	self->response = NULL;
}

static void registering_run(struct reed_co *co)
{
	struct registering *self = reed_frame(co, struct registering);
	struct reed_acme *acme = self->acme;

	reed_coroutine (co) {
		if (!acme->has_directory) {
			reed_try(co, acme_get(acme, acme->url, &self->response));
			if (take_directory(self))
				reed_return(co, co->err);
			drop_response(self);
		}
		if (!acme->account) {
			reed_try(co, ask_for_account(self));
			reed_return(co, take_account(self));
		}
	}
}

static void registering_end(struct reed_co *co)
{
	drop_response(reed_frame(co, struct registering));
}

static const struct reed_co_kind registering_kind = { .name = "acme account",
	                                              .size = sizeof(struct registering),
	                                              .run = registering_run,
	                                              .end = registering_end };

struct reed_future *acme_register(struct reed_acme *acme)
{
	struct registering *self = reed_co_new(acme->loop, &registering_kind);

	self->acme = acme;
	return reed_start(&self->co);
}
