/* What holds for every store: what was saved is found again, and nothing else. */

#include "door.h"
#include "rig.h"

static struct rig rig;

static enum reed_err run(struct reed_future *f)
{
	return reed_loop_run_until(loop, f, NULL);
}

/* A hub over the store, filled from it. */
static struct reed_hub *hub_loaded(void)
{
	struct reed_hub_options options = REED_HUB_OPTIONS;
	struct reed_hub *hub;

	options.store = rig.store;
	options.history = rig.history;
	hub = hub_with(&options);
	check_int(run(reed_hub_load(hub)), REED_OK);
	return hub;
}

static struct reed_hub *restart(struct reed_hub *hub)
{
	check_int(run(reed_hub_flush(hub)), REED_OK);
	reed_hub_free(hub);
	reed_loop_run(loop);
	rig_reopen(&rig);
	return hub_loaded();
}

static struct reed_account *register_account(struct reed_hub *hub, const char *name)
{
	struct reed_account *account = NULL;
	enum reed_refusal refusal;

	check_int(run(reed_account_register(hub, NULL, reed_slice_of(name), &refusal, &account)),
	          REED_OK);
	granted(refusal);
	return account;
}

static enum reed_refusal register_room(struct client *by, struct reed_room *room)
{
	enum reed_refusal refusal;

	check_int(run(reed_room_register(&by->session, room, &refusal)), REED_OK);
	return refusal;
}

/* ---- accounts ---- */

static void an_account_is_there_after_a_restart_with_all_it_has(void)
{
	struct reed_hub *hub = hub_loaded();
	struct reed_account *account = register_account(hub, "Ann");
	struct reed_id id = account->id;
	int64_t created = account->created;
	const char *nicks[4];
	struct client ann;

	granted(reed_account_add_nick(account, REED_STR("annie")));
	granted(reed_account_add_nick(account, REED_STR("an")));
	granted(reed_account_set(account, NULL, REED_STR("b"), REED_STR("2")));
	granted(reed_account_set(account, NULL, REED_STR("a"), REED_STR("1")));
	granted(reed_account_set(account, NULL, REED_STR("b"), REED_STR("3")));
	reed_account_set_flags(account, UINT64_C(1) << 63 | 5, 0);
	granted(come_as(hub, &ann, "ann", "ann"));
	granted(reed_user_block(ann.session.user, REED_STR("eve!*@*"), true));
	hub = restart(hub);
	account = reed_account_find(hub, REED_STR("ann"));
	check(account);
	check_str(account->name, "Ann");
	check_str(account->id.s, id.s);
	check_int(account->created, created);
	check(account->seen >= created);
	check(account->flags == (UINT64_C(1) << 63 | 5));
	check_int(reed_account_nicks(account, nicks, 4), 3);
	check_str(nicks[0], "Ann");
	check_str(nicks[1], "annie");
	check_str(nicks[2], "an");
	check_int(account->settings.n, 2);
	check_str(account->settings.p[0].key, "b");
	check_str(account->settings.p[0].text, "3");
	check_str(reed_values_get(&account->settings, REED_STR("a")), "1");
	check_int(account->blocks.n, 1);
	check_str(account->blocks.p[0].mask, "eve!*@*");
	check(reed_account_by_id(hub, reed_slice_of(id.s)) == account);
	check(reed_nick_owner(hub, REED_STR("ANNIE")) == account);
	reed_hub_free(hub);
}

static void a_name_is_registered_once(void)
{
	struct reed_hub *hub = hub_loaded();
	struct reed_account *account = NULL;
	enum reed_refusal refusal;
	struct client bob;

	register_account(hub, "ann");
	check_int(run(reed_account_register(hub, NULL, REED_STR("ANN"), &refusal, &account)),
	          REED_OK);
	refused(refusal, NAME_TAKEN);
	check(!account);
	come(hub, &bob, "bob");
	check_int(run(reed_account_register(hub, NULL, REED_STR("bob"), &refusal, &account)),
	          REED_OK);
	refused(refusal, NICK_IN_USE);
	check_int(run(reed_account_register(hub, &bob.session, REED_STR("bob"), &refusal,
	                                    &account)),
	          REED_OK);
	granted(refusal);
	check_int(run(reed_account_register(hub, NULL, REED_STR("two words"), &refusal, &account)),
	          REED_OK);
	refused(refusal, NICK_INVALID);
	reed_hub_free(hub);
}

