/* What the portal promises whatever the checkers are; theirs is tests/conformance/checkers.c. */

#include "reed/auth.h"
#include "reed/alloc.h"
#include "reed/checker.h"

#include "check.h"

/* ---- a house with a few people in it ---- */

struct heard {
	enum reed_audit_what what;
	enum reed_err outcome;
	char account[64], how[32], door[32], address[64], why[128];
};

struct house {
	struct reed_loop *loop;
	struct reed_portal *portal;
	struct reed_auditor auditor;
	struct heard heard[64];
	size_t count;
};

static void note(char *into, size_t room, const char *text)
{
	snprintf(into, room, "%s", text ? text : "");
}

static void hear(struct reed_auditor *auditor, const struct reed_audit *event)
{
	struct house *h = reed_container_of(auditor, struct house, auditor);
	struct heard *heard = &h->heard[h->count++ % 64];

	heard->what = event->what;
	heard->outcome = event->outcome;
	note(heard->account, sizeof(heard->account), event->account);
	note(heard->how, sizeof(heard->how), event->how);
	note(heard->door, sizeof(heard->door), event->door);
	note(heard->address, sizeof(heard->address), event->address);
	note(heard->why, sizeof(heard->why), event->why);
}

static const struct heard *last_heard(const struct house *h)
{
	check(h->count > 0);
	return &h->heard[(h->count - 1) % 64];
}

static struct reed_checker *checker(struct reed_loop *loop, const char *text)
{
	struct reed_checker *c = NULL;

	check_int(reed_loop_run_until(loop, reed_checker_new(loop, text, NULL, &c), NULL), REED_OK);
	check(c);
	return c;
}

static const char *const people = "memory:alice:wonderland:bob:the builder";

static void open_house(struct house *h, const struct reed_portal_options *options)
{
	struct reed_portal_options o = REED_PORTAL_OPTIONS;

	*h = (struct house){ .auditor.hear = hear };
	if (options)
		o = *options;
	o.auditor = &h->auditor;
	check(!reed_loop_new(NULL, &h->loop));
	h->portal = reed_portal_new(h->loop, &o);
	reed_portal_add(h->portal, checker(h->loop, people));
}

static void close_house(struct house *h)
{
	reed_portal_free(h->portal);
	reed_loop_free(h->loop);
}

static const struct reed_peer home = { "192.0.2.1:4711", "irc" };

static struct reed_credential password(const char *user, const char *secret)
{
	return (struct reed_credential){ .kind = REED_CREDENTIAL_PASSWORD,
		                         .user = reed_slice_of(user),
		                         .secret = reed_slice_of(secret) };
}

static enum reed_err run(struct house *h, struct reed_future *f, struct reed_fault **fault)
{
	return reed_loop_run_until(h->loop, f, fault);
}

static enum reed_err login_with(struct house *h, const struct reed_credential *c,
                                const struct reed_peer *from, struct reed_avatar **out)
{
	*out = NULL;
	return run(h, reed_portal_login(h->portal, c, "chat", from, out), NULL);
}

static enum reed_err login(struct house *h, const char *user, const char *secret,
                           struct reed_avatar **out)
{
	struct reed_credential c = password(user, secret);

	return login_with(h, &c, &home, out);
}

/* ---- passwords ---- */

static void the_right_password_opens_the_door(void)
{
	struct reed_avatar *avatar;
	struct house h;

	open_house(&h, NULL);
	check_int(login(&h, "Alice", "wonderland", &avatar), REED_OK);
	check_str(avatar->account, "alice");
	check_str(avatar->interface, "chat");
	check_str(avatar->door, "irc");
	check_str(avatar->address, "192.0.2.1:4711");
	check_str(avatar->how, "password");
	check_str(avatar->roles, "");
	check(!avatar->anonymous);
	check_int(last_heard(&h)->what, REED_AUDIT_LOGIN);
	check_int(last_heard(&h)->outcome, REED_OK);
	reed_avatar_logout(avatar);
	check_int(last_heard(&h)->what, REED_AUDIT_LOGOUT);
	check_str(last_heard(&h)->account, "alice");
	close_house(&h);
}

