/*
 * A primary that is updated and two secondaries, one of which has its zone of the other,
 * through partitions and crashes: in the end all have the same zone.
 *
 * With an argument, so many seeds.
 */

#include <unistd.h>

#include "check.h"
#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/dns/keeper.h"
#include "reed/endpoint.h"
#include "reed/random.h"
#include "reed/sim.h"

#include "protocols/dns/item.h"
#include "protocols/dns/serve.h"

enum { HOSTS = 3, UPDATES = 30 };

static const char zone_text[] = "$TTL 300\n"
				"@ SOA a admin 1 20 5 2000 60\n"
				"@ NS a\n@ NS b\n@ NS c\n"
				"a A 10.0.0.1\nb A 10.0.0.2\nc A 10.0.0.3\n"
				"$GENERATE 1-50 host$ A 192.0.2.$\n";

static const char *const names[HOSTS] = { "a", "b", "c" };

struct world;

struct host {
	struct world *world;
	int number;
	struct reed_dns_server *server;
	struct reed_dns_keeper *keeper;
};

struct world {
	struct reed_sim *sim;
	char folder[64];
	struct reed_dns_name zone;
	struct reed_dns_key key;
	struct host hosts[HOSTS];
	int sent, done; /* updates, and those that were answered well */
	bool answered[UPDATES];
};

static char *path_of(const struct host *host, const char *end)
{
	return reed_sprintf("%s/%s%s", host->world->folder, names[host->number], end);
}

/* ---- a host ---- */

struct serving {
	struct reed_co co;
	struct host *host;
	struct reed_dgram *dgram;
	struct reed_scope scope;
};

static struct reed_dns_keys *keys_of(const struct world *world)
{
	struct reed_dns_keys *keys = reed_dns_keys_new();

	check_int(reed_dns_keys_add(keys, &world->key, false), REED_OK);
	return keys;
}

static void begin(struct serving *self)
{
	struct host *host = self->host;
	struct world *world = host->world;
	static const char *const ends[HOSTS] = { "tcp:a:53", "tcp:b:53", "tcp:c:53" };
	static const char *const told[HOSTS] = { "udp:a:53", "udp:b:53", "udp:c:53" };
	struct reed_dns_remote primaries[2] = { { ends[host->number == 2 ? 1 : 0], &world->key },
		                                { ends[0], &world->key } };
	struct reed_dns_remote secondaries[1] = { { told[(host->number + 1) % HOSTS],
		                                    &world->key } };
	struct reed_dns_rule rule = { .actions = REED_DNS_MAY_TRANSFER | REED_DNS_MAY_NOTIFY |
		                                 REED_DNS_MAY_UPDATE,
		                      .keys = &world->key.name,
		                      .key_count = 1 };
	struct reed_dns_access access = REED_DNS_ACCESS;
	struct reed_dns_keeper_options options = REED_DNS_KEEPER_OPTIONS;
	char *file = path_of(host, ".zone"), *journal = path_of(host, ".journal");

	access.rules = &rule;
	access.rule_count = 1;
	options.name = &world->zone;
	options.file = file;
	options.journal = journal;
	options.journal_most = 4096; /* it is full now and then */
	options.primaries = primaries;
	options.primary_count = (size_t)host->number;
	options.secondaries = secondaries;
	options.secondary_count = host->number < 2;
	options.access = &access;
	options.sync = REED_S(20);
	host->server = reed_dns_server_new(self->co.loop, NULL);
	reed_dns_server_keys(host->server, keys_of(world));
	host->keeper = reed_dns_keeper_new(host->server, &options);
	reed_free(file);
	reed_free(journal);
}

static void serving_run(struct reed_co *co)
{
	struct serving *self = reed_frame(co, struct serving);

	reed_coroutine (co) {
		begin(self);
		reed_scope_init(&self->scope, co->loop, NULL, "host");
		reed_try(co, reed_dgram_listen(co->loop, "udp:53", &self->dgram));
		reed_scope_add(&self->scope, reed_dns_serve(self->host->server, self->dgram));
		self->dgram = NULL;
		reed_scope_add(&self->scope,
		               reed_listen_and_serve(co->loop, "tcp:53", reed_dns_session,
		                                     self->host->server, NULL));
		reed_await(co, reed_forever(co->loop));
	}
}

static void serving_end(struct reed_co *co)
{
	struct serving *self = reed_frame(co, struct serving);

	reed_dgram_close(self->dgram);
	if (self->scope.loop)
		reed_scope_finish(&self->scope);
	reed_dns_keeper_free(self->host->keeper);
	reed_dns_server_free(self->host->server);
	self->host->keeper = NULL;
	self->host->server = NULL;
}

static const struct reed_co_kind serving_kind = {
	.name = "host",
	.size = sizeof(struct serving),
	.run = serving_run,
	.end = serving_end,
};

