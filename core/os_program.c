/* Which program a child runs, with which environment; and why it does not. */

#include "os_spawn.h"

#include <grp.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

static const char default_path[] = "/usr/local/bin:/usr/bin:/bin";

/* ---- environment ---- */

static size_t name_length(const char *entry)
{
	return strcspn(entry, "=");
}

static bool same_name(const char *a, const char *b)
{
	size_t n = name_length(a);

	return n == name_length(b) && memcmp(a, b, n) == 0;
}

/* The place of a name, or count. */
static size_t find_name(char *const *env, size_t count, const char *entry)
{
	size_t i = 0;

	while (i < count && !same_name(env[i], entry))
		i++;
	return i;
}

static size_t count_words(char *const *words)
{
	size_t n = 0;

	while (words && words[n])
		n++;
	return n;
}

/* The last of one name holds; taking away moves the end into the gap. */
static void change_env(char **env, size_t *count, const char *entry)
{
	size_t at = find_name(env, *count, entry);
	bool is_there = at < *count;

	if (entry[name_length(entry)] == '=') {
		env[at] = (char *)(uintptr_t)entry;
		*count += !is_there;
	} else if (is_there) {
		env[at] = env[--*count];
	}
	env[*count] = NULL;
}

static char *const *make_env(const struct reed_process_options *o)
{
	char *const *changes = (char *const *)(uintptr_t)o->env;
	size_t count = o->clean_env ? 0 : count_words(environ);
	char **env;

	if (!o->env && !o->clean_env)
		return environ;
	env = reed_alloc((count + count_words(changes) + 1) * sizeof(*env));
	if (count > 0)
		memcpy(env, environ, count * sizeof(*env));
	for (; changes && *changes; changes++)
		change_env(env, &count, *changes);
	return env;
}

/* ---- where the program may be ---- */

static const char *path_of(char *const *env)
{
	size_t count = count_words(env), at = find_name(env, count, "PATH=");

	return at < count && env[at][5] ? env[at] + 5 : default_path;
}

static char **in_path(struct reed_slice name, const char *path)
{
	struct reed_slice rest = reed_slice_of(path);
	size_t most = 2, count = 0;
	char **programs;

	for (const char *c = path; *c; c++)
		most += *c == ':';
	programs = reed_alloc(most * sizeof(*programs));
	while (rest.n > 0) {
		struct reed_slice folder = reed_slice_cut(&rest, ':');

		if (folder.n > 0)
			programs[count++] = reed_sprintf(REED_FMT "/" REED_FMT, REED_ARG(folder),
			                                 REED_ARG(name));
	}
	return programs;
}

static const char *wanted_program(const struct reed_process_options *o)
{
	return o->program ? o->program : o->argv[0];
}

void reed_spawn_program(struct reed_spawn_plan *plan)
{
	const char *program = wanted_program(plan->options);

	plan->env = make_env(plan->options);
	if (program[0] && !strchr(program, '/')) {
		plan->programs = in_path(reed_slice_of(program), path_of(plan->env));
		return;
	}
	plan->programs = reed_alloc(2 * sizeof(*plan->programs));
	plan->programs[0] = reed_strdup(program);
}

void reed_spawn_program_finish(struct reed_spawn_plan *plan)
{
	for (char **p = plan->programs; p && *p; p++)
		reed_free(*p);
	reed_free(plan->programs);
	if (plan->env != environ)
		reed_free((void *)(uintptr_t)plan->env);
}

/* ---- why not ---- */

/* What is no program of this system is not told by exec, but a file that is there and not found is. */
static struct reed_fault *exec_fault(const struct reed_spawn_plan *plan, enum reed_err err)
{
	const char *wanted = wanted_program(plan->options), *tried = plan->programs[plan->which];

	if (!tried || (plan->err == ENOENT && !strchr(wanted, '/')))
		return reed_fault(err, NULL, "there is no %s in the PATH (%s)",
		                  wanted[0] ? wanted : "program with an empty name",
		                  path_of(plan->env));
	if (plan->err == ENOENT && tried[0] == '/' && access(tried, F_OK) == 0)
		return reed_fault(err, NULL,
		                  "%s is there, but what shall run it (its #! line, or its loader) "
		                  "is not",
		                  tried);
	if (plan->err == ENOEXEC)
		return reed_fault(REED_EINVAL, NULL,
		                  "%s is no program of this system; a script begins with #! and "
		                  "the path of what shall run it",
		                  tried);
	if (plan->err == E2BIG)
		return reed_fault(REED_ETOOBIG, NULL,
		                  "%s: arguments and environment are more than the system takes",
		                  tried);
	return reed_fault(err, NULL, "cannot run %s: %s", tried, strerror(plan->err));
}

struct reed_fault *reed_spawn_fault(const struct reed_spawn_plan *plan)
{
	const struct reed_process_options *o = plan->options;
	const char *name = o->argv[0], *why = strerror(plan->err);
	enum reed_err err = reed_err_of(plan->err);

	err = err == REED_EAGAIN ? REED_EBUSY : err;
	switch (plan->step) {
	case REED_SPAWN_CLONE:
		return reed_fault(err, NULL, "no process for %s: %s", name, why);
	case REED_SPAWN_GROUP:
		return reed_fault(err, NULL, "no process group for %s: %s", name, why);
	case REED_SPAWN_TERMINAL:
		return reed_fault(err, NULL, "no terminal for %s: %s", name, why);
	case REED_SPAWN_MAP:
		return reed_fault(plan->err == EBADF ? REED_EINVAL : err, NULL,
		                  "descriptor %d of %s: %s", plan->map[plan->which].to, name,
		                  plan->err == EBADF ? "what it should be is not open" : why);
	case REED_SPAWN_LIMIT:
		return reed_fault(err, NULL, "limit %d of %s: %s", o->limits[plan->which].resource,
		                  name, why);
	case REED_SPAWN_GROUPS:
		return reed_fault(err, NULL, "%s cannot be given its groups: %s", name, why);
	case REED_SPAWN_GID:
		return reed_fault(err, NULL, "%s cannot run as group %u: %s", name, o->user->gid,
		                  why);
	case REED_SPAWN_UID:
		return reed_fault(err, NULL, "%s cannot run as user %u: %s", name, o->user->uid,
		                  why);
	case REED_SPAWN_DIRECTORY:
		return reed_fault(err, NULL, "%s cannot start in the directory %s: %s", name,
		                  o->directory, why);
	case REED_SPAWN_EXEC:
		break;
	}
	return exec_fault(plan, err);
}
