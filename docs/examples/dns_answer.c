/*
 * A dynamic name server: whatever is asked of example.org, it answers with the
 * address of who asks: dns_answer [ENDPOINT]
 */

#include <reed/co.h>
#include <reed/dns/server.h>
#include <reed/endpoint.h>

static struct reed_dns_server *server;
static struct reed_dgram *dgram;

static struct reed_future *whoami(void *arg, struct reed_dns_request *request)
{
	char host[REED_ADDRESS_TEXT];

	(void)arg;
	reed_dns_reply(request, REED_DNS_TYPE_A, 0, reed_address_host(&request->client, host));
	return NULL;
}

static struct reed_future *serve(void *arg, enum reed_err err)
{
	(void)arg;
	return err ? NULL : reed_dns_serve(server, dgram);
}

static struct reed_future *start(struct reed_loop *loop, int argc, char **argv)
{
	struct reed_dns_name name;

	reed_dns_name_parse(REED_STR("example.org"), NULL, &name);
	server = reed_dns_server_new(loop, NULL);
	reed_dns_server_answer(server, &name, REED_DNS_TYPE_A, whoami, NULL);
	return reed_then(reed_dgram_listen(loop, argc > 1 ? argv[1] : "udp:5353", &dgram), serve,
	                 NULL);
}

int main(int argc, char **argv)
{
	int code = reed_main(argc, argv, start);

	reed_dns_server_free(server);
	return code;
}
