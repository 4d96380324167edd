/* Lists of names to block, in the forms there are, and records of one's own. */

#include "check.h"
#include "names.h"
#include "reed/dns/filter.h"

#include "protocols/dns/filter.h"

static const uint8_t secret[16] = { 1, 2, 3 };

static bool blocks(const struct reed_dns_blocklist *list, const char *text)
{
	struct reed_dns_name name = name_of(text);

	return reed_dns_blocklist_has(list, &name);
}

static struct reed_dns_blocklist *list_of(const char *text)
{
	struct reed_dns_blocklist *list = reed_dns_blocklist_new(secret, 0);

	reed_dns_blocklist_add(list, reed_slice_of(text));
	return list;
}

static struct reed_dns_blocklist_facts facts_of(const struct reed_dns_blocklist *list)
{
	struct reed_dns_blocklist_facts facts = { .size = sizeof(facts) };

	reed_dns_blocklist_facts(list, &facts);
	return facts;
}

static void hosts_block_their_names_and_nothing_below(void)
{
	struct reed_dns_blocklist *list = list_of("127.0.0.1 localhost\n"
	                                          "::1 ip6-localhost\n"
	                                          "# ads\n"
	                                          "0.0.0.0 Ads.Example tracker.example # both\r\n");

	check(blocks(list, "ads.EXAMPLE") && blocks(list, "tracker.example"));
	check(!blocks(list, "x.ads.example") && !blocks(list, "example"));
	check(!blocks(list, "localhost"));
	check_int(facts_of(list).names, 2);
	check_int(facts_of(list).left_out, 0);
	reed_dns_blocklist_free(list);
}

static void domains_block_what_is_below_too(void)
{
	struct reed_dns_blocklist *list = list_of("ads.example\n*.wild.example\n");

	check(blocks(list, "ads.example") && blocks(list, "a.b.ads.example"));
	check(blocks(list, "x.wild.example"));
	check(!blocks(list, "example") && !blocks(list, "bads.example"));
	reed_dns_blocklist_free(list);
}

static void adblock_rules_block_and_allow_after_all(void)
{
	struct reed_dns_blocklist *list = list_of("[Adblock Plus]\n! a comment\n"
	                                          "||ads.example^\n"
	                                          "||very.example^$important\n"
	                                          "@@||good.ads.example^\n"
	                                          "||shop.example^$script\n"
	                                          "/banner/*\n"
	                                          "example.com##.ad\n");

	check(blocks(list, "x.ads.example") && blocks(list, "very.example"));
	check(!blocks(list, "good.ads.example") && !blocks(list, "x.good.ads.example"));
	check(!blocks(list, "shop.example") && !blocks(list, "example.com"));
	check_int(facts_of(list).left_out, 3);
	reed_dns_blocklist_free(list);
}

static void a_million_names_take_sixteen_megabytes(void)
{
	struct reed_dns_blocklist *list = reed_dns_blocklist_new(secret, 0);
	char text[64];

	for (int i = 0; i < 1000000; i++) {
		int n = snprintf(text, sizeof(text), "host%d.example\n", i);

		reed_dns_blocklist_add(list, reed_slice(text, (size_t)n));
	}
	check_int(facts_of(list).names, 1000000);
	check(facts_of(list).bytes <= 16 << 20);
	check(blocks(list, "host999999.example") && !blocks(list, "host1000000.example"));
	reed_dns_blocklist_free(list);
}

static void a_list_has_an_end(void)
{
	struct reed_dns_blocklist *list = reed_dns_blocklist_new(secret, 2);

	reed_dns_blocklist_add(list, REED_STR("a.example\nb.example\nc.example\n"));
	check(blocks(list, "b.example") && !blocks(list, "c.example"));
	check_int(facts_of(list).left_out, 1);
	reed_dns_blocklist_free(list);
}

