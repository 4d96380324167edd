/*
 * Anything in any order: random calls from a seed, and after each of them what
 * must hold at all times.
 *
 *	property [FIRST_SEED [SEEDS [CALLS]]]
 */

#include "tests/core/tools.h"

#include "protocols/rooms/private.h"

#include <signal.h>
#include <unistd.h>

enum { CLIENTS = 24, ROOMS = 6, ACCOUNTS = 5, HEARD = 1 << 15 };

static uint64_t seed, state;
static int calls_made;

static unsigned below(unsigned n)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(state >> 33) % n;
}

static bool chance(unsigned percent)
{
	return below(100) < percent;
}

/* ---- a door that notes the order in which it hears of things ---- */

struct client {
	struct reed_session session;
	uint64_t last;                /* number of the event heard last */
	bool attached, hears, should; /* of the call being made */
	bool weak;                    /* ends inside the next event */
};

static struct client clients[CLIENTS];
static struct reed_hub *hub;

/* Events by id, numbered in the order in which anybody first heard of them. */
static struct {
	struct reed_id id;
	uint64_t number;
} events[HEARD];
static uint64_t event_count;

static uint64_t number_of(const struct reed_id *id)
{
	uint64_t hash = reed_slice_hash(reed_slice_of(id->s), 0);

	for (;; hash++) {
		uint64_t slot = hash % HEARD;

		if (!events[slot].number) {
			check(event_count < HEARD / 2);
			events[slot].id = *id;
			events[slot].number = ++event_count;
		}
		if (strcmp(events[slot].id.s, id->s) == 0)
			return events[slot].number;
	}
}

static struct client *client_of(struct reed_session *session)
{
	return reed_container_of(session, struct client, session);
}

static enum reed_event_kind expected;

/* Ascending for each: nobody hears a thing twice, and all hear them in the same order. */
static void client_event(struct reed_session *session, const struct reed_hub_event *ev)
{
	struct client *self = client_of(session);
	uint64_t number = number_of(&ev->id);

	check(self->attached);
	check(number > self->last);
	self->last = number;
	if (ev->kind == expected && !(ev->flags & REED_EVENT_WATCHED))
		self->hears = true;
	if (self->weak) {
		self->weak = false;
		reed_session_end(session, REED_STR("weak"));
	}
}

static void client_over(struct reed_session *session, struct reed_slice why)
{
	(void)why;
	check(client_of(session)->attached);
	memset(client_of(session), 0, sizeof(struct client));
}

static const struct reed_door_ops door = { .name = "test",
	                                   .event = client_event,
	                                   .over = client_over };

/* ---- what must hold ---- */

static void check_sessions(const struct reed_user *user)
{
	uint32_t n = 0;
	bool secure = true;

	for (const struct reed_session *s = user->sessions; s; s = s->sibling) {
		check(s->user == user);
		check(client_of((struct reed_session *)(uintptr_t)s)->attached);
		secure &= s->secure;
		n++;
	}
	check_int(user->session_count, n);
	if (n)
		check_int((user->flags & REED_USER_SECURE) != 0, secure);
}

static void check_user(struct reed_user *user)
{
	uint32_t rooms = 0, invites = 0;

	check_sessions(user);
	check(reed_user_find(hub, reed_slice_of(user->nick)) == user);
	check(!user->account || user->account->user == user);
	reed_list_each (link, &user->memberships) {
		struct reed_member *m = member_of_link(link);

		check(m->user == user);
		check(reed_member_find(m->room, user) == m);
		check(m->room->seats[m->seat].member == m);
		rooms++;
	}
	check_int(user->room_count, rooms);
	reed_list_each (link, &hub_user(user)->invites)
		invites++;
	check_int(hub_user(user)->invite_count, invites);
	check(invites <= hub_limits(hub)->invites_per_user);
}

static size_t check_room(struct reed_room *room)
{
	uint32_t invites = 0;

	check(room->count > 0 || reed_room_kept(room));
	check(reed_room_find(hub, reed_slice_of(room->name)) == room);
	check(reed_room_by_id(hub, reed_slice_of(room->id.s)) == room);
	for (uint32_t i = 0; i < room->count; i++) {
		const struct reed_seat *seat = &room->seats[i];

		check(seat->member->room == room);
		check_int(seat->member->seat, i);
		check(seat->session == seat->member->user->sessions);
		check(reed_member_find(room, seat->member->user) == seat->member);
	}
	reed_list_each (link, &hub_room(room)->invites)
		invites++;
	check_int(hub_room(room)->invite_count, invites);
	check(invites <= hub_limits(hub)->invites_per_room);
	return room->count;
}

