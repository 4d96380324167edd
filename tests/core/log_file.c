/* Where the log is written: files that are moved away, disks that are full, the journal. */

#include "reed/log.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "check.h"
#include "reed/cell.h"
#include "reed/alloc.h"

static char folder[] = "/tmp/reed-log-XXXXXX";
static char path[64];
static struct reed_loop *loop;

static void open_log(struct reed_log_options *options)
{
	struct reed_fault *fault = NULL;

	snprintf(path, sizeof(path), "%s/log", folder);
	check_int(reed_loop_new(NULL, &loop), REED_OK);
	if (options->to == REED_LOG_TO_FILE)
		options->path = path;
	check_int(reed_log_open(reed_log_of(loop), options, &fault), REED_OK);
}

static void flush(void)
{
	check(reed_log_flush(reed_log_of(loop), 10000));
}

/* Behind the path; NULL: there is no such file. */
static char *content(const char *suffix)
{
	char *name = reed_sprintf("%s%s", path, suffix), *text;
	FILE *file = fopen(name, "r");
	size_t n;

	reed_free(name);
	if (!file)
		return NULL;
	text = reed_alloc(1 << 20);
	n = fread(text, 1, (1 << 20) - 1, file);
	check(n < (1 << 20) - 1);
	fclose(file);
	return text;
}

static size_t lines_of(const char *text, const char *with)
{
	size_t n = 0;

	while ((text = strstr(text, with))) {
		text++;
		n++;
	}
	return n;
}

static void forget(const char *suffix)
{
	char *name = reed_sprintf("%s%s", path, suffix);

	unlink(name);
	reed_free(name);
}

/* ---- moved away ---- */

static void a_file_that_is_long_is_moved_away_and_some_are_kept(void)
{
	static const char *const suffixes[] = { "", ".1", ".2" };
	struct reed_log_options options = REED_LOG_OPTIONS;
	size_t seen = 0;
	char *text;

	options.to = REED_LOG_TO_FILE;
	options.rotate = 20000;
	options.keep = 2;
	open_log(&options);
	for (int i = 0; i < 1000; i++) {
		reed_log(loop, REED_LOG_INFO, "a line n=%d text=%s", i, "0123456789012345678901");
		if (i % 100 == 99)
			flush();
	}
	flush();
	for (size_t i = 0; i < REED_COUNT(suffixes); i++) {
		text = content(suffixes[i]);
		check(text && strlen(text) < 40000);
		check(i == 0 || strlen(text) >= 20000);
		check(!*text || (*text == '{' && text[strlen(text) - 1] == '\n'));
		check(i > 0 || !*text || strstr(text, "\"n\":999,"));
		seen += lines_of(text, "\n");
		reed_free(text);
		forget(suffixes[i]);
	}
	check(seen > 200 && seen < 1000);
	check(!content(".3"));
	reed_loop_free(loop);
}

static void a_file_that_cannot_be_moved_away_grows_on_and_says_so(void)
{
	struct reed_log_options options = REED_LOG_OPTIONS;
	char *text, *blocked;

	options.to = REED_LOG_TO_FILE;
	options.rotate = 5000;
	options.keep = 1;
	open_log(&options);
	blocked = reed_sprintf("%s.1", path);
	check_int(mkdir(blocked, 0700), 0);
	for (int i = 0; i < 60; i++)
		reed_log(loop, REED_LOG_INFO, "a line n=%d", i);
	flush();
	text = content("");
	check_int(lines_of(text, "\"message\":\"a line\""), 60);
	check_int(lines_of(text, "cannot be moved away"), 1);
	reed_free(text);
	forget("");
	rmdir(blocked);
	reed_free(blocked);
	reed_loop_free(loop);
}

/* ---- packed ---- */

static void put_file(const char *suffix, const char *text)
{
	char *name = reed_sprintf("%s%s", path, suffix);
	FILE *file = fopen(name, "w");

	check(file != NULL);
	fputs(text, file);
	fclose(file);
	reed_free(name);
}

static struct reed_log_file file_of(const char *suffix)
{
	char *name = reed_sprintf("%s%s", path, suffix);
	struct stat st;

	check_int(stat(name, &st), 0);
	reed_free(name);
	return (struct reed_log_file){ (uint64_t)st.st_dev, (uint64_t)st.st_ino };
}

static void has_content(const char *suffix, const char *wanted)
{
	char *text = content(suffix);

	check_str(text ? text : "(none)", wanted ? wanted : "(none)");
	reed_free(text);
}

