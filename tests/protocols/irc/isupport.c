/* What servers say of themselves with 005, read and written. */

#include "check.h"
#include "reed/irc/isupport.h"

static enum reed_err tell(struct reed_irc_isupport *is, const char *line)
{
	struct reed_irc_message m;

	check_int(reed_irc_parse(reed_slice_of(line), NULL, &m), REED_OK);
	check_int(m.numeric, 5);
	return reed_irc_isupport_add(is, &m);
}

static void until_told_the_defaults_hold(void)
{
	struct reed_irc_isupport is;

	reed_irc_isupport_init(&is);
	check_int(is.casemap, REED_IRC_CASEMAP_RFC1459);
	check_str(is.chantypes, "#&");
	check_int(is.nicklen, 9);
	check_int(is.channellen, 200);
	check_int(is.modes_max, 3);
	check_int(is.linelen, 512);
	check_int(reed_irc_mode_kind(&is.modes, 'o'), REED_IRC_MODE_MEMBER);
	check_int(reed_irc_mode_kind(&is.modes, 'k'), REED_IRC_MODE_PARAM);
	check(!is.has_monitor && !is.whox && !is.utf8only && !is.excepts && !is.bot);
	check_int(reed_irc_targmax(&is, REED_STR("PRIVMSG")), 1);
	check_int(reed_irc_chanlimit(&is, '#'), 0);
	check(!reed_irc_isupport_get(&is, "NETWORK"));
	reed_irc_isupport_finish(&is);
}

static void tokens_of_several_messages_come_together(void)
{
	struct reed_irc_isupport is;

	reed_irc_isupport_init(&is);
	check_int(tell(&is, ":s 005 n CASEMAPPING=ascii CHANMODES=beI,k,l,imnst PREFIX=(qov)~@+ "
	                    "NICKLEN=30 CHANTYPES=# NETWORK=Test\\x20Net :are supported by this "
	                    "server"),
	          REED_OK);
	check_int(tell(&is, ":s 005 n EXCEPTS INVEX=J MODES MONITOR=100 WHOX UTF8ONLY BOT=b "
	                    "STATUSMSG=@+ draft/CHATHISTORY=50 FOO=bar :are supported by this "
	                    "server"),
	          REED_OK);
	check_int(is.casemap, REED_IRC_CASEMAP_ASCII);
	check_str(is.modes.prefixes, "~@+");
	check_int(reed_irc_mode_kind(&is.modes, 't'), REED_IRC_MODE_FLAG);
	check_int(is.nicklen, 30);
	check_str(is.chantypes, "#");
	check_str(is.network, "Test Net");
	check_int(is.excepts, 'e');
	check_int(is.invex, 'J');
	check_int(is.modes_max, 0);
	check(is.has_monitor);
	check_int(is.monitor, 100);
	check(is.has_chathistory);
	check_int(is.chathistory, 50);
	check(is.whox && is.utf8only);
	check_int(is.bot, 'b');
	check_str(is.statusmsg, "@+");
	check_str(reed_irc_isupport_get(&is, "FOO"), "bar");
	check_str(reed_irc_isupport_get(&is, "WHOX"), "");
	check(!reed_irc_isupport_get(&is, "are"));
	check_int(is.count, 16);
	reed_irc_isupport_finish(&is);
}

static void what_is_told_again_replaces(void)
{
	struct reed_irc_isupport is;

	reed_irc_isupport_init(&is);
	check_int(tell(&is, ":s 005 n NICKLEN=30 FOO=a :x y"), REED_OK);
	check_int(tell(&is, ":s 005 n NICKLEN=16 FOO=b :x y"), REED_OK);
	check_int(is.nicklen, 16);
	check_str(reed_irc_isupport_get(&is, "FOO"), "b");
	check_int(is.count, 2);
	reed_irc_isupport_finish(&is);
}

static void a_minus_takes_back(void)
{
	struct reed_irc_isupport is;

	reed_irc_isupport_init(&is);
	check_int(tell(&is, ":s 005 n NICKLEN=30 WHOX MONITOR=5 FOO PREFIX=(o)@ :x y"), REED_OK);
	check_int(tell(&is, ":s 005 n -NICKLEN -WHOX -MONITOR -FOO -PREFIX -NEVER :x y"), REED_OK);
	check_int(is.nicklen, 9);
	check(!is.whox && !is.has_monitor);
	check_int(is.monitor, 0);
	check_str(is.modes.prefixes, "@+");
	check(!reed_irc_isupport_get(&is, "FOO"));
	check_int(is.count, 0);
	reed_irc_isupport_finish(&is);
}

