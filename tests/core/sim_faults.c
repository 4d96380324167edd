/* What befalls hosts and links, and what a program sees of it. */

#include "sim_tools.h"

#include "core/private.h"

/* ---- partitions ---- */

static void a_healed_partition_has_lost_nothing(void)
{
	struct world w;

	world_exact(&w);
	reed_sim_part(w.sim, "a.example", "b.example");
	reed_write_str(w.at_a, "through");
	reed_write_str(w.at_b, "and back");
	check_int(reed_sim_run_for(w.sim, REED_S(30)), REED_OK);
	check_int(stats_of(w.sim).lost, stats_of(w.sim).packets - 3);
	reed_sim_heal(w.sim, "a.example", "b.example");
	ends_as(&w, reed_more(w.at_b), REED_OK);
	check_slice(reed_peek(w.at_b), "through");
	ends_as(&w, reed_more(w.at_a), REED_OK);
	check_slice(reed_peek(w.at_a), "and back");
	check(reed_sim_now(w.sim) < REED_S(60));
	world_finish(&w);
}

/* What arrives is not known to have arrived: it comes again, and is not read twice. */
static void a_partition_may_be_one_way(void)
{
	struct world w;

	world_exact(&w);
	reed_sim_cut(w.sim, "b.example", "a.example");
	reed_write_str(w.at_a, "heard\n");
	reed_write_str(w.at_b, "unheard\n");
	ends_as(&w, reed_more(w.at_b), REED_OK);
	check_slice(reed_peek(w.at_b), "heard\n");
	check_int(reed_sim_run_for(w.sim, REED_S(10)), REED_OK);
	check(stats_of(w.sim).resent >= 8);
	reed_sim_mend(w.sim, "b.example", "a.example");
	ends_as(&w, reed_more(w.at_a), REED_OK);
	check_slice(reed_peek(w.at_a), "unheard\n");
	check_slice(reed_peek(w.at_b), "heard\n");
	world_finish(&w);
}

/* RFC 1122 4.2.3.5: not before 100 seconds; Linux takes a quarter of an hour. */
static void who_is_not_acknowledged_gives_up_in_the_end(void)
{
	struct world w;

	world_exact(&w);
	reed_sim_part(w.sim, NULL, "b.example");
	reed_write_str(w.at_a, "x");
	ends_as(&w, reed_more(w.at_a), REED_ETIMEDOUT);
	check(reed_sim_now(w.sim) > REED_S(900) && reed_sim_now(w.sim) < REED_S(1000));
	reed_sim_heal(w.sim, NULL, NULL);
	reed_write_str(w.at_b, "y");
	ends_as(&w, reed_more(w.at_b), REED_ERESET);
	world_finish(&w);
}

static void who_only_listens_notices_nothing_without_keep_alives(void)
{
	struct reed_sim_options options = REED_SIM_OPTIONS;
	struct world w;

	for (int i = 0; i < 2; i++) {
		options.keepalive = i * REED_S(7200);
		world_init(&w, &options);
		world_connect(&w);
		check_int(reed_sim_run_for(w.sim, REED_S(7000)), REED_OK);
		reed_sim_part(w.sim, "a.example", "b.example");
		ends_as(&w, reed_more(w.at_a), REED_ETIMEDOUT);
		/* for ever; or two hours after the last answer, and nine probes */
		check_int(reed_sim_now(w.sim) / REED_S(1), i ? 7200 + 9 * 75 : 7000);
		reed_sim_heal(w.sim, NULL, NULL);
		world_finish(&w);
	}
}

static void keep_alives_keep_what_is_alive(void)
{
	struct reed_sim_options options = REED_SIM_OPTIONS;
	struct reed_future *f;
	struct world w;

	options.keepalive = REED_S(60);
	world_init(&w, &options);
	world_connect(&w);
	f = reed_more(w.at_a);
	check_int(reed_sim_run_for(w.sim, REED_S(86400)), REED_OK);
	check(!f->settled);
	check(stats_of(w.sim).packets > 86400 / 60);
	reed_drop(f);
	world_finish(&w);
}

/* ---- clogs and pauses ---- */

static void a_clog_holds_back_and_keeps_the_order(void)
{
	struct world w;

	world_exact(&w);
	reed_write_str(w.at_a, "1");
	check_int(reed_sim_run_for(w.sim, REED_MS(5)), REED_OK);
	reed_sim_clog(w.sim, "a.example", "b.example", REED_MS(100));
	reed_write_str(w.at_a, "2");
	check_int(reed_sim_run_for(w.sim, REED_MS(99)), REED_OK);
	check_int(reed_peek(w.at_b).n, 0);
	ends_as(&w, reed_more(w.at_b), REED_OK);
	check_slice(reed_peek(w.at_b), "12");
	check_int(reed_sim_now(w.sim), REED_MS(30 + 105));
	world_finish(&w);
}