static void who_is_refused_is_told_nothing_new(void)
{
	static const char *const attempts[][2] = {
		{ "alice", "wrong" }, { "nobody", "wonderland" },
		{ "no body!", "x" },  { "alice", "" },
		{ "", "" },           { "\xff", "\xff" },
	};
	struct reed_credential c;
	struct reed_avatar *avatar = NULL;
	struct reed_fault *fault;
	struct house h;

	open_house(&h, NULL);
	for (size_t i = 0; i < REED_COUNT(attempts); i++) {
		c = password(attempts[i][0], attempts[i][1]);
		check_int(run(&h, reed_portal_login(h.portal, &c, "chat", &home, &avatar), &fault),
		          REED_EAUTH);
		check_str(reed_fault_why(fault, REED_EAUTH), "the name or the password is wrong");
		check(!avatar);
		reed_fault_free(fault);
	}
	close_house(&h);
}

static void the_audit_knows_better(void)
{
	struct reed_avatar *avatar;
	struct house h;

	open_house(&h, NULL);
	check_int(login(&h, "alice", "wrong", &avatar), REED_EAUTH);
	check_str(last_heard(&h)->why, "wrong password");
	check_str(last_heard(&h)->account, "alice");
	check_str(last_heard(&h)->how, "password");
	check_str(last_heard(&h)->door, "irc");
	check_str(last_heard(&h)->address, "192.0.2.1:4711");
	check_int(last_heard(&h)->outcome, REED_EAUTH);
	check_int(login(&h, "Nobody", "wrong", &avatar), REED_EAUTH);
	check_str(last_heard(&h)->why, "no such account");
	check_str(last_heard(&h)->account, "nobody");
	check_int(login(&h, "no body!", "wrong", &avatar), REED_EAUTH);
	check_str(last_heard(&h)->account, "no body!");
	close_house(&h);
}

/* Nothing that stands for it while the work is done is a password. */
static void what_cannot_be_a_password_opens_nothing(void)
{
	struct reed_avatar *avatar;
	struct house h;

	open_house(&h, NULL);
	reed_portal_add(h.portal, checker(h.loop, "memory:carol:?"));
	check_int(login(&h, "carol", "\xff", &avatar), REED_EAUTH);
	check_int(login(&h, "carol", "", &avatar), REED_EAUTH);
	check_int(login(&h, "carol", "?", &avatar), REED_OK);
	reed_avatar_logout(avatar);
	close_house(&h);
}

struct work {
	uint64_t derivations, iterations, lookups;
};

static struct work work_of(struct house *h, const char *user, const char *secret)
{
	struct reed_portal_stats before = { .size = sizeof(before) }, after = before;
	struct reed_avatar *avatar;

	reed_portal_stats(h->portal, &before);
	check_int(login(h, user, secret, &avatar), REED_EAUTH);
	reed_portal_stats(h->portal, &after);
	return (struct work){ after.derivations - before.derivations,
		              after.iterations - before.iterations,
		              after.lookups - before.lookups };
}

static void same_work(struct work a, struct work b)
{
	check_int(a.derivations, b.derivations);
	check_int(a.iterations, b.iterations);
	check_int(a.lookups, b.lookups);
}

/* Counted, not timed: two lookups, one derivation, as many iterations. */
static void an_unknown_account_costs_the_same_work_as_a_wrong_password(void)
{
	struct work wrong, token;
	struct house h;

	open_house(&h, NULL);
	reed_portal_add(h.portal, checker(h.loop, "memory:carol:in the second"));
	wrong = work_of(&h, "alice", "wrong password");
	check_int(wrong.derivations, 1);
	check_int(wrong.iterations, REED_ITERATIONS);
	check_int(wrong.lookups, 2);
	same_work(work_of(&h, "carol", "wrong password"), wrong);
	same_work(work_of(&h, "nobody", "wrong password"), wrong);
	same_work(work_of(&h, "not a name", "wrong password"), wrong);
	same_work(work_of(&h, "alice", ""), wrong);
	same_work(work_of(&h, "nobody", ""), wrong);
	token = work_of(&h, "alice", "reed-abcdefgh-abcdefghabcdefghabcdefghabcdefgh");
	check_int(token.derivations, 1);
	check_int(token.lookups, 4);
	same_work(work_of(&h, "nobody", "reed-abcdefgh-abcdefghabcdefghabcdefghabcdefgh"), token);
	close_house(&h);
}

