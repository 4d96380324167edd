/* One query and its answer, whatever it came by: EDNS, errors, the header. */

#include "reed/random.h"

#include "dynamic.h"
#include "publish.h"

enum {
	COUNTS_AT = 4,
	OPT_SIZE = 11,
	OPTION = 4,
	PADDED_TO = 468,        /* RFC 8467 4.1 */
	NOT_READY = 14,         /* RFC 8914 4.15 */
	NOT_AUTHORITATIVE = 20, /* RFC 8914 4.21 */
	INVALID_TYPE = 30,      /* RFC 9824 8 */
	ECHOED = REED_DNS_RD | REED_DNS_CD,
	OPCODE_BITS = 0x7800,
	TEXT_TTL = 0,
};

/* ---- reading ---- */

static enum dns_verdict refuse(struct dns_exchange *x, unsigned rcode)
{
	x->rcode = rcode;
	return DNS_DONE;
}

static uint64_t seconds(const struct dns_exchange *x)
{
	return (uint64_t)(reed_wall(x->server->loop) / 1000000000);
}

static enum reed_err read_option(struct dns_exchange *x, uint16_t code, struct reed_slice data)
{
	bool is_stream = x->door != REED_DNS_UDP;

	switch (code) {
	case REED_DNS_OPTION_NSID:
		x->wants_nsid = x->server->identity != NULL;
		return REED_OK;
	case REED_DNS_OPTION_COOKIE:
		return dns_cookie_take(x, data);
	case REED_DNS_OPTION_KEEPALIVE:
		x->wants_keepalive = is_stream; /* RFC 7828 3.2.1: of UDP it is ignored */
		return is_stream && data.n ? REED_EPROTO : REED_OK;
	case REED_DNS_OPTION_EXPIRE:
		x->wants_expire = true;
		return REED_OK;
	case REED_DNS_OPTION_PADDING:
		x->wants_padding = x->door == REED_DNS_TLS;
		return REED_OK;
	default:
		return REED_OK;
	}
}

/* 0, or the rcode. */
static unsigned read_edns(struct dns_exchange *x)
{
	struct reed_slice rest, data;
	enum reed_err err = reed_dns_edns(&x->m, &x->edns);
	uint16_t code;

	if (err == REED_ENOENT)
		return 0;
	if (err)
		return REED_DNS_RCODE_FORMERR;
	x->has_edns = true;
	if (x->edns.version)
		return REED_DNS_RCODE_BADVERS; /* RFC 6891 6.1.3 */
	rest = x->edns.options;
	while (reed_dns_option_next(&rest, &code, &data))
		if (read_option(x, code, data))
			return REED_DNS_RCODE_FORMERR;
	return 0;
}

/* RFC 7314 3: of a zone itself, not of names in it. */
static void note_expire(struct dns_exchange *x, const struct dns_served *served)
{
	uint8_t room[3 * REED_DNS_NAME_MAX];
	uint16_t type = x->question.type;

	if ((type != REED_DNS_TYPE_SOA && type != REED_DNS_TYPE_AXFR &&
	     type != REED_DNS_TYPE_IXFR) ||
	    !reed_dns_name_eq(&served->name, &x->question.name))
		return;
	x->has_expire = true;
	x->expire = served->hooks && served->hooks->expire
	                    ? served->hooks->expire(served->hooks_arg)
	                    : dns_soa_number(dns_zone_soa(served->zone, room, sizeof(room)),
	                                     SOA_EXPIRE);
}

/* What a zone of ours is asked for. */
static enum dns_verdict ask(struct dns_exchange *x, const struct dns_served *served, bool transfer)
{
	if (!served->zone) { /* it has expired, or was never here */
		x->extended_error = NOT_READY;
		return refuse(x, REED_DNS_RCODE_SERVFAIL);
	}
	if (x->wants_expire)
		note_expire(x, served);
	if (!transfer)
		return !served->closed || dns_transfer_allowed(served, x->client, &x->tsig)
		               ? DNS_ASK_ZONE
		               : refuse(x, REED_DNS_RCODE_REFUSED);
	if (!reed_dns_name_eq(&served->name, &x->question.name))
		return refuse(x, REED_DNS_RCODE_NOTAUTH); /* RFC 5936 2.2.1 */
	if (!dns_transfer_allowed(served, x->client, &x->tsig))
		return refuse(x, REED_DNS_RCODE_REFUSED);
	if (x->door != REED_DNS_UDP)
		return DNS_TRANSFER;
	/* RFC 1995 2: the SOA record alone says that it is to be asked over TCP */
	return x->question.type == REED_DNS_TYPE_IXFR ? DNS_ASK_ZONE
	                                              : refuse(x, REED_DNS_RCODE_FORMERR);
}

