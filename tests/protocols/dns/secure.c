/*
 * A resolver that validates, in a world with a signed root: all zones below org are right,
 * not signed, or bogus in a way of their own.
 */

#include "check.h"
#include "reed/alloc.h"
#include "reed/dns/resolver.h"
#include "reed/dns/validate.h"

#include "sealed.h"
#include "world.h"
#include "tests/core/sim_each.h"

enum {
	NOW = 1767225600 /* when simulated worlds begin */,
	DAYS = 86400,
	ROOT_KEY = 1,
	ORG_KEY = 2
};
enum { ROOM = 65535, HEADER = 12 };

#define HEAD "$TTL 300\n@ SOA ns a 1 3600 600 86400 60\n@ NS ns\nns A 10.0.0.4\n"
#define LEAF HEAD "www A 192.0.2.1\n*.wild A 192.0.2.2\na.b.ent A 192.0.2.3\n"

/* What becomes of an answer on its way. */
typedef void spoil_fn(uint8_t *bytes, size_t *n, const struct reed_dns_question *q);

struct leaf {
	const char *name;
	bool nsec3, opt_out, iterated, no_ds;
	uint8_t key, ds; /* 0: it is not signed; the same */
	int days;        /* between now and when it was signed */
	spoil_fn *spoil; /* of its own server */
	const char *text;
};

/* ---- ways to lie ---- */

static void cut_section(uint8_t *bytes, size_t *n, enum reed_dns_section section)
{
	struct reed_dns_message m;
	size_t from, to;

	check_int(reed_dns_message_parse(reed_slice(bytes, *n), &m), REED_OK);
	from = m.starts[section];
	to = m.starts[section + 1];
	memmove(bytes + from, bytes + to, *n - to);
	bytes[4 + 2 * section] = bytes[5 + 2 * section] = 0;
	*n -= to - from;
}

static void cut_proofs(uint8_t *bytes, size_t *n, const struct reed_dns_question *q)
{
	(void)q;
	cut_section(bytes, n, REED_DNS_AUTHORITY);
}

/* The last record of the answer, of two, which is the signature. */
static void cut_signature(uint8_t *bytes, size_t *n, const struct reed_dns_question *q)
{
	struct reed_dns_message m;
	struct reed_dns_record r;
	struct reed_dns_walk walk;
	size_t from = 0, to;

	if (q->type != REED_DNS_TYPE_A)
		return;
	check_int(reed_dns_message_parse(reed_slice(bytes, *n), &m), REED_OK);
	to = m.starts[REED_DNS_AUTHORITY];
	reed_dns_walk(&m, REED_DNS_ANSWER, &walk);
	while (reed_dns_next(&walk, &r) && r.section == REED_DNS_ANSWER)
		if (r.type == REED_DNS_TYPE_A)
			from = (size_t)r.rdata + r.size;
	if (!from || from == to)
		return;
	memmove(bytes + from, bytes + to, *n - to);
	bytes[7] = 1;
	*n -= to - from;
}

static void flip(uint8_t *bytes, size_t n, uint16_t type)
{
	struct reed_dns_message m;
	struct reed_dns_record r;
	struct reed_dns_walk walk;

	check_int(reed_dns_message_parse(reed_slice(bytes, n), &m), REED_OK);
	reed_dns_walk(&m, REED_DNS_ANSWER, &walk);
	while (reed_dns_next(&walk, &r))
		if (r.type == type)
			bytes[r.rdata + r.size - 1] ^= 1;
}

static void change_address(uint8_t *bytes, size_t *n, const struct reed_dns_question *q)
{
	if (q->type == REED_DNS_TYPE_A)
		flip(bytes, *n, REED_DNS_TYPE_A);
}

static void change_signatures(uint8_t *bytes, size_t *n, const struct reed_dns_question *q)
{
	if (q->type == REED_DNS_TYPE_A)
		flip(bytes, *n, REED_DNS_TYPE_RRSIG);
}

