/* Messages put together: RFC 1035 4, RFC 2181 9. */

#include "reed/dns/build.h"

#include "field.h"
#include "put.h"

enum { POINTER = 0xc000 };

static void begin(struct reed_dns_builder *b, size_t limit)
{
	memset(b, 0, sizeof(*b));
	b->limit = limit < REED_DNS_MESSAGE_MAX ? limit : REED_DNS_MESSAGE_MAX;
	if (limit < REED_DNS_HEADER_SIZE)
		b->err = REED_ETOOBIG;
}

void reed_dns_build(struct reed_dns_builder *b, void *p, size_t limit)
{
	begin(b, limit);
	b->p = p;
	b->room = b->limit;
}

void reed_dns_build_in(struct reed_dns_builder *b, struct reed_buf *buf, size_t limit, bool framed)
{
	begin(b, limit);
	b->buf = buf;
	b->framed = framed;
	b->before = reed_buf_held(buf);
	if (framed) {
		reed_buf_add(buf, REED_STR("\0\0"));
		b->before += 2;
	}
	if (buf->err)
		dns_build_fail(b, buf->err);
}

void reed_dns_build_header(struct reed_dns_builder *b, uint16_t id, uint16_t flags)
{
	uint8_t head[REED_DNS_HEADER_SIZE] = { 0 };

	if (b->err)
		return;
	dns_put16(head, id);
	dns_put16(head + 2, flags);
	b->truncated = flags & REED_DNS_TC;
	if (b->n || !dns_put(b, b->limit, head, sizeof(head)))
		dns_build_fail(b, b->n ? REED_EINVAL : REED_ETOOBIG);
}

void reed_dns_build_reserve(struct reed_dns_builder *b, size_t n)
{
	b->reserve += n;
	if (b->reserve > b->limit || b->n > b->limit - b->reserve)
		dns_build_fail(b, REED_ETOOBIG);
}

void reed_dns_build_question(struct reed_dns_builder *b, const struct reed_dns_name *name,
                             uint16_t type, uint16_t klass)
{
	size_t at, cap = b->limit - b->reserve;
	uint8_t tail[4];

	if (b->err)
		return;
	dns_put16(tail, type);
	dns_put16(tail + 2, klass);
	if (b->section != REED_DNS_QUESTION || b->n < REED_DNS_HEADER_SIZE)
		b->err = REED_EINVAL;
	else if (!dns_put_name(b, cap, name->wire, true, &at) || !dns_put(b, cap, tail, 4))
		b->err = REED_ETOOBIG;
	else
		b->counts[REED_DNS_QUESTION]++;
}

/* ---- records ---- */

static bool has_compressed(uint16_t type)
{
	const uint8_t *kinds = dns_fields(type);

	for (; kinds && *kinds; kinds++)
		if (*kinds == FIELD_NAME)
			return true;
	return false;
}

static bool put_rdata(struct reed_dns_builder *b, size_t cap, uint16_t type,
                      struct reed_slice rdata)
{
	struct walk w;
	struct field f;
	size_t at;
	enum reed_err err;

	if (!has_compressed(type) || !rdata.n)
		return dns_put(b, cap, rdata.p, rdata.n);
	dns_walk(&w, type, rdata, NULL);
	while (!(err = dns_walk_next(&w, &f)) && f.kind != FIELD_END) {
		if (f.kind == FIELD_NAME ? !dns_put_name(b, cap, f.p, true, &at)
		                         : !dns_put(b, cap, f.p, f.n))
			return false;
	}
	if (err)
		dns_build_fail(b, REED_EPROTO);
	return !err;
}

/* The owner, which those that follow in an RRset only point to. */
static bool put_owner(struct reed_dns_builder *b, size_t cap, const struct reed_dns_name *owner,
                      bool same)
{
	uint8_t pointer[2];
	size_t at = b->owner;

	if (!same || b->plain || b->owner >= 1 << 14 || owner->n < 2) {
		if (!dns_put_name(b, cap, owner->wire, true, &at))
			return false;
		b->owner = same ? b->owner : at;
		return true;
	}
	dns_put16(pointer, POINTER | (unsigned)b->owner);
	return dns_put(b, cap, pointer, 2);
}

struct head {
	const struct reed_dns_name *owner;
	uint16_t type, klass;
	uint32_t ttl;
};

static bool put_record(struct reed_dns_builder *b, size_t cap, const struct head *head, bool same,
                       struct reed_slice rdata)
{
	uint8_t tail[10] = { 0 };
	size_t at;

	dns_put16(tail, head->type);
	dns_put16(tail + 2, head->klass);
	dns_put32(tail + 4, head->ttl);
	if (!put_owner(b, cap, head->owner, same) || !dns_put(b, cap, tail, sizeof(tail)))
		return false;
	at = b->n;
	if (!put_rdata(b, cap, head->type, rdata))
		return false;
	dns_put16(b->p + at - 2, (unsigned)(b->n - at));
	return true;
}

