/*
 * Random trees of futures, from fixed seeds, to which something happens at a
 * random moment: nothing, a drop, an interrupt, or both.  Whatever it is, each
 * token is handed over or given back, the owner is woken once or never, and
 * nothing is left.
 */

#include "tests/core/tools.h"

enum { SLOTS = 64, TREES = 50000, DEPTH = 4 };

static uint64_t seed;
static int slots[SLOTS], slot_count;
static bool owns_results; /* a coroutine or chain in it takes results for itself */
static struct reed_cell cell;

static int random_below(int n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (int)((seed >> 33) % (uint64_t)n);
}

static int *slot(void)
{
	check(slot_count < SLOTS);
	return &slots[slot_count++];
}

static enum reed_err some_error(void)
{
	static const enum reed_err errors[] = { REED_OK, REED_OK, REED_OK, REED_EPROTO };

	return errors[random_below(REED_COUNT(errors))];
}

static struct reed_future *leaf(void)
{
	switch (random_below(9)) {
	case 0:
		return reed_ready(loop, some_error());
	case 1:
		return reed_sleep(loop, random_below(20));
	case 2:
		return reed_forever(loop);
	case 3:
		return reed_yield(loop);
	case 4:
		return broken("branch");
	case 5:
		return reed_cell_changed(loop, &cell, cell.count);
	case 6:
		return fetch(slot());
	case 7:
		return flaky((struct flaky){ random_below(5), random_below(4), random_below(2),
		                             some_error() },
		             slot());
	default:
		return take(random_below(20), slot());
	}
}

static struct reed_future *tree(int depth);

static struct reed_future *pass_on(void *arg, enum reed_err err)
{
	(void)arg;
	(void)err;
	return NULL;
}

static struct reed_future *go_on(void *arg, enum reed_err err)
{
	(void)err;
	return random_below(3) ? take(random_below(9), arg) : reed_ready(loop, some_error());
}

static struct reed_future *group(int depth)
{
	struct reed_future *fs[4] = { NULL };
	int n = 1 + random_below(3);

	for (int i = 0; i < n; i++)
		fs[i] = tree(depth - 1);
	return random_below(2) ? reed_any_of(NULL, fs) : reed_all_of(fs);
}

static struct reed_future *tree(int depth)
{
	if (depth == 0)
		return leaf();
	switch (random_below(8)) {
	case 0:
		return reed_within(random_below(30), tree(depth - 1));
	case 1:
		owns_results = true;
		return await(tree(depth - 1));
	case 2:
		owns_results = true;
		return reed_then(tree(depth - 1), pass_on, NULL);
	case 3:
		owns_results = true;
		return reed_then(tree(depth - 1), go_on, slot());
	case 4:
		return leaf();
	default:
		return group(depth);
	}
}

static int delivered(void)
{
	int sum = 0;

	for (int i = 0; i < slot_count; i++) {
		check(slots[i] >= 0 && slots[i] <= 2);
		sum += slots[i];
	}
	return sum;
}

static void wander(struct owner *o, int steps)
{
	for (int i = 0; i < steps && !o->told; i++) {
		if (random_below(12) == 0)
			reed_cell_touch(&cell);
		if (!step())
			return;
	}
}

static void act(struct owner *o)
{
	int what = random_below(4);

	if (!o->told && what & 1)
		reed_interrupt(o->waiter.future);
	if (what & 1)
		wander(o, random_below(6));
	if (!o->told && what & 2) {
		disown(o);
		check(owns_results || delivered() == 0);
		check_int(tokens, delivered());
	}
}

static void one_tree(uint64_t with)
{
	size_t live = memory.live;
	struct owner o;
	bool dropped;

	seed = with;
	slot_count = 0;
	owns_results = false;
	memset(slots, 0, sizeof(slots));
	own(&o, reed_within(300, tree(DEPTH)));
	wander(&o, random_below(40));
	check(o.told || owns_results || delivered() == 0);
	act(&o);
	dropped = !o.told && !o.waiter.future;
	run();
	check_int(o.told, !dropped);
	check_int(tokens, delivered());
	check(idle() && !cell.watches && reed_list_empty(&loop->tasks));
	check_int(memory.live, live);
	tokens = 0;
}

static void whatever_happens_to_a_tree_nothing_is_lost_or_left(void)
{
	for (uint64_t i = 1; i <= TREES; i++)
		one_tree(i);
}

static void so_it_is_whoever_goes_first(void)
{
	struct reed_loop_options options = REED_LOOP_OPTIONS;
	struct reed_loop *before = loop;

	for (options.shuffle = 1; options.shuffle <= 10; options.shuffle++) {
		loop = lab_loop(&options);
		for (uint64_t i = 1; i <= TREES / 10; i++)
			one_tree(i * 1000003 + options.shuffle);
		reed_loop_free(loop);
	}
	loop = before;
}

int main(void)
{
	lab_open();
	RUN(whatever_happens_to_a_tree_nothing_is_lost_or_left);
	RUN(so_it_is_whoever_goes_first);
	lab_close();
	return 0;
}
