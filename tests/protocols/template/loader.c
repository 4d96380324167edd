/* Templates of a folder: found, kept, read again, and what is wrong with them. */

#include "reed/template_loader.h"

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lab.h"
#include "reed/cell.h"
#include "reed/co.h"
#include "reed/log.h"

/* A folder, a loader of it, and what the log said of templates last. */
struct shelf {
	struct reed_loop *loop;
	struct reed_template_loader *loader;
	struct reed_log_tap tap;
	struct reed_cell told;
	char folder[40], message[80], why[200];
};

static struct shelf shelf;

/* ---- the folder ---- */

static const char *in(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", shelf.folder, name);
	return path;
}

static void put(const char *name, const char *text)
{
	FILE *f = fopen(in(name), "w");

	check(f && fputs(text, f) >= 0 && fclose(f) == 0);
}

static void put_by_moving(const char *name, const char *text)
{
	char to[128];

	put("new~", text);
	snprintf(to, sizeof(to), "%s", in(name));
	check(rename(in("new~"), to) == 0);
}

static int remove_one(const char *path, const struct stat *st, int what, struct FTW *ftw)
{
	(void)st;
	(void)what;
	(void)ftw;
	return remove(path);
}

/* ---- both ends ---- */

static void hear(struct reed_log_tap *tap, const struct reed_log_event *event)
{
	(void)tap;
	if (!reed_slice_is(reed_slice_first(event->message, 9), "template "))
		return;
	reed_slice_copy(shelf.message, sizeof(shelf.message), event->message);
	shelf.why[0] = '\0';
	for (size_t i = 0; i < event->count; i++)
		if (strcmp(event->fields[i].key, "why") == 0)
			reed_slice_copy(shelf.why, sizeof(shelf.why), event->fields[i].value);
	reed_cell_touch(&shelf.told);
}

static void shelf_open(struct reed_template_loader_options options)
{
	struct reed_log_options log = REED_LOG_OPTIONS;
	struct reed_fault *fault = NULL;

	shelf = (struct shelf){ .tap.hear = hear, .folder = "/tmp/reed-templates-XXXXXX" };
	check(mkdtemp(shelf.folder) != NULL);
	check_int(reed_loop_new(NULL, &shelf.loop), REED_OK);
	log.to = REED_LOG_TO_NOBODY;
	log.level = REED_LOG_INFO;
	check_int(reed_log_open(reed_log_of(shelf.loop), &log, NULL), REED_OK);
	reed_log_tap(reed_log_of(shelf.loop), &shelf.tap);
	options.poll_ms = 20;
	check_int(reed_template_loader_new(shelf.loop, in(""), &options, &shelf.loader, &fault),
	          REED_OK);
}

static void shelf_close(void)
{
	reed_template_loader_free(shelf.loader);
	reed_log_untap(reed_log_of(shelf.loop), &shelf.tap);
	reed_loop_free(shelf.loop);
	check(nftw(shelf.folder, remove_one, 10, FTW_DEPTH | FTW_PHYS) == 0);
}

static void open_plain(void)
{
	shelf_open((struct reed_template_loader_options)REED_TEMPLATE_LOADER_OPTIONS);
}

static void open_watched(void)
{
	struct reed_template_loader_options options = REED_TEMPLATE_LOADER_OPTIONS;

	options.watch = true;
	shelf_open(options);
}

/* ---- what is loaded ---- */

/* As it is written; or "! " and why not.  Until the next call. */
static const char *page(const char *name)
{
	static char said[4096];
	const struct reed_template *t = NULL;
	struct reed_buf out = { .limit = sizeof(said) - 1 };
	struct reed_fault *fault = NULL;
	enum reed_err err =
		reed_loop_run_until(shelf.loop, reed_template_load(shelf.loader, name, &t), &fault);

	if (!err) {
		check(t == reed_template_loaded(shelf.loader, name));
		err = reed_loop_run_until(shelf.loop,
		                          reed_template_print(t, shelf.loop, NULL, &out), &fault);
	}
	if (err)
		snprintf(said, sizeof(said), "! %s", reed_fault_why(fault, err));
	else
		snprintf(said, sizeof(said), REED_FMT, REED_ARG(reed_buf_slice(&out)));
	reed_fault_free(fault);
	reed_buf_finish(&out);
	return said;
}