static void change_keys(uint8_t *bytes, size_t *n, const struct reed_dns_question *q)
{
	if (q->type == REED_DNS_TYPE_DNSKEY)
		flip(bytes, *n, REED_DNS_TYPE_RRSIG);
}

static void deny_the_name(uint8_t *bytes, size_t *n, const struct reed_dns_question *q)
{
	(void)n;
	if (q->type == REED_DNS_TYPE_MX)
		bytes[3] = (uint8_t)((bytes[3] & 0xf0) | REED_DNS_RCODE_NXDOMAIN);
}

static void admit_the_name(uint8_t *bytes, size_t *n, const struct reed_dns_question *q)
{
	(void)n;
	if (q->type == REED_DNS_TYPE_A)
		bytes[3] &= 0xf0;
}

/* Of the server of org. */
static void spoil_delegations(uint8_t *bytes, size_t *n, const struct reed_dns_question *q)
{
	struct reed_dns_name liar = name_of("badds.org"), silent = name_of("noproof.org");

	if (q->type != REED_DNS_TYPE_DS)
		return;
	if (reed_dns_name_eq(&q->name, &liar))
		flip(bytes, *n, REED_DNS_TYPE_RRSIG);
	if (reed_dns_name_eq(&q->name, &silent))
		cut_proofs(bytes, n, q);
}

static const struct leaf leaves[] = {
	{ .name = "good.org",
	  .key = 3,
	  .text = LEAF "toplain CNAME www.plain.org.\n"
	               "tobad CNAME www.changed.org.\n"
	               "inside A 192.168.1.1\n"
	               "inside A 192.0.2.9\n"
	               "d DNAME good3.org.\n" },
	{ .name = "good3.org", .key = 4, .nsec3 = true, .text = LEAF },
	{ .name = "plain.org", .text = LEAF },
	{ .name = "iterated.org", .key = 5, .nsec3 = true, .iterated = true, .text = LEAF },
	{ .name = "expired.org", .key = 6, .days = -60, .text = LEAF },
	{ .name = "early.org", .key = 7, .days = 30, .text = LEAF },
	{ .name = "wrongds.org", .key = 8, .ds = 99, .text = LEAF },
	{ .name = "unsigned.org", .ds = 9, .text = LEAF },
	{ .name = "changed.org", .key = 10, .spoil = change_address, .text = LEAF },
	{ .name = "stripped.org", .key = 11, .spoil = cut_signature, .text = LEAF },
	{ .name = "badsig.org", .key = 12, .spoil = change_signatures, .text = LEAF },
	{ .name = "badkeys.org", .key = 13, .spoil = change_keys, .text = LEAF },
	{ .name = "nothing.org", .key = 14, .spoil = cut_proofs, .text = LEAF },
	{ .name = "denied.org", .key = 15, .spoil = deny_the_name, .text = LEAF },
	{ .name = "admitted.org", .key = 16, .nsec3 = true, .spoil = admit_the_name, .text = LEAF },
	{ .name = "badds.org", .key = 17, .text = LEAF },
	{ .name = "noproof.org", .text = LEAF },
};

/* ---- the world ---- */

struct liar {
	struct reed_dns_server *server;
	bool is_org;
	spoil_fn *spoil; /* of all; NULL: as the zones have it */
};

struct world {
	struct reed_sim *sim;
	struct reed_loop *home;
	struct reed_dns_resolver *resolver;
	struct reed_dns_reply reply;
	struct reed_dns_resolver_stats stats;
	struct liar liars[4];
	struct teller tellers[4];
	char *anchors;
	struct reed_buf text;
};

static spoil_fn *spoil_of(const struct liar *liar, const struct reed_dns_name *name)
{
	struct reed_dns_name zone;

	if (liar->is_org)
		return spoil_delegations;
	for (size_t i = 0; i < REED_COUNT(leaves); i++) {
		zone = name_of(leaves[i].name);
		if (reed_dns_name_is_under(name, &zone))
			return leaves[i].spoil ? leaves[i].spoil : liar->spoil;
	}
	return NULL;
}

