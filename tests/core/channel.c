/* What channels promise. */

#include "reed/blob.h"
#include "reed/queue.h"
#include "tests/core/tools.h"

static void share(void *item)
{
	reed_blob_share(*(struct reed_blob **)item);
}

static void release(void *item)
{
	reed_blob_release(*(struct reed_blob **)item);
}

static const struct reed_item_kind blobs = {
	.size = sizeof(struct reed_blob *),
	.share = share,
	.release = release,
};
static struct reed_channel channel;
static struct reed_subscription one, two;

static void publish(const char *text)
{
	struct reed_blob *blob = reed_blob_new(reed_slice_of(text));

	reed_publish(&channel, &blob);
	reed_blob_release(blob);
}

static void open(size_t capacity_of_one, size_t capacity_of_two)
{
	reed_channel_init(&channel, loop, &blobs);
	reed_subscribe(&channel, &one, capacity_of_one);
	reed_subscribe(&channel, &two, capacity_of_two);
}

static void finish(void)
{
	reed_unsubscribe(&one);
	reed_unsubscribe(&two);
	reed_channel_finish(&channel);
}

static bool gets(struct reed_subscription *s, const char *text)
{
	struct reed_blob *blob = NULL;
	bool same;

	check_int(outcome(reed_receive(s, &blob)), REED_OK);
	same = reed_slice_is(reed_blob_slice(blob), text);
	reed_blob_release(blob);
	return same;
}

static void every_subscriber_gets_every_item(void)
{
	open(4, 4);
	publish("first");
	publish("second");
	check(gets(&one, "first") && gets(&one, "second"));
	check(gets(&two, "first") && gets(&two, "second"));
	check_int(channel.published, 2);
	finish();
}

static void a_wait_settles_when_something_is_published(void)
{
	struct reed_blob *a = NULL, *b = NULL;
	struct owner first, second;

	open(4, 4);
	check_int(reed_try_receive(&one, &a), REED_EAGAIN);
	own(&first, reed_receive(&one, &a));
	own(&second, reed_receive(&two, &b));
	run();
	check(!first.told && !second.told);
	publish("news");
	check(!a && !b);
	run();
	check(first.told == 1 && second.told == 1);
	check(a == b && a->holders == 2);
	reed_blob_release(a);
	reed_blob_release(b);
	finish();
}

static void what_was_published_before_is_not_seen(void)
{
	open(4, 4);
	reed_unsubscribe(&two);
	publish("early");
	reed_subscribe(&channel, &two, 4);
	publish("late");
	check(gets(&two, "late"));
	finish();
}

static void a_slow_one_is_told_how_many_it_missed_and_nobody_else_suffers(void)
{
	struct reed_blob *blob = NULL;

	open(3, 8);
	for (int i = 0; i < 8; i++) {
		char text[2] = { (char)('a' + i), '\0' };

		publish(text);
	}
	check_int(outcome(reed_receive(&one, &blob)), REED_EOVERFLOW);
	check(why_is("5 items came and went unseen") && one.missed == 5 && !blob);
	check(gets(&one, "f") && gets(&one, "g"));
	publish("i");
	publish("j");
	publish("k");
	check_int(reed_try_receive(&one, &blob), REED_EOVERFLOW);
	check(one.missed == 1 && gets(&one, "i"));
	check_int(outcome(reed_receive(&two, &blob)), REED_EOVERFLOW);
	check(two.missed == 3 && gets(&two, "d"));
	finish();
}

static void a_gap_is_told_once_and_by_the_wait_that_is_delivered(void)
{
	struct reed_blob *blob = NULL;
	struct owner o;

	open(1, 1);
	publish("a");
	publish("b");
	own(&o, reed_receive(&one, &blob));
	disown(&o);
	check_int(outcome(reed_any(NULL, reed_ready(loop, REED_OK), reed_receive(&one, &blob))),
	          REED_OK);
	check_int(outcome(reed_receive(&one, &blob)), REED_EOVERFLOW);
	check(one.missed == 1 && gets(&one, "b"));
	check_int(reed_try_receive(&one, &blob), REED_EAGAIN);
	finish();
}

/* Tried with success, it has to wait for its sibling: nothing may come in between. */
static void an_item_found_stays_the_next_whatever_is_published(void)
{
	for (size_t capacity = 1; capacity < 3; capacity++) {
		struct reed_blob *blob = NULL;
		struct owner o;

		open(capacity, 8);
		publish("a");
		own(&o, reed_all(reed_receive(&one, &blob), reed_sleep(loop, 5)));
		turns(2);
		check(one.future.tried);
		publish("b");
		publish("c");
		publish("d");
		run();
		check(o.told && o.err == REED_OK && reed_slice_is(reed_blob_slice(blob), "a"));
		reed_blob_release(blob);
		check_int(outcome(reed_receive(&one, &blob)), REED_EOVERFLOW);
		check_int(one.missed, capacity == 1 ? 3 : 2);
		if (capacity == 2)
			check(gets(&one, "d"));
		check_int(reed_try_receive(&one, &blob), REED_EAGAIN);
		finish();
	}
}

