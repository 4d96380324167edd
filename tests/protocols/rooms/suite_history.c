/* What holds for every history. */

#include "door.h"
#include "rig.h"

static struct rig rig;

#define ROOM REED_STR("01ARZ3NDEKTSV4RRFFQ69G5FAV")

/* Message n: its id ends with n, its time is n seconds, its text is "mn". */
static void append(struct reed_slice where, int n, enum reed_event_kind kind, const char *text)
{
	struct reed_message m = { .kind = kind, .time = REED_S(n) };
	char buf[32];

	snprintf(m.id.s, sizeof(m.id.s), "0000000000000000000000%04d", n);
	snprintf(buf, sizeof(buf), "m%d", n);
	m.nick = REED_STR("ann");
	m.username = REED_STR("u");
	m.host = REED_STR("host.example");
	m.text = reed_slice_of(text ? text : buf);
	reed_history_append(rig.history, where, &m);
	memset(buf, 'x', sizeof(buf));
}

static void append_some(int first, int last)
{
	for (int n = first; n <= last; n++)
		append(ROOM, n, REED_EVENT_MESSAGE, NULL);
}

static struct reed_slice id_of(int n)
{
	static char ids[4][32];
	static int next;
	char *s = ids[next++ % 4];

	snprintf(s, sizeof(ids[0]), "0000000000000000000000%04d", n);
	return reed_slice_of(s);
}

/* Asks, and compares the texts of the answer: "m1 m2 m3", with "+" if there are more. */
static void answer_is(const struct reed_history_query *query, const char *wanted)
{
	struct reed_history_page page = { 0 };
	struct reed_buf b = { 0 };

	check_int(reed_loop_run_until(loop, reed_history_query(rig.history, query, &page), NULL),
	          REED_OK);
	if (page.unknown)
		reed_buf_add_str(&b, "unknown");
	for (size_t i = 0; i < page.count; i++) {
		if (i > 0)
			reed_buf_add_char(&b, ' ');
		reed_buf_add(&b, page.messages[i].text);
	}
	if (page.more)
		reed_buf_add_str(&b, "+");
	check_slice(reed_buf_slice(&b), wanted);
	reed_buf_finish(&b);
	reed_history_page_finish(&page);
}

static struct reed_history_query ask(enum reed_history_way way, unsigned limit)
{
	struct reed_history_query q = REED_HISTORY_QUERY;

	q.where = ROOM;
	q.way = way;
	q.limit = limit;
	return q;
}

static void the_last_and_the_first_are_told_in_order(void)
{
	struct reed_history_query q = ask(REED_HISTORY_BACK, 3);

	answer_is(&q, "");
	append_some(1, 6);
	answer_is(&q, "m4 m5 m6+");
	q.limit = 6;
	answer_is(&q, "m1 m2 m3 m4 m5 m6");
	q = ask(REED_HISTORY_ON, 2);
	answer_is(&q, "m1 m2+");
	q.limit = 0;
	answer_is(&q, "m1 m2 m3 m4 m5 m6");
	rig_reopen(&rig);
	answer_is(&q, "m1 m2 m3 m4 m5 m6");
}

static void a_point_is_an_id_or_a_time_and_is_not_included(void)
{
	struct reed_history_query q;

	append_some(1, 6);
	q = ask(REED_HISTORY_BACK, 2);
	q.from.id = id_of(4);
	answer_is(&q, "m2 m3+");
	q.from = (struct reed_history_point){ .time = REED_S(4) };
	answer_is(&q, "m2 m3+");
	q.from.time += 1;
	answer_is(&q, "m3 m4+");
	q.from.time = 1;
	answer_is(&q, "");
	q = ask(REED_HISTORY_ON, 2);
	q.from.id = id_of(2);
	answer_is(&q, "m3 m4+");
	q.from = (struct reed_history_point){ .time = REED_S(2) };
	answer_is(&q, "m3 m4+");
	q.from.time -= 1;
	answer_is(&q, "m2 m3+");
	q.from.time = REED_S(7);
	answer_is(&q, "");
	q.from = (struct reed_history_point){ .id = id_of(6) };
	answer_is(&q, "");
}