static void a_host_that_stands_still_acknowledges_and_does_not_answer(void)
{
	struct world w;

	world_exact(&w);
	reed_sim_pause(w.sim, "b.example", REED_S(60));
	reed_write_str(w.at_a, "x");
	ends_as(&w, reed_more(w.at_b), REED_OK);
	check_int(reed_sim_now(w.sim), REED_MS(30) + REED_S(60));
	check_int(stats_of(w.sim).resent, 0);
	world_finish(&w);
}

static void a_pause_forgets_no_timer(void)
{
	struct reed_future *f;
	struct world w;

	world_exact(&w);
	f = reed_sleep(w.b, 3600 * 1000);
	reed_sim_pause(w.sim, "b.example", REED_S(60));
	reed_write_str(w.at_a, "x");
	ends_as(&w, reed_more(w.at_b), REED_OK);
	ends_as(&w, f, REED_OK);
	check_int(reed_sim_now(w.sim), REED_MS(30) + REED_S(3600));
	world_finish(&w);
}

static void links_can_be_changed(void)
{
	struct reed_sim_link slow = { .size = sizeof(slow),
		                      .delay_min = REED_S(1),
		                      .delay_mean = REED_S(1) };
	struct world w;
	int64_t before;

	world_exact(&w);
	reed_sim_set_link(w.sim, "a.example", "b.example", &slow);
	reed_write_str(w.at_a, "x");
	ends_as(&w, reed_more(w.at_b), REED_OK);
	check_int(reed_sim_now(w.sim), REED_MS(1030));
	check_int(reed_sim_run(w.sim), REED_OK); /* what was sent again in vain */
	reed_sim_set_link(w.sim, NULL, NULL, NULL);
	before = reed_sim_now(w.sim);
	reed_write_str(w.at_a, "y");
	ends_as(&w, reed_more(w.at_b), REED_OK);
	check_int(reed_sim_now(w.sim) - before, REED_MS(10));
	world_finish(&w);
}

static void a_reset_is_heard_at_both_ends(void)
{
	struct world w;

	world_exact(&w);
	reed_sim_reset(w.sim, "b.example", NULL);
	ends_as(&w, reed_more(w.at_a), REED_ERESET);
	ends_as(&w, reed_more(w.at_b), REED_ERESET);
	check_int(reed_sim_now(w.sim), REED_MS(30));
	world_finish(&w);
}

/* The update of a window is lost: the probe of who waits for it finds out. */
static void a_lost_window_update_stops_nothing(void)
{
	static char bytes[4000];
	struct reed_sim_options options = REED_SIM_OPTIONS;
	struct world w;

	options.send_buffer = options.receive_buffer = 1000;
	world_init(&w, &options);
	world_connect(&w);
	reed_write(w.at_a, reed_slice(bytes, sizeof(bytes)));
	check_int(reed_sim_run(w.sim), REED_OK);
	reed_sim_cut(w.sim, "b.example", "a.example");
	ends_as(&w, reed_more(w.at_b), REED_OK);
	check_int(reed_peek(w.at_b).n, 1000);
	check_int(reed_sim_run_for(w.sim, REED_S(1)), REED_OK);
	reed_sim_mend(w.sim, "b.example", "a.example");
	check_int(reed_sim_run(w.sim), REED_OK);
	ends_as(&w, reed_more(w.at_b), REED_OK);
	check_int(reed_peek(w.at_b).n, 2000);
	world_finish(&w);
}

/* ---- crashes ---- */

struct life {
	int begun, ended;
	struct reed_listener *listener;
};

struct server {
	struct reed_co co;
	struct life *life;
	struct reed_stream *stream;
	char *memory;
};

static void server_run(struct reed_co *co)
{
	struct server *self = reed_frame(co, struct server);

	reed_coroutine (co) {
		self->memory = reed_alloc(1000);
		reed_try(co, reed_accept(self->life->listener, &self->stream));
		reed_write_str(self->stream, "hello\n");
		reed_try(co, reed_forever(co->loop));
	}
}

static void server_end(struct reed_co *co)
{
	struct server *self = reed_frame(co, struct server);

	self->life->ended++;
	reed_free(self->memory);
	if (self->stream)
		reed_write_str(self->stream, "nobody hears this\n");
	reed_close(self->stream);
	reed_listener_close(self->life->listener);
}

static const struct reed_co_kind server_kind = {
	.name = "server",
	.size = sizeof(struct server),
	.run = server_run,
	.end = server_end,
};