static struct reed_future *boot(void *arg, struct reed_loop *loop)
{
	struct serving *self = reed_co_new(loop, &serving_kind);

	self->host = arg;
	return reed_start(&self->co);
}

/* ---- somebody who changes the zone ---- */

struct client {
	struct reed_co co;
	struct world *world;
	struct reed_stream *stream;
	struct reed_slice bytes;
	struct reed_dns_message m;
	struct reed_dns_tsig tsig;
	int i, rcode;
};

static struct reed_dns_name name_of(struct world *world, int i)
{
	struct reed_dns_name name;
	char text[32];

	snprintf(text, sizeof(text), "new%d", i);
	check_int(reed_dns_name_parse(reed_slice_of(text), &world->zone, &name), REED_OK);
	return name;
}

/* Adds new<i>, and takes a host away. */
static void send_update(struct client *self)
{
	uint8_t p[2 + 1024], address[4] = { 10, 1, 0, (uint8_t)self->i };
	struct reed_dns_name name = name_of(self->world, self->i), old;
	struct reed_dns_builder b;
	struct reed_slice message;
	char text[32];
	size_t n;

	snprintf(text, sizeof(text), "host%d", self->i + 1);
	check_int(reed_dns_name_parse(reed_slice_of(text), &self->world->zone, &old), REED_OK);
	reed_dns_tsig_finish(&self->tsig);
	reed_dns_tsig_begin(&self->tsig, &self->world->key);
	reed_dns_build(&b, p + 2, 1024);
	reed_dns_build_header(&b, (uint16_t)self->i, REED_DNS_OPCODE_UPDATE << 11);
	reed_dns_build_question(&b, &self->world->zone, REED_DNS_TYPE_SOA, REED_DNS_CLASS_IN);
	reed_dns_build_record(&b, REED_DNS_AUTHORITY, &name, REED_DNS_TYPE_A, REED_DNS_CLASS_IN, 60,
	                      reed_slice(address, sizeof(address)));
	reed_dns_build_record(&b, REED_DNS_AUTHORITY, &old, REED_DNS_TYPE_ANY, REED_DNS_CLASS_ANY,
	                      0, reed_slice("", 0));
	check_int(reed_dns_build_end(&b, &message), REED_OK);
	n = message.n;
	check_int(reed_dns_tsig_sign(&self->tsig, p + 2, &n, 1024,
	                             (uint64_t)(reed_wall(self->co.loop) / 1000000000)),
	          REED_OK);
	p[0] = (uint8_t)(n >> 8);
	p[1] = (uint8_t)n;
	reed_write(self->stream, reed_slice(p, n + 2));
	self->world->sent++;
}

static void note(struct client *self)
{
	check_int(reed_dns_message_parse(self->bytes, &self->m), REED_OK);
	check_int(reed_dns_tsig_check(&self->tsig, &self->m,
	                              (uint64_t)(reed_wall(self->co.loop) / 1000000000)),
	          REED_OK);
	if (reed_dns_rcode(self->m.flags) == REED_DNS_RCODE_NOERROR) {
		self->world->answered[self->i] = true;
		self->world->done++;
	}
}

static void client_run(struct reed_co *co)
{
	struct client *self = reed_frame(co, struct client);

	reed_coroutine (co) {
		for (; self->i < UPDATES; self->i++) {
			reed_await(co,
			           reed_sleep(co->loop,
			                      1000 + (int64_t)reed_random_below(co->loop, 9000)));
			reed_abort(self->stream);
			self->stream = NULL;
			reed_await(co, reed_within(3000,
			                           reed_dial(co->loop, "tcp:a:53", &self->stream)));
			if (co->err)
				continue;
			send_update(self);
			reed_await(co, reed_within(5000, reed_read_exactly(self->stream, 2,
			                                                   &self->bytes)));
			if (co->err)
				continue;
			reed_await(co,
			           reed_within(5000,
			                       reed_read_exactly(
						       self->stream,
						       dns_get16((const uint8_t *)self->bytes.p),
						       &self->bytes)));
			if (!co->err)
				note(self);
		}
	}
}

static void client_end(struct reed_co *co)
{
	struct client *self = reed_frame(co, struct client);

	reed_abort(self->stream);
	reed_dns_tsig_finish(&self->tsig);
}

static const struct reed_co_kind client_kind = {
	.name = "client",
	.size = sizeof(struct client),
	.run = client_run,
	.end = client_end,
};

/* ---- what has to be ---- */

static struct reed_dns_zone *zone_at(struct world *world, int i)
{
	return world->hosts[i].server ? reed_dns_server_zone(world->hosts[i].server, &world->zone)
	                              : NULL;
}

static bool is_same(const struct reed_dns_zone *a, const struct reed_dns_zone *b)
{
	struct dns_delta *delta = dns_delta_between(a, b);
	size_t soa = delta->split, rest = delta->n - delta->split;
	bool same = a->serial == b->serial && soa == rest;

	dns_delta_release(delta);
	return same && a->records == b->records;
}