static enum dns_verdict find(struct dns_exchange *x, struct dns_served **served,
                             struct dns_coder **coder)
{
	uint16_t type = x->question.type;
	bool transfer = type == REED_DNS_TYPE_AXFR || type == REED_DNS_TYPE_IXFR;

	if (x->question.klass != REED_DNS_CLASS_IN)
		return refuse(x, REED_DNS_RCODE_REFUSED);
	if (type == REED_DNS_TYPE_NXNAME) { /* RFC 9824 3.5 */
		x->extended_error = INVALID_TYPE;
		return refuse(x, REED_DNS_RCODE_FORMERR);
	}
	dns_tally_type(x);
	*served = dns_served_find(x->server, &x->question, &x->path, coder);
	if (*served)
		dns_tally_zone(x, *served);
	if (*coder && !transfer)
		return DNS_ASK_CODE;
	if (!*served && x->recursion && !transfer)
		return dns_recursion_verdict(x);
	if (!*served) {
		x->extended_error = NOT_AUTHORITATIVE;
		return refuse(x, REED_DNS_RCODE_REFUSED);
	}
	return ask(x, *served, transfer);
}

static bool is_chaos_text(const struct dns_exchange *x)
{
	return x->question.klass == REED_DNS_CLASS_CH &&
	       (x->question.type == REED_DNS_TYPE_TXT || x->question.type == REED_DNS_TYPE_ANY);
}

static unsigned take_signature(struct dns_exchange *x)
{
	unsigned rcode = reed_dns_tsig_take(&x->tsig, x->server->keys, &x->m, seconds(x));

	x->server->bad_signatures->value += rcode != 0;
	x->knows_us |= x->tsig.good;
	return rcode;
}

/* RFC 1996 3.11: what the zone is like now is asked of its primaries, not read here. */
static enum dns_verdict take_notice(struct dns_exchange *x)
{
	struct dns_served *served = dns_served_exact(x->server, &x->question.name);

	if (x->question.type != REED_DNS_TYPE_SOA || x->question.klass != REED_DNS_CLASS_IN)
		return refuse(x, REED_DNS_RCODE_FORMERR);
	if (!served || !served->hooks || !served->hooks->notified)
		return refuse(x, REED_DNS_RCODE_NOTAUTH);
	if (!dns_rules_allow(served->rules, REED_DNS_MAY_NOTIFY, x->client, &x->tsig))
		return refuse(x, REED_DNS_RCODE_REFUSED);
	x->server->notified->value++;
	served->hooks->notified(served->hooks_arg, x->client);
	x->is_heard = true;
	return refuse(x, REED_DNS_RCODE_NOERROR);
}

/* RFC 2136 3.1; what the zone takes is decided where it is kept. */
static enum dns_verdict take_update(struct dns_exchange *x, struct dns_served **served)
{
	x->server->updates->value++;
	if (x->question.type != REED_DNS_TYPE_SOA)
		return refuse(x, REED_DNS_RCODE_FORMERR);
	*served = x->question.klass == REED_DNS_CLASS_IN
	                  ? dns_served_exact(x->server, &x->question.name)
	                  : NULL;
	if (!*served || !(*served)->hooks || !(*served)->hooks->update)
		return refuse(x, REED_DNS_RCODE_NOTAUTH);
	if (!dns_rules_allow((*served)->rules, REED_DNS_MAY_UPDATE, x->client, &x->tsig))
		return refuse(x, REED_DNS_RCODE_REFUSED);
	return DNS_UPDATE;
}

