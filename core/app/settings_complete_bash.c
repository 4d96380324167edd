/* Completions for bash.  Each command has a function of the word, the one before it, its number. */

#include "settings_complete.h"

static void flag_pattern(const struct slot *slot, struct reed_buf *out)
{
	if (slot->setting.letter)
		reed_buf_printf(out, "-%c|", slot->setting.letter);
	reed_buf_printf(out, "--%s", slot->flag);
}

static void values(const struct reed_settings *self, struct reed_buf *out)
{
	const struct slot *slot;

	reed_buf_add_str(out, "\tcase $2 in\n");
	for (size_t i = 0; (slot = reed_complete_next(self, &i));) {
		enum value value = reed_complete_value(&slot->setting);

		if (value == VALUE_NONE)
			continue;
		reed_buf_add_char(out, '\t');
		flag_pattern(slot, out);
		reed_buf_add_str(out, ") ");
		if (value == VALUE_WORDS) {
			reed_buf_add_str(out, "mapfile -t COMPREPLY < <(compgen -W '");
			reed_complete_words(out, &slot->setting);
			reed_buf_add_str(out, "' -- \"$1\"); ");
		} else if (value == VALUE_FILE) {
			reed_buf_add_str(out, "compopt -o filenames; "
			                      "mapfile -t COMPREPLY < <(compgen -f -- \"$1\"); ");
		}
		reed_buf_add_str(out, "return ;;\n");
	}
	reed_buf_add_str(out, "\tesac\n");
}

static void flags(const struct reed_settings *self, struct reed_buf *out)
{
	const struct slot *slot;

	reed_buf_add_str(out, "\tif [[ $1 == -* ]]; then\n"
	                      "\t\tmapfile -t COMPREPLY < <(compgen -W '");
	for (size_t i = 0; (slot = reed_complete_next(self, &i));) {
		if (slot->setting.letter)
			reed_buf_printf(out, "-%c ", slot->setting.letter);
		reed_buf_printf(out, "--%s ", slot->flag);
		if (reed_complete_has_negative(slot))
			reed_buf_printf(out, "--no-%s ", slot->flag);
	}
	reed_buf_add_str(out, "' -- \"$1\")\n");
	if (self->program->verbs) {
		reed_buf_add_str(out, "\telif (($3 == 1)); then\n"
		                      "\t\tmapfile -t COMPREPLY < <(compgen -W '");
		reed_complete_verbs(out, self);
		reed_buf_add_str(out, "' -- \"$1\")\n");
	}
	if (self->program->arguments)
		reed_buf_add_str(out, "\telse\n\t\tcompopt -o filenames\n"
		                      "\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$1\")\n");
	reed_buf_add_str(out, "\tfi\n");
}

/* Bash cuts --flag=value into three words. */
static const char main_words[] =
	"\tlocal cur=${COMP_WORDS[COMP_CWORD]} flag=${COMP_WORDS[COMP_CWORD-1]}\n"
	"\tCOMPREPLY=()\n"
	"\tif [[ $cur == = ]]; then\n"
	"\t\tcur=\n"
	"\telif [[ $flag == = ]]; then\n"
	"\t\tflag=${COMP_WORDS[COMP_CWORD-2]}\n"
	"\tfi\n";

/* at: the number of the command. */
static void skip_own_flags(const struct completed *all, struct reed_buf *out)
{
	const struct slot *slot;
	bool any = false;

	reed_buf_add_str(out, "\tlocal -i at=1\n");
	if (!all->own)
		return;
	reed_buf_add_str(out, "\twhile ((at < COMP_CWORD)) && [[ ${COMP_WORDS[at]} == -* ]]; do\n"
	                      "\t\tcase ${COMP_WORDS[at]} in\n\t\t");
	for (size_t i = 0; (slot = reed_complete_next(all->own, &i));) {
		if (reed_complete_value(&slot->setting) == VALUE_NONE)
			continue;
		reed_buf_add_str(out, any ? "|" : "");
		flag_pattern(slot, out);
		any = true;
	}
	reed_buf_printf(out,
	                "%s[[ ${COMP_WORDS[at+1]} == = ]] && at+=1; at+=1 ;;\n"
	                "\t\tesac\n\t\tat+=1\n\tdone\n"
	                "\tif ((COMP_CWORD < at)) || [[ $cur == -* && $COMP_CWORD == \"$at\" ]]; "
	                "then\n\t\t",
	                any ? ") " : "'') ");
	reed_complete_function(out, all->program, "");
	reed_buf_add_str(out, " \"$cur\" \"$flag\" 0\n\t\treturn\n\tfi\n");
}

static void commands(const struct completed *all, struct reed_buf *out)
{
	skip_own_flags(all, out);
	reed_buf_add_str(out, "\tif ((COMP_CWORD == at)); then\n"
	                      "\t\tmapfile -t COMPREPLY < <(compgen -W '");
	for (size_t i = 0; i < all->count; i++)
		reed_buf_printf(out, "%s%s", i ? " " : "", all->commands[i]->program->command);
	reed_buf_add_str(out, "' -- \"$cur\")\n\t\treturn\n\tfi\n\tcase ${COMP_WORDS[at]} in\n");
	for (size_t i = 0; i < all->count; i++) {
		const char *command = all->commands[i]->program->command;

		reed_buf_printf(out, "\t%s) ", command);
		reed_complete_function(out, all->program, command);
		reed_buf_add_str(out, " \"$cur\" \"$flag\" $((COMP_CWORD - at)) ;;\n");
	}
	reed_buf_add_str(out, "\tesac\n");
}

static void function(const struct completed *all, const struct reed_settings *self,
                     const char *name, struct reed_buf *out)
{
	reed_complete_function(out, all->program, name);
	reed_buf_add_str(out, "()\n{\n");
	values(self, out);
	flags(self, out);
	reed_buf_add_str(out, "}\n\n");
}

void reed_complete_bash(const struct completed *all, struct reed_buf *out)
{
	if (all->own)
		function(all, all->own, "", out);
	for (size_t i = 0; i < all->count; i++)
		function(all, all->commands[i],
		         all->single ? "flags" : all->commands[i]->program->command, out);
	reed_complete_function(out, all->program, NULL);
	reed_buf_printf(out, "()\n{\n%s", main_words);
	if (all->single) {
		reed_buf_add_char(out, '\t');
		reed_complete_function(out, all->program, "flags");
		reed_buf_add_str(out, " \"$cur\" \"$flag\" \"$COMP_CWORD\"\n");
	} else {
		commands(all, out);
	}
	reed_buf_add_str(out, "}\ncomplete -F ");
	reed_complete_function(out, all->program, NULL);
	reed_buf_printf(out, " %s\n", all->program);
}
