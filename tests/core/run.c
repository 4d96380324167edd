/* What a program in one call promises. */

#include "tests/core/process_kit.h"

static struct reed_run_options options;
static struct reed_run result;

static enum reed_err run_sh(const char *script)
{
	static const char *argv[4] = { "sh", "-c" };

	argv[2] = script;
	options.argv = argv;
	return outcome(reed_run_with(loop, &options, &result));
}

static void prepare(void)
{
	options = (struct reed_run_options)REED_RUN_OPTIONS;
	options.input = REED_STR("");
}

static void finish(void)
{
	reed_run_finish(&result);
	result = (struct reed_run){ .exit.status = 0 };
}

/* ---- everything ---- */

static void it_takes_input_and_gives_output_errors_and_an_end(void)
{
	prepare();
	options.input = REED_STR("b\na\n");
	check_int(run_sh("sort; echo oops >&2; exit 3"), REED_OK);
	check_slice(reed_buf_slice(&result.out), "a\nb\n");
	check_slice(reed_buf_slice(&result.err), "oops\n");
	check_int(result.exit.status, 3);
	finish();
}

static void much_goes_through_in_both_directions(void)
{
	size_t n = 9 << 20;
	char *bytes = reed_alloc(n);

	prepare();
	for (size_t i = 0; i < n; i++)
		bytes[i] = (char)(i * 2654435761u >> 13);
	options.input = reed_slice(bytes, n);
	options.most_output = n;
	check_int(run_sh("tee /dev/stderr"), REED_OK);
	check(reed_slice_eq(reed_buf_slice(&result.out), options.input));
	check(reed_slice_eq(reed_buf_slice(&result.err), options.input));
	finish();
	reed_free(bytes);
}

static void a_program_need_not_hear_us_out(void)
{
	size_t n = 1 << 20;
	char *bytes = reed_alloc(n);

	prepare();
	options.input = reed_slice(bytes, n);
	check_int(run_sh("echo enough"), REED_OK);
	check_slice(reed_buf_slice(&result.out), "enough\n");
	finish();
	reed_free(bytes);
}

static void what_it_leaves_behind_does_not_hold_us_up(void)
{
	prepare();
	check_int(run_sh("sleep 1000 & echo gone"), REED_OK);
	check_slice(reed_buf_slice(&result.out), "gone\n");
	finish();
}

static void the_process_may_be_told_more(void)
{
	static const char *const env[] = { "A=b", NULL };
	struct reed_process_options process_options = REED_PROCESS_OPTIONS;

	prepare();
	process_options.env = env;
	process_options.err = (struct reed_child_fd){ .is = REED_CHILD_SAME, .of = 1 };
	options.process = &process_options;
	check_int(run_sh("echo $A; echo oops >&2"), REED_OK);
	check_slice(reed_buf_slice(&result.out), "b\noops\n");
	finish();
}

/* ---- limits ---- */

static void too_much_output_is_an_error_and_ends_it(void)
{
	prepare();
	options.most_output = 1000;
	check_int(run_sh("while :; do echo and so on; done"), REED_ETOOBIG);
	check(why_is("sh says more than 1000 bytes"));
	check_int(run_sh("while :; do echo and so on; done >&2"), REED_ETOOBIG);
	check_int(reed_buf_held(&result.out), 0);
}

static void a_program_that_takes_too_long_is_ended(void)
{
	prepare();
	options.within_ms = 50;
	check_int(run_sh("sleep 1000"), REED_ETIMEDOUT);
	check(why_is("sh: timed out after 50 ms"));
}

static void a_drop_or_an_interrupt_ends_it(void)
{
	static const char *const argv[] = { "sleep", "1000", NULL };
	struct owner o;

	for (int after = 0; after < 6; after++) {
		prepare();
		options.argv = argv;
		own(&o, reed_run_with(loop, &options, &result));
		turns(after);
		if (after % 2)
			reed_interrupt(o.waiter.future);
		else
			disown(&o);
		if (after % 2)
			until(o.told);
		all_gone();
	}
	check_int(o.err, REED_ECANCELED);
}

/* ---- output and nothing else ---- */

static void output_is_one_call_away(void)
{
	static const char *const argv[] = { "tr", "a-z", "A-Z", NULL };
	struct reed_buf out = { .limit = 20 };

	reed_buf_add_str(&out, "it says ");
	check_int(outcome(reed_run(loop, argv, REED_STR("hello"), &out)), REED_OK);
	check_slice(reed_buf_slice(&out), "it says HELLO");
	check_int(outcome(reed_run(loop, argv, REED_STR("hello, hello"), &out)), REED_ETOOBIG);
	check(why_is("tr says more than 7 bytes"));
	check_slice(reed_buf_slice(&out), "it says HELLO");
	reed_buf_finish(&out);
}

static void an_end_that_is_not_well_is_told_with_its_last_words(void)
{
	static const char *const argv[] = {
		"sh", "-c", "echo a lot >&2; echo that is why >&2; echo >&2; exit 9", NULL
	};
	static const char *const silent[] = { "sh", "-c", "kill -9 $$", NULL };
	static const char *const missing[] = { "no-such-program", NULL };
	static const char *const nothing[] = { NULL };
	struct reed_buf out = { .limit = 0 };

	check_int(outcome(reed_run(loop, argv, REED_STR(""), &out)), REED_EIO);
	check(why_is("sh exited with status 9: that is why"));
	check_int(outcome(reed_run(loop, silent, REED_STR(""), &out)), REED_EIO);
	check(why_is("sh was killed by SIGKILL"));
	check_int(outcome(reed_run(loop, missing, REED_STR(""), &out)), REED_ENOENT);
	check(why_is("there is no no-such-program in the PATH (/bin)"));
	check_int(outcome(reed_run(loop, nothing, REED_STR(""), &out)), REED_EINVAL);
	check_int(reed_buf_held(&out), 0);
}

int main(void)
{
	setenv("PATH", "/bin", 1);
	kit_open();
	RUN_CLEAN(it_takes_input_and_gives_output_errors_and_an_end);
	RUN_CLEAN(much_goes_through_in_both_directions);
	RUN_CLEAN(a_program_need_not_hear_us_out);
	RUN_CLEAN(what_it_leaves_behind_does_not_hold_us_up);
	RUN_CLEAN(the_process_may_be_told_more);
	RUN_CLEAN(too_much_output_is_an_error_and_ends_it);
	RUN_CLEAN(a_program_that_takes_too_long_is_ended);
	RUN_CLEAN(a_drop_or_an_interrupt_ends_it);
	RUN_CLEAN(output_is_one_call_away);
	RUN_CLEAN(an_end_that_is_not_well_is_told_with_its_last_words);
	kit_close();
	return 0;
}
