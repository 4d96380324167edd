/* What IRC clients see of what other doors and the server do. */

#include "stage.h"

static struct reed_session person;

static void expect(struct reed_stream *s, const char *pattern)
{
	struct reed_slice line = next_line(s);

	if (!matches(pattern, line))
		fprintf(stderr, "wanted %s\nheard " REED_FMT "\n", pattern, REED_ARG(line));
	check(matches(pattern, line));
}

static void nothing_more(struct reed_stream *s)
{
	reed_write_str(s, "PING silence\r\n");
	expect(s, "*PONG*silence");
}

static void join(struct reed_stream *s, const char *room)
{
	reed_printf(s, "JOIN %s\r\n", room);
	check_int(hear(s, "* 366 *"), REED_OK);
}

static void put(const char *room, unsigned roles)
{
	struct reed_member *member;

	check_int(reed_room_put(person.user, reed_slice_of(room), roles, &member), 0);
}

static void end(struct reed_stream *a, struct reed_stream *b)
{
	reed_close(a);
	reed_close(b);
	drop_curtain();
}

/* ---- chghost ---- */

static void change_host(void)
{
	check_int(reed_user_set_host(person.user, REED_STR("other"), REED_STR("new.example")), 0);
}

static void a_new_host_is_told_to_who_knows_the_word(void)
{
	struct reed_stream *knows, *not ;

	raise_curtain(NULL);
	knows = come_in_with("knows", "chghost account-tag");
	not = come_in_with("not", "batch");
	join(knows, "#a");
	join(not, "#a");
	check_int(hear(knows, ":not!*JOIN #a"), REED_OK);
	add_person_from(&person, "pat", "192.0.2.1");
	put("#a", REED_ROLE_OP | REED_ROLE_VOICE);
	check_int(hear(knows, ":reed MODE #a +ov pat pat"), REED_OK);
	check_int(hear(not, ":reed MODE #a +ov pat pat"), REED_OK);
	put("#elsewhere", 0);
	change_host();
	expect(knows, ":pat!pat@host.example CHGHOST other new.example");
	nothing_more(knows);
	/* who does not sees somebody go and come, only where both are */
	expect(not, ":pat!pat@host.example QUIT :Changing host");
	expect(not, ":pat!other@new.example JOIN #a");
	expect(not, ":reed MODE #a +ov pat pat");
	nothing_more(not );
	end(knows, not );
}

static void who_watches_hears_of_a_new_host_if_it_knows_the_word(void)
{
	struct reed_stream *knows, *not ;

	raise_curtain(NULL);
	knows = come_in_with("knows", "chghost extended-monitor");
	not = come_in_with("not", "extended-monitor");
	reed_write_str(knows, "MONITOR + pat\r\n");
	reed_write_str(not, "MONITOR + pat\r\n");
	check_int(hear(knows, "* 731 *"), REED_OK);
	check_int(hear(not, "* 731 *"), REED_OK);
	add_person_from(&person, "pat", "192.0.2.1");
	check_int(hear(knows, "* 730 *"), REED_OK);
	check_int(hear(not, "* 730 *"), REED_OK);
	change_host();
	expect(knows, ":pat!pat@host.example CHGHOST other new.example");
	nothing_more(not );
	end(knows, not );
}

static void ones_own_new_host_is_told_too(void)
{
	struct reed_stream *knows, *not ;

	raise_curtain(NULL);
	knows = come_in_with("knows", "chghost");
	not = come_in_with("not", "batch");
	nothing_more(knows);
	nothing_more(not );
	check_int(reed_user_set_host(reed_user_find(hub, REED_STR("knows")), REED_STR("k"),
	                             REED_STR("k.example")),
	          0);
	expect(knows, ":knows!knows@* CHGHOST k k.example");
	check_int(reed_user_set_host(reed_user_find(hub, REED_STR("not")), REED_STR("n"),
	                             REED_STR("n.example")),
	          0);
	expect(not, ":reed 396 not n.example :is now your visible host");
	end(knows, not );
}

/* ---- rooms ---- */

static void a_room_that_is_renamed_is_left_and_entered(void)
{
	struct reed_stream *knows, *not ;

	raise_curtain(NULL);
	knows = come_in_with("knows", "extended-join");
	not = come_in_with("not", "batch");
	join(knows, "#old");
	join(not, "#old");
	check_int(hear(knows, ":not!*JOIN #old *"), REED_OK);
	check_int(reed_room_rename(NULL, reed_room_find(hub, REED_STR("#old")), REED_STR("#new"),
	                           REED_STR("")),
	          0);
	expect(knows, ":knows!knows@* PART #old :This room is called #new now");
	expect(knows, ":knows!knows@* JOIN #new \\* :knows");
	expect(knows, ":reed 353 knows = #new :not @knows");
	expect(knows, ":reed 366 knows #new :*");
	expect(not, ":not!not@* PART #old :*");
	expect(not, ":not!not@* JOIN #new");
	end(knows, not );
}

