/* A zone that its keeper changes: signed anew by itself, and an update that is said again. */

#include <unistd.h>

#include "check.h"
#include "names.h"
#include "reed/alloc.h"
#include "reed/dns/edns.h"
#include "reed/dns/keeper.h"
#include "reed/file.h"
#include "reed/random.h"
#include "reed/sim.h"

enum { DAY = 86400 };

static const char zone_text[] = "$TTL 300\n@ SOA ns a 1 20 5 2000 60\n@ NS ns\nns A 192.0.2.1\n";

static const struct reed_address client = { .family = REED_FAMILY_IPV4,
	                                    .port = 4000,
	                                    .ip = { 198, 51, 100, 1 } };

struct world {
	struct reed_sim *sim;
	struct reed_loop *loop;
	struct reed_dns_server *server;
	struct reed_dns_keeper *keeper;
	struct reed_dns_name name;
	struct reed_dns_key key;
	char folder[32];
	char *file, *journal;
};

static void open_world(struct world *w, const struct reed_dns_policy *sign)
{
	struct reed_sim_options sim = REED_SIM_OPTIONS;
	struct reed_dns_rule rule = { .actions = REED_DNS_MAY_UPDATE };
	struct reed_dns_access access = REED_DNS_ACCESS;
	struct reed_dns_keeper_options o = REED_DNS_KEEPER_OPTIONS;
	struct reed_dns_keys *keys = reed_dns_keys_new();
	struct reed_file_stamp stamp;

	memset(w, 0, sizeof(*w));
	sim.seed = 1;
	w->sim = reed_sim_new(&sim);
	w->loop = reed_sim_host(w->sim, "ns");
	w->name = name_of("example.org");
	strcpy(w->folder, "/tmp/reed-kept-XXXXXX");
	check(mkdtemp(w->folder));
	w->file = reed_sprintf("%s/zone", w->folder);
	w->journal = reed_sprintf("%s/journal", w->folder);
	check_int(reed_file_replace(w->file, reed_slice_of(zone_text), &stamp), REED_OK);
	check_int(reed_dns_key_parse("k", REED_DNS_HMAC_SHA256, REED_STR("c2VjcmV0"), &w->key,
	                             NULL),
	          REED_OK);
	check_int(reed_dns_keys_add(keys, &w->key, false), REED_OK);
	rule.keys = &w->key.name;
	rule.key_count = 1;
	access.rules = &rule;
	access.rule_count = 1;
	o.name = &w->name;
	o.file = w->file;
	o.journal = w->journal;
	o.access = &access;
	o.sign = sign;
	w->server = reed_dns_server_new(w->loop, NULL);
	reed_dns_server_keys(w->server, keys);
	w->keeper = reed_dns_keeper_new(w->server, &o);
	check_int(reed_sim_run_until(w->sim, reed_dns_keeper_idle(w->keeper), NULL), REED_OK);
}

static void close_world(struct world *w)
{
	static const char *const ends[] = { "zone", "journal", "journal.keys", "journal.signed" };

	reed_dns_keeper_free(w->keeper);
	reed_dns_server_free(w->server);
	reed_sim_free(w->sim);
	for (size_t i = 0; i < REED_COUNT(ends); i++) {
		char *path = reed_sprintf("%s/%s", w->folder, ends[i]);

		unlink(path);
		reed_free(path);
	}
	check_int(rmdir(w->folder), 0);
	reed_free(w->file);
	reed_free(w->journal);
}

/* ---- signatures ---- */

/* Seconds that the signature of an answer has left, and the tag of its key. */
static int64_t left(struct world *w, const char *name, uint16_t type, uint16_t *tag)
{
	static const struct reed_dns_edns edns = { .udp_size = 4096, .flags = REED_DNS_DO };
	uint8_t query[512], answer[4096], room[4096];
	struct reed_dns_name owner = name_of(name);
	struct reed_dns_rrsig sig = { 0 };
	struct reed_dns_message m;
	struct reed_dns_builder b;
	struct reed_dns_walk walk;
	struct reed_dns_record r;
	struct reed_slice bytes, rdata;
	size_t n;

	reed_dns_build(&b, query, sizeof(query));
	reed_dns_build_header(&b, 7, 0);
	reed_dns_build_question(&b, &owner, type, REED_DNS_CLASS_IN);
	reed_dns_build_opt(&b, &edns);
	reed_dns_build_opt_end(&b);
	check_int(reed_dns_build_end(&b, &bytes), REED_OK);
	n = reed_dns_server_ask(w->server, REED_DNS_TCP, &client, bytes, answer, sizeof(answer));
	check_int(reed_dns_message_parse(reed_slice(answer, n), &m), REED_OK);
	reed_dns_walk(&m, REED_DNS_ANSWER, &walk);
	while (reed_dns_next(&walk, &r))
		if (r.type == REED_DNS_TYPE_RRSIG) {
			check_int(reed_dns_record_rdata(&r, room, sizeof(room), &rdata), REED_OK);
			check_int(reed_dns_rrsig_read(rdata, &sig), REED_OK);
		}
	check(sig.signature.n);
	*tag = sig.tag;
	return (int32_t)(sig.expiration - (uint32_t)(reed_wall(w->loop) / 1000000000));
}

