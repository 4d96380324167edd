/* Connections over three hosts: far, gate and home. */

#include "apps/forward/forward.h"
#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/endpoint.h"
#include "tests/apps/service_kit.h"
#include "tests/check.h"

enum { LOT = 1 << 20, BUFFER = 16 << 10 };

/* ---- home: answers what it has heard when it has heard the end ---- */

struct home {
	struct reed_co co;
	struct reed_listener *listener;
	struct reed_stream *stream;
	uint64_t heard;
	bool breaks, stalls;
};

static void home_run(struct reed_co *co)
{
	struct home *self = reed_frame(co, struct home);

	reed_coroutine (co) {
		reed_try(co, reed_accept(self->listener, &self->stream));
		reed_await(co, reed_more(self->stream));
		if (self->breaks) {
			reed_abort(self->stream);
			self->stream = NULL;
			reed_return(co, REED_OK);
		}
		if (self->stalls)
			reed_await(co, reed_sleep(co->loop, 60000));
		while (!co->err) {
			self->heard += reed_peek(self->stream).n;
			reed_skip(self->stream, reed_peek(self->stream).n);
			reed_await(co, reed_more(self->stream));
		}
		if (co->err != REED_EEOF) /* whoever talked has gone */
			reed_return(co, REED_OK);
		self->heard += reed_peek(self->stream).n;
		reed_printf(self->stream, "%llu bytes\n", (unsigned long long)self->heard);
	}
}

static void home_end(struct reed_co *co)
{
	struct home *self = reed_frame(co, struct home);

	reed_close(self->stream);
	reed_listener_close(self->listener);
}

static const struct reed_co_kind home_kind = { .name = "home",
	                                       .size = sizeof(struct home),
	                                       .run = home_run,
	                                       .end = home_end };

/* ---- far: says so many bytes and the end, and reads what comes back ---- */

struct world {
	struct reed_co co;
	struct service_kit kit;
	struct reed_stream *stream;
	struct reed_slice line;
	unsigned said, most;
	char answer[32];
	enum reed_err *how;
	bool closes;
};

static const char lot[BUFFER];

static void world_run(struct reed_co *co)
{
	struct world *self = reed_frame(co, struct world);

	reed_coroutine (co) {
		reed_try(co, reed_service_wait(self->kit.service));
		reed_try(co, reed_dial(co->loop, "tcp:gate:1", &self->stream));
		for (; self->said < self->most; self->said += BUFFER) {
			reed_write(self->stream, reed_slice(lot, BUFFER));
			reed_try(co, reed_drain(self->stream));
		}
		if (self->closes)
			reed_return(co, REED_OK);
		reed_shutdown(self->stream);
		reed_await(co, reed_read_line(self->stream, &self->line));
		if (self->how)
			*self->how = co->err;
		if (!co->err)
			reed_slice_copy(self->answer, sizeof(self->answer), self->line);
		if (!co->err && self->most)
			check_str(self->answer, "1048576 bytes");
		reed_try(co, service_kit_stop(&self->kit));
	}
}

static void world_end(struct reed_co *co)
{
	struct world *self = reed_frame(co, struct world);

	reed_close(self->stream);
	service_kit_close(&self->kit);
}

static const struct reed_co_kind world_kind = { .name = "world",
	                                        .size = sizeof(struct world),
	                                        .run = world_run,
	                                        .end = world_end };

static struct home *home_of(struct reed_sim *sim)
{
	struct reed_loop *loop = reed_sim_host(sim, "home");
	struct home *self = reed_co_new(loop, &home_kind);

	check_int(reed_sim_listen(loop, 2, &self->listener), REED_OK);
	return self;
}

static struct world *world_of(struct reed_sim *sim, const char *more)
{
	struct world *self = reed_co_new(reed_sim_host(sim, "far"), &world_kind);
	char *yaml = reed_sprintf("listen: tcp:1\nto: tcp:home:2\nbuffer: 16K\n%s", more);

	service_kit_open(&self->kit, reed_sim_host(sim, "gate"), &forward_service, yaml);
	reed_free(yaml);
	self->most = LOT;
	return self;
}

/* ---- what has to be so ---- */

