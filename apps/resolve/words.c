/* NAME [TYPE] [@server] [+word]..., in any order but that the name comes before the type. */

#include "resolve.h"

#include "reed/alloc.h"

static const struct {
	const char *word;
	size_t offset;
} switches[] = {
	{ "short", offsetof(struct resolve_order, brief) },
	{ "dnssec", offsetof(struct resolve_order, dnssec) },
	{ "trace", offsetof(struct resolve_order, trace) },
	{ "norecurse", offsetof(struct resolve_order, no_recursion) },
	{ "json", offsetof(struct resolve_order, json) },
};

static const char *const schemes[] = { "udp", "tcp", "tls", "https" };

static bool take_plus(struct resolve_order *order, const char *word, char **wrong)
{
	for (size_t i = 0; i < REED_COUNT(switches); i++)
		if (strcmp(word, switches[i].word) == 0) {
			memcpy((char *)order + switches[i].offset, &(bool){ true }, sizeof(bool));
			return true;
		}
	for (size_t i = 0; i < REED_COUNT(schemes); i++)
		if (strcmp(word, schemes[i]) == 0) {
			order->scheme = schemes[i];
			return true;
		}
	*wrong = reed_sprintf("there is no +%s; there are +short, +dnssec, +trace, +norecurse, "
	                      "+json, +udp, +tcp, +tls and +https",
	                      word);
	return false;
}

static bool take_name(struct resolve_order *order, const char *word, char **wrong)
{
	struct reed_dns_name name;
	struct reed_address address;
	enum reed_err err;

	order->text = reed_slice_of(word);
	if (!reed_address_parse(order->text, 0, &address)) {
		size_t n = address.family == REED_FAMILY_IPV4 ? 4 : 16;

		reed_dns_name_reverse(reed_slice(address.ip, n), &order->address);
		order->type = order->has_type ? order->type : REED_DNS_TYPE_PTR;
		return true;
	}
	err = reed_dns_name_parse(order->text, NULL, &name);
	if (err)
		*wrong = reed_sprintf("%s is no name: %s", word,
		                      err == REED_ETOOBIG
		                              ? "a part has 63 bytes at most, and all of "
		                                "it 255"
		                              : "there is nothing between two dots");
	return !err;
}

static bool take_type(struct resolve_order *order, const char *word, char **wrong)
{
	if (!reed_dns_type_parse(reed_slice_of(word), &order->type)) {
		order->has_type = true;
		return true;
	}
	*wrong = reed_sprintf("%s is no type; there are A, AAAA, MX, TXT, NS, SOA, SRV, HTTPS, and "
	                      "TYPE65280 for any other. A server is written @%s",
	                      word, word);
	return false;
}

bool resolve_word(struct resolve_order *order, const char *word, char **wrong)
{
	if (*word == '+')
		return take_plus(order, word + 1, wrong);
	if (*word == '@') {
		order->server = reed_slice_of(word + 1);
		return true;
	}
	if (!order->text.n)
		return take_name(order, word, wrong);
	if (!order->has_type)
		return take_type(order, word, wrong);
	*wrong = reed_sprintf("one name and one type is all it asks for, and %s is too much", word);
	return false;
}

/* ---- servers ---- */

static char *at_default_port(const char *scheme, const char *host)
{
	const char *port = strcmp(scheme, "tls") == 0 ? "853" : "53";
	bool is_ipv6 = strchr(host, ':') != NULL && *host != '[';

	if (strcmp(scheme, "https") == 0)
		return is_ipv6 ? reed_sprintf("https://[%s]/dns-query", host)
		               : reed_sprintf("https://%s/dns-query", host);
	return is_ipv6 ? reed_sprintf("%s:[%s]:%s", scheme, host, port)
	               : reed_sprintf("%s:%s:%s", scheme, host, port);
}

static bool is_endpoint(struct reed_slice server)
{
	return reed_slice_starts(server, REED_STR("udp:")) ||
	       reed_slice_starts(server, REED_STR("tcp:")) ||
	       reed_slice_starts(server, REED_STR("tls:")) ||
	       reed_slice_starts(server, REED_STR("https://"));
}

/* "192.0.2.53", "dns.example", "192.0.2.53:5335", "[::1]:5335", "2001:db8::53", "tls:..." */
static char *named_server(const struct resolve_order *order)
{
	struct reed_slice server = order->server;
	const char *colon = memchr(server.p, ':', server.n);
	struct reed_address address;

	if (is_endpoint(server))
		return reed_slice_dup(server);
	if (!reed_address_parse(server, 0, &address) || !colon)
		return at_default_port(order->scheme, server.p);
	if (strcmp(order->scheme, "https") == 0)
		return reed_sprintf("https://" REED_FMT "/dns-query", REED_ARG(server));
	return reed_sprintf("%s:" REED_FMT, order->scheme, REED_ARG(server));
}

char *resolve_server(const struct resolve_order *order, size_t n)
{
	char host[REED_ADDRESS_TEXT];

	if (order->server.n)
		return n ? NULL : named_server(order);
	if (n >= order->system.server_count)
		return NULL;
	return at_default_port(order->scheme, reed_address_host(&order->system.servers[n], host));
}
