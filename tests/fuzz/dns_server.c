/*
 * A query to a name server with a signed zone and an unsigned one: the first byte
 * says by which door it comes.  What it answers is well-formed, fits, and has the
 * query's id.
 */

#include "check.h"
#include "reed/dns/server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char text[] =
	"$TTL 60\n"
	"@ SOA ns1 admin 7 3600 600 86400 300\n@ NS ns1\nns1 A 192.0.2.53\nns1 AAAA ::1\n"
	"@ MX 10 ns1\nwww CNAME a\na CNAME b\nb CNAME a\n*.w A 192.0.2.9\n*.c CNAME x.c.w\n"
	"sub NS ns.sub\nns.sub A 192.0.2.100\nd DNAME e\ne.d.e TXT x\nf DNAME f.f.f\n"
	"@ NSEC a A NS SOA MX NSEC\na NSEC sub CNAME NSEC\nsub NSEC @ NS NSEC\n"
	"$GENERATE 1-200 m A 10.0.0.$\n";

static struct reed_dns_server *make(void)
{
	struct reed_dns_server_options options = REED_DNS_SERVER_OPTIONS;
	struct reed_dns_server *server;
	struct reed_dns_zone *zone;
	struct reed_dns_name name;
	struct reed_loop *loop;

	check_int(reed_loop_new(NULL, &loop), REED_OK);
	options.identity = "fuzzed";
	options.version = "1";
	server = reed_dns_server_new(loop, &options);
	for (const char *const *each = (const char *const[]){ "z", "b.z", NULL }; *each; each++) {
		check_int(reed_dns_name_parse(reed_slice_of(*each), NULL, &name), REED_OK);
		check_int(reed_dns_zone_parse(reed_slice_of(text), "zone", &name, &zone, NULL),
		          REED_OK);
		reed_dns_server_put(server, zone, NULL);
	}
	return server;
}

static void look(struct reed_slice query, struct reed_slice answer)
{
	struct reed_dns_message m;
	struct reed_buf printed = { 0 };

	check_int(reed_dns_message_parse(answer, &m), REED_OK);
	check(m.flags & REED_DNS_QR);
	check(memcmp(query.p, answer.p, 2) == 0);
	check_int(reed_dns_message_print(&m, &printed), REED_OK);
	reed_buf_finish(&printed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct reed_address client = { .family = REED_FAMILY_IPV4,
		                                    .port = 1,
		                                    .ip = { 192, 0, 2, 1 } };
	static struct reed_dns_server *server; /* the fuzzer's process is where it ends */
	static uint8_t into[REED_DNS_MESSAGE_MAX];
	struct reed_slice query;
	size_t n;

	if (size < 1)
		return 0;
	if (!server)
		server = make();
	query = reed_slice(data + 1, size - 1);
	n = reed_dns_server_ask(server, (enum reed_dns_door)(data[0] % 3), &client, query, into,
	                        sizeof(into));
	check(data[0] % 3 != REED_DNS_UDP || n <= 1232);
	if (n)
		look(query, reed_slice(into, n));
	return 0;
}
