/* What every checker promises, through the portal. */

#include "checkers.h"

static enum reed_err login_at(struct house *h, const char *user, const char *secret,
                              const struct reed_peer *from, struct reed_avatar **out)
{
	struct reed_credential c = { .kind = REED_CREDENTIAL_PASSWORD,
		                     .user = reed_slice_of(user),
		                     .secret = reed_slice_of(secret) };

	*out = NULL;
	return run(h, reed_portal_login(h->portal, &c, "chat", from, out));
}

/* In and out again. */
static enum reed_err login(struct house *h, const char *user, const char *secret)
{
	struct reed_avatar *avatar;
	enum reed_err err = login_at(h, user, secret, &home, &avatar);

	check(!err == !!avatar);
	reed_avatar_logout(avatar);
	return err;
}

static struct reed_principal account_of(struct house *h, const char *name)
{
	struct reed_principal account;

	check_int(run(h, reed_portal_account(h->portal, reed_slice_of(name), &account)), REED_OK);
	return account;
}

/* ---- passwords ---- */

static void a_new_account_has_its_password(void)
{
	struct house h;

	open_house(&h);
	check_int(login(&h, "alice", "wonderland"), REED_EAUTH);
	check_int(create(&h, "Alice", "wonderland"), REED_OK);
	check_int(login(&h, "alice", "wonderland"), REED_OK);
	check_int(login(&h, "ALICE", "wonderland"), REED_OK);
	check_int(login(&h, "alice", "Wonderland"), REED_EAUTH);
	check_int(login(&h, "alice", ""), REED_EAUTH);
	check_int(login(&h, "bob", "wonderland"), REED_EAUTH);
	close_house(&h);
}

static void a_name_is_taken_once(void)
{
	struct house h;

	open_house(&h);
	check_int(create(&h,
	                 "b\xc3\xb6"
	                 "b",
	                 "the builder"),
	          REED_OK);
	check_int(create(&h,
	                 "b\xc3\xb6"
	                 "b",
	                 "the builder"),
	          REED_EEXIST);
	check_int(create(&h,
	                 "BO\xcc\x88"
	                 "B",
	                 "another one"),
	          REED_EEXIST);
	check_int(login(&h,
	                "b\xc3\xb6"
	                "b",
	                "the builder"),
	          REED_OK);
	close_house(&h);
}

/* Without the portal's look before. */
static void the_checker_itself_takes_a_name_once(void)
{
	struct reed_principal account = { .name = "carol", .fingerprints = 1 };
	struct house h;

	open_house(&h);
	check_int(run(&h, h.checker->ops->add(h.checker, &account)), REED_OK);
	account.fingerprints = 0;
	check_int(run(&h, h.checker->ops->add(h.checker, &account)), REED_EEXIST);
	account.fingerprints = 1;
	strcpy(account.name, "dave");
	check_int(run(&h, h.checker->ops->add(h.checker, &account)), REED_EEXIST);
	account.fingerprint[0][0] = 1;
	check_int(run(&h, h.checker->ops->add(h.checker, &account)), REED_OK);
	close_house(&h);
}

static void bad_names_and_passwords_are_not_kept(void)
{
	struct house h;

	open_house(&h);
	check_int(create(&h, "a b", "wonderland"), REED_EINVAL);
	check_int(create(&h, "", "wonderland"), REED_EINVAL);
	check_int(create(&h, "alice", "short"), REED_EINVAL);
	check_int(create(&h, "alice", "with a \x07 bell"), REED_EINVAL);
	check_int(run(&h, reed_portal_account(h.portal, REED_STR("alice"), NULL)), REED_ENOENT);
	close_house(&h);
}

static void a_changed_password_replaces_the_old_one(void)
{
	struct house h;

	open_house(&h);
	check_int(create(&h, "alice", "wonderland"), REED_OK);
	check_int(run(&h, reed_portal_set_password(h.portal, REED_STR("ALICE"),
	                                           REED_STR("looking glass"))),
	          REED_OK);
	check_int(login(&h, "alice", "wonderland"), REED_EAUTH);
	check_int(login(&h, "alice", "looking glass"), REED_OK);
	check_int(run(&h, reed_portal_set_password(h.portal, REED_STR("alice"), REED_STR("x"))),
	          REED_EINVAL);
	check_int(run(&h, reed_portal_set_password(h.portal, REED_STR("nobody"),
	                                           REED_STR("looking glass"))),
	          REED_ENOENT);
	close_house(&h);
}

