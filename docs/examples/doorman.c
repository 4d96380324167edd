/*
 * Accounts, from the outside and the inside: doorman WHERE COMMAND ...
 * docs/guide/accounts.md tells the rest.
 */

#include <reed/checker.h>
#include <reed/co.h>
#include <reed/sasl.h>
#include <reed/sqlite_checker.h>

struct doorman {
	struct reed_co co;
	struct reed_portal *portal;
	struct reed_checker *checker;
	char **words;
	char password[128];
	char token[REED_TOKEN_TEXT_ROOM];
	struct reed_avatar *avatar;
};

/* From standard input, so that it is neither in the history nor in the list of processes. */
static struct reed_slice read_password(struct doorman *self)
{
	if (!fgets(self->password, sizeof(self->password), stdin))
		return REED_STR("");
	return reed_slice_trim(reed_slice_of(self->password));
}

static struct reed_future *log_in(struct doorman *self, const char *user)
{
	static const struct reed_peer from = { .address = NULL, .door = "console" };
	struct reed_credential credential = {
		.kind = REED_CREDENTIAL_PASSWORD,
		.user = reed_slice_of(user),
		.secret = read_password(self),
	};

	return reed_portal_login(self->portal, &credential, "shell", &from, &self->avatar);
}

static struct reed_future *obey(struct doorman *self)
{
	struct reed_slice command = reed_slice_of(self->words[0]);
	struct reed_slice name = reed_slice_of(self->words[0] ? self->words[1] : NULL);
	const char *rest = name.n > 0 ? self->words[2] : NULL;

	if (reed_slice_is(command, "create"))
		return reed_portal_create(self->portal, name, read_password(self));
	if (reed_slice_is(command, "password"))
		return reed_portal_set_password(self->portal, name, read_password(self));
	if (reed_slice_is(command, "roles"))
		return reed_portal_set_roles(self->portal, name, reed_slice_of(rest));
	if (reed_slice_is(command, "remove"))
		return reed_portal_remove(self->portal, name);
	if (reed_slice_is(command, "token"))
		return reed_portal_create_token(self->portal, name, rest, "made by doorman", 0,
		                                self->token);
	if (reed_slice_is(command, "login"))
		return log_in(self, name.p);
	return reed_failed(self->co.loop, REED_EINVAL,
	                   "create, password, roles, remove, token or login?");
}

static void doorman_run(struct reed_co *co)
{
	struct doorman *self = reed_frame(co, struct doorman);
	struct reed_portal_options options = REED_PORTAL_OPTIONS;
	struct reed_checker_options how = REED_CHECKER_OPTIONS;

	reed_coroutine (co) {
		options.rules = how.rules = &reed_auth_rules_unicode;
		self->portal = reed_portal_new(co->loop, &options);
		reed_try(co, reed_checker_new(co->loop, self->words[0], &how, &self->checker));
		reed_portal_add(self->portal, self->checker);
		self->words++;
		reed_try(co, obey(self));
		if (self->avatar)
			printf("%s is in, with roles: %s\n", self->avatar->account,
			       *self->avatar->roles ? self->avatar->roles : "none");
		else
			printf("done%s%s\n", *self->token ? ": " : "", self->token);
	}
}

static void doorman_end(struct reed_co *co)
{
	struct doorman *self = reed_frame(co, struct doorman);

	reed_avatar_logout(self->avatar);
	reed_portal_free(self->portal);
}

static const struct reed_co_kind doorman_kind = { "doorman", sizeof(struct doorman), doorman_run,
	                                          NULL, doorman_end };

static struct reed_future *doorman(struct reed_loop *loop, int argc, char **argv)
{
	struct doorman *self = reed_co_new(loop, &doorman_kind);

	(void)argc;
	self->words = argv + 1;
	return reed_start(&self->co);
}

int main(int argc, char **argv)
{
	reed_sqlite_checker_register();
	if (argc < 3) {
		reed_auth_help(stdout);
		return argc == 2 && reed_slice_is(reed_slice_of(argv[1]), "--help-auth") ? 0 : 2;
	}
	return reed_main(argc, argv, doorman);
}
