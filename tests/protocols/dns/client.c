/* Queries to name servers that are right, slow, deaf or liars. */

#include "check.h"
#include "reed/dns/client.h"
#include "world.h"
#include "tests/core/sim_each.h"

static const struct zone_host zone = { .origin = "example.org",
	                               .text = "$TTL 60\n"
	                                       "@ SOA ns a 7 3600 600 86400 300\n"
	                                       "@ NS ns\n"
	                                       "ns A 192.0.2.53\n"
	                                       "www A 192.0.2.80\n"
	                                       "$GENERATE 1-200 many$ A 10.1.0.$\n" };

struct world {
	struct reed_sim *sim;
	struct reed_loop *home;
	struct reed_dns_asker *client;
	struct reed_dns_reply reply;
	struct reed_dns_asker_stats stats;
};

static void open_world(struct world *w, const struct reed_sim_link *link)
{
	struct reed_sim_options options = REED_SIM_OPTIONS;

	memset(w, 0, sizeof(*w));
	options.seed = 1;
	options.link = link;
	w->sim = reed_sim_new(&options);
	w->home = reed_sim_host(w->sim, "home");
	w->client = reed_dns_asker_new(w->home, NULL);
	w->stats.size = sizeof(w->stats);
}

static void close_world(struct world *w)
{
	reed_dns_reply_finish(&w->reply);
	reed_dns_asker_free(w->client);
	reed_sim_free(w->sim);
}

static enum reed_err ask(struct world *w, const char *server, const char *name)
{
	struct reed_dns_ask ask = REED_DNS_ASK;
	enum reed_err err;

	ask.server = server;
	ask.name = name_of(name);
	ask.type = REED_DNS_TYPE_A;
	reed_dns_reply_finish(&w->reply);
	err = reed_sim_run_until(w->sim, reed_dns_query(w->client, &ask, &w->reply), NULL);
	reed_dns_asker_stats(w->client, &w->stats);
	check_int(w->stats.under_way, 0);
	return err;
}

static unsigned answers(const struct world *w)
{
	return w->reply.message.counts[REED_DNS_ANSWER];
}

static void good(void *arg, struct asked *a)
{
	(void)arg;
	tell_begin(a, 0);
	tell_record(a, REED_DNS_ANSWER, "", REED_DNS_TYPE_A, 60, "192.0.2.1");
	tell_end(a);
}

/* ---- UDP ---- */

static void a_query_is_answered_over_udp(void)
{
	struct world w;

	open_world(&w, NULL);
	zone_boot(w.sim, "ns", &zone);
	check_int(ask(&w, "udp:ns:53", "www.example.org"), REED_OK);
	check_int(answers(&w), 1);
	check_int(w.reply.tries, 1);
	check(memcmp(w.reply.bytes + REED_DNS_HEADER_SIZE, "\3www\7example\3org", 17) == 0);
	check(!w.reply.by_stream);
	close_world(&w);
}

static void nobody_there_is_told_as_a_timeout_after_three_tries(void)
{
	struct teller deaf = { .fn = good };
	struct world w;

	open_world(&w, NULL);
	teller_boot(w.sim, "ns", &deaf);
	reed_sim_cut(w.sim, "ns", "home");
	check_int(ask(&w, "udp:ns:53", "www.example.org"), REED_ETIMEDOUT);
	check_int(deaf.asked, 3);
	check_int(w.stats.timeouts, 3);
	close_world(&w);
}

static void lossy_links_are_survived(void)
{
	struct reed_sim_link link = REED_SIM_LAN;
	struct world w;
	int well = 0;

	link.loss = 0.3;
	link.duplicate = 0.2;
	link.reorder = 0.2;
	open_world(&w, &link);
	zone_boot(w.sim, "ns", &zone);
	for (int i = 0; i < 40; i++)
		well += ask(&w, "udp:ns:53", "www.example.org") == REED_OK;
	check(well > 30);
	check(w.stats.timeouts > 5);
	close_world(&w);
}

/* Everything that is nearly right, and then what is. */
static void lie_and_tell(void *arg, struct asked *a)
{
	struct reed_dns_name name = a->q.name;

	(void)arg;
	a->m.id ^= 1;
	good(NULL, a);
	a->m.id ^= 1;
	a->q.name = name_of("other.example.org");
	good(NULL, a);
	a->q.name = name;
	a->q.type = REED_DNS_TYPE_AAAA;
	tell_begin(a, 0);
	tell_end(a);
	a->q.type = REED_DNS_TYPE_A;
	reed_dgram_reply(a->dgram, a->in, a->in->data);
	reed_dgram_reply(a->dgram, a->in, REED_STR("no DNS at all"));
	tell_begin(a, 0);
	tell_record(a, REED_DNS_ANSWER, "", REED_DNS_TYPE_A, 60, "192.0.2.99");
	tell_end(a);
}

