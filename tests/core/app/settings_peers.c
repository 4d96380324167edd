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

static void put_all(void)
{
	static const char *const names[] = { "bash", "zsh", "fish" };
	struct reed_settings_program other = chat_program;
	struct reed_settings *chat = chat_new(), *dns;
	const struct reed_settings *commands[2] = { chat };
	struct reed_buf text = { 0 };

	other.command = "dns";
	other.about = "A name server: the operator's.";
	other.arguments = "[FILE]...";
	commands[1] = dns = reed_settings_new(&other);
	for (int i = 0; i < 3; i++) {
		reed_settings_complete((enum reed_shell)i, commands, 2, &text);
		put(names[i], &text);
	}
	reed_settings_man(chat, "March 1, 2024", &text);
	put("chat.1", &text);
	reed_settings_free(chat);
	reed_settings_free(dns);
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
	check_run(BASH("reed \"\""), "chat dns\n");
	check_run(BASH("reed chat --lo"), "--log\n");
	check_run(BASH("reed chat --no"), "--no-public --no-web\n");
	check_run(BASH("reed chat --log ="), "debug info warning error\n");
	check_run(BASH("reed chat --log = w"), "warning\n");
	check_run(BASH("reed chat --log w"), "warning\n");
	check_run(BASH("reed chat -c cha"), "chat.1\n");
	check_run(BASH("reed chat cha"), "\n");
	check_run(BASH("reed dns cha"), "chat.1\n");
}

static void fish_completes_commands_flags_words_and_files(void)
{
	check_run("HOME=$PWD fish --no-config -c 'source ./fish; complete -C \"reed c\"'",
	          "chat\tA chat server for IRC and the web.\n");
	check_run("HOME=$PWD fish --no-config -c 'source ./fish; complete -C \"reed chat --lo\"'",
	          "--log\tHow much is told.\n");
	check_run(
		"HOME=$PWD fish --no-config -c 'source ./fish; complete -C \"reed chat --log=w\"'",
		"--log=warning\tHow much is told.\n");
	check_run("HOME=$PWD fish --no-config -c 'source ./fish; complete -C \"reed chat -c cha\"'",
	          "chat.1\n");
	check_run("HOME=$PWD fish --no-config -c 'source ./fish; complete -C \"reed chat cha\"'",
	          "");
}

/* zsh completes on a terminal only; here it reads the functions and lists what it was told. */
static void zsh_takes_its_functions(void)
{
	check_run("zsh -f -c 'autoload -U compinit; compinit -D -u; source ./zsh; "
	          "echo $_comps[reed] $+functions[_reed_chat] $+functions[_reed_dns]'",
	          "_reed 1 1\n");
	check_run("zsh -f -c '_arguments() { print -rl -- $@ | grep -c -e --log=; }; "
	          "compdef() { }; source ./zsh; _reed_chat'",
	          "1\n");
}

static void mandoc_finds_nothing_to_mend(void)
{
	check_run("mandoc -T lint chat.1", "");
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