static const struct reed_verifier *begin(struct house *h, const char *user,
                                         struct reed_exchange **exchange)
{
	check_int(run(h, reed_portal_begin(h->portal, reed_slice_of(user), &home, exchange), NULL),
	          REED_OK);
	return reed_exchange_verifier(*exchange);
}

static void nobody_has_a_salt_too(void)
{
	const struct reed_verifier *v, *w;
	struct reed_exchange *a, *b;
	uint8_t key[REED_KEY_BYTES] = { 7 };
	struct reed_portal_options o = REED_PORTAL_OPTIONS;
	uint8_t salt[REED_SALT_BYTES];
	struct house h;

	o.fake_key = key;
	for (int again = 0; again < 2; again++) {
		open_house(&h, &o);
		v = begin(&h, "nobody", &a);
		w = begin(&h, "nobody else", &b);
		check_int(v->salt_length, REED_SALT_BYTES);
		check_int(v->iterations, REED_ITERATIONS);
		check(memcmp(v->salt, w->salt, REED_SALT_BYTES) != 0);
		/* and tomorrow it is the same */
		check(!again || memcmp(v->salt, salt, REED_SALT_BYTES) == 0);
		memcpy(salt, v->salt, REED_SALT_BYTES);
		reed_exchange_free(a);
		reed_exchange_free(b);
		v = begin(&h, "Alice", &a);
		check_int(v->salt_length, REED_SALT_BYTES);
		check_int(v->iterations, REED_ITERATIONS);
		reed_exchange_free(a);
		close_house(&h);
	}
}

static enum reed_err scram(struct house *h, const struct reed_exchange *exchange)
{
	struct reed_credential c = { .kind = REED_CREDENTIAL_SCRAM,
		                     .message = REED_STR("message"),
		                     .secret = REED_STR("0123456789abcdef0123456789abcdef"),
		                     .exchange = exchange };
	struct reed_avatar *avatar;

	return login_with(h, &c, &home, &avatar);
}

static void a_wrong_proof_is_refused_whoever_it_is_for(void)
{
	struct reed_exchange *exchange;
	struct house h;

	open_house(&h, NULL);
	begin(&h, "alice", &exchange);
	check_int(scram(&h, exchange), REED_EAUTH);
	check_str(last_heard(&h)->why, "wrong password");
	reed_exchange_free(exchange);
	begin(&h, "nobody", &exchange);
	check_int(scram(&h, exchange), REED_EAUTH);
	reed_exchange_free(exchange);
	close_house(&h);
}

static void a_password_changed_in_the_midst_of_scram_counts(void)
{
	struct reed_exchange *exchange;
	struct house h;

	open_house(&h, NULL);
	begin(&h, "alice", &exchange);
	check(!run(&h,
	           reed_portal_set_password(h.portal, REED_STR("alice"), REED_STR("looking glass")),
	           NULL));
	check_int(scram(&h, exchange), REED_EAUTH);
	check_str(last_heard(&h)->why, "the password has been changed in the meantime");
	reed_exchange_free(exchange);
	close_house(&h);
}

/* ---- counting ---- */

static void too_many_attempts_have_to_wait_at_every_door(void)
{
	struct reed_peer other = { "198.51.100.7", "web" };
	struct reed_credential c = password("alice", "wonderland");
	struct reed_avatar *avatar;
	struct reed_fault *fault;
	struct house h;

	open_house(&h, NULL);
	for (int i = 0; i < 5; i++)
		check_int(login(&h, "alice", "wrong", &avatar), REED_EAUTH);
	check_int(run(&h, reed_portal_login(h.portal, &c, "page", &other, &avatar), &fault),
	          REED_ETHROTTLED);
	check_str(reed_fault_why(fault, REED_ETHROTTLED),
	          "too many attempts: try again in 15 seconds");
	reed_fault_free(fault);
	check_int(last_heard(&h)->outcome, REED_ETHROTTLED);
	check_str(last_heard(&h)->door, "web");
	check(reed_portal_wait(h.portal, REED_STR("ALICE"), &other) > REED_S(14));
	check_int(reed_portal_wait(h.portal, REED_STR("bob"), &other), 0);
	check_int(login(&h, "bob", "the builder", &avatar), REED_OK);
	reed_avatar_logout(avatar);
	close_house(&h);
}

