/* Keeping certificates for months, through failures, crashes and whatever lies in the folder. */

#include "ca.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "protocols/acme/private.h"
#include "reed/acme_keeper.h"
#include "reed/cert.h"
#include "reed/challenge.h"
#include "reed/file.h"
#include "reed/log.h"
#include "reed/random.h"
#include "reed/tls.h"
#include "tests/check.h"

enum { DAY_S = 86400 };

static const char *const NAMES[] = { "chat.example", "www.chat.example" };

/* What chat.example runs, each time it comes up. */
struct world {
	struct reed_sim *sim;
	struct ca ca;
	char folder[64];
	struct reed_acme_options account;
	struct reed_acme_keeper_options keeper;
	struct reed_acme_solver solver;
	struct reed_http_server *web;
};

static struct reed_future *not_here(void *arg, struct reed_http_request *request)
{
	(void)arg;
	reed_http_fail(request, 404, "nothing but challenges");
	return NULL;
}

static struct reed_future *boot(void *arg, struct reed_loop *loop)
{
	struct world *w = arg;
	struct reed_http_server_options o = REED_HTTP_SERVER_OPTIONS;

	o.handler = not_here;
	reed_http_server_free(w->web);
	w->web = reed_http_server_new(loop, &o);
	w->solver = reed_acme_http(loop);
	return reed_all(reed_http_serve(w->web, "tcp:80"), reed_acme_keep(loop, &w->keeper));
}

static void world_prepare(struct world *w)
{
	struct reed_sim_options options = REED_SIM_OPTIONS;

	options.job_mean = REED_MS(5);
	*w = (struct world){ .sim = reed_sim_new(&options) };
	/* in memory if possible: no power fails here, and what is made sure of takes time */
	snprintf(w->folder, sizeof(w->folder), "/dev/shm/reed-acme-XXXXXX");
	if (!mkdtemp(w->folder)) {
		snprintf(w->folder, sizeof(w->folder), "/tmp/reed-acme-XXXXXX");
		check(mkdtemp(w->folder) != NULL);
	}
	ca_open(&w->ca, w->sim);
	w->account = (struct reed_acme_options)REED_ACME_OPTIONS;
	w->account.directory = CA_DIRECTORY;
	w->keeper = (struct reed_acme_keeper_options)REED_ACME_KEEPER_OPTIONS;
	w->keeper.folder = w->folder;
	w->keeper.names = NAMES;
	w->keeper.name_count = 1;
	w->keeper.solvers = &w->solver;
	w->keeper.solver_count = 1;
	w->keeper.account = &w->account;
}

static void world_open(struct world *w)
{
	world_prepare(w);
	reed_sim_boot(w->sim, "chat.example", boot, w);
}

static void world_close(struct world *w)
{
	char *command = reed_sprintf("rm -rf %s", w->folder);

	check(!reed_sim_failure(w->sim));
	reed_sim_crash(w->sim, "chat.example");
	reed_http_server_free(w->web);
	ca_close(&w->ca);
	reed_sim_free(w->sim);
	check_int(system(command), 0);
	reed_free(command);
}

static char *path_of(const struct world *w, const char *name)
{
	return reed_sprintf("%s/%s", w->folder, name);
}

static bool is_there(const struct world *w, const char *name)
{
	char *path = path_of(w, name);
	struct reed_file_stamp stamp;
	bool there = reed_file_look(path, &stamp) == REED_OK;

	if (there)
		check_int(stamp.mode & 077, 0);
	reed_free(path);
	return there;
}

static void read_file(const struct world *w, const char *name, struct reed_buf *text)
{
	char *path = path_of(w, name);
	struct reed_file_stamp stamp;

	reed_buf_init(text, 1 << 20);
	check_int(reed_file_read(path, text, &stamp), REED_OK);
	reed_free(path);
}

static void write_file(const struct world *w, const char *name, const char *text)
{
	char *path = path_of(w, name);
	struct reed_file_stamp stamp;

	check_int(reed_file_replace(path, reed_slice_of(text), &stamp), REED_OK);
	reed_free(path);
}

static int64_t wall(struct world *w)
{
	return reed_wall(reed_sim_host(w->sim, "ca"));
}

