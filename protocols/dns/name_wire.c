/* Names in messages: RFC 1035 4.1.4. */

#include "reed/dns/name.h"

enum { POINTER = 0xc0 };

struct reading {
	const uint8_t *p;
	size_t n, at;
	size_t behind;  /* where the name ends at its first place; 0: still there */
	size_t barrier; /* pointers lead before this */
	unsigned followed;
};

static enum reed_err follow(struct reading *r)
{
	size_t to;

	if (r->at + 2 > r->n)
		return REED_EPROTO;
	to = (r->p[r->at] & 0x3fU) << 8 | r->p[r->at + 1];
	if (!r->behind)
		r->behind = r->at + 2;
	/*
	 * Only ever further back, so that there is an end to it; and soon, or a message
	 * of nothing but pointers would cost the square of its size.
	 */
	if (to >= r->barrier || ++r->followed > REED_DNS_LABELS_MAX)
		return REED_EPROTO;
	r->at = r->barrier = to;
	return REED_OK;
}

static enum reed_err read_label(struct reading *r, struct reed_dns_name *name)
{
	unsigned n = r->p[r->at];

	/* 0x40 and 0x80 begin nothing that is in use (RFC 6891 5). */
	if (n > REED_DNS_LABEL_MAX || r->at + n + 1 > r->n)
		return REED_EPROTO;
	if (name->n + n + 2 > REED_DNS_NAME_MAX)
		return REED_EPROTO;
	memcpy(name->wire + name->n, r->p + r->at, n + 1);
	name->n += (uint8_t)(n + 1);
	name->labels++;
	r->at += n + 1;
	return REED_OK;
}

enum reed_err reed_dns_name_read(struct reed_slice message, size_t *at, struct reed_dns_name *name)
{
	struct reading r = { (const uint8_t *)message.p, message.n, *at, 0, *at, 0 };
	enum reed_err err = REED_OK;

	name->n = name->labels = 0;
	while (!err && r.at < r.n && r.p[r.at])
		err = r.p[r.at] >= POINTER ? follow(&r) : read_label(&r, name);
	if (err || r.at >= r.n)
		return REED_EPROTO;
	name->wire[name->n++] = 0;
	*at = r.behind ? r.behind : r.at + 1;
	return REED_OK;
}

enum reed_err reed_dns_name_skip(struct reed_slice message, size_t *at)
{
	const uint8_t *p = (const uint8_t *)message.p;
	size_t i = *at;

	while (i < message.n && p[i] && p[i] <= REED_DNS_LABEL_MAX)
		i += p[i] + 1U;
	if (i >= message.n || (p[i] && p[i] < POINTER))
		return REED_EPROTO;
	i += p[i] ? 2 : 1;
	if (i > message.n || i - *at > REED_DNS_NAME_MAX + 1)
		return REED_EPROTO;
	*at = i;
	return REED_OK;
}

enum reed_err reed_dns_name_take(struct reed_slice bytes, struct reed_dns_name *name)
{
	struct reading r = { (const uint8_t *)bytes.p, bytes.n, 0, 0, 0, 0 };

	name->n = name->labels = 0;
	while (r.at < r.n && r.p[r.at])
		if (read_label(&r, name))
			return REED_EPROTO;
	if (r.at >= r.n)
		return REED_EPROTO;
	name->wire[name->n++] = 0;
	return REED_OK;
}
