/* A secondary and a primary that is not as it should be. */

#include <unistd.h>

#include "check.h"
#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/dns/edns.h"
#include "reed/dns/keeper.h"
#include "reed/endpoint.h"
#include "reed/random.h"
#include "reed/sim.h"

#include "protocols/dns/field.h"
#include "protocols/dns/serve.h"

/* OLD knows no EDNS, STALE is a secondary itself, whose zone expires in 20 s. */
enum mode { GOOD, CUT, LYING, REFUSING, UNSIGNED, GARBLED, OLD, STALE };

struct world {
	struct reed_sim *sim;
	char folder[64];
	struct reed_dns_name zone;
	struct reed_dns_key key;
	struct reed_dns_server *server;
	struct reed_dns_keeper *keeper;
	enum mode mode;
	unsigned serial;
	int transfers, queries;
};

/* ---- the primary ---- */

struct session {
	struct reed_co co;
	struct world *world;
	struct reed_stream *stream;
	struct reed_slice bytes;
	struct reed_dns_keys *keys;
	struct reed_dns_tsig tsig;
	bool over;
};

static void add(struct reed_dns_builder *b, const struct world *world, const char *owner,
                uint16_t type, const char *text)
{
	struct reed_dns_name name;
	struct reed_slice rdata;
	uint8_t room[512];

	check_int(reed_dns_name_parse(reed_slice_of(owner), &world->zone, &name), REED_OK);
	check_int(reed_dns_rdata_parse(type, reed_slice_of(text), &world->zone, room, sizeof(room),
	                               &rdata, NULL),
	          REED_OK);
	reed_dns_build_record(b, REED_DNS_ANSWER, &name, type, REED_DNS_CLASS_IN, 60, rdata);
}

static void add_soa(struct reed_dns_builder *b, const struct world *world, unsigned serial)
{
	char text[64];

	snprintf(text, sizeof(text), "ns a %u 10 5 60 4", serial);
	add(b, world, "@", REED_DNS_TYPE_SOA, text);
}

static void send_message(struct session *self, struct reed_dns_builder *b, uint8_t *p)
{
	struct reed_slice message;
	size_t n;

	check_int(reed_dns_build_end(b, &message), REED_OK);
	n = message.n;
	if (self->world->mode != UNSIGNED)
		check_int(reed_dns_tsig_sign(&self->tsig, p + 2, &n, 4000,
		                             (uint64_t)(reed_wall(self->co.loop) / 1000000000)),
		          REED_OK);
	dns_put16(p, (unsigned)n);
	reed_write(self->stream, reed_slice(p, n + 2));
}

static void add_expire(struct reed_dns_builder *b, uint8_t seconds)
{
	static const struct reed_dns_edns edns = { .udp_size = 1232 };

	reed_dns_build_opt(b, &edns);
	reed_dns_build_option(b, REED_DNS_OPTION_EXPIRE,
	                      reed_slice((uint8_t[]){ 0, 0, 0, seconds }, 4));
	reed_dns_build_opt_end(b);
}

static void answer(struct session *self, const struct reed_dns_message *m)
{
	struct world *world = self->world;
	struct reed_dns_question question;
	struct reed_dns_builder b;
	struct reed_dns_edns edns = { 0 };
	uint8_t p[4096];
	bool transfer, has_edns;
	unsigned rcode;

	check_int(reed_dns_message_question(m, &question), REED_OK);
	transfer = question.type != REED_DNS_TYPE_SOA;
	world->transfers += transfer;
	world->queries++;
	has_edns = !reed_dns_edns(m, &edns);
	check(transfer || has_edns || world->mode == OLD);
	rcode = world->mode == REFUSING          ? REED_DNS_RCODE_REFUSED
	        : world->mode == OLD && has_edns ? REED_DNS_RCODE_FORMERR
	                                         : 0;
	reed_dns_build(&b, p + 2, 4000);
	reed_dns_build_header(&b, m->id, (uint16_t)(REED_DNS_QR | REED_DNS_AA | rcode));
	if (!rcode)
		add_soa(&b, world, world->serial - (transfer && world->mode == LYING ? 2 : 0));
	if (transfer && !rcode) {
		add(&b, world, "@", REED_DNS_TYPE_NS, "ns");
		add(&b, world, "ns", REED_DNS_TYPE_A, "192.0.2.1");
		if (world->mode == GARBLED)
			add(&b, world, "ns", REED_DNS_TYPE_CNAME, "x"); /* beside other data */
		if (world->mode != CUT)
			add_soa(&b, world, world->serial - (world->mode == LYING ? 2 : 0));
		self->over = world->mode == CUT;
	}
	if (!transfer && world->mode == STALE)
		add_expire(&b, 20);
	send_message(self, &b, p);
}

