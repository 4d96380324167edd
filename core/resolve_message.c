/*
 * What a DNS message says of one name (RFC 1035 4).  Pure: bytes in, an answer
 * out.  Aliases are followed inside the message; that is where a recursive
 * server puts all of them.
 */

#include <stdio.h>

#include "resolve_private.h"

enum {
	TYPE_CNAME = 5,
	TYPE_SOA = 6,
	CLASS_IN = 1,
	RCODE_NXDOMAIN = 3,
	ALIASES_MAX = 16,
	LOOKED_AT_MAX = 1024, /* records of a message */
	TEXTS_MAX = 128 << 10,
};

/* Reading past the end gives zeros, and is not forgotten. */
struct reader {
	const unsigned char *p;
	size_t n, at;
	bool broken;
};

static unsigned u8(struct reader *r)
{
	if (r->at < r->n)
		return r->p[r->at++];
	r->broken = true;
	return 0;
}

static unsigned u16(struct reader *r)
{
	unsigned high = u8(r);

	return high << 8 | u8(r);
}

static uint32_t u32(struct reader *r)
{
	uint32_t high = u16(r);

	return high << 16 | u16(r);
}

static void skip(struct reader *r, size_t n)
{
	if (n > r->n - r->at) {
		r->broken = true;
		n = r->n - r->at;
	}
	r->at += n;
}

/* ---- names ---- */

enum { NAME_WIRE = 255, NAME_TEXT = NAME_WIRE * 4 + 1, JUMPS_MAX = NAME_WIRE / 2 };

/* Small letters; what a host name cannot have is written \DDD (RFC 1035 5.1). */
static char *put(char *out, unsigned c)
{
	if (c >= 'A' && c <= 'Z')
		c += 'a' - 'A';
	if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_') {
		*out++ = (char)c;
		return out;
	}
	*out++ = '\\';
	*out++ = (char)('0' + c / 100);
	*out++ = (char)('0' + c / 10 % 10);
	*out++ = (char)('0' + c % 10);
	return out;
}

/* RFC 1035 4.1.4: a pointer leads back, so that it cannot lead round. */
static bool jump(struct reader *r, unsigned high, size_t *lowest)
{
	size_t to = (size_t)(high & 0x3f) << 8 | u8(r);

	if (to >= *lowest)
		return false;
	*lowest = to;
	r->at = to;
	return true;
}

/* text: without a dot at its end; empty for the root. */
static void read_name(struct reader *r, char text[NAME_TEXT])
{
	size_t lowest = r->at, after = 0, wire = 1;
	int jumps = 0;
	char *out = text;
	unsigned n;

	while ((n = u8(r)) > 0) {
		if ((n & 0xc0) == 0xc0) {
			after = after ? after : r->at + 1;
			if (!jump(r, n, &lowest) || jumps++ == JUMPS_MAX) {
				r->broken = true;
				break;
			}
			continue;
		}
		wire += n + 1;
		if (n & 0xc0 || wire > NAME_WIRE || n > r->n - r->at) {
			r->broken = true;
			break;
		}
		if (out > text)
			*out++ = '.';
		while (n-- > 0)
			out = put(out, u8(r));
	}
	*out = '\0';
	if (after && !r->broken)
		r->at = after;
}

/* ---- records ---- */

struct rr {
	char owner[NAME_TEXT];
	unsigned type, class;
	uint32_t ttl;
	struct reader data; /* the whole message, cut off behind the record */
};

static bool read_rr(struct reader *r, struct rr *rr)
{
	unsigned n;

	read_name(r, rr->owner);
	rr->type = u16(r);
	rr->class = u16(r);
	rr->ttl = u32(r);
	if (rr->ttl > INT32_MAX) /* RFC 2181 8 */
		rr->ttl = 0;
	n = u16(r);
	rr->data = *r;
	skip(r, n);
	rr->data.n = r->at;
	return !r->broken;
}

static void keep_for(struct reed_answer *a, uint32_t ttl)
{
	a->ttl = ttl < a->ttl ? ttl : a->ttl;
}

static void take_address(struct reader *r, enum reed_family family, size_t n,
                         struct reed_record *record)
{
	record->address.family = family;
	for (size_t i = 0; i < n; i++)
		record->address.ip[i] = (unsigned char)u8(r);
}

/* RFC 1035 3.3.14: strings, each behind its length. */
static size_t take_texts(struct reader *r, char *text)
{
	size_t n = 0;

	while (r->at < r->n && !r->broken)
		for (unsigned left = u8(r); left > 0 && !r->broken; left--)
			text[n++] = (char)u8(r);
	return n;
}

static enum reed_err take_record(struct rr *rr, enum reed_record_type type, struct reed_answer *a)
{
	struct reed_record record = { .text = REED_STR("") };
	struct reader *r = &rr->data;
	char name[NAME_TEXT], *text = NULL;
	enum reed_err err;

	switch (type) {
	case REED_RECORD_A:
		take_address(r, REED_FAMILY_IPV4, 4, &record);
		break;
	case REED_RECORD_AAAA:
		take_address(r, REED_FAMILY_IPV6, 16, &record);
		break;
	case REED_RECORD_SRV:
		record.priority = (uint16_t)u16(r);
		record.weight = (uint16_t)u16(r);
		record.port = (uint16_t)u16(r);
		read_name(r, name);
		record.text = reed_slice_of(name);
		break;
	case REED_RECORD_PTR:
		read_name(r, name);
		record.text = reed_slice_of(name);
		break;
	case REED_RECORD_TXT:
		text = reed_alloc_raw(r->n - r->at + 1);
		record.text = reed_slice(text, take_texts(r, text));
		break;
	}
	if (r->at != r->n)
		r->broken = true;
	keep_for(a, rr->ttl);
	err = r->broken ? REED_EPROTO : reed_answer_add(a, &record);
	reed_free(text);
	return err;
}

