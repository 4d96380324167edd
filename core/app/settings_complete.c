/*
 * Completions: for each shell a script that needs the program no more.
 *
 * A program has one settings without a command, or one for each command; the
 * script of the second kind looks at the first word.
 */

#include "settings_private.h"

/* What may follow a flag. */
enum value { VALUE_NONE, VALUE_ANY, VALUE_FILE, VALUE_WORDS };

static enum value value_of(const struct reed_setting *s)
{
	if (s->type == REED_SETTING_BOOL && s->shape == REED_SETTING_ONE)
		return VALUE_NONE;
	if (s->type == REED_SETTING_ENUM)
		return VALUE_WORDS;
	return s->type == REED_SETTING_PATH && s->shape != REED_SETTING_MAP ? VALUE_FILE
	                                                                    : VALUE_ANY;
}

static bool has_negative(const struct slot *slot)
{
	return value_of(&slot->setting) == VALUE_NONE && slot->setting.from != REED_FROM_FLAG;
}

/* The next slot with a flag; NULL when there are no more.  *i begins at 0. */
static const struct slot *next_flag(const struct reed_settings *self, size_t *i)
{
	while (*i < self->table.count) {
		const struct slot *slot = &self->table.slots[(*i)++];

		if (slot->flag && !slot->setting.hidden)
			return slot;
	}
	return NULL;
}

static void words(struct reed_buf *out, const struct reed_setting *s)
{
	for (size_t i = 0; s->words[i]; i++)
		reed_buf_printf(out, "%s%s", i ? " " : "", s->words[i]);
}

/* Inside single quotes; what is in special gets a backslash too. */
static void quoted(struct reed_buf *out, const char *text, const char *special)
{
	for (; *text; text++) {
		if (*text == '\'')
			reed_buf_add_str(out, "'\\''");
		else if (strchr(special, *text))
			reed_buf_printf(out, "\\%c", *text);
		else
			reed_buf_add_char(out, *text);
	}
}

/* "_reed_chat"; a shell's function takes letters, digits and "_". */
static void function_name(struct reed_buf *out, const char *program, const char *command)
{
	struct reed_buf name = { 0 };
	struct reed_slice s;

	reed_buf_printf(&name, "_%s%s%s", program, command ? "_" : "", command ? command : "");
	s = reed_buf_slice(&name);
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool good =
			(c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

		reed_buf_add_char(out, good ? c : '_');
	}
	reed_buf_finish(&name);
}

static void bash_values(const struct reed_settings *self, struct reed_buf *out)
{
	const struct slot *slot;

	reed_buf_add_str(out, "\tcase $2 in\n");
	for (size_t i = 0; (slot = next_flag(self, &i));) {
		enum value value = value_of(&slot->setting);

		if (value == VALUE_NONE)
			continue;
		reed_buf_add_char(out, '\t');
		if (slot->setting.letter)
			reed_buf_printf(out, "-%c|", slot->setting.letter);
		reed_buf_printf(out, "--%s) ", slot->flag);
		if (value == VALUE_WORDS) {
			reed_buf_add_str(out, "mapfile -t COMPREPLY < <(compgen -W '");
			words(out, &slot->setting);
			reed_buf_add_str(out, "' -- \"$1\"); ");
		} else if (value == VALUE_FILE) {
			reed_buf_add_str(out, "compopt -o filenames; "
			                      "mapfile -t COMPREPLY < <(compgen -f -- \"$1\"); ");
		}
		reed_buf_add_str(out, "return ;;\n");
	}
	reed_buf_add_str(out, "\tesac\n");
}

static void bash_flags(const struct reed_settings *self, struct reed_buf *out)
{
	const struct slot *slot;

	reed_buf_add_str(out, "\tif [[ $1 == -* ]]; then\n"
	                      "\t\tmapfile -t COMPREPLY < <(compgen -W '");
	for (size_t i = 0; (slot = next_flag(self, &i));) {
		if (slot->setting.letter)
			reed_buf_printf(out, "-%c ", slot->setting.letter);
		reed_buf_printf(out, "--%s ", slot->flag);
		if (has_negative(slot))
			reed_buf_printf(out, "--no-%s ", slot->flag);
	}
	reed_buf_add_str(out, "' -- \"$1\")\n");
	if (self->program->arguments)
		reed_buf_add_str(out, "\telse\n\t\tcompopt -o filenames\n"
		                      "\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$1\")\n");
	reed_buf_add_str(out, "\tfi\n");
}

