/* What a client knows of channels and people, and what it tells. */

#include "tests/protocols/irc/client_peer.h"

#define CAPS                                                                               \
	"multi-prefix userhost-in-names extended-join account-notify away-notify chghost " \
	"setname message-tags server-time batch account-tag echo-message invite-notify"
#define TOKENS "CHANMODES=beI,k,l,imnpst PREFIX=(qaohv)~&@%+ STATUSMSG=@+ MONITOR=100 BOT=B"

static const struct reed_irc_channel *room(void)
{
	return reed_irc_channel_find(client, S("#Reed"));
}

static const char *modes_of(const char *nick)
{
	const struct reed_irc_member *m = reed_irc_member_find(client, room(), S(nick));

	return m ? m->modes : "not there";
}

static void come_in(void)
{
	begin_online(NULL, CAPS, TOKENS);
	play("< :joe!~joe@host.example JOIN #reed joe :Joe Doe\n"
	     "< :irc 332 joe #reed :Rushes and sedges\n"
	     "< :irc 333 joe #reed ann!a@h 1700000000\n"
	     "< :irc 353 joe = #reed :joe!~joe@host.example @+ann!a@annhost\n"
	     "< :irc 353 joe = #reed :%+bob!b@bobhost ~Cat!c@cathost\n"
	     "< :irc 366 joe #reed :End of /NAMES list\n"
	     "< :irc 324 joe #reed +ntkl key 10\n"
	     "< :irc 329 joe #reed 1600000000\n");
}

/* ---- channels ---- */

static void a_channel_we_join_is_known(void)
{
	const struct reed_irc_member *m = NULL;
	const char *param = NULL;

	come_in();
	check(event_comes("JOIN joe #reed Joe Doe"));
	check(event_comes("NAMES irc #reed"));
	check_str(room()->name, "#reed");
	check_str(room()->topic, "Rushes and sedges");
	check_str(room()->topic_by, "ann!a@h");
	check_int(room()->topic_time, 1700000000);
	check_int(room()->created, 1600000000);
	check(room()->has_names && room()->has_modes);
	check_int(room()->members, 4);
	m = reed_irc_member_next(room(), NULL);
	check_str(m->user->nick, "joe");
	m = reed_irc_member_next(room(), m);
	check_str(m->user->nick, "ann");
	check_str(m->modes, "ov");
	check_str(m->user->host, "annhost");
	check(reed_irc_member_is(client, m, 'h') && !reed_irc_member_is(client, m, 'a'));
	m = reed_irc_member_next(room(), reed_irc_member_next(room(), m));
	check(!strcmp(m->user->nick, "Cat") && !reed_irc_member_next(room(), m));
	check_str(modes_of("CAT"), "q");
	check(reed_irc_channel_mode(room(), 'k', &param) && !strcmp(param, "key"));
	check(reed_irc_channel_mode(room(), 'l', &param) && !strcmp(param, "10"));
	check(reed_irc_channel_mode(room(), 'n', NULL) &&
	      !reed_irc_channel_mode(room(), 'i', NULL));
	check(reed_irc_channel_next(client, NULL) == room());
	check(!reed_irc_channel_next(client, room()));
	finish();
}

static void modes_change(void)
{
	come_in();
	play("< :ann!a@annhost MODE #reed -o+v-k+il bob joe key 20\n"
	     "< :Cat!c@cathost MODE #reed +ov-v ann ann bob\n"
	     "< :Cat!c@cathost MODE #reed +b-n *!*@spam\n");
	check(event_comes("MODE ann #reed -o+v-k+il"));
	check_str(modes_of("joe"), "v");
	check_str(modes_of("bob"), "h");
	check_str(modes_of("ann"), "ov");
	check(!reed_irc_channel_mode(room(), 'k', NULL) &&
	      !reed_irc_channel_mode(room(), 'n', NULL));
	check(reed_irc_channel_mode(room(), 'i', NULL) &&
	      !reed_irc_channel_mode(room(), 'b', NULL));
	finish();
}