static void an_answer_stops_before_until(void)
{
	struct reed_history_query q;

	append_some(1, 6);
	q = ask(REED_HISTORY_BACK, 10);
	q.until.id = id_of(3);
	answer_is(&q, "m4 m5 m6");
	q.limit = 2;
	answer_is(&q, "m5 m6+");
	q.until = (struct reed_history_point){ .time = REED_S(4) };
	answer_is(&q, "m5 m6");
	q.from.id = id_of(5);
	answer_is(&q, "");
	q = ask(REED_HISTORY_ON, 10);
	q.from.id = id_of(2);
	q.until.id = id_of(5);
	answer_is(&q, "m3 m4");
	q.until = (struct reed_history_point){ .time = REED_S(6) };
	answer_is(&q, "m3 m4 m5");
	q.until = (struct reed_history_point){ .id = id_of(1) };
	answer_is(&q, "");
}

static void around_has_both_sides(void)
{
	struct reed_history_query q = ask(REED_HISTORY_AROUND, 4);

	append_some(1, 9);
	q.from.id = id_of(5);
	answer_is(&q, "m3 m4 m5 m6+");
	q.from = (struct reed_history_point){ .time = REED_S(5) };
	answer_is(&q, "m3 m4 m5 m6+");
	q.from = (struct reed_history_point){ .id = id_of(1) };
	answer_is(&q, "m1 m2 m3 m4+");
	q.from.id = id_of(9);
	answer_is(&q, "m7 m8 m9+");
	q.limit = 100;
	answer_is(&q, "m1 m2 m3 m4 m5 m6 m7 m8 m9");
}

static void an_id_that_is_not_there_is_unknown(void)
{
	struct reed_history_query q = ask(REED_HISTORY_BACK, 4);

	q.from.id = id_of(5);
	answer_is(&q, "unknown");
	append_some(1, 3);
	answer_is(&q, "unknown");
	q.way = REED_HISTORY_ONE;
	answer_is(&q, "unknown");
	q.from.id = id_of(2);
	answer_is(&q, "m2");
	q.where = REED_STR("elsewhere");
	answer_is(&q, "unknown");
	q.way = REED_HISTORY_ON;
	q.from.id = REED_STR("what is this and why is it so long, one may ask");
	answer_is(&q, "unknown");
}

static void what_was_not_said_is_told_only_when_asked_for(void)
{
	struct reed_history_query q = ask(REED_HISTORY_BACK, 2);

	append(ROOM, 1, REED_EVENT_MESSAGE, NULL);
	append(ROOM, 2, REED_EVENT_JOIN, "joins");
	append(ROOM, 3, REED_EVENT_MESSAGE, NULL);
	append(ROOM, 4, REED_EVENT_TOPIC, "tea");
	answer_is(&q, "m1 m3");
	q.all = true;
	answer_is(&q, "m3 tea+");
	q = ask(REED_HISTORY_ON, 1);
	answer_is(&q, "m1+");
	q.from.id = id_of(1);
	answer_is(&q, "m3");
	q.way = REED_HISTORY_ONE;
	q.from.id = id_of(4);
	answer_is(&q, "tea");
}

static void a_message_comes_back_whole(void)
{
	struct reed_tag tags[2] = { { REED_STR("reply"), REED_STR("01ARZ") },
		                    { REED_STR("typing"), REED_STR("") } };
	struct reed_message m = {
		.id = { "01ARZ3NDEKTSV4RRFFQ69G5FAW" },
		.time = INT64_C(1700000000123456789),
		.kind = REED_EVENT_KICK,
		.manner = REED_ACT,
		.nick = REED_STR("J\xc3\xbcrgen"),
		.username = REED_STR("u"),
		.host = REED_STR("host.example"),
		.account = REED_STR("01ARZ3NDEKTSV4RRFFQ69G5FAA"),
		.text = REED_STR("two\nlines"),
		.ref = REED_STR("01ARZ3NDEKTSV4RRFFQ69G5FAB"),
		.target = REED_STR("bob"),
		.tags = tags,
		.tag_count = 2,
	};
	struct reed_history_query q = ask(REED_HISTORY_BACK, 1);
	struct reed_history_page page = { 0 };
	const struct reed_message *got;

	reed_history_append(rig.history, ROOM, &m);
	rig_reopen(&rig);
	q.all = true;
	check_int(reed_loop_run_until(loop, reed_history_query(rig.history, &q, &page), NULL),
	          REED_OK);
	check_int(page.count, 1);
	got = &page.messages[0];
	check_str(got->id.s, m.id.s);
	check_int(got->time, m.time);
	check_int(got->kind, m.kind);
	check_int(got->manner, m.manner);
	check(reed_slice_eq(got->nick, m.nick));
	check(reed_slice_eq(got->username, m.username));
	check(reed_slice_eq(got->host, m.host));
	check(reed_slice_eq(got->account, m.account));
	check(reed_slice_eq(got->text, m.text));
	check(reed_slice_eq(got->ref, m.ref));
	check(reed_slice_eq(got->target, m.target));
	check_int(got->tag_count, 2);
	check_slice(got->tags[0].key, "reply");
	check_slice(got->tags[0].value, "01ARZ");
	check_slice(got->tags[1].key, "typing");
	check_slice(got->tags[1].value, "");
	reed_history_page_finish(&page);
}

