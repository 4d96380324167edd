/*
 * Ten years of rollovers: at each step every cache that holds what it may hold by the TTLs
 * finds the zone valid, whichever versions of DS, DNSKEY and data it has.
 */

#include "check.h"
#include "names.h"
#include "reed/alloc.h"
#include "reed/dns/build.h"
#include "reed/dns/edns.h"
#include "reed/dns/server.h"
#include "reed/dns/validate.h"

#include "protocols/dns/item.h"
#include "protocols/dns/ring.h"

enum { START = 1700000000, HOUR = 3600, DAY = 86400, VERSIONS = 16, ROOM = 65535 };

static const char text[] = "$TTL 86400\n@ SOA ns a 1 2 3 4 3600\n@ NS ns\nns A 192.0.2.1\n"
			   "www 300 A 192.0.2.2\n";

/* What was served at a time, or is still. */
struct version {
	int64_t until; /* caches may have it; INT64_MAX: it is served */
	struct reed_buf bytes[3];
	unsigned keys, seals[3]; /* algorithms, a bit each: of DNSKEY, of RRSIG */
};

struct ds_version {
	int64_t until;
	struct reed_buf items;
	unsigned algorithms;
};

struct world {
	struct reed_loop *loop;
	struct reed_dns_name name;
	struct reed_dns_policy policy;
	struct dns_ring ring;
	struct reed_dns_zone *plain, *zone;
	struct version versions[VERSIONS];
	struct ds_version ds[VERSIONS];
	size_t n, ds_n;
	int64_t now, refresh, submitted; /* submitted: since when the parent could know */
	uint32_t serial;
	struct version *asked;
	uint64_t entropy;
	size_t checks, made;
};

static const uint16_t types[] = { REED_DNS_TYPE_DNSKEY, REED_DNS_TYPE_A, REED_DNS_TYPE_A };
static const char *const names[] = { "example.org", "www.example.org", "nx.example.org" };

/* ---- versions ---- */

static void note_answer(struct reed_dns_server *server, const char *at, uint16_t type,
                        struct reed_buf *into)
{
	static const struct reed_dns_edns edns = { .udp_size = 4096, .flags = REED_DNS_DO };
	struct reed_dns_name name = name_of(at);
	uint8_t query[512], *answer = reed_alloc_raw(ROOM);
	struct reed_address client = { 0 };
	struct reed_dns_builder b;
	struct reed_slice q;
	size_t n;

	reed_dns_build(&b, query, sizeof(query));
	reed_dns_build_header(&b, 7, 0);
	reed_dns_build_question(&b, &name, type, REED_DNS_CLASS_IN);
	reed_dns_build_opt(&b, &edns);
	reed_dns_build_opt_end(&b);
	check_int(reed_dns_build_end(&b, &q), REED_OK);
	n = reed_dns_server_ask(server, REED_DNS_TCP, &client, q, answer, ROOM);
	check(n > 12);
	reed_buf_add(into, reed_slice(answer, n));
	reed_free(answer);
}

/* A bit for each algorithm that keys, or signatures, of the answer are of. */
static void note_algorithms(struct version *v, size_t i)
{
	static uint8_t room[ROOM];
	struct reed_dns_message m;
	struct reed_dns_walk walk;
	struct reed_dns_record r;
	struct reed_slice rdata;
	struct reed_dns_rrsig sig;

	check_int(reed_dns_message_parse(reed_buf_slice(&v->bytes[i]), &m), REED_OK);
	for (unsigned section = REED_DNS_ANSWER; section <= REED_DNS_AUTHORITY; section++) {
		reed_dns_walk(&m, (enum reed_dns_section)section, &walk);
		while (reed_dns_next(&walk, &r)) {
			check_int(reed_dns_record_rdata(&r, room, ROOM, &rdata), REED_OK);
			if (r.type == REED_DNS_TYPE_DNSKEY)
				v->keys |= 1U << rdata.p[3];
			if (r.type == REED_DNS_TYPE_RRSIG && !reed_dns_rrsig_read(rdata, &sig))
				v->seals[i] |= 1U << sig.algorithm;
		}
	}
}