static void a_password_is_renewed_only_if_it_is_still_the_same(void)
{
	struct reed_change change = { .what = REED_CHANGE_PASSWORD,
		                      .name = "alice",
		                      .only_instead = true };
	struct house h;

	open_house(&h);
	check_int(create(&h, "alice", "wonderland"), REED_OK);
	change.verifier = change.before = account_of(&h, "alice").verifier;
	change.verifier.stored_key[0] ^= 1;
	check_int(run(&h, h.checker->ops->change(h.checker, &change)), REED_OK);
	check_int(run(&h, h.checker->ops->change(h.checker, &change)), REED_EBUSY);
	check_int(login(&h, "alice", "wonderland"), REED_EAUTH);
	close_house(&h);
}

static void a_removed_account_is_gone(void)
{
	struct house h;

	open_house(&h);
	check_int(create(&h, "alice", "wonderland"), REED_OK);
	check_int(create(&h, "bob", "the builder"), REED_OK);
	check_int(run(&h, reed_portal_remove(h.portal, REED_STR("alice"))), REED_OK);
	check_int(login(&h, "alice", "wonderland"), REED_EAUTH);
	check_int(login(&h, "bob", "the builder"), REED_OK);
	check_int(run(&h, reed_portal_remove(h.portal, REED_STR("alice"))), REED_ENOENT);
	check_int(create(&h, "alice", "once again"), REED_OK);
	check_int(login(&h, "alice", "once again"), REED_OK);
	close_house(&h);
}

static void an_unknown_account_costs_the_same_work(void)
{
	struct reed_portal_stats a = { .size = sizeof(a) }, b = a, c = a;
	struct house h;

	open_house(&h);
	check_int(create(&h, "alice", "wonderland"), REED_OK);
	reed_portal_stats(h.portal, &a);
	check_int(login(&h, "alice", "underland"), REED_EAUTH);
	reed_portal_stats(h.portal, &b);
	check_int(login(&h, "nobody", "underland"), REED_EAUTH);
	reed_portal_stats(h.portal, &c);
	check_int(b.iterations - a.iterations, REED_ITERATIONS);
	check_int(c.iterations - b.iterations, REED_ITERATIONS);
	check_int(c.lookups - b.lookups, b.lookups - a.lookups);
	close_house(&h);
}

/* ---- SCRAM ---- */

static enum reed_err scram(struct house *h, const char *user, const char *password)
{
	struct reed_sasl_options o = REED_SASL_OPTIONS;
	struct reed_sasl_client_options co = REED_SASL_CLIENT_OPTIONS;
	struct reed_sasl_client *client;
	struct reed_sasl_reply s = { 0 }, c;
	struct reed_sasl *server;
	enum reed_err err = REED_OK;

	o.portal = h->portal;
	o.interface = "chat";
	o.from = home;
	co.user = user;
	co.password = password;
	check(!reed_sasl_new(&o, REED_STR("SCRAM-SHA-256"), &server));
	check(!reed_sasl_client_new(h->loop, &co, REED_STR("SCRAM-SHA-256"), &client, NULL));
	check(!run(h, reed_sasl_client_step(client, REED_SASL_NOTHING, &c)));
	while (!err && !s.done) {
		err = run(h, reed_sasl_step(server, c.data, &s));
		if (!err && !s.done)
			check(!run(h, reed_sasl_client_step(client, s.data, &c)));
	}
	if (!err)
		check_int(reed_sasl_client_succeed(client, s.data), REED_OK);
	if (!err)
		reed_avatar_logout(s.avatar);
	reed_sasl_client_free(client);
	reed_sasl_free(server);
	return err;
}

static void scram_proves_both_sides(void)
{
	struct house h;

	open_house(&h);
	check_int(create(&h, "alice", "wonderland"), REED_OK);
	check_int(scram(&h, "alice", "wonderland"), REED_OK);
	check_int(scram(&h, "alice", "underland"), REED_EAUTH);
	check_int(scram(&h, "nobody", "wonderland"), REED_EAUTH);
	close_house(&h);
}

/* ---- certificates ---- */

static struct reed_certificate certificate(uint8_t seed)
{
	struct reed_certificate c = { .subject = "CN=test" };