static void tell(void *arg, struct asked *a)
{
	struct liar *liar = arg;
	spoil_fn *spoil = spoil_of(liar, &a->q.name);
	uint8_t *into = reed_alloc_raw(ROOM);
	size_t n = reed_dns_server_ask(liar->server, REED_DNS_TCP, a->in->from, a->in->data, into,
	                               ROOM);

	if (spoil)
		spoil(into, &n, &a->q);
	reed_dgram_reply(a->dgram, a->in, reed_slice(into, n));
	reed_free(into);
}

static void boot(struct world *w, size_t i, const char *host, spoil_fn *spoil)
{
	w->liars[i].server = reed_dns_server_new(w->home, NULL);
	w->liars[i].is_org = i == 1;
	w->liars[i].spoil = spoil;
	w->tellers[i] = (struct teller){ .fn = tell, .arg = &w->liars[i] };
	teller_boot(w->sim, host, &w->tellers[i]);
}

static void put(struct reed_dns_server *server, const struct sealed *spec)
{
	reed_dns_server_put(server, sealed_zone(spec), NULL);
}

static void put_root(struct reed_dns_server *server)
{
	char *ds = sealed_ds("org", ORG_KEY);
	char *text = reed_sprintf("$TTL 86400\n@ SOA a.root. b. 1 3600 600 86400 60\n@ NS a.root.\n"
	                          "a.root. A 10.0.0.2\norg. NS ns.org.\nns.org. A 10.0.0.3\n%s\n",
	                          ds);

	put(server, &(struct sealed){ ".", text, false, false, ROOT_KEY, NOW, 0 });
	reed_free(text);
	reed_free(ds);
}

/* Delegations without a DS are covered by opt-out when the zone has it. */
static void put_org(struct reed_dns_server *server, size_t n, bool nsec3, bool opt_out)
{
	struct reed_buf text = { 0 };

	reed_buf_printf(&text, "$TTL 3600\n@ SOA ns b 1 3600 600 86400 60\n@ NS ns\n"
	                       "ns A 10.0.0.3\n");
	for (size_t i = 0; i < n; i++) {
		const struct leaf *leaf = &leaves[i];
		uint8_t number = leaf->ds ? leaf->ds : leaf->key;
		char *ds = number ? sealed_ds(leaf->name, number) : reed_strdup("");

		reed_buf_printf(&text,
		                "%s. NS ns.%s.\nns.%s. A 10.0.0.4\n%s. NS ns2.%s.\n"
		                "ns2.%s. A 10.0.0.5\n%s\n",
		                leaf->name, leaf->name, leaf->name, leaf->name, leaf->name,
		                leaf->name, ds);
		reed_free(ds);
	}
	reed_buf_add_char(&text, '\0');
	put(server,
	    &(struct sealed){ "org", text.p + text.begin, nsec3, opt_out, ORG_KEY, NOW, 0 });
	reed_buf_finish(&text);
}

static void put_leaves(struct reed_dns_server *server)
{
	for (size_t i = 0; i < REED_COUNT(leaves); i++) {
		const struct leaf *leaf = &leaves[i];

		put(server, &(struct sealed){ leaf->name, leaf->text, leaf->nsec3, leaf->opt_out,
		                              leaf->key, (uint32_t)(NOW + leaf->days * DAYS),
		                              leaf->iterated ? 200 : 0 });
	}
}

static const char *const roots[] = { "10.0.0.2" };

static struct reed_dns_resolver_options validating(const char *anchors)
{
	struct reed_dns_resolver_options o = REED_DNS_RESOLVER_OPTIONS;

	o.roots = roots;
	o.root_count = 1;
	o.validate = true;
	o.no_prefetch = true;
	o.anchors = anchors;
	return o;
}

