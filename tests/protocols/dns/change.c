/* What changes of a zone: differences, transfers that come in, updates, the journal. */

#include <fcntl.h>
#include <unistd.h>

#include "check.h"
#include "names.h"
#include "reed/alloc.h"

#include "protocols/dns/access.h"
#include "protocols/dns/intake.h"
#include "protocols/dns/journal.h"
#include "protocols/dns/update.h"

static const char one[] = "$TTL 60\n@ SOA ns a 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n"
			  "www A 192.0.2.2\nwww A 192.0.2.3\nt TXT a\n";
static const char two[] = "$TTL 60\n@ SOA ns a 2 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n"
			  "WWW 90 A 192.0.2.2\nx.new MX 5 www\nt TXT A\n";

static struct reed_dns_zone *zone_of(const char *text)
{
	struct reed_dns_name name = name_of("example.org");
	struct reed_dns_zone *zone;

	check_int(reed_dns_zone_parse(reed_slice_of(text), "zone", &name, &zone, NULL), REED_OK);
	return zone;
}

static bool is_same(const struct reed_dns_zone *a, const struct reed_dns_zone *b)
{
	struct dns_delta *delta = dns_delta_between(a, b);
	bool same =
		a->serial == b->serial && a->records == b->records && delta->split * 2 == delta->n;

	dns_delta_release(delta);
	return same;
}

static size_t items_in(struct reed_slice items)
{
	struct dns_item item;
	size_t n = 0;

	while (dns_item_next(&items, &item))
		n++;
	check_int(items.n, 0);
	return n;
}

/* ---- differences ---- */

static void a_difference_leads_from_one_zone_to_the_other_and_back(void)
{
	struct reed_dns_zone *a = zone_of(one), *b = zone_of(two), *c;
	struct dns_delta *there = dns_delta_between(a, b), *back = dns_delta_between(b, a);
	struct dns_delta *both[] = { there, back };

	check_int(items_in(dns_delta_gone(there)), 4); /* SOA, two of www, t */
	check_int(items_in(dns_delta_come(there)), 4);
	check_int(dns_delta_apply(a, &there, 1, &c, NULL), REED_OK);
	check(is_same(b, c));
	reed_dns_zone_release(c);
	check_int(dns_delta_apply(a, both, 2, &c, NULL), REED_OK);
	check(is_same(a, c));
	reed_dns_zone_release(c);
	dns_delta_release(there);
	dns_delta_release(back);
	reed_dns_zone_release(a);
	reed_dns_zone_release(b);
}

static void changes_of_another_zone_are_refused(void)
{
	struct reed_dns_zone *a = zone_of(one), *b = zone_of(two), *c;
	struct dns_delta *there = dns_delta_between(a, b);
	struct dns_delta *twice[] = { there, there };
	struct reed_fault *fault = NULL;

	check_int(dns_delta_apply(b, &there, 1, &c, &fault), REED_EPROTO);
	check(strstr(fault->sentence, "does not follow serial 2"));
	reed_fault_free(fault);
	check_int(dns_delta_apply(a, twice, 2, &c, NULL), REED_EPROTO);
	b->serial = 1; /* the serial fits, what is in it does not */
	check_int(dns_delta_apply(b, &there, 1, &c, &fault), REED_EPROTO);
	check(strstr(fault->sentence, "not there") || strstr(fault->sentence, "already"));
	reed_fault_free(fault);
	dns_delta_release(there);
	reed_dns_zone_release(a);
	reed_dns_zone_release(b);
}

/* ---- transfers ---- */

struct transfer {
	struct dns_intake intake;
	struct reed_dns_name zone;
	struct reed_buf bytes;
	struct reed_dns_builder b;
	struct reed_fault *fault;
};

static void open_transfer(struct transfer *t, const uint32_t *serial)
{
	memset(t, 0, sizeof(*t));
	t->zone = name_of("example.org");
	dns_intake_begin(&t->intake, &t->zone, 7, serial, 4096);
}

static void close_transfer(struct transfer *t)
{
	dns_intake_finish(&t->intake);
	reed_buf_finish(&t->bytes);
	reed_fault_free(t->fault);
}

