/* Who hears what, once, in one order, and what may be done meanwhile. */

#include "door.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* A second kind, to see that slots are kept apart. */
static const struct reed_door_ops other_door = { .name = "other",
	                                         .event = client_event,
	                                         .over = client_over,
	                                         .release = client_release };

static void everybody_in_a_room_hears_what_is_said_once(void)
{
	struct reed_hub *hub = hub_plain();
	struct client ann, bob, eve;
	struct reed_room *room;

	come(hub, &ann, "ann");
	come(hub, &bob, "bob");
	come(hub, &eve, "eve");
	room = join(&ann, "#reed");
	join(&bob, "#reed");
	forget(&ann);
	forget(&bob);
	granted(say(&ann, room, "hello"));
	heard(&ann, "MESSAGE ann #reed: hello\n");
	heard(&bob, "MESSAGE ann #reed: hello\n");
	heard(&eve, "");
	reed_hub_free(hub);
}

static void a_door_encodes_once_for_all_its_receivers(void)
{
	enum { CLIENTS = 40 };
	struct reed_hub *hub = hub_plain();
	static struct client clients[CLIENTS];
	struct reed_room *room = NULL;
	struct reed_newcomer n = REED_NEWCOMER;
	char nick[16];
	int encoded[2] = { 0, 0 };

	for (int i = 0; i < CLIENTS; i++) {
		memset(&clients[i], 0, sizeof(clients[i]));
		clients[i].session.ops = i % 2 ? &other_door : &test_door;
		snprintf(nick, sizeof(nick), "c%d", i);
		n.nick = reed_slice_of(nick);
		granted(reed_session_attach(hub, &clients[i].session, &n));
		room = join(&clients[i], "#reed");
	}
	for (int i = 0; i < CLIENTS; i++) {
		forget(&clients[i]);
		clients[i].encoded = 0;
	}
	granted(say(&clients[0], room, "hello"));
	for (int i = 0; i < CLIENTS; i++) {
		heard(&clients[i], "MESSAGE c0 #reed: hello\n");
		encoded[i % 2] += clients[i].encoded;
	}
	check_int(encoded[0], 1);
	check_int(encoded[1], 1);
	reed_hub_free(hub);
}

static void all_sessions_of_a_user_hear_it_and_others_see_one_member(void)
{
	struct reed_hub *hub = hub_plain();
	struct client phone, laptop, bob;
	struct reed_room *room;

	granted(come_as(hub, &phone, "ann", "ann"));
	come(hub, &bob, "bob");
	room = join(&phone, "#reed");
	join(&bob, "#reed");
	granted(come_as(hub, &laptop, "ignored", "ann"));
	check(laptop.session.user == phone.session.user);
	check_int(room->count, 2);
	forget(&phone);
	forget(&bob);
	granted(say(&bob, room, "hello"));
	heard(&phone, "MESSAGE bob #reed: hello\n");
	heard(&laptop, "MESSAGE bob #reed: hello\n");
	granted(say(&laptop, room, "hi"));
	forget(&bob);
	heard(&phone, "MESSAGE ann #reed: hi\n");
	heard(&laptop, "MESSAGE ann #reed: hi\n");

	/* The first session goes, and the room follows the other. */
	leave(&phone);
	heard(&bob, "");
	granted(say(&bob, room, "still there?"));
	heard(&laptop, "MESSAGE bob #reed: still there?\n");
	forget(&bob);
	leave(&laptop);
	heard(&bob, "QUIT ann\n");
	reed_hub_free(hub);
}