/* first and second spoil what the two servers of all leaves say. */
static void open_world(struct world *w, bool nsec3, bool opt_out, spoil_fn *second)
{
	struct reed_sim_options sim = REED_SIM_OPTIONS;
	struct reed_dns_resolver_options o;

	memset(w, 0, sizeof(*w));
	sim.seed = 5;
	w->sim = reed_sim_new(&sim);
	w->home = reed_sim_host(w->sim, "home");
	w->anchors = sealed_ds(".", ROOT_KEY);
	boot(w, 0, "root", NULL);
	boot(w, 1, "org", NULL);
	boot(w, 2, "leaf", NULL);
	boot(w, 3, "leaf2", second);
	put_root(w->liars[0].server);
	put_org(w->liars[1].server, REED_COUNT(leaves), nsec3, opt_out);
	put_leaves(w->liars[2].server);
	put_leaves(w->liars[3].server);
	o = validating(w->anchors);
	w->resolver = reed_dns_resolver_new(w->home, &o);
	w->stats.size = sizeof(w->stats);
}

static void close_world(struct world *w)
{
	reed_dns_reply_finish(&w->reply);
	reed_buf_finish(&w->text);
	reed_dns_resolver_free(w->resolver);
	for (size_t i = 0; i < REED_COUNT(w->liars); i++)
		reed_dns_server_free(w->liars[i].server);
	reed_sim_free(w->sim);
	reed_free(w->anchors);
}

/* "NOERROR secure 192.0.2.1", "SERVFAIL 6". */
static const char *ask_with(struct world *w, const char *name, uint16_t type, unsigned flags)
{
	struct reed_dns_name n = name_of(name);
	char word[REED_DNS_WORD_SIZE];
	struct reed_dns_record r;
	struct reed_dns_walk walk;

	reed_dns_reply_finish(&w->reply);
	check_int(reed_sim_run_until(w->sim,
	                             reed_dns_resolve(w->resolver, &n, type, flags, &w->reply),
	                             NULL),
	          REED_OK);
	reed_dns_resolver_stats(w->resolver, &w->stats);
	reed_buf_clear(&w->text);
	reed_buf_add(&w->text,
	             reed_dns_rcode_format((uint16_t)reed_dns_rcode(w->reply.message.flags), word));
	if (w->reply.message.flags & REED_DNS_AD)
		reed_buf_add_str(&w->text, " secure");
	if (w->reply.extended_error)
		reed_buf_printf(&w->text, " %u", w->reply.extended_error);
	reed_dns_walk(&w->reply.message, REED_DNS_ANSWER, &walk);
	while (reed_dns_next(&walk, &r))
		if (r.type == REED_DNS_TYPE_A)
			reed_buf_printf(&w->text, " %u.%u.%u.%u", (uint8_t)r.message.p[r.rdata],
			                (uint8_t)r.message.p[r.rdata + 1],
			                (uint8_t)r.message.p[r.rdata + 2],
			                (uint8_t)r.message.p[r.rdata + 3]);
	reed_buf_add_char(&w->text, '\0');
	return w->text.p + w->text.begin;
}

static const char *ask_a(struct world *w, const char *name)
{
	return ask_with(w, name, REED_DNS_TYPE_A, 0);
}

static unsigned count_of(struct world *w, uint16_t type)
{
	struct reed_dns_record r;
	struct reed_dns_walk walk;
	unsigned n = 0;

	reed_dns_walk_all(&w->reply.message, &walk);
	while (reed_dns_next(&walk, &r))
		n += r.section != REED_DNS_QUESTION && r.type == type;
	return n;
}

/* ---- what is right ---- */

