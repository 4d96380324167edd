/*
 * A server that says back lines, and clients that ask again when a connection
 * breaks, under everything the simulation has to offer.
 *
 * Whatever happens: within one connection each answer is that to the next
 * question, whole; and when the faults end, all questions get answered.
 */

#include "sim_tools.h"

enum { CLIENTS = 3, LINES = 30, AHEAD = 8, RUNS = 1000 };

/* ---- the server ---- */

struct session {
	struct reed_co co;
	struct reed_stream *stream;
	struct reed_slice line;
};

static void session_run(struct reed_co *co)
{
	struct session *self = reed_frame(co, struct session);

	reed_coroutine (co) {
		for (;;) {
			reed_try(co, reed_read_line(self->stream, &self->line));
			reed_write(self->stream, self->line);
			reed_write(self->stream, REED_STR("\n"));
			if (reed_must_drain(self->stream))
				reed_try(co, reed_drain(self->stream));
		}
	}
}

static void session_end(struct reed_co *co)
{
	reed_close(reed_frame(co, struct session)->stream);
}

static const struct reed_co_kind session_kind = {
	.name = "session",
	.size = sizeof(struct session),
	.run = session_run,
	.end = session_end,
};

static struct reed_future *session(void *arg, struct reed_stream *stream)
{
	struct session *self = reed_co_new(stream->loop, &session_kind);

	(void)arg;
	self->stream = stream;
	return reed_start(&self->co);
}

static struct reed_future *boot_server(void *arg, struct reed_loop *loop)
{
	struct reed_listener *listener;

	check_int(reed_sim_listen(loop, PORT, &listener), REED_OK);
	return reed_serve(listener, session, arg, NULL);
}

/* ---- a client ---- */

struct client {
	struct reed_co co;
	struct reed_stream *stream;
	struct reed_slice line;
	int asked, answered; /* in this connection; for good */
	int *done;
};

/* The same number is the same line: up to four segments long, or empty. */
static size_t line_of(int number, char *into)
{
	size_t n = (size_t)(number * 2654435761u >> 8) % 6000;

	n = number % 5 ? n % 100 : n;
	for (size_t i = 0; i < n; i++)
		into[i] = (char)('a' + (i + (size_t)number) % 26);
	return n;
}

static void ask(struct client *self)
{
	char line[6000];

	while (self->asked < LINES && self->asked < self->answered + AHEAD) {
		size_t n = line_of(self->asked++, line);

		line[n] = '\n';
		reed_write(self->stream, reed_slice(line, n + 1));
	}
}

static void hear(struct client *self)
{
	char line[6000];
	size_t n = line_of(self->answered, line);

	if (!reed_slice_eq(self->line, reed_slice(line, n)))
		reed_sim_fail(reed_sim_of(self->co.loop),
		              "%s: answer %d has %zu bytes and is not that of %zu",
		              reed_sim_host_name(self->co.loop), self->answered, self->line.n, n);
	self->answered++;
}

/* So that it takes minutes, in which something can happen. */
static struct reed_future *think(struct reed_loop *loop)
{
	return reed_sleep(loop, (int64_t)reed_random_below(loop, 10000));
}

static void client_run(struct reed_co *co)
{
	struct client *self = reed_frame(co, struct client);

	reed_coroutine (co) {
		while (self->answered < LINES) {
			reed_await(co, reed_sim_dial(co->loop, "server", PORT, &self->stream));
			self->asked = self->answered;
			while (!co->err && self->answered < LINES) {
				ask(self);
				reed_await(co, reed_within(20000, reed_read_line(self->stream,
				                                                 &self->line)));
				if (!co->err)
					hear(self);
				if (!co->err && self->answered % 3 == 0)
					reed_await(co, think(co->loop));
			}
			reed_close(self->stream);
			self->stream = NULL;
			if (co->err)
				reed_try(co, reed_sleep(co->loop, 500));
		}
		++*self->done;
	}
}

static void client_end(struct reed_co *co)
{
	reed_close(reed_frame(co, struct client)->stream);
}

static const struct reed_co_kind client_kind = {
	.name = "client",
	.size = sizeof(struct client),
	.run = client_run,
	.end = client_end,
};

