/* Rooms: coming in, speaking, ruling, being ruled. */

#include "door.h"

/* ann rules #reed, bob is in it, eve is not. */
static struct reed_hub *hub;
static struct client ann, bob, eve;
static struct reed_room *room;

static void forget_all(void)
{
	forget(&ann);
	forget(&bob);
	forget(&eve);
}

static void set_up_with(const struct reed_hub_options *options)
{
	hub = hub_with(options);
	granted(come_as(hub, &ann, "ann", "ann"));
	come(hub, &bob, "bob");
	come(hub, &eve, "eve");
	room = join(&ann, "#reed");
	join(&bob, "#reed");
	forget_all();
}

static void set_up(void)
{
	set_up_with(NULL);
}

static void tear_down(void)
{
	reed_hub_free(hub);
}

static enum reed_refusal flag(struct client *by, bool on, uint64_t flags)
{
	return change(by, room, REED_CHANGE_FLAGS, on, flags, NULL, NULL);
}

static enum reed_refusal role(struct client *by, bool on, unsigned roles, struct client *whom)
{
	return change(by, room, REED_CHANGE_ROLE, on, roles, NULL, whom);
}

static enum reed_refusal list(struct client *by, bool on, enum reed_list_kind kind,
                              const char *mask)
{
	return change(by, room, REED_CHANGE_LIST, on, kind, mask, NULL);
}

static unsigned roles_of(const struct client *c)
{
	return reed_member_find(room, c->session.user)->roles;
}

/* ---- coming and going ---- */

static void who_makes_a_room_rules_it_and_the_last_one_takes_it_along(void)
{
	struct reed_id first;

	set_up();
	check_int(roles_of(&ann), REED_ROLE_OP);
	check_int(roles_of(&bob), 0);
	first = room->id;
	refused(try_join(&bob, "#REED", ""), MEMBER_ALREADY);
	granted(reed_room_part(&ann.session, room, REED_STR("tea")));
	heard(&bob, "PART ann #reed: tea\n");
	heard(&ann, "PART ann #reed: tea\n");
	granted(reed_room_part(&bob.session, room, REED_STR("")));
	check(!reed_room_find(hub, REED_STR("#reed")));
	room = join(&bob, "#reed");
	check(strcmp(first.s, room->id.s) < 0);
	check_int(roles_of(&bob), REED_ROLE_OP);
	tear_down();
}

static void a_ban_keeps_out_but_for_exceptions(void)
{
	set_up();
	granted(list(&ann, true, REED_LIST_BAN, "*!*@host.example"));
	heard(&bob, "CHANGE ann #reed +5:0:*!*@host.example\n");
	refused(list(&ann, true, REED_LIST_BAN, "*!*@HOST.example"), ALREADY);
	refused(try_join(&eve, "#reed", ""), BANNED);
	granted(list(&ann, true, REED_LIST_EXCEPT, "eve!*@*"));
	granted(try_join(&eve, "#reed", ""));
	granted(say(&eve, room, "thanks"));
	refused(say(&bob, room, "and me?"), BANNED);
	refused(reed_user_rename(bob.session.user, &bob.session, REED_STR("bobby")), BANNED);
	granted(list(&ann, false, REED_LIST_BAN, "*!*@host.example"));
	granted(say(&bob, room, "me too"));
	refused(list(&ann, false, REED_LIST_BAN, "*!*@host.example"), NO_ENTRY);
	tear_down();
}

static void who_changes_the_host_is_looked_at_anew(void)
{
	set_up();
	granted(list(&ann, true, REED_LIST_QUIET, "*!*@other.example"));
	granted(say(&bob, room, "one"));
	granted(reed_user_set_host(bob.session.user, REED_STR("u"), REED_STR("other.example")));
	refused(say(&bob, room, "two"), BANNED);
	granted(role(&ann, true, REED_ROLE_VOICE, &bob));
	granted(say(&bob, room, "three"));
	tear_down();
}