static void what_is_right_is_secure(struct world *w)
{
	check_str(ask_a(w, "www.good.org"), "NOERROR secure 192.0.2.1");
	check_int(count_of(w, REED_DNS_TYPE_RRSIG), 0);
	check_str(ask_a(w, "www.good3.org"), "NOERROR secure 192.0.2.1");
	check_str(ask_a(w, "any.wild.good.org"), "NOERROR secure 192.0.2.2");
	check_str(ask_a(w, "any.wild.good3.org"), "NOERROR secure 192.0.2.2");
	check_str(ask_a(w, "www.d.good.org"), "NOERROR secure 192.0.2.1");
	check_str(ask_a(w, "no.good.org"), "NXDOMAIN secure");
	check_int(count_of(w, REED_DNS_TYPE_NSEC), 0);
	check_str(ask_a(w, "no.no.good3.org"), "NXDOMAIN secure");
	check_str(ask_a(w, "ent.good.org"), "NOERROR secure");
	check_str(ask_a(w, "b.ent.good3.org"), "NOERROR secure");
	check_str(ask_with(w, "www.good.org", REED_DNS_TYPE_MX, 0), "NOERROR secure");
	check_str(ask_with(w, "good.org", REED_DNS_TYPE_DS, 0), "NOERROR secure");
	check_str(ask_with(w, ".", REED_DNS_TYPE_DNSKEY, 0), "NOERROR secure");
}

static void what_is_not_signed_is_insecure(struct world *w)
{
	check_str(ask_a(w, "www.plain.org"), "NOERROR 192.0.2.1");
	check_str(ask_a(w, "no.plain.org"), "NXDOMAIN");
	check_str(ask_a(w, "no.iterated.org"), "NXDOMAIN");
	check_str(ask_a(w, "toplain.good.org"), "NOERROR 192.0.2.1");
	check_str(ask_a(w, "localhost"), "NOERROR 127.0.0.1");
}

/* RFC 8914: 5 indeterminate, 6 bogus, 7 expired, 8 early, 9 keys, 10 signatures, 12 NSEC */
static void what_is_wrong_is_told_with_why(struct world *w)
{
	check_str(ask_a(w, "www.expired.org"), "SERVFAIL 7");
	check_str(ask_a(w, "www.early.org"), "SERVFAIL 8");
	check_str(ask_a(w, "www.wrongds.org"), "SERVFAIL 9");
	check_str(ask_a(w, "www.unsigned.org"), "SERVFAIL 9");
	check_str(ask_a(w, "no.unsigned.org"), "SERVFAIL 9");
	check_str(ask_a(w, "www.changed.org"), "SERVFAIL 6");
	check_str(ask_a(w, "www.stripped.org"), "SERVFAIL 10");
	check_str(ask_a(w, "www.badsig.org"), "SERVFAIL 6");
	check_str(ask_a(w, "www.badkeys.org"), "SERVFAIL 6");
	check_str(ask_a(w, "no.nothing.org"), "SERVFAIL 12");
	check_str(ask_a(w, "any.wild.nothing.org"), "SERVFAIL 12");
	check_str(ask_with(w, "www.denied.org", REED_DNS_TYPE_MX, 0), "SERVFAIL 12");
	check_str(ask_a(w, "no.admitted.org"), "SERVFAIL 12");
	check_str(ask_a(w, "www.badds.org"), "SERVFAIL 6");
	check_str(ask_a(w, "www.noproof.org"), "SERVFAIL 12");
	check_str(ask_a(w, "tobad.good.org"), "SERVFAIL 6");
	check_str(ask_a(w, "www.good.org"), "NOERROR secure 192.0.2.1");
	check_int(w->stats.bogus, 16);
}

static void each_kind_of_denial(void (*test)(struct world *w), const char *name)
{
	for (int i = 0; i < 3; i++) {
		struct world w;

		open_world(&w, i > 0, i > 1, NULL);
		test(&w);
		close_world(&w);
	}
	printf("ok %s\n", name);
}

#define EACH(test) each_kind_of_denial(test, #test)

/* ---- who asks, and how ---- */

