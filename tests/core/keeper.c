/* Connections that are kept, in a simulation: what servers do to them, and when they are stopped. */

#include "reed/keeper.h"

#include "reed/log.h"

#include "sim_each.h"
#include "sim_tools.h"

enum { FIRST = 1000, LONGEST = 60000 };

static struct world w;
static struct reed_keeper *keeper;
static int sessions, prepared, refusals;
static char heard[20]; /* by the server, last */

/* When each attempt was made. */
static int64_t attempts[2000];
static size_t attempt_count;

/* ---- what both ends do ---- */

struct talk {
	struct reed_co co;
	struct reed_stream *stream;
	struct reed_slice line;
	bool goodbye;
};

static void talk_run(struct reed_co *co)
{
	struct talk *self = reed_frame(co, struct talk);

	reed_coroutine (co) {
		do {
			reed_await(co, reed_read_line(self->stream, &self->line));
			if (!co->err)
				reed_slice_copy(heard, sizeof(heard), self->line);
		} while (!co->err);
		if (co->err != REED_ECANCELED || !self->goodbye)
			reed_return(co, co->err);
		reed_write_str(self->stream, "goodbye\n");
		reed_await(co, reed_shield(reed_within(1000, reed_flush(self->stream))));
	}
}

static void talk_end(struct reed_co *co)
{
	reed_close(reed_frame(co, struct talk)->stream);
}

static const struct reed_co_kind talk_kind = {
	.name = "talk",
	.size = sizeof(struct talk),
	.run = talk_run,
	.end = talk_end,
};

static struct reed_future *session(void *arg, struct reed_stream *stream)
{
	struct talk *self;

	sessions++;
	if (refusals > 0) {
		refusals--;
		return NULL;
	}
	self = reed_co_new(stream->loop, &talk_kind);
	self->stream = stream;
	self->goodbye = arg != NULL;
	return reed_start(&self->co);
}

/* A server that says hello and hears what comes, or one that hangs up at once. */
static struct reed_future *greet(void *arg, struct reed_stream *stream)
{
	(void)arg;
	attempts[attempt_count++ % REED_COUNT(attempts)] = reed_sim_now(w.sim);
	reed_write_str(stream, "hello\n");
	return session(NULL, stream);
}

static struct reed_future *hang_up(void *arg, struct reed_stream *stream)
{
	(void)arg;
	attempts[attempt_count++ % REED_COUNT(attempts)] = reed_sim_now(w.sim);
	reed_close(stream);
	return reed_ready(stream->loop, REED_OK);
}

static struct reed_future *boot(void *arg, struct reed_loop *loop)
{
	struct reed_listener *listener;

	check_int(reed_sim_listen(loop, PORT, &listener), REED_OK);
	return reed_serve(listener, arg ? hang_up : greet, NULL, NULL);
}

/* Prepared is who has been greeted. */
struct hello {
	struct reed_co co;
	struct reed_stream *stream;
	struct reed_slice line;
};

static void hello_run(struct reed_co *co)
{
	struct hello *self = reed_frame(co, struct hello);

	reed_coroutine (co) {
		reed_try(co, reed_read_line(self->stream, &self->line));
		if (!reed_slice_is(self->line, "hello"))
			reed_return(co, reed_because(co, REED_EPROTO, "that is no greeting"));
		prepared++;
	}
}

static const struct reed_co_kind hello_kind = {
	.name = "hello",
	.size = sizeof(struct hello),
	.run = hello_run,
};

static struct reed_future *prepare(void *arg, struct reed_stream *stream)
{
	struct hello *self = reed_co_new(stream->loop, &hello_kind);

	(void)arg;
	self->stream = stream;
	return reed_start(&self->co);
}

/* ---- worlds ---- */

static struct reed_keeper *new_keeper(struct reed_loop *loop)
{
	struct reed_keeper_options o = REED_KEEPER_OPTIONS;