static struct reed_future *boot_server(void *arg, struct reed_loop *loop)
{
	struct server *self = reed_co_new(loop, &server_kind);

	self->life = arg;
	self->life->begun++;
	check_int(reed_sim_listen(loop, PORT, &self->life->listener), REED_OK);
	return reed_start(&self->co);
}

static void world_with_server(struct world *w, struct life *life)
{
	struct reed_sim_link link = EXACT_LINK;
	struct reed_sim_options options = REED_SIM_OPTIONS;

	options.link = &link;
	*life = (struct life){ 0 };
	*w = (struct world){ .sim = reed_sim_new(&options) };
	w->a = reed_sim_host(w->sim, "a");
	reed_sim_boot(w->sim, "b", boot_server, life);
	ends_as(w, reed_sim_dial(w->a, "b", PORT, &w->at_a), REED_OK);
	ends_as(w, reed_more(w->at_a), REED_OK);
	check_slice(reed_peek(w->at_a), "hello\n");
	reed_skip(w->at_a, 6);
}

static void a_crashed_host_says_nothing_more(void)
{
	struct reed_future *f;
	struct life life;
	struct world w;

	world_with_server(&w, &life);
	f = reed_more(w.at_a);
	reed_sim_crash(w.sim, "B");
	check_int(life.ended, 1);
	check(!reed_sim_is_up(w.sim, "b"));
	check_int(reed_sim_run(w.sim), REED_OK);
	check(!f->settled);
	reed_drop(f);
	world_finish(&w);
	check_int(life.begun, 1);
}

static void a_host_that_comes_back_knows_nothing_of_its_connections(void)
{
	struct life life;
	struct world w;

	world_with_server(&w, &life);
	reed_sim_crash(w.sim, "b");
	reed_write_str(w.at_a, "are you there?\n");
	check_int(reed_sim_run_for(w.sim, REED_S(10)), REED_OK);
	reed_sim_restart(w.sim, "b");
	check_int(life.begun, 2);
	ends_as(&w, reed_more(w.at_a), REED_ERESET);
	reed_close(w.at_a);
	ends_as(&w, reed_sim_dial(w.a, "b", PORT, &w.at_a), REED_OK);
	ends_as(&w, reed_more(w.at_a), REED_OK);
	check_slice(reed_peek(w.at_a), "hello\n");
	world_finish(&w);
	check_int(life.ended, 2);
}

/* The same ports again: what is left of the old connection must not be taken for the new one. */
static void a_client_that_comes_back_may_use_the_same_port(void)
{
	struct reed_address to = { .family = REED_FAMILY_IPV4,
		                   .port = PORT,
		                   .ip = { 10, 0, 0, 2 } };
	struct reed_address from = { .family = REED_FAMILY_IPV4, .port = 5555 };
	struct world w;

	world_init(&w, NULL);
	ends_as(&w, w.a->driver->net->connect(w.a->driver, w.a, &to, &from, &w.at_a), REED_OK);
	ends_as(&w, reed_accept(w.listener, &w.at_b), REED_OK);
	reed_sim_pause(w.sim, "a.example", 0);
	reed_abort(w.at_a);
	reed_sim_cut(w.sim, "a.example", NULL);
	w.a = reed_sim_restart(w.sim, "a.example");
	reed_sim_mend(w.sim, "a.example", NULL);
	ends_as(&w, w.a->driver->net->connect(w.a->driver, w.a, &to, &from, &w.at_a), REED_OK);
	ends_as(&w, reed_more(w.at_b), REED_ERESET);
	reed_close(w.at_b);
	ends_as(&w, reed_accept(w.listener, &w.at_b), REED_OK);
	reed_write_str(w.at_a, "new");
	ends_as(&w, reed_more(w.at_b), REED_OK);
	check_slice(reed_peek(w.at_b), "new");
	world_finish(&w);
}

struct suicide {
	struct reed_co co;
	int *steps;
};

static void suicide_run(struct reed_co *co)
{
	struct suicide *self = reed_frame(co, struct suicide);

	reed_coroutine (co) {
		++*self->steps;
		reed_try(co, reed_sleep(co->loop, 1000));
		if (*self->steps < 3)
			reed_sim_restart(reed_sim_of(co->loop), "b");
		else
			reed_sim_crash(reed_sim_of(co->loop), "b");
		reed_try(co, reed_sleep(co->loop, 1000));
		reed_sim_fail(reed_sim_of(co->loop), "it still runs");
	}
}

static const struct reed_co_kind suicide_kind = {
	.name = "suicide",
	.size = sizeof(struct suicide),
	.run = suicide_run,
};

