/*
 * Figures for reed top: a line each, a word and its values between tabs.
 *
 *	process NAME PID UPTIME CPU_NS RSS TURNS WAKES TASKS BYTES_IN BYTES_OUT RECORDS DROPPED
 *	service DEPTH NAME STATE AGE STATUS
 *	conn NUMBER SERVICE DOOR PEER SECURE AGE IN OUT ACCOUNT NOTE
 *	conns COUNT
 *	blame NS TIMES LONGEST_NS NAME PLACE
 *
 * Each loop tells of itself, with "loop TURNS WAKES TASKS BYTES_IN BYTES_OUT" in front;
 * the first adds them up.
 */

#include "control.h"

#include "crew.h"
#include "daemon_private.h"
#include "service_private.h"

#include "reed/alloc.h"
#include "reed/blame.h"
#include "reed/log.h"
#include "reed/stream.h"

enum { CONNS = 500, BLAMED = 40 };

struct walk {
	struct daemon *daemon;
	struct reed_buf *out;
	size_t count;
};

static double seconds(int64_t ns)
{
	return (double)ns / 1e9;
}

static void add_service(struct reed_buf *out, const struct reed_service *self, int depth)
{
	const struct service *s = reed_service_inner(self);
	struct reed_service *child;

	reed_buf_printf(out, "service\t%d\t%s\t%s\t%.1f\t", depth, self->name,
	                reed_service_state_name((enum reed_service_state)self->condition.value),
	                seconds(reed_now(self->loop) - s->since));
	reed_control_add_shown(out, s->err ? reed_fault_why(s->fault, s->err) : s->status);
	reed_buf_add_char(out, '\n');
	for (size_t n = 0; (child = reed_service_child(self, n)); n++)
		add_service(out, child, depth + 1);
}

static bool add_conn(void *arg, const struct reed_service *service, const struct reed_conn *conn)
{
	struct walk *self = arg;
	struct reed_stream_facts facts = { .size = sizeof(facts) };
	char peer[REED_ADDRESS_TEXT] = "-";

	if (self->count++ >= CONNS)
		return true;
	if (conn->stream) {
		reed_stream_facts(conn->stream, &facts);
		reed_address_text(&facts.peer, peer);
	}
	reed_buf_printf(self->out, "conn\t%ju\t%s\t%s\t%s\t%d\t%.1f\t%ju\t%ju\t",
	                (uintmax_t)(conn->stream ? conn->stream->number : 0), service->name,
	                conn->door ? conn->door : "-", peer, facts.secure,
	                seconds(reed_now(self->daemon->loop) - conn->since),
	                (uintmax_t)(conn->stream ? conn->stream->bytes_in : 0),
	                (uintmax_t)(conn->stream ? conn->stream->bytes_out : 0));
	reed_control_add_shown(self->out, conn->account ? conn->account : "");
	reed_buf_add_char(self->out, '\t');
	reed_control_add_shown(self->out, conn->note ? conn->note : "");
	reed_buf_add_char(self->out, '\n');
	return true;
}

static void add_blame(struct daemon *d, struct reed_buf *out)
{
	struct reed_blamed list[BLAMED];
	size_t n = reed_blame_list(d->loop, list, BLAMED);

	for (size_t i = 0; i < n; i++) {
		reed_buf_printf(out, "blame\t%jd\t%ju\t%jd\t%s\t", (intmax_t)list[i].ns,
		                (uintmax_t)list[i].times, (intmax_t)list[i].longest_ns,
		                list[i].name);
		if (list[i].file)
			reed_buf_printf(out, "%s:%d", list[i].file, list[i].line);
		reed_buf_add_char(out, '\n');
	}
}

void reed_control_top_of_loop(struct daemon *d, struct reed_buf *out)
{
	struct reed_loop_stats stats = { .size = sizeof(stats) };
	struct walk walk = { .daemon = d, .out = out };

	reed_loop_stats(d->loop, &stats);
	reed_buf_printf(out, "loop\t%ju\t%ju\t%zu\t%ju\t%ju\n", (uintmax_t)stats.turns,
	                (uintmax_t)stats.wakes, stats.tasks, (uintmax_t)stats.bytes_in,
	                (uintmax_t)stats.bytes_out);
	reed_control_each_conn(d, add_conn, &walk);
	reed_buf_printf(out, "conns\t%zu\n", walk.count);
	add_blame(d, out);
}

/* ---- of all loops ---- */

struct blame_sum {
	struct reed_slice name, place; /* of its longest stretch */
	uint64_t ns, times, longest;
};