/* What a listener would load: good for it, and whether an authority has made it. */
static bool serves_issued(struct world *w, const char *name)
{
	struct reed_tls_server_ctx_options o = REED_TLS_SERVER_CTX_OPTIONS;
	char *folder = path_of(w, "certs"), *file = reed_sprintf("certs/%s.pem", name);
	struct reed_tls_ctx *ctx;
	struct reed_cert *cert;
	struct reed_buf pem;
	bool issued;

	o.cert = folder;
	o.wall = wall(w);
	check_int(reed_tls_server_ctx(&o, &ctx, NULL), REED_OK);
	reed_tls_ctx_release(ctx);
	read_file(w, file, &pem);
	check_int(reed_cert_read(reed_buf_slice(&pem), reed_slice(NULL, 0), wall(w), &cert, NULL),
	          REED_OK);
	check_str(cert->names[0], name);
	issued = !cert->self_signed;
	reed_cert_free(cert);
	reed_buf_finish(&pem);
	reed_free(folder);
	reed_free(file);
	return issued;
}

static void run_for(struct world *w, int64_t seconds)
{
	check_int(reed_sim_run_for(w->sim, REED_S(seconds)), REED_OK);
}

static void a_name_is_served_at_once_and_then_with_a_real_certificate(void)
{
	struct world w;

	world_prepare(&w);
	w.keeper.name_count = 2;
	reed_sim_host(w.sim, "www.chat.example"); /* nobody is there */
	w.ca.slow = 1;
	reed_sim_boot(w.sim, "chat.example", boot, &w);
	check_int(reed_sim_run_for(w.sim, REED_MS(500)), REED_OK);
	check(!serves_issued(&w, "chat.example"));
	check(!serves_issued(&w, "www.chat.example"));
	check(is_there(&w, "account.pem"));
	run_for(&w, 60);
	check(serves_issued(&w, "chat.example"));
	check(!serves_issued(&w, "www.chat.example"));
	check(is_there(&w, "certs/default.pem"));
	check(is_there(&w, "orders/chat.example.pem")); /* of the next */
	check(!is_there(&w, "orders/chat.example.order"));
	world_close(&w);
}

static void it_is_renewed_for_years_and_never_out_of_date(void)
{
	struct world w;

	world_open(&w);
	run_for(&w, 60);
	for (int day = 0; day < 730; day += 5) {
		run_for(&w, 5 * DAY_S);
		check(serves_issued(&w, "chat.example"));
	}
	/* after 55.5 to 60 days of 90 each time */
	check(w.ca.issued >= 13 && w.ca.issued <= 14);
	check_int(w.ca.accounts, 1);
	world_close(&w);
}

static bool served_is_of(const struct world *w, struct reed_slice key)
{
	struct reed_buf served;
	bool is;

	read_file(w, "certs/chat.example.pem", &served);
	is = reed_slice_ends(reed_buf_slice(&served), key);
	reed_buf_finish(&served);
	return is;
}

/* So that DNS can tell of it before. */
static void the_key_of_the_next_certificate_is_there_since_the_last(void)
{
	struct reed_buf next;
	struct world w;

	world_open(&w);
	run_for(&w, 60);
	read_file(&w, "orders/chat.example.pem", &next);
	for (int days = 0; !served_is_of(&w, reed_buf_slice(&next)); days++) {
		check(days < 61);
		run_for(&w, DAY_S);
	}
	reed_buf_finish(&next);
	read_file(&w, "orders/chat.example.pem", &next);
	check(!served_is_of(&w, reed_buf_slice(&next)));
	reed_buf_finish(&next);
	world_close(&w);
}

static void an_authority_says_when(void)
{
	struct world w;

	world_prepare(&w);
	w.ca.window = "{\"suggestedWindow\":{\"start\":\"2026-01-20T00:00:00Z\","
		      "\"end\":\"2026-01-22T00:00:00.5Z\"}}";
	w.ca.second = "{\"suggestedWindow\":{\"start\":\"2026-04-20T00:00:00Z\","
		      "\"end\":\"2026-04-22T00:00:00Z\"}}";
	reed_sim_boot(w.sim, "chat.example", boot, &w);
	run_for(&w, 18 * DAY_S);
	check_int(w.ca.issued, 1);
	run_for(&w, 4 * DAY_S);
	check_int(w.ca.issued, 2);
	/* and of nonsense the lifetime decides */
	w.ca.second = "{\"suggestedWindow\":{\"start\":\"soon\",\"end\":\"later\"}}";
	run_for(&w, 91 * DAY_S);
	check_int(w.ca.issued, 3);
	run_for(&w, 61 * DAY_S);
	check_int(w.ca.issued, 4);
	world_close(&w);
}

