/* What the loop promises by itself; descriptors and drivers are in tests/conformance. */

#include "reed/random.h"
#include "tests/core/tools.h"

/* ---- the ready queue ---- */

enum { TASKS = 12 };

static char order[4 * TASKS + 1];
static size_t order_count;

struct task {
	struct reed_co co;
	char name;
	int round;
};

static void task_run(struct reed_co *co)
{
	struct task *self = reed_frame(co, struct task);

	reed_coroutine (co) {
		for (self->round = 0; self->round < 3; self->round++) {
			order[order_count++] = self->name;
			reed_try(co, reed_yield(co->loop));
		}
	}
}

static const struct reed_co_kind task_kind = {
	.name = "task",
	.size = sizeof(struct task),
	.run = task_run,
};

static struct reed_future *task(char name)
{
	struct task *self = reed_co_new(loop, &task_kind);

	self->name = name;
	return reed_start(&self->co);
}

/* The order in which tasks run in a loop with this seed. */
static void play(uint64_t shuffle, char *into)
{
	struct reed_loop_options options = REED_LOOP_OPTIONS;
	struct reed_loop *before = loop;
	struct owner owners[TASKS];

	options.shuffle = shuffle;
	loop = lab_loop(&options);
	order_count = 0;
	memset(order, 0, sizeof(order));
	for (int i = 0; i < TASKS; i++)
		own(&owners[i], task((char)('a' + i)));
	run();
	for (int i = 0; i < TASKS; i++)
		check(owners[i].told == 1 && !owners[i].err);
	snprintf(into, sizeof(order), "%s", order);
	reed_loop_free(loop);
	loop = before;
}

static void the_queue_is_first_in_first_out(void)
{
	char played[sizeof(order)];

	play(0, played);
	check_str(played, "abcdefghijklabcdefghijklabcdefghijkl");
}

static void the_same_seed_is_the_same_order(void)
{
	char first[sizeof(order)], second[sizeof(order)], other[sizeof(order)];

	play(7, first);
	play(7, second);
	play(8, other);
	check_str(second, first);
	check(strcmp(other, first) != 0);
	check(strcmp(first, "abcdefghijklabcdefghijklabcdefghijkl") != 0);
	check_int(strlen(first), 3 * TASKS);
}

/* Each one is first at some time: no position is left out. */
static void every_order_is_possible(void)
{
	bool was_first[TASKS] = { false };
	char played[sizeof(order)];

	for (uint64_t seed = 1; seed <= 200; seed++) {
		play(seed, played);
		was_first[played[0] - 'a'] = true;
	}
	for (int i = 0; i < TASKS; i++)
		check(was_first[i]);
}

struct spinner {
	struct reed_co co;
	int *count;
};

static void spinner_run(struct reed_co *co)
{
	struct spinner *self = reed_frame(co, struct spinner);

	reed_coroutine (co) {
		while (!co->err) {
			++*self->count;
			reed_await(co, reed_ready(co->loop, REED_OK));
		}
	}
}

static const struct reed_co_kind spinner_kind = {
	.name = "spinner",
	.size = sizeof(struct spinner),
	.run = spinner_run,
};

static void who_never_waits_does_not_keep_a_turn_for_ever(void)
{
	struct spinner *s = reed_co_new(loop, &spinner_kind);
	int count = 0, slot = 0;
	struct owner o, other;

	s->count = &count;
	own(&o, reed_start(&s->co));
	own(&other, take(1, &slot));
	reed_loop_turn(loop, REED_NEVER);
	check(count > 0 && count <= REED_TURN_WAKES);
	lab_pass(REED_MS(2));
	turns(2);
	check(other.told && count <= 3 * REED_TURN_WAKES);
	disown(&o);
	tokens = 0;
}

/* ---- the end of the turn ---- */

struct at_end {
	struct reed_last last;
	char name;
	struct at_end *asks;
};

static void at_end_run(struct reed_last *last)
{
	struct at_end *self = reed_container_of(last, struct at_end, last);

	order[order_count++] = self->name;
	if (self->asks)
		reed_at_turn_end(loop, &self->asks->last);
}

