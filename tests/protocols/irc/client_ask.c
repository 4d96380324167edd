/* Calls that wait for an answer: what is asked, and what becomes of what is answered. */

#include "tests/protocols/irc/client_peer.h"

static struct reed_irc_refusal refusal;
static struct owner o;

static void open(const char *caps)
{
	memset(&refusal, 0xff, sizeof(refusal)); /* must be written */
	begin_online(NULL, caps, "CHANMODES=beI,k,l,imnst PREFIX=(ov)@+ MODES=2 WHOX MONITOR");
	check_int(client->ask_count, 0);
}

static bool is_done(void)
{
	settle_down();
	return o.told == 1 && o.err == REED_OK;
}

static bool is_refused(unsigned numeric, const char *text)
{
	check(is_done());
	return reed_irc_is_refused(&refusal) && refusal.numeric == numeric &&
	       strcmp(refusal.text, text) == 0;
}

static bool is_granted(void)
{
	return is_done() && !reed_irc_is_refused(&refusal);
}

/* ---- coming and going ---- */

static void a_join_settles_when_the_members_are_known(void)
{
	open(NULL);
	own(&o, reed_irc_join(client, S("#reed"), S(""), &refusal));
	play("> JOIN #reed\n< :ann!a@h JOIN #reed\n< :joe!j@h JOIN #reed\n"
	     "< :irc 353 joe = #reed :joe ann\n");
	check(!o.told);
	play("< :irc 366 joe #REED :End of /NAMES list\n");
	check(is_granted());
	check_int(reed_irc_channel_find(client, S("#reed"))->members, 2);
	finish();
}

static void or_is_refused_with_the_reason(void)
{
	static const struct {
		unsigned numeric;
		const char *line, *text;
	} cases[] = {
		{ 473, "473 joe #reed :Cannot join channel (+i)", "Cannot join channel (+i)" },
		{ 471, "471 joe #reed :Cannot join channel (+l)", "Cannot join channel (+l)" },
		{ 403, "403 joe #Reed :No such channel", "No such channel" },
		{ 470, "470 joe #reed #reed2 :Forwarding to another channel",
		  "Forwarding to another channel" },
		{ 520, "520 joe #reed :Opers only", "Opers only" },
		{ 461, "461 joe JOIN :Not enough parameters", "Not enough parameters" },
		{ 421, "421 joe join :Unknown command", "Unknown command" },
		{ 263, "263 joe JOIN :Please wait a while", "Please wait a while" },
	};
	char line[256];

	for (size_t i = 0; i < REED_COUNT(cases); i++) {
		open(NULL);
		own(&o, reed_irc_join(client, S("#reed"), S("sesame"), &refusal));
		snprintf(line, sizeof(line), "> JOIN #reed sesame\n< :irc %s\n", cases[i].line);
		play(line);
		check(is_refused(cases[i].numeric, cases[i].text));
		check_int(client->ask_count, 0);
		finish();
	}
}

static void what_is_about_other_channels_is_not_taken_for_the_answer(void)
{
	open(NULL);
	own(&o, reed_irc_join(client, S("#reed"), S(""), &refusal));
	play("> JOIN #reed\n< :irc 473 joe #other :Cannot join channel (+i)\n"
	     "< :irc 404 joe #reed :Cannot send to channel\n"
	     "< :irc FAIL JOIN X #other :no\n< :irc 421 joe PART :Unknown command\n");
	check(!o.told);
	play("< :irc FAIL JOIN INVALID #reed :not so\n");
	check(is_done() && reed_irc_is_refused(&refusal) && refusal.numeric == 0);
	check_str(refusal.code, "INVALID");
	check_str(refusal.text, "not so");
	finish();
}

static void calls_of_one_kind_may_be_under_way_together(void)
{
	struct owner two;
	struct reed_irc_refusal second = { 0 };

	open(NULL);
	own(&o, reed_irc_join(client, S("#one"), S(""), &refusal));
	own(&two, reed_irc_join(client, S("#two"), S(""), &second));
	play("> JOIN #one\n> JOIN #two\n< :irc 474 joe #two :Banned\n");
	check(!o.told && two.told && second.numeric == 474);
	play("< :joe!j@h JOIN #one\n< :irc 366 joe #one :End\n");
	check(is_granted());
	finish();
}