static void add_version(struct world *w)
{
	struct reed_dns_server *server = reed_dns_server_new(w->loop, NULL);
	struct version *v;

	if (w->n)
		w->versions[w->n - 1].until = w->now + w->policy.propagation + w->ring.ttl_most;
	check(w->n < VERSIONS);
	v = &w->versions[w->n++];
	*v = (struct version){ .until = INT64_MAX };
	reed_dns_server_put(server, reed_dns_zone_share(w->zone), NULL);
	for (size_t i = 0; i < 3; i++)
		note_answer(server, names[i], types[i], &v->bytes[i]);
	for (size_t i = 0; i < 3; i++)
		note_algorithms(v, i);
	reed_dns_server_free(server);
}

static void forget_old(struct world *w)
{
	while (w->n && w->versions[0].until <= w->now) {
		for (size_t i = 0; i < 3; i++)
			reed_buf_finish(&w->versions[0].bytes[i]);
		memmove(w->versions, w->versions + 1, --w->n * sizeof(w->versions[0]));
	}
	while (w->ds_n && w->ds[0].until <= w->now) {
		reed_buf_finish(&w->ds[0].items);
		memmove(w->ds, w->ds + 1, --w->ds_n * sizeof(w->ds[0]));
	}
}

/* ---- the zone ---- */

static void sign(struct world *w)
{
	struct reed_dns_signing_key keys[RING_KEYS];
	struct reed_dns_signing how = {
		REED_DNS_SIGNING,
		.keys = keys,
		.count = dns_ring_signing(&w->ring, keys),
		.serial = ++w->serial,
		.now = (uint32_t)w->now,
		.lifetime = w->policy.lifetime,
		.refresh = w->policy.refresh,
		.jitter = w->policy.jitter,
		.dnskey_ttl = w->policy.dnskey_ttl,
		.nsec3 = w->policy.nsec3,
	};
	struct reed_dns_signed facts = { .size = sizeof(facts) };
	struct reed_dns_zone *made;

	check_int(reed_dns_zone_sign(w->plain, w->zone, &how, &made, &facts, NULL), REED_OK);
	reed_dns_zone_release(w->zone);
	w->zone = made;
	w->ring.ttl_most = facts.ttl_most;
	w->refresh = facts.refresh;
	w->made += facts.made;
	add_version(w);
}

/* ---- the parent, which does what CDS says, in its own time ---- */

static void cds_of(struct world *w, struct reed_buf *items)
{
	const struct dns_rrset *set = dns_node_set(w->zone->apex, REED_DNS_TYPE_CDS);
	struct dns_rrset *bare;

	if (!set)
		return;
	bare = reed_alloc(sizeof(*bare) + set->fix_count * sizeof(uint32_t) + set->size);
	memcpy(bare, set, sizeof(*bare) + set->fix_count * sizeof(uint32_t) + set->size);
	bare->sigs = NULL;
	dns_rrset_each(w->zone, w->zone->apex, bare, dns_item_keep, items);
	reed_free(bare);
}

static unsigned algorithms_of(const struct reed_buf *items)
{
	struct reed_slice rest = reed_buf_slice(items);
	struct dns_item item;
	unsigned all = 0;

	while (dns_item_next(&rest, &item))
		all |= 1U << item.rdata.p[2];
	return all;
}

static void ask_parent(struct world *w)
{
	struct ds_version *last = w->ds_n ? &w->ds[w->ds_n - 1] : NULL;
	struct reed_buf items = { 0 };

	cds_of(w, &items);
	if ((last && reed_slice_eq(reed_buf_slice(&items), reed_buf_slice(&last->items))) ||
	    !reed_buf_held(&items)) {
		w->submitted = 0;
		reed_buf_finish(&items);
		return;
	}
	if (!w->submitted)
		w->submitted = w->now;
	if (w->now - w->submitted < 2 * DAY) {
		reed_buf_finish(&items);
		return;
	}
	if (last)
		last->until = w->now + w->policy.ds_ttl;
	check(w->ds_n < VERSIONS);
	w->ds[w->ds_n++] = (struct ds_version){ INT64_MAX, items, algorithms_of(&items) };
	dns_ring_seen(&w->ring, w->now);
}

/* ---- caches ---- */

static struct reed_future *ask(void *arg, const struct reed_dns_name *name, uint16_t type,
                               struct reed_buf *message)
{
	struct world *w = arg;

	check_int(type, REED_DNS_TYPE_DNSKEY);
	check(reed_dns_name_eq(name, &w->name));
	reed_buf_add(message, reed_buf_slice(&w->asked->bytes[0]));
	return reed_ready(w->loop, REED_OK);
}

