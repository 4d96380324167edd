/*
 * A signed zone that is code: N.M.sum.example is the sum of two numbers, as a text, and
 * nothing else is there: dns_dynamic [ENDPOINT].  The DS record for the parent is printed.
 */

#include <reed/co.h>
#include <reed/dns/dynamic.h>
#include <reed/endpoint.h>
#include <reed/random.h>

static struct reed_dns_server *server;
static struct reed_dns_zone_key *key;
static struct reed_dgram *dgram;

static struct reed_future *sum(void *arg, struct reed_dns_request *request)
{
	unsigned numbers = request->name.labels - 2U;
	uint64_t n, total = 0;
	char text[32];

	(void)arg;
	for (unsigned i = 0; i < numbers; i++) {
		if (numbers > 2 ||
		    reed_slice_u64(reed_dns_name_label(&request->name, i), 1000000, &n)) {
			reed_dns_reply_code(request, REED_DNS_RCODE_NXDOMAIN);
			return NULL;
		}
		total += n;
	}
	if (numbers == 2 && request->type == REED_DNS_TYPE_TXT) {
		snprintf(text, sizeof(text), "%ju", (uintmax_t)total);
		reed_dns_reply(request, REED_DNS_TYPE_TXT, 60, text);
	}
	return NULL;
}

static struct reed_future *serve(void *arg, enum reed_err err)
{
	(void)arg;
	return err ? NULL : reed_dns_serve(server, dgram);
}

static void print_ds(const struct reed_dns_name *name)
{
	uint8_t room[REED_DNS_DS_MAX];
	struct reed_slice ds;
	struct reed_buf out = { 0 };

	reed_dns_ds_make(name, reed_dns_zone_key_rdata(key), REED_DNS_DIGEST_SHA256, room, &ds);
	reed_dns_print_record(name, 3600, REED_DNS_CLASS_IN, REED_DNS_TYPE_DS, ds, &out);
	printf(REED_FMT "\n", REED_ARG(reed_buf_slice(&out)));
	fflush(stdout);
	reed_buf_finish(&out);
}

static struct reed_future *start(struct reed_loop *loop, int argc, char **argv)
{
	struct reed_dns_name name, host;
	uint8_t seed[REED_DNS_SEED_SIZE];
	struct reed_dns_signing_key signing = { .published = true,
		                                .signs_keys = true,
		                                .signs_zone = true };
	struct reed_dns_dynamic zone = { REED_DNS_DYNAMIC,  .name = &name,    .servers = &host,
		                         .server_count = 1, .keys = &signing, .key_count = 1,
		                         .fn = sum };

	reed_dns_name_parse(REED_STR("sum.example"), NULL, &name);
	reed_dns_name_parse(REED_STR("ns.example"), NULL, &host);
	reed_random_bytes(loop, seed, sizeof(seed)); /* keep it, to be the same tomorrow */
	reed_dns_zone_key_make(REED_DNS_ED25519, REED_DNS_KEY_ZONE | REED_DNS_KEY_SEP, seed, &key);
	signing.key = key;
	server = reed_dns_server_new(loop, NULL);
	reed_dns_server_dynamic(server, &zone);
	print_ds(&name);
	return reed_then(reed_dgram_listen(loop, argc > 1 ? argv[1] : "udp:5353", &dgram), serve,
	                 NULL);
}

int main(int argc, char **argv)
{
	int code = reed_main(argc, argv, start);

	reed_dns_server_free(server);
	reed_dns_zone_key_free(key);
	return code;
}
