/*
 * A secondary name server of one zone, which it has from a primary and keeps in a folder:
 *
 *	dns_secondary example.org tcp:192.0.2.1:53 /var/lib/zones udp:53 [key name] [secret]
 *
 * With a key both sides sign (TSIG), and a primary that has it may tell of changes.
 */

#include <reed/alloc.h>
#include <reed/co.h>
#include <reed/dns/keeper.h>
#include <reed/endpoint.h>

static struct reed_dns_server *server;
static struct reed_dns_keeper *keeper;
static struct reed_dgram *dgram;

/* Who has the key may notify us; nobody may transfer it from here. */
static void keep(const struct reed_dns_name *name, const struct reed_dns_key *key,
                 const char *primary, const char *folder)
{
	struct reed_dns_remote remote = { primary, key };
	struct reed_dns_rule rule = { .actions = REED_DNS_MAY_NOTIFY };
	struct reed_dns_access access = REED_DNS_ACCESS;
	struct reed_dns_keeper_options options = REED_DNS_KEEPER_OPTIONS;
	char *file = reed_sprintf("%s/zone", folder), *journal = reed_sprintf("%s/journal", folder);

	if (key) {
		rule.keys = &key->name;
		rule.key_count = 1;
		access.rules = &rule;
		access.rule_count = 1;
	}
	options.name = name;
	options.file = file;
	options.journal = journal;
	options.primaries = &remote;
	options.primary_count = 1;
	options.access = &access;
	keeper = reed_dns_keeper_new(server, &options);
	reed_free(file);
	reed_free(journal);
}

static struct reed_future *serve(void *arg, enum reed_err err)
{
	(void)arg;
	return err ? NULL : reed_dns_serve(server, dgram);
}

static struct reed_future *start(struct reed_loop *loop, int argc, char **argv)
{
	struct reed_fault *fault = NULL;
	struct reed_dns_keys *keys;
	struct reed_dns_name name;
	struct reed_dns_key key;
	bool has_key = argc > 6;

	if (argc < 5 || reed_dns_name_parse(reed_slice_of(argv[1]), NULL, &name))
		return reed_failed(loop, REED_EINVAL,
		                   "write dns_secondary ZONE PRIMARY FOLDER ENDPOINT [KEY SECRET]");
	if (has_key &&
	    reed_dns_key_parse(argv[5], REED_DNS_HMAC_SHA256, reed_slice_of(argv[6]), &key, &fault))
		return reed_failed_with(loop, fault);
	server = reed_dns_server_new(loop, NULL);
	keys = reed_dns_keys_new();
	if (has_key)
		reed_dns_keys_add(keys, &key, false);
	reed_dns_server_keys(server, keys);
	keep(&name, has_key ? &key : NULL, argv[2], argv[3]);
	return reed_then(reed_dgram_listen(loop, argv[4], &dgram), serve, NULL);
}

int main(int argc, char **argv)
{
	int code = reed_main(argc, argv, start);

	reed_dns_keeper_free(keeper);
	reed_dns_server_free(server);
	return code;
}
