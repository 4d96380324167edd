/* What an operator may decide. */

#include <string.h>

#include "monitor.h"
#include "reed/alloc.h"
#include "reed/settings.h"

static bool check_name(const char *text, struct reed_buf *why)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";

	if (text[0] && strlen(text) <= 64 && strspn(text, letters) == strlen(text))
		return true;
	reed_buf_add_str(why, "is no name: letters, digits, -, _ and . are, 64 at the most");
	return false;
}

static const char *const restarts[] = { "always", "on-failure", "never", NULL };

static const struct reed_setting program_table[] = {
	REED_SETTING(STRING, struct monitor_program, name, .required = true, .check = check_name,
	             .reload = REED_SETTING_LIVE, .help = "What it is called."),
	REED_SETTING_LIST(STRING, struct monitor_program, command, .required = true,
	                  .reload = REED_SETTING_LIVE, .placeholder = "WORD",
	                  .help = "The program, and a word for each of its arguments; no shell "
	                          "looks at them."),
	REED_SETTING(PATH, struct monitor_program, directory, .reload = REED_SETTING_LIVE,
	             .placeholder = "DIR", .help = "Where it starts; ours when not given."),
	REED_SETTING(STRING, struct monitor_program, user, .reload = REED_SETTING_LIVE,
	             .probe = reed_setting_user, .placeholder = "USER",
	             .help = "Who it runs as, by name or number; us when not given."),
	REED_SETTING(STRING, struct monitor_program, group, .reload = REED_SETTING_LIVE,
	             .probe = reed_setting_group, .placeholder = "GROUP",
	             .help = "Its group; the user's own when not given."),
	REED_SETTING_MAP(STRING, struct monitor_program, environment, .reload = REED_SETTING_LIVE,
	                 .help = "Variables that it gets."),
	REED_SETTING(BOOL, struct monitor_program, clean, .reload = REED_SETTING_LIVE,
	             .help = "It gets no other variables but those."),
	REED_SETTING_LIST(STRING, struct monitor_program, after, .reload = REED_SETTING_LIVE,
	                  .placeholder = "NAME",
	                  .help = "Programs that it comes after: they run before it starts, or, "
	                          "if they are never started again, have ended well; and they "
	                          "are stopped after it."),
	REED_SETTING(ENUM, struct monitor_program, restart, .words = restarts, .preset = "always",
	             .reload = REED_SETTING_LIVE, .help = "When it is started again."),
	REED_SETTING(DURATION, struct monitor_program, first, .preset = "1s", .least = "1ms",
	             .reload = REED_SETTING_LIVE,
	             .help = "The rest before it is started again: twice that the next time, and "
	                     "so on."),
	REED_SETTING(DURATION, struct monitor_program, longest, .preset = "1m", .least = "1ms",
	             .reload = REED_SETTING_LIVE,
	             .help = "The longest rest; who has run for so long rests as at first."),
	REED_SETTING(DURATION, struct monitor_program, grace, .preset = "10s",
	             .reload = REED_SETTING_LIVE,
	             .help = "Between SIGTERM, which asks it to end, and SIGKILL."),
};

static const struct reed_schema program_schema =
	REED_SCHEMA(struct monitor_program, program_table,
                    .about = "A program that is kept running.");

/* ---- what fits together ---- */

const struct monitor_program *monitor_find(const struct monitor_settings *settings,
                                           struct reed_slice name)
{
	for (size_t i = 0; i < settings->programs.n; i++)
		if (reed_slice_is(name, settings->programs.items[i].name))
			return &settings->programs.items[i];
	return NULL;
}

static bool is_placed(const struct monitor_settings *settings, const bool *placed,
                      const struct monitor_program *p)
{
	for (size_t i = 0; i < p->after.n; i++) {
		const struct monitor_program *other =
			monitor_find(settings, reed_slice_of(p->after.items[i]));

		if (other && !placed[other - settings->programs.items])
			return false;
	}
	return true;
}

/* In rounds, each placing whoever comes after nobody but those placed; a cycle is left over. */
static void judge_order(const struct monitor_settings *settings, struct reed_setting_judge *judge)
{
	bool *placed = reed_alloc(settings->programs.n * sizeof(*placed) + 1);
	size_t before, count = 0;

	do {
		before = count;
		for (size_t i = 0; i < settings->programs.n; i++)
			if (!placed[i] &&
			    is_placed(settings, placed, &settings->programs.items[i])) {
				placed[i] = true;
				count++;
			}
	} while (count > before);
	for (size_t i = 0; i < settings->programs.n; i++)
		if (!placed[i])
			judge->reject(judge, &settings->programs.items[i].after.items,
			              "\"%s\" would wait for itself, over those it comes after",
			              settings->programs.items[i].name);
	reed_free(placed);
}

static void judge_after(const struct monitor_settings *settings, const struct monitor_program *p,
                        struct reed_setting_judge *judge)
{
	for (size_t i = 0; i < p->after.n; i++)
		if (!monitor_find(settings, reed_slice_of(p->after.items[i])))
			judge->reject(judge, &p->after.items, "there is no program \"%s\"",
			              p->after.items[i]);
}

static void judge_one(const struct monitor_settings *settings, const struct monitor_program *p,
                      struct reed_setting_judge *judge)
{
	if (p->name && monitor_find(settings, reed_slice_of(p->name)) != p)
		judge->reject(judge, &p->name, "there are two programs \"%s\"", p->name);
	if (p->longest < p->first)
		judge->reject(judge, &p->longest, "the longest rest is shorter than the first");
	if (p->command.n > 0 && !p->command.items[0][0])
		judge->reject(judge, &p->command.items, "a program must stand here");
	judge_after(settings, p, judge);
}

static void judge(const void *values, struct reed_setting_judge *judge)
{
	const struct monitor_settings *settings = values;

	for (size_t i = 0; i < settings->programs.n; i++)
		judge_one(settings, &settings->programs.items[i], judge);
	judge_order(settings, judge);
}

static const struct reed_setting table[] = {
	REED_SETTING_RECORDS(struct monitor_program, &program_schema, struct monitor_settings,
	                     programs, .reload = REED_SETTING_LIVE, .from = REED_FROM_FILE,
	                     .required = true, .help = "What is kept running."),
};

const struct reed_schema monitor_schema =
	REED_SCHEMA(struct monitor_settings, table, .about = "Programs that are kept running.",
                    .check = judge);

/* ---- what a reload has changed ---- */

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_texts(const struct reed_texts *a, const struct reed_texts *b)
{
	bool is = a->n == b->n;

	for (size_t i = 0; i < a->n && is; i++)
		is = same(a->items[i], b->items[i]);
	return is;
}

static bool same_pairs(const struct reed_pairs *a, const struct reed_pairs *b)
{
	bool is = a->n == b->n;

	for (size_t i = 0; i < a->n && is; i++)
		is = same(a->items[i].name, b->items[i].name) &&
		     same(a->items[i].value, b->items[i].value);
	return is;
}

bool monitor_is_same(const struct monitor_program *a, const struct monitor_program *b)
{
	return same(a->directory, b->directory) && same(a->user, b->user) &&
	       same(a->group, b->group) && a->clean == b->clean &&
	       same_texts(&a->command, &b->command) && same_pairs(&a->environment, &b->environment);
}
