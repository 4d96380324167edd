/*
 * DANE (RFC 6698, 7671): what the server shows has to match a TLSA record that
 * the caller has looked up, and knows to be true.
 */

#include <string.h>

#include "tls_private.h"

/* "3 1 1 HEX": usage, selector, matching type, data. */
struct record {
	uint64_t usage, selector, matching;
	uint8_t data[REED_TLS_TLSA];
	size_t size;
};

static bool read_number(struct reed_slice *rest, uint64_t *out)
{
	*rest = reed_slice_trim(*rest);
	return !reed_slice_u64(reed_slice_cut(rest, ' '), 255, out);
}

/* RFC 6698 2.2: white space is allowed in the data. */
static bool read_data(struct reed_slice text, struct record *r)
{
	char digits[2 * REED_TLS_TLSA];
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == ' ')
			continue;
		if (n == sizeof(digits))
			return false;
		digits[n++] = text.p[i];
	}
	r->size = n / 2;
	return n > 0 && n % 2 == 0 && !reed_hex_decode(reed_slice(digits, n), r->data, r->size);
}

static bool read_record(struct reed_slice text, struct record *r)
{
	return read_number(&text, &r->usage) && read_number(&text, &r->selector) &&
	       read_number(&text, &r->matching) && read_data(text, r);
}

static enum reed_err malformed(struct reed_tls *self, struct reed_slice text, const char *why)
{
	return reed_tls_fail(self,
	                     reed_fault(REED_EINVAL, NULL, "\"" REED_FMT "\" is no TLSA record: %s",
	                                REED_ARG(reed_slice_first(text, 80)), why));
}

/* OpenSSL says with 0 that it is one for others, as RFC 7671 9 has it. */
static enum reed_err add(struct reed_tls *self, struct reed_slice text, size_t *usable)
{
	struct record r;
	int added;

	if (!read_record(text, &r))
		return malformed(self, text,
		                 "usage, selector, matching type and data in hexadecimal would be, "
		                 "as in 3 1 1 0123...");
	reed_tls_forget_errors();
	added = SSL_dane_tlsa_add(self->ssl, (uint8_t)r.usage, (uint8_t)r.selector,
	                          (uint8_t)r.matching, r.data, r.size);
	if (added < 0)
		return malformed(self, text, reed_x509_reason());
	*usable += added > 0;
	reed_tls_forget_errors();
	return REED_OK;
}

enum reed_err reed_tls_set_dane(struct reed_tls *self, const char *records)
{
	struct reed_slice rest = reed_slice_of(records), record;
	size_t count = 0, usable = 0;
	enum reed_err err = REED_OK;

	if (SSL_dane_enable(self->ssl, self->server) <= 0)
		return reed_tls_fail(self,
		                     reed_fault(REED_EINVAL, NULL, "DANE: %s", reed_x509_reason()));
	/* RFC 7671 5.1: of a DANE-EE record the key alone counts, not names and dates. */
	SSL_dane_set_flags(self->ssl, DANE_FLAG_NO_DANE_EE_NAMECHECKS);
	while (rest.n > 0 && !err) {
		record = reed_slice_trim(reed_slice_cut(&rest, ','));
		if (record.n > 0 && count++ == REED_TLS_RECORDS)
			return malformed(self, record, "there are too many");
		if (record.n > 0)
			err = add(self, record, &usable);
	}
	if (err || usable > 0)
		return err;
	return reed_tls_fail(self, reed_fault(REED_EINVAL, NULL,
	                                      "none of %zu TLSA records is of a kind that is known "
	                                      "here, so that the server cannot be verified by them",
	                                      count));
}