static int64_t clock_of(void *arg)
{
	return ((struct world *)arg)->now * 1000000000;
}

static void trust_all(struct world *w, struct reed_dns_validator *v, const struct ds_version *ds)
{
	struct reed_slice rest = reed_buf_slice(&ds->items);
	struct dns_item item;

	while (dns_item_next(&rest, &item))
		check_int(reed_dns_validator_trust(v, &w->name, REED_DNS_TYPE_DS, item.rdata),
		          REED_OK);
}

static void check_one(struct world *w, struct reed_dns_validator *v, const struct version *data)
{
	/* keys are judged by DS records, not by other keys */
	for (size_t i = data == w->asked ? 0 : 1; i < 3; i++) {
		struct reed_dns_verdict verdict = { 0 };
		struct reed_slice bytes = reed_buf_slice(&data->bytes[i]);

		check_int(reed_loop_run_until(w->loop, reed_dns_validate(v, bytes, &verdict), NULL),
		          REED_OK);
		if (verdict.security != REED_DNS_SECURE)
			fprintf(stderr, "day %d: %s: %s (of %zu, %zu, %zu keys)\n",
			        (int)((w->now - START) / DAY), names[i], verdict.why, w->ds_n, w->n,
			        w->ring.n);
		check_int(verdict.security, REED_DNS_SECURE);
		w->checks++;
	}
}

/* RFC 4035 2.2: all that is in the DS signs the keys, all that is in the keys the rest. */
static void check_algorithms(const struct world *w, const struct version *keys)
{
	for (size_t d = 0; d < w->ds_n; d++)
		check_int(w->ds[d].algorithms & ~keys->seals[0], 0);
	for (size_t i = 0; i < w->n; i++)
		for (size_t k = 1; k < 3; k++)
			check_int(keys->keys & ~w->versions[i].seals[k], 0);
}

static void check_caches(struct world *w)
{
	for (size_t k = 0; k < w->n; k++)
		check_algorithms(w, &w->versions[k]);
	struct reed_dns_validator_options o = { REED_DNS_VALIDATOR_OPTIONS, .ask = ask, .arg = w,
		                                .clock = clock_of };

	for (size_t d = 0; d < w->ds_n; d++)
		for (size_t k = 0; k < w->n; k++) {
			struct reed_dns_validator *v = reed_dns_validator_new(w->loop, &o);

			w->asked = &w->versions[k];
			trust_all(w, v, &w->ds[d]);
			for (size_t i = 0; i < w->n; i++)
				check_one(w, v, &w->versions[i]);
			reed_dns_validator_free(v);
		}
}

/* ---- time goes by ---- */

static void fill(struct world *w, struct dns_entropy *e)
{
	e->used = 0;
	for (size_t i = 0; i < sizeof(e->bytes); i++) {
		w->entropy = w->entropy * UINT64_C(6364136223846793005) + 1442695040888963407U;
		e->bytes[i] = (uint8_t)(w->entropy >> 56);
	}
}

static void begin(struct world *w, const struct reed_dns_policy *policy)
{
	*w = (struct world){ .policy = dns_policy_of(policy), .now = START };
	w->name = name_of("example.org");
	check_int(reed_loop_new(NULL, &w->loop), REED_OK);
	check_int(reed_dns_zone_parse(reed_slice_of(text), "zone", &w->name, &w->plain, NULL),
	          REED_OK);
}

static void end(struct world *w)
{
	w->now += 1000 * (int64_t)DAY;
	w->versions[w->n - 1].until = w->ds[w->ds_n - 1].until = 0;
	forget_old(w);
	dns_ring_finish(&w->ring);
	reed_dns_zone_release(w->plain);
	reed_dns_zone_release(w->zone);
	reed_loop_free(w->loop);
}

/* A crash: what is left is the file. */
static void restart(struct world *w)
{
	struct reed_buf file = { 0 };
	struct dns_ring again;

	dns_ring_print(&w->ring, &file);
	check_int(dns_ring_parse(&again, reed_buf_slice(&file)), REED_OK);
	dns_ring_finish(&w->ring);
	w->ring = again;
	dns_ring_reconcile(&w->ring, w->zone, w->now);
	reed_wipe(file.p, file.size);
	reed_buf_finish(&file);
}

