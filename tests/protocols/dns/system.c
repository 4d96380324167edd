/* What a system says about names. */

#include "check.h"
#include "reed/dns/system.h"

static const char conf[] = "# a comment\n"
			   "nameserver 192.0.2.53\n"
			   "nameserver 2001:db8::53 ; another\n"
			   "nameserver nonsense\n"
			   "domain ignored.example\n"
			   "search home.example example.org\n"
			   "options ndots:2 timeout:1\n";

static const char *name_at(const struct reed_dns_system *system, const char *text, size_t n)
{
	static char into[REED_DNS_NAME_TEXT_SIZE];
	struct reed_dns_name name;

	if (!reed_dns_system_name(system, reed_slice_of(text), n, &name))
		return "";
	reed_dns_name_format(&name, into);
	return into;
}

static void servers_and_the_last_search_list_are_read(void)
{
	struct reed_dns_system s;

	reed_dns_system_read(reed_slice_of(conf), &s);
	check_int(s.server_count, 2);
	check_int(s.servers[1].family, REED_FAMILY_IPV6);
	check_int(s.servers[0].port, 53);
	check_int(s.search_count, 2);
	check_int(s.dots, 2);
}

static void without_a_server_it_is_this_machine(void)
{
	struct reed_dns_system s;

	reed_dns_system_read(REED_STR("options ndots:99999999999999999999\n"), &s);
	check_int(s.server_count, 1);
	check(reed_address_is_loopback(&s.servers[0]));
	check_int(s.dots, 1);
}

static void names_are_tried_in_the_order_of_the_system(void)
{
	struct reed_dns_system s;

	reed_dns_system_read(reed_slice_of(conf), &s);
	check_str(name_at(&s, "www", 0), "www.home.example.");
	check_str(name_at(&s, "www", 1), "www.example.org.");
	check_str(name_at(&s, "www", 2), "www.");
	check_str(name_at(&s, "www", 3), "");
	check_str(name_at(&s, "a.b.c", 0), "a.b.c.");
	check_str(name_at(&s, "a.b.c", 1), "a.b.c.home.example.");
	check_str(name_at(&s, "www.", 0), "www.");
	check_str(name_at(&s, "www.", 1), "");
}

static void a_hosts_file_has_addresses_in_its_order(void)
{
	struct reed_slice hosts = REED_STR("127.0.0.1 localhost\n"
	                                   "192.0.2.1\tnas nas.home # the attic\n"
	                                   "nonsense nas\n"
	                                   "2001:db8::1 NAS\n");
	struct reed_address a;

	check(reed_dns_hosts_address(hosts, REED_STR("nas"), 0, &a));
	check_int(a.family, REED_FAMILY_IPV4);
	check(reed_dns_hosts_address(hosts, REED_STR("nas."), 1, &a));
	check_int(a.family, REED_FAMILY_IPV6);
	check(!reed_dns_hosts_address(hosts, REED_STR("nas"), 2, &a));
	check(!reed_dns_hosts_address(hosts, REED_STR("attic"), 0, &a));
}

int main(void)
{
	RUN(servers_and_the_last_search_list_are_read);
	RUN(without_a_server_it_is_this_machine);
	RUN(names_are_tried_in_the_order_of_the_system);
	RUN(a_hosts_file_has_addresses_in_its_order);
	return 0;
}
