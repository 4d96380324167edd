/* One line seen as a message: what every IRC parser has to get right. */

#include "check.h"
#include "reed/irc/message.h"

static struct reed_irc_message parsed(const char *line)
{
	struct reed_irc_message m;

	check_int(reed_irc_parse(reed_slice_of(line), NULL, &m), REED_OK);
	return m;
}

static enum reed_err error_of(const char *line, size_t n)
{
	struct reed_irc_message m;

	return reed_irc_parse(reed_slice(line, n), NULL, &m);
}

#define ERROR_OF(literal) error_of(literal, sizeof(literal) - 1)

/* Source, verb and parameters as one string, the parts between bars. */
static void check_parts(const char *line, const char *wanted)
{
	struct reed_irc_message m = parsed(line);
	char got[1024];
	int n = snprintf(got, sizeof(got), REED_FMT "|" REED_FMT, REED_ARG(m.source),
	                 REED_ARG(m.verb));

	for (size_t i = 0; i < m.count; i++)
		n += snprintf(got + n, sizeof(got) - (size_t)n, "|" REED_FMT,
		              REED_ARG(m.params[i]));
	check_str(got, wanted);
}

static void a_line_is_command_and_parameters(void)
{
	check_parts("PING", "|PING");
	check_parts("PING one", "|PING|one");
	check_parts("USER joe 0 * x", "|USER|joe|0|*|x");
}

static void a_colon_begins_the_last_parameter(void)
{
	check_parts("USER joe 0 * :Joe of the hill", "|USER|joe|0|*|Joe of the hill");
	check_parts("PRIVMSG #c ::-) hi", "|PRIVMSG|#c|:-) hi");
	check_parts("PRIVMSG #c :a :b", "|PRIVMSG|#c|a :b");
	check_parts("TOPIC #c :", "|TOPIC|#c|");
	check_parts("PRIVMSG #c :  wide  ", "|PRIVMSG|#c|  wide  ");
	check_parts("PRIVMSG #c :   ", "|PRIVMSG|#c|   ");
}

static void a_last_parameter_is_like_the_others_with_or_without_a_colon(void)
{
	check_parts(":joe JOIN #c", "joe|JOIN|#c");
	check_parts(":joe JOIN :#c", "joe|JOIN|#c");
	check_parts(":op MODE #c +oo a :b", "op|MODE|#c|+oo|a|b");
	check_parts(":op MODE #c :+i", "op|MODE|#c|+i");
	check(!parsed("JOIN #c").colon);
	check(parsed("JOIN :#c").colon);
}

static void a_colon_inside_a_word_is_part_of_it(void)
{
	check_parts("JOIN a:b c:", "|JOIN|a:b|c:");
	check_parts(":2001:db8::1 PING ::", "2001:db8::1|PING|:");
}

static void spaces_may_be_many(void)
{
	check_parts(":srv  432   #x  :bad: name", "srv|432|#x|bad: name");
	check_parts("@a=b   :srv   MODE #c +n ", "srv|MODE|#c|+n");
	check_parts(":srv MODE #c +o nick   ", "srv|MODE|#c|+o|nick");
	check_parts("  PING x", "|PING|x");
	check_parts("AWAY ", "|AWAY");
}

static void a_tab_is_no_space(void)
{
	check_parts(":odd\tname PING b\tc d", "odd\tname|PING|b\tc|d");
}

static void control_codes_may_stand_in_a_source(void)
{
	check_parts(":n!u@h\x03"
	            "5x\x0f.y PRIVMSG a :b",
	            "n!u@h\x03"
	            "5x\x0f.y|PRIVMSG|a|b");
}

static void the_fifteenth_parameter_takes_the_rest(void)
{
	struct reed_irc_message m = parsed("X 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 :17");

	check_int(m.count, 15);
	check_slice(m.params[13], "14");
	check_slice(m.params[14], "15 16 :17");
	check(!m.colon);
	m = parsed("X 1 2 3 4 5 6 7 8 9 10 11 12 13 14 :15 16");
	check_int(m.count, 15);
	check_slice(m.params[14], "15 16");
	m = parsed("X 1 2 3 4 5 6 7 8 9 10 11 12 13 14");
	check_int(m.count, 14);
}

