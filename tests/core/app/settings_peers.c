/*
 * Settings: what is written for other programs is read by them: bash, zsh and
 * fish complete, mandoc finds nothing to mend.
 */

#include "settings_chat.h"

#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/reed-settings-XXXXXX";

static void put(const char *name, struct reed_buf *text)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "w");
	check(f != NULL);
	check_int(fwrite(text->p + text->begin, 1, reed_buf_held(text), f), reed_buf_held(text));
	fclose(f);
	reed_buf_finish(text);
}

/* ---- a program with a flag in front of its commands, and one of them with verbs ---- */

struct own {
	struct reed_texts module;
	bool quiet;
};

static const struct reed_setting own_table[] = {
	REED_SETTING_LIST(PATH, struct own, module, .letter = 'm', .from = REED_FROM_FLAG,
	                  .help = "What to load first."),
	REED_SETTING(BOOL, struct own, quiet, .from = REED_FROM_FLAG, .help = "Say nothing."),
};

static const struct reed_schema own_schema =
	REED_SCHEMA(struct own, own_table, .about = "The program itself.");
static const struct reed_settings_part own_parts[] = { { NULL, &own_schema } };
static const struct reed_settings_program own_program =
	REED_SETTINGS_PROGRAM(.program = "reed", .about = "A program.", .parts = own_parts,
                              .part_count = 1);

static const struct reed_settings_verb verbs[] = {
	{ "stats", NULL, "Metrics: what's not \"zero\". $HOME is not one. .dots neither." },
	{ "stop", "[NOW]", "Stop." },
	{ NULL, NULL, NULL },
};
static const struct reed_settings_part tool_parts[] = { { NULL, &reed_tool_schema } };
static const struct reed_settings_program ctl_program =
	REED_SETTINGS_PROGRAM(.program = "reed", .command = "ctl", .about = "Tells it something.",
                              .parts = tool_parts, .part_count = 1, .verbs = verbs,
                              .more = "One paragraph. With two sentences.\nAnother.");

static void put_all(void)
{
	static const char *const names[] = { "bash", "zsh", "fish" };
	struct reed_settings_program other = chat_program;
	struct reed_settings *own = reed_settings_new(&own_program), *chat = chat_new();
	struct reed_settings *dns, *ctl = reed_settings_new(&ctl_program);
	struct reed_buf text = { 0 };

	other.command = "dns";
	other.about = "A name server: the operator's.";
	other.arguments = "[FILE]...";
	dns = reed_settings_new(&other);
	for (int i = 0; i < 3; i++) {
		const struct reed_settings *commands[] = { own, chat, dns, ctl };

		reed_settings_complete((enum reed_shell)i, commands, REED_COUNT(commands), &text);
		put(names[i], &text);
	}
	reed_settings_man(chat, "March 1, 2024", &text);
	put("chat.1", &text);
	reed_settings_man_file(chat, "March 1, 2024", &text);
	put("settings.5", &text);
	reed_settings_man(ctl, "March 1, 2024", &text);
	put("ctl.1", &text);
	reed_settings_free(own);
	reed_settings_free(chat);
	reed_settings_free(dns);
	reed_settings_free(ctl);
}

/* What a command writes, with errors; it has to be there and to end well.  Caller frees. */
static char *run(const char *command)
{
	char line[1024], part[256];
	struct reed_buf out = { 0 };
	FILE *f;
	int status;

	snprintf(line, sizeof(line), "cd %s && %s 2>&1", folder, command);
	f = popen(line, "r");
	check(f != NULL);
	while (fgets(part, sizeof(part), f))
		reed_buf_add_str(&out, part);
	status = pclose(f);
	if (status != 0)
		fprintf(stderr, "%s: status %d: " REED_FMT "\n", command, status,
		        REED_ARG(reed_buf_slice(&out)));
	check_int(status, 0);
	return reed_buf_take(&out);
}

#define check_run(command, wanted)          \
	do {                                \
		char *got__ = run(command); \
		check_str(got__, wanted);   \
		reed_free(got__);           \
	} while (0)

