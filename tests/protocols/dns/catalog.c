/* Catalog zones: what is written is read, and what is broken is not used. */

#include "check.h"
#include "names.h"
#include "reed/dns/catalog.h"

static enum reed_err note(void *arg, const struct reed_dns_name *member, uint64_t id)
{
	struct reed_buf *out = arg;
	char text[REED_DNS_NAME_TEXT_SIZE];

	(void)id;
	reed_buf_printf(out, "%s ", reed_dns_name_format(member, text).p);
	return REED_OK;
}

/* The members of a zone, or what is wrong with it. */
static void check_members(const char *text, enum reed_err wanted, const char *members)
{
	struct reed_dns_name name = name_of("cat.test");
	struct reed_fault *fault = NULL;
	struct reed_dns_zone *zone;
	struct reed_buf out = { 0 };

	check_int(reed_dns_zone_parse(reed_slice_of(text), "cat", &name, &zone, NULL), REED_OK);
	check_int(reed_dns_catalog_each(zone, note, &out, &fault), wanted);
	reed_buf_add_str(&out, fault ? fault->sentence : "");
	reed_buf_add_char(&out, '\0');
	check_str(out.p + out.begin, members);
	reed_fault_free(fault);
	reed_buf_finish(&out);
	reed_dns_zone_release(zone);
}

#define HEAD "@ 0 SOA invalid. invalid. 1 2 3 4 5\n@ 0 NS invalid.\n"

static void what_is_written_is_read(void)
{
	struct reed_dns_name members[] = { name_of("b.test"), name_of("."), name_of("a\\ b.test") };
	struct reed_dns_name name = name_of("cat.test");
	struct reed_buf out = { 0 };

	reed_dns_catalog_print(&name, 7, members, 3, &out);
	reed_buf_add_char(&out, '\0');
	check_members(out.p + out.begin, REED_OK, ". a\\032b.test. b.test. ");
	reed_buf_finish(&out);
}

static void properties_and_whatever_else_is_there_are_no_members(void)
{
	check_members(HEAD "version 0 TXT 2\nx.zones 0 PTR one.test.\ngroup.x.zones 0 TXT g\n"
	                   "coo.x.zones 0 PTR other.test.\nx.ext 0 PTR no.test.\n"
	                   "y.zones 0 PTR ONE.test.\nz.zones 0 TXT \"no member\"\n",
	              REED_OK, "one.test. ");
	check_members(HEAD "version 0 TXT 2\n", REED_OK, "");
}

static void what_is_broken_has_no_members(void)
{
	static const char why[] = "a catalog zone has a TXT record \"2\" at version, and no other";

	check_members(HEAD "x.zones 0 PTR one.test.\n", REED_EPROTO, why);
	check_members(HEAD "version 0 TXT 1\nx.zones 0 PTR one.test.\n", REED_EPROTO, why);
	check_members(HEAD "version 0 TXT 2 2\n", REED_EPROTO, why);
	check_members(HEAD "version 0 TXT 2\nversion 0 TXT 3\n", REED_EPROTO, why);
	check_members(HEAD "version 0 TXT 2\nx.zones 0 PTR one.test.\nx.zones 0 PTR two.test.\n",
	              REED_EPROTO, "a member has two PTR records");
}

int main(void)
{
	RUN(what_is_written_is_read);
	RUN(properties_and_whatever_else_is_there_are_no_members);
	RUN(what_is_broken_has_no_members);
	return 0;
}
