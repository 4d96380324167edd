/*
 * What ldns 1.8 does not know, and more, beside BIND: a zone of random records that we
 * print is compiled by it, and what it prints is what it was.
 */

#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "random.h"
#include "reed/alloc.h"
#include "reed/dns/zone.h"
#include "reed/file.h"

#include "protocols/dns/field.h"

enum { EACH = 1000 };

static const uint16_t types[] = { REED_DNS_TYPE_SVCB, REED_DNS_TYPE_HTTPS, REED_DNS_TYPE_ZONEMD,
	                          REED_DNS_TYPE_CAA,  REED_DNS_TYPE_URI,   REED_DNS_TYPE_SMIMEA,
	                          REED_DNS_TYPE_HIP,  REED_DNS_TYPE_TXT };

enum { COUNT = EACH * REED_COUNT(types) };

struct made {
	uint16_t type;
	struct reed_slice rdata;
	bool seen;
};

static struct made all[COUNT];
static char folder[] = "/tmp/reed-oracle-XXXXXX", *ours, *theirs;

static struct reed_dns_name owner_of(unsigned i)
{
	char text[64];
	struct reed_dns_name name;

	snprintf(text, sizeof(text), "n%u.example.org.", i);
	check_int(reed_dns_name_parse(reed_slice_of(text), NULL, &name), REED_OK);
	return name;
}

static size_t name_size(const uint8_t *wire)
{
	struct reed_dns_name name;

	check_int(reed_dns_name_take(reed_slice(wire, 255), &name), REED_OK);
	return name.n;
}

/* RFC 9460 7.1.1: no-default-alpn means something beside alpn only, and BIND insists. */
static bool is_consistent(const uint8_t *p, const uint8_t *end)
{
	bool alpn = false, no_default = false;

	for (p += 2 + name_size(p + 2); p < end; p += 4 + dns_get16(p + 2)) {
		alpn |= dns_get16(p) == 1;
		no_default |= dns_get16(p) == 2;
	}
	return alpn || !no_default;
}

static bool is_service(uint16_t type)
{
	return type == REED_DNS_TYPE_SVCB || type == REED_DNS_TYPE_HTTPS;
}

/* The digests of ZONEMD are as long as their hash says (RFC 8976 2.2.3). */
static size_t random_of(uint16_t type, uint8_t *into)
{
	size_t n = random_rdata(type, into);

	while (is_service(type) && !is_consistent(into, into + n))
		n = random_rdata(type, into);
	if (type != REED_DNS_TYPE_ZONEMD)
		return n;
	into[4] = 1;
	into[5] = (uint8_t)(1 + random_below(2));
	n = 6 + (into[5] == 1 ? 48 : 64);
	for (size_t i = 6; i < n; i++)
		into[i] = (uint8_t)random_next();
	return n;
}

static void make_zone(void)
{
	struct reed_buf text = { 0 };
	struct reed_file_stamp stamp;
	uint8_t bytes[4096];

	random_seed(7);
	reed_buf_add_str(&text, "example.org. 60 IN SOA . . 1 2 3 4 5\n"
	                        "example.org. 60 IN NS ns.example.net.\n");
	for (unsigned i = 0; i < COUNT; i++) {
		struct reed_dns_name owner = owner_of(i);
		uint16_t type = types[i % REED_COUNT(types)];
		size_t n = random_of(type, bytes);

		all[i] = (struct made){ type, reed_slice(reed_slice_dup(reed_slice(bytes, n)), n),
			                false };
		reed_dns_print_record(&owner, 60, 1, type, all[i].rdata, &text);
		reed_buf_add_char(&text, '\n');
	}
	check_int(reed_file_replace(ours, reed_buf_slice(&text), &stamp), REED_OK);
	reed_buf_finish(&text);
}

static int run(const char *command)
{
	int status = system(command);

	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void bind_compiles_what_we_print(void)
{
	char *command = reed_sprintf("named-compilezone -q -k ignore -i none -n ignore -r ignore "
	                             "-m ignore -s full -o %s example.org %s",
	                             theirs, ours);

	check_int(run(command), 0);
	reed_free(command);
}

static enum reed_err compare(void *arg, const struct reed_dns_zone_record *r)
{
	struct reed_dns_name owner;
	unsigned i;

	(void)arg;
	if (r->type == REED_DNS_TYPE_SOA || r->type == REED_DNS_TYPE_NS)
		return REED_OK;
	check_int(sscanf((const char *)r->owner->wire + 1, "n%u", &i), 1);
	check(i < COUNT);
	owner = owner_of(i);
	check(reed_dns_name_eq(&owner, r->owner));
	check_int(r->type, all[i].type);
	check_int(reed_dns_rdata_cmp(r->type, r->rdata, all[i].rdata), 0);
	all[i].seen = true;
	return REED_OK;
}

static void we_read_what_bind_prints(void)
{
	struct reed_dns_scanner_options o = { REED_DNS_SCANNER_OPTIONS, .name = theirs };
	struct reed_fault *fault = NULL;
	enum reed_err err = reed_dns_zone_read(&o, compare, NULL, &fault);

	if (fault)
		fprintf(stderr, "%s\n", reed_fault_why(fault, err));
	check_int(err, REED_OK);
	for (unsigned i = 0; i < COUNT; i++)
		check(all[i].seen);
}

int main(void)
{
	check(mkdtemp(folder));
	ours = reed_sprintf("%s/ours", folder);
	theirs = reed_sprintf("%s/theirs", folder);
	make_zone();
	RUN(bind_compiles_what_we_print);
	RUN(we_read_what_bind_prints);
	unlink(ours);
	unlink(theirs);
	check_int(rmdir(folder), 0);
	for (unsigned i = 0; i < COUNT; i++)
		reed_free((void *)(uintptr_t)all[i].rdata.p);
	reed_free(ours);
	reed_free(theirs);
	return 0;
}
