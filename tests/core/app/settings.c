/* Settings: what is read ends up where the module looks, from whatever source, and can be told. */

#include "settings_chat.h"

#include <sys/stat.h>
#include <unistd.h>

#define MS INT64_C(1000000)

static void nothing_read_is_the_defaults(void)
{
	struct reed_settings *settings = chat_new();
	const struct chat_settings *s = chat_of(settings);

	check_str(s->name, "localhost");
	check(s->motd == NULL);
	check(!s->public && s->web);
	check_int(s->log, CHAT_LOG_INFO);
	check_int(s->limits.sendq, 1 << 20);
	check_int(s->limits.idle, 300 * 1000 * MS);
	check_int(s->limits.clients, 1000);
	check_int(s->irc.n, 1);
	check_str(s->irc.items[0], "tcp:6667");
	check_int(s->operators.n, 0);
	check_str(reed_settings_origin(settings, "limits.sendq"), "default");
	check_int(reed_settings_finish(settings), REED_OK);
	reed_settings_free(settings);
}

static void a_file_fills_the_struct(void)
{
	struct reed_settings *settings =
		chat_parse("name: irc.example.org\n"
	                   "public: yes\n"
	                   "log: error\n"
	                   "limits:\n"
	                   "  sendq: 512K\n"
	                   "  idle: 1h30m\n"
	                   "  clients: 65535\n"
	                   "  nice: -20\n"
	                   "  balance: -9223372036854775807\n"
	                   "irc: [tcp:6667, 'tls:6697:cert=a b']\n"
	                   "ports:\n"
	                   "  - 1\n"
	                   "  - 65535\n"
	                   "links: {home: http://example.org, \"no\": no}\n");
	const struct chat_settings *s = chat_of(settings);

	check(reed_settings_problem(settings, 0) == NULL);
	check_str(s->name, "irc.example.org");
	check(s->public && s->web);
	check_int(s->log, CHAT_LOG_ERROR);
	check_int(s->limits.sendq, 512 << 10);
	check_int(s->limits.idle, 5400 * 1000 * MS);
	check_int(s->limits.clients, 65535);
	check_int(s->limits.nice, -20);
	check_int(s->limits.balance, -9223372036854775807);
	check_int(s->irc.n, 2);
	check_str(s->irc.items[1], "tls:6697:cert=a b");
	check_int(s->ports.n, 2);
	check_int(s->ports.items[1], 65535);
	check_int(s->links.n, 2);
	check_str(s->links.items[0].name, "home");
	check_str(s->links.items[0].value, "http://example.org");
	check_str(s->links.items[1].value, "no");
	reed_settings_free(settings);
}

static void records_have_settings_of_their_own(void)
{
	struct reed_settings *settings = chat_parse("operators:\n"
	                                            "  - name: ann\n"
	                                            "    password: hunter2\n"
	                                            "    hosts: [a.example, b.example]\n"
	                                            "  - {name: joe, level: 9}\n");
	const struct chat_settings *s = chat_of(settings);

	check(reed_settings_problem(settings, 0) == NULL);
	check_int(s->operators.n, 2);
	check_str(s->operators.items[0].name, "ann");
	check_str(s->operators.items[0].password, "hunter2");
	check_int(s->operators.items[0].level, 1);
	check_int(s->operators.items[0].hosts.n, 2);
	check_str(s->operators.items[0].hosts.items[1], "b.example");
	check_str(s->operators.items[1].name, "joe");
	check(s->operators.items[1].password == NULL);
	check_int(s->operators.items[1].level, 9);
	reed_settings_free(settings);
}

static void keys_may_be_nested_or_dotted_and_a_group_may_be_empty(void)
{
	struct reed_settings *settings =
		chat_parse("limits.sendq: 4K\nlimits:\n  idle: 2s\ntls:\n");
	const struct chat_settings *s = chat_of(settings);

	check(reed_settings_problem(settings, 0) == NULL);
	check_int(s->limits.sendq, 4096);
	check_int(s->limits.idle, 2000 * MS);
	reed_settings_free(settings);
}