static void both_ways_are_handed_on_and_so_is_each_end(void)
{
	struct reed_sim *sim = reed_sim_new(NULL);
	struct world *world = world_of(sim, "");
	enum reed_err how = REED_EINVAL;

	world->how = &how;
	reed_sim_add(sim, reed_start(&home_of(sim)->co));
	check_int(reed_sim_run_until(sim, reed_start(&world->co), NULL), REED_OK);
	check_int(how, REED_OK);
	reed_sim_free(sim);
}

static uint64_t metric(struct reed_sim *sim, const char *name)
{
	struct reed_buf text = { .limit = 0 };
	const char *at;
	uint64_t value;

	reed_metrics_summary(reed_sim_host(sim, "gate"), &text);
	reed_buf_add_char(&text, '\0');
	at = strstr(reed_buf_slice(&text).p, name);
	value = at ? strtoull(at + strlen(name), NULL, 10) : 0;
	reed_buf_finish(&text);
	return value;
}

/* What home does not read stays far, but for what the systems and our buffer hold. */
static void a_slow_side_holds_up_the_other(void)
{
	struct reed_sim *sim = reed_sim_new(NULL);
	struct world *world = world_of(sim, "");
	struct home *home = home_of(sim);

	home->stalls = true;
	reed_sim_add(sim, reed_start(&home->co));
	reed_sim_add(sim, reed_start(&world->co));
	check_int(reed_sim_run_for(sim, REED_S(30)), REED_OK);
	check(metric(sim, "reed_forward_bytes{way=\"to\"} ") > 0);
	check(metric(sim, "reed_forward_bytes{way=\"to\"} ") < LOT / 2);
	check_int(reed_sim_run(sim), REED_OK);
	check_int(metric(sim, "reed_forward_bytes{way=\"to\"} "), LOT);
	reed_sim_free(sim);
}

static enum reed_err how_it_ends(const char *more, bool breaks)
{
	struct reed_sim *sim = reed_sim_new(NULL);
	struct world *world = world_of(sim, more);
	struct home *home = home_of(sim);
	enum reed_err how = REED_OK;

	home->breaks = breaks;
	world->how = &how;
	world->most = BUFFER;
	reed_sim_add(sim, reed_start(&home->co));
	check_int(reed_sim_run_until(sim, reed_start(&world->co), NULL), REED_OK);
	reed_sim_free(sim);
	return how;
}

static void what_is_broken_on_one_side_is_broken_on_the_other(void)
{
	check_int(how_it_ends("", true), REED_ERESET);
}

static void who_cannot_be_handed_on_is_cut_off(void)
{
	struct reed_sim *sim = reed_sim_new(NULL);
	struct world *world = world_of(sim, "connect: 5s");
	enum reed_err how = REED_OK;

	reed_sim_host(sim, "home"); /* where nobody listens */
	world->how = &how;
	world->most = 0;
	check_int(reed_sim_run_until(sim, reed_start(&world->co), NULL), REED_OK);
	check_int(how, REED_ERESET);
	check_int(metric(sim, "reed_forward_refused "), 1);
	reed_sim_free(sim);
}

static void settings_that_make_no_sense_are_refused(void)
{
	service_refuses(&forward_service, "listen: tcp:1", "to: has to be given");
	service_refuses(&forward_service, "listen: tcp:1\nto: tcp:2", "tcp");
	service_refuses(&forward_service, "listen: tcp:1\nto: nothing:2", "nothing");
	service_refuses(&forward_service, "listen: exec:cat\nto: tcp:a:2", "exec");
}

static struct reed_future *scenario(void *arg, struct reed_sim *sim)
{
	struct world *world = world_of(sim, "");

	(void)arg;
	world->most = BUFFER;
	world->closes = true;
	reed_sim_add(sim, reed_start(&home_of(sim)->co));
	return reed_start(&world->co);
}

static void whatever_is_disturbed_leaves_nothing(void)
{
	service_survives(scenario, NULL, 10);
}

int main(void)
{
	RUN(both_ways_are_handed_on_and_so_is_each_end);
	RUN(a_slow_side_holds_up_the_other);
	RUN(what_is_broken_on_one_side_is_broken_on_the_other);
	RUN(who_cannot_be_handed_on_is_cut_off);
	RUN(settings_that_make_no_sense_are_refused);
	RUN(whatever_is_disturbed_leaves_nothing);
	return 0;
}