static void nobody_is_locked_out_like_somebody(void)
{
	struct reed_exchange *exchange = NULL;
	struct reed_avatar *avatar;
	struct house h;

	open_house(&h, NULL);
	for (int i = 0; i < 5; i++)
		check_int(login(&h, "nobody", "wrong", &avatar), REED_EAUTH);
	check_int(login(&h, "nobody", "wrong", &avatar), REED_ETHROTTLED);
	check_int(run(&h, reed_portal_begin(h.portal, REED_STR("nobody"), &home, &exchange), NULL),
	          REED_ETHROTTLED);
	check(!exchange);
	close_house(&h);
}

static void many_attempts_at_once_gain_nothing(void)
{
	struct reed_credential c = password("alice", "wrong");
	struct reed_avatar *avatar[10] = { NULL };
	struct reed_future *f[10];
	int throttled = 0;
	struct house h;

	open_house(&h, NULL);
	for (int i = 0; i < 10; i++)
		f[i] = reed_portal_login(h.portal, &c, "chat", &home, &avatar[i]);
	for (int i = 0; i < 10; i++)
		throttled += run(&h, f[i], NULL) == REED_ETHROTTLED;
	check_int(throttled, 5);
	close_house(&h);
}

static void the_queue_for_derivation_has_an_end(void)
{
	struct reed_portal_options o = REED_PORTAL_OPTIONS;
	struct reed_avatar *avatar[8];
	struct reed_future *f[8];
	struct reed_credential c = password("alice", "wonderland");
	int busy = 0, well = 0;
	struct house h;

	o.limits.none = true;
	o.waiting = 2;
	o.derivations = 1;
	open_house(&h, &o);
	for (int i = 0; i < 8; i++)
		f[i] = reed_portal_login(h.portal, &c, "chat", &home, &avatar[i]);
	for (int i = 0; i < 8; i++) {
		enum reed_err err = run(&h, f[i], NULL);

		busy += err == REED_ETHROTTLED;
		well += err == REED_OK;
		if (!err)
			reed_avatar_logout(avatar[i]);
	}
	check_int(busy + well, 8);
	check(busy > 0 && well > 0);
	close_house(&h);
}

/* ---- checkers of other kinds ---- */

struct stub {
	struct reed_checker checker;
	enum reed_err answer;
	int asked;
};

static struct reed_future *stub_find(struct reed_checker *c, const struct reed_lookup *what,
                                     struct reed_principal *out)
{
	struct stub *self = reed_container_of(c, struct stub, checker);

	(void)what;
	(void)out;
	self->asked++;
	return reed_ready(c->loop, self->answer);
}

static struct reed_future *stub_verify(struct reed_checker *c,
                                       const struct reed_credential *credential,
                                       const struct reed_peer *from, struct reed_principal *out)
{
	struct stub *self = reed_container_of(c, struct stub, checker);

	check_str(from->address, home.address);
	self->asked++;
	if (!reed_slice_is(credential->user, "carol"))
		return reed_ready(c->loop, REED_ENOENT);
	*out = (struct reed_principal){ .name = "carol", .roles = "guest" };
	return reed_ready(c->loop,
	                  reed_slice_is(credential->secret, "right") ? REED_OK : REED_EAUTH);
}

static void stub_free(struct reed_checker *c)
{
	reed_free(reed_container_of(c, struct stub, checker));
}

static const struct reed_checker_ops finding = {
	.name = "broken",
	.takes = REED_CREDENTIAL_BIT(REED_CREDENTIAL_PASSWORD),
	.find = stub_find,
	.free = stub_free,
};

static const struct reed_checker_ops verifying = {
	.name = "asking",
	.takes = REED_CREDENTIAL_BIT(REED_CREDENTIAL_PASSWORD),
	.verify = stub_verify,
	.free = stub_free,
};

static struct stub *stub(struct house *h, const struct reed_checker_ops *ops, enum reed_err answer)
{
	struct stub *self = reed_alloc(sizeof(*self));

