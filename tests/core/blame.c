/* Who held the loop: in the laboratory, whose clock moves when it is told to. */

#include "reed/blame.h"

#include "reed/log.h"
#include "tests/core/tools.h"

struct ear {
	struct reed_log_tap tap;
	char line[512];
	int count;
};

static void hear(struct reed_log_tap *tap, const struct reed_log_event *event)
{
	struct ear *self = reed_container_of(tap, struct ear, tap);
	struct reed_buf text = { 0 };

	reed_log_render(event, REED_LOG_TEXT, false, &text);
	reed_slice_copy(self->line, sizeof(self->line),
	                reed_slice_trim(reed_slice_from(reed_buf_slice(&text), 25)));
	reed_buf_finish(&text);
	self->count++;
}

static void open_with(struct ear *ear)
{
	struct reed_log_options options = REED_LOG_OPTIONS;

	lab_open();
	*ear = (struct ear){ .tap.hear = hear };
	options.to = REED_LOG_TO_NOBODY;
	check_int(reed_log_open(reed_log_of(loop), &options, NULL), REED_OK);
	reed_log_tap(reed_log_of(loop), &ear->tap);
}

static void close_with(struct ear *ear)
{
	reed_log_untap(reed_log_of(loop), &ear->tap);
	lab_close();
}

struct toil {
	struct reed_co co;
	int64_t ns;
};

static void toil_run(struct reed_co *co)
{
	struct toil *self = reed_frame(co, struct toil);

	reed_coroutine (co) {
		reed_try(co, reed_sleep(co->loop, 1));
		lab_pass(self->ns);
		reed_try(co, reed_sleep(co->loop, 1));
	}
}

static const struct reed_co_kind toil_kind = {
	.name = "toil",
	.size = sizeof(struct toil),
	.run = toil_run,
};

static const struct reed_co_kind idle_kind = {
	.name = "idle",
	.size = sizeof(struct toil),
	.run = toil_run,
};

static void toil(const struct reed_co_kind *kind, int64_t ns)
{
	struct toil *self = reed_co_new(loop, kind);

	self->ns = ns;
	reed_background(reed_start(&self->co), NULL, NULL);
	run();
}

static struct reed_blamed blamed(const char *name)
{
	struct reed_blamed list[REED_BLAME_NAMES];
	size_t n = reed_blame_list(loop, list, REED_BLAME_NAMES);

	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i].name, name) == 0)
			return list[i];
	return (struct reed_blamed){ 0 };
}

static void a_loop_nobody_asked_about_blames_nobody(void)
{
	struct reed_blamed one;
	struct reed_buf out = { 0 };
	struct ear ear;

	open_with(&ear);
	toil(&toil_kind, REED_S(1));
	check_int(reed_blame_list(loop, &one, 1), 0);
	reed_blame_print(loop, &out, 10);
	check(reed_slice_starts(reed_buf_slice(&out), REED_STR("nobody asked")));
	reed_buf_finish(&out);
	check_int(ear.count, 0);
	close_with(&ear);
}

static void who_holds_the_loop_is_told_with_where_it_came_from_and_went(void)
{
	struct ear ear;

	open_with(&ear);
	reed_blame(loop, REED_MS(100));
	toil(&toil_kind, REED_MS(412));
	check_int(ear.count, 1);
	check(strstr(ear.line, "the loop was held"));
	check(strstr(ear.line, "by=toil ms=412.0 from=tests/core/blame.c:53 "
	                       "to=tests/core/blame.c:55"));
	close_with(&ear);
}

static void what_each_kind_held_adds_up(void)
{
	struct reed_blamed heaviest;
	struct ear ear;

	open_with(&ear);
	reed_blame(loop, 0);
	toil(&toil_kind, REED_MS(30));
	toil(&toil_kind, REED_MS(50));
	toil(&idle_kind, 0);
	check_int(blamed("toil").ns, REED_MS(80));
	check_int(blamed("toil").longest_ns, REED_MS(50));
	check_int(blamed("toil").line, 53);
	check_int(blamed("idle").ns, 0);
	check_int((int)blamed("idle").times, (int)blamed("toil").times / 2);
	check_int(reed_blame_list(loop, &heaviest, 1), 1);
	check_str(heaviest.name, "toil");
	check_int(ear.count, 0);
	close_with(&ear);
}

static void a_kind_that_is_always_slow_is_told_once_a_second(void)
{
	struct ear ear;

	open_with(&ear);
	reed_blame(loop, REED_MS(10));
	for (int i = 0; i < 20; i++)
		toil(&toil_kind, REED_MS(98)); /* and two milliseconds asleep */
	check_int(ear.count, 2);
	close_with(&ear);
}

static void waiting_is_nobodys_fault(void)
{
	struct ear ear;

	open_with(&ear);
	reed_blame(loop, REED_MS(10));
	reed_background(reed_sleep(loop, 60000), NULL, NULL);
	run();
	check_int(ear.count, 0);
	check_int(blamed("(timers and descriptors)").ns, 0);
	close_with(&ear);
}

static void on_timer(struct reed_timer *t)
{
	(void)t;
	lab_pass(REED_MS(20));
}

static void what_no_task_did_is_named_for_what_the_loop_did(void)
{
	struct reed_timer t = { .fire = on_timer };
	struct ear ear;

	open_with(&ear);
	reed_blame(loop, REED_MS(10));
	reed_timer_start(loop, &t, REED_MS(1));
	run();
	check(strstr(ear.line, "by=\"(timers and descriptors)\" ms=20.0"));
	check_int(blamed("(timers and descriptors)").ns, REED_MS(20));
	close_with(&ear);
}

int main(void)
{
	a_loop_nobody_asked_about_blames_nobody();
	who_holds_the_loop_is_told_with_where_it_came_from_and_went();
	what_each_kind_held_adds_up();
	a_kind_that_is_always_slow_is_told_once_a_second();
	waiting_is_nobodys_fault();
	what_no_task_did_is_named_for_what_the_loop_did();
	return 0;
}
