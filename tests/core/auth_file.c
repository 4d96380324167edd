/* file: the text, line by line, and what happens when others edit it. */

#include <sys/stat.h>
#include <unistd.h>

#include "core/auth_file_text.h"
#include "reed/alloc.h"

#include "check.h"

#define KEY "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY="
#define VERIFIER                                           \
	"SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$" KEY \
	":wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
#define PRINT  "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define PRINT2 "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static const struct reed_auth_rules *const rules = &reed_auth_rules_ascii;

/* ---- the text ---- */

static void a_line_has_its_parts(void)
{
	struct reed_principal a;
	const char *why;

	check(!reed_account_line_parse(REED_STR("alice:" VERIFIER ":admin,guest:certfp=" PRINT
	                                        ":certfp=" PRINT2),
	                               rules, &a, &why));
	check_str(a.name, "alice");
	check(a.has_password);
	check_int(a.verifier.iterations, 4096);
	check_str(a.roles, "admin,guest");
	check_int(a.fingerprints, 2);
	check_int(a.fingerprint[0][31], 0x1f);
	check_int(a.fingerprint[1][0], 0xff);
	check(!reed_account_line_parse(REED_STR("bob:" VERIFIER), rules, &a, &why));
	check(a.has_password && !*a.roles && a.fingerprints == 0);
	check(!reed_account_line_parse(REED_STR("carol:*:certfp=" PRINT), rules, &a, &why));
	check(!a.has_password && !*a.roles && a.fingerprints == 1);
}

static void a_line_comes_back_as_it_was(void)
{
	static const char *const lines[] = { "alice:" VERIFIER ":admin,guest:certfp=" PRINT "\n",
		                             "bob:" VERIFIER "\n", "carol:*\n", "dave:*:guest\n",
		                             "eve:*:certfp=" PRINT "\n" };

	for (size_t i = 0; i < REED_COUNT(lines); i++) {
		struct reed_slice line = reed_slice_of(lines[i]);
		struct reed_principal a;
		struct reed_buf b;
		const char *why;

		reed_buf_init(&b, 0);
		check(!reed_account_line_parse(reed_slice_first(line, line.n - 1), rules, &a,
		                               &why));
		reed_account_line_print(&a, &b);
		check(reed_slice_eq(reed_buf_slice(&b), line));
		reed_buf_finish(&b);
	}
}

static void parse_fails(const char *text, size_t line, const char *part_of_why)
{
	struct reed_principal_table t = { 0 };
	struct reed_account_file_fault fault;

	check(reed_account_file_parse(reed_slice_of(text), rules, &t, &fault) == REED_ESYNTAX);
	check_int(fault.line, line);
	check(strstr(fault.why, part_of_why));
	reed_table_finish(&t);
}

static void a_bad_line_says_where_and_why(void)
{
	parse_fails("alice:secret\n", 1, "does not stand here in clear");
	parse_fails("alice:\n", 1, "does not stand here in clear");
	parse_fails("alice\n", 1, "does not stand here in clear");
	parse_fails("# hello\n\nAlice:*\n", 3, "normal form");
	parse_fails("a b:*\n", 1, "made of letters");
	parse_fails("alice:*\r\nbob:*:Admin\r\n", 2, "roles are words");
	parse_fails("alice:*:admin:guest\n", 1, "unknown key");
	parse_fails("alice:*:certfp=00\n", 1, "64 hexadecimal digits");
	parse_fails("alice:*:spki=" PRINT "\n", 1, "unknown key");
	parse_fails("alice:SCRAM-SHA-256$1000:QQ==$" KEY ":" KEY "\n", 1, "iterations");
	parse_fails("alice:SCRAM-SHA-256$4096:QQ==$" KEY "\n", 1, "not a verifier");
	parse_fails("alice:" VERIFIER ":\xff\n", 1, "roles are words");
}

static void a_name_or_certificate_stands_once(void)
{
	parse_fails("alice:*\nbob:*\nalice:*\n", 3, "another line");
	parse_fails("bob:*:certfp=" PRINT "\nalice:*\ncarol:*:certfp=" PRINT "\n", 3,
	            "another line");
	parse_fails("bob:*:certfp=" PRINT ":certfp=" PRINT "\n", 1, "another line");
}

static void comments_and_spaces_are_no_accounts(void)
{
	struct reed_principal_table t = { 0 };
	struct reed_account_file_fault fault;

	check(!reed_account_file_parse(REED_STR("# alice:*\n\n   \n  # bob\ncarol:*\nalice:*"),
	                               rules, &t, &fault));
	check_int(t.n, 2);
	check(reed_table_find(&t, "alice"));
	check(reed_table_find(&t, "carol"));
	reed_table_finish(&t);
	check(!reed_account_file_parse(REED_STR(""), rules, &t, &fault));
	check_int(t.n, 0);
}