static const char at_once[] = "{\"suggestedWindow\":{\"start\":\"2026-01-01T00:00:00Z\","
			      "\"end\":\"2026-01-02T00:00:00Z\"}}";
static const char in_march[] = "{\"suggestedWindow\":{\"start\":\"2026-03-01T00:00:00Z\","
			       "\"end\":\"2026-03-02T00:00:00Z\"}}";

/* RFC 9773 4.3: it will be revoked, say. */
static void an_authority_that_changes_its_mind_is_heard(void)
{
	struct world w;

	world_prepare(&w);
	w.ca.window = w.ca.second = in_march;
	reed_sim_boot(w.sim, "chat.example", boot, &w);
	run_for(&w, 10 * DAY_S);
	check_int(w.ca.issued, 1);
	w.ca.window = at_once;
	run_for(&w, DAY_S + 6 * 3600);
	check_int(w.ca.issued, 2);
	world_close(&w);
}

static void an_authority_is_asked_when_a_process_starts(void)
{
	struct world w;

	world_prepare(&w);
	w.ca.window = w.ca.second = in_march;
	reed_sim_boot(w.sim, "chat.example", boot, &w);
	run_for(&w, 10 * DAY_S);
	reed_sim_crash(w.sim, "chat.example");
	w.ca.window = at_once;
	run_for(&w, 3600);
	check_int(w.ca.issued, 1);
	reed_sim_restart(w.sim, "chat.example");
	run_for(&w, 60);
	check_int(w.ca.issued, 2);
	world_close(&w);
}

static void a_failure_is_tried_again_later_and_later(void)
{
	struct world w;
	unsigned first_hour, first_day;

	world_open(&w);
	w.ca.offers_nothing = true;
	run_for(&w, 3600);
	first_hour = (unsigned)w.ca.count;
	run_for(&w, DAY_S - 3600);
	first_day = (unsigned)w.ca.count;
	check(first_hour >= 4 && first_hour <= 5);
	check(first_day >= 9 && first_day <= 10);
	check(!serves_issued(&w, "chat.example"));
	w.ca.offers_nothing = false;
	run_for(&w, DAY_S);
	check(serves_issued(&w, "chat.example"));
	world_close(&w);
}

/* What the log says of a certificate that is not there yet. */
struct ear {
	struct reed_log_tap tap;
	unsigned told;
	uint64_t again_in_s;
	char why[200];
};

static void hear(struct reed_log_tap *tap, const struct reed_log_event *event)
{
	struct ear *ear = reed_container_of(tap, struct ear, tap);

	if (!reed_slice_is(event->message, "no certificate yet"))
		return;
	ear->told++;
	for (size_t i = 0; i < event->count; i++)
		if (strcmp(event->fields[i].key, "again_in_s") == 0)
			check_int(reed_slice_u64(event->fields[i].value, DAY_S, &ear->again_in_s),
			          REED_OK);
		else if (strcmp(event->fields[i].key, "why") == 0)
			reed_slice_copy(ear->why, sizeof(ear->why), event->fields[i].value);
}

/* One name was refused; the other one belongs to the same account. */
static void who_wants_to_be_left_alone_is(void)
{
	struct ear ear = { .tap.hear = hear };
	struct world w;
	unsigned asked;

	world_prepare(&w);
	w.keeper.name_count = 2;
	reed_log_tap(reed_log_of(reed_sim_host(w.sim, "chat.example")), &ear.tap);
	reed_sim_boot(w.sim, "chat.example", boot, &w);
	w.ca.throttle = 1;
	run_for(&w, 60);
	asked = w.ca.requests;
	check_int(ear.told, 1);
	check(ear.again_in_s > 3590 && ear.again_in_s <= 3600);
	check(strstr(ear.why, "too many certificates for today (rateLimited)"));
	run_for(&w, 3500);
	check_int(w.ca.requests, asked);
	run_for(&w, 300);
	check(serves_issued(&w, "chat.example"));
	reed_log_untap(reed_log_of(reed_sim_host(w.sim, "chat.example")), &ear.tap);
	world_close(&w);
}