static void a_line_may_end_in_cr_lf_or_lf_or_nothing(void)
{
	check_parts("PING :a b\r\n", "|PING|a b");
	check_parts("PING :a b\n", "|PING|a b");
	check_parts("PING :a b\r", "|PING|a b");
	check_slice(parsed("PING x\r\n").line, "PING x");
}

static void an_empty_line_is_nothing_and_no_error(void)
{
	check_int(parsed("").command, REED_IRC_NOTHING);
	check_int(parsed("\r\n").command, REED_IRC_NOTHING);
	check_int(parsed("   ").command, REED_IRC_NOTHING);
	check_int(parsed("   ").count, 0);
}

static void ends_of_lines_and_nul_inside_are_refused(void)
{
	check_int(ERROR_OF("PING a\rb"), REED_ESYNTAX);
	check_int(ERROR_OF("PING a\nb"), REED_ESYNTAX);
	check_int(ERROR_OF("PING a\0b"), REED_ESYNTAX);
	check_int(ERROR_OF("PING :some longer text \0 and more"), REED_ESYNTAX);
	check_int(ERROR_OF("PING :some longer text\r\r\n"), REED_ESYNTAX);
	check_int(ERROR_OF("\n\n"), REED_ESYNTAX);
}

static void tags_or_a_source_without_a_command_are_refused(void)
{
	check_int(ERROR_OF("@a=b"), REED_ESYNTAX);
	check_int(ERROR_OF("@a=b "), REED_ESYNTAX);
	check_int(ERROR_OF("@a=b :src"), REED_ESYNTAX);
	check_int(ERROR_OF(":src"), REED_ESYNTAX);
	check_int(ERROR_OF(":src  "), REED_ESYNTAX);
	check_int(ERROR_OF(":src :text"), REED_ESYNTAX);
	check_int(ERROR_OF("@ @a x"), REED_ESYNTAX);
}

static void what_is_refused_leaves_nothing_but_the_line(void)
{
	struct reed_irc_message m;

	check_int(reed_irc_parse(REED_STR("@a :src :x y"), NULL, &m), REED_ESYNTAX);
	check_slice(m.line, "@a :src :x y");
	check(m.tags.n == 0 && m.source.n == 0 && m.verb.n == 0 && m.count == 0);
	check_int(m.command, REED_IRC_NOTHING);
}

static void tags_stand_in_front(void)
{
	struct reed_irc_message m = parsed("@id=234AB;rose :dan!d@h PRIVMSG #c :Hey!");

	check_slice(m.tags, "id=234AB;rose");
	check_slice(m.source, "dan!d@h");
	check_slice(reed_irc_text(&m), "Hey!");
	check(parsed("@ PING x").tags.n == 0);
}

/* So many bytes of text behind a head, with CR LF. */
static struct reed_slice long_line(char *p, const char *head, size_t n)
{
	size_t at = strlen(head);

	memcpy(p, head, at);
	memset(p + at, 'x', n - at - 2);
	memcpy(p + n - 2, "\r\n", 2);
	return reed_slice(p, n);
}

static void a_line_has_512_bytes_with_its_end(void)
{
	char p[REED_IRC_BYTES_MAX + 2];
	struct reed_irc_message m;

	check_int(reed_irc_parse(long_line(p, "PRIVMSG #c :", 512), NULL, &m), REED_OK);
	check_int(reed_irc_parse(long_line(p, "PRIVMSG #c :", 513), NULL, &m), REED_ETOOBIG);
	check_int(m.command, REED_IRC_PRIVMSG);
	check_int(reed_irc_text(&m).n, 513 - 2 - 12);
	check_int(reed_irc_parse(long_line(p, "@a=b PRIVMSG #c :", 517), NULL, &m), REED_OK);
	check_int(reed_irc_parse(long_line(p, "@a=b PRIVMSG #c :", 518), NULL, &m), REED_ETOOBIG);
}

