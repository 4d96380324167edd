/*
 * What 005 says of lengths is so: with the longest names around it the longest
 * text arrives whole, in lines that are not too long.
 */

#include "stage.h"

#include "reed/irc/isupport.h"
#include "reed/irc/message.h"

enum { TEXT = 600 };

static struct reed_irc_isupport is;
static struct reed_stream *s;
static char nick[TEXT], other[TEXT], user[TEXT], host[TEXT], channel[TEXT];
static char topic[TEXT], kick[TEXT], away_text[TEXT], realname[TEXT], key[TEXT];
static struct reed_session person;

/* n bytes of c, in words as people write. */
static void fill(char *into, char c, unsigned n)
{
	check(n > 0 && n < TEXT);
	memset(into, c, n);
	into[n] = '\0';
}

/* The next line with this word; all before it fit, and so does it. */
static struct reed_slice line_of(const char *word)
{
	struct reed_irc_message m;
	struct reed_slice line;

	do {
		line = next_line(s);
		check(line.n + 2 <= REED_IRC_LINE_MAX);
		check_int(reed_irc_parse(line, NULL, &m), REED_OK);
	} while (!reed_slice_is(m.verb, word));
	return line;
}

/* It ends with the whole of that text. */
static void expect_whole(const char *word, const char *text)
{
	struct reed_slice line = line_of(word);
	size_t n = strlen(text);

	check(line.n > n && memcmp(line.p + line.n - n, text, n) == 0);
}

static void learn_isupport(void)
{
	struct reed_irc_message m;
	struct reed_slice line;

	reed_irc_isupport_init(&is);
	do {
		line = next_line(s);
		check(line.n + 2 <= REED_IRC_LINE_MAX);
		check_int(reed_irc_parse(line, NULL, &m), REED_OK);
		if (m.numeric == 5)
			check_int(reed_irc_isupport_add(&is, &m), REED_OK);
	} while (m.numeric != 422);
}

/* The client that watches has the longest nick too. */
static void come(const struct stage *stage)
{
	raise_curtain(stage);
	s = dial();
	reed_write_str(s, "CAP REQ :extended-join away-notify setname\r\nNICK short\r\n"
	                  "USER u 0 * :U\r\nCAP END\r\n");
	learn_isupport();
	fill(nick, 'n', is.nicklen);
	fill(other, 'o', is.nicklen);
	fill(user, 'u', is.userlen);
	fill(host, 'h', is.hostlen);
	fill(channel, 'c', is.channellen);
	channel[0] = '#';
	fill(topic, 't', is.topiclen);
	fill(kick, 'k', is.kicklen);
	fill(away_text, 'a', is.awaylen);
	fill(realname, 'r', is.namelen);
	fill(key, 'y', is.keylen);
	reed_printf(s, "NICK %s\r\n", nick);
	line_of("NICK");
	reed_printf(s, "JOIN %s\r\n", channel);
	line_of("366");
	add_person(&person, other, user, host, realname);
}

static void go(void)
{
	reed_irc_isupport_finish(&is);
	reed_close(s);
	drop_curtain();
}

static struct reed_room *room(void)
{
	return reed_room_find(hub, reed_slice_of(channel));
}

static void play(const struct stage *stage)
{
	struct reed_member *member;

	come(stage);
	check_int(reed_room_put(person.user, reed_slice_of(channel), REED_ROLE_OP, &member), 0);
	expect_whole("JOIN", realname);
	check_int(reed_room_set_topic(&person, room(), reed_slice_of(topic)), 0);
	expect_whole("TOPIC", topic);
	reed_printf(s, "TOPIC %s\r\n", channel);
	expect_whole("332", topic);
	line_of("333");
	reed_write_str(s, "LIST\r\n");
	expect_whole("322", topic);
	check_int(reed_session_away(&person, reed_slice_of(away_text)), 0);
	expect_whole("AWAY", away_text);
	reed_printf(s, "PRIVMSG %s :hi\r\n", other);
	expect_whole("301", away_text);
	reed_printf(s, "WHO %s\r\n", channel);
	expect_whole("352", realname);
	reed_printf(s, "WHOIS %s\r\n", other);
	expect_whole("311", realname);
	check_int(reed_user_set_realname(person.user, &person, reed_slice_of(realname)), 0);
	expect_whole("SETNAME", realname);
	check_int(reed_room_kick(&person, room(), reed_user_find(hub, reed_slice_of(nick)),
	                         reed_slice_of(kick)),
	          0);
	expect_whole("KICK", kick);
	go();
}

/* ---- tests ---- */

