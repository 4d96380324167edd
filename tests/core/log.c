/* The log: what a call becomes, who hears of it, and that nobody waits. */

#include "reed/log.h"

#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/listener.h"

/* ---- a loop whose log is heard and not written ---- */

struct ear {
	struct reed_log_tap tap;
	struct reed_loop *loop;
	char line[REED_LOG_RECORD * 4];   /* the last record, without its time */
	char json[REED_LOG_RECORD * 8];   /* the same as JSON */
	char before[REED_LOG_RECORD * 8]; /* and that of the record before */
	size_t count;
	bool talks;
};

static void hear(struct reed_log_tap *tap, const struct reed_log_event *event)
{
	struct ear *self = reed_container_of(tap, struct ear, tap);
	struct reed_buf text = { 0 }, json = { 0 };

	reed_log_render(event, REED_LOG_TEXT, false, &text);
	reed_log_render(event, REED_LOG_JSON, false, &json);
	check(reed_slice_ends(reed_buf_slice(&text), REED_STR("\n")));
	reed_slice_copy(self->line, sizeof(self->line),
	                reed_slice_trim(reed_slice_from(reed_buf_slice(&text), 25)));
	memcpy(self->before, self->json, sizeof(self->json));
	reed_slice_copy(self->json, sizeof(self->json),
	                reed_slice_trim(reed_slice_from(reed_buf_slice(&json), 38)));
	reed_buf_finish(&text);
	reed_buf_finish(&json);
	self->count++;
	if (self->talks)
		reed_log(self->loop, REED_LOG_ERROR, "heard something");
}

static void init(struct ear *self)
{
	struct reed_log_options options = REED_LOG_OPTIONS;

	*self = (struct ear){ .tap.hear = hear };
	check_int(reed_loop_new(NULL, &self->loop), REED_OK);
	options.to = REED_LOG_TO_NOBODY;
	check_int(reed_log_open(reed_log_of(self->loop), &options, NULL), REED_OK);
	reed_log_tap(reed_log_of(self->loop), &self->tap);
}

static void finish(struct ear *self)
{
	reed_log_untap(reed_log_of(self->loop), &self->tap);
	reed_loop_free(self->loop);
}

/* ---- what a call becomes ---- */

static void a_sentence_comes_before_its_keys(void)
{
	struct ear e;

	init(&e);
	reed_log(e.loop, REED_LOG_INFO, "client has left");
	check_str(e.line, "info  client has left");
	reed_log(e.loop, REED_LOG_WARN, "client has left nick=%s after=%d", "ann", 17);
	check_str(e.line, "warn  client has left              nick=ann after=17");
	reed_log(e.loop, REED_LOG_ERROR, "who=%s", "ann");
	check_str(e.line, "error                              who=ann");
	reed_log(e.loop, REED_LOG_CRITICAL, "50%% of a=b is gone");
	check_str(e.line, "CRIT  50% of a=b is gone");
	finish(&e);
}

static void every_conversion_is_understood(void)
{
	struct ear e;

	init(&e);
	reed_log(e.loop, REED_LOG_INFO, "x a=%d b=%ld c=%lld d=%jd e=%zd f=%hhd", INT_MIN, LONG_MAX,
	         LLONG_MIN, INTMAX_MAX, (ssize_t)-3, (signed char)-1);
	check(strstr(e.json, "\"a\":-2147483648,\"b\":9223372036854775807,"
	                     "\"c\":-9223372036854775808,\"d\":9223372036854775807,"
	                     "\"e\":-3,\"f\":-1,"));
	reed_log(e.loop, REED_LOG_INFO, "x a=%u b=%lu c=%llu d=%zu e=%x f=%o g=%hu", UINT_MAX,
	         ULONG_MAX, ULLONG_MAX, SIZE_MAX, 255u, 8u, (unsigned short)65535);
	check(strstr(e.json, "\"a\":4294967295,\"b\":18446744073709551615,"
	                     "\"c\":18446744073709551615,\"d\":18446744073709551615,"
	                     "\"e\":\"0xff\",\"f\":\"010\",\"g\":65535,"));
	reed_log(e.loop, REED_LOG_INFO, "x a=%.2f b=%g c=%s d=%.*s e=%.2s f=%c g=%s%%", 1.005, 0.5,
	         "s", 3, "abcdef", "xyz", 'c', "90");
	check(strstr(e.json, "\"a\":1.00,\"b\":0.5,\"c\":\"s\",\"d\":\"abc\",\"e\":\"xy\","
	                     "\"f\":\"c\",\"g\":\"90%\","));
	finish(&e);
}

