/* Logs of traffic: streams that pass, and what they write about it. */

#include "reed/traffic.h"

#include <string.h>
#include <time.h>

#include "log_private.h"
#include "pass.h"
#include "reed/random.h"

enum { COLUMNS = 16 };

struct reed_traffic {
	struct reed_list link; /* of the loop */
	struct reed_last finish;
	struct reed_loop *loop;
	size_t holders; /* the loop, until its end, and streams, which may be let go after that */
	struct reed_log_writer *writer;
	char *path; /* NULL: standard error */
	uint64_t streams;
	struct reed_buf line;
};

struct logged {
	struct reed_pass pass;
	struct reed_traffic *traffic;
	uint64_t number, at[2];
	char peer[REED_ADDRESS_TEXT];
};

static struct logged *logged_of(struct reed_pass *pass)
{
	return reed_container_of(pass, struct logged, pass);
}

/* ---- records ---- */

static void begin_record(struct logged *self, char sign)
{
	int64_t wall = reed_wall(self->traffic->loop);
	time_t seconds = (time_t)(wall / REED_S(1));
	struct reed_buf *out = &self->traffic->line;
	char text[32];
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	reed_buf_clear(out);
	reed_buf_printf(out, "%s.%06dZ %ju %s %c ", text, (int)(wall / 1000 % 1000000),
	                (uintmax_t)self->number, self->peer, sign);
}

/* Nothing of a record is taken for its time, so that none is like another and folded. */
static void end_record(struct logged *self)
{
	struct reed_traffic *t = self->traffic;

	reed_log_writer_line(t->writer, t->loop->now, reed_buf_slice(&t->line), 0);
}

enum { OFFSET = 8, TEXT = OFFSET + 3 * COLUMNS + 2, ROW = TEXT + COLUMNS + 1 };

static void put_hex(char *out, unsigned value, int count)
{
	for (; count > 0; value >>= 4)
		out[--count] = "0123456789abcdef"[value & 15];
}

/* "  0010  4e 49 43 4b 20 61 6c 69  63 65 0d 0a              NICK alice..", and a newline */
static void add_row(struct reed_buf *out, unsigned at, struct reed_slice bytes)
{
	char row[ROW];

	memset(row, ' ', sizeof(row));
	put_hex(row + 2, at, 4);
	for (size_t i = 0; i < bytes.n; i++) {
		unsigned char c = (unsigned char)bytes.p[i];

		put_hex(row + OFFSET + 3 * i + (i >= COLUMNS / 2), c, 2);
		row[TEXT + i] = (char)(c >= ' ' && c < 127 ? c : '.');
	}
	row[TEXT + bytes.n] = '\n';
	reed_buf_add(out, reed_slice(row, TEXT + bytes.n + 1));
}

static void logged_went(struct reed_pass *pass, enum reed_way way, struct reed_slice bytes)
{
	struct logged *self = logged_of(pass);
	struct reed_buf *out = &self->traffic->line;
	struct reed_slice shown = reed_slice_first(bytes, REED_TRAFFIC_PIECE);

	begin_record(self, way == REED_OUT ? '>' : '<');
	reed_buf_printf(out, "%zu bytes from %ju%s\n", bytes.n, (uintmax_t)self->at[way],
	                shown.n < bytes.n ? ", of which these are the first" : "");
	for (size_t i = 0; i < shown.n; i += COLUMNS)
		add_row(out, (unsigned)i, reed_slice_first(reed_slice_from(shown, i), COLUMNS));
	self->at[way] += bytes.n;
	end_record(self);
}

static void logged_ended(struct reed_pass *pass, enum reed_way way, enum reed_err err)
{
	struct logged *self = logged_of(pass);
	const struct reed_fault *fault = pass->below->fault;

	begin_record(self, err == REED_EEOF ? '.' : '!');
	reed_buf_printf(&self->traffic->line, "%s ended after %ju bytes",
	                way == REED_OUT ? "what goes out" : "what comes in",
	                (uintmax_t)self->at[way]);
	if (err != REED_EEOF)
		reed_buf_printf(&self->traffic->line, ": %s", reed_fault_why(fault, err));
	reed_buf_add_char(&self->traffic->line, '\n');
	end_record(self);
}

