/* What is done with rdata on the wire. */

#include "field.h"
#include "lower.h"

enum reed_err reed_dns_rdata_check(uint16_t type, struct reed_slice rdata)
{
	struct walk w;
	struct field f;
	enum reed_err err;

	if (rdata.n > REED_DNS_RDATA_MAX)
		return REED_EPROTO;
	dns_walk(&w, type, rdata, NULL);
	if (!w.kinds)
		return REED_OK;
	do
		err = dns_walk_next(&w, &f);
	while (!err && f.kind != FIELD_END);
	return err;
}

/* Whether anything in it could be compressed, or is folded. */
static bool has_names(const uint8_t *kinds, enum field_kind last)
{
	for (; kinds && *kinds; kinds++)
		if (*kinds >= FIELD_NAME && *kinds <= last)
			return true;
	return false;
}

struct expansion {
	struct reed_slice message;
	uint8_t *into;
	size_t n, room;
};

static enum reed_err add(struct expansion *e, const void *p, size_t n)
{
	if (n > e->room - e->n)
		return REED_ETOOBIG;
	memcpy(e->into + e->n, p, n);
	e->n += n;
	return REED_OK;
}

static enum reed_err expand(struct expansion *e, const struct field *f)
{
	size_t at = (size_t)((const char *)f->p - e->message.p);
	struct reed_dns_name name;

	if (!dns_field_is_name(f->kind))
		return add(e, f->p, f->n);
	if (reed_dns_name_read(e->message, &at, &name))
		return REED_EPROTO;
	return add(e, name.wire, name.n);
}

static enum reed_err expand_all(uint16_t type, struct reed_slice rdata, struct expansion *e)
{
	struct walk w;
	struct field f;
	enum reed_err err;

	dns_walk(&w, type, rdata, (const uint8_t *)e->message.p);
	do {
		err = dns_walk_next(&w, &f);
		if (!err)
			err = expand(e, &f);
	} while (!err && f.kind != FIELD_END);
	return !err && e->n > REED_DNS_RDATA_MAX ? REED_EPROTO : err;
}

enum reed_err reed_dns_rdata_read(uint16_t type, struct reed_slice message, size_t at, size_t n,
                                  void *into, size_t room, struct reed_slice *rdata)
{
	struct expansion e = { message, into, 0, room };
	enum reed_err err;

	if (at > message.n || n > message.n - at)
		return REED_EPROTO;
	*rdata = reed_slice(message.p + at, n);
	/* Most records have nothing compressed, or nothing that could be. */
	err = reed_dns_rdata_check(type, *rdata);
	if (!err || !has_names(dns_fields(type), FIELD_NAME_EXPAND))
		return err;
	err = expand_all(type, *rdata, &e);
	*rdata = reed_slice(into, e.n);
	return err;
}

void reed_dns_rdata_canonical(uint16_t type, struct reed_slice rdata, void *into)
{
	const uint8_t *from = (const uint8_t *)rdata.p;
	uint8_t *to = into;
	struct walk w;
	struct field f;

	memmove(to, from, rdata.n);
	dns_walk(&w, type, reed_slice(to, rdata.n), NULL);
	if (!has_names(w.kinds, FIELD_NAME_FOLD))
		return;
	while (!dns_walk_next(&w, &f) && f.kind != FIELD_END)
		if (dns_field_is_name(f.kind) && f.kind != FIELD_NAME_AS_IS)
			lower_copy(to + (f.p - to), f.p, f.n);
}

static int order_of(int order, size_t a, size_t b)
{
	return order ? order : (a > b) - (a < b);
}

static int bytes_cmp(const uint8_t *a, size_t a_n, const uint8_t *b, size_t b_n, bool fold)
{
	size_t n = a_n < b_n ? a_n : b_n;

	if (!n)
		return order_of(0, a_n, b_n);
	return order_of(fold ? lower_cmp(a, b, n) : memcmp(a, b, n), a_n, b_n);
}