static void parts_kicks_invitations_and_nicks(void)
{
	open(NULL);
	play("< :joe!j@h JOIN #reed\n");
	own(&o, reed_irc_kick(client, S("#reed"), S("bob"), S("out you go"), &refusal));
	play("> KICK #reed bob :out you go\n> PING reed-1\n< :joe!j@h KICK #reed bob :out you go\n");
	check(is_granted());
	own(&o, reed_irc_kick(client, S("#reed"), S("ann"), S(""), &refusal));
	play("> KICK #reed ann\n> PING reed-2\n< :irc 482 joe #reed :You're not channel operator\n"
	     "< :irc PONG irc reed-2\n");
	check(is_refused(482, "You're not channel operator"));
	own(&o, reed_irc_invite(client, S("ann"), S("#reed"), &refusal));
	play("> INVITE ann #reed\n> PING reed-3\n< :irc 341 joe ann #reed\n");
	check(is_granted());
	own(&o, reed_irc_set_nick(client, S("jim"), &refusal));
	play("> NICK jim\n< :irc 433 joe jim :Nickname is already in use\n");
	check(is_refused(433, "Nickname is already in use"));
	own(&o, reed_irc_set_nick(client, S("jack"), &refusal));
	play("> NICK jack\n< :joe!j@h NICK jack\n");
	check(is_granted() && reed_irc_client_is_me(client, S("jack")));
	own(&o, reed_irc_part(client, S("#reed"), S("so long"), &refusal));
	play("> PART #reed :so long\n< :jack!j@h PART #reed :so long\n");
	check(is_granted() && !reed_irc_channel_find(client, S("#reed")));
	own(&o, reed_irc_part(client, S("#reed"), S(""), &refusal));
	play("> PART #reed\n< :irc 442 jack #reed :You're not on that channel\n");
	check(is_refused(442, "You're not on that channel"));
	own(&o, reed_irc_set_away(client, S("at lunch"), &refusal));
	play("> AWAY :at lunch\n< :irc 306 jack :You have been marked as being away\n");
	check(is_granted());
	own(&o, reed_irc_oper(client, S("god"), S("hat"), &refusal));
	play("> OPER god hat\n< :irc 464 jack :Password incorrect\n");
	check(is_refused(464, "Password incorrect"));
	finish();
}

/* ---- channels ---- */

static void topics(void)
{
	struct reed_irc_topic topic;

	open(NULL);
	own(&o, reed_irc_ask_topic(client, S("#reed"), &topic, &refusal));
	play("> TOPIC #reed\n> PING reed-1\n< :irc 332 joe #reed :Rushes\n"
	     "< :irc 333 joe #reed ann!a@h 1700000000\n< :irc PONG irc :reed-1\n");
	check(is_granted());
	check_slice(topic.topic, "Rushes");
	check_slice(topic.by, "ann!a@h");
	check_int(topic.time, 1700000000);
	reed_irc_topic_finish(&topic);
	own(&o, reed_irc_set_topic(client, S("#reed"), S(""), &refusal));
	play("> TOPIC #reed :\n> PING reed-2\n< :joe!j@h TOPIC #reed :\n");
	check(is_granted());
	own(&o, reed_irc_set_topic(client, S("#reed"), S("New one"), NULL));
	play("> TOPIC #reed :New one\n> PING reed-3\n"
	     "< :irc 482 joe #reed :You're not channel operator\n< :irc PONG irc reed-3\n");
	check(is_done());
	finish();
}

static void modes_go_in_as_many_lines_as_the_server_wants(void)
{
	struct reed_irc_modes_answer modes;

	open(NULL);
	own(&o, reed_irc_set_modes(client, S("#reed"), S("+ooo-v+t ann bob cat dan"), &refusal));
	play("> MODE #reed +oo ann bob\n> MODE #reed +o-v+t cat dan\n> PING reed-1\n"
	     "< :joe!j@h MODE #reed +oo ann bob\n< :irc 441 joe cat #reed :They aren't on that channel\n");
	check(!o.told);
	play("< :irc PONG irc :reed-1\n");
	check(is_refused(441, "They aren't on that channel"));
	own(&o, reed_irc_set_modes(client, S("joe"), S("+iw"), &refusal));
	play("> MODE joe +iw\n> PING reed-2\n< :irc PONG irc :reed-2\n");
	check(is_granted());
	own(&o, reed_irc_ask_modes(client, S("#reed"), &modes, &refusal));
	play("> MODE #reed\n> PING reed-3\n< :irc 324 joe #reed +ntk key\n"
	     "< :irc 329 joe #reed 1600000000\n< :irc PONG irc :reed-3\n");
	check(is_granted() && reed_slice_is(modes.modes, "+ntk key"));
	reed_irc_modes_finish(&modes);
	own(&o, reed_irc_ask_modes(client, S("joe"), &modes, &refusal));
	play("> MODE joe\n> PING reed-4\n< :irc 221 joe +iw\n< :irc PONG irc :reed-4\n");
	check(is_granted() && reed_slice_is(modes.modes, "+iw"));
	reed_irc_modes_finish(&modes);
	finish();
}