static void an_order_that_is_gone_is_placed_anew(void)
{
	struct world w;

	world_prepare(&w);
	w.ca.slow = 1000;
	w.account.patience = REED_S(20);
	reed_sim_boot(w.sim, "chat.example", boot, &w);
	run_for(&w, 30);
	check(is_there(&w, "orders/chat.example.order"));
	w.ca.forgets_orders = true;
	w.ca.slow = 0;
	run_for(&w, 300);
	check_int(w.ca.count, 2);
	check(serves_issued(&w, "chat.example"));
	world_close(&w);
}

/* What a process that is killed at that request leaves behind is gone on with by the next. */
static unsigned crash_at(unsigned request)
{
	struct world w;
	struct reed_buf before, after;
	unsigned requests;

	world_open(&w);
	w.ca.crash_at = request;
	run_for(&w, 20);
	if (request) {
		read_file(&w, "account.pem", &before);
		check(reed_sim_restart(w.sim, "chat.example") != NULL);
		run_for(&w, 60);
		read_file(&w, "account.pem", &after);
		check(reed_slice_eq(reed_buf_slice(&before), reed_buf_slice(&after)));
		reed_buf_finish(&before);
		reed_buf_finish(&after);
	}
	check(serves_issued(&w, "chat.example"));
	check_int(w.ca.issued, 1);
	check_int(w.ca.accounts, 1);
	check(w.ca.count <= 2);
	requests = w.ca.requests;
	world_close(&w);
	return requests;
}

static void a_process_may_be_killed_at_any_request(void)
{
	unsigned n = crash_at(0);

	check(n >= 9);
	for (unsigned at = 1; at <= n; at++)
		crash_at(at);
}

static void a_process_may_be_killed_at_any_moment(void)
{
	for (int64_t ms = 0; ms < 1000; ms += 20) {
		struct world w;

		world_open(&w);
		check_int(reed_sim_run_for(w.sim, REED_MS(ms)), REED_OK);
		reed_sim_crash(w.sim, "chat.example");
		check(reed_sim_restart(w.sim, "chat.example") != NULL);
		run_for(&w, 60);
		check(serves_issued(&w, "chat.example"));
		check_int(w.ca.issued, 1);
		check(w.ca.count <= 2);
		world_close(&w);
	}
}

static void a_certificate_that_ran_out_while_nobody_ran_keeps_nobody_from_starting(void)
{
	struct world w;

	world_open(&w);
	run_for(&w, 60);
	reed_sim_crash(w.sim, "chat.example");
	run_for(&w, 100 * DAY_S);
	reed_sim_part(w.sim, "ca", "chat.example");
	check(reed_sim_restart(w.sim, "chat.example") != NULL);
	run_for(&w, 60);
	check(!serves_issued(&w, "chat.example"));
	reed_sim_heal(w.sim, "ca", "chat.example");
	run_for(&w, 3600);
	check(serves_issued(&w, "chat.example"));
	check_int(w.ca.issued, 2);
	world_close(&w);
}

static void one_that_runs_out_while_it_cannot_be_renewed_is_no_longer_served(void)
{
	struct world w;

	world_open(&w);
	run_for(&w, 60);
	reed_sim_part(w.sim, "ca", "chat.example");
	for (int day = 0; day < 200; day += 10) {
		check_int(serves_issued(&w, "chat.example"), day < 90);
		run_for(&w, 10 * DAY_S);
	}
	reed_sim_heal(w.sim, "ca", "chat.example");
	run_for(&w, 2 * DAY_S);
	check(serves_issued(&w, "chat.example"));
	world_close(&w);
}

static void a_name_that_is_wanted_no_longer_leaves_nothing_that_runs_out(void)
{
	struct world w;

	world_open(&w);
	run_for(&w, 60);
	reed_sim_crash(w.sim, "chat.example");
	write_file(&w, "certs/old.example.pem", "of a name there was");
	write_file(&w, "certs/README", "of somebody else");
	check(reed_sim_restart(w.sim, "chat.example") != NULL);
	run_for(&w, 60);
	check(!is_there(&w, "certs/old.example.pem"));
	check(is_there(&w, "certs/README"));
	check(serves_issued(&w, "chat.example"));
	check_int(w.ca.issued, 1);
	world_close(&w);
}