static void edit_gives(const char *text, const char *name, const struct reed_principal *account,
                       const char *wanted)
{
	struct reed_buf b;

	reed_buf_init(&b, 0);
	reed_account_file_edit(reed_slice_of(text), name, account, &b);
	check(reed_slice_is(reed_buf_slice(&b), wanted));
	reed_buf_finish(&b);
}

static void only_one_line_is_edited(void)
{
	struct reed_principal bob = { .name = "bob", .roles = "guest" };

	edit_gives("# us\nalice:*\nbob:*\n\ncarol:*:x\n", "bob", &bob,
	           "# us\nalice:*\nbob:*:guest\n\ncarol:*:x\n");
	edit_gives("# bob:*\nalice:*", "bob", &bob, "# bob:*\nalice:*\nbob:*:guest\n");
	edit_gives("", "bob", &bob, "bob:*:guest\n");
	edit_gives("bobby:*\nbob:*", "bob", NULL, "bobby:*\n");
	edit_gives("alice:*\r\nbob:*\r\n", "alice", NULL, "bob:*\r\n");
	edit_gives("alice:*\n", "bob", NULL, "alice:*\n");
}

/* ---- the file ---- */

struct house {
	char folder[64], path[96];
	struct reed_loop *loop;
	struct reed_portal *portal;
	int unheard;
	char why[512];
};

static void note_unheard(void *arg, struct reed_loop *loop, const char *what, enum reed_err err,
                         const char *why)
{
	struct house *h = arg;

	(void)loop;
	(void)what;
	(void)err;
	h->unheard++;
	snprintf(h->why, sizeof(h->why), "%s", why);
}

static enum reed_err run(struct house *h, struct reed_future *f)
{
	return reed_loop_run_until(h->loop, f, NULL);
}

static void write_file(struct house *h, const char *text)
{
	FILE *file = fopen(h->path, "w");

	check(file);
	fputs(text, file);
	check(fclose(file) == 0);
	check(chmod(h->path, 0600) == 0);
}

static void read_file(struct house *h, char text[4096])
{
	FILE *file = fopen(h->path, "r");
	size_t n;

	check(file);
	n = fread(text, 1, 4095, file);
	text[n] = '\0';
	fclose(file);
}

static void open_house(struct house *h)
{
	struct reed_loop_options o = REED_LOOP_OPTIONS;
	struct reed_portal_options po = REED_PORTAL_OPTIONS;

	*h = (struct house){ 0 };
	strcpy(h->folder, "/tmp/reed-file-XXXXXX");
	check(mkdtemp(h->folder));
	snprintf(h->path, sizeof(h->path), "%s/accounts", h->folder);
	o.unheard = note_unheard;
	o.arg = h;
	po.limits.none = true;
	check(!reed_loop_new(&o, &h->loop));
	h->portal = reed_portal_new(h->loop, &po);
}

static enum reed_err open_file(struct house *h, char why[512])
{
	struct reed_checker *checker = NULL;
	struct reed_fault *fault = NULL;
	char spec[128];
	enum reed_err err;

	snprintf(spec, sizeof(spec), "file:%s", h->path);
	err = reed_loop_run_until(h->loop, reed_checker_new(h->loop, spec, NULL, &checker), &fault);
	if (why)
		snprintf(why, 512, "%s", reed_fault_why(fault, err));
	reed_fault_free(fault);
	if (!err)
		reed_portal_add(h->portal, checker);
	return err;
}

static void close_house(struct house *h)
{
	reed_portal_free(h->portal);
	reed_loop_free(h->loop);
	unlink(h->path);
	check(rmdir(h->folder) == 0);
}

static enum reed_err login(struct house *h, const char *user, const char *secret)
{
	struct reed_credential c = { .kind = REED_CREDENTIAL_PASSWORD,
		                     .user = reed_slice_of(user),
		                     .secret = reed_slice_of(secret) };
	struct reed_avatar *avatar = NULL;
	enum reed_err err;

	err = run(h, reed_portal_login(h->portal, &c, "chat", NULL, &avatar));
	reed_avatar_logout(avatar);
	return err;
}

