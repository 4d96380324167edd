/* Which requests go up, and which a proxy answers itself. */

#include "relay.h"

enum { VIAS = 16 };

/* Somebody proxies to himself. */
static bool goes_in_circles(const struct reed_http_head *h)
{
	unsigned n = 0;

	for (unsigned i = 0; i < h->count; i++) {
		struct reed_slice list = h->fields[i].value, member;

		if (!reed_slice_is_nocase(h->fields[i].name, "via"))
			continue;
		while (reed_http_list_next(&list, &member))
			n++;
	}
	return n >= VIAS;
}

/* TRACE would show to scripts what only servers should see. */
static unsigned refused(const struct reed_http_proxy *p, const struct reed_http_head *h)
{
	struct reed_slice hops = reed_http_field(h->fields, h->count, "max-forwards", 0);

	if (h->method == REED_HTTP_CONNECT || h->method == REED_HTTP_TRACE)
		return 405;
	if (h->framing == REED_HTTP_LENGTH && h->length > p->options.body)
		return 413;
	if (h->method == REED_HTTP_OPTIONS && reed_slice_is(hops, "0"))
		return 204; /* RFC 9110 7.6.2 */
	return goes_in_circles(h) ? 508 : 0;
}

static struct reed_slice own_target(struct reed_http_request *r)
{
	const struct reed_http_head *h = &r->head;
	struct reed_slice target;
	char *text;

	if (h->form != REED_HTTP_ABSOLUTE)
		return h->target;
	text = reed_sprintf("%s" REED_FMT "%s" REED_FMT, h->path.n > 0 ? "" : "/",
	                    REED_ARG(h->path), h->query.n > 0 ? "?" : "", REED_ARG(h->query));
	target = reed_pool_copy(&r->pool, reed_slice_of(text));

	reed_free(text);
	return target;
}

struct reed_future *reed_http_proxy_answer(struct reed_http_proxy *proxy,
                                           struct reed_http_request *r, struct reed_slice target)
{
	unsigned status = refused(proxy, &r->head);

	if (status == 204)
		reed_http_respond(r, 204, NULL, REED_STR(""));
	else if (status)
		reed_http_fail(r, status, NULL);
	if (status)
		return NULL;
	reed_http_body_limit(r, proxy->options.body);
	return relay_start(proxy, r,
	                   target.n > 0 ? reed_pool_copy(&r->pool, target) : own_target(r));
}

struct reed_future *reed_http_proxy_handler(void *proxy, struct reed_http_request *r)
{
	return reed_http_proxy_answer(proxy, r, REED_STR(""));
}
