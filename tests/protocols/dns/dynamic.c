/* Zones that are code: answers and denials, judged by a validator. */

#include "check.h"
#include "random.h"
#include "names.h"
#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/dns/dynamic.h"
#include "reed/dns/edns.h"
#include "reed/dns/validate.h"

#include "protocols/dns/dynamic.h"

enum { KEYS = 2 };

struct house {
	struct reed_loop *loop;
	struct reed_dns_server *server;
	struct reed_dns_name name, host;
	struct reed_dns_zone_key *keys[KEYS];
	struct reed_dns_signing_key signing[KEYS];
	uint8_t bytes[4096];
	size_t n;
	struct reed_dns_message m;
	struct reed_buf text, dnskey;
};

/* www has an address and a text, alias leads there, the name itself has a text. */
static struct reed_future *code(void *arg, struct reed_dns_request *request)
{
	struct house *h = arg;
	struct reed_dns_name www = name_of("www.dyn.example.org"),
			     alias = name_of("alias.dyn.example.org");

	if (reed_dns_name_eq(&request->name, &alias))
		check_int(reed_dns_reply(request, REED_DNS_TYPE_CNAME, 30, "www.dyn.example.org."),
		          REED_OK);
	else if (!reed_dns_name_eq(&request->name, &www) &&
	         !reed_dns_name_eq(&request->name, &h->name))
		reed_dns_reply_code(request, REED_DNS_RCODE_NXDOMAIN);
	else if (request->type == REED_DNS_TYPE_TXT)
		check_int(reed_dns_reply(request, REED_DNS_TYPE_TXT, 30, "text"), REED_OK);
	else if (request->type == REED_DNS_TYPE_A)
		for (int i = 1; i < 4; i++) {
			char address[32];

			snprintf(address, sizeof(address), "192.0.2.%d", i);
			check_int(reed_dns_reply(request, REED_DNS_TYPE_A, 30, address), REED_OK);
		}
	return NULL;
}

static struct reed_dns_dynamic zone_of(struct house *h, size_t keys)
{
	return (struct reed_dns_dynamic){
		REED_DNS_DYNAMIC,   .name = &h->name,   .servers = &h->host,
		.server_count = 1,  .keys = h->signing, .key_count = keys,
		.negative_ttl = 60, .fn = code,         .arg = h
	};
}

/* keys: one for all, or one for the keys and one for the rest. */
static void house_open(struct house *h, unsigned algorithm, size_t keys)
{
	static const unsigned flags[KEYS] = { REED_DNS_KEY_ZONE | REED_DNS_KEY_SEP,
		                              REED_DNS_KEY_ZONE };
	uint8_t seed[REED_DNS_SEED_SIZE] = { 1 };
	struct reed_dns_dynamic zone;

	memset(h, 0, sizeof(*h));
	h->name = name_of("dyn.example.org");
	h->host = name_of("ns.example.org");
	check_int(reed_loop_new(NULL, &h->loop), REED_OK);
	h->server = reed_dns_server_new(h->loop, NULL);
	for (size_t i = 0; i < keys; i++) {
		seed[1] = (uint8_t)i;
		check_int(reed_dns_zone_key_make(algorithm, flags[i], seed, &h->keys[i]), REED_OK);
		h->signing[i] = (struct reed_dns_signing_key){ .key = h->keys[i],
			                                       .published = true,
			                                       .submitted = i == 0,
			                                       .signs_keys = i == 0,
			                                       .signs_zone = i == keys - 1 };
	}
	zone = zone_of(h, keys);
	check_int(reed_dns_server_dynamic(h->server, &zone), REED_OK);
}

static void house_close(struct house *h)
{
	reed_buf_finish(&h->text);
	reed_buf_finish(&h->dnskey);
	reed_dns_server_free(h->server);
	for (size_t i = 0; i < KEYS; i++)
		reed_dns_zone_key_free(h->keys[i]);
	reed_loop_free(h->loop);
}

/* ---- a question over a stream ---- */

struct talk {
	struct reed_co co;
	struct house *house;
	struct reed_stream *ours;
	struct reed_slice bytes;
};