static void signatures_are_for_who_wants_them(void)
{
	unsigned dnssec = REED_DNS_RESOLVE_DNSSEC;
	struct world w;

	open_world(&w, false, false, NULL);
	check_str(ask_with(&w, "www.good.org", REED_DNS_TYPE_A, dnssec),
	          "NOERROR secure 192.0.2.1");
	check_int(count_of(&w, REED_DNS_TYPE_RRSIG), 1);
	check_str(ask_with(&w, "any.wild.good.org", REED_DNS_TYPE_A, dnssec),
	          "NOERROR secure 192.0.2.2");
	check(count_of(&w, REED_DNS_TYPE_NSEC) > 0);
	check_str(ask_with(&w, "no.good.org", REED_DNS_TYPE_A, dnssec), "NXDOMAIN secure");
	check(count_of(&w, REED_DNS_TYPE_NSEC) > 0);
	check_str(ask_with(&w, "www.good.org", REED_DNS_TYPE_RRSIG, dnssec), "NOERROR");
	check(count_of(&w, REED_DNS_TYPE_RRSIG) > 0);
	close_world(&w);
}

static void who_checks_himself_gets_what_is_wrong(void)
{
	unsigned checking = REED_DNS_RESOLVE_CHECKING | REED_DNS_RESOLVE_DNSSEC;
	struct world w;

	open_world(&w, false, false, NULL);
	check_str(ask_with(&w, "www.changed.org", REED_DNS_TYPE_A, checking), "NOERROR 192.0.2.0");
	check_int(count_of(&w, REED_DNS_TYPE_RRSIG), 1);
	check_str(ask_with(&w, "www.good.org", REED_DNS_TYPE_A, checking), "NOERROR 192.0.2.1");
	check_str(ask_a(&w, "www.changed.org"), "SERVFAIL 6");
	check_str(ask_a(&w, "www.good.org"), "NOERROR secure 192.0.2.1");
	close_world(&w);
}

static void a_private_address_is_taken_out_after_all_was_judged(void)
{
	struct world w;

	open_world(&w, false, false, NULL);
	check_str(ask_a(&w, "inside.good.org"), "NOERROR 17 192.0.2.9");
	check_int(w.stats.withheld, 1);
	check_int(w.stats.bogus, 0);
	close_world(&w);
}

static void nothing_is_proven_of_names_that_are_excepted(void)
{
	struct reed_dns_resolver_options o;
	struct world w;

	open_world(&w, false, false, NULL);
	check_str(ask_a(&w, "www.expired.org"), "SERVFAIL 7");
	o = validating(w.anchors);
	o.distrusted = (const char *const[]){ "expired.org" };
	o.distrusted_count = 1;
	reed_dns_resolver_update(w.resolver, &o);
	check_str(ask_a(&w, "www.expired.org"), "NOERROR 192.0.2.1");
	check_str(ask_a(&w, "www.early.org"), "SERVFAIL 8");
	check_str(ask_a(&w, "www.good.org"), "NOERROR secure 192.0.2.1");
	o.validate = false;
	reed_dns_resolver_update(w.resolver, &o);
	check_str(ask_a(&w, "www.early.org"), "NOERROR 192.0.2.1");
	check_str(ask_a(&w, "www.good.org"), "NOERROR 192.0.2.1");
	close_world(&w);
}

static void an_anchor_below_the_root_leaves_the_rest_alone(void)
{
	char *good = sealed_ds("good.org", 3);
	struct reed_dns_resolver_options o;
	struct world w;

	open_world(&w, false, false, NULL);
	o = validating(w.anchors);
	o.anchors = good;
	reed_dns_resolver_update(w.resolver, &o);
	check_str(ask_a(&w, "www.good.org"), "NOERROR secure 192.0.2.1");
	check_str(ask_a(&w, "www.changed.org"), "NOERROR 192.0.2.0");
	close_world(&w);
	reed_free(good);
}

/* ---- what it costs, and how long it is kept ---- */

