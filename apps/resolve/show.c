/* An answer as a person reads it, as a script does, and as JSON. */

#include "resolve.h"

#include "reed/dns/edns.h"

#define DIM   "\x1b[2m"
#define BOLD  "\x1b[1m"
#define CYAN  "\x1b[36m"
#define PLAIN "\x1b[0m"

enum { ROOM = REED_DNS_RDATA_MAX };

static const char *tint(const struct resolve_order *order, const char *how)
{
	return order->colour ? how : "";
}

static void add_rdata(const struct reed_dns_record *record, struct reed_buf *out)
{
	static uint8_t room[ROOM];
	struct reed_slice rdata;

	if (reed_dns_record_rdata(record, room, sizeof(room), &rdata))
		rdata = reed_slice(record->message.p + record->rdata, record->size);
	reed_dns_rdata_print(record->type, rdata, out);
}

static void add_owner(const struct reed_dns_record *record, struct reed_buf *out)
{
	char text[REED_DNS_NAME_TEXT_SIZE];
	struct reed_dns_name owner;

	if (!reed_dns_record_owner(record, &owner))
		reed_buf_add(out, reed_dns_name_format(&owner, text));
}

void resolve_show_record(const struct resolve_order *order, const struct reed_dns_record *record,
                         struct reed_buf *out)
{
	char word[REED_DNS_WORD_SIZE];

	add_owner(record, out);
	reed_buf_printf(out, "  %s%u%s  %s" REED_FMT "%s  %s", tint(order, DIM), record->ttl,
	                tint(order, PLAIN), tint(order, CYAN),
	                REED_ARG(reed_dns_type_format(record->type, word)), tint(order, PLAIN),
	                tint(order, BOLD));
	add_rdata(record, out);
	reed_buf_printf(out, "%s\n", tint(order, PLAIN));
}

/* ---- in words ---- */

static void say_nothing_there(const struct resolve_said *said, struct reed_buf *out)
{
	char name[REED_DNS_NAME_TEXT_SIZE], word[REED_DNS_WORD_SIZE];
	unsigned rcode = reed_dns_edns_rcode(&said->reply->message);

	reed_dns_name_format(said->name, name);
	reed_dns_rcode_format((uint16_t)rcode, word);
	if (rcode == REED_DNS_RCODE_NXDOMAIN)
		reed_buf_printf(out, "There is no name %s\n", name);
	else if (rcode == REED_DNS_RCODE_REFUSED)
		reed_buf_printf(out, "%s does not answer that for you (REFUSED)\n", said->server);
	else if (rcode == REED_DNS_RCODE_SERVFAIL)
		reed_buf_printf(out, "%s could not find out (SERVFAIL)\n", said->server);
	else if (rcode)
		reed_buf_printf(out, "%s says %s\n", said->server, word);
	else
		reed_buf_printf(out, "%s has no record of type " REED_FMT "\n", name,
		                REED_ARG(reed_dns_type_format(said->type, word)));
}

static void say_why(const struct reed_dns_message *m, struct reed_buf *out)
{
	struct reed_dns_error error;
	struct reed_dns_edns edns;
	struct reed_slice data;

	if (reed_dns_edns(m, &edns) || !reed_dns_option(&edns, REED_DNS_OPTION_ERROR, &data) ||
	    reed_dns_error_read(data, &error))
		return;
	reed_buf_printf(out, "It says why: %s\n",
	                reed_dns_error_name(error.code) ? reed_dns_error_name(error.code)
	                                                : "a reason without a name");
}

static void say_verdict(const struct resolve_order *order, const struct reed_dns_verdict *v,
                        struct reed_buf *out)
{
	if (v)
		reed_buf_printf(out, "%s%s%s: %s\n", tint(order, BOLD),
		                reed_dns_security_name(v->security), tint(order, PLAIN),
		                resolve_verdict_why(v));
}

static void show_words(const struct resolve_order *order, const struct resolve_said *said,
                       struct reed_buf *out)
{
	const struct reed_dns_message *m = &said->reply->message;
	struct reed_dns_record record;
	struct reed_dns_walk walk;