static void begin_message(struct transfer *t)
{
	reed_buf_clear(&t->bytes);
	reed_dns_build_in(&t->b, &t->bytes, REED_DNS_MESSAGE_MAX, false);
	reed_dns_build_header(&t->b, 7, REED_DNS_QR | REED_DNS_AA);
}

static void add(struct transfer *t, const char *owner, uint16_t type, const char *text)
{
	struct reed_dns_name name;
	struct reed_slice rdata;
	uint8_t room[512];

	check_int(reed_dns_name_parse(reed_slice_of(owner), &t->zone, &name), REED_OK);
	check_int(reed_dns_rdata_parse(type, reed_slice_of(text), &t->zone, room, sizeof(room),
	                               &rdata, NULL),
	          REED_OK);
	reed_dns_build_record(&t->b, REED_DNS_ANSWER, &name, type, REED_DNS_CLASS_IN, 60, rdata);
}

static void add_soa(struct transfer *t, unsigned serial)
{
	char text[64];

	snprintf(text, sizeof(text), "ns a %u 2 3 4 5", serial);
	add(t, "@", REED_DNS_TYPE_SOA, text);
}

static enum reed_err take(struct transfer *t)
{
	struct reed_dns_message m;
	struct reed_slice bytes;

	check_int(reed_dns_build_end(&t->b, &bytes), REED_OK);
	check_int(reed_dns_message_parse(bytes, &m), REED_OK);
	reed_fault_free(t->fault);
	t->fault = NULL;
	return dns_intake_take(&t->intake, &m, &t->fault);
}

static void all_of_a_zone_comes_in_as_many_messages_as_it_takes(void)
{
	struct transfer t;

	open_transfer(&t, NULL);
	begin_message(&t);
	add_soa(&t, 3);
	check_int(take(&t), REED_EAGAIN);
	begin_message(&t);
	add(&t, "@", REED_DNS_TYPE_NS, "ns");
	add(&t, "ns", REED_DNS_TYPE_A, "192.0.2.1");
	check_int(take(&t), REED_EAGAIN);
	begin_message(&t);
	add_soa(&t, 3);
	check_int(take(&t), REED_OK);
	check(t.intake.is_news);
	check_int(items_in(reed_buf_slice(&t.intake.items)), 3);
	close_transfer(&t);
}

static void changes_come_one_after_another(void)
{
	uint32_t serial = 1;
	struct transfer t;

	open_transfer(&t, &serial);
	begin_message(&t);
	add_soa(&t, 3);
	add_soa(&t, 1);
	add(&t, "x", REED_DNS_TYPE_A, "192.0.2.1");
	add_soa(&t, 2);
	check_int(take(&t), REED_EAGAIN);
	begin_message(&t);
	add_soa(&t, 2);
	add_soa(&t, 3);
	add(&t, "y", REED_DNS_TYPE_A, "192.0.2.1");
	add_soa(&t, 3);
	check_int(take(&t), REED_OK);
	check_int(t.intake.changes.n, 2);
	check_int(t.intake.changes.all[1]->to, 3);
	close_transfer(&t);
}

static void nothing_new_is_one_record(void)
{
	uint32_t serial = 5;
	struct transfer t;

	open_transfer(&t, &serial);
	begin_message(&t);
	add_soa(&t, 5);
	check_int(take(&t), REED_OK);
	check(!t.intake.is_news);
	close_transfer(&t);
}

static void what_is_no_transfer_of_this_zone_is_told(void)
{
	uint32_t serial = 1;
	struct transfer t;

	open_transfer(&t, &serial);
	begin_message(&t);
	add(&t, "x", REED_DNS_TYPE_A, "192.0.2.1");
	check_int(take(&t), REED_EPROTO);
	close_transfer(&t);

	open_transfer(&t, &serial);
	begin_message(&t);
	add_soa(&t, 9);
	add_soa(&t, 4); /* we have 1 */
	check_int(take(&t), REED_EPROTO);
	close_transfer(&t);

	open_transfer(&t, NULL);
	begin_message(&t);
	add_soa(&t, 9);
	add(&t, "x.example.com.", REED_DNS_TYPE_A, "192.0.2.1");
	check_int(take(&t), REED_EPROTO);
	close_transfer(&t);

	open_transfer(&t, NULL);
	begin_message(&t);
	add_soa(&t, 9);
	add(&t, "@", REED_DNS_TYPE_NS, "ns");
	add_soa(&t, 8);
	check_int(take(&t), REED_EPROTO);
	check_str(t.fault->sentence, "the last SOA record is not the first one");
	close_transfer(&t);
}

