/* The way out: a forward proxy as the settings have it, which is nobody's by omission. */

#include "web.h"

#include <string.h>

#include "reed/alloc.h"

/* Prefixes of that few bits are everybody, or nearly. */
enum { FEW_BITS_4 = 8, FEW_BITS_6 = 16 };

static const char **with_null(const struct reed_texts *texts)
{
	const char **all = reed_alloc((texts->n + 1) * sizeof(*all));

	if (texts->n > 0)
		memcpy(all, texts->items, texts->n * sizeof(*all));
	return all;
}

static void take_settings(struct reed_http_forward_options *o, struct reed_service *service,
                          const struct web_forward *s)
{
	o->clients = s->clients;
	o->most = (uint32_t)web_share(service, (size_t)s->most);
	o->of_client = (uint32_t)web_share(service, (size_t)s->of_client);
	o->connect_ms = web_ms(s->connect);
	o->first_ms = web_ms(s->answer);
	o->silent_ms = o->tunnel_ms = web_ms(s->silent);
	o->total_ms = web_ms(s->longest);
}

enum reed_err web_way_out_open(struct way_out *self, struct reed_service *service,
                               const struct web_forward *s, struct reed_fault **fault)
{
	struct reed_http_forward_options o = REED_HTTP_FORWARD_OPTIONS;
	const char **allow, **deny;
	enum reed_err err;

	if (s->allow.n == 0)
		return REED_OK;
	if (s->auth || s->role)
		self->guard = reed_http_proxy_guard_new(service->site->portal, service->site->name,
		                                        s->role);
	if (s->digest && web_ask_digest(self->guard, fault))
		return (*fault)->err;
	o.allow = allow = with_null(&s->allow);
	o.deny = deny = with_null(&s->deny);
	o.guard = self->guard;
	take_settings(&o, service, s);
	err = reed_http_forward_new(service->loop, &o, &self->forward, fault);
	reed_free(allow);
	reed_free(deny);
	return err;
}

void web_way_out_close(struct way_out *self)
{
	reed_http_forward_free(self->forward);
	reed_http_guard_free(self->guard);
}

static bool is_nearly_everybody(struct reed_slice word)
{
	struct reed_prefix p;

	return !reed_prefix_parse(word, &p) &&
	       p.bits < (p.address.family == REED_FAMILY_IPV4 ? FEW_BITS_4 : FEW_BITS_6);
}

/* What is said of a proxy that there is not; NULL: nothing. */
static const void *said_in_vain(const struct web_forward *s)
{
	if (s->allow.n > 0)
		return NULL;
	if (s->auth)
		return &s->auth;
	if (s->role)
		return &s->role;
	return s->deny.n > 0 ? &s->deny.items : NULL;
}

void web_judge_forward(const struct web_forward *s, struct reed_setting_judge *judge)
{
	struct reed_slice rest = reed_slice_of(s->clients), word;
	const void *vain = said_in_vain(s);

	web_judge_peers(judge, &s->clients);
	web_judge_digest(judge, &s->digest, s->auth || s->role);
	if (vain)
		judge->reject(
			judge, vain,
			"nothing is allowed, so there is no proxy; say where it may lead, as in "
			"allow: ['*:443']");
	if (s->auth || s->role)
		return;
	while (reed_http_list_next(&rest, &word))
		if (is_nearly_everybody(word))
			judge->reject(judge, &s->clients,
			              REED_FMT
			              " would be an open proxy; name fewer, or ask them for "
			              "an account with auth: yes",
			              REED_ARG(word));
}
