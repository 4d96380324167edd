/* A resolver in a world of name servers, some of which lose, lie and stall. */

#include "check.h"
#include "reed/dns/resolver.h"
#include "world.h"
#include "tests/core/sim_each.h"

/* Hosts have the addresses 10.0.0.1, 10.0.0.2, ... in the order of their making. */
static const struct zone_host root_zone = { .origin = ".",
	                                    .text = "$TTL 86400\n"
	                                            "@ SOA a.root. b. 1 3600 600 86400 60\n"
	                                            "@ NS a.root.\n"
	                                            "a.root. A 10.0.0.2\n"
	                                            "org. NS ns.org.\n"
	                                            "ns.org. A 10.0.0.3\n" };
static const struct zone_host org_zone = { .origin = "org",
	                                   .text = "$TTL 3600\n"
	                                           "@ SOA ns b 1 3600 600 86400 60\n"
	                                           "@ NS ns\n"
	                                           "ns A 10.0.0.3\n"
	                                           "example NS ns.example\n"
	                                           "ns.example A 10.0.0.4\n"
	                                           "other NS ns.example\n"
	                                           "two NS ns.two\n"
	                                           "two NS bad.two\n"
	                                           "ns.two A 10.0.0.4\n"
	                                           "bad.two A 10.0.0.5\n"
	                                           "evil NS ns.evil\n"
	                                           "ns.evil A 10.0.0.5\n"
	                                           "victim NS ns.example\n" };
static const struct zone_host example_zone = {
	.origin = "example.org",
	.text = "$TTL 300\n"
		"@ SOA ns b 1 3600 600 86400 60\n"
		"@ NS ns\n"
		"ns A 10.0.0.4\n"
		"www A 192.0.2.1\n"
		"a.b.c.d.e.f.g.h A 192.0.2.2\n"
		"here CNAME www\n"
		"there CNAME www.other.org.\n"
		"loop CNAME pool\n"
		"pool CNAME loop\n"
		"inside A 192.168.1.1\n"
		"inside A 192.0.2.3\n"
		"hint HTTPS 1 . ipv4hint=192.168.1.1\n"
		"hint6 HTTPS 1 . ipv6hint=2001:db8::1,fe80::1\n"
		"fine HTTPS 1 . ipv4hint=192.0.2.1\n"
		"nat AAAA 64:ff9b::c0a8:101\n"
		"$GENERATE 1-200 many A 192.0.3.$\n"
		"$GENERATE 1-200 host$ A 192.0.4.$\n",
};

struct world {
	struct reed_sim *sim;
	struct reed_loop *home;
	struct reed_dns_resolver *resolver;
	struct reed_dns_reply reply;
	struct reed_dns_resolver_stats stats;
	struct reed_buf text;
};

static const char *const roots[] = { "10.0.0.2" };

static struct reed_dns_resolver_options from_root(void)
{
	struct reed_dns_resolver_options o = REED_DNS_RESOLVER_OPTIONS;

	o.roots = roots;
	o.root_count = 1;
	return o;
}

/* Hosts 4 and 5 are the test's own, where it says so. */
static void open_world(struct world *w, const struct reed_dns_resolver_options *options,
                       struct teller *fourth, struct teller *fifth)
{
	struct reed_sim_options sim = REED_SIM_OPTIONS;

	memset(w, 0, sizeof(*w));
	sim.seed = 3;
	w->sim = reed_sim_new(&sim);
	w->home = reed_sim_host(w->sim, "home");
	zone_boot(w->sim, "root", &root_zone);
	zone_boot(w->sim, "org", &org_zone);
	if (fourth)
		teller_boot(w->sim, "example", fourth);
	else
		zone_boot(w->sim, "example", &example_zone);
	if (fifth)
		teller_boot(w->sim, "fifth", fifth);
	w->resolver = reed_dns_resolver_new(w->home, options);
	w->stats.size = sizeof(w->stats);
}

static void close_world(struct world *w)
{
	reed_dns_reply_finish(&w->reply);
	reed_buf_finish(&w->text);
	reed_dns_resolver_free(w->resolver);
	reed_sim_free(w->sim);
}

static struct reed_future *asking(struct world *w, const char *name, uint16_t type)
{
	struct reed_dns_name n = name_of(name);