static void a_transfer_has_an_end(void)
{
	struct transfer t;
	enum reed_err err = REED_EAGAIN;
	char owner[16];

	open_transfer(&t, NULL);
	begin_message(&t);
	add_soa(&t, 9);
	check_int(take(&t), REED_EAGAIN);
	for (int i = 0; i < 1000 && err == REED_EAGAIN; i++) {
		begin_message(&t);
		snprintf(owner, sizeof(owner), "x%d", i);
		add(&t, owner, REED_DNS_TYPE_A, "192.0.2.1");
		err = take(&t);
	}
	check_int(err, REED_ETOOBIG);
	close_transfer(&t);
}

/* ---- updates ---- */

struct updating {
	struct reed_dns_zone *zone;
	struct dns_delta *delta;
	struct dns_rules *rules;
	struct reed_dns_builder b;
	uint8_t p[4096];
};

static void open_update(struct updating *u, const struct reed_dns_rule *rule)
{
	static const struct reed_dns_rule all = { .actions = REED_DNS_MAY_UPDATE };
	struct reed_dns_name name = name_of("example.org");

	u->zone = zone_of(one);
	u->delta = NULL;
	u->rules = dns_rules_new(rule ? rule : &all, 1);
	reed_dns_build(&u->b, u->p, sizeof(u->p));
	reed_dns_build_header(&u->b, 1, REED_DNS_OPCODE_UPDATE << 11);
	reed_dns_build_question(&u->b, &name, REED_DNS_TYPE_SOA, REED_DNS_CLASS_IN);
}

static void put(struct updating *u, enum reed_dns_section section, const char *owner, uint16_t type,
                uint16_t klass, const char *text)
{
	struct reed_dns_name origin = name_of("example.org"), name;
	struct reed_slice rdata = reed_slice("", 0);
	uint8_t room[512];

	check_int(reed_dns_name_parse(reed_slice_of(owner), &origin, &name), REED_OK);
	if (text)
		check_int(reed_dns_rdata_parse(type, reed_slice_of(text), &origin, room,
		                               sizeof(room), &rdata, NULL),
		          REED_OK);
	reed_dns_build_record(&u->b, section, &name, type, klass,
	                      section == REED_DNS_AUTHORITY && klass == REED_DNS_CLASS_IN ? 60 : 0,
	                      rdata);
}

static void change(struct updating *u, const char *owner, uint16_t type, uint16_t klass,
                   const char *text)
{
	put(u, REED_DNS_AUTHORITY, owner, type, klass, text);
}

static unsigned done(struct updating *u)
{
	struct dns_update update = { .rules = u->rules };

	check_int(reed_dns_build_end(&u->b, &update.message), REED_OK);
	dns_update_all(u->zone, &update, 1, REED_DNS_SERIAL_INCREMENT, 0, &u->delta);
	return update.rcode;
}

static void close_update(struct updating *u)
{
	dns_delta_release(u->delta);
	dns_rules_release(u->rules);
	reed_dns_zone_release(u->zone);
}

static void an_update_adds_and_takes_away_and_the_serial_rises(void)
{
	struct updating u;

	open_update(&u, NULL);
	change(&u, "new", REED_DNS_TYPE_A, REED_DNS_CLASS_IN, "192.0.2.7");
	change(&u, "www", REED_DNS_TYPE_A, REED_DNS_CLASS_NONE, "192.0.2.3");
	change(&u, "t", REED_DNS_TYPE_ANY, REED_DNS_CLASS_ANY, NULL);
	check_int(done(&u), REED_DNS_RCODE_NOERROR);
	check_int(u.delta->to, 2);
	check_int(items_in(dns_delta_gone(u.delta)), 3);
	check_int(items_in(dns_delta_come(u.delta)), 2);
	close_update(&u);
}

