#include "tests/conformance/stream.h"

const struct kind *kind;
struct reed_stream *them, *us;
struct reed_slice got;

const struct reed_stream_limits small_limits = {
	.size = sizeof(small_limits),
	.input = 64,
	.output = 400,
	.high = 200,
	.low = 50,
	.linger_ms = 200,
};

static struct reed_sim *sim; /* NULL: the loop is of the system */

/* ---- one test over one kind ---- */

const struct suite suites[] = {
	{ "stream_end", stream_end },         { "stream_frame", stream_frame },
	{ "stream_pull", stream_pull },       { "stream_push", stream_push },
	{ "stream_session", stream_session }, { "stream_source", stream_source },
	{ "stream_write", stream_write },     { NULL, NULL },
};

size_t for_watches(size_t n)
{
	return n * watch_cost();
}

static void begin(void)
{
	if (kind->world) {
		sim = reed_sim_new(kind->world);
		loop = reed_sim_host(sim, "host");
	} else {
		loop = open_loop();
	}
}

/* On a busy machine a peer is slow, and not because it would not listen: that has its own tests. */
static const struct reed_stream_limits patient_limits = {
	.size = sizeof(patient_limits),
	.input = 1 << 20,
	.output = 4 << 20,
	.high = 64 << 10,
	.low = 16 << 10,
	.linger_ms = 60000,
};

static bool try_pair(struct reed_stream **one, struct reed_stream **other)
{
	if (!kind->make(loop, one, other))
		return false;
	(*one)->limits = (*other)->limits = &patient_limits;
	return true;
}

void make_pair(struct reed_stream **one, struct reed_stream **other)
{
	check(try_pair(one, other));
}

void free_loop(void)
{
	if (sim)
		reed_sim_free(sim);
	else
		close_loop(loop);
	sim = NULL;
}

/* What a test left open goes without a word; then nothing may be left. */
static void clean_up(void)
{
	reed_abort(them);
	reed_abort(us);
	them = us = NULL;
	until_nothing_is_left();
	free_loop();
	check_int(memory.live, 0);
}

void over_each_kind(void (*test)(void), const char *name)
{
	bool simulated = strcmp(loops_of, "sim") == 0;
	const struct kind *first = simulated ? simulated_kinds : kinds;
	size_t count = simulated        ? simulated_kind_count
	               : of_few_kinds() ? few_kind_count
	                                : kind_count;

	for (kind = first; kind < first + count; kind++) {
		if (!is_mine(kind->name, name))
			continue;
		begin();
		if (try_pair(&them, &us)) {
			test();
			clean_up();
		} else {
			free_loop();
		}
	}
}

/* ---- short words ---- */

void say(struct reed_stream *s, const char *text)
{
	reed_write_str(s, text);
}

void shut(struct reed_stream **s)
{
	reed_close(*s);
	*s = NULL;
}

void cut(struct reed_stream **s)
{
	reed_abort(*s);
	*s = NULL;
}

enum reed_err ends_as(struct reed_future *f)
{
	struct owner o;

	own(&o, f);
	until(o.told);
	return o.err;
}

void hears_line(struct reed_stream *s, const char *line)
{
	check_int(ends_as(reed_read_line(s, &got)), REED_OK);
	check_slice(got, line);
}

void hears(struct reed_stream *s, const char *bytes)
{
	check_int(ends_as(reed_read_exactly(s, strlen(bytes), &got)), REED_OK);
	check_slice(got, bytes);
}

void hears_end(struct reed_stream *s)
{
	check_int(reed_peek(s).n, 0);
	check_int(ends_as(reed_more(s)), REED_EEOF);
}

/* ---- a pattern ---- */

static char patterned(size_t i)
{
	return (char)(i * 31 + (i >> 8) * 7 + (i >> 16));
}

struct reed_slice pattern(size_t at, size_t n)
{
	static char bytes[1 << 20];

	check(n <= sizeof(bytes));
	for (size_t i = 0; i < n; i++)
		bytes[i] = patterned(at + i);
	return reed_slice(bytes, n);
}

void hears_pattern(struct reed_stream *s, size_t n, size_t *at)
{
	struct reed_slice part;

	while (n > 0) {
		if (reed_peek(s).n == 0)
			check_int(ends_as(reed_more(s)), REED_OK);
		part = reed_slice_first(reed_peek(s), n);
		check(reed_slice_eq(part, pattern(*at, part.n)));
		reed_skip(s, part.n);
		*at += part.n;
		n -= part.n;
	}
}

/* Until neither the kind nor the system below it takes any more. */
void fill_up(struct reed_stream *s, size_t *at)
{
	while (!reed_must_drain(s)) {
		while (!reed_must_drain(s)) {
			reed_write(s, pattern(*at, 3001));
			*at += 3001;
			turn_loop(loop, 0);
		}
		quiet();
	}
}

/* ---- counting writes ---- */

size_t ration;

static const struct reed_stream_ops *true_ops;
static struct reed_stream_ops counting_ops;
static int writes;

static ssize_t counted_write(struct reed_stream *s, const struct iovec *iov, int count)
{
	struct iovec part[65];
	size_t left = ration;
	ssize_t n;
	int i;

	writes++;
	check(count > 0 && count <= 65);
	for (i = 0; i < count && left > 0; i++) {
		check(iov[i].iov_len > 0);
		part[i] = iov[i];
		if (part[i].iov_len > left)
			part[i].iov_len = left;
		left -= part[i].iov_len;
	}
	if (i == 0)
		return REED_EAGAIN;
	n = true_ops->write(s, part, i);
	ration -= n > 0 ? (size_t)n : 0;
	return n;
}

void count_writes(struct reed_stream *s)
{
	true_ops = s->ops;
	counting_ops = *true_ops;
	counting_ops.write = counted_write;
	s->ops = &counting_ops;
	writes = 0;
	ration = SIZE_MAX;
}

int writes_counted(void)
{
	int n = writes;

	writes = 0;
	return n;
}
