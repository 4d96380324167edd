#include "gateway.h"

struct adding {
	gateway_add_fn *add;
	void *arg;
};

static void put(const struct adding *to, const char *name, struct reed_slice value)
{
	to->add(to->arg, reed_slice_of(name), value);
}

static void put_number(const struct adding *to, const char *name, uint64_t n)
{
	char text[24];
	int length = snprintf(text, sizeof(text), "%llu", (unsigned long long)n);

	put(to, name, reed_slice(text, (size_t)length));
}

static void put_address(const struct adding *to, const char *name, const char *port,
                        const struct reed_address *address)
{
	char text[REED_ADDRESS_TEXT];

	put(to, name, reed_slice_of(reed_address_host(address, text)));
	put_number(to, port, address->port);
}

/* Proxy is what programs take for a setting of theirs (httpoxy). */
static bool is_kept_back(struct reed_slice name, bool guarded)
{
	return reed_slice_find(name, '_') < name.n || reed_slice_is_nocase(name, "proxy") ||
	       reed_slice_is_nocase(name, "content-type") ||
	       reed_slice_is_nocase(name, "content-length") ||
	       (guarded && reed_slice_is_nocase(name, "authorization"));
}

/* RFC 3875 4.1.18: fields of one name are one variable, which the first of them makes. */
static void put_joined(const struct adding *to, struct reed_slice variable,
                       const struct reed_http_head *h, unsigned first)
{
	struct reed_slice name = h->fields[first].name;
	const char *between = reed_slice_is_nocase(name, "cookie") ? "; " : ", ";
	struct reed_buf all = { .limit = 0 };

	for (unsigned i = 0; i < h->count; i++) {
		if (!reed_slice_eq_nocase(h->fields[i].name, name))
			continue;
		if (i < first) {
			reed_buf_finish(&all);
			return;
		}
		if (i > first)
			reed_buf_add_str(&all, between);
		reed_buf_add(&all, h->fields[i].value);
	}
	to->add(to->arg, variable, reed_buf_slice(&all));
	reed_buf_finish(&all);
}

static void put_field(const struct adding *to, const struct reed_http_head *h, unsigned which,
                      bool guarded)
{
	struct reed_slice field = h->fields[which].name;
	char name[128] = "HTTP_";

	if (field.n > sizeof(name) - 6 || is_kept_back(field, guarded))
		return;
	for (size_t i = 0; i < field.n; i++) {
		char c = field.p[i];

		name[5 + i] = c == '-' ? '_' : c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
	}
	put_joined(to, reed_slice(name, 5 + field.n), h, which);
}

static void put_script(const struct adding *to, const struct gateway_script *script)
{
	char *file = script->file
	                     ? reed_strdup(script->file)
	                     : reed_sprintf("%s" REED_FMT, script->root, REED_ARG(script->name));

	put(to, "SCRIPT_NAME", script->name);
	put(to, "SCRIPT_FILENAME", reed_slice_of(file));
	put(to, "DOCUMENT_ROOT", reed_slice_of(script->root));
	put(to, "PATH_INFO", script->info);
	reed_free(file);
}

static struct reed_slice without_port(struct reed_slice host)
{
	size_t end = reed_slice_find(host, ']');

	return end < host.n ? reed_slice_first(host, end + 1)
	                    : reed_slice_first(host, reed_slice_find(host, ':'));
}

static void put_connection(const struct adding *to, struct reed_http_request *r)
{
	struct reed_stream_facts facts = { .size = sizeof(facts) };

	reed_http_facts(r, &facts);
	put_address(to, "REMOTE_ADDR", "REMOTE_PORT", &facts.peer);
	put_address(to, "SERVER_ADDR", "SERVER_PORT", &facts.local);
	put(to, "SERVER_NAME", without_port(r->head.host));
	put(to, "REQUEST_SCHEME", reed_slice_of(facts.secure ? "https" : "http"));
	if (facts.secure)
		put(to, "HTTPS", REED_STR("on"));
}

void gateway_variables(struct reed_http_request *r, const struct gateway_script *script,
                       gateway_add_fn *add, void *arg)
{
	const struct adding to = { add, arg };
	const struct reed_http_head *h = &r->head;

	put(&to, "GATEWAY_INTERFACE", REED_STR("CGI/1.1"));
	put(&to, "SERVER_SOFTWARE", REED_STR("reed"));
	put(&to, "SERVER_PROTOCOL", h->minor > 0 ? REED_STR("HTTP/1.1") : REED_STR("HTTP/1.0"));
	put(&to, "REQUEST_METHOD", h->method_name);
	put(&to, "REQUEST_URI", h->target);
	put(&to, "QUERY_STRING", h->query);
	put(&to, "REDIRECT_STATUS", REED_STR("200")); /* php-cgi refuses to run without */
	put_script(&to, script);
	put_connection(&to, r);
	put(&to, "CONTENT_TYPE", reed_http_header(r, "content-type"));
	if (h->framing == REED_HTTP_LENGTH)
		put_number(&to, "CONTENT_LENGTH", h->length);
	if (r->user.n > 0) {
		put(&to, "REMOTE_USER", r->user);
		put(&to, "AUTH_TYPE", REED_STR("Basic"));
	}
	for (unsigned i = 0; i < h->count; i++)
		put_field(&to, h, i, r->user.n > 0);
}