static void talk_run(struct reed_co *co)
{
	struct talk *self = reed_frame(co, struct talk);

	reed_coroutine (co) {
		reed_try(co, reed_read_exactly(self->ours, 2, &self->bytes));
		reed_try(co,
		         reed_read_exactly(self->ours, dns_get16((const uint8_t *)self->bytes.p),
		                           &self->bytes));
		check(self->bytes.n <= sizeof(self->house->bytes));
		memcpy(self->house->bytes, self->bytes.p, self->bytes.n);
		self->house->n = self->bytes.n;
	}
}

static const struct reed_co_kind talk_kind = {
	.name = "talk",
	.size = sizeof(struct talk),
	.run = talk_run,
};

/* flags of EDNS; 0: none. */
static const char *asked(struct house *h, const struct reed_dns_name *name, uint16_t type,
                         uint16_t flags)
{
	struct reed_dns_edns edns = { .udp_size = 4096, .flags = flags };
	struct talk *talk = reed_co_new(h->loop, &talk_kind);
	struct reed_stream *ours, *theirs;
	struct reed_dns_builder b;
	struct reed_slice query;
	uint8_t p[514];

	reed_dns_build(&b, p + 2, 512);
	reed_dns_build_header(&b, 7, 0);
	reed_dns_build_question(&b, name, type, REED_DNS_CLASS_IN);
	if (flags) {
		reed_dns_build_opt(&b, &edns);
		reed_dns_build_opt_end(&b);
	}
	check_int(reed_dns_build_end(&b, &query), REED_OK);
	dns_put16(p, (unsigned)query.n);
	reed_stream_pair(h->loop, 0, &ours, &theirs);
	talk->house = h;
	talk->ours = ours;
	reed_write(ours, reed_slice(p, 2 + query.n));
	reed_shutdown(ours);
	reed_background(reed_dns_session(h->server, theirs), NULL, NULL);
	check_int(reed_loop_run_until(h->loop, reed_start(&talk->co), NULL), REED_OK);
	reed_close(ours);
	reed_loop_run(h->loop);
	check_int(reed_dns_message_parse(reed_slice(h->bytes, h->n), &h->m), REED_OK);
	reed_buf_clear(&h->text);
	check_int(reed_dns_message_print(&h->m, &h->text), REED_OK);
	reed_buf_add_char(&h->text, '\0');
	return h->text.p + h->text.begin;
}

static unsigned rcode_of(struct house *h, const char *name, uint16_t type, uint16_t flags)
{
	struct reed_dns_name owner = name_of(name);

	asked(h, &owner, type, flags);
	return h->m.flags & 15;
}

/* ---- judging ---- */

static struct reed_future *ask_keys(void *arg, const struct reed_dns_name *name, uint16_t type,
                                    struct reed_buf *message)
{
	struct house *h = arg;

	check(type == REED_DNS_TYPE_DNSKEY && reed_dns_name_eq(name, &h->name));
	reed_buf_add(message, reed_buf_slice(&h->dnskey));
	return reed_ready(h->loop, REED_OK);
}

static void check_secure(struct house *h, const char *name, uint16_t type, uint16_t flags)
{
	struct reed_dns_validator_options o = { REED_DNS_VALIDATOR_OPTIONS, .ask = ask_keys,
		                                .arg = h };
	struct reed_dns_validator *v = reed_dns_validator_new(h->loop, &o);
	struct reed_dns_name owner = name_of(name);
	struct reed_dns_verdict verdict = { 0 };
	uint8_t room[REED_DNS_DS_MAX];
	struct reed_slice ds, kept;

	check_int(reed_dns_ds_make(&h->name, reed_dns_zone_key_rdata(h->keys[0]),
	                           REED_DNS_DIGEST_SHA256, room, &ds),
	          REED_OK);
	check_int(reed_dns_validator_trust(v, &h->name, REED_DNS_TYPE_DS, ds), REED_OK);
	asked(h, &h->name, REED_DNS_TYPE_DNSKEY, REED_DNS_DO);
	reed_buf_clear(&h->dnskey);
	reed_buf_add(&h->dnskey, reed_slice(h->bytes, h->n));
	asked(h, &owner, type, flags);
	kept = reed_slice(reed_slice_dup(reed_slice(h->bytes, h->n)), h->n);
	check_int(reed_loop_run_until(h->loop, reed_dns_validate(v, kept, &verdict), NULL),
	          REED_OK);
	if (verdict.security != REED_DNS_SECURE)
		fprintf(stderr, "%s, type %u: %s\n", name, type, verdict.why);
	check_int(verdict.security, REED_DNS_SECURE);
	reed_free((void *)(uintptr_t)kept.p);
	reed_dns_validator_free(v);
}

