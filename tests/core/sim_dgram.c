/* Datagrams between simulated hosts: what befalls them on the way. */

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/dgram.h"
#include "reed/sim.h"
#include "tests/check.h"

enum { PORT = 5353, MANY = 2000 };

/* ---- a host that counts what it hears, and one that says numbers ---- */

struct hearer {
	struct reed_co co;
	struct reed_dgram *dgram;
	struct reed_datagram in;
	const char *at, *group;
	unsigned char *times; /* heard of each number */
	int heard, late, errors, to_many;
	uint32_t last;
	bool echoes;
};

static void hear(struct hearer *self)
{
	uint32_t number = 0;

	if (self->in.data.n == sizeof(number))
		memcpy(&number, self->in.data.p, sizeof(number));
	if (self->times)
		self->times[number % MANY]++;
	self->heard++;
	self->late += number < self->last;
	self->last = number > self->last ? number : self->last;
	self->to_many += self->in.to_many;
	if (self->echoes)
		reed_dgram_reply(self->dgram, &self->in, self->in.data);
}

static struct reed_address address(const char *text, uint16_t port)
{
	struct reed_address at;

	check_int(reed_address_parse(reed_slice_of(text), port, &at), REED_OK);
	return at;
}

static void open_hearer(struct hearer *self)
{
	struct reed_dgram_options options = REED_DGRAM_OPTIONS;
	struct reed_address at = address(self->at ? self->at : "::", PORT);
	struct reed_fault *fault = NULL;

	options.reuse_address = true;
	check_int(reed_dgram_bind(self->co.loop, &at, &options, &self->dgram, &fault), REED_OK);
	if (self->group) {
		struct reed_dgram_group g = { .group = address(self->group, 0) };

		check_int(reed_dgram_join(self->dgram, &g), REED_OK);
	}
}

static void hearer_run(struct reed_co *co)
{
	struct hearer *self = reed_frame(co, struct hearer);
	struct reed_dgram_error error;

	reed_coroutine (co) {
		open_hearer(self);
		for (;;) {
			reed_try(co, reed_dgram_wait(self->dgram));
			while (reed_dgram_next(self->dgram, &self->in))
				hear(self);
			while (reed_dgram_take_error(self->dgram, &error))
				self->errors++;
		}
	}
}

static void hearer_end(struct reed_co *co)
{
	reed_dgram_close(reed_frame(co, struct hearer)->dgram);
}

static const struct reed_co_kind hearer_kind = {
	.name = "hearer",
	.size = sizeof(struct hearer),
	.run = hearer_run,
	.end = hearer_end,
};

static struct reed_sim *sim;

static struct hearer *put_hearer(const char *host)
{
	struct hearer *self = reed_co_new(reed_sim_host(sim, host), &hearer_kind);

	reed_sim_add(sim, reed_start(&self->co));
	return self;
}

struct speaker {
	struct reed_co co;
	struct reed_dgram *dgram;
	struct reed_address to;
	uint32_t n, count;
};

static void speaker_run(struct reed_co *co)
{
	struct speaker *self = reed_frame(co, struct speaker);

	reed_coroutine (co) {
		for (self->n = 0; self->n < self->count; self->n++) {
			reed_dgram_send(self->dgram, &self->to,
			                reed_slice(&self->n, sizeof(self->n)));
			reed_try(co, reed_sleep(co->loop, 1));
		}
	}
}

static const struct reed_co_kind speaker_kind = {
	.name = "speaker",
	.size = sizeof(struct speaker),
	.run = speaker_run,
};

static void say_numbers(struct reed_dgram *from, const char *to, uint32_t count)
{
	struct speaker *self = reed_co_new(from->loop, &speaker_kind);

	self->dgram = from;
	self->to = address(to, PORT);
	self->count = count;
	reed_sim_add(sim, reed_start(&self->co));
}

