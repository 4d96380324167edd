/*
 * Settings files, environments and command lines as somebody else may have
 * written them.  What is read without a complaint is printed, and what was
 * printed reads back as the same.
 */

#include "core/app/settings_chat.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { WORDS = 64 };

static enum reed_err read_nothing(struct reed_settings_reader *self, const char *path, size_t limit,
                                  struct reed_buf *out)
{
	(void)self;
	(void)limit;
	reed_buf_add_str(out, path);
	return out->err;
}

static struct reed_settings_reader reader = { read_nothing };

/* Without the general flags, which no file can hold. */
static const struct reed_settings_program program =
	REED_SETTINGS_PROGRAM(.program = "reed", .command = "chat", .about = "A chat server.",
                              .arguments = "FILE...", .parts = &chat_parts[1], .part_count = 1);

static void everything_can_be_written(const struct reed_settings *settings)
{
	struct reed_buf out = { 0 };

	reed_settings_problems(settings, &out);
	check(reed_slice_find(reed_buf_slice(&out), '\033') == reed_buf_held(&out));
	reed_buf_clear(&out);
	reed_settings_print(settings, &out);
	reed_buf_finish(&out);
}

/* Secrets are masked, and so may change; what can be read may not. */
static void expect_same(const struct reed_settings *before, const struct reed_settings *after)
{
	const struct reed_settings_change *changes;
	struct reed_pool pool = { 0 };

	check_int(reed_settings_diff(before, after, &pool, &changes), REED_OK);
	for (; changes; changes = changes->next)
		check_str(changes->after, changes->before);
	reed_pool_finish(&pool);
}

static void reads_back(const struct reed_settings *before)
{
	struct reed_settings *after = reed_settings_new(&program);
	struct reed_buf out = { 0 };

	reed_settings_print(before, &out);
	if (reed_settings_parse(after, "again.yaml", reed_buf_slice(&out)) == REED_OK)
		expect_same(before, after);
	else
		check_str(reed_settings_problem(after, 0), "a printed file that can be read");
	reed_buf_finish(&out);
	reed_settings_free(after);
}

static void as_file(struct reed_settings *settings, struct reed_slice text)
{
	reed_settings_parse(settings, "fuzz.yaml", text);
}

/* Lines become words, words the arguments or the environment. */
static void as_words(struct reed_settings *settings, char *text, bool flags)
{
	char *words[WORDS + 1] = { "reed" };
	int n = 1;

	for (char *word = strtok(text, "\n"); word && n < WORDS; word = strtok(NULL, "\n"))
		words[n++] = word;
	if (flags)
		reed_settings_flags(settings, n, words);
	else
		reed_settings_environment(settings, words + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reed_settings *settings = reed_settings_new(&program);
	char *text = reed_slice_dup(reed_slice(data, size));

	reed_settings_read_with(settings, &reader);
	if (size > 0 && (data[0] == '-' || data[0] == 'R'))
		as_words(settings, text, data[0] == '-');
	else
		as_file(settings, reed_slice(data, size));
	reed_settings_finish(settings);
	everything_can_be_written(settings);
	if (!reed_settings_problem(settings, 0))
		reads_back(settings);
	reed_settings_free(settings);
	reed_free(text);
	return 0;
}