struct sums {
	uint64_t of_loops[5]; /* as they stand behind "loop" */
	uint64_t conns;
	size_t shown; /* of them */
	struct reed_buf shown_lines;
	struct blame_sum *blamed;
	size_t blamed_count;
};

static uint64_t next_number(struct reed_slice *line)
{
	uint64_t number = 0;

	reed_slice_u64(reed_slice_cut(line, '\t'), UINT64_MAX, &number);
	return number;
}

static struct blame_sum *blame_of(struct sums *self, struct reed_slice name)
{
	for (size_t i = 0; i < self->blamed_count; i++)
		if (reed_slice_eq(self->blamed[i].name, name))
			return &self->blamed[i];
	self->blamed[self->blamed_count] = (struct blame_sum){ .name = name };
	return &self->blamed[self->blamed_count++];
}

static void sum_blame(struct sums *self, struct reed_slice line)
{
	uint64_t ns = next_number(&line), times = next_number(&line);
	uint64_t longest = next_number(&line);
	struct blame_sum *sum = blame_of(self, reed_slice_cut(&line, '\t'));

	sum->ns += ns;
	sum->times += times;
	if (longest < sum->longest)
		return;
	sum->longest = longest;
	sum->place = line;
}

static void sum_line(struct sums *self, struct reed_slice line)
{
	struct reed_slice rest = line, word = reed_slice_cut(&rest, '\t');

	if (reed_slice_is(word, "conns")) {
		self->conns += next_number(&rest);
	} else if (reed_slice_is(word, "blame")) {
		sum_blame(self, rest);
	} else if (reed_slice_is(word, "loop")) {
		for (size_t i = 0; i < REED_COUNT(self->of_loops); i++)
			self->of_loops[i] += next_number(&rest);
	} else if (self->shown++ < CONNS) {
		reed_buf_printf(&self->shown_lines, REED_FMT "\n", REED_ARG(line));
	}
}

static void sum_lines(struct sums *self, const struct reed_buf *text)
{
	struct reed_slice rest = reed_buf_slice(text);

	while (rest.n > 0)
		sum_line(self, reed_slice_cut(&rest, '\n'));
}

static void add_process(struct daemon *d, const struct sums *sums, struct reed_buf *out)
{
	struct reed_log_stats log = { .size = sizeof(log) };
	uint64_t records = 0;

	reed_log_stats(reed_log_of(d->loop), &log);
	for (int i = 0; i <= REED_LOG_CRITICAL; i++)
		records += log.records[i];
	reed_buf_add_str(out, "process\t");
	reed_control_add_shown(out, d->name);
	reed_buf_printf(out, "\t%d\t%.3f\t%jd\t%ju", reed_own_pid(),
	                seconds(reed_now(d->loop) - d->started), (intmax_t)reed_own_cpu(),
	                (uintmax_t)reed_own_memory());
	for (size_t i = 0; i < REED_COUNT(sums->of_loops); i++)
		reed_buf_printf(out, "\t%ju", (uintmax_t)sums->of_loops[i]);
	reed_buf_printf(out, "\t%ju\t%ju\n", (uintmax_t)records, (uintmax_t)log.dropped);
}

static void add_sums(const struct sums *self, struct reed_buf *out)
{
	reed_buf_add(out, reed_buf_slice(&self->shown_lines));
	reed_buf_printf(out, "conns\t%ju\n", (uintmax_t)self->conns);
	for (size_t i = 0; i < self->blamed_count; i++) {
		const struct blame_sum *sum = &self->blamed[i];

		reed_buf_printf(out, "blame\t%ju\t%ju\t%ju\t" REED_FMT "\t" REED_FMT "\n",
		                (uintmax_t)sum->ns, (uintmax_t)sum->times, (uintmax_t)sum->longest,
		                REED_ARG(sum->name), REED_ARG(sum->place));
	}
}

/* What this loop has is read as what the others say is. */
void reed_control_top(struct daemon *d, const struct crew_replies *others, struct reed_buf *out)
{
	size_t loops = 1 + (others ? others->count : 0);
	struct reed_buf own = { .limit = 0 };
	struct sums sums = { .blamed = reed_alloc(loops * BLAMED * sizeof(*sums.blamed)) };

	reed_control_top_of_loop(d, &own);
	sum_lines(&sums, &own);
	for (size_t i = 0; i + 1 < loops; i++)
		sum_lines(&sums, &others->all[i].text);
	add_process(d, &sums, out);
	if (d->root)
		add_service(out, d->root, 0);
	add_sums(&sums, out);
	reed_free(sums.blamed);
	reed_buf_finish(&sums.shown_lines);
	reed_buf_finish(&own);
}
