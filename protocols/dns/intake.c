#include "intake.h"

void dns_intake_begin(struct dns_intake *t, const struct reed_dns_name *zone, uint16_t id,
                      const uint32_t *serial, size_t most)
{
	*t = (struct dns_intake){ .zone = *zone, .id = id, .most = most };
	t->ixfr = serial != NULL;
	t->serial = serial ? *serial : 0;
	t->room = reed_alloc_raw(REED_DNS_RDATA_MAX);
}

void dns_intake_finish(struct dns_intake *t)
{
	reed_buf_finish(&t->items);
	reed_buf_finish(&t->gone);
	reed_buf_finish(&t->come);
	dns_history_finish(&t->changes);
	reed_free(t->room);
	*t = (struct dns_intake){ .stage = INTAKE_DONE };
}

static enum reed_err wrong(struct reed_fault **fault, const char *why)
{
	*fault = reed_fault(REED_EPROTO, NULL, "%s", why);
	return REED_EPROTO;
}

/* ---- records ---- */

static enum reed_err begin_change(struct dns_intake *t, const struct dns_item *soa,
                                  struct reed_fault **fault)
{
	uint32_t from = dns_soa_number(soa->rdata, SOA_SERIAL);
	uint32_t after = t->changes.n ? t->changes.all[t->changes.n - 1]->to : t->serial;

	if (from != after)
		return wrong(fault, "a change does not begin with the serial of the one before");
	reed_buf_clear(&t->gone);
	reed_buf_clear(&t->come);
	dns_item_add(&t->gone, soa);
	t->stage = INTAKE_GONE;
	return REED_OK;
}

static enum reed_err end_change(struct dns_intake *t, const struct dns_item *soa,
                                struct reed_fault **fault)
{
	uint32_t serial = dns_soa_number(soa->rdata, SOA_SERIAL);
	struct dns_delta *delta;

	if (dns_delta_make(reed_buf_slice(&t->gone), reed_buf_slice(&t->come), &delta))
		return wrong(fault, "a change is not well-formed");
	if (!reed_dns_serial_newer(delta->to, delta->from)) {
		dns_delta_release(delta);
		return wrong(fault, "a change leads to a serial that is not newer");
	}
	dns_history_add(&t->changes, delta);
	if (serial != t->newest || delta->to != t->newest)
		return begin_change(t, soa, fault);
	t->stage = INTAKE_DONE;
	t->is_news = true;
	return REED_OK;
}

static enum reed_err take_first(struct dns_intake *t, const struct dns_item *item,
                                struct reed_fault **fault)
{
	if (item->type != REED_DNS_TYPE_SOA)
		return wrong(fault, "the first record is not the SOA record of the zone");
	t->newest = dns_soa_number(item->rdata, SOA_SERIAL);
	dns_item_add(&t->items, item);
	t->stage = INTAKE_SECOND;
	/* RFC 1995 2: nothing more comes when there is nothing new */
	if (t->ixfr && !reed_dns_serial_newer(t->newest, t->serial))
		t->stage = INTAKE_DONE;
	return REED_OK;
}

static enum reed_err take_second(struct dns_intake *t, const struct dns_item *item,
                                 struct reed_fault **fault)
{
	if (item->type != REED_DNS_TYPE_SOA) {
		dns_item_add(&t->items, item);
		t->stage = INTAKE_ALL;
		return REED_OK;
	}
	if (!t->ixfr || dns_soa_number(item->rdata, SOA_SERIAL) == t->newest)
		return wrong(fault, "there is nothing between the SOA records");
	reed_buf_clear(&t->items);
	return begin_change(t, item, fault);
}

static enum reed_err take_soa(struct dns_intake *t, const struct dns_item *item,
                              struct reed_fault **fault)
{
	if (t->stage == INTAKE_COME)
		return end_change(t, item, fault);
	if (t->stage == INTAKE_GONE) {
		dns_item_add(&t->come, item);
		t->stage = INTAKE_COME;
		return REED_OK;
	}
	if (dns_soa_number(item->rdata, SOA_SERIAL) != t->newest)
		return wrong(fault, "the last SOA record is not the first one");
	t->stage = INTAKE_DONE;
	t->is_news = true;
	return REED_OK;
}

