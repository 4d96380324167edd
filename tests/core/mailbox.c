/* What mailboxes promise, between threads and on one loop. */

#include "reed/mailbox.h"
#include "reed/team.h"
#include "tests/core/tools.h"

static atomic_int live;

static void item_release(void *item)
{
	(void)item;
	live--;
}

static const struct reed_item_kind letters = { .size = sizeof(int), .release = item_release };

/* ---- on one loop ---- */

static struct reed_mailbox *box;

static void put(int number)
{
	live++;
	check_int(reed_mailbox_try_put(box, &number), REED_OK);
}

static int get(void)
{
	struct owner getter;
	int number = -1;

	own(&getter, reed_mailbox_get(box, &number));
	run();
	check_int(getter.err, REED_OK);
	live--;
	return number;
}

static void items_come_out_in_the_order_they_went_in(void)
{
	box = reed_mailbox_new(loop, &letters, 3);
	for (int i = 0; i < 3; i++)
		put(i);
	check_int(reed_mailbox_count(box), 3);
	check_int(reed_mailbox_try_put(box, &(int){ 3 }), REED_EAGAIN);
	for (int i = 0; i < 3; i++)
		check_int(get(), i);
	reed_mailbox_close(box);
	reed_mailbox_release(box);
	check_int(live, 0);
}

static void a_get_waits_for_an_item_and_a_put_for_room(void)
{
	struct owner getter, putter;
	int got = -1, second = 2;

	box = reed_mailbox_new(loop, &letters, 1);
	own(&getter, reed_mailbox_get(box, &got));
	turns(3);
	check(getter.waiter.future);
	put(1);
	run();
	check_int(got, 1);
	put(1);
	own(&putter, reed_mailbox_put(loop, box, &second));
	turns(3);
	check(putter.waiter.future);
	check_int(reed_mailbox_count(box), 1);
	live++;
	check_int(get(), 1);
	run();
	check(!putter.waiter.future);
	check_int(putter.err, REED_OK);
	check_int(get(), 2);
	live--;
	reed_mailbox_close(box);
	reed_mailbox_release(box);
	check_int(live, 0);
}

static void a_put_that_is_dropped_has_put_nothing(void)
{
	struct owner putter, other;
	int number = 5;

	box = reed_mailbox_new(loop, &letters, 1);
	put(1);
	own(&putter, reed_mailbox_put(loop, box, &number));
	own(&other, reed_mailbox_put(loop, box, &number));
	turns(3);
	disown(&putter);
	check_int(get(), 1);
	live++;
	run();
	check_int(other.err, REED_OK);
	check_int(reed_mailbox_count(box), 1);
	check_int(get(), 5);

	put(1); /* the bell rings already, for one that goes */
	own(&putter, reed_mailbox_put(loop, box, &number));
	own(&other, reed_mailbox_get(box, &number));
	until(!other.waiter.future);
	check(putter.waiter.future);
	disown(&putter);
	live--;
	run();
	check_int(reed_mailbox_count(box), 0);
	put(1); /* a place that is promised is given back */
	check_int(get(), 1);
	own(&putter, reed_mailbox_put(loop, box, &number));
	disown(&putter);
	put(1);
	reed_mailbox_close(box);
	reed_mailbox_release(box);
	check_int(live, 0);
}

/* Between the news of a place and whoever waited for it nobody else comes in. */
static void a_place_goes_to_who_has_waited_longest(void)
{
	struct owner first, second;
	int one = 1, two = 2;

	box = reed_mailbox_new(loop, &letters, 1);
	put(0);
	own(&first, reed_mailbox_put(loop, box, &one));
	turns(3);
	own(&second, reed_mailbox_get(box, &(int){ 0 }));
	until(!second.waiter.future);
	live--;
	check_int(reed_mailbox_try_put(box, &two), REED_EAGAIN);
	own(&second, reed_mailbox_put(loop, box, &two));
	turns(5);
	check(!first.waiter.future && second.waiter.future);
	live += 2;
	check_int(get(), 1);
	run();
	check_int(get(), 2);
	reed_mailbox_close(box);
	reed_mailbox_release(box);
	check_int(live, 0);
}

static void a_put_after_the_owner_has_gone_tells_nobody(void)
{
	struct reed_loop *other;
	struct owner putter;
	int number = 5;

	check_int(reed_loop_new(NULL, &other), REED_OK);
	box = reed_mailbox_new(other, &letters, 2);
	reed_drop(reed_mailbox_get(box, &number)); /* it has looked, and waits no more */
	live++;
	own(&putter, reed_mailbox_put(loop, box, &number));
	reed_mailbox_close(box);
	reed_loop_free(other);
	run();
	check_int(putter.err, REED_OK);
	reed_mailbox_release(box);
	check_int(live, 0);
}