/* ---- sections ---- */

/*
 * One pass over the answers: what this name has of this type, or else where it
 * leads, in name; *leads tells.
 */
static enum reed_err look_for(struct reader r, unsigned count, char *name,
                              enum reed_record_type type, struct reed_answer *a, bool *leads)
{
	char next[NAME_TEXT];
	enum reed_err err = REED_OK;
	struct rr rr;

	*leads = false;
	while (count-- > 0 && !err) {
		if (!read_rr(&r, &rr))
			return REED_EPROTO;
		if (rr.class != CLASS_IN || strcmp(rr.owner, name) != 0)
			continue;
		if (rr.type == (unsigned)type) {
			err = take_record(&rr, type, a);
		} else if (rr.type == TYPE_CNAME && !*leads) {
			*leads = true;
			keep_for(a, rr.ttl);
			read_name(&rr.data, next);
			err = rr.data.broken ? REED_EPROTO : REED_OK;
		}
	}
	*leads = *leads && a->count == 0;
	if (*leads && !err)
		memcpy(name, next, NAME_TEXT);
	return err;
}

static enum reed_err follow(struct reader r, unsigned count, const char *asked,
                            enum reed_record_type type, struct reed_answer *a)
{
	char name[NAME_TEXT];
	bool leads;

	snprintf(name, sizeof(name), "%s", asked);
	for (int i = 0; i < ALIASES_MAX; i++) {
		enum reed_err err = look_for(r, count, name, type, a, &leads);

		if (err || !leads)
			return err;
	}
	return REED_EPROTO;
}

/* RFC 2308 5: how long it stays true is the lesser of two numbers; without them it is not kept. */
static enum reed_err read_absence(struct reader r, unsigned count, struct reed_answer *a)
{
	char name[NAME_TEXT];
	struct rr rr;

	while (count-- > 0) {
		if (!read_rr(&r, &rr))
			return REED_EPROTO;
		if (rr.type != TYPE_SOA || rr.class != CLASS_IN)
			continue;
		read_name(&rr.data, name);
		read_name(&rr.data, name);
		skip(&rr.data, 16); /* serial, refresh, retry, expire */
		keep_for(a, rr.ttl);
		keep_for(a, u32(&rr.data));
		return rr.data.broken ? REED_EPROTO : REED_OK;
	}
	a->ttl = 0;
	return REED_OK;
}

static enum reed_err skip_questions(struct reader *r, unsigned count)
{
	char name[NAME_TEXT];

	while (count-- > 0 && !r->broken) {
		read_name(r, name);
		skip(r, 4);
	}
	return r->broken ? REED_EPROTO : REED_OK;
}

static enum reed_err skip_records(struct reader *r, unsigned count)
{
	struct rr rr;

	while (count-- > 0)
		if (!read_rr(r, &rr))
			return REED_EPROTO;
	return REED_OK;
}

static enum reed_err read_message(struct reader r, const char *name, enum reed_record_type type,
                                  struct reed_answer *a)
{
	unsigned flags, questions, answers, authorities;
	enum reed_err err;

	skip(&r, 2);
	flags = u16(&r);
	questions = u16(&r);
	answers = u16(&r);
	authorities = u16(&r);
	skip(&r, 2);
	if (answers > LOOKED_AT_MAX || authorities > LOOKED_AT_MAX)
		return REED_ETOOBIG;
	a->no_name = (flags & 15) == RCODE_NXDOMAIN;
	a->ttl = INT32_MAX;
	if ((err = skip_questions(&r, questions)) || (err = follow(r, answers, name, type, a)) ||
	    (err = skip_records(&r, answers)))
		return err;
	return a->count > 0 ? REED_OK : read_absence(r, authorities, a);
}

enum reed_err reed_message_read(struct reed_slice message, const char *name,
                                enum reed_record_type type, struct reed_answer *a)
{
	struct reader r = { .p = (const unsigned char *)message.p, .n = message.n };
	enum reed_err err;

	*a = (struct reed_answer){ .count = 0 };
	err = read_message(r, name, type, a);
	if (err)
		reed_answer_finish(a);
	return err;
}

/* ---- answers ---- */

enum reed_err reed_answer_add(struct reed_answer *a, const struct reed_record *record)
{
	struct reed_record copy = *record;

	if (a->count == REED_RECORDS_MAX)
		return REED_ETOOBIG;
	a->texts.limit = TEXTS_MAX;
	copy.text = record->text.n > 0 ? reed_pool_copy(&a->texts, record->text) : REED_STR("");
	if (!copy.text.p)
		return REED_ETOOBIG;
	if (a->count == a->room) {
		a->room = a->room ? a->room * 2 : 4;
		a->list = reed_realloc(a->list, a->room * sizeof(*a->list));
	}
	a->list[a->count++] = copy;
	return REED_OK;
}

void reed_answer_finish(struct reed_answer *a)
{
	reed_free(a->list);
	reed_pool_finish(&a->texts);
	*a = (struct reed_answer){ .count = 0 };
}
