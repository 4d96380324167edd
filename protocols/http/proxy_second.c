/* Requests on a connection of HTTP/2 to an upstream, which many of them share. */

#include "client_h2.h"
#include "relay.h"

/* ---- connections ---- */

bool second_is_possible(const struct upstream *u)
{
	const struct reed_http_client *client = u->proxy->seconds;

	return !u->announced && client->options.version != REED_HTTP_VERSION_1 &&
	       (client->options.version == REED_HTTP_VERSION_2 ||
	        client_offers_2(client, u->dialled));
}

bool second_is_there(const struct upstream *u)
{
	return u->gate && second_find(u->proxy->seconds, u->dialled);
}

bool second_is_no_use(const struct upstream *u)
{
	return !u->gate || u->gate->only_1;
}

uint64_t second_dials(const struct upstream *u)
{
	return u->gate ? u->gate->dials : 0;
}

unsigned second_idle(const struct upstream *u)
{
	unsigned n = 0;

	if (u->gate)
		reed_list_each (link, &u->proxy->seconds->seconds) {
			struct second *second = reed_container_of(link, struct second, link);

			n += reed_list_empty(&second->asks) &&
			     strcmp(second->endpoint, u->dialled) == 0;
		}
	return n;
}

/* ---- requests ---- */

/* The lines as HTTP/1 would have them, cut up. */
static enum reed_err cut_up(struct reed_slice lines, struct reed_http_field **fields,
                            unsigned *count)
{
	unsigned room = 0;

	for (size_t i = 0; i < lines.n; i++)
		room += lines.p[i] == '\n';
	*fields = reed_alloc((room + 1) * sizeof(**fields));
	return reed_http_parse_fields(reed_slice_first(lines, lines.n - 2), *fields, room, count);
}

struct ask *second_ask(const struct upstream *u, struct reed_http_request *r,
                       struct reed_slice target, const struct forwarding *how)
{
	struct second *second = second_find(u->proxy->seconds, u->dialled);
	struct exchange what = { .url.target = target,
		                 .follows = r->head.framing != REED_HTTP_NO_BODY };
	struct reed_http_field *fields = NULL;
	struct reed_buf lines = { .limit = 0 };
	struct ask *ask = NULL;
	unsigned n = 0;

	if (!second)
		return NULL;
	forward_fields(r, how, &lines);
	if (!cut_up(reed_buf_slice(&lines), &fields, &n)) {
		what.method = reed_pool_strdup(&r->pool, r->head.method_name);
		what.url.authority = how->host ? reed_slice_of(how->host) : r->head.host;
		what.url.secure = reed_slice_starts(reed_slice_of(u->dialled), REED_STR("tls:"));
		what.fields = fields;
		what.field_count = n;
		ask = ask_new(second, &what);
	}
	reed_free(fields);
	reed_buf_finish(&lines);
	return ask;
}
