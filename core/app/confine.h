/* How a process gives up what it does not need.  Before it has threads. */

#ifndef REED_APP_CONFINE_H
#define REED_APP_CONFINE_H

#include "needs.h"
#include "reed/err.h"
#include "reed/process.h"

/* Compilers' sanitizers need more calls and files than we do. */
#if defined(__SANITIZE_ADDRESS__)
#define REED_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define REED_SANITIZED 1
#endif
#endif

/* ---- who it is: os_user.c ---- */

struct run_as {
	bool given; /* by --user or --group */
	unsigned uid, gid;
	char *name; /* owned; NULL: a number that is nobody's */
};

/* user and group are names or numbers; NULL: as it is. */
enum reed_err reed_os_user_find(const char *user, const char *group, struct run_as *out,
                                struct reed_fault **fault);
enum { USER_GROUPS = 64 };

/* user points into it: it is not to be moved. */
struct user_of_program {
	struct reed_child_user user;
	uint32_t groups[USER_GROUPS];
};

/* The same with all the groups that the user is of; faults name no flags. */
enum reed_err reed_os_user_of_program(const char *user, const char *group,
                                      struct user_of_program *out, struct reed_fault **fault);
void reed_user_finish(struct run_as *self);

/* It is the process from here on, and there is no way back.  REED_EPERM: that takes root. */
enum reed_err reed_user_take(const struct run_as *self, struct reed_fault **fault);

/* Made for that identity if it is not there; what is there stays as it is. */
enum reed_err reed_user_own_folder(const struct run_as *self, const char *path,
                                   struct reed_fault **fault);
enum reed_err reed_user_own_file(const struct run_as *self, const char *path,
                                 struct reed_fault **fault);

/* ---- capabilities, and what else a process can do without: os_confine_*.c ---- */

/* Those of root that stay; the rest goes for good with reed_rights_limit(). */
struct rights {
	bool low_ports;
	bool files; /* it stays root, which owns files of others */
	bool users; /* it runs programs as others */
};

/* Around reed_user_take(): what it would lose and is to keep. */
void reed_rights_keep(const struct rights *rights);
void reed_rights_limit(const struct rights *rights);

/* "CAP_CHOWN, ..."; "none". */
void reed_rights_print(struct reed_buf *out);

/* No core files, no debuggers of the same user, no way to more rights by running programs. */
void reed_secrets_shield(void);
void reed_no_new_rights(void);

/* Raises the soft limit to the hard one; returns it. */
uint64_t reed_descriptors_raise(void);

/* ---- Landlock and seccomp ---- */

/* What the system has: 0 is none. */
int reed_landlock_abi(void);
bool reed_seccomp_is_there(void);

enum reed_err reed_landlock_enter(const struct reed_needs *needs, struct reed_fault **fault);
enum reed_err reed_seccomp_enter(const struct reed_needs *needs, struct reed_fault **fault);

/* For people; how many calls are allowed, or refused when programs are run. */
size_t reed_seccomp_count(const struct reed_needs *needs);

#endif