static void a_text_where_a_list_is_wanted_is_a_list_of_one(void)
{
	struct reed_settings *settings = chat_parse("irc: unix:/run/irc\nports: []\n");
	const struct chat_settings *s = chat_of(settings);

	check(reed_settings_problem(settings, 0) == NULL);
	check_int(s->irc.n, 1);
	check_str(s->irc.items[0], "unix:/run/irc");
	check_int(s->ports.n, 0);
	check_str(reed_settings_origin(settings, "ports"), "chat.yaml:2:8");
	reed_settings_free(settings);
}

static void an_empty_file_says_nothing(void)
{
	check_file("", "");
	check_file("# nothing\n", "");
	check_file("---\n~\n...\n", "");
	check_file("\xef\xbb\xbfname: a\r\npublic: on\r\n", "");
}

static void expect_time(const char *text, int64_t ms)
{
	char file[64];
	struct reed_settings *settings;

	snprintf(file, sizeof(file), "limits.idle: %s", text);
	settings = chat_parse(file);
	check(reed_settings_problem(settings, 0) == NULL);
	check_int(chat_of(settings)->limits.idle, ms * MS);
	reed_settings_free(settings);
}

static void expect_size(const char *text, size_t bytes)
{
	char file[64];
	struct reed_settings *settings;

	snprintf(file, sizeof(file), "limits.sendq: %s", text);
	settings = chat_parse(file);
	check(reed_settings_problem(settings, 0) == NULL);
	check_int(chat_of(settings)->limits.sendq, bytes);
	reed_settings_free(settings);
}

static void times_and_sizes_have_units(void)
{
	expect_time("1000ms", 1000);
	expect_time("90s", 90000);
	expect_time("2m", 120000);
	expect_time("1h1m1s1ms", 3661001);
	expect_time("7d", INT64_C(604800000));
	expect_size("4096", 4096);
	expect_size("5k", 5120);
	expect_size("1G", 1 << 30);
	expect_size("'10M'", 10 << 20);
}

/* The one call of each kind of source, so that they can be made in any order. */
static void read_file(struct reed_settings *settings)
{
	check_int(reed_settings_parse(settings, "chat.yaml",
	                              REED_STR("name: file\nlog: error\nlimits: {sendq: 4K}\n"
	                                       "irc: [tcp:1, tcp:2]\nsalt: file\n")),
	          REED_OK);
}

static void read_environment(struct reed_settings *settings)
{
	static char *environment[] = { "PATH=/bin",
		                       "REED_CHAT_NAME=environment",
		                       "REED_CHAT_LOG=warning",
		                       "REED_CHAT_IRC=tcp:3, tcp:4,tcp:5",
		                       "REED_CHAT_SALT=environment",
		                       NULL };

	check_int(reed_settings_environment(settings, environment), REED_OK);
}

static void read_flags(struct reed_settings *settings)
{
	static char *argv[] = { "reed", "--name=flag", "--irc", "tcp:6", NULL };

	check_int(reed_settings_flags(settings, 4, argv), REED_OK);
}

static void expect_ranks(const struct reed_settings *settings)
{
	const struct chat_settings *s = chat_of(settings);

	check_str(s->name, "flag");
	check_int(s->log, CHAT_LOG_WARNING);
	check_int(s->limits.sendq, 4096);
	check_int(s->limits.clients, 1000);
	check_int(s->irc.n, 1);
	check_str(s->irc.items[0], "tcp:6");
	check_str(s->salt, "environment");
	check_str(reed_settings_origin(settings, "name"), "--name");
	check_str(reed_settings_origin(settings, "log"), "REED_CHAT_LOG");
	check_str(reed_settings_origin(settings, "limits.sendq"), "chat.yaml:3:17");
	check_str(reed_settings_origin(settings, "irc"), "--irc");
	check_str(reed_settings_origin(settings, "limits.clients"), "default");
}

