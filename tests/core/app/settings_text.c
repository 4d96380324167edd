/* Settings: the texts that are made of a schema. */

#include "settings_chat.h"

typedef void write_fn(const struct reed_settings *settings, struct reed_buf *out);

/* The caller frees it. */
static char *text_of(write_fn *write)
{
	struct reed_settings *settings = chat_new();
	struct reed_buf out = { 0 };

	write(settings, &out);
	reed_settings_free(settings);
	return reed_buf_take(&out);
}

static void write_help(const struct reed_settings *settings, struct reed_buf *out)
{
	reed_settings_help(settings, false, out);
}

static void write_help_all(const struct reed_settings *settings, struct reed_buf *out)
{
	reed_settings_help(settings, true, out);
}

static void write_man(const struct reed_settings *settings, struct reed_buf *out)
{
	reed_settings_man(settings, "March 1, 2027", out);
}

static void write_man_file(const struct reed_settings *settings, struct reed_buf *out)
{
	reed_settings_man_file(settings, "March 1, 2027", out);
}

static void expect_widths(const char *text, size_t most)
{
	while (*text) {
		size_t n = strcspn(text, "\n");

		check(n <= most);
		text += n + (text[n] == '\n');
	}
}

static void help_is_in_groups_and_eighty_columns(void)
{
	char *help = text_of(write_help);

	check_str(
		help,
		"Usage: reed chat [FLAG]...\n"
		"\n"
		"A chat server for IRC and the web.\n"
		"\n"
		"  -c, --config FILE           The settings file.\n"
		"      --check                 Only say what is wrong with the settings, and end.\n"
		"  -h, --help                  Show the flags that are used most, and end.\n"
		"      --help-all              Show all flags, and end.\n"
		"      --version               Show the version, and end.\n"
		"      --print-settings        Show the settings in force and where they come\n"
		"                              from, and end.\n"
		"      --print-example         Show a settings file that explains every setting,\n"
		"                              and end.\n"
		"\n"
		"  -n, --name HOST             What the server calls itself. [default localhost,\n"
		"                              at most 63 bytes]\n"
		"      --motd PATH             A file with the message of the day, which is shown\n"
		"                              to every client that comes.\n"
		"      --salt SECRET           What cloaks are made with.\n"
		"  -p, --[no-]public           Everybody may register.\n"
		"      --log debug|info|warning|error\n"
		"                              How much is told. [default info]\n"
		"      --irc ENDPOINT          Where IRC clients are awaited. [default tcp:6667,\n"
		"                              many times]\n"
		"      --ports NUMBER          Ports of something. [from 1 to 65535, many times]\n"
		"      --links NAME=TEXT       Where names lead to. [many times]\n"
		"      --operators RECORD      Who may command the server. [many times]\n"
		"\n"
		"How much one client may use.\n"
		"      --limits-sendq SIZE     How much may wait for a client to read it.\n"
		"                              [default 1M, from 4K to 1G]\n"
		"      --limits-idle TIME      When a silent client is asked whether it is there.\n"
		"                              [default 5m, at least 1s]\n"
		"      --limits-clients NUMBER\n"
		"                              How many may come. [default 1000]\n"
		"      --limits-nice NUMBER    How it is scheduled. [from -20 to 19]\n"
		"\n"
		"How it proves who it is.\n"
		"      --cert PATH             The certificates.\n"
		"\n"
		"Every flag is a setting too: --cert is tls.cert in the settings file and\n"
		"REED_CHAT_TLS_CERT in the environment. Flags go before the environment, that\n"
		"before the file. There are more flags: see --help-all.\n");
	expect_widths(help, 80);
	reed_free(help);
}

static void rare_flags_are_in_help_all_and_hidden_ones_nowhere(void)
{
	char *some = text_of(write_help), *all = text_of(write_help_all);

	check(!strstr(some, "--[no-]web"));
	check(strstr(all, "      --[no-]web              Serve the web client. [on by default]\n"));
	check(!strstr(some, "balance") && !strstr(all, "balance"));
	check(!strstr(all, "see --help-all"));
	expect_widths(all, 80);
	reed_free(some);
	reed_free(all);
}