static void what_is_taken_back_leaves_a_hole_and_so_do_its_edits(void)
{
	struct reed_history_query q = ask(REED_HISTORY_BACK, 10);
	struct reed_history_page page = { 0 };
	struct reed_message edit = { .kind = REED_EVENT_EDIT,
		                     .time = REED_S(3),
		                     .text = REED_STR("better"),
		                     .ref = id_of(1) };

	append_some(1, 2);
	snprintf(edit.id.s, sizeof(edit.id.s), "%s", id_of(3).p);
	reed_history_append(rig.history, ROOM, &edit);
	answer_is(&q, "m1 m2 better");
	check_int(reed_loop_run_until(loop, reed_history_redact(rig.history, ROOM, id_of(1)), NULL),
	          REED_OK);
	answer_is(&q, " m2 ");
	check_int(reed_loop_run_until(loop, reed_history_query(rig.history, &q, &page), NULL),
	          REED_OK);
	check_int(page.messages[0].flags, REED_MESSAGE_REDACTED);
	check_int(page.messages[1].flags, 0);
	check_int(page.messages[2].flags, REED_MESSAGE_REDACTED);
	check_slice(page.messages[0].nick, "ann");
	reed_history_page_finish(&page);
	check_int(reed_loop_run_until(loop, reed_history_redact(rig.history, ROOM, id_of(7)), NULL),
	          REED_ENOENT);
	check_int(reed_loop_run_until(loop, reed_history_redact(rig.history, ROOM, REED_STR("")),
	                              NULL),
	          REED_ENOENT);
	answer_is(&q, " m2 ");
}

static void what_is_forgotten_is_gone_and_the_rest_stays(void)
{
	struct reed_history_query q = ask(REED_HISTORY_BACK, 10);

	append_some(1, 3);
	append(REED_STR("other"), 4, REED_EVENT_MESSAGE, NULL);
	check_int(reed_loop_run_until(loop, reed_history_forget(rig.history, ROOM), NULL), REED_OK);
	check_int(reed_loop_run_until(loop, reed_history_forget(rig.history, ROOM), NULL), REED_OK);
	answer_is(&q, "");
	q.where = REED_STR("other");
	answer_is(&q, "m4");
}

static void talks_are_listed_the_latest_first(void)
{
	static const char *const names[] = {
		"0000000000000000000000000A0000000000000000000000000B",
		"0000000000000000000000000A0000000000000000000000000C",
		"0000000000000000000000000B0000000000000000000000000C",
	};
	struct reed_slice a = REED_STR("0000000000000000000000000A");
	struct reed_talks talks = { 0 };

	for (int i = 0; i < 3; i++)
		append(reed_slice_of(names[i]), i + 1, REED_EVENT_MESSAGE, NULL);
	append_some(5, 6);
	append(reed_slice_of(names[0]), 7, REED_EVENT_MESSAGE, NULL);
	check_int(reed_loop_run_until(loop, reed_history_talks(rig.history, a, 0, 0, 10, &talks),
	                              NULL),
	          REED_OK);
	check_int(talks.count, 2);
	check_slice(talks.talks[0].where, names[0]);
	check_slice(talks.talks[0].with, "0000000000000000000000000B");
	check_int(talks.talks[0].time, REED_S(7));
	check_slice(id_of(7), talks.talks[0].last.s);
	check_slice(talks.talks[1].with, "0000000000000000000000000C");
	reed_talks_finish(&talks);
	check_int(reed_loop_run_until(loop,
	                              reed_history_talks(rig.history, a, REED_S(1), REED_S(7), 10,
	                                                 &talks),
	                              NULL),
	          REED_OK);
	check_int(talks.count, 1);
	reed_talks_finish(&talks);
	check_int(reed_loop_run_until(loop, reed_history_talks(rig.history, a, 0, 0, 1, &talks),
	                              NULL),
	          REED_OK);
	check_int(talks.count, 1);
	reed_talks_finish(&talks);
}