	self->checker = (struct reed_checker){ .ops = ops, .loop = h->loop };
	self->answer = answer;
	return self;
}

static void a_checker_that_cannot_answer_makes_no_room_for_the_next(void)
{
	struct reed_avatar *avatar;
	struct stub *broken;
	struct house h;

	open_house(&h, NULL);
	reed_portal_free(h.portal);
	h.portal = reed_portal_new(h.loop, NULL);
	broken = stub(&h, &finding, REED_EIO);
	reed_portal_add(h.portal, &broken->checker);
	reed_portal_add(h.portal, checker(h.loop, people));
	for (int i = 0; i < 20; i++)
		check_int(login(&h, "alice", "wonderland", &avatar), REED_EIO);
	/* trouble of our own is not an attempt of theirs */
	broken->answer = REED_ENOENT;
	check_int(login(&h, "alice", "wonderland", &avatar), REED_OK);
	reed_avatar_logout(avatar);
	close_house(&h);
}

static void a_checker_may_keep_no_records(void)
{
	struct reed_avatar *avatar;
	struct stub *asking;
	struct house h;

	open_house(&h, NULL);
	asking = stub(&h, &verifying, REED_OK);
	reed_portal_add(h.portal, &asking->checker);
	check_int(login(&h, "carol", "right", &avatar), REED_OK);
	check_str(avatar->account, "carol");
	check(reed_avatar_is(avatar, "guest"));
	reed_avatar_logout(avatar);
	check_int(login(&h, "carol", "wrong", &avatar), REED_EAUTH);
	check_int(login(&h, "dave", "wrong", &avatar), REED_EAUTH);
	/* whom the first knows the second is not asked about */
	asking->asked = 0;
	check_int(login(&h, "alice", "wonderland", &avatar), REED_OK);
	check_int(asking->asked, 0);
	reed_avatar_logout(avatar);
	close_house(&h);
}

static void anonymous_is_nobody_in_particular(void)
{
	struct reed_credential c = { .kind = REED_CREDENTIAL_ANONYMOUS,
		                     .user = REED_STR("trace@example.org") };
	struct reed_avatar *avatar;
	struct house h;

	open_house(&h, NULL);
	check(!(reed_portal_takes(h.portal) & REED_CREDENTIAL_BIT(REED_CREDENTIAL_ANONYMOUS)));
	check_int(login_with(&h, &c, &home, &avatar), REED_EAUTH);
	reed_portal_add(h.portal, checker(h.loop, "anonymous:"));
	check(reed_portal_takes(h.portal) & REED_CREDENTIAL_BIT(REED_CREDENTIAL_ANONYMOUS));
	check_int(login_with(&h, &c, &home, &avatar), REED_OK);
	check(avatar->anonymous);
	check_str(avatar->account, "");
	check_str(last_heard(&h)->account, "trace@example.org");
	reed_avatar_logout(avatar);
	c.authzid = REED_STR("alice");
	check_int(login_with(&h, &c, &home, &avatar), REED_EAUTH);
	close_house(&h);
}

/* ---- the realm ---- */

struct shell {
	struct reed_avatar avatar;
	int *alive;
};

static int shells;

static void shell_logout(struct reed_avatar *avatar)
{
	struct shell *shell = reed_container_of(avatar, struct shell, avatar);

	(*shell->alive)--;
	reed_free(shell);
}

static const struct reed_avatar_ops shell_ops = { .logout = shell_logout };

static struct reed_avatar *shell_new(void)
{
	struct shell *shell = reed_alloc(sizeof(*shell));

	shell->avatar.ops = &shell_ops;
	shell->alive = &shells;
	shells++;
	return &shell->avatar;
}

struct shell_realm {
	struct reed_realm realm;
	struct reed_loop *loop;
};

static struct reed_future *realm_avatar(struct reed_realm *self,
                                        const struct reed_principal *account, const char *interface,
                                        struct reed_avatar **out)
{
	struct reed_loop *loop = reed_container_of(self, struct shell_realm, realm)->loop;

	if (strcmp(interface, "shell") != 0 || strcmp(account->name, "bob") == 0)
		return reed_failed(loop, REED_EACCES, "%s has no %s", account->name, interface);
	*out = shell_new();
	return reed_ready(loop, REED_OK);
}

