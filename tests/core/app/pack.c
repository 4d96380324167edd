/* Packing log files that were moved away. */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "core/app/pack.h"
#include "reed/alloc.h"
#include "tests/check.h"

static char folder[64], path[96], into[96];
static struct packing packing;

static void begin(void)
{
	snprintf(folder, sizeof(folder), "/tmp/reed-pack-XXXXXX");
	check(mkdtemp(folder) != NULL);
	snprintf(path, sizeof(path), "%s/log", folder);
	snprintf(into, sizeof(into), "%s/log.packing", folder);
	packing = (struct packing){ .path = path, .into = into, .keep = 3 };
}

static void end(void)
{
	char *command = reed_sprintf("rm -rf %s", folder);

	check_int(system(command), 0);
	reed_free(command);
}

/* Lines that do not pack well, so that much is to be written. */
static void put(const char *suffix, const char *first, int lines)
{
	char *name = reed_sprintf("%s%s", path, suffix);
	FILE *file = fopen(name, "w");
	uint32_t x = 1;

	check(file != NULL);
	fputs(first, file);
	for (int i = 0; i < lines; i++) {
		x = x * 1664525 + 1013904223;
		fprintf(file, "%08x %08x\n", (unsigned)x, (unsigned)(x * x));
	}
	fclose(file);
	reed_free(name);
}

static bool is_there(const char *suffix)
{
	char *name = reed_sprintf("%s%s", path, suffix);
	bool there = access(name, F_OK) == 0;

	reed_free(name);
	return there;
}

static bool is_of(const char *suffix)
{
	char *name = reed_sprintf("%s%s", path, suffix);
	struct stat st = { .st_ino = 0 };

	stat(name, &st);
	reed_free(name);
	return packing.of.inode == (uint64_t)st.st_ino && packing.of.device == (uint64_t)st.st_dev;
}

/* How many bytes there are in it; they begin with that. */
static long unpacked(const char *begins)
{
	gzFile in = gzopen(into, "rb");
	char piece[4096];
	long all = 0;
	int n;

	check(in != NULL);
	while ((n = gzread(in, piece, sizeof(piece))) > 0) {
		if (all == 0)
			check(strncmp(piece, begins, strlen(begins)) == 0);
		all += n;
	}
	check_int(gzclose(in), Z_OK);
	return all;
}

/* ---- tests ---- */

static void nothing_is_packed_where_nothing_was_moved_away(void)
{
	begin();
	put("", "the log itself\n", 1);
	put(".4", "more than are kept\n", 1);
	check_int(reed_pack_run(&packing), REED_OK);
	check(!packing.found);
	check(!is_there(".packing"));
	end();
}

static void the_oldest_is_packed_and_stays(void)
{
	struct stat st;

	begin();
	put(".1", "young\n", 10);
	put(".2", "old\n", 5000);
	put(".packing", "of a process that was killed\n", 50000);
	check_int(reed_pack_run(&packing), REED_OK);
	check(packing.found && is_of(".2"));
	check_int(unpacked("old\n"), 4 + 5000 * 18);
	check(is_there(".1") && is_there(".2"));
	check(stat(into, &st) == 0 && (st.st_mode & 0777) == packing.mode);
	reed_pack_forget(&packing);
	check(!is_there(".packing"));
	end();
}

static void what_is_no_file_is_left_alone(void)
{
	char *link;

	begin();
	put("", "the log itself\n", 1);
	link = reed_sprintf("%s.2", path);
	check_int(symlink("/etc/passwd", link), 0);
	reed_free(link);
	link = reed_sprintf("%s.3", path);
	check_int(mkfifo(link, 0600), 0);
	reed_free(link);
	check_int(reed_pack_run(&packing), REED_OK);
	check(!packing.found);
	end();
}

/* A file that cannot grow stands for a disk that has no room. */
static void without_room_all_stays_as_it_was(void)
{
	struct rlimit limit, less;

	begin();
	put(".1", "only\n", 50000);
	signal(SIGXFSZ, SIG_IGN);
	check_int(getrlimit(RLIMIT_FSIZE, &limit), 0);
	less = limit;
	less.rlim_cur = 65536;
	check_int(setrlimit(RLIMIT_FSIZE, &less), 0);
	check_int(reed_pack_run(&packing), reed_err_of(EFBIG));
	check_int(setrlimit(RLIMIT_FSIZE, &limit), 0);
	check(is_there(".1") && !is_there(".packing"));
	check_int(reed_pack_run(&packing), REED_OK);
	check_int(unpacked("only\n"), 5 + 50000 * 18);
	end();
}

int main(void)
{
	RUN(nothing_is_packed_where_nothing_was_moved_away);
	RUN(the_oldest_is_packed_and_stays);
	RUN(what_is_no_file_is_left_alone);
	RUN(without_room_all_stays_as_it_was);
	return 0;
}