static void an_empty_prefix_is_not_the_default_one(void)
{
	struct reed_irc_isupport is;

	reed_irc_isupport_init(&is);
	check_int(tell(&is, ":s 005 n PREFIX= CHANTYPES= :x y"), REED_OK);
	check_str(is.modes.prefixes, "");
	check_str(is.chantypes, "");
	check(!reed_irc_is_channel(&is, REED_STR("#c")));
	reed_irc_isupport_finish(&is);
}

static void values_are_unescaped(void)
{
	struct reed_irc_isupport is;

	reed_irc_isupport_init(&is);
	check_int(tell(&is, ":s 005 n A=\\x20\\x5C\\x3D\\x5c B=\\x2 C=\\xg0 D=a=b E=\\ :x y"),
	          REED_OK);
	check_str(reed_irc_isupport_get(&is, "A"), " \\=\\");
	check_str(reed_irc_isupport_get(&is, "B"), "\\x2");
	check_str(reed_irc_isupport_get(&is, "C"), "\\xg0");
	check_str(reed_irc_isupport_get(&is, "D"), "a=b");
	check_str(reed_irc_isupport_get(&is, "E"), "\\");
	reed_irc_isupport_finish(&is);
}

static void what_cannot_be_understood_is_as_if_not_told(void)
{
	struct reed_irc_isupport is;

	reed_irc_isupport_init(&is);
	check_int(tell(&is, ":s 005 n NICKLEN=30 :x y"), REED_OK);
	check_int(tell(&is, ":s 005 n NICKLEN=many WHOX :x y"), REED_ESYNTAX);
	check_int(is.nicklen, 9);
	check(!reed_irc_isupport_get(&is, "NICKLEN"));
	check(is.whox);
	check_int(tell(&is, ":s 005 n PREFIX=ov :x y"), REED_ESYNTAX);
	check_str(is.modes.prefixes, "@+");
	check_int(tell(&is, ":s 005 n CASEMAPPING=rfc7613 :x y"), REED_ESYNTAX);
	check_int(is.casemap, REED_IRC_CASEMAP_RFC1459);
	check_int(tell(&is, ":s 005 n EXCEPTS=ab :x y"), REED_ESYNTAX);
	check_int(is.excepts, '\0');
	check_int(tell(&is, ":s 005 n =x :x y"), REED_ESYNTAX);
	check_int(tell(&is, ":s 005 n A=\\x00 :x y"), REED_ESYNTAX);
	check_int(tell(&is, ":s 005 n NICKLEN=4294967296 :x y"), REED_ESYNTAX);
	reed_irc_isupport_finish(&is);
}

static void a_sentence_is_no_token_with_or_without_thirteen_before_it(void)
{
	struct reed_irc_isupport is;

	reed_irc_isupport_init(&is);
	check_int(tell(&is, ":s 005 n A B C D E F G H I J K L M N O=1 P :are supported here"),
	          REED_OK);
	check_int(is.count, 16);
	check_str(reed_irc_isupport_get(&is, "O"), "1");
	check_int(tell(&is, ":s 005 n Q R"), REED_OK);
	check_int(is.count, 18);
	check_int(tell(&is, ":s 005 n"), REED_OK);
	check_int(tell(&is, ":s 005"), REED_OK);
	check_int(is.count, 18);
	reed_irc_isupport_finish(&is);
}

static void there_are_only_so_many_tokens(void)
{
	struct reed_irc_isupport is;
	char line[64];

	reed_irc_isupport_init(&is);
	for (int i = 0; i < REED_IRC_TOKENS_MAX; i++) {
		snprintf(line, sizeof(line), ":s 005 n T%d=x :x y", i);
		check_int(tell(&is, line), REED_OK);
	}
	check_int(tell(&is, ":s 005 n WHOX :x y"), REED_ETOOBIG);
	check(!is.whox);
	check_int(tell(&is, ":s 005 n T7=y :x y"), REED_OK);
	check_str(reed_irc_isupport_get(&is, "T7"), "y");
	check_int(is.count, REED_IRC_TOKENS_MAX);
	reed_irc_isupport_finish(&is);
}