static void a_query_that_is_dropped_writes_nothing(void)
{
	struct reed_history_query q = ask(REED_HISTORY_BACK, 10);
	struct reed_history_page page = { 0 };

	append_some(1, 3);
	for (int turns = 0; turns < 3; turns++) {
		struct reed_future *f = reed_history_query(rig.history, &q, &page);

		for (int i = 0; i < turns; i++)
			reed_loop_turn(loop, 0);
		reed_drop(f);
		reed_loop_run(loop);
		check(!page.messages && !page.pool.blocks);
	}
}

static void many_at_once_are_all_there(void)
{
	struct reed_history_query q = ask(REED_HISTORY_BACK, 1000);
	struct reed_history_page page = { 0 };

	append_some(1, 900);
	check_int(reed_loop_run_until(loop, reed_history_query(rig.history, &q, &page), NULL),
	          REED_OK);
	check_int(page.count, 900);
	for (int i = 0; i < 900; i++)
		check_slice(id_of(i + 1), page.messages[i].id.s);
	reed_history_page_finish(&page);
	check_int(reed_loop_run_until(loop, reed_history_flush(rig.history), NULL), REED_OK);
}

/* ---- with a hub ---- */

static struct reed_hub *hub_kept(bool events)
{
	struct reed_hub_options options = REED_HUB_OPTIONS;

	options.history = rig.history;
	options.history_events = events;
	return hub_with(&options);
}

static void room_answers(const struct reed_id *room, bool all, const char *wanted)
{
	struct reed_history_query q = ask(REED_HISTORY_BACK, 100);

	q.where = reed_slice_of(room->s);
	q.all = all;
	answer_is(&q, wanted);
}

static void what_is_said_in_a_room_is_kept_under_its_id(void)
{
	struct reed_hub *hub = hub_kept(false);
	struct reed_speech speech = REED_SPEECH;
	struct client ann, bob;
	struct reed_room *room;
	struct reed_id id;

	granted(come_as(hub, &ann, "ann", "ann"));
	granted(come_as(hub, &bob, "bob", "bob"));
	room = join(&ann, "#reed");
	join(&bob, "#reed");
	id = room->id;
	granted(say(&ann, room, "one"));
	granted(say(&bob, room, "two"));
	speech.text = REED_STR("to the operators");
	speech.roles = REED_ROLE_OP;
	granted(reed_room_say(&bob.session, room, &speech));
	speech.roles = 0;
	speech.passing = true;
	granted(reed_room_say(&bob.session, room, &speech));
	room_answers(&id, true, "one two");
	granted(change(&ann, room, REED_CHANGE_FLAGS, true, REED_ROOM_UNKEPT, NULL, NULL));
	granted(say(&ann, room, "off the record"));
	room_answers(&id, true, "one two");
	granted(reed_room_part(&ann.session, room, REED_STR("")));
	granted(reed_room_part(&bob.session, room, REED_STR("")));
	room_answers(&id, true, "");
	reed_hub_free(hub);
}

static void what_happens_is_kept_when_the_hub_is_to(void)
{
	struct reed_hub *hub = hub_kept(true);
	struct client ann, bob;
	struct reed_room *room;

	come(hub, &ann, "ann");
	come(hub, &bob, "bob");
	room = join(&ann, "#reed");
	join(&bob, "#reed");
	granted(reed_room_set_topic(&ann.session, room, REED_STR("tea")));
	granted(say(&ann, room, "one"));
	reed_session_end(&bob.session, REED_STR("gone"));
	room_answers(&room->id, false, "one");
	room_answers(&room->id, true, "  tea one gone");
	reed_hub_free(hub);
}