static void only_the_invited_come_into_a_room_for_them(void)
{
	set_up();
	granted(flag(&ann, true, REED_ROOM_INVITE_ONLY));
	refused(try_join(&eve, "#reed", ""), INVITE_ONLY);
	refused(reed_room_invite(&bob.session, room, eve.session.user), NEEDS_ROLE);
	refused(reed_room_invite(&eve.session, room, eve.session.user), NOT_MEMBER);
	refused(reed_room_invite(&ann.session, room, bob.session.user), MEMBER_ALREADY);
	forget_all();
	granted(reed_room_invite(&ann.session, room, eve.session.user));
	heard(&eve, "INVITE ann #reed eve\n");
	heard(&ann, "INVITE ann #reed eve\n");
	heard(&bob, "");
	granted(try_join(&eve, "#reed", ""));
	granted(reed_room_part(&eve.session, room, REED_STR("")));
	refused(try_join(&eve, "#reed", ""), INVITE_ONLY);
	granted(list(&ann, true, REED_LIST_INVITE, "eve!*@*"));
	granted(try_join(&eve, "#reed", ""));
	tear_down();
}

static void an_invitation_opens_locks_but_lifts_no_ban(void)
{
	set_up();
	granted(change(&ann, room, REED_CHANGE_KEY, true, 0, "sesame", NULL));
	granted(change(&ann, room, REED_CHANGE_LIMIT, true, 2, NULL, NULL));
	granted(reed_room_invite(&bob.session, room, eve.session.user));
	granted(list(&ann, true, REED_LIST_BAN, "eve!*@*"));
	refused(try_join(&eve, "#reed", ""), BANNED);
	granted(list(&ann, false, REED_LIST_BAN, "eve!*@*"));
	granted(try_join(&eve, "#reed", ""));
	check_int(room->count, 3);
	tear_down();
}

static void a_key_and_a_limit_keep_out(void)
{
	set_up();
	granted(change(&ann, room, REED_CHANGE_KEY, true, 0, "sesame", NULL));
	refused(try_join(&eve, "#reed", "wrong"), WRONG_KEY);
	granted(change(&ann, room, REED_CHANGE_LIMIT, true, 2, NULL, NULL));
	refused(try_join(&eve, "#reed", "sesame"), FULL);
	granted(change(&ann, room, REED_CHANGE_LIMIT, false, 0, NULL, NULL));
	granted(try_join(&eve, "#reed", "sesame"));
	refused(change(&ann, room, REED_CHANGE_KEY, true, 0, "", NULL), EMPTY);
	refused(change(&ann, room, REED_CHANGE_LIMIT, true, 0, NULL, NULL), UNKNOWN);
	granted(change(&ann, room, REED_CHANGE_KEY, false, 0, NULL, NULL));
	check(!room->key);
	tear_down();
}

static void some_rooms_want_accounts_or_encryption(void)
{
	struct reed_newcomer n = REED_NEWCOMER;
	struct client safe = { 0 };

	set_up();
	granted(flag(&ann, true, REED_ROOM_ACCOUNTS_JOIN));
	refused(try_join(&eve, "#reed", ""), NEEDS_ACCOUNT);
	granted(flag(&ann, false, REED_ROOM_ACCOUNTS_JOIN));
	granted(flag(&ann, true, REED_ROOM_SECURE_ONLY));
	refused(try_join(&eve, "#reed", ""), NEEDS_SECURITY);
	safe.session.ops = &test_door;
	n.nick = REED_STR("safe");
	n.secure = true;
	granted(reed_session_attach(hub, &safe.session, &n));
	check(safe.session.user->flags & REED_USER_SECURE);
	granted(try_join(&safe, "#reed", ""));
	tear_down();
}

static void who_knocks_is_heard_by_those_who_can_open(void)
{
	set_up();
	refused(reed_room_knock(&eve.session, room, REED_STR("hi")), ALREADY);
	granted(flag(&ann, true, REED_ROOM_INVITE_ONLY));
	forget_all();
	granted(reed_room_knock(&eve.session, room, REED_STR("let me in")));
	heard(&ann, "KNOCK eve #reed: let me in\n");
	heard(&bob, "");
	granted(flag(&ann, true, REED_ROOM_NO_KNOCK));
	refused(reed_room_knock(&eve.session, room, REED_STR("hi")), INVITE_ONLY);
	tear_down();
}

static void the_server_puts_anybody_anywhere(void)
{
	struct reed_member *m;

	set_up();
	granted(flag(&ann, true, REED_ROOM_INVITE_ONLY));
	granted(reed_room_put(eve.session.user, REED_STR("#reed"), REED_ROLE_VOICE, &m));
	check_int(m->roles, REED_ROLE_VOICE);
	refused(reed_room_put(eve.session.user, REED_STR("#reed"), 0, &m), MEMBER_ALREADY);
	tear_down();
}