static struct reed_dgram *bound(const char *host, bool broadcast)
{
	struct reed_dgram_options options = REED_DGRAM_OPTIONS;
	struct reed_address any = address("::", 0);
	struct reed_fault *fault = NULL;
	struct reed_dgram *d;

	options.broadcast = broadcast;
	check_int(reed_dgram_bind(reed_sim_host(sim, host), &any, &options, &d, &fault), REED_OK);
	return d;
}

static void begin(uint64_t seed, const struct reed_sim_link *link)
{
	struct reed_sim_options options = REED_SIM_OPTIONS;

	options.seed = seed;
	options.link = link;
	sim = reed_sim_new(&options);
}

static void end(struct reed_dgram *d)
{
	reed_dgram_close(d);
	reed_sim_free(sim);
}

/* ---- what befalls them ---- */

static unsigned char times[MANY];

struct tally {
	int heard, lost, twice, late;
	uint64_t hash;
};

static struct tally over_a_link(uint64_t seed, const struct reed_sim_link *link)
{
	struct tally tally = { 0 };
	struct hearer *h;
	struct reed_dgram *d;

	memset(times, 0, sizeof(times));
	begin(seed, link);
	h = put_hearer("b");
	d = bound("a", false);
	h->times = times;
	say_numbers(d, "10.0.0.1", MANY); /* b is the first host */
	check_int(reed_sim_run(sim), REED_OK);
	tally.heard = h->heard;
	tally.late = h->late;
	for (int i = 0; i < MANY; i++) {
		tally.lost += times[i] == 0;
		tally.twice += times[i] > 1;
	}
	tally.hash = reed_sim_hash(sim);
	end(d);
	return tally;
}

static void a_good_link_brings_all_in_order(void)
{
	struct tally t = over_a_link(1, NULL);

	check_int(t.heard, MANY);
	check_int(t.lost + t.twice + t.late, 0);
}

static void a_bad_link_loses_repeats_and_reorders(void)
{
	struct reed_sim_link link = { .size = sizeof(link),
		                      .delay_min = REED_MS(1),
		                      .delay_mean = REED_MS(5),
		                      .loss = 0.1,
		                      .reorder = 0.2,
		                      .duplicate = 0.05 };
	struct tally t = over_a_link(1, &link);

	check(t.lost > MANY / 20 && t.lost < MANY / 5);
	check(t.twice > MANY / 60 && t.twice < MANY / 10);
	check(t.late > MANY / 50);
	check_int(t.heard, MANY - t.lost + t.twice);
}

static void one_seed_is_one_run(void)
{
	struct reed_sim_link link = REED_SIM_ROUGH;
	struct tally a = over_a_link(7, &link), b = over_a_link(7, &link),
		     c = over_a_link(8, &link);

	check(a.hash == b.hash && a.lost == b.lost && a.late == b.late);
	check(a.hash != c.hash);
}

static void a_partition_loses_and_heals(void)
{
	struct hearer *h;
	struct reed_dgram *d;

	begin(1, NULL);
	h = put_hearer("b");
	d = bound("a", false);
	say_numbers(d, "10.0.0.1", 100);
	reed_sim_run_for(sim, REED_MS(30));
	reed_sim_part(sim, "a", "b");
	reed_sim_run_for(sim, REED_MS(30));
	reed_sim_heal(sim, "a", "b");
	check_int(reed_sim_run(sim), REED_OK);
	check(h->heard > 60 && h->heard < 80);
	end(d);
}

static void a_full_socket_loses_what_comes(void)
{
	struct reed_sim_stats stats = { .size = sizeof(stats) };
	struct hearer *h;
	struct reed_dgram *d;

	begin(1, NULL);
	h = put_hearer("b");
	d = bound("a", false);
	reed_sim_run_for(sim, REED_MS(1));
	reed_sim_pause(sim, "b", REED_S(60));
	for (int i = 0; i < 3; i++) {
		static char big[60000];
		struct reed_address to = address("10.0.0.1", PORT);

		check_int(reed_dgram_send(d, &to, reed_slice(big, sizeof(big))), REED_OK);
	}
	check_int(reed_sim_run(sim), REED_OK);
	check_int(h->heard, 1);
	reed_sim_stats(sim, &stats);
	check_int(stats.lost, 2);
	end(d);
}