/*
 * Field by field: two that are equal have the same length, and of two that are
 * not, neither begins with the other unless both go to the end.
 */
int reed_dns_rdata_cmp(uint16_t type, struct reed_slice a, struct reed_slice b)
{
	struct walk in_a, in_b;
	struct field f, g;
	int order = 0;

	dns_walk(&in_a, type, a, NULL);
	dns_walk(&in_b, type, b, NULL);
	if (!has_names(in_a.kinds, FIELD_NAME_FOLD))
		return bytes_cmp(in_a.p, a.n, in_b.p, b.n, false);
	while (!order) {
		const uint8_t *rest_a = in_a.p, *rest_b = in_b.p;

		if (dns_walk_next(&in_a, &f) || dns_walk_next(&in_b, &g))
			return bytes_cmp(rest_a, (size_t)(in_a.end - rest_a), rest_b,
			                 (size_t)(in_b.end - rest_b), false);
		if (f.kind == FIELD_END)
			return 0;
		order = bytes_cmp(f.p, f.n, g.p, g.n,
		                  dns_field_is_name(f.kind) && f.kind != FIELD_NAME_AS_IS);
	}
	return order;
}

enum reed_err reed_dns_rdata_name(uint16_t type, struct reed_slice rdata,
                                  struct reed_dns_name *name)
{
	struct walk w;
	struct field f;

	dns_walk(&w, type, rdata, NULL);
	if (!has_names(w.kinds, FIELD_NAME_AS_IS))
		return REED_ENOENT;
	while (!dns_walk_next(&w, &f) && f.kind != FIELD_END)
		if (dns_field_is_name(f.kind))
			return reed_dns_name_take(reed_slice(f.p, f.n), name);
	return REED_EPROTO;
}

/* ---- bitmaps: RFC 4034 4.1.2 ---- */

bool dns_bitmap_ok(const uint8_t *p, size_t n)
{
	int before = -1;

	while (n) {
		/* Windows in order, none empty, no zero byte at the end of one. */
		if (n < 3 || p[0] <= before || p[1] == 0 || p[1] > 32 || n < 2U + p[1])
			return false;
		if (p[1 + p[1]] == 0)
			return false;
		before = p[0];
		n -= 2U + p[1];
		p += 2U + p[1];
	}
	return true;
}

bool reed_dns_bitmap_has(struct reed_slice bitmap, uint16_t type)
{
	const uint8_t *p = (const uint8_t *)bitmap.p, *end = p + bitmap.n;
	unsigned at = (type & 255) / 8;

	for (; end - p >= 2 && end - p >= 2 + p[1]; p += 2 + p[1])
		if (p[0] == type >> 8)
			return at < p[1] && (p[2 + at] & 0x80 >> (type & 7));
	return false;
}

enum reed_err reed_dns_rdata_bitmap(uint16_t type, struct reed_slice rdata,
                                    struct reed_slice *bitmap)
{
	struct walk w;
	struct field f;

	dns_walk(&w, type, rdata, NULL);
	while (w.kinds && !dns_walk_next(&w, &f) && f.kind != FIELD_END) {
		if (f.kind == FIELD_TYPES) {
			*bitmap = reed_slice(f.p, f.n);
			return REED_OK;
		}
	}
	return REED_ENOENT;
}

uint16_t reed_dns_key_tag(struct reed_slice rdata)
{
	const uint8_t *p = (const uint8_t *)rdata.p;
	uint32_t sum = 0;

	/* RFC 4034 B.1: RSA/MD5 takes bits of the modulus instead. */
	if (rdata.n >= 7 && p[3] == 1)
		return (uint16_t)dns_get16(p + rdata.n - 3);
	for (size_t i = 0; i < rdata.n; i++)
		sum += i & 1 ? p[i] : (uint32_t)p[i] << 8;
	return (uint16_t)(sum + (sum >> 16));
}