/* ---- speaking ---- */

static void outsiders_speak_only_where_they_may(void)
{
	set_up();
	refused(say(&eve, room, "hello"), OUTSIDE);
	granted(flag(&ann, false, REED_ROOM_NO_OUTSIDE));
	forget_all();
	granted(say(&eve, room, "hello"));
	heard(&bob, "MESSAGE eve #reed: hello\n");
	heard(&eve, "MESSAGE eve #reed: hello\n");
	granted(list(&ann, true, REED_LIST_BAN, "eve!*@*"));
	refused(say(&eve, room, "hello"), BANNED);
	tear_down();
}

static void a_moderated_room_hears_those_with_a_voice(void)
{
	struct reed_speech speech = REED_SPEECH;

	set_up();
	join(&eve, "#reed");
	granted(flag(&ann, true, REED_ROOM_MODERATED));
	refused(say(&bob, room, "hello"), MODERATED);
	granted(say(&ann, room, "quiet"));
	granted(role(&ann, true, REED_ROLE_VOICE, &bob));
	granted(say(&bob, room, "hello"));
	granted(role(&ann, false, REED_ROLE_VOICE, &bob));
	granted(flag(&ann, true, REED_ROOM_OPS_HEAR));
	forget_all();
	granted(say(&bob, room, "psst"));
	heard(&ann, "MESSAGE bob #reed: psst\n");
	heard(&bob, "MESSAGE bob #reed: psst\n");
	speech.text = REED_STR("voices");
	speech.roles = REED_ROLE_VOICE;
	granted(role(&ann, true, REED_ROLE_VOICE, &eve));
	forget_all();
	granted(reed_room_say(&bob.session, room, &speech));
	heard(&ann, "MESSAGE bob #reed: voices\n");
	heard(&eve, "");
	tear_down();
}

static void guests_may_be_kept_from_speaking(void)
{
	set_up();
	granted(flag(&ann, true, REED_ROOM_ACCOUNTS_SPEAK));
	refused(say(&bob, room, "hello"), NEEDS_ACCOUNT);
	granted(reed_user_login(bob.session.user, &bob.session, REED_STR("bob")));
	granted(say(&bob, room, "hello"));
	tear_down();
}

static void a_slow_room_hears_everybody_now_and_then(void)
{
	set_up();
	granted(change(&ann, room, REED_CHANGE_SLOW, true, 3600, NULL, NULL));
	granted(say(&bob, room, "one"));
	refused(say(&bob, room, "two"), TOO_FAST);
	granted(say(&ann, room, "one"));
	granted(say(&ann, room, "two"));
	hub_member(reed_member_find(room, bob.session.user))->said -= REED_S(3601);
	granted(say(&bob, room, "two"));
	tear_down();
}

static void what_cannot_be_said_is_refused(void)
{
	struct reed_hub_options options = REED_HUB_OPTIONS;
	struct reed_speech speech = REED_SPEECH;
	struct reed_tag tag = { REED_STR("typing"), REED_STR("active") };

	options.limits.message_bytes = 8;
	options.limits.tag_bytes = 16;
	set_up_with(&options);
	refused(say(&bob, room, ""), EMPTY);
	refused(say(&bob, room, "123456789"), TOO_LONG);
	refused(say(&bob, room, "\xc3("), BAD_TEXT);
	speech.text = reed_slice("a\0b", 3);
	refused(reed_room_say(&bob.session, room, &speech), BAD_TEXT);
	speech.text = REED_STR("two\nrows");
	granted(reed_room_say(&bob.session, room, &speech));
	speech.manner = REED_TAG;
	speech.text = REED_STR("");
	refused(reed_room_say(&bob.session, room, &speech), EMPTY);
	speech.tags = &tag;
	speech.tag_count = 1;
	granted(reed_room_say(&bob.session, room, &speech));
	tag.value = REED_STR("active and more");
	refused(reed_room_say(&bob.session, room, &speech), TOO_LONG);
	tag.value = reed_slice("\0", 1);
	refused(reed_room_say(&bob.session, room, &speech), BAD_TEXT);
	speech.manner = REED_NOTE;
	speech.text = REED_STR("note");
	speech.tag_count = 0;
	granted(flag(&ann, true, REED_ROOM_NO_NOTES));
	refused(reed_room_say(&bob.session, room, &speech), OUTSIDE);
	tear_down();
}

