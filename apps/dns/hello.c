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

static void say_how(const struct reed_door *door, const struct reed_address *a, const char *name,
                    const char *type)
{
	const char *how = door->datagrams ? ""
	                  : reed_slice_starts(reed_slice_of(door->endpoint), REED_STR("tls:"))
	                          ? " +tls"
	                          : " +tcp";
	char text[REED_ADDRESS_TEXT];

	if (a->family == REED_FAMILY_IPV4 || a->family == REED_FAMILY_IPV6)
		printf("    dig @%s -p %u%s %s %s\n", host_of(a, text), (unsigned)a->port, how,
		       name, type);
	else
		printf("    a client at %s\n", reed_address_text(a, text));
}

/* Port 53 of this machine is what programs here can be told to ask. */
static void say_how_to_use_it(const struct dns_app *app)
{
	struct reed_door door = REED_DOOR;

	if (app->refused)
		printf("\nPort 53 %s, so it took %s.\n", app->refused, app->listen.items[0]);
	else if (reed_service_door(app->service, 0, &door) && door.count &&
	         reed_address_is_loopback(&door.addresses[0]) && door.addresses[0].port == 53)
		printf("\nHave this machine ask it: write \"nameserver 127.0.0.1\" into "
		       "/etc/resolv.conf.\n");
	if (app->settings->forward.n)
		printf("It forwards to %s%s.\n", app->settings->forward.items[0],
		       app->settings->forward.n > 1 ? " and others" : "");
	else
		printf("It asks the world from the root on; --forward tls:HOST:853 asks another.\n");
}

void dns_hello(const struct dns_app *app)
{
	char text[REED_DNS_NAME_TEXT_SIZE] = "example.org";
	bool has_zone, resolves = dns_resolves(app->settings);
	struct reed_door door = REED_DOOR;
	struct dns_zone_entry entry;

	has_zone = dns_zone_entry(app->settings, 0, &entry);
	if (has_zone)
		reed_dns_name_format(&entry.name, text);
	printf("Reed dns is up. Ask it with\n\n");
	for (size_t i = 0; reed_service_door(app->service, i, &door); i++)
		for (size_t k = 0; k < door.count; k++)
			say_how(&door, &door.addresses[k], text, has_zone ? "SOA" : "A");
	if (resolves)
		say_how_to_use_it(app);
	if (!has_zone) {
		printf("\nStop it with Ctrl-C. `reed dns --help` tells the rest.\n");
		fflush(stdout);
		return;
	}
	printf("\nChanged a zone file? Send SIGHUP, or `reed ctl reload`.\n"
	       "Stop it with Ctrl-C. `reed dns --help` tells the rest.\n");
	fflush(stdout);
}
