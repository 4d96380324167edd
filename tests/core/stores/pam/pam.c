/* pam: with services in a folder of the test's own, and Debian's modules. */

#include "reed/pam_checker.h"
#include "tests/core/file_house.h"

static struct file_house house;

/* The house's file is the service. */
static void open_with(const char *service)
{
	char path[256];

	reed_pam_checker_register();
	house_open(&house, service);
	snprintf(path, sizeof(path), "%s/file", house.folder);
	check_int(house_add(&house, "pam", path), REED_OK);
}

/* A program that is told the password on its standard input, with a NUL behind it. */
static void open_with_program(const char *script)
{
	char path[256], service[1024];
	FILE *f;

	reed_pam_checker_register();
	house_open(&house, "");
	snprintf(path, sizeof(path), "%s/program", house.folder);
	f = fopen(path, "w");
	check(f && fprintf(f, "#!/bin/sh\npassword=$(tr -d '\\0')\n%s\n", script) > 0);
	check(fclose(f) == 0 && chmod(path, 0700) == 0);
	snprintf(service, sizeof(service),
	         "auth [success=1 default=ignore] pam_exec.so expose_authtok quiet %s\n"
	         "auth requisite pam_deny.so\nauth required pam_permit.so\n"
	         "account required pam_permit.so\n",
	         path);
	house_write(&house, service);
	check_int(house_add(&house, "pam", NULL), REED_OK);
}

static void close_with_program(void)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/program", house.folder);
	check(unlink(path) == 0);
	house_close(&house);
}

static void a_password_is_asked_for_and_told_once(void)
{
	open_with_program("[ \"$PAM_USER:$password\" = \"alice:wonder land\" ]");
	check_int(house_login(&house, "Alice", "wonder land"), REED_OK);
	check_int(house_login(&house, "alice", "wonderland"), REED_EAUTH);
	check_int(house_login(&house, "bob", "wonder land"), REED_EAUTH);
	check_int(house_login(&house, "alice", ""), REED_EAUTH);
	check(house_says(&house, "the name or the password is wrong"));
	close_with_program();
}

static void a_module_knows_where_somebody_comes_from(void)
{
	open_with_program("[ \"$PAM_RHOST $PAM_TTY\" = \"192.0.2.1:4711 test\" ]");
	check_int(house_login(&house, "alice", "x"), REED_OK);
	close_with_program();
}

static void what_ends_in_a_nul_is_no_password(void)
{
	struct reed_credential c = { .kind = REED_CREDENTIAL_PASSWORD };

	open_with("auth required pam_permit.so\naccount required pam_permit.so\n");
	c.user = REED_STR("alice");
	c.secret = reed_slice("wonder\0land", 11);
	check_int(house_try(&house, &c, NULL), REED_EAUTH);
	c.secret = REED_STR("wonder");
	check_int(house_try(&house, &c, NULL), REED_OK);
	house_close(&house);
}

/* What a module says, and what becomes of it. */
static enum reed_err with(const char *arguments)
{
	char service[256];
	enum reed_err err;

	snprintf(service, sizeof(service),
	         "auth required pam_debug.so %s\naccount required pam_debug.so %s\n", arguments,
	         arguments);
	open_with(service);
	err = house_login(&house, "alice", "x");
	if (err && err != REED_EAUTH)
		check(house_says(&house, "PAM (file): "));
	house_close(&house);
	return err;
}

static void each_answer_of_a_module_means_what_it_says(void)
{
	check_int(with("auth=success acct=success"), REED_OK);
	check_int(with("auth=auth_err"), REED_EAUTH);
	check_int(with("auth=user_unknown"), REED_EAUTH);
	check_int(with("auth=maxtries"), REED_EAUTH);
	check_int(with("auth=success acct=acct_expired"), REED_EAUTH);
	check_int(with("auth=success acct=new_authtok_reqd"), REED_EAUTH);
	check_int(with("auth=success acct=perm_denied"), REED_EAUTH);
	check_int(with("auth=authinfo_unavail"), REED_EIO);
	check_int(with("auth=system_err"), REED_EIO);
}

static void who_pam_does_not_know_may_be_known_elsewhere(void)
{
	open_with("auth required pam_debug.so auth=user_unknown\naccount required pam_permit.so\n");
	check_int(house_add(&house, "memory", "alice:through the glass"), REED_OK);
	check_int(house_login(&house, "alice", "through the glass"), REED_OK);
	check_int(house_login(&house, "alice", "through the door"), REED_EAUTH);
	house_close(&house);
	open_with("auth required pam_debug.so auth=auth_err\naccount required pam_permit.so\n");
	check_int(house_add(&house, "memory", "alice:through the glass"), REED_OK);
	check_int(house_login(&house, "alice", "through the glass"), REED_EAUTH);
	house_close(&house);
}

static void a_service_that_is_not_there_is_told_at_the_start(void)
{
	char path[256];

	reed_pam_checker_register();
	house_open(&house, "");
	snprintf(path, sizeof(path), "%s/other", house.folder);
	check_int(house_add(&house, "pam", path), REED_ENOENT);
	check(house_says(&house, "/other; write one"));
	check_int(house_add(&house, "pam", "no-such-service-of-reed"), REED_ENOENT);
	check(house_says(&house, "/etc/pam.d/no-such-service-of-reed"));
	check_int(house_add(&house, "pam", "/"), REED_EINVAL);
	house_close(&house);
}

/* The thread goes on with copies of its own. */
static void a_login_that_is_dropped_leaves_nothing(void)
{
	static const struct reed_peer from = { "192.0.2.1", NULL };
	struct reed_credential c = { .kind = REED_CREDENTIAL_PASSWORD };
	struct reed_avatar *avatar = NULL;
	struct reed_future *f;

	open_with("auth required pam_permit.so\naccount required pam_permit.so\n");
	c.user = REED_STR("alice");
	c.secret = REED_STR("wonderland");
	for (int turns = 0; turns < 4; turns++) {
		f = reed_portal_login(house.portal, &c, "test", &from, &avatar);
		for (int i = 0; i < turns; i++)
			reed_loop_turn(house.loop, 0);
		reed_drop(f);
	}
	check(!avatar);
	house_close(&house);
}

int main(void)
{
	RUN(a_password_is_asked_for_and_told_once);
	RUN(a_module_knows_where_somebody_comes_from);
	RUN(what_ends_in_a_nul_is_no_password);
	RUN(each_answer_of_a_module_means_what_it_says);
	RUN(who_pam_does_not_know_may_be_known_elsewhere);
	RUN(a_service_that_is_not_there_is_told_at_the_start);
	RUN(a_login_that_is_dropped_leaves_nothing);
	return 0;
}