static void session_run(struct reed_co *co)
{
	struct session *self = reed_frame(co, struct session);
	struct reed_dns_message m;

	reed_coroutine (co) {
		while (!self->over) {
			reed_try(co, reed_read_exactly(self->stream, 2, &self->bytes));
			reed_try(co, reed_read_exactly(self->stream,
			                               dns_get16((const uint8_t *)self->bytes.p),
			                               &self->bytes));
			check_int(reed_dns_message_parse(self->bytes, &m), REED_OK);
			check_int(reed_dns_tsig_take(&self->tsig, self->keys, &m,
			                             (uint64_t)(reed_wall(co->loop) / 1000000000)),
			          0);
			answer(self, &m);
		}
	}
}

static void session_end(struct reed_co *co)
{
	struct session *self = reed_frame(co, struct session);

	reed_close(self->stream);
	reed_dns_tsig_finish(&self->tsig);
	reed_dns_keys_free(self->keys);
}

static const struct reed_co_kind session_kind = {
	.name = "primary",
	.size = sizeof(struct session),
	.run = session_run,
	.end = session_end,
};

static struct reed_future *session(void *arg, struct reed_stream *stream)
{
	struct session *self = reed_co_new(stream->loop, &session_kind);

	self->world = arg;
	self->stream = stream;
	self->keys = reed_dns_keys_new();
	check_int(reed_dns_keys_add(self->keys, &self->world->key, false), REED_OK);
	return reed_start(&self->co);
}

/* ---- the secondary ---- */

static char *path_of(const struct world *world, const char *name)
{
	return reed_sprintf("%s/%s", world->folder, name);
}

static void begin(struct world *world, struct reed_loop *loop)
{
	struct reed_dns_remote primary = { "tcp:p:53", &world->key };
	struct reed_dns_keeper_options options = REED_DNS_KEEPER_OPTIONS;
	char *file = path_of(world, "zone"), *journal = path_of(world, "journal");

	options.name = &world->zone;
	options.file = file;
	options.journal = journal;
	options.primaries = &primary;
	options.primary_count = 1;
	world->server = reed_dns_server_new(loop, NULL);
	world->keeper = reed_dns_keeper_new(world->server, &options);
	reed_free(file);
	reed_free(journal);
}

static void end(struct world *world)
{
	reed_dns_keeper_free(world->keeper);
	reed_dns_server_free(world->server);
	world->keeper = NULL;
	world->server = NULL;
}

static void open_world(struct world *world)
{
	struct reed_sim_options options = REED_SIM_OPTIONS;

	memset(world, 0, sizeof(*world));
	options.seed = 7;
	options.lenient = true;
	world->sim = reed_sim_new(&options);
	world->serial = 5;
	strcpy(world->folder, "/tmp/reed-secondary-XXXXXX");
	check(mkdtemp(world->folder));
	check_int(reed_dns_name_parse(REED_STR("example.org"), NULL, &world->zone), REED_OK);
	check_int(reed_dns_key_parse("k", REED_DNS_HMAC_SHA256, REED_STR("c2VjcmV0"), &world->key,
	                             NULL),
	          REED_OK);
	reed_sim_add(world->sim, reed_listen_and_serve(reed_sim_host(world->sim, "p"), "tcp:53",
	                                               session, world, NULL));
	begin(world, reed_sim_host(world->sim, "s"));
}

static void close_world(struct world *world)
{
	static const char *const files[] = { "zone", "journal", "journal.seen" };

	end(world);
	reed_sim_free(world->sim);
	for (size_t i = 0; i < REED_COUNT(files); i++) {
		char *path = path_of(world, files[i]);

		unlink(path);
		reed_free(path);
	}
	check_int(rmdir(world->folder), 0);
}

static unsigned serial_of(const struct world *world)
{
	const struct reed_dns_zone *zone = reed_dns_server_zone(world->server, &world->zone);

	return zone ? zone->serial : 0;
}

static const char *mistake(const struct world *world)
{
	struct reed_dns_keeper_facts facts = { .size = sizeof(facts) };

	reed_dns_keeper_facts(world->keeper, &facts);
	return facts.mistake ? facts.mistake : "";
}