	memset(c.sha256, seed, sizeof(c.sha256));
	memset(c.spki_sha256, seed + 100, sizeof(c.spki_sha256));
	return c;
}

/* The account it opens, or an error. */
static enum reed_err login_with(struct house *h, const struct reed_certificate *certificate,
                                char account[REED_ACCOUNT_ROOM])
{
	struct reed_credential c = { .kind = REED_CREDENTIAL_CERTIFICATE,
		                     .certificate = certificate };
	struct reed_avatar *avatar = NULL;
	enum reed_err err;

	account[0] = '\0';
	err = run(h, reed_portal_login(h->portal, &c, "chat", &home, &avatar));
	if (!err)
		strcpy(account, avatar->account);
	reed_avatar_logout(avatar);
	return err;
}

static enum reed_err add_print(struct house *h, const char *name, const uint8_t *fingerprint)
{
	return run(h, reed_portal_add_fingerprint(h->portal, reed_slice_of(name), fingerprint));
}

static void a_certificate_opens_one_account(void)
{
	struct reed_certificate one = certificate(1), two = certificate(2);
	char account[REED_ACCOUNT_ROOM];
	struct house h;

	open_house(&h);
	check_int(create(&h, "alice", "wonderland"), REED_OK);
	check_int(create(&h, "bob", "the builder"), REED_OK);
	check_int(login_with(&h, &one, account), REED_EAUTH);
	check_int(add_print(&h, "alice", one.sha256), REED_OK);
	check_int(add_print(&h, "bob", two.spki_sha256), REED_OK);
	check_int(login_with(&h, &one, account), REED_OK);
	check_str(account, "alice");
	check_int(login_with(&h, &two, account), REED_OK);
	check_str(account, "bob");
	check_int(add_print(&h, "alice", one.sha256), REED_EEXIST);
	check_int(add_print(&h, "bob", one.sha256), REED_EEXIST);
	check_int(add_print(&h, "nobody", one.sha256), REED_ENOENT);
	check_int(account_of(&h, "alice").fingerprints, 1);
	check_int(run(&h, reed_portal_remove_fingerprint(h.portal, REED_STR("alice"), one.sha256)),
	          REED_OK);
	check_int(run(&h, reed_portal_remove_fingerprint(h.portal, REED_STR("alice"), one.sha256)),
	          REED_ENOENT);
	check_int(login_with(&h, &one, account), REED_EAUTH);
	check_int(add_print(&h, "bob", one.sha256), REED_OK);
	close_house(&h);
}

static void an_account_has_a_few_certificates_at_most(void)
{
	struct reed_certificate c;
	struct house h;

	open_house(&h);
	check_int(create(&h, "alice", "wonderland"), REED_OK);
	for (uint8_t i = 0; i < REED_FINGERPRINTS; i++) {
		c = certificate(i);
		check_int(add_print(&h, "alice", c.sha256), REED_OK);
	}
	c = certificate(99);
	check_int(add_print(&h, "alice", c.sha256), REED_ETOOBIG);
	check_int(account_of(&h, "alice").fingerprints, REED_FINGERPRINTS);
	close_house(&h);
}

/* ---- roles, lists ---- */

static void roles_come_with_the_avatar(void)
{
	struct reed_avatar *avatar;
	struct house h;

	open_house(&h);
	check_int(create(&h, "alice", "wonderland"), REED_OK);
	check_int(run(&h, reed_portal_set_roles(h.portal, REED_STR("alice"),
	                                        REED_STR("admin,operator"))),
	          REED_OK);
	check_int(login_at(&h, "alice", "wonderland", &home, &avatar), REED_OK);
	check(reed_avatar_is(avatar, "admin"));
	check(!reed_avatar_is(avatar, "guest"));
	reed_avatar_logout(avatar);
	check_int(run(&h, reed_portal_set_roles(h.portal, REED_STR("alice"), REED_STR("a:b"))),
	          REED_EINVAL);
	check_int(run(&h, reed_portal_set_roles(h.portal, REED_STR("alice"), REED_STR(""))),
	          REED_OK);
	check_str(account_of(&h, "alice").roles, "");
	close_house(&h);
}