static void a_registration_under_way_has_the_name_but_is_not_found(void)
{
	struct reed_hub *hub = hub_loaded();
	struct reed_account *first = NULL, *second = NULL;
	enum reed_refusal refusals[2];
	struct reed_future *a, *b;

	a = reed_account_register(hub, NULL, REED_STR("ann"), &refusals[0], &first);
	check(!reed_account_find(hub, REED_STR("ann")));
	check(!reed_account_next(hub, NULL));
	b = reed_account_register(hub, NULL, REED_STR("ann"), &refusals[1], &second);
	check_int(run(reed_all(a, b)), REED_OK);
	granted(refusals[0]);
	refused(refusals[1], NAME_TAKEN);
	check(reed_account_find(hub, REED_STR("ann")) == first);
	reed_hub_free(hub);
}

static void a_registration_that_is_dropped_did_not_happen(void)
{
	struct reed_hub *hub = hub_loaded();
	struct reed_account *account = NULL;
	enum reed_refusal refusal;

	/* Before it begins; while it is under way; and when it is nearly home. */
	for (int turns = 0; turns < 4; turns++) {
		struct reed_future *f =
			reed_account_register(hub, NULL, REED_STR("ann"), &refusal, &account);

		for (int i = 0; i < turns; i++)
			reed_loop_turn(loop, 0);
		reed_drop(f);
		check(!account);
		check(!reed_account_find(hub, REED_STR("ann")));
		check(!reed_nick_owner(hub, REED_STR("ann")));
		hub = restart(hub);
		check(!reed_account_find(hub, REED_STR("ann")));
	}
	register_account(hub, "ann");
	reed_hub_free(hub);
}

static void an_account_that_is_deleted_is_gone_everywhere(void)
{
	struct reed_hub *hub = hub_loaded();
	struct client ann, bob;
	struct reed_room *room, *other;

	register_account(hub, "ann");
	granted(come_as(hub, &ann, "ann", "ann"));
	granted(come_as(hub, &bob, "bob", "bob"));
	room = join(&ann, "#ann");
	other = join(&bob, "#bob");
	granted(register_room(&ann, room));
	granted(register_room(&bob, other));
	granted(change(NULL, other, REED_CHANGE_LASTING_ROLE, true, REED_ROLE_OP, "ann", NULL));
	granted(reed_room_part(&ann.session, room, REED_STR("")));
	check_int(run(reed_account_delete(ann.session.user->account)), REED_OK);
	check(!ann.session.user->account);
	check(!reed_room_find(hub, REED_STR("#ann")));
	check_int(other->affiliation_count, 0);
	check(!reed_account_find(hub, REED_STR("ann")));
	check(!reed_nick_owner(hub, REED_STR("ann")));
	hub = restart(hub);
	check(!reed_account_find(hub, REED_STR("ann")));
	check(!reed_room_find(hub, REED_STR("#ann")));
	check_int(reed_room_find(hub, REED_STR("#bob"))->affiliation_count, 0);
	register_account(hub, "ann");
	reed_hub_free(hub);
}

static void a_door_s_account_gets_a_profile_by_itself(void)
{
	struct reed_hub *hub = hub_loaded();
	struct client ann;

	granted(come_as(hub, &ann, "ann", "ann"));
	hub = restart(hub);
	check(reed_account_find(hub, REED_STR("ann")));
	reed_hub_free(hub);
}

/* ---- rooms ---- */