static unsigned asked(struct world *world)
{
	static const struct reed_address client = { .family = REED_FAMILY_IPV4, .port = 1 };
	uint8_t query[64], into[REED_DNS_UDP_MAX];
	struct reed_dns_builder b;
	struct reed_slice bytes;
	struct reed_dns_message m;
	size_t n;

	reed_dns_build(&b, query, sizeof(query));
	reed_dns_build_header(&b, 1, 0);
	reed_dns_build_question(&b, &world->zone, REED_DNS_TYPE_SOA, REED_DNS_CLASS_IN);
	check_int(reed_dns_build_end(&b, &bytes), REED_OK);
	n = reed_dns_server_ask(world->server, REED_DNS_UDP, &client, bytes, into, sizeof(into));
	check_int(reed_dns_message_parse(reed_slice(into, n), &m), REED_OK);
	return reed_dns_rcode(m.flags);
}

/* ---- stories ---- */

static void the_old_zone_is_served_whatever_comes_instead_of_a_new_one(void)
{
	static const struct {
		enum mode mode;
		const char *why;
	} cases[] = {
		{ CUT, "end of stream" },
		{ LYING, "older serial than the SOA record told" },
		{ REFUSING, "the answer is REFUSED" },
		{ UNSIGNED, "the answer is not signed" },
		{ GARBLED, "CNAME" },
	};
	struct world world;

	for (size_t i = 0; i < REED_COUNT(cases); i++) {
		open_world(&world);
		check_int(asked(&world), REED_DNS_RCODE_SERVFAIL);
		reed_sim_run_for(world.sim, REED_S(2));
		check_int(serial_of(&world), 5);
		world.serial = 6;
		world.mode = cases[i].mode;
		reed_sim_run_for(world.sim, REED_S(40));
		check_int(serial_of(&world), 5);
		check_int(asked(&world), REED_DNS_RCODE_NOERROR);
		if (!strstr(mistake(&world), cases[i].why))
			fprintf(stderr, "it says: %s\n", mistake(&world));
		check(strstr(mistake(&world), cases[i].why) != NULL);
		world.mode = GOOD;
		reed_sim_run_for(world.sim, REED_S(20));
		check_int(serial_of(&world), 6);
		check_str(mistake(&world), "");
		close_world(&world);
	}
}

static void a_serial_that_is_older_is_not_taken_unless_an_operator_says_so(void)
{
	struct world world;

	open_world(&world);
	reed_sim_run_for(world.sim, REED_S(2));
	world.serial = 3;
	reed_sim_run_for(world.sim, REED_S(40));
	check_int(serial_of(&world), 5);
	check_int(world.transfers, 1);
	check_int(reed_dns_keeper_retransfer(world.keeper), REED_OK);
	reed_sim_run_for(world.sim, REED_S(2));
	check_int(serial_of(&world), 3);
	close_world(&world);
}

static void a_zone_expires_when_nobody_is_in_reach_and_comes_back(void)
{
	struct world world;

	open_world(&world);
	reed_sim_run_for(world.sim, REED_S(2));
	reed_sim_part(world.sim, "p", "s");
	reed_sim_run_for(world.sim, REED_S(50));
	check_int(asked(&world), REED_DNS_RCODE_NOERROR);
	reed_sim_run_for(world.sim, REED_S(30));
	check_int(asked(&world), REED_DNS_RCODE_SERVFAIL);
	reed_sim_heal(world.sim, "p", "s");
	reed_sim_run_for(world.sim, REED_S(60));
	check_int(asked(&world), REED_DNS_RCODE_NOERROR);
	close_world(&world);
}

/* What it tells those who have the zone of it (RFC 7314). */
static unsigned told_expire(struct world *world)
{
	static const struct reed_address client = { .family = REED_FAMILY_IPV4, .port = 1 };
	static const struct reed_dns_edns ours = { .udp_size = 1232 };
	uint8_t query[128], into[REED_DNS_UDP_MAX];
	struct reed_dns_builder b;
	struct reed_slice bytes, data;
	struct reed_dns_message m;
	struct reed_dns_edns edns;
	size_t n;

	reed_dns_build(&b, query, sizeof(query));
	reed_dns_build_header(&b, 1, 0);
	reed_dns_build_question(&b, &world->zone, REED_DNS_TYPE_SOA, REED_DNS_CLASS_IN);
	reed_dns_build_opt(&b, &ours);
	reed_dns_build_option(&b, REED_DNS_OPTION_EXPIRE, reed_slice(NULL, 0));
	reed_dns_build_opt_end(&b);
	check_int(reed_dns_build_end(&b, &bytes), REED_OK);
	n = reed_dns_server_ask(world->server, REED_DNS_UDP, &client, bytes, into, sizeof(into));
	check_int(reed_dns_message_parse(reed_slice(into, n), &m), REED_OK);
	check_int(reed_dns_edns(&m, &edns), REED_OK);
	check(reed_dns_option(&edns, REED_DNS_OPTION_EXPIRE, &data));
	check_int(data.n, 4);
	return dns_get32((const uint8_t *)data.p);
}

