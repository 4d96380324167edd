/* The rules of the kernel, each with a test that has its name. */

#include <sys/socket.h>
#include <unistd.h>

#include "reed/blob.h"
#include "reed/metric.h"
#include "reed/random.h"
#include "reed/scope.h"
#include "reed/stream.h"
#include "tests/core/tools.h"

/* ---- nothing user-written runs inside a call the user made, but end functions in a drop ---- */

static bool in_call;
static int ran;

static void user_code(void)
{
	check(!in_call);
	ran++;
}

struct user {
	struct reed_co co;
	struct reed_future *f;
};

static void user_run(struct reed_co *co)
{
	struct user *self = reed_frame(co, struct user);
	struct reed_future *f;

	user_code();
	reed_coroutine (co) {
		f = self->f;
		reed_await(co, f);
	}
}

static void user_deliver(struct reed_co *co)
{
	(void)co;
	user_code();
}

static const struct reed_co_kind user_kind = {
	.name = "user",
	.size = sizeof(struct user),
	.run = user_run,
	.deliver = user_deliver,
};

static struct reed_future *user(struct reed_future *f)
{
	struct user *self = reed_co_new(loop, &user_kind);

	self->f = f;
	return reed_start(&self->co);
}

static struct reed_future *user_then(void *arg, enum reed_err err)
{
	(void)arg;
	(void)err;
	user_code();
	return NULL;
}

static void user_done(void *arg, enum reed_err err, const char *why)
{
	(void)arg;
	(void)err;
	(void)why;
	user_code();
}

static size_t user_data(struct reed_protocol *self, struct reed_slice in)
{
	(void)self;
	user_code();
	return in.n;
}

static void user_ended(struct reed_protocol *self, enum reed_err err)
{
	(void)self;
	(void)err;
	user_code();
}

static void user_interrupted(struct reed_protocol *self)
{
	user_code();
	reed_finish(self, REED_OK);
}

static const struct reed_protocol_ops user_ops = {
	.data = user_data,
	.ended = user_ended,
	.interrupted = user_interrupted,
};

static void connect_pair(struct reed_stream **one, struct reed_stream **other)
{
	int fds[2];

	check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
	check_int(reed_stream_of_fd(loop, fds[0], one), REED_OK);
	check_int(reed_stream_of_fd(loop, fds[1], other), REED_OK);
}

/* Each call that settles, starts, interrupts or closes, with user code behind it. */
static void everything_at_once(struct reed_stream *one, struct reed_stream *other)
{
	struct reed_protocol *p = reed_alloc(sizeof(*p));
	struct reed_cell cell = { 0 };
	struct reed_scope scope;
	struct owner o;

	p->ops = &user_ops;
	reed_scope_init(&scope, loop, NULL, "all");
	in_call = true;
	reed_scope_add(&scope, user(reed_cell_changed(loop, &cell, 0)));
	reed_scope_add(&scope, reed_then(reed_ready(loop, REED_OK), user_then, NULL));
	reed_scope_add(&scope, reed_stream_attach(one, p));
	reed_background(reed_failed(loop, REED_EIO, "no"), user_done, NULL);
	reed_cell_set(&cell, 1);
	reed_write_str(other, "x");
	in_call = false;
	turns(3);
	in_call = true;
	reed_scope_interrupt(&scope);
	reed_close(other);
	own(&o, reed_scope_wait(&scope));
	in_call = false;
	run();
	check_int(o.told, 1);
	reed_scope_finish(&scope);
}

static void no_callback_under_your_feet(void)
{
	struct reed_stream *one, *other;

	connect_pair(&one, &other);
	ran = 0;
	everything_at_once(one, other);
	check(ran >= 7);
}

/* ---- a dropped future writes nothing, and what it had acquired is released ---- */

static void a_result_not_delivered_did_not_happen(void)
{
	for (int form = 0; form < FORMS; form++)
		for (int steps = 0; steps < 12; steps++) {
			struct owner o;
			int slot = 0;

			own(&o, wrapped(form, fetch(&slot)));
			for (int i = 0; i < steps && !o.told; i++)
				step();
			if (!o.told) {
				disown(&o);
				check_int(tokens, slot);
			}
			run();
			check(slot == o.told || form == 5 || form == 7 || form == 9);
			check_int(tokens, slot);
			tokens = 0;
		}
}

/* ---- everything that can wait can be cancelled, has a deadline, and can say what for ---- */

static struct reed_cell changing;
static struct reed_stream *talk[2];
static struct reed_scope crowd;

static struct reed_future *waits_for(int what)
{
	static struct reed_slice line;
	static int slot;

