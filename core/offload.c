/*
 * Jobs: on their way to a thread and home again.
 *
 * A job belongs to its future until that is freed; what is still running then
 * belongs to the lane and goes when it comes home.  All of this is done in the
 * loop's thread: between a thread and the frame stand the crew's lock on the
 * way out and reed_post() on the way back.
 */

#include "reed/offload.h"

#include <stdlib.h>
#include <string.h>

#include "os_thread.h"
#include "private.h"

enum { THREADS = 4, QUEUED = 1024 };

struct reed_lane {
	struct reed_loop *loop;
	struct reed_list link; /* among the lanes of the loop */
	const char *name;
	unsigned threads;
	size_t limit, count; /* count: of jobs that have not come home */
	uint64_t given;
	struct reed_list under_way;
	struct reed_crew *crew; /* NULL: before the first job, and under simulation */
	struct reed_post gone;
	bool closed;

	/* under simulation: */
	bool ticking;
	struct reed_list queue;
	struct reed_future tick; /* settled: its turn in the ready queue runs one job */
	struct reed_waiter ticker;
	struct reed_timer pace; /* until the next tick, where jobs take time */
	struct reed_job *ran;   /* and is not home yet; NULL: none */
};

struct reed_offload_pool {
	struct reed_lane lane;  /* the pool itself, with more than one thread */
	struct reed_list lanes; /* that one too */
	struct reed_last last;
};

static struct reed_job *job_of(struct reed_future *f)
{
	return reed_container_of(f, struct reed_job, future);
}

static struct reed_job *job_of_task(struct reed_list *task)
{
	return reed_container_of(task, struct reed_job, link);
}

/* ---- the life of a job ---- */

static void job_free(struct reed_job *job)
{
	if (job->kind->end)
		job->kind->end(job);
	reed_fault_free(job->fault);
	reed_free(job);
}

static void job_arrives(struct reed_job *job)
{
	job->away = false;
	job->lane->count--;
	reed_list_remove(&job->under_way);
	reed_loop_release(job->lane->loop);
}

/* Who interrupted it has settled the future already. */
static void job_home(struct reed_job *job)
{
	struct reed_fault *fault = job->fault;

	job_arrives(job);
	if (job->abandoned) {
		job_free(job);
	} else if (!job->future.settled && fault) {
		job->fault = NULL;
		reed_fail_with(&job->future, fault);
	} else if (!job->future.settled) {
		reed_settle(&job->future, job->result);
	}
}

static void job_post(struct reed_post *post)
{
	job_home(reed_container_of(post, struct reed_job, post));
}

static bool withdraw(struct reed_job *job)
{
	if (job->lane->crew)
		return reed_crew_withdraw(job->lane->crew, &job->link);
	if (!job->queued)
		return false;
	reed_list_remove(&job->link);
	job->queued = false;
	return true;
}

static void job_cancel(struct reed_future *f)
{
	struct reed_job *job = job_of(f);

	if (job->away && !job->kind->always && withdraw(job))
		job_arrives(job);
}

static void job_deliver(struct reed_future *f)
{
	if (!f->err && job_of(f)->kind->deliver)
		job_of(f)->kind->deliver(job_of(f));
}

static void job_forget(struct reed_future *f)
{
	if (job_of(f)->away)
		job_of(f)->abandoned = true;
	else
		job_free(job_of(f));
}

static const struct reed_future_kind job_kind = { .name = "job",
	                                          .cancel = job_cancel,
	                                          .deliver = job_deliver,
	                                          .free = job_forget };

void *reed_job_new(struct reed_loop *loop, const struct reed_job_kind *kind)
{
	struct reed_job *job = reed_alloc(kind->size);

	reed_future_init(&job->future, loop, &job_kind);
	job->kind = kind;
	job->post.run = job_post;
	return job;
}

enum reed_err reed_job_fail_at(struct reed_job *job, enum reed_err err, const char *file, int line,
                               const char *format, ...)
{
	va_list args;

	va_start(args, format);
	reed_fault_free(job->fault);
	job->fault = reed_fault_new_v(err, NULL, file, line, format, args);
	va_end(args);
	return err;
}

/* A sentence without a failure is none. */
static void run(struct reed_job *job)
{
	job->result = job->kind->run(job);
	if (job->fault && !job->result) {
		reed_fault_free(job->fault);
		job->fault = NULL;
	}
}