/* "bob as alice" is what bob may ask for */
static enum reed_err realm_act_as(struct reed_realm *self, const struct reed_principal *account,
                                  struct reed_slice authzid, char into[REED_ACCOUNT_ROOM])
{
	(void)self;
	if (strcmp(account->name, "bob") != 0 || !reed_slice_starts(authzid, REED_STR("as ")))
		return REED_EAUTH;
	reed_slice_copy(into, REED_ACCOUNT_ROOM, reed_slice_from(authzid, 3));
	return REED_OK;
}

static const struct reed_realm_ops realm_ops = { .avatar = realm_avatar, .act_as = realm_act_as };

static void open_realm(struct house *h, struct shell_realm *realm)
{
	struct reed_portal_options o = REED_PORTAL_OPTIONS;

	*realm = (struct shell_realm){ .realm.ops = &realm_ops };
	o.realm = &realm->realm;
	open_house(h, &o);
	realm->loop = h->loop;
}

static enum reed_err login_shell(struct house *h, const char *user, const char *secret,
                                 const char *authzid, struct reed_avatar **out)
{
	struct reed_credential c = password(user, secret);

	*out = NULL;
	c.authzid = reed_slice_of(authzid);
	return run(h, reed_portal_login(h->portal, &c, "shell", &home, out), NULL);
}

static void the_realm_makes_the_avatar(void)
{
	struct reed_avatar *avatar;
	struct shell_realm realm;
	struct house h;

	open_realm(&h, &realm);
	check_int(login_shell(&h, "alice", "wonderland", NULL, &avatar), REED_OK);
	check(avatar->ops == &shell_ops);
	check_int(shells, 1);
	reed_avatar_logout(avatar);
	check_int(shells, 0);
	close_house(&h);
}

static void the_realm_may_refuse(void)
{
	struct reed_avatar *avatar = NULL;
	struct reed_credential c = password("bob", "the builder");
	struct reed_fault *fault;
	struct shell_realm realm;
	struct house h;

	open_realm(&h, &realm);
	check_int(run(&h, reed_portal_login(h.portal, &c, "shell", &home, &avatar), &fault),
	          REED_EACCES);
	check_str(reed_fault_why(fault, REED_EACCES), "bob has no shell");
	check_int(last_heard(&h)->outcome, REED_EACCES);
	reed_fault_free(fault);
	check_int(login(&h, "alice", "wonderland", &avatar), REED_EACCES);
	close_house(&h);
}

static void one_may_act_as_another_if_the_realm_says_so(void)
{
	struct reed_avatar *avatar;
	struct shell_realm realm;
	struct house h;

	open_realm(&h, &realm);
	check_int(login_shell(&h, "bob", "the builder", "as alice", &avatar), REED_OK);
	check_str(avatar->account, "alice");
	reed_avatar_logout(avatar);
	check_int(login_shell(&h, "bob", "the builder", "as nobody", &avatar), REED_EAUTH);
	check_int(login_shell(&h, "alice", "wonderland", "as bob", &avatar), REED_EAUTH);
	check_int(login_shell(&h, "bob", "wrong", "as alice", &avatar), REED_EAUTH);
	check_int(shells, 0);
	close_house(&h);
}

static void without_a_realm_one_is_oneself(void)
{
	struct reed_credential c = password("alice", "wonderland");
	struct reed_avatar *avatar;
	struct house h;

	open_house(&h, NULL);
	c.authzid = REED_STR("ALICE");
	check_int(login_with(&h, &c, &home, &avatar), REED_OK);
	reed_avatar_logout(avatar);
	c.authzid = REED_STR("bob");
	check_int(login_with(&h, &c, &home, &avatar), REED_EAUTH);
	close_house(&h);
}

/* ---- sessions ---- */