	switch (what) {
	case 0:
		return reed_sleep(loop, 1000000);
	case 1:
		return reed_forever(loop);
	case 2:
		return take(1000000, &slot);
	case 3:
		return reed_cell_changed(loop, &changing, 0);
	case 4:
		return reed_read_line(talk[0], &line);
	case 5:
		return reed_read_exactly(talk[0], 9, &line);
	case 6:
		return reed_more(talk[0]);
	case 7:
		return reed_scope_wait(&crowd);
	case 8:
		return reed_scope_below(&crowd, 1);
	case 9:
		return reed_signal(loop, 10);
	case 10:
		return flaky((struct flaky){ 1000000, 1, false, REED_OK }, &slot);
	default:
		check(!"reached");
		return NULL;
	}
}

enum { WAITS = 11 };

static void says_what_for(struct reed_future *f)
{
	char *text;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	reed_trace(out, f);
	fclose(out);
	check(strstr(text, "await tests/core/tools.c:") && strstr(text, "(within)"));
	check(strchr(text, '(') && n > 40);
	free(text);
}

static void one_wait(int form, int what)
{
	struct owner o;

	own(&o, await(reed_within(50, wrapped(form, waits_for(what)))));
	turns(3);
	says_what_for(o.waiter.future);
	until(o.told);
	check_int(o.err, REED_ETIMEDOUT);
	own(&o, wrapped(form, waits_for(what)));
	turns(3);
	reed_interrupt(o.waiter.future);
	until(o.told);
	check_int(o.err, REED_ECANCELED);
	own(&o, wrapped(form, waits_for(what)));
	turns(form % 3);
	disown(&o);
}

static void everything_that_can_wait_can_be_cancelled_has_a_deadline_and_says_what_for(void)
{
	connect_pair(&talk[0], &talk[1]);
	reed_scope_init(&crowd, loop, NULL, "crowd");
	reed_scope_add(&crowd, reed_forever(loop));
	for (int what = 0; what < WAITS; what++)
		for (int form = 0; form < FORMS; form++)
			one_wait(form, what);
	reed_scope_finish(&crowd);
	reed_abort(talk[0]);
	reed_abort(talk[1]);
	run();
}

/* ---- memory that a peer can make grow has a limit ---- */

static size_t peak;

static void *peak_realloc(void *p, size_t size)
{
	peak = size > peak ? size : peak;
	return realloc(p, size);
}

static void *peak_malloc(size_t size)
{
	return peak_realloc(NULL, size);
}

/* What the loop tells of it to whoever reads its metrics. */
static unsigned long long metric(const char *name, const char *direction)
{
	struct reed_buf text = { .limit = 0 };
	char series[80];
	struct reed_slice all;
	size_t at;
	uint64_t value = 0;

	snprintf(series, sizeof(series), "\n%s{direction=\"%s\"} ", name, direction);
	reed_metrics_print(loop, &text);
	all = reed_buf_slice(&text);
	at = reed_slice_search(all, reed_slice_of(series));
	check(at < all.n);
	all = reed_slice_from(all, at + strlen(series));
	check(reed_slice_u64(reed_slice_cut(&all, '\n'), UINT64_MAX, &value) == REED_OK);
	reed_buf_finish(&text);
	return value;
}

/* Memory has some room around what is in it. */
static void check_held(const char *direction, unsigned long long bytes)
{
	check(metric("reed_stream_held_bytes", direction) >= bytes);
	check(metric("reed_stream_held_bytes", direction) <= bytes * 2);
}

/* A line without an end, and a peer that reads nothing, at the limits everybody has. */
static void memory_that_a_peer_can_make_grow_has_a_limit_and_a_metric(void)
{
	static const struct reed_allocator watched = { calloc, peak_malloc, peak_realloc, free,
		                                       NULL };
	static char block[65536];
	struct reed_slice line, bytes = { block, sizeof(block) };
	struct owner o, drained;
	unsigned long long in_full = metric("reed_stream_full_total", "in");
	unsigned long long out_full = metric("reed_stream_full_total", "out");

	memset(block, 'x', sizeof(block));
	connect_pair(&talk[0], &talk[1]);
	reed_allocator_set(&watched);
	own(&o, reed_read_line(talk[0], &line));
	for (int i = 0; !o.told; i++) {
		check(i < 100);
		reed_write(talk[1], bytes);
		turns(2);
	}
	check_int(o.err, REED_ETOOBIG);
	check(peak <= 2u << 20);
	check_held("in", talk[0]->limits->input);
	while (!reed_must_drain(talk[0]))
		reed_write(talk[0], bytes);
	own(&drained, reed_flush(talk[0]));
	for (int i = 0; !drained.told; i++) {
		check(i < 200);
		reed_write(talk[0], bytes);
		check(reed_queued(talk[0]) <= talk[0]->limits->output);
		check_held("out", reed_queued(talk[0]) + reed_queued(talk[1]));
		turns(1);
	}
	check_int(drained.err, REED_ETOOBIG);
	reed_abort(talk[0]);
	reed_abort(talk[1]);
	run();
	check_held("in", 0);
	check_held("out", 0);
	check_int(metric("reed_stream_full_total", "in"), in_full + 1);
	check_int(metric("reed_stream_full_total", "out"), out_full + 1);
	reed_loop_free(loop);
	count_memory();
	memory = (struct memory){ 0 };
	loop = lab_loop(NULL);
}