static void a_clock_that_was_not_set_throws_nothing_away(void)
{
	struct reed_fault *fault = NULL;
	struct world w;
	struct reed_buf before, after;

	world_open(&w);
	run_for(&w, 60);
	read_file(&w, "certs/chat.example.pem", &before);
	reed_sim_crash(w.sim, "chat.example");
	reed_sim_boot(w.sim, "chat.example", NULL, NULL);
	reed_sim_step_wall(w.sim, "chat.example", -REED_S(10 * (int64_t)DAY_S));
	check_int(reed_sim_run_until(w.sim,
	                             reed_acme_keep(reed_sim_host(w.sim, "chat.example"),
	                                            &w.keeper),
	                             &fault),
	          REED_ECERT);
	check(strstr(fault->sentence, "is the clock right?") != NULL);
	read_file(&w, "certs/chat.example.pem", &after);
	check(reed_slice_eq(reed_buf_slice(&before), reed_buf_slice(&after)));
	reed_buf_finish(&before);
	reed_buf_finish(&after);
	reed_fault_free(fault);
	world_close(&w);
}

static void another_authority_makes_another_certificate(void)
{
	struct world w;

	world_open(&w);
	run_for(&w, 60);
	reed_sim_crash(w.sim, "chat.example");
	w.account.directory = "http://ca:80/directory";
	check(reed_sim_restart(w.sim, "chat.example") != NULL);
	run_for(&w, 60);
	check_int(w.ca.issued, 2);
	world_close(&w);
}

static void what_is_torn_in_the_folder_is_made_anew(void)
{
	struct world w;

	world_open(&w);
	run_for(&w, 60);
	reed_sim_crash(w.sim, "chat.example");
	write_file(&w, "certs/chat.example.pem", "rubbish");
	write_file(&w, "orders/chat.example.order", "more rubbish");
	write_file(&w, "orders/chat.example.pem", "");
	check(reed_sim_restart(w.sim, "chat.example") != NULL);
	run_for(&w, 60);
	check(serves_issued(&w, "chat.example"));
	check_int(w.ca.issued, 2);
	world_close(&w);
}

static void a_key_that_others_may_read_is_told(void)
{
	struct reed_fault *fault = NULL;
	struct world w;
	struct reed_loop *loop;
	char *path;

	world_prepare(&w);
	loop = reed_sim_host(w.sim, "chat.example");
	path = path_of(&w, "account.pem");
	write_file(&w, "account.pem", "anything");
	check_int(chmod(path, 0644), 0);
	check_int(reed_sim_run_until(w.sim, reed_acme_keep(loop, &w.keeper), &fault), REED_EACCES);
	check(strstr(fault->sentence, "others may read this key") != NULL);
	reed_fault_free(fault);
	reed_free(path);
	world_close(&w);
}

int main(void)
{
	RUN(a_name_is_served_at_once_and_then_with_a_real_certificate);
	RUN(it_is_renewed_for_years_and_never_out_of_date);
	RUN(the_key_of_the_next_certificate_is_there_since_the_last);
	RUN(an_authority_says_when);
	RUN(an_authority_that_changes_its_mind_is_heard);
	RUN(an_authority_is_asked_when_a_process_starts);
	RUN(a_failure_is_tried_again_later_and_later);
	RUN(who_wants_to_be_left_alone_is);
	RUN(an_order_that_is_gone_is_placed_anew);
	RUN(a_process_may_be_killed_at_any_request);
	RUN(a_process_may_be_killed_at_any_moment);
	RUN(a_certificate_that_ran_out_while_nobody_ran_keeps_nobody_from_starting);
	RUN(one_that_runs_out_while_it_cannot_be_renewed_is_no_longer_served);
	RUN(a_name_that_is_wanted_no_longer_leaves_nothing_that_runs_out);
	RUN(a_clock_that_was_not_set_throws_nothing_away);
	RUN(another_authority_makes_another_certificate);
	RUN(what_is_torn_in_the_folder_is_made_anew);
	RUN(a_key_that_others_may_read_is_told);
	return 0;
}
