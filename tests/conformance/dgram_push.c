/* Datagrams pushed to a handler, the queue of those that leave, and errors, over every kind. */

#include "tests/conformance/dgram.h"

struct hearer {
	struct reed_dgram_handler handler;
	struct reed_future *session; /* dropped inside the call when set */
	bool echoes, finishes, drops;
	int calls, errors, goodbyes;
	size_t heard, bytes;
	enum reed_err last;
	bool *freed;
};

static struct hearer *hearer_of(struct reed_dgram_handler *h)
{
	return reed_container_of(h, struct hearer, handler);
}

static void hear(struct reed_dgram_handler *h, const struct reed_datagram *in, size_t n)
{
	struct hearer *self = hearer_of(h);

	check(n > 0 && n <= REED_DGRAM_BATCH);
	self->calls++;
	self->heard += n;
	for (size_t i = 0; i < n; i++) {
		self->bytes += in[i].data.n;
		if (self->echoes)
			reed_dgram_reply(h->dgram, &in[i], in[i].data);
	}
	if (self->finishes)
		reed_dgram_finish(h, REED_OK);
}

static void hear_error(struct reed_dgram_handler *h, const struct reed_dgram_error *error)
{
	hearer_of(h)->errors++;
	hearer_of(h)->last = error->err;
}

static void say_goodbye(struct reed_dgram_handler *h)
{
	hearer_of(h)->goodbyes++;
	reed_dgram_finish(h, REED_ECANCELED);
}

static void hearer_free(struct reed_dgram_handler *h)
{
	*hearer_of(h)->freed = true;
	reed_free(hearer_of(h));
}

static const struct reed_dgram_handler_ops hearer_ops = { .datagrams = hear,
	                                                  .error = hear_error,
	                                                  .interrupted = say_goodbye,
	                                                  .free = hearer_free };

static bool freed;

static struct hearer *attach(struct reed_dgram **d, struct owner *session)
{
	struct hearer *self = reed_alloc(sizeof(*self));

	freed = false;
	self->handler.ops = &hearer_ops;
	self->freed = &freed;
	own(session, reed_dgram_attach(*d, &self->handler));
	*d = NULL;
	return self;
}

/* us is taken by a session: who speaks to us needs to know where we were. */
static struct reed_address at;

static struct hearer *attach_us(struct owner *session)
{
	at = *address_of(us);
	return attach(&us, session);
}

static void tell_us(const char *text)
{
	check_int(reed_dgram_send(them, reed_dgram_connected(them) ? NULL : &at,
	                          reed_slice_of(text)),
	          REED_OK);
}

/* ---- push ---- */

static void a_handler_is_shown_what_comes_and_answers(void)
{
	struct owner session;
	struct hearer *h = attach_us(&session);

	h->echoes = true;
	for (int i = 0; i < 3; i++) {
		tell_us("ping");
		check_int(ends_as(reed_dgram_receive(them, &got)), REED_OK);
		check_slice(got.data, "ping");
	}
	check_int(h->heard, 3);
	disown(&session);
	check(freed);
}

static void many_come_in_few_calls(void)
{
	struct owner session;
	struct hearer *h = attach_us(&session);

	for (int i = 0; i < 40; i++)
		tell_us("0123456789");
	until(h->heard == 40);
	check(h->calls <= 40 && h->bytes == 400);
	disown(&session);
}

static void a_session_ends_from_within_and_frees_itself_once(void)
{
	struct owner session;
	struct hearer *h = attach_us(&session);

	h->finishes = true;
	tell_us("x");
	tell_us("y");
	until(session.told);
	check_int(session.err, REED_OK);
	check(freed);
}

static void an_interrupted_session_says_goodbye(void)
{
	struct owner session;

	attach_us(&session);
	quiet();
	reed_interrupt(session.waiter.future);
	until(session.told);
	check_int(session.err, REED_ECANCELED);
	check(freed);
}

static void one_held_back_is_shown_nothing_until_it_goes_on(void)
{
	struct owner session;
	struct hearer *h = attach_us(&session);

	reed_dgram_hold_back(&h->handler);
	tell_us("x");
	quiet();
	check_int(h->heard, 0);
	check(turns_of_a_while() <= 6);
	reed_dgram_go_on(&h->handler);
	until(h->heard == 1);
	disown(&session);
}

/* ---- the queue ---- */

static void a_full_queue_drops_counts_and_says_so(void)
{
	int taken = 0;

	close_pair();
	options.queue = 4000;
	make_pair();
	while (send_slice(them, pattern(100)) == REED_OK)
		taken++;
	check(taken > 5 && taken < 40);
	check_int(send_slice(them, pattern(100)), REED_EOVERFLOW);
	check_int(them->stats.dropped, 2);
	for (int i = 0; i < taken; i++)
		check_int(ends_as(reed_dgram_receive(us, &got)), REED_OK);
	check_int(them->stats.sent, (uint64_t)taken);
	check_int(send_slice(them, pattern(100)), REED_OK);
}

static void who_drains_loses_nothing(void)
{
	struct owner session;
	struct hearer *h;
	size_t sent = 0;

	close_pair();
	options.queue = 4000;
	make_pair();
	h = attach_us(&session);
	while (sent < 500) {
		while (sent < 500 && reed_dgram_send(them, reed_dgram_connected(them) ? NULL : &at,
		                                     pattern(50)) == REED_OK)
			sent++;
		check_int(ends_as(reed_dgram_drain(them)), REED_OK);
		check(them->queued <= 1000);
	}
	until(h->heard == 500);
	disown(&session);
}

