/* What the daemon says when it is there: how to ask it. */

#include <stdio.h>
#include <string.h>

#include "dns.h"

#include "reed/address.h"

/* All of this machine's addresses are asked here, by its own name. */
static const char *host_of(const struct reed_address *a, char text[REED_ADDRESS_TEXT])
{
	static const unsigned char none[16];

	return memcmp(a->ip, none, sizeof(none)) == 0 ? "localhost" : reed_address_host(a, text);
}

static void say_how(const struct reed_door *door, const struct reed_address *a, const char *zone)
{
	const char *how = door->datagrams ? ""
	                  : reed_slice_starts(reed_slice_of(door->endpoint), REED_STR("tls:"))
	                          ? " +tls"
	                          : " +tcp";
	char text[REED_ADDRESS_TEXT];

	if (a->family == REED_FAMILY_IPV4 || a->family == REED_FAMILY_IPV6)
		printf("    dig @%s -p %u%s %s SOA\n", host_of(a, text), (unsigned)a->port, how,
		       zone);
	else
		printf("    a client at %s\n", reed_address_text(a, text));
}

void dns_hello(const struct dns_app *app)
{
	char text[REED_DNS_NAME_TEXT_SIZE];
	struct reed_door door = REED_DOOR;
	struct dns_zone_entry entry;

	if (!dns_zone_entry(app->settings, 0, &entry))
		return;
	reed_dns_name_format(&entry.name, text);
	printf("Reed dns is up. Ask it with\n\n");
	for (size_t i = 0; reed_service_door(app->service, i, &door); i++)
		for (size_t k = 0; k < door.count; k++)
			say_how(&door, &door.addresses[k], text);
	printf("\nChanged a zone file? Send SIGHUP, or `reed ctl reload`.\n"
	       "Stop it with Ctrl-C. `reed dns --help` tells the rest.\n");
	fflush(stdout);
}
