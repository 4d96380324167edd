/*
 * Spawn and reap, by Reed or by libuv: N children of /bin/true, at most WIDTH at a
 * time, from a program with BALLAST MiB of its own.
 *
 *	spawn_reed N WIDTH BALLAST      spawn_libuv N WIDTH BALLAST
 *
 * Prints children a second, and microseconds of processor time for each: its own and
 * the child's, which on a busy machine is what can be compared.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static int left, running, width;

static double cpu_of(int who)
{
	struct rusage u;

	getrusage(who, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static double cpu(void)
{
	return cpu_of(RUSAGE_SELF) + cpu_of(RUSAGE_CHILDREN);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

#ifdef USE_REED

#include <reed/process.h>

static struct reed_loop *loop;

struct child {
	struct reed_waiter waiter;
	struct reed_process *process;
	int spawned;
};

static void begin(struct child *c);

static void woken(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	struct child *c = reed_container_of(w, struct child, waiter);

	if (err) {
		fprintf(stderr, "%s\n", reed_fault_why(fault, err));
		exit(1);
	}
	if (!c->spawned) {
		c->spawned = 1;
		reed_wait(reed_process_wait(c->process, NULL), &c->waiter);
		return;
	}
	reed_process_close(c->process);
	running--;
	begin(c);
}

static void begin(struct child *c)
{
	static const char *const argv[] = { "/bin/true", NULL };
	struct reed_process_options options = REED_PROCESS_OPTIONS;

	if (left == 0)
		return;
	left--;
	running++;
	options.argv = argv;
	c->spawned = 0;
	c->waiter.wake = woken;
	reed_wait(reed_spawn(loop, &options, &c->process), &c->waiter);
}

static void run(void)
{
	struct child *all = calloc((size_t)width, sizeof(*all));

	reed_loop_new(NULL, &loop);
	for (int i = 0; i < width; i++)
		begin(&all[i]);
	reed_loop_run(loop);
	reed_loop_free(loop);
	free(all);
}

#else

#include <uv.h>

static uv_loop_t *loop;

static void begin(uv_process_t *p);

static void closed(uv_handle_t *h)
{
	running--;
	begin((uv_process_t *)h);
}

static void ended(uv_process_t *p, int64_t status, int signo)
{
	if (status || signo)
		exit(1);
	uv_close((uv_handle_t *)p, closed);
}

static void begin(uv_process_t *p)
{
	static char *argv[] = { "/bin/true", NULL };
	uv_process_options_t options = { .file = "/bin/true", .args = argv, .exit_cb = ended };

	if (left == 0)
		return;
	left--;
	running++;
	if (uv_spawn(loop, p, &options))
		exit(1);
}

static void run(void)
{
	uv_process_t *all = calloc((size_t)width, sizeof(*all));

	loop = uv_default_loop();
	for (int i = 0; i < width; i++)
		begin(&all[i]);
	uv_run(loop, UV_RUN_DEFAULT);
	free(all);
}

#endif

int main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 1000;
	size_t ballast = (argc > 3 ? (size_t)atoi(argv[3]) : 0) << 20;
	char *bytes = malloc(ballast + 1);
	double start, cpu_start;

	memset(bytes, 1, ballast + 1);
	width = argc > 2 ? atoi(argv[2]) : 1;
	left = n;
	cpu_start = cpu();
	start = now();
	run();
	start = now() - start;
	free(bytes);
	if (left || running)
		return 1;
	printf("rate=%.0f cpu_us=%.0f\n", n / start, (cpu() - cpu_start) * 1e6 / n);
	return 0;
}