/* ---- ruling ---- */

static void roles_are_given_by_those_above_them(void)
{
	set_up();
	refused(role(&bob, true, REED_ROLE_OP, &bob), NEEDS_ROLE);
	refused(role(&eve, true, REED_ROLE_OP, &eve), NOT_MEMBER);
	refused(role(&ann, true, REED_ROLE_OP, &eve), NOT_THERE);
	refused(role(&ann, true, REED_ROLE_ADMIN, &bob), NEEDS_ROLE);
	granted(role(&ann, true, REED_ROLE_HALFOP, &bob));
	join(&eve, "#reed");
	refused(role(&bob, true, REED_ROLE_HALFOP, &eve), NEEDS_ROLE);
	granted(role(&bob, true, REED_ROLE_VOICE, &eve));
	granted(role(NULL, true, REED_ROLE_OWNER, &eve));
	refused(role(&ann, false, REED_ROLE_VOICE, &eve), OUTRANKED);
	granted(role(&eve, false, REED_ROLE_OP, &ann));
	granted(role(&eve, false, REED_ROLE_OWNER, &eve));
	check_int(roles_of(&eve), REED_ROLE_VOICE);
	tear_down();
}

static void everybody_may_give_up_a_role(void)
{
	set_up();
	granted(role(NULL, true, REED_ROLE_VOICE, &bob));
	forget_all();
	granted(role(&bob, false, REED_ROLE_VOICE, &bob));
	heard(&ann, "CHANGE bob #reed -4:2:bob\n");
	granted(role(&bob, false, REED_ROLE_VOICE, &bob));
	heard(&ann, "");
	tear_down();
}

static void several_changes_are_told_at_once_and_only_those_that_were_made(void)
{
	struct reed_room_change changes[5] = {
		{ .kind = REED_CHANGE_FLAGS, .on = true, .what = REED_ROOM_SECRET },
		{ .kind = REED_CHANGE_FLAGS, .on = true, .what = REED_ROOM_TOPIC_LOCKED },
		{ .kind = REED_CHANGE_ROLE, .on = true, .what = REED_ROLE_ADMIN },
		{ .kind = REED_CHANGE_ROLE, .on = false, .what = REED_ROLE_OP },
		{ .kind = REED_CHANGE_LIMIT, .on = true, .what = 7 },
	};

	set_up();
	changes[2].user = bob.session.user;
	changes[3].user = ann.session.user;
	refused(reed_room_change(&ann.session, room, changes, 5), NEEDS_ROLE);
	heard(&bob, "CHANGE ann #reed +0:1 -4:8:ann\n");
	check(changes[0].done && !changes[1].done && changes[3].done);
	check_int(changes[1].refusal, REED_REFUSAL_NONE);
	check_int(changes[2].refusal, REED_REFUSAL_NEEDS_ROLE);
	check_int(changes[4].refusal, REED_REFUSAL_NEEDS_ROLE);
	check(!reed_room_visible(room, eve.session.user));
	check(reed_room_visible(room, bob.session.user));
	tear_down();
}

static void who_is_kicked_hears_it_and_is_gone(void)
{
	set_up();
	join(&eve, "#reed");
	forget_all();
	refused(reed_room_kick(&bob.session, room, eve.session.user, REED_STR("out")), NEEDS_ROLE);
	granted(role(&ann, true, REED_ROLE_HALFOP, &bob));
	refused(reed_room_kick(&bob.session, room, ann.session.user, REED_STR("out")), OUTRANKED);
	forget_all();
	granted(reed_room_kick(&bob.session, room, eve.session.user, REED_STR("out")));
	heard(&eve, "KICK bob #reed eve: out\n");
	heard(&ann, "KICK bob #reed eve: out\n");
	refused(reed_room_kick(&bob.session, room, eve.session.user, REED_STR("")), NOT_THERE);
	check_int(room->count, 2);
	tear_down();
}