static void those_who_share_several_rooms_hear_a_quit_once(void)
{
	struct reed_hub *hub = hub_plain();
	struct client ann, bob, eve;

	come(hub, &ann, "ann");
	come(hub, &bob, "bob");
	come(hub, &eve, "eve");
	join(&ann, "#a");
	join(&ann, "#b");
	join(&ann, "#c");
	join(&bob, "#a");
	join(&bob, "#b");
	join(&bob, "#c");
	join(&eve, "#d");
	forget(&ann);
	forget(&bob);
	forget(&eve);
	granted(reed_user_rename(ann.session.user, &ann.session, REED_STR("anna")));
	heard(&ann, "NICK anna was ann!u@host.example\n");
	heard(&bob, "NICK anna was ann!u@host.example\n");
	reed_session_end(&ann.session, REED_STR("bye"));
	heard(&bob, "QUIT anna: bye\n");
	heard(&eve, "");
	reed_hub_free(hub);
}

static void a_session_that_ends_in_an_event_leaves_when_the_turn_ends(void)
{
	struct reed_hub *hub = hub_plain();
	struct client ann, bob, eve;
	struct reed_room *room;

	come(hub, &ann, "ann");
	come(hub, &bob, "bob");
	come(hub, &eve, "eve");
	room = join(&ann, "#reed");
	join(&bob, "#reed");
	join(&eve, "#reed");
	forget(&ann);
	forget(&bob);
	forget(&eve);
	bob.end_at_event = true;
	granted(say(&ann, room, "one"));
	check(!bob.over);
	check_int(room->count, 3);
	granted(say(&ann, room, "two"));
	heard(&bob, "MESSAGE ann #reed: one\n");
	heard(&eve, "MESSAGE ann #reed: one\nMESSAGE ann #reed: two\n");
	turn();
	check(bob.over);
	check_str(bob.why, "too slow");
	check_int(room->count, 2);
	heard(&eve, "QUIT bob: too slow\n");
	reed_hub_free(hub);
}

static void those_that_end_in_the_quit_of_another_leave_too(void)
{
	enum { CLIENTS = 20 };
	struct reed_hub *hub = hub_plain();
	static struct client clients[CLIENTS];
	char nick[16];

	for (int i = 0; i < CLIENTS; i++) {
		snprintf(nick, sizeof(nick), "c%d", i);
		come(hub, &clients[i], nick);
		join(&clients[i], "#reed");
		forget(&clients[i]);
	}
	for (int i = 1; i < CLIENTS - 1; i++)
		clients[i].end_at_event = true;
	leave(&clients[0]);
	check(!clients[1].over);
	turn();
	for (int i = 0; i < CLIENTS - 1; i++)
		check(clients[i].over);
	check_int(clients[CLIENTS - 1].events, 1 + (CLIENTS - 1));
	check(reed_room_find(hub, REED_STR("#reed")) != NULL);
	reed_hub_free(hub);
}

/* A door may end the session, and then be dropped itself, before the turn ends. */
static void a_session_that_ends_twice_leaves_at_once(void)
{
	struct reed_hub *hub = hub_plain();
	struct client ann, bob;
	struct reed_room *room;

	come(hub, &ann, "ann");
	come(hub, &bob, "bob");
	room = join(&ann, "#reed");
	join(&bob, "#reed");
	bob.end_at_event = true;
	granted(say(&ann, room, "one"));
	check(!bob.over);
	reed_session_end(&bob.session, REED_STR("gone"));
	check(bob.over);
	check_str(bob.why, "too slow");
	memset(&bob.session, 0x55, sizeof(bob.session));
	turn();
	reed_hub_free(hub);
}

static void speak_in_event(struct client *self, const struct reed_hub_event *ev)
{
	say(self, ev->room, "me too");
}

static void a_call_that_changes_something_inside_an_event_aborts(void)
{
	struct reed_hub *hub = hub_plain();
	struct client ann;
	struct reed_room *room;
	int status;
	pid_t pid;

	come(hub, &ann, "ann");
	room = join(&ann, "#reed");
	ann.on_event = speak_in_event;
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		fclose(stderr);
		signal(SIGABRT, SIG_DFL);
		say(&ann, room, "hello");
		_exit(0);
	}
	check_int(waitpid(pid, &status, 0), pid);
	check(WIFSIGNALED(status));
	check_int(WTERMSIG(status), SIGABRT);
	reed_hub_free(hub);
}

