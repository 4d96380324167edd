/* Files that come piece by piece. */

#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "reed/folder.h"
#include "reed/part.h"

static char above[] = "/tmp/reed-part-XXXXXX", part[64], whole[64];

static void write_at(int fd, uint64_t offset, const char *text)
{
	check_int(reed_part_write(fd, offset, reed_slice_of(text)), REED_OK);
}

static void holds(const char *path, const char *text)
{
	char here[100] = "";
	FILE *f = fopen(path, "rb");

	check(f != NULL);
	check(fread(here, 1, sizeof(here) - 1, f) == strlen(text));
	check_str(here, text);
	fclose(f);
}

static int open_part(uint64_t wanted)
{
	uint64_t have = 77;
	int fd = -1;

	check_int(reed_part_open(part, &fd, &have), REED_OK);
	check_int(have, wanted);
	return fd;
}

static void what_is_written_cuts_off_what_stood_behind(void)
{
	int fd = open_part(0);

	write_at(fd, 0, "one two three");
	write_at(fd, 4, "four");
	holds(part, "one four");
	write_at(fd, 3, "");
	holds(part, "one");
	reed_folder_close(fd);
	reed_folder_close(open_part(3));
}

static void a_part_is_one_writers(void)
{
	uint64_t have;
	int fd = open_part(3), other;

	check_int(reed_part_open(part, &other, &have), REED_EBUSY);
	reed_folder_close(fd);
	reed_folder_close(open_part(3));
}

static void a_whole_one_replaces_nothing_unless_it_may(void)
{
	int fd = open_part(3);

	check_int(reed_part_keep(fd, part, whole, false), REED_OK);
	reed_folder_close(fd);
	holds(whole, "one");
	fd = open_part(0);
	write_at(fd, 0, "two");
	check_int(reed_part_keep(fd, part, whole, false), REED_EEXIST);
	holds(whole, "one");
	check_int(reed_part_keep(fd, part, whole, true), REED_OK);
	holds(whole, "two");
	reed_folder_close(fd);
	check(access(part, F_OK) < 0);
}

static void only_plain_files_are_taken(void)
{
	uint64_t size;
	int fd;

	check(symlink("/etc/passwd", part) == 0);
	check_int(reed_part_open(part, &fd, &size), REED_EINVAL);
	check(unlink(part) == 0 && mkfifo(part, 0600) == 0);
	check_int(reed_part_open(part, &fd, &size), REED_EINVAL);
	check_int(reed_part_source(part, &fd, &size), REED_EINVAL);
	check_int(reed_part_source(above, &fd, &size), REED_EINVAL);
	check(unlink(part) == 0);
	check_int(reed_part_source(part, &fd, &size), REED_ENOENT);
	check_int(reed_part_source(whole, &fd, &size), REED_OK);
	check_int(size, 3);
	reed_folder_close(fd);
}

int main(void)
{
	check(mkdtemp(above) != NULL);
	snprintf(part, sizeof(part), "%s/x.part", above);
	snprintf(whole, sizeof(whole), "%s/x", above);
	RUN(what_is_written_cuts_off_what_stood_behind);
	RUN(a_part_is_one_writers);
	RUN(a_whole_one_replaces_nothing_unless_it_may);
	RUN(only_plain_files_are_taken);
	check(unlink(whole) == 0 && rmdir(above) == 0);
	return 0;
}
