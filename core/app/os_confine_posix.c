/* A system without capabilities, Landlock and seccomp: there is nothing to give up but files. */

#include <sys/resource.h>

#include "confine.h"

void reed_rights_keep(const struct rights *rights)
{
	(void)rights;
}

void reed_rights_limit(const struct rights *rights)
{
	(void)rights;
}

void reed_rights_print(struct reed_buf *out)
{
	reed_buf_add_str(out, "unknown");
}

void reed_secrets_shield(void)
{
	struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
}

void reed_no_new_rights(void)
{
}

int reed_landlock_abi(void)
{
	return 0;
}

bool reed_seccomp_is_there(void)
{
	return false;
}

static enum reed_err refuse(const char *what, struct reed_fault **fault)
{
	*fault = reed_fault(REED_ENOTSUP, NULL, "this system has no %s", what);
	return REED_ENOTSUP;
}

enum reed_err reed_landlock_enter(const struct reed_needs *needs, struct reed_fault **fault)
{
	(void)needs;
	return refuse("Landlock", fault);
}

enum reed_err reed_seccomp_enter(const struct reed_needs *needs, struct reed_fault **fault)
{
	(void)needs;
	return refuse("seccomp", fault);
}

size_t reed_seccomp_count(const struct reed_needs *needs)
{
	(void)needs;
	return 0;
}