static enum reed_err take_item(struct dns_intake *t, const struct dns_item *item,
                               struct reed_fault **fault)
{
	if (t->stage == INTAKE_DONE)
		return wrong(fault, "there are records behind the last");
	if (t->stage == INTAKE_FIRST)
		return take_first(t, item, fault);
	if (t->stage == INTAKE_SECOND)
		return take_second(t, item, fault);
	if (item->type == REED_DNS_TYPE_SOA)
		return take_soa(t, item, fault);
	dns_item_add(t->stage == INTAKE_ALL    ? &t->items
	             : t->stage == INTAKE_GONE ? &t->gone
	                                       : &t->come,
	             item);
	return REED_OK;
}

static enum reed_err take_record(struct dns_intake *t, const struct reed_dns_record *r,
                                 struct reed_fault **fault)
{
	struct dns_item item = { .type = r->type, .ttl = r->ttl };
	struct reed_dns_name owner;

	if (r->klass != REED_DNS_CLASS_IN || reed_dns_type_is_meta(r->type) ||
	    reed_dns_record_owner(r, &owner) ||
	    reed_dns_record_rdata(r, t->room, REED_DNS_RDATA_MAX, &item.rdata))
		return wrong(fault, "a record is not well-formed");
	if (!reed_dns_name_is_under(&owner, &t->zone))
		return wrong(fault, "a record is not of the zone");
	if (r->type == REED_DNS_TYPE_SOA && !reed_dns_name_eq(&owner, &t->zone))
		return wrong(fault, "there is an SOA record of another name");
	t->taken += owner.n + item.rdata.n + 8;
	if (t->taken > t->most) {
		*fault = reed_fault(REED_ETOOBIG, NULL,
		                    "the transfer has more than the %zu bytes there may be",
		                    t->most);
		return REED_ETOOBIG;
	}
	item.owner = reed_dns_name_wire(&owner);
	return take_item(t, &item, fault);
}

/* ---- messages ---- */

static enum reed_err judge(struct dns_intake *t, const struct reed_dns_message *m,
                           struct reed_fault **fault)
{
	unsigned rcode = reed_dns_edns_rcode(m);
	struct reed_dns_question question;
	char word[REED_DNS_WORD_SIZE];

	if (m->id != t->id || !(m->flags & REED_DNS_QR) || m->flags & REED_DNS_TC ||
	    reed_dns_opcode(m->flags) != REED_DNS_OPCODE_QUERY)
		return wrong(fault, "a message is not an answer to what was asked");
	if (rcode) {
		reed_dns_rcode_format((uint16_t)rcode, word);
		*fault = reed_fault(REED_EREFUSED, NULL, "the answer is %s", word);
		return REED_EREFUSED;
	}
	/* RFC 5936 2.2.1: only the first has to have it */
	if (m->counts[REED_DNS_QUESTION] && (reed_dns_message_question(m, &question) ||
	                                     !reed_dns_name_eq(&question.name, &t->zone)))
		return wrong(fault, "a message answers another question");
	if (!m->counts[REED_DNS_ANSWER])
		return wrong(fault, "a message has no records");
	return REED_OK;
}

enum reed_err dns_intake_take(struct dns_intake *t, const struct reed_dns_message *m,
                              struct reed_fault **fault)
{
	struct reed_dns_walk walk;
	struct reed_dns_record r;
	enum reed_err err = judge(t, m, fault);

	reed_dns_walk(m, REED_DNS_ANSWER, &walk);
	while (!err && reed_dns_next(&walk, &r))
		err = take_record(t, &r, fault);
	return err ? err : t->stage == INTAKE_DONE ? REED_OK : REED_EAGAIN;
}