static void a_closed_channel_gives_what_is_left_and_then_its_end(void)
{
	struct reed_blob *blob = NULL;
	struct owner o;

	open(4, 4);
	own(&o, reed_receive(&two, &blob));
	publish("last");
	reed_channel_close(&channel);
	run();
	check(o.told == 1 && o.err == REED_OK);
	reed_blob_release(blob);
	check_int(outcome(reed_receive(&two, &blob)), REED_EEOF);
	check(gets(&one, "last"));
	check_int(reed_try_receive(&one, &blob), REED_EEOF);
	own(&o, reed_receive(&one, &blob));
	run();
	check_int(o.err, REED_EEOF);
	finish();
}

static void a_subscription_may_outlive_its_channel(void)
{
	struct reed_blob *blob = NULL;
	struct owner o;

	open(4, 4);
	publish("a");
	own(&o, reed_receive(&two, &blob));
	reed_channel_finish(&channel);
	run();
	reed_blob_release(blob);
	check(gets(&one, "a"));
	check_int(outcome(reed_receive(&one, &blob)), REED_EEOF);
	check(!one.channel);
	reed_unsubscribe(&one);
	reed_unsubscribe(&two);
}

static void a_zeroed_subscription_may_be_unsubscribed(void)
{
	struct reed_subscription none = { 0 };

	reed_unsubscribe(&none);
	check(!none.channel);
}

static void receiving_allocates_nothing(void)
{
	struct reed_blob *blob = reed_blob_new(REED_STR("x")), *got;
	size_t total;

	open(2, 2);
	reed_publish(&channel, &blob);
	check_int(reed_try_receive(&one, &got), REED_OK);
	reed_blob_release(got);
	total = memory.total;
	for (int i = 0; i < 100; i++) {
		reed_publish(&channel, &blob);
		check_int(outcome(reed_receive(&one, &got)), REED_OK);
		reed_blob_release(got);
	}
	check_int(memory.total, total);
	reed_blob_release(blob);
	finish();
}

/* ---- at every step ---- */

struct reader {
	struct reed_co co;
	struct reed_subscription *from;
	struct reed_blob *blob;
	char *seen;
};

static void reader_run(struct reed_co *co)
{
	struct reader *self = reed_frame(co, struct reader);

	reed_coroutine (co) {
		for (;;) {
			reed_await(co, reed_receive(self->from, &self->blob));
			if (co->err == REED_EEOF)
				reed_return(co, REED_OK);
			if (co->err)
				reed_return(co, co->err);
			strncat(self->seen, self->blob->bytes, self->blob->n);
			reed_blob_release(self->blob);
			self->blob = NULL;
		}
	}
}

static void reader_end(struct reed_co *co)
{
	reed_blob_release(reed_frame(co, struct reader)->blob);
}

static const struct reed_co_kind reader_kind = {
	.name = "reader",
	.size = sizeof(struct reader),
	.run = reader_run,
	.end = reader_end,
};

static struct reed_future *read_all(struct reed_subscription *s, char *seen)
{
	struct reader *self = reed_co_new(loop, &reader_kind);

	self->from = s;
	self->seen = seen;
	return reed_start(&self->co);
}

static void stop(struct owner *o, bool interrupt)
{
	if (interrupt && o->waiter.future)
		reed_interrupt(o->waiter.future);
	else
		disown(o);
}

/* What the victim had not seen when it went is still there for the next one. */
static bool one_goes(int form, int steps, bool interrupt)
{
	char seen[2][16] = { "", "" };
	struct owner o[2];

	open(8, 8);
	own(&o[0], wrapped(form, read_all(&one, seen[0])));
	own(&o[1], read_all(&two, seen[1]));
	for (int i = 0; i < 4; i++) {
		char text[2] = { (char)('a' + i), '\0' };

		publish(text);
		for (int j = 0; j < 3 && step(); j++)
			if (steps-- == 0)
				stop(&o[0], interrupt);
	}
	run();
	disown(&o[0]);
	reed_channel_close(&channel);
	check_int(outcome(read_all(&one, seen[0])), REED_OK);
	run();
	check_str(seen[0], "abcd");
	check_str(seen[1], "abcd");
	check(o[1].told == 1 && !o[1].err);
	finish();
	return steps < 0;
}

static void a_reader_that_goes_at_whatever_step_leaves_the_rest(void)
{
	for (int form = 0; form < FORMS; form++)
		for (int interrupt = 0; interrupt < 2; interrupt++)
			for (int steps = 0; one_goes(form, steps, interrupt);)
				steps++;
}

int main(void)
{
	lab_open();
	RUN(every_subscriber_gets_every_item);
	RUN(a_wait_settles_when_something_is_published);
	RUN(what_was_published_before_is_not_seen);
	RUN(a_slow_one_is_told_how_many_it_missed_and_nobody_else_suffers);
	RUN(a_gap_is_told_once_and_by_the_wait_that_is_delivered);
	RUN(an_item_found_stays_the_next_whatever_is_published);
	RUN(a_closed_channel_gives_what_is_left_and_then_its_end);
	RUN(a_subscription_may_outlive_its_channel);
	RUN(a_zeroed_subscription_may_be_unsubscribed);
	RUN(receiving_allocates_nothing);
	RUN(a_reader_that_goes_at_whatever_step_leaves_the_rest);
	lab_close();
	return 0;
}
