/* What becomes of changes when the store is slow, or fails. */

#include "tests/core/tools.h"

#include "door.h"

/* ---- a store that does as it is told, over one in memory ---- */

struct moody {
	struct reed_rooms_store store;
	struct reed_rooms_store *below;
	enum reed_err err; /* of the calls to come */
	int failures;      /* so many of them; -1: all */
	int64_t ms;        /* each takes so long */
	int calls, saves_of_rooms;
};

static struct moody moody;

static struct reed_future *finish(struct reed_future *f)
{
	struct reed_future *pause = reed_sleep(loop, moody.ms);

	moody.calls++;
	if (moody.failures == 0)
		return reed_all(pause, f);
	moody.failures -= moody.failures > 0;
	reed_drop(f);
	return reed_all(pause, reed_failed(loop, moody.err, "the disk is moody"));
}

static bool refuses(void)
{
	return moody.failures != 0;
}

static struct reed_future *moody_load(struct reed_rooms_store *s, struct reed_rooms_snapshot *into)
{
	(void)s;
	return moody.below->ops->load(moody.below, into);
}

static struct reed_future *moody_save_room(struct reed_rooms_store *s,
                                           const struct reed_room_record *r)
{
	(void)s;
	moody.saves_of_rooms++;
	return finish(refuses() ? NULL : moody.below->ops->save_room(moody.below, r));
}

static struct reed_future *moody_save_account(struct reed_rooms_store *s,
                                              const struct reed_account_record *r)
{
	(void)s;
	return finish(refuses() ? NULL : moody.below->ops->save_account(moody.below, r));
}

static struct reed_future *moody_save_ban(struct reed_rooms_store *s,
                                          const struct reed_ban_record *r)
{
	(void)s;
	return finish(refuses() ? NULL : moody.below->ops->save_ban(moody.below, r));
}

static struct reed_future *moody_delete_room(struct reed_rooms_store *s, struct reed_slice id)
{
	(void)s;
	return finish(refuses() ? NULL : moody.below->ops->delete_room(moody.below, id));
}

static struct reed_future *moody_delete_account(struct reed_rooms_store *s, struct reed_slice id)
{
	(void)s;
	return finish(refuses() ? NULL : moody.below->ops->delete_account(moody.below, id));
}

static struct reed_future *moody_delete_ban(struct reed_rooms_store *s, struct reed_slice mask)
{
	(void)s;
	return finish(refuses() ? NULL : moody.below->ops->delete_ban(moody.below, mask));
}

static void moody_free(struct reed_rooms_store *s)
{
	(void)s;
	reed_rooms_store_free(moody.below);
}

static const struct reed_rooms_store_ops moody_ops = {
	.name = "moody",
	.load = moody_load,
	.save_room = moody_save_room,
	.save_account = moody_save_account,
	.save_ban = moody_save_ban,
	.delete_room = moody_delete_room,
	.delete_account = moody_delete_account,
	.delete_ban = moody_delete_ban,
	.free = moody_free,
};

/* ---- a hub over it ---- */

static struct reed_hub *hub;
static int troubles;
static char trouble_said[128];

static void hear_trouble(void *arg, struct reed_hub *h, enum reed_err err, const char *why)
{
	(void)arg;
	(void)err;
	check(h == hub);
	troubles++;
	snprintf(trouble_said, sizeof(trouble_said), "%s", why);
}

static void set_up(void)
{
	struct reed_hub_options options = REED_HUB_OPTIONS;

	moody = (struct moody){ .store.ops = &moody_ops };
	moody.below = reed_rooms_store_memory_new(loop);
	troubles = 0;
	options.store = &moody.store;
	options.trouble = hear_trouble;
	hub = hub_with(&options);
}

static void tear_down(void)
{
	reed_hub_free(hub);
	run();
	reed_rooms_store_free(&moody.store);
}

static size_t unsaved(void)
{
	struct reed_hub_stats stats = { .size = sizeof(stats) };

	reed_hub_stats(hub, &stats);
	return stats.unsaved;
}

static struct reed_room *lobby(void)
{
	struct reed_room *room;

	granted(reed_room_make(hub, REED_STR("#lobby"), &room));
	return room;
}

