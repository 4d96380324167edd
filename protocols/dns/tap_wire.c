/* Frame Streams (github.com/farsightsec/fstrm) and the messages of dnstap.proto, written by hand. */

#include "tap.h"

#include "field.h"

static const struct reed_slice content = { "protobuf:dnstap.Dnstap", 22 };

enum {
	CONTENT_TYPE = 1, /* a field of control frames */
	HEAD = 160,       /* of all of a message but the DNS message in it */
	VARINT = 10,
	TYPE_MESSAGE = 1,
	/* how a field of protobuf is written */
	NUMBER = 0,
	BYTES = 2,
	FIXED = 5,
};

static void put32(struct reed_buf *out, uint32_t value)
{
	uint8_t p[4];

	dns_put32(p, value);
	reed_buf_add(out, reed_slice(p, sizeof(p)));
}

/* ---- control frames ---- */

void dns_tap_put_control(struct reed_buf *out, enum dns_control type)
{
	bool told = type == DNS_TAP_READY || type == DNS_TAP_START;

	put32(out, 0);
	put32(out, told ? 12 + (uint32_t)content.n : 4);
	put32(out, type);
	if (!told)
		return;
	put32(out, CONTENT_TYPE);
	put32(out, (uint32_t)content.n);
	reed_buf_add(out, content);
}

/* Without any field everything will do; with some ours is among them. */
static bool is_ours(const uint8_t *p, size_t n)
{
	bool found = n == 0;

	while (n >= 8) {
		uint32_t size = dns_get32(p + 4);

		if (size > n - 8)
			return false;
		found |= dns_get32(p) == CONTENT_TYPE &&
		         reed_slice_eq(reed_slice(p + 8, size), content);
		p += 8 + size;
		n -= 8 + size;
	}
	return found && n == 0;
}

enum reed_err dns_tap_read_control(struct reed_slice bytes, enum dns_control *type, size_t *n)
{
	const uint8_t *p = (const uint8_t *)bytes.p;
	uint32_t size, number;

	if (bytes.n >= 4 && dns_get32(p))
		return REED_EPROTO; /* nobody sends us data */
	if (bytes.n < 8)
		return REED_EAGAIN;
	size = dns_get32(p + 4);
	if (size < 4 || size > DNS_TAP_CONTROL_MOST)
		return REED_EPROTO;
	if (bytes.n - 8 < size)
		return REED_EAGAIN;
	number = dns_get32(p + 8);
	if (number < DNS_TAP_ACCEPT || number > DNS_TAP_FINISH || !is_ours(p + 12, size - 4))
		return REED_EPROTO;
	*type = (enum dns_control)number;
	*n = 8 + size;
	return REED_OK;
}

/* ---- protobuf ---- */

static uint8_t *put_number(uint8_t *p, uint64_t value)
{
	for (; value > 127; value >>= 7)
		*p++ = (uint8_t)(value | 128);
	*p++ = (uint8_t)value;
	return p;
}

static uint8_t *put_tag(uint8_t *p, unsigned field, unsigned how)
{
	return put_number(p, field << 3 | how);
}

static uint8_t *put_field(uint8_t *p, unsigned field, uint64_t value)
{
	return put_number(put_tag(p, field, NUMBER), value);
}

static uint8_t *put_head(uint8_t *p, unsigned field, size_t n)
{
	return put_number(put_tag(p, field, BYTES), n);
}

static uint8_t *put_address(uint8_t *p, const struct reed_address *a, unsigned address,
                            unsigned port)
{
	size_t n = a && a->family == REED_FAMILY_IPV4   ? 4
	           : a && a->family == REED_FAMILY_IPV6 ? 16
	                                                : 0;

	if (!n)
		return p;
	p = put_head(p, address, n);
	memcpy(p, a->ip, n);
	return put_field(p + n, port, a->port);
}

static unsigned family_of(const struct reed_dns_tap_event *e)
{
	const struct reed_address *a = e->asks ? e->asks : e->answers;

	return a && a->family == REED_FAMILY_IPV6 ? 2 : 1;
}

/* dnstap.proto, message Message, in the order of its numbers; without the DNS message. */
static uint8_t *put_message(uint8_t *p, const struct reed_dns_tap_event *e, int64_t wall)
{
	unsigned time = e->is_answer ? 12 : 8;
	uint32_t ns = (uint32_t)(wall % 1000000000);

	p = put_field(p, 1, (uint64_t)e->kind + e->is_answer);
	p = put_field(p, 2, family_of(e));
	p = put_field(p, 3, e->protocol);
	p = put_address(p, e->asks, 4, 6);
	p = put_address(p, e->answers, 5, 7);
	p = put_field(p, time, (uint64_t)(wall / 1000000000));
	p = put_tag(p, time + 1, FIXED);
	for (unsigned i = 0; i < 4; i++) /* least first */
		*p++ = (uint8_t)(ns >> 8 * i);
	return put_head(p, e->is_answer ? 14 : 10, e->message.n);
}

size_t dns_tap_size(const struct dns_tap_writer *w, size_t n)
{
	return 4 + 2 * VARINT + w->identity.n + w->version.n + HEAD + n;
}

static void add(struct reed_buf *out, const uint8_t *from, const uint8_t *to)
{
	reed_buf_add(out, reed_slice(from, (size_t)(to - from)));
}

void dns_tap_put(struct reed_buf *out, const struct dns_tap_writer *w,
                 const struct reed_dns_tap_event *e)
{
	uint8_t inner[HEAD], outer[2 * VARINT], *inner_end = put_message(inner, e, w->wall);
	size_t n = (size_t)(inner_end - inner) + e->message.n, begin = reed_buf_held(out);

	put32(out, 0);
	if (w->identity.n) {
		add(out, outer, put_head(outer, 1, w->identity.n));
		reed_buf_add(out, w->identity);
	}
	if (w->version.n) {
		add(out, outer, put_head(outer, 2, w->version.n));
		reed_buf_add(out, w->version);
	}
	add(out, outer, put_head(outer, 14, n));
	add(out, inner, inner_end);
	reed_buf_add(out, e->message);
	add(out, outer, put_field(outer, 15, TYPE_MESSAGE));
	dns_put32((uint8_t *)out->p + out->begin + begin,
	          (uint32_t)(reed_buf_held(out) - begin - 4));
}