static void the_longest_texts_fit_with_the_longest_names(void)
{
	play(NULL);
}

static void they_fit_behind_a_long_name_of_the_server(void)
{
	struct stage stage = STAGE;

	stage.irc.name = "a-very-long-name-of-a-server.in-a-long-domain.somewhere.example";
	play(&stage);
}

static void they_fit_when_the_settings_allow_more_than_a_line_holds(void)
{
	struct stage stage = STAGE;

	stage.rooms.limits.nick_bytes = stage.rooms.limits.username_bytes = 200;
	stage.rooms.limits.host_bytes = stage.rooms.limits.room_name_bytes = 200;
	stage.rooms.limits.topic_bytes = stage.rooms.limits.reason_bytes = 4000;
	stage.rooms.limits.away_bytes = stage.rooms.limits.realname_bytes = 4000;
	stage.rooms.limits.key_bytes = 4000;
	stage.irc.name = "irc.example.org";
	play(&stage);
}

static void small_limits_are_told_as_they_are(void)
{
	struct stage stage = STAGE;

	stage.rooms.limits.nick_bytes = 9;
	stage.rooms.limits.topic_bytes = 100;
	stage.rooms.limits.away_bytes = 50;
	come(&stage);
	check_int(is.nicklen, 9);
	check_int(is.topiclen, 100);
	check_int(is.awaylen, 50);
	go();
}

/* What is told is also what is taken. */
static void what_is_longer_is_refused_or_cut(void)
{
	struct stage stage = STAGE;
	struct reed_slice line;

	stage.rooms.limits.nick_bytes = 200;
	stage.rooms.limits.topic_bytes = stage.rooms.limits.key_bytes = 400;
	come(&stage);
	reed_printf(s, "NICK x%s\r\n", nick);
	line_of("432");
	reed_printf(s, "TOPIC %s :x%s\r\n", channel, topic);
	line = line_of("NOTICE");
	check(matches("*TOPIC: Here a topic has at most ??? bytes: make it shorter", line));
	reed_printf(s, "TOPIC %s :%s\r\n", channel, topic);
	expect_whole("TOPIC", topic);
	reed_printf(s, "MODE %s +k %s\r\n", channel, key);
	line_of("MODE");
	reed_printf(s, "MODE %s +k x%s\r\n", channel, key);
	check(matches("*MODE: Here a key has at most*", line_of("NOTICE")));
	reed_printf(s, "AWAY :x%s\r\n", away_text);
	line_of("306");
	line = reed_slice_of(reed_user_find(hub, reed_slice_of(nick))->away);
	check_int(line.n, is.awaylen);
	go();
}

/* Who set it and when are left out sooner than the mask. */
static void long_masks_are_listed(void)
{
	char mask[300];

	come(NULL);
	fill(mask, 'm', 245);
	memcpy(mask + 100, "!", 1);
	memcpy(mask + 200, "@", 1);
	reed_printf(s, "MODE %s +b %s\r\n", channel, mask);
	line_of("MODE");
	reed_printf(s, "MODE %s b\r\n", channel);
	check(reed_slice_find(line_of("367"), '@') < 512);
	line_of("368");
	go();
}

static void many_words_take_several_lines(void)
{
	char nicks[500] = "";
	struct reed_slice line;
	size_t heard = 0;

	come(NULL);
	for (int i = 0; i < 14; i++)
		snprintf(nicks + strlen(nicks), sizeof(nicks) - strlen(nicks), "%s%.30s%02d",
		         i ? "," : "", nick, i);
	reed_printf(s, "MONITOR + %s\r\nMONITOR L\r\n", nicks);
	line_of("731");
	for (line = line_of("732"); !matches("* 733 *", line); line = next_line(s)) {
		check(line.n + 2 <= REED_IRC_LINE_MAX);
		while (line.n > 0)
			heard += reed_slice_cut(&line, ',').n > 0;
	}
	check_int(heard, 14);
	reed_printf(s, "ISON %s %s %s\r\n", nick, other, nick);
	line_of("303");
	reed_printf(s, "USERHOST %s %s %s %s %s\r\n", other, other, other, other, other);
	line_of("302");
	line_of("302");
	go();
}

int main(void)
{
	RUN(the_longest_texts_fit_with_the_longest_names);
	RUN(they_fit_behind_a_long_name_of_the_server);
	RUN(they_fit_when_the_settings_allow_more_than_a_line_holds);
	RUN(small_limits_are_told_as_they_are);
	RUN(what_is_longer_is_refused_or_cut);
	RUN(long_masks_are_listed);
	RUN(many_words_take_several_lines);
	return 0;
}
