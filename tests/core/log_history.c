/* What has just happened, for who begins to listen now; and levels of parts of the program. */

#include "reed/log.h"

#include "check.h"
#include "reed/alloc.h"

struct ear {
	struct reed_log_tap tap;
	struct reed_loop *loop;
	char text[512]; /* messages and the field n, each behind a blank */
	size_t count;
	bool talks;
};

static void hear(struct reed_log_tap *tap, const struct reed_log_event *event)
{
	struct ear *self = reed_container_of(tap, struct ear, tap);
	size_t n = strlen(self->text);

	snprintf(self->text + n, sizeof(self->text) - n, " " REED_FMT REED_FMT,
	         REED_ARG(reed_slice_first(event->message, 40)),
	         REED_ARG(reed_log_value(event, "n")));
	self->count++;
	if (self->talks)
		reed_log(self->loop, REED_LOG_ERROR, "heard");
}

static void reopen(struct ear *e, size_t history, const char *module)
{
	struct reed_log_options options = REED_LOG_OPTIONS;
	struct reed_log_module one;
	struct reed_fault *fault;

	options.to = REED_LOG_TO_NOBODY;
	options.history = history;
	if (module)
		check_int(reed_log_module_parse(reed_slice_of(module), &one, &fault), REED_OK);
	options.modules = &one;
	options.module_count = module != NULL;
	check_int(reed_log_open(reed_log_of(e->loop), &options, NULL), REED_OK);
}

static void init(struct ear *e, size_t history)
{
	*e = (struct ear){ .tap.hear = hear };
	check_int(reed_loop_new(NULL, &e->loop), REED_OK);
	reopen(e, history, NULL);
}

static void say(struct ear *e, int from, int to)
{
	for (int i = from; i <= to; i++)
		reed_log(e->loop, REED_LOG_INFO, "said n=%d", i);
}

static const char *replayed(struct ear *e, size_t most)
{
	e->text[0] = '\0';
	reed_log_replay(reed_log_of(e->loop), &e->tap, most);
	return e->text;
}

/* ---- history ---- */

static void who_comes_late_hears_the_last_ones_in_order(void)
{
	struct ear e;

	init(&e, 64 << 10);
	say(&e, 1, 5);
	check_str(replayed(&e, 3), " said3 said4 said5");
	check_str(replayed(&e, 100), " said1 said2 said3 said4 said5");
	check_str(replayed(&e, 0), "");
	reed_loop_free(e.loop);
}

static bool is_even(struct reed_log_tap *tap, const struct reed_log_event *event)
{
	uint64_t n = 1;

	(void)tap;
	reed_slice_u64(reed_log_value(event, "n"), 100, &n);
	return n % 2 == 0;
}

static void only_what_the_listener_wants_is_counted(void)
{
	struct ear e;

	init(&e, 64 << 10);
	e.tap.level = REED_LOG_INFO;
	e.tap.wants = is_even;
	say(&e, 1, 9);
	reed_log(e.loop, REED_LOG_WARN, "else n=%d", 10);
	check_str(replayed(&e, 3), " said6 said8 else10");
	e.tap.level = REED_LOG_WARN;
	check_str(replayed(&e, 3), " else10");
	e.tap.level = REED_LOG_INFO;
	e.text[0] = '\0';
	reed_log_tap(reed_log_of(e.loop), &e.tap);
	say(&e, 11, 14);
	check_str(e.text, " said12 said14");
	reed_log_untap(reed_log_of(e.loop), &e.tap);
	reed_loop_free(e.loop);
}

static void it_takes_no_more_memory_than_it_may(void)
{
	enum { ROOM = 8 << 10, MANY = 2000 };
	char long_one[REED_LOG_RECORD];
	struct ear e;

	init(&e, ROOM);
	say(&e, 1, MANY);
	replayed(&e, SIZE_MAX);
	check(e.count > 10 && e.count < ROOM / sizeof(struct reed_log_event));
	check_str(replayed(&e, 2), " said1999 said2000");
	/* one that is larger than all of it leaves the others where they are */
	memset(long_one, 'x', sizeof(long_one) - 1);
	long_one[sizeof(long_one) - 1] = '\0';
	reed_log(e.loop, REED_LOG_INFO, "long x=%s", long_one);
	check_str(replayed(&e, 2), " said1999 said2000");
	reopen(&e, 512, NULL);
	e.count = 0;
	replayed(&e, SIZE_MAX);
	check(e.count >= 1 && e.count <= 512 / sizeof(struct reed_log_event));
	reopen(&e, 0, NULL);
	check_str(replayed(&e, SIZE_MAX), "");
	say(&e, 1, 3);
	check_str(replayed(&e, SIZE_MAX), "");
	reed_loop_free(e.loop);
}

static void who_talks_while_he_is_told_changes_nothing_of_it(void)
{
	struct ear e;

	init(&e, 1 << 10);
	say(&e, 1, 3);
	e.talks = true;
	replayed(&e, SIZE_MAX);
	e.talks = false;
	check_str(replayed(&e, SIZE_MAX), " said1 said2 said3");
	reed_loop_free(e.loop);
}

static void a_copy_outlives_what_it_was_made_of(void)
{
	char key[] = "nick", value[] = "ann", file[] = "core/x.c", message[] = "came";
	struct reed_log_field field = { key, reed_slice_of(value), true };
	struct reed_log_event event = { .level = REED_LOG_WARN,
		                        .message = reed_slice_of(message),
		                        .fields = &field,
		                        .count = 1,
		                        .file = file,
		                        .line = 7 };
	struct reed_log_event *copy = reed_log_copy(&event, reed_alloc(reed_log_size(&event)));

	memset(key, 0, 4);
	memset(value, 0, 3);
	memset(file, 0, 4);
	memset(message, 0, 4);
	check_slice(copy->message, "came");
	check_slice(reed_log_value(copy, "nick"), "ann");
	check(copy->fields[0].number);
	check_str(copy->file, "core/x.c");
	check_int(copy->line, 7);
	reed_free(copy);
}