static enum dns_verdict look(struct dns_exchange *x, struct dns_served **served,
                             struct dns_coder **coder)
{
	unsigned rcode;

	unsigned opcode = reed_dns_opcode(x->m.flags);

	if (opcode != REED_DNS_OPCODE_QUERY && opcode != REED_DNS_OPCODE_NOTIFY &&
	    opcode != REED_DNS_OPCODE_UPDATE)
		return refuse(x, REED_DNS_RCODE_NOTIMP);
	rcode = read_edns(x);
	x->has_question = x->m.counts[REED_DNS_QUESTION] == 1 &&
	                  !reed_dns_message_question(&x->m, &x->question);
	if (rcode)
		return refuse(x, rcode);
	if (!x->m.counts[REED_DNS_QUESTION] && x->has_cookie)
		return DNS_DONE; /* RFC 7873 5.4: it asks for a cookie */
	if (!x->has_question)
		return refuse(x, REED_DNS_RCODE_FORMERR); /* RFC 9619 */
	rcode = x->m.tsig ? take_signature(x) : 0;
	if (rcode)
		return refuse(x, rcode);
	if (x->server->view_count)
		dns_view_choose(x);
	if (opcode == REED_DNS_OPCODE_NOTIFY)
		return take_notice(x);
	if (opcode == REED_DNS_OPCODE_UPDATE)
		return take_update(x, served);
	x->recursion = dns_recursion_is_for(x);
	return find(x, served, coder);
}

enum dns_verdict dns_exchange(struct dns_exchange *x, struct reed_slice bytes,
                              struct dns_served **served, struct dns_coder **coder)
{
	enum reed_err err = reed_dns_message_parse(bytes, &x->m);

	*served = NULL;
	*coder = NULL;
	x->has_edns = x->has_question = x->has_cookie = x->knows_us = false;
	x->wants_nsid = x->wants_keepalive = x->wants_padding = x->recursion = false;
	x->is_heard = x->authentic = x->compact = x->wants_expire = x->has_expire = false;
	x->tsig.present = x->tsig.good = false;
	x->extended_error = 0;
	x->rcode = 0;
	x->rate_key = 0;
	x->question.name.n = 0;
	if (bytes.n < REED_DNS_HEADER_SIZE || x->m.flags & REED_DNS_QR)
		return DNS_IGNORE;
	if (x->server->tap)
		dns_tally_tap(x, bytes, false);
	if (err)
		return refuse(x, REED_DNS_RCODE_FORMERR);
	return look(x, served, coder);
}

/* ---- writing ---- */

size_t dns_exchange_room(const struct dns_exchange *x, size_t room)
{
	size_t most = REED_DNS_UDP_MAX;

	if (x->door != REED_DNS_UDP)
		most = REED_DNS_MESSAGE_MAX;
	else if (x->has_edns)
		most = x->edns.udp_size < x->server->options.udp_size ? x->edns.udp_size
		                                                      : x->server->options.udp_size;
	if (x->tsig.present && most < UDP_ROOM)
		most = UDP_ROOM; /* a signature has to fit whatever the names are */
	return most < room ? most : room;
}

size_t dns_exchange_opt_size(const struct dns_exchange *x)
{
	size_t n = OPT_SIZE;

	if (!x->has_edns)
		return reed_dns_tsig_size(&x->tsig);
	n += x->wants_nsid ? OPTION + strlen(x->server->identity) : 0;
	n += x->has_cookie ? OPTION + sizeof(x->cookie) : 0;
	n += x->wants_keepalive ? OPTION + 2 : 0;
	n += x->extended_error ? OPTION + 2 : 0;
	n += x->has_expire ? OPTION + 4 : 0;
	n += x->wants_padding ? OPTION : 0;
	return n + reed_dns_tsig_size(&x->tsig);
}