static void the_topic_is_set_by_those_who_may(void)
{
	struct reed_hub_options options = REED_HUB_OPTIONS;

	options.limits.topic_bytes = 10;
	set_up_with(&options);
	refused(reed_room_set_topic(&bob.session, room, REED_STR("bob's")), NEEDS_ROLE);
	refused(reed_room_set_topic(&eve.session, room, REED_STR("eve's")), NOT_MEMBER);
	refused(reed_room_set_topic(&ann.session, room, REED_STR("much too long")), TOO_LONG);
	refused(reed_room_set_topic(&ann.session, room, REED_STR("a\nb")), BAD_TEXT);
	granted(reed_room_set_topic(&ann.session, room, REED_STR("tea")));
	refused(reed_room_set_topic(&ann.session, room, REED_STR("tea")), ALREADY);
	heard(&bob, "TOPIC ann #reed: tea\n");
	check_str(room->topic_by, "ann!u@host.example");
	granted(flag(&ann, false, REED_ROOM_TOPIC_LOCKED));
	granted(reed_room_set_topic(&bob.session, room, REED_STR("")));
	check(!room->topic);
	tear_down();
}

static void a_room_keeps_its_members_under_another_name(void)
{
	set_up();
	refused(reed_room_rename(&ann.session, room, REED_STR("#new"), REED_STR("")), NEEDS_ROLE);
	granted(role(NULL, true, REED_ROLE_ADMIN, &ann));
	join(&eve, "#taken");
	refused(reed_room_rename(&ann.session, room, REED_STR("#taken"), REED_STR("")), NAME_TAKEN);
	refused(reed_room_rename(&ann.session, room, REED_STR("two words"), REED_STR("")),
	        NAME_INVALID);
	forget_all();
	granted(reed_room_rename(&ann.session, room, REED_STR("#Reed"), REED_STR("")));
	granted(reed_room_rename(&ann.session, room, REED_STR("#new"), REED_STR("why not")));
	heard(&bob, "RENAME ann #Reed\nRENAME ann #new: why not\n");
	check(reed_room_find(hub, REED_STR("#NEW")) == room);
	check(!reed_room_find(hub, REED_STR("#reed")));
	check_int(room->count, 2);
	tear_down();
}

static void values_are_for_operators_to_set(void)
{
	set_up();
	refused(reed_room_set_value(&bob.session, room, REED_STR("url"), REED_STR("x")),
	        NEEDS_ROLE);
	granted(reed_room_set_value(&ann.session, room, REED_STR("url"), REED_STR("x")));
	heard(&bob, "ROOM_VALUE ann #reed: x\n");
	check_str(reed_values_get(&room->values, REED_STR("url")), "x");
	granted(reed_room_set_value(&ann.session, room, REED_STR("url"), REED_STR("")));
	check(!reed_values_get(&room->values, REED_STR("url")));
	tear_down();
}

static void nobody_changes_nick_where_that_is_locked(void)
{
	set_up();
	granted(flag(&ann, true, REED_ROOM_NICK_LOCKED));
	refused(reed_user_rename(bob.session.user, &bob.session, REED_STR("rob")), NICK_LOCKED);
	granted(reed_user_rename(ann.session.user, &ann.session, REED_STR("anna")));
	granted(reed_user_rename(bob.session.user, NULL, REED_STR("rob")));
	tear_down();
}

static void an_operator_of_the_server_may_do_everything(void)
{
	set_up();
	granted(flag(&ann, true, REED_ROOM_INVITE_ONLY | REED_ROOM_MODERATED));
	reed_user_empower(eve.session.user, "admin", REED_MAY_ROOMS);
	granted(role(&eve, true, REED_ROLE_OWNER, &bob));
	granted(try_join(&eve, "#reed", ""));
	granted(say(&eve, room, "order!"));
	granted(reed_room_kick(&eve.session, room, bob.session.user, REED_STR("")));
	granted(reed_room_close(&eve.session, room, REED_STR("closed")));
	check(!reed_room_find(hub, REED_STR("#reed")));
	check_int(eve.session.user->room_count, 0);
	tear_down();
}

static void a_room_that_is_made_stays_when_empty(void)
{
	struct reed_room *made;

	set_up();
	granted(reed_room_make(hub, REED_STR("#lobby"), &made));
	refused(reed_room_make(hub, REED_STR("#LOBBY"), &made), NAME_TAKEN);
	check(join(&bob, "#lobby") == made);
	check_int(reed_member_find(made, bob.session.user)->roles, 0);
	granted(reed_room_part(&bob.session, made, REED_STR("")));
	check(reed_room_find(hub, REED_STR("#lobby")) == made);
	granted(change(NULL, made, REED_CHANGE_FLAGS, false, REED_ROOM_LASTING, NULL, NULL));
	check(!reed_room_find(hub, REED_STR("#lobby")));
	refused(flag(&ann, true, REED_ROOM_LASTING), NEEDS_PRIVILEGE);
	tear_down();
}