	reed_dns_reply_finish(&w->reply);
	return reed_dns_resolve(w->resolver, &n, type, 0, &w->reply);
}

/* "NOERROR host. 60 IN A 192.0.2.1; ...": the answers. */
static const char *ask(struct world *w, const char *name, uint16_t type)
{
	char word[REED_DNS_WORD_SIZE];
	struct reed_dns_name owner;
	struct reed_dns_record r;
	struct reed_dns_walk walk;
	struct reed_slice rdata;
	uint8_t into[512];

	check_int(reed_sim_run_until(w->sim, asking(w, name, type), NULL), REED_OK);
	reed_dns_resolver_stats(w->resolver, &w->stats);
	reed_buf_clear(&w->text);
	reed_buf_add(&w->text,
	             reed_dns_rcode_format((uint16_t)reed_dns_rcode(w->reply.message.flags), word));
	reed_dns_walk(&w->reply.message, REED_DNS_ANSWER, &walk);
	while (reed_dns_next(&walk, &r)) {
		check_int(reed_dns_record_owner(&r, &owner), REED_OK);
		check_int(reed_dns_record_rdata(&r, into, sizeof(into), &rdata), REED_OK);
		reed_buf_add_char(&w->text, ' ');
		reed_dns_rdata_print(r.type, rdata, &w->text);
	}
	reed_buf_add_char(&w->text, '\0');
	return w->text.p + w->text.begin;
}

static const char *ask_a(struct world *w, const char *name)
{
	return ask(w, name, REED_DNS_TYPE_A);
}

/* ---- from the root ---- */

static void a_name_is_found_from_the_root_down(void)
{
	struct reed_dns_resolver_options o = from_root();
	struct world w;

	open_world(&w, &o, NULL, NULL);
	check_str(ask_a(&w, "WWW.Example.ORG"), "NOERROR 192.0.2.1");
	check_int(w.stats.asked, 3);
	check_str(ask_a(&w, "nothing.example.org"), "NXDOMAIN");
	check_int(w.stats.asked, 4);
	check_str(ask(&w, "www.example.org", REED_DNS_TYPE_MX), "NOERROR");
	check_int(w.stats.asked, 5);
	close_world(&w);
}

static void what_is_known_is_not_asked_for_again_until_it_expires(void)
{
	struct reed_dns_resolver_options o = from_root();
	struct world w;

	o.no_prefetch = true;
	open_world(&w, &o, NULL, NULL);
	check_str(ask_a(&w, "www.example.org"), "NOERROR 192.0.2.1");
	check_str(ask_a(&w, "no.example.org"), "NXDOMAIN");
	reed_sim_run_for(w.sim, REED_S(59));
	check_str(ask_a(&w, "www.example.org"), "NOERROR 192.0.2.1");
	check_str(ask_a(&w, "no.example.org"), "NXDOMAIN");
	check_int(w.stats.asked, 4);
	check_int(w.stats.hits, 2);
	reed_sim_run_for(w.sim, REED_S(2)); /* the minimum of the SOA record is a minute */
	check_str(ask_a(&w, "no.example.org"), "NXDOMAIN");
	check_int(w.stats.asked, 5);
	reed_sim_run_for(w.sim, REED_S(240));
	check_str(ask_a(&w, "www.example.org"), "NOERROR 192.0.2.1");
	check_int(w.stats.asked, 6);
	close_world(&w);
}

static void a_ttl_gets_less_in_the_cache(void)
{
	struct reed_dns_resolver_options o = from_root();
	struct reed_dns_record r;
	struct reed_dns_walk walk;
	struct world w;

	open_world(&w, &o, NULL, NULL);
	ask_a(&w, "www.example.org");
	reed_sim_run_for(w.sim, REED_S(100));
	ask_a(&w, "www.example.org");
	reed_dns_walk(&w.reply.message, REED_DNS_ANSWER, &walk);
	check(reed_dns_next(&walk, &r));
	check_int(r.ttl, 200);
	close_world(&w);
}

static void aliases_are_followed_from_zone_to_zone(void)
{
	struct reed_dns_resolver_options o = from_root();
	struct world w;

	open_world(&w, &o, NULL, NULL);
	check_str(ask_a(&w, "here.example.org"), "NOERROR www.example.org. 192.0.2.1");
	/* its servers are those of example.org, which know nothing of it */
	check_str(ask_a(&w, "there.example.org"), "SERVFAIL");
	check_str(ask(&w, "there.example.org", REED_DNS_TYPE_CNAME), "NOERROR www.other.org.");
	close_world(&w);
}