static void what_a_turn_sends_leaves_together(void)
{
	for (int i = 0; i < 40; i++)
		say(them, "x");
	check_int(them->stats.calls_out, 0);
	for (int i = 0; i < 40; i++)
		hears(us, "x");
	check(them->stats.calls_out <= (us->local.family == REED_FAMILY_UNIX ? 8 : 2));
}

static void a_datagram_to_another_family_is_refused(void)
{
	struct reed_address other = { .family = REED_FAMILY_UNIX, .path = "@nobody" };

	if (kind->family == REED_FAMILY_UNIX)
		other = (struct reed_address){ .family = REED_FAMILY_IPV4, .port = 1 };
	check_int(reed_dgram_send(us, &other, REED_STR("x")), REED_EINVAL);
	check_int(us->queued, 0);
}

/* ---- errors ---- */

static void nobody_there_is_a_value_and_the_socket_lives(void)
{
	struct reed_address to = *address_of(us);
	struct reed_dgram_error error;
	struct owner o;

#ifdef REED_POSIX_ONLY
	if (!sim && kind->family != REED_FAMILY_UNIX && !reed_dgram_connected(them))
		return; /* POSIX has no way to tell it */
#endif
	reed_dgram_close(us);
	us = NULL;
	own(&o, reed_dgram_wait(them));
	check_int(reed_dgram_send(them, reed_dgram_connected(them) ? NULL : &to, REED_STR("x")),
	          REED_OK);
	until(o.told);
	check_int(o.err, REED_OK);
	check(!reed_dgram_next(them, &got));
	check(reed_dgram_take_error(them, &error));
	check_int(error.err, kind->at[0] == 'p' ? REED_ENOENT : REED_EREFUSED);
	check_int(error.to.port, to.port);
	check(!reed_dgram_take_error(them, &error));
	own(&o, reed_dgram_wait(them));
	check(turns_of_a_while() <= 8);
	check(!o.told);
	disown(&o);
}

static void an_error_of_the_peer_ends_a_receive_and_not_the_socket(void)
{
	if (!reed_dgram_connected(them))
		return;
	reed_dgram_close(us);
	us = NULL;
	check_int(reed_dgram_send(them, NULL, REED_STR("x")), REED_OK);
	check_int(outcome(reed_dgram_receive(them, &got)), REED_EREFUSED);
	check_int(reed_dgram_send(them, NULL, REED_STR("x")), REED_OK);
	check_int(outcome(reed_dgram_receive(them, &got)), REED_EREFUSED);
	hears_nothing(them);
}

static void errors_that_nobody_takes_are_bounded_and_take_no_turns(void)
{
	struct reed_address to = *address_of(us);
	struct reed_dgram_error error;
	struct owner o;
	int n = 0;

	reed_dgram_close(us);
	us = NULL;
	own(&o, reed_forever(loop));
	for (int i = 0; i < 40; i++) {
		reed_dgram_send(them, reed_dgram_connected(them) ? NULL : &to, REED_STR("x"));
		reed_drop(reed_dgram_wait(them));
		quiet();
	}
	check(turns_of_a_while() <= 8);
	while (reed_dgram_take_error(them, &error))
		n++;
	check(n <= REED_DGRAM_ERRORS);
	disown(&o);
}

/* ---- fairness ---- */

static void a_flood_leaves_room_for_others(void)
{
	struct owner session;
	struct hearer *h = attach_us(&session);
	int slept = 0;

	h->echoes = true;
	for (int i = 0; i < 50; i++) {
		for (int j = 0; j < 100; j++)
			reed_dgram_send(them, reed_dgram_connected(them) ? NULL : &at, pattern(20));
		check_int(ends_as(reed_yield(loop)), REED_OK);
		slept++;
		while (reed_dgram_next(them, &got))
			continue;
	}
	check_int(slept, 50);
	check(h->heard <= (size_t)(slept + 2) * REED_DGRAM_BATCH * 3);
	disown(&session);
}

void dgram_push(void)
{
	count_memory();
	RUN_OVER_EACH(a_handler_is_shown_what_comes_and_answers);
	RUN_OVER_EACH(many_come_in_few_calls);
	RUN_OVER_EACH(a_session_ends_from_within_and_frees_itself_once);
	RUN_OVER_EACH(an_interrupted_session_says_goodbye);
	RUN_OVER_EACH(one_held_back_is_shown_nothing_until_it_goes_on);

	RUN_OVER_EACH(a_full_queue_drops_counts_and_says_so);
	RUN_OVER_EACH(who_drains_loses_nothing);
	RUN_OVER_EACH(what_a_turn_sends_leaves_together);
	RUN_OVER_EACH(a_datagram_to_another_family_is_refused);

	RUN_OVER_EACH(nobody_there_is_a_value_and_the_socket_lives);
	RUN_OVER_EACH(an_error_of_the_peer_ends_a_receive_and_not_the_socket);
	RUN_OVER_EACH(errors_that_nobody_takes_are_bounded_and_take_no_turns);

	RUN_OVER_EACH(a_flood_leaves_room_for_others);
}