static void check_monitors(void)
{
	for (int i = 0; i < CLIENTS; i++) {
		uint32_t n = 0;

		if (!clients[i].attached)
			continue;
		reed_list_each (link, &clients[i].session.watches)
			n++;
		check_int(clients[i].session.watch_count, n);
	}
}

static void check_all(void)
{
	struct reed_hub_stats stats = { .size = sizeof(stats) };
	struct reed_user *user = NULL;
	struct reed_room *room = NULL;
	size_t users = 0, sessions = 0, rooms = 0, members = 0, memberships = 0;
	size_t invisible = 0, operators = 0, kept = 0;

	while ((user = reed_user_next(hub, user))) {
		check_user(user);
		invisible += (user->flags & REED_USER_INVISIBLE) != 0;
		operators += (user->flags & REED_USER_OPERATOR) != 0;
		kept += !user->sessions;
		users++;
		sessions += user->session_count;
		memberships += user->room_count;
	}
	while ((room = reed_room_next(hub, room))) {
		members += check_room(room);
		rooms++;
	}
	check_monitors();
	reed_hub_stats(hub, &stats);
	check_int(stats.users, users);
	check_int(stats.sessions, sessions);
	check_int(stats.rooms, rooms);
	check_int(stats.invisible, invisible);
	check_int(stats.operators, operators);
	check_int(stats.kept, kept);
	check_int(members, memberships);
	check_int(hub->members.count, members);
	check_int(hub->telling, 0);
}

/* ---- whom it concerns, found out the long way ---- */

static void expect_user(const struct reed_user *user)
{
	for (const struct reed_session *s = user->sessions; s; s = s->sibling)
		if (!s->ending)
			client_of((struct reed_session *)(uintptr_t)s)->should = true;
}

static void expect_room(const struct reed_room *room)
{
	for (uint32_t i = 0; i < room->count; i++)
		expect_user(room->seats[i].member->user);
}

static void expect_peers(const struct reed_user *user)
{
	struct reed_user *other = NULL;

	expect_user(user);
	while ((other = reed_user_next(hub, other)))
		if (reed_users_share_room(user, other))
			expect_user(other);
}

static void begin_expecting(enum reed_event_kind kind)
{
	expected = kind;
	for (int i = 0; i < CLIENTS; i++)
		clients[i].hears = clients[i].should = false;
}

static void check_expected(void)
{
	for (int i = 0; i < CLIENTS; i++)
		if (!clients[i].session.ending) /* by what it heard just before */
			check_int(clients[i].hears, clients[i].should);
	expected = REED_EVENT_NOTICE;
}

/* ---- calls ---- */

static struct client *somebody(void)
{
	for (int tries_left = 50; tries_left > 0; tries_left--) {
		struct client *c = &clients[below(CLIENTS)];

		if (c->attached && !c->session.ending)
			return c;
	}
	return NULL;
}

static struct client *somebody_else(struct client *c)
{
	struct client *other = somebody();

	return other ? other : c;
}

static struct reed_slice room_name(void)
{
	static const char *const names[ROOMS] = { "#a", "#b", "#c", "#d", "#e", "#f" };

	return reed_slice_of(names[below(ROOMS)]);
}

static struct reed_slice nick(void)
{
	static char s[16];

	snprintf(s, sizeof(s), "n%u", below(CLIENTS + 4));
	return reed_slice_of(s);
}

static void call_attach(void)
{
	struct reed_newcomer n = REED_NEWCOMER;
	struct client *c = &clients[below(CLIENTS)];
	char account[16];

	if (c->attached)
		return;
	n.nick = nick();
	n.username = REED_STR("u");
	n.host = REED_STR("h");
	n.address = chance(50) ? REED_STR("192.0.2.1") : REED_STR("198.51.100.1");
	n.secure = chance(50);
	snprintf(account, sizeof(account), "acc%u", below(ACCOUNTS));
	if (chance(40))
		n.account = reed_slice_of(account);
	memset(c, 0, sizeof(*c));
	c->session.ops = &door;
	c->attached = true;
	if (reed_session_attach(hub, &c->session, &n))
		memset(c, 0, sizeof(*c));
}