static void topics_change(void)
{
	come_in();
	play("< @time=2026-01-02T03:04:05.678Z :bob!b@bobhost TOPIC #reed :New\n");
	check(event_comes("TOPIC bob #reed New"));
	check_str(room()->topic, "New");
	check_str(room()->topic_by, "bob!b@bobhost");
	check_int(room()->topic_time, 1767323045);
	check_int(events.event->time, 1767323045678);
	play("< :bob!b@bobhost TOPIC #reed :\n");
	check_str(room()->topic, "");
	finish();
}

static void channels_are_renamed(void)
{
	struct reed_irc_client_options o = peer_options();

	o.channels = "#old";
	begin_online(&o, CAPS, NULL);
	play("> JOIN #old\n< :joe!j@h JOIN #old joe :x\n< :irc RENAME #old #new :better\n");
	check(event_comes("RENAME irc #old #new better"));
	check(reed_irc_channel_find(client, S("#new")) &&
	      !reed_irc_channel_find(client, S("#old")));
	peer_closes();
	welcome(CAPS, NULL);
	play("> JOIN #new\n");
	finish();
}

/* ---- people ---- */

static void people_come_and_go(void)
{
	come_in();
	play("< :dan!d@danhost JOIN #reed * :Dan the man\n");
	check(event_comes("JOIN dan #reed Dan the man"));
	check_slice(events.event->account, "");
	check_str(reed_irc_user_find(client, S("dan"))->account, "");
	check_str(reed_irc_user_find(client, S("dan"))->realname, "Dan the man");
	play("< :dan!d@danhost PART #reed :bye\n< :bob!b@bobhost QUIT :Quit: gone\n"
	     "< :ann!a@annhost KICK #reed cat :shoo\n");
	check(event_comes("PART dan #reed bye"));
	check(event_comes("QUIT bob Quit: gone"));
	check(event_comes("KICK ann #reed cat shoo"));
	check_int(room()->members, 2);
	check(!reed_irc_user_find(client, S("dan")) && !reed_irc_user_find(client, S("bob")));
	finish();
}

static void people_are_known_while_they_share_a_channel_with_us(void)
{
	come_in();
	play("< :joe!~joe@host.example JOIN #two joe :Joe\n"
	     "< :irc 353 joe = #two :joe ann\n"
	     "< :irc 366 joe #two :End of /NAMES list\n");
	check_int(reed_irc_user_find(client, S("ann"))->channels, 2);
	play("< :joe!~joe@host.example PART #reed\n");
	check(!room() && reed_irc_user_find(client, S("ann")));
	check_int(reed_irc_user_find(client, S("ann"))->channels, 1);
	check(!reed_irc_user_find(client, S("bob")));
	play("< :ann!a@annhost KICK #two joe :out\n");
	check(event_comes("KICK ann #two joe out") && events.event->is_private);
	check(!reed_irc_user_find(client, S("ann")) && !reed_irc_user_find(client, S("joe")));
	check_int(client->users.count, 0);
	finish();
}

static void nicks_change(void)
{
	come_in();
	play("< :ann!a@annhost NICK anna\n< :joe!~joe@host.example NICK :joey\n");
	check(event_comes("NICK ann anna"));
	check_str(modes_of("anna"), "ov");
	check(!reed_irc_user_find(client, S("ann")));
	check_slice(reed_irc_client_nick(client), "joey");
	check(event_comes("NICK joe joey"));
	/* a server that has lost count */
	play("< :anna!a@annhost NICK bob\n");
	check_int(room()->members, 3);
	check_str(modes_of("bob"), "ov");
	/* the same name in other letters */
	play("< :bob!a@annhost NICK BOB\n");
	check_str(reed_irc_user_find(client, S("bob"))->nick, "BOB");
	finish();
}