static void rooms_stored_are(size_t n)
{
	struct reed_rooms_snapshot snapshot = { 0 };

	check_int(outcome(moody.below->ops->load(moody.below, &snapshot)), REED_OK);
	check_int(snapshot.room_count, n);
	reed_rooms_snapshot_finish(&snapshot);
}

/* ---- sentences ---- */

static void what_changes_often_is_saved_once_and_as_it_is_last(void)
{
	struct reed_rooms_snapshot snapshot = { 0 };
	struct reed_room *room;
	char topic[16];

	set_up();
	moody.ms = 10;
	room = lobby();
	for (int i = 0; i < 100; i++) {
		snprintf(topic, sizeof(topic), "%d", i);
		granted(reed_room_set_topic(NULL, room, reed_slice_of(topic)));
	}
	reed_loop_turn(loop, 0);
	check_int(moody.saves_of_rooms, 1);
	for (int i = 100; i < 200; i++) {
		snprintf(topic, sizeof(topic), "%d", i);
		granted(reed_room_set_topic(NULL, room, reed_slice_of(topic)));
	}
	check_int(outcome(reed_hub_flush(hub)), REED_OK);
	check_int(moody.saves_of_rooms, 2);
	check_int(outcome(moody.below->ops->load(moody.below, &snapshot)), REED_OK);
	check_slice(snapshot.rooms[0].topic, "199");
	reed_rooms_snapshot_finish(&snapshot);
	tear_down();
}

static void what_fails_is_told_and_tried_again_until_it_is_saved(void)
{
	int64_t began;

	set_up();
	moody.err = REED_ENOSPC;
	moody.failures = 3;
	lobby();
	check_int(outcome(reed_hub_flush(hub)), REED_ENOSPC);
	check(why_is("not saved: the disk is moody"));
	check_int(troubles, 1);
	check_str(trouble_said, "the disk is moody");
	check_int(unsaved(), 2);
	rooms_stored_are(0);
	began = reed_now(loop);
	run();
	check_int(troubles, 3);
	check_int(unsaved(), 0);
	check(reed_now(loop) - began >= REED_S(6));
	check(reed_now(loop) - began <= REED_S(8));
	rooms_stored_are(1);
	check_int(outcome(reed_hub_flush(hub)), REED_OK);
	tear_down();
}

static void what_the_store_will_never_take_does_not_stop_the_rest(void)
{
	struct reed_room_record other = { .id = REED_STR("0"), .name = REED_STR("#lobby") };

	set_up();
	check_int(outcome(moody.below->ops->save_room(moody.below, &other)), REED_OK);
	lobby();
	granted(reed_hub_ban(hub, NULL, REED_STR("eve!*@*"), REED_STR(""), 0, NULL));
	run();
	check_int(troubles, 1);
	check_int(unsaved(), 0);
	rooms_stored_are(1);
	tear_down();
}

static void what_goes_while_it_is_saved_is_gone_afterwards(void)
{
	struct reed_room *room;

	set_up();
	moody.ms = 10;
	room = lobby();
	reed_loop_turn(loop, 0);
	check_int(moody.saves_of_rooms, 1);
	granted(reed_room_close(NULL, room, REED_STR("")));
	check_int(outcome(reed_hub_flush(hub)), REED_OK);
	rooms_stored_are(0);
	tear_down();
}

static void what_goes_while_its_saving_fails_is_gone_afterwards(void)
{
	struct reed_room *room;

	set_up();
	moody.ms = 10;
	moody.err = REED_EIO;
	moody.failures = 1;
	room = lobby();
	reed_loop_turn(loop, 0);
	granted(reed_room_close(NULL, room, REED_STR("")));
	run();
	check_int(unsaved(), 0);
	rooms_stored_are(0);
	tear_down();
}

static void a_deletion_that_fails_is_tried_again(void)
{
	set_up();
	granted(reed_hub_ban(hub, NULL, REED_STR("eve!*@*"), REED_STR(""), 0, NULL));
	run();
	moody.err = REED_EIO;
	moody.failures = 2;
	granted(reed_hub_unban(hub, NULL, REED_STR("eve!*@*")));
	run();
	check_int(troubles, 2);
	check_int(unsaved(), 0);
	tear_down();
}