static void lists_of_masks(void)
{
	struct reed_irc_list_answer list;

	open(NULL);
	own(&o, reed_irc_ask_list(client, S("#reed"), 'b', &list, &refusal));
	play("> MODE #reed b\n< :irc 367 joe #reed *!*@spam ann!a@h 1700000000\n"
	     "< :irc 367 joe #reed *!*@eggs\n< :irc 368 joe #reed :End of channel ban list\n");
	check(is_granted());
	check_int(list.count, 2);
	check_slice(list.entries[0].mask, "*!*@spam");
	check_slice(list.entries[0].by, "ann!a@h");
	check_int(list.entries[0].time, 1700000000);
	check_slice(list.entries[1].mask, "*!*@eggs");
	check(list.entries[1].by.n == 0 && list.entries[1].time == 0);
	reed_irc_list_finish(&list);
	own(&o, reed_irc_ask_list(client, S("#reed"), 'q', &list, &refusal));
	play("> MODE #reed q\n< :irc 728 joe #reed q *!*@loud ann 5\n"
	     "< :irc 729 joe #reed q :End\n");
	check(is_granted() && list.count == 1 && reed_slice_is(list.entries[0].mask, "*!*@loud"));
	reed_irc_list_finish(&list);
	own(&o, reed_irc_ask_list(client, S("#reed"), 'e', &list, &refusal));
	play("> MODE #reed e\n< :irc 482 joe #reed :You're not channel operator\n");
	check(is_refused(482, "You're not channel operator") && list.count == 0);
	reed_irc_list_finish(&list);
	check_int(outcome(reed_irc_ask_list(client, S("#reed"), 'x', &list, NULL)), REED_EINVAL);
	check(why_is("there is no list 'x'; there are b, e, I and q"));
	finish();
}

static void which_channels_there_are(void)
{
	struct reed_irc_rooms rooms;
	char line[128];

	open(NULL);
	own(&o, reed_irc_ask_rooms(client, S(">3"), &rooms, &refusal));
	play("> LIST >3\n< :irc 321 joe Channel :Users  Name\n");
	for (int i = 0; i < 100; i++) {
		snprintf(line, sizeof(line), "< :irc 322 joe #r%d %d :[+nt] Topic %d\n", i, i, i);
		play(line);
	}
	play("< :irc 323 joe :End of /LIST\n");
	check(is_granted());
	check_int(rooms.count, 100);
	for (unsigned i = 0; i < 100; i++) {
		snprintf(line, sizeof(line), "#r%u", i);
		check_slice(rooms.rooms[i].name, line);
		check_int(rooms.rooms[i].users, i);
	}
	reed_irc_rooms_finish(&rooms);
	finish();
}

/* ---- people ---- */

static void who_tells_what_the_server_knows(void)
{
	struct reed_irc_people people;

	open(NULL);
	play("< :joe!j@h JOIN #reed\n< :irc 353 joe = #reed :joe ann\n");
	own(&o, reed_irc_ask_who(client, S("#reed"), &people, &refusal));
	play("> WHO #reed %tcuihsnfdlaor,0\n"
	     "< :irc 354 joe 0 #reed ~ann 10.0.0.1 ann.host irc.example ann G*@ 2 77 annie n/a "
	     ":Ann Onymous\n"
	     "< :irc 354 joe 0 #reed ~joe 255.255.255.255 h irc.example joe H 0 0 0 n/a :Joe\n"
	     "< :irc 315 joe #reed :End of /WHO list.\n");
	check(is_granted());
	check_int(people.count, 2);
	check_slice(people.people[0].nick, "ann");
	check_slice(people.people[0].user, "~ann");
	check_slice(people.people[0].host, "ann.host");
	check_slice(people.people[0].ip, "10.0.0.1");
	check_slice(people.people[0].account, "annie");
	check_slice(people.people[0].realname, "Ann Onymous");
	check_slice(people.people[0].prefixes, "@");
	check_int(people.people[0].hops, 2);
	check_int(people.people[0].idle, 77);
	check(people.people[0].is_away && people.people[0].is_operator);
	check(people.people[1].account.n == 0 && !people.people[1].is_away);
	check_str(reed_irc_user_find(client, S("ann"))->account, "annie");
	reed_irc_people_finish(&people);
	finish();
	begin_online(NULL, NULL, NULL);
	own(&o, reed_irc_ask_who(client, S("ann"), &people, &refusal));
	play("> WHO ann\n< :irc 352 joe * ~ann ann.host irc.example ann H+ :3 Ann W. O.\n"
	     "< :irc 315 joe ann :End of /WHO list.\n");
	check(is_granted() && people.count == 1);
	check_slice(people.people[0].realname, "Ann W. O.");
	check_slice(people.people[0].prefixes, "+");
	check_int(people.people[0].hops, 3);
	check_int(people.people[0].idle, -1);
	reed_irc_people_finish(&people);
	finish();
}