/* ---- levels of parts ---- */

static void a_part_is_a_folder_or_a_file(void)
{
	const char *file = "protocols/http/h1.c";

	check(reed_log_module_has("http", file));
	check(reed_log_module_has("protocols", file));
	check(reed_log_module_has("protocols/http", file));
	check(reed_log_module_has("http/h1", file));
	check(reed_log_module_has("h1", file));
	check(!reed_log_module_has("htt", file));
	check(!reed_log_module_has("tp", file));
	check(!reed_log_module_has("irc", file));
	check(!reed_log_module_has("protocols/h1", file));
	check(!reed_log_module_has("http", NULL));
	check(!reed_log_module_has("http", ""));
}

static void a_level_of_a_part_is_read_or_explained(void)
{
	static const char *const wrong[] = {
		"",         "http",    "http=",   "=debug",         "http=loud",
		"a b=info", "/a=info", "a/=info", "http=debug,irc", "http.c=info"
	};
	struct reed_log_module module;
	struct reed_fault *fault;

	check_int(reed_log_module_parse(REED_STR("core/app=ERROR"), &module, &fault), REED_OK);
	check_str(module.name, "core/app");
	check_int(module.level, REED_LOG_ERROR);
	for (size_t i = 0; i < REED_COUNT(wrong); i++) {
		check_int(reed_log_module_parse(reed_slice_of(wrong[i]), &module, &fault),
		          REED_ESYNTAX);
		check(strstr(fault->sentence, "http=debug"));
		reed_fault_free(fault);
	}
}

static void a_part_has_a_level_of_its_own(void)
{
	struct ear e;

	init(&e, 64 << 10);
	check(!reed_log_wants(e.loop, REED_LOG_DEBUG));
	reopen(&e, 64 << 10, "elsewhere=debug");
	reed_log(e.loop, REED_LOG_DEBUG, "not here");
	check_str(replayed(&e, 10), "");
	reopen(&e, 64 << 10, "tests=debug");
	reed_log(e.loop, REED_LOG_DEBUG, "here");
	reopen(&e, 64 << 10, "tests/core=error");
	reed_log(e.loop, REED_LOG_WARN, "quiet");
	reed_log(e.loop, REED_LOG_ERROR, "loud");
	check_str(replayed(&e, 10), " here loud");
	reed_loop_free(e.loop);
}

static void set(struct ear *e, const char *text)
{
	struct reed_log_module module;
	struct reed_fault *fault;

	check_int(reed_log_module_parse(reed_slice_of(text), &module, &fault), REED_OK);
	check_int(reed_log_set_module(reed_log_of(e->loop), &module), REED_OK);
}

static void the_longest_name_wins_and_a_tap_hears_by_its_own_level(void)
{
	struct ear e;

	init(&e, 64 << 10);
	set(&e, "tests/core=error");
	set(&e, "tests=debug");
	reed_log(e.loop, REED_LOG_WARN, "quiet");
	check_str(replayed(&e, 10), "");
	e.text[0] = '\0';
	e.tap.level = REED_LOG_INFO;
	reed_log_tap(reed_log_of(e.loop), &e.tap);
	reed_log(e.loop, REED_LOG_WARN, "heard");
	reed_log(e.loop, REED_LOG_DEBUG, "too low");
	check_str(e.text, " heard");
	reed_log_untap(reed_log_of(e.loop), &e.tap);
	set(&e, "tests/core=debug");
	check_int(reed_log_module_at(reed_log_of(e.loop), 0)->level, REED_LOG_DEBUG);
	check(reed_log_module_at(reed_log_of(e.loop), 1) &&
	      !reed_log_module_at(reed_log_of(e.loop), 2));
	e.tap.level = REED_LOG_DEBUG;
	reed_log(e.loop, REED_LOG_DEBUG, "again");
	check_str(replayed(&e, 10), " again");
	reed_loop_free(e.loop);
}

static void there_are_only_so_many_levels(void)
{
	struct reed_log_module module = { .level = REED_LOG_WARN };
	struct ear e;

	init(&e, 0);
	for (int i = 0; i < REED_LOG_MODULES; i++) {
		snprintf(module.name, sizeof(module.name), "part%d", i);
		check_int(reed_log_set_module(reed_log_of(e.loop), &module), REED_OK);
	}
	check_int(reed_log_set_module(reed_log_of(e.loop), &module), REED_OK);
	strcpy(module.name, "another");
	check_int(reed_log_set_module(reed_log_of(e.loop), &module), REED_ETOOBIG);
	reed_loop_free(e.loop);
}

int main(void)
{
	RUN(who_comes_late_hears_the_last_ones_in_order);
	RUN(only_what_the_listener_wants_is_counted);
	RUN(it_takes_no_more_memory_than_it_may);
	RUN(who_talks_while_he_is_told_changes_nothing_of_it);
	RUN(a_copy_outlives_what_it_was_made_of);
	RUN(a_part_is_a_folder_or_a_file);
	RUN(a_level_of_a_part_is_read_or_explained);
	RUN(a_part_has_a_level_of_its_own);
	RUN(the_longest_name_wins_and_a_tap_hears_by_its_own_level);
	RUN(there_are_only_so_many_levels);
	return 0;
}