static void a_value_may_be_put_together(void)
{
	struct ear e;

	init(&e);
	reed_log(e.loop, REED_LOG_INFO, "from peer=%s:%d took=%dms n=%-5d|", "h", 12, 3, 4);
	check(strstr(e.json, "\"peer\":\"h:12\",\"took\":\"3ms\",\"n\":\"4|\","));
	finish(&e);
}

static void what_is_no_number_is_text_in_json(void)
{
	struct ear e;

	init(&e);
	reed_log(e.loop, REED_LOG_INFO, "x a=%f b=%f", (double)INFINITY, (double)NAN);
	check(strstr(e.json, "\"a\":\"inf\",\"b\":\"nan\"") || strstr(e.json, "\"b\":\"-nan\""));
	finish(&e);
}

static void a_key_without_a_text_is_left_out(void)
{
	const char *volatile nobody = NULL;
	struct ear e;

	init(&e);
	reed_log(e.loop, REED_LOG_INFO, "x account=%s n=%d", nobody, 1);
	check(strstr(e.json, "\"message\":\"x\",\"n\":1,"));
	finish(&e);
}

static void no_value_can_pass_for_another_record(void)
{
	struct ear e;

	init(&e);
	reed_log(e.loop, REED_LOG_INFO, "said text=%s", "a\n2026 info  forged key=\"x\" \033[2J\\");
	check_str(e.line, "info  said                         "
	                  "text=\"a\\n2026 info  forged key=\\\"x\\\" \\x1b[2J\\\\\"");
	check(strstr(e.json, "\"text\":\"a\\n2026 info  forged key=\\\"x\\\" \\u001b[2J\\\\\","));
	reed_log(e.loop, REED_LOG_INFO, "said text=%s",
	         "\xff\xc2\x9b"
	         "31m\xe2\x80\xae!\xc3\xa9");
	check(strstr(e.line, "text=\"\\xff\\xc2\\x9b31m\\xe2\\x80\\xae!\xc3\xa9\""));
	check(strstr(e.json, "\"text\":\"\xef\xbf\xbd\\u009b31m\\u202e!\xc3\xa9\","));
	reed_log(e.loop, REED_LOG_INFO, "said text=%s", "");
	check(strstr(e.line, "text=\"\""));
	finish(&e);
}

static void a_record_has_a_limit(void)
{
	struct ear e;
	char *much = reed_alloc(100000);

	init(&e);
	memset(much, 'x', 99999);
	reed_log(e.loop, REED_LOG_INFO, "x much=%s more=%s number=%d", much, "y", 5);
	check(strlen(e.json) < REED_LOG_RECORD + 200);
	check(strstr(e.json, "\"much\":\"xxx"));
	check(!strstr(e.json, "\"number\":"));
	reed_free(much);
	finish(&e);
}

static void more_keys_than_there_is_room_for_are_left_out(void)
{
	struct ear e;

	init(&e);
	reed_log(
		e.loop, REED_LOG_INFO,
		"x a=%d b=%d c=%d d=%d e=%d f=%d g=%d h=%d i=%d j=%d k=%d l=%d m=%d n=%d o=%d p=%d "
		"q=%d r=%d s=%d t=%d u=%d v=%d w=%d x=%d y=%d z=%d",
		1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23,
		24, 25, 26);
	check(strstr(e.line, " x=24"));
	check(!strstr(e.line, " y=25"));
	finish(&e);
}

/* ---- who hears ---- */

static int evaluated;

static int evaluate(void)
{
	return ++evaluated;
}