/* Bash cuts --flag=value into three words. */
static const char bash_main[] =
	"\tlocal cur=${COMP_WORDS[COMP_CWORD]} flag=${COMP_WORDS[COMP_CWORD-1]}\n"
	"\tCOMPREPLY=()\n"
	"\tif [[ $cur == = ]]; then\n"
	"\t\tcur=\n"
	"\telif [[ $flag == = ]]; then\n"
	"\t\tflag=${COMP_WORDS[COMP_CWORD-2]}\n"
	"\tfi\n";

static void bash_commands(const struct reed_settings *const *commands, size_t count,
                          struct reed_buf *out)
{
	const char *program = commands[0]->program->program;

	reed_buf_add_str(out, "\tif ((COMP_CWORD == 1)); then\n"
	                      "\t\tmapfile -t COMPREPLY < <(compgen -W '");
	for (size_t i = 0; i < count; i++)
		reed_buf_printf(out, "%s%s", i ? " " : "", commands[i]->program->command);
	reed_buf_add_str(out, "' -- \"$cur\")\n\t\treturn\n\tfi\n\tcase ${COMP_WORDS[1]} in\n");
	for (size_t i = 0; i < count; i++) {
		reed_buf_printf(out, "\t%s) ", commands[i]->program->command);
		function_name(out, program, commands[i]->program->command);
		reed_buf_add_str(out, " \"$cur\" \"$flag\" ;;\n");
	}
	reed_buf_add_str(out, "\tesac\n");
}

static void bash(const struct reed_settings *const *commands, size_t count, struct reed_buf *out)
{
	const char *program = commands[0]->program->program;
	bool single = !commands[0]->program->command;

	for (size_t i = 0; i < count; i++) {
		function_name(out, program, single ? "flags" : commands[i]->program->command);
		reed_buf_add_str(out, "()\n{\n");
		bash_values(commands[i], out);
		bash_flags(commands[i], out);
		reed_buf_add_str(out, "}\n\n");
	}
	function_name(out, program, NULL);
	reed_buf_printf(out, "()\n{\n%s", bash_main);
	if (single) {
		reed_buf_add_char(out, '\t');
		function_name(out, program, "flags");
		reed_buf_add_str(out, " \"$cur\" \"$flag\"\n");
	} else {
		bash_commands(commands, count, out);
	}
	reed_buf_add_str(out, "}\ncomplete -F ");
	function_name(out, program, NULL);
	reed_buf_printf(out, " %s\n", program);
}

/* '(-c --config)'{-c+,--config=}'[The settings file.]:FILE:_files' */
static void zsh_flag(const struct slot *slot, struct reed_buf *out)
{
	enum value value = value_of(&slot->setting);
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
	quoted(out, slot->setting.help, "[]:\\");
	reed_buf_add_char(out, ']');
	if (value) {
		reed_buf_add_char(out, ':');
		reed_buf_add_str(out, value == VALUE_WORDS ? "WORD" : "VALUE");
		reed_buf_add_char(out, ':');
	}
	if (value == VALUE_WORDS) {
		reed_buf_add_char(out, '(');
		words(out, &slot->setting);
		reed_buf_add_char(out, ')');
	}
	reed_buf_add_str(out, value == VALUE_FILE ? "_files'" : value == VALUE_ANY ? " '" : "'");
	if (!has_negative(slot))
		return;
	reed_buf_printf(out, " \\\n\t\t'--no-%s[", slot->flag);
	quoted(out, slot->setting.help, "[]:\\");
	reed_buf_add_str(out, "]'");
}

static void zsh_function(const struct reed_settings *self, const char *command,
                         struct reed_buf *out)
{
	const struct slot *slot;

	function_name(out, self->program->program, command);
	reed_buf_add_str(out, "()\n{\n\t_arguments -s -S :");
	for (size_t i = 0; (slot = next_flag(self, &i));)
		zsh_flag(slot, out);
	if (self->program->arguments)
		reed_buf_add_str(out, " \\\n\t\t'*:file:_files'");
	reed_buf_add_str(out, "\n}\n\n");
}

static void zsh_commands(const struct reed_settings *const *commands, size_t count,
                         struct reed_buf *out)
{
	const char *program = commands[0]->program->program;

