/* One listener of several. */

#include "reed/listener.h"

#include "tests/core/tools.h"

/* ---- a listener that does what it is told ---- */

struct fake {
	struct reed_listener listener;
	int here;           /* connections that wait */
	enum reed_err then; /* what is said when there is none */
	bool wanted;
	int *closed;
};

static struct fake *fake_of(struct reed_listener *l)
{
	return reed_container_of(l, struct fake, listener);
}

static enum reed_err fake_accept(struct reed_listener *l, struct reed_stream **stream)
{
	struct fake *self = fake_of(l);
	struct reed_stream *peer;

	if (self->here == 0) {
		if (self->then == REED_EIO)
			l->fault = reed_fault(REED_EIO, NULL, "struck by lightning");
		return self->then;
	}
	self->here--;
	reed_stream_pair(l->loop, 0, stream, &peer);
	reed_write_str(peer, l->address.path);
	reed_close(peer);
	return REED_OK;
}

static void fake_want(struct reed_listener *l, bool wanted)
{
	check(fake_of(l)->wanted != wanted);
	fake_of(l)->wanted = wanted;
	if (wanted && (fake_of(l)->here > 0 || fake_of(l)->then != REED_EAGAIN))
		reed_listener_ready(l);
}

static void fake_close(struct reed_listener *l)
{
	++*fake_of(l)->closed;
}

static struct fake *fake(const char *name, int here, int *closed)
{
	static const struct reed_listener_ops ops = {
		.name = "fake",
		.accept = fake_accept,
		.want = fake_want,
		.close = fake_close,
	};
	struct fake *self = reed_alloc(sizeof(*self));

	reed_listener_init(&self->listener, loop, &ops);
	snprintf(self->listener.address.path, sizeof(self->listener.address.path), "%s", name);
	self->here = here;
	self->then = REED_EAGAIN;
	self->closed = closed;
	return self;
}

/* Somebody comes. */
static void arrive(struct fake *self)
{
	self->here++;
	if (self->wanted)
		reed_listener_ready(&self->listener);
}

static struct fake *a, *b;
static int closed;

static struct reed_listener *two(int at_a, int at_b)
{
	closed = 0;
	a = fake("a", at_a, &closed);
	b = fake("b", at_b, &closed);
	return reed_listener_join((struct reed_listener *[]){ &a->listener, &b->listener }, 2);
}

/* The name of whom the next connection came from. */
static char accepted(struct reed_listener *l)
{
	struct reed_stream *s;
	struct reed_slice name;
	char c;

	check_int(outcome(reed_accept(l, &s)), REED_OK);
	check_int(outcome(reed_read_exactly(s, 1, &name)), REED_OK);
	c = name.p[0];
	reed_abort(s);
	return c;
}

/* ---- promises ---- */

static void it_accepts_from_any(void)
{
	struct reed_listener *l = two(0, 0);
	struct reed_stream *s;
	struct owner o;

	own(&o, reed_accept(l, &s));
	run();
	check(!o.told);
	arrive(b);
	run();
	check_int(o.told, 1);
	check_int(o.err, REED_OK);
	reed_abort(s);
	arrive(a);
	check_int(accepted(l), 'a');
	check_int(a->listener.accepted, 1);
	check_int(b->listener.accepted, 1);
	check_int(l->accepted, 2);
	reed_listener_close(l);
	check_int(closed, 2);
}

static void they_take_turns(void)
{
	struct reed_listener *l = two(3, 2);
	char got[6] = { 0 };

	for (int i = 0; i < 5; i++)
		got[i] = accepted(l);
	check_str(got, "ababa");
	reed_listener_close(l);
}

static void its_address_is_that_of_the_first(void)
{
	struct reed_listener *l = two(0, 0);

	check_str(l->address.path, "a");
	reed_listener_close(l);
}

static void a_dropped_accept_has_accepted_nothing(void)
{
	struct reed_listener *l = two(1, 1);
	struct reed_stream *s;
	struct owner o;

	own(&o, reed_accept(l, &s));
	disown(&o);
	check_int(a->here, 1);
	check_int(b->here, 1);
	check_int(accepted(l), 'a');
	check_int(accepted(l), 'b');
	reed_listener_close(l);
}