static void a_loop_of_aliases_ends(void)
{
	struct reed_dns_resolver_options o = from_root();
	struct world w;

	open_world(&w, &o, NULL, NULL);
	check_str(ask_a(&w, "loop.example.org"), "SERVFAIL");
	check(w.stats.asked < 12);
	close_world(&w);
}

static void a_failure_is_kept_for_some_seconds(void)
{
	struct reed_dns_resolver_options o = from_root();
	struct world w;
	uint64_t asked;

	open_world(&w, &o, NULL, NULL);
	check_str(ask_a(&w, "www.other.org"), "SERVFAIL");
	asked = w.stats.asked;
	check_str(ask_a(&w, "www.other.org"), "SERVFAIL");
	check_int(w.stats.asked, asked);
	reed_sim_run_for(w.sim, REED_S(6));
	check_str(ask_a(&w, "www.other.org"), "SERVFAIL");
	check(w.stats.asked > asked);
	close_world(&w);
}

/* ---- what servers are told ---- */

struct heard {
	unsigned longest; /* labels */
	uint16_t type;
};

static void refer_to_org(void *arg, struct asked *a)
{
	struct heard *heard = arg;

	heard->longest = a->q.name.labels > heard->longest ? a->q.name.labels : heard->longest;
	heard->type = a->q.type;
	tell_begin(a, 0);
	tell_record(a, REED_DNS_AUTHORITY, "org", REED_DNS_TYPE_NS, 60, "ns.org.");
	tell_record(a, REED_DNS_ADDITIONAL, "ns.org", REED_DNS_TYPE_A, 60, "10.0.0.3");
	tell_end(a);
}

static void a_server_is_told_no_more_of_a_name_than_it_needs(void)
{
	struct reed_dns_resolver_options o = from_root();
	struct heard heard = { 0 };
	struct teller teller = { .fn = refer_to_org, .arg = &heard };
	struct world w;

	o.roots = (const char *const[]){ "10.0.0.5" };
	open_world(&w, &o, NULL, &teller);
	check_str(ask(&w, "www.example.org", REED_DNS_TYPE_TXT), "NOERROR");
	check_int(heard.longest, 1);
	check_int(heard.type, REED_DNS_TYPE_A);
	check_str(ask_a(&w, "a.b.c.d.e.f.g.h.example.org"), "NOERROR 192.0.2.2");
	check(w.stats.asked < 16);
	close_world(&w);
}

/* ---- liars ---- */

/* Says more than it was asked, about names that are not its own. */
static void poison(void *arg, struct asked *a)
{
	(void)arg;
	tell_begin(a, REED_DNS_AA);
	tell_record(a, REED_DNS_ANSWER, "", REED_DNS_TYPE_A, 60, "192.0.2.66");
	tell_record(a, REED_DNS_ANSWER, "www.example.org", REED_DNS_TYPE_A, 60, "192.0.2.66");
	tell_record(a, REED_DNS_AUTHORITY, "org", REED_DNS_TYPE_NS, 9999, "ns.evil.org.");
	tell_record(a, REED_DNS_AUTHORITY, "example.org", REED_DNS_TYPE_NS, 9999, "ns.evil.org.");
	tell_record(a, REED_DNS_ADDITIONAL, "ns.example.org", REED_DNS_TYPE_A, 9999, "10.0.0.5");
	tell_record(a, REED_DNS_ADDITIONAL, "ns.evil.org", REED_DNS_TYPE_A, 9999, "10.0.0.5");
	tell_end(a);
}

static void nothing_is_believed_that_is_not_of_the_zone_that_was_asked(void)
{
	struct reed_dns_resolver_options o = from_root();
	struct teller evil = { .fn = poison };
	struct world w;

	o.rebinding = true;
	open_world(&w, &o, NULL, &evil);
	check_str(ask_a(&w, "x.evil.org"), "NOERROR 192.0.2.66");
	check_str(ask_a(&w, "www.example.org"), "NOERROR 192.0.2.1");
	check_str(ask_a(&w, "ns.example.org"), "NOERROR 10.0.0.4");
	close_world(&w);
}

