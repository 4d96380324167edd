/* Settings: the command line. */

#include "settings_chat.h"

enum { MOST = 16 };

/* The words of one line; the caller frees the settings. */
static struct reed_settings *flags(const struct reed_settings_program *program, const char *line)
{
	static char copy[512];
	char *argv[MOST + 1] = { "reed" };
	struct reed_settings *settings = reed_settings_new(program);
	int argc = 1;

	snprintf(copy, sizeof(copy), "%s", line);
	for (char *word = strtok(copy, " "); word && argc < MOST; word = strtok(NULL, " "))
		argv[argc++] = word;
	reed_settings_flags(settings, argc, argv);
	return settings;
}

static struct reed_settings *good(const char *line)
{
	struct reed_settings *settings = flags(&chat_program, line);

	if (reed_settings_problem(settings, 0))
		fprintf(stderr, "%s\n", reed_settings_problem(settings, 0));
	check(reed_settings_problem(settings, 0) == NULL);
	return settings;
}

#define check_line(line, wanted)                                           \
	do {                                                               \
		char *problems_ = problems_of(flags(&chat_program, line)); \
		check_str(problems_, wanted);                              \
		reed_free(problems_);                                      \
	} while (0)

static void values_follow_after_a_space_or_an_equals_sign(void)
{
	struct reed_settings *settings =
		good("--name a --limits-sendq=8K --log error --limits-nice -3 --motd=a=b");
	const struct chat_settings *s = chat_of(settings);

	check_str(s->name, "a");
	check_int(s->limits.sendq, 8192);
	check_int(s->log, CHAT_LOG_ERROR);
	check_int(s->limits.nice, -3);
	check_str(s->motd, "a=b");
	check_str(reed_settings_origin(settings, "limits.sendq"), "--limits-sendq");
	reed_settings_free(settings);
}

static void a_bool_needs_no_value_and_has_a_no(void)
{
	struct reed_settings *settings = good("--public --no-web");

	check(chat_of(settings)->public && !chat_of(settings)->web);
	reed_settings_free(settings);
	settings = good("--public=no --web=off --web");
	check(!chat_of(settings)->public && chat_of(settings)->web);
	reed_settings_free(settings);
}

static void letters_may_stand_together(void)
{
	struct reed_settings *settings = good("-pn example.org -nexample.net -hc x.yaml");
	const struct reed_general *general = reed_settings_of(settings, &reed_general_schema);

	check(chat_of(settings)->public);
	check_str(chat_of(settings)->name, "example.net");
	check(general->help);
	check_str(general->config, "x.yaml");
	reed_settings_free(settings);
}

static void a_list_takes_its_flag_many_times_in_place_of_the_default(void)
{
	struct reed_settings *settings =
		good("--irc tcp:1 --irc=unix:2,3 --links a=b --links c=d=e --links a=f --ports 7");
	const struct chat_settings *s = chat_of(settings);

	check_int(s->irc.n, 2);
	check_str(s->irc.items[1], "unix:2,3");
	check_int(s->links.n, 2);
	check_str(s->links.items[0].name, "a");
	check_str(s->links.items[0].value, "f");
	check_str(s->links.items[1].value, "d=e");
	check_int(s->ports.items[0], 7);
	reed_settings_free(settings);
}

static void a_list_has_a_no_that_empties_it(void)
{
	struct reed_settings *settings = good("--no-irc");

	check_int(chat_of(settings)->irc.n, 0);
	reed_settings_free(settings);
	settings = good("--irc tcp:1 --no-irc --irc tcp:2");
	check_int(chat_of(settings)->irc.n, 1);
	check_str(chat_of(settings)->irc.items[0], "tcp:2");
	reed_settings_free(settings);
}

