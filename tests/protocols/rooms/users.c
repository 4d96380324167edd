/* Users: nicks, presence, accounts, watching, who was here, bans from the server. */

#include "door.h"

static void nobody_takes_a_nick_in_use_in_any_case(void)
{
	struct reed_hub *hub = hub_plain();
	struct client ann, bob;

	come(hub, &ann, "Ann");
	refused(come_as(hub, &bob, "aNN", NULL), NICK_IN_USE);
	come(hub, &bob, "bob");
	refused(reed_user_rename(bob.session.user, &bob.session, REED_STR("ANN")), NICK_IN_USE);
	granted(reed_user_rename(ann.session.user, &ann.session, REED_STR("ANN")));
	refused(reed_user_rename(ann.session.user, &ann.session, REED_STR("ANN")), ALREADY);
	check_str(reed_user_find(hub, REED_STR("ann"))->nick, "ANN");
	leave(&ann);
	granted(reed_user_rename(bob.session.user, &bob.session, REED_STR("ann")));
	leave(&bob);
	reed_hub_free(hub);
}

static void the_hub_s_folding_decides_what_is_equal(void)
{
	struct reed_hub_options options = REED_HUB_OPTIONS;
	struct reed_hub *hub;
	struct client ann, bob;

	options.fold = reed_fold_rfc1459;
	hub = hub_with(&options);
	come(hub, &ann, "ann[]\\~");
	refused(come_as(hub, &bob, "ANN{}|^", NULL), NICK_IN_USE);
	leave(&ann);
	reed_hub_free(hub);
	hub = hub_plain();
	come(hub, &ann, "ann[]");
	come(hub, &bob, "ann{}");
	leave(&ann);
	leave(&bob);
	reed_hub_free(hub);
}

static void what_is_no_nick_is_refused(void)
{
	static const char *const bad[] = {
		"",   "two words", "a!b",     "a@b",  "a,b", "a*",
		"a?", "tab\t",     "del\x7f", "\xff", ":",   "a-nick-that-is-longer-than-the-limit",
	};
	struct reed_hub *hub = hub_plain();
	struct client ann;

	for (size_t i = 0; i < REED_COUNT(bad); i++)
		refused(come_as(hub, &ann, bad[i], NULL), NICK_INVALID);
	come(hub, &ann, "J\xc3\xbcrgen");
	leave(&ann);
	reed_hub_free(hub);
}

static void a_guest_may_not_take_the_nick_of_an_account(void)
{
	struct reed_hub *hub = hub_plain();
	struct client ann, guest;

	granted(come_as(hub, &ann, "ann", "ann"));
	granted(reed_account_add_nick(ann.session.user->account, REED_STR("annie")));
	leave(&ann);
	refused(come_as(hub, &guest, "ann", NULL), NICK_RESERVED);
	come(hub, &guest, "guest");
	refused(reed_user_rename(guest.session.user, &guest.session, REED_STR("Annie")),
	        NICK_RESERVED);
	granted(come_as(hub, &ann, "annie", "ann"));
	granted(reed_account_drop_nick(ann.session.user->account, REED_STR("ANNIE")));
	refused(reed_account_drop_nick(ann.session.user->account, REED_STR("ann")), NO_ENTRY);
	granted(reed_user_rename(ann.session.user, &ann.session, REED_STR("ann")));
	granted(reed_user_rename(guest.session.user, &guest.session, REED_STR("annie")));
	granted(reed_user_rename(guest.session.user, NULL, REED_STR("guest1")));
	leave(&ann);
	leave(&guest);
	reed_hub_free(hub);
}

static void an_account_s_name_need_not_be_a_nick(void)
{
	struct reed_hub *hub = hub_plain();
	struct client ann, more, bob;
	const char *nicks[2];

	granted(come_as(hub, &ann, "ann", "ann@example.org"));
	granted(come_as(hub, &more, "", "Ann@example.org"));
	check(more.session.user == ann.session.user);
	check_int(reed_account_nicks(ann.session.user->account, nicks, 2), 0);
	refused(come_as(hub, &bob, "bob", "new\nline"), NO_ACCOUNT);
	leave(&ann);
	reed_hub_free(hub);
}

