/* What the daemon says when it is there: how to connect. */

#include <stdio.h>
#include <string.h>

#include "chat.h"

#include "reed/endpoint.h"

static void say_how(const char *endpoint, const char *name)
{
	struct reed_fault *fault = NULL;
	struct reed_endpoint e;

	if (!reed_endpoint_parse(reed_slice_of(endpoint), &e, &fault) && reed_endpoint_arg(&e, 0)) {
		const struct reed_endpoint_part *port = reed_endpoint_arg(&e, 0);
		bool tls = reed_slice_is(e.scheme, "tls");
		bool local = reed_endpoint_key(&e, "interface") != NULL;

		printf("    irssi %s-c %s -p " REED_FMT "%s\n", tls ? "--tls " : "",
		       local ? "localhost" : name, REED_ARG(port->value),
		       tls ? "    (any IRC client with TLS)" : "    (any IRC client)");
	}
	reed_fault_free(fault);
	reed_endpoint_finish(&e);
}

void reed_chat_hello(struct chat *chat)
{
	const struct chat_settings *s = chat->settings;
	const char *name = chat->service->site->name;

	printf("Reed chat is up as %s. Connect with\n\n", name);
	for (size_t i = 0; i < s->irc.n; i++)
		say_how(s->irc.items[i], name);
	if (chat->certificate)
		printf("\nThe certificate is one of its own making, %s:\n"
		       "clients must be told to trust it, or set tls-cert to a better one.\n",
		       chat->certificate);
	if (s->registration)
		printf("\nIn the client: /join #lobby, and to keep your nick\n"
		       "    /msg NickServ REGISTER <password>\n");
	if (chat->invitation)
		printf("\nYou are the operator. When you have an account:\n"
		       "    /oper owner %s\n",
		       chat->invitation);
	printf("\nStop it with Ctrl-C. `reed chat --help` tells the rest.\n");
	fflush(stdout);
}
