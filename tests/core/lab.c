/* The laboratory: a driver whose clock moves only when nothing else happens. */

#include "tests/core/tools.h"

#include <malloc.h>

struct reed_loop *loop;
struct memory memory;
struct unheard unheard;

/* ---- memory ---- */

static void *counted(void *p)
{
	memory.live += p != NULL;
	memory.total += p != NULL;
	memory.bytes += malloc_usable_size(p);
	return p;
}

static void *count_calloc(size_t count, size_t size)
{
	return counted(calloc(count, size));
}

static void *count_malloc(size_t size)
{
	return counted(malloc(size));
}

static void *count_realloc(void *p, size_t size)
{
	size_t before = malloc_usable_size(p);

	if (!p)
		return counted(malloc(size));
	p = realloc(p, size);
	if (p)
		memory.bytes += malloc_usable_size(p) - before;
	return p;
}

static void count_free(void *p)
{
	memory.live -= p != NULL;
	memory.bytes -= malloc_usable_size(p);
	free(p);
}

void count_memory(void)
{
	static const struct reed_allocator counting = { count_calloc, count_malloc, count_realloc,
		                                        count_free, NULL };

	reed_allocator_set(&counting);
}

/* ---- the driver ---- */

enum { PATIENCE_S = 10 };

struct lab {
	struct reed_driver driver;
	struct reed_driver *below; /* knows the descriptors */
	int64_t now;
	uint64_t random;
	_Atomic bool woken;
};

static struct lab *lab_of(struct reed_driver *d)
{
	return reed_container_of(d, struct lab, driver);
}

static void lab_driver_close(struct reed_driver *d)
{
	struct lab *self = lab_of(d);

	self->below->ops->close(self->below);
	reed_free(self);
}

static enum reed_err lab_arm(struct reed_driver *d, struct reed_fd_watch *w, unsigned events)
{
	struct lab *self = lab_of(d);

	return self->below->ops->arm(self->below, w, events);
}

/* The real world is waited for in real time; a signal handler may end that. */
static int wait_for_the_world(struct lab *self, struct reed_event *events, int room)
{
	int64_t began = reed_system_now(NULL);
	int n;

	do {
		check(reed_system_now(NULL) - began < REED_S(PATIENCE_S));
		n = self->below->ops->wait(self->below, REED_S(PATIENCE_S), events, room);
	} while (n == 0 && !atomic_exchange(&self->woken, false));
	return n;
}

/* What has happened goes before what is due. */
static int lab_wait(struct reed_driver *d, int64_t ns, struct reed_event *events, int room)
{
	struct lab *self = lab_of(d);
	int n = self->below->ops->wait(self->below, 0, events, room);

	if (n > 0 || atomic_exchange(&self->woken, false) || ns == 0)
		return n;
	if (ns == REED_NEVER)
		return wait_for_the_world(self, events, room);
	self->now += ns;
	return 0;
}

static void lab_wake(struct reed_driver *d)
{
	struct lab *self = lab_of(d);

	atomic_store(&self->woken, true);
	self->below->ops->wake(self->below);
}

static int64_t lab_now(struct reed_driver *d)
{
	return lab_of(d)->now;
}

static int64_t lab_wall(struct reed_driver *d)
{
	return REED_S(1700000000) + lab_of(d)->now;
}

static void lab_random(struct reed_driver *d, void *into, size_t n)
{
	struct lab *self = lab_of(d);

	for (size_t i = 0; i < n; i++) {
		self->random = self->random * 6364136223846793005u + 1442695040888963407u;
		((unsigned char *)into)[i] = (unsigned char)(self->random >> 56);
	}
}

static const struct reed_driver_ops lab_ops = {
	.name = "lab",
	.close = lab_driver_close,
	.arm = lab_arm,
	.wait = lab_wait,
	.wake = lab_wake,
	.now = lab_now,
	.wall = lab_wall,
	.random = lab_random,
};

static void hear_unheard(void *arg, struct reed_loop *from, const char *what, enum reed_err err,
                         const char *why)
{
	(void)arg;
	check(from != NULL);
	unheard.count++;
	unheard.err = err;
	snprintf(unheard.what, sizeof(unheard.what), "%s", what);
	snprintf(unheard.why, sizeof(unheard.why), "%s", why);
}

struct reed_loop *lab_loop(const struct reed_loop_options *given)
{
	struct reed_loop_options options = REED_LOOP_OPTIONS;
	struct lab *self = reed_alloc(sizeof(*self));
	struct reed_loop *made;

	if (given)
		options = *given;
	if (!options.unheard)
		options.unheard = hear_unheard;
	self->driver.ops = &lab_ops;
	self->now = REED_S(1000);
	check_int(reed_poll_open(&self->below), REED_OK);
	check_int(reed_loop_new_on(&options, &self->driver, &made), REED_OK);
	return made;
}

void lab_open(void)
{
	count_memory();
	loop = lab_loop(NULL);
}

void lab_close(void)
{
	check(idle());
	check_int(tokens, 0);
	reed_loop_free(loop);
	check_int(memory.live, 0);
}

void lab_pass(int64_t ns)
{
	lab_of(loop->driver)->now += ns;
}

/* ---- turns ---- */

bool idle(void)
{
	return loop->watches == 0 && reed_loop_deadline(loop) == REED_NEVER;
}

void run(void)
{
	reed_loop_run(loop);
}

/* A turn of one wake, or of none, so that a test can stand between settling and waking. */
bool step(void)
{
	bool ready = !reed_list_empty(&loop->ready);

	if (!ready && idle())
		return false;
	loop->turn_wakes = ready ? 1 : 0;
	turn_loop(loop, REED_NEVER);
	loop->turn_wakes = REED_TURN_WAKES;
	return true;
}

void turns(int n)
{
	while (n-- > 0)
		turn_loop(loop, 0);
}
