/* A portal over a checker of one file, which the test writes. */

#ifndef REED_TESTS_FILE_HOUSE_H
#define REED_TESTS_FILE_HOUSE_H

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reed/checker.h"

#include "check.h"

struct file_house {
	char folder[64], path[128];
	struct reed_loop *loop;
	struct reed_portal *portal;
	struct reed_fault *fault; /* of the last thing that failed */
};

static inline enum reed_err house_run(struct file_house *h, struct reed_future *f)
{
	reed_fault_free(h->fault);
	h->fault = NULL;
	return reed_loop_run_until(h->loop, f, &h->fault);
}

static inline bool house_says(const struct file_house *h, const char *words)
{
	return h->fault && strstr(reed_fault_why(h->fault, h->fault->err), words);
}

static inline void house_write(const struct file_house *h, const char *text)
{
	FILE *f = fopen(h->path, "w");

	check(f && fputs(text, f) >= 0 && fclose(f) == 0);
	check(chmod(h->path, 0600) == 0);
}

/* Opens "KIND:ARGUMENT"; without an argument it is the file. */
static inline enum reed_err house_add(struct file_house *h, const char *kind, const char *argument)
{
	struct reed_checker *checker;
	char spec[256];
	enum reed_err err;

	snprintf(spec, sizeof(spec), "%s:%s", kind, argument ? argument : h->path);
	err = house_run(h, reed_checker_new(h->loop, spec, NULL, &checker));
	if (!err)
		reed_portal_add(h->portal, checker);
	return err;
}

static inline void house_open(struct file_house *h, const char *text)
{
	struct reed_portal_options options = REED_PORTAL_OPTIONS;

	*h = (struct file_house){ .folder = "/tmp/reed-accounts-XXXXXX" };
	check(mkdtemp(h->folder));
	snprintf(h->path, sizeof(h->path), "%s/file", h->folder);
	house_write(h, text);
	options.limits.none = true;
	check_int(reed_loop_new(NULL, &h->loop), REED_OK);
	h->portal = reed_portal_new(h->loop, &options);
}

static inline void house_close(struct file_house *h)
{
	reed_portal_free(h->portal);
	reed_fault_free(h->fault);
	reed_loop_free(h->loop);
	unlink(h->path);
	check(rmdir(h->folder) == 0);
}

/* Logged in, and out again; name is that of the account, when it is not NULL. */
static inline enum reed_err house_try(struct file_house *h, const struct reed_credential *c,
                                      char name[REED_ACCOUNT_ROOM])
{
	static const struct reed_peer from = { "192.0.2.1:4711", "test" };
	struct reed_avatar *avatar;
	enum reed_err err = house_run(h, reed_portal_login(h->portal, c, "test", &from, &avatar));

	if (!err && name)
		reed_slice_copy(name, REED_ACCOUNT_ROOM, reed_slice_of(avatar->account));
	if (!err)
		reed_avatar_logout(avatar);
	return err;
}

static inline enum reed_err house_login(struct file_house *h, const char *user,
                                        const char *password)
{
	struct reed_credential c = { .kind = REED_CREDENTIAL_PASSWORD };

	c.user = reed_slice_of(user);
	c.secret = reed_slice_of(password);
	return house_try(h, &c, NULL);
}

#endif