static void every_answer_is_secure(void)
{
	static const struct {
		const char *name;
		uint16_t type;
	} all[] = {
		{ "www.dyn.example.org", REED_DNS_TYPE_A },
		{ "www.dyn.example.org", REED_DNS_TYPE_TXT },
		{ "www.dyn.example.org", REED_DNS_TYPE_AAAA },
		{ "WWW.dyn.example.org", REED_DNS_TYPE_MX },
		{ "nx.dyn.example.org", REED_DNS_TYPE_A },
		{ "a.b.nx.dyn.example.org", REED_DNS_TYPE_A },
		{ "alias.dyn.example.org", REED_DNS_TYPE_CNAME },
		{ "dyn.example.org", REED_DNS_TYPE_SOA },
		{ "dyn.example.org", REED_DNS_TYPE_NS },
		{ "dyn.example.org", REED_DNS_TYPE_TXT },
		{ "dyn.example.org", REED_DNS_TYPE_MX },
		{ "dyn.example.org", REED_DNS_TYPE_CDS },
		{ "dyn.example.org", REED_DNS_TYPE_CDNSKEY },
	};
	static const unsigned algorithms[] = { REED_DNS_ECDSAP256, REED_DNS_ED25519 };
	struct house h;

	for (size_t k = 1; k <= KEYS; k++) {
		house_open(&h, algorithms[k - 1], k);
		for (size_t i = 0; i < REED_COUNT(all); i++)
			check_secure(&h, all[i].name, all[i].type, REED_DNS_DO);
		house_close(&h);
	}
}

static void who_understands_it_is_told_that_a_name_is_not(void)
{
	struct reed_dns_edns edns;
	struct house h;

	house_open(&h, REED_DNS_ED25519, 1);
	check_int(rcode_of(&h, "nx.dyn.example.org", REED_DNS_TYPE_A, 0), REED_DNS_RCODE_NXDOMAIN);
	check_int(rcode_of(&h, "nx.dyn.example.org", REED_DNS_TYPE_A, REED_DNS_DO),
	          REED_DNS_RCODE_NOERROR);
	check(strstr(h.text.p, "nx.dyn.example.org. 60 IN NSEC \\000.nx.dyn.example.org. "
	                       "RRSIG NSEC NXNAME\n"));
	check_int(rcode_of(&h, "nx.dyn.example.org", REED_DNS_TYPE_A, REED_DNS_DO | EDNS_CO),
	          REED_DNS_RCODE_NXDOMAIN);
	check_int(reed_dns_edns(&h.m, &edns), REED_OK);
	check_int(edns.flags, REED_DNS_DO | EDNS_CO);
	check_int(rcode_of(&h, "nx.dyn.example.org", REED_DNS_TYPE_NXNAME, REED_DNS_DO),
	          REED_DNS_RCODE_FORMERR);
	house_close(&h);
}

static void what_is_not_signed_has_its_soa(void)
{
	struct reed_dns_name www = name_of("www.dyn.example.org");
	struct reed_dns_dynamic zone;
	struct house h;

	house_open(&h, REED_DNS_ED25519, 1);
	zone = zone_of(&h, 0);
	check_int(reed_dns_server_dynamic(h.server, &zone),
	          REED_OK); /* in the place of the other */
	check(strstr(asked(&h, &www, REED_DNS_TYPE_MX, REED_DNS_DO),
	             ";; authority\ndyn.example.org. 60 IN SOA ns.example.org. "
	             "hostmaster.dyn.example.org. 1 3600 600 604800 60\n"));
	check(!strstr(h.text.p, "NSEC"));
	check(!strstr(asked(&h, &www, REED_DNS_TYPE_A, REED_DNS_DO), "RRSIG"));
	check(strstr(asked(&h, &h.name, REED_DNS_TYPE_DNSKEY, REED_DNS_DO), "SOA"));
	house_close(&h);
}