static void a_file_made_by_hand_is_read(void)
{
	struct house h;

	open_house(&h);
	write_file(&h, "# who may come in\nalice:" VERIFIER ":admin\n");
	check_int(open_file(&h, NULL), REED_OK);
	check_int(login(&h, "alice", "pencil"), REED_OK);
	check_int(login(&h, "alice", "pen"), REED_EAUTH);
	close_house(&h);
}

static void an_edit_is_seen_at_once(void)
{
	struct house h;

	open_house(&h);
	write_file(&h, "alice:" VERIFIER "\n");
	check_int(open_file(&h, NULL), REED_OK);
	check_int(login(&h, "bob", "pencil"), REED_EAUTH);
	write_file(&h, "bob:" VERIFIER ":guest\n");
	check_int(login(&h, "bob", "pencil"), REED_OK);
	check_int(login(&h, "alice", "pencil"), REED_EAUTH);
	check_int(h.unheard, 0);
	close_house(&h);
}

static void a_broken_edit_is_told_once_and_changes_nothing(void)
{
	char wanted[256];
	struct house h;

	open_house(&h);
	write_file(&h, "alice:" VERIFIER "\n");
	check_int(open_file(&h, NULL), REED_OK);
	write_file(&h, "bob:" VERIFIER ":guest\nalice:pencil\n");
	check_int(login(&h, "alice", "pencil"), REED_OK);
	check_int(login(&h, "bob", "pencil"), REED_EAUTH);
	check_int(h.unheard, 1);
	snprintf(wanted, sizeof(wanted), "the accounts as they were stay in force: %s:2: not a ",
	         h.path);
	check(strncmp(h.why, wanted, strlen(wanted)) == 0);
	/* nor is it overwritten */
	check_int(run(&h, reed_portal_create(h.portal, REED_STR("carol"), REED_STR("a password"))),
	          REED_EIO);
	write_file(&h, "bob:" VERIFIER ":guests\nalice:*\n");
	check_int(login(&h, "bob", "pencil"), REED_OK);
	check_int(h.unheard, 1);
	close_house(&h);
}

static void a_file_that_is_gone_is_not_an_empty_one(void)
{
	struct house h;

	open_house(&h);
	write_file(&h, "alice:" VERIFIER "\n");
	check_int(open_file(&h, NULL), REED_OK);
	check(unlink(h.path) == 0);
	check_int(login(&h, "alice", "pencil"), REED_OK);
	check_int(h.unheard, 1);
	check_int(run(&h, reed_portal_create(h.portal, REED_STR("bob"), REED_STR("a password"))),
	          REED_EIO);
	write_file(&h, "bob:" VERIFIER "\n");
	check_int(login(&h, "bob", "pencil"), REED_OK);
	check_int(login(&h, "alice", "pencil"), REED_EAUTH);
	close_house(&h);
}

static void what_others_wrote_stays(void)
{
	char text[4096];
	struct house h;

	open_house(&h);
	write_file(&h, "# one\nalice:" VERIFIER "\n");
	check_int(open_file(&h, NULL), REED_OK);
	write_file(&h, "# one\nalice:" VERIFIER "\n\n# two\nbob:*:certfp=" PRINT "\n");
	check_int(run(&h, reed_portal_set_roles(h.portal, REED_STR("alice"), REED_STR("admin"))),
	          REED_OK);
	read_file(&h, text);
	check_str(text, "# one\nalice:" VERIFIER ":admin\n\n# two\nbob:*:certfp=" PRINT "\n");
	check_int(run(&h, reed_portal_create(h.portal, REED_STR("carol"), REED_STR("a password"))),
	          REED_OK);
	check_int(run(&h, reed_portal_remove(h.portal, REED_STR("alice"))), REED_OK);
	read_file(&h, text);
	check(strncmp(text, "# one\n\n# two\nbob:*:certfp=" PRINT "\ncarol:SCRAM-SHA-256$10000:",
	              100) == 0);
	check(!strstr(text, "a password"));
	close_house(&h);
}

static void a_file_that_is_not_there_is_made(void)
{
	struct stat st;
	struct house h;

	open_house(&h);
	check_int(open_file(&h, NULL), REED_OK);
	check(access(h.path, F_OK) < 0);
	check_int(run(&h, reed_portal_create(h.portal, REED_STR("alice"), REED_STR("wonderland"))),
	          REED_OK);
	check(stat(h.path, &st) == 0 && (st.st_mode & 0777) == 0600);
	check_int(login(&h, "alice", "wonderland"), REED_OK);
	close_house(&h);
}