static void accounts_are_listed_by_name_page_by_page(void)
{
	static const char *const names[] = { "dave", "alice", "carol", "bob", "eve" };
	struct reed_principal_list list = { 0 };
	struct house h;

	open_house(&h);
	check_int(run(&h, h.checker->ops->list(h.checker, "", 10, &list)), REED_OK);
	check_int(list.n, 0);
	reed_free(list.accounts);
	for (size_t i = 0; i < REED_COUNT(names); i++)
		check_int(create(&h, names[i], "a password"), REED_OK);
	check_int(run(&h, h.checker->ops->list(h.checker, "", 3, &list)), REED_OK);
	check_int(list.n, 3);
	check_str(list.accounts[0].name, "alice");
	check_str(list.accounts[2].name, "carol");
	check(list.accounts[1].has_password);
	reed_free(list.accounts);
	check_int(run(&h, h.checker->ops->list(h.checker, "carol", 3, &list)), REED_OK);
	check_int(list.n, 2);
	check_str(list.accounts[0].name, "dave");
	reed_free(list.accounts);
	check_int(run(&h, h.checker->ops->list(h.checker, "cz", 1, &list)), REED_OK);
	check_int(list.n, 1);
	check_str(list.accounts[0].name, "dave");
	reed_free(list.accounts);
	close_house(&h);
}

/* ---- app tokens ---- */

static enum reed_err make_token(struct house *h, const char *name, const char *door,
                                int64_t expires, char text[REED_TOKEN_TEXT_ROOM])
{
	return run(h, reed_portal_create_token(h->portal, reed_slice_of(name), door, "phone",
	                                       expires, text));
}

static size_t token_count(struct house *h, struct reed_token *first)
{
	struct reed_token *tokens = NULL;
	size_t n = 99;

	check_int(run(h, reed_portal_tokens(h->portal, REED_STR("alice"), &tokens, &n)), REED_OK);
	if (n > 0 && first)
		*first = tokens[0];
	reed_free(tokens);
	return n;
}

static void a_token_opens_its_door_only(void)
{
	struct reed_peer web = { "192.0.2.1", "web" };
	char any[REED_TOKEN_TEXT_ROOM], irc[REED_TOKEN_TEXT_ROOM];
	struct reed_avatar *avatar;
	struct house h;

	open_house(&h);
	check_int(create(&h, "alice", "wonderland"), REED_OK);
	check_int(create(&h, "bob", "the builder"), REED_OK);
	if (!h.kind->tokens) {
		check_int(make_token(&h, "alice", "irc", 0, irc), REED_ENOTSUP);
		check_int(token_count(&h, NULL), 0);
		close_house(&h);
		return;
	}
	check_int(make_token(&h, "alice", "irc", 0, irc), REED_OK);
	check_int(make_token(&h, "alice", NULL, 0, any), REED_OK);
	check_int(login(&h, "alice", irc), REED_OK);
	check_int(login(&h, "alice", any), REED_OK);
	check_int(login(&h, "bob", any), REED_EAUTH);
	check_int(login_at(&h, "alice", irc, &web, &avatar), REED_EAUTH);
	check_int(login_at(&h, "alice", any, &web, &avatar), REED_OK);
	check_int(strlen(avatar->token), REED_TOKEN_ID);
	reed_avatar_logout(avatar);
	any[20] = any[20] == 'a' ? 'b' : 'a';
	check_int(login(&h, "alice", any), REED_EAUTH);
	check_int(login(&h, "alice", "wonderland"), REED_OK);
	close_house(&h);
}

static void a_token_needs_no_name(void)
{
	struct reed_credential c = { .kind = REED_CREDENTIAL_TOKEN };
	struct reed_avatar *avatar = NULL;
	char text[REED_TOKEN_TEXT_ROOM];
	struct house h;

	open_house(&h);
	check_int(create(&h, "alice", "wonderland"), REED_OK);
	if (h.kind->tokens) {
		check_int(make_token(&h, "alice", NULL, 0, text), REED_OK);
		c.secret = reed_slice_of(text);
		check_int(run(&h, reed_portal_login(h.portal, &c, "chat", &home, &avatar)),
		          REED_OK);
		check_str(avatar->account, "alice");
		check_str(avatar->how, "token");
		reed_avatar_logout(avatar);
	}
	c.secret = REED_STR("reed-abcdefgh-abcdefghabcdefghabcdefghabcdefgh");
	check_int(run(&h, reed_portal_login(h.portal, &c, "chat", &home, &avatar)), REED_EAUTH);
	close_house(&h);
}