/* Kaminsky's: the zone above is delegated to who answers, with an address for it. */
static void take_over(void *arg, struct asked *a)
{
	(void)arg;
	tell_begin(a, 0);
	tell_record(a, REED_DNS_AUTHORITY, "org", REED_DNS_TYPE_NS, 9999, "ns.org.");
	tell_record(a, REED_DNS_ADDITIONAL, "ns.org", REED_DNS_TYPE_A, 9999, "10.0.0.5");
	tell_end(a);
}

static void a_zone_cannot_take_over_the_one_above(void)
{
	struct reed_dns_resolver_options o = from_root();
	struct teller evil = { .fn = take_over };
	struct world w;
	unsigned asked;

	open_world(&w, &o, NULL, &evil);
	check_str(ask_a(&w, "x.evil.org"), "SERVFAIL");
	asked = evil.asked;
	check_str(ask_a(&w, "www.example.org"), "NOERROR 192.0.2.1");
	check_int(evil.asked, asked);
	close_world(&w);
}

/* Fifty servers that nobody knows the addresses of (NXNSAttack). */
static void send_far_away(void *arg, struct asked *a)
{
	char text[64];

	(void)arg;
	tell_begin(a, 0);
	for (int i = 0; i < 50; i++) {
		snprintf(text, sizeof(text), "ns%d.%u.victim.org.", i, a->n);
		tell_record(a, REED_DNS_AUTHORITY, "sub.evil.org", REED_DNS_TYPE_NS, 9999, text);
	}
	tell_end(a);
}

static void no_zone_can_make_it_ask_another_for_long(void)
{
	struct reed_dns_resolver_options o = from_root();
	struct teller evil = { .fn = send_far_away };
	struct world w;

	open_world(&w, &o, NULL, &evil);
	check_str(ask_a(&w, "x.sub.evil.org"), "SERVFAIL");
	check(w.stats.asked < 60);
	close_world(&w);
}

/* Each name it is asked for is a zone, whose servers are names it will be asked for. */
static void grow_a_tree(void *arg, struct asked *a)
{
	char text[64], zone[REED_DNS_NAME_TEXT_SIZE];

	(void)arg;
	reed_dns_name_format(&a->q.name, zone);
	tell_begin(a, 0);
	for (unsigned i = 0; i < 4; i++) {
		snprintf(text, sizeof(text), "n%u-%u.evil.org.", a->n, i);
		tell_record(a, REED_DNS_AUTHORITY, zone, REED_DNS_TYPE_NS, 9999, text);
	}
	tell_end(a);
}

static void a_tree_of_servers_without_addresses_is_not_climbed(void)
{
	struct reed_dns_resolver_options o = from_root();
	struct teller evil = { .fn = grow_a_tree };
	struct world w;

	open_world(&w, &o, NULL, &evil);
	check_str(ask_a(&w, "x.evil.org"), "SERVFAIL");
	check(w.stats.asked <= 100);
	check_str(ask_a(&w, "www.example.org"), "NOERROR 192.0.2.1");
	close_world(&w);
}

static void answer_private(void *arg, struct asked *a)
{
	(void)arg;
	tell_begin(a, REED_DNS_AA);
	tell_record(a, REED_DNS_ANSWER, "", REED_DNS_TYPE_A, 60, "127.0.0.1");
	tell_end(a);
}

static void private_addresses_are_withheld_but_from_names_of_ones_own(void)
{
	struct reed_dns_resolver_options o = from_root();
	struct teller evil = { .fn = answer_private };
	struct world w;

	o.own = (const char *const[]){ "home.evil.org" };
	o.own_count = 1;
	open_world(&w, &o, NULL, &evil);
	check_str(ask_a(&w, "inside.example.org"), "NOERROR 192.0.2.3");
	check_str(ask_a(&w, "www.evil.org"), "NOERROR");
	check_str(ask_a(&w, "nas.home.evil.org"), "NOERROR 127.0.0.1");
	check_int(w.stats.withheld, 2);
	check_str(ask(&w, "hint.example.org", REED_DNS_TYPE_HTTPS), "NOERROR");
	check_str(ask(&w, "hint6.example.org", REED_DNS_TYPE_HTTPS), "NOERROR");
	check_str(ask(&w, "fine.example.org", REED_DNS_TYPE_HTTPS),
	          "NOERROR 1 . ipv4hint=192.0.2.1");
	check_str(ask(&w, "nat.example.org", REED_DNS_TYPE_AAAA), "NOERROR");
	check_int(w.stats.withheld, 5);
	close_world(&w);
}