static void without_anybody_to_accept_nobody_is_wanted(void)
{
	struct reed_listener *l = two(0, 0);
	struct reed_stream *s;
	struct owner o;

	check(!a->wanted && !b->wanted);
	own(&o, reed_accept(l, &s));
	check(a->wanted && b->wanted);
	disown(&o);
	arrive(a);
	check(!a->wanted && !b->wanted);
	check_int(a->here, 1);
	reed_listener_close(l);
}

static void it_ends_when_all_have(void)
{
	struct reed_listener *l = two(1, 0);
	struct reed_stream *s;
	struct owner o;

	a->then = REED_EEOF;
	check_int(accepted(l), 'a');
	own(&o, reed_accept(l, &s));
	run();
	check(!o.told);
	b->then = REED_EEOF;
	reed_listener_ready(&b->listener);
	run();
	check_int(o.err, REED_EEOF);
	reed_listener_close(l);
	check_int(closed, 2);
}

static void what_breaks_one_breaks_it(void)
{
	struct reed_listener *l = two(0, 0);
	struct reed_stream *s;

	b->then = REED_EIO;
	check_int(outcome(reed_accept(l, &s)), REED_EIO);
	check(why_is("struck by lightning"));
	reed_listener_close(l);
}

static void out_of_descriptors_it_rests(void)
{
	struct reed_listener *l = two(0, 0);
	struct reed_stream *s;
	struct owner o;

	a->then = REED_EMFILE;
	own(&o, reed_accept(l, &s));
	turns(2);
	check(!o.told);
	check(!a->wanted && !b->wanted);
	a->then = REED_EAGAIN;
	b->here++;
	run();
	check_int(o.err, REED_OK);
	reed_abort(s);
	reed_listener_close(l);
}

static void it_can_be_part_of_another(void)
{
	struct reed_listener *inner = two(1, 1);
	struct fake *c = fake("c", 1, &closed);
	struct reed_listener *l =
		reed_listener_join((struct reed_listener *[]){ inner, &c->listener }, 2);

	check_int(accepted(l), 'a');
	check_int(accepted(l), 'c');
	check_int(accepted(l), 'b');
	reed_listener_close(l);
	check_int(closed, 3);
}

static void closing_it_tells_who_accepts(void)
{
	struct reed_listener *l = two(0, 0);
	struct reed_stream *s;
	struct owner o;

	own(&o, reed_accept(l, &s));
	reed_listener_close(l);
	check_int(closed, 2);
	run();
	check_int(o.err, REED_ECANCELED);
}

static int sessions;

static struct reed_future *session(void *arg, struct reed_stream *stream)
{
	(void)arg;
	sessions++;
	reed_abort(stream);
	return reed_sleep(loop, 10);
}

static void a_server_serves_all_of_them(void)
{
	struct reed_listener *l = two(2, 3);
	struct reed_serve_options options = REED_SERVE_OPTIONS;
	struct owner o;

	options.sessions = 2;
	a->then = b->then = REED_EEOF;
	own(&o, reed_serve(l, session, NULL, &options));
	run();
	check_int(o.told, 1);
	check_int(o.err, REED_OK);
	check_int(sessions, 5);
	check_int(closed, 2);
}

int main(void)
{
	lab_open();
	RUN(it_accepts_from_any);
	RUN(they_take_turns);
	RUN(its_address_is_that_of_the_first);
	RUN(a_dropped_accept_has_accepted_nothing);
	RUN(without_anybody_to_accept_nobody_is_wanted);
	RUN(it_ends_when_all_have);
	RUN(what_breaks_one_breaks_it);
	RUN(out_of_descriptors_it_rests);
	RUN(it_can_be_part_of_another);
	RUN(closing_it_tells_who_accepts);
	RUN(a_server_serves_all_of_them);
	lab_close();
	return 0;
}
