/* Programs that are kept running, where a second takes no time and nothing is by chance. */

#include "apps/monitor/monitor.h"
#include "reed/co.h"
#include "tests/apps/service_kit.h"
#include "tests/check.h"

/* ---- programs: "work MS STATUS": lives so long; "stubborn": takes no SIGTERM ---- */

static struct reed_buf story; /* who began and ended, with the second */

static void note(struct reed_loop *loop, const char *what, const char *who)
{
	reed_buf_printf(&story, "%s%s %s %lld", reed_buf_held(&story) ? ", " : "", who, what,
	                (long long)(reed_sim_now(reed_sim_of(loop)) / REED_S(1)));
}

struct work {
	struct reed_co co;
	struct reed_sim_child *child;
	bool stubborn;
};

static int64_t word(const struct work *self, unsigned n)
{
	return strtoll(self->child->argv[n], NULL, 10);
}

static void work_run(struct reed_co *co)
{
	struct work *self = reed_frame(co, struct work);

	reed_coroutine (co) {
		note(co->loop, "begins", self->child->argv[1]);
		reed_write_str(self->child->out, "at work\n");
		reed_await(co, reed_sleep(co->loop, word(self, 2)));
		while (co->err && self->stubborn)
			reed_await(co, reed_shield(reed_sleep(co->loop, 3600000)));
		self->child->status = (int)word(self, 3);
		reed_return(co, co->err);
	}
}

static void work_end(struct reed_co *co)
{
	note(co->loop, "ends", reed_frame(co, struct work)->child->argv[1]);
}

static const struct reed_co_kind work_kind = { .name = "work",
	                                       .size = sizeof(struct work),
	                                       .run = work_run,
	                                       .end = work_end };

static struct reed_future *work(void *arg, struct reed_sim_child *child)
{
	struct work *self = reed_co_new(child->loop, &work_kind);

	self->child = child;
	self->stubborn = arg != NULL;
	return reed_start(&self->co);
}

/* ---- a monitor, which is stopped after so many seconds ---- */

struct world {
	struct reed_co co;
	struct service_kit kit;
	struct reed_settings *second; /* NULL: there is no reload */
	int64_t seconds, then;
	const char *command;
	struct reed_slice words[3];
	struct reed_buf out;
};

/* "program stop web", or a reload with the second settings. */
static struct reed_future *act(struct world *self)
{
	struct reed_slice rest = reed_slice_of(self->command);
	size_t n = 0;

	if (self->second)
		monitor_service.reload(self->kit.service, reed_settings_part(self->second, 0));
	if (rest.n == 0)
		return reed_ready(self->co.loop, REED_OK);
	while (rest.n > 0)
		self->words[n++] = reed_slice_cut(&rest, ' ');
	return monitor_service.control(self->kit.service, self->words, n, &self->out);
}

static void world_run(struct reed_co *co)
{
	struct world *self = reed_frame(co, struct world);

	reed_coroutine (co) {
		reed_try(co, reed_service_wait(self->kit.service));
		reed_try(co, reed_sleep(co->loop, self->seconds * 1000));
		reed_try(co, act(self));
		reed_try(co, reed_sleep(co->loop, self->then * 1000));
		reed_try(co, service_kit_stop(&self->kit));
	}
}

static void world_end(struct reed_co *co)
{
	struct world *self = reed_frame(co, struct world);

	service_kit_close(&self->kit);
	reed_settings_free(self->second);
	reed_buf_finish(&self->out);
}

static const struct reed_co_kind world_kind = { .name = "world",
	                                        .size = sizeof(struct world),
	                                        .run = world_run,
	                                        .end = world_end };

static struct world *world_of(struct reed_sim *sim, const char *settings)
{
	struct reed_loop *loop = reed_sim_host(sim, "host");
	struct world *self = reed_co_new(loop, &world_kind);

	reed_buf_clear(&story);
	reed_sim_program(sim, "work", work, NULL);
	reed_sim_program(sim, "stubborn", work, &story);
	service_kit_open(&self->kit, loop, &monitor_service, settings);
	return self;
}

struct act {
	const char *command, *reload;
	int64_t at, then;
};

/* What happens with these settings in so many seconds. */
static void happens(const char *settings, const struct act *act, const char *wanted)
{
	struct reed_sim *sim = reed_sim_new(NULL);
	struct world *world = world_of(sim, settings);

	world->seconds = act->at;
	world->then = act->then;
	world->command = act->command;
	if (act->reload)
		world->second = service_settings(&monitor_service, act->reload);
	check_int(reed_sim_run_until(sim, reed_start(&world->co), NULL), REED_OK);
	reed_sim_free(sim);
	reed_buf_add_char(&story, '\0');
	check_str(reed_buf_slice(&story).p, wanted);
}

#define ONE "programs: [{name: a, command: [work, a, '1000', '1'], "

static void each_rest_is_twice_the_one_before(void)
{
	happens(ONE "first: 1s, longest: 5s}]", &(struct act){ .at = 20 },
	        "a begins 0, a ends 1, a begins 2, a ends 3, a begins 5, a ends 6, a begins 10, "
	        "a ends 11, a begins 16, a ends 17");
}

static void who_has_run_for_long_rests_as_at_first(void)
{
	happens("programs: [{name: a, command: [work, a, '5000', '0'], first: 1s, longest: 3s}]",
	        &(struct act){ .at = 14 },
	        "a begins 0, a ends 5, a begins 6, a ends 11, a begins 12, a ends 14");
}