/* ---- words of other doors ---- */

static void say(const struct reed_tag *tags, size_t count, const char *text)
{
	struct reed_speech speech = REED_SPEECH;

	speech.text = reed_slice_of(text);
	speech.tags = tags;
	speech.tag_count = count;
	check_int(reed_room_say(&person, reed_room_find(hub, REED_STR("#a")), &speech), 0);
}

static void tags_of_other_doors_have_the_names_that_irc_gives_them(void)
{
	const struct reed_tag tags[] = {
		{ REED_STR("reply"), REED_STR("123") },
		{ REED_STR("react"), REED_STR("a;b c") },
		{ REED_STR("example.com/x"), REED_STR("") },
	};
	struct reed_stream *s;

	raise_curtain(NULL);
	s = come_in_with("alex", "message-tags");
	join(s, "#a");
	add_person_from(&person, "pat", "192.0.2.1");
	put("#a", 0);
	check_int(hear(s, ":pat!*JOIN #a"), REED_OK);
	say(tags, 3, "hello");
	expect(s, "@msgid=*;+reply=123;+draft/react=a\\:b\\sc;+example.com/x :pat!* :hello");
	/* two lines are two messages, of which the first has the tags */
	say(tags, 1, "one\ntwo");
	expect(s, "@msgid=*;+reply=123 :pat!*PRIVMSG #a :one");
	expect(s, ":pat!*PRIVMSG #a :two");
	end(s, NULL);
}

/* ---- the operator changes the settings ---- */

static void what_can_be_had_may_come_and_go(void)
{
	struct stage stage = STAGE;
	struct reed_stream *new, *old;

	stage.accounts = "alice:wonderland";
	stage.irc.registration = true;
	stage.irc.limit_loopback = true;
	raise_curtain(&stage);
	new = dial();
	reed_write_str(new, "CAP LS 302\r\n");
	expect(new, ":reed CAP \\* LS :*draft/account-registration=*");
	reed_write_str(new, "CAP REQ :draft/account-registration\r\n");
	expect(new, ":reed CAP \\* ACK *");
	old = come_in_with("old", "cap-notify");
	stage.irc.registration = false;
	reed_irc_server_update(server, &stage.irc);
	expect(new, ":reed CAP \\* DEL :draft/account-registration");
	expect(old, ":reed CAP old DEL :draft/account-registration");
	reed_write_str(new, "CAP LIST\r\nCAP REQ :draft/account-registration\r\n");
	expect(new, ":reed CAP \\* LIST :cap-notify");
	expect(new, ":reed CAP \\* NAK *");
	/* of a client that has been told of a value it is told with its value */
	stage.irc.registration = stage.irc.plain_in_clear = true;
	reed_irc_server_update(server, &stage.irc);
	expect(new, ":reed CAP \\* NEW :draft/account-registration=before-connect,* sasl=*PLAIN*");
	expect(old, ":reed CAP old NEW :draft/account-registration sasl");
	reed_irc_server_update(server, &stage.irc);
	nothing_more(old);
	end(new, old);
}

static void without_a_mechanism_there_is_no_sasl(void)
{
	struct stage stage = STAGE;
	struct reed_stream *s;

	raise_curtain(&stage);
	s = dial();
	reed_write_str(s, "CAP LS 302\r\n");
	check(!matches("*sasl*", next_line(s)));
	reed_write_str(s, "CAP REQ :sasl\r\n");
	expect(s, ":reed CAP \\* NAK :sasl");
	end(s, NULL);
}

/* ---- addresses ---- */

static void an_address_that_begins_with_a_colon_ends_no_line(void)
{
	struct reed_stream *s;

	raise_curtain(NULL);
	s = come_in_with("alex", "batch");
	add_person_from(&person, "pat", "::1");
	reed_user_empower(reed_user_find(hub, REED_STR("alex")), "admin", REED_MAY_SEE);
	check_int(hear(s, "* MODE alex *"), REED_OK);
	reed_write_str(s, "WHO pat %iu\r\n");
	expect(s, ":reed 354 alex pat 0::1");
	end(s, NULL);
}

int main(void)
{
	RUN(a_new_host_is_told_to_who_knows_the_word);
	RUN(who_watches_hears_of_a_new_host_if_it_knows_the_word);
	RUN(ones_own_new_host_is_told_too);
	RUN(a_room_that_is_renamed_is_left_and_entered);
	RUN(tags_of_other_doors_have_the_names_that_irc_gives_them);
	RUN(what_can_be_had_may_come_and_go);
	RUN(without_a_mechanism_there_is_no_sasl);
	RUN(an_address_that_begins_with_a_colon_ends_no_line);
	return 0;
}