static struct reed_future *client(struct reed_loop *loop, int *done)
{
	struct client *self = reed_co_new(loop, &client_kind);

	self->done = done;
	return reed_start(&self->co);
}

/* ---- runs ---- */

static enum reed_err lines_come_back(void *arg, struct reed_sim *sim)
{
	struct reed_sim_stats *sum = arg, stats;
	enum reed_err err;
	char name[20];
	int done = 0;

	reed_sim_boot(sim, "server", boot_server, NULL);
	for (int i = 0; i < CLIENTS; i++) {
		snprintf(name, sizeof(name), "client%d", i);
		reed_sim_add(sim, client(reed_sim_host(sim, name), &done));
	}
	err = reed_sim_run(sim);
	if (!err && done < CLIENTS)
		reed_sim_fail(sim, "%d of %d got their answers", done, CLIENTS);
	stats = stats_of(sim);
	sum->turns += stats.turns;
	sum->wakes += stats.wakes;
	sum->packets += stats.packets;
	sum->lost += stats.lost;
	sum->resent += stats.resent;
	sum->faults += stats.faults;
	return err;
}

static struct reed_sim_faults all_faults(void)
{
	struct reed_sim_faults faults = REED_SIM_FAULTS;

	faults.partition_every = REED_S(15);
	faults.partition_for = REED_S(10);
	faults.one_way = 0.3;
	faults.clog_every = REED_S(10);
	faults.clog_for = REED_S(2);
	faults.crash_every = REED_S(30);
	faults.down_for = REED_S(5);
	faults.pause_every = REED_S(20);
	faults.pause_for = REED_S(3);
	faults.reset_every = REED_S(20);
	faults.until = REED_S(120);
	return faults;
}

static uint64_t explore(double partial, bool twice, uint64_t runs)
{
	struct reed_sim_explore_options options = REED_SIM_EXPLORE_OPTIONS;
	struct reed_sim_options sim = REED_SIM_OPTIONS;
	struct reed_sim_faults faults = all_faults();
	struct reed_sim_link rough = REED_SIM_ROUGH;
	struct reed_sim_stats sum = { 0 };

	sim.faults = &faults;
	sim.link = &rough;
	sim.schedule = REED_SIM_SHUFFLED;
	sim.partial_reads = sim.partial_writes = partial;
	sim.send_buffer = 3000;
	sim.receive_buffer = 2000;
	sim.most_turns = 1000000;
	options.sim = &sim;
	options.runs = runs;
	options.twice = twice;
	options.done = &runs;
	check_int(reed_sim_explore(lines_come_back, &sum, &options), REED_OK);
	printf("%llu runs: %llu wakes, %llu packets, %llu of them lost, %llu resent, %llu faults\n",
	       (unsigned long long)runs, (unsigned long long)sum.wakes,
	       (unsigned long long)sum.packets, (unsigned long long)sum.lost,
	       (unsigned long long)sum.resent, (unsigned long long)sum.faults);
	return sum.faults;
}

static void a_thousand_seeds_lose_and_reorder_nothing(void)
{
	check(explore(0.2, false, RUNS) > 10 * RUNS);
}

static void the_same_seed_is_the_same_run(void)
{
	explore(0.5, true, 50);
}

static uint64_t hash_of(uint64_t seed)
{
	struct reed_sim_stats sum = { 0 };
	struct reed_sim_options options = REED_SIM_OPTIONS;
	struct reed_sim *sim;
	uint64_t hash;

	options.seed = seed;
	sim = reed_sim_new(&options);
	check_int(lines_come_back(&sum, sim), REED_OK);
	hash = reed_sim_hash(sim);
	reed_sim_free(sim);
	return hash;
}

static void another_seed_is_another_run(void)
{
	check(hash_of(1) == hash_of(1));
	check(hash_of(1) != hash_of(2));
}

int main(void)
{
	RUN(another_seed_is_another_run);
	RUN(the_same_seed_is_the_same_run);
	RUN(a_thousand_seeds_lose_and_reorder_nothing);
	return 0;
}