static void names(void)
{
	struct reed_irc_people people;

	open(NULL);
	own(&o, reed_irc_ask_names(client, S("#far"), &people, &refusal));
	play("> NAMES #far\n< :irc 353 joe = #far :@+ann!a@h bob\n< :irc 353 joe = #far :+cat \n"
	     "< :irc 366 joe #far :End of /NAMES list\n");
	check(is_granted());
	check_int(people.count, 3);
	check_slice(people.people[0].nick, "ann");
	check_slice(people.people[0].host, "h");
	check_slice(people.people[0].prefixes, "@+");
	check_slice(people.people[1].nick, "bob");
	check_slice(people.people[2].prefixes, "+");
	check(!reed_irc_user_find(client, S("ann")));
	reed_irc_people_finish(&people);
	finish();
}

static void whois_gathers_a_dozen_numbers(void)
{
	struct reed_irc_whois w;

	open(NULL);
	own(&o, reed_irc_ask_whois(client, S("ann"), true, &w, &refusal));
	play("> WHOIS ann ann\n< :irc 311 joe Ann ~ann ann.host * :Ann Onymous\n"
	     "< :irc 319 joe Ann :@#reed +#two \n< :irc 319 joe Ann :#three\n"
	     "< :irc 312 joe Ann irc.example :A server\n< :irc 313 joe Ann :is an IRC operator\n"
	     "< :irc 330 joe Ann annie :is logged in as\n< :irc 335 joe Ann :is a bot\n"
	     "< :irc 301 joe Ann :lunch\n< :irc 671 joe Ann :is using a secure connection\n"
	     "< :irc 276 joe Ann :has client certificate fingerprint abcdef\n"
	     "< :irc 317 joe Ann 77 1700000000 :seconds idle, signon time\n"
	     "< :irc 378 joe Ann :is connecting from *@10.0.0.1 10.0.0.1\n"
	     "< :irc 379 joe Ann :is using modes +iw\n< :irc 307 joe Ann :has identified\n"
	     "< :irc 320 joe Ann :is a friend\n< :irc 318 joe ann :End of /WHOIS list.\n");
	check(is_granted());
	check_slice(w.is.nick, "Ann");
	check_slice(w.is.user, "~ann");
	check_slice(w.is.host, "ann.host");
	check_slice(w.is.realname, "Ann Onymous");
	check_slice(w.is.server, "irc.example");
	check_slice(w.server_info, "A server");
	check_slice(w.channels, "@#reed +#two #three");
	check_slice(w.is.account, "annie");
	check_slice(w.away, "lunch");
	check_slice(w.fingerprint, "abcdef");
	check_slice(w.real_host, "is connecting from *@10.0.0.1 10.0.0.1");
	check(w.is.idle == 77 && w.signed_on == 1700000000);
	check(w.is.is_away && w.is.is_bot && w.is.is_operator && w.is_secure && w.is_registered);
	check_int(w.more_count, 1);
	check_slice(w.more[0], "is a friend");
	reed_irc_whois_finish(&w);
	own(&o, reed_irc_ask_whois(client, S("nobody"), false, &w, &refusal));
	play("> WHOIS nobody\n< :irc 401 joe nobody :No such nick/channel\n");
	check(!o.told);
	play("< :irc 318 joe nobody :End of /WHOIS list.\n");
	check(is_refused(401, "No such nick/channel") && w.is.nick.n == 0);
	reed_irc_whois_finish(&w);
	/* some servers leave out the end then */
	own(&o, reed_irc_ask_whois(client, S("nobody"), false, &w, &refusal));
	play("> WHOIS nobody\n< :irc 401 joe nobody :No such nick/channel\n");
	hear(6000);
	check(is_refused(401, "No such nick/channel"));
	reed_irc_whois_finish(&w);
	finish();
}