static void what_waits_for_the_end_of_a_turn_runs_once_and_in_order(void)
{
	struct at_end a = { .last.run = at_end_run, .name = 'a' }, b = a, c = a;

	memset(order, 0, sizeof(order));
	order_count = 0;
	b.name = 'b';
	c.name = 'c';
	reed_at_turn_end(loop, &a.last);
	reed_at_turn_end(loop, &b.last);
	reed_at_turn_end(loop, &a.last);
	reed_at_turn_end(loop, &c.last);
	reed_list_unlink(&c.last.link);
	check_int(reed_loop_deadline(loop), 0);
	turns(1);
	check_str(order, "ab");
	turns(1);
	check_str(order, "ab");
}

static void what_asks_for_the_end_of_the_turn_there_waits_for_the_next(void)
{
	struct at_end a = { .last.run = at_end_run, .name = 'a' };

	memset(order, 0, sizeof(order));
	order_count = 0;
	a.asks = &a;
	reed_at_turn_end(loop, &a.last);
	for (int i = 1; i <= 3; i++) {
		turns(1);
		check_int(order_count, i);
	}
	reed_list_unlink(&a.last.link);
}

/* ---- running ---- */

static void a_loop_runs_until_there_is_nothing_to_wait_for(void)
{
	int slot = 0;
	struct owner o;

	run();
	own(&o, take(50, &slot));
	run();
	check(o.told == 1 && slot == 1);
	tokens = 0;
}

static struct reed_future *stop_it(void *arg, enum reed_err err)
{
	check(!arg && !err);
	reed_loop_stop(loop);
	return NULL;
}

static void a_stopped_loop_ends_its_turn(void)
{
	struct owner o, other;

	own(&o, reed_then(reed_sleep(loop, 5), stop_it, NULL));
	own(&other, reed_sleep(loop, 5));
	reed_loop_run(loop);
	check(o.told == 1 && other.told == 1);
	own(&other, reed_sleep(loop, 5));
	reed_loop_run(loop);
	check_int(other.told, 1);
}

static void running_until_says_how_it_ended(void)
{
	struct reed_fault *fault;

	check_int(reed_loop_run_until(loop, reed_sleep(loop, 3), &fault), REED_OK);
	check(fault == NULL);
	check_int(reed_loop_run_until(loop, broken("reed"), &fault), REED_EPROTO);
	check_str(fault->sentence, "broken reed");
	reed_fault_free(fault);
	check_int(reed_loop_run_until(loop, broken("reed"), NULL), REED_EPROTO);
}

static void a_loop_lets_go_of_what_is_in_its_background(void)
{
	struct reed_loop *before = loop;
	size_t live = memory.live;
	int slot = 0;

	loop = lab_loop(NULL);
	reed_background(fetch(&slot), NULL, NULL);
	reed_background(reed_within(9, reed_forever(loop)), NULL, NULL);
	for (int i = 0; i < 4; i++)
		step();
	reed_loop_free(loop);
	loop = before;
	check_int(memory.live, live);
	check(tokens == 0 && slot == 0);
	reed_loop_free(NULL);
}

/* ---- what it knows ---- */

static void the_clock_stands_still_during_a_turn_and_never_goes_back(void)
{
	int64_t now = reed_now(loop);

	lab_pass(REED_MS(5));
	check_int(reed_now(loop), now);
	turns(1);
	check_int(reed_now(loop), now + REED_MS(5));
}

static void the_deadline_is_that_of_the_next_timer_or_now(void)
{
	struct owner o;

	check_int(reed_loop_deadline(loop), REED_NEVER);
	own(&o, reed_sleep(loop, 5));
	check_int(reed_loop_deadline(loop), reed_now(loop) + REED_MS(5));
	disown(&o);
	own(&o, reed_ready(loop, REED_OK));
	check_int(reed_loop_deadline(loop), 0);
	run();
}

static void a_loop_counts_what_it_does(void)
{
	struct reed_loop_stats before = { .size = sizeof(before) }, after = before;
	struct owner o;

	reed_loop_stats(loop, &before);
	own(&o, await(reed_sleep(loop, 5)));
	reed_loop_stats(loop, &after);
	check_int(after.tasks - before.tasks, 1);
	run();
	reed_loop_stats(loop, &after);
	check(after.turns > before.turns && after.wakes - before.wakes == 3);
	check(after.timers_fired - before.timers_fired == 1 && after.tasks == before.tasks);
}

