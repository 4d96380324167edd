/* A portal over each kind of checker in turn, for suites that run over all of them. */

#ifndef REED_TESTS_CHECKERS_H
#define REED_TESTS_CHECKERS_H

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reed/alloc.h"
#include "reed/checker.h"
#include "reed/sasl.h"
#include "reed/sqlite_checker.h"

#include "check.h"

struct kind {
	const char *name;
	const char *file; /* in the test's folder; NULL: keeps nothing */
	bool tokens;
};

static const struct kind kinds[] = {
	{ "memory", NULL, true },
	{ "file", "accounts", false },
	{ "sqlite", "accounts.db", true },
};

struct house {
	const struct kind *kind;
	char folder[64];
	struct reed_loop *loop;
	struct reed_portal *portal;
	struct reed_checker *checker;
	struct reed_portal_options options;
};

static const struct kind *current;

static const struct reed_peer home = { "192.0.2.1:4711", "irc" };

static enum reed_err run(struct house *h, struct reed_future *f)
{
	return reed_loop_run_until(h->loop, f, NULL);
}

static void spec_of(const struct house *h, char spec[128])
{
	if (h->kind->file)
		snprintf(spec, 128, "%s:%s/%s", h->kind->name, h->folder, h->kind->file);
	else
		snprintf(spec, 128, "%s:", h->kind->name);
}

static void open_portal(struct house *h)
{
	struct reed_checker_options o = REED_CHECKER_OPTIONS;
	char spec[128];

	o.rules = &reed_auth_rules_unicode;
	spec_of(h, spec);
	check(!reed_loop_new(NULL, &h->loop));
	h->portal = reed_portal_new(h->loop, &h->options);
	check_int(run(h, reed_checker_new(h->loop, spec, &o, &h->checker)), REED_OK);
	reed_portal_add(h->portal, h->checker);
}

static void close_portal(struct house *h)
{
	reed_portal_free(h->portal);
	reed_loop_free(h->loop);
}

static void open_house(struct house *h)
{
	*h = (struct house){ .kind = current, .options = REED_PORTAL_OPTIONS };
	strcpy(h->folder, "/tmp/reed-checkers-XXXXXX");
	check(mkdtemp(h->folder));
	h->options.rules = &reed_auth_rules_unicode;
	h->options.limits.none = true;
	open_portal(h);
}

static void close_house(struct house *h)
{
	struct dirent *entry;
	char path[512];
	DIR *dir;

	close_portal(h);
	dir = opendir(h->folder);
	check(dir);
	while ((entry = readdir(dir))) {
		snprintf(path, sizeof(path), "%s/%s", h->folder, entry->d_name);
		if (entry->d_name[0] != '.')
			check(unlink(path) == 0);
	}
	closedir(dir);
	check(rmdir(h->folder) == 0);
}

static enum reed_err create(struct house *h, const char *name, const char *password)
{
	return run(h, reed_portal_create(h->portal, reed_slice_of(name), reed_slice_of(password)));
}

static void run_over_all_kinds(void (*suite)(void))
{
	reed_sqlite_checker_register();
	for (size_t i = 0; i < REED_COUNT(kinds); i++) {
		current = &kinds[i];
		printf("# %s\n", current->name);
		suite();
	}
}

#endif