static void everything_in_a_room_has_a_limit(void)
{
	struct reed_hub_options options = REED_HUB_OPTIONS;
	struct reed_room *other;

	options.limits.rooms = 3;
	options.limits.rooms_per_user = 2;
	options.limits.members = 2;
	options.limits.list_entries = 1;
	options.limits.mask_bytes = 20;
	options.limits.invites_per_room = 1;
	options.limits.invites_per_user = 1;
	options.limits.key_bytes = 4;
	options.limits.affiliations = 1;
	options.limits.values_per_room = 1;
	set_up_with(&options);
	refused(try_join(&eve, "#reed", ""), FULL);
	join(&eve, "#2");
	other = join(&eve, "#3");
	refused(try_join(&eve, "#4", ""), TOO_MANY_ROOMS);
	refused(try_join(&bob, "#4", ""), HUB_FULL);
	granted(list(&ann, true, REED_LIST_BAN, "a"));
	refused(list(&ann, true, REED_LIST_BAN, "b"), LIST_FULL);
	refused(list(&ann, true, REED_LIST_QUIET, "a-mask-of-some-length"), TOO_LONG);
	refused(change(&ann, room, REED_CHANGE_KEY, true, 0, "12345", NULL), TOO_LONG);
	granted(reed_room_set_value(&ann.session, room, REED_STR("a"), REED_STR("1")));
	refused(reed_room_set_value(&ann.session, room, REED_STR("b"), REED_STR("1")), LIST_FULL);

	/* The oldest invitation gives way. */
	granted(reed_room_invite(&eve.session, other, ann.session.user));
	granted(reed_room_invite(&eve.session, other, bob.session.user));
	check(!reed_room_invited(other, ann.session.user));
	check(reed_room_invited(other, bob.session.user));
	granted(reed_room_invite(&eve.session, reed_room_find(hub, REED_STR("#2")),
	                         bob.session.user));
	check(!reed_room_invited(other, bob.session.user));
	tear_down();
}

static void rooms_are_listed_in_the_order_they_were_made(void)
{
	struct reed_room *r = NULL;

	set_up();
	join(&bob, "#b");
	join(&bob, "#a");
	r = reed_room_next(hub, r);
	check_str(r->name, "#reed");
	r = reed_room_after(hub, r->serial);
	check_str(r->name, "#b");
	r = reed_room_after(hub, r->serial);
	check_str(r->name, "#a");
	check(!reed_room_after(hub, r->serial));
	check(!reed_room_next(hub, r));
	tear_down();
}

int main(void)
{
	check_int(reed_loop_new(NULL, &loop), REED_OK);
	RUN(who_makes_a_room_rules_it_and_the_last_one_takes_it_along);
	RUN(a_ban_keeps_out_but_for_exceptions);
	RUN(who_changes_the_host_is_looked_at_anew);
	RUN(only_the_invited_come_into_a_room_for_them);
	RUN(an_invitation_opens_locks_but_lifts_no_ban);
	RUN(a_key_and_a_limit_keep_out);
	RUN(some_rooms_want_accounts_or_encryption);
	RUN(who_knocks_is_heard_by_those_who_can_open);
	RUN(the_server_puts_anybody_anywhere);
	RUN(outsiders_speak_only_where_they_may);
	RUN(a_moderated_room_hears_those_with_a_voice);
	RUN(guests_may_be_kept_from_speaking);
	RUN(a_slow_room_hears_everybody_now_and_then);
	RUN(what_cannot_be_said_is_refused);
	RUN(roles_are_given_by_those_above_them);
	RUN(everybody_may_give_up_a_role);
	RUN(several_changes_are_told_at_once_and_only_those_that_were_made);
	RUN(who_is_kicked_hears_it_and_is_gone);
	RUN(the_topic_is_set_by_those_who_may);
	RUN(a_room_keeps_its_members_under_another_name);
	RUN(values_are_for_operators_to_set);
	RUN(nobody_changes_nick_where_that_is_locked);
	RUN(an_operator_of_the_server_may_do_everything);
	RUN(a_room_that_is_made_stays_when_empty);
	RUN(everything_in_a_room_has_a_limit);
	RUN(rooms_are_listed_in_the_order_they_were_made);
	reed_loop_free(loop);
	return 0;
}
