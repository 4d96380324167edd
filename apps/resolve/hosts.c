/* The hosts file goes first, as it does for every program here. */

#include "resolve.h"

static bool is_wanted(const struct resolve_order *order, const struct reed_address *address)
{
	if (!order->has_type)
		return true;
	return order->type ==
	       (address->family == REED_FAMILY_IPV4 ? REED_DNS_TYPE_A : REED_DNS_TYPE_AAAA);
}

bool resolve_by_hosts(const struct resolve_order *order, struct reed_buf *out)
{
	struct reed_slice hosts = reed_buf_slice(&order->hosts);
	struct reed_address address;
	char text[REED_ADDRESS_TEXT];
	bool some = false;

	if (order->server.n || order->trace || order->json || order->dnssec || order->address.n)
		return false;
	for (size_t i = 0; reed_dns_hosts_address(hosts, order->text, i, &address); i++) {
		if (!is_wanted(order, &address))
			continue;
		some = true;
		if (!order->brief)
			reed_buf_printf(out, REED_FMT "  %s  ", REED_ARG(order->text),
			                address.family == REED_FAMILY_IPV4 ? "A" : "AAAA");
		reed_buf_printf(out, "%s\n", reed_address_host(&address, text));
	}
	if (some && !order->brief)
		reed_buf_add_str(out, "\nof /etc/hosts\n");
	return some;
}
