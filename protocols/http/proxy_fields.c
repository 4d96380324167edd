/* Fields on their way through a proxy: which stay behind, and which are added. */

#include "relay.h"

#include "reed/base64.h"
#include "reed/random.h"

/* ---- who is believed ---- */

static enum reed_err is_no_peer(struct reed_slice word, struct reed_fault **fault)
{
	*fault = reed_fault_new(REED_ESYNTAX, NULL, __FILE__, __LINE__,
	                        REED_FMT " is no address, prefix as in 192.0.2.0/24, or \"unix\"",
	                        REED_ARG(word));
	return REED_ESYNTAX;
}

enum reed_err peers_parse(struct reed_slice list, struct peers *peers, struct reed_fault **fault)
{
	struct reed_slice rest = list, word;
	size_t room = 1;

	*peers = (struct peers){ .count = 0 };
	for (size_t i = 0; i < list.n; i++)
		room += list.p[i] == ',';
	peers->prefixes = reed_alloc(room * sizeof(*peers->prefixes));
	while (reed_http_list_next(&rest, &word)) {
		if (reed_slice_is(word, "unix"))
			peers->local = true;
		else if (reed_prefix_parse(word, &peers->prefixes[peers->count++]))
			return is_no_peer(word, fault);
	}
	return REED_OK;
}

void peers_finish(struct peers *peers)
{
	reed_free(peers->prefixes);
	*peers = (struct peers){ .count = 0 };
}

bool peers_have(const struct peers *peers, const struct reed_address *address)
{
	if (address->family == REED_FAMILY_UNIX)
		return peers->local;
	for (size_t i = 0; i < peers->count; i++)
		if (reed_prefix_has(&peers->prefixes[i], address))
			return true;
	return false;
}

/* ---- what stays behind ---- */

bool is_same_name(struct reed_slice name, const char *wanted)
{
	size_t i = 0;

	for (; i < name.n && wanted[i]; i++) {
		char c = name.p[i] == '_' ? '-' : name.p[i];

		if (c != wanted[i] && !(c >= 'A' && c <= 'Z' && c + 32 == wanted[i]))
			return false;
	}
	return i == name.n && !wanted[i];
}

static bool is_one_of(struct reed_slice name, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (reed_slice_is_nocase(name, names[i]))
			return true;
	return false;
}

/* RFC 9110 7.6.1, and what everybody takes for such. */
static const char *const hops[] = { "connection",
	                            "keep-alive",
	                            "proxy-connection",
	                            "proxy-authenticate",
	                            "proxy-authorization",
	                            "proxy-authentication-info",
	                            "te",
	                            "trailer",
	                            "transfer-encoding",
	                            "upgrade",
	                            "content-length",
	                            "http2-settings" };

bool hop_by_hop(const struct reed_http_field *fields, unsigned count, struct reed_slice name)
{
	if (is_one_of(name, hops, REED_COUNT(hops)))
		return true;
	for (unsigned i = 0; i < count; i++) {
		struct reed_slice list = fields[i].value, member;

		if (!reed_slice_is_nocase(fields[i].name, "connection"))
			continue;
		while (reed_http_list_next(&list, &member))
			if (reed_slice_eq_nocase(member, name))
				return true;
	}
	return false;
}

static const char *const told_by_us[] = { "forwarded", "x-forwarded-for", "x-forwarded-proto",
	                                  "x-forwarded-host", "x-real-ip" };

static bool is_told_by_us(struct reed_slice name)
{
	for (size_t i = 0; i < REED_COUNT(told_by_us); i++)
		if (is_same_name(name, told_by_us[i]))
			return true;
	return false;
}

/* ---- requests ---- */

static void add_two(struct reed_buf *out, struct reed_slice a, struct reed_slice b)
{
	reed_buf_add(out, a);
	reed_buf_add(out, b);
}

static void add_field(struct reed_buf *out, struct reed_slice name, struct reed_slice value)
{
	add_two(out, name, REED_STR(": "));
	add_two(out, value, REED_STR("\r\n"));
}

/* As Via names it (RFC 9110 7.6.3). */
static struct reed_slice protocol_of(const struct reed_http_head *head)
{
	if (head->major == 2)
		return REED_STR("2.0 ");
	return head->minor ? REED_STR("1.1 ") : REED_STR("1.0 ");
}