/* The name at `at` is this one; it was written here. */
static bool owner_is(const struct reed_dns_builder *b, const struct reed_dns_name *owner)
{
	struct reed_dns_name name;
	size_t at = b->owner;

	return !reed_dns_name_read(reed_slice(b->p, b->n), &at, &name) &&
	       reed_dns_name_eq(&name, owner);
}

static bool same_rrset(const struct reed_dns_builder *b, enum reed_dns_section section,
                       const struct head *head)
{
	bool signs = head->type == REED_DNS_TYPE_RRSIG && b->type != REED_DNS_TYPE_RRSIG;

	return b->owner && b->section == section && (b->type == head->type || signs) &&
	       b->klass == head->klass && owner_is(b, head->owner);
}

static void begin_rrset(struct reed_dns_builder *b, enum reed_dns_section section,
                        const struct head *head)
{
	b->section = section;
	b->type = head->type;
	b->klass = head->klass;
	b->rrset = b->n;
	b->rrset_count = b->counts[section];
	b->owner = 0;
}

/* The whole RRset goes: RFC 2181 9.  What is additional may be missed, but for glue. */
static void leave_out(struct reed_dns_builder *b, const struct reed_dns_name *owner)
{
	dns_put_back(b, b->rrset);
	b->counts[b->section] = b->rrset_count;
	b->owner = 0;
	b->gone = reed_dns_name_hash(owner, 0) | 1;
	if (b->section == REED_DNS_ADDITIONAL && !b->needed)
		return;
	b->truncated = true;
	b->p[2] |= REED_DNS_TC >> 8;
}

/* Of an RRset that was left out the other records are not written either. */
static bool left_out(struct reed_dns_builder *b, enum reed_dns_section section,
                     const struct head *head)
{
	if (b->truncated || !b->gone)
		return b->truncated;
	if (b->section == section && b->klass == head->klass &&
	    (b->type == head->type || head->type == REED_DNS_TYPE_RRSIG) &&
	    b->gone == (reed_dns_name_hash(head->owner, 0) | 1))
		return true;
	b->gone = 0;
	return false;
}

static bool in_order(struct reed_dns_builder *b, enum reed_dns_section section)
{
	if (b->err)
		return false;
	if (section < b->section || section == REED_DNS_QUESTION || b->n < REED_DNS_HEADER_SIZE ||
	    b->counts[section] == UINT16_MAX)
		b->err = REED_EINVAL;
	return !b->err;
}

void reed_dns_build_record(struct reed_dns_builder *b, enum reed_dns_section section,
                           const struct reed_dns_name *owner, uint16_t type, uint16_t klass,
                           uint32_t ttl, struct reed_slice rdata)
{
	struct head head = { owner, type, klass, ttl };
	bool same;

	if (!in_order(b, section) || left_out(b, section, &head))
		return;
	same = same_rrset(b, section, &head);
	if (!same)
		begin_rrset(b, section, &head);
	if (put_record(b, b->limit - b->reserve, &head, same, rdata))
		b->counts[section]++;
	else if (!b->err)
		leave_out(b, owner);
}

void reed_dns_build_last(struct reed_dns_builder *b, const struct reed_dns_name *owner,
                         uint16_t type, uint16_t klass, uint32_t ttl, struct reed_slice rdata)
{
	struct head head = { owner, type, klass, ttl };

	if (!in_order(b, REED_DNS_ADDITIONAL))
		return;
	begin_rrset(b, REED_DNS_ADDITIONAL, &head);
	if (put_record(b, b->limit, &head, false, rdata))
		b->counts[REED_DNS_ADDITIONAL]++;
	else
		dns_build_fail(b, REED_ETOOBIG);
}

/* ---- the end ---- */

static void end_buf(struct reed_dns_builder *b)
{
	size_t frame = b->framed ? 2 : 0, held = b->before - frame;

	if (!b->err)
		held = b->before + b->n;
	b->buf->end = b->buf->begin + held;
	if (!b->err && b->framed)
		dns_put16(b->p - 2, (unsigned)b->n);
}

enum reed_err reed_dns_build_end(struct reed_dns_builder *b, struct reed_slice *message)
{
	if (!b->err && (b->n < REED_DNS_HEADER_SIZE || b->opt))
		b->err = REED_EINVAL;
	for (unsigned i = 0; i < REED_DNS_SECTIONS && !b->err; i++)
		dns_put16(b->p + 4 + 2 * i, b->counts[i]);
	if (b->buf)
		end_buf(b);
	*message = reed_slice(b->p, b->err ? 0 : b->n);
	return b->err;
}
