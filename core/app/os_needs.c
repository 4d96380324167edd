/* Rules about files, from the needs and from what lies on the disk. */

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "needs.h"
#include "reed/alloc.h"

static bool is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool is_there(const char *path)
{
	return access(path, F_OK) == 0;
}

/* ---- folders that much else lies in ---- */

/* "/", "/etc", "/root", "/tmp", "/var/lib": none of them is there for one thing. */
static bool is_common(const char *folder)
{
	static const char *const common[] = { "/var/lib", "/var/log",   "/var/run",
		                              "/var/tmp", "/usr/local", "/usr/share",
		                              "/dev/shm", "/etc/ssl",   "/proc/sys/vm" };

	if (!strchr(folder + 1, '/'))
		return true;
	for (size_t i = 0; i < REED_COUNT(common); i++)
		if (strcmp(folder, common[i]) == 0)
			return true;
	return false;
}

/* ---- collecting ---- */

static struct file_rule *add(struct file_rules *rules, const struct need *n, const char *path)
{
	for (size_t i = 0; i < rules->count; i++)
		if (rules->items[i].kind == n->kind && strcmp(rules->items[i].path, path) == 0)
			return &rules->items[i];
	rules->items = reed_realloc(rules->items, (rules->count + 1) * sizeof(*rules->items));
	rules->items[rules->count] =
		(struct file_rule){ n->kind, reed_strdup(path), n->own, false };
	return &rules->items[rules->count++];
}

/* The folder it is in, without links and dots; NULL: there is none. */
static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = !slash          ? reed_strdup(".")
	               : slash == path ? reed_strdup("/")
	                               : reed_slice_dup(reed_slice(path, (size_t)(slash - path)));
	char *real = realpath(folder, NULL), *copy = reed_strdup(real);

	reed_free(folder);
	free(real);
	return copy;
}

static void add_file(struct file_rules *rules, const struct need *n, const char *path)
{
	char *folder = folder_of(path);

	if (folder && !is_common(folder))
		add(rules, n, folder);
	else if (is_there(path))
		add(rules, n, path)->alone = true;
	reed_free(folder);
}

/* Both where it lies and where it leads: a link may be set anew (letsencrypt's live/). */
static void add_read(struct file_rules *rules, const struct need *n)
{
	char *real = realpath(n->path, NULL);

	if (real && is_folder(real)) {
		add(rules, n, real);
	} else {
		if (real)
			add_file(rules, n, real);
		if (!real || strcmp(real, n->path) != 0)
			add_file(rules, n, n->path);
	}
	free(real);
}

static void add_folder_of(struct file_rules *rules, const struct need *n)
{
	char *folder = folder_of(n->path);

	if (folder)
		add(rules, n, folder);
	reed_free(folder);
}

static void add_found(struct file_rules *rules, const struct need *n, const char *path)
{
	char *real = realpath(path, NULL);

	if (real || n->kind == NEED_WRITE)
		add(rules, n, real ? real : path);
	free(real);
}

/* ---- programs ---- */

/* What nearly every program reads before its first line runs. */
static const char *const for_programs[] = { "/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc" };

static void add_program(struct file_rules *rules, const struct need *n)
{
	struct need reads = { .kind = NEED_READ };

	if (strchr(n->path, '/'))
		add_found(rules, n, n->path);
	else
		for (size_t i = 0; i < 3; i++)
			add_found(rules, n, for_programs[i]);
	for (size_t i = 0; i < REED_COUNT(for_programs); i++)
		add_found(rules, i < 5 ? n : &reads, for_programs[i]);
}

void reed_file_rules_of(const struct reed_needs *needs, struct file_rules *rules)
{
	*rules = (struct file_rules){ 0 };
	for (size_t i = 0; i < needs->count; i++) {
		const struct need *n = &needs->items[i];

		switch (n->kind) {
		case NEED_READ:
			add_read(rules, n);
			break;
		case NEED_WRITE:
		case NEED_DEVICE:
			add_found(rules, n, n->path);
			break;
		case NEED_APPEND:
		case NEED_SOCKET:
			add_folder_of(rules, n);
			break;
		case NEED_PROGRAM:
			add_program(rules, n);
			break;
		case NEED_LISTEN:
		case NEED_DIAL:
			break;
		}
	}
}

void reed_file_rules_finish(struct file_rules *rules)
{
	for (size_t i = 0; i < rules->count; i++)
		reed_free(rules->items[i].path);
	reed_free(rules->items);
	*rules = (struct file_rules){ 0 };
}
