/* Settings: what people read when a settings file is wrong, to the letter. */

#include "settings_chat.h"

static void unknown_keys_get_a_suggestion(void)
{
	check_file("limits:\n  sendqq: 1M\n",
	           "chat.yaml:2:3: limits.sendqq: no such setting; did you mean sendq?\n");
	check_file("limts: {}\n", "chat.yaml:1:1: limts: no such setting; did you mean limits?\n");
	check_file("NAME: a\n", "chat.yaml:1:1: NAME: no such setting; did you mean name?\n");
	check_file("sendq: 1M\n",
	           "chat.yaml:1:1: sendq: no such setting; did you mean limits.sendq?\n");
	check_file("tls:\n  quite_else: 1\n",
	           "chat.yaml:2:3: tls.quite_else: no such setting; there are cert and key\n");
	check_file("quite_else: 1\n", "chat.yaml:1:1: quite_else: no such setting\n");
	check_file("limits.sendqq: 1\n",
	           "chat.yaml:1:1: limits.sendqq: no such setting; did you mean limits.sendq?\n");
	check_file("operators: [{nmae: a, name: b}]\n",
	           "chat.yaml:1:14: operators[0].nmae: no such setting; did you mean name?\n");
	/* a hidden setting is not given away */
	check_file("limits: {balanc: 1}\n", "chat.yaml:1:10: limits.balanc: no such setting; "
	                                    "there are sendq, idle, clients and nice\n");
}

static void wrong_values_are_told_with_what_would_be_right(void)
{
	check_file("limits:\n  sendq: 10 MBs\n",
	           "chat.yaml:2:10: limits.sendq: \"10 MBs\" is not a size; "
	           "write 10M, 512K or a number of bytes\n");
	check_file("limits: {sendq: 10MB}\n",
	           "chat.yaml:1:17: limits.sendq: \"10MB\" is not a size; "
	           "write 10M, 512K or a number of bytes\n");
	check_file("limits: {idle: 10}\n", "chat.yaml:1:16: limits.idle: \"10\" is not a time; "
	                                   "write 30s, 5m, 1h30m or 500ms\n");
	check_file("limits: {idle: 10 s}\n", "chat.yaml:1:16: limits.idle: \"10 s\" is not a time; "
	                                     "write 30s, 5m, 1h30m or 500ms\n");
	check_file("limits: {clients: 1.5}\n",
	           "chat.yaml:1:19: limits.clients: \"1.5\" is not a whole number\n");
	check_file("public: maybe\n", "chat.yaml:1:9: public: \"maybe\" is neither yes nor no; "
	                              "write true or false\n");
	check_file("log: wraning\n", "chat.yaml:1:6: log: \"wraning\" is none of debug, info, "
	                             "warning, error; did you mean warning?\n");
	check_file("log: loud\n", "chat.yaml:1:6: log: \"loud\" will not do; "
	                          "write debug, info, warning or error\n");
	check_file("name: two words\n", "chat.yaml:1:7: name: \"two words\" is no host name; "
	                                "write one as in example.org\n");
}

static void numbers_out_of_range_are_told_with_the_range(void)
{
	check_file(
		"limits: {sendq: 4095}\n",
		"chat.yaml:1:17: limits.sendq: 4095 is too little; write a size from 4K to 1G\n");
	check_file("limits: {sendq: 2G}\n",
	           "chat.yaml:1:17: limits.sendq: 2G is too much; write a size from 4K to 1G\n");
	check_file("limits: {sendq: 99999999999T}\n",
	           "chat.yaml:1:17: limits.sendq: 99999999999T is too much; "
	           "write a size from 4K to 1G\n");
	check_file("limits: {idle: 1ms}\n",
	           "chat.yaml:1:16: limits.idle: 1ms is too little; write a time of at least 1s\n");
	check_file("limits: {idle: 106752d}\n", "chat.yaml:1:16: limits.idle: 106752d is too much; "
	                                        "write a time of at most 106751d23h47m16s854ms\n");
	check_file("limits: {clients: 65536}\n",
	           "chat.yaml:1:19: limits.clients: 65536 is too much; "
	           "write a number of at most 65535\n");
	check_file("limits: {clients: -1}\n", "chat.yaml:1:19: limits.clients: -1 is too little; "
	                                      "write a number of at least 0\n");
	check_file("limits: {nice: -99999999999999999999}\n",
	           "chat.yaml:1:16: limits.nice: -99999999999999999999 is too little; "
	           "write a number from -20 to 19\n");
	check_file("ports: [0, 1, 99999999999999999999]\n",
	           "chat.yaml:1:9: ports[0]: 0 is too little; write a number from 1 to 65535\n"
	           "chat.yaml:1:15: ports[2]: 99999999999999999999 is too much; "
	           "write a number from 1 to 65535\n");
}