static void sessions_are_listed_and_revoked(void)
{
	struct reed_avatar *alice, *again, *bob;
	const struct reed_list *sessions;
	size_t n = 0;
	struct house h;

	open_house(&h, NULL);
	sessions = reed_portal_sessions(h.portal);
	check(reed_list_empty(sessions));
	check_int(login(&h, "alice", "wonderland", &alice), REED_OK);
	check_int(login(&h, "bob", "the builder", &bob), REED_OK);
	check_int(login(&h, "alice", "wonderland", &again), REED_OK);
	reed_list_each (link, sessions)
		n += reed_container_of(link, struct reed_avatar, link)->since > 0;
	check_int(n, 3);
	check(sessions->next == &alice->link);
	check_int(reed_portal_revoke(h.portal, bob->id), REED_OK);
	check_int(bob->revoked.value, 1);
	check_int(alice->revoked.value, 0);
	check_int(reed_portal_revoke(h.portal, 999), REED_ENOENT);
	check_int(reed_portal_revoke_all(h.portal, "alice"), 2);
	check_int(again->revoked.value, 1);
	check_int(last_heard(&h)->what, REED_AUDIT_REVOKED);
	reed_avatar_logout(bob);
	reed_avatar_logout(alice);
	check(sessions->next == &again->link && sessions->prev == &again->link);
	reed_portal_free(h.portal);
	h.portal = NULL;
	check(!again->portal);
	reed_avatar_logout(again);
	close_house(&h);
}

static void an_account_that_is_removed_is_thrown_out(void)
{
	struct reed_avatar *avatar;
	struct house h;

	open_house(&h, NULL);
	check_int(login(&h, "alice", "wonderland", &avatar), REED_OK);
	check(!run(&h, reed_portal_remove(h.portal, REED_STR("Alice")), NULL));
	check_int(avatar->revoked.value, 1);
	reed_avatar_logout(avatar);
	check_int(login(&h, "alice", "wonderland", &avatar), REED_EAUTH);
	check_int(run(&h, reed_portal_remove(h.portal, REED_STR("alice")), NULL), REED_ENOENT);
	close_house(&h);
}

/* ---- drops ---- */

static void a_login_dropped_at_any_time_leaves_nothing(void)
{
	struct reed_credential c = password("alice", "wonderland");
	struct reed_portal_options o = REED_PORTAL_OPTIONS;
	struct shell_realm realm = { .realm.ops = &realm_ops };
	struct reed_avatar *avatar = NULL;
	struct reed_future *f;
	struct house h;

	o.realm = &realm.realm;
	o.limits.none = true;
	open_house(&h, &o);
	realm.loop = h.loop;
	for (int turns = 0; turns < 30; turns++) {
		f = reed_portal_login(h.portal, &c, "shell", &home, &avatar);
		for (int i = 0; i < turns; i++)
			reed_loop_turn(h.loop, REED_MS(1));
		reed_drop(f);
		check(!avatar);
		check_int(shells, 0);
		check(reed_list_empty(reed_portal_sessions(h.portal)));
	}
	close_house(&h);
}

static void an_interrupted_login_is_no_login(void)
{
	struct reed_credential c = password("alice", "wonderland");
	struct reed_avatar *avatar = NULL;
	struct reed_future *f;
	struct house h;

	open_house(&h, NULL);
	f = reed_portal_login(h.portal, &c, "chat", &home, &avatar);
	reed_loop_turn(h.loop, 0);
	reed_interrupt(f);
	check_int(run(&h, f, NULL), REED_ECANCELED);
	check(!avatar);
	close_house(&h);
}

/* ---- verifiers from another time ---- */

static uint32_t iterations_of(struct house *h, const char *name)
{
	struct reed_principal account;

	check(!run(h, reed_portal_account(h->portal, reed_slice_of(name), &account), NULL));
	return account.verifier.iterations;
}

static void a_weak_verifier_is_renewed_by_its_password(void)
{
	struct reed_portal_options o = REED_PORTAL_OPTIONS;
	struct reed_avatar *avatar;
	struct house h;

	o.iterations = 12000;
	open_house(&h, &o);
	check_int(iterations_of(&h, "alice"), REED_ITERATIONS);
	check_int(login(&h, "alice", "wrong", &avatar), REED_EAUTH);
	check_int(iterations_of(&h, "alice"), REED_ITERATIONS);
	check_int(login(&h, "alice", "wonderland", &avatar), REED_OK);
	reed_avatar_logout(avatar);
	check_int(iterations_of(&h, "alice"), 12000);
	check_int(login(&h, "alice", "wonderland", &avatar), REED_OK);
	reed_avatar_logout(avatar);
	close_house(&h);
}