static void keys_are_asked_for_once(void)
{
	struct world w;
	uint64_t asked;

	open_world(&w, false, false, NULL);
	check_str(ask_a(&w, "www.good.org"), "NOERROR secure 192.0.2.1");
	asked = w.stats.asked;
	check(asked <= 9); /* three for the name; three sets of keys, two of DS */
	check_str(ask_a(&w, "any.wild.good.org"), "NOERROR secure 192.0.2.2");
	check_int(w.stats.asked, asked + 2); /* the wildcard costs a label of minimising */
	close_world(&w);
}

static void what_is_bogus_is_kept_for_a_while_and_tried_again(void)
{
	struct world w;
	uint64_t asked;

	open_world(&w, false, false, NULL);
	check_str(ask_a(&w, "www.changed.org"), "SERVFAIL 6");
	asked = w.stats.asked;
	reed_sim_run_for(w.sim, REED_S(20));
	check_str(ask_a(&w, "www.changed.org"), "SERVFAIL 6");
	check_int(w.stats.asked, asked);
	reed_sim_run_for(w.sim, REED_S(20));
	check_str(ask_a(&w, "www.changed.org"), "SERVFAIL 6");
	check(w.stats.asked > asked);
	close_world(&w);
}

/* One server of two that lies costs a question more, not the answer. */
static void another_server_is_asked_when_one_lies(void)
{
	struct world w;
	uint64_t asked = 0;
	char text[32];

	open_world(&w, false, false, change_address);
	for (int i = 0; i < 8; i++) {
		snprintf(text, sizeof(text), "w%d.wild.good.org", i);
		check_str(ask_a(&w, text), "NOERROR secure 192.0.2.2");
		asked = w.tellers[3].asked;
	}
	check(asked > 0);
	check_int(w.stats.bogus, 0);
	close_world(&w);
}

static void what_has_expired_is_no_excuse_for_what_is_bogus(void)
{
	struct world w;

	open_world(&w, false, false, NULL);
	check_str(ask_a(&w, "www.good.org"), "NOERROR secure 192.0.2.1");
	w.liars[2].spoil = w.liars[3].spoil = change_address;
	reed_sim_run_for(w.sim, REED_S(299));
	check_str(ask_a(&w, "www.good.org"), "NOERROR secure 192.0.2.1");
	reed_sim_run_for(w.sim, REED_S(2));
	check_str(ask_a(&w, "www.good.org"), "SERVFAIL 6");
	close_world(&w);
}

static void signatures_that_run_out_take_the_answer_with_them(void)
{
	struct world w;

	open_world(&w, false, false, NULL);
	reed_sim_run_for(w.sim, (int64_t)(14 * DAYS - 100) * 1000000000);
	check_str(ask_a(&w, "www.good.org"), "NOERROR secure 192.0.2.1");
	reed_sim_run_for(w.sim, REED_S(101)); /* the TTL is 300 */
	check_str(ask_a(&w, "www.good.org"), "SERVFAIL 7");
	close_world(&w);
}

static void keys_that_nobody_tells_are_a_failure(void)
{
	struct world w;

	open_world(&w, false, false, NULL);
	check_str(ask_a(&w, "www.good.org"), "NOERROR secure 192.0.2.1");
	reed_sim_cut(w.sim, "home", "org");
	check_str(ask_a(&w, "www.good3.org"), "SERVFAIL");
	check_str(ask_a(&w, "any.wild.good.org"), "NOERROR secure 192.0.2.2");
	close_world(&w);
}

/* ---- dropped anywhere; any seed ---- */

static void fill_root(struct reed_dns_server *server)
{
	put_root(server);
}

static void fill_org(struct reed_dns_server *server)
{
	put_org(server, 5, false, false); /* that of the fifth has expired */
}

static void fill_leaf(struct reed_dns_server *server)
{
	put(server, &(struct sealed){ "good.org", LEAF, false, false, 3, NOW, 0 });
	put(server, &(struct sealed){ "expired.org", LEAF, false, false, 6, NOW - 60 * DAYS, 0 });
}