static void texts_have_to_be_text(void)
{
	check_file("name: 0123456789012345678901234567890123456789012345678901234567890123\n",
	           "chat.yaml:1:7: name: is 64 bytes long; write at most 63\n");
	check_file("name: \"a\\0b\"\n", "chat.yaml:1:7: name: has a NUL character in it\n");
	check_file("motd: ''\n",
	           "chat.yaml:1:7: motd: is empty; write the path of a file or folder\n");
	check_file("links: {01234567890123456789012345678901234567890123456789012345678901234567890"
	           "12345678901234567890123456789012345678901234567890123456789: a}\n",
	           "chat.yaml:1:9: links[0]: the name is 130 bytes long; write at most 128\n");
	check_file("links: {'': a, \"a\\0\": b}\n",
	           "chat.yaml:1:9: links[0]: the name is empty\n"
	           "chat.yaml:1:16: links[1]: the name has a NUL character in it\n");
}

static void endpoints_have_a_scheme_and_matching_brackets(void)
{
	check_file("irc: 6667\n", "chat.yaml:1:6: irc[0]: \"6667\" is not an endpoint; "
	                          "write scheme:argument, as in tcp:6667\n");
	check_file("irc: [tcp:1, ':1', 'a b:1']\n",
	           "chat.yaml:1:14: irc[1]: \":1\" is not an endpoint; "
	           "write scheme:argument, as in tcp:6667\n"
	           "chat.yaml:1:20: irc[2]: \"a b:1\" is not an endpoint; "
	           "write scheme:argument, as in tcp:6667\n");
	check_file("irc: 'haproxy:[tcp:1'\n",
	           "chat.yaml:1:6: irc[0]: \"haproxy:[tcp:1\" has a \"[\" without its \"]\"\n");
	check_file("irc: 'tcp:1]'\n",
	           "chat.yaml:1:6: irc[0]: \"tcp:1]\" has a \"]\" without its \"[\"\n");
	check_file("irc: ['unix:\\]', 'tls:[tcp:[::1]:1]:name=b', 'stdio:']\n", "");
	check_file("irc: 'socks5:[fd:3]:h:yy:user=a:password=secret'\n",
	           "chat.yaml:1:6: irc[0]: \"socks5:[fd:3]:h:yy:user=a:password=***\", column 17: "
	           "\"yy\" is no port; a number from 0 to 65535 must stand here\n");
	check_file("irc: [a:1, 'tls:[tcp:b]:cert=c']\n",
	           "chat.yaml:1:7: irc[0]: \"a:1\": there is no scheme \"a\" in this "
	           "program, which loads no modules; reed/catalog.h says how one does, and `reed "
	           "modules` which there are\n"
	           "chat.yaml:1:12: irc[1]: \"tls:[tcp:b]:cert=c\", column 5: \"tcp:b\", column 5: "
	           "\"b\" is no port; a number from 0 to 65535 must stand here\n");
}

static void a_value_of_another_shape_is_told_so(void)
{
	check_file("limits: {sendq: [1M]}\n",
	           "chat.yaml:1:17: limits.sendq: is a list here; write a size\n");
	check_file("log: {a: b}\n",
	           "chat.yaml:1:6: log: is a group here; write debug, info, warning or error\n");
	check_file("limits: 5\n",
	           "chat.yaml:1:1: limits: is a group of settings; write them below it\n");
	check_file("irc: {a: b}\n",
	           "chat.yaml:1:6: irc: is no list; begin each item with \"- \"\n");
	check_file("irc: [[a]]\n", "chat.yaml:1:7: irc[0]: is a list here; write an endpoint\n");
	check_file("links: [a]\n", "chat.yaml:1:8: links: is no group of names; write NAME: and a "
	                           "text for each below it, or {}\n");
	check_file("operators: {ann: {level: 3}}\n",
	           "chat.yaml:1:12: operators: is no list; begin each item with \"- \"\n");
	check_file("operators: ann\n",
	           "chat.yaml:1:12: operators: is no list; begin each item with \"- \"\n");
	check_file("operators: [ann]\n", "chat.yaml:1:13: operators[0]: is no group of settings; "
	                                 "write name: and so on\n");
	check_file("- name\n",
	           "chat.yaml:1:1: a settings file is a group of keys; write key: value\n");
	check_file("name\n",
	           "chat.yaml:1:1: a settings file is a group of keys; write key: value\n");
}