/* Something more is said than was when there had been so much of it. */
static void wait_beyond(uint64_t seen)
{
	struct reed_future *f = reed_cell_changed(shelf.loop, &shelf.told, seen);

	check_int(reed_loop_run_until(shelf.loop, reed_within(20000, f), NULL), REED_OK);
}

/* It is read again until it is that: of one change may be told twice. */
static void becomes(const char *name, const char *wanted)
{
	uint64_t seen = shelf.told.count;

	for (; strcmp(page(name), wanted) != 0; seen = shelf.told.count)
		wait_beyond(seen);
}

/* The log says why it is not the newest that is shown. */
static void is_broken(const char *why)
{
	static const char message[] = "template is broken, and stays as it was";
	uint64_t seen = shelf.told.count;

	for (; strcmp(shelf.message, message) != 0 || strcmp(shelf.why, why) != 0;
	     seen = shelf.told.count)
		wait_beyond(seen);
}

/* ---- tests ---- */

static void a_template_is_read_once_by_its_name(void)
{
	open_plain();
	check(reed_template_loaded(shelf.loader, "a.html") == NULL);
	put("a.html", "<p>one</p>");
	check_str(page("a.html"), "<p>one</p>");
	put("a.html", "<p>two</p>");
	check_str(page("a.html"), "<p>one</p>");
	shelf_close();
}

static void includes_are_names_in_the_same_folder(void)
{
	open_plain();
	check(mkdir(in("parts"), 0700) == 0);
	put("a.html", "<p><r:include name=\"parts/b.html\"/><r:include name=\"c.html\"/></p>");
	put("parts/b.html", "<b><r:include name=\"c.html\"/></b>");
	put("c.html", "<i>c</i>");
	check_str(page("a.html"), "<p><b><i>c</i></b><i>c</i></p>");
	check_str(page("parts/b.html"), "<b><i>c</i></b>");
	shelf_close();
}

static void what_is_wrong_is_told_with_file_line_and_column(void)
{
	open_plain();
	put("a.html", "<p>\n  <r:include name=\"b.html\"/>\n</p>");
	check_str(page("a.html"), "! a.html:2:3: there is no \"b.html\" to include");
	put("b.html", "<b>\n<i onclick=\"{{x}}\"/></b>");
	check(strstr(page("a.html"),
	             "a.html:2:3: \"b.html\" cannot be included: b.html:2:1: no data in "
	             "the attribute onclick of i: "));
	put("b.html", "<b><r:include name=\"a.html\"/></b>");
	check_str(page("a.html"), "! a.html:2:3: \"b.html\" cannot be included: b.html:1:4: "
	                          "\"a.html\" cannot be included: it would include itself");
	put("b.html", "<b>&#0;</b>");
	check(strstr(page("a.html"), "cannot be included: b.html:1:"));
	put("b.html", "<b>b</b>"); /* and what failed is tried again */
	check_str(page("a.html"), "<p>\n  <b>b</b>\n</p>");
	shelf_close();
}

static void nothing_is_read_but_files_of_the_folder(void)
{
	static const char *const names[] = { "../a.html", "/etc/passwd", "", ".", "b/../../a.html",
		                             "out.html",  "missing.html" };
	char wanted[128];

	open_plain();
	check(symlink("/etc/passwd", in("out.html")) == 0);
	for (size_t i = 0; i < REED_COUNT(names); i++) {
		snprintf(wanted, sizeof(wanted), "! %s in %s: %s", names[i], shelf.folder,
		         reed_strerror(REED_ENOENT));
		check_str(page(names[i]), wanted);
	}
	shelf_close();
}

static void a_file_and_a_chain_of_them_have_limits(void)
{
	struct reed_template_loader_options options = REED_TEMPLATE_LOADER_OPTIONS;
	char name[24], text[80];

	options.limit = 40;
	shelf_open(options);
	put("long.html", "<p>0123456789012345678901234567890123456789</p>");
	check_str(page("long.html"), "! long.html:1:1: 47 bytes are more than 40");
	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "t%d.html", i);
		snprintf(text, sizeof(text), "<p><r:include name=\"t%d.html\"/></p>", i + 1);
		put(name, i < 19 ? text : "<p/>");
	}
	check(strstr(page("t3.html"), "! t3.html:1:4: \"t4.html\" cannot be included: t4.html:"));
	check(!strstr(page("t4.html"), "!"));
	check_str(page("t18.html"), "<p><p></p></p>");
	shelf_close();
}