static void a_record_is_yaml_in_braces(void)
{
	struct reed_settings *settings =
		good("--operators {name:\tann,\tlevel:\t3} --operators {name:\tjoe}");
	const struct chat_settings *s = chat_of(settings);

	check_int(s->operators.n, 2);
	check_str(s->operators.items[0].name, "ann");
	check_int(s->operators.items[0].level, 3);
	check_str(s->operators.items[1].name, "joe");
	check_str(reed_settings_origin(settings, "operators[1].name"), "--operators");
	reed_settings_free(settings);
}

static void a_flag_may_have_a_name_of_its_own_or_none(void)
{
	struct reed_settings *settings = good("--cert a.pem");

	check_str(chat_of(settings)->cert, "a.pem");
	reed_settings_free(settings);
	check_line("--tls-cert=a", "--tls-cert: no such flag; did you mean --cert?\n");
	check_line("--tls-key=a", "--tls-key: no such flag; see --help\n");
}

static void arguments_are_handed_back(void)
{
	struct reed_settings_program program = chat_program;
	struct reed_settings *settings;
	struct reed_texts arguments;

	program.arguments = "[FILE]...";
	settings = flags(&program, "one --public two - -- --web -x");
	check(reed_settings_problem(settings, 0) == NULL);
	arguments = reed_settings_arguments(settings);
	check_int(arguments.n, 5);
	check_str(arguments.items[0], "one");
	check_str(arguments.items[1], "two");
	check_str(arguments.items[2], "-");
	check_str(arguments.items[3], "--web");
	check_str(arguments.items[4], "-x");
	reed_settings_free(settings);
	check_line("one -- two", "\"one\": nothing is taken but flags; see --help\n"
	                         "\"two\": nothing is taken but flags; see --help\n");
}

static void unknown_flags_get_a_suggestion(void)
{
	check_line("--limits-sendqq=1M",
	           "--limits-sendqq: no such flag; did you mean --limits-sendq?\n");
	check_line("--quite-else", "--quite-else: no such flag; see --help\n");
	check_line("--limits-balanc=1", "--limits-balanc: no such flag; see --help\n");
	check_line("--limits.sendq=1M",
	           "--limits.sendq: no such flag; did you mean --limits-sendq?\n");
	check_line("-px", "-x: no such flag; see --help\n");
	check_line("-\x1b", "-\\x1b: no such flag; see --help\n");
	check_line("--no-name", "--no-name: no such flag; did you mean --name?\n");
	check_line("--no-web=1", "--no-web: takes no value\n");
	check_line("--", "");
	check_line("--=x", "--: no such flag; see --help\n");
}

static void wrong_values_name_the_flag(void)
{
	check_line("--limits-sendq=10MBs", "--limits-sendq: \"10MBs\" is not a size; "
	                                   "write 10M, 512K or a number of bytes\n");
	check_line("--name", "--name: needs a value; write --name=HOST\n");
	check_line("-n", "--name: needs a value; write --name=HOST\n");
	check_line("--log", "--log: needs a value; write --log=debug|info|warning|error\n");
	check_line("--public=maybe",
	           "--public: \"maybe\" is neither yes nor no; write true or false\n");
	check_line("--irc tcp:1 --irc 6667", "--irc: \"6667\" is not an endpoint; "
	                                     "write scheme:argument, as in tcp:6667\n");
	check_line("--links a", "--links: \"a\" has no name; write NAME=TEXT\n");
	check_line("--operators ann",
	           "--operators: is no group of settings; write name: and so on\n");
	check_line("--operators {nam:\tb}",
	           "--operators: operators[0].nam: no such setting; did you mean name?\n"
	           "--operators: operators[0].name: has to be given\n");
}

static void a_secret_is_not_taken_from_a_flag(void)
{
	static char *environment[] = { "PW=hunter2", NULL };
	struct reed_settings *settings = flags(&chat_program, "--salt env:PW");

	reed_settings_environment(settings, environment);
	check_int(reed_settings_finish(settings), REED_OK);
	check_str(chat_of(settings)->salt, "hunter2");
	reed_settings_free(settings);
	check_line("--salt=hunter2", "--salt: a secret in a flag can be seen by everybody here; "
	                             "write file:PATH, env:NAME or credential:NAME\n");
	check_line("--salt=file:", "--salt: is no secret; write a text, {file: PATH}, "
	                           "{env: NAME} or {credential: NAME}\n");
}

