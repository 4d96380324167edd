/* A file of the log is moved away when a day is over, by the clock of the loop. */

#include "reed/log.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "reed/alloc.h"
#include "reed/sim.h"

enum { HOUR = 60 * 60 };

static char folder[] = "/tmp/reed-log-XXXXXX";
static char path[64], old[64], older[64];
static struct reed_sim *sim;
static struct reed_loop *loop;

/* The clock of the host says 2026-01-01 00:00 UTC. */
static void open_log(bool local)
{
	struct reed_log_options options = REED_LOG_OPTIONS;
	struct reed_fault *fault = NULL;

	sim = reed_sim_new(NULL);
	loop = reed_sim_host(sim, "here");
	options.to = REED_LOG_TO_FILE;
	options.path = path;
	options.format = REED_LOG_TEXT;
	options.local_time = local;
	options.daily = true;
	options.keep = 2;
	check_int(reed_log_open(reed_log_of(loop), &options, &fault), REED_OK);
}

static void close_log(void)
{
	reed_sim_free(sim);
	unlink(path);
	unlink(old);
	unlink(older);
}

static void after(int hours, const char *message)
{
	reed_sim_step_wall(sim, "here", REED_S((int64_t)hours * HOUR));
	reed_log(loop, REED_LOG_INFO, "%s", message);
	check(reed_log_flush(reed_log_of(loop), 10000));
}

/* wanted: the ends of its lines, each with its newline; NULL: there is no such file. */
static void holds(const char *name, const char *wanted)
{
	char line[256], got[256] = "";
	FILE *file = fopen(name, "r");

	check(!file == !wanted);
	while (file && fgets(line, sizeof(line), file)) {
		char *word = strrchr(line, ' ');

		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s",
		         word && word[1] != '\n' ? word + 1 : line);
	}
	if (file)
		fclose(file);
	check_str(got, wanted ? wanted : "");
}

static void a_day_has_its_file(void)
{
	open_log(false);
	after(0, "one");
	after(23, "two");
	holds(old, NULL);
	after(1, "three");
	holds(old, "one\ntwo\n");
	holds(path, "three\n");
	after(72, "four");
	holds(older, "one\ntwo\n");
	holds(old, "three\n");
	holds(path, "four\n");
	close_log();
}

static void a_clock_that_is_set_back_ends_no_day_twice(void)
{
	open_log(false);
	after(23, "one");
	after(1, "two");
	after(-2, "three");
	after(2, "four");
	holds(old, "one\n");
	holds(path, "two\nthree\nfour\n");
	holds(older, NULL);
	close_log();
}

static void a_day_of_local_time_ends_when_it_does_there(void)
{
	setenv("TZ", "EST5", 1);
	tzset();
	open_log(true);
	after(4, "one");
	after(1, "two");
	after(23, "three");
	holds(old, "one\n");
	holds(path, "two\nthree\n");
	close_log();
	unsetenv("TZ");
	tzset();
}

/* A process that was started anew. */
static void what_was_written_yesterday_is_yesterdays(void)
{
	/* 2025-12-31 23:59 */
	struct timespec yesterday[2] = { { .tv_sec = 1767225540 }, { .tv_sec = 1767225540 } };
	FILE *file = fopen(path, "w");

	check(file != NULL);
	fputs("yesterday\n", file);
	fclose(file);
	check_int(utimensat(AT_FDCWD, path, yesterday, 0), 0);
	open_log(false);
	after(0, "today");
	holds(old, "yesterday\n");
	holds(path, "today\n");
	close_log();
}

static void a_file_with_nothing_in_it_stays(void)
{
	open_log(false);
	after(24, "one");
	holds(old, NULL);
	holds(path, "one\n");
	close_log();
}

int main(void)
{
	check(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/log", folder);
	snprintf(old, sizeof(old), "%s/log.1", folder);
	snprintf(older, sizeof(older), "%s/log.2", folder);
	RUN(a_day_has_its_file);
	RUN(a_clock_that_is_set_back_ends_no_day_twice);
	RUN(a_day_of_local_time_ends_when_it_does_there);
	RUN(what_was_written_yesterday_is_yesterdays);
	RUN(a_file_with_nothing_in_it_stays);
	check_int(rmdir(folder), 0);
	return 0;
}
