/*
 * Landlock: files, TCP ports, other processes.
 *
 * The kernel's own header may be older than the kernel, so what came after its
 * first version stands here.  What an older kernel does not know is left out;
 * what it knows is all forbidden but for the rules.
 */

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "confine.h"
#include "reed/alloc.h"

/* linux/landlock.h */
enum {
	FS_EXECUTE = 1 << 0,
	FS_WRITE_FILE = 1 << 1,
	FS_READ_FILE = 1 << 2,
	FS_READ_DIR = 1 << 3,
	FS_REMOVE_DIR = 1 << 4,
	FS_REMOVE_FILE = 1 << 5,
	FS_MAKE_DIR = 1 << 7,
	FS_MAKE_REG = 1 << 8,
	FS_MAKE_SOCK = 1 << 9,
	FS_MAKE_FIFO = 1 << 10,
	FS_MAKE_SYM = 1 << 12,
	FS_REFER = 1 << 13,     /* version 2 */
	FS_TRUNCATE = 1 << 14,  /* 3 */
	FS_IOCTL_DEV = 1 << 15, /* 5 */
	NET_BIND_TCP = 1 << 0,  /* 4 */
	NET_CONNECT_TCP = 1 << 1,
	SCOPE_ABSTRACT_UNIX = 1 << 0, /* 6 */
	SCOPE_SIGNAL = 1 << 1,
	OF_FILE = FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE | FS_IOCTL_DEV,
	RULE_PATH = 1,
	RULE_PORT = 2,
	ASK_VERSION = 1,
};

struct ruleset {
	uint64_t files, net, scoped;
};

struct path_rule {
	uint64_t allowed;
	int32_t parent;
} __attribute__((packed));

struct port_rule {
	uint64_t allowed, port;
};

int reed_landlock_abi(void)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, ASK_VERSION);

	return version > 0 ? (int)version : 0;
}

static uint64_t files_of(int abi)
{
	return (uint64_t)(FS_REFER - 1) | (abi >= 2 ? FS_REFER : 0) | (abi >= 3 ? FS_TRUNCATE : 0) |
	       (abi >= 5 ? FS_IOCTL_DEV : 0);
}

static struct ruleset ruleset_of(const struct reed_needs *needs, int abi)
{
	struct ruleset set = { .files = files_of(abi) };

	if (abi >= 4 && !needs->listens_anywhere)
		set.net |= NET_BIND_TCP;
	if (abi >= 4 && !needs->dials_anywhere)
		set.net |= NET_CONNECT_TCP;
	if (abi >= 6)
		set.scoped = SCOPE_SIGNAL | (needs->abstract ? 0 : SCOPE_ABSTRACT_UNIX);
	return set;
}

/* An older kernel takes the struct as it was, and no more. */
static size_t size_of(int abi)
{
	return abi >= 6   ? sizeof(struct ruleset)
	       : abi >= 4 ? offsetof(struct ruleset, scoped)
	                  : offsetof(struct ruleset, net);
}

/* ---- files ---- */

static uint64_t allowed_by(enum need_kind kind)
{
	static const uint64_t allowed[] = {
		[NEED_READ] = FS_READ_FILE | FS_READ_DIR,
		[NEED_WRITE] = FS_READ_FILE | FS_READ_DIR | FS_WRITE_FILE | FS_TRUNCATE |
		               FS_REMOVE_FILE | FS_REMOVE_DIR | FS_MAKE_REG | FS_MAKE_DIR |
		               FS_MAKE_SOCK | FS_MAKE_FIFO | FS_MAKE_SYM | FS_REFER,
		[NEED_APPEND] =
			FS_READ_DIR | FS_WRITE_FILE | FS_TRUNCATE | FS_REMOVE_FILE | FS_MAKE_REG,
		[NEED_SOCKET] = FS_READ_FILE | FS_READ_DIR | FS_WRITE_FILE | FS_REMOVE_FILE |
		                FS_MAKE_REG | FS_MAKE_SOCK,
		[NEED_DEVICE] = FS_READ_FILE | FS_WRITE_FILE | FS_TRUNCATE | FS_IOCTL_DEV,
		[NEED_PROGRAM] = FS_READ_FILE | FS_READ_DIR | FS_EXECUTE,
		[NEED_DIAL] = 0,
	};

	return allowed[kind];
}

/* -1 with errno; what is gone since needs no rule. */
static int add_path(int ruleset, const struct file_rule *rule, uint64_t handled)
{
	struct path_rule r = { .allowed = allowed_by(rule->kind) & handled };
	struct stat st;
	int failed;

	r.parent = open(rule->path, O_PATH | O_CLOEXEC);
	if (r.parent < 0)
		return 0;
	if (fstat(r.parent, &st) == 0 && !S_ISDIR(st.st_mode))
		r.allowed &= OF_FILE;
	failed = (int)syscall(SYS_landlock_add_rule, ruleset, RULE_PATH, &r, 0);
	close(r.parent);
	return failed;
}

static int add_paths(int ruleset, const struct reed_needs *needs, uint64_t handled)
{
	struct file_rules rules;
	int failed = 0;

	reed_file_rules_of(needs, &rules);
	for (size_t i = 0; i < rules.count && !failed; i++)
		failed = add_path(ruleset, &rules.items[i], handled);
	reed_file_rules_finish(&rules);
	return failed;
}

/* ---- ports ---- */

static int add_ports(int ruleset, const struct reed_needs *needs, uint64_t handled)
{
	for (size_t i = 0; i < needs->count; i++) {
		const struct need *n = &needs->items[i];
		struct port_rule r = { .port = n->port };

		if (n->kind == NEED_LISTEN)
			r.allowed = NET_BIND_TCP & handled;
		else if (n->kind == NEED_DIAL)
			r.allowed = NET_CONNECT_TCP & handled;
		if (r.allowed && syscall(SYS_landlock_add_rule, ruleset, RULE_PORT, &r, 0) < 0)
			return -1;
	}
	return 0;
}

/* ---- all of it ---- */

static enum reed_err failed(const char *what, struct reed_fault **fault)
{
	enum reed_err err = reed_err_of(errno);

	*fault = reed_fault(err, NULL, "Landlock %s: %s", what, strerror(errno));
	return err;
}

static enum reed_err enter(int ruleset, const struct ruleset *set, const struct reed_needs *needs,
                           struct reed_fault **fault)
{
	if (add_paths(ruleset, needs, set->files) < 0)
		return failed("does not take a rule about files", fault);
	if (add_ports(ruleset, needs, set->net) < 0)
		return failed("does not take a rule about ports", fault);
	if (syscall(SYS_landlock_restrict_self, ruleset, 0) < 0)
		return failed("cannot be entered", fault);
	return REED_OK;
}

enum reed_err reed_landlock_enter(const struct reed_needs *needs, struct reed_fault **fault)
{
	int abi = reed_landlock_abi(), ruleset;
	struct ruleset set = ruleset_of(needs, abi);
	enum reed_err err;

	if (!abi) {
		*fault = reed_fault(REED_ENOTSUP, NULL, "this kernel has no Landlock");
		return REED_ENOTSUP;
	}
	ruleset = (int)syscall(SYS_landlock_create_ruleset, &set, size_of(abi), 0);
	if (ruleset < 0)
		return failed("cannot be set up", fault);
	err = enter(ruleset, &set, needs, fault);
	close(ruleset);
	return err;
}
