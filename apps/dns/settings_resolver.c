/* What one may say of the resolver, and where it listens. */

#include "dns.h"

#include "reed/dns/validate.h"

bool dns_check_forward(const char *text, struct reed_buf *why)
{
	const char *sentence;

	if (reed_dns_forward_check(text, &sentence))
		return true;
	reed_buf_add_str(why, sentence);
	return false;
}

bool dns_check_address(const char *text, struct reed_buf *why)
{
	struct reed_address address;

	if (!reed_address_parse(reed_slice_of(text), 53, &address))
		return true;
	reed_buf_add_str(why, "is no address; write one as in 198.41.0.4");
	return false;
}

bool dns_check_record(const char *text, struct reed_buf *why)
{
	struct reed_dns_mistake mistake;

	if (!reed_dns_filter_records(NULL, &text, 1, &mistake))
		return true;
	reed_buf_add_str(why, ": ");
	reed_dns_mistake_print(&mistake, why);
	return false;
}

bool dns_check_anchor(const char *text, struct reed_buf *why)
{
	struct reed_fault *fault = NULL;
	enum reed_err err = reed_dns_validator_trust_text(NULL, reed_slice_of(text), &fault);

	if (err)
		reed_buf_printf(why, ": %s; write one as in \". DS 20326 8 2 E06D...\"",
		                reed_fault_why(fault, err));
	reed_fault_free(fault);
	return !err;
}

#define LIST(name, ...)                                            \
	static const char *const name##_items[] = { __VA_ARGS__ }; \
	const struct reed_texts name = { name##_items, REED_COUNT(name##_items) }

LIST(dns_listen_world, "udp:53", "tcp:53");
LIST(dns_listen_here, "udp:53:interface=127.0.0.1", "tcp:53:interface=127.0.0.1");
LIST(dns_listen_else, "udp:5335:interface=127.0.0.1", "tcp:5335:interface=127.0.0.1");