static void flags_go_before_environment_before_file_in_whatever_order_they_are_read(void)
{
	static void (*const read[])(struct reed_settings *) = { read_file, read_environment,
		                                                read_flags };
	static const int orders[][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 },
		                         { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };

	for (size_t i = 0; i < REED_COUNT(orders); i++) {
		struct reed_settings *settings = chat_new();

		for (size_t j = 0; j < 3; j++)
			read[orders[i][j]](settings);
		check_int(reed_settings_finish(settings), REED_OK);
		expect_ranks(settings);
		reed_settings_free(settings);
	}
}

static void of_two_files_the_later_wins(void)
{
	struct reed_settings *settings = chat_new();

	reed_settings_parse(settings, "a.yaml", REED_STR("name: a\nirc: [tcp:1]\nlog: error\n"));
	reed_settings_parse(settings, "b.yaml", REED_STR("name: b\nirc: [tcp:2, tcp:3]\n"));
	check_int(reed_settings_finish(settings), REED_OK);
	check_str(chat_of(settings)->name, "b");
	check_int(chat_of(settings)->irc.n, 2);
	check_int(chat_of(settings)->log, CHAT_LOG_ERROR);
	reed_settings_free(settings);
}

static void lists_of_the_environment_may_be_yaml(void)
{
	static char *environment[] = { "REED_CHAT_IRC=[tcp:1, \"unix:/a,b\"]",
		                       "REED_CHAT_LINKS=a=1, b=2=3",
		                       "REED_CHAT_OPERATORS={name: ann, password: {env: PW}}",
		                       "REED_CHAT_PORTS=",
		                       "PW=secret",
		                       NULL };
	struct reed_settings *settings = chat_new();
	const struct chat_settings *s = chat_of(settings);

	check_int(reed_settings_environment(settings, environment), REED_OK);
	check_int(reed_settings_finish(settings), REED_OK);
	check_int(s->irc.n, 2);
	check_str(s->irc.items[1], "unix:/a,b");
	check_int(s->links.n, 2);
	check_str(s->links.items[1].value, "2=3");
	check_int(s->operators.n, 1);
	check_str(s->operators.items[0].password, "secret");
	check_int(s->ports.n, 0);
	check_str(reed_settings_origin(settings, "ports"), "REED_CHAT_PORTS");
	reed_settings_free(settings);
}

static void an_origin_is_found_by_key_and_by_address(void)
{
	struct reed_settings *settings = chat_parse("irc:\n"
	                                            "  - tcp:1\n"
	                                            "  - tcp:2\n"
	                                            "links: {a: b}\n"
	                                            "operators:\n"
	                                            "  - level: 3\n"
	                                            "    name: ann\n"
	                                            "  - name: joe\n"
	                                            "    hosts: [x, y]\n");
	const struct chat_settings *s = chat_of(settings);

	check_str(reed_settings_origin(settings, "irc"), "chat.yaml:2:3");
	check_str(reed_settings_origin(settings, "irc[1]"), "chat.yaml:3:5");
	check_str(reed_settings_origin(settings, "operators[0].name"), "chat.yaml:7:11");
	check_str(reed_settings_origin(settings, "operators[1].hosts[1]"), "chat.yaml:9:16");
	check_str(reed_settings_origin(settings, "operators[1].level"), "default");
	check(reed_settings_origin(settings, "irc[2]") == NULL);
	check(reed_settings_origin(settings, "irc[x]") == NULL);
	check(reed_settings_origin(settings, "irc[0].name") == NULL);
	check(reed_settings_origin(settings, "operators[0]name") == NULL);
	check(reed_settings_origin(settings, "nothing") == NULL);
	check(reed_settings_origin(settings, "limits") == NULL);

	check_str(reed_settings_origin_of(settings, &s->irc), "chat.yaml:2:3");
	check_str(reed_settings_origin_of(settings, &s->irc.items[1]), "chat.yaml:3:5");
	check_str(reed_settings_origin_of(settings, &s->links.items[0].value), "chat.yaml:4:12");
	check_str(reed_settings_origin_of(settings, &s->operators.items[0].level),
	          "chat.yaml:6:12");
	check_str(reed_settings_origin_of(settings, &s->operators.items[1].hosts.items[0]),
	          "chat.yaml:9:13");
	check_str(reed_settings_origin_of(settings, &s->limits.nice), "default");
	check(reed_settings_origin_of(settings, settings) == NULL);
	reed_settings_free(settings);
}