static void answers_to_other_questions_are_ignored_and_counted(void)
{
	struct teller liar = { .fn = lie_and_tell };
	struct reed_dns_walk walk;
	struct reed_dns_record record;
	uint8_t into[16];
	struct reed_slice rdata;
	struct world w;

	open_world(&w, NULL);
	teller_boot(w.sim, "ns", &liar);
	check_int(ask(&w, "udp:ns:53", "www.example.org"), REED_OK);
	check_int(w.stats.strays, 5);
	reed_dns_walk(&w.reply.message, REED_DNS_ANSWER, &walk);
	check(reed_dns_next(&walk, &record));
	check_int(reed_dns_record_rdata(&record, into, sizeof(into), &rdata), REED_OK);
	check_int((uint8_t)rdata.p[3], 99);
	close_world(&w);
}

static void fold(void *arg, struct asked *a)
{
	reed_dns_name_lower(&a->q.name);
	good(arg, a);
}

static void letters_that_changed_are_asked_for_again_over_tcp(void)
{
	struct teller folder = { .fn = fold };
	struct world w;

	open_world(&w, NULL);
	teller_boot(w.sim, "ns", &folder);
	/* nobody listens on TCP there, so that the guess is never believed */
	check_int(ask(&w, "udp:ns:53", "a-name-with-many-letters.example.org"), REED_EREFUSED);
	check(w.stats.folded > 0);
	close_world(&w);
}

static void no_edns(void *arg, struct asked *a)
{
	if (!a->m.opt) {
		good(arg, a);
		return;
	}
	tell_begin(a, REED_DNS_RCODE_FORMERR);
	tell_end(a);
}

static void a_server_that_knows_no_edns_is_asked_without(void)
{
	struct teller old = { .fn = no_edns };
	struct world w;

	open_world(&w, NULL);
	teller_boot(w.sim, "ns", &old);
	check_int(ask(&w, "udp:ns:53", "www.example.org"), REED_OK);
	check_int(old.asked, 2);
	check_int(answers(&w), 1);
	close_world(&w);
}

/* Ports and ids by chance: a bit of each is not the same all the time. */
struct seen {
	uint16_t ports[32], ids[32];
	bool upper[32];
	unsigned cookies;
};

static void note(void *arg, struct asked *a)
{
	struct seen *seen = arg;
	struct reed_dns_edns edns;
	struct reed_slice data;
	char text[REED_DNS_NAME_TEXT_SIZE];

	seen->ports[a->n] = a->in->from->port;
	seen->ids[a->n] = a->m.id;
	reed_dns_name_format(&a->q.name, text);
	seen->upper[a->n] = text[0] >= 'A' && text[0] <= 'Z';
	seen->cookies += !reed_dns_edns(&a->m, &edns) &&
	                 reed_dns_option(&edns, REED_DNS_OPTION_COOKIE, &data) && data.n >= 8;
	good(NULL, a);
}

static void ports_ids_and_letters_are_by_chance(void)
{
	struct seen seen = { .cookies = 0 };
	struct teller teller = { .fn = note, .arg = &seen };
	unsigned ports = 0, ids = 0, upper = 0;
	struct world w;

	open_world(&w, NULL);
	teller_boot(w.sim, "10.0.0.9", &teller);
	for (int i = 0; i < 32; i++)
		check_int(ask(&w, "udp:10.0.0.2:53", "www.example.org"), REED_OK);
	for (int i = 1; i < 32; i++) {
		ports += seen.ports[i] != seen.ports[i - 1] + 1 && seen.ports[i] >= 1024;
		ids += seen.ids[i] != seen.ids[i - 1] + 1;
		upper += seen.upper[i];
	}
	check(ports > 28 && ids > 28 && upper > 6 && upper < 26);
	check_int(seen.cookies, 32);
	close_world(&w);
}

/* ---- streams ---- */

static void truncate_over_udp(void *arg, struct asked *a)
{
	(void)arg;
	tell_begin(a, REED_DNS_TC);
	tell_end(a);
}

static void a_truncated_answer_is_asked_for_over_tcp(void)
{
	struct teller teller = { .fn = truncate_over_udp };
	struct world w;

	open_world(&w, NULL);
	teller_boot(w.sim, "ns", &teller);
	check_int(ask(&w, "udp:ns:53", "www.example.org"), REED_EREFUSED);
	check_int(w.stats.truncated, 1);
	check_int(w.stats.dialled, 1);
	close_world(&w);
}