static void an_example_explains_every_setting(void)
{
	char *example = text_of(reed_settings_example);

	check_str(
		example,
		"# Settings of reed chat: A chat server for IRC and the web.\n"
		"# What is commented out shows the default or what to write. Live settings are\n"
		"# taken over at a reload.\n"
		"\n"
		"# What the server calls itself. (a text of at most 63 bytes)\n"
		"#name: localhost\n"
		"\n"
		"# A file with the message of the day, which is shown to every client that comes.\n"
		"# (a path; live)\n"
		"#motd: PATH\n"
		"\n"
		"# What cloaks are made with. (a text, {file: PATH} or {env: NAME})\n"
		"#salt: SECRET\n"
		"\n"
		"# Everybody may register. (true or false; live)\n"
		"#public: false\n"
		"\n"
		"# Serve the web client. (true or false)\n"
		"#web: true\n"
		"\n"
		"# How much is told. (one of debug, info, warning or error)\n"
		"#log: info\n"
		"\n"
		"# How much one client may use.\n"
		"limits:\n"
		"  # How much may wait for a client to read it. (a size from 4K to 1G; live)\n"
		"  #sendq: 1M\n"
		"\n"
		"  # When a silent client is asked whether it is there. (a time of at least 1s)\n"
		"  #idle: 5m\n"
		"\n"
		"  # How many may come. (a number)\n"
		"  #clients: 1000\n"
		"\n"
		"  # How it is scheduled. (a number from -20 to 19)\n"
		"  #nice: 0\n"
		"\n"
		"# Where IRC clients are awaited. (a list, each item an endpoint)\n"
		"#irc: [tcp:6667]\n"
		"\n"
		"# Ports of something. (a list, each item a number from 1 to 65535)\n"
		"#ports: [NUMBER]\n"
		"\n"
		"# Where names lead to. (names, for each a text)\n"
		"#links: {NAME: TEXT}\n"
		"\n"
		"# Who may command the server. (a list, each item a group of settings; live)\n"
		"#operators:\n"
		"#  - name: TEXT  # Who it is.\n"
		"#    password: SECRET  # What only they know.\n"
		"#    level: 1  # How much they may do.\n"
		"#    hosts: [TEXT]  # Where they come from.\n"
		"\n"
		"# How it proves who it is.\n"
		"tls:\n"
		"  # The certificates. (a path)\n"
		"  #cert: PATH\n"
		"\n"
		"  # Their key. (a path)\n"
		"  #key: PATH\n"
		"\n");
	reed_free(example);
}

static void an_example_changes_nothing(void)
{
	char *example = text_of(reed_settings_example);
	struct reed_settings *before = chat_new(), *after = chat_parse(example);
	struct reed_pool pool = { 0 };
	const struct reed_settings_change *changes;

	check(reed_settings_problem(after, 0) == NULL);
	check_int(reed_settings_diff(before, after, &pool, &changes), REED_OK);
	check(changes == NULL);
	reed_pool_finish(&pool);
	reed_settings_free(before);
	reed_settings_free(after);
	reed_free(example);
}

/* As an operator would: the '#' goes, where no space or the items of a list follow. */
static void remove_hashes(char *text)
{
	char *to = text;

	for (bool start = true; *text; text++) {
		bool commented = start && *text == '#' && (text[1] != ' ' || text[2] == ' ');

		start = *text == '\n' || (start && *text == ' ');
		if (!commented)
			*to++ = *text;
	}
	*to = '\0';
}

static void what_an_example_has_commented_out_is_good_when_the_hash_is_taken_away(void)
{
	char *example = text_of(reed_settings_example), *problems;
	struct reed_settings *settings;

	remove_hashes(example);
	settings = chat_parse(example);
	check_str(chat_of(settings)->name, "localhost");
	check_str(chat_of(settings)->cert, "PATH");
	problems = problems_of(settings);
	/* there is no number that could stand for any number */
	check_str(problems, "chat.yaml:42:9: ports[0]: \"NUMBER\" is not a whole number\n");
	reed_free(problems);
	reed_free(example);
}