/* "a, b, ", of all fields of that name. */
static void add_former(const struct reed_http_head *head, const char *name, struct reed_buf *out)
{
	for (unsigned i = 0; i < head->count; i++)
		if (reed_slice_is_nocase(head->fields[i].name, name) && head->fields[i].value.n > 0)
			add_two(out, head->fields[i].value, REED_STR(", "));
}

/* RFC 7239 6: an IPv6 address stands in brackets, and so in quotes. */
static void add_node(const struct reed_address *peer, const char *host, struct reed_buf *out)
{
	if (peer->family == REED_FAMILY_IPV6)
		reed_buf_printf(out, "for=\"[%s]\"", host);
	else
		add_two(out, REED_STR("for="),
		        reed_slice_of(peer->family == REED_FAMILY_IPV4 ? host : "unknown"));
}

static void add_first_or(const struct reed_http_head *head, bool trusted, const char *name,
                         struct reed_slice otherwise, struct reed_buf *out)
{
	struct reed_slice value = reed_http_field(head->fields, head->count, name, 0);

	if (!trusted || value.n == 0)
		value = otherwise;
	if (value.n > 0)
		add_field(out, reed_slice_of(name), value);
}

/* A quoted-string: a Host that was let in has neither quote nor backslash. */
static void tell_who(struct reed_http_request *r, const struct peers *trust, struct reed_buf *out)
{
	const struct reed_http_head *head = &r->head;
	struct reed_stream_facts facts = { .size = sizeof(facts) };
	char text[REED_ADDRESS_TEXT];
	struct reed_slice proto;
	const char *host;
	bool trusted;

	reed_http_facts(r, &facts);
	reed_address_unmap(&facts.peer);
	trusted = trust && peers_have(trust, &facts.peer);
	host = reed_address_host(&facts.peer, text);
	proto = facts.secure ? REED_STR("https") : REED_STR("http");
	reed_buf_add(out, REED_STR("Forwarded: "));
	if (trusted)
		add_former(head, "forwarded", out);
	add_node(&facts.peer, host, out);
	if (head->host.n > 0) {
		add_two(out, REED_STR(";host=\""), head->host);
		reed_buf_add_char(out, '"');
	}
	add_two(out, REED_STR(";proto="), proto);
	reed_buf_add(out, REED_STR("\r\nX-Forwarded-For: "));
	if (trusted)
		add_former(head, "x-forwarded-for", out);
	reed_buf_add_str(out, facts.peer.family == REED_FAMILY_UNIX ? "unknown" : host);
	reed_buf_add(out, REED_STR("\r\n"));
	add_first_or(head, trusted, "X-Forwarded-Proto", proto, out);
	add_first_or(head, trusted, "X-Forwarded-Host", head->host, out);
}

static bool goes_on(const struct reed_http_head *head, const struct forwarding *how,
                    struct reed_slice name)
{
	return !hop_by_hop(head->fields, head->count, name) &&
	       !reed_slice_is_nocase(name, "host") && !reed_slice_is_nocase(name, "expect") &&
	       !reed_slice_is_nocase(name, "via") && !reed_slice_is_nocase(name, "max-forwards") &&
	       (how->anonymous || !is_told_by_us(name));
}

/* RFC 8441 5: HTTP/2 has none, and HTTP/1 needs one. */
static void add_key(struct reed_loop *loop, const struct reed_http_head *head, struct reed_buf *out)
{
	char nonce[16];

	if (head->major == 1 || !reed_slice_is_nocase(head->upgrade, "websocket"))
		return;
	reed_random_bytes(loop, nonce, sizeof(nonce));
	reed_buf_add(out, REED_STR("Sec-WebSocket-Key: "));
	reed_buf_add_base64(out, reed_slice(nonce, sizeof(nonce)));
	reed_buf_add(out, REED_STR("\r\n"));
}