static struct reed_settings *gather(char *config, char **environment)
{
	char *argv[] = { "chat", "--name=flag", config, NULL };
	struct reed_settings *settings = chat_new();

	reed_settings_gather(settings, config ? 3 : 2, argv, environment);
	return settings;
}

static enum reed_err read_chat(struct reed_settings_reader *self, const char *path, size_t limit,
                               struct reed_buf *out)
{
	(void)self;
	(void)limit;
	reed_buf_printf(out, "name: file\nmotd: %s\n", path);
	return out->err;
}

static void everything_is_gathered_with_the_file_that_was_named(void)
{
	static char *environment[] = { "REED_CHAT_CONFIG=/etc/chat.yaml", "REED_CHAT_LOG=error",
		                       NULL };
	char *argv[] = { "chat", "--name=flag", "-c", "here.yaml", NULL };
	struct reed_settings_reader reader = { read_chat };
	struct reed_settings *settings = chat_new();

	reed_settings_read_with(settings, &reader);
	check_int(reed_settings_gather(settings, 4, argv, environment), REED_OK);
	check_str(chat_of(settings)->name, "flag");
	check_str(chat_of(settings)->motd, "here.yaml");
	check_int(chat_of(settings)->log, CHAT_LOG_ERROR);
	reed_settings_free(settings);

	settings = chat_new();
	reed_settings_read_with(settings, &reader);
	check_int(reed_settings_gather(settings, 2, argv, environment), REED_OK);
	check_str(chat_of(settings)->motd, "/etc/chat.yaml");
	reed_settings_free(settings);
}

static void help_is_there_however_wrong_the_rest_is(void)
{
	static char *environment[] = { "REED_CHAT_LOG=loud", NULL };
	struct reed_settings *settings = gather("-hx", environment);
	struct reed_buf text = { 0 };

	check(reed_settings_answer(settings, &text));
	check(reed_slice_starts(reed_buf_slice(&text), REED_STR("Usage: reed chat [FLAG]...\n")));
	reed_buf_finish(&text);
	reed_settings_free(settings);

	settings = gather("--version", NULL);
	check(reed_settings_answer(settings, &text));
	check_slice(reed_buf_slice(&text), "reed " REED_VERSION "\n");
	reed_buf_finish(&text);
	reed_settings_free(settings);

	settings = gather("--print-settings", environment);
	check(!reed_settings_answer(settings, &text));
	check(reed_settings_problem(settings, 0) != NULL);
	reed_settings_free(settings);

	settings = gather("--print-settings", NULL);
	check(reed_settings_answer(settings, &text));
	check(reed_slice_starts(reed_buf_slice(&text), REED_STR("name: flag  # --name\n")));
	reed_buf_finish(&text);
	reed_settings_free(settings);

	settings = gather(NULL, NULL);
	check(!reed_settings_answer(settings, &text));
	reed_settings_free(settings);
}

int main(void)
{
	RUN(values_follow_after_a_space_or_an_equals_sign);
	RUN(a_bool_needs_no_value_and_has_a_no);
	RUN(letters_may_stand_together);
	RUN(a_list_takes_its_flag_many_times_in_place_of_the_default);
	RUN(a_list_has_a_no_that_empties_it);
	RUN(a_record_is_yaml_in_braces);
	RUN(a_flag_may_have_a_name_of_its_own_or_none);
	RUN(arguments_are_handed_back);
	RUN(unknown_flags_get_a_suggestion);
	RUN(wrong_values_name_the_flag);
	RUN(a_secret_is_not_taken_from_a_flag);
	RUN(everything_is_gathered_with_the_file_that_was_named);
	RUN(help_is_there_however_wrong_the_rest_is);
	return 0;
}