	o.endpoint = "sim:b.example:7";
	o.session = session;
	o.prepare = prepare;
	o.arg = &w; /* it says goodbye */
	return reed_keeper_new(loop, &o);
}

/* Host a keeps a connection to host b, on which nobody listens yet. */
static void open_world(void)
{
	struct reed_sim_options options = REED_SIM_OPTIONS;

	w = (struct world){ .sim = reed_sim_new(&options) };
	w.a = reed_sim_host(w.sim, "a.example");
	w.b = reed_sim_host(w.sim, "b.example");
	keeper = new_keeper(w.a);
	sessions = prepared = refusals = 0;
	attempt_count = 0;
	heard[0] = '\0';
}

static void close_world(void)
{
	check_int(reed_sim_run_for(w.sim, REED_S(10)), REED_OK);
	reed_keeper_free(keeper);
	reed_sim_free(w.sim);
}

static void pass(int64_t ns)
{
	check_int(reed_sim_run_for(w.sim, ns), REED_OK);
}

static intptr_t state(void)
{
	return reed_keeper_state(keeper)->value;
}

/* The run, which is ours to end. */
struct holder {
	struct reed_waiter waiter;
	bool ended;
	enum reed_err err;
	char why[200];
};

static void ended(struct reed_waiter *waiter, enum reed_err err, struct reed_fault *fault)
{
	struct holder *self = reed_container_of(waiter, struct holder, waiter);

	self->ended = true;
	self->err = err;
	snprintf(self->why, sizeof(self->why), "%s", reed_fault_why(fault, err));
	reed_fault_free(fault);
}

static void hold(struct holder *self, struct reed_future *f)
{
	*self = (struct holder){ .waiter.wake = ended };
	reed_wait(f, &self->waiter);
}

static void stop(struct holder *self)
{
	reed_interrupt(self->waiter.future);
	pass(REED_S(5));
	check(self->ended);
	check_int(self->err, REED_OK);
	check_int(state(), REED_KEEPER_STOPPED);
}

/* ---- tests ---- */

static void rests_grow_by_half_to_a_minute_and_differ(void)
{
	struct reed_backoff plain = REED_BACKOFF, usual = REED_BACKOFF;
	static const int64_t wanted[] = { 1000, 1500, 2250, 3375, 5062 };
	bool differ = false;

	open_world();
	plain.jitter = 0;
	for (size_t i = 0; i < REED_COUNT(wanted); i++)
		check_int(reed_backoff_ms(w.a, &plain, i + 1), wanted[i]);
	check_int(reed_backoff_ms(w.a, &plain, 0), FIRST);
	check_int(reed_backoff_ms(w.a, &plain, 11), 57665);
	check_int(reed_backoff_ms(w.a, &plain, 12), LONGEST);
	check_int(reed_backoff_ms(w.a, &plain, UINT64_MAX), LONGEST);
	for (int i = 0; i < 1000; i++) {
		int64_t ms = reed_backoff_ms(w.a, &usual, UINT64_MAX);

		check(ms >= LONGEST * 3 / 4 && ms <= LONGEST);
		differ |= ms != reed_backoff_ms(w.a, &usual, UINT64_MAX);
	}
	check(differ);
	close_world();
}

static void a_backoff_of_odd_numbers_still_ends(void)
{
	struct reed_backoff none = { 0 }, same = { 50, 100, 100, 0 }, wide = { 7, 7, 200, 1000 };
	struct reed_backoff huge = { INT64_MAX, INT64_MAX, 1000, 0 };

	open_world();
	check_int(reed_backoff_ms(w.a, &none, 9), 0);
	check_int(reed_backoff_ms(w.a, &same, UINT64_MAX), 50);
	check(reed_backoff_ms(w.a, &huge, 3) == INT64_MAX);
	for (int i = 0; i < 100; i++)
		check(reed_backoff_ms(w.a, &wide, 5) >= 0 && reed_backoff_ms(w.a, &wide, 5) <= 7);
	close_world();
}

