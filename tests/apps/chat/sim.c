/*
 * `reed chat` as a whole in a simulated world: nothing is lost but by what breaks.
 *
 * With an argument, so many seeds of each bad story.
 */

#include "check.h"
#include "reed/alloc.h"
#include "tests/apps/chat/house.h"
#include "tests/apps/chat/person.h"

static const char settings[] = "plain-in-clear: true\n"
			       "irc:\n"
			       "  - tcp:6667\n"
			       "  - tls:6697\n"
			       "network: Town\n"
			       "motd: Be kind.\n";

/* ---- a town: the house, and people some of whom come over TLS ---- */

struct scene {
	struct house house;
	struct town town;
};

static void begin(struct scene *self, struct reed_sim *sim)
{
	char tls[160];

	house_init(&self->house, "chat.example", settings);
	snprintf(tls, sizeof(tls), "tls:chat.example:6697:ca=%s/cert.pem", self->house.state);
	self->town.sim = sim;
	self->town.is_over = false;
	reed_sim_boot(sim, "chat.example", house_boot, &self->house);
	for (int i = 0; i < PEOPLE; i++)
		person_begin(&self->town.people[i], &self->town, i,
		             i % 2 ? "tcp:chat.example:6667" : tls);
}

static bool all_are_here(const struct town *town)
{
	for (int i = 0; i < PEOPLE; i++)
		if (!town->people[i].is_here)
			return false;
	return true;
}

/* What each says from now on, in peace, everybody hears. */
static bool all_have_heard(const struct town *town, const int from[PEOPLE])
{
	for (int i = 0; i < PEOPLE; i++)
		for (int j = 0; j < PEOPLE; j++)
			for (int n = from[j] + 1; n <= town->people[j].said; n++)
				if (!town->people[i].heard[j].in[n])
					return false;
	return true;
}

static void check_peace(struct scene *self)
{
	struct town *town = &self->town;
	int from[PEOPLE];

	reed_sim_run_for(town->sim, REED_S(300));
	if (!all_are_here(town))
		reed_sim_fail(town->sim, "not everybody has come back");
	for (int i = 0; i < PEOPLE; i++)
		from[i] = town->people[i].said;
	reed_sim_run_for(town->sim, REED_S(60));
	town->is_over = true;
	reed_sim_run_for(town->sim, REED_S(60));
	if (!all_have_heard(town, from))
		reed_sim_fail(town->sim, "something was lost in peace");
	for (int i = 0; i < PEOPLE; i++)
		if (town->people[i].said < from[i] + 5)
			reed_sim_fail(town->sim, "%s has nothing to say", town->people[i].nick);
}

static size_t sockets_of(struct reed_sim *sim)
{
	struct reed_sim_stats stats = { .size = sizeof(stats) };

	reed_sim_stats(sim, &stats);
	return stats.sockets;
}

static void end(struct scene *self)
{
	struct reed_sim *sim = self->town.sim;

	for (int i = 0; i < PEOPLE && !reed_sim_failure(sim); i++)
		reed_sim_run_until(sim, person_quit(&self->town.people[i]), NULL);
	if (!reed_sim_failure(sim))
		house_stop(&self->house);
	reed_sim_run(sim);
	if (!reed_sim_failure(sim) && (self->house.scope || sockets_of(sim) > 0))
		reed_sim_fail(sim, "the house does not end, or keeps %zu sockets", sockets_of(sim));
	town_check(&self->town);
	for (int i = 0; i < PEOPLE; i++)
		person_finish(&self->town.people[i]);
	reed_sim_crash(sim, "chat.example");
	house_finish(&self->house);
}

/* ---- nothing is left behind ---- */

static struct reed_allocator below;
static _Atomic long live;

static void *counting_calloc(size_t count, size_t size)
{
	live++;
	return below.calloc(count, size);
}

static void *counting_malloc(size_t size)
{
	live++;
	return below.malloc(size);
}

static void *counting_realloc(void *p, size_t size)
{
	live += !p;
	return below.realloc(p, size);
}

static void counting_free(void *p)
{
	live -= p != NULL;
	below.free(p);
}

static void count_allocations(void)
{
	struct reed_allocator counting;

	reed_allocator_get(&below);
	counting = (struct reed_allocator){ counting_calloc, counting_malloc, counting_realloc,
		                            counting_free, below.last_words };
	reed_allocator_set(&counting);
}

/* ---- stories ---- */

typedef void plan_fn(struct reed_sim_options *world, struct reed_sim_faults *faults,
                     struct reed_sim_link *link);

struct outcome {
	uint64_t hash;
	int said, accepted;
	unsigned lives;
	struct reed_sim_stats stats;
};

static void count(const struct scene *scene, struct outcome *out)
{
	*out = (struct outcome){ .hash = reed_sim_hash(scene->town.sim),
		                 .lives = scene->house.lives };
	out->stats.size = sizeof(out->stats);
	reed_sim_stats(scene->town.sim, &out->stats);
	for (int i = 0; i < PEOPLE; i++) {
		out->said += scene->town.people[i].said;
		for (int n = 0; n < SAYINGS; n++)
			out->accepted += scene->town.people[i].accepted[n];
	}
}