	reed_dns_walk(m, REED_DNS_ANSWER, &walk);
	while (reed_dns_next(&walk, &record))
		resolve_show_record(order, &record, out);
	if (!m->counts[REED_DNS_ANSWER])
		say_nothing_there(said, out);
	say_why(m, out);
	say_verdict(order, said->verdict, out);
	reed_buf_printf(out, "\n%sof %s, in %.1f ms%s%s%s\n", tint(order, DIM), said->server,
	                (double)said->reply->took / 1e6,
	                m->flags & REED_DNS_AA ? ", with authority" : "",
	                m->flags & REED_DNS_AD ? ", validated there" : "", tint(order, PLAIN));
}

static void show_brief(const struct reed_dns_message *m, struct reed_buf *out)
{
	struct reed_dns_record record;
	struct reed_dns_walk walk;

	reed_dns_walk(m, REED_DNS_ANSWER, &walk);
	while (reed_dns_next(&walk, &record)) {
		add_rdata(&record, out);
		reed_buf_add_char(out, '\n');
	}
}

/* ---- JSON ---- */

static void add_string(struct reed_slice text, struct reed_buf *out)
{
	reed_buf_add_char(out, '"');
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (c == '"' || c == '\\')
			reed_buf_printf(out, "\\%c", c);
		else if (c < 0x20 || c >= 0x7f)
			reed_buf_printf(out, "\\u%04x", c);
		else
			reed_buf_add_char(out, (char)c);
	}
	reed_buf_add_char(out, '"');
}

static void add_record(const struct reed_dns_record *record, struct reed_buf *out)
{
	char word[REED_DNS_WORD_SIZE];
	struct reed_buf text = { 0 };

	reed_buf_add_str(out, "{\"name\":");
	add_owner(record, &text);
	add_string(reed_buf_slice(&text), out);
	reed_buf_clear(&text);
	reed_buf_printf(out, ",\"ttl\":%u,\"type\":\"" REED_FMT "\",\"data\":", record->ttl,
	                REED_ARG(reed_dns_type_format(record->type, word)));
	add_rdata(record, &text);
	add_string(reed_buf_slice(&text), out);
	reed_buf_add_char(out, '}');
	reed_buf_finish(&text);
}

static void add_verdict(const struct reed_dns_verdict *v, struct reed_buf *out)
{
	reed_buf_printf(out, ",\"security\":\"%s\",\"why\":", reed_dns_security_name(v->security));
	add_string(reed_slice_of(resolve_verdict_why(v)), out);
}

static void show_json(const struct resolve_said *said, struct reed_buf *out)
{
	static const char *const names[] = { "question", "answer", "authority", "additional" };
	const struct reed_dns_message *m = &said->reply->message;
	char name[REED_DNS_NAME_TEXT_SIZE], word[REED_DNS_WORD_SIZE];
	struct reed_dns_record record;
	struct reed_dns_walk walk;

	reed_buf_add_str(out, "{\"name\":");
	add_string(reed_dns_name_format(said->name, name), out);
	reed_buf_printf(out, ",\"type\":\"" REED_FMT "\",\"status\":",
	                REED_ARG(reed_dns_type_format(said->type, word)));
	add_string(reed_dns_rcode_format((uint16_t)reed_dns_edns_rcode(m), word), out);
	reed_buf_add_str(out, ",\"server\":");
	add_string(reed_slice_of(said->server), out);
	reed_buf_printf(out, ",\"ms\":%.3f,\"aa\":%s,\"ad\":%s", (double)said->reply->took / 1e6,
	                m->flags & REED_DNS_AA ? "true" : "false",
	                m->flags & REED_DNS_AD ? "true" : "false");
	if (said->verdict)
		add_verdict(said->verdict, out);
	for (int section = REED_DNS_ANSWER; section <= REED_DNS_AUTHORITY; section++) {
		bool first = true;

		reed_buf_printf(out, ",\"%s\":[", names[section]);
		reed_dns_walk(m, (enum reed_dns_section)section, &walk);
		for (; reed_dns_next(&walk, &record); first = false) {
			reed_buf_add_str(out, first ? "" : ",");
			add_record(&record, out);
		}
		reed_buf_add_char(out, ']');
	}
	reed_buf_add_str(out, "}\n");
}

void resolve_show(const struct resolve_order *order, const struct resolve_said *said,
                  struct reed_buf *out)
{
	if (order->json)
		show_json(said, out);
	else if (order->brief)
		show_brief(&said->reply->message, out);
	else
		show_words(order, said, out);
}