static void a_registered_room_is_there_after_a_restart_with_all_it_has(void)
{
	struct reed_hub *hub = hub_loaded();
	struct client ann, bob;
	struct reed_room *room;
	struct reed_id id;
	int64_t created;

	granted(come_as(hub, &ann, "ann", "ann"));
	granted(come_as(hub, &bob, "bob", "bob"));
	room = join(&ann, "#Reed");
	join(&bob, "#reed");
	granted(register_room(&ann, room));
	id = room->id;
	created = room->created;
	granted(reed_room_set_topic(&ann.session, room, REED_STR("tea \xe2\x98\x95")));
	granted(change(&ann, room, REED_CHANGE_FLAGS, true, REED_ROOM_MODERATED, NULL, NULL));
	granted(change(&ann, room, REED_CHANGE_FLAGS, true, REED_ROOM_FIRST_FREE, NULL, NULL));
	granted(change(&ann, room, REED_CHANGE_KEY, true, 0, "sesame", NULL));
	granted(change(&ann, room, REED_CHANGE_LIMIT, true, 7, NULL, NULL));
	granted(change(&ann, room, REED_CHANGE_SLOW, true, 3, NULL, NULL));
	granted(change(&ann, room, REED_CHANGE_LIST, true, REED_LIST_BAN, "eve!*@*", NULL));
	granted(change(&ann, room, REED_CHANGE_LIST, true, REED_LIST_EXCEPT, "eve!x@*", NULL));
	granted(change(NULL, room, REED_CHANGE_LASTING_ROLE, true, REED_ROLE_VOICE, "bob", NULL));
	granted(reed_room_set_value(&ann.session, room, REED_STR("url"), REED_STR("a b")));
	hub = restart(hub);
	room = reed_room_find(hub, REED_STR("#reed"));
	check(room);
	check_str(room->name, "#Reed");
	check_str(room->id.s, id.s);
	check_int(room->created, created);
	check_str(room->topic, "tea \xe2\x98\x95");
	check_str(room->topic_by, "ann!u@host.example");
	check(room->topic_at >= created);
	check(room->flags & REED_ROOM_MODERATED);
	check(room->flags & REED_ROOM_FIRST_FREE);
	check_str(room->key, "sesame");
	check_int(room->limit, 7);
	check_int(room->slow, 3);
	check_int(room->lists[REED_LIST_BAN].n, 1);
	check_str(room->lists[REED_LIST_BAN].p[0].mask, "eve!*@*");
	check_str(room->lists[REED_LIST_BAN].p[0].by, "ann!u@host.example");
	check_str(room->lists[REED_LIST_EXCEPT].p[0].mask, "eve!x@*");
	check_str(reed_values_get(&room->values, REED_STR("url")), "a b");
	check(room->founder == reed_account_find(hub, REED_STR("ann")));
	check_int(room->founder->founded, 1);

	/* The founder rules it, and who has a lasting role has it. */
	granted(come_as(hub, &ann, "ann", "ann"));
	granted(come_as(hub, &bob, "bob", "bob"));
	granted(try_join(&ann, "#reed", ""));
	granted(try_join(&bob, "#reed", ""));
	check_int(reed_member_find(room, ann.session.user)->roles, REED_ROLE_OWNER);
	check_int(reed_member_find(room, bob.session.user)->roles, REED_ROLE_VOICE);
	reed_hub_free(hub);
}

static void a_room_that_nobody_registered_is_not(void)
{
	struct reed_hub *hub = hub_loaded();
	struct client ann;

	granted(come_as(hub, &ann, "ann", "ann"));
	join(&ann, "#reed");
	hub = restart(hub);
	check(!reed_room_next(hub, NULL));
	reed_hub_free(hub);
}

static void only_who_may_registers_a_room_and_only_once(void)
{
	struct reed_hub_options options = REED_HUB_OPTIONS;
	struct reed_hub *hub;
	struct client ann, bob, guest;
	struct reed_room *room, *lobby;

	options.store = rig.store;
	options.limits.rooms_per_account = 1;
	hub = hub_with(&options);
	granted(come_as(hub, &ann, "ann", "ann"));
	granted(come_as(hub, &bob, "bob", "bob"));
	come(hub, &guest, "guest");
	lobby = join(&guest, "#lobby");
	room = join(&ann, "#reed");
	join(&bob, "#reed");
	refused(register_room(&guest, lobby), NEEDS_ACCOUNT);
	refused(register_room(&bob, room), NEEDS_ROLE);
	forget(&bob);
	granted(register_room(&ann, room));
	heard(&bob, "CHANGE ann #reed +7:0:ann\n");
	refused(register_room(&ann, room), ALREADY);
	refused(register_room(&ann, join(&ann, "#more")), TOO_MANY_ROOMS);
	refused(reed_room_unregister(&bob.session, room), NEEDS_ROLE);
	granted(reed_room_unregister(&ann.session, room));
	refused(reed_room_unregister(&ann.session, room), NOT_REGISTERED);
	granted(register_room(&ann, reed_room_find(hub, REED_STR("#more"))));
	hub = restart(hub);
	check(!reed_room_find(hub, REED_STR("#reed")));
	check(reed_room_find(hub, REED_STR("#more")));
	reed_hub_free(hub);
}