static void what_is_withheld_is_known_as_long_as_its_address_would_be(void)
{
	struct reed_dns_resolver_options o = from_root();
	struct teller evil = { .fn = answer_private };
	unsigned asked;
	struct world w;

	open_world(&w, &o, NULL, &evil);
	check_str(ask_a(&w, "www.evil.org"), "NOERROR");
	asked = evil.asked;
	check_int(reed_sim_run_for(w.sim, REED_S(30)), REED_OK);
	check_str(ask_a(&w, "www.evil.org"), "NOERROR");
	check_int(evil.asked, asked);
	check_int(reed_sim_run_for(w.sim, REED_S(31)), REED_OK);
	check_str(ask_a(&w, "www.evil.org"), "NOERROR");
	check(evil.asked > asked);
	close_world(&w);
}

/* ---- servers that fail ---- */

static void refuse(void *arg, struct asked *a)
{
	(void)arg;
	tell_begin(a, REED_DNS_RCODE_REFUSED);
	tell_end(a);
}

static void fourth_tells(void *arg, struct asked *a)
{
	(void)arg;
	tell_begin(a, REED_DNS_AA);
	tell_record(a, REED_DNS_ANSWER, "", REED_DNS_TYPE_A, 60, "192.0.2.9");
	tell_end(a);
}

static void a_lame_server_is_passed_by(void)
{
	struct reed_dns_resolver_options o = from_root();
	struct teller good = { .fn = fourth_tells }, lame = { .fn = refuse };
	char text[64];
	struct world w;

	open_world(&w, &o, &good, &lame);
	for (int i = 0; i < 20; i++) {
		snprintf(text, sizeof(text), "w%d.two.org", i);
		check_str(ask_a(&w, text), "NOERROR 192.0.2.9");
	}
	check(lame.asked > 0);
	close_world(&w);
}

static void a_server_that_says_nothing_is_asked_seldom(void)
{
	struct reed_dns_resolver_options o = from_root();
	struct teller good = { .fn = fourth_tells }, deaf = { .fn = refuse };
	char text[64];
	struct world w;

	open_world(&w, &o, &good, &deaf);
	reed_sim_cut(w.sim, "home", "fifth");
	for (int i = 0; i < 40; i++) {
		snprintf(text, sizeof(text), "w%d.two.org", i);
		check_str(ask_a(&w, text), "NOERROR 192.0.2.9");
	}
	check_int(deaf.asked, 0);
	check(w.stats.asked < 55);
	close_world(&w);
}

static void what_has_expired_is_said_when_nobody_can_say_better(void)
{
	struct reed_dns_resolver_options o = from_root();
	struct world w;
	uint64_t asked;

	o.no_prefetch = true;
	open_world(&w, &o, NULL, NULL);
	check_str(ask_a(&w, "www.example.org"), "NOERROR 192.0.2.1");
	reed_sim_part(w.sim, "home", "example");
	reed_sim_run_for(w.sim, REED_S(400));
	check_str(ask_a(&w, "www.example.org"), "NOERROR 192.0.2.1");
	asked = w.stats.asked;
	check_str(ask_a(&w, "www.example.org"), "NOERROR 192.0.2.1");
	check_int(w.stats.asked, asked); /* RFC 8767 5: not again for a while */
	reed_sim_run_for(w.sim, REED_S(2 * 86400));
	check_str(ask_a(&w, "www.example.org"), "SERVFAIL");
	reed_sim_heal(w.sim, "home", "example");
	reed_sim_run_for(w.sim, REED_S(100));
	check_str(ask_a(&w, "www.example.org"), "NOERROR 192.0.2.1");
	close_world(&w);
}

/* ---- sharing, renewing, bounds ---- */