static void what_is_told_of_people_is_kept(void)
{
	const struct reed_irc_user *ann;

	come_in();
	ann = reed_irc_user_find(client, S("ann"));
	check(!ann->account && !ann->realname && !ann->is_away);
	play("< :ann!a@annhost AWAY :lunch\n< :ann!a@annhost ACCOUNT annie\n"
	     "< :ann!a@annhost CHGHOST ~ann new.host\n< :ann!~ann@new.host SETNAME :Ann Onymous\n");
	check(event_comes("AWAY ann lunch") && !events.event->is_over);
	check(event_comes("ACCOUNT ann") && reed_slice_is(events.event->account, "annie"));
	check(event_comes("HOST ann ~ann@new.host"));
	check(event_comes("NAME ann Ann Onymous"));
	check(ann->is_away);
	check_str(ann->account, "annie");
	check_str(ann->user, "~ann");
	check_str(ann->host, "new.host");
	check_str(ann->realname, "Ann Onymous");
	play("< :ann!~ann@new.host AWAY\n< :ann!~ann@new.host ACCOUNT *\n");
	check(event_comes("AWAY ann") && events.event->is_over);
	check(!ann->is_away && !strcmp(ann->account, ""));
	play("< @account=other :ann!~ann@other.host PRIVMSG #reed :hi\n");
	check_str(ann->account, "other");
	check_str(ann->host, "other.host");
	play("< :irc 352 joe #reed ~a who.host irc ann GB :0 Ann W\n");
	check(ann->is_away && ann->is_bot && !strcmp(ann->realname, "Ann W"));
	finish();
}

static void many_quit_at_once_when_servers_part(void)
{
	char text[256];

	come_in();
	for (int i = 0; i < 50; i++) {
		snprintf(text, sizeof(text), "< :n%d!u@h JOIN #reed * :x\n", i);
		play(text);
	}
	while (strcmp(event(), "(none)") != 0)
		continue;
	play("< :irc BATCH +x netsplit a.example b.example\n");
	for (int i = 0; i < 50; i++) {
		snprintf(text, sizeof(text), "< @batch=x :n%d!u@h QUIT :a.example b.example\n", i);
		play(text);
	}
	play("< :irc BATCH -x\n");
	for (int i = 0; i < 50; i++) {
		snprintf(text, sizeof(text), "QUIT n%d a.example b.example", i);
		check_str(event(), text);
		check_slice(events.event->batch, "netsplit");
	}
	check_int(room()->members, 4);
	check_int(client->batch_count, 0);
	finish();
}

static void there_is_a_limit_to_what_is_kept(void)
{
	struct reed_irc_client_options o = peer_options();
	struct reed_irc_client_stats stats = { .size = sizeof(stats) };

	o.channels_most = 2;
	o.members_most = 5;
	begin_online(&o, NULL, NULL);
	play("< :joe!j@h JOIN #a\n< :irc 353 joe = #a :joe a b c d e f\n< :joe!j@h JOIN #b\n"
	     "< :joe!j@h JOIN #c\n< :irc 353 joe = #c :joe a b c d e f\n");
	reed_irc_client_stats(client, &stats);
	check_int(stats.channels, 2);
	check_int(stats.members, 5);
	check_int(stats.untracked, 4);
	play("< :joe!j@h PART #a\n< :x!y@z PART #c\n");
	reed_irc_client_stats(client, &stats);
	check(stats.channels == 1 && stats.members == 0);
	finish();
}

static void names_are_compared_as_the_server_says(void)
{
	begin_online(NULL, NULL, "CASEMAPPING=rfc1459");
	play("< :joe!j@h JOIN #[x]\n< :irc 353 joe = #[x] :joe \\a\\\n");
	check(reed_irc_channel_find(client, S("#{X}")) && reed_irc_user_find(client, S("|A|")));
	play("< :irc 005 joe CASEMAPPING=ascii :are supported by this server\n");
	check(!reed_irc_channel_find(client, S("#{X}")) &&
	      reed_irc_channel_find(client, S("#[X]")));
	check(!reed_irc_user_find(client, S("|A|")) && reed_irc_user_find(client, S("\\A\\")));
	finish();
}

/* ---- messages ---- */