static void a_token_has_an_end(void)
{
	char text[REED_TOKEN_TEXT_ROOM];
	struct house h;

	open_house(&h);
	check_int(create(&h, "alice", "wonderland"), REED_OK);
	if (h.kind->tokens) {
		check_int(make_token(&h, "alice", NULL, 1, text), REED_OK);
		check_int(login(&h, "alice", text), REED_EAUTH);
		check_int(make_token(&h, "alice", NULL, INT64_MAX, text), REED_OK);
		check_int(login(&h, "alice", text), REED_OK);
	}
	close_house(&h);
}

static void a_token_taken_back_ends_its_sessions(void)
{
	struct reed_avatar *with_token, *with_password;
	char text[REED_TOKEN_TEXT_ROOM];
	struct reed_token token;
	struct house h;

	open_house(&h);
	check_int(create(&h, "alice", "wonderland"), REED_OK);
	if (!h.kind->tokens) {
		close_house(&h);
		return;
	}
	check_int(make_token(&h, "alice", "irc", 0, text), REED_OK);
	check_int(token_count(&h, &token), 1);
	check_str(token.label, "phone");
	check_str(token.door, "irc");
	check_str(token.account, "alice");
	check(strncmp(text + 5, token.id, REED_TOKEN_ID) == 0);
	check(token.created > 0);
	check_int(login_at(&h, "alice", text, &home, &with_token), REED_OK);
	check_int(login_at(&h, "alice", "wonderland", &home, &with_password), REED_OK);
	check_int(run(&h, reed_portal_remove_token(h.portal, REED_STR("alice"), token.id)),
	          REED_OK);
	check_int(with_token->revoked.value, 1);
	check_int(with_password->revoked.value, 0);
	reed_avatar_logout(with_token);
	reed_avatar_logout(with_password);
	check_int(login(&h, "alice", text), REED_EAUTH);
	check_int(token_count(&h, NULL), 0);
	check_int(run(&h, reed_portal_remove_token(h.portal, REED_STR("alice"), token.id)),
	          REED_ENOENT);
	close_house(&h);
}

static void an_account_takes_its_tokens_along(void)
{
	char text[REED_TOKEN_TEXT_ROOM];
	struct house h;

	open_house(&h);
	check_int(create(&h, "alice", "wonderland"), REED_OK);
	if (h.kind->tokens)
		check_int(make_token(&h, "alice", "irc", 0, text), REED_OK);
	check_int(run(&h, reed_portal_remove(h.portal, REED_STR("alice"))), REED_OK);
	check_int(create(&h, "alice", "wonderland"), REED_OK);
	check_int(token_count(&h, NULL), 0);
	if (h.kind->tokens)
		check_int(login(&h, "alice", text), REED_EAUTH);
	close_house(&h);
}

static void an_account_has_so_many_tokens_at_most(void)
{
	char text[REED_TOKEN_TEXT_ROOM];
	struct house h;

	open_house(&h);
	check_int(create(&h, "alice", "wonderland"), REED_OK);
	if (h.kind->tokens) {
		for (int i = 0; i < REED_TOKENS_MAX; i++)
			check_int(make_token(&h, "alice", NULL, 0, text), REED_OK);
		check_int(make_token(&h, "alice", NULL, 0, text), REED_ETOOBIG);
		check_int(token_count(&h, NULL), REED_TOKENS_MAX);
	}
	close_house(&h);
}

/* ---- over time ---- */