static void let_go(struct reed_traffic *t)
{
	if (--t->holders > 0)
		return;
	reed_log_writer_free(t->writer);
	reed_buf_finish(&t->line);
	reed_free(t->path);
	reed_free(t);
}

static void logged_free(struct reed_pass *pass)
{
	let_go(logged_of(pass)->traffic);
}

static const struct reed_pass_ops logged_ops = {
	.went = logged_went,
	.ended = logged_ended,
	.free = logged_free,
};

struct reed_stream *reed_traffic_stream(struct reed_stream *below, struct reed_traffic *traffic)
{
	struct reed_stream_facts facts = { .size = sizeof(facts) };
	struct logged *self = reed_alloc(sizeof(*self));

	reed_stream_facts(below, &facts);
	reed_address_text(&facts.peer, self->peer);
	self->traffic = traffic;
	traffic->holders++;
	self->number = ++traffic->streams;
	begin_record(self, '+');
	reed_buf_add_str(&traffic->line, "begins\n");
	end_record(self);
	return reed_pass_init(&self->pass, below, &logged_ops);
}

/* ---- a listener ---- */

static struct reed_stream *map(void *arg, struct reed_stream *below)
{
	return reed_traffic_stream(below, arg);
}

static void map_free(void *arg)
{
	(void)arg; /* the loop's */
}

static const struct reed_map_ops map_ops = { .name = "log", .map = map, .free = map_free };

struct reed_listener *reed_traffic_listener(struct reed_listener *below,
                                            struct reed_traffic *traffic)
{
	return reed_listener_map(below, &map_ops, traffic);
}

/* ---- the log ---- */

static void finish(struct reed_last *last)
{
	let_go(reed_container_of(last, struct reed_traffic, finish));
}

static struct reed_traffic *find(struct reed_loop *loop, const char *path)
{
	reed_list_each (link, &loop->traffics) {
		struct reed_traffic *t = reed_container_of(link, struct reed_traffic, link);

		if (path ? t->path && strcmp(t->path, path) == 0 : !t->path)
			return t;
	}
	return NULL;
}

static enum reed_err open_file(const char *path, int *fd, struct reed_fault **fault)
{
	enum reed_err err;

	*fd = path ? reed_log_os_open(path) : 2;
	if (*fd >= 0)
		return REED_OK;
	err = reed_err_of(errno);
	*fault = reed_fault(err, NULL, "the log of traffic %s cannot be opened: %s", path,
	                    reed_strerror(err));
	return err;
}

enum reed_err reed_traffic_open(struct reed_loop *loop, const struct reed_traffic_options *given,
                                struct reed_traffic **traffic, struct reed_fault **fault)
{
	struct reed_traffic_options o = REED_TRAFFIC_OPTIONS;
	struct reed_log_target target = { .fd = -1 };
	struct reed_traffic *t;
	enum reed_err err;

	if (given)
		memcpy(&o, given, given->size < sizeof(o) ? given->size : sizeof(o));
	*traffic = find(loop, o.path);
	if (*traffic)
		return REED_OK;
	err = open_file(o.path, &target.fd, fault);
	if (err)
		return err;
	*traffic = t = reed_alloc(sizeof(*t));
	t->loop = loop;
	t->holders = 1;
	t->path = reed_strdup(o.path);
	t->writer = reed_log_writer_new(reed_loop_simulated(loop));
	target.path = reed_strdup(o.path);
	target.room = o.room;
	reed_log_writer_switch(t->writer, &target);
	reed_list_append(&loop->traffics, &t->link);
	t->finish.run = finish;
	reed_at_loop_end(loop, &t->finish);
	return REED_OK;
}

void reed_traffic_reopen(struct reed_loop *loop)
{
	reed_list_each (link, &loop->traffics)
		reed_log_writer_reopen(reed_container_of(link, struct reed_traffic, link)->writer);
}

bool reed_traffic_flush(struct reed_traffic *traffic, int64_t ms)
{
	return reed_log_writer_flush(traffic->writer, ms);
}