static void two_accounts_share_what_they_say_to_each_other(void)
{
	struct reed_hub *hub = hub_kept(false);
	struct client ann, bob, guest;
	struct reed_talk_name ab, ba;
	struct reed_speech speech = REED_SPEECH;
	struct reed_history_query q = ask(REED_HISTORY_BACK, 100);

	granted(come_as(hub, &ann, "ann", "ann"));
	granted(come_as(hub, &bob, "bob", "bob"));
	come(hub, &guest, "guest");
	ab = reed_talk_between(ann.session.user->account, bob.session.user->account);
	ba = reed_talk_between(bob.session.user->account, ann.session.user->account);
	check_str(ab.s, ba.s);
	speech.text = REED_STR("one");
	granted(reed_user_say(&ann.session, bob.session.user, &speech));
	speech.text = REED_STR("two");
	granted(reed_user_say(&bob.session, ann.session.user, &speech));
	granted(reed_user_say(&guest.session, ann.session.user, &speech));
	q.where = reed_slice_of(ab.s);
	answer_is(&q, "one two");
	reed_hub_free(hub);
}

static enum reed_refusal redact(struct client *by, struct reed_room *room, const struct reed_id *id)
{
	enum reed_refusal refusal;

	check_int(reed_loop_run_until(loop,
	                              reed_room_redact(by ? &by->session : NULL, room,
	                                               reed_slice_of(id->s), REED_STR("oops"),
	                                               &refusal),
	                              NULL),
	          REED_OK);
	return refusal;
}

static enum reed_refusal edit(struct client *by, struct reed_room *room, const struct reed_id *id,
                              const char *text)
{
	struct reed_speech speech = REED_SPEECH;
	enum reed_refusal refusal;

	speech.text = reed_slice_of(text);
	check_int(reed_loop_run_until(loop,
	                              reed_room_edit(&by->session, room, reed_slice_of(id->s),
	                                             &speech, &refusal),
	                              NULL),
	          REED_OK);
	return refusal;
}

static void one_may_edit_and_take_back_what_is_one_s_own(void)
{
	struct reed_hub *hub = hub_kept(false);
	struct client ann, bob, eve;
	struct reed_room *room;
	struct reed_id bobs, anns, none = { "01ARZ3NDEKTSV4RRFFQ69G5FAV" };

	granted(come_as(hub, &ann, "ann", "ann"));
	granted(come_as(hub, &bob, "bob", "bob"));
	come(hub, &eve, "eve");
	room = join(&ann, "#reed");
	join(&bob, "#reed");
	granted(say(&bob, room, "one"));
	bobs = ann.last;
	granted(say(&ann, room, "two"));
	anns = ann.last;
	forget(&ann);
	refused(edit(&ann, room, &bobs, "ann's"), NEEDS_ROLE);
	refused(edit(&bob, room, &none, "what?"), NO_MESSAGE);
	granted(edit(&bob, room, &bobs, "won"));
	heard(&ann, "EDIT bob #reed: won\n");
	room_answers(&room->id, false, "one two won");
	refused(redact(&bob, room, &anns), NEEDS_ROLE);
	refused(redact(&eve, room, &anns), NOT_MEMBER);
	granted(redact(&ann, room, &bobs));
	heard(&ann, "REDACT ann #reed: oops\n");
	room_answers(&room->id, false, " two  oops");
	refused(redact(&ann, room, &bobs), NO_MESSAGE);
	refused(edit(&bob, room, &bobs, "again"), NO_MESSAGE);
	granted(redact(NULL, room, &anns));
	reed_hub_free(hub);
}

static void who_takes_back_and_leaves_is_refused(void)
{
	struct reed_hub *hub = hub_kept(false);
	enum reed_refusal refusal;
	struct reed_future *f;
	struct client *ann = reed_alloc(sizeof(*ann)), bob;
	struct reed_room *room;

	granted(come_as(hub, ann, "ann", "ann"));
	come(hub, &bob, "bob");
	room = join(ann, "#reed");
	join(&bob, "#reed");
	granted(say(ann, room, "one"));
	f = reed_room_redact(&ann->session, room, reed_slice_of(ann->last.s), REED_STR(""),
	                     &refusal);
	leave(ann);
	reed_free(ann);
	check_int(reed_loop_run_until(loop, f, NULL), REED_OK);
	refused(refusal, NO_USER);
	reed_hub_free(hub);
}