/* An older program knows a smaller struct. */
static void stats_and_options_may_be_shorter(void)
{
	struct reed_loop_stats stats;
	struct reed_loop_options options;
	struct reed_loop *other;

	memset(&stats, 0x5a, sizeof(stats));
	stats.size = offsetof(struct reed_loop_stats, wakes);
	reed_loop_stats(loop, &stats);
	check(stats.size == offsetof(struct reed_loop_stats, wakes) && stats.turns > 0);
	check_int(stats.wakes, 0x5a5a5a5a5a5a5a5a);
	memset(&options, 0x5a, sizeof(options));
	options.size = offsetof(struct reed_loop_options, unheard);
	options.driver = "poll";
	check_int(reed_loop_new(&options, &other), REED_OK);
	check_str(reed_loop_driver(other), "poll");
	reed_loop_free(other);
}

/* ---- entropy and the other clock ---- */

static void random_numbers_are_below_their_limit_and_even(void)
{
	int dice[6] = { 0 };

	for (int i = 0; i < 6000; i++)
		dice[reed_random_below(loop, 6)]++;
	for (int i = 0; i < 6; i++)
		check(dice[i] > 850 && dice[i] < 1150);
	check_int(reed_random_below(loop, 1), 0);
	for (int i = 0; i < 100; i++)
		check(reed_random_below(loop, (1ull << 63) + 1) <= 1ull << 63);
}

static void random_words_are_letters_and_digits(void)
{
	char word[33], other[33];

	reed_random_word(loop, word, 32);
	reed_random_word(loop, other, 32);
	check_int(strspn(word, "abcdefghijklmnopqrstuvwxyz234567"), 32);
	check(word[32] == '\0' && strcmp(word, other) != 0);
	reed_random_word(loop, word, 0);
	check_str(word, "");
}

static void a_loop_of_the_system_has_its_entropy_and_wall_clock(void)
{
	unsigned char a[600], b[600];
	struct reed_loop *real;

	check_int(reed_loop_new(NULL, &real), REED_OK);
	reed_random_bytes(real, a, sizeof(a));
	reed_random_bytes(real, b, sizeof(b));
	check(memcmp(a, b, sizeof(a)) != 0 && memcmp(a + 300, b + 300, 300) != 0);
	check(reed_random(real) != reed_random(real));
	check(reed_wall(real) > REED_S(1700000000));
	reed_loop_free(real);
}

/* ---- what is left at the end ---- */

enum { LETTERS = 3 * REED_TURN_POSTS };

static int letters;

static void letter_arrives(struct reed_post *post)
{
	reed_free(post);
	letters--;
}

static void a_loop_that_goes_takes_all_that_was_posted_to_it(void)
{
	struct reed_loop *other = lab_loop(NULL);

	for (letters = 0; letters < LETTERS; letters++) {
		struct reed_post *post = reed_alloc(sizeof(*post));

		post->run = letter_arrives;
		reed_post(other, post);
	}
	reed_loop_free(other);
	check_int(letters, 0);
}

static void the_wall_clock_has_a_text(void)
{
	char text[REED_WALL_TEXT];

	check_str(reed_wall_text(0, text), "1970-01-01T00:00:00Z");
	check_str(reed_wall_text(REED_S(1795343761) + 999999999, text), "2026-11-22T10:36:01Z");
	check_str(reed_wall_text(-1, text), "");
}

int main(void)
{
	lab_open();
	RUN(the_queue_is_first_in_first_out);
	RUN(the_same_seed_is_the_same_order);
	RUN(every_order_is_possible);
	RUN(who_never_waits_does_not_keep_a_turn_for_ever);

	RUN(what_waits_for_the_end_of_a_turn_runs_once_and_in_order);
	RUN(what_asks_for_the_end_of_the_turn_there_waits_for_the_next);

	RUN(a_loop_runs_until_there_is_nothing_to_wait_for);
	RUN(a_stopped_loop_ends_its_turn);
	RUN(running_until_says_how_it_ended);
	RUN(a_loop_lets_go_of_what_is_in_its_background);

	RUN(a_loop_that_goes_takes_all_that_was_posted_to_it);
	RUN(the_clock_stands_still_during_a_turn_and_never_goes_back);
	RUN(the_deadline_is_that_of_the_next_timer_or_now);
	RUN(a_loop_counts_what_it_does);
	RUN(stats_and_options_may_be_shorter);

	RUN(random_numbers_are_below_their_limit_and_even);
	RUN(random_words_are_letters_and_digits);
	RUN(a_loop_of_the_system_has_its_entropy_and_wall_clock);
	RUN(the_wall_clock_has_a_text);
	lab_close();
	return 0;
}