static void a_key_without_a_value_is_told_what_to_write(void)
{
	check_file(
		"limits:\n  sendq:\n",
		"chat.yaml:2:9: limits.sendq: has no value; write a size or leave the line out\n");
	check_file("name: ~\n", "chat.yaml:1:7: name: has no value; "
	                        "write a text, \"\" for none, or leave the line out\n");
	check_file("irc:\n", "chat.yaml:1:5: irc: has no value; write [] for an empty list\n");
	check_file("salt: null\n",
	           "chat.yaml:1:7: salt: has no value; write a text, {file: PATH} or {env: NAME}, "
	           "\"\" for none, or leave the line out\n");
}

static void what_is_there_twice_is_told_with_the_first_place(void)
{
	check_file("name: a\npublic: yes\nname: b\n",
	           "chat.yaml:3:1: name: is here a second time; first in line 1\n");
	check_file("limits:\n  idle: 3s\nlimits:\n  sendq: 1M\n",
	           "chat.yaml:3:1: limits: is here a second time; first in line 1\n");
	check_file("limits: {sendq: 1M}\nlimits.sendq: 2M\n",
	           "chat.yaml:2:1: limits.sendq: is here a second time; first in line 1\n");
	check_file("links: {a: 1, b: 2, a: 3}\n",
	           "chat.yaml:1:21: a: is here a second time; first in line 1\n");
}

static const struct reed_setting strict_table[] = {
	REED_SETTING(STRING, struct chat_settings, name, .required = true, .help = "Name."),
	REED_SETTING(PATH, struct chat_settings, cert, .required = true, .from = REED_FROM_FLAG,
	             .help = "Certificate."),
};

/* *wanted: what it says to the settings file. */
static void check_strict(const char *file, const char *wanted)
{
	static const struct reed_schema schema =
		REED_SCHEMA(struct chat_settings, strict_table, .about = "Strict.");
	static const struct reed_settings_part parts[] = { { NULL, &schema } };
	static const struct reed_settings_program program =
		REED_SETTINGS_PROGRAM(.program = "strict", .about = "Strict.", .parts = parts,
	                              .part_count = 1);
	struct reed_settings *settings = reed_settings_new(&program);
	char *problems;

	if (file)
		reed_settings_parse(settings, "strict.yaml", reed_slice_of(file));
	check_int(reed_settings_finish(settings), REED_ESYNTAX);
	problems = problems_of(settings);
	check_str(problems, wanted);
	reed_free(problems);
}

static void what_is_required_has_to_be_there(void)
{
	check_strict(NULL, "name: has to be given: write name in the settings file, --name "
	                   "or STRICT_NAME\n"
	                   "cert: has to be given: write --cert\n");
	check_file("operators:\n  - level: 3\n",
	           "chat.yaml:2:5: operators[0].name: has to be given\n");
}

static void what_is_there_and_wrong_is_not_missing(void)
{
	check_strict("name: [a]\n", "strict.yaml:1:7: name: is a list here; write a text\n"
	                            "strict.yaml: cert: has to be given: write --cert\n");
	check_file("operators: [{name: [a]}]\n",
	           "chat.yaml:1:20: operators[0].name: is a list here; write a text\n");
}

static void settings_that_are_flags_only_are_refused_in_a_file(void)
{
	check_file("config: a.yaml\n",
	           "chat.yaml:1:1: config: is not for the settings file; write --config\n");
}