static const struct zone_host hosts[] = { { .fill = fill_root },
	                                  { .fill = fill_org },
	                                  { .fill = fill_leaf } };

struct trip {
	struct reed_co co;
	struct reed_dns_resolver *resolver;
	char *anchors;
	size_t i;
	struct reed_dns_reply reply;
};

static struct reed_future *look_up(struct trip *self)
{
	static const char *const names[] = { "www.good.org", "no.good.org", "www.expired.org" };
	struct reed_dns_name n = name_of(names[self->i]);

	reed_dns_reply_finish(&self->reply);
	return reed_dns_resolve(self->resolver, &n, REED_DNS_TYPE_A, 0, &self->reply);
}

static bool is_right(const struct trip *self)
{
	uint16_t flags = self->reply.message.flags;

	/* links lose much: a failure may be, a lie may not */
	return reed_dns_rcode(flags) == REED_DNS_RCODE_SERVFAIL ||
	       (self->i < 2 && flags & REED_DNS_AD);
}

static void trip_run(struct reed_co *co)
{
	struct trip *self = reed_frame(co, struct trip);

	reed_coroutine (co) {
		for (self->i = 0; self->i < 3; self->i++) {
			reed_await(co, look_up(self));
			if (co->err && co->err != REED_ETIMEDOUT)
				reed_return(co, co->err);
			check(co->err || is_right(self));
		}
	}
}

static void trip_end(struct reed_co *co)
{
	struct trip *self = reed_frame(co, struct trip);

	reed_dns_reply_finish(&self->reply);
	reed_dns_resolver_free(self->resolver);
	reed_free(self->anchors);
}

static const struct reed_co_kind trip_kind = {
	.name = "trip",
	.size = sizeof(struct trip),
	.run = trip_run,
	.end = trip_end,
};

static struct reed_future *trip(void *arg, struct reed_sim *sim)
{
	static const char *const names[] = { "root", "org", "leaf" };
	struct reed_loop *home = reed_sim_host(sim, "home");
	struct trip *self = reed_co_new(home, &trip_kind);
	struct reed_dns_resolver_options o;

	(void)arg;
	for (size_t i = 0; i < REED_COUNT(names); i++)
		zone_boot(sim, names[i], &hosts[i]);
	self->anchors = sealed_ds(".", ROOT_KEY);
	o = validating(self->anchors);
	self->resolver = reed_dns_resolver_new(home, &o);
	return reed_start(&self->co);
}

static void a_judgement_may_be_dropped_wherever_it_waits(void)
{
	check_each_suspension(trip, NULL, 40);
}

static enum reed_err rough(void *arg, struct reed_sim *sim)
{
	struct reed_future *f = trip(NULL, sim);

	(void)arg;
	return reed_sim_run_until(sim, f, NULL);
}

static void nothing_wrong_is_believed_over_rough_links(void)
{
	check_rough_links(rough, 12);
}

int main(void)
{
	EACH(what_is_right_is_secure);
	EACH(what_is_not_signed_is_insecure);
	EACH(what_is_wrong_is_told_with_why);
	RUN(signatures_are_for_who_wants_them);
	RUN(who_checks_himself_gets_what_is_wrong);
	RUN(a_private_address_is_taken_out_after_all_was_judged);
	RUN(nothing_is_proven_of_names_that_are_excepted);
	RUN(an_anchor_below_the_root_leaves_the_rest_alone);
	RUN(keys_are_asked_for_once);
	RUN(what_is_bogus_is_kept_for_a_while_and_tried_again);
	RUN(another_server_is_asked_when_one_lies);
	RUN(what_has_expired_is_no_excuse_for_what_is_bogus);
	RUN(signatures_that_run_out_take_the_answer_with_them);
	RUN(keys_that_nobody_tells_are_a_failure);
	RUN(a_judgement_may_be_dropped_wherever_it_waits);
	RUN(nothing_wrong_is_believed_over_rough_links);
	return 0;
}
