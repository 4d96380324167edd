/* Messages, read in place: RFC 1035 4. */

#include "reed/dns/message.h"

#include "field.h"

/* Type, class, TTL and length behind an owner; a question has the first two. */
enum { QUESTION_TAIL = 4, RECORD_TAIL = 10, TTL_MAX = 0x7fffffff };

/* Moves *at behind the record there. */
static enum reed_err read_head(struct reed_slice bytes, size_t *at, struct reed_dns_record *record)
{
	const uint8_t *p = (const uint8_t *)bytes.p;
	size_t tail = record->section == REED_DNS_QUESTION ? QUESTION_TAIL : RECORD_TAIL;

	record->owner = (uint16_t)*at;
	if (reed_dns_name_skip(bytes, at) || bytes.n - *at < tail)
		return REED_EPROTO;
	p += *at;
	*at += tail;
	record->type = (uint16_t)dns_get16(p);
	record->klass = (uint16_t)dns_get16(p + 2);
	record->rdata = (uint16_t)*at;
	record->ttl = 0;
	record->size = 0;
	if (tail == QUESTION_TAIL)
		return REED_OK;
	record->ttl = dns_get32(p + 4);
	if (record->ttl > TTL_MAX && record->type != REED_DNS_TYPE_OPT)
		record->ttl = 0;
	record->size = (uint16_t)dns_get16(p + 8);
	if (bytes.n - *at < record->size)
		return REED_EPROTO;
	*at += record->size;
	return REED_OK;
}

/* The records that are about the message itself. */
static enum reed_err note(struct reed_dns_message *m, const struct reed_dns_record *r, bool last)
{
	if (r->section == REED_DNS_QUESTION)
		return REED_OK;
	if (r->type == REED_DNS_TYPE_OPT) {
		if (m->opt || r->section != REED_DNS_ADDITIONAL || m->bytes.p[r->owner])
			return REED_EPROTO;
		m->opt = r->owner;
	}
	if (r->type == REED_DNS_TYPE_TSIG) {
		if (!last || r->section != REED_DNS_ADDITIONAL)
			return REED_EPROTO;
		m->tsig = r->owner;
	}
	return REED_OK;
}

static enum reed_err parse_section(struct reed_dns_message *m, enum reed_dns_section section,
                                   size_t *at)
{
	struct reed_dns_record r = { .section = section };
	enum reed_err err = REED_OK;

	m->starts[section] = (uint16_t)*at;
	for (unsigned left = m->counts[section]; left && !err; left--) {
		err = read_head(m->bytes, at, &r);
		if (!err)
			err = note(m, &r, left == 1);
	}
	return err;
}

enum reed_err reed_dns_message_parse(struct reed_slice bytes, struct reed_dns_message *m)
{
	const uint8_t *p = (const uint8_t *)bytes.p;
	size_t at = REED_DNS_HEADER_SIZE;

	*m = (struct reed_dns_message){ .bytes = bytes };
	if (bytes.n < REED_DNS_HEADER_SIZE)
		return REED_EPROTO;
	m->id = (uint16_t)dns_get16(p);
	m->flags = (uint16_t)dns_get16(p + 2);
	if (bytes.n > REED_DNS_MESSAGE_MAX)
		return REED_EPROTO;
	for (unsigned i = 0; i < REED_DNS_SECTIONS; i++) {
		m->counts[i] = (uint16_t)dns_get16(p + 4 + 2 * i);
		if (parse_section(m, (enum reed_dns_section)i, &at))
			return REED_EPROTO;
	}
	return at == bytes.n ? REED_OK : REED_EPROTO;
}

enum reed_err reed_dns_message_question(const struct reed_dns_message *m,
                                        struct reed_dns_question *question)
{
	const uint8_t *p = (const uint8_t *)m->bytes.p;
	size_t at = REED_DNS_HEADER_SIZE;

	if (!m->counts[REED_DNS_QUESTION])
		return REED_ENOENT;
	if (reed_dns_name_read(m->bytes, &at, &question->name))
		return REED_EPROTO;
	question->type = (uint16_t)dns_get16(p + at);
	question->klass = (uint16_t)dns_get16(p + at + 2);
	return REED_OK;
}

void reed_dns_walk(const struct reed_dns_message *m, enum reed_dns_section section,
                   struct reed_dns_walk *walk)
{
	*walk = (struct reed_dns_walk){ m, section, m->starts[section], m->counts[section], false };
}

void reed_dns_walk_all(const struct reed_dns_message *m, struct reed_dns_walk *walk)
{
	reed_dns_walk(m, REED_DNS_QUESTION, walk);
	walk->on = true;
}

bool reed_dns_next(struct reed_dns_walk *walk, struct reed_dns_record *record)
{
	size_t at = walk->at;

	while (!walk->left && walk->on && walk->section < REED_DNS_ADDITIONAL) {
		walk->section = (enum reed_dns_section)(walk->section + 1);
		walk->left = walk->message->counts[walk->section];
	}
	if (!walk->left)
		return false;
	record->message = walk->message->bytes;
	record->section = walk->section;
	if (read_head(record->message, &at, record))
		return false;
	walk->left--;
	walk->at = (uint16_t)at;
	return true;
}

enum reed_err reed_dns_record_owner(const struct reed_dns_record *record,
                                    struct reed_dns_name *owner)
{
	size_t at = record->owner;

	return reed_dns_name_read(record->message, &at, owner);
}

enum reed_err reed_dns_record_rdata(const struct reed_dns_record *record, void *into, size_t room,
                                    struct reed_slice *rdata)
{
	if (!record->size &&
	    (record->klass == REED_DNS_CLASS_ANY || record->klass == REED_DNS_CLASS_NONE)) {
		*rdata = reed_slice(record->message.p + record->rdata, 0);
		return REED_OK;
	}
	return reed_dns_rdata_read(record->type, record->message, record->rdata, record->size, into,
	                           room, rdata);
}
