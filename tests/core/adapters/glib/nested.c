/* An inner loop of GLib's, such as a dialogue's, that is run in a turn of Reed's. */

#include <glib.h>

#include "reed/glib.h"
#include "reed/loop.h"
#include "tests/check.h"

enum { DIALOGUE_MS = 100, FEW = 20 };

static struct reed_loop *loop;
static int fired, iterations;
static bool in_dialogue;

static gboolean closed(gpointer arg)
{
	*(bool *)arg = true;
	return G_SOURCE_REMOVE;
}

static void fire_in_between(struct reed_timer *t)
{
	(void)t;
	check(!in_dialogue);
	fired++;
}

static void run_dialogue(struct reed_timer *t)
{
	bool done = false;

	(void)t;
	in_dialogue = true;
	g_timeout_add(DIALOGUE_MS, closed, &done);
	iterations = 0;
	while (!done) {
		g_main_context_iteration(NULL, TRUE);
		iterations++;
	}
	in_dialogue = false;
	fired++;
}

static void a_dialogue_in_a_turn_does_without_reed_and_does_not_spin(void)
{
	struct reed_timer between = { .fire = fire_in_between },
			  dialogue = { .fire = run_dialogue };

	reed_timer_start(loop, &dialogue, REED_MS(1));
	reed_timer_start(loop, &between, REED_MS(20));
	while (fired < 2)
		g_main_context_iteration(NULL, TRUE);
	check(iterations < FEW);
}

int main(void)
{
	struct reed_glib_guest *guest;

	check(!reed_loop_new(NULL, &loop));
	check(!reed_glib_guest_new(loop, NULL, &guest));
	RUN(a_dialogue_in_a_turn_does_without_reed_and_does_not_spin);
	fired = 0;
	RUN(a_dialogue_in_a_turn_does_without_reed_and_does_not_spin);
	reed_glib_guest_free(guest);
	reed_loop_free(loop);
	return 0;
}