static void a_room_that_empties_while_it_is_registered_stays(void)
{
	struct reed_hub *hub = hub_loaded();
	struct client ann;
	struct reed_room *room;
	enum reed_refusal refusal;
	struct reed_future *f;

	granted(come_as(hub, &ann, "ann", "ann"));
	room = join(&ann, "#reed");
	f = reed_room_register(&ann.session, room, &refusal);
	granted(reed_room_part(&ann.session, room, REED_STR("")));
	check(reed_room_find(hub, REED_STR("#reed")) == room);
	check_int(run(f), REED_OK);
	granted(refusal);
	check(reed_room_find(hub, REED_STR("#reed")) == room);

	/* And one whose registration is dropped goes then. */
	room = join(&ann, "#other");
	f = reed_room_register(&ann.session, room, &refusal);
	granted(reed_room_part(&ann.session, room, REED_STR("")));
	reed_loop_turn(loop, 0);
	reed_drop(f);
	check(!reed_room_find(hub, REED_STR("#other")));
	hub = restart(hub);
	check(reed_room_find(hub, REED_STR("#reed")));
	check(!reed_room_find(hub, REED_STR("#other")));
	reed_hub_free(hub);
}

static void what_changes_while_a_room_is_registered_is_saved_too(void)
{
	struct reed_hub *hub = hub_loaded();
	struct client ann;
	struct reed_room *room;
	enum reed_refusal refusal;
	struct reed_future *f;

	for (int turns = 0; turns < 3; turns++) {
		granted(come_as(hub, &ann, "ann", "ann"));
		check_int(run(reed_hub_flush(hub)), REED_OK);
		room = join(&ann, "#reed");
		f = reed_room_register(&ann.session, room, &refusal);
		for (int i = 0; i < turns; i++)
			reed_loop_turn(loop, 0);
		granted(reed_room_set_topic(&ann.session, room, REED_STR("tea")));
		check_int(run(f), REED_OK);
		granted(refusal);
		hub = restart(hub);
		room = reed_room_find(hub, REED_STR("#reed"));
		check_str(room->topic, "tea");
		granted(reed_room_close(NULL, room, REED_STR("")));
	}
	reed_hub_free(hub);
}

static void a_lasting_room_needs_no_founder(void)
{
	struct reed_hub *hub = hub_loaded();
	struct reed_room *room;

	granted(reed_room_make(hub, REED_STR("#lobby"), &room));
	granted(reed_room_set_topic(NULL, room, REED_STR("welcome")));
	hub = restart(hub);
	room = reed_room_find(hub, REED_STR("#lobby"));
	check(room && !room->founder);
	check_str(room->topic, "welcome");
	granted(reed_room_close(NULL, room, REED_STR("")));
	hub = restart(hub);
	check(!reed_room_find(hub, REED_STR("#lobby")));
	reed_hub_free(hub);
}

static void a_renamed_room_has_its_new_name(void)
{
	struct reed_hub *hub = hub_loaded();
	struct reed_room *room;

	granted(reed_room_make(hub, REED_STR("#old"), &room));
	granted(reed_room_rename(NULL, room, REED_STR("#new"), REED_STR("")));
	granted(reed_room_make(hub, REED_STR("#old"), &room));
	hub = restart(hub);
	check(reed_room_find(hub, REED_STR("#new")));
	check(reed_room_find(hub, REED_STR("#old")));
	reed_hub_free(hub);
}

/* ---- bans, ids ---- */

static void bans_from_the_server_last(void)
{
	struct reed_hub *hub = hub_loaded();
	const struct reed_server_ban *ban;
	struct client ann;

	granted(reed_hub_ban(hub, NULL, REED_STR("ann!*@*"), REED_STR("spam"), 0, NULL));
	granted(reed_hub_ban(hub, NULL, REED_STR("bob!*@*"), REED_STR("spam"), 3600, NULL));
	granted(reed_hub_ban(hub, NULL, REED_STR("eve!*@*"), REED_STR(""), 0, NULL));
	granted(reed_hub_ban(hub, NULL, REED_STR("ann!*@*"), REED_STR("more spam"), 0, NULL));
	granted(reed_hub_unban(hub, NULL, REED_STR("eve!*@*")));
	hub = restart(hub);
	ban = reed_server_ban_next(hub, NULL);
	check_str(ban->mask, "ann!*@*");
	check_str(ban->reason, "more spam");
	check_str(ban->by, "reed");
	check_int(ban->expires, 0);
	ban = reed_server_ban_next(hub, ban);
	check_str(ban->mask, "bob!*@*");
	check(ban->expires > ban->at);
	check(!reed_server_ban_next(hub, ban));
	refused(come_as(hub, &ann, "ann", NULL), SERVER_BANNED);
	reed_hub_free(hub);
}

