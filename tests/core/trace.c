/* What reed_trace() prints, to the letter. */

#include "tests/core/tools.h"

struct waits {
	struct reed_co co;
	struct reed_future *f;
	int *line;
};

static void waits_run(struct reed_co *co)
{
	struct waits *self = reed_frame(co, struct waits);
	struct reed_future *f;

	reed_coroutine (co) {
		f = self->f;
		*self->line = __LINE__ + 1;
		reed_try(co, f);
	}
}

static const struct reed_co_kind waits_kind = {
	.name = "waits",
	.size = sizeof(struct waits),
	.run = waits_run,
};

static struct reed_future *waits(struct reed_future *f, int *line)
{
	struct waits *self = reed_co_new(loop, &waits_kind);

	self->f = f;
	self->line = line;
	return reed_start(&self->co);
}

static char *printed(struct reed_future *f)
{
	char *text;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	check(out != NULL);
	if (f)
		reed_trace(out, f);
	else
		reed_trace_all(out, loop);
	fclose(out);
	return text;
}

static void check_trace(struct reed_future *f, const char *wanted)
{
	char *text = printed(f);

	check_str(text, wanted);
	free(text);
}

static void a_trace_shows_the_chain_of_suspensions_with_place_and_age(void)
{
	int inner, outer;
	struct owner o;
	char wanted[512];

	own(&o, waits(reed_within(5000, reed_any(NULL, waits(reed_sleep(loop, 900), &inner),
	                                         reed_all(reed_forever(loop)))),
	              &outer));
	turns(2);
	check_int(outcome(reed_sleep(loop, 250)), REED_OK);
	snprintf(wanted, sizeof(wanted),
	         "  waits tests/core/trace.c:%d, 0.250 s\n"
	         "    (within)\n"
	         "      (any)\n"
	         "        waits tests/core/trace.c:%d, 0.250 s\n"
	         "          (sleep)\n"
	         "        (all)\n"
	         "          (forever)\n",
	         outer, inner);
	check_trace(o.waiter.future, wanted);
	disown(&o);
}

static void a_trace_tells_who_has_not_started(void)
{
	struct owner o;
	int line;
	struct reed_future *f = reed_sleep(loop, 1);

	own(&o, waits(f, &line));
	check_trace(o.waiter.future, "  waits, not started\n    (now)\n");
	run();
	check_int(o.told, 1);
}

static struct reed_future *goes_on(void *arg, enum reed_err err)
{
	check(!arg && !err);
	return reed_forever(loop);
}

static void a_trace_shows_both_ages_of_a_chain(void)
{
	struct owner o;

	own(&o, reed_then(reed_sleep(loop, 5), goes_on, NULL));
	check_trace(o.waiter.future, "  (then)\n    (sleep)\n");
	run();
	check_trace(o.waiter.future, "  (then)\n    (forever)\n");
	disown(&o);
}

static void a_trace_for_programs_has_the_same_as_objects(void)
{
	int inner, outer;
	struct owner a, b;
	struct reed_future *f = reed_sleep(loop, 1);
	char wanted[512], *text;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	check(out != NULL);
	own(&a, waits(reed_within(5000,
	                          waits(reed_all(reed_forever(loop), reed_forever(loop)), &inner)),
	              &outer));
	turns(2);
	check_int(outcome(reed_sleep(loop, 250)), REED_OK);
	own(&b, waits(f, &(int){ 0 }));
	reed_trace_all_json(out, loop);
	fclose(out);
	snprintf(
		wanted, sizeof(wanted),
		"{\"task\":\"waits\",\"file\":\"tests/core/trace.c\",\"line\":%d,\"age\":0.250,"
		"\"waits\":[{\"wait\":\"within\",\"waits\":[{\"task\":\"waits\","
		"\"file\":\"tests/core/trace.c\",\"line\":%d,\"age\":0.250,\"waits\":["
		"{\"wait\":\"all\",\"waits\":[{\"wait\":\"forever\"},{\"wait\":\"forever\"}]}]}]}]}\n"
		"{\"task\":\"waits\",\"waits\":[{\"wait\":\"now\"}]}\n",
		outer, inner);
	check_str(text, wanted);
	free(text);
	disown(&a);
	disown(&b);
	reed_drop(f);
}

/* Each task once: under the one that waits for it, or at the margin. */
static void a_trace_of_the_loop_shows_each_task_once(void)
{
	int lines[3];
	struct owner a, b;
	char wanted[512];

	own(&a, waits(reed_within(5000, waits(reed_sleep(loop, 900), &lines[0])), &lines[1]));
	own(&b, reed_within(5000, waits(reed_sleep(loop, 900), &lines[2])));
	turns(2);
	snprintf(wanted, sizeof(wanted),
	         "waits tests/core/trace.c:%d, 0.000 s\n"
	         "  (within)\n"
	         "    waits tests/core/trace.c:%d, 0.000 s\n"
	         "      (sleep)\n"
	         "waits tests/core/trace.c:%d, 0.000 s\n"
	         "  (sleep)\n",
	         lines[1], lines[0], lines[2]);
	check_trace(NULL, wanted);
	disown(&a);
	disown(&b);
	check_trace(NULL, "");
}

int main(void)
{
	lab_open();
	RUN(a_trace_shows_the_chain_of_suspensions_with_place_and_age);
	RUN(a_trace_tells_who_has_not_started);
	RUN(a_trace_shows_both_ages_of_a_chain);
	RUN(a_trace_for_programs_has_the_same_as_objects);
	RUN(a_trace_of_the_loop_shows_each_task_once);
	lab_close();
	return 0;
}