static void a_user_is_away_when_all_its_sessions_are(void)
{
	struct reed_hub *hub = hub_plain();
	struct client phone, laptop, bob;

	granted(come_as(hub, &phone, "ann", "ann"));
	granted(come_as(hub, &laptop, "ann", "ann"));
	come(hub, &bob, "bob");
	join(&phone, "#reed");
	join(&bob, "#reed");
	forget(&bob);
	granted(reed_session_away(&phone.session, REED_STR("lunch")));
	heard(&bob, "");
	check(!phone.session.user->away);
	granted(reed_session_away(&laptop.session, REED_STR("dinner")));
	heard(&bob, "AWAY ann: dinner\n");
	check_str(phone.session.user->away, "dinner");
	granted(reed_session_away(&phone.session, REED_STR("")));
	heard(&bob, "AWAY ann\n");
	leave(&phone);
	heard(&bob, "AWAY ann: dinner\n");
	granted(come_as(hub, &phone, "ann", "ann"));
	heard(&bob, "AWAY ann\n");
	leave(&phone);
	leave(&laptop);
	leave(&bob);
	reed_hub_free(hub);
}

static bool keep_all(void *arg, const struct reed_user *user)
{
	(void)arg;
	return user->account != NULL;
}

static void a_user_that_is_kept_stays_without_a_session(void)
{
	struct reed_hub_options options = REED_HUB_OPTIONS;
	struct reed_hub_stats stats = { .size = sizeof(stats) };
	struct reed_hub *hub;
	struct client ann, bob, guest;
	struct reed_room *room;

	options.keep = keep_all;
	hub = hub_with(&options);
	granted(come_as(hub, &ann, "ann", "ann"));
	come(hub, &bob, "bob");
	come(hub, &guest, "guest");
	room = join(&ann, "#reed");
	join(&bob, "#reed");
	join(&guest, "#reed");
	leave(&ann);
	forget(&bob);
	leave(&guest);
	heard(&bob, "QUIT guest\n");
	check_int(room->count, 2);
	granted(say(&bob, room, "hello"));
	heard(&bob, "MESSAGE bob #reed: hello\n");
	reed_hub_stats(hub, &stats);
	check_int(stats.kept, 1);
	check_int(stats.users, 2);
	check_int(stats.sessions, 1);
	granted(come_as(hub, &ann, "ann", "ann"));
	forget(&bob);
	granted(say(&bob, room, "again"));
	heard(&ann, "AWAY ann\nMESSAGE bob #reed: again\n");
	leave(&ann);
	forget(&bob);
	granted(reed_user_kill(NULL, reed_user_find(hub, REED_STR("ann")), REED_STR("bye")));
	heard(&bob, "QUIT ann: bye\n");
	leave(&bob);
	reed_hub_free(hub);
}

static void who_is_killed_leaves_when_the_turn_ends_with_all_sessions(void)
{
	struct reed_hub_options options = REED_HUB_OPTIONS;
	struct reed_hub *hub;
	struct client phone, laptop, bob;

	options.keep = keep_all;
	hub = hub_with(&options);
	granted(come_as(hub, &phone, "ann", "ann"));
	granted(come_as(hub, &laptop, "ann", "ann"));
	come(hub, &bob, "bob");
	join(&phone, "#reed");
	join(&bob, "#reed");
	forget(&bob);
	refused(reed_user_kill(&bob.session, phone.session.user, REED_STR("spam")),
	        NEEDS_PRIVILEGE);
	reed_user_empower(bob.session.user, "admin", REED_MAY_KILL);
	heard(&bob, "FLAGS bob was bob!u@host.example\n");
	forget(&phone);
	granted(reed_user_kill(&bob.session, phone.session.user, REED_STR("spam")));
	check(!phone.over && !laptop.over);
	turn();
	check_str(phone.why, "spam");
	check_str(laptop.why, "spam");
	heard(&bob, "QUIT ann: spam\n");
	check(!reed_user_find(hub, REED_STR("ann")));
	heard(&phone, "");
	leave(&laptop);
	leave(&bob);
	reed_hub_free(hub);
}