static struct reed_slice line_with_tags(char *p, size_t data)
{
	p[0] = '@';
	memset(p + 1, 't', data);
	memcpy(p + 1 + data, " PING x", 7);
	return reed_slice(p, 1 + data + 7);
}

static void tags_have_4094_bytes_from_clients_and_8189_from_servers(void)
{
	char p[REED_IRC_BYTES_MAX];
	struct reed_irc_message m;

	check_int(reed_irc_parse(line_with_tags(p, 4094), &reed_irc_from_client, &m), REED_OK);
	check_int(reed_irc_parse(line_with_tags(p, 4095), &reed_irc_from_client, &m), REED_ETOOBIG);
	check_int(m.command, REED_IRC_PING);
	check_int(reed_irc_parse(line_with_tags(p, 8189), NULL, &m), REED_OK);
	check_int(reed_irc_parse(line_with_tags(p, 8190), NULL, &m), REED_ETOOBIG);
}

static void a_caller_may_have_limits_of_its_own(void)
{
	struct reed_irc_limits limits = { .tags = 100, .line = 10 };
	struct reed_irc_message m;

	check_int(reed_irc_parse(REED_STR("PING 123"), &limits, &m), REED_OK);
	check_int(reed_irc_parse(REED_STR("PING 1234"), &limits, &m), REED_ETOOBIG);
}

static void commands_are_known_in_any_case(void)
{
	check_int(parsed("PRIVMSG a :b").command, REED_IRC_PRIVMSG);
	check_int(parsed("privmsg a :b").command, REED_IRC_PRIVMSG);
	check_int(parsed("pRiVmSg a :b").command, REED_IRC_PRIVMSG);
	check_slice(parsed("pRiVmSg a :b").verb, "pRiVmSg");
	check_int(parsed("AUTHENTICATE +").command, REED_IRC_AUTHENTICATE);
}

static void what_is_no_known_command_is_kept_as_a_word(void)
{
	check_int(parsed("FOO").command, REED_IRC_UNKNOWN);
	check_int(parsed("PRIVMSGS x").command, REED_IRC_UNKNOWN);
	check_int(parsed("PRIV x").command, REED_IRC_UNKNOWN);
	check_int(parsed("P\x12IVMSG x").command, REED_IRC_UNKNOWN);
	check_int(parsed("ABCDEFGHIJKLMNOPQRSTUVWXYZ x").command, REED_IRC_UNKNOWN);
	check_int(parsed("GET / HTTP/1.1").command, REED_IRC_UNKNOWN);
	check_int(parsed("\xc3\x84h").command, REED_IRC_UNKNOWN);
	check_int(parsed("01").command, REED_IRC_UNKNOWN);
	check_int(parsed("0001").command, REED_IRC_UNKNOWN);
	check_int(parsed("4x3").command, REED_IRC_UNKNOWN);
}

static void three_digits_are_a_numeric(void)
{
	struct reed_irc_message m = parsed(":srv 433 * joe :Nickname is already in use");

	check_int(m.command, REED_IRC_NUMERIC);
	check_int(m.numeric, 433);
	check_int(parsed(":srv 001 joe").numeric, 1);
	check_int(parsed(":srv 999 joe").numeric, 999);
}

