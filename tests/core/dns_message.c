#include "dns_message.h"

#include <string.h>

#include "check.h"

void dns_u8(struct dns_message *m, unsigned x)
{
	check(m->n < sizeof(m->p));
	m->p[m->n++] = (unsigned char)x;
}

void dns_u16(struct dns_message *m, unsigned x)
{
	dns_u8(m, x >> 8 & 255);
	dns_u8(m, x & 255);
}

static void u32(struct dns_message *m, uint32_t x)
{
	dns_u16(m, x >> 16);
	dns_u16(m, x & 65535);
}

static void bytes(struct dns_message *m, struct reed_slice s)
{
	for (size_t i = 0; i < s.n; i++)
		dns_u8(m, (unsigned char)s.p[i]);
}

void dns_name(struct dns_message *m, const char *name)
{
	struct reed_slice rest = reed_slice_of(name);

	while (rest.n > 0) {
		struct reed_slice label = reed_slice_cut(&rest, '.');

		dns_u8(m, (unsigned)label.n);
		bytes(m, label);
	}
	dns_u8(m, 0);
}

void dns_begin(struct dns_message *m, unsigned id, unsigned flags)
{
	m->n = 0;
	memset(m->counts, 0, sizeof(m->counts));
	dns_u16(m, id);
	dns_u16(m, flags);
	for (int i = 0; i < 4; i++)
		dns_u16(m, 0);
}

void dns_question(struct dns_message *m, const char *name, int type)
{
	dns_name(m, name);
	dns_u16(m, (unsigned)type);
	dns_u16(m, 1);
	m->counts[0]++;
}

static void address(struct dns_message *m, const char *text, size_t n)
{
	struct reed_address a;

	check_int(reed_address_parse(reed_slice_of(text), 0, &a), REED_OK);
	bytes(m, reed_slice(a.ip, n));
}

static unsigned number(struct reed_slice *rest)
{
	uint64_t x = 0;

	check_int(reed_slice_u64(reed_slice_cut(rest, ' '), UINT32_MAX, &x), REED_OK);
	return (unsigned)x;
}

static void srv(struct dns_message *m, const char *data)
{
	struct reed_slice rest = reed_slice_of(data);

	for (int i = 0; i < 3; i++)
		dns_u16(m, number(&rest));
	dns_name(m, strcmp(rest.p, ".") == 0 ? "" : rest.p);
}

/* data is the minimum, RFC 2308 4. */
static void soa(struct dns_message *m, const char *data)
{
	struct reed_slice minimum = reed_slice_of(data);

	dns_name(m, "ns.example");
	dns_name(m, "root.example");
	for (int i = 0; i < 4; i++)
		u32(m, 1);
	u32(m, number(&minimum));
}

/* A bar parts the strings of a TXT record. */
static void txt(struct dns_message *m, const char *data)
{
	struct reed_slice rest = reed_slice_of(data);

	do {
		struct reed_slice part = reed_slice_cut(&rest, '|');

		dns_u8(m, (unsigned)part.n);
		bytes(m, part);
	} while (rest.n > 0);
}

static void data_of(struct dns_message *m, const struct dns_record *r)
{
	switch (r->type) {
	case REED_RECORD_A:
		address(m, r->data, 4);
		break;
	case REED_RECORD_AAAA:
		address(m, r->data, 16);
		break;
	case REED_RECORD_SRV:
		srv(m, r->data);
		break;
	case REED_RECORD_TXT:
		txt(m, r->data);
		break;
	case DNS_SOA:
		soa(m, r->data);
		break;
	default:
		dns_name(m, r->data);
	}
}

void dns_add(struct dns_message *m, int section, const struct dns_record *r)
{
	size_t length;

	dns_name(m, r->owner);
	dns_u16(m, (unsigned)r->type);
	dns_u16(m, 1);
	u32(m, r->ttl);
	length = m->n;
	dns_u16(m, 0);
	data_of(m, r);
	m->p[length] = (unsigned char)((m->n - length - 2) >> 8);
	m->p[length + 1] = (unsigned char)(m->n - length - 2);
	m->counts[section]++;
}

struct reed_slice dns_end(struct dns_message *m)
{
	for (int i = 0; i < 4; i++) {
		m->p[4 + i * 2] = (unsigned char)(m->counts[i] >> 8);
		m->p[5 + i * 2] = (unsigned char)m->counts[i];
	}
	return reed_slice(m->p, m->n);
}