static void what_goes_wrong_later_points_to_the_line(void)
{
	struct reed_settings *settings = chat_parse("irc: [tcp:1, tcp:2]\n");
	const struct chat_settings *s = chat_of(settings);

	reed_settings_reject(settings, &s->irc.items[1], "%s", reed_strerror(REED_EADDRINUSE));
	reed_settings_reject(settings, &s->name, "does not resolve");
	check_str(reed_settings_problem(settings, 0), "chat.yaml:1:14: irc[1]: address in use");
	check_str(reed_settings_problem(settings, 1), "name: does not resolve");
	check(reed_settings_problem(settings, 2) == NULL);
	reed_settings_free(settings);
}

static void a_schema_may_ask_whether_its_values_fit_together(void)
{
	check_file("tls:\n  cert: a.pem\n", "chat.yaml:2:9: tls.cert: needs tls.key too\n");
	check_file("tls: {cert: a.pem, key: b.pem}\n", "");
}

/* A reader that has one file, and counts. */
struct one_file {
	struct reed_settings_reader reader;
	const char *path, *content;
	int reads;
};

static enum reed_err read_one(struct reed_settings_reader *reader, const char *path, size_t limit,
                              struct reed_buf *out)
{
	struct one_file *self = reed_container_of(reader, struct one_file, reader);

	self->reads++;
	if (strcmp(path, self->path) != 0)
		return REED_ENOENT;
	if (strlen(self->content) > limit)
		return REED_ETOOBIG;
	reed_buf_add_str(out, self->content);
	return out->err;
}

static void secrets_come_from_files_variables_and_credentials(void)
{
	static char *environment[] = { "CREDENTIALS_DIRECTORY=/run/credentials", "PW=from env",
		                       NULL };
	struct one_file file = { { read_one }, "/run/credentials/oper", "from systemd\n", 0 };
	struct reed_settings *settings = chat_new();
	const struct chat_settings *s = chat_of(settings);

	reed_settings_read_with(settings, &file.reader);
	reed_settings_environment(settings, environment);
	check_int(reed_settings_parse(settings, "chat.yaml",
	                              REED_STR("salt: {file: /run/credentials/oper}\n"
	                                       "operators:\n"
	                                       "  - {name: a, password: {env: PW}}\n"
	                                       "  - {name: b, password: {credential: oper}}\n")),
	          REED_OK);
	check_int(file.reads, 0);
	check_int(reed_settings_finish(settings), REED_OK);
	check_int(file.reads, 2);
	check_str(s->salt, "from systemd");
	check_str(s->operators.items[0].password, "from env");
	check_str(s->operators.items[1].password, "from systemd");
	reed_settings_free(settings);
}

static void a_secret_that_was_overridden_is_not_looked_for(void)
{
	static char *environment[] = { "PW=right", NULL };
	static char *argv[] = { "reed", "--salt=env:PW", NULL };
	struct one_file file = { { read_one }, "/none", "", 0 };
	struct reed_settings *settings = chat_new();

	reed_settings_read_with(settings, &file.reader);
	reed_settings_environment(settings, environment);
	reed_settings_parse(settings, "a.yaml",
	                    REED_STR("salt: {file: /a}\n"
	                             "operators: [{name: a, password: {file: /b}}]\n"));
	reed_settings_parse(settings, "b.yaml", REED_STR("operators: [{name: a}]\n"));
	reed_settings_flags(settings, 2, argv);
	reed_settings_parse(settings, "c.yaml", REED_STR("salt: {file: /c}\n"));
	check_int(reed_settings_finish(settings), REED_OK);
	check_int(file.reads, 0);
	check_str(chat_of(settings)->salt, "right");
	reed_settings_free(settings);
}

/* The caller frees the path; the folder is gone with reed_settings_test_end(). */
static void write_file(const char *path, const char *content)
{
	FILE *f = fopen(path, "w");

	check(f != NULL);
	fputs(content, f);
	fclose(f);
}