static void move_once(void)
{
	struct reed_cell *moved = reed_log_moved(reed_log_of(loop));
	uint64_t seen = moved->count;

	while (moved->count == seen) {
		reed_log(loop, REED_LOG_INFO, "%s", "0123456789012345678901234567890123456789");
		flush();
		reed_loop_turn(loop, 0);
	}
}

static void open_packed_log(unsigned keep)
{
	struct reed_log_options options = REED_LOG_OPTIONS;

	options.to = REED_LOG_TO_FILE;
	options.rotate = 1000;
	options.keep = keep;
	open_log(&options);
}

static void packed_ones_go_up_with_the_others_and_the_oldest_goes(void)
{
	open_packed_log(3);
	put_file(".1", "one");
	put_file(".2.gz", "two");
	put_file(".3.gz", "three");
	move_once();
	has_content(".2", "one");
	has_content(".3.gz", "two");
	has_content(".2.gz", NULL);
	move_once();
	has_content(".3", "one");
	has_content(".3.gz", NULL);
	put_file(".2.gz", "newer");
	forget(".2");
	move_once();
	has_content(".3", NULL);
	has_content(".3.gz", "newer");
	forget("");
	forget(".1");
	forget(".2");
	forget(".3.gz");
	reed_loop_free(loop);
}

/* It may have another number by then, or be gone. */
static void a_packed_one_takes_the_place_of_what_it_was_made_from(void)
{
	struct reed_cell *moved;
	struct reed_log_file of;
	char *packed;
	uint64_t seen;

	open_packed_log(2);
	packed = reed_sprintf("%s.packing", path);
	moved = reed_log_moved(reed_log_of(loop));
	move_once();
	of = file_of(".1");
	move_once();
	put_file(".packing", "packed");
	seen = moved->count;
	reed_log_packed(reed_log_of(loop), packed, of);
	while (moved->count == seen)
		reed_loop_turn(loop, REED_NEVER);
	has_content(".2.gz", "packed");
	has_content(".2", NULL);
	has_content(".packing", NULL);
	put_file(".packing", "again");
	seen = moved->count;
	reed_log_packed(reed_log_of(loop), packed, of);
	flush();
	reed_loop_turn(loop, 0);
	check(moved->count == seen);
	has_content(".2.gz", "packed");
	has_content(".packing", NULL);
	forget("");
	forget(".1");
	forget(".2.gz");
	reed_free(packed);
	reed_loop_free(loop);
}

/* ---- full ---- */