static void a_session_moves_to_the_user_that_has_the_account(void)
{
	struct reed_hub *hub = hub_plain();
	struct client ann, guest, bob;

	granted(come_as(hub, &ann, "ann", "ann"));
	come(hub, &guest, "guest");
	come(hub, &bob, "bob");
	refused(reed_session_move(&guest.session, REED_STR("nobody"), REED_STR("")), NO_USER);
	refused(reed_session_move(&ann.session, REED_STR("ann"), REED_STR("")), ALREADY);
	join(&ann, "#ann");
	join(&guest, "#both");
	join(&bob, "#both");
	forget(&ann);
	forget(&bob);
	forget(&guest);
	granted(reed_session_away(&ann.session, REED_STR("out")));
	granted(reed_session_move(&guest.session, REED_STR("ann"), REED_STR("Logged in")));
	heard(&bob, "QUIT guest: Logged in\n");
	heard(&guest, "AWAY ann\n"); /* no longer */
	check(guest.session.user == ann.session.user && !ann.session.user->away);
	check_int(ann.session.user->session_count, 2);
	check(!reed_user_find(hub, REED_STR("guest")));
	leave(&ann);
	check_int(reed_user_find(hub, REED_STR("ann"))->session_count, 1);
	leave(&guest);
	leave(&bob);
	reed_hub_free(hub);
}

static void a_session_moves_only_where_it_could_come(void)
{
	struct reed_hub_options options = REED_HUB_OPTIONS;
	struct reed_hub *hub;
	struct client ann, guest;

	options.limits.sessions_per_user = 1;
	hub = hub_with(&options);
	granted(come_as(hub, &ann, "ann", "ann"));
	come(hub, &guest, "guest");
	refused(reed_session_move(&guest.session, REED_STR("ann"), REED_STR("")), TOO_MANY_USERS);
	check_str(guest.session.user->nick, "guest");
	leave(&guest);
	leave(&ann);
	reed_hub_free(hub);
}

static void a_login_is_told_and_gives_lasting_roles(void)
{
	struct reed_hub *hub = hub_plain();
	struct client ann, bob, other;
	struct reed_room *room;

	granted(come_as(hub, &other, "ann", "ann"));
	room = join(&other, "#reed");
	granted(change(NULL, room, REED_CHANGE_LASTING_ROLE, true, REED_ROLE_VOICE, "ann", NULL));
	come(hub, &bob, "bob");
	join(&bob, "#reed");
	refused(reed_user_login(bob.session.user, &bob.session, REED_STR("ann")), ELSEWHERE);
	leave(&other);
	come(hub, &ann, "guest");
	join(&ann, "#reed");
	forget(&bob);
	granted(reed_user_login(ann.session.user, &ann.session, REED_STR("ann")));
	heard(&bob, "ACCOUNT guest was guest!u@host.example\nCHANGE * #reed +4:2:guest\n");
	refused(reed_user_login(ann.session.user, &ann.session, REED_STR("ann")), ALREADY);
	granted(reed_user_login(ann.session.user, &ann.session, REED_STR("")));
	check(!ann.session.user->account);
	leave(&ann);
	leave(&bob);
	reed_hub_free(hub);
}

static void a_watched_nick_is_told_when_it_comes_and_goes(void)
{
	struct reed_hub *hub = hub_plain();
	struct client ann, bob;

	come(hub, &bob, "bob");
	granted(reed_monitor_add(&bob.session, REED_STR("Ann")));
	refused(reed_monitor_add(&bob.session, REED_STR("ANN")), ALREADY);
	come(hub, &ann, "ann");
	heard(&bob, "ONLINE ann: ann\n");
	granted(reed_session_away(&ann.session, REED_STR("out")));
	heard(&bob, "AWAY ann: out\n");
	granted(reed_user_rename(ann.session.user, &ann.session, REED_STR("anna")));
	heard(&bob, "OFFLINE anna: ann\n");
	granted(reed_user_rename(ann.session.user, &ann.session, REED_STR("ann")));
	heard(&bob, "ONLINE ann: ann\n");
	leave(&ann);
	heard(&bob, "OFFLINE ann: ann\n");
	granted(reed_monitor_remove(&bob.session, REED_STR("ann")));
	refused(reed_monitor_remove(&bob.session, REED_STR("ann")), NO_ENTRY);
	come(hub, &ann, "ann");
	heard(&bob, "");
	granted(reed_monitor_add(&bob.session, REED_STR("ann")));
	leave(&bob);
	leave(&ann);
	check_int(hub->watches.table.count, 0);
	reed_hub_free(hub);
}

