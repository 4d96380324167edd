/* What the daemon says when it is there: how to ask it. */

#include <stdio.h>

#include "dns.h"

#include "reed/endpoint.h"

static void say_how(const char *text, const char *zone)
{
	struct reed_fault *fault = NULL;
	struct reed_endpoint e;

	if (!reed_endpoint_parse(reed_slice_of(text), &e, &fault) && reed_endpoint_arg(&e, 0)) {
		const struct reed_endpoint_part *port = reed_endpoint_arg(&e, 0);
		const char *how = reed_slice_is(e.scheme, "tcp")   ? " +tcp"
		                  : reed_slice_is(e.scheme, "tls") ? " +tls"
		                                                   : "";

		printf("    dig @localhost -p " REED_FMT "%s %s SOA\n", REED_ARG(port->value), how,
		       zone);
	}
	reed_fault_free(fault);
	reed_endpoint_finish(&e);
}

void dns_hello(const struct dns_app *app)
{
	const struct dns_settings *s = app->settings;
	char text[REED_DNS_NAME_TEXT_SIZE];
	struct dns_zone_entry entry;

	if (!dns_zone_entry(s, 0, &entry))
		return;
	reed_dns_name_format(&entry.name, text);
	printf("Reed dns is up. Ask it with\n\n");
	for (size_t i = 0; i < s->listen.n; i++)
		say_how(s->listen.items[i], text);
	printf("\nChanged a zone file? Send SIGHUP, or `reed ctl reload`.\n"
	       "Stop it with Ctrl-C. `reed dns --help` tells the rest.\n");
	fflush(stdout);
}