/* ---- anything ---- */

static void any_command_may_be_asked(void)
{
	struct reed_irc_answer answer;

	open(NULL);
	own(&o, reed_irc_request(client, S("VERSION"), &answer));
	play("> VERSION\n> PING reed-1\n< :ann!a@h PRIVMSG joe :hi\n"
	     "< :irc 351 joe reed-1.0 irc.example :yes\n< :irc 005 joe A=B :are supported\n"
	     "< :irc PONG irc :reed-1\n");
	check(is_done());
	check_int(answer.count, 2);
	check_slice(reed_irc_param(&answer.messages[0], 1), "reed-1.0");
	check_int(answer.messages[1].numeric, 5);
	check(!reed_irc_is_refused(&answer.refusal));
	check(event_comes("MESSAGE ann joe hi"));
	reed_irc_answer_finish(&answer);
	own(&o, reed_irc_request(client, S("FROB me"), &answer));
	play("> FROB me\n> PING reed-2\n< :irc 421 joe FROB :Unknown command\n"
	     "< :irc PONG irc :reed-2\n");
	check(is_done() && answer.count == 1 && answer.refusal.numeric == 421);
	reed_irc_answer_finish(&answer);
	/* what takes its time has an end of its own */
	own(&o, reed_irc_request(client, S("links"), &answer));
	play("> links\n< :irc 364 joe a b :0 A\n< :irc 365 joe * :End of /LINKS list\n");
	check(is_done() && answer.count == 2);
	reed_irc_answer_finish(&answer);
	check_int(outcome(reed_irc_request(client, S("TWO\r\nLINES"), &answer)), REED_EINVAL);
	check_int(outcome(reed_irc_request(client, S(""), &answer)), REED_EINVAL);
	check_int(client->ask_count, 0);
	finish();
}

static void an_answer_has_a_limit(void)
{
	struct reed_irc_client_options options = peer_options();
	struct reed_irc_rooms rooms;

	options.answer_bytes = 8000;
	begin_online(&options, NULL, NULL);
	own(&o, reed_irc_ask_rooms(client, S(""), &rooms, NULL));
	play("> LIST\n");
	for (int i = 0; i < 300; i++)
		play("< :irc 322 joe #room 3 :a topic with some words in it\n");
	check(o.err == REED_ETOOBIG && rooms.count == 0); /* it may never end */
	check_str(o.why, "the answer to LIST is too long");
	/* and what is left of it is not taken for the answer to the next */
	own(&o, reed_irc_ask_rooms(client, S(""), &rooms, NULL));
	play("> LIST\n< :irc 322 joe #room 3 :a topic\n< :irc 323 joe :End of /LIST\n");
	check(!o.told);
	play("< :irc 322 joe #other 4 :a topic\n< :irc 323 joe :End of /LIST\n");
	check(o.err == REED_OK && rooms.count == 1);
	check_slice(rooms.rooms[0].name, "#other");
	reed_irc_rooms_finish(&rooms);
	finish();
}

static void how_far_it_is(void)
{
	const char *heard;
	char line[128];
	int64_t ms = -1;

	open(NULL);
	check_int(reed_irc_client_lag_ms(client), -1);
	own(&o, reed_irc_ping(client, &ms));
	heard = hear(10);
	check(heard && strncmp(heard, "PING ", 5) == 0);
	snprintf(line, sizeof(line), "< :irc PONG irc :%s\n", heard + 5);
	hear(250);
	play("< :irc PONG irc :something else\n");
	check(!o.told);
	play(line);
	check(is_done() && ms == 250);
	check_int(reed_irc_client_lag_ms(client), 250);
	finish();
}

int main(void)
{
	lab_open();
	RUN(a_join_settles_when_the_members_are_known);
	RUN(or_is_refused_with_the_reason);
	RUN(what_is_about_other_channels_is_not_taken_for_the_answer);
	RUN(calls_of_one_kind_may_be_under_way_together);
	RUN(parts_kicks_invitations_and_nicks);
	RUN(topics);
	RUN(modes_go_in_as_many_lines_as_the_server_wants);
	RUN(lists_of_masks);
	RUN(which_channels_there_are);
	RUN(who_tells_what_the_server_knows);
	RUN(names);
	RUN(whois_gathers_a_dozen_numbers);
	RUN(any_command_may_be_asked);
	RUN(an_answer_has_a_limit);
	RUN(how_far_it_is);
	lab_close();
	return 0;
}