static void secrets_that_cannot_be_had_are_told_at_their_place(void)
{
	check_file("salt: {file: /nonexistent}\n", "chat.yaml:1:7: salt: cannot read /nonexistent: "
	                                           "no such file, name or object\n");
	check_file("salt: {file: /}\n", "chat.yaml:1:7: salt: cannot read /: is a directory\n");
	check_file("salt: {file: /dev/null}\n", "chat.yaml:1:7: salt: /dev/null is empty\n");
	check_file("salt: {file: /dev/zero}\n",
	           "chat.yaml:1:7: salt: /dev/zero has more than 65536 bytes\n");
	check_file("salt: {env: PW}\n", "chat.yaml:1:7: salt: there is no PW in the environment\n");
	check_file("salt: {credential: oper}\n",
	           "chat.yaml:1:7: salt: there is no $CREDENTIALS_DIRECTORY; start the program "
	           "from a systemd unit with LoadCredential=oper:PATH\n");
	check_file("salt: {credential: ../x}\n",
	           "chat.yaml:1:7: salt: names a credential, which is no path; "
	           "write it without \"/\"\n");
	check_file("operators: [{name: a, password: {fiel: x}}]\n",
	           "chat.yaml:1:33: operators[0].password: is no secret; write a text, "
	           "{file: PATH}, {env: NAME} or {credential: NAME}\n");
	check_file("salt: {file: a, env: b}\n",
	           "chat.yaml:1:7: salt: is no secret; write a text, "
	           "{file: PATH}, {env: NAME} or {credential: NAME}\n");
	check_file("salt: \"\\0\"\n",
	           "chat.yaml:1:7: salt: has to be UTF-8 without NUL characters\n");
}

static void what_yaml_has_and_settings_have_not_is_refused(void)
{
	check_file("name: &a b\n", "chat.yaml:1:7: anchors (&name) are not taken; "
	                           "quote a text that begins with \"&\"\n");
	check_file("irc: &a [tcp:1]\n", "chat.yaml:1:6: anchors (&name) are not taken; "
	                                "quote a text that begins with \"&\"\n");
	check_file("links: &a {b: c}\n", "chat.yaml:1:8: anchors (&name) are not taken; "
	                                 "quote a text that begins with \"&\"\n");
	check_file("name: *a\n", "chat.yaml:1:7: aliases (*name) are not taken; "
	                         "quote a text that begins with \"*\"\n");
	check_file("name: !!str b\n", "chat.yaml:1:7: tags (!name) are not taken; "
	                              "quote a text that begins with \"!\"\n");
	check_file("name: a\n---\nname: b\n",
	           "chat.yaml:2:1: a second document; a file holds one\n");
	check_file("[a]: b\n", "chat.yaml:1:1: a key has to be a word\n");
}

static void mistakes_of_form_are_told_in_plain_words(void)
{
	check_file("limits:\n\tsendq: 1M\n",
	           "chat.yaml:2:1: a tab cannot indent or begin a text; write spaces\n");
	check_file("name: a: b\n", "chat.yaml:1:8: a \": \" cannot stand here; quote a text that "
	                           "has one, or mend the indentation\n");
	check_file("name: a\nfoo\n", "chat.yaml:2:1: a key without \": \"; write key: value\n");
	check_file("limits:\n  sendq: 1M\n idle: 3s\n",
	           "chat.yaml:3:2: this fits no line above; "
	           "what belongs together begins in one column\n");
	check_file("irc: - a\n", "chat.yaml:1:6: an item of a list cannot stand here; "
	                         "begin the list on a line of its own\n");
	check_file("irc:\n  - tcp:1\n  tcp:2\n",
	           "chat.yaml:3:3: a key without \": \"; write key: value\n");
	check_file("irc:\n  - tcp:1\n  a: b\n", "chat.yaml:3:3: this is no item of the list above; "
	                                        "items begin with \"- \" in one column\n");
	check_file("irc: [tcp:1\nname: a\n",
	           "chat.yaml:1:6: a \"[\" without its \"]\", or a missing \",\"\n");
	check_file("links: {a: b\nname: c\n",
	           "chat.yaml:1:8: a \"{\" without its \"}\", or a missing \",\"\n");
	check_file("name: \"abc\n", "chat.yaml:1:7: a quote that does not end\n");
	check_file("name: \"\\q\"\n", "chat.yaml:1:8: an escape that there is not; "
	                              "double a \"\\\" or use single quotes\n");
	check_file("name: @home\n", "chat.yaml:1:7: a text cannot begin with this character; "
	                            "quote the text\n");
	check_file("%FOO\nname: a\n",
	           "chat.yaml:1:5: this is not YAML: found unknown directive name\n");
}

static void bytes_that_are_no_text_are_told_by_line_and_column(void)
{
	check_file("name: caf\xc3\xa9\nmotd: \xff\n",
	           "chat.yaml:2:7: this byte (0xff) is not UTF-8\n");
	check_file("name: caf\xc3\xa9 \x01\n",
	           "chat.yaml:1:12: this character (U+0001) cannot stand here as it is; "
	           "write \\u0001 in double quotes\n");
	check_file("\xff\xfe"
	           "n",
	           "chat.yaml:1:1: this byte (0xff) is not UTF-8\n");
}