static void limits_are_looked_up_in_lists(void)
{
	struct reed_irc_isupport is;

	reed_irc_isupport_init(&is);
	check_int(tell(&is, ":s 005 n TARGMAX=PRIVMSG:4,JOIN:,WHOIS:1 CHANLIMIT=#&:50,+: "
	                    "MAXLIST=be:100,I:5 :x y"),
	          REED_OK);
	check_int(reed_irc_targmax(&is, REED_STR("privmsg")), 4);
	check_int(reed_irc_targmax(&is, REED_STR("JOIN")), 0);
	check_int(reed_irc_targmax(&is, REED_STR("NOTICE")), 1);
	check_int(reed_irc_chanlimit(&is, '&'), 50);
	check_int(reed_irc_chanlimit(&is, '+'), 0);
	check_int(reed_irc_chanlimit(&is, '!'), 0);
	check_int(reed_irc_maxlist(&is, 'e'), 100);
	check_int(reed_irc_maxlist(&is, 'I'), 5);
	check_int(reed_irc_maxlist(&is, 'q'), 0);
	reed_irc_isupport_finish(&is);
}

static void older_tokens_tell_limits_for_all(void)
{
	struct reed_irc_isupport is;

	reed_irc_isupport_init(&is);
	check_int(tell(&is, ":s 005 n MAXTARGETS=3 MAXCHANNELS=20 MAXBANS=60 :x y"), REED_OK);
	check_int(reed_irc_targmax(&is, REED_STR("PRIVMSG")), 3);
	check_int(reed_irc_chanlimit(&is, '#'), 20);
	check_int(reed_irc_maxlist(&is, 'b'), 60);
	reed_irc_isupport_finish(&is);
}

static void targets_are_told_apart(void)
{
	struct reed_irc_isupport is;
	struct reed_slice prefixes;

	reed_irc_isupport_init(&is);
	check_int(tell(&is, ":s 005 n CHANTYPES=#+ STATUSMSG=@+ :x y"), REED_OK);
	check(reed_irc_is_channel(&is, REED_STR("#c")));
	check(!reed_irc_is_channel(&is, REED_STR("joe")));
	check(!reed_irc_is_channel(&is, REED_STR("")));
	check_slice(reed_irc_without_statusmsg(&is, REED_STR("@#c"), &prefixes), "#c");
	check_slice(prefixes, "@");
	check_slice(reed_irc_without_statusmsg(&is, REED_STR("@+#c"), &prefixes), "#c");
	check_slice(prefixes, "@+");
	check_slice(reed_irc_without_statusmsg(&is, REED_STR("+c"), &prefixes), "+c");
	check_int(prefixes.n, 0);
	check_slice(reed_irc_without_statusmsg(&is, REED_STR("@joe"), &prefixes), "@joe");
	check_int(prefixes.n, 0);
	reed_irc_isupport_finish(&is);
}

static void accounts_are_banned_as_the_server_says(void)
{
	struct reed_irc_isupport is;
	struct reed_slice out;
	char p[64];

	reed_irc_isupport_init(&is);
	check_int(reed_irc_account_ban(&is, REED_STR("bob"), p, sizeof(p), &out), REED_ENOTSUP);
	check_int(tell(&is, ":s 005 n EXTBAN=$,ARar ACCOUNTEXTBAN=R :x y"), REED_OK);
	check_int(is.extban_prefix, '$');
	check_str(is.extbans, "ARar");
	check_int(reed_irc_account_ban(&is, REED_STR("bob"), p, sizeof(p), &out), REED_OK);
	check_slice(out, "$R:bob");
	check_int(tell(&is, ":s 005 n EXTBAN=~,a ACCOUNTEXTBAN=account,a :x y"), REED_OK);
	check_int(reed_irc_account_ban(&is, REED_STR("bob"), p, sizeof(p), &out), REED_OK);
	check_slice(out, "~account:bob");
	check_int(tell(&is, ":s 005 n EXTBAN=,R ACCOUNTEXTBAN=R :x y"), REED_OK);
	check_int(is.extban_prefix, '\0');
	check_int(reed_irc_account_ban(&is, REED_STR("bob"), p, sizeof(p), &out), REED_OK);
	check_slice(out, "R:bob");
	check_int(reed_irc_account_ban(&is, REED_STR("b b"), p, sizeof(p), &out), REED_ESYNTAX);
	reed_irc_isupport_finish(&is);
}