static void add_connection(const struct reed_http_head *head, bool upgrade, struct reed_buf *out)
{
	struct reed_slice te = reed_http_field(head->fields, head->count, "te", 0);
	bool trailers = reed_http_list_has(te, "trailers");

	if (trailers)
		reed_buf_add_str(out, "TE: trailers\r\n");
	if (upgrade)
		add_field(out, REED_STR("Upgrade"), head->upgrade);
	if (trailers || upgrade)
		reed_buf_printf(out, "Connection: %s%s%s\r\n", trailers ? "TE" : "",
		                trailers && upgrade ? ", " : "", upgrade ? "upgrade" : "");
}

/* RFC 9112 6.1: our own framing, whatever the client has written. */
static void add_framing(const struct reed_http_head *head, struct reed_buf *out)
{
	if (head->framing == REED_HTTP_CHUNKED)
		reed_buf_add_str(out, "Transfer-Encoding: chunked\r\n");
	else if (head->framing == REED_HTTP_LENGTH)
		reed_buf_printf(out, "Content-Length: %llu\r\n", (unsigned long long)head->length);
	else if (reed_http_field(head->fields, head->count, "content-length", 0).p)
		reed_buf_add_str(out, "Content-Length: 0\r\n");
}

void forward_fields(struct reed_http_request *r, const struct forwarding *how, struct reed_buf *out)
{
	const struct reed_http_head *head = &r->head;
	struct reed_slice hops_left = reed_http_field(head->fields, head->count, "max-forwards", 0);
	uint64_t n;

	add_field(out, REED_STR("Host"), how->host ? reed_slice_of(how->host) : head->host);
	for (unsigned i = 0; i < head->count; i++)
		if (goes_on(head, how, head->fields[i].name))
			add_field(out, head->fields[i].name, head->fields[i].value);
	if (!how->anonymous)
		tell_who(r, how->trust, out);
	reed_buf_add(out, REED_STR("Via: "));
	add_former(head, "via", out);
	add_two(out, protocol_of(head), reed_slice_of(how->name));
	reed_buf_add(out, REED_STR("\r\n"));
	if (head->method == REED_HTTP_OPTIONS && !reed_slice_u64(hops_left, UINT32_MAX, &n) &&
	    n > 0) /* RFC 9110 7.6.2 */
		reed_buf_printf(out, "Max-Forwards: %llu\r\n", (unsigned long long)n - 1);
	if (how->upgrade)
		add_key(r->loop, head, out);
	add_connection(head, how->upgrade, out);
	add_framing(head, out);
	reed_buf_add(out, REED_STR("\r\n"));
}

/* ---- answers ---- */

static void add_via(struct reed_http_request *r, const struct reed_http_head *head,
                    const char *name)
{
	struct reed_slice protocol = protocol_of(head);
	size_t n = strlen(name);
	char *via = reed_pool_alloc(&r->pool, protocol.n + n);

	memcpy(via, protocol.p, protocol.n);
	memcpy(via + protocol.n, name, n);
	http_add_known(r, REED_STR("Via"), reed_slice(via, protocol.n + n));
}

/* What both say is the upstream's: it knows its pages better than a preset does. */
static void give_way(struct reed_http_request *r, const struct reed_http_head *head)
{
	struct http_out_field **at = &r->added.first;

	while (*at) {
		struct http_out_field *f = *at;
		bool other = false;

		for (unsigned i = 0; i < head->count && !other; i++)
			other = reed_slice_eq_nocase(head->fields[i].name, f->name) &&
			        !reed_slice_is_nocase(f->name, "set-cookie");
		if (other)
			*at = f->next;
		else
			at = &f->next;
	}
	r->added.end = at;
}

void return_fields(struct reed_http_request *r, const struct reed_http_head *head, const char *name)
{
	bool ours = r->server->name != NULL;

	give_way(r, head);
	for (unsigned i = 0; i < head->count; i++) {
		const struct reed_http_field *f = &head->fields[i];

		if (hop_by_hop(head->fields, head->count, f->name) ||
		    reed_slice_is_nocase(f->name, "date") ||
		    (r->head.major == 2 && reed_slice_is_nocase(f->name, "sec-websocket-accept")) ||
		    (ours && reed_slice_is_nocase(f->name, "server")))
			continue;
		http_add_known(r, f->name, f->value);
	}
	add_via(r, head, name);
}
