/* Messages as text, as dig prints them. */

#include "reed/dns/edns.h"

static void print_flags(uint16_t flags, struct reed_buf *out)
{
	static const struct {
		uint16_t bit;
		const char *name;
	} of[] = {
		{ REED_DNS_QR, " qr" }, { REED_DNS_AA, " aa" }, { REED_DNS_TC, " tc" },
		{ REED_DNS_RD, " rd" }, { REED_DNS_RA, " ra" }, { REED_DNS_AD, " ad" },
		{ REED_DNS_CD, " cd" },
	};

	for (size_t i = 0; i < REED_COUNT(of); i++)
		if (flags & of[i].bit)
			reed_buf_add_str(out, of[i].name);
}

static void print_header(const struct reed_dns_message *m, struct reed_buf *out)
{
	char opcode[REED_DNS_WORD_SIZE], rcode[REED_DNS_WORD_SIZE];

	reed_dns_opcode_format((uint16_t)reed_dns_opcode(m->flags), opcode);
	reed_dns_rcode_format((uint16_t)reed_dns_edns_rcode(m), rcode);
	reed_buf_printf(out, ";; %s, %s, id %u, flags:", opcode, rcode, m->id);
	print_flags(m->flags, out);
	reed_buf_printf(out, "; %u question%s, %u answer%s, %u authority, %u additional\n",
	                m->counts[0], m->counts[0] == 1 ? "" : "s", m->counts[1],
	                m->counts[1] == 1 ? "" : "s", m->counts[2], m->counts[3]);
}

static void print_question(const struct reed_dns_record *r, const struct reed_dns_name *owner,
                           struct reed_buf *out)
{
	char text[REED_DNS_NAME_TEXT_SIZE];

	reed_buf_add_char(out, ';');
	reed_buf_add(out, reed_dns_name_format(owner, text));
	reed_buf_add_char(out, ' ');
	reed_buf_add(out, reed_dns_class_format(r->klass, text));
	reed_buf_add_char(out, ' ');
	reed_buf_add(out, reed_dns_type_format(r->type, text));
}

/* Expanded rdata can be longer than what came; out has the room for it. */
static enum reed_err print_record(const struct reed_dns_record *r,
                                  const struct reed_dns_name *owner, struct reed_buf *room,
                                  struct reed_buf *out)
{
	struct reed_slice rdata = REED_STR("");
	enum reed_err err = reed_buf_reserve(room, REED_DNS_RDATA_MAX);

	if (!err)
		err = reed_dns_record_rdata(r, room->p, REED_DNS_RDATA_MAX, &rdata);
	if (!err)
		reed_dns_print_record(owner, r->ttl, r->klass, r->type, rdata, out);
	return err;
}

static void print_section(enum reed_dns_section section, struct reed_buf *out)
{
	static const char *const names[] = { "question", "answer", "authority", "additional" };

	reed_buf_printf(out, ";; %s\n", names[section]);
}

static enum reed_err print_all(const struct reed_dns_message *m, struct reed_buf *room,
                               struct reed_buf *out)
{
	int section = -1;
	struct reed_dns_name owner;
	struct reed_dns_record r;
	struct reed_dns_walk walk;
	enum reed_err err = REED_OK;

	reed_dns_walk_all(m, &walk);
	while (!err && reed_dns_next(&walk, &r)) {
		if (r.type == REED_DNS_TYPE_OPT && r.section == REED_DNS_ADDITIONAL)
			continue;
		if ((int)r.section != section)
			print_section(r.section, out);
		section = (int)r.section;
		if ((err = reed_dns_record_owner(&r, &owner)))
			break;
		if (r.section == REED_DNS_QUESTION)
			print_question(&r, &owner, out);
		else
			err = print_record(&r, &owner, room, out);
		reed_buf_add_char(out, '\n');
	}
	return err;
}

enum reed_err reed_dns_message_print(const struct reed_dns_message *m, struct reed_buf *out)
{
	struct reed_dns_edns edns;
	struct reed_buf room = { 0 };
	enum reed_err err;

	print_header(m, out);
	if (!reed_dns_edns(m, &edns))
		reed_dns_edns_print(&edns, out);
	err = print_all(m, &room, out);
	reed_buf_finish(&room);
	return err ? err : out->err;
}