static void an_update_that_changes_nothing_leaves_the_serial(void)
{
	struct updating u;

	open_update(&u, NULL);
	change(&u, "www", REED_DNS_TYPE_A, REED_DNS_CLASS_IN, "192.0.2.2");
	change(&u, "none", REED_DNS_TYPE_A, REED_DNS_CLASS_ANY, NULL);
	check_int(done(&u), REED_DNS_RCODE_NOERROR);
	check(!u.delta);
	close_update(&u);
}

static void the_last_name_server_and_the_soa_record_stay(void)
{
	struct updating u;

	open_update(&u, NULL);
	change(&u, "@", REED_DNS_TYPE_ANY, REED_DNS_CLASS_ANY, NULL);
	change(&u, "@", REED_DNS_TYPE_NS, REED_DNS_CLASS_NONE, "ns");
	change(&u, "@", REED_DNS_TYPE_SOA, REED_DNS_CLASS_ANY, NULL);
	change(&u, "@", REED_DNS_TYPE_SOA, REED_DNS_CLASS_IN, "ns a 1 2 3 4 5"); /* not newer */
	change(&u, "www", REED_DNS_TYPE_CNAME, REED_DNS_CLASS_IN, "ns");         /* not alone */
	check_int(done(&u), REED_DNS_RCODE_NOERROR);
	check(!u.delta);
	close_update(&u);
}

static void prerequisites_decide_and_all_of_it_or_nothing_is_done(void)
{
	static const struct {
		const char *owner, *text;
		uint16_t type, klass;
		unsigned rcode;
	} cases[] = {
		{ "none", NULL, REED_DNS_TYPE_ANY, REED_DNS_CLASS_ANY, REED_DNS_RCODE_NXDOMAIN },
		{ "www", NULL, REED_DNS_TYPE_ANY, REED_DNS_CLASS_NONE, REED_DNS_RCODE_YXDOMAIN },
		{ "www", NULL, REED_DNS_TYPE_MX, REED_DNS_CLASS_ANY, REED_DNS_RCODE_NXRRSET },
		{ "www", NULL, REED_DNS_TYPE_A, REED_DNS_CLASS_NONE, REED_DNS_RCODE_YXRRSET },
		{ "www", "192.0.2.2", REED_DNS_TYPE_A, REED_DNS_CLASS_IN, REED_DNS_RCODE_NXRRSET },
		{ "t", "a", REED_DNS_TYPE_TXT, REED_DNS_CLASS_IN, REED_DNS_RCODE_NOERROR },
		{ "x.example.com.", NULL, REED_DNS_TYPE_A, REED_DNS_CLASS_ANY,
		  REED_DNS_RCODE_NOTZONE },
	};
	struct updating u;

	for (size_t i = 0; i < REED_COUNT(cases); i++) {
		open_update(&u, NULL);
		put(&u, REED_DNS_ANSWER, cases[i].owner, cases[i].type, cases[i].klass,
		    cases[i].text);
		change(&u, "new", REED_DNS_TYPE_A, REED_DNS_CLASS_IN, "192.0.2.7");
		check_int(done(&u), cases[i].rcode);
		check_int(u.delta != NULL, cases[i].rcode == REED_DNS_RCODE_NOERROR);
		close_update(&u);
	}
}

static void a_policy_names_owners_and_types(void)
{
	struct reed_dns_name owner = name_of("dyn.example.org");
	uint16_t type = REED_DNS_TYPE_TXT;
	struct reed_dns_rule rule = { .actions = REED_DNS_MAY_UPDATE,
		                      .match = REED_DNS_OWNER_SUB,
		                      .owners = &owner,
		                      .owner_count = 1,
		                      .types = &type,
		                      .type_count = 1 };
	struct updating u;

	open_update(&u, &rule);
	change(&u, "x.dyn", REED_DNS_TYPE_TXT, REED_DNS_CLASS_IN, "a");
	check_int(done(&u), REED_DNS_RCODE_NOERROR);
	close_update(&u);
	open_update(&u, &rule);
	change(&u, "x.dyn", REED_DNS_TYPE_TXT, REED_DNS_CLASS_IN, "a");
	change(&u, "dyn", REED_DNS_TYPE_TXT, REED_DNS_CLASS_IN, "a");
	check_int(done(&u), REED_DNS_RCODE_REFUSED);
	check(!u.delta);
	close_update(&u);
	open_update(&u, &rule);
	change(&u, "x.dyn", REED_DNS_TYPE_ANY, REED_DNS_CLASS_ANY, NULL);
	check_int(done(&u), REED_DNS_RCODE_REFUSED);
	close_update(&u);
}