static void relative_paths_begin_at_the_folder_of_the_file(void)
{
	char folder[] = "/tmp/reed-settings-XXXXXX", path[64], wanted[64], pw[64];
	struct reed_settings *settings = chat_new();
	const struct chat_settings *s = chat_of(settings);

	check(mkdtemp(folder) != NULL);
	snprintf(path, sizeof(path), "%s/chat.yaml", folder);
	snprintf(pw, sizeof(pw), "%s/pw", folder);
	write_file(path, "motd: motd.txt\nsalt: {file: pw}\ntls: {cert: /etc/a, key: b}\n");
	write_file(pw, "hunter2\n");
	check_int(reed_settings_load(settings, path), REED_OK);
	check_int(reed_settings_finish(settings), REED_OK);
	snprintf(wanted, sizeof(wanted), "%s/motd.txt", folder);
	check_str(s->motd, wanted);
	check_str(s->cert, "/etc/a");
	check_str(s->salt, "hunter2");
	unlink(path);
	unlink(pw);
	rmdir(folder);
	reed_settings_free(settings);
}

/* The next of them. */
static void expect_change(const struct reed_settings_change **change, const char *key,
                          enum reed_setting_reload reload, const char *before, const char *after)
{
	check(*change != NULL);
	check_str((*change)->key, key);
	check_int((*change)->reload, reload);
	check_str((*change)->before, before);
	check_str((*change)->after, after);
	*change = (*change)->next;
}

static void a_reload_says_what_changed_and_what_needs_a_restart(void)
{
	struct reed_settings *before = chat_parse("name: a\nsalt: one\nlimits: {sendq: 4K}\n"
	                                          "operators: [{name: ann, password: x}]\n");
	struct reed_settings *after = chat_parse("name: b\nsalt: two\nlimits: {sendq: 4096}\n"
	                                         "motd: m\nirc: [tcp:6667, tcp:6668]\n"
	                                         "operators: [{name: ann, password: y}]\n");
	struct reed_pool pool = { 0 };
	const struct reed_settings_change *c;

	check_int(reed_settings_diff(before, after, &pool, &c), REED_OK);
	expect_change(&c, "name", REED_SETTING_RESTART, "a", "b");
	expect_change(&c, "motd", REED_SETTING_LIVE, "", "m");
	expect_change(&c, "salt", REED_SETTING_RESTART, "\"********\"", "\"********\"");
	expect_change(&c, "irc", REED_SETTING_RESTART, "[tcp:6667]", "[tcp:6667, tcp:6668]");
	expect_change(&c, "operators", REED_SETTING_LIVE,
	              "[{name: ann, password: \"********\", level: 1}]",
	              "[{name: ann, password: \"********\", level: 1}]");
	check(c == NULL);
	check_int(reed_settings_diff(before, before, &pool, &c), REED_OK);
	check(c == NULL);
	reed_pool_finish(&pool);
	reed_settings_free(before);
	reed_settings_free(after);
}

static void changes_that_do_not_fit_the_pool_are_an_error(void)
{
	struct reed_settings *before = chat_parse("name: a\n"), *after = chat_parse("name: b\n");
	struct reed_pool pool = { .limit = 64 };
	const struct reed_settings_change *c;

	check_int(reed_settings_diff(before, after, &pool, &c), REED_ETOOBIG);
	reed_pool_finish(&pool);
	reed_settings_free(before);
	reed_settings_free(after);
}

static const char everything[] =
	"name: \"a\\\"b\"\n"
	"motd: 'with space and #'\n"
	"salt: {env: HOME}\n"
	"public: true\n"
	"log: debug\n"
	"limits: {sendq: 5000, idle: 1h1s5ms, nice: -3, balance: 77}\n"
	"irc: ['tls:[tcp:1]:cert=a', 'unix:/a\\:b', \"unix:caf\xc3\xa9\"]\n"
	"ports: [1, 2]\n"
	"links: {'x y': ' ', 'no': \"line\\nend\", \"a: b\": \"\\u2028\\x07\"}\n"
	"operators: [{name: \"~\", hosts: [\"null\", -x, \"[\"]}, {name: b, level: 3}]\n"
	"tls: {cert: -, key: \"a\\\\b\"}\n";