void dns_exchange_begin(struct dns_exchange *x, struct dns_answer *a, uint8_t *into, size_t room)
{
	const struct reed_dns_name *name = &x->question.name;
	size_t most = dns_exchange_room(x, room);

	/*
	 * It may have gone since it was asked for, and with a long name a long one is
	 * too much for the smallest answer.
	 */
	if (!x->server->identity)
		x->wants_nsid = false;
	if (REED_DNS_HEADER_SIZE + name->n + 4 + dns_exchange_opt_size(x) > most)
		x->wants_nsid = false;
	if (REED_DNS_HEADER_SIZE + name->n + 4 + dns_exchange_opt_size(x) > most)
		x->tsig.present = false;
	a->p = into;
	a->n = REED_DNS_HEADER_SIZE;
	a->limit = most - dns_exchange_opt_size(x);
	memset(a->counts, 0, sizeof(a->counts));
	a->dnssec = x->has_edns && x->edns.flags & REED_DNS_DO;
	a->aa = a->tc = a->yxdomain = a->nxdomain = a->exact = false;
	a->chain = a->wild_count = a->done_count = 0;
	a->question = &x->question;
	a->type = x->question.type == REED_DNS_TYPE_IXFR ? REED_DNS_TYPE_SOA : x->question.type;
	if (!x->has_question)
		return;
	memcpy(into + a->n, name->wire, name->n);
	a->n += name->n;
	dns_put16(into + a->n, x->question.type);
	dns_put16(into + a->n + 2, x->question.klass);
	a->n += 4;
	a->counts[REED_DNS_QUESTION] = 1;
}

static uint8_t *put_option(uint8_t *p, uint16_t code, const void *data, size_t n)
{
	dns_put16(p, code);
	dns_put16(p + 2, (unsigned)n);
	if (n)
		memcpy(p + OPTION, data, n);
	return p + OPTION + n;
}

/* Zeros up to a multiple, so that the length tells less. */
static uint8_t *put_padding(uint8_t *p, const uint8_t *begin, size_t room)
{
	size_t n = (size_t)(p - begin) + OPTION, pad = (PADDED_TO - n % PADDED_TO) % PADDED_TO;

	if (pad > room - n)
		pad = room - n;
	put_option(p, REED_DNS_OPTION_PADDING, NULL, 0);
	dns_put16(p + 2, (unsigned)pad);
	memset(p + OPTION, 0, pad);
	return p + OPTION + pad;
}

static uint8_t *put_options(const struct dns_exchange *x, uint8_t *p)
{
	uint8_t data[4];

	if (x->wants_nsid)
		p = put_option(p, REED_DNS_OPTION_NSID, x->server->identity,
		               strlen(x->server->identity));
	if (x->has_cookie)
		p = put_option(p, REED_DNS_OPTION_COOKIE, x->cookie, sizeof(x->cookie));
	if (x->wants_keepalive) {
		dns_put16(data, (unsigned)(x->server->options.idle / 100000000));
		p = put_option(p, REED_DNS_OPTION_KEEPALIVE, data, 2);
	}
	if (x->extended_error) {
		dns_put16(data, x->extended_error);
		p = put_option(p, REED_DNS_OPTION_ERROR, data, 2);
	}
	if (x->has_expire) {
		dns_put32(data, x->expire);
		p = put_option(p, REED_DNS_OPTION_EXPIRE, data, 4);
	}
	return p;
}

static void put_opt(const struct dns_exchange *x, struct dns_answer *a, size_t room)
{
	uint8_t *head = a->p + a->n, *p = head + OPT_SIZE;

	memset(head, 0, OPT_SIZE);
	dns_put16(head + 1, REED_DNS_TYPE_OPT);
	dns_put16(head + 3, x->server->options.udp_size);
	head[5] = (uint8_t)(x->rcode >> 4);
	dns_put16(head + 7,
	          (a->dnssec ? REED_DNS_DO : 0U) /* RFC 3225 3 */ | (x->compact ? EDNS_CO : 0U));
	p = put_options(x, p);
	if (x->wants_padding)
		p = put_padding(p, a->p, room);
	dns_put16(head + 9, (unsigned)(p - head) - OPT_SIZE);
	a->n = (size_t)(p - a->p);
	a->counts[REED_DNS_ADDITIONAL]++;
}