static void every_command_of_the_list_is_found_by_its_name(void)
{
	unsigned n = 0;

#define X(name)                                                           \
	check_int(reed_irc_command_of(REED_STR(#name)), REED_IRC_##name); \
	check_slice(reed_irc_command_name(REED_IRC_##name), #name);       \
	n++;
	REED_IRC_COMMANDS(X)
#undef X
	check_int(n, REED_IRC_COMMANDS_END - REED_IRC_NUMERIC - 1);
	check_int(reed_irc_command_name(REED_IRC_UNKNOWN).n, 0);
	check_int(reed_irc_command_name(REED_IRC_COMMANDS_END).n, 0);
	check_int(reed_irc_command_of(REED_STR("")), REED_IRC_UNKNOWN);
}

static void the_list_of_commands_is_in_order(void)
{
	static const char *const names[] = {
#define X(name) #name,
		REED_IRC_COMMANDS(X)
#undef X
	};

	for (size_t i = 1; i < REED_COUNT(names); i++)
		check(strcmp(names[i - 1], names[i]) < 0);
}

static void a_missing_parameter_reads_as_an_empty_one(void)
{
	struct reed_irc_message m = parsed("JOIN #c");

	check_slice(reed_irc_param(&m, 0), "#c");
	for (size_t i = 1; i < 40; i++)
		check_int(reed_irc_param(&m, i).n, 0);
	m = parsed("LIST");
	check_int(reed_irc_text(&m).n, 0);
}

static void what_is_not_utf8_is_told(void)
{
	struct reed_irc_message m = parsed("PRIVMSG #c :plain");

	check(m.ascii && reed_irc_is_utf8(&m));
	m = parsed("PRIVMSG #c :na\xc3\xafve");
	check(!m.ascii && reed_irc_is_utf8(&m));
	m = parsed("PRIVMSG #c :na\xefve");
	check(!m.ascii && !reed_irc_is_utf8(&m));
	m = parsed("PRIVMSG #c :a longer text whose end is half\xe2\x82");
	check(!m.ascii && !reed_irc_is_utf8(&m));
}

static void check_source(const char *source, const char *nick, const char *user, const char *host)
{
	struct reed_irc_source who = reed_irc_source(reed_slice_of(source));

	check_slice(who.nick, nick);
	check_slice(who.user, user);
	check_slice(who.host, host);
}

static void a_source_is_nick_user_and_host_or_less(void)
{
	check_source("joe", "joe", "", "");
	check_source("irc.example.org", "irc.example.org", "", "");
	check_source("joe!j@127.0.0.1", "joe", "j", "127.0.0.1");
	check_source("joe!~j@localhost", "joe", "~j", "localhost");
	check_source("joe@127.0.0.1", "joe", "", "127.0.0.1");
	check_source("joe!j", "joe", "j", "");
	check_source("joe!j@net\x03"
	             "5w\x03ork",
	             "joe", "j",
	             "net\x03"
	             "5w\x03ork");
	check_source("joe!j@home@host", "joe", "j@home", "host");
	check_source("joe!j@2001:db8::1", "joe", "j", "2001:db8::1");
	check_source("", "", "", "");
	check_source("!@", "", "", "");
}

int main(void)
{
	RUN(a_line_is_command_and_parameters);
	RUN(a_colon_begins_the_last_parameter);
	RUN(a_last_parameter_is_like_the_others_with_or_without_a_colon);
	RUN(a_colon_inside_a_word_is_part_of_it);
	RUN(spaces_may_be_many);
	RUN(a_tab_is_no_space);
	RUN(control_codes_may_stand_in_a_source);
	RUN(the_fifteenth_parameter_takes_the_rest);
	RUN(a_line_may_end_in_cr_lf_or_lf_or_nothing);
	RUN(an_empty_line_is_nothing_and_no_error);
	RUN(ends_of_lines_and_nul_inside_are_refused);
	RUN(tags_or_a_source_without_a_command_are_refused);
	RUN(what_is_refused_leaves_nothing_but_the_line);
	RUN(tags_stand_in_front);
	RUN(a_line_has_512_bytes_with_its_end);
	RUN(tags_have_4094_bytes_from_clients_and_8189_from_servers);
	RUN(a_caller_may_have_limits_of_its_own);
	RUN(commands_are_known_in_any_case);
	RUN(what_is_no_known_command_is_kept_as_a_word);
	RUN(three_digits_are_a_numeric);
	RUN(every_command_of_the_list_is_found_by_its_name);
	RUN(the_list_of_commands_is_in_order);
	RUN(a_missing_parameter_reads_as_an_empty_one);
	RUN(what_is_not_utf8_is_told);
	RUN(a_source_is_nick_user_and_host_or_less);
	return 0;
}