static void step(struct world *w, int64_t number)
{
	struct dns_entropy entropy;
	bool changed;

	fill(w, &entropy);
	changed = dns_ring_step(&w->ring, &w->policy, w->now, &entropy);
	if (changed && number % 3 == 0 && w->zone)
		restart(w); /* after the file was written, before the zone was */
	if (changed || w->refresh <= w->now || !w->zone)
		sign(w);
	ask_parent(w);
	forget_old(w);
	if (changed || w->submitted)
		check_caches(w);
}

/* every: days until the algorithm is changed; 0: never. */
static void run(const struct reed_dns_policy *policy, unsigned rolls, int every)
{
	struct world w;
	uint16_t tags[512];
	size_t n = 0;

	begin(&w, policy);
	for (int64_t i = 0; i < 3652 * 4; i++) {
		if (every && i % ((int64_t)every * 4) == (int64_t)every * 2)
			w.policy.algorithm ^= REED_DNS_ED25519 ^ REED_DNS_ECDSAP256;
		step(&w, i);
		for (size_t k = 0; k < w.ring.n; k++) {
			uint16_t tag = reed_dns_zone_key_tag(w.ring.keys[k].key);
			size_t at = 0;

			while (at < n && tags[at] != tag)
				at++;
			if (at == n && n < REED_COUNT(tags))
				tags[n++] = tag;
		}
		if (i % 28 == 0)
			check_caches(&w);
		w.now += 6 * HOUR;
	}
	printf("%zu keys, %zu signatures, %zu answers judged\n", n, w.made, w.checks);
	check(n >= rolls);
	check(w.ring.n <= 6);
	end(&w);
}

static void ten_years_of_two_kinds_of_keys_are_valid_in_every_cache(void)
{
	struct reed_dns_policy policy = { REED_DNS_POLICY,
		                          .algorithm = REED_DNS_ED25519,
		                          .split = true,
		                          .zsk_lifetime = 30 * DAY,
		                          .ksk_lifetime = 365 * DAY,
		                          .dnskey_ttl = 2 * DAY,
		                          .lifetime = 28 * DAY,
		                          .refresh = 10 * DAY };

	run(&policy, 120, 0);
}

static void ten_years_of_single_keys_are_valid_in_every_cache(void)
{
	struct reed_dns_policy policy = { REED_DNS_POLICY,          .algorithm = REED_DNS_ED25519,
		                          .ksk_lifetime = 90 * DAY, .lifetime = 28 * DAY,
		                          .refresh = 10 * DAY,      .nsec3 = true };

	run(&policy, 38, 0);
}

static void ten_years_of_changing_algorithms_are_valid_in_every_cache(void)
{
	struct reed_dns_policy policy = {
		REED_DNS_POLICY,           .algorithm = REED_DNS_ED25519,
		.ksk_lifetime = 365 * DAY, .dnskey_ttl = DAY, /* as long as all else */
		.lifetime = 28 * DAY,      .refresh = 10 * DAY,
	};

	run(&policy, 15, 390);
	policy.split = true;
	policy.zsk_lifetime = 100 * DAY;
	run(&policy, 50, 390);
}

static void a_ring_rolls_to_another_algorithm_as_the_rfc_has_it(void)
{
	struct reed_dns_policy policy = dns_policy_of(
		&(struct reed_dns_policy){ REED_DNS_POLICY, .algorithm = REED_DNS_ED25519 });
	static const enum reed_dns_key_state states[] = { REED_DNS_KEY_SIGNING,
		                                          REED_DNS_KEY_PUBLISHED };
	struct reed_dns_signing_key keys[RING_KEYS];
	struct world w = { 0 };
	struct dns_entropy entropy;
	struct dns_ring ring = { 0 };

	fill(&w, &entropy);
	dns_ring_step(&ring, &policy, START, &entropy);
	dns_ring_step(&ring, &policy, START + DAY, &entropy);
	check(dns_ring_seen(&ring, START + DAY));
	policy.algorithm = REED_DNS_ECDSAP256;
	check(dns_ring_due(&ring, &policy) <= START + DAY);
	for (int i = 0; i < 2; i++) {
		check(dns_ring_step(&ring, &policy, START + (2 + i) * DAY, &entropy));
		check_int(dns_ring_signing(&ring, keys), 2);
		check_int(ring.keys[1].state, states[i]);
		check_int(keys[1].ahead, i == 0);
		check_int(keys[1].published, i == 1);
		check(keys[0].published && keys[0].signs_zone && keys[1].signs_zone);
		check(keys[0].submitted && !keys[1].submitted);
	}
	check(dns_ring_step(&ring, &policy, START + 4 * DAY, &entropy));
	dns_ring_signing(&ring, keys);
	check(!keys[0].submitted && keys[1].submitted); /* the DS is swapped */
	check(!dns_ring_step(&ring, &policy, START + 40 * DAY, &entropy));
	check(dns_ring_seen(&ring, START + 40 * DAY));
	check(!dns_ring_step(&ring, &policy, START + 41 * DAY - 1, &entropy));
	check(dns_ring_step(&ring, &policy, START + 41 * DAY, &entropy));
	dns_ring_signing(&ring, keys);
	check_int(ring.keys[0].state, REED_DNS_KEY_LEAVING);
	check(!keys[0].published && keys[0].signs_zone && keys[0].ahead && !keys[0].submitted);
	check(keys[1].published && keys[1].signs_zone && keys[1].signs_keys && !keys[1].ahead);
	check(dns_ring_step(&ring, &policy, START + 42 * DAY, &entropy));
	check_int(ring.n, 1);
	check_int(ring.keys[0].algorithm, REED_DNS_ECDSAP256);
	dns_ring_finish(&ring);
}