static void some_are_not_started_again(void)
{
	happens(ONE "restart: never}]", &(struct act){ .at = 100 }, "a begins 0, a ends 1");
	happens("programs: [{name: a, command: [work, a, '1000', '0'], restart: on-failure}]",
	        &(struct act){ .at = 100 }, "a begins 0, a ends 1");
	happens(ONE "restart: on-failure, first: 9s}]", &(struct act){ .at = 11 },
	        "a begins 0, a ends 1, a begins 10, a ends 11");
	happens("programs: [{name: a, command: [none], first: 9s}]", &(struct act){ .at = 100 },
	        "");
}

#define THREE                                                                        \
	"programs:\n"                                                                \
	"  - {name: web, command: [work, web, '900000', '0'], after: [db, setup]}\n" \
	"  - {name: db, command: [work, db, '900000', '0'], after: [setup]}\n"       \
	"  - {name: setup, command: [work, setup, '2000', '0'], restart: never}\n"

static void programs_come_after_others_and_go_before_them(void)
{
	happens(THREE, &(struct act){ .at = 10 },
	        "setup begins 0, setup ends 2, db begins 2, web begins 2, web ends 10, db ends 10");
}

static void who_does_not_end_is_killed(void)
{
	happens("programs: [{name: a, command: [stubborn, a, '900000', '0'], grace: 7s}]",
	        &(struct act){ .at = 10 }, "a begins 0, a ends 17");
}

static void an_operator_stops_starts_and_restarts(void)
{
	happens(ONE "first: 30s, longest: 60s}]",
	        &(struct act){ .command = "program restart a", .at = 10, .then = 5 },
	        "a begins 0, a ends 1, a begins 10, a ends 11");
	happens("programs: [{name: a, command: [work, a, '900000', '0']}]",
	        &(struct act){ .command = "program stop", .at = 10, .then = 100 },
	        "a begins 0, a ends 10");
	happens("programs: [{name: a, command: [stubborn, a, '900000', '0'], grace: 7s}]",
	        &(struct act){ .command = "program restart", .at = 10, .then = 20 },
	        "a begins 0, a ends 17, a begins 17, a ends 37");
	happens(ONE "restart: never}]",
	        &(struct act){ .command = "program start a", .at = 10, .then = 20 },
	        "a begins 0, a ends 1, a begins 10, a ends 11");
}

static void a_reload_changes_what_has_changed_and_nothing_else(void)
{
	happens("programs:\n"
	        "  - {name: same, command: [work, same, '900000', '0']}\n"
	        "  - {name: other, command: [work, other, '900000', '0']}\n"
	        "  - {name: gone, command: [work, gone, '900000', '0']}\n",
	        &(struct act){ .reload =
	                               "programs:\n"
	                               "  - {name: same, command: [work, same, '900000', '0'], "
	                               "longest: 9m}\n"
	                               "  - {name: other, command: [work, Other, '900000', '0']}\n"
	                               "  - {name: new, command: [work, new, '900000', '0']}\n",
	                       .at = 10,
	                       .then = 10 },
	        "same begins 0, other begins 0, gone begins 0, other ends 10, new begins 10, "
	        "gone ends 10, Other begins 10, same ends 20, Other ends 20, new ends 20");
}

static void settings_that_make_no_sense_are_refused(void)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
		{ "programs: [{name: a, command: [x], after: [b]}]", "there is no program \"b\"" },
		{ "programs: [{name: a, command: [x]}, {name: a, command: [y]}]",
		  "there are two programs \"a\"" },
		{ "programs: [{name: a, command: [x], after: [b]}, {name: b, command: [x], after: "
		  "[a]}]",
		  "\"a\" would wait for itself" },
		{ "programs: [{name: a, command: [x], first: 2m}]", "shorter than the first" },
		{ "programs: [{name: a b, command: [x]}]", "is no name" },
		{ "programs: [{name: a}]", "command" },
		{ "programs: [{name: a, command: ['']}]", "a program must stand here" },
	};

	for (size_t i = 0; i < REED_COUNT(bad); i++)
		service_refuses(&monitor_service, bad[i].text, bad[i].why);
}

static struct reed_future *scenario(void *arg, struct reed_sim *sim)
{
	struct world *world;

	reed_buf_finish(&story);
	world = world_of(sim, arg);
	world->seconds = world->then = 4;
	world->command = "program restart";
	return reed_start(&world->co);
}

static void whatever_is_disturbed_leaves_nothing(void)
{
	static char settings[] =
		"programs: [{name: a, command: [work, a, '1000', '1']}, {name: b, command: "
		"[stubborn, b, '90000', '0'], after: [a]}]";

	reed_buf_finish(&story);
	story.limit = 1; /* nothing is kept from one run to the next */
	service_survives(scenario, settings, 20);
	reed_buf_finish(&story);
}

int main(void)
{
	RUN(each_rest_is_twice_the_one_before);
	RUN(who_has_run_for_long_rests_as_at_first);
	RUN(some_are_not_started_again);
	RUN(programs_come_after_others_and_go_before_them);
	RUN(who_does_not_end_is_killed);
	RUN(an_operator_stops_starts_and_restarts);
	RUN(a_reload_changes_what_has_changed_and_nothing_else);
	RUN(settings_that_make_no_sense_are_refused);
	RUN(whatever_is_disturbed_leaves_nothing);
	return 0;
}