/* ---- kinds of checkers ---- */

static void why_not(struct reed_loop *loop, const char *text, const char *sentence)
{
	struct reed_checker *c = NULL;
	struct reed_fault *fault;

	check(reed_loop_run_until(loop, reed_checker_new(loop, text, NULL, &c), &fault) < 0);
	check_str(reed_fault_why(fault, REED_EINVAL), sentence);
	check(!c);
	reed_fault_free(fault);
}

static void what_cannot_be_opened_says_what_would_be_right(void)
{
	struct reed_loop *loop;

	check(!reed_loop_new(NULL, &loop));
	why_not(loop, "fiel:accounts", "no accounts of kind \"fiel\": did you mean file:PATH?");
	why_not(loop, "ldap:x",
	        "no accounts of kind \"ldap\": there are anonymous:, file:PATH, "
	        "htdigest:PATH, htdigest-sha256:PATH, memory:NAME:PASSWORD:..., secrets:PATH, "
	        "sshkeys:FOLDER/%u");
	why_not(loop, "memory:alice",
	        "memory: the password of alice: a password has at least one character");
	why_not(loop, "memory:a b:secret",
	        "memory: \"a b\": a name is made of letters, digits, '_', and after the first "
	        "'-' and '.'");
	why_not(loop, "memory:a:b:A:c", "memory: A stands there twice");
	why_not(loop, "anonymous:x", "anonymous: nothing comes after the colon");
	why_not(loop, "file:", "file: which one? file:PATH");
	reed_loop_free(loop);
}

static void a_backslash_quotes_a_colon(void)
{
	struct reed_avatar *avatar;
	struct house h;

	open_house(&h, NULL);
	reed_portal_add(h.portal, checker(h.loop, "memory:carol:a\\:b\\\\c"));
	check_int(login(&h, "carol", "a:b\\c", &avatar), REED_OK);
	reed_avatar_logout(avatar);
	close_house(&h);
}

static void the_help_lists_all_kinds(void)
{
	char text[4096] = "";
	FILE *out = tmpfile();
	size_t n;

	check(out);
	reed_auth_help(out);
	rewind(out);
	n = fread(text, 1, sizeof(text) - 1, out);
	fclose(out);
	check(n > 0);
	check(strstr(text, "anonymous:") < strstr(text, "file:PATH"));
	check(strstr(text, "file:PATH") < strstr(text, "memory:NAME:PASSWORD:..."));
}

int main(void)
{
	RUN(the_right_password_opens_the_door);
	RUN(who_is_refused_is_told_nothing_new);
	RUN(the_audit_knows_better);
	RUN(what_cannot_be_a_password_opens_nothing);
	RUN(an_unknown_account_costs_the_same_work_as_a_wrong_password);
	RUN(nobody_has_a_salt_too);
	RUN(a_wrong_proof_is_refused_whoever_it_is_for);
	RUN(a_password_changed_in_the_midst_of_scram_counts);
	RUN(too_many_attempts_have_to_wait_at_every_door);
	RUN(nobody_is_locked_out_like_somebody);
	RUN(many_attempts_at_once_gain_nothing);
	RUN(the_queue_for_derivation_has_an_end);
	RUN(a_checker_that_cannot_answer_makes_no_room_for_the_next);
	RUN(a_checker_may_keep_no_records);
	RUN(anonymous_is_nobody_in_particular);
	RUN(the_realm_makes_the_avatar);
	RUN(the_realm_may_refuse);
	RUN(one_may_act_as_another_if_the_realm_says_so);
	RUN(without_a_realm_one_is_oneself);
	RUN(sessions_are_listed_and_revoked);
	RUN(an_account_that_is_removed_is_thrown_out);
	RUN(a_login_dropped_at_any_time_leaves_nothing);
	RUN(an_interrupted_login_is_no_login);
	RUN(a_weak_verifier_is_renewed_by_its_password);
	RUN(what_cannot_be_opened_says_what_would_be_right);
	RUN(a_backslash_quotes_a_colon);
	RUN(the_help_lists_all_kinds);
	return 0;
}
