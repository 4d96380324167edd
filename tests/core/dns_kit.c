#include "dns_kit.h"

#include <unistd.h>

struct reed_loop *loop;
struct dns_server server;
struct reed_addresses got;
static char folder[] = "/tmp/reed-resolve-XXXXXX";
char hosts_file[64], resolv_conf[64];

/* ---- a loop, a server, files ---- */

void write_file(const char *path, const char *text)
{
	char fresh[80];
	FILE *f;

	snprintf(fresh, sizeof(fresh), "%s.new", path);
	f = fopen(fresh, "w");
	check(f);
	fputs(text, f);
	check_int(fclose(f), 0);
	check_int(rename(fresh, path), 0);
}

struct reed_resolver_options options_of(const char *servers)
{
	struct reed_resolver_options options = REED_RESOLVER_OPTIONS;

	options.hosts_file = hosts_file;
	options.resolv_conf = resolv_conf;
	options.servers = servers;
	options.timeout_ms = 5000;
	options.tries = 2;
	return options;
}

void begin(const struct dns_record *records, const struct dns_rule *rules)
{
	static const struct reed_net_ops no_routes = { .lookup = NULL };
	struct reed_resolver_options options;

	check_int(reed_loop_new(NULL, &loop), REED_OK);
	loop->driver->net = &no_routes;
	dns_server_open(&server, loop);
	server.zone = records;
	server.rules = rules;
	write_file(hosts_file, "");
	write_file(resolv_conf, "search search.example\n");
	options = options_of(server.address);
	reed_resolver_configure(loop, &options);
}

void be_impatient(const char *servers)
{
	struct reed_resolver_options options = options_of(servers);

	options.timeout_ms = 100;
	reed_resolver_configure(loop, &options);
}

void end(void)
{
	reed_loop_run(loop); /* only the server is left, and keeps nothing running */
	check_int(loop->watches, 0);
	dns_server_close(&server);
	reed_loop_free(loop);
}

char why[512];

enum reed_err outcome(struct reed_future *f)
{
	struct reed_fault *fault;
	enum reed_err err = reed_loop_run_until(loop, f, &fault);

	snprintf(why, sizeof(why), "%s", reed_fault_why(fault, err));
	reed_fault_free(fault);
	return err;
}

enum reed_err asking(const char *name)
{
	return outcome(reed_resolve(loop, reed_slice_of(name), 80, &got));
}

const char *text(void)
{
	static char all[4096];
	char one[REED_ADDRESS_TEXT];
	size_t n = 0;

	all[0] = '\0';
	for (size_t i = 0; i < got.count; i++)
		n += (size_t)snprintf(all + n, sizeof(all) - n, "%s%s", i ? " " : "",
		                      reed_address_host(&got.list[i], one));
	reed_addresses_finish(&got);
	return all;
}

const struct dns_record zone[] = {
	{ "both.example", REED_RECORD_A, 300, "192.0.2.1" },
	{ "both.example", REED_RECORD_AAAA, 300, "2001:db8::1" },
	{ "v4.example", REED_RECORD_A, 300, "192.0.2.4" },
	{ "v6.example", REED_RECORD_AAAA, 300, "2001:db8::6" },
	{ "www.example", DNS_CNAME, 300, "alias.example" },
	{ "alias.example", DNS_CNAME, 300, "both.example" },
	{ "nothing.example", REED_RECORD_TXT, 300, "nothing else" },
	{ "short.search.example", REED_RECORD_A, 300, "192.0.2.7" },
	{ "short.other.example", REED_RECORD_A, 300, "192.0.2.8" },
	{ "abc.onion", REED_RECORD_A, 300, "6.6.6.6" },
	{ "abc.invalid", REED_RECORD_A, 300, "6.6.6.6" },
	{ "_x._tcp.example", REED_RECORD_SRV, 300, "10 5 80 both.example" },
	{ "1.2.0.192.in-addr.arpa", REED_RECORD_PTR, 300, "both.example" },
	{ NULL, 0, 0, NULL },
};

void files_open(void)
{
	check(mkdtemp(folder));
	snprintf(hosts_file, sizeof(hosts_file), "%s/hosts", folder);
	snprintf(resolv_conf, sizeof(resolv_conf), "%s/resolv.conf", folder);
}

void files_close(void)
{
	unlink(hosts_file);
	unlink(resolv_conf);
	check_int(rmdir(folder), 0);
}