static void nothing_from_a_file_reaches_a_terminal_raw(void)
{
	check_file("\"\\e[2J\": 1\n", "chat.yaml:1:1: \\x1b[2J: no such setting\n");
	check_file("public: \"\\e\\\"\\n\\x7f\"\n",
	           "chat.yaml:1:9: public: \"\\x1b\\\"\\n\\x7f\" is neither yes nor no; "
	           "write true or false\n");
	check_file("public: \"\\u009b2J\\xe9\"\n",
	           "chat.yaml:1:9: public: \"\\u009b2J\xc3\xa9\" is neither yes nor no; "
	           "write true or false\n");
	check_file("salt: {env: \"\\e[2J\\u009b2J\"}\n",
	           "chat.yaml:1:7: salt: there is no ?[2J??2J in the environment\n");
	check_file("public: 0123456789012345678901234567890123456789x\n",
	           "chat.yaml:1:9: public: \"0123456789012345678901234567890123456789...\" "
	           "is neither yes nor no; write true or false\n");
}

static void all_errors_are_told_up_to_twenty(void)
{
	struct reed_buf text = { 0 };
	struct reed_settings *settings;
	char *file, *problems;

	check_file("a1: 1\nlog: x\nirc: [b, tcp:1]\n",
	           "chat.yaml:1:1: a1: no such setting\n"
	           "chat.yaml:2:6: log: \"x\" will not do; write debug, info, warning or error\n"
	           "chat.yaml:3:7: irc[0]: \"b\" is not an endpoint; "
	           "write scheme:argument, as in tcp:6667\n");
	for (int i = 0; i < 25; i++)
		reed_buf_printf(&text, "unknown%d: 1\n", i);
	file = reed_buf_take(&text);
	settings = chat_parse(file);
	check_str(reed_settings_problem(settings, 19),
	          "chat.yaml:20:1: unknown19: no such setting");
	check(reed_settings_problem(settings, 20) == NULL);
	problems = problems_of(settings);
	check(strstr(problems, "\nand 5 more\n") != NULL);
	reed_free(problems);
	reed_free(file);
}

static void a_file_has_limits(void)
{
	struct reed_settings *settings = chat_new();
	char *big = reed_alloc_raw(REED_SETTINGS_FILE + 1);
	char *problems;

	memset(big, '#', REED_SETTINGS_FILE + 1);
	check_int(reed_settings_parse(settings, "big.yaml", reed_slice(big, REED_SETTINGS_FILE)),
	          REED_OK);
	reed_settings_parse(settings, "big.yaml", reed_slice(big, REED_SETTINGS_FILE + 1));
	memset(big, '[', REED_SETTINGS_FILE);
	reed_settings_parse(settings, "deep.yaml", reed_slice(big, REED_SETTINGS_FILE));
	for (size_t i = 0; i < REED_SETTINGS_FILE; i += 4)
		memcpy(big + i, "- a\n", 4);
	reed_settings_parse(settings, "long.yaml", reed_slice(big, REED_SETTINGS_FILE));
	problems = problems_of(settings);
	check_str(problems, "big.yaml: has more than 1048576 bytes\n"
	                    "deep.yaml:1:33: more than 32 levels deep\n"
	                    "long.yaml:65536:3: more than 65536 keys and values\n");
	reed_free(problems);
	reed_free(big);
}

static void a_file_that_cannot_be_read_is_told(void)
{
	struct reed_settings *settings = chat_new();
	char *problems;

	check_int(reed_settings_load(settings, "/nonexistent/chat.yaml"), REED_ESYNTAX);
	reed_settings_load(settings, "/");
	reed_settings_load(settings, "/dev/zero");
	problems = problems_of(settings);
	check_str(problems, "/nonexistent/chat.yaml: cannot be read: there is no such file\n"
	                    "/: cannot be read: is a directory\n"
	                    "/dev/zero: has more than 1048576 bytes\n");
	reed_free(problems);
}