static void who_asks_the_same_shares_the_asking(void)
{
	struct reed_dns_resolver_options o = from_root();
	static struct reed_dns_reply replies[50];
	struct reed_future *all[51] = { NULL };
	struct reed_dns_name name = name_of("www.example.org");
	struct world w;

	open_world(&w, &o, NULL, NULL);
	for (int i = 0; i < 50; i++)
		all[i] = reed_dns_resolve(w.resolver, &name, REED_DNS_TYPE_A, 0, &replies[i]);
	check_int(reed_sim_run_until(w.sim, reed_all_of(all), NULL), REED_OK);
	reed_dns_resolver_stats(w.resolver, &w.stats);
	check_int(w.stats.asked, 3);
	check_int(w.stats.shared, 49);
	for (int i = 0; i < 50; i++) {
		check_int(replies[i].message.counts[REED_DNS_ANSWER], 1);
		reed_dns_reply_finish(&replies[i]);
	}
	close_world(&w);
}

static void what_is_asked_for_shortly_before_it_expires_is_renewed(void)
{
	struct reed_dns_resolver_options o = from_root();
	struct world w;

	open_world(&w, &o, NULL, NULL);
	ask_a(&w, "www.example.org");
	reed_sim_run_for(w.sim, REED_S(290));
	ask_a(&w, "www.example.org");
	check_int(w.stats.prefetched, 1);
	reed_sim_run_for(w.sim, REED_S(100));
	ask_a(&w, "www.example.org");
	check_int(w.stats.hits, 2);
	check_int(w.stats.misses, 1);
	close_world(&w);
}

static void the_cache_keeps_to_its_bytes(void)
{
	struct reed_dns_resolver_options o = from_root();
	char text[64];
	struct world w;

	o.cache = 20000;
	open_world(&w, &o, NULL, NULL);
	for (int i = 1; i <= 200; i++) {
		snprintf(text, sizeof(text), "host%d.example.org", i);
		ask_a(&w, text);
		check(w.stats.bytes <= 20000);
		check(strncmp(w.text.p, "NOERROR 192.0.4.", 16) == 0);
	}
	check(w.stats.kept > 50 && w.stats.kept < 200);
	close_world(&w);
}

static void names_of_this_machine_and_of_nobody_are_not_asked_for(void)
{
	struct reed_dns_resolver_options o = from_root();
	struct world w;

	open_world(&w, &o, NULL, NULL);
	check_str(ask_a(&w, "localhost"), "NOERROR 127.0.0.1");
	check_str(ask_a(&w, "x.onion"), "NXDOMAIN");
	check_str(ask(&w, "1.1.168.192.in-addr.arpa", REED_DNS_TYPE_PTR), "NXDOMAIN");
	check_str(ask(&w, "1.1.20.172.in-addr.arpa", REED_DNS_TYPE_PTR), "NXDOMAIN");
	check_int(w.stats.asked, 0);
	close_world(&w);
}

/* ---- forwarding ---- */

static void another_is_asked_when_one_fails_and_the_fastest_first(void)
{
	struct reed_dns_resolver_options o = REED_DNS_RESOLVER_OPTIONS;
	struct teller good = { .fn = fourth_tells }, slow = { .fn = fourth_tells };
	struct reed_sim_link link = REED_SIM_LAN;
	char text[64];
	struct world w;

	o.forward = (const char *const[]){ "udp:10.0.0.5:53", "udp:10.0.0.4:53" };
	o.forward_count = 2;
	open_world(&w, &o, &good, &slow);
	link.delay_min = REED_MS(90);
	link.delay_mean = REED_MS(91);
	reed_sim_set_link(w.sim, "home", "fifth", &link);
	for (int i = 0; i < 50; i++) {
		snprintf(text, sizeof(text), "w%d.example.net", i);
		check_str(ask_a(&w, text), "NOERROR 192.0.2.9");
	}
	check(good.asked > 40 && slow.asked >= 1);
	reed_sim_cut(w.sim, "home", "example");
	check_str(ask_a(&w, "more.example.net"), "NOERROR 192.0.2.9");
	close_world(&w);
}

