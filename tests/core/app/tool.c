/* Tools: what their command line asks for, and what is wrong with it. */

#include "reed/settings.h"

#include "check.h"

struct flags {
	int days;
};

static const struct reed_setting table[] = {
	REED_SETTING(INT, struct flags, days, .least = "1", .preset = "30", .from = REED_FROM_FLAG,
	             .help = "How long it lasts."),
};

static const struct reed_schema schema = REED_SCHEMA(struct flags, table, .about = "What is made.");
static const struct reed_settings_part parts[] = { { NULL, &reed_tool_schema }, { NULL, &schema } };
static const struct reed_settings_verb verbs[] = {
	{ "make", "NAME...", "Make one." },
	{ "forget", NULL, "Forget all. Nobody will know." },
	{ NULL, NULL, NULL },
};

static const struct reed_settings_program tool =
	REED_SETTINGS_PROGRAM(.program = "reed", .command = "cert", .about = "Makes things.",
                              .parts = parts, .part_count = 2, .verbs = verbs,
                              .more = "The first paragraph.\nThe second one.");

static struct reed_settings *settings;

/* Whether it goes on; else *code says how it ends. */
static bool goes_on(int *code, int argc, char *const *argv)
{
	settings = reed_tool_settings(&tool, argc, argv, code);
	return settings != NULL;
}

#define ARGS(...)                                                                     \
	(int)(sizeof((char *[]){ "cert", __VA_ARGS__ }) / sizeof(char *)), (char *[]) \
	{                                                                             \
		"cert", __VA_ARGS__, NULL                                             \
	}

static void flags_and_words_are_the_tools(void)
{
	int code = -1;

	check(goes_on(&code, ARGS("make", "--days", "7", "a", "b")));
	check_int(((const struct flags *)reed_settings_of(settings, &schema))->days, 7);
	check_int(reed_settings_arguments(settings).n, 3);
	check_str(reed_settings_arguments(settings).items[2], "b");
	reed_settings_free(settings);
	check(goes_on(&code, ARGS("forget")));
	check_int(((const struct flags *)reed_settings_of(settings, &schema))->days, 30);
	reed_settings_free(settings);
}

static void what_is_wrong_ends_it(void)
{
	int code = -1;

	check(!goes_on(&code, ARGS("make", "--days", "0")));
	check_int(code, 2);
	check(!goes_on(&code, ARGS("make", "--colour", "red")));
	check_int(code, 2);
	check(!goes_on(&code, ARGS("maek")));
	check_int(code, 2);
	check(!goes_on(&code, ARGS("sell")));
	check_int(code, 2);
	check(!goes_on(&code, ARGS("forget", "it")));
	check_int(code, 2);
	check(!goes_on(&code, 1, (char *[]){ "cert", NULL }));
	check_int(code, 2);
}

static void a_question_is_an_answer(void)
{
	int code = -1;

	check(!goes_on(&code, ARGS("--help")));
	check_int(code, 0);
	check(!goes_on(&code, ARGS("sell", "--version")));
	check_int(code, 0);
	check(!goes_on(&code, ARGS("--print-man")));
	check_int(code, 0);
}

static void help_has_verbs_flags_and_paragraphs(void)
{
	struct reed_settings *self = reed_settings_new(&tool);
	struct reed_buf out = { .limit = 0 };

	reed_settings_help(self, false, &out);
	reed_buf_add_char(&out, '\0');
	check_str(reed_buf_slice(&out).p,
	          "Usage: reed cert make NAME... [FLAG]...\n"
	          "       reed cert forget [FLAG]...\n"
	          "\n"
	          "Makes things.\n"
	          "\n"
	          "  make    Make one.\n"
	          "  forget  Forget all. Nobody will know.\n"
	          "\n"
	          "  -h, --help                  Show what there is, and end.\n"
	          "      --version               Show the version, and end.\n"
	          "      --print-man             Show the manual page in mdoc, and end.\n"
	          "      --days NUMBER           How long it lasts. [default 30, at least 1]\n"
	          "\n"
	          "The first paragraph.\n"
	          "\n"
	          "The second one.\n");
	reed_buf_finish(&out);
	reed_settings_free(self);
}

static void so_has_the_manual_page(void)
{
	struct reed_settings *self = reed_settings_new(&tool);
	struct reed_buf out = { .limit = 0 };
	const char *man;

	reed_settings_man(self, "March 1, 2027", &out);
	reed_buf_add_char(&out, '\0');
	man = reed_buf_slice(&out).p;
	check(strstr(man, ".Sh SYNOPSIS\n"
	                  ".Nm reed cert\n.Cm \"make\"\n.Ar \"NAME...\"\n.Op Ar flag ...\n"
	                  ".Nm reed cert\n.Cm \"forget\"\n.Op Ar flag ...\n"
	                  ".Sh DESCRIPTION\nMakes things.\n"
	                  ".Pp\nThe first paragraph.\n.Pp\nThe second one.\n"
	                  ".Bl -tag -width Ds\n"
	                  ".It Cm \"make\" Ar \"NAME...\"\nMake one.\n"
	                  ".It Cm \"forget\"\nForget all.\nNobody will know.\n.El\n"));
	check(strstr(man, ".Sh SEE ALSO\n.Xr reed 1\n"));
	check(!strstr(man, "SETTINGS FILE"));
	check(!strstr(man, "ENVIRONMENT"));
	reed_buf_finish(&out);
	reed_settings_free(self);
}

int main(void)
{
	RUN(flags_and_words_are_the_tools);
	RUN(what_is_wrong_ends_it);
	RUN(a_question_is_an_answer);
	RUN(help_has_verbs_flags_and_paragraphs);
	RUN(so_has_the_manual_page);
	return 0;
}
