/*
 * Completions: for each shell a script that needs the program no more.
 *
 * A program has one settings without a command, or one for each command; the
 * script of the second kind looks at the first word that is no flag of the
 * program itself.
 */

#include "settings_complete.h"

enum value reed_complete_value(const struct reed_setting *s)
{
	if (s->type == REED_SETTING_BOOL && s->shape == REED_SETTING_ONE)
		return VALUE_NONE;
	if (s->type == REED_SETTING_ENUM)
		return VALUE_WORDS;
	return s->type == REED_SETTING_PATH && s->shape != REED_SETTING_MAP ? VALUE_FILE
	                                                                    : VALUE_ANY;
}

bool reed_complete_has_negative(const struct slot *slot)
{
	return reed_complete_value(&slot->setting) == VALUE_NONE &&
	       slot->setting.from != REED_FROM_FLAG;
}

const struct slot *reed_complete_next(const struct reed_settings *self, size_t *i)
{
	while (*i < self->table.count) {
		const struct slot *slot = &self->table.slots[(*i)++];

		if (slot->flag && !slot->setting.hidden)
			return slot;
	}
	return NULL;
}

void reed_complete_words(struct reed_buf *out, const struct reed_setting *s)
{
	for (size_t i = 0; s->words[i]; i++)
		reed_buf_printf(out, "%s%s", i ? " " : "", s->words[i]);
}

void reed_complete_verbs(struct reed_buf *out, const struct reed_settings *self)
{
	const struct reed_settings_verb *first = self->program->verbs;

	for (const struct reed_settings_verb *v = first; v->name; v++)
		reed_buf_printf(out, "%s%s", v > first ? " " : "", v->name);
}

void reed_complete_quoted(struct reed_buf *out, const char *text, const char *special)
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

void reed_complete_function(struct reed_buf *out, const char *program, const char *command)
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

void reed_settings_complete(enum reed_shell shell, const struct reed_settings *const *commands,
                            size_t count, struct reed_buf *out)
{
	struct completed all = { .commands = commands, .count = count };

	if (count == 0)
		return;
	all.program = commands[0]->program->program;
	all.single = count == 1 && !commands[0]->program->command;
	if (!all.single && !commands[0]->program->command) {
		all.own = commands[0];
		all.commands++;
		all.count--;
	}
	if (shell == REED_SHELL_BASH)
		reed_complete_bash(&all, out);
	else if (shell == REED_SHELL_ZSH)
		reed_complete_zsh(&all, out);
	else
		reed_complete_fish(&all, out);
}