static void what_is_in_force_is_printed_with_its_origin(void)
{
	static char *environment[] = { "REED_CHAT_LOG=debug", NULL };
	struct reed_settings *settings = chat_new();
	struct reed_buf out = { 0 };

	reed_settings_environment(settings, environment);
	reed_settings_parse(settings, "chat.yaml",
	                    REED_STR("limits.sendq: 8192\n"
	                             "irc: []\n"
	                             "links: {a: b c, \"d e\": 'f: g'}\n"
	                             "operators:\n"
	                             "- name: ann\n"
	                             "  password: hunter2\n"
	                             "  hosts: [x]\n"
	                             "- {name: 'no', password: {file: /pw}}\n"
	                             "tls.key: ' k'\n"));
	reed_settings_print(settings, &out);
	check_slice(reed_buf_slice(&out), "name: localhost  # default\n"
	                                  "#motd:  # not given\n"
	                                  "#salt:  # not given\n"
	                                  "public: false  # default\n"
	                                  "web: true  # default\n"
	                                  "log: debug  # REED_CHAT_LOG\n"
	                                  "limits:\n"
	                                  "  sendq: 8K  # chat.yaml:1:15\n"
	                                  "  idle: 5m  # default\n"
	                                  "  clients: 1000  # default\n"
	                                  "  nice: 0  # default\n"
	                                  "irc: []  # chat.yaml:2:6\n"
	                                  "#ports:  # not given\n"
	                                  "links:  # chat.yaml:3:8\n"
	                                  "  a: b c  # chat.yaml:3:12\n"
	                                  "  d e: \"f: g\"  # chat.yaml:3:24\n"
	                                  "operators:  # chat.yaml:5:1\n"
	                                  "  - name: ann  # chat.yaml:5:9\n"
	                                  "    password: \"********\"  # chat.yaml:6:13\n"
	                                  "    level: 1  # default\n"
	                                  "    hosts:  # chat.yaml:7:10\n"
	                                  "      - x  # chat.yaml:7:11\n"
	                                  "  - name: \"no\"  # chat.yaml:8:10\n"
	                                  "    password: {file: /pw}  # chat.yaml:8:26\n"
	                                  "    level: 1  # default\n"
	                                  "tls:\n"
	                                  "  #cert:  # not given\n"
	                                  "  key: \" k\"  # chat.yaml:9:10\n");
	reed_buf_finish(&out);
	reed_settings_free(settings);
}

static void a_manual_page_has_flags_settings_and_variables(void)
{
	char *man = text_of(write_man);

	check(strstr(man, ".Dd March 1, 2027\n.Dt REED-CHAT 1\n.Os Reed " REED_VERSION
	                  "\n.Sh NAME\n.Nm reed-chat\n"
	                  ".Nd A chat server for IRC and the web\n"
	                  ".Sh SYNOPSIS\n.Nm reed chat\n.Op Ar flag ...\n") == man);
	check(strstr(man, ".It Fl c , Fl \\-config Ns = Ns Ar \"FILE\"\nThe settings file.\n"));
	check(strstr(man,
	             ".It Fl p , Fl \\-public | Fl \\-no\\-public\nEverybody may register.\n"));
	check(strstr(man, ".It Fl \\-links Ns = Ns Ar \"NAME=TEXT\"\n"
	                  "Where names lead to.\nMay be given many times.\n"));
	check(strstr(man,
	             ".It Ev \"REED_CHAT_LIMITS_SENDQ\"\nThe same as\n.Fl \\-limits\\-sendq .\n"));
	check(strstr(man, ".It Ev \"REED_CHAT_TLS_KEY\"\nTheir key.\n"));
	check(strstr(man, ".Sh SEE ALSO\n.Xr reed 1 ,\n.Xr reed-chat 5\n"));
	check(!strstr(man, "balance"));
	reed_free(man);
}

static void another_one_has_the_settings_file(void)
{
	char *man = text_of(write_man_file);

	check(strstr(man, ".Dd March 1, 2027\n.Dt REED-CHAT 5\n.Os Reed " REED_VERSION
	                  "\n.Sh NAME\n.Nm reed-chat\n.Nd settings file of reed chat\n"
	                  ".Sh DESCRIPTION\n") == man);
	check(strstr(man, ".Ss \"limits\"\nHow much one client may use.\n.Bl -tag -width Ds\n"
	                  ".It Ic \"limits.sendq\"\nHow much may wait for a client to read it.\n"
	                  "A size from 4K to 1G; by default 1M.\n"
	                  "A new value is taken over at a reload.\n"));
	check(strstr(man, ".It Ic \"level\"\nHow much they may do.\n"
	                  "A number from 1 to 9; by default 1.\n"));
	check(strstr(man, ".Sh SEE ALSO\n.Xr reed-chat 1\n"));
	check(!strstr(man, "\n.It Fl"));
	check(!strstr(man, "balance"));
	reed_free(man);
}