static void a_connection_is_one_when_it_is_prepared(void)
{
	struct holder run;

	open_world();
	reed_sim_boot(w.sim, "b.example", boot, NULL);
	check_int(state(), REED_KEEPER_STOPPED);
	hold(&run, reed_keeper_run(keeper));
	check_int(reed_sim_run_until(w.sim, reed_keeper_connected(keeper, 1), NULL), REED_OK);
	check_int(state(), REED_KEEPER_CONNECTED);
	check_int(prepared, 1);
	check_int(reed_keeper_failures(keeper), 0);
	check_str(reed_keeper_why(keeper), "");
	stop(&run);
	check_str(heard, "goodbye");
	close_world();
}

static void a_dead_server_is_tried_again_and_again_and_less_often(void)
{
	struct holder run;
	uint64_t before = 0;

	open_world();
	hold(&run, reed_keeper_run(keeper));
	pass(REED_S(10));
	check(reed_keeper_failures(keeper) >= 4 && reed_keeper_failures(keeper) <= 6);
	check(strstr(reed_keeper_why(keeper), "refused") != NULL);
	pass(REED_S(600));
	before = reed_keeper_failures(keeper);
	pass(REED_S(600));
	check(reed_keeper_failures(keeper) >= before + 10);
	check(reed_keeper_failures(keeper) <= before + 14);
	stop(&run);
	close_world();
}

static void after_a_day_without_it_a_server_is_found_within_a_minute(void)
{
	struct holder run;

	open_world();
	reed_sim_boot(w.sim, "b.example", boot, NULL);
	hold(&run, reed_keeper_run(keeper));
	check_int(reed_sim_run_until(w.sim, reed_keeper_connected(keeper, 0), NULL), REED_OK);
	pass(REED_S(60));
	reed_sim_crash(w.sim, "b.example");
	reed_sim_reset(w.sim, "a.example", "b.example");
	pass(REED_S(86400));
	check(state() != REED_KEEPER_CONNECTED);
	reed_sim_boot(w.sim, "b.example", boot, NULL);
	pass(REED_S(LONGEST / 1000 + 31));
	check_int(state(), REED_KEEPER_CONNECTED);
	check_int(prepared, 2);
	stop(&run);
	close_world();
}

static void a_server_that_dies_at_once_is_not_hammered(void)
{
	struct holder run;

	open_world();
	reed_sim_boot(w.sim, "b.example", boot, &w);
	hold(&run, reed_keeper_run(keeper));
	pass(REED_S(3600));
	check(attempt_count >= 60 && attempt_count <= 100);
	for (size_t i = 1; i < attempt_count; i++)
		check(attempts[i] - attempts[i - 1] >= REED_MS(FIRST * 3 / 4));
	check_int(prepared, 0);
	check_int(reed_keeper_failures(keeper), attempt_count);
	stop(&run);
	close_world();
}

/* The rests begin anew with one that has lasted, and grow on with one that has not. */
static void only_a_connection_that_lasts_makes_up_for_failures(void)
{
	struct holder run;

	open_world();
	hold(&run, reed_keeper_run(keeper));
	pass(REED_S(300));
	check(reed_keeper_failures(keeper) > 5);
	reed_sim_boot(w.sim, "b.example", boot, NULL);
	check_int(reed_sim_run_until(w.sim, reed_keeper_connected(keeper, 0), NULL), REED_OK);
	reed_sim_reset(w.sim, "a.example", "b.example");
	pass(REED_S(1));
	check_int(state(), REED_KEEPER_RESTING);
	check(reed_keeper_failures(keeper) > 6);
	check_int(reed_sim_run_until(w.sim, reed_keeper_connected(keeper, 0), NULL), REED_OK);
	pass(REED_S(20));
	reed_sim_reset(w.sim, "a.example", "b.example");
	pass(REED_MS(500));
	check_int(reed_keeper_failures(keeper), 1);
	pass(REED_S(2));
	check_int(state(), REED_KEEPER_CONNECTED);
	stop(&run);
	close_world();
}