static void who_watches_a_peer_hears_of_it_once(void)
{
	struct reed_hub *hub = hub_plain();
	struct client ann, phone, laptop;

	granted(come_as(hub, &phone, "bob", "bob"));
	granted(come_as(hub, &laptop, "bob", "bob"));
	come(hub, &ann, "ann");
	join(&ann, "#reed");
	join(&phone, "#reed");
	granted(reed_monitor_add(&laptop.session, REED_STR("ann")));
	forget(&phone);
	forget(&laptop);
	granted(reed_session_away(&ann.session, REED_STR("out")));
	heard(&phone, "AWAY ann: out\n");
	heard(&laptop, "AWAY ann: out\n");
	leave(&ann);
	heard(&laptop, "QUIT ann\nOFFLINE ann: ann\n");
	leave(&phone);
	leave(&laptop);
	reed_hub_free(hub);
}

static void those_who_left_are_remembered_up_to_a_limit(void)
{
	struct reed_hub_options options = REED_HUB_OPTIONS;
	struct reed_whowas was[8];
	struct reed_hub *hub;
	struct client ann;
	char nick[16];

	options.limits.whowas_entries = 3;
	hub = hub_with(&options);
	check_int(reed_whowas_find(hub, REED_STR("ann"), was, 8), 0);
	for (int i = 0; i < 2; i++) {
		granted(come_as(hub, &ann, "ann", i ? "ann" : NULL));
		leave(&ann);
	}
	check_int(reed_whowas_find(hub, REED_STR("ANN"), was, 8), 2);
	check_str(was[0].account, "ann");
	check(!was[1].account);
	check_str(was[1].address, "192.0.2.7");
	check_int(reed_whowas_find(hub, REED_STR("ANN"), was, 1), 1);
	for (int i = 0; i < 2; i++) {
		snprintf(nick, sizeof(nick), "c%d", i);
		come(hub, &ann, nick);
		leave(&ann);
	}
	check_int(reed_whowas_find(hub, REED_STR("ann"), was, 8), 1);
	reed_hub_free(hub);
}

static void masks_mean_whom_they_should(void)
{
	static const struct {
		const char *mask;
		bool means;
	} cases[] = {
		{ "ann!*@*", true },          { "ANN!*@*", true },
		{ "*!*@host.example", true }, { "*!*@192.0.2.7", true },
		{ "*!*@192.0.2.8", false },   { "bob!*@*", false },
		{ "a?n!u@*", true },          { "a??n!u@*", false },
		{ "host.*", true },           { "ann", false },
		{ "192.0.2.0/24", true },     { "192.0.3.0/24", false },
		{ "192.0.2.6/31", true },     { "192.0.2.4/31", false },
		{ "0.0.0.0/0", true },        { "2001:db8::/32", false },
		{ "192.0.2.0/33", false },    { "account:ann", true },
		{ "account:bob", false },     { "**********!*@*", true },
	};
	struct reed_hub *hub = hub_plain();
	struct client ann;

	granted(come_as(hub, &ann, "ann", "ann"));
	for (size_t i = 0; i < REED_COUNT(cases); i++) {
		if (reed_match_default(hub, reed_slice_of(cases[i].mask), ann.session.user, NULL) !=
		    cases[i].means)
			fprintf(stderr, "%s\n", cases[i].mask);
		check_int(reed_match_default(hub, reed_slice_of(cases[i].mask), ann.session.user,
		                             NULL),
		          cases[i].means);
	}
	check(reed_glob(REED_STR("J?rgen"), REED_STR("J\xc3\xbcrgen")));
	check(!reed_glob(REED_STR("?"), REED_STR("")));
	check(reed_glob(REED_STR("a*b*c"), REED_STR("a-b-b-c")));
	leave(&ann);
	reed_hub_free(hub);
}

static void who_is_banned_from_the_server_goes_and_stays_away(void)
{
	struct reed_hub *hub = hub_plain();
	struct client ann, bob, oper;
	size_t gone;

	come(hub, &ann, "ann");
	come(hub, &bob, "bob");
	come(hub, &oper, "oper");
	refused(reed_hub_ban(hub, &bob.session, REED_STR("ann!*@*"), REED_STR("no"), 0, NULL),
	        NEEDS_PRIVILEGE);
	reed_user_empower(oper.session.user, "admin", REED_MAY_BAN);
	granted(reed_hub_ban(hub, &oper.session, REED_STR("*!*@192.0.2.*"), REED_STR("spam"), 0,
	                     &gone));
	check_int(gone, 2);
	turn();
	check(ann.over && bob.over && !oper.over);
	check_str(ann.why, "spam");
	refused(come_as(hub, &ann, "ann", NULL), SERVER_BANNED);
	check_str(reed_server_ban_next(hub, NULL)->by, "oper!u@host.example");
	granted(reed_hub_unban(hub, &oper.session, REED_STR("*!*@192.0.2.*")));
	refused(reed_hub_unban(hub, &oper.session, REED_STR("*!*@192.0.2.*")), NO_ENTRY);
	come(hub, &ann, "ann");
	leave(&ann);
	leave(&oper);
	reed_hub_free(hub);
}

