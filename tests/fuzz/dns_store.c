/* A zone file: whether it is a zone, and if so, that its own names can be asked for. */

#include "check.h"
#include "reed/dns/edns.h"
#include "reed/dns/server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct reed_dns_server *server; /* the fuzzer's process is where it ends */

static void ask(const struct reed_dns_name *name, uint16_t type)
{
	static const struct reed_dns_edns edns = { .udp_size = 1232, .flags = REED_DNS_DO };
	static const struct reed_address client = { .family = REED_FAMILY_IPV4, .port = 1 };
	static uint8_t into[REED_DNS_MESSAGE_MAX];
	uint8_t p[REED_DNS_UDP_MAX];
	struct reed_dns_builder b;
	struct reed_slice query;
	struct reed_dns_message m;

	reed_dns_build(&b, p, sizeof(p));
	reed_dns_build_header(&b, 1, 0);
	reed_dns_build_question(&b, name, type, REED_DNS_CLASS_IN);
	reed_dns_build_opt(&b, &edns);
	reed_dns_build_opt_end(&b);
	check_int(reed_dns_build_end(&b, &query), REED_OK);
	query.n = reed_dns_server_ask(server, REED_DNS_TCP, &client, query, into, sizeof(into));
	check(query.n);
	check_int(reed_dns_message_parse(reed_slice(into, query.n), &m), REED_OK);
	check_int(reed_dns_rcode(m.flags) == REED_DNS_RCODE_SERVFAIL, false);
}

static void ask_for(const struct reed_dns_zone_record *r)
{
	struct reed_dns_name below;

	ask(r->owner, r->type);
	ask(r->owner, REED_DNS_TYPE_ANY);
	ask(r->owner, REED_DNS_TYPE_URI);
	if (!reed_dns_name_prepend(REED_STR("x"), r->owner, &below))
		ask(&below, REED_DNS_TYPE_A);
}

static void ask_for_all(struct reed_slice text, const struct reed_dns_name *name)
{
	struct reed_dns_scanner_options options = { REED_DNS_SCANNER_OPTIONS, .origin = name };
	struct reed_dns_scanner *scanner = reed_dns_scanner_new(&options);
	struct reed_dns_zone_record r;

	reed_dns_scanner_feed(scanner, text);
	reed_dns_scanner_finish(scanner);
	for (int left = 50; left && !reed_dns_scanner_next(scanner, &r); left--)
		ask_for(&r);
	reed_dns_scanner_free(scanner);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reed_slice text = reed_slice(data, size);
	struct reed_dns_zone *zone;
	struct reed_fault *fault = NULL;
	struct reed_dns_name name;
	struct reed_loop *loop;
	enum reed_err err;

	/* one line may be many records, which is for the scanner's own target */
	if (size > 4096 || reed_slice_search(text, REED_STR("$G")) < size ||
	    reed_slice_search(text, REED_STR("$g")) < size)
		return 0;
	if (!server) {
		check_int(reed_loop_new(NULL, &loop), REED_OK);
		server = reed_dns_server_new(loop, NULL);
	}
	check_int(reed_dns_name_parse(REED_STR("z"), NULL, &name), REED_OK);
	err = reed_dns_zone_parse(text, "zone", &name, &zone, &fault);
	check_int(fault != NULL, err != REED_OK);
	if (!err) {
		reed_dns_server_put(server, zone, NULL);
		ask_for_all(text, &name);
	}
	reed_fault_free(fault);
	return 0;
}