static void call_end(struct client *c)
{
	struct reed_user *user = c->session.user;
	bool quits = user->session_count == 1 && !user->account;

	begin_expecting(REED_EVENT_QUIT);
	if (quits)
		expect_peers(user);
	c->should = false;
	reed_session_end(&c->session, REED_STR("bye"));
	if (quits)
		check_expected();
}

static void call_join(struct client *c)
{
	struct reed_member *m;

	reed_room_join(&c->session, room_name(), REED_STR(""), &m);
}

static void call_part(struct client *c)
{
	struct reed_room *room = reed_room_find(hub, room_name());

	if (room)
		reed_room_part(&c->session, room, REED_STR(""));
}

static void call_say(struct client *c)
{
	struct reed_room *room = reed_room_find(hub, room_name());
	struct reed_speech speech = REED_SPEECH;

	if (!room)
		return;
	speech.text = REED_STR("hello");
	begin_expecting(REED_EVENT_MESSAGE);
	if (!(room->flags & REED_ROOM_OPS_HEAR)) {
		expect_room(room);
		expect_user(c->session.user); /* from outside, too */
	}
	if (reed_room_say(&c->session, room, &speech) == REED_REFUSAL_NONE &&
	    !(room->flags & REED_ROOM_OPS_HEAR))
		check_expected();
}

static void call_rename(struct client *c)
{
	struct reed_user *user = c->session.user;

	begin_expecting(REED_EVENT_NICK);
	expect_peers(user);
	if (reed_user_rename(user, chance(70) ? &c->session : NULL, nick()) == REED_REFUSAL_NONE)
		check_expected();
}

static void call_host(struct client *c)
{
	struct reed_user *user = c->session.user;

	begin_expecting(REED_EVENT_HOST);
	expect_peers(user);
	reed_user_set_host(user, REED_STR("u"), chance(50) ? REED_STR("h") : REED_STR("other"));
	check_expected();
}

static void call_kick(struct client *c)
{
	struct reed_room *room = reed_room_find(hub, room_name());
	struct client *whom = somebody_else(c);

	if (room)
		reed_room_kick(chance(50) ? &c->session : NULL, room, whom->session.user,
		               REED_STR(""));
}

static void call_change(struct client *c)
{
	struct reed_room *room = reed_room_find(hub, room_name());
	struct client *whom = somebody_else(c);
	struct reed_room_change changes[2] = {
		{ .kind = REED_CHANGE_ROLE, .on = chance(60), .what = 1u << below(6) },
		{ .kind = REED_CHANGE_FLAGS, .on = chance(50), .what = 1u << below(15) },
	};

	if (!room)
		return;
	changes[0].user = whom->session.user;
	reed_room_change(chance(50) ? &c->session : NULL, room, changes, 2);
}

static void call_list(struct client *c)
{
	struct reed_room *room = reed_room_find(hub, room_name());
	struct reed_room_change change = { .kind = REED_CHANGE_LIST, .on = chance(50) };

	if (!room)
		return;
	change.what = below(REED_LIST_KINDS);
	change.text = chance(50) ? REED_STR("*!*@other") : REED_STR("n1*!*@*");
	reed_room_change(chance(50) ? &c->session : NULL, room, &change, 1);
}

static void call_invite(struct client *c)
{
	struct reed_room *room = reed_room_find(hub, room_name());

	if (room)
		reed_room_invite(chance(50) ? &c->session : NULL, room,
		                 somebody_else(c)->session.user);
}

static void call_away(struct client *c)
{
	reed_session_away(&c->session, chance(50) ? REED_STR("out") : REED_STR(""));
}

static void call_flags(struct client *c)
{
	struct reed_user *user = c->session.user;

	if (chance(50))
		reed_user_set_flags(user, &c->session, REED_USER_INVISIBLE, 0);
	else if (chance(50))
		reed_user_set_flags(user, &c->session, 0, REED_USER_INVISIBLE);
	else
		reed_user_empower(user, "class", chance(50) ? REED_MAY_SEE : 0);
}

static void call_monitor(struct client *c)
{
	if (chance(70))
		reed_monitor_add(&c->session, nick());
	else if (chance(80))
		reed_monitor_remove(&c->session, nick());
	else
		reed_monitor_clear(&c->session);
}