static void a_change_is_seen(void)
{
	open_watched();
	put("a.html", "<p>one</p>");
	check_str(page("a.html"), "<p>one</p>");
	put_by_moving("a.html", "<p>two</p>");
	becomes("a.html", "<p>two</p>");
	put("a.html", "<p>three</p>");
	becomes("a.html", "<p>three</p>");
	shelf_close();
}

static void a_change_of_what_is_included_is_one(void)
{
	open_watched();
	check(mkdir(in("parts"), 0700) == 0);
	put("a.html", "<p><r:include name=\"b.html\"/></p>");
	put("b.html", "<b><r:include name=\"parts/c.html\"/></b>");
	put("parts/c.html", "<i>one</i>");
	check_str(page("a.html"), "<p><b><i>one</i></b></p>");
	put("parts/c.html", "<i>two</i>");
	becomes("a.html", "<p><b><i>two</i></b></p>");
	put_by_moving("b.html", "<b/>");
	becomes("a.html", "<p><b></b></p>");
	shelf_close();
}

static void a_broken_version_leaves_the_one_before(void)
{
	open_watched();
	put("a.html", "<p>one</p>");
	check_str(page("a.html"), "<p>one</p>");
	put_by_moving("a.html", "<p>\n<r:block/><b onclick=\"{{x}}\"/></p>");
	is_broken("a.html:2:11: no data in the attribute onclick of b: a browser takes it "
	          "for a program, or for more than text");
	check_str(page("a.html"), "<p>one</p>");
	put_by_moving("a.html", "<p><r:include name=\"b.html\"/></p>");
	is_broken("a.html:1:4: there is no \"b.html\" to include");
	put_by_moving("b.html", "<b/>"); /* which was not there when it was read last */
	becomes("a.html", "<p><b></b></p>");
	shelf_close();
}

/* ---- one that is written meanwhile ---- */

static struct reed_future *wait_for_news(void *arg, struct reed_loop *loop,
                                         struct reed_template_value *value)
{
	(void)arg;
	*value = reed_template_text(REED_STR("news"));
	return reed_cell_changed(loop, &shelf.told, 0);
}

static void what_is_written_stays_what_it_was(void)
{
	struct reed_template_pair pair = { "x", { .kind = REED_TEMPLATE_LATER } };
	struct reed_template_pairs table = { .count = 0 };
	struct reed_buf out = { .limit = 0 };
	const struct reed_template *t;

	open_watched();
	pair.value.later = wait_for_news;
	put("a.html", "<p><r:include name=\"b.html\"/> of one</p>");
	put("b.html", "<b>{{x}}</b>");
	check_int(reed_loop_run_until(shelf.loop, reed_template_load(shelf.loader, "a.html", &t),
	                              NULL),
	          REED_OK);
	put_by_moving("a.html", "<p>two</p>");
	check_int(reed_loop_run_until(shelf.loop,
	                              reed_template_print(t, shelf.loop,
	                                                  reed_template_pairs(&table, &pair, 1),
	                                                  &out),
	                              NULL),
	          REED_OK);
	check_slice(reed_buf_slice(&out), "<p><b>news</b> of one</p>");
	check_str(page("a.html"), "<p>two</p>");
	reed_buf_finish(&out);
	shelf_close();
}

static void who_does_not_wait_any_more_leaves_nothing_behind(void)
{
	const struct reed_template *t = NULL;
	struct reed_future *f;

	open_watched();
	put("a.html", "<p>one</p>");
	f = reed_template_load(shelf.loader, "a.html", &t);
	reed_drop(f);
	f = reed_template_load(shelf.loader, "a.html", &t);
	check_int(reed_loop_run_until(shelf.loop, reed_yield(shelf.loop), NULL), REED_OK);
	reed_drop(f);
	check(!t);
	check_str(page("a.html"), "<p>one</p>");
	shelf_close();
}

int main(void)
{
	RUN(a_template_is_read_once_by_its_name);
	RUN(includes_are_names_in_the_same_folder);
	RUN(what_is_wrong_is_told_with_file_line_and_column);
	RUN(nothing_is_read_but_files_of_the_folder);
	RUN(a_file_and_a_chain_of_them_have_limits);
	RUN(a_change_is_seen);
	RUN(a_change_of_what_is_included_is_one);
	RUN(a_broken_version_leaves_the_one_before);
	RUN(what_is_written_stays_what_it_was);
	RUN(who_does_not_wait_any_more_leaves_nothing_behind);
	return 0;
}
