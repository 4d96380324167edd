/* Files beneath a folder: what is found, and what cannot be reached. */

#include "tests/check.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reed/file.h"
#include "reed/folder.h"

static char top[] = "/tmp/reed-folder-XXXXXX";

static void put(const char *name, const char *text)
{
	int fd;

	check_int(reed_file_open_end(name, &fd), REED_OK);
	check_int(reed_file_add(fd, reed_slice_of(text)), REED_OK);
	reed_folder_close(fd);
}

static void make(void)
{
	check(mkdtemp(top) != NULL && chdir(top) == 0);
	put("secret", "secret");
	check(mkdir("root", 0700) == 0 && mkdir("root/sub", 0700) == 0);
	put("root/a", "hello");
	put("root/sub/b", "b");
	check(symlink("..", "root/up") == 0 && symlink("sub", "root/down") == 0);
	check(symlink("/etc/passwd", "root/passwd") == 0 && mkfifo("root/pipe", 0600) == 0);
}

static void remove_all(void)
{
	const char *const names[] = { "root/pipe",  "root/passwd", "root/down", "root/up",
		                      "root/sub/b", "root/a",      "secret" };

	for (size_t i = 0; i < REED_COUNT(names); i++)
		check_int(unlink(names[i]), 0);
	check(rmdir("root/sub") == 0 && rmdir("root") == 0 && rmdir(top) == 0);
}

static enum reed_err look(const char *path, bool symlinks)
{
	struct reed_folder_file file;
	enum reed_err err;
	int root;

	check_int(reed_folder_open("root", &root), REED_OK);
	err = reed_folder_look(root, path, symlinks, &file);
	check((file.fd >= 0) == (err == REED_OK));
	reed_folder_close(file.fd);
	reed_folder_close(root);
	return err;
}

static void a_file_is_found_and_read(void)
{
	struct reed_folder_file file;
	char text[8];
	int root;

	check_int(reed_folder_open("root", &root), REED_OK);
	check_int(reed_folder_look(root, "a", false, &file), REED_OK);
	check_int(file.size, 5);
	check(!file.folder);
	check_int(reed_folder_read(file.fd, text, 3, 2), REED_OK);
	check_slice(reed_slice(text, 3), "llo");
	check_int(reed_folder_read(file.fd, text, 4, 2), REED_EIO);
	reed_folder_close(file.fd);
	reed_folder_close(root);
	check_int(look("sub/b", false), REED_OK);
	check_int(look("sub", false), REED_OK);
	check_int(look("", false), REED_OK);
}

static void nothing_leads_out(void)
{
	const char *const paths[] = { "../secret", "up/secret", "sub/../../secret", "/etc/passwd",
		                      "passwd",    "up",        "nothing",          "a/b" };

	for (size_t i = 0; i < REED_COUNT(paths); i++) {
		check(look(paths[i], false) != REED_OK);
		check(look(paths[i], true) != REED_OK);
	}
	check_int(look("pipe", false), REED_EACCES);
}

static void a_link_that_stays_inside_is_followed_when_told_to(void)
{
	check_int(look("down/b", false), REED_ENOENT);
#ifndef REED_POSIX_ONLY
	check_int(look("down/b", true), REED_OK);
#endif
}

static void a_list_is_sorted_and_has_a_limit(void)
{
	struct reed_folder_entry *entries;
	size_t count;
	bool more;
	int root;

	check_int(reed_folder_open("root", &root), REED_OK);
	check_int(reed_folder_list(root, false, 10, &entries, &count, &more), REED_OK);
	check_int(count, 2);
	check(!more);
	check_str(entries[0].name, "sub");
	check_str(entries[1].name, "a");
	reed_folder_list_free(entries, count);
	check_int(reed_folder_list(root, false, 1, &entries, &count, &more), REED_OK);
	check(more);
	reed_folder_list_free(entries, count);
	reed_folder_close(root);
}

static void numbers_in_names_count(void)
{
	static const char *const names[] = { "01",
		                             "1",
		                             "1a",
		                             "2",
		                             "10",
		                             "x",
		                             "x1y2",
		                             "x1y10",
		                             "x01y10b",
		                             "x2",
		                             "x02z",
		                             "x10",
		                             "x99999999999999999999",
		                             "x100000000000000000000" };
	struct reed_folder_entry *entries;
	size_t count;
	bool more;
	int fd;

	check(mkdir("numbers", 0700) == 0);
	check_int(reed_folder_open("numbers", &fd), REED_OK);
	for (size_t i = REED_COUNT(names); i > 0; i--)
		check(close(openat(fd, names[i - 1], O_CREAT | O_WRONLY, 0600)) == 0);
	check_int(reed_folder_list(fd, false, 20, &entries, &count, &more), REED_OK);
	check_int(count, REED_COUNT(names));
	for (size_t i = 0; i < count; i++) {
		check_str(entries[i].name, names[i]);
		check_int(unlinkat(fd, names[i], 0), 0);
	}
	reed_folder_list_free(entries, count);
	reed_folder_close(fd);
	check_int(rmdir("numbers"), 0);
}

static void a_folder_is_made_for_us_alone_or_is_there(void)
{
	struct stat st;

	check_int(reed_folder_make("made"), REED_OK);
	check(stat("made", &st) == 0 && (st.st_mode & 0777) == 0700);
	check_int(reed_folder_make("made"), REED_OK);
	check_int(rmdir("made"), 0);
	check_int(reed_folder_make("secret"), REED_ENOTDIR);
	check_int(reed_folder_make("nowhere/made"), REED_ENOENT);
}

int main(void)
{
	make();
	RUN(a_file_is_found_and_read);
	RUN(nothing_leads_out);
	RUN(a_link_that_stays_inside_is_followed_when_told_to);
	RUN(a_list_is_sorted_and_has_a_limit);
	RUN(numbers_in_names_count);
	RUN(a_folder_is_made_for_us_alone_or_is_there);
	remove_all();
	return 0;
}
