/* Completions for zsh, by _arguments. */

#include "settings_complete.h"

/* '(-c --config)'{-c+,--config=}'[The settings file.]:FILE:_files' */
static void flag(const struct slot *slot, struct reed_buf *out)
{
	enum value value = reed_complete_value(&slot->setting);
	bool many = slot->setting.shape != REED_SETTING_ONE;

	reed_buf_add_str(out, " \\\n\t\t");
	if (slot->setting.letter && !many)
		reed_buf_printf(out, "'(-%c --%s)'", slot->setting.letter, slot->flag);
	if (slot->setting.letter)
		reed_buf_printf(out, "%s{-%c%s,--%s%s}'", many ? "'*'" : "", slot->setting.letter,
		                value ? "+" : "", slot->flag, value ? "=" : "");
	else
		reed_buf_printf(out, "'%s--%s%s", many ? "*" : "", slot->flag, value ? "=" : "");
	reed_buf_add_char(out, '[');
	reed_complete_quoted(out, slot->setting.help, "[]:\\");
	reed_buf_add_char(out, ']');
	if (value) {
		reed_buf_add_char(out, ':');
		reed_buf_add_str(out, value == VALUE_WORDS ? "WORD" : "VALUE");
		reed_buf_add_char(out, ':');
	}
	if (value == VALUE_WORDS) {
		reed_buf_add_char(out, '(');
		reed_complete_words(out, &slot->setting);
		reed_buf_add_char(out, ')');
	}
	reed_buf_add_str(out, value == VALUE_FILE ? "_files'" : value == VALUE_ANY ? " '" : "'");
	if (!reed_complete_has_negative(slot))
		return;
	reed_buf_printf(out, " \\\n\t\t'--no-%s[", slot->flag);
	reed_complete_quoted(out, slot->setting.help, "[]:\\");
	reed_buf_add_str(out, "]'");
}

static void flags(const struct reed_settings *self, struct reed_buf *out)
{
	const struct slot *slot;

	for (size_t i = 0; (slot = reed_complete_next(self, &i));)
		flag(slot, out);
}

/* '1:verb:((new\:"A certificate." ...))' */
static void verbs(const struct reed_settings *self, struct reed_buf *out)
{
	reed_buf_add_str(out, " \\\n\t\t'1:verb:((");
	for (const struct reed_settings_verb *v = self->program->verbs; v->name; v++) {
		reed_buf_printf(out, "%s%s\\:\"", v > self->program->verbs ? " " : "", v->name);
		reed_complete_quoted(out, v->help, "\\\"`$:");
		reed_buf_add_char(out, '"');
	}
	reed_buf_add_str(out, "))'");
}

static void function(const struct completed *all, const struct reed_settings *self,
                     const char *command, struct reed_buf *out)
{
	reed_complete_function(out, all->program, command);
	reed_buf_add_str(out, "()\n{\n\t_arguments -s -S :");
	flags(self, out);
	if (self->program->verbs)
		verbs(self, out);
	if (self->program->arguments)
		reed_buf_add_str(out, " \\\n\t\t'*:file:_files'");
	reed_buf_add_str(out, "\n}\n\n");
}

static void commands(const struct completed *all, struct reed_buf *out)
{
	reed_buf_add_str(out, "\tlocal -a commands=(\n");
	for (size_t i = 0; i < all->count; i++) {
		reed_buf_printf(out, "\t\t'%s:", all->commands[i]->program->command);
		reed_complete_quoted(out, all->commands[i]->program->about, "\\");
		reed_buf_add_str(out, "'\n");
	}
	reed_buf_add_str(out, "\t)\n\tlocal state line\n\t_arguments -C");
	if (all->own)
		flags(all->own, out);
	reed_buf_add_str(out, " '1: :->command' '*:: :->flags'\n"
	                      "\tcase $state in\n"
	                      "\tcommand) _describe command commands ;;\n"
	                      "\tflags)\n\t\tcase $line[1] in\n");
	for (size_t i = 0; i < all->count; i++) {
		const char *command = all->commands[i]->program->command;

		reed_buf_printf(out, "\t\t%s) ", command);
		reed_complete_function(out, all->program, command);
		reed_buf_add_str(out, " ;;\n");
	}
	reed_buf_add_str(out, "\t\tesac ;;\n\tesac\n");
}

/* Found in $fpath it is the function itself; sourced it has to be told what it is for. */
void reed_complete_zsh(const struct completed *all, struct reed_buf *out)
{
	struct reed_buf name = { 0 };
	struct reed_slice s;

	reed_complete_function(&name, all->program, NULL);
	s = reed_buf_slice(&name);
	reed_buf_printf(out, "#compdef %s\n\n", all->program);
	for (size_t i = 0; i < all->count; i++)
		function(all, all->commands[i],
		         all->single ? "flags" : all->commands[i]->program->command, out);
	reed_buf_printf(out, REED_FMT "()\n{\n", REED_ARG(s));
	if (all->single)
		reed_buf_printf(out, "\t" REED_FMT "_flags\n", REED_ARG(s));
	else
		commands(all, out);
	reed_buf_printf(out,
	                "}\n\nif [[ $funcstack[1] == " REED_FMT " ]]; then\n\t" REED_FMT " \"$@\"\n"
	                "else\n\tcompdef " REED_FMT " %s\nfi\n",
	                REED_ARG(s), REED_ARG(s), REED_ARG(s), all->program);
	reed_buf_finish(&name);
}