size_t dns_exchange_end(struct dns_exchange *x, struct dns_answer *a, size_t room)
{
	unsigned flags = REED_DNS_QR | (x->m.flags & (OPCODE_BITS | ECHOED));

	if (a->aa || x->is_heard)
		flags |= REED_DNS_AA; /* RFC 1996 4.7 has it so */
	if (a->tc)
		flags |= REED_DNS_TC;
	if (x->recursion)
		flags |= REED_DNS_RA;
	if (x->authentic)
		flags |= REED_DNS_AD;
	if (x->has_edns)
		put_opt(x, a, dns_exchange_room(x, room) - reed_dns_tsig_size(&x->tsig));
	dns_put16(a->p, x->m.id);
	dns_put16(a->p + 2, flags | (x->rcode & 15));
	for (unsigned i = 0; i < REED_DNS_SECTIONS; i++)
		dns_put16(a->p + COUNTS_AT + 2 * i, a->counts[i]);
	if (x->rcode < RCODES)
		x->server->rcodes[x->rcode]->value++;
	reed_dns_tsig_sign(&x->tsig, a->p, &a->n, dns_exchange_room(x, room), seconds(x));
	if (x->server->options.log_every)
		dns_tally_log(x, a->n);
	if (x->server->tap)
		dns_tally_tap(x, reed_slice(a->p, a->n), true);
	return a->n;
}

/* ---- class CH ---- */

static const char *chaos_text(const struct dns_exchange *x)
{
	const struct reed_dns_server *s = x->server;
	struct reed_dns_name name = x->question.name;
	struct reed_slice wire;

	reed_dns_name_lower(&name);
	wire = reed_dns_name_wire(&name);
	if (reed_slice_eq(wire, REED_STR("\7version\4bind\0")) ||
	    reed_slice_eq(wire, REED_STR("\7version\6server\0")))
		return s->version;
	if (reed_slice_eq(wire, REED_STR("\2id\6server\0")) ||
	    reed_slice_eq(wire, REED_STR("\10hostname\4bind\0")))
		return s->identity;
	return NULL;
}

static bool put_chaos(struct dns_exchange *x, struct dns_answer *a)
{
	const char *text = is_chaos_text(x) ? chaos_text(x) : NULL;
	uint8_t *p = a->p + a->n;
	size_t n = text ? strlen(text) : 0;

	if (!n || a->limit - a->n < RECORD_HEAD + 1 + n)
		return false;
	dns_put16(p, QUESTION_POINTER);
	dns_put16(p + 2, REED_DNS_TYPE_TXT);
	dns_put16(p + 4, REED_DNS_CLASS_CH);
	dns_put32(p + 6, TEXT_TTL);
	dns_put16(p + 10, (unsigned)n + 1);
	p[RECORD_HEAD] = (uint8_t)n;
	memcpy(p + RECORD_HEAD + 1, text, n);
	a->n += RECORD_HEAD + 1 + n;
	a->counts[REED_DNS_ANSWER]++;
	a->aa = true;
	return true;
}

/* ---- all of it ---- */

static void ask_zone(struct dns_exchange *x, struct dns_answer *a, const struct dns_served *served)
{
	a->zone =
		served->overlay ? dns_overlay_choose(served, &x->question, &x->path) : served->zone;
	dns_answer(a, &x->path);
	x->rcode = a->yxdomain   ? REED_DNS_RCODE_YXDOMAIN
	           : a->nxdomain ? REED_DNS_RCODE_NXDOMAIN
	                         : REED_DNS_RCODE_NOERROR;
	/* Names that are not, and wildcards, are as many as one likes: they count as one. */
	if (x->server->options.rate)
		x->rate_key = a->exact ? reed_dns_name_hash(&x->question.name, x->question.type)
		                       : served->hash + x->rcode;
}

size_t dns_exchange_answer(struct dns_exchange *x, enum dns_verdict verdict,
                           const struct dns_served *served, uint8_t *into, size_t room)
{
	struct dns_answer a;

	dns_exchange_begin(x, &a, into, room);
	if (verdict == DNS_ASK_ZONE)
		ask_zone(x, &a, served);
	else if (x->has_question && x->question.klass == REED_DNS_CLASS_CH && put_chaos(x, &a))
		x->rcode = REED_DNS_RCODE_NOERROR;
	return dns_exchange_end(x, &a, room);
}