static void limit_files_to(rlim_t most)
{
	struct rlimit limit;

	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = most;
	check_int(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static struct reed_log_stats stats_of(void)
{
	struct reed_log_stats stats = { .size = sizeof(stats) };

	reed_log_stats(reed_log_of(loop), &stats);
	return stats;
}

/* What standard error got meanwhile. */
static int save_stderr(int *told)
{
	int saved = dup(2), pair[2];

	check_int(pipe(pair), 0);
	fcntl(pair[0], F_SETFL, O_NONBLOCK);
	dup2(pair[1], 2);
	close(pair[1]);
	*told = pair[0];
	return saved;
}

static char *restore_stderr(int saved, int told)
{
	char *text = reed_alloc(4096);
	ssize_t n;

	dup2(saved, 2);
	close(saved);
	n = read(told, text, 4095);
	text[n > 0 ? n : 0] = '\0';
	close(told);
	return text;
}

static void a_full_disk_is_told_once_and_survived(void)
{
	struct reed_log_options options = REED_LOG_OPTIONS;
	int told, saved = save_stderr(&told);
	char *text, *said, wanted[100];
	size_t whole;

	options.to = REED_LOG_TO_FILE;
	open_log(&options);
	signal(SIGXFSZ, SIG_IGN);
	limit_files_to(1010);
	for (int i = 0; i < 50; i++) {
		reed_log(loop, REED_LOG_INFO, "a line n=%d", i);
		flush();
	}
	check_int(stats_of().failing, 1);
	said = restore_stderr(saved, told);
	check_int(lines_of(said, "cannot be written, so records are lost until it can: "), 1);
	check(strstr(said, path));
	reed_free(said);
	text = content("");
	check_int(strlen(text), 1010);
	whole = lines_of(text, "}\n");
	reed_free(text);
	check_int(stats_of().dropped, 50 - whole);
	limit_files_to(RLIM_INFINITY);
	reed_log(loop, REED_LOG_INFO, "a line n=%d", 1000);
	flush();
	check_int(stats_of().failing, 0);
	text = content("");
	check_int(lines_of(text, "}\n"), whole + 2);
	check(strstr(text, "\n{"));
	check(strstr(text, "\"n\":1000,"));
	snprintf(wanted, sizeof(wanted), "\"records\":%zu}", 50 - whole);
	check(strstr(text, wanted));
	reed_free(text);
	forget("");
	reed_loop_free(loop);
}

/* ---- the journal ---- */

static int journal(struct sockaddr_un *at)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	*at = (struct sockaddr_un){ .sun_family = AF_UNIX };
	snprintf(at->sun_path, sizeof(at->sun_path), "%s/journal", folder);
	unlink(at->sun_path);
	check_int(bind(fd, (struct sockaddr *)at, sizeof(*at)), 0);
	return fd;
}

static void pretend_stderr_is_the_journal(void)
{
	struct stat st;
	char text[64];

	check_int(fstat(2, &st), 0);
	snprintf(text, sizeof(text), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	setenv("JOURNAL_STREAM", text, 1);
}

static void the_journal_gets_fields_by_their_names(void)
{
	struct reed_log_options options = REED_LOG_OPTIONS;
	struct sockaddr_un at;
	int fd = journal(&at);
	char got[4096], *end;
	ssize_t n;

	pretend_stderr_is_the_journal();
	options.journal = at.sun_path;
	options.identity = "reed-test";
	open_log(&options);
	reed_log(loop, REED_LOG_ERROR, "client has left nick=%s text=%s priority=%d _x=%d", "ann",
	         "a\nb", 9, 1);
	n = recv(fd, got, sizeof(got) - 1, 0);
	check(n > 0);
	for (end = got; end < got + n; end++)
		*end = *end ? *end : '0';
	*end = '\0';
	check(strstr(got, "PRIORITY=3\nSYSLOG_IDENTIFIER=reed-test\nCODE_FILE="));
	check(strstr(got, "log_file.c\nCODE_LINE="));
	check(strstr(got, "\nNICK=ann\nTEXT\n\0030000000a\nb\nF_PRIORITY=9\nX=1\n"));
	check(strstr(got, "\nMESSAGE=client has left") && got[n - 1] == '\n');
	check(strstr(got, " nick=ann text=\"a\\nb\" priority=9 _x=1\n"));
	/* what repeats itself is folded there too */
	for (int i = 0; i < 3; i++)
		reed_log(loop, REED_LOG_INFO, "again");
	flush();
	n = recv(fd, got, sizeof(got) - 1, 0);
	check(n > 14 && memcmp(got + n - 14, "MESSAGE=again\n", 14) == 0);
	n = recv(fd, got, sizeof(got) - 1, 0);
	check(n > 14);
	got[n] = '\0';
	check(strstr(got, " (and 2 more)\n"));
	close(fd);
	/* one that was started anew */
	fd = journal(&at);
	reed_log(loop, REED_LOG_INFO, "still there");
	n = recv(fd, got, sizeof(got) - 1, 0);
	check(n > 0);
	check_int(stats_of().dropped, 0);
	close(fd);
	reed_loop_free(loop);
	unlink(at.sun_path);
}

static void without_a_journal_there_are_lines(void)
{
	struct reed_log_options options = REED_LOG_OPTIONS;
	int told, saved = save_stderr(&told);
	char *said;

	pretend_stderr_is_the_journal();
	options.journal = "/nowhere/journal";
	open_log(&options);
	reed_log(loop, REED_LOG_INFO, "a line");
	flush();
	said = restore_stderr(saved, told);
	check(strstr(said, "\"message\":\"a line\""));
	reed_free(said);
	reed_loop_free(loop);
	unsetenv("JOURNAL_STREAM");
}

int main(void)
{
	check(mkdtemp(folder));
	RUN(a_file_that_is_long_is_moved_away_and_some_are_kept);
	RUN(a_file_that_cannot_be_moved_away_grows_on_and_says_so);
	RUN(packed_ones_go_up_with_the_others_and_the_oldest_goes);
	RUN(a_packed_one_takes_the_place_of_what_it_was_made_from);
	RUN(a_full_disk_is_told_once_and_survived);
	RUN(the_journal_gets_fields_by_their_names);
	RUN(without_a_journal_there_are_lines);
	check_int(rmdir(folder), 0);
	return 0;
}
