/* A program that ends: what it has said comes to its peers, and no silent one holds it up. */

#include "sim_tools.h"

static const struct reed_stream_limits patient = {
	.size = sizeof(patient),
	.input = 1 << 20,
	.output = 4 << 20,
	.high = 64 << 10,
	.low = 16 << 10,
	.linger_ms = 3600 * 1000,
};

/* Connected, and patient enough for an hour. */
static void open_world(struct world *w)
{
	world_exact(w);
	w->at_a->limits = &patient;
}

static void close_at_a(struct world *w)
{
	reed_close(w->at_a);
	w->at_a = NULL;
	check(reed_streams_part(w->a) || reed_loop_deadline(w->a) != REED_NEVER);
}

/* How long a program that ends stays, in ms of the simulation; an hour is too long. */
static int64_t time_to_part(struct world *w)
{
	int64_t since = reed_sim_now(w->sim);

	do
		check_int(reed_sim_run_for(w->sim, REED_MS(10)), REED_OK);
	while (reed_streams_part(w->a) && reed_sim_now(w->sim) - since < REED_S(3600));
	return (reed_sim_now(w->sim) - since) / REED_MS(1);
}

static void a_silent_peer_is_left_when_it_has_everything(void)
{
	struct world w;
	int64_t ms;

	open_world(&w);
	reed_write_str(w.at_a, "farewell");
	close_at_a(&w);
	ms = time_to_part(&w);
	check(ms >= 250 && ms <= 300);
	ends_as(&w, reed_more(w.at_b), REED_OK);
	check_slice(reed_peek(w.at_b), "farewell");
	reed_skip(w.at_b, 8);
	ends_as(&w, reed_more(w.at_b), REED_EEOF);
	world_finish(&w);
}

static void a_peer_that_ends_too_is_not_waited_for_any_longer(void)
{
	struct world w;

	open_world(&w);
	reed_write_str(w.at_a, "farewell");
	close_at_a(&w);
	reed_close(w.at_b);
	w.at_b = NULL;
	check(time_to_part(&w) <= 100);
	world_finish(&w);
}

static void who_does_not_read_all_of_it_is_waited_for(void)
{
	static char block[400000];
	struct world w;

	open_world(&w);
	reed_write(w.at_a, reed_slice(block, sizeof(block)));
	close_at_a(&w);
	for (int i = 0; i < 100; i++) {
		check_int(reed_sim_run_for(w.sim, REED_MS(100)), REED_OK);
		check(reed_streams_part(w.a));
	}
	for (size_t got = 0; got < sizeof(block);
	     got += reed_peek(w.at_b).n, reed_skip(w.at_b, reed_peek(w.at_b).n))
		ends_as(&w, reed_more(w.at_b), REED_OK);
	check(time_to_part(&w) <= 300);
	world_finish(&w);
}

static void what_is_lost_on_the_way_is_waited_for(void)
{
	struct world w;

	open_world(&w);
	reed_sim_part(w.sim, "a.example", "b.example");
	reed_write_str(w.at_a, "farewell");
	close_at_a(&w);
	for (int i = 0; i < 50; i++) {
		check_int(reed_sim_run_for(w.sim, REED_MS(100)), REED_OK);
		check(reed_streams_part(w.a));
	}
	reed_sim_heal(w.sim, "a.example", "b.example");
	check(time_to_part(&w) <= 60000);
	ends_as(&w, reed_more(w.at_b), REED_OK);
	check_slice(reed_peek(w.at_b), "farewell");
	world_finish(&w);
}

static void the_linger_time_holds_all_the_same(void)
{
	struct world w;

	world_exact(&w);
	reed_sim_part(w.sim, "a.example", "b.example");
	reed_write_str(w.at_a, "farewell");
	close_at_a(&w);
	check(time_to_part(&w) <= 5100);
	reed_sim_heal(w.sim, "a.example", "b.example");
	world_finish(&w);
}

/* Who has not closed a stream still wants it. */
static void what_is_open_is_let_alone(void)
{
	struct world w;

	open_world(&w);
	check(!reed_streams_part(w.a));
	check_int(reed_sim_run_for(w.sim, REED_S(10)), REED_OK);
	check(!reed_streams_part(w.a));
	reed_write_str(w.at_a, "still here");
	ends_as(&w, reed_more(w.at_b), REED_OK);
	world_finish(&w);
}

int main(void)
{
	RUN(a_silent_peer_is_left_when_it_has_everything);
	RUN(a_peer_that_ends_too_is_not_waited_for_any_longer);
	RUN(who_does_not_read_all_of_it_is_waited_for);
	RUN(what_is_lost_on_the_way_is_waited_for);
	RUN(the_linger_time_holds_all_the_same);
	RUN(what_is_open_is_let_alone);
	return 0;
}
