/* Queries counted by type and zone, and told one by one in the log. */

#include "reed/dns/tap.h"
#include "reed/log.h"

#include "serve.h"

static const char *const doors[] = { "udp", "tcp", "tls" };

/* Those above are counted as one. */
static unsigned slot_of(uint16_t type)
{
	return type < TALLY_TYPES ? type : 0;
}

void dns_tally_type(struct dns_exchange *x)
{
	struct reed_counter **counter = &x->server->by_type[slot_of(x->question.type)];
	char word[REED_DNS_WORD_SIZE];

	if (!*counter) {
		reed_dns_type_format(x->question.type, word);
		*counter =
			reed_counter(x->server->loop, "reed_dns_type_queries", "Queries by type.",
		                     "type=%s", slot_of(x->question.type) ? word : "other");
	}
	(*counter)->value++;
}

void dns_tally_zone(struct dns_exchange *x, struct dns_served *served)
{
	char text[REED_DNS_NAME_TEXT_SIZE];

	if (!served->counter) {
		reed_dns_name_format(&served->name, text);
		served->counter = reed_counter(x->server->loop, "reed_dns_zone_queries",
		                               "Queries by zone.", "zone=%s", text);
	}
	served->counter->value++;
}

/* One of many; the log drops what it has no room for, and never waits. */
void dns_tally_log(struct dns_exchange *x, size_t bytes)
{
	struct reed_dns_server *server = x->server;
	char name[REED_DNS_NAME_TEXT_SIZE], type[REED_DNS_WORD_SIZE], rcode[REED_DNS_WORD_SIZE];
	char client[REED_ADDRESS_TEXT];

	if (!x->has_question || ++server->logged % server->options.log_every)
		return;
	reed_dns_name_format(&x->question.name, name);
	reed_dns_type_format(x->question.type, type);
	reed_dns_rcode_format((uint16_t)x->rcode, rcode);
	reed_log(server->loop, REED_LOG_INFO,
	         "query name=%s type=%s rcode=%s client=%s transport=%s bytes=%zu dnssec=%d", name,
	         type, rcode, reed_address_text(x->client, client), doors[x->door], bytes,
	         x->has_edns && x->edns.flags & REED_DNS_DO);
}

/* Who finds things out for clients is told of as their server, whatever they ask. */
void dns_tally_tap(const struct dns_exchange *x, struct reed_slice message, bool is_answer)
{
	struct reed_dns_tap_event event = { .message = message,
		                            .is_answer = is_answer,
		                            .asks = x->client };

	event.kind = reed_dns_opcode(x->m.flags) == REED_DNS_OPCODE_UPDATE ? REED_DNS_TAP_UPDATE
	             : x->server->recursion                                ? REED_DNS_TAP_CLIENT
	                                                                   : REED_DNS_TAP_AUTH;
	event.protocol = x->is_carried             ? REED_DNS_TAP_DOH
	                 : x->door == REED_DNS_TLS ? REED_DNS_TAP_DOT
	                 : x->door == REED_DNS_TCP ? REED_DNS_TAP_TCP
	                                           : REED_DNS_TAP_UDP;
	reed_dns_tap_add(x->server->tap, &event);
}

/* ---- for whoever wants to show them ---- */

static void tell(const struct reed_counter *counter, const char *kind, const char *name,
                 reed_dns_figure_fn *fn, void *arg)
{
	if (counter && counter->value)
		fn(arg, kind, name, counter->value);
}

static void tell_zones(const struct reed_dns_server *self, reed_dns_figure_fn *fn, void *arg)
{
	char text[REED_DNS_NAME_TEXT_SIZE];

	for (size_t i = 0; self->table && i <= self->mask; i++)
		for (const struct dns_served *s = self->table[i]; s; s = s->next)
			tell(s->counter, "zone", reed_dns_name_format(&s->name, text).p, fn, arg);
}

void reed_dns_server_figures(const struct reed_dns_server *self, reed_dns_figure_fn *fn, void *arg)
{
	char word[REED_DNS_WORD_SIZE];

	for (unsigned i = 0; i < REED_COUNT(doors); i++)
		tell(self->queries[i], "transport", doors[i], fn, arg);
	for (uint16_t i = 0; i < RCODES; i++)
		tell(self->rcodes[i], "rcode", reed_dns_rcode_format(i, word).p, fn, arg);
	for (uint16_t i = 0; i < TALLY_TYPES; i++)
		tell(self->by_type[i], "type", i ? reed_dns_type_format(i, word).p : "other", fn,
		     arg);
	tell_zones(self, fn, arg);
	tell(self->dropped, "rate", "dropped", fn, arg);
	tell(self->slipped, "rate", "truncated", fn, arg);
	tell(self->transfers, "other", "transfers", fn, arg);
	tell(self->updates, "other", "updates", fn, arg);
	tell(self->notified, "other", "notices", fn, arg);
}