static void what_is_wrong_in_the_environment_names_the_variable(void)
{
	static char *environment[] = { "REED_CHAT_LIMITS_SENDQ=10 MBs",
		                       "REED_CHAT_LIMITS_SENDQQ=1M",
		                       "REED_CHAT_SERVICE_HOST=10.0.0.1",
		                       "REED_CHAT_OPERATORS=[{nam: a}]",
		                       "REED_CHAT_IRC=[tcp:1",
		                       "REED_CHAT_LINKS=a",
		                       "REED_CHAT_NAME=\xff",
		                       "NOVALUE",
		                       NULL };
	struct reed_settings *settings = chat_new();
	char *problems;

	check_int(reed_settings_environment(settings, environment), REED_ESYNTAX);
	problems = problems_of(settings);
	check_str(problems,
	          "REED_CHAT_LIMITS_SENDQ: \"10 MBs\" is not a size; "
	          "write 10M, 512K or a number of bytes\n"
	          "REED_CHAT_LIMITS_SENDQQ: no such setting; did you mean REED_CHAT_LIMITS_SENDQ?\n"
	          "REED_CHAT_OPERATORS: operators[0].nam: no such setting; did you mean name?\n"
	          "REED_CHAT_OPERATORS: operators[0].name: has to be given\n"
	          "REED_CHAT_IRC: a \"[\" without its \"]\", or a missing \",\"\n"
	          "REED_CHAT_LINKS: \"a\" has no name; write NAME=TEXT\n"
	          "REED_CHAT_NAME: is not UTF-8\n");
	reed_free(problems);
}

static void a_schema_that_is_wrong_says_so_itself(void)
{
	static const struct reed_setting oper[] = {
		REED_SETTING(INT, struct chat_operator, level, .least = "low", .help = "Level."),
	};
	static const struct reed_schema oper_schema =
		REED_SCHEMA(struct chat_operator, oper, .about = "Wrong.");
	static const struct reed_setting table[] = {
		REED_SETTING(STRING, struct chat_settings, name, .letter = 'n', .preset = "x y",
		             .check = chat_is_host, .help = "Name."),
		REED_SETTING(STRING, struct chat_settings, name, .most = "10K", .help = "Name."),
		REED_SETTING(STRING, struct chat_settings, motd, .letter = 'n', .help = "Motd."),
		REED_SETTING(INT, struct chat_settings, limits.nice, .flag = "motd",
		             .preset = "much"),
		REED_SETTING(ENUM, struct chat_settings, log, .least = "1", .help = "Log."),
		REED_SETTING_RECORDS(struct chat_operator, &oper_schema, struct chat_settings,
		                     operators, .help = "Operators."),
	};
	static const struct reed_schema schema =
		REED_SCHEMA(struct chat_settings, table, .about = "Wrong.");
	static const struct reed_settings_part parts[] = { { NULL, &schema } };
	static const struct reed_settings_program program =
		REED_SETTINGS_PROGRAM(.program = "wrong", .about = "Wrong.", .parts = parts,
	                              .part_count = 1);
	char *problems = problems_of(reed_settings_new(&program));

	check_str(problems, "schema: name: has a limit that is no value of its type\n"
	                    "schema: name: is there twice\n"
	                    "schema: motd: has the letter of name\n"
	                    "schema: limits.nice: has no help\n"
	                    "schema: limits.nice: has the flag of motd\n"
	                    "schema: log: has no words\n"
	                    "schema: log: has a limit that is no value of its type\n"
	                    "schema: operators.level: has a limit that is no value of its type\n"
	                    "default: name: \"x y\" is no host name; write one as in example.org\n"
	                    "default: limits.nice: \"much\" is not a whole number\n");
	reed_free(problems);
}

int main(void)
{
	RUN(unknown_keys_get_a_suggestion);
	RUN(wrong_values_are_told_with_what_would_be_right);
	RUN(numbers_out_of_range_are_told_with_the_range);
	RUN(texts_have_to_be_text);
	RUN(endpoints_have_a_scheme_and_matching_brackets);
	RUN(a_value_of_another_shape_is_told_so);
	RUN(a_key_without_a_value_is_told_what_to_write);
	RUN(what_is_there_twice_is_told_with_the_first_place);
	RUN(what_is_required_has_to_be_there);
	RUN(what_is_there_and_wrong_is_not_missing);
	RUN(settings_that_are_flags_only_are_refused_in_a_file);
	RUN(secrets_that_cannot_be_had_are_told_at_their_place);
	RUN(what_yaml_has_and_settings_have_not_is_refused);
	RUN(mistakes_of_form_are_told_in_plain_words);
	RUN(bytes_that_are_no_text_are_told_by_line_and_column);
	RUN(nothing_from_a_file_reaches_a_terminal_raw);
	RUN(all_errors_are_told_up_to_twenty);
	RUN(a_file_has_limits);
	RUN(a_file_that_cannot_be_read_is_told);
	RUN(what_is_wrong_in_the_environment_names_the_variable);
	RUN(a_schema_that_is_wrong_says_so_itself);
	return 0;
}