static void a_file_that_cannot_be_opened_says_why(void)
{
	char why[512], wanted[256];
	struct house h;

	open_house(&h);
	write_file(&h, "\nalice:pencil\n");
	check_int(open_file(&h, why), REED_ESYNTAX);
	snprintf(wanted, sizeof(wanted), "%s:2: not a verifier", h.path);
	check(strncmp(why, wanted, strlen(wanted)) == 0);
	write_file(&h, "alice:*\n");
	check(chmod(h.path, 0644) == 0);
	check_int(open_file(&h, why), REED_EACCES);
	snprintf(wanted, sizeof(wanted), "%s: others may read or write it (mode 644); chmod 600 it",
	         h.path);
	check_str(why, wanted);
	check(chmod(h.path, 0640) == 0);
	check_int(open_file(&h, NULL), REED_OK);
	unlink(h.path);
	strcat(h.path, "/no/where");
	check_int(open_file(&h, why), REED_ENOENT);
	strcpy(h.path, h.folder);
	check_int(open_file(&h, why), REED_EINVAL);
	close_house(&h);
}

static void a_symbolic_link_stays_one(void)
{
	char link[96], text[4096];
	struct house h;
	struct stat st;

	open_house(&h);
	write_file(&h, "alice:" VERIFIER "\n");
	strcpy(link, h.path);
	strcat(h.path, ".link");
	check(symlink("accounts", h.path) == 0);
	check_int(open_file(&h, NULL), REED_OK);
	check_int(run(&h, reed_portal_set_roles(h.portal, REED_STR("alice"), REED_STR("admin"))),
	          REED_OK);
	check(lstat(h.path, &st) == 0 && S_ISLNK(st.st_mode));
	check(unlink(h.path) == 0);
	strcpy(h.path, link);
	read_file(&h, text);
	check_str(text, "alice:" VERIFIER ":admin\n");
	close_house(&h);
}

/* Nothing half-written is left behind when the disk does not play along. */
static void a_change_that_cannot_be_written_is_no_change(void)
{
	char fresh[112];
	struct house h;

	open_house(&h);
	write_file(&h, "alice:" VERIFIER "\n");
	check_int(open_file(&h, NULL), REED_OK);
	snprintf(fresh, sizeof(fresh), "%s.new", h.path);
	/* what is to be the new file is a folder */
	check(mkdir(fresh, 0700) == 0);
	check(run(&h, reed_portal_create(h.portal, REED_STR("bob"), REED_STR("a password"))) < 0);
	check(rmdir(fresh) == 0);
	check_int(login(&h, "bob", "a password"), REED_EAUTH);
	check_int(login(&h, "alice", "pencil"), REED_OK);
	check_int(run(&h, reed_portal_create(h.portal, REED_STR("bob"), REED_STR("a password"))),
	          REED_OK);
	check_int(login(&h, "bob", "a password"), REED_OK);
	close_house(&h);
}

/* Each sees what the other has done. */
static void two_servers_may_share_a_file(void)
{
	struct house a, b;

	open_house(&a);
	check_int(open_file(&a, NULL), REED_OK);
	open_house(&b);
	check(rmdir(b.folder) == 0);
	strcpy(b.path, a.path);
	check_int(open_file(&b, NULL), REED_OK);
	check_int(run(&a, reed_portal_create(a.portal, REED_STR("alice"), REED_STR("wonderland"))),
	          REED_OK);
	check_int(run(&b, reed_portal_create(b.portal, REED_STR("bob"), REED_STR("the builder"))),
	          REED_OK);
	check_int(login(&b, "alice", "wonderland"), REED_OK);
	check_int(login(&a, "bob", "the builder"), REED_OK);
	reed_portal_free(b.portal);
	reed_loop_free(b.loop);
	close_house(&a);
}

int main(void)
{
	RUN(a_line_has_its_parts);
	RUN(a_line_comes_back_as_it_was);
	RUN(a_bad_line_says_where_and_why);
	RUN(a_name_or_certificate_stands_once);
	RUN(comments_and_spaces_are_no_accounts);
	RUN(only_one_line_is_edited);
	RUN(a_file_made_by_hand_is_read);
	RUN(an_edit_is_seen_at_once);
	RUN(a_broken_edit_is_told_once_and_changes_nothing);
	RUN(a_file_that_is_gone_is_not_an_empty_one);
	RUN(what_others_wrote_stays);
	RUN(a_file_that_is_not_there_is_made);
	RUN(a_file_that_cannot_be_opened_says_why);
	RUN(a_symbolic_link_stays_one);
	RUN(a_change_that_cannot_be_written_is_no_change);
	RUN(two_servers_may_share_a_file);
	return 0;
}