static void who_waits_is_told_after_so_many_failures(void)
{
	struct reed_fault *fault = NULL;
	struct holder run, patient;

	open_world();
	hold(&run, reed_keeper_run(keeper));
	hold(&patient, reed_keeper_connected(keeper, 0));
	check_int(reed_sim_run_until(w.sim, reed_keeper_connected(keeper, 3), &fault),
	          REED_EREFUSED);
	check(strstr(reed_fault_why(fault, REED_EREFUSED), "connection refused") != NULL);
	reed_fault_free(fault);
	check_int(reed_keeper_failures(keeper), 3);
	/* counted from the call, not from the beginning */
	check_int(reed_sim_run_until(w.sim, reed_keeper_connected(keeper, 2), NULL), REED_EREFUSED);
	check_int(reed_keeper_failures(keeper), 5);
	check(!patient.ended);
	stop(&run);
	check(patient.ended);
	check_int(patient.err, REED_ECANCELED);
	close_world();
}

/* A network that swallows everything: dialling alone would take two minutes. */
static void an_attempt_takes_no_longer_than_it_may(void)
{
	struct holder run;

	open_world();
	reed_sim_part(w.sim, "a.example", "b.example");
	hold(&run, reed_keeper_run(keeper));
	pass(REED_S(29));
	check_int(state(), REED_KEEPER_REACHING);
	pass(REED_S(1) + REED_MS(1));
	check_int(state(), REED_KEEPER_RESTING);
	check_int(reed_keeper_failures(keeper), 1);
	stop(&run);
	close_world();
}

static void a_session_may_refuse(void)
{
	struct holder run;

	open_world();
	reed_sim_boot(w.sim, "b.example", boot, NULL);
	hold(&run, reed_keeper_run(keeper));
	while (sessions == 0) /* the server's, which is greeting */
		pass(REED_US(10));
	refusals = 1;
	pass(REED_MS(500));
	check_int(state(), REED_KEEPER_RESTING);
	check_str(reed_keeper_why(keeper), "the session refused the connection");
	pass(REED_S(2));
	check_int(state(), REED_KEEPER_CONNECTED);
	stop(&run);
	close_world();
}

struct log {
	struct reed_co co;
	char states[100];
};

static void log_run(struct reed_co *co)
{
	struct log *self = reed_frame(co, struct log);
	struct reed_cell *cell = reed_keeper_state(keeper);

	reed_coroutine (co) {
		for (;;) {
			reed_try(co, reed_cell_changed(co->loop, cell, cell->count));
			self->states[strlen(self->states)] = "srCR"[cell->value];
		}
	}
}

static const struct reed_co_kind log_kind = {
	.name = "log",
	.size = sizeof(struct log),
	.run = log_run,
};

static void every_change_of_state_is_told(void)
{
	struct log *log;
	struct holder run, watch;

	open_world();
	log = reed_co_new(w.a, &log_kind);
	hold(&watch, reed_start(&log->co));
	pass(REED_MS(1));
	hold(&run, reed_keeper_run(keeper));
	pass(REED_MS(500));
	reed_sim_boot(w.sim, "b.example", boot, NULL);
	pass(REED_S(30));
	reed_sim_reset(w.sim, "a.example", "b.example");
	pass(REED_S(30));
	stop(&run);
	check_str(log->states, "rRrCRrCs");
	reed_unwait(w.a, &watch.waiter);
	close_world();
}

static void what_is_no_endpoint_is_not_tried_at_all(void)
{
	struct reed_keeper_options o = REED_KEEPER_OPTIONS;
	struct reed_keeper *wrong;

	open_world();
	o.endpoint = "tcp:nobody:port";
	o.session = session;
	wrong = reed_keeper_new(w.a, &o);
	check_int(reed_sim_run_until(w.sim, reed_keeper_run(wrong), NULL), REED_ESYNTAX);
	reed_keeper_free(wrong);
	close_world();
}