static void what_is_kept_is_there_when_it_is_opened_again(void)
{
	struct reed_certificate c = certificate(7);
	char account[REED_ACCOUNT_ROOM], text[REED_TOKEN_TEXT_ROOM];
	struct reed_exchange *exchange;
	uint8_t salt[REED_SALT_BYTES];
	struct house h;

	open_house(&h);
	if (!h.kind->file) {
		close_house(&h);
		return;
	}
	check_int(create(&h, "alice", "wonderland"), REED_OK);
	check_int(add_print(&h, "alice", c.sha256), REED_OK);
	check_int(run(&h, reed_portal_set_roles(h.portal, REED_STR("alice"), REED_STR("admin"))),
	          REED_OK);
	if (h.kind->tokens)
		check_int(make_token(&h, "alice", "irc", 0, text), REED_OK);
	check(!run(&h, reed_portal_begin(h.portal, REED_STR("nobody"), &home, &exchange)));
	memcpy(salt, reed_exchange_verifier(exchange)->salt, sizeof(salt));
	reed_exchange_free(exchange);
	close_portal(&h);
	open_portal(&h);
	check_int(login(&h, "alice", "wonderland"), REED_OK);
	check_int(login_with(&h, &c, account), REED_OK);
	check_str(account_of(&h, "alice").roles, "admin");
	if (h.kind->tokens)
		check_int(login(&h, "alice", text), REED_OK);
	/* nobody's salt is the same tomorrow, where there is a place to keep its key */
	check(!run(&h, reed_portal_begin(h.portal, REED_STR("nobody"), &home, &exchange)));
	if (h.checker->has_key)
		check(memcmp(salt, reed_exchange_verifier(exchange)->salt, sizeof(salt)) == 0);
	reed_exchange_free(exchange);
	close_house(&h);
}

static void nobody_else_may_read_what_is_kept(void)
{
	char path[256];
	struct stat st;
	struct house h;

	open_house(&h);
	check_int(create(&h, "alice", "wonderland"), REED_OK);
	if (h.kind->file) {
		snprintf(path, sizeof(path), "%s/%s", h.folder, h.kind->file);
		check(stat(path, &st) == 0);
		check_int(st.st_mode & 0777, 0600);
	}
	close_house(&h);
}

/* Not even as a trace of it. */
static void a_password_is_never_kept_in_clear(void)
{
	static char bytes[1 << 20];
	struct dirent *entry;
	char path[512];
	struct house h;
	DIR *dir;

	open_house(&h);
	check_int(create(&h, "alice", "wonderland"), REED_OK);
	dir = opendir(h.folder);
	while ((entry = readdir(dir))) {
		FILE *file;
		size_t n;

		snprintf(path, sizeof(path), "%s/%s", h.folder, entry->d_name);
		file = entry->d_name[0] == '.' ? NULL : fopen(path, "r");
		if (!file)
			continue;
		n = fread(bytes, 1, sizeof(bytes), file);
		fclose(file);
		check(reed_slice_search(reed_slice(bytes, n), REED_STR("wonderland")) == n);
	}
	closedir(dir);
	close_house(&h);
}

static void many_come_in_at_once(void)
{
	enum { MANY = 24 };
	struct reed_credential c = { .kind = REED_CREDENTIAL_PASSWORD };
	struct reed_avatar *avatars[MANY] = { NULL };
	struct reed_future *fs[MANY + 1] = { NULL };
	struct house h;
	char name[16];

	open_house(&h);
	for (int i = 0; i < 4; i++) {
		snprintf(name, sizeof(name), "user%d", i);
		check_int(create(&h, name, "a password"), REED_OK);
	}
	c.secret = REED_STR("a password");
	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "user%d", i % 4);
		c.user = reed_slice_of(name);
		fs[i] = reed_portal_login(h.portal, &c, "chat", &home, &avatars[i]);
	}
	check_int(run(&h, reed_all_of(fs)), REED_OK);
	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "user%d", i % 4);
		check_str(avatars[i]->account, name);
		reed_avatar_logout(avatars[i]);
	}
	close_house(&h);
}

static void of_two_who_want_a_name_one_gets_it(void)
{
	struct reed_future *a, *b;
	enum reed_err one, two;
	struct house h;

	open_house(&h);
	a = reed_portal_create(h.portal, REED_STR("alice"), REED_STR("wonderland"));
	b = reed_portal_create(h.portal, REED_STR("alice"), REED_STR("looking glass"));
	one = run(&h, a);
	two = run(&h, b);
	check((one == REED_OK && two == REED_EEXIST) || (one == REED_EEXIST && two == REED_OK));
	check_int(login(&h, "alice", one ? "looking glass" : "wonderland"), REED_OK);
	close_house(&h);
}

/* ---- drops ---- */

static struct reed_future *begin_something(struct house *h, int what, void *place)
{
	static const uint8_t fingerprint[REED_FINGERPRINT_BYTES] = { 5 };
	struct reed_credential c = { .kind = REED_CREDENTIAL_PASSWORD,
		                     .user = REED_STR("alice"),
		                     .secret = REED_STR("wonderland") };
	struct reed_slice alice = REED_STR("alice");