static void check_end(struct world *world)
{
	const struct reed_dns_zone *first = zone_at(world, 0);

	for (int i = 0; i < HOSTS; i++)
		if (!zone_at(world, i)) {
			reed_sim_fail(world->sim, "%s has no zone", names[i]);
			return;
		}
	for (int i = 1; i < HOSTS; i++)
		if (!is_same(first, zone_at(world, i)))
			reed_sim_fail(world->sim, "%s has serial %u and not %u, or another zone",
			              names[i], zone_at(world, i)->serial, first->serial);
	for (int i = 0; i < UPDATES; i++) {
		struct reed_dns_name name = name_of(world, i);

		if (world->answered[i] && !dns_zone_find(first, name.wire))
			reed_sim_fail(world->sim, "update %d was answered, and is not there", i);
	}
	if (world->done < UPDATES / 10)
		reed_sim_fail(world->sim, "%d updates of %d were done", world->done, world->sent);
}

/* ---- a story ---- */

static void write_zone(struct world *world)
{
	struct reed_file_stamp stamp;
	char *path = path_of(&world->hosts[0], ".zone");

	check_int(reed_file_replace(path, REED_STR("$TTL 300\n"), &stamp), REED_OK);
	check_int(reed_file_replace(path, reed_slice_of(zone_text), &stamp), REED_OK);
	reed_free(path);
}

static void world_init(struct world *world, struct reed_sim *sim)
{
	memset(world, 0, sizeof(*world));
	world->sim = sim;
	strcpy(world->folder, "/tmp/reed-keeper-XXXXXX");
	check(mkdtemp(world->folder));
	check_int(reed_dns_name_parse(REED_STR("example.org"), NULL, &world->zone), REED_OK);
	check_int(reed_dns_key_parse("transfer", REED_DNS_HMAC_SHA256,
	                             REED_STR("c2VjcmV0IG9mIHR3bw=="), &world->key, NULL),
	          REED_OK);
	for (int i = 0; i < HOSTS; i++) {
		world->hosts[i].world = world;
		world->hosts[i].number = i;
	}
	write_zone(world);
	for (int i = 0; i < HOSTS; i++)
		reed_sim_boot(sim, names[i], boot, &world->hosts[i]);
}

static void world_finish(struct world *world)
{
	static const char *const ends[] = { ".zone", ".journal", ".journal.seen" };

	for (int i = 0; i < HOSTS; i++) {
		reed_sim_crash(world->sim, names[i]);
		for (size_t k = 0; k < REED_COUNT(ends); k++) {
			char *path = path_of(&world->hosts[i], ends[k]);

			unlink(path);
			reed_free(path);
		}
	}
	check_int(rmdir(world->folder), 0);
}

static enum reed_err converges(void *arg, struct reed_sim *sim)
{
	struct world *world = arg;
	struct client *client;

	world_init(world, sim);
	client = reed_co_new(reed_sim_host(sim, "client"), &client_kind);
	client->world = world;
	reed_sim_spare(sim, "client");
	reed_sim_add(sim, reed_start(&client->co));
	reed_sim_run_for(sim, REED_S(600));
	if (!reed_sim_failure(sim))
		check_end(world);
	world_finish(world);
	return reed_sim_failure(sim) ? REED_ECORRUPT : REED_OK;
}

static void explore(uint64_t runs)
{
	struct reed_sim_explore_options options = REED_SIM_EXPLORE_OPTIONS;
	struct reed_sim_options sim = REED_SIM_OPTIONS;
	struct reed_sim_faults faults = REED_SIM_FAULTS;
	struct reed_sim_link link = REED_SIM_ROUGH;
	struct world *world = reed_alloc(sizeof(*world));

	faults.partition = REED_SIM_TWO_SIDES;
	faults.partition_every = REED_S(40);
	faults.partition_for = REED_S(20);
	faults.one_way = 0.3;
	faults.crash_every = REED_S(60);
	faults.down_for = REED_S(5);
	faults.reset_every = REED_S(15);
	faults.until = REED_S(300);
	sim.faults = &faults;
	sim.link = &link;
	sim.schedule = REED_SIM_SHUFFLED;
	sim.lenient = true;
	sim.job_mean = REED_MS(20);
	options.sim = &sim;
	options.runs = runs;
	check_int(reed_sim_explore(converges, world, &options), REED_OK);
	reed_free(world);
}

static uint64_t runs = 4;

static void a_primary_and_its_secondaries_converge_whatever_happens(void)
{
	explore(runs);
}

int main(int argc, char **argv)
{
	if (argc > 1)
		runs = strtoull(argv[1], NULL, 10);
	RUN(a_primary_and_its_secondaries_converge_whatever_happens);
	return 0;
}
