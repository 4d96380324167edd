/*
 * A program with settings: greeter [--name WHO] [--times N] [-c FILE] ...
 *
 * The table is all there is to write; docs/guide/settings.md tells the rest.
 */

#include <reed/alloc.h>
#include <reed/settings.h>

extern char **environ;

struct greeter_settings {
	const char *name;
	int times;
	struct {
		bool loud;
		int marks;
	} voice;
};

static const struct reed_setting table[] = {
	REED_SETTING(STRING, struct greeter_settings, name, .letter = 'n', .preset = "world",
	             .placeholder = "WHO", .help = "Who is greeted."),
	REED_SETTING(INT, struct greeter_settings, times, .preset = "1", .least = "1", .most = "10",
	             .reload = REED_SETTING_LIVE, .help = "How often."),
	REED_SETTING_GROUP("voice", .help = "How it sounds."),
	REED_SETTING(BOOL, struct greeter_settings, voice.loud, .help = "Shout."),
	REED_SETTING(INT, struct greeter_settings, voice.marks, .least = "0", .most = "3",
	             .help = "How many exclamation marks."),
};

static void fits(const void *values, struct reed_setting_judge *judge)
{
	const struct greeter_settings *s = values;

	if (s->voice.marks > 0 && !s->voice.loud)
		judge->reject(judge, &s->voice.marks, "needs voice.loud too");
}

static const struct reed_schema schema =
	REED_SCHEMA(struct greeter_settings, table, .about = "Greets somebody.", .check = fits);

static const struct reed_settings_part parts[] = { { NULL, &reed_general_schema },
	                                           { NULL, &schema } };

static const struct reed_settings_program program =
	REED_SETTINGS_PROGRAM(.program = "greeter", .about = "Greets somebody.", .parts = parts,
                              .part_count = REED_COUNT(parts));

static void greet(const struct greeter_settings *s)
{
	for (int i = 0; i < s->times; i++)
		printf("%s, %s%.*s\n", s->voice.loud ? "HELLO" : "hello", s->name, s->voice.marks,
		       "!!!");
}

int main(int argc, char **argv)
{
	struct reed_settings *settings = reed_settings_new(&program);
	enum reed_err err = reed_settings_gather(settings, argc, argv, environ);
	const struct reed_general *general = reed_settings_of(settings, &reed_general_schema);
	struct reed_buf text = { 0 };
	bool asked = reed_settings_answer(settings, &text);

	if (!asked && err)
		reed_settings_problems(settings, &text);
	fprintf(asked ? stdout : stderr, REED_FMT, REED_ARG(reed_buf_slice(&text)));
	if (!asked && !err && !general->check)
		greet(reed_settings_of(settings, &schema));
	reed_buf_finish(&text);
	reed_settings_free(settings);
	return asked || !err ? 0 : 2;
}