static enum reed_err tell(plan_fn *plan, uint64_t seed, struct outcome *out)
{
	struct reed_sim_options world = REED_SIM_OPTIONS;
	struct reed_sim_faults faults = REED_SIM_FAULTS;
	struct reed_sim_link link = REED_SIM_LAN;
	struct scene *scene = reed_alloc(sizeof(*scene));
	const struct reed_fault *failure;
	enum reed_err err;

	world.seed = seed;
	world.schedule = REED_SIM_SHUFFLED;
	world.link = &link;
	world.faults = &faults;
	world.job_mean = REED_MS(20);
	plan(&world, &faults, &link);
	begin(scene, reed_sim_new(&world));
	reed_sim_run_for(scene->town.sim, faults.until);
	check_peace(scene);
	end(scene);
	count(scene, out);
	failure = reed_sim_failure(scene->town.sim);
	err = failure ? failure->err : REED_OK;
	if (failure) {
		fprintf(stderr, "seed %llu: %s\n", (unsigned long long)seed, failure->sentence);
		reed_sim_trace(scene->town.sim, stderr);
	}
	reed_sim_free(scene->town.sim);
	reed_free(scene);
	return err;
}

/* The seeds of a story; every run twice, as it must be the same. */
static struct outcome over_seeds(plan_fn *plan, uint64_t seeds)
{
	struct outcome once, again, all = { 0 };

	for (uint64_t seed = 1; seed <= seeds; seed++) {
		long before = live;

		check_int(tell(plan, seed, &once), REED_OK);
		check_int(live, before);
		check_int(tell(plan, seed, &again), REED_OK);
		check(once.hash == again.hash);
		check(once.accepted == again.accepted);
		all.said += once.said;
		all.accepted += once.accepted;
		all.lives += once.lives;
		all.stats.faults += once.stats.faults;
		printf("seed %llu: %d said, %d accepted, %u lives, %llu faults, %llu packets, hash %016llx\n",
		       (unsigned long long)seed, once.said, once.accepted, once.lives,
		       (unsigned long long)once.stats.faults,
		       (unsigned long long)once.stats.packets, (unsigned long long)once.hash);
	}
	return all;
}

static void quietly(struct reed_sim_options *world, struct reed_sim_faults *faults,
                    struct reed_sim_link *link)
{
	(void)world;
	(void)link;
	faults->until = REED_S(60);
}

static void in_peace_everything_said_is_heard(void)
{
	struct outcome all = over_seeds(quietly, 2);

	check(all.accepted == all.said && all.said > 100);
	check_int(all.lives, 2);
}

static void badly(struct reed_sim_options *world, struct reed_sim_faults *faults,
                  struct reed_sim_link *link)
{
	*link = (struct reed_sim_link)REED_SIM_ROUGH;
	world->partial_reads = 0.2;
	world->partial_writes = 0.2;
	world->ipv6 = true;
	faults->partition_every = REED_S(40);
	faults->partition_for = REED_S(20);
	faults->clog_every = REED_S(30);
	faults->clog_for = REED_S(5);
	faults->reset_every = REED_S(30);
	faults->until = REED_S(600);
}

static void over_a_bad_network_everybody_hears_all_the_room_had(void)
{
	struct outcome all = over_seeds(badly, 3);

	check(all.accepted > 100 && all.accepted < all.said);
	check(all.stats.faults > 30);
}

static void crashing(struct reed_sim_options *world, struct reed_sim_faults *faults,
                     struct reed_sim_link *link)
{
	(void)world;
	*link = (struct reed_sim_link)REED_SIM_WAN;
	faults->crash_every = REED_S(4); /* of some host: a fifth of them are the server's */
	faults->down_for = REED_S(10);
	faults->pause_every = REED_S(60);
	faults->pause_for = REED_S(2);
	faults->until = REED_S(600);
}

static void a_server_that_crashes_again_and_again_knows_its_accounts(void)
{
	struct outcome all = over_seeds(crashing, 3);

	check(all.accepted > 100);
	check(all.lives > 15);
}

static void another_seed_is_another_story(void)
{
	struct outcome one, other;

	check_int(tell(quietly, 1, &one), REED_OK);
	check_int(tell(quietly, 2, &other), REED_OK);
	check(one.hash != other.hash);
}

int main(int argc, char **argv)
{
	count_allocations();
	if (argc > 1) {
		over_seeds(badly, strtoull(argv[1], NULL, 10));
		over_seeds(crashing, strtoull(argv[1], NULL, 10));
		return 0;
	}
	RUN(in_peace_everything_said_is_heard);
	RUN(over_a_bad_network_everybody_hears_all_the_room_had);
	RUN(a_server_that_crashes_again_and_again_knows_its_accounts);
	RUN(another_seed_is_another_story);
	return 0;
}
