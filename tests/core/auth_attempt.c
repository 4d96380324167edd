/* Guessing at what is no account is counted too, and together with guessing at accounts. */

#include "reed/auth.h"
#include "reed/checker.h"

#include "check.h"

static struct reed_loop *loop;
static struct reed_portal *portal;
static struct reed_auditor auditor;
static char heard[200];

static const struct reed_peer here = { "192.0.2.1", "irc" }, there = { "192.0.2.2", "irc" };

static void hear(struct reed_auditor *self, const struct reed_audit *event)
{
	(void)self;
	snprintf(heard, sizeof(heard), "%s %s %s %s %s", event->how, event->account, event->door,
	         event->address, reed_strerror(event->outcome));
}

static void open_house(void)
{
	struct reed_portal_options o = REED_PORTAL_OPTIONS;
	struct reed_checker *checker = NULL;

	auditor.hear = hear;
	o.auditor = &auditor;
	o.limits.address_attempts = 3;
	check(!reed_loop_new(NULL, &loop));
	portal = reed_portal_new(loop, &o);
	check(!reed_loop_run_until(
		loop, reed_checker_new(loop, "memory:alice:wonderland", NULL, &checker), NULL));
	reed_portal_add(portal, checker);
}

static void close_house(void)
{
	reed_portal_free(portal);
	reed_loop_free(loop);
}

static enum reed_err guess(const struct reed_peer *from, enum reed_err outcome)
{
	struct reed_attempt *attempt = NULL;
	enum reed_err err = reed_attempt_begin(portal, "oper", REED_STR("root"), from, &attempt);

	if (!err)
		reed_attempt_end(attempt, outcome);
	return err;
}

static enum reed_err login(const struct reed_peer *from)
{
	struct reed_credential c = { .kind = REED_CREDENTIAL_PASSWORD,
		                     .user = REED_STR("alice"),
		                     .secret = REED_STR("wonderland") };
	struct reed_avatar *avatar = NULL;
	enum reed_err err =
		reed_loop_run_until(loop, reed_portal_login(portal, &c, "chat", from, &avatar),
	                            NULL);

	reed_avatar_logout(avatar);
	return err;
}

static void guesses_from_one_address_come_to_an_end(void)
{
	open_house();
	for (int i = 0; i < 3; i++)
		check_int(guess(&here, REED_EAUTH), REED_OK);
	check_int(guess(&here, REED_EAUTH), REED_ETHROTTLED);
	check(reed_portal_wait(portal, REED_STR(""), &here) > 0);
	check_int(guess(&there, REED_EAUTH), REED_OK);
	close_house();
}

static void they_count_with_those_at_accounts(void)
{
	open_house();
	for (int i = 0; i < 3; i++)
		check_int(guess(&here, REED_EAUTH), REED_OK);
	check_int(login(&here), REED_ETHROTTLED);
	check_int(login(&there), REED_OK);
	close_house();
}

static void what_was_right_is_given_back(void)
{
	open_house();
	for (int i = 0; i < 20; i++)
		check_int(guess(&here, REED_OK), REED_OK);
	check_int(login(&here), REED_OK);
	close_house();
}

static void what_was_given_up_stays_counted(void)
{
	open_house();
	for (int i = 0; i < 3; i++)
		check_int(guess(&here, REED_ECANCELED), REED_OK);
	check_int(guess(&here, REED_OK), REED_ETHROTTLED);
	close_house();
}

static void the_auditor_hears_of_them(void)
{
	open_house();
	check_int(guess(&here, REED_EAUTH), REED_OK);
	check(strncmp(heard, "oper root irc 192.0.2.1 ", 24) == 0);
	check(strstr(heard, reed_strerror(REED_EAUTH)));
	check_int(guess(&here, REED_OK), REED_OK);
	check(strstr(heard, reed_strerror(REED_OK)));
	reed_attempt_end(NULL, REED_OK);
	close_house();
}

int main(void)
{
	RUN(guesses_from_one_address_come_to_an_end);
	RUN(they_count_with_those_at_accounts);
	RUN(what_was_right_is_given_back);
	RUN(what_was_given_up_stays_counted);
	RUN(the_auditor_hears_of_them);
	return 0;
}