static void nobody_there_is_told_over_the_link(void)
{
	struct reed_dgram_error error;
	struct reed_dgram *d;
	struct reed_address to;

	begin(1, NULL);
	d = bound("a", false);
	reed_sim_host(sim, "b");
	to = address("10.0.0.2", PORT);
	check_int(reed_dgram_send(d, &to, REED_STR("x")), REED_OK);
	check_int(reed_sim_run_until(sim, reed_dgram_wait(d), NULL), REED_OK);
	check(reed_dgram_take_error(d, &error));
	check_int(error.err, REED_EREFUSED);
	check(error.from_network && reed_address_eq(&error.to, &to));
	to = address("192.0.2.1", PORT);
	check_int(reed_dgram_send(d, &to, REED_STR("x")), REED_OK);
	check_int(reed_sim_run_until(sim, reed_dgram_wait(d), NULL), REED_OK);
	check(reed_dgram_take_error(d, &error));
	check_int(error.err, REED_ENETUNREACH);
	end(d);
}

/* ---- to many ---- */

static void over_a_group(const char *group, const char *any)
{
	struct hearer *h[3];
	struct reed_dgram *d;

	begin(1, NULL);
	for (int i = 0; i < 3; i++) {
		h[i] = put_hearer((const char *[]){ "one", "two", "three" }[i]);
		h[i]->at = any;
		h[i]->group = i < 2 ? group : NULL;
	}
	d = bound("four", false);
	reed_sim_run_for(sim, REED_MS(1));
	say_numbers(d, group, 10);
	check_int(reed_sim_run(sim), REED_OK);
	check_int(h[0]->heard, 10);
	check_int(h[0]->to_many, 10);
	check_int(h[1]->heard, 10);
	check_int(h[2]->heard, 0);
	end(d);
}

static void a_group_reaches_those_that_joined(void)
{
	over_a_group("239.1.2.3", "0.0.0.0");
	over_a_group("ff02::1:2", "::");
}

static void everybody_hears_a_broadcast(void)
{
	struct hearer *one, *two;
	struct reed_dgram *d;

	begin(1, NULL);
	one = put_hearer("one");
	two = put_hearer("two");
	d = bound("three", true);
	say_numbers(d, "255.255.255.255", 10);
	check_int(reed_sim_run(sim), REED_OK);
	check_int(one->heard, 10);
	check_int(two->heard, 10);
	end(d);
}

/* ---- hosts that go ---- */

static void a_crash_takes_sockets_along_and_a_restart_has_new_ones(void)
{
	struct hearer *h;
	struct reed_dgram *d;

	begin(1, NULL);
	put_hearer("b");
	d = bound("a", false);
	say_numbers(d, "10.0.0.1", 100);
	reed_sim_run_for(sim, REED_MS(30));
	reed_sim_crash(sim, "b");
	reed_sim_run_for(sim, REED_MS(30));
	reed_sim_restart(sim, "b");
	h = put_hearer("b");
	check_int(reed_sim_run(sim), REED_OK);
	check(h->heard > 30 && h->heard < 50);
	end(d);
}

/* ---- asking until there is an answer, through every fault and at every suspension ---- */

struct asker {
	struct reed_co co;
	struct reed_dgram *dgram;
	struct reed_datagram in;
	int tries;
};

static struct reed_dgram *dial(struct reed_loop *loop)
{
	struct reed_address to = address("10.0.0.1", PORT);
	struct reed_fault *fault = NULL;
	struct reed_dgram *d;