/* ---- in threads ---- */

static void run_in_thread(struct reed_list *task)
{
	struct reed_job *job = job_of_task(task);

	run(job);
	reed_post(job->future.loop, &job->post);
}

static bool *queued_of(struct reed_list *task)
{
	return &job_of_task(task)->queued;
}

static void thread_gone(void *arg)
{
	struct reed_lane *lane = arg;

	reed_post(lane->loop, &lane->gone);
}

static enum reed_err send_to_thread(struct reed_lane *lane, struct reed_job *job)
{
	if (!lane->crew) {
		lane->crew = reed_crew_new(&(struct reed_crew_options){
			.name = lane->name,
			.threads = lane->threads,
			.run = run_in_thread,
			.queued = queued_of,
			.gone = thread_gone,
			.arg = lane,
		});
	}
	return reed_crew_submit(lane->crew, &job->link);
}

/* ---- under simulation ---- */

static const struct reed_future_kind tick_kind;

static bool is_paced(const struct reed_lane *lane)
{
	return lane->ticker.future || reed_timer_running(&lane->pace);
}

static void tick_now(struct reed_timer *t)
{
	struct reed_lane *lane = reed_container_of(t, struct reed_lane, pace);

	reed_future_init(&lane->tick, lane->loop, &tick_kind);
	reed_settle(&lane->tick, REED_OK);
	reed_wait(&lane->tick, &lane->ticker);
}

/* One for a job to run, and where jobs take time another for it to come home. */
static void tick(struct reed_lane *lane)
{
	int64_t ns;

	if (is_paced(lane) || (reed_list_empty(&lane->queue) && !lane->ran))
		return;
	if (reed_sim_job_takes(lane->loop, &ns))
		reed_timer_start(lane->loop, &lane->pace, ns);
	else
		tick_now(&lane->pace);
}

static void lane_free(struct reed_lane *lane);

static struct reed_job *run_next(struct reed_lane *lane)
{
	struct reed_list *task = reed_list_take(&lane->queue);

	if (!task)
		return NULL;
	*queued_of(task) = false;
	run(job_of_task(task));
	return job_of_task(task);
}

static void tick_wake(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	struct reed_lane *lane = reed_container_of(w, struct reed_lane, ticker);
	struct reed_job *job = lane->ran;

	(void)err;
	(void)fault;
	lane->ticking = true;
	if (!job)
		lane->ran = run_next(lane);
	if (job || !reed_sim_job_takes(lane->loop, NULL)) {
		job = lane->ran;
		lane->ran = NULL;
		if (job)
			job_home(job);
	}
	lane->ticking = false;
	tick(lane);
	if (lane->closed && !is_paced(lane))
		lane_free(lane);
}

static void tick_free(struct reed_future *f)
{
	(void)f; /* lives in the lane */
}

static const struct reed_future_kind tick_kind = { .name = "lane", .free = tick_free };

static void send_to_queue(struct reed_lane *lane, struct reed_job *job)
{
	job->queued = true;
	reed_list_append(&lane->queue, &job->link);
	tick(lane);
}

/* ---- lanes ---- */

static void lane_gone(struct reed_post *post)
{
	struct reed_lane *lane = reed_container_of(post, struct reed_lane, gone);

	reed_loop_release(lane->loop);
	lane_free(lane);
}

static void lane_init(struct reed_lane *lane, struct reed_loop *loop, const char *name,
                      unsigned threads, size_t limit)
{
	lane->loop = loop;
	lane->name = name;
	lane->threads = threads;
	lane->limit = limit ? limit : QUEUED;
	lane->gone.run = lane_gone;
	lane->ticker.wake = tick_wake;
	lane->pace.fire = tick_now;
	reed_list_init(&lane->queue);
	reed_list_init(&lane->under_way);
	reed_list_append(&loop->offload->lanes, &lane->link);
}

/* A host that crashes does no more work; what gives memory back is none. */
static void run_rest(struct reed_lane *lane)
{
	struct reed_list *task;

	while ((task = reed_list_take(&lane->queue))) {
		*queued_of(task) = false;
		if (!lane->loop->crashed || job_of_task(task)->kind->always)
			run(job_of_task(task));
	}
}