static void a_registration_that_fails_leaves_things_as_they_were(void)
{
	struct reed_account *account = NULL;
	enum reed_refusal refusal = REED_REFUSAL_EMPTY;
	struct reed_room *room;
	struct client ann;

	set_up();
	moody.err = REED_ENOSPC;
	moody.failures = 1;
	check_int(outcome(reed_account_register(hub, NULL, REED_STR("ann"), &refusal, &account)),
	          REED_ENOSPC);
	check(!account);
	check_int(refusal, REED_REFUSAL_EMPTY);
	check(!reed_account_find(hub, REED_STR("ann")));
	run();
	granted(come_as(hub, &ann, "ann", "ann"));
	run();
	room = join(&ann, "#reed");
	moody.failures = 1;
	check_int(outcome(reed_room_register(&ann.session, room, &refusal)), REED_ENOSPC);
	check(!room->founder);
	run();
	rooms_stored_are(0);
	check_int(outcome(reed_room_register(&ann.session, room, &refusal)), REED_OK);
	granted(refusal);
	rooms_stored_are(1);
	tear_down();
}

/* The founder's account is new, and must be on the disk before the room. */
static void a_room_is_not_saved_before_the_account_it_builds_on(void)
{
	enum reed_refusal refusal;
	struct client ann;
	struct reed_future *f;

	set_up();
	moody.ms = 10;
	granted(come_as(hub, &ann, "ann", "ann"));
	f = reed_room_register(&ann.session, join(&ann, "#reed"), &refusal);
	check_int(outcome(reed_sleep(loop, 5)), REED_OK);
	check_int(moody.calls, 1);
	check_int(moody.saves_of_rooms, 0);
	check_int(outcome(f), REED_OK);
	granted(refusal);
	check_int(moody.saves_of_rooms, 1);
	tear_down();
}

static void a_founder_who_is_deleted_meanwhile_founds_nothing(void)
{
	enum reed_refusal refusal;
	struct client ann;
	struct reed_future *f;

	set_up();
	moody.ms = 10;
	granted(come_as(hub, &ann, "ann", "ann"));
	run();
	f = reed_room_register(&ann.session, join(&ann, "#reed"), &refusal);
	reed_loop_turn(loop, 0);
	check_int(moody.saves_of_rooms, 1);
	reed_background(reed_account_delete(ann.session.user->account), NULL, NULL);
	check_int(outcome(f), REED_OK);
	refused(refusal, NO_ACCOUNT);
	run();
	rooms_stored_are(0);
	tear_down();
}

static void a_hub_may_be_freed_while_it_saves(void)
{
	struct reed_future *flush;

	set_up();
	moody.ms = 10;
	lobby();
	granted(reed_hub_ban(hub, NULL, REED_STR("eve!*@*"), REED_STR(""), 0, NULL));
	granted(reed_hub_unban(hub, NULL, REED_STR("eve!*@*")));
	reed_loop_turn(loop, 0);
	flush = reed_hub_flush(hub);
	reed_hub_free(hub);
	check_int(outcome(flush), REED_ECANCELED);
	run();
	reed_rooms_store_free(&moody.store);
}

static void a_flush_may_be_dropped(void)
{
	set_up();
	moody.ms = 10;
	lobby();
	reed_drop(reed_hub_flush(hub));
	run();
	rooms_stored_are(1);
	tear_down();
}

int main(void)
{
	lab_open();
	RUN(what_changes_often_is_saved_once_and_as_it_is_last);
	RUN(what_fails_is_told_and_tried_again_until_it_is_saved);
	RUN(what_the_store_will_never_take_does_not_stop_the_rest);
	RUN(what_goes_while_it_is_saved_is_gone_afterwards);
	RUN(what_goes_while_its_saving_fails_is_gone_afterwards);
	RUN(a_deletion_that_fails_is_tried_again);
	RUN(a_registration_that_fails_leaves_things_as_they_were);
	RUN(a_room_is_not_saved_before_the_account_it_builds_on);
	RUN(a_founder_who_is_deleted_meanwhile_founds_nothing);
	RUN(a_hub_may_be_freed_while_it_saves);
	RUN(a_flush_may_be_dropped);
	lab_close();
	return 0;
}