static void a_reload_with_the_same_servers_lets_questions_go_on(void)
{
	struct reed_dns_resolver_options o = REED_DNS_RESOLVER_OPTIONS;
	struct teller good = { .fn = fourth_tells };
	struct reed_future *f;
	struct world w;

	o.forward = (const char *const[]){ "udp:10.0.0.4:53" };
	o.forward_count = 1;
	open_world(&w, &o, &good, NULL);
	f = asking(&w, "www.example.net", REED_DNS_TYPE_A);
	reed_sim_run_for(w.sim, REED_US(10));
	reed_dns_resolver_update(w.resolver, &o);
	check_int(reed_sim_run_until(w.sim, f, NULL), REED_OK);
	check_int(w.reply.message.counts[REED_DNS_ANSWER], 1);
	o.forward = (const char *const[]){ "udp:10.0.0.5:53" };
	f = asking(&w, "other.example.net", REED_DNS_TYPE_A);
	reed_sim_run_for(w.sim, REED_US(10));
	reed_dns_resolver_update(w.resolver, &o);
	check_int(reed_sim_run_until(w.sim, f, NULL), REED_ECANCELED);
	close_world(&w);
}

/* ---- clients of a server ---- */

struct front {
	struct reed_co co;
	struct reed_dns_server *server;
	struct reed_dns_resolver *resolver;
	struct reed_dgram *dgram;
};

static void open_front(struct front *self)
{
	struct reed_dns_resolver_options o = from_root();
	struct reed_dns_recursion who = REED_DNS_RECURSION;
	struct reed_dns_prefix friend;

	check_int(reed_dns_prefix_parse(REED_STR("10.0.0.6"), &friend), REED_OK);
	who.allowed = &friend;
	who.allowed_count = 1;
	self->server = reed_dns_server_new(self->co.loop, NULL);
	self->resolver = reed_dns_resolver_new(self->co.loop, &o);
	reed_dns_server_resolver(self->server, self->resolver, &who);
}

static struct reed_future *serve(struct front *self)
{
	struct reed_dgram *dgram = self->dgram;

	self->dgram = NULL;
	return reed_dns_serve(self->server, dgram);
}

static void front_run(struct reed_co *co)
{
	struct front *self = reed_frame(co, struct front);

	reed_coroutine (co) {
		open_front(self);
		reed_try(co, reed_dgram_listen(co->loop, "udp:53", &self->dgram));
		reed_try(co, serve(self));
	}
}

static void front_end(struct reed_co *co)
{
	struct front *self = reed_frame(co, struct front);

	reed_dgram_close(self->dgram);
	reed_dns_server_free(self->server);
	reed_dns_resolver_free(self->resolver);
}

static const struct reed_co_kind front_kind = {
	.name = "front",
	.size = sizeof(struct front),
	.run = front_run,
	.end = front_end,
};

static struct reed_future *front(void *arg, struct reed_loop *loop)
{
	struct front *self = reed_co_new(loop, &front_kind);

	(void)arg;
	return reed_start(&self->co);
}

/* What a host gets of the resolver at home, 10.0.0.1. */
static uint16_t flags_for(struct world *w, const char *host, const char *name, bool rd)
{
	struct reed_dns_asker *asker = reed_dns_asker_new(reed_sim_host(w->sim, host), NULL);
	struct reed_dns_ask ask = REED_DNS_ASK;

	ask.server = "udp:10.0.0.1:53";
	ask.name = name_of(name);
	ask.type = REED_DNS_TYPE_A;
	ask.no_recursion = !rd;
	ask.only_udp = true;
	reed_dns_reply_finish(&w->reply);
	check_int(reed_sim_run_until(w->sim, reed_dns_query(asker, &ask, &w->reply), NULL),
	          REED_OK);
	reed_dns_asker_free(asker);
	return w->reply.message.flags;
}

static void only_those_who_may_are_served(void)
{
	struct reed_dns_resolver_options o = from_root();
	struct world w;
	uint16_t flags;

	open_world(&w, &o, NULL, NULL);
	reed_sim_host(w.sim, "fifth");
	reed_sim_host(w.sim, "friend");
	reed_sim_boot(w.sim, "home", front, NULL);
	flags = flags_for(&w, "friend", "www.example.org", true);
	check_int(reed_dns_rcode(flags), REED_DNS_RCODE_NOERROR);
	check(flags & REED_DNS_RA && !(flags & REED_DNS_AA));
	check_int(w.reply.message.counts[REED_DNS_ANSWER], 1);
	check_int(reed_dns_rcode(flags_for(&w, "fifth", "www.example.org", true)),
	          REED_DNS_RCODE_REFUSED);
	check_int(reed_dns_rcode(flags_for(&w, "friend", "www.example.org", false)),
	          REED_DNS_RCODE_REFUSED);
	flags = flags_for(&w, "friend", "many.example.org", true);
	check(flags & REED_DNS_TC); /* two hundred addresses are too many for a datagram */
	check_int(w.reply.message.counts[REED_DNS_ANSWER], 0);
	close_world(&w);
}