static struct reed_future *boot_suicide(void *arg, struct reed_loop *loop)
{
	struct suicide *self = reed_co_new(loop, &suicide_kind);

	self->steps = arg;
	return reed_start(&self->co);
}

static void a_host_may_crash_itself(void)
{
	struct reed_sim *sim = reed_sim_new(NULL);
	int steps = 0;

	reed_sim_boot(sim, "b", boot_suicide, &steps);
	check_int(reed_sim_run(sim), REED_OK);
	check_int(steps, 3);
	check(!reed_sim_is_up(sim, "b"));
	check_int(reed_sim_now(sim), REED_S(3));
	reed_sim_free(sim);
}

/* ---- the plan ---- */

static void a_plan_crashes_what_can_boot_and_brings_it_back(void)
{
	struct reed_sim_faults faults = REED_SIM_FAULTS;
	struct reed_sim_options options = REED_SIM_OPTIONS;
	struct life life = { 0 }, spared = { 0 };
	struct reed_sim *sim;

	faults.crash_every = REED_S(600);
	faults.down_for = REED_S(60);
	faults.until = REED_S(86400);
	options.faults = &faults;
	sim = reed_sim_new(&options);
	reed_sim_host(sim, "a");
	reed_sim_boot(sim, "b", boot_server, &life);
	reed_sim_boot(sim, "c", boot_server, &spared);
	reed_sim_spare(sim, "c");
	check_int(reed_sim_run_for(sim, REED_S(86400)), REED_OK);
	/* a third of 144 */
	check(life.begun > 20 && life.begun < 80);
	check_int(life.ended, life.begun - 1);
	check_int(spared.begun, 1);
	check(reed_sim_is_up(sim, "b"));
	reed_sim_free(sim);
}

static void a_plan_parts_and_heals(void)
{
	struct reed_sim_faults faults = REED_SIM_FAULTS;
	struct reed_sim_options options = REED_SIM_OPTIONS;
	struct world w;
	int64_t longest = 0, before;

	faults.partition_every = REED_S(10);
	faults.partition_for = REED_S(5);
	faults.partition = REED_SIM_TWO_SIDES;
	faults.one_way = 0.5;
	faults.clog_every = REED_S(10);
	faults.clog_for = REED_S(1);
	faults.pause_every = REED_S(10);
	faults.pause_for = REED_S(1);
	faults.until = REED_S(300);
	options.faults = &faults;
	world_init(&w, &options);
	world_connect(&w);
	while (reed_sim_now(w.sim) < REED_S(400)) {
		before = reed_sim_now(w.sim);
		reed_write_str(w.at_a, "x");
		ends_as(&w, reed_more(w.at_b), REED_OK);
		reed_skip(w.at_b, 1);
		if (reed_sim_now(w.sim) - before > longest)
			longest = reed_sim_now(w.sim) - before;
		if (before > REED_S(330))
			check(reed_sim_now(w.sim) - before < REED_MS(10));
		check_int(reed_sim_run_for(w.sim, REED_MS(100)), REED_OK);
	}
	check(longest > REED_S(2));
	world_finish(&w);
}

static void a_plan_resets_connections(void)
{
	struct reed_sim_faults faults = REED_SIM_FAULTS;
	struct reed_sim_options options = REED_SIM_OPTIONS;
	struct world w;

	faults.reset_every = REED_S(10);
	options.faults = &faults;
	world_init(&w, &options);
	world_connect(&w);
	check_int(reed_sim_run_for(w.sim, REED_S(1000)), REED_OK);
	ends_as(&w, reed_more(w.at_b), REED_ERESET);
	world_finish(&w);
}

int main(void)
{
	RUN(a_healed_partition_has_lost_nothing);
	RUN(a_partition_may_be_one_way);
	RUN(who_is_not_acknowledged_gives_up_in_the_end);
	RUN(who_only_listens_notices_nothing_without_keep_alives);
	RUN(keep_alives_keep_what_is_alive);
	RUN(a_clog_holds_back_and_keeps_the_order);
	RUN(a_host_that_stands_still_acknowledges_and_does_not_answer);
	RUN(a_pause_forgets_no_timer);
	RUN(links_can_be_changed);
	RUN(a_reset_is_heard_at_both_ends);
	RUN(a_lost_window_update_stops_nothing);
	RUN(a_crashed_host_says_nothing_more);
	RUN(a_host_that_comes_back_knows_nothing_of_its_connections);
	RUN(a_client_that_comes_back_may_use_the_same_port);
	RUN(a_host_may_crash_itself);
	RUN(a_plan_crashes_what_can_boot_and_brings_it_back);
	RUN(a_plan_parts_and_heals);
	RUN(a_plan_resets_connections);
	return 0;
}