static void ids_ascend_even_when_many_are_made_at_once(void)
{
	struct reed_hub *hub = hub_plain();
	struct reed_id before = reed_hub_id(hub), id;

	check_int(strlen(before.s), REED_ID_LENGTH);
	for (int i = 0; i < 100000; i++) {
		id = reed_hub_id(hub);
		check(strcmp(before.s, id.s) < 0);
		before = id;
	}
	check_int(strspn(id.s, "0123456789ABCDEFGHJKMNPQRSTVWXYZ"), REED_ID_LENGTH);
	reed_hub_free(hub);
}

static void one_message_has_one_id_for_all(void)
{
	struct reed_hub *hub = hub_plain();
	struct client ann, bob;
	struct reed_room *room;

	come(hub, &ann, "ann");
	come(hub, &bob, "bob");
	room = join(&ann, "#reed");
	join(&bob, "#reed");
	granted(say(&ann, room, "hello"));
	check_str(ann.last.s, bob.last.s);
	reed_hub_free(hub);
}

static void only_those_with_the_role_and_the_speaker_hear_what_is_for_them(void)
{
	struct reed_hub *hub = hub_plain();
	struct client ann, bob, eve;
	struct reed_speech speech = REED_SPEECH;
	struct reed_room *room;

	come(hub, &ann, "ann");
	come(hub, &bob, "bob");
	room = join(&ann, "#reed");
	join(&bob, "#reed");
	come(hub, &eve, "eve");
	join(&eve, "#reed");
	forget(&ann);
	forget(&bob);
	forget(&eve);
	speech.text = REED_STR("help");
	speech.roles = REED_ROLE_OP;
	granted(reed_room_say(&bob.session, room, &speech));
	heard(&ann, "MESSAGE bob #reed: help\n");
	heard(&bob, "MESSAGE bob #reed: help\n");
	heard(&eve, "");
	reed_hub_free(hub);
}

static void the_server_speaks_to_whom_it_concerns(void)
{
	struct reed_hub *hub = hub_plain();
	struct client ann, bob;

	come(hub, &ann, "ann");
	come(hub, &bob, "bob");
	reed_user_set_flags(ann.session.user, NULL, REED_USER_HEARS_SERVER, 0);
	forget(&ann);
	granted(reed_hub_note(hub, NULL, REED_USER_HEARS_SERVER, REED_STR("oops")));
	heard(&ann, "NOTICE *: oops\n");
	heard(&bob, "");
	granted(reed_hub_note(hub, NULL, 0, REED_STR("bye")));
	heard(&bob, "NOTICE *: bye\n");
	refused(reed_hub_note(hub, &bob.session, 0, REED_STR("me!")), NEEDS_PRIVILEGE);
	reed_user_note(bob.session.user, REED_STR("no"));
	heard(&bob, "NOTICE * bob: no\n");
	forget(&ann);
	reed_hub_free(hub);
}

int main(void)
{
	check_int(reed_loop_new(NULL, &loop), REED_OK);
	RUN(everybody_in_a_room_hears_what_is_said_once);
	RUN(a_door_encodes_once_for_all_its_receivers);
	RUN(all_sessions_of_a_user_hear_it_and_others_see_one_member);
	RUN(those_who_share_several_rooms_hear_a_quit_once);
	RUN(a_session_that_ends_in_an_event_leaves_when_the_turn_ends);
	RUN(those_that_end_in_the_quit_of_another_leave_too);
	RUN(a_session_that_ends_twice_leaves_at_once);
	RUN(a_call_that_changes_something_inside_an_event_aborts);
	RUN(ids_ascend_even_when_many_are_made_at_once);
	RUN(one_message_has_one_id_for_all);
	RUN(only_those_with_the_role_and_the_speaker_hear_what_is_for_them);
	RUN(the_server_speaks_to_whom_it_concerns);
	reed_loop_free(loop);
	return 0;
}