/* ---- equal inputs, equal order ---- */

struct story {
	char text[8192];
	size_t n;
};

static struct story *telling;

static void tell(struct story *story, const char *who)
{
	story->n += (size_t)snprintf(story->text + story->n, sizeof(story->text) - story->n,
	                             "%lld %s\n", (long long)reed_now(loop), who);
	check(story->n < sizeof(story->text));
}

struct teller {
	struct reed_co co;
	char name[24];
	int round;
};

static void teller_run(struct reed_co *co)
{
	struct teller *self = reed_frame(co, struct teller);

	reed_coroutine (co) {
		for (self->round = 0; self->round < 5; self->round++) {
			tell(telling, self->name);
			reed_try(co, reed_any(NULL, reed_sleep(co->loop, 2 + self->round % 3),
			                      reed_sleep(co->loop, 3)));
			reed_try(co, reed_yield(co->loop));
			reed_try(co,
			         reed_sleep_ns(co->loop, (int64_t)reed_random_below(co->loop, 3)));
		}
	}
}

static const struct reed_co_kind teller_kind = {
	.name = "teller",
	.size = sizeof(struct teller),
	.run = teller_run,
};

static void play(uint64_t shuffle, struct story *story)
{
	struct reed_loop_options options = REED_LOOP_OPTIONS;
	struct reed_loop *before = loop;
	struct reed_scope scope;

	memset(story, 0, sizeof(*story));
	telling = story;
	options.shuffle = shuffle;
	loop = lab_loop(&options);
	reed_scope_init(&scope, loop, NULL, "tellers");
	for (int i = 0; i < 10; i++) {
		struct teller *t = reed_co_new(loop, &teller_kind);

		snprintf(t->name, sizeof(t->name), "teller %d", i);
		reed_scope_add(&scope, reed_start(&t->co));
	}
	check_int(outcome(reed_scope_wait(&scope)), REED_OK);
	reed_scope_finish(&scope);
	reed_loop_free(loop);
	loop = before;
}

static void equal_inputs_equal_order(void)
{
	static struct story first, again, other;

	for (uint64_t shuffle = 0; shuffle < 3; shuffle++) {
		play(shuffle, &first);
		play(shuffle, &again);
		check_str(again.text, first.text);
		play(shuffle + 100, &other);
		check(strcmp(other.text, first.text) != 0);
	}
}

/* ---- batching ---- */

static int shown;

static size_t count_data(struct reed_protocol *self, struct reed_slice in)
{
	(void)self;
	shown++;
	return in.n;
}

static const struct reed_protocol_ops counting_ops = { .data = count_data };

static const struct reed_stream_ops *true_ops;
static int writes;

static ssize_t counted_write(struct reed_stream *s, const struct iovec *iov, int count)
{
	writes++;
	return true_ops->write(s, iov, count);
}

static void reads_are_drained_and_writes_of_a_turn_leave_in_one(void)
{
	struct reed_blob *blob = reed_blob_new(reed_slice((char[300]){ "blob" }, 300));
	struct reed_stream_ops counted;
	struct owner session;

	connect_pair(&talk[0], &talk[1]);
	true_ops = talk[1]->ops;
	counted = *true_ops;
	counted.write = counted_write;
	talk[1]->ops = &counted;
	own(&session, reed_push((void *)(uintptr_t)&counting_ops, talk[0]));
	for (int i = 0; i < 1000; i++)
		reed_printf(talk[1], "line %d\n", i);
	for (int i = 0; i < 20; i++)
		reed_write_blob(talk[1], blob);
	check_int(blob->holders, 21);
	while (!shown)
		reed_loop_turn(loop, REED_NEVER);
	check(writes == 1 && shown == 1 && blob->holders == 1);
	reed_blob_release(blob);
	reed_close(talk[1]);
	run();
	check(session.told == 1 && shown == 1);
}

int main(void)
{
	lab_open();
	RUN(no_callback_under_your_feet);
	RUN(a_result_not_delivered_did_not_happen);
	RUN(everything_that_can_wait_can_be_cancelled_has_a_deadline_and_says_what_for);
	RUN(memory_that_a_peer_can_make_grow_has_a_limit_and_a_metric);
	RUN(equal_inputs_equal_order);
	RUN(reads_are_drained_and_writes_of_a_turn_leave_in_one);
	lab_close();
	return 0;
}
