/* Files that are read and replaced as a whole. */

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/os.h"
#include "reed/alloc.h"
#include "reed/file.h"
#include "tests/check.h"

static char folder[] = "/tmp/reed-file-XXXXXX";
static char path[64];

static void put(size_t n)
{
	FILE *file = fopen(path, "w");

	check(file);
	for (size_t i = 0; i < n; i++)
		fputc('a' + (int)(i % 26), file);
	check(fclose(file) == 0);
}

static enum reed_err read_with(size_t limit, size_t *n)
{
	struct reed_buf text = { .limit = limit };
	struct reed_file_stamp stamp;
	enum reed_err err = reed_file_read(path, &text, &stamp);

	*n = reed_buf_held(&text);
	if (!err)
		check_int(stamp.size, *n);
	reed_buf_finish(&text);
	return err;
}

/* Also when the buffer grows in steps, and whatever is left of the last one. */
static void a_file_below_the_limit_is_read_and_no_other(void)
{
	static const size_t sizes[] = { 1, 100, 16384, 16385, 40000 };
	size_t n;

	for (size_t i = 0; i < REED_COUNT(sizes); i++) {
		put(sizes[i]);
		check_int(read_with(sizes[i] + 1, &n), REED_OK);
		check_int(n, sizes[i]);
		check_int(read_with(0, &n), REED_OK);
		check_int(n, sizes[i]);
		check_int(read_with(sizes[i], &n), REED_ETOOBIG);
		check(n <= sizes[i]);
	}
}

static void what_was_there_before_counts(void)
{
	struct reed_buf text = { .limit = 20 };
	struct reed_file_stamp stamp;

	put(10);
	reed_buf_add_str(&text, "before: ");
	check_int(reed_file_read(path, &text, &stamp), REED_OK);
	check_slice(reed_buf_slice(&text), "before: abcdefghij");
	check_int(reed_file_read(path, &text, &stamp), REED_ETOOBIG);
	reed_buf_finish(&text);
}

static void who_tells_people_says_which_file_and_how_large(void)
{
	struct reed_buf text = { .limit = 10 };
	struct reed_fault *fault = NULL;
	char *wanted = reed_sprintf("%s is larger than 10 bytes", path);

	put(10);
	check_int(reed_os_read_file(path, &text, &fault), REED_ETOOBIG);
	check_str(fault->sentence, wanted);
	reed_fault_free(fault);
	reed_free(wanted);
	check_int(reed_os_read_file(folder, &text, &fault), REED_EISDIR);
	wanted = reed_sprintf("cannot read %s: Is a directory", folder);
	check_str(fault->sentence, wanted);
	reed_fault_free(fault);
	reed_free(wanted);
	reed_buf_finish(&text);
}

static void a_file_is_replaced_with_its_mode(void)
{
	struct reed_file_stamp stamp, before;
	struct stat st;

	put(10);
	check_int(reed_file_look(path, &before), REED_OK);
	check_int(reed_os_write_file(path, REED_STR("all"), 0644, NULL), REED_OK);
	check(stat(path, &st) == 0 && (st.st_mode & 07777) == 0644 && st.st_size == 3);
	check_int(reed_file_replace(path, REED_STR("more"), &stamp), REED_OK);
	check(stat(path, &st) == 0 && (st.st_mode & 07777) == 0600 && st.st_size == 4);
	check(!reed_file_same(&stamp, &before));
}

static void a_file_without_a_name_may_get_one_that_is_free(void)
{
	struct reed_fault *fault = NULL;
	struct stat st;
	int fd;

	check_int(reed_file_temporary(folder, &fd, NULL), REED_OK);
	check_int(reed_file_add(fd, REED_STR("hello")), REED_OK);
	check_int(reed_file_name(fd, path), REED_EEXIST);
	unlink(path);
	check_int(reed_file_name(fd, path), REED_OK);
	close(fd);
	check(stat(path, &st) == 0 && (st.st_mode & 07777) == 0640 && st.st_size == 5);
	check_int(reed_file_temporary("/nowhere", &fd, &fault), REED_ENOENT);
	check_str(fault->sentence,
	          "cannot make a temporary file in /nowhere: No such file or directory");
	reed_fault_free(fault);
}

static void one_that_had_a_name_is_copied(void)
{
	struct stat st;
	char *old = reed_sprintf("%s/old", folder), *room = reed_alloc(200000);
	FILE *file = fopen(old, "w+");

	check(file && fwrite(room, 1, 200000, file) == 200000 && fflush(file) == 0);
	check_int(unlink(old), 0);
	check_int(unlink(path), 0);
	check_int(reed_file_name(fileno(file), path), REED_OK);
	check(stat(path, &st) == 0 && st.st_size == 200000 && st.st_nlink == 1);
	fclose(file);
	reed_free(old);
	reed_free(room);
}

static void a_file_that_is_removed_is_gone_and_cannot_be_removed_again(void)
{
	struct reed_file_stamp stamp;

	put(3);
	check_int(reed_file_remove(path), REED_OK);
	check_int(reed_file_look(path, &stamp), REED_ENOENT);
	check_int(reed_file_remove(path), REED_ENOENT);
	put(3); /* for who comes next */
}

int main(void)
{
	check(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/file", folder);
	RUN(a_file_below_the_limit_is_read_and_no_other);
	RUN(what_was_there_before_counts);
	RUN(who_tells_people_says_which_file_and_how_large);
	RUN(a_file_is_replaced_with_its_mode);
	RUN(a_file_without_a_name_may_get_one_that_is_free);
	RUN(one_that_had_a_name_is_copied);
	RUN(a_file_that_is_removed_is_gone_and_cannot_be_removed_again);
	unlink(path);
	check(rmdir(folder) == 0);
	return 0;
}
