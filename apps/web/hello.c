/* What the daemon says when it is there: where to look. */

#include "web.h"

#include <stdio.h>
#include <string.h>

#include "reed/endpoint.h"

static const char *host_of(const struct web *web)
{
	const struct web_settings *s = web->settings;

	if (s->hosts.n > 0 && s->hosts.items[0].names.items[0][0] != '*')
		return s->hosts.items[0].names.items[0];
	return web->service->site->name;
}

static void say_url(const struct web *web, const char *text)
{
	struct reed_fault *fault = NULL;
	struct reed_endpoint e;
	const struct reed_endpoint_part *port = NULL, *interface = NULL;
	struct reed_slice host;
	bool tls;

	if (!reed_endpoint_parse(reed_slice_of(text), &e, &fault)) {
		port = reed_endpoint_arg(&e, 0);
		interface = reed_endpoint_key(&e, "interface");
	}
	tls = reed_slice_is(e.scheme, "tls");
	host = interface ? interface->value : reed_slice_of(host_of(web));
	if (!port || (!tls && !reed_slice_is(e.scheme, "tcp")))
		printf("    a browser at %s\n", text);
	else if (reed_slice_is(port->value, "0"))
		printf("    %s://" REED_FMT ", at the port that the log tells\n",
		       tls ? "https" : "http", REED_ARG(host));
	else if (reed_slice_is(port->value, tls ? "443" : "80"))
		printf("    %s://" REED_FMT "/\n", tls ? "https" : "http", REED_ARG(host));
	else
		printf("    %s://" REED_FMT ":" REED_FMT "/\n", tls ? "https" : "http",
		       REED_ARG(host), REED_ARG(port->value));
	reed_fault_free(fault);
	reed_endpoint_finish(&e);
}

void web_hello(const struct web *web)
{
	const struct web_settings *s = web->settings;

	printf(s->listen.n ? "Reed web is up. Look at\n\n"
	                   : "Reed web is up, but nobody can come: set listen\n");
	for (size_t i = 0; i < s->listen.n; i++)
		say_url(web, s->listen.items[i]);
	if (web->doors.own)
		printf("\nThe certificate is one of its own making, %s:\n"
		       "browsers will warn of it; set tls-cert to a better one.\n",
		       web->doors.own);
	if (s->site.path && !s->site.listing)
		printf("\nFolders without an index are not shown: --listing changes that.\n");
	printf("\nStop it with Ctrl-C. `reed web --help` tells the rest.\n");
	fflush(stdout);
}