	check_int(reed_dgram_connect(loop, &to, NULL, NULL, &d, &fault), REED_OK);
	return d;
}

static void asker_run(struct reed_co *co)
{
	struct asker *self = reed_frame(co, struct asker);

	reed_coroutine (co) {
		self->dgram = dial(co->loop);
		for (self->tries = 0; self->tries < 1000; self->tries++) {
			reed_dgram_send(self->dgram, NULL, REED_STR("well?"));
			reed_await(co,
			           reed_within(500, reed_dgram_receive(self->dgram, &self->in)));
			if (!co->err || co->err == REED_ECANCELED)
				break;
			reed_try(co, reed_sleep(co->loop, 100));
		}
	}
}

static void asker_end(struct reed_co *co)
{
	reed_dgram_close(reed_frame(co, struct asker)->dgram);
}

static const struct reed_co_kind asker_kind = {
	.name = "asker",
	.size = sizeof(struct asker),
	.run = asker_run,
	.end = asker_end,
};

static struct reed_future *ask(struct reed_sim *in)
{
	struct hearer *h;

	sim = in;
	h = put_hearer("b");
	h->echoes = true;
	return reed_start(&((struct asker *)reed_co_new(reed_sim_host(in, "a"), &asker_kind))->co);
}

static enum reed_err ask_once(void *arg, struct reed_sim *in)
{
	(void)arg;
	return reed_sim_run_until(in, ask(in), NULL);
}

static void who_asks_again_is_answered_in_any_weather(void)
{
	static const struct reed_sim_link rough = REED_SIM_ROUGH;
	struct reed_sim_faults faults = REED_SIM_FAULTS;
	struct reed_sim_options world = REED_SIM_OPTIONS;
	struct reed_sim_explore_options options = REED_SIM_EXPLORE_OPTIONS;

	faults.partition_every = REED_S(2);
	faults.partition_for = REED_S(1);
	faults.clog_every = REED_S(2);
	faults.clog_for = REED_S(1);
	faults.pause_every = REED_S(5);
	faults.pause_for = REED_S(1);
	faults.until = REED_S(60);
	world.link = &rough;
	world.faults = &faults;
	world.schedule = REED_SIM_SHUFFLED;
	options.sim = &world;
	options.runs = 200;
	options.twice = true;
	check_int(reed_sim_explore(ask_once, NULL, &options), REED_OK);
}

static struct reed_future *ask_scenario(void *arg, struct reed_sim *in)
{
	(void)arg;
	return ask(in);
}

static void all_is_well(void *arg, struct reed_sim *in, const struct reed_sim_suspension *at)
{
	(void)arg;
	if (at->finished && at->err && at->act != REED_SIM_CRASH)
		reed_sim_fail(in, "ended as %s", reed_err_name(at->err));
}

static void an_asker_may_be_stopped_anywhere(void)
{
	struct reed_sim_suspension_options options = REED_SIM_SUSPENSION_OPTIONS;
	uint64_t points = 0;

	options.acts = REED_SIM_DROP | REED_SIM_INTERRUPT | REED_SIM_CRASH;
	options.points = &points;
	check_int(reed_sim_each_suspension(ask_scenario, all_is_well, NULL, &options), REED_OK);
	check(points >= 3);
}

int main(void)
{
	RUN(a_good_link_brings_all_in_order);
	RUN(a_bad_link_loses_repeats_and_reorders);
	RUN(one_seed_is_one_run);
	RUN(a_partition_loses_and_heals);
	RUN(a_full_socket_loses_what_comes);
	RUN(nobody_there_is_told_over_the_link);
	RUN(a_group_reaches_those_that_joined);
	RUN(everybody_hears_a_broadcast);
	RUN(a_crash_takes_sockets_along_and_a_restart_has_new_ones);
	RUN(who_asks_again_is_answered_in_any_weather);
	RUN(an_asker_may_be_stopped_anywhere);
	return 0;
}