static void a_ban_from_the_server_expires(void)
{
	struct reed_hub *hub = hub_plain();
	struct client ann;
	struct reed_hub_stats stats = { .size = sizeof(stats) };

	granted(reed_hub_ban(hub, NULL, REED_STR("ann!*@*"), REED_STR("no"), 3600, NULL));
	refused(come_as(hub, &ann, "ann", NULL), SERVER_BANNED);
	reed_container_of(hub->all_bans.next, struct hub_ban, ban.link)->ban.expires = 1;
	check(!reed_server_ban_next(hub, NULL));
	come(hub, &ann, "ann");
	reed_hub_stats(hub, &stats);
	check_int(stats.server_bans, 0);
	leave(&ann);
	reed_hub_free(hub);
}

static void private_messages_reach_all_sessions_of_both(void)
{
	struct reed_hub *hub = hub_plain();
	struct client phone, laptop, bob;
	struct reed_speech speech = REED_SPEECH;

	granted(come_as(hub, &phone, "ann", "ann"));
	granted(come_as(hub, &laptop, "ann", "ann"));
	come(hub, &bob, "bob");
	speech.text = REED_STR("psst");
	granted(reed_user_say(&phone.session, bob.session.user, &speech));
	heard(&phone, "MESSAGE ann bob: psst\n");
	heard(&laptop, "MESSAGE ann bob: psst\n");
	heard(&bob, "MESSAGE ann bob: psst\n");
	granted(reed_user_say(&bob.session, bob.session.user, &speech));
	heard(&bob, "MESSAGE bob bob: psst\n");
	granted(reed_user_block(phone.session.user, REED_STR("bob!*@*"), true));
	refused(reed_user_say(&bob.session, phone.session.user, &speech), BLOCKED);
	granted(reed_user_block(phone.session.user, REED_STR("BOB!*@*"), false));
	granted(reed_user_say(&bob.session, phone.session.user, &speech));
	reed_user_set_flags(phone.session.user, NULL, REED_USER_REGISTERED_ONLY, 0);
	refused(reed_user_say(&bob.session, phone.session.user, &speech), NEEDS_ACCOUNT);
	leave(&phone);
	leave(&laptop);
	leave(&bob);
	reed_hub_free(hub);
}

static void settings_are_told_to_the_other_sessions(void)
{
	struct reed_hub_options options = REED_HUB_OPTIONS;
	struct reed_hub *hub;
	struct client phone, laptop;
	struct reed_account *account;

	options.limits.values_per_account = 2;
	options.limits.value_bytes = 16;
	hub = hub_with(&options);
	granted(come_as(hub, &phone, "ann", "ann"));
	granted(come_as(hub, &laptop, "ann", "ann"));
	account = phone.session.user->account;
	granted(reed_account_set(account, &phone.session, REED_STR("read"), REED_STR("7")));
	heard(&laptop, "SETTING ann: 7\n");
	refused(reed_account_set(account, NULL, REED_STR("read"), REED_STR("7")), ALREADY);
	granted(reed_account_set(account, NULL, REED_STR("b"), REED_STR("1")));
	refused(reed_account_set(account, NULL, REED_STR("c"), REED_STR("1")), LIST_FULL);
	refused(reed_account_set(account, NULL, REED_STR("b"), REED_STR("12345678901234567")),
	        TOO_LONG);
	check_str(reed_values_get(&account->settings, REED_STR("read")), "7");
	granted(reed_account_set(account, NULL, REED_STR("read"), REED_STR("")));
	check(!reed_values_get(&account->settings, REED_STR("read")));
	check_str(reed_values_get(&account->settings, REED_STR("b")), "1");
	leave(&phone);
	leave(&laptop);
	reed_hub_free(hub);
}

