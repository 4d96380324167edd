/* Answers each line with who has sent it, as far as it is known: whoami ENDPOINT */

#include <reed/co.h>
#include <reed/endpoint.h>
#include <reed/proxy.h>

static void tell_proxy(struct reed_stream *s, const struct reed_proxy_facts *told)
{
	char text[REED_ADDRESS_TEXT];

	reed_printf(s, " by PROXY %d through %s", told->version,
	            reed_address_host(&told->via, text));
	if (told->authority.n > 0)
		reed_printf(s, " for " REED_FMT, REED_ARG(told->authority));
	if (told->unique_id.n > 0)
		reed_printf(s, " as " REED_FMT, REED_ARG(told->unique_id));
	if (told->tls)
		reed_printf(s, " over " REED_FMT, REED_ARG(told->tls_version));
	if (told->verified)
		reed_printf(s, " with the certificate of " REED_FMT, REED_ARG(told->tls_name));
	if (told->crc)
		reed_write_str(s, " (checked)");
}

static void tell(struct reed_stream *s)
{
	struct reed_stream_facts facts = { .size = sizeof(facts) };
	char text[REED_ADDRESS_TEXT];

	reed_stream_facts(s, &facts);
	reed_printf(s, "you are %s", reed_address_text(&facts.peer, text));
	reed_printf(s, " and came to %s", reed_address_text(&facts.local, text));
	if (facts.proxy)
		tell_proxy(s, facts.proxy);
	reed_write_str(s, "\r\n");
}

static size_t heard(struct reed_protocol *self, struct reed_slice bytes)
{
	size_t taken = 0, end;

	while ((end = reed_slice_find(reed_slice_from(bytes, taken), '\n')) < bytes.n - taken) {
		taken += end + 1;
		tell(self->stream);
	}
	return taken;
}

static struct reed_protocol_ops whoami = { .data = heard };

static struct reed_future *serve(struct reed_loop *loop, int argc, char **argv)
{
	const char *endpoint = argc > 1 ? argv[1] : "haproxy:[tcp:7777:interface=localhost]";

	return reed_listen_and_serve(loop, endpoint, reed_push, &whoami, NULL);
}

int main(int argc, char **argv)
{
	return reed_main(argc, argv, serve);
}
