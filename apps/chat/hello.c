/* What the daemon says when it is there: how to connect. */

#include <stdio.h>
#include <string.h>

#include "chat.h"

#include "reed/address.h"
#include "reed/endpoint.h"

enum { HOST_MAX = REED_ADDRESS_TEXT };

static bool is_any(const struct reed_address *a)
{
	static const unsigned char none[16];

	return memcmp(a->ip, none, sizeof(none)) == 0;
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

/*
 * What a client would dial; of all of this machine's addresses that is the
 * server's name.  Certificates are checked by name: irssi knows no addresses in
 * them, and so this machine is localhost, which ours has.
 */
static const char *host_of(const struct reed_address *a, bool tls, const char *name,
                           char text[HOST_MAX])
{
	if (is_any(a))
		return name;
	return tls && reed_address_is_loopback(a) ? "localhost" : reed_address_host(a, text);
}

static void say_how(const struct reed_address *a, bool tls, const char *name)
{
	char host[HOST_MAX], text[REED_ADDRESS_TEXT];

	if (a->family == REED_FAMILY_IPV4 || a->family == REED_FAMILY_IPV6)
		printf(tls ? "    /connect -tls %s %u    (in irssi; any client with TLS)\n"
		           : "    irssi -c %s -p %u    (any IRC client)\n",
		       host_of(a, tls, name, host), (unsigned)a->port);
	else
		printf("    an IRC client%s at %s\n", tls ? " with TLS" : "",
		       reed_address_text(a, text));
}

/* Behind a proxy it is the proxy that clients dial. */
static void say_proxied(const struct reed_address *a)
{
	char text[REED_ADDRESS_TEXT];

	printf("    a proxy in front, which speaks the PROXY protocol to %s\n",
	       reed_address_text(a, text));
}

/* 127.0.0.1 and ::1 with the same port are one place for who dials localhost. */
static bool is_said(const struct reed_door *door, size_t i)
{
	const struct reed_address *a = &door->addresses[i], *before = door->addresses;

	if (!reed_address_is_loopback(a))
		return false;
	while (before < a && !(reed_address_is_loopback(before) && before->port == a->port))
		before++;
	return before < a;
}

static void say_addresses(const struct reed_door *door, const struct reed_endpoint *e,
                          const char *name)
{
	bool proxied = reed_slice_search(e->text, REED_STR("haproxy:")) < e->text.n;
	bool tls = reed_slice_is(e->scheme, "tls");

	for (size_t i = 0; i < door->count; i++)
		if (proxied)
			say_proxied(&door->addresses[i]);
		else if (!tls || !is_said(door, i))
			say_how(&door->addresses[i], tls, name);
}

static void say_door(const struct chat *chat, const struct reed_door *door, const char *name)
{
	struct reed_fault *fault = NULL;
	struct reed_endpoint e;

	reed_endpoint_parse(reed_slice_of(door->endpoint), &e, &fault);
	if (reed_slice_is(e.scheme, "onion") && chat->service->state)
		say_onion(chat, &e, reed_endpoint_arg(&e, 0));
	else if (door->count > 0)
		say_addresses(door, &e, name);
	else
		printf("    an IRC client at %s\n", door->endpoint);
	reed_fault_free(fault);
	reed_endpoint_finish(&e);
}

void reed_chat_hello(struct chat *chat)
{
	const struct chat_settings *s = chat->settings;
	const char *name = chat->service->site->name;
	struct reed_door door = REED_DOOR;

	printf(s->irc.n ? "Reed chat is up as %s. Connect with\n\n"
	                : "Reed chat is up as %s, but nobody can connect: set irc\n",
	       name);
	for (size_t i = 0; reed_service_door(chat->service, i, &door); i++)
		say_door(chat, &door, name);
	if (chat->certificate)
		printf("\nThe certificate is one of its own making, %s:\n"
		       "clients must be told to trust it (irssi by -tls_verify -tls_cafile %s),\n"
		       "or set tls-cert to a better one.\n",
		       chat->certificate, chat->certificate);
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