static void a_closed_box_takes_nothing_and_gives_nothing(void)
{
	struct owner getter, putter;
	int number = 5;

	box = reed_mailbox_new(loop, &letters, 1);
	put(1);
	own(&putter, reed_mailbox_put(loop, box, &number));
	reed_mailbox_close(box);
	check_int(live, 0);
	run();
	check_int(putter.err, REED_ECLOSED);
	check_int(reed_mailbox_try_put(box, &number), REED_ECLOSED);
	own(&getter, reed_mailbox_get(box, &number));
	run();
	check_int(getter.err, REED_ECLOSED);
	reed_mailbox_release(box);
}

/* ---- between threads ---- */

enum { SENDERS = 4, EACH = 2000, ROOM = 7 };

struct post_office {
	struct reed_mailbox *box;
	int last[SENDERS + 1], count, most;
};

struct sender {
	struct reed_co co;
	struct reed_mailbox *box;
	int i, number, item;
};

static void sender_run(struct reed_co *co)
{
	struct sender *self = reed_frame(co, struct sender);

	reed_coroutine (co) {
		for (; self->i < EACH; self->i++) {
			self->item = self->number * EACH + self->i;
			reed_try(co, reed_mailbox_put(co->loop, self->box, &self->item));
		}
	}
}

static void sender_end(struct reed_co *co)
{
	reed_mailbox_release(reed_frame(co, struct sender)->box);
}

static const struct reed_co_kind sender_kind = { .name = "sender",
	                                         .size = sizeof(struct sender),
	                                         .run = sender_run,
	                                         .end = sender_end };

struct receiver {
	struct reed_co co;
	struct post_office *office;
	int item;
};

static void sort_in(struct post_office *office, int item)
{
	int from = item / EACH, count = (int)reed_mailbox_count(office->box);

	check_int(item % EACH, office->last[from]++);
	office->count++;
	office->most = count > office->most ? count : office->most;
}

static void receiver_run(struct reed_co *co)
{
	struct receiver *self = reed_frame(co, struct receiver);

	reed_coroutine (co) {
		while (self->office->count < SENDERS * EACH) {
			reed_try(co, reed_mailbox_get(self->office->box, &self->item));
			sort_in(self->office, self->item);
		}
		reed_mailbox_close(self->office->box);
	}
}

static const struct reed_co_kind receiver_kind = { .name = "receiver",
	                                           .size = sizeof(struct receiver),
	                                           .run = receiver_run };

static struct reed_future *member(void *arg, const struct reed_team_member *self)
{
	struct post_office *office = arg;

	if (self->number == 0) {
		struct receiver *receiver = reed_co_new(self->loop, &receiver_kind);

		receiver->office = office;
		return reed_start(&receiver->co);
	}
	struct sender *sender = reed_co_new(self->loop, &sender_kind);

	sender->box = reed_mailbox_share(office->box);
	sender->number = (int)self->number;
	return reed_start(&sender->co);
}

static void many_put_and_one_gets_all_in_order_and_within_bounds(void)
{
	static const struct reed_item_kind numbers = { .size = sizeof(int) };
	struct reed_team_options options = REED_TEAM_OPTIONS;
	struct post_office office = { .count = 0 };
	struct reed_loop *first;

	options.loops = SENDERS + 1;
	check_int(reed_loop_new(NULL, &first), REED_OK);
	office.box = reed_mailbox_new(first, &numbers, ROOM);
	check_int(reed_loop_run_until(first, reed_team(first, &options, member, &office), NULL),
	          REED_OK);
	check_int(office.count, SENDERS * EACH);
	check(office.most <= ROOM);
	reed_mailbox_release(office.box);
	reed_loop_free(first);
}

int main(void)
{
	lab_open();
	RUN(items_come_out_in_the_order_they_went_in);
	RUN(a_get_waits_for_an_item_and_a_put_for_room);
	RUN(a_put_that_is_dropped_has_put_nothing);
	RUN(a_place_goes_to_who_has_waited_longest);
	RUN(a_put_after_the_owner_has_gone_tells_nobody);
	RUN(a_closed_box_takes_nothing_and_gives_nothing);
	RUN(many_put_and_one_gets_all_in_order_and_within_bounds);
	lab_close();
	return 0;
}