static void messages_are_told_with_all_that_belongs_to_them(void)
{
	come_in();
	play("< @account=an\\sn;msgid=m\\:1;time=2026-01-02T03:04:05.000Z "
	     ":ann!a@annhost PRIVMSG @#reed :hi all\n");
	check(event_comes("MESSAGE ann #reed hi all"));
	check_slice(events.event->reply_to, "#reed");
	check_slice(events.event->account, "an n");
	check_slice(events.event->id, "m;1");
	check_slice(events.event->who.host, "annhost");
	check(!events.event->is_private && !events.event->is_mine && !events.event->is_past);
	play("< :ann!a@annhost NOTICE joe :psst\n");
	check_str(event(), "NOTICE ann joe psst");
	check_slice(events.event->reply_to, "ann");
	check(events.event->is_private);
	play("< :joe!~joe@host.example PRIVMSG ann :said by us\n");
	check_str(event(), "MESSAGE joe ann said by us");
	check(events.event->is_mine && !events.event->is_private);
	check_slice(events.event->reply_to, "ann");
	play("< @+typing=active :ann!a@annhost TAGMSG #reed\n");
	check_str(event(), "TAGS ann #reed");
	finish();
}

static void other_things_are_told_as_what_they_are(void)
{
	come_in();
	play("< :ann!a@annhost INVITE joe #there\n< :irc FAIL JOIN X_Y #c :no\n"
	     "< :irc NOTE * HELLO :well\n< :irc 251 joe :There are 3 users\n"
	     "< :irc WALLOPS :to all\n< :joe MODE joe :+i\n< ERROR :so long\n");
	check(event_comes("INVITE ann #there joe"));
	check_slice(events.event->reply_to, "ann");
	check_str(event(), "STANDARD irc JOIN X_Y no");
	check_str(event(), "STANDARD irc * HELLO well");
	check_str(event(), "NUMERIC irc There are 3 users There are 3 users");
	check_int(events.event->numeric, 251);
	check_str(event(), "RAW irc");
	check_str(event(), "MODE joe joe +i");
	check(events.event->is_private);
	check_str(event(), "ERROR so long");
	finish();
}

static void actions_and_ctcp_are_not_messages(void)
{
	come_in();
	play("< :ann!a@annhost PRIVMSG #reed :\001ACTION waves\001\n"
	     "< :ann!a@annhost PRIVMSG joe :\001VERSION\001\n"
	     "< :ann!a@annhost NOTICE joe :\001VERSION irssi\001\n");
	check(event_comes("ACTION ann #reed waves"));
	check_str(event(), "CTCP ann joe VERSION");
	check_str(event(), "CTCP_REPLY ann joe VERSION irssi");
	play("> NOTICE ann :\001VERSION Reed " REED_VERSION "\001\n");
	finish();
}

static void well_known_ctcp_is_answered_but_not_too_often(void)
{
	struct reed_irc_client_options o = peer_options();

	o.ctcp_version = "mine 1.0";
	o.ctcp_source = "https://example.org/";
	o.ctcp_userinfo = "joe of the tests";
	begin_online(&o, NULL, NULL);
	play("< :ann!a@h PRIVMSG joe :\001version\001\n> NOTICE ann :\001version mine 1.0\001\n"
	     "< :ann!a@h PRIVMSG joe :\001PING 12 34\001\n> NOTICE ann :\001PING 12 34\001\n"
	     "< :ann!a@h PRIVMSG joe :\001SOURCE\001\n"
	     "> NOTICE ann :\001SOURCE https://example.org/\001\n");
	for (int i = 0; i < 5; i++)
		play("< :ann!a@h PRIVMSG joe :\001VERSION\001\n");
	check(is_silent(4900));
	check_int(client->stats.ctcp_ignored, 5);
	hear(200);
	play("< :ann!a@h PRIVMSG joe :\001CLIENTINFO\001\n"
	     "> NOTICE ann :\001CLIENTINFO ACTION CLIENTINFO ERRMSG PING SOURCE TIME USERINFO "
	     "VERSION\001\n");
	hear(60000);
	play("< :ann!a@h PRIVMSG joe :\001TIME\001\n");
	check(strncmp(hear(1000), "NOTICE ann :\001TIME 20", 20) == 0);
	play("< :ann!a@h PRIVMSG joe :\001USERINFO\001\n"
	     "> NOTICE ann :\001USERINFO joe of the tests\001\n"
	     "< :ann!a@h PRIVMSG joe :\001ERRMSG how so\001\n"
	     "> NOTICE ann :\001ERRMSG how so :no error\001\n");
	hear(60000);
	play("< :ann!a@h PRIVMSG joe :\001FINGER\001\n"); /* which is not told */
	play("< :ann!a@h PRIVMSG joe :\001UNHEARD OF\001\n< :irc PRIVMSG joe :\001VERSION\001\n");
	check(is_silent(1000));
	finish();
	o.no_ctcp = true;
	begin_online(&o, NULL, NULL);
	play("< :ann!a@h PRIVMSG joe :\001VERSION\001\n");
	check(is_silent(1000));
	finish();
}

