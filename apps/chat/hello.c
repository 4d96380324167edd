/* What the daemon says when it is there: how to connect. */

#include <stdio.h>
#include <string.h>

#include "chat.h"

#include "reed/endpoint.h"

/* The name a client of this door would use; of all of this machine's, the server's own. */
static struct reed_slice host_of(const struct reed_endpoint *e, const char *name)
{
	const struct reed_endpoint_part *interface = reed_endpoint_key(e, "interface");

	return interface ? interface->value : reed_slice_of(name);
}

/* Tor gives the address; it is kept beside the key. */
static void say_onion(const struct chat *chat, const struct reed_endpoint *e,
                      const struct reed_endpoint_part *port)
{
	const struct reed_endpoint_part *key = reed_endpoint_key(e, "key");

	printf("    irssi through Tor, at the address in ");
	if (key)
		printf(REED_FMT ".hostname", REED_ARG(key->value));
	else
		printf("%s/onion-" REED_FMT ".key.hostname", chat->service->state,
		       REED_ARG(port->value));
	printf(", port " REED_FMT "\n", REED_ARG(port->value));
}

static void say_how(const struct chat *chat, const char *endpoint, const char *name)
{
	struct reed_fault *fault = NULL;
	struct reed_endpoint e;
	const struct reed_endpoint_part *port = NULL;

	if (!reed_endpoint_parse(reed_slice_of(endpoint), &e, &fault))
		port = reed_endpoint_arg(&e, 0);
	if (port && reed_slice_is(e.scheme, "tls"))
		printf("    /connect -tls " REED_FMT " " REED_FMT
		       "    (in irssi; any client with TLS)\n",
		       REED_ARG(host_of(&e, name)), REED_ARG(port->value));
	else if (port && reed_slice_is(e.scheme, "tcp"))
		printf("    irssi -c " REED_FMT " -p " REED_FMT "    (any IRC client)\n",
		       REED_ARG(host_of(&e, name)), REED_ARG(port->value));
	else if (port && reed_slice_is(e.scheme, "onion") && chat->service->state)
		say_onion(chat, &e, port);
	else
		printf("    an IRC client at %s\n", endpoint);
	reed_fault_free(fault);
	reed_endpoint_finish(&e);
}

void reed_chat_hello(struct chat *chat)
{
	const struct chat_settings *s = chat->settings;
	const char *name = chat->service->site->name;

	printf(s->irc.n ? "Reed chat is up as %s. Connect with\n\n"
	                : "Reed chat is up as %s, but nobody can connect: set irc\n",
	       name);
	for (size_t i = 0; i < s->irc.n; i++)
		say_how(chat, s->irc.items[i], name);
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