static void a_zone_of_a_secondary_expires_with_it(void)
{
	struct world world;

	open_world(&world);
	world.mode = STALE;
	reed_sim_run_for(world.sim, REED_S(2));
	check_int(asked(&world), REED_DNS_RCODE_NOERROR);
	check(told_expire(&world) >= 15 && told_expire(&world) <= 20);
	/* it comes no later by asking again those who have it no longer themselves */
	reed_sim_part(world.sim, "p", "s");
	reed_sim_run_for(world.sim, REED_S(12));
	check_int(asked(&world), REED_DNS_RCODE_NOERROR);
	reed_sim_run_for(world.sim, REED_S(10));
	check_int(asked(&world), REED_DNS_RCODE_SERVFAIL);
	reed_sim_heal(world.sim, "p", "s");
	world.mode = GOOD;
	reed_sim_run_for(world.sim, REED_S(60));
	check(told_expire(&world) > 40);
	close_world(&world);
}

static void who_does_not_know_edns_is_asked_without(void)
{
	struct world world;

	open_world(&world);
	world.mode = OLD;
	reed_sim_run_for(world.sim, REED_S(2));
	check_int(serial_of(&world), 5);
	check_int(world.queries, 3);
	close_world(&world);
}

static void what_is_on_disk_is_served_at_the_start_and_its_age_counts(void)
{
	struct world world;

	open_world(&world);
	reed_sim_run_for(world.sim, REED_S(2));
	end(&world);
	reed_sim_part(world.sim, "p", "s");
	reed_sim_run_for(world.sim, REED_S(30));
	begin(&world, reed_sim_host(world.sim, "s"));
	reed_sim_run_for(world.sim, REED_S(5));
	check_int(serial_of(&world), 5);
	reed_sim_run_for(world.sim, REED_S(40)); /* 60 s after it was last in reach */
	check_int(asked(&world), REED_DNS_RCODE_SERVFAIL);
	close_world(&world);
}

static void a_primary_is_asked_less_and_less_while_it_is_of_no_use(void)
{
	struct world world;
	int first;

	open_world(&world);
	world.mode = REFUSING;
	reed_sim_run_for(world.sim, REED_S(60));
	first = world.queries;
	check(first >= 4 && first <= 12);
	reed_sim_run_for(world.sim, REED_S(600));
	check(world.queries - first <= 8);
	close_world(&world);
}

static void a_flood_of_notices_makes_two_questions_a_second(void)
{
	static const struct reed_address client = { .family = REED_FAMILY_IPV4, .port = 1 };
	struct world world;
	int before;

	open_world(&world);
	reed_sim_run_for(world.sim, REED_S(2));
	before = world.queries;
	for (int i = 0; i < 1000; i++) {
		struct dns_served *served = dns_served_exact(world.server, &world.zone);

		served->hooks->notified(served->hooks_arg, &client);
		reed_sim_run_for(world.sim, REED_MS(5));
	}
	check(world.queries - before >= 5);
	check(world.queries - before <= 12);
	close_world(&world);
}

static void a_keeper_may_go_at_any_time(void)
{
	struct world world;

	for (int ms = 0; ms < 60; ms++) {
		open_world(&world);
		reed_sim_run_for(world.sim, REED_US(ms * 100));
		close_world(&world);
	}
}

int main(void)
{
	RUN(the_old_zone_is_served_whatever_comes_instead_of_a_new_one);
	RUN(a_serial_that_is_older_is_not_taken_unless_an_operator_says_so);
	RUN(a_zone_expires_when_nobody_is_in_reach_and_comes_back);
	RUN(a_zone_of_a_secondary_expires_with_it);
	RUN(who_does_not_know_edns_is_asked_without);
	RUN(what_is_on_disk_is_served_at_the_start_and_its_age_counts);
	RUN(a_primary_is_asked_less_and_less_while_it_is_of_no_use);
	RUN(a_flood_of_notices_makes_two_questions_a_second);
	RUN(a_keeper_may_go_at_any_time);
	return 0;
}
