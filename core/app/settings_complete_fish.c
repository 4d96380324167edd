/* Completions for fish: a line for each, with a condition. */

#include "settings_complete.h"

/*
 * Fish's own __fish_use_subcommand takes the value of a flag for a command.
 * This one prints the command there is.
 */
static void command_function(const struct completed *all, struct reed_buf *out)
{
	const struct slot *slot;

	reed_buf_add_str(out, "function _");
	reed_complete_function(out, all->program, "command");
	reed_buf_add_str(out, "\n\tset -l words (commandline -poc)\n\tset -e words[1]\n"
	                      "\twhile set -q words[1]\n\t\tswitch $words[1]\n");
	for (size_t i = 0; all->own && (slot = reed_complete_next(all->own, &i));) {
		if (reed_complete_value(&slot->setting) == VALUE_NONE)
			continue;
		reed_buf_add_str(out, "\t\t\tcase ");
		if (slot->setting.letter)
			reed_buf_printf(out, "-%c ", slot->setting.letter);
		reed_buf_printf(out, "--%s\n\t\t\t\tset -e words[1]\n", slot->flag);
	}
	reed_buf_add_str(out, "\t\t\tcase '-*'\n"
	                      "\t\t\tcase '*'\n\t\t\t\techo $words[1]\n\t\t\t\treturn 0\n"
	                      "\t\tend\n\t\tset -e words[1]\n\tend\n\treturn 1\nend\n");
}

/* command NULL: there is none yet; verbs: nor any of these.  Before fish 3.6 one -n is all. */
static void begin(const struct completed *all, const char *command,
                  const struct reed_settings *verbs, struct reed_buf *out)
{
	reed_buf_printf(out, "complete -c %s", all->program);
	if (all->single && !verbs)
		return;
	reed_buf_add_str(out, " -n '");
	if (!all->single) {
		reed_buf_add_str(out, command ? "contains -- " : "not _");
		if (command)
			reed_buf_printf(out, "%s (_", command);
		reed_complete_function(out, all->program, "command");
		reed_buf_add_str(out, command ? ")" : " >/dev/null");
	}
	if (verbs) {
		reed_buf_printf(out, "%snot __fish_seen_subcommand_from ",
		                all->single ? "" : "; and ");
		reed_complete_verbs(out, verbs);
	}
	reed_buf_add_char(out, '\'');
}

static void flag(const struct completed *all, const char *command, const struct slot *slot,
                 struct reed_buf *out)
{
	static const char *const takes[] = { "", " -x", " -r -F", " -x -a '" };
	enum value value = reed_complete_value(&slot->setting);

	begin(all, command, NULL, out);
	if (slot->setting.letter)
		reed_buf_printf(out, " -s %c", slot->setting.letter);
	reed_buf_printf(out, " -l %s%s", slot->flag, takes[value]);
	if (value == VALUE_WORDS) {
		reed_complete_words(out, &slot->setting);
		reed_buf_add_char(out, '\'');
	}
	reed_buf_add_str(out, " -d '");
	reed_complete_quoted(out, slot->setting.help, "\\");
	reed_buf_add_str(out, "'\n");
	if (!reed_complete_has_negative(slot))
		return;
	begin(all, command, NULL, out);
	reed_buf_printf(out, " -l no-%s -d '", slot->flag);
	reed_complete_quoted(out, slot->setting.help, "\\");
	reed_buf_add_str(out, "'\n");
}

static void verbs(const struct completed *all, const struct reed_settings *self,
                  struct reed_buf *out)
{
	for (const struct reed_settings_verb *v = self->program->verbs; v->name; v++) {
		begin(all, self->program->command, self, out);
		reed_buf_printf(out, " -a %s -d '", v->name);
		reed_complete_quoted(out, v->help, "\\");
		reed_buf_add_str(out, "'\n");
	}
}

static void flags(const struct completed *all, const struct reed_settings *self,
                  struct reed_buf *out)
{
	const struct slot *slot;

	for (size_t i = 0; (slot = reed_complete_next(self, &i));)
		flag(all, self->program->command, slot, out);
	if (self->program->verbs)
		verbs(all, self, out);
	if (self->program->arguments) {
		begin(all, self->program->command, NULL, out);
		reed_buf_add_str(out, " -F\n");
	}
}

void reed_complete_fish(const struct completed *all, struct reed_buf *out)
{
	reed_buf_printf(out, "complete -c %s -f\n", all->program);
	if (!all->single)
		command_function(all, out);
	if (all->own)
		flags(all, all->own, out);
	for (size_t i = 0; i < all->count && !all->single; i++) {
		begin(all, NULL, NULL, out);
		reed_buf_printf(out, " -a %s -d '", all->commands[i]->program->command);
		reed_complete_quoted(out, all->commands[i]->program->about, "\\");
		reed_buf_add_str(out, "'\n");
	}
	for (size_t i = 0; i < all->count; i++)
		flags(all, all->commands[i], out);
}
