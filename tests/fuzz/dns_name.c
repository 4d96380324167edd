/* Names as text and on the wire: what is one comes back as it was, and equals itself. */

#include "check.h"
#include "reed/dns/name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void is_sound(const struct reed_dns_name *name)
{
	struct reed_dns_name again, low = *name;
	char text[REED_DNS_NAME_TEXT_SIZE];
	struct reed_slice s = reed_dns_name_format(name, text);

	check(s.n < sizeof(text) && text[s.n] == '\0');
	check_int(reed_dns_name_parse(s, NULL, &again), REED_OK);
	check(reed_slice_eq(reed_dns_name_wire(name), reed_dns_name_wire(&again)));
	check_int(again.labels, name->labels);
	check_int(reed_dns_name_take(reed_dns_name_wire(name), &again), REED_OK);
	check_int(again.labels, name->labels);
	reed_dns_name_lower(&low);
	check(reed_dns_name_eq(name, &low));
	check_int(reed_dns_name_cmp(name, &low), 0);
	check(reed_dns_name_hash(name, 1) == reed_dns_name_hash(&low, 1));
	for (unsigned i = 0; i <= name->labels; i++) {
		reed_dns_name_suffix(name, i, &again);
		check(reed_dns_name_is_under(name, &again));
		check_int(reed_dns_name_common(name, &again), i);
		check(reed_dns_name_cmp(name, &again) >= 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reed_slice all = { (const char *)data, size };
	struct reed_dns_name name, other, made;
	size_t at = 0, skipped = 0;
	enum reed_err err;

	if (!reed_dns_name_parse(all, NULL, &name))
		is_sound(&name);
	if (!reed_dns_name_read(all, &at, &name)) {
		is_sound(&name);
		check_int(reed_dns_name_skip(all, &skipped), REED_OK);
		check_int(at, skipped);
		if (!reed_dns_name_parse(reed_slice_from(all, at), &name, &other)) {
			is_sound(&other);
			err = reed_dns_name_replace(&other, &name, &other, &made);
			if (!err)
				is_sound(&made);
		}
	}
	return 0;
}