#define BASH(words)                                                                          \
	"bash --norc -c 'source ./bash; t() { COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); " \
	"_reed 2>/dev/null; echo \"${COMPREPLY[*]}\"; }; t " words "'"

static void bash_completes_commands_flags_words_and_files(void)
{
	check_run(BASH("reed \"\""), "chat dns ctl\n");
	check_run(BASH("reed d"), "dns\n");
	check_run(BASH("reed -m x \"\""), "chat dns ctl\n");
	check_run(BASH("reed --module = x d"), "dns\n");
	check_run(BASH("reed --quiet -m x chat --lo"), "--log\n");
	check_run(BASH("reed --mo"), "--module\n");
	check_run(BASH("reed -m cha"), "chat.1\n");
	check_run(BASH("reed ctl \"\""), "stats stop\n");
	check_run(BASH("reed -m x ctl st"), "stats stop\n");
	check_run(BASH("reed ctl stop \"\""), "\n");
	check_run(BASH("reed ctl --he"), "--help\n");
	check_run(BASH("reed chat --lo"), "--log\n");
	check_run(BASH("reed chat --no"), "--no-public --no-web\n");
	check_run(BASH("reed chat --log ="), "debug info warning error\n");
	check_run(BASH("reed chat --log = w"), "warning\n");
	check_run(BASH("reed chat --log w"), "warning\n");
	check_run(BASH("reed chat -c cha"), "chat.1\n");
	check_run(BASH("reed chat cha"), "\n");
	check_run(BASH("reed dns cha"), "chat.1\n");
}

#define FISH(line) "HOME=$PWD fish --no-config -c 'source ./fish; complete -C \"" line "\"'"

static void fish_completes_commands_flags_words_and_files(void)
{
	check_run(FISH("reed ch"), "chat\tA chat server for IRC and the web.\n");
	check_run(FISH("reed -m x ch"), "chat\tA chat server for IRC and the web.\n");
	check_run(FISH("reed --mod"), "--module\tWhat to load first.\n");
	check_run(FISH("reed chat --lo"), "--log\tHow much is told.\n");
	check_run(FISH("reed -m x --quiet chat --lo"), "--log\tHow much is told.\n");
	check_run(FISH("reed chat --log=w"), "--log=warning\tHow much is told.\n");
	check_run(FISH("reed chat -c cha"), "chat.1\n");
	check_run(FISH("reed chat cha"), "");
	check_run(FISH("reed dns cha"), "chat.1\n");
	check_run(FISH("reed ctl sto"), "stop\tStop.\n");
	check_run(FISH("reed ctl stop s"), "");
	check_run(FISH("reed chat sto"), "");
}

/* zsh completes on a terminal only; here it reads the functions and lists what it was told. */
static void zsh_takes_its_functions(void)
{
	check_run("zsh -f -c 'autoload -U compinit; compinit -D -u; source ./zsh; "
	          "echo $_comps[reed] $+functions[_reed_chat] $+functions[_reed_dns]'",
	          "_reed 1 1\n");
	check_run("zsh -f -c '_arguments() { print -rl -- $@ | grep -c verb:; }; "
	          "compdef() { }; source ./zsh; _reed_ctl'",
	          "1\n");
	check_run("zsh -f -c '_arguments() { print -rl -- $@ | grep -c -e --log=; }; "
	          "compdef() { }; source ./zsh; _reed_chat'",
	          "1\n");
}

static void mandoc_finds_nothing_to_mend(void)
{
	check_run("mandoc -T lint -W warning chat.1 ctl.1 settings.5", "");
}

int main(void)
{
	char command[64];

	check(mkdtemp(folder) != NULL);
	put_all();
	RUN(bash_completes_commands_flags_words_and_files);
	RUN(fish_completes_commands_flags_words_and_files);
	RUN(zsh_takes_its_functions);
	RUN(mandoc_finds_nothing_to_mend);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	check_int(system(command), 0);
	return 0;
}
