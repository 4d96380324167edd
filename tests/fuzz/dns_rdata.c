/*
 * Rdata: two bytes of type, then text, or wire form.  What is well-formed is the
 * same after text, also as bytes without meaning.
 */

#include "check.h"
#include "reed/dns/rdata.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t into[REED_DNS_RDATA_MAX + 1], folded[REED_DNS_RDATA_MAX + 1];

static void is_sound(uint16_t type, struct reed_slice rdata)
{
	struct reed_buf out = { 0 };
	struct reed_slice again;
	struct reed_dns_name name;
	struct reed_slice bitmap;
	static uint8_t room[REED_DNS_RDATA_MAX];

	check_int(reed_dns_rdata_check(type, rdata), REED_OK);
	reed_dns_rdata_print(type, rdata, &out);
	check_int(reed_dns_rdata_parse(type, reed_buf_slice(&out), NULL, room, sizeof(room), &again,
	                               NULL),
	          REED_OK);
	check(reed_slice_eq(rdata, again));
	reed_buf_finish(&out);
	reed_dns_rdata_canonical(type, rdata, folded);
	check_int(reed_dns_rdata_check(type, reed_slice(folded, rdata.n)), REED_OK);
	check_int(reed_dns_rdata_cmp(type, rdata, reed_slice(folded, rdata.n)), 0);
	(void)reed_dns_rdata_name(type, rdata, &name);
	if (!reed_dns_rdata_bitmap(type, rdata, &bitmap))
		(void)reed_dns_bitmap_has(bitmap, 257);
	(void)reed_dns_key_tag(rdata);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reed_dns_mistake mistake = { 0 };
	struct reed_slice text, rdata;
	struct reed_buf out = { 0 };
	uint16_t type;
	enum reed_err err;

	if (size < 2 || size > 20000)
		return 0;
	type = (uint16_t)(data[0] << 8 | data[1]);
	text = reed_slice(data + 2, size - 2);
	err = reed_dns_rdata_parse(type, text, NULL, into, REED_DNS_RDATA_MAX, &rdata, &mistake);
	if (!err) {
		is_sound(type, rdata);
	} else if (err == REED_ESYNTAX) {
		check(mistake.at <= text.n && (mistake.wanted || mistake.wrong));
		reed_dns_mistake_print(&mistake, &out);
		reed_buf_finish(&out);
	}
	if (!reed_dns_rdata_check(type, text))
		is_sound(type, text);
	return 0;
}