static void it_runs_once_at_a_time_and_again_after_a_stop(void)
{
	struct holder run;

	open_world();
	reed_sim_boot(w.sim, "b.example", boot, NULL);
	for (int i = 1; i <= 2; i++) {
		hold(&run, reed_keeper_run(keeper));
		check_int(reed_sim_run_until(w.sim, reed_keeper_run(keeper), NULL), REED_EBUSY);
		check_int(reed_sim_run_until(w.sim, reed_keeper_connected(keeper, 1), NULL),
		          REED_OK);
		check_int(prepared, i);
		stop(&run);
	}
	close_world();
}

/* ---- stopped in every state ---- */

struct scenario {
	struct reed_co co;
	struct reed_keeper *keeper;
};

static void scenario_run(struct reed_co *co)
{
	struct scenario *self = reed_frame(co, struct scenario);

	reed_coroutine (co) {
		reed_await(co,
		           reed_within(60000, reed_all(reed_keeper_run(self->keeper),
		                                       reed_keeper_connected(self->keeper, 9))));
		reed_return(co, co->err == REED_ETIMEDOUT ? REED_OK : co->err);
	}
}

static void scenario_end(struct reed_co *co)
{
	reed_keeper_free(reed_frame(co, struct scenario)->keeper);
}

static const struct reed_co_kind scenario_kind = {
	.name = "scenario",
	.size = sizeof(struct scenario),
	.run = scenario_run,
	.end = scenario_end,
};

/* Hangs up on the first, and on the others after twelve seconds; it is not there in the beginning. */
static struct reed_future *flaky(void *arg, struct reed_stream *stream)
{
	return attempt_count == 0 ? hang_up(arg, stream) : reed_within(12000, greet(arg, stream));
}

struct late {
	struct reed_co co;
	struct reed_listener *listener;
};

static void late_run(struct reed_co *co)
{
	struct late *self = reed_frame(co, struct late);

	reed_coroutine (co) {
		reed_try(co, reed_sleep(co->loop, 3000));
		check_int(reed_sim_listen(co->loop, PORT, &self->listener), REED_OK);
		reed_await(co, reed_within(90000, reed_serve(self->listener, flaky, NULL, NULL)));
	}
}

static const struct reed_co_kind late_kind = {
	.name = "late server",
	.size = sizeof(struct late),
	.run = late_run,
};

static struct reed_future *boot_late(void *arg, struct reed_loop *loop)
{
	(void)arg;
	return reed_start(reed_co_new(loop, &late_kind));
}

static struct reed_future *scene(void *arg, struct reed_sim *sim)
{
	struct reed_loop *at = reed_sim_host(sim, "a.example");
	struct scenario *self = reed_co_new(at, &scenario_kind);

	(void)arg;
	reed_log_set_level(reed_log_of(at), REED_LOG_ERROR);
	w.sim = sim;
	attempt_count = 0;
	reed_sim_boot(sim, "b.example", boot_late, NULL);
	self->keeper = new_keeper(at);
	return reed_start(&self->co);
}

static void it_can_be_stopped_at_every_point(void)
{
	check_each_suspension(scene, ends_well_or_canceled, 60);
}

int main(void)
{
	RUN(rests_grow_by_half_to_a_minute_and_differ);
	RUN(a_backoff_of_odd_numbers_still_ends);
	RUN(a_connection_is_one_when_it_is_prepared);
	RUN(a_dead_server_is_tried_again_and_again_and_less_often);
	RUN(after_a_day_without_it_a_server_is_found_within_a_minute);
	RUN(a_server_that_dies_at_once_is_not_hammered);
	RUN(only_a_connection_that_lasts_makes_up_for_failures);
	RUN(who_waits_is_told_after_so_many_failures);
	RUN(an_attempt_takes_no_longer_than_it_may);
	RUN(a_session_may_refuse);
	RUN(every_change_of_state_is_told);
	RUN(what_is_no_endpoint_is_not_tried_at_all);
	RUN(it_runs_once_at_a_time_and_again_after_a_stop);
	RUN(it_can_be_stopped_at_every_point);
	return 0;
}