/* ---- dropped anywhere; any seed ---- */

struct trip {
	struct reed_co co;
	struct reed_dns_resolver *resolver;
	struct reed_dns_reply reply;
};

static struct reed_future *look_up(struct trip *self, const char *name)
{
	struct reed_dns_name n = name_of(name);

	reed_dns_reply_finish(&self->reply);
	return reed_dns_resolve(self->resolver, &n, REED_DNS_TYPE_A, 0, &self->reply);
}

static void trip_run(struct reed_co *co)
{
	struct trip *self = reed_frame(co, struct trip);

	reed_coroutine (co) {
		reed_try(co, look_up(self, "here.example.org"));
		reed_try(co, look_up(self, "there.example.org"));
	}
}

static void trip_end(struct reed_co *co)
{
	struct trip *self = reed_frame(co, struct trip);

	reed_dns_reply_finish(&self->reply);
	reed_dns_resolver_free(self->resolver);
}

static const struct reed_co_kind trip_kind = {
	.name = "trip",
	.size = sizeof(struct trip),
	.run = trip_run,
	.end = trip_end,
};

static struct reed_future *trip(void *arg, struct reed_sim *sim)
{
	struct reed_dns_resolver_options o = from_root();
	struct reed_loop *home = reed_sim_host(sim, "home");
	struct trip *self;

	(void)arg;
	zone_boot(sim, "root", &root_zone);
	zone_boot(sim, "org", &org_zone);
	zone_boot(sim, "example", &example_zone);
	self = reed_co_new(home, &trip_kind);
	self->resolver = reed_dns_resolver_new(home, &o);
	return reed_start(&self->co);
}

static void a_question_may_be_dropped_wherever_it_waits(void)
{
	check_each_suspension(trip, NULL, 20);
}

static enum reed_err rough(void *arg, struct reed_sim *sim)
{
	struct reed_future *f = trip(NULL, sim);

	(void)arg;
	return reed_sim_run_until(sim, f, NULL);
}

static void every_question_has_an_answer_over_rough_links(void)
{
	check_rough_links(rough, 60);
}

int main(void)
{
	RUN(a_name_is_found_from_the_root_down);
	RUN(what_is_known_is_not_asked_for_again_until_it_expires);
	RUN(a_ttl_gets_less_in_the_cache);
	RUN(aliases_are_followed_from_zone_to_zone);
	RUN(a_loop_of_aliases_ends);
	RUN(a_failure_is_kept_for_some_seconds);
	RUN(a_server_is_told_no_more_of_a_name_than_it_needs);
	RUN(nothing_is_believed_that_is_not_of_the_zone_that_was_asked);
	RUN(a_zone_cannot_take_over_the_one_above);
	RUN(no_zone_can_make_it_ask_another_for_long);
	RUN(a_tree_of_servers_without_addresses_is_not_climbed);
	RUN(private_addresses_are_withheld_but_from_names_of_ones_own);
	RUN(what_is_withheld_is_known_as_long_as_its_address_would_be);
	RUN(a_lame_server_is_passed_by);
	RUN(a_server_that_says_nothing_is_asked_seldom);
	RUN(what_has_expired_is_said_when_nobody_can_say_better);
	RUN(who_asks_the_same_shares_the_asking);
	RUN(what_is_asked_for_shortly_before_it_expires_is_renewed);
	RUN(the_cache_keeps_to_its_bytes);
	RUN(names_of_this_machine_and_of_nobody_are_not_asked_for);
	RUN(another_is_asked_when_one_fails_and_the_fastest_first);
	RUN(a_reload_with_the_same_servers_lets_questions_go_on);
	RUN(only_those_who_may_are_served);
	RUN(a_question_may_be_dropped_wherever_it_waits);
	RUN(every_question_has_an_answer_over_rough_links);
	return 0;
}
