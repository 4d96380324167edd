/*
 * A zone file, whose first byte is the size of the pieces it is fed in.  Pieces or
 * not, it has the same records and mistakes; what is printed is read as the same.
 */

#include "check.h"
#include "reed/dns/zone.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { OUTPUT = 1 << 20 };

static const struct reed_dns_scanner_options options = {
	REED_DNS_SCANNER_OPTIONS,
	.generated = 50,
	.includes = 2,
	.entry = 1 << 16,
};

static void read_again(const struct reed_dns_zone_record *r)
{
	struct reed_dns_scanner *s = reed_dns_scanner_new(NULL);
	struct reed_dns_zone_record got;
	struct reed_buf line = { 0 };

	reed_dns_print_record(r->owner, r->ttl, r->klass, r->type, r->rdata, &line);
	check_int(reed_dns_scanner_feed(s, reed_buf_slice(&line)), REED_OK);
	reed_dns_scanner_finish(s);
	check_int(reed_dns_scanner_next(s, &got), REED_OK);
	check(reed_slice_eq(got.rdata, r->rdata));
	check(reed_dns_name_eq(got.owner, r->owner));
	check_int(got.ttl, r->ttl);
	reed_buf_finish(&line);
	reed_dns_scanner_free(s);
}

static void scan(struct reed_dns_scanner *s, struct reed_buf *out, bool again)
{
	struct reed_dns_zone_record r;
	enum reed_err err;

	for (;;) {
		err = reed_dns_scanner_next(s, &r);
		if (err == REED_EAGAIN && reed_dns_scanner_wants(s)) {
			reed_dns_scanner_refuse(s, "not here");
			continue;
		}
		if (err == REED_OK) {
			reed_dns_print_record(r.owner, r.ttl, r.klass, r.type, r.rdata, out);
			if (again)
				read_again(&r);
		} else if (err == REED_ESYNTAX) {
			reed_buf_add_str(out, reed_dns_scanner_why(s));
		} else {
			return;
		}
		reed_buf_add_char(out, '\n');
	}
}

static void whole(struct reed_slice text, size_t piece, struct reed_buf *out)
{
	struct reed_dns_scanner *s = reed_dns_scanner_new(&options);

	reed_buf_init(out, OUTPUT);
	for (; text.n; text = reed_slice_from(text, piece)) {
		check_int(reed_dns_scanner_feed(s, reed_slice_first(text, piece)), REED_OK);
		scan(s, out, piece > 255);
	}
	reed_dns_scanner_finish(s);
	scan(s, out, piece > 255);
	reed_dns_scanner_free(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reed_buf one, two;

	if (size < 1 || size > 4096)
		return 0;
	whole(reed_slice(data + 1, size - 1), SIZE_MAX, &one);
	whole(reed_slice(data + 1, size - 1), data[0] ? data[0] : 1, &two);
	check_int(one.err, two.err);
	check(one.err || reed_slice_eq(reed_buf_slice(&one), reed_buf_slice(&two)));
	reed_buf_finish(&one);
	reed_buf_finish(&two);
	return 0;
}