static void what_is_signed_is_signed_anew_ahead_of_its_end_and_keys_are_rolled(void)
{
	struct reed_dns_policy policy = { REED_DNS_POLICY, .split = true,
		                          .zsk_lifetime = 20 * DAY };
	uint16_t first, tag = 0;
	struct world w;

	open_world(&w, &policy);
	left(&w, "ns.example.org", REED_DNS_TYPE_A, &first);
	for (int day = 0; day < 50; day++) {
		check_int(reed_sim_run_for(w.sim, REED_S(DAY)), REED_OK);
		check(left(&w, "ns.example.org", REED_DNS_TYPE_A, &tag) > 6 * DAY);
		check(left(&w, "example.org", REED_DNS_TYPE_DNSKEY, &tag) > 6 * DAY);
		check(left(&w, "example.org", REED_DNS_TYPE_SOA, &tag) > 6 * DAY);
		check(day >= 19 || tag == first);
	}
	check(tag != first);
	close_world(&w);
}

/* ---- updates ---- */

static struct reed_slice update(struct world *w, bool there, uint8_t *p, size_t room)
{
	struct reed_dns_name owner = name_of("new.example.org");
	struct reed_dns_tsig tsig = { 0 };
	struct reed_dns_builder b;
	struct reed_slice bytes;
	size_t n;

	reed_dns_build(&b, p, room);
	reed_dns_build_header(&b, 1, REED_DNS_OPCODE_UPDATE << 11);
	reed_dns_build_question(&b, &w->name, REED_DNS_TYPE_SOA, REED_DNS_CLASS_IN);
	if (there)
		reed_dns_build_record(&b, REED_DNS_AUTHORITY, &owner, REED_DNS_TYPE_A,
		                      REED_DNS_CLASS_IN, 60, REED_STR("\1\2\3\4"));
	else
		reed_dns_build_record(&b, REED_DNS_AUTHORITY, &owner, REED_DNS_TYPE_ANY,
		                      REED_DNS_CLASS_ANY, 0, REED_STR(""));
	check_int(reed_dns_build_end(&b, &bytes), REED_OK);
	n = bytes.n;
	reed_dns_tsig_begin(&tsig, &w->key);
	check_int(reed_dns_tsig_sign(&tsig, p, &n, room,
	                             (uint64_t)(reed_wall(w->loop) / 1000000000)),
	          REED_OK);
	reed_dns_tsig_finish(&tsig);
	return reed_slice(p, n);
}

/* The rcode, and the serial that the zone has then. */
static unsigned sent(struct world *w, struct reed_slice message, uint32_t *serial)
{
	struct reed_dns_keeper_facts facts = { .size = sizeof(facts) };
	struct reed_buf answer = { 0 };
	struct reed_dns_message m;
	unsigned rcode;

	check_int(reed_sim_run_until(w->sim,
	                             reed_dns_server_exchange(w->server, REED_DNS_TCP, &client,
	                                                      message, &answer),
	                             NULL),
	          REED_OK);
	check_int(reed_dns_message_parse(reed_buf_slice(&answer), &m), REED_OK);
	rcode = reed_dns_rcode(m.flags);
	reed_buf_finish(&answer);
	reed_dns_keeper_facts(w->keeper, &facts);
	*serial = facts.serial;
	return rcode;
}

static void an_update_that_is_said_again_is_answered_and_not_done(void)
{
	uint8_t p[512], q[512];
	struct reed_slice first, second;
	uint32_t serial;
	struct world w;

	open_world(&w, NULL);
	first = update(&w, true, p, sizeof(p));
	check_int(sent(&w, first, &serial), REED_DNS_RCODE_NOERROR);
	check_int(serial, 2);
	second = update(&w, false, q, sizeof(q));
	check_int(sent(&w, second, &serial), REED_DNS_RCODE_NOERROR);
	check_int(serial, 3);
	check_int(sent(&w, first, &serial), REED_DNS_RCODE_NOERROR);
	check_int(serial, 3);
	reed_sim_run_for(w.sim, REED_S(400)); /* by then its time is over */
	check_int(sent(&w, first, &serial), REED_DNS_RCODE_NOTAUTH);
	check_int(serial, 3);
	close_world(&w);
}

int main(void)
{
	RUN(what_is_signed_is_signed_anew_ahead_of_its_end_and_keys_are_rolled);
	RUN(an_update_that_is_said_again_is_answered_and_not_done);
	return 0;
}