static struct reed_slice write_line(const struct reed_irc_isupport *is, size_t *at, char *p)
{
	struct reed_irc_builder b;
	struct reed_slice line;

	reed_irc_build(&b, p, REED_IRC_LINE_MAX);
	reed_irc_build_numeric(&b, REED_STR("s"), REED_STR("n"), 5);
	reed_irc_build_isupport(&b, is, at);
	check_int(reed_irc_build_end(&b, &line), REED_OK);
	return line;
}

static void a_server_tells_what_it_has_set(void)
{
	struct reed_irc_isupport is;
	char p[REED_IRC_LINE_MAX];
	size_t at = 0;

	reed_irc_isupport_init(&is);
	check_int(reed_irc_isupport_set(&is, REED_STR("NETWORK"), REED_STR("My Net")), REED_OK);
	check_int(reed_irc_isupport_set(&is, REED_STR("WHOX"), REED_STR("")), REED_OK);
	check_int(reed_irc_isupport_set(&is, REED_STR("X"), REED_STR("a\\b=c")), REED_OK);
	check_str(is.network, "My Net");
	check_slice(
		write_line(&is, &at, p),
		":s 005 n NETWORK=My\\x20Net WHOX X=a\\x5Cb=c :are supported by this server\r\n");
	check_int(at, 3);
	reed_irc_isupport_finish(&is);
}

static void a_line_has_thirteen_tokens_at_most_and_512_bytes(void)
{
	struct reed_irc_isupport is, back;
	char p[REED_IRC_LINE_MAX], name[16], value[200];
	struct reed_irc_message m;
	size_t at = 0, lines = 0;

	reed_irc_isupport_init(&is);
	reed_irc_isupport_init(&back);
	memset(value, 'v', sizeof(value));
	for (int i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "T%d", i);
		check_int(reed_irc_isupport_set(&is, reed_slice_of(name),
		                                reed_slice(value, i < 30 ? 2 : 150)),
		          REED_OK);
	}
	for (; at < is.count; lines++) {
		struct reed_slice line = write_line(&is, &at, p);

		check_int(reed_irc_parse(line, NULL, &m), REED_OK);
		check(m.count <= 15);
		check_int(reed_irc_isupport_add(&back, &m), REED_OK);
	}
	check_int(back.count, 40);
	for (size_t i = 0; i < is.count; i++)
		check_str(back.tokens[i].value, is.tokens[i].value);
	check_int(lines, 6);
	reed_irc_isupport_finish(&is);
	reed_irc_isupport_finish(&back);
}

static void a_token_too_long_for_any_line_is_an_error_and_passed_over(void)
{
	struct reed_irc_isupport is;
	struct reed_irc_builder b;
	char p[REED_IRC_LINE_MAX], value[481];
	struct reed_slice line;
	size_t at = 0;

	reed_irc_isupport_init(&is);
	memset(value, ' ', sizeof(value));
	check_int(reed_irc_isupport_set(&is, REED_STR("A"), reed_slice(value, 470)), REED_OK);
	check_int(reed_irc_isupport_set(&is, REED_STR("B"), reed_slice(value, 481)), REED_ETOOBIG);
	reed_irc_build(&b, p, sizeof(p));
	reed_irc_build_numeric(&b, REED_STR("s"), REED_STR("n"), 5);
	reed_irc_build_isupport(&b, &is, &at);
	check_int(reed_irc_build_end(&b, &line), REED_ETOOBIG);
	check_int(at, 1);
	reed_irc_isupport_finish(&is);
}

int main(void)
{
	RUN(until_told_the_defaults_hold);
	RUN(tokens_of_several_messages_come_together);
	RUN(what_is_told_again_replaces);
	RUN(a_minus_takes_back);
	RUN(an_empty_prefix_is_not_the_default_one);
	RUN(values_are_unescaped);
	RUN(what_cannot_be_understood_is_as_if_not_told);
	RUN(a_sentence_is_no_token_with_or_without_thirteen_before_it);
	RUN(there_are_only_so_many_tokens);
	RUN(limits_are_looked_up_in_lists);
	RUN(older_tokens_tell_limits_for_all);
	RUN(targets_are_told_apart);
	RUN(accounts_are_banned_as_the_server_says);
	RUN(a_server_tells_what_it_has_set);
	RUN(a_line_has_thirteen_tokens_at_most_and_512_bytes);
	RUN(a_token_too_long_for_any_line_is_an_error_and_passed_over);
	return 0;
}
