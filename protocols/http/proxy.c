/* Which way a request goes: straight, or through a proxy. */

#include "client.h"
#include "reed/address.h"
#include "reed/base64.h"

/* "socks5://user:password@host:1080", cut up. */
struct proxy {
	struct reed_slice scheme, user, password, host, port;
};

static const char *usual_port(struct reed_slice scheme)
{
	return reed_slice_is(scheme, "http") ? "80" : "1080";
}

static enum reed_err proxy_parse(struct reed_slice text, struct proxy *p)
{
	size_t at = reed_slice_search(text, REED_STR("://"));
	struct reed_slice who;

	*p = (struct proxy){ .scheme = REED_STR("http") };
	if (at < text.n) {
		p->scheme = reed_slice_first(text, at);
		text = reed_slice_from(text, at + 3);
	}
	if (reed_slice_is(p->scheme, "socks5h"))
		p->scheme = REED_STR("socks5");
	text = reed_slice_first(text, reed_slice_find(text, '/'));
	at = reed_slice_find(text, '@');
	if (at < text.n) {
		who = reed_slice_first(text, at);
		text = reed_slice_from(text, at + 1);
		p->user = reed_slice_cut(&who, ':');
		p->password = who;
	}
	at = text.n > 0 && text.p[0] == '[' ? reed_slice_find(text, ']') + 1
	                                    : reed_slice_find(text, ':');
	p->host = reed_slice_first(text, at);
	p->port = reed_slice_from(text, at + 1);
	if (p->port.n == 0)
		p->port = reed_slice_of(usual_port(p->scheme));
	return p->host.n > 0 && (reed_slice_is(p->scheme, "http") ||
	                         reed_slice_is(p->scheme, "socks5") ||
	                         reed_slice_is(p->scheme, "socks4a"))
	               ? REED_OK
	               : REED_ESYNTAX;
}

/* As everybody reads no_proxy: names and what is below them; addresses; "*". */
static bool is_excepted(const char *list, struct reed_slice host)
{
	struct reed_slice rest = reed_slice_of(list);

	while (rest.n > 0) {
		struct reed_slice word = reed_slice_trim(reed_slice_cut(&rest, ','));

		if (reed_slice_is(word, "*"))
			return true;
		if (word.n > 0 && word.p[0] == '.')
			word = reed_slice_from(word, 1);
		if (word.n == 0 || host.n < word.n)
			continue;
		if (reed_slice_eq_nocase(reed_slice_from(host, host.n - word.n), word) &&
		    (host.n == word.n || host.p[host.n - word.n - 1] == '.'))
			return true;
	}
	return false;
}

static void add_quoted(struct reed_buf *out, struct reed_slice text)
{
	char *quoted = reed_endpoint_quote(text);

	reed_buf_add_str(out, quoted);
	reed_free(quoted);
}

static void add_host(struct reed_buf *out, struct reed_slice host)
{
	if (reed_slice_find(host, ':') < host.n)
		reed_buf_printf(out, "[" REED_FMT "]", REED_ARG(host));
	else
		add_quoted(out, host);
}

/* http-connect:[tcp:proxy:8080]:example.org:443:user=...:password=... */
static void add_through(struct reed_buf *out, const struct proxy *p, const struct url *url)
{
	bool is_http = reed_slice_is(p->scheme, "http");

	reed_buf_add(out, is_http ? REED_STR("http-connect") : p->scheme);
	reed_buf_printf(out, ":[tcp:" REED_FMT ":" REED_FMT "]:", REED_ARG(p->host),
	                REED_ARG(p->port));
	add_host(out, url->host);
	reed_buf_printf(out, ":%u", url->port);
	if (p->user.n == 0)
		return;
	reed_buf_add_str(out, ":user=");
	add_quoted(out, p->user);
	if (reed_slice_is(p->scheme, "socks4a"))
		return;
	reed_buf_add_str(out, ":password=");
	add_quoted(out, p->password);
}

static char *basic(const struct proxy *p)
{
	struct reed_buf out = { .limit = 0 };
	char *both;

	if (p->user.n == 0)
		return NULL;
	both = reed_sprintf(REED_FMT ":" REED_FMT, REED_ARG(p->user), REED_ARG(p->password));
	reed_buf_add_str(&out, "Basic ");
	reed_buf_add_base64(&out, reed_slice_of(both));
	reed_free(both);
	return reed_buf_take(&out);
}

enum reed_err client_route(const struct reed_http_client *client, const struct url *url,
                           char **endpoint, bool *absolute, char **authorization)
{
	const char *text = url->secure ? client->https_proxy : client->http_proxy;
	struct reed_buf out = { .limit = 0 };
	struct proxy p;

	*absolute = false;
	*authorization = NULL;
	if (!text || !*text || is_excepted(client->no_proxy, url->host)) {
		*endpoint = url_endpoint(url);
		return REED_OK;
	}
	if (proxy_parse(reed_slice_of(text), &p))
		return REED_ESYNTAX;
	if (!url->secure && reed_slice_is(p.scheme, "http")) {
		*absolute = true;
		*authorization = basic(&p);
		*endpoint = reed_sprintf("tcp:" REED_FMT ":" REED_FMT, REED_ARG(p.host),
		                         REED_ARG(p.port));
		return REED_OK;
	}
	reed_buf_add_str(&out, url->secure ? "tls:[" : "");
	add_through(&out, &p, url);
	if (url->secure)
		reed_buf_add_char(&out, ']');
	*endpoint = reed_buf_take(&out);
	return REED_OK;
}