static void a_file_is_read_to_its_last_line_and_a_missing_one_is_named(void)
{
	struct reed_dns_blocklist *list = reed_dns_blocklist_new(secret, 0);
	struct reed_fault *fault = NULL;
	char path[] = "/tmp/reed-blocklist-XXXXXX";
	int fd = mkstemp(path);
	FILE *file = fdopen(fd, "w");

	for (int i = 0; i < 20000; i++)
		fprintf(file, "host%d.example\n", i);
	fprintf(file, "last.example");
	fclose(file);
	check_int(reed_dns_blocklist_load(list, path, &fault), REED_OK);
	check_int(facts_of(list).names, 20001);
	check(blocks(list, "last.example"));
	remove(path);
	check_int(reed_dns_blocklist_load(list, path, &fault), REED_ENOENT);
	check(strstr(fault->sentence, path));
	reed_fault_free(fault);
	reed_dns_blocklist_free(list);
}

/* ---- records ---- */

static size_t found(const struct reed_dns_filter *filter, const char *name, uint16_t type,
                    enum dns_filtered *how)
{
	struct reed_dns_name n = name_of(name);
	struct reed_buf pile = { 0 };
	struct reed_slice rest;
	struct dns_piece piece;
	size_t count = 0;

	*how = dns_filter_look(filter, &n, type, &pile);
	for (rest = reed_buf_slice(&pile); dns_pile_next(&rest, &piece);)
		count++;
	reed_buf_finish(&pile);
	return count;
}

static void records_of_ones_own_are_all_there_is_of_a_name(void)
{
	const char *const records[] = { "nas.home A 192.168.1.2", "nas.home 60 A 192.168.1.3",
		                        "NAS.home TXT \"the attic\"", "www.home CNAME nas.home." };
	struct reed_dns_filter *filter = reed_dns_filter_new();
	struct reed_dns_mistake mistake;
	enum dns_filtered how;

	check_int(reed_dns_filter_records(filter, records, REED_COUNT(records), &mistake), REED_OK);
	reed_dns_filter_block(filter, list_of("home\n"));
	check_int(found(filter, "nas.home", REED_DNS_TYPE_A, &how), 2);
	check_int(how, DNS_FILTER_RECORDS);
	check_int(found(filter, "nas.home", REED_DNS_TYPE_AAAA, &how), 0);
	check_int(how, DNS_FILTER_RECORDS);
	check_int(found(filter, "www.home", REED_DNS_TYPE_A, &how), 1);
	found(filter, "x.home", REED_DNS_TYPE_A, &how);
	check_int(how, DNS_FILTER_BLOCKED);
	found(filter, "example", REED_DNS_TYPE_A, &how);
	check_int(how, DNS_FILTER_PASS);
	reed_dns_filter_free(filter);
}

static void a_record_with_a_mistake_changes_nothing(void)
{
	const char *const good[] = { "nas.home A 192.168.1.2" };
	const char *const bad[] = { "a.home A 192.168.1.2", "nas.home A 192.168.1.300" };
	struct reed_dns_filter *filter = reed_dns_filter_new();
	struct reed_dns_mistake mistake;
	enum dns_filtered how;

	check_int(reed_dns_filter_records(filter, good, 1, &mistake), REED_OK);
	check_int(reed_dns_filter_records(filter, bad, 2, &mistake), REED_ESYNTAX);
	check_slice(mistake.word, "192.168.1.300");
	check_int(found(filter, "nas.home", REED_DNS_TYPE_A, &how), 1);
	check_int(found(filter, "a.home", REED_DNS_TYPE_A, &how), 0);
	check_int(how, DNS_FILTER_PASS);
	reed_dns_filter_free(filter);
}

int main(void)
{
	RUN(hosts_block_their_names_and_nothing_below);
	RUN(domains_block_what_is_below_too);
	RUN(adblock_rules_block_and_allow_after_all);
	RUN(a_million_names_take_sixteen_megabytes);
	RUN(a_list_has_an_end);
	RUN(a_file_is_read_to_its_last_line_and_a_missing_one_is_named);
	RUN(records_of_ones_own_are_all_there_is_of_a_name);
	RUN(a_record_with_a_mistake_changes_nothing);
	return 0;
}