static struct reed_settings *parse_everything(const char *text)
{
	static char *environment[] = { "HOME=/", NULL };
	struct reed_settings *settings = chat_new();

	reed_settings_environment(settings, environment);
	reed_settings_parse(settings, "all.yaml", reed_slice_of(text));
	reed_settings_finish(settings);
	if (reed_settings_problem(settings, 0))
		fprintf(stderr, "%s\n%s", reed_settings_problem(settings, 0), text);
	check(reed_settings_problem(settings, 0) == NULL);
	return settings;
}

static void what_is_printed_reads_back_as_the_same(void)
{
	struct reed_settings *before = parse_everything(everything), *after;
	struct reed_buf text = { 0 };
	struct reed_pool pool = { 0 };
	const struct reed_settings_change *changes;
	char *printed;

	reed_settings_print(before, &text);
	printed = reed_buf_take(&text);
	after = parse_everything(printed);
	check_int(reed_settings_diff(before, after, &pool, &changes), REED_OK);
	check(changes == NULL);
	reed_pool_finish(&pool);
	reed_free(printed);
	reed_settings_free(before);
	reed_settings_free(after);
}

static void a_setting_that_was_renamed_is_taken_with_a_warning(void)
{
	static const struct reed_setting table[] = {
		REED_SETTING(SIZE, struct chat_settings, limits.sendq, .was = "queue.send",
		             .help = "Queue."),
		REED_SETTING(STRING, struct chat_settings, name, .was = "host", .help = "Name."),
	};
	static const struct reed_schema schema =
		REED_SCHEMA(struct chat_settings, table, .about = "New.");
	static const struct reed_settings_part parts[] = { { NULL, &schema } };
	static const struct reed_settings_program program =
		REED_SETTINGS_PROGRAM(.program = "new", .about = "New.", .parts = parts,
	                              .part_count = 1);
	static char *environment[] = { "NEW_HOST=b", NULL };
	static char *argv[] = { "new", "--queue-send=2M", NULL };
	struct reed_settings *settings = reed_settings_new(&program);
	const struct chat_settings *s = reed_settings_part(settings, 0);

	check_int(reed_settings_parse(settings, "new.yaml",
	                              REED_STR("host: a\nqueue:\n  send: 1M\n")),
	          REED_OK);
	check_int(s->limits.sendq, 1 << 20);
	check_int(reed_settings_environment(settings, environment), REED_OK);
	check_int(reed_settings_flags(settings, 2, argv), REED_OK);
	check_int(s->limits.sendq, 2 << 20);
	check_str(s->name, "b");
	check_str(reed_settings_warning(settings, 0),
	          "new.yaml:1:1: host: is called name now; the old name will go");
	check_str(reed_settings_warning(settings, 1),
	          "new.yaml:3:3: queue.send: is called limits.sendq now; the old name will go");
	check_str(reed_settings_warning(settings, 2),
	          "NEW_HOST: is called NEW_NAME now; the old name will go");
	check_str(reed_settings_warning(settings, 3),
	          "--queue-send: is called --limits-sendq now; the old name will go");
	check(reed_settings_warning(settings, 4) == NULL);
	reed_settings_parse(settings, "new.yaml", REED_STR("host: a\nname: b\n"));
	check_str(reed_settings_problem(settings, 0),
	          "new.yaml:2:1: name: is here a second time; first in line 1");
	reed_settings_free(settings);
}