static void ids_go_on_ascending_after_a_restart(void)
{
	struct reed_hub *hub = hub_loaded();
	struct reed_id id, next;

	hub->id_ms = INT64_C(1) << 44; /* as if the clock had been wrong */
	id = register_account(hub, "ann")->id;
	hub = restart(hub);
	next = reed_hub_id(hub);
	check(strcmp(id.s, next.s) < 0);
	reed_hub_free(hub);
}

/* ---- the store itself ---- */

static void a_record_replaces_the_one_of_its_id_and_no_other(void)
{
	struct reed_rooms_snapshot snapshot = { 0 };
	struct reed_room_record r = { .id = REED_STR("1"), .name = REED_STR("#a") };

	check_int(run(rig.store->ops->save_room(rig.store, &r)), REED_OK);
	r.topic = REED_STR("changed");
	check_int(run(rig.store->ops->save_room(rig.store, &r)), REED_OK);
	r.id = REED_STR("2");
	check_int(run(rig.store->ops->save_room(rig.store, &r)), REED_EEXIST);
	r.name = REED_STR("#b");
	check_int(run(rig.store->ops->save_room(rig.store, &r)), REED_OK);
	check_int(run(rig.store->ops->delete_room(rig.store, REED_STR("3"))), REED_OK);
	rig_reopen(&rig);
	check_int(run(rig.store->ops->load(rig.store, &snapshot)), REED_OK);
	check_int(snapshot.room_count, 2);
	check_slice(snapshot.rooms[0].name, "#a");
	check_slice(snapshot.rooms[0].topic, "changed");
	check_slice(snapshot.rooms[1].name, "#b");
	reed_rooms_snapshot_finish(&snapshot);
}

static void a_load_that_is_dropped_loads_nothing(void)
{
	struct reed_rooms_snapshot snapshot = { 0 };
	struct reed_future *f = rig.store->ops->load(rig.store, &snapshot);

	reed_loop_turn(loop, 0);
	reed_drop(f);
	reed_loop_run(loop);
	check(!snapshot.rooms && snapshot.room_count == 0);
}

typedef void sentence(void);

static void with_rig(sentence *test)
{
	rig_open(&rig, loop);
	test();
	reed_loop_run(loop);
	rig_close(&rig);
}

#define EACH(test)                 \
	do {                       \
		with_rig(test);    \
		puts("ok " #test); \
		fflush(stdout);    \
	} while (0)

int main(void)
{
	check_int(reed_loop_new(NULL, &loop), REED_OK);
	EACH(an_account_is_there_after_a_restart_with_all_it_has);
	EACH(a_name_is_registered_once);
	EACH(a_registration_under_way_has_the_name_but_is_not_found);
	EACH(a_registration_that_is_dropped_did_not_happen);
	EACH(an_account_that_is_deleted_is_gone_everywhere);
	EACH(a_door_s_account_gets_a_profile_by_itself);
	EACH(a_registered_room_is_there_after_a_restart_with_all_it_has);
	EACH(a_room_that_nobody_registered_is_not);
	EACH(only_who_may_registers_a_room_and_only_once);
	EACH(a_room_that_empties_while_it_is_registered_stays);
	EACH(what_changes_while_a_room_is_registered_is_saved_too);
	EACH(a_lasting_room_needs_no_founder);
	EACH(a_renamed_room_has_its_new_name);
	EACH(bans_from_the_server_last);
	EACH(ids_go_on_ascending_after_a_restart);
	EACH(a_record_replaces_the_one_of_its_id_and_no_other);
	EACH(a_load_that_is_dropped_loads_nothing);
	reed_loop_free(loop);
	return 0;
}
