/*
 * Threads, and crews of them that take tasks from a queue.  Of a crew all but
 * run() is for one thread, the loop's.
 */

#ifndef REED_OS_THREAD_H
#define REED_OS_THREAD_H

#include <pthread.h>

#include "reed/err.h"
#include "reed/list.h"

/*
 * A thread in which every signal is blocked: each is for the loop that waits
 * for it, or for the program's own thread.  REED_ENOMEM: the system, or a limit
 * of it, has none.
 */
enum reed_err reed_os_start_thread(pthread_t *thread, void *(*body)(void *), void *arg);

struct reed_crew;

struct reed_crew_options {
	const char *name;                        /* of the threads, for debuggers */
	unsigned threads;                        /* started when needed, at most */
	void (*run)(struct reed_list *task);     /* in a thread */
	bool *(*queued)(struct reed_list *task); /* where the crew notes that a task waits */
	void (*gone)(void *arg); /* closed, and the last thread leaves: from that thread */
	void *arg;
};

struct reed_crew *reed_crew_new(const struct reed_crew_options *options);

/* Fails when there is no thread and none can be started: REED_ENOMEM. */
enum reed_err reed_crew_submit(struct reed_crew *crew, struct reed_list *task);

/* True when it had not begun, and never will. */
bool reed_crew_withdraw(struct reed_crew *crew, struct reed_list *task);

/* Threads leave when the queue is empty; with none, gone() is called at once. */
void reed_crew_close(struct reed_crew *crew);

/* Closes, and waits for the threads. */
void reed_crew_free(struct reed_crew *crew);

size_t reed_crew_threads(const struct reed_crew *crew);

#endif