static void two_services_of_one_kind_have_their_prefixes(void)
{
	static const struct reed_settings_part parts[] = { { "one", &chat_schema },
		                                           { "two", &chat_schema } };
	static const struct reed_settings_program program =
		REED_SETTINGS_PROGRAM(.program = "reed", .command = "run", .about = "Services.",
	                              .environment = "REED", .parts = parts, .part_count = 2);
	static char *environment[] = { "REED_TWO_LOG=error", NULL };
	static char *argv[] = { "run", "--two-limits-sendq=8K", "--two-cert", "c", NULL };
	struct reed_settings *settings = reed_settings_new(&program);
	const struct chat_settings *one = reed_settings_part(settings, 0);
	const struct chat_settings *two = reed_settings_part(settings, 1);

	check(reed_settings_problem(settings, 0) == NULL);
	check_int(reed_settings_parse(settings, "suite.yaml",
	                              REED_STR("one:\n  name: a\n  limits: {sendq: 4K}\n"
	                                       "two: {name: b}\ntwo.tls.key: k\n")),
	          REED_OK);
	check_int(reed_settings_environment(settings, environment), REED_OK);
	check_int(reed_settings_flags(settings, 4, argv), REED_OK);
	check_int(reed_settings_finish(settings), REED_OK);
	check_str(one->name, "a");
	check_str(two->name, "b");
	check_int(one->limits.sendq, 4096);
	check_int(two->limits.sendq, 8192);
	check_int(one->log, CHAT_LOG_INFO);
	check_int(two->log, CHAT_LOG_ERROR);
	check_str(two->cert, "c");
	check(reed_settings_part(settings, 2) == NULL);
	check(reed_settings_of(settings, &chat_schema) == one);
	check(reed_settings_of(settings, &reed_general_schema) == NULL);
	reed_settings_free(settings);
}

static void a_schema_of_an_older_header_is_read_by_its_own_size(void)
{
	struct old {
		struct reed_setting s;
	} table[2] = { { chat_table[0] }, { chat_table[1] } };
	struct {
		char room[2][offsetof(struct reed_setting, check)];
	} old = { 0 };
	struct reed_schema schema = chat_schema;
	struct reed_settings_part part = { NULL, &schema };
	struct reed_settings_program program = chat_program;
	struct reed_settings *settings;

	memcpy(old.room[0], &table[0], sizeof(old.room[0]));
	memcpy(old.room[1], &table[1], sizeof(old.room[1]));
	schema.settings = (const struct reed_setting *)(const void *)&old;
	schema.setting_size = sizeof(old.room[0]);
	schema.count = 2;
	program.parts = &part;
	program.part_count = 1;
	settings = reed_settings_new(&program);
	reed_settings_parse(settings, "old.yaml", REED_STR("name: a b\nmotd: m\n"));
	check_int(reed_settings_finish(settings), REED_OK);
	check_str(((const struct chat_settings *)reed_settings_part(settings, 0))->motd, "m");
	reed_settings_free(settings);
}

int main(void)
{
	RUN(nothing_read_is_the_defaults);
	RUN(a_file_fills_the_struct);
	RUN(records_have_settings_of_their_own);
	RUN(keys_may_be_nested_or_dotted_and_a_group_may_be_empty);
	RUN(a_text_where_a_list_is_wanted_is_a_list_of_one);
	RUN(an_empty_file_says_nothing);
	RUN(times_and_sizes_have_units);
	RUN(flags_go_before_environment_before_file_in_whatever_order_they_are_read);
	RUN(of_two_files_the_later_wins);
	RUN(lists_of_the_environment_may_be_yaml);
	RUN(an_origin_is_found_by_key_and_by_address);
	RUN(what_goes_wrong_later_points_to_the_line);
	RUN(a_schema_may_ask_whether_its_values_fit_together);
	RUN(secrets_come_from_files_variables_and_credentials);
	RUN(a_secret_that_was_overridden_is_not_looked_for);
	RUN(relative_paths_begin_at_the_folder_of_the_file);
	RUN(a_reload_says_what_changed_and_what_needs_a_restart);
	RUN(changes_that_do_not_fit_the_pool_are_an_error);
	RUN(what_is_printed_reads_back_as_the_same);
	RUN(a_setting_that_was_renamed_is_taken_with_a_warning);
	RUN(two_services_of_one_kind_have_their_prefixes);
	RUN(a_schema_of_an_older_header_is_read_by_its_own_size);
	return 0;
}
