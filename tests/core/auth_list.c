/* Accounts of several checkers as one list, and who is told that one is gone. */

#include "reed/alloc.h"
#include "reed/auth.h"
#include "reed/checker.h"

#include "check.h"

struct house {
	struct reed_loop *loop;
	struct reed_portal *portal;
	struct reed_account_watch watch;
	struct reed_avatar *avatar; /* of a session that is watched too */
	char forgotten[64];
	int64_t revoked; /* had it been, when the watch was told? */
};

static enum reed_err run(struct house *h, struct reed_future *f)
{
	return reed_loop_run_until(h->loop, f, NULL);
}

static void add(struct house *h, const char *text)
{
	struct reed_checker *checker;

	check_int(run(h, reed_checker_new(h->loop, text, NULL, &checker)), REED_OK);
	reed_portal_add(h->portal, checker);
}

static void forget(struct reed_account_watch *watch, const char *account)
{
	struct house *h = reed_container_of(watch, struct house, watch);

	check(strlen(h->forgotten) + strlen(account) + 2 < sizeof(h->forgotten));
	strcat(strcat(h->forgotten, account), " ");
	if (h->avatar)
		h->revoked = h->avatar->revoked.value;
}

static void open_house(struct house *h)
{
	*h = (struct house){ .watch.forget = forget, .revoked = -1 };
	check_int(reed_loop_new(NULL, &h->loop), REED_OK);
	h->portal = reed_portal_new(h->loop, NULL);
	add(h, "memory:dora:first of all:bob:the builder");
	add(h, "anonymous:");
	add(h, "memory:bob:is another one:carl:whatever it is:alice:wonderland");
	reed_portal_watch(h->portal, &h->watch);
}

static void close_house(struct house *h)
{
	reed_portal_unwatch(&h->watch);
	reed_portal_free(h->portal);
	reed_loop_free(h->loop);
}

/* "alice bob " */
static const char *listed(struct house *h, const char *after, size_t max)
{
	struct reed_principal_list list = { 0 };
	static char text[200];

	text[0] = '\0';
	check_int(run(h, reed_portal_list(h->portal, after, max, &list)), REED_OK);
	check(list.n <= max);
	for (size_t i = 0; i < list.n; i++)
		strcat(strcat(text, list.accounts[i].name), " ");
	reed_free(list.accounts);
	return text;
}

static void the_accounts_of_all_checkers_are_one_list(void)
{
	struct house h;

	open_house(&h);
	check_str(listed(&h, "", 10), "alice bob carl dora ");
	check_str(listed(&h, "", 3), "alice bob carl ");
	check_str(listed(&h, "carl", 3), "dora ");
	check_str(listed(&h, "dora", 3), "");
	check_str(listed(&h, "", 0), "");
	close_house(&h);
}

static void a_list_that_is_dropped_leaves_nothing(void)
{
	struct reed_principal_list list = { .n = 77 };
	struct house h;

	open_house(&h);
	reed_drop(reed_portal_list(h.portal, "", 10, &list));
	check_int(list.n, 77);
	close_house(&h);
}

static void who_watches_hears_of_new_accounts_and_of_those_that_go(void)
{
	struct house h;

	open_house(&h);
	check_int(run(&h, reed_portal_create(h.portal, REED_STR("Emma"), REED_STR("jane austen"))),
	          REED_OK);
	check_str(h.forgotten, "emma ");
	check_int(run(&h, reed_portal_create(h.portal, REED_STR("emma"), REED_STR("jane austen"))),
	          REED_EEXIST);
	check_str(h.forgotten, "emma ");
	check_int(run(&h, reed_portal_remove(h.portal, REED_STR("EMMA"))), REED_OK);
	check_int(run(&h, reed_portal_remove(h.portal, REED_STR("emma"))), REED_ENOENT);
	check_str(h.forgotten, "emma emma ");
	close_house(&h);
}

static void who_watches_hears_of_it_before_the_sessions_end(void)
{
	struct reed_credential credential = { .kind = REED_CREDENTIAL_PASSWORD,
		                              .user = REED_STR("carl"),
		                              .secret = REED_STR("whatever it is") };
	struct house h;

	open_house(&h);
	check_int(run(&h, reed_portal_login(h.portal, &credential, "chat", NULL, &h.avatar)),
	          REED_OK);
	check_int(run(&h, reed_portal_remove(h.portal, REED_STR("carl"))), REED_OK);
	check_int(h.revoked, 0);
	check_int(h.avatar->revoked.value, 1);
	reed_avatar_logout(h.avatar);
	close_house(&h);
}

int main(void)
{
	RUN(the_accounts_of_all_checkers_are_one_list);
	RUN(a_list_that_is_dropped_leaves_nothing);
	RUN(who_watches_hears_of_new_accounts_and_of_those_that_go);
	RUN(who_watches_hears_of_it_before_the_sessions_end);
	return 0;
}