	switch (what) {
	case 0:
		return reed_portal_login(h->portal, &c, "chat", &home, place);
	case 1:
		return reed_portal_begin(h->portal, alice, &home, place);
	case 2:
		return reed_portal_set_roles(h->portal, alice, REED_STR("admin"));
	case 3:
		return reed_portal_add_fingerprint(h->portal, alice, fingerprint);
	case 4:
		return reed_portal_set_password(h->portal, alice, REED_STR("wonderland"));
	case 5:
		return reed_portal_create(h->portal, REED_STR("bob"), REED_STR("the builder"));
	default:
		return reed_portal_remove(h->portal, REED_STR("bob"));
	}
}

static void what_is_dropped_in_the_middle_leaves_all_well(void)
{
	void *place = NULL;
	struct house h;

	open_house(&h);
	check_int(create(&h, "alice", "wonderland"), REED_OK);
	for (int turns = 0; turns < 12; turns++) {
		for (int what = 0; what < 7; what++) {
			struct reed_future *f = begin_something(&h, what, &place);

			for (int i = 0; i < turns; i++)
				reed_loop_turn(h.loop, REED_MS(1));
			reed_drop(f);
			check(!place);
		}
	}
	check(reed_list_empty(reed_portal_sessions(h.portal)));
	check_int(login(&h, "alice", "wonderland"), REED_OK);
	/* and done with while something is under way */
	reed_drop(begin_something(&h, 0, &place));
	reed_drop(begin_something(&h, 2, &place));
	close_house(&h);
}

static void whoever_opens_it_may_think_better_of_it(void)
{
	struct reed_checker *checker = NULL;
	struct reed_future *f;
	char spec[128];
	struct house h;

	open_house(&h);
	spec_of(&h, spec);
	for (int turns = 0; turns < 12; turns++) {
		f = reed_checker_new(h.loop, spec, NULL, &checker);
		for (int i = 0; i < turns; i++)
			reed_loop_turn(h.loop, REED_MS(1));
		reed_drop(f);
		check(!checker);
	}
	close_house(&h);
}

/* ---- counting ---- */

static void wrong_attempts_are_counted(void)
{
	struct reed_avatar *avatar;
	struct house h;

	open_house(&h);
	check_int(create(&h, "alice", "wonderland"), REED_OK);
	close_portal(&h);
	h.options.limits.none = false;
	open_portal(&h);
	if (!h.kind->file)
		check_int(create(&h, "alice", "wonderland"), REED_OK);
	for (int i = 0; i < 5; i++)
		check_int(login(&h, "alice", "underland"), REED_EAUTH);
	check_int(login_at(&h, "alice", "wonderland", &home, &avatar), REED_ETHROTTLED);
	close_house(&h);
}

static void suite(void)
{
	RUN(a_new_account_has_its_password);
	RUN(a_name_is_taken_once);
	RUN(the_checker_itself_takes_a_name_once);
	RUN(bad_names_and_passwords_are_not_kept);
	RUN(a_changed_password_replaces_the_old_one);
	RUN(a_password_is_renewed_only_if_it_is_still_the_same);
	RUN(a_removed_account_is_gone);
	RUN(an_unknown_account_costs_the_same_work);
	RUN(scram_proves_both_sides);
	RUN(a_certificate_opens_one_account);
	RUN(an_account_has_a_few_certificates_at_most);
	RUN(roles_come_with_the_avatar);
	RUN(accounts_are_listed_by_name_page_by_page);
	RUN(a_token_opens_its_door_only);
	RUN(a_token_needs_no_name);
	RUN(a_token_has_an_end);
	RUN(a_token_taken_back_ends_its_sessions);
	RUN(an_account_takes_its_tokens_along);
	RUN(an_account_has_so_many_tokens_at_most);
	RUN(what_is_kept_is_there_when_it_is_opened_again);
	RUN(nobody_else_may_read_what_is_kept);
	RUN(a_password_is_never_kept_in_clear);
	RUN(many_come_in_at_once);
	RUN(of_two_who_want_a_name_one_gets_it);
	RUN(what_is_dropped_in_the_middle_leaves_all_well);
	RUN(whoever_opens_it_may_think_better_of_it);
	RUN(wrong_attempts_are_counted);
}

int main(void)
{
	run_over_all_kinds(suite);
	return 0;
}
