/* Calls of other threads, which wait in theirs for what becomes of it in the loop's. */

#include <pthread.h>

#include "private.h"
#include "reed/co.h"

struct call {
	struct reed_post post;
	struct reed_loop *loop;
	reed_call_fn *fn;
	void *arg;
	pthread_mutex_t lock;
	pthread_cond_t done;
	bool has_ended;
	enum reed_err err;
	struct reed_fault *fault;
};

/* In the loop's thread. */
struct answering {
	struct reed_co co;
	struct call *call; /* NULL: it has been told */
};

/* Who called may go on, and the call be gone, as soon as the lock is. */
static void tell(struct answering *self, enum reed_err err, struct reed_fault *fault)
{
	struct call *call = self->call;

	self->call = NULL;
	pthread_mutex_lock(&call->lock);
	call->err = err;
	call->fault = fault;
	call->has_ended = true;
	pthread_cond_signal(&call->done);
	pthread_mutex_unlock(&call->lock);
}

static void answering_run(struct reed_co *co)
{
	struct answering *self = reed_frame(co, struct answering);

	reed_coroutine (co) {
		reed_await(co, self->call->fn(self->call->arg, co->loop));
		tell(self, co->err, reed_co_take_fault(co));
	}
}

static void answering_end(struct reed_co *co)
{
	struct answering *self = reed_frame(co, struct answering);

	if (self->call) /* the loop is no more */
		tell(self, REED_ECANCELED, NULL);
}

static const struct reed_co_kind answering_kind = {
	.name = "call",
	.size = sizeof(struct answering),
	.run = answering_run,
	.end = answering_end,
};

static void arrive(struct reed_post *post)
{
	struct call *call = reed_container_of(post, struct call, post);
	struct answering *self = reed_co_new(call->loop, &answering_kind);

	self->call = call;
	reed_background(reed_start(&self->co), NULL, NULL);
}

enum reed_err reed_loop_call(struct reed_loop *loop, reed_call_fn *fn, void *arg,
                             struct reed_fault **fault)
{
	struct call call = { .post.run = arrive, .loop = loop, .fn = fn, .arg = arg };

	pthread_mutex_init(&call.lock, NULL);
	pthread_cond_init(&call.done, NULL);
	pthread_mutex_lock(&call.lock);
	reed_post(loop, &call.post);
	while (!call.has_ended)
		pthread_cond_wait(&call.done, &call.lock);
	pthread_mutex_unlock(&call.lock);
	pthread_cond_destroy(&call.done);
	pthread_mutex_destroy(&call.lock);
	if (fault)
		*fault = call.fault;
	else
		reed_fault_free(call.fault);
	return call.err;
}
