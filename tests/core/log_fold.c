/* Folding, under a clock of the test's; and a log without a thread. */

#include "core/log_private.h"

#include "check.h"
#include "core/private.h"

static struct reed_buf out;

static void emit(struct reed_log_fold *self, struct reed_slice bytes)
{
	(void)self;
	reed_buf_add(&out, bytes);
}

static void end(struct reed_log_fold *self)
{
	check(self->emit == emit);
}

static struct reed_log_fold fold;

static void begin(void)
{
	reed_buf_finish(&out);
	fold = (struct reed_log_fold){ .emit = emit, .end = end };
}

static void line(int64_t s, const char *text)
{
	reed_log_fold_line(&fold, REED_S(s), reed_slice_of(text), 2);
}

static void is_out(const char *text)
{
	check_slice(reed_buf_slice(&out), text);
	reed_buf_clear(&out);
}

static void the_count_is_told_when_the_window_is_over(void)
{
	begin();
	line(100, "0 a\n");
	line(101, "1 a\n");
	line(104, "2 a\n");
	is_out("0 a\n");
	check(reed_log_fold_deadline(&fold) == REED_S(105));
	reed_log_fold_expire(&fold, REED_S(105) - 1);
	is_out("");
	reed_log_fold_expire(&fold, REED_S(105));
	is_out("2 a (and 2 more)\n");
	check_int(fold.folded, 2);
}

static void what_goes_on_is_told_once_a_window(void)
{
	begin();
	for (int s = 100; s < 120; s++)
		line(s, "0 a\n");
	is_out("0 a\n0 a (and 4 more)\n0 a (and 5 more)\n0 a (and 5 more)\n");
}

static void a_window_without_repeats_is_forgotten(void)
{
	begin();
	line(100, "0 a\n");
	check(reed_log_fold_deadline(&fold) == REED_NEVER);
	line(105, "1 a\n");
	is_out("0 a\n1 a\n");
}

static void the_oldest_makes_room_and_is_told_then(void)
{
	char text[8] = "0 a\n";

	begin();
	line(100, text);
	line(100, text);
	for (int i = 1; i <= REED_LOG_FOLDS; i++) {
		text[2] = (char)('a' + i);
		line(101, text);
	}
	check(reed_slice_search(reed_buf_slice(&out), REED_STR("0 a (and 1 more)\n")) <
	      reed_buf_held(&out));
}

static void at_the_end_all_is_told(void)
{
	begin();
	line(100, "0 a\n");
	line(100, "1 a\n");
	line(100, "1 b\n");
	line(100, "2 b\n");
	reed_log_fold_expire(&fold, REED_NEVER);
	is_out("0 a\n1 b\n1 a (and 1 more)\n2 b (and 1 more)\n");
	line(101, "3 a\n");
	is_out("3 a\n");
}

static void a_line_that_ends_like_json_is_no_json(void)
{
	begin();
	line(100, "0 x={a}\n");
	line(100, "0 x={a}\n");
	reed_log_fold_expire(&fold, REED_NEVER);
	is_out("0 x={a}\n0 x={a} (and 1 more)\n");
}

static void a_simulated_log_is_out_when_the_call_returns(void)
{
	char path[] = "/tmp/reed-log-fold-XXXXXX", text[256] = "";
	struct reed_log_options options = REED_LOG_OPTIONS;
	struct reed_loop *loop;
	FILE *file;

	check(mkstemp(path) >= 0);
	check_int(reed_loop_new(NULL, &loop), REED_OK);
	loop->simulated = true;
	options.to = REED_LOG_TO_FILE;
	options.path = path;
	options.format = REED_LOG_TEXT;
	check_int(reed_log_open(reed_log_of(loop), &options, NULL), REED_OK);
	reed_log(loop, REED_LOG_INFO, "at once");
	file = fopen(path, "r");
	check(file && fgets(text, sizeof(text), file));
	check(strstr(text, "info  at once\n"));
	fclose(file);
	remove(path);
	reed_loop_free(loop);
}

int main(void)
{
	RUN(the_count_is_told_when_the_window_is_over);
	RUN(what_goes_on_is_told_once_a_window);
	RUN(a_window_without_repeats_is_forgotten);
	RUN(the_oldest_makes_room_and_is_told_then);
	RUN(at_the_end_all_is_told);
	RUN(a_line_that_ends_like_json_is_no_json);
	RUN(a_simulated_log_is_out_when_the_call_returns);
	reed_buf_finish(&out);
	return 0;
}