static void the_past_changes_nothing(void)
{
	come_in();
	play("< :irc BATCH +h chathistory #reed\n"
	     "< @batch=h;time=2020-01-01T00:00:00.000Z :ann!a@old PRIVMSG #reed :long ago\n"
	     "< @batch=h :bob!b@bobhost QUIT :then\n"
	     "< @batch=h :ann!a@annhost PRIVMSG joe :\001VERSION\001\n"
	     "< :irc BATCH -h\n");
	check(event_comes("MESSAGE ann #reed long ago"));
	check(events.event->is_past && reed_slice_is(events.event->batch, "chathistory"));
	check(event_comes("RAW bob"));
	check(reed_irc_user_find(client, S("bob")) && is_silent(1000));
	check_str(reed_irc_user_find(client, S("ann"))->host, "annhost");
	finish();
}

static void a_message_of_many_lines_is_told_once(void)
{
	come_in();
	play("< @msgid=m1;account=annie;time=2026-01-02T03:04:05.000Z "
	     ":ann!a@annhost BATCH +1 draft/multiline #reed\n"
	     "< @batch=1 :ann!a@annhost PRIVMSG #reed :hello\n"
	     "< :bob!b@bobhost PRIVMSG #reed :in between\n"
	     "< @batch=1 :ann!a@annhost PRIVMSG #reed :\n"
	     "< @batch=1 :ann!a@annhost PRIVMSG #reed :how is \n"
	     "< @batch=1;draft/multiline-concat :ann!a@annhost PRIVMSG #reed :everyone?\n");
	check(event_comes("MESSAGE bob #reed in between"));
	check_str(event(), "(none)");
	play("< :irc BATCH -1\n");
	check_str(event(), "MESSAGE ann #reed hello\n\nhow is everyone?");
	check_slice(events.event->id, "m1");
	check_slice(events.event->account, "annie");
	check_int(events.event->time, 1767323045000);
	play("< :ann!a@annhost BATCH +2 draft/multiline #reed\n< :irc BATCH -2\n");
	check_str(event(), "(none)");
	finish();
}

static void batches_that_never_end_are_not_many(void)
{
	char text[256];

	come_in();
	for (int i = 0; i < 100; i++) {
		snprintf(text, sizeof(text), "< :irc BATCH +b%d draft/multiline #reed\n", i);
		play(text);
		snprintf(text, sizeof(text), "< @batch=b%d :ann!a@h PRIVMSG #reed :x\n", i);
		play(text);
	}
	check_int(client->batch_count, IRC_BATCHES_MOST);
	check(event_comes("MESSAGE ann #reed x")); /* those of batches that are not known */
	finish();
}

static void an_event_may_be_kept(void)
{
	const struct reed_irc_event *kept;

	come_in();
	play("< :ann!a@annhost PRIVMSG #reed :keep me\n");
	check(event_comes("MESSAGE ann #reed keep me"));
	kept = reed_irc_event_keep(events.event);
	play("< :ann!a@annhost PRIVMSG #reed :something else altogether\n");
	check(event_comes("MESSAGE ann #reed something else altogether"));
	check_slice(kept->text, "keep me");
	check_slice(kept->message->line, ":ann!a@annhost PRIVMSG #reed :keep me");
	reed_irc_event_let_go(kept);
	finish();
}

