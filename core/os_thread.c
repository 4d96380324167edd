#include "os_thread.h"

#include <signal.h>

#include "reed/alloc.h"

/* A thread inherits the mask of its maker. */
enum reed_err reed_os_start_thread(pthread_t *thread, void *(*body)(void *), void *arg)
{
	sigset_t all, before;
	int failed;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	failed = pthread_create(thread, NULL, body, arg);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (failed == EAGAIN) /* which to a future means later */
		return REED_ENOMEM;
	return failed ? reed_err_of(failed) : REED_OK;
}

struct reed_crew {
	struct reed_crew_options options;
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct reed_list queue;
	pthread_t *threads;
	unsigned started, idle, waiting; /* waiting: tasks in the queue */
	unsigned inside;                 /* threads that have not left */
	bool closed;
};

struct reed_crew *reed_crew_new(const struct reed_crew_options *options)
{
	struct reed_crew *crew = reed_alloc(sizeof(*crew));

	crew->options = *options;
	crew->threads = reed_alloc(options->threads * sizeof(*crew->threads));
	pthread_mutex_init(&crew->lock, NULL);
	pthread_cond_init(&crew->more, NULL);
	reed_list_init(&crew->queue);
	return crew;
}

static void name_thread(const struct reed_crew *crew)
{
#ifndef REED_POSIX_ONLY
	char name[16]; /* of Linux, with its NUL */

	snprintf(name, sizeof(name), "%s", crew->options.name ? crew->options.name : "reed");
	pthread_setname_np(pthread_self(), name);
#else
	(void)crew;
#endif
}

/* Under the lock; NULL when there is no more to do, ever. */
static struct reed_list *next_task(struct reed_crew *crew)
{
	struct reed_list *task;

	while (reed_list_empty(&crew->queue) && !crew->closed) {
		crew->idle++;
		pthread_cond_wait(&crew->more, &crew->lock);
		crew->idle--;
	}
	task = reed_list_take(&crew->queue);
	if (task) {
		*crew->options.queued(task) = false;
		crew->waiting--;
	}
	return task;
}

static void *work(void *arg)
{
	struct reed_crew *crew = arg;
	struct reed_list *task;
	bool last;

	name_thread(crew);
	pthread_mutex_lock(&crew->lock);
	while ((task = next_task(crew))) {
		pthread_mutex_unlock(&crew->lock);
		crew->options.run(task);
		pthread_mutex_lock(&crew->lock);
	}
	last = --crew->inside == 0;
	pthread_mutex_unlock(&crew->lock);
	if (last && crew->options.gone)
		crew->options.gone(crew->options.arg);
	return NULL;
}

static enum reed_err start_thread(struct reed_crew *crew)
{
	enum reed_err err = reed_os_start_thread(&crew->threads[crew->started], work, crew);

	if (err)
		return err;
	crew->started++;
	crew->inside++;
	return REED_OK;
}

enum reed_err reed_crew_submit(struct reed_crew *crew, struct reed_list *task)
{
	enum reed_err err = REED_OK;

	pthread_mutex_lock(&crew->lock);
	if (crew->waiting >= crew->idle && crew->started < crew->options.threads)
		err = start_thread(crew);
	if (crew->started > 0) {
		err = REED_OK;
		*crew->options.queued(task) = true;
		reed_list_append(&crew->queue, task);
		crew->waiting++;
		pthread_cond_signal(&crew->more);
	}
	pthread_mutex_unlock(&crew->lock);
	return err;
}

bool reed_crew_withdraw(struct reed_crew *crew, struct reed_list *task)
{
	bool *queued = crew->options.queued(task), was;

	pthread_mutex_lock(&crew->lock);
	was = *queued;
	if (was) {
		reed_list_remove(task);
		*queued = false;
		crew->waiting--;
	}
	pthread_mutex_unlock(&crew->lock);
	return was;
}

void reed_crew_close(struct reed_crew *crew)
{
	pthread_mutex_lock(&crew->lock);
	crew->closed = true;
	pthread_cond_broadcast(&crew->more);
	pthread_mutex_unlock(&crew->lock);
	if (crew->started == 0 && crew->options.gone)
		crew->options.gone(crew->options.arg);
}

void reed_crew_free(struct reed_crew *crew)
{
	pthread_mutex_lock(&crew->lock);
	crew->closed = true;
	pthread_cond_broadcast(&crew->more);
	pthread_mutex_unlock(&crew->lock);
	for (unsigned i = 0; i < crew->started; i++)
		pthread_join(crew->threads[i], NULL);
	pthread_cond_destroy(&crew->more);
	pthread_mutex_destroy(&crew->lock);
	reed_free(crew->threads);
	reed_free(crew);
}

size_t reed_crew_threads(const struct reed_crew *crew)
{
	return crew->started;
}