static void invisible_users_are_seen_by_those_they_share_a_room_with(void)
{
	struct reed_hub *hub = hub_plain();
	struct client ann, bob;

	come(hub, &ann, "ann");
	come(hub, &bob, "bob");
	check(reed_user_visible(ann.session.user, bob.session.user));
	reed_user_set_flags(ann.session.user, &ann.session, REED_USER_INVISIBLE, 0);
	check(!reed_user_visible(ann.session.user, bob.session.user));
	check(!reed_user_visible(ann.session.user, NULL));
	join(&ann, "#reed");
	join(&bob, "#reed");
	check(reed_user_visible(ann.session.user, bob.session.user));
	granted(reed_room_part(&bob.session, reed_room_find(hub, REED_STR("#reed")), REED_STR("")));
	reed_user_empower(bob.session.user, "admin", REED_MAY_SEE);
	check(reed_user_visible(ann.session.user, bob.session.user));
	leave(&ann);
	leave(&bob);
	reed_hub_free(hub);
}

static void everything_a_user_can_make_grow_has_a_limit(void)
{
	struct reed_hub_options options = REED_HUB_OPTIONS;
	struct reed_hub *hub;
	struct client ann, bob, eve, more;

	options.limits.users = 3;
	options.limits.sessions_per_user = 2;
	options.limits.monitor_entries = 1;
	options.limits.nicks_per_account = 2;
	options.limits.accounts = 2;
	options.limits.server_bans = 1;
	hub = hub_with(&options);
	granted(come_as(hub, &ann, "ann", "ann"));
	granted(come_as(hub, &more, "ann", "ann"));
	refused(come_as(hub, &bob, "ann", "ann"), TOO_MANY_USERS);
	granted(come_as(hub, &bob, "bob", "bob"));
	refused(come_as(hub, &eve, "eve", "eve"), NO_ACCOUNT);
	come(hub, &eve, "eve");
	granted(reed_monitor_add(&eve.session, REED_STR("x")));
	refused(reed_monitor_add(&eve.session, REED_STR("y")), LIST_FULL);
	granted(reed_account_add_nick(ann.session.user->account, REED_STR("an")));
	refused(reed_account_add_nick(ann.session.user->account, REED_STR("anne")), LIST_FULL);
	granted(reed_hub_ban(hub, NULL, REED_STR("x!*@*"), REED_STR(""), 0, NULL));
	refused(reed_hub_ban(hub, NULL, REED_STR("y!*@*"), REED_STR(""), 0, NULL), LIST_FULL);
	leave(&more);
	refused(come_as(hub, &more, "zoe", NULL), TOO_MANY_USERS);
	refused(reed_user_set_realname(ann.session.user, NULL, REED_STR("two\nlines")), BAD_TEXT);
	leave(&ann);
	leave(&bob);
	leave(&eve);
	reed_hub_free(hub);
}

int main(void)
{
	check_int(reed_loop_new(NULL, &loop), REED_OK);
	RUN(nobody_takes_a_nick_in_use_in_any_case);
	RUN(the_hub_s_folding_decides_what_is_equal);
	RUN(what_is_no_nick_is_refused);
	RUN(a_guest_may_not_take_the_nick_of_an_account);
	RUN(an_account_s_name_need_not_be_a_nick);
	RUN(a_user_is_away_when_all_its_sessions_are);
	RUN(a_user_that_is_kept_stays_without_a_session);
	RUN(who_is_killed_leaves_when_the_turn_ends_with_all_sessions);
	RUN(a_session_moves_to_the_user_that_has_the_account);
	RUN(a_session_moves_only_where_it_could_come);
	RUN(a_login_is_told_and_gives_lasting_roles);
	RUN(a_watched_nick_is_told_when_it_comes_and_goes);
	RUN(who_watches_a_peer_hears_of_it_once);
	RUN(those_who_left_are_remembered_up_to_a_limit);
	RUN(masks_mean_whom_they_should);
	RUN(who_is_banned_from_the_server_goes_and_stays_away);
	RUN(a_ban_from_the_server_expires);
	RUN(private_messages_reach_all_sessions_of_both);
	RUN(settings_are_told_to_the_other_sessions);
	RUN(invisible_users_are_seen_by_those_they_share_a_room_with);
	RUN(everything_a_user_can_make_grow_has_a_limit);
	reed_loop_free(loop);
	return 0;
}