static void call_login(struct client *c)
{
	char account[16];

	snprintf(account, sizeof(account), "acc%u", below(ACCOUNTS));
	reed_user_login(c->session.user, &c->session, reed_slice_of(chance(70) ? account : NULL));
}

static void call_kill(struct client *c)
{
	reed_user_kill(NULL, c->session.user, REED_STR("killed"));
}

static void call_ban(struct client *c)
{
	struct reed_slice mask = chance(20) ? REED_STR("198.51.100.0/24") : REED_STR("n2*!*@*");

	(void)c;
	reed_hub_ban(hub, NULL, mask, REED_STR("banned"), 0, NULL);
	reed_hub_unban(hub, NULL, mask);
}

static void call_room(struct client *c)
{
	struct reed_room *room = reed_room_find(hub, room_name());

	(void)c;
	if (!room)
		reed_room_make(hub, room_name(), &room);
	else if (chance(30))
		reed_room_close(NULL, room, REED_STR("closed"));
	else if (chance(50))
		reed_room_rename(NULL, room, room_name(), REED_STR(""));
	else
		reed_room_set_topic(NULL, room, nick());
}

static void call_delete(struct client *c)
{
	struct reed_account *account = c->session.user->account;

	if (account && chance(30))
		reed_background(reed_account_delete(account), NULL, NULL);
}

static void call_weaken(struct client *c)
{
	c->weak = true;
}

static void call_turn(struct client *c)
{
	(void)c;
	reed_loop_turn(loop, 0);
}

typedef void call(struct client *c);

static void call_something(void)
{
	static call *const calls[] = {
		call_end,     call_join,   call_join,   call_join,   call_join, call_join,
		call_join,    call_join,   call_join,   call_part,   call_say,  call_say,
		call_say,     call_say,    call_rename, call_rename, call_host, call_kick,
		call_change,  call_change, call_list,   call_invite, call_away, call_monitor,
		call_monitor, call_login,  call_room,   call_weaken, call_turn, call_turn,
		call_turn,    call_flags,  call_flags,
	};
	static call *const rare[] = { call_kill, call_ban, call_delete };
	struct client *c = somebody();

	if (!c || chance(25))
		call_attach();
	else if (chance(4))
		rare[below(REED_COUNT(rare))](c);
	else
		calls[below(REED_COUNT(calls))](c);
}

/* ---- a run ---- */

static bool keep(void *arg, const struct reed_user *user)
{
	(void)arg;
	return user->serial % 2;
}

static void one_seed(uint64_t from, int calls)
{
	struct reed_hub_options options = REED_HUB_OPTIONS;

	seed = state = from;
	event_count = 0;
	memset(events, 0, sizeof(events));
	memset(clients, 0, sizeof(clients));
	options.keep = keep;
	options.limits.rooms_per_user = 4;
	options.limits.members = 12;
	options.limits.invites_per_room = 3;
	options.limits.invites_per_user = 3;
	options.limits.monitor_entries = 4;
	options.limits.sessions_per_user = 3;
	options.limits.list_entries = 2;
	hub = reed_hub_new(loop, &options);
	for (calls_made = 0; calls_made < calls; calls_made++) {
		call_something();
		check_all();
	}
	reed_hub_free(hub);
	for (int i = 0; i < CLIENTS; i++)
		check(!clients[i].attached);
	run();
}

static void tell_seed(int signo)
{
	char text[96];
	int n = snprintf(text, sizeof(text), "seed %llu, call %d\n", (unsigned long long)seed,
	                 calls_made);

	if (write(2, text, (size_t)n) < 0)
		_exit(1);
	signal(signo, SIG_DFL);
}

static uint64_t number(int argc, char **argv, int i, uint64_t otherwise)
{
	return argc > i ? strtoull(argv[i], NULL, 10) : otherwise;
}

int main(int argc, char **argv)
{
	uint64_t first = number(argc, argv, 1, 1), seeds = number(argc, argv, 2, 40);
	int calls = (int)number(argc, argv, 3, 400);

	lab_open();
	signal(SIGABRT, tell_seed);
	for (uint64_t i = 0; i < seeds; i++)
		one_seed(first + i, calls);
	lab_close();
	printf("ok whatever_is_called_the_hub_stays_consistent (%llu seeds)\n",
	       (unsigned long long)seeds);
	return 0;
}