/* ---- the file ---- */

static void a_ring_that_is_torn_is_no_ring(void)
{
	struct reed_dns_policy policy = dns_policy_of(&(struct reed_dns_policy){ REED_DNS_POLICY });
	struct world w = { 0 };
	struct dns_entropy entropy;
	struct dns_ring ring = { 0 }, again;
	struct reed_buf file = { 0 };

	fill(&w, &entropy);
	check(dns_ring_step(&ring, &policy, START, &entropy));
	check(!dns_ring_step(&ring, &policy, START + 1, &entropy));
	dns_ring_print(&ring, &file);
	for (size_t n = 0; n < reed_buf_held(&file); n++)
		check_int(dns_ring_parse(&again, reed_slice_first(reed_buf_slice(&file), n)),
		          REED_ECORRUPT);
	check_int(dns_ring_parse(&again, reed_buf_slice(&file)), REED_OK);
	check_int(again.n, 1);
	check(reed_slice_eq(reed_dns_zone_key_rdata(again.keys[0].key),
	                    reed_dns_zone_key_rdata(ring.keys[0].key)));
	dns_ring_finish(&again);
	dns_ring_finish(&ring);
	reed_buf_finish(&file);
}

static void a_key_that_waits_for_its_ds_waits_for_ever(void)
{
	struct reed_dns_policy policy = dns_policy_of(&(struct reed_dns_policy){
		REED_DNS_POLICY, .split = true, .algorithm = REED_DNS_ED25519 });
	struct world w = { 0 };
	struct dns_entropy entropy;
	struct dns_ring ring = { 0 };

	fill(&w, &entropy);
	dns_ring_step(&ring, &policy, START, &entropy);
	dns_ring_roll(&ring, REED_DNS_ROLE_KSK);
	fill(&w, &entropy);
	check(dns_ring_step(&ring, &policy, START + 1, &entropy));
	check_int(ring.n, 3);
	check_int(ring.keys[2].state, REED_DNS_KEY_WAITING);
	for (int i = 1; i < 80; i++)
		dns_ring_step(&ring, &policy, START + i * DAY, &entropy);
	check_int(ring.keys[2].state, REED_DNS_KEY_WAITING);
	check(dns_ring_seen(&ring, START + 80 * DAY));
	dns_ring_step(&ring, &policy, START + 80 * DAY + DAY - 1, &entropy);
	check_int(ring.keys[2].state, REED_DNS_KEY_WAITING);
	dns_ring_step(&ring, &policy, START + 81 * DAY, &entropy);
	check_int(ring.keys[2].state, REED_DNS_KEY_ACTIVE);
	dns_ring_finish(&ring);
}

int main(void)
{
	RUN(a_ring_that_is_torn_is_no_ring);
	RUN(a_key_that_waits_for_its_ds_waits_for_ever);
	RUN(a_ring_rolls_to_another_algorithm_as_the_rfc_has_it);
	RUN(ten_years_of_changing_algorithms_are_valid_in_every_cache);
	RUN(ten_years_of_two_kinds_of_keys_are_valid_in_every_cache);
	RUN(ten_years_of_single_keys_are_valid_in_every_cache);
	return 0;
}