static void a_manual_page_quotes_what_roff_would_take_for_its_own(void)
{
	static const struct reed_setting table[] = {
		REED_SETTING(STRING, struct chat_settings, name, .preset = "-\\",
		             .help = ".Sh is no heading, \"\\fB\" not bold."),
	};
	static const struct reed_schema schema =
		REED_SCHEMA(struct chat_settings, table, .about = "Odd.");
	static const struct reed_settings_part parts[] = { { NULL, &schema } };
	static const struct reed_settings_program program =
		REED_SETTINGS_PROGRAM(.program = "odd", .about = "'Odd.", .arguments = "A \"B\"",
	                              .parts = parts, .part_count = 1);
	struct reed_settings *settings = reed_settings_new(&program);
	struct reed_buf out = { 0 };
	char *man;

	reed_settings_man(settings, "May 1, 2027", &out);
	reed_settings_man_file(settings, "May 1, 2027", &out);
	man = reed_buf_take(&out);
	check(strstr(man, "\n.Nd \\&'Odd\n"));
	check(strstr(man, "\n.Ar \"A \\(dqB\\(dq\"\n"));
	check(strstr(man, "\n\\&.Sh is no heading, \"\\efB\" not bold.\n"));
	check(strstr(man, "\nA text; by default \"\\-\\e\\e\".\n"));
	reed_free(man);
	reed_settings_free(settings);
}

static char *completions(enum reed_shell shell)
{
	struct reed_settings *settings = chat_new();
	const struct reed_settings *commands[] = { settings, settings };
	struct reed_buf out = { 0 };

	reed_settings_complete(shell, commands, 1, &out);
	reed_settings_free(settings);
	return reed_buf_take(&out);
}

static void completions_know_flags_words_and_files(void)
{
	char *bash = completions(REED_SHELL_BASH), *zsh = completions(REED_SHELL_ZSH);
	char *fish = completions(REED_SHELL_FISH);

	check(strstr(bash, "\t--log) mapfile -t COMPREPLY < <(compgen -W "
	                   "'debug info warning error' -- \"$1\"); return ;;\n"));
	check(strstr(bash, " -p --public --no-public --web --no-web --log "));
	check(strstr(bash, "\tchat) _reed_chat \"$cur\" \"$flag\" $((COMP_CWORD - at)) ;;\n"));
	check(strstr(bash, "complete -F _reed reed\n"));
	check(strstr(zsh, "#compdef reed\n") == zsh);
	check(strstr(zsh,
	             "\t\t'(-c --config)'{-c+,--config=}'[The settings file.]:VALUE:_files' \\\n"));
	check(strstr(zsh, "\t\t'--log=[How much is told.]:WORD:(debug info warning error)' \\\n"));
	check(strstr(zsh, "\t\t'*--irc=[Where IRC clients are awaited.]:VALUE: ' \\\n"));
	check(strstr(fish, "complete -c reed -n 'contains -- chat (__reed_command)' -s c -l config "
	                   "-r -F -d 'The settings file.'\n"));
	check(strstr(fish, " -l log -x -a 'debug info warning error' -d 'How much is told.'\n"));
	check(!strstr(bash, "balance") && !strstr(zsh, "balance") && !strstr(fish, "balance"));
	reed_free(bash);
	reed_free(zsh);
	reed_free(fish);
}

int main(void)
{
	RUN(help_is_in_groups_and_eighty_columns);
	RUN(rare_flags_are_in_help_all_and_hidden_ones_nowhere);
	RUN(an_example_explains_every_setting);
	RUN(an_example_changes_nothing);
	RUN(what_an_example_has_commented_out_is_good_when_the_hash_is_taken_away);
	RUN(what_is_in_force_is_printed_with_its_origin);
	RUN(a_manual_page_has_flags_settings_and_variables);
	RUN(another_one_has_the_settings_file);
	RUN(a_manual_page_quotes_what_roff_would_take_for_its_own);
	RUN(completions_know_flags_words_and_files);
	return 0;
}