static void the_parent_answers_for_the_ds(void)
{
	struct reed_dns_name parent = name_of("example.org");
	struct reed_dns_zone *zone;
	struct house h;

	house_open(&h, REED_DNS_ED25519, 1);
	check(strstr(asked(&h, &h.name, REED_DNS_TYPE_DS, 0), "dyn.example.org. 60 IN SOA"));
	check_int(reed_dns_zone_parse(REED_STR("@ 9 SOA . . 1 2 3 4 5\n@ 9 NS .\n"
	                                       "dyn 9 NS .\ndyn 9 DS 1 15 2 00\n"),
	                              "zone", &parent, &zone, NULL),
	          REED_OK);
	reed_dns_server_put(h.server, zone, NULL);
	check(strstr(asked(&h, &h.name, REED_DNS_TYPE_DS, 0),
	             ";; answer\ndyn.example.org. 9 IN DS 1 15 2 00\n"));
	check(strstr(asked(&h, &h.name, REED_DNS_TYPE_SOA, 0), "ns.example.org."));
	house_close(&h);
}

static void keys_that_do_not_do_are_refused(void)
{
	struct reed_dns_dynamic zone;
	struct house h;

	house_open(&h, REED_DNS_ED25519, 2);
	zone = zone_of(&h, 1); /* signs keys, and nothing else */
	check_int(reed_dns_server_dynamic(h.server, &zone), REED_EINVAL);
	zone = zone_of(&h, 0);
	zone.server_count = 0;
	check_int(reed_dns_server_dynamic(h.server, &zone), REED_EINVAL);
	zone.server_count = REED_DNS_DYNAMIC_SERVERS + 1;
	check_int(reed_dns_server_dynamic(h.server, &zone), REED_EINVAL);
	house_close(&h);
}

/* ---- what follows ---- */

static void fill(struct reed_dns_name *name, const struct reed_dns_name *zone, uint8_t octet,
                 unsigned most)
{
	char label[REED_DNS_LABEL_MAX];

	memset(label, octet, sizeof(label));
	*name = *zone;
	while (name->n + 2U <= most) {
		unsigned room = most - name->n - 1, n = room < sizeof(label) ? room : sizeof(label);

		check_int(reed_dns_name_prepend(reed_slice(label, n), name, name), REED_OK);
	}
}

static void a_name_is_followed_by_the_next_one(void)
{
	static const uint8_t octets[] = { 0, '@', 'Z', 'a', 'z', 0xff };
	struct reed_dns_name zone = name_of("example.org"), name, after;

	for (unsigned most = 200; most <= REED_DNS_NAME_MAX; most++)
		for (size_t i = 0; i < REED_COUNT(octets); i++) {
			fill(&name, &zone, octets[i], most);
			dns_name_after(&name, &zone, &after);
			check(reed_dns_name_is_under(&after, &zone));
			/* the last of all is followed by the zone's own name */
			check(reed_dns_name_cmp(&after, &name) > 0 ||
			      (octets[i] == 0xff && most >= REED_DNS_NAME_MAX - 1 &&
			       reed_dns_name_eq(&after, &zone)));
		}
	random_seed(1);
	for (int i = 0; i < 10000; i++) {
		do
			random_name(&name);
		while (!reed_dns_name_is_under(&name, &zone));
		dns_name_after(&name, &zone, &after);
		check(reed_dns_name_cmp(&after, &name) > 0);
	}
}

int main(void)
{
	RUN(every_answer_is_secure);
	RUN(who_understands_it_is_told_that_a_name_is_not);
	RUN(what_is_not_signed_has_its_soa);
	RUN(the_parent_answers_for_the_ds);
	RUN(keys_that_do_not_do_are_refused);
	RUN(a_name_is_followed_by_the_next_one);
	return 0;
}