static void many_queries_share_a_connection(void)
{
	struct reed_future *all[101] = { NULL };
	static struct reed_dns_reply replies[100];
	struct reed_dns_ask ask = REED_DNS_ASK;
	struct world w;
	char text[64];

	open_world(&w, NULL);
	zone_boot(w.sim, "ns", &zone);
	ask.server = "tcp:ns:53";
	ask.type = REED_DNS_TYPE_A;
	for (int i = 0; i < 100; i++) {
		snprintf(text, sizeof(text), "many%d.example.org", i + 1);
		ask.name = name_of(text);
		all[i] = reed_dns_query(w.client, &ask, &replies[i]);
	}
	check_int(reed_sim_run_until(w.sim, reed_all_of(all), NULL), REED_OK);
	for (int i = 0; i < 100; i++) {
		check_int(replies[i].message.counts[REED_DNS_ANSWER], 1);
		check(replies[i].by_stream);
		reed_dns_reply_finish(&replies[i]);
	}
	reed_dns_asker_stats(w.client, &w.stats);
	check_int(w.stats.dialled, 1);
	check_int(w.stats.by_stream, 100);
	close_world(&w);
}

static void a_connection_that_was_closed_meanwhile_is_made_again(void)
{
	struct world w;

	open_world(&w, NULL);
	zone_boot(w.sim, "ns", &zone);
	check_int(ask(&w, "tcp:ns:53", "www.example.org"), REED_OK);
	reed_sim_reset(w.sim, "home", "ns");
	check_int(ask(&w, "tcp:ns:53", "www.example.org"), REED_OK);
	check_int(answers(&w), 1);
	check_int(w.stats.dialled, 2);
	close_world(&w);
}

static void a_connection_that_nobody_needs_is_closed(void)
{
	struct world w;

	open_world(&w, NULL);
	zone_boot(w.sim, "ns", &zone);
	check_int(ask(&w, "tcp:ns:53", "www.example.org"), REED_OK);
	check_int(w.stats.open, 1);
	reed_sim_run_for(w.sim, REED_S(20));
	reed_dns_asker_stats(w.client, &w.stats);
	check_int(w.stats.open, 0);
	close_world(&w);
}

static void a_server_that_is_not_there_is_told_by_name(void)
{
	struct reed_fault *fault = NULL;
	struct reed_dns_ask ask = REED_DNS_ASK;
	struct world w;

	open_world(&w, NULL);
	reed_sim_host(w.sim, "ns");
	ask.server = "tcp:ns:53";
	ask.name = name_of("www.example.org");
	ask.type = REED_DNS_TYPE_A;
	check_int(reed_sim_run_until(w.sim, reed_dns_query(w.client, &ask, &w.reply), &fault),
	          REED_EREFUSED);
	check(fault && strstr(fault->sentence, "tcp:ns:53"));
	reed_fault_free(fault);
	close_world(&w);
}

/* ---- dropped anywhere ---- */

struct trip {
	struct reed_co co;
	struct reed_dns_asker *client;
	struct reed_dns_reply reply;
};

static void trip_run(struct reed_co *co)
{
	struct trip *self = reed_frame(co, struct trip);
	struct reed_dns_ask ask = REED_DNS_ASK;

	reed_coroutine (co) {
		self->client = reed_dns_asker_new(co->loop, NULL);
		ask.server = "udp:ns:53";
		ask.name = name_of("www.example.org");
		ask.type = REED_DNS_TYPE_A;
		reed_try(co, reed_dns_query(self->client, &ask, &self->reply));
		reed_dns_reply_finish(&self->reply);
		ask.size = sizeof(ask);
		ask.server = "tcp:ns:53";
		ask.name = name_of("many1.example.org");
		ask.type = REED_DNS_TYPE_A;
		reed_try(co, reed_dns_query(self->client, &ask, &self->reply));
	}
}

static void trip_end(struct reed_co *co)
{
	struct trip *self = reed_frame(co, struct trip);

	reed_dns_reply_finish(&self->reply);
	reed_dns_asker_free(self->client);
}

static const struct reed_co_kind trip_kind = {
	.name = "trip",
	.size = sizeof(struct trip),
	.run = trip_run,
	.end = trip_end,
};

static struct reed_future *trip(void *arg, struct reed_sim *sim)
{
	struct trip *self;

	(void)arg;
	zone_boot(sim, "ns", &zone);
	self = reed_co_new(reed_sim_host(sim, "home"), &trip_kind);
	return reed_start(&self->co);
}

static void a_query_may_be_dropped_wherever_it_waits(void)
{
	check_each_suspension(trip, NULL, 10);
}

int main(void)
{
	RUN(a_query_is_answered_over_udp);
	RUN(nobody_there_is_told_as_a_timeout_after_three_tries);
	RUN(lossy_links_are_survived);
	RUN(answers_to_other_questions_are_ignored_and_counted);
	RUN(letters_that_changed_are_asked_for_again_over_tcp);
	RUN(a_server_that_knows_no_edns_is_asked_without);
	RUN(ports_ids_and_letters_are_by_chance);
	RUN(a_truncated_answer_is_asked_for_over_tcp);
	RUN(many_queries_share_a_connection);
	RUN(a_connection_that_was_closed_meanwhile_is_made_again);
	RUN(a_connection_that_nobody_needs_is_closed);
	RUN(a_server_that_is_not_there_is_told_by_name);
	RUN(a_query_may_be_dropped_wherever_it_waits);
	return 0;
}
