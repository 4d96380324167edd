/* Loops of an adapter of contrib/adapter-kit, whose main() calls kit_run(). */

#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "contrib/adapter-kit/kit.h"
#include "tests/conformance/suites.h"
#include "tests/core/tools.h"

const char *loops_of;
const struct kit_adapter *kit;

/* A foreign loop that gives one of Reed's its turns; or lives inside it, with hours to wait. */
struct tied {
	struct reed_list link;
	struct reed_loop *loop;
	void *foreign, *tie;
	void *bell_watch, *far_timer;
	int bell, rings, hours;
};

enum { HOUR_MS = 3600000 };

static struct reed_list all_tied;

static struct tied *tied_of(const struct reed_loop *of)
{
	reed_list_each (link, &all_tied) {
		struct tied *self = reed_container_of(link, struct tied, link);

		if (self->loop == of)
			return self;
	}
	return NULL;
}

static bool is_guest(void)
{
	return strstr(kit->name, ".guest") != NULL;
}

static bool is_host(void)
{
	return strstr(kit->name, ".host") != NULL;
}

bool of_few_kinds(void)
{
	const char *kinds = getenv("REED_KINDS");

	return kinds && strcmp(kinds, "few") == 0;
}

bool is_driver(void)
{
	return false;
}

bool survives_without_descriptors(void)
{
	return kit->loop_new && strcmp(loops_of, "libuv.over") != 0 &&
	       strcmp(loops_of, "glib.over") != 0 && strcmp(loops_of, "libevent.over") != 0;
}

size_t watch_cost(void)
{
	return kit->loop_new ? 2 : 0;
}

enum reed_err hosting(void)
{
	return kit->loop_new ? REED_ENOTSUP : is_guest() ? REED_EBUSY : REED_OK;
}

/* ---- a tie ---- */

static void tie(struct reed_loop *to)
{
	struct tied *self = calloc(1, sizeof(*self));

	self->loop = to;
	self->foreign = kit->foreign_new();
	require(kit->attach(to, self->foreign, &self->tie) == REED_OK);
	self->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	require(self->bell >= 0);
	self->bell_watch = kit->watch_new(self->foreign, self->bell, kit_count, &self->rings);
	self->far_timer = kit->timer_new(self->foreign, HOUR_MS, kit_count, &self->hours);
	reed_list_append(&all_tied, &self->link);
	if (is_host())
		reed_loop_turn(to, 0); /* the first is for what has been set up */
}

static void untie(struct tied *self)
{
	reed_list_unlink(&self->link);
	kit->watch_free(self->bell_watch);
	kit->timer_free(self->far_timer);
	kit->detach(self->tie);
	kit->foreign_free(self->foreign);
	close(self->bell);
	free(self);
}

/* ---- turns of a guest ---- */

/* Turns of the foreign loop until Reed's has had one, or so many things were told. */
static void turn_until(struct tied *self, const int *told, int many)
{
	uint64_t before = self->loop->stats.turns;

	while (self->loop->stats.turns == before && *told < many)
		kit->foreign_turn(self->foreign);
}

/*
 * A bell that rings all the time lets nobody wait.  Twice, as sd-event calls one
 * at a time, by turns: who was ready before the first has been called at the second.
 */
static void turn_without_waiting(struct tied *self)
{
	uint64_t n = 1;

	self->rings = 0;
	require(write(self->bell, &n, sizeof(n)) == sizeof(n));
	turn_until(self, &self->rings, 2);
	require(read(self->bell, &n, sizeof(n)) == sizeof(n));
}

static bool is_due(struct reed_loop *of)
{
	int64_t at = reed_loop_deadline(of);

	return at != REED_NEVER && at <= reed_system_now(NULL);
}

static void wait_for_turn(struct tied *self, int64_t ns)
{
	int passed = 0;
	void *timer = NULL;

	if (ns != REED_NEVER)
		timer = kit->timer_new(self->foreign, (int)((ns + 999999) / 1000000), kit_count,
		                       &passed);
	turn_until(self, &passed, 1);
	if (timer)
		kit->timer_free(timer);
}

void kit_count(void *arg)
{
	++*(int *)arg;
}

/* A loop with something to do must be given a turn: the host is waited for, however short ns is. */
static void guest_turn(struct reed_loop *of, int64_t ns)
{
	struct tied *self = tied_of(of);

	if (!self) {
		reed_loop_turn(of, ns);
		return;
	}
	if (is_due(of))
		wait_for_turn(self, REED_NEVER);
	else if (ns > 0)
		wait_for_turn(self, ns);
	else
		turn_without_waiting(self);
}

/* ---- a foreign loop inside ---- */

/* Its hour is hardly begun. */
static int64_t deadline_of_guest(struct reed_loop *of)
{
	int64_t at = reed_loop_deadline(of);

	return at > reed_system_now(NULL) + REED_MS(HOUR_MS / 2) ? REED_NEVER : at;
}

/* Whatever the test did, the other loop has its descriptors and timers as before. */
static void is_well(struct tied *self)
{
	uint64_t n = 1;
	int ticks = 0;
	void *timer = kit->timer_new(self->foreign, 1, kit_count, &ticks);

	require(self->rings == 0 && self->hours == 0);
	require(write(self->bell, &n, sizeof(n)) == sizeof(n));
	while (self->rings == 0 || ticks == 0)
		reed_loop_turn(self->loop, REED_NEVER);
	kit->timer_free(timer);
}

void leave_alone(struct reed_loop *of)
{
	struct tied *self = is_host() ? tied_of(of) : NULL;

	if (self)
		untie(self);
}

/* ---- loops ---- */

enum reed_err try_open_loop(struct reed_loop **made)
{
	enum reed_err err = kit->loop_new ? kit->loop_new(NULL, made) : reed_loop_new(NULL, made);

	if (!err && kit->attach)
		tie(*made);
	return err;
}

struct reed_loop *open_loop(void)
{
	struct reed_loop *made = NULL;

	check_int(try_open_loop(&made), REED_OK);
	return made;
}

void close_loop(struct reed_loop *of)
{
	struct tied *self = tied_of(of);

	if (self && is_host())
		is_well(self);
	if (self)
		untie(self);
	reed_loop_free(of);
}

static void run_all(void)
{
	for (const struct suite *suite = suites; suite->name; suite++)
		suite->run();
}

int kit_run(const struct kit_adapter *adapter)
{
	char arrangement[16], *again[] = { arrangement, arrangement, NULL };

	snprintf(arrangement, sizeof(arrangement), "%s", strrchr(adapter->name, '.') + 1);
	kit = adapter;
	loops_of = kit->name;
	reed_list_init(&all_tied);
	if (is_guest())
		turn_loop = guest_turn;
	if (is_host())
		own_deadline = deadline_of_guest;
	return in_shares(again, run_all);
}