	reed_buf_add_str(out, "\tlocal -a commands=(\n");
	for (size_t i = 0; i < count; i++) {
		reed_buf_printf(out, "\t\t'%s:", commands[i]->program->command);
		quoted(out, commands[i]->program->about, "\\");
		reed_buf_add_str(out, "'\n");
	}
	reed_buf_add_str(out, "\t)\n\tlocal state line\n"
	                      "\t_arguments -C '1: :->command' '*:: :->flags'\n"
	                      "\tcase $state in\n"
	                      "\tcommand) _describe command commands ;;\n"
	                      "\tflags)\n\t\tcase $line[1] in\n");
	for (size_t i = 0; i < count; i++) {
		reed_buf_printf(out, "\t\t%s) ", commands[i]->program->command);
		function_name(out, program, commands[i]->program->command);
		reed_buf_add_str(out, " ;;\n");
	}
	reed_buf_add_str(out, "\t\tesac ;;\n\tesac\n");
}

/* Found in $fpath it is the function itself; sourced it has to be told what it is for. */
static void zsh(const struct reed_settings *const *commands, size_t count, struct reed_buf *out)
{
	const char *program = commands[0]->program->program;
	bool single = !commands[0]->program->command;
	struct reed_buf name = { 0 };
	struct reed_slice s;

	function_name(&name, program, NULL);
	s = reed_buf_slice(&name);
	reed_buf_printf(out, "#compdef %s\n\n", program);
	for (size_t i = 0; i < count; i++)
		zsh_function(commands[i], single ? "flags" : commands[i]->program->command, out);
	reed_buf_printf(out, REED_FMT "()\n{\n", REED_ARG(s));
	if (single)
		reed_buf_printf(out, "\t" REED_FMT "_flags\n", REED_ARG(s));
	else
		zsh_commands(commands, count, out);
	reed_buf_printf(out,
	                "}\n\nif [[ $funcstack[1] == " REED_FMT " ]]; then\n\t" REED_FMT " \"$@\"\n"
	                "else\n\tcompdef " REED_FMT " %s\nfi\n",
	                REED_ARG(s), REED_ARG(s), REED_ARG(s), program);
	reed_buf_finish(&name);
}

static void fish_begin(const struct reed_settings *self, struct reed_buf *out)
{
	reed_buf_printf(out, "complete -c %s", self->program->program);
	if (self->program->command)
		reed_buf_printf(out, " -n '__fish_seen_subcommand_from %s'",
		                self->program->command);
}

static void fish_flag(const struct reed_settings *self, const struct slot *slot,
                      struct reed_buf *out)
{
	static const char *const takes[] = { "", " -x", " -r -F", " -x -a '" };
	enum value value = value_of(&slot->setting);

	fish_begin(self, out);
	if (slot->setting.letter)
		reed_buf_printf(out, " -s %c", slot->setting.letter);
	reed_buf_printf(out, " -l %s%s", slot->flag, takes[value]);
	if (value == VALUE_WORDS) {
		words(out, &slot->setting);
		reed_buf_add_char(out, '\'');
	}
	reed_buf_add_str(out, " -d '");
	quoted(out, slot->setting.help, "\\");
	reed_buf_add_str(out, "'\n");
	if (!has_negative(slot))
		return;
	fish_begin(self, out);
	reed_buf_printf(out, " -l no-%s -d '", slot->flag);
	quoted(out, slot->setting.help, "\\");
	reed_buf_add_str(out, "'\n");
}

static void fish(const struct reed_settings *const *commands, size_t count, struct reed_buf *out)
{
	const char *program = commands[0]->program->program;

	reed_buf_printf(out, "complete -c %s -f\n", program);
	for (size_t i = 0; i < count && commands[0]->program->command; i++) {
		reed_buf_printf(out, "complete -c %s -n __fish_use_subcommand -a %s -d '", program,
		                commands[i]->program->command);
		quoted(out, commands[i]->program->about, "\\");
		reed_buf_add_str(out, "'\n");
	}
	for (size_t i = 0; i < count; i++) {
		const struct slot *slot;

		for (size_t j = 0; (slot = next_flag(commands[i], &j));)
			fish_flag(commands[i], slot, out);
		if (commands[i]->program->arguments) {
			fish_begin(commands[i], out);
			reed_buf_add_str(out, " -F\n");
		}
	}
}

void reed_settings_complete(enum reed_shell shell, const struct reed_settings *const *commands,
                            size_t count, struct reed_buf *out)
{
	if (count == 0)
		return;
	if (shell == REED_SHELL_BASH)
		bash(commands, count, out);
	else if (shell == REED_SHELL_ZSH)
		zsh(commands, count, out);
	else
		fish(commands, count, out);
}
