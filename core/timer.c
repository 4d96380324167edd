/* The timer wheel. */

#include "private.h"

_Static_assert(sizeof(struct reed_timer) <= 48, "a timer is small");

enum { PEEK_TIMERS = 32 }; /* looked at in one slot to know a deadline exactly */

void reed_wheel_init(struct reed_wheel *wheel, int64_t now)
{
	reed_list_init(&wheel->due);
	for (int i = 0; i < REED_LEVELS; i++)
		for (int j = 0; j < REED_SLOTS; j++)
			reed_list_init(&wheel->slots[i][j]);
	wheel->tick = now >> REED_TICK_BITS;
}

static struct reed_timer *timer_of(struct reed_list *link)
{
	return reed_container_of(link, struct reed_timer, link);
}

/* The short way for a timer of the present tick: almost always at the end. */
static void put_due(struct reed_wheel *wheel, struct reed_timer *t)
{
	struct reed_list *at = &wheel->due;

	while (at->prev != &wheel->due && timer_of(at->prev)->at > t->at)
		at = at->prev;
	reed_list_insert_before(at, &t->link);
}

static void put_in_slot(struct reed_wheel *wheel, struct reed_timer *t, int64_t tick)
{
	uint64_t differs = (uint64_t)(tick ^ wheel->tick);
	int level = (63 - __builtin_clzll(differs)) / REED_SLOT_BITS;
	int slot = (int)((tick >> (level * REED_SLOT_BITS)) % REED_SLOTS);

	wheel->filled[level] |= 1ull << slot;
	reed_list_append(&wheel->slots[level][slot], &t->link);
}

void reed_timer_start(struct reed_loop *loop, struct reed_timer *t, int64_t ns)
{
	struct reed_wheel *wheel = &loop->wheel;
	int64_t tick;

	reed_timer_stop(t);
	if (!loop->in_turn || loop->in_foreign) /* loop->now may have been long ago */
		loop->now = loop->driver->ops->now(loop->driver);
	ns = ns > 0 ? ns : 1;
	t->at = ns < REED_NEVER - loop->now ? loop->now + ns : REED_NEVER - 1;
	tick = t->at >> REED_TICK_BITS;
	if (tick <= wheel->tick)
		put_due(wheel, t);
	else
		put_in_slot(wheel, t, tick);
	if (loop->embedded && !loop->in_turn)
		reed_loop_nudge(loop, t->at);
}

void reed_timer_stop(struct reed_timer *t)
{
	reed_list_unlink(&t->link);
}

/* The first slot after this tick that holds a timer; its level, or -1. */
static int next_slot(struct reed_wheel *wheel, int *slot, int64_t *start)
{
	for (int level = 0; level < REED_LEVELS; level++) {
		int64_t digits = wheel->tick >> (level * REED_SLOT_BITS);
		uint64_t after = ~0ull << (digits % REED_SLOTS) << 1;
		uint64_t filled;

		while ((filled = wheel->filled[level] & after)) {
			*slot = __builtin_ctzll(filled);
			if (reed_list_empty(&wheel->slots[level][*slot])) {
				wheel->filled[level] &= ~(1ull << *slot);
				continue;
			}
			*start = (digits - digits % REED_SLOTS + *slot) << (level * REED_SLOT_BITS);
			return level;
		}
	}
	return -1;
}

int64_t reed_wheel_deadline(struct reed_wheel *wheel)
{
	struct reed_list *link, *list;
	int64_t start, first = REED_NEVER;
	int level, slot, left = PEEK_TIMERS;

	if (!reed_list_empty(&wheel->due))
		return timer_of(wheel->due.next)->at;
	level = next_slot(wheel, &slot, &start);
	if (level < 0)
		return REED_NEVER;
	list = &wheel->slots[level][slot];
	for (link = list->next; link != list && left > 0; link = link->next, left--)
		if (timer_of(link)->at < first)
			first = timer_of(link)->at;
	return link == list ? first : start << REED_TICK_BITS;
}

/* Two runs ended by NULL, linked by next only; a goes first among equals. */
static struct reed_list *merge(struct reed_list *a, struct reed_list *b)
{
	struct reed_list *head = NULL, **end = &head;

	while (a && b) {
		struct reed_list **less = timer_of(b)->at < timer_of(a)->at ? &b : &a;

		*end = *less;
		end = &(*less)->next;
		*less = *end;
	}
	*end = a ? a : b;
	return head;
}

/* Cuts the ascending run off the front of *rest. */
static struct reed_list *take_run(struct reed_list **rest)
{
	struct reed_list *run = *rest, *last = run;

	while (last->next && timer_of(last->next)->at >= timer_of(last)->at)
		last = last->next;
	*rest = last->next;
	last->next = NULL;
	return run;
}

/* Merges the ascending runs the list has with those of like size, and relinks it. */
static void sort_due(struct reed_list *list)
{
	struct reed_list *runs[64] = { NULL }, *rest = list->next, *run;
	int top = 0;

	list->prev->next = NULL;
	while (rest) {
		int i = 0;

		run = take_run(&rest);
		for (; runs[i]; i++) {
			run = merge(runs[i], run);
			runs[i] = NULL;
		}
		runs[i] = run;
		top = i > top ? i : top;
	}
	run = NULL;
	for (int i = 0; i <= top; i++)
		if (runs[i])
			run = merge(runs[i], run);
	reed_list_init(list);
	for (; run; run = rest) {
		rest = run->next;
		reed_list_append(list, run);
	}
}

/* Those of the tick that begins become due, the others go down to a finer level. */
static void spread(struct reed_wheel *wheel, struct reed_list *list)
{
	struct reed_list *link;

	while ((link = reed_list_take(list))) {
		int64_t tick = timer_of(link)->at >> REED_TICK_BITS;

		if (tick == wheel->tick)
			reed_list_append(&wheel->due, link);
		else
			put_in_slot(wheel, timer_of(link), tick);
	}
}

/* Goes on to the next tick that has timers, no later than that of now. */
static bool next_tick(struct reed_wheel *wheel, int64_t now)
{
	int64_t tick = now >> REED_TICK_BITS, start = tick;
	int slot, level = next_slot(wheel, &slot, &start);
	struct reed_list list;

	if (level < 0 || start > tick) {
		wheel->tick = tick > wheel->tick ? tick : wheel->tick;
		return false;
	}
	wheel->tick = start;
	wheel->filled[level] &= ~(1ull << slot);
	reed_list_init(&list);
	reed_list_splice(&list, &wheel->slots[level][slot]);
	if (level > 0)
		spread(wheel, &list);
	reed_list_splice(&wheel->due, &list);
	if (!reed_list_empty(&wheel->due))
		sort_due(&wheel->due);
	return true;
}

/* A bounded number, so that a million at once do not keep everybody else waiting. */
void reed_wheel_fire(struct reed_loop *loop)
{
	struct reed_wheel *wheel = &loop->wheel;
	int left = REED_TURN_TIMERS;

	do {
		while (!reed_list_empty(&wheel->due) &&
		       timer_of(wheel->due.next)->at <= loop->now) {
			struct reed_timer *t = timer_of(wheel->due.next);

			if (left-- == 0)
				return;
			reed_list_remove(&t->link);
			loop->stats.timers_fired++;
			t->fire(t);
		}
	} while (next_tick(wheel, loop->now));
}
