/* The flags every program has, and what main() does with them. */

#include "settings_private.h"

static const char *const shells[] = { "bash", "zsh", "fish", NULL }; /* enum reed_shell */

static const struct reed_setting table[] = {
	REED_SETTING(PATH, struct reed_general, config, .letter = 'c', .placeholder = "FILE",
	             .from = REED_FROM_FLAG | REED_FROM_ENVIRONMENT, .help = "The settings file."),
	REED_SETTING(BOOL, struct reed_general, check, .from = REED_FROM_FLAG,
	             .help = "Only say what is wrong with the settings, and end."),
	REED_SETTING(BOOL, struct reed_general, help, .letter = 'h', .from = REED_FROM_FLAG,
	             .help = "Show the flags that are used most, and end."),
	REED_SETTING(BOOL, struct reed_general, help_all, .from = REED_FROM_FLAG,
	             .help = "Show all flags, and end."),
	REED_SETTING(BOOL, struct reed_general, version, .from = REED_FROM_FLAG,
	             .help = "Show the version, and end."),
	REED_SETTING(BOOL, struct reed_general, print_settings, .from = REED_FROM_FLAG,
	             .help = "Show the settings in force and where they come from, and end."),
	REED_SETTING(BOOL, struct reed_general, print_example, .from = REED_FROM_FLAG,
	             .help = "Show a settings file that explains every setting, and end."),
	REED_SETTING(BOOL, struct reed_general, print_man, .from = REED_FROM_FLAG, .rare = true,
	             .help = "Show the manual page in mdoc, and end."),
	REED_SETTING(BOOL, struct reed_general, print_man_file, .from = REED_FROM_FLAG,
	             .rare = true,
	             .help = "Show the manual page of the settings file in mdoc, and end."),
	REED_SETTING(ENUM, struct reed_general, print_completions, .from = REED_FROM_FLAG,
	             .words = shells, .placeholder = "SHELL", .rare = true,
	             .help = "Show the completions for bash, zsh or fish, and end."),
};

const struct reed_schema reed_general_schema =
	REED_SCHEMA(struct reed_general, table,
                    .about = "What every program of Reed can be asked for.");

static const struct reed_setting tool_table[] = {
	REED_SETTING(BOOL, struct reed_general, help, .letter = 'h', .from = REED_FROM_FLAG,
	             .help = "Show what there is, and end."),
	REED_SETTING(BOOL, struct reed_general, version, .from = REED_FROM_FLAG,
	             .help = "Show the version, and end."),
	REED_SETTING(BOOL, struct reed_general, print_man, .from = REED_FROM_FLAG,
	             .help = "Show the manual page in mdoc, and end."),
};

const struct reed_schema reed_tool_schema =
	REED_SCHEMA(struct reed_general, tool_table,
                    .about = "What every tool of Reed can be asked for.");

static const struct reed_general *general_of(const struct reed_settings *self)
{
	static const struct reed_general none = { 0 };
	const struct reed_general *general = reed_settings_of(self, &reed_general_schema);

	if (!general)
		general = reed_settings_of(self, &reed_tool_schema);
	return general ? general : &none;
}

static bool asks_for_completions(const struct reed_settings *self, const struct reed_general *g)
{
	struct found found = reed_settings_find_member(self, &g->print_completions);

	return found.slot && found.slot->origin.layer != LAYER_DEFAULT;
}

/* These tell of the program, and so work whatever the settings are. */
static bool asks_for_text(const struct reed_settings *self, const struct reed_general *g)
{
	return g->help || g->help_all || g->version || g->print_example || g->print_man ||
	       g->print_man_file || asks_for_completions(self, g);
}

enum reed_err reed_settings_gather(struct reed_settings *self, int argc, char *const *argv,
                                   char *const *environment)
{
	const struct reed_general *general = general_of(self);

	reed_settings_flags(self, argc, argv);
	if (asks_for_text(self, general))
		return reed_settings_state(self);
	reed_settings_environment(self, environment);
	if (general->config)
		reed_settings_load(self, general->config);
	return reed_settings_finish(self);
}

static void write_version(const struct reed_settings *self, struct reed_buf *out)
{
	const struct reed_settings_program *p = self->program;

	reed_buf_printf(out, "%s %s\n", p->program, p->version ? p->version : REED_VERSION);
}

/* That of this version is ours alone. */
static const char *date_of(const struct reed_settings *self)
{
	return self->program->version ? NULL : REED_DATE;
}

bool reed_settings_answer(const struct reed_settings *self, struct reed_buf *out)
{
	const struct reed_general *g = general_of(self);

	if (g->help || g->help_all)
		reed_settings_help(self, g->help_all, out);
	else if (g->version)
		write_version(self, out);
	else if (g->print_example)
		reed_settings_example(self, out);
	else if (g->print_man)
		reed_settings_man(self, date_of(self), out);
	else if (g->print_man_file)
		reed_settings_man_file(self, date_of(self), out);
	else if (asks_for_completions(self, g))
		reed_settings_complete((enum reed_shell)g->print_completions, &self, 1, out);
	else if (g->print_settings && self->problems.count == 0)
		reed_settings_print(self, out);
	else
		return false;
	return true;
}