static void what_was_said_to_one_may_be_edited_and_taken_back_too(void)
{
	struct reed_hub *hub = hub_kept(false);
	struct client ann, bob;
	struct reed_speech speech = REED_SPEECH;
	struct reed_history_query q = ask(REED_HISTORY_BACK, 100);
	struct reed_account *a, *b;
	struct reed_talk_name where;
	enum reed_refusal refusal;
	struct reed_id id;

	granted(come_as(hub, &ann, "ann", "ann"));
	granted(come_as(hub, &bob, "bob", "bob"));
	a = ann.session.user->account;
	b = bob.session.user->account;
	where = reed_talk_between(a, b);
	q.where = reed_slice_of(where.s);
	speech.text = REED_STR("one");
	granted(reed_user_say(&ann.session, bob.session.user, &speech));
	id = bob.last;
	forget(&bob);
	speech.text = REED_STR("won");
	check_int(reed_loop_run_until(loop,
	                              reed_talk_edit(&ann.session, b, reed_slice_of(id.s), &speech,
	                                             &refusal),
	                              NULL),
	          REED_OK);
	granted(refusal);
	heard(&bob, "EDIT ann bob: won\n");
	answer_is(&q, "one won");
	check_int(reed_loop_run_until(loop,
	                              reed_talk_redact(&bob.session, a, reed_slice_of(id.s),
	                                               REED_STR(""), &refusal),
	                              NULL),
	          REED_OK);
	refused(refusal, NEEDS_ROLE);
	leave(&bob);
	check_int(reed_loop_run_until(loop,
	                              reed_talk_redact(&ann.session, b, reed_slice_of(id.s),
	                                               REED_STR("oops"), &refusal),
	                              NULL),
	          REED_OK);
	granted(refusal);
	answer_is(&q, "  oops");
	reed_hub_free(hub);
}

static void who_takes_back_may_be_too_late_for_the_room(void)
{
	struct reed_hub *hub = hub_kept(false);
	enum reed_refusal refusal;
	struct reed_future *f;
	struct client ann;
	struct reed_room *room;

	granted(come_as(hub, &ann, "ann", "ann"));
	room = join(&ann, "#reed");
	granted(say(&ann, room, "one"));
	f = reed_room_redact(&ann.session, room, reed_slice_of(ann.last.s), REED_STR(""), &refusal);
	granted(reed_room_part(&ann.session, room, REED_STR("")));
	check_int(reed_loop_run_until(loop, f, NULL), REED_OK);
	refused(refusal, NO_ROOM);
	reed_hub_free(hub);
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
	EACH(the_last_and_the_first_are_told_in_order);
	EACH(a_point_is_an_id_or_a_time_and_is_not_included);
	EACH(an_answer_stops_before_until);
	EACH(around_has_both_sides);
	EACH(an_id_that_is_not_there_is_unknown);
	EACH(what_was_not_said_is_told_only_when_asked_for);
	EACH(a_message_comes_back_whole);
	EACH(what_is_taken_back_leaves_a_hole_and_so_do_its_edits);
	EACH(what_is_forgotten_is_gone_and_the_rest_stays);
	EACH(talks_are_listed_the_latest_first);
	EACH(a_query_that_is_dropped_writes_nothing);
	EACH(many_at_once_are_all_there);
	EACH(what_is_said_in_a_room_is_kept_under_its_id);
	EACH(what_happens_is_kept_when_the_hub_is_to);
	EACH(two_accounts_share_what_they_say_to_each_other);
	EACH(one_may_edit_and_take_back_what_is_one_s_own);
	EACH(who_takes_back_and_leaves_is_refused);
	EACH(what_was_said_to_one_may_be_edited_and_taken_back_too);
	EACH(who_takes_back_may_be_too_late_for_the_room);
	reed_loop_free(loop);
	return 0;
}
