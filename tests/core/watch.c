/* What watching files promises, told by the system and by looking. */

#include <fcntl.h>
#include <ftw.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reed/sim.h"
#include "reed/watch.h"
#include "tests/core/tools.h"

static struct reed_file_watch *watch;
static struct reed_file_watch_options options;
static struct reed_file_change change;
static char folder[64];
static bool polled;

#ifdef REED_POSIX_ONLY
static const bool told_by_system = false;
#else
static const bool told_by_system = true;
#endif

/* ---- files ---- */

static const char *in(const char *name)
{
	static char paths[4][128];
	static int next;
	char *path = paths[next++ % 4];

	snprintf(path, 128, "%s%s%s", folder, name[0] ? "/" : "", name);
	return path;
}

static void write_to(const char *name, const char *text)
{
	int fd = open(in(name), O_WRONLY | O_CREAT | O_APPEND, 0600);

	check(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static void make(const char *name)
{
	check(mkdir(in(name), 0700) == 0);
}

static void move(const char *from, const char *to)
{
	check(rename(in(from), in(to)) == 0);
}

static int remove_one(const char *path, const struct stat *st, int what, struct FTW *ftw)
{
	(void)st;
	(void)what;
	(void)ftw;
	return remove(path);
}

static void remove_all(const char *name)
{
	check(nftw(in(name), remove_one, 10, FTW_DEPTH | FTW_PHYS) == 0);
}

/* ---- the watch ---- */

static void begin(void)
{
	strcpy(folder, "/tmp/reed-watch-XXXXXX");
	check(mkdtemp(folder) != NULL);
	options = (struct reed_file_watch_options)REED_FILE_WATCH_OPTIONS;
	options.poll = polled;
	options.poll_ms = 20;
}

static void start(const char *name, enum reed_file_watch_what what)
{
	struct reed_fault *fault;

	options.what = what;
	if (reed_file_watch_new(loop, in(name), &options, &watch, &fault)) {
		fprintf(stderr, "%s\n", fault->sentence);
		abort();
	}
}

static void stop(void)
{
	reed_file_watch_free(watch);
	watch = NULL;
	if (access(folder, F_OK) == 0)
		remove_all("");
	check(idle());
}

static const char *word(enum reed_file_change_kind kind)
{
	static const char *const words[] = { "created", "modified", "written",
		                             "deleted", "moved",    "lost" };

	return words[kind];
}

/* "moved a b", without the folder. */
static const char *text_of(const struct reed_file_change *c)
{
	static char text[256];
	size_t n = strlen(folder);

	snprintf(text, sizeof(text), "%s%s %s%s%s", word(c->kind), c->directory ? "/" : "",
	         c->path + n + (c->path[n] == '/'), c->to ? " " : "",
	         c->to ? c->to + n + (c->to[n] == '/') : "");
	return text;
}

static const char *next(void)
{
	check_int(outcome(reed_within(5000, reed_file_watch_next(watch, &change))), REED_OK);
	return text_of(&change);
}

/* The change comes, and others before it that are modifications only. */
static void told(const char *wanted)
{
	const char *got;

	do
		got = next();
	while (strcmp(got, wanted) != 0 && change.kind == REED_FILE_MODIFIED);
	check_str(got, wanted);
}

static void nothing_more(void)
{
	check_int(outcome(reed_within(100, reed_file_watch_next(watch, &change))), REED_ETIMEDOUT);
}

/* ---- one file ---- */

static void a_file_is_seen_to_be_written_and_deleted(void)
{
	begin();
	write_to("a", "one");
	start("a", REED_WATCH_FILE);
	nothing_more();
	write_to("a", "two");
	told("modified a");
	told("written a");
	write_to("other", "x");
	check(unlink(in("a")) == 0);
	told("deleted a");
	nothing_more();
	stop();
}

static void a_file_that_is_replaced_is_followed(void)
{
	begin();
	write_to("a", "one");
	start("a", REED_WATCH_FILE);
	for (int i = 0; i < 3; i++) {
		write_to("a.new", "two");
		move("a.new", "a");
		told("written a");
	}
	write_to("a", "three");
	told("written a");
	move("a", "a.old");
	told("deleted a");
	stop();
}

static void a_missing_file_is_awaited(void)
{
	begin();
	start("a", REED_WATCH_FILE);
	write_to("a", "one");
	told("created a");
	told("written a");
	stop();
}

static void a_file_whose_directories_are_missing_is_awaited_too(void)
{
	begin();
	start("x/y/a", REED_WATCH_FILE);
	make("z");
	make("x");
	make("x/y");
	write_to("x/y/a", "one");
	told("created x/y/a");
	told("written x/y/a");
	remove_all("x");
	told("deleted x/y/a");
	make("x");
	make("x/y");
	write_to("x/y/a", "two");
	told("created x/y/a");
	move("x/y", "x/w");
	do
		next();
	while (change.kind != REED_FILE_DELETED);
	write_to("x/y", "in the way");
	check(unlink(in("x/y")) == 0);
	make("x/y");
	write_to("x/y/a", "three");
	told("created x/y/a");
	stop();
}

/* ---- a directory ---- */

static void names_in_a_directory_come_go_and_change(void)
{
	begin();
	write_to("a", "one");
	start("", REED_WATCH_DIRECTORY);
	write_to("b", "two");
	told("created b");
	told("written b");
	make("d");
	told("created/ d");
	write_to("d/inside", "x");
	move("a", "c");
	told("moved a c");
	move("d", "e");
	told("moved/ d e");
	check(unlink(in("c")) == 0);
	told("deleted c");
	remove_all("e");
	told("deleted/ e");
	nothing_more();
	stop();
}

static void what_is_moved_across_the_border_comes_or_goes(void)
{
	begin();
	make("in");
	write_to("a", "one");
	write_to("in/b", "two");
	start("in", REED_WATCH_DIRECTORY);
	move("a", "in/a");
	told("created in/a");
	told("written in/a");
	move("in/b", "b");
	told("deleted in/b");
	stop();
}

static void a_directory_that_goes_and_comes_again_is_followed(void)
{
	begin();
	start("in", REED_WATCH_DIRECTORY);
	make("in");
	told("created/ in");
	write_to("in/a", "one");
	told("created in/a");
	told("written in/a");
	remove_all("in");
	told("deleted in/a");
	told("deleted/ in");
	make("in");
	told("created/ in");
	stop();
}

/* ---- a tree ---- */

static void all_of_a_tree_is_watched_also_what_grows(void)
{
	begin();
	make("x");
	make("x/y");
	start("", REED_WATCH_TREE);
	write_to("x/y/a", "one");
	told("created x/y/a");
	told("written x/y/a");
	make("x/z");
	told("created/ x/z");
	write_to("x/z/b", "two");
	told("created x/z/b");
	told("written x/z/b");
	move("x", "w");
	told("moved/ x w");
	if (polled) { /* which sees the same of all that is in it */
		told("moved/ x/y w/y");
		told("moved x/y/a w/y/a");
		told("moved/ x/z w/z");
		told("moved x/z/b w/z/b");
	}
	write_to("w/z/b", "three");
	told("modified w/z/b");
	told("written w/z/b");
	stop();
}

static void a_tree_has_a_limit_of_directories(void)
{
	struct reed_fault *fault;
	char sentence[128];

	begin();
	make("x");
	make("y");
	options.most_directories = 3;
	start("", REED_WATCH_TREE);
	make("y/z");
	if (!polled)
		told("created/ y/z");
	check_int(outcome(reed_within(5000, reed_file_watch_next(watch, &change))), REED_ETOOBIG);
	snprintf(sentence, sizeof(sentence), "there are more than 3 directories in %s", folder);
	check(why_is(sentence));
	check_int(outcome(reed_file_watch_next(watch, &change)), REED_ETOOBIG);
	reed_file_watch_free(watch);
	check_int(reed_file_watch_new(loop, folder, &options, &watch, &fault), REED_ETOOBIG);
	check_str(fault->sentence, sentence);
	reed_fault_free(fault);
	watch = NULL;
	stop();
}

/* ---- limits, drops, errors ---- */

static void changes_are_kept_and_no_drop_loses_one(void)
{
	struct owner o;

	begin();
	start("", REED_WATCH_DIRECTORY);
	own(&o, reed_file_watch_next(watch, &change));
	disown(&o);
	make("a");
	make("b");
	if (!polled) { /* who looks is woken by the loop as well */
		own(&o, reed_file_watch_next(watch, &change));
		until_settled(o.waiter.future);
		disown(&o);
	}
	told("created/ a");
	own(&o, reed_file_watch_next(watch, &change));
	reed_interrupt(o.waiter.future);
	until(o.told);
	check(o.err == REED_OK || o.err == REED_ECANCELED);
	if (o.err)
		told("created/ b");
	else
		check_str(text_of(&change), "created/ b");
	stop();
}

static void what_cannot_be_watched_is_told(void)
{
	struct reed_fault *fault;
	struct rlimit before, none;

	begin();
	write_to("a", "one");
	if (!polled) {
		options.what = REED_WATCH_DIRECTORY;
		check_int(reed_file_watch_new(loop, in("a"), &options, &watch, &fault),
		          REED_ENOTDIR);
		reed_fault_free(fault);
		options.what = REED_WATCH_FILE;
		check_int(reed_file_watch_new(loop, in("a/"), &options, &watch, &fault),
		          REED_EINVAL);
		reed_fault_free(fault);
		getrlimit(RLIMIT_NOFILE, &before);
		none = before;
		none.rlim_cur = 0;
		setrlimit(RLIMIT_NOFILE, &none);
		check_int(reed_file_watch_new(loop, in("a"), &options, &watch, &fault),
		          REED_EMFILE);
		setrlimit(RLIMIT_NOFILE, &before);
		reed_fault_free(fault);
	}
	check_int(reed_file_watch_new(loop, "", &options, &watch, &fault), REED_EINVAL);
	reed_fault_free(fault);
	watch = NULL;
	stop();
}

/* More than this side keeps, and more than the system does. */
static void what_was_lost_is_told(void)
{
	int kept = 0, most = 0;
	FILE *f = fopen("/proc/sys/fs/inotify/max_queued_events", "r");
	bool lost = false;

	if (polled || !f)
		return;
	check(fscanf(f, "%d", &most) == 1);
	fclose(f);
	begin();
	write_to("a", "one");
	write_to("b", "two");
	options.most_changes = 10;
	start("", REED_WATCH_DIRECTORY);
	for (int i = 0; i < most + 20; i++) { /* two by turns: the same twice would be told once */
		int fd = open(in(i % 2 ? "a" : "b"), O_WRONLY);

		check(fd >= 0);
		close(fd);
	}
	while (!lost) {
		next();
		lost = change.kind == REED_FILE_LOST;
		kept++;
	}
	check(kept > 1000 && kept < most + 20);
	make("c");
	told("created/ c");
	stop();
}

static void a_watch_alone_keeps_no_loop_running(void)
{
	begin();
	start("", REED_WATCH_TREE);
	run();
	check(idle());
	stop();
}

static void a_simulation_has_no_files(void)
{
	struct reed_sim *sim = reed_sim_new(NULL);
	struct reed_fault *fault;

	check_int(reed_file_watch_new(reed_sim_host(sim, "a"), "/tmp", NULL, &watch, &fault),
	          REED_ENOTSUP);
	check_str(fault->sentence, "a simulation has no file /tmp to watch");
	reed_fault_free(fault);
	reed_sim_free(sim);
}

static void all(void)
{
	RUN(a_file_is_seen_to_be_written_and_deleted);
	RUN(a_file_that_is_replaced_is_followed);
	RUN(a_missing_file_is_awaited);
	RUN(names_in_a_directory_come_go_and_change);
	RUN(what_is_moved_across_the_border_comes_or_goes);
	RUN(all_of_a_tree_is_watched_also_what_grows);
	RUN(a_tree_has_a_limit_of_directories);
	RUN(changes_are_kept_and_no_drop_loses_one);
	RUN(what_cannot_be_watched_is_told);
	RUN(what_was_lost_is_told);
	RUN(a_watch_alone_keeps_no_loop_running);
}

int main(void)
{
	count_memory();
	check_int(reed_loop_new(NULL, &loop), REED_OK);
	if (told_by_system) {
		all();
		RUN(a_file_whose_directories_are_missing_is_awaited_too);
		RUN(a_directory_that_goes_and_comes_again_is_followed);
	}
	polled = true;
	all();
	RUN(a_simulation_has_no_files);
	reed_loop_free(loop);
	check_int(memory.live, 0);
	return 0;
}