static void serials_follow_their_policy_and_always_rise(void)
{
	uint64_t now = 1763784000; /* 2025-11-22 */

	check_int(dns_serial_after(UINT32_MAX, REED_DNS_SERIAL_INCREMENT, now), 0);
	check_int(dns_serial_after(7, REED_DNS_SERIAL_UNIXTIME, now), 1763784000);
	check_int(dns_serial_after(1763784000, REED_DNS_SERIAL_UNIXTIME, now), 1763784001);
	check_int(dns_serial_after(2025112000, REED_DNS_SERIAL_DATE, now), 2025112200);
	check_int(dns_serial_after(2025112207, REED_DNS_SERIAL_DATE, now), 2025112208);
}

/* ---- the journal ---- */

static void write_at(const char *path, off_t at, const void *bytes, size_t n)
{
	int fd = open(path, O_WRONLY);

	check(fd >= 0 && pwrite(fd, bytes, n, at) == (ssize_t)n);
	close(fd);
}

static void a_journal_torn_anywhere_has_what_was_whole(void)
{
	char path[] = "/tmp/reed-journal-XXXXXX";
	struct reed_dns_zone *a = zone_of(one), *b = zone_of(two);
	struct dns_delta *there = dns_delta_between(a, b);
	struct dns_history h = { 0 }, again = { 0 };
	struct dns_journal j = { .path = path };
	size_t first;
	bool torn;

	close(mkstemp(path));
	check_int(dns_journal_open(&j, 1 << 20, &h, &torn), REED_OK);
	dns_history_add(&h, there);
	check_int(dns_journal_append(&j, &h), REED_OK);
	first = j.size;
	for (size_t n = 0; n <= first; n++) {
		check_int(truncate(path, (off_t)n), 0);
		check_int(dns_journal_open(&j, 1 << 20, &again, &torn), REED_OK);
		check_int(torn, n != first && n != 0 && n != 8);
		check_int(again.n, n == first);
		dns_history_finish(&again);
		check_int(dns_journal_rewrite(&j, &h), REED_OK);
	}
	write_at(path, (off_t)first - 1, "x", 1);
	check_int(dns_journal_open(&j, 1 << 20, &again, &torn), REED_OK);
	check(torn && again.n == 0);
	check_int(dns_journal_append(&j, &h), REED_OK); /* and goes on behind what is good */
	check_int(dns_journal_open(&j, 1 << 20, &again, &torn), REED_OK);
	check(!torn && again.n == 1);
	dns_history_finish(&again);
	dns_history_finish(&h);
	reed_dns_zone_release(a);
	reed_dns_zone_release(b);
	unlink(path);
}

int main(void)
{
	RUN(a_difference_leads_from_one_zone_to_the_other_and_back);
	RUN(changes_of_another_zone_are_refused);
	RUN(all_of_a_zone_comes_in_as_many_messages_as_it_takes);
	RUN(changes_come_one_after_another);
	RUN(nothing_new_is_one_record);
	RUN(what_is_no_transfer_of_this_zone_is_told);
	RUN(a_transfer_has_an_end);
	RUN(an_update_adds_and_takes_away_and_the_serial_rises);
	RUN(an_update_that_changes_nothing_leaves_the_serial);
	RUN(the_last_name_server_and_the_soa_record_stay);
	RUN(prerequisites_decide_and_all_of_it_or_nothing_is_done);
	RUN(a_policy_names_owners_and_types);
	RUN(serials_follow_their_policy_and_always_rise);
	RUN(a_journal_torn_anywhere_has_what_was_whole);
	return 0;
}
