/*
 * What changes a zone, from others: a journal, an update, the messages of a transfer.  Nothing
 * may break, and a zone that comes out of it is a zone.
 */

#include "check.h"
#include "reed/alloc.h"

#include "protocols/dns/access.h"
#include "protocols/dns/intake.h"
#include "protocols/dns/journal.h"
#include "protocols/dns/update.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char text[] = "$TTL 60\n@ SOA ns a 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\nw A 192.0.2.2\n"
			   "w A 192.0.2.3\nt TXT a\nc CNAME w\n";

static struct reed_dns_name name;

static struct reed_dns_zone *make(void)
{
	struct reed_dns_zone *zone;

	check_int(reed_dns_name_parse(REED_STR("z"), NULL, &name), REED_OK);
	check_int(reed_dns_zone_parse(reed_slice_of(text), "zone", &name, &zone, NULL), REED_OK);
	return zone;
}

static void apply(const struct reed_dns_zone *zone, const struct dns_history *h)
{
	struct reed_dns_zone *after;
	struct dns_delta *there;

	if (!h->n || dns_delta_apply(zone, h->all, h->n, &after, NULL))
		return;
	there = dns_delta_between(zone, after);
	check_int(there->to, after->serial);
	dns_delta_release(there);
	reed_dns_zone_release(after);
}

static void read_journal(const struct reed_dns_zone *zone, struct reed_slice bytes)
{
	struct dns_history h = { 0 };

	check(dns_journal_parse(bytes, &h) <= bytes.n);
	apply(zone, &h);
	dns_history_finish(&h);
}

static void read_update(const struct reed_dns_zone *zone, struct reed_slice bytes)
{
	static const struct reed_dns_rule rule = { .actions = REED_DNS_MAY_UPDATE };
	struct dns_rules *rules = dns_rules_new(&rule, 1);
	struct dns_update update = { .message = bytes, .rules = rules };
	struct dns_history h = { 0 };
	struct dns_delta *delta;

	dns_update_all(zone, &update, 1, REED_DNS_SERIAL_INCREMENT, 0, &delta);
	if (delta) {
		check(reed_dns_serial_newer(delta->to, delta->from));
		dns_history_add(&h, delta);
		apply(zone, &h);
	}
	dns_history_finish(&h);
	dns_rules_release(rules);
}

/* Each message has its size in front. */
static void read_transfer(const struct reed_dns_zone *zone, struct reed_slice rest, bool ixfr)
{
	struct dns_intake intake;
	struct reed_dns_message m;
	enum reed_err err = REED_EAGAIN;
	struct reed_fault *fault = NULL;
	uint32_t serial = 1;

	dns_intake_begin(&intake, &name, 0, ixfr ? &serial : NULL, 1 << 16);
	while (rest.n > 2 && err == REED_EAGAIN) {
		size_t n = dns_get16((const uint8_t *)rest.p);
		struct reed_slice bytes = reed_slice_first(reed_slice_from(rest, 2), n);

		rest = reed_slice_from(rest, 2 + n);
		if (reed_dns_message_parse(bytes, &m))
			break;
		m.id = 0;
		err = dns_intake_take(&intake, &m, &fault);
		check(!fault == (err == REED_OK || err == REED_EAGAIN));
		reed_fault_free(fault);
		fault = NULL;
	}
	if (!err)
		apply(zone, &intake.changes);
	dns_intake_finish(&intake);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct reed_dns_zone *zone; /* the fuzzer's process is where it ends */
	struct reed_slice rest;

	if (size < 1)
		return 0;
	if (!zone)
		zone = make();
	rest = reed_slice(data + 1, size - 1);
	if (data[0] % 4 == 0)
		read_journal(zone, rest);
	else if (data[0] % 4 == 1)
		read_update(zone, rest);
	else
		read_transfer(zone, rest, data[0] % 4 == 2);
	return 0;
}