/* At the end of the loop there may be jobs that nobody waits for any more. */
static void lane_free(struct reed_lane *lane)
{
	struct reed_list *link;

	lane->closed = true; /* an end() of below may close it once more */
	reed_list_remove(&lane->link);
	reed_unwait(lane->loop, &lane->ticker);
	reed_timer_stop(&lane->pace);
	if (lane->crew)
		reed_crew_free(lane->crew);
	run_rest(lane);
	while ((link = reed_list_take(&lane->under_way))) {
		struct reed_job *job = reed_container_of(link, struct reed_job, under_way);

		if (job->abandoned)
			job_free(job);
	}
	if (lane != &lane->loop->offload->lane)
		reed_free(lane);
}

static enum reed_err send(struct reed_lane *lane, struct reed_job *job)
{
	job->lane = lane;
	job->away = true;
	lane->count++;
	lane->given++;
	reed_list_append(&lane->under_way, &job->under_way);
	reed_loop_hold(lane->loop);
	if (!lane->loop->simulated)
		return send_to_thread(lane, job);
	send_to_queue(lane, job);
	return REED_OK;
}

static struct reed_future *give(struct reed_lane *lane, struct reed_job *job)
{
	enum reed_err err = send(lane, job);

	if (err) {
		job_arrives(job);
		reed_fail(&job->future, err, "%s: no thread can be started: %s", lane->name,
		          reed_strerror(err));
	}
	return &job->future;
}

struct reed_future *reed_lane_run(struct reed_lane *lane, struct reed_job *job)
{
	assert(!lane->closed);
	if (lane->count < lane->limit)
		return give(lane, job);
	reed_fail(&job->future, REED_ETOOBIG, "%s: %zu jobs are waiting already", lane->name,
	          lane->count);
	return &job->future;
}

void reed_lane_close(struct reed_lane *lane)
{
	if (!lane || lane->closed)
		return;
	lane->closed = true;
	if (lane->crew) {
		reed_loop_hold(lane->loop);
		reed_crew_close(lane->crew);
	} else if (!is_paced(lane) && !lane->ticking) {
		lane_free(lane);
	}
}

struct reed_future *reed_lane_close_with(struct reed_lane *lane, struct reed_job *last)
{
	struct reed_future *f = give(lane, last);

	reed_lane_close(lane);
	return f;
}

/* ---- the loop's ---- */

/* The system has no say in when a loop ends: what runs is waited for. */
static void pool_end(struct reed_last *last)
{
	struct reed_offload_pool *pool = reed_container_of(last, struct reed_offload_pool, last);
	struct reed_loop *loop = pool->lane.loop;

	while (!reed_list_empty(&pool->lanes))
		lane_free(reed_container_of(pool->lanes.next, struct reed_lane, link));
	loop->offload = NULL;
	reed_free(pool);
}

static struct reed_offload_pool *pool_of(struct reed_loop *loop)
{
	struct reed_offload_pool *pool = loop->offload;

	if (!pool) {
		pool = loop->offload = reed_alloc(sizeof(*pool));
		pool->last.run = pool_end;
		reed_list_init(&pool->lanes);
		lane_init(&pool->lane, loop, "reed-offload", THREADS, QUEUED);
		reed_at_loop_end(loop, &pool->last);
	}
	return pool;
}

struct reed_future *reed_offload(struct reed_job *job)
{
	return reed_lane_run(&pool_of(job->future.loop)->lane, job);
}

struct reed_lane *reed_lane_new(struct reed_loop *loop, const char *name, size_t limit)
{
	struct reed_lane *lane = reed_alloc(sizeof(*lane));

	pool_of(loop);
	lane_init(lane, loop, name, 1, limit);
	return lane;
}

void reed_offload_limits(struct reed_loop *loop, unsigned threads, size_t limit)
{
	struct reed_lane *lane = &pool_of(loop)->lane;

	assert(!lane->crew);
	lane->threads = threads ? threads : THREADS;
	lane->limit = limit ? limit : QUEUED;
}

void reed_offload_stats(const struct reed_loop *loop, struct reed_offload_stats *stats)
{
	struct reed_offload_stats all = { .size = stats->size };

	if (loop->offload) {
		reed_list_each (link, &loop->offload->lanes) {
			struct reed_lane *lane = reed_container_of(link, struct reed_lane, link);

			all.threads += lane->crew ? reed_crew_threads(lane->crew) : 0;
			all.under_way += lane->count;
			all.jobs += lane->given;
		}
	}
	memcpy(stats, &all, stats->size < sizeof(all) ? stats->size : sizeof(all));
}
