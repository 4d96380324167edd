/*
 * Figures for reed top: a line each, a word and its values between tabs.
 *
 *	process NAME PID UPTIME CPU_NS RSS TURNS WAKES TASKS BYTES_IN BYTES_OUT RECORDS DROPPED
 *	service DEPTH NAME STATE AGE STATUS
 *	conn NUMBER SERVICE DOOR PEER SECURE AGE IN OUT ACCOUNT NOTE
 *	conns COUNT
 *	blame NS TIMES LONGEST_NS NAME PLACE
 */

#include "control.h"

#include "daemon_private.h"
#include "service_private.h"

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

static void add_process(struct daemon *d, struct reed_buf *out)
{
	struct reed_loop_stats loop = { .size = sizeof(loop) };
	struct reed_log_stats log = { .size = sizeof(log) };
	uint64_t records = 0;

	reed_loop_stats(d->loop, &loop);
	reed_log_stats(reed_log_of(d->loop), &log);
	for (int i = 0; i <= REED_LOG_CRITICAL; i++)
		records += log.records[i];
	reed_buf_add_str(out, "process\t");
	reed_control_add_shown(out, d->name);
	reed_buf_printf(out, "\t%d\t%.3f\t%jd\t%ju\t%ju\t%ju\t%zu\t%ju\t%ju\t%ju\t%ju\n",
	                reed_own_pid(), seconds(reed_now(d->loop) - d->started),
	                (intmax_t)reed_own_cpu(), (uintmax_t)reed_own_memory(),
	                (uintmax_t)loop.turns, (uintmax_t)loop.wakes, loop.tasks,
	                (uintmax_t)loop.bytes_in, (uintmax_t)loop.bytes_out, (uintmax_t)records,
	                (uintmax_t)log.dropped);
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

void reed_control_top(struct daemon *d, struct reed_buf *out)
{
	struct walk walk = { .daemon = d, .out = out };

	add_process(d, out);
	if (d->root)
		add_service(out, d->root, 0);
	reed_control_each_conn(d, add_conn, &walk);
	reed_buf_printf(out, "conns\t%zu\n", walk.count);
	add_blame(d, out);
}
