/* Clients: URLs, and connections that are kept. */

#include "client_h2.h"

#include "chars.h"
#include "head.h"

/* ---- URLs (RFC 3986, RFC 9110 4.2) ---- */

static enum reed_err split_port(struct url *url)
{
	struct reed_slice rest = url->authority;
	uint64_t port = url->secure ? 443 : 80;
	size_t end = reed_slice_find(rest, ':');

	if (rest.n > 0 && rest.p[0] == '[') {
		end = reed_slice_find(rest, ']');
		url->host = reed_slice(rest.p + 1, end - 1);
		end++;
	} else {
		url->host = reed_slice_first(rest, end);
	}
	rest = reed_slice_from(rest, end + 1);
	if (rest.n > 0 && (reed_slice_u64(rest, 65535, &port) || port == 0))
		return REED_ESYNTAX;
	url->port = (uint16_t)port;
	return url->host.n > 0 ? REED_OK : REED_ESYNTAX;
}

enum reed_err url_parse(struct reed_slice text, struct url *url, const char **why)
{
	struct reed_slice rest = text;
	size_t end = 0;

	*why = "a URL is http://HOST/PATH or https://HOST/PATH";
	url->secure = reed_slice_starts(text, REED_STR("https://"));
	if (!url->secure && !reed_slice_starts(text, REED_STR("http://")))
		return REED_ESYNTAX;
	rest = reed_slice_from(rest, url->secure ? 8 : 7);
	rest = reed_slice_first(rest, reed_slice_find(rest, '#'));
	while (end < rest.n && rest.p[end] != '/' && rest.p[end] != '?')
		end++;
	url->authority = reed_slice_first(rest, end);
	url->target = reed_slice_from(rest, end);
	if (end == 0 || !http_host_is_good(url->authority) || split_port(url))
		return REED_ESYNTAX;
	*why = "what is no visible ASCII has to be encoded in a URL";
	rest = url->target;
	return chars_span(CHARS_TARGET, rest.p, rest.p + rest.n) == rest.p + rest.n ? REED_OK
	                                                                            : REED_ESYNTAX;
}

char *url_endpoint(const struct url *url)
{
	char *host = reed_endpoint_quote(url->host), *endpoint;

	if (reed_slice_find(url->host, ':') < url->host.n)
		endpoint = reed_sprintf("%s:[" REED_FMT "]:%u", url->secure ? "tls" : "tcp",
		                        REED_ARG(url->host), url->port);
	else
		endpoint = reed_sprintf("%s:%s:%u", url->secure ? "tls" : "tcp", host, url->port);
	reed_free(host);
	return endpoint;
}

/* ---- connections that are kept ---- */

static void idle_free(struct reed_http_client *client, struct idle *idle)
{
	reed_list_remove(&idle->link);
	client->idle_count--;
	reed_close(idle->stream);
	reed_free(idle->endpoint);
	reed_free(idle);
}

static void drop_old(struct reed_http_client *client)
{
	int64_t oldest = reed_now(client->loop) - REED_MS((int64_t)client->options.idle_ms);

	while (!reed_list_empty(&client->idle)) {
		struct idle *last = reed_container_of(client->idle.prev, struct idle, link);

		if (last->since >= oldest && client->idle_count <= client->options.kept)
			return;
		idle_free(client, last);
	}
}

struct reed_stream *client_take(struct reed_http_client *client, const char *endpoint)
{
	struct reed_stream *stream = NULL;

	drop_old(client);
	reed_list_each (link, &client->idle) {
		struct idle *idle = reed_container_of(link, struct idle, link);

		if (strcmp(idle->endpoint, endpoint) != 0)
			continue;
		stream = idle->stream;
		idle->stream = NULL;
		idle_free(client, idle);
		break;
	}
	return stream;
}

void client_put(struct reed_http_client *client, const char *endpoint, struct reed_stream *stream)
{
	struct idle *idle = reed_alloc(sizeof(*idle));

	idle->endpoint = reed_strdup(endpoint);
	idle->stream = stream;
	idle->since = reed_now(client->loop);
	reed_list_prepend(&client->idle, &idle->link);
	client->idle_count++;
	drop_old(client);
}

bool client_has(struct reed_http_client *client, const char *endpoint)
{
	drop_old(client);
	reed_list_each (link, &client->idle)
		if (strcmp(reed_container_of(link, struct idle, link)->endpoint, endpoint) == 0)
			return true;
	return false;
}

/* ---- connections that are new ---- */

bool client_offers_2(const struct reed_http_client *client, const char *endpoint)
{
	struct reed_slice text = reed_slice_of(endpoint);

	return !client->options.dial && reed_slice_starts(text, REED_STR("tls:")) &&
	       reed_slice_search(text, REED_STR(":alpn=")) == text.n;
}

struct reed_future *client_dial(struct reed_http_client *client, const char *endpoint, bool second,
                                struct reed_stream **stream)
{
	const struct reed_http_client_options *o = &client->options;
	struct reed_future *f;
	char *offering;

	if (o->dial)
		return o->dial(o->dial_arg, client->loop, endpoint, stream);
	if (!second || !client_offers_2(client, endpoint))
		return reed_dial(client->loop, endpoint, stream);
	offering = reed_sprintf("%s:alpn=%s", endpoint,
	                        o->version == REED_HTTP_VERSION_2 ? "h2" : "h2,http/1.1");
	f = reed_dial(client->loop, offering, stream);
	reed_free(offering);
	return f;
}

/* ---- the client ---- */

struct reed_http_client *reed_http_client_new(struct reed_loop *loop,
                                              const struct reed_http_client_options *options)
{
	struct reed_http_client *self = reed_alloc(sizeof(*self));
	struct reed_http_client_options *own = &self->options;

	if (options)
		memcpy(own, options, options->size < sizeof(*own) ? options->size : sizeof(*own));
	own->body = own->body ? own->body : 16 << 20;
	own->connect_ms = own->connect_ms ? own->connect_ms : 30000;
	own->silent_ms = own->silent_ms ? own->silent_ms : 60000;
	own->idle_ms = own->idle_ms ? own->idle_ms : 30000;
	own->kept = own->kept ? own->kept : 32;
	self->loop = loop;
	own->first_ms = own->first_ms ? own->first_ms : own->silent_ms;
	self->agent = reed_strdup(own->agent);
	self->http_proxy = reed_strdup(own->http_proxy);
	self->https_proxy = reed_strdup(own->https_proxy);
	self->no_proxy = reed_strdup(own->no_proxy);
	self->netrc = reed_strdup(own->netrc);
	reed_list_init(&self->hsts);
	reed_semaphore_init(&self->slots, loop, own->at_once);
	self->wire = reed_http_wire_limits(&own->wire);
	reed_list_init(&self->idle);
	reed_list_init(&self->seconds);
	reed_list_init(&self->gates);
	return self;
}

struct reed_loop *reed_http_client_loop(const struct reed_http_client *client)
{
	return client->loop;
}

void reed_http_client_free(struct reed_http_client *self)
{
	if (!self)
		return;
	while (!reed_list_empty(&self->idle))
		idle_free(self, reed_container_of(self->idle.next, struct idle, link));
	while (!reed_list_empty(&self->seconds))
		second_free(reed_container_of(self->seconds.next, struct second, link));
	hsts_free(self);
	reed_free(self->agent);
	reed_free(self->http_proxy);
	reed_free(self->https_proxy);
	reed_free(self->no_proxy);
	if (self->netrc)
		reed_wipe(self->netrc, strlen(self->netrc));
	reed_free(self->netrc);
	reed_free(self);
}