static void who_is_slow_to_listen_is_told_what_it_missed(void)
{
	struct reed_irc_events slow = { 0 };

	come_in();
	reed_irc_events_begin(&slow, client, 2);
	play("< :ann!a@h PRIVMSG #reed :1\n< :ann!a@h PRIVMSG #reed :2\n"
	     "< :ann!a@h PRIVMSG #reed :3\n< :ann!a@h PRIVMSG #reed :4\n");
	check_int(outcome(reed_irc_events_next(&slow)), REED_EOVERFLOW);
	check(slow.queue.missed == 2 && !slow.event);
	check_int(outcome(reed_irc_events_next(&slow)), REED_OK);
	check_slice(slow.event->text, "3");
	reed_irc_events_end(&slow);
	reed_irc_events_end(&slow);
	finish();
}

static void a_line_nobody_listens_to_allocates_nothing(void)
{
	size_t total;

	come_in();
	reed_irc_events_end(&events);
	play("< :ann!a@annhost PRIVMSG #reed :warm up\n");
	total = memory.total;
	for (int i = 0; i < 100; i++)
		reed_irc_client_receive(client, S("@time=2026-01-02T03:04:05.000Z :ann!a@annhost "
		                                  "PRIVMSG #reed :hello"));
	check_int(memory.total, total);
	reed_irc_events_begin(&events, client, 10);
	finish();
}

/* ---- monitored ---- */

static void those_monitored_are_told_and_remembered(void)
{
	struct reed_irc_monitor monitor;
	struct owner o;

	come_in();
	own(&o, reed_irc_monitor_add(client, S("ann,bob"), &monitor, NULL));
	play("> MONITOR + ann,bob\n");
	check(strncmp(hear(100), "PING reed-", 10) == 0);
	play("< :irc 730 joe :ann!a@h\n< :irc 731 joe :bob\n< :irc PONG irc :reed-1\n");
	check(event_comes("ONLINE ann") && event_comes("OFFLINE bob"));
	check(o.told && !o.err);
	check(monitor.online_count == 1 && monitor.offline_count == 1);
	check_slice(monitor.online[0], "ann");
	reed_irc_monitor_finish(&monitor);
	play("< :irc 730 joe :bob!b@h,eve\n");
	check(event_comes("ONLINE bob") && reed_slice_is(events.event->who.host, "h"));
	check_str(event(), "ONLINE eve");
	check_int(reed_irc_monitor_remove(client, S("ann")), REED_OK);
	play("> MONITOR - ann\n");
	peer_closes();
	welcome(NULL, TOKENS);
	play("> MONITOR + bob\n");
	finish();
}

int main(void)
{
	lab_open();
	RUN(a_channel_we_join_is_known);
	RUN(modes_change);
	RUN(topics_change);
	RUN(channels_are_renamed);
	RUN(people_come_and_go);
	RUN(people_are_known_while_they_share_a_channel_with_us);
	RUN(nicks_change);
	RUN(what_is_told_of_people_is_kept);
	RUN(many_quit_at_once_when_servers_part);
	RUN(there_is_a_limit_to_what_is_kept);
	RUN(names_are_compared_as_the_server_says);
	RUN(messages_are_told_with_all_that_belongs_to_them);
	RUN(other_things_are_told_as_what_they_are);
	RUN(actions_and_ctcp_are_not_messages);
	RUN(well_known_ctcp_is_answered_but_not_too_often);
	RUN(the_past_changes_nothing);
	RUN(a_message_of_many_lines_is_told_once);
	RUN(batches_that_never_end_are_not_many);
	RUN(an_event_may_be_kept);
	RUN(who_is_slow_to_listen_is_told_what_it_missed);
	RUN(a_line_nobody_listens_to_allocates_nothing);
	RUN(those_monitored_are_told_and_remembered);
	lab_close();
	return 0;
}