static void what_nobody_wants_is_not_even_evaluated(void)
{
	struct ear e;

	init(&e);
	reed_log_untap(reed_log_of(e.loop), &e.tap);
	e.tap.level = REED_LOG_WARN;
	reed_log_tap(reed_log_of(e.loop), &e.tap);
	reed_log(e.loop, REED_LOG_INFO, "x n=%d", evaluate());
	check_int(evaluated, 0);
	reed_log(e.loop, REED_LOG_WARN, "x n=%d", evaluate());
	check_int(evaluated, 1);
	check_int(e.count, 1);
	finish(&e);
}

static void a_tap_does_not_hear_itself(void)
{
	struct ear e;

	init(&e);
	e.talks = true;
	reed_log(e.loop, REED_LOG_INFO, "x");
	check_int(e.count, 1);
	finish(&e);
}

static void a_failure_nobody_heard_of_is_in_the_log(void)
{
	struct ear e;

	init(&e);
	reed_background(reed_failed(e.loop, REED_EIO, "the disk is on fire"), NULL, NULL);
	reed_loop_run(e.loop);
	check(strstr(e.json, "\"level\":\"error\",\"message\":\"failed, and nobody heard\""));
	check(strstr(e.json, "\"why\":\"the disk is on fire\",\"err\":\"REED_EIO\""));
	finish(&e);
}

static void levels_have_names(void)
{
	enum reed_log_level level;

	check_int(reed_log_level_parse(REED_STR("Warn"), &level), REED_OK);
	check_int(level, REED_LOG_WARN);
	check_int(reed_log_level_parse(REED_STR("loud"), &level), REED_ESYNTAX);
	check_str(reed_log_level_name(REED_LOG_CRITICAL), "critical");
}

/* ---- the fields of a task ---- */

struct task {
	struct reed_co co;
	const char *name;
	bool inner;
};

static void task_run(struct reed_co *co);

static const struct reed_co_kind task_kind = { .name = "task",
	                                       .size = sizeof(struct task),
	                                       .run = task_run };

static struct reed_future *task(struct reed_loop *loop, const char *name, bool inner)
{
	struct task *self = reed_co_new(loop, &task_kind);

	self->name = name;
	self->inner = inner;
	return reed_start(&self->co);
}

static void task_run(struct reed_co *co)
{
	struct task *self = reed_frame(co, struct task);

	reed_coroutine (co) {
		reed_log_with(co->loop, self->inner ? "nick=%s" : "service=%s", self->name);
		if (!self->inner)
			reed_try(co, task(co->loop, "ann", true));
		else
			reed_try(co, reed_yield(co->loop));
		reed_log(co->loop, REED_LOG_INFO, "in %s n=%d", "a task", 1);
	}
}

static void a_task_has_fields_that_what_it_starts_has_too(void)
{
	struct ear e;

	init(&e);
	reed_background(task(e.loop, "chat", false), NULL, NULL);
	reed_loop_run(e.loop);
	check_int(e.count, 2);
	check(strstr(e.before, "\"message\":\"in a task\",\"service\":\"chat\",\"nick\":\"ann\","
	                       "\"n\":1,"));
	check(strstr(e.json, "\"message\":\"in a task\",\"service\":\"chat\",\"n\":1,"));
	reed_log(e.loop, REED_LOG_INFO, "x");
	check(!strstr(e.json, "service"));
	finish(&e);
}

static void a_field_hides_another_of_its_name(void)
{
	struct ear e;

	init(&e);
	reed_log_with(e.loop, "a=%d b=%d", 1, 2);
	reed_log_with(e.loop, "a=%d", 3);
	reed_log(e.loop, REED_LOG_INFO, "x b=%d", 4);
	check(strstr(e.json, "\"message\":\"x\",\"a\":3,\"b\":4,\"at\""));
	finish(&e);
}

/* ---- files ---- */

static char folder[] = "/tmp/reed-log-XXXXXX";

static char *path_of(const char *name)
{
	return reed_sprintf("%s/%s", folder, name);
}

static char *read_file(const char *path)
{
	struct reed_buf out = { 0 };
	FILE *file = fopen(path, "r");
	int c;

	check(file);
	while ((c = fgetc(file)) != EOF)
		reed_buf_add_char(&out, (char)c);
	fclose(file);
	reed_buf_reserve(&out, 1);
	return reed_buf_held(&out) ? reed_buf_take(&out) : reed_strdup("");
}

static size_t lines_of(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

static struct reed_loop *loop_with_file(const char *path, enum reed_log_format format, size_t room)
{
	struct reed_log_options options = REED_LOG_OPTIONS;
	struct reed_fault *fault = NULL;
	struct reed_loop *loop;

	check_int(reed_loop_new(NULL, &loop), REED_OK);
	options.to = REED_LOG_TO_FILE;
	options.path = path;
	options.format = format;
	options.room = room;
	check_int(reed_log_open(reed_log_of(loop), &options, &fault), REED_OK);
	return loop;
}

static void a_file_gets_json_and_is_for_its_owner(void)
{
	char *path = path_of("json"), *text;
	struct reed_loop *loop = loop_with_file(path, REED_LOG_AUTO, 0);
	struct stat st;

	reed_log(loop, REED_LOG_DEBUG, "not this");
	reed_log(loop, REED_LOG_INFO, "one n=%d", 1);
	check(reed_log_flush(reed_log_of(loop), 10000));
	text = read_file(path);
	check_int(lines_of(text), 1);
	check(strncmp(text, "{\"time\":\"2", 10) == 0);
	check(strstr(text,
	             "\"level\":\"info\",\"message\":\"one\",\"n\":1,\"at\":\"tests/core/log.c:"));
	check_int(stat(path, &st), 0);
	check_int(st.st_mode & 07, 0);
	reed_loop_free(loop);
	reed_free(text);
	reed_free(path);
}

static void what_was_said_before_a_reopen_goes_to_the_old_file(void)
{
	char *path = path_of("rotated"), *old = path_of("rotated.1"), *text;
	struct reed_loop *loop = loop_with_file(path, REED_LOG_TEXT, 0);

	reed_log(loop, REED_LOG_INFO, "before");
	check(reed_log_flush(reed_log_of(loop), 10000));
	check_int(rename(path, old), 0);
	reed_log(loop, REED_LOG_INFO, "still before");
	reed_log_reopen(reed_log_of(loop));
	reed_log(loop, REED_LOG_INFO, "after");
	reed_loop_free(loop);
	text = read_file(old);
	check(strstr(text, "info  before\n") && strstr(text, "info  still before\n"));
	reed_free(text);
	text = read_file(path);
	check_int(lines_of(text), 1);
	check(strstr(text, "info  after\n"));
	reed_free(text);
	reed_free(old);
	reed_free(path);
}

static void a_file_that_cannot_be_opened_changes_nothing(void)
{
	char *path = path_of("kept"), *text;
	struct reed_loop *loop = loop_with_file(path, REED_LOG_TEXT, 0);
	struct reed_log_options options = REED_LOG_OPTIONS;
	struct reed_fault *fault = NULL;

	options.to = REED_LOG_TO_FILE;
	options.path = "/nowhere/at/all";
	check_int(reed_log_open(reed_log_of(loop), &options, &fault), REED_ENOENT);
	check(strstr(fault->sentence, "/nowhere/at/all"));
	reed_fault_free(fault);
	reed_log(loop, REED_LOG_INFO, "still here");
	reed_loop_free(loop);
	text = read_file(path);
	check(strstr(text, "still here"));
	reed_free(text);
	reed_free(path);
}

/* ---- what comes too often ---- */

static void repeats_are_told_once_and_counted(void)
{
	char *path = path_of("folded"), *text;
	struct reed_loop *loop = loop_with_file(path, REED_LOG_TEXT, 0);
	struct reed_log_stats stats = { .size = sizeof(stats) };

	for (int i = 0; i < 10; i++) {
		reed_log(loop, REED_LOG_WARN, "again and again n=%d", 1);
		reed_log(loop, REED_LOG_WARN, "in between");
	}
	reed_log(loop, REED_LOG_WARN, "again and again n=%d", 2);
	check(reed_log_flush(reed_log_of(loop), 10000));
	reed_log_stats(reed_log_of(loop), &stats);
	check_int(stats.records[REED_LOG_WARN], 21);
	check_int(stats.folded, 18);
	check_int(stats.dropped, 0);
	reed_loop_free(loop);
	text = read_file(path);
	check_int(lines_of(text), 5);
	check(strstr(text, "warn  again and again              n=1\n"));
	check(strstr(text, "warn  again and again              n=1 (and 9 more)\n"));
	check(strstr(text, "warn  in between (and 9 more)\n"));
	reed_free(text);
	reed_free(path);
}

static void repeats_in_json_have_a_number(void)
{
	char *path = path_of("folded.json"), *text;
	struct reed_loop *loop = loop_with_file(path, REED_LOG_JSON, 0);

	for (int i = 0; i < 4; i++)
		reed_log(loop, REED_LOG_WARN, "again text=%s", "}");
	reed_loop_free(loop);
	text = read_file(path);
	check_int(lines_of(text), 2);
	check(strstr(text, ",\"repeated\":3}\n"));
	reed_free(text);
	reed_free(path);
}

/* A pipe nobody reads takes 64 KiB or so; the log must neither wait nor forget to say so. */
static void a_log_that_cannot_be_written_makes_nobody_wait(void)
{
	char *path = path_of("pipe"), *text;
	struct reed_log_stats stats = { .size = sizeof(stats) };
	struct reed_loop *loop;
	struct reed_buf got = { 0 };
	int reader;
	ssize_t n;

	check_int(mkfifo(path, 0600), 0);
	reader = open(path, O_RDONLY | O_NONBLOCK);
	loop = loop_with_file(path, REED_LOG_TEXT, 32 << 10);
	for (int i = 0; i < 20000; i++)
		reed_log(loop, REED_LOG_INFO, "a line that differs from all others n=%d", i);
	reed_log_stats(reed_log_of(loop), &stats);
	check(stats.dropped > 10000);
	check(!reed_log_flush(reed_log_of(loop), 10));
	fcntl(reader, F_SETFL, 0);
	do {
		check_int(reed_buf_reserve(&got, 65536), REED_OK);
		n = read(reader, got.p + got.end, 65536);
		check(n > 0);
		reed_buf_added(&got, (size_t)n);
	} while (reed_slice_search(reed_buf_slice(&got), REED_STR("records were lost")) ==
	         reed_buf_held(&got));
	reed_loop_free(loop);
	text = reed_buf_take(&got);
	check(strstr(text, "n=0\n"));
	check(strstr(text, "records="));
	reed_free(text);
	close(reader);
	reed_free(path);
}

static void standard_error_keeps_its_flags(void)
{
	int before = fcntl(2, F_GETFL);
	struct reed_loop *loop;

	check_int(reed_loop_new(NULL, &loop), REED_OK);
	reed_log(loop, REED_LOG_INFO, "to standard error");
	check(reed_log_flush(reed_log_of(loop), 10000));
	check_int(fcntl(2, F_GETFL), before);
	reed_loop_free(loop);
}

int main(void)
{
	check(mkdtemp(folder));
	RUN(a_sentence_comes_before_its_keys);
	RUN(every_conversion_is_understood);
	RUN(a_value_may_be_put_together);
	RUN(what_is_no_number_is_text_in_json);
	RUN(a_key_without_a_text_is_left_out);
	RUN(no_value_can_pass_for_another_record);
	RUN(a_record_has_a_limit);
	RUN(more_keys_than_there_is_room_for_are_left_out);
	RUN(what_nobody_wants_is_not_even_evaluated);
	RUN(a_tap_does_not_hear_itself);
	RUN(a_failure_nobody_heard_of_is_in_the_log);
	RUN(levels_have_names);
	RUN(a_task_has_fields_that_what_it_starts_has_too);
	RUN(a_field_hides_another_of_its_name);
	RUN(a_file_gets_json_and_is_for_its_owner);
	RUN(what_was_said_before_a_reopen_goes_to_the_old_file);
	RUN(a_file_that_cannot_be_opened_changes_nothing);
	RUN(repeats_are_told_once_and_counted);
	RUN(repeats_in_json_have_a_number);
	RUN(a_log_that_cannot_be_written_makes_nobody_wait);
	RUN(standard_error_keeps_its_flags);
	return 0;
}
