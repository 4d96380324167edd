/* A process that serves: from the settings to the exit code. */

#include "daemon_private.h"

#include <stdlib.h>
#include <string.h>

#include "crew.h"

#include "reed/offload.h"
#include "reed/alloc.h"
#include "reed/blame.h"
#include "reed/checker.h"
#include "reed/handover.h"
#include "reed/init.h"
#include "reed/random.h"
#include "reed/traffic.h"
#include "service_private.h"

enum { LAST_MS = 1000 }; /* that threads get when all else has ended */

/* ---- before anything runs ---- */

/* What that process needs for its goodbyes is for it to say: ours is to be patient. */
static enum reed_err replace_other(struct daemon *d, const struct daemon_settings *settings,
                                   struct reed_fault **fault)
{
	enum reed_err err = reed_handover_ask(d->state, &d->handover, fault);

	return err ? err
	           : reed_handover_wait(d->state, &d->lock, 2 * settings->grace + REED_S(30),
	                                fault);
}

static enum reed_err open_state(struct daemon *d, struct reed_fault **fault)
{
	const struct daemon_settings *settings = reed_generation_daemon(d->first);

	if (reed_state_make(d->state, fault) || reed_state_check(d->state, fault))
		return (*fault)->err;
	if (reed_state_lock(d->state, &d->lock, fault) != REED_EBUSY || !settings->replace)
		return *fault ? (*fault)->err : REED_OK;
	reed_fault_free(*fault);
	*fault = NULL;
	return replace_other(d, settings, fault);
}

/* The folder has to be there before there are rules about it. */
static enum reed_err settle_in(struct daemon *d, struct reed_fault **fault)
{
	d->state = reed_plan_state(d->plan, d->first->settings, fault);
	if (!d->state)
		return (*fault)->err;
	reed_needs_of(d->plan, d->first->settings, d->state, d->needs);
	if (reed_daemon_become(d, fault) || open_state(d, fault))
		return (*fault)->err;
	reed_state_mark(d->state);
	return reed_daemon_enter_sandbox(d, fault);
}

enum reed_err reed_daemon_new_loop(const struct daemon_settings *settings, struct reed_loop **loop,
                                   struct reed_fault **fault)
{
	struct reed_loop_options options = REED_LOOP_OPTIONS;
	const char *named;
	enum reed_err err;

	options.driver = reed_daemon_driver(settings);
	named = options.driver ? options.driver : getenv("REED_DRIVER");
	err = reed_loop_new(&options, loop);
	if (err == REED_ENOTSUP)
		*fault = reed_fault(err, NULL, "this system has no driver %s; leave out %s",
		                    named ? named : "for everybody",
		                    options.driver ? "--driver" : "REED_DRIVER");
	else if (err)
		*fault = reed_fault(err, NULL, "no loop: %s", reed_strerror(err));
	return err;
}

/* They were looked at when they were read. */
static enum reed_err modules_of(const struct daemon_settings *settings,
                                struct reed_log_module *modules, struct reed_fault **fault)
{
	const struct reed_texts *texts = &settings->log.modules;

	if (texts->n > REED_LOG_MODULES) {
		*fault = reed_fault(REED_ETOOBIG, NULL, "log.modules has more than %d members",
		                    REED_LOG_MODULES);
		return REED_ETOOBIG;
	}
	for (size_t i = 0; i < texts->n; i++)
		if (reed_log_module_parse(reed_slice_of(texts->items[i]), &modules[i], fault))
			return REED_ESYNTAX;
	return REED_OK;
}

enum reed_err reed_daemon_open_log(struct daemon *d, struct reed_fault **fault)
{
	const struct daemon_settings *settings = reed_generation_daemon(d->latest);
	struct reed_log_options options = REED_LOG_OPTIONS;
	struct reed_log_module modules[REED_LOG_MODULES];
	enum reed_err err = modules_of(settings, modules, fault);
	char identity[64];

	if (err)
		return err;
	snprintf(identity, sizeof(identity), "%s%s%s", d->plan->program.program,
	         d->plan->program.command ? "-" : "",
	         d->plan->program.command ? d->plan->program.command : "");
	options.to = settings->log.file ? REED_LOG_TO_FILE : REED_LOG_TO_STDERR;
	options.path = settings->log.file;
	options.level = (enum reed_log_level)settings->log.level;
	options.format = (enum reed_log_format)settings->log.format;
	options.local_time = settings->log.time == 0;
	options.rotate = settings->log.rotate;
	options.keep = (unsigned)settings->log.keep;
	options.daily = settings->log.daily;
	options.identity = identity;
	options.modules = modules;
	options.module_count = settings->log.modules.n;
	options.history = settings->log.history;
	return reed_log_open(reed_log_of(d->loop), &options, fault);
}

/* ---- signals ---- */

/* The first is polite, the second is not. */
static void stop_signal(struct daemon *d, int signo)
{
	if (d->stopping) {
		d->signo = signo;
		d->ended = true;
	} else {
		reed_daemon_stop(d, reed_daemon_signal_name(signo));
	}
}

static void reload(struct daemon *d)
{
	reed_log_reopen(reed_log_of(d->loop));
	reed_traffic_reopen(d->loop);
	if (d->stopping || d->ended || !d->root->scope.loop)
		return;
	reed_log(d->loop, REED_LOG_INFO, "reading the settings anew");
	if (d->reloading)
		d->reload_again = true;
	else /* it tells of its failure itself */
		reed_scope_add(&d->root->scope,
		               reed_service_forgive(d->loop, reed_daemon_reload(d, NULL)));
}

static struct daemon *daemon_of_site(const struct reed_site *site)
{
	return reed_container_of((struct reed_site *)(uintptr_t)site, struct daemon, site);
}

static void site_reload(const struct reed_site *site)
{
	reload(daemon_of_site(site));
}

static void site_stop(const struct reed_site *site, const char *why)
{
	reed_daemon_stop(daemon_of_site(site), why);
}

static void heard(struct daemon *d, int which, enum reed_err err, struct reed_fault *fault)
{
	reed_fault_free(fault);
	if (err)
		return;
	reed_wait(reed_signal(d->loop, reed_daemon_signals[which]), &d->signals[which]);
	if (which == 2)
		reload(d);
	else
		stop_signal(d, reed_daemon_signals[which]);
}

static void on_sigterm(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	heard(reed_container_of(w, struct daemon, signals[0]), 0, err, fault);
}

static void on_sigint(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	heard(reed_container_of(w, struct daemon, signals[1]), 1, err, fault);
}

static void on_sighup(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	heard(reed_container_of(w, struct daemon, signals[2]), 2, err, fault);
}

/* ---- the run ---- */

static void on_end(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	struct daemon *d = reed_container_of(w, struct daemon, running);

	d->ended = true;
	d->err = err;
	d->fault = fault;
}

static void on_patience(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	struct daemon *d = reed_container_of(w, struct daemon, patience);

	reed_fault_free(fault);
	if (err || d->ended)
		return;
	reed_log(d->loop, REED_LOG_WARN, "the grace time is over, so what is left is dropped");
	d->ended = true;
}

void reed_daemon_stop(struct daemon *d, const char *why)
{
	int64_t grace = reed_generation_daemon(d->latest)->grace;

	if (d->stopping)
		return;
	d->stopping = true;
	reed_inherit_let_go(d->loop);
	d->until = reed_now(d->loop) + grace;
	reed_notify("STOPPING=1\nSTATUS=%s", why);
	reed_log(d->loop, REED_LOG_INFO, "stopping why=%s grace=%.1f", why, (double)grace / 1e9);
	reed_wait(reed_sleep_ns(d->loop, grace), &d->patience);
	if (d->running.future)
		reed_interrupt(d->running.future);
}

static void on_control(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	struct daemon *d = reed_container_of(w, struct daemon, control);

	reed_log(d->loop, REED_LOG_ERROR, "the control socket is out of order why=%s",
	         reed_fault_why(fault, err));
	reed_fault_free(fault);
}

/* Half of the time, so that one that is late is no reason to be killed. */
static void on_watchdog(struct reed_timer *t)
{
	struct daemon *d = reed_container_of(t, struct daemon, watchdog);

	reed_notify("WATCHDOG=1");
	reed_timer_start(d->loop, t, reed_notify_watchdog() / 2);
}

static void start_watchdog(struct daemon *d)
{
	d->watchdog.fire = on_watchdog;
	if (reed_notify_watchdog() > 0)
		on_watchdog(&d->watchdog);
}

static void wait_for_signals(struct daemon *d)
{
	d->signals[0].wake = on_sigterm;
	d->signals[1].wake = on_sigint;
	d->signals[2].wake = on_sighup;
	for (size_t i = 0; i < 3; i++)
		reed_wait(reed_signal(d->loop, reed_daemon_signals[i]), &d->signals[i]);
}

static bool has_more_to_say(struct reed_loop *loop)
{
	struct reed_offload_stats jobs = { .size = sizeof(jobs) };
	struct reed_loop_stats stats = { .size = sizeof(stats) };

	reed_offload_stats(loop, &jobs);
	reed_loop_stats(loop, &stats);
	return stats.watches > 0 || jobs.under_way > 0 || reed_loop_deadline(loop) != REED_NEVER;
}

/* Streams that were closed: of peers that do not listen too, so not for ever. */
static void say_goodbye(struct daemon *d)
{
	bool streams;

	if (!d->stopping)
		d->until = reed_now(d->loop) + reed_generation_daemon(d->latest)->grace;
	while ((streams = reed_streams_part(d->loop)), has_more_to_say(d->loop)) {
		int64_t left = d->until - reed_now(d->loop);

		if (left <= 0) {
			reed_log(d->loop, REED_LOG_WARN,
			         "the grace time is over, so what is left is dropped");
			return;
		}
		reed_loop_turn(d->loop,
		               streams && left > REED_PARTING / 10 ? REED_PARTING / 10 : left);
	}
}

static void serve(struct daemon *d)
{
	struct reed_service_options options = REED_SERVICE_OPTIONS;

	options.kind = &reed_root_kind;
	options.name = "process";
	options.site = &d->site;
	options.grace = reed_generation_daemon(d->first)->grace;
	d->root = reed_service_new(d->loop, &options);
	d->running.wake = on_end;
	d->patience.wake = on_patience;
	d->control.wake = on_control;
	wait_for_signals(d);
	start_watchdog(d);
	reed_wait(reed_service_run(d->root), &d->running);
	while (!d->ended)
		reed_loop_turn(d->loop, REED_NEVER);
	reed_unwait(d->loop, &d->running);
	reed_unwait(d->loop, &d->patience);
	reed_unwait(d->loop, &d->control);
	reed_timer_stop(&d->watchdog);
	reed_listener_close(d->control_listener);
	for (size_t i = 0; i < 3; i++)
		reed_unwait(d->loop, &d->signals[i]);
	reed_service_free(d->root);
	d->root = NULL;
	reed_portal_free(d->site.portal);
	reed_daemon_unblock_signals();
	if (d->signo)
		return;
	reed_daemon_ship_rest(d);
	say_goodbye(d);
}

static int outcome(struct daemon *d)
{
	if (d->signo) {
		reed_log(d->loop, REED_LOG_WARN, "ended at once why=%s",
		         reed_daemon_signal_name(d->signo));
		return EXIT_SIGNAL + d->signo;
	}
	if (d->err) {
		reed_log(d->loop, REED_LOG_CRITICAL, "failed why=%s",
		         reed_fault_why(d->fault, d->err));
		return 1;
	}
	reed_log(d->loop, REED_LOG_INFO, "stopped");
	return 0;
}

static int start(struct daemon *d)
{
	const struct daemon_settings *settings = reed_generation_daemon(d->first);
	struct reed_fault *fault = NULL;
	int code;

	if (settle_in(d, &fault) || reed_daemon_new_loop(settings, &d->loop, &fault) ||
	    reed_daemon_open_log(d, &fault))
		return reed_plan_complain(d->plan, fault);
	reed_daemon_log_warnings(d, d->first->settings);
	reed_daemon_log_sandbox(d);
	reed_blame(d->loop, settings->slow_turn);
	reed_daemon_ignore_sigpipe();
	reed_handover_stored(&d->handover);
	reed_handover_inherit(&d->handover, d->loop, settings->user || settings->group);
	reed_daemon_inherit_early(d);
	d->started = reed_now(d->loop);
	d->name = settings->name ? reed_strdup(settings->name) : reed_host_name();
	d->site = (struct reed_site){ .size = sizeof(d->site),
		                      .name = d->name,
		                      .state = d->state,
		                      .settings = d->first->settings,
		                      .reload = site_reload,
		                      .stop = site_stop,
		                      .loops = 1 };
	if (d->automatic) {
		d->certificates = reed_sprintf("%s/" REED_AUTOMATIC_FOLDER, d->state);
		d->site.certificates = d->certificates;
	}
	reed_daemon_ship(d);
	serve(d);
	code = outcome(d);
	reed_daemon_ship_end(d);
	return code;
}

/* Who hangs in a call of the system, as on a file system that is gone, is not waited for for ever. */
static void leave_what_hangs(struct daemon *d, int code)
{
	struct reed_offload_stats jobs = { .size = sizeof(jobs) };
	int64_t now = reed_now(d->loop), until = now + REED_MS(LAST_MS);

	for (; reed_offload_stats(d->loop, &jobs), jobs.under_way > 0 && now < until;
	     now = reed_now(d->loop))
		reed_loop_turn(d->loop, until - now);
	if (jobs.under_way == 0)
		return;
	reed_log(d->loop, REED_LOG_WARN, "a thread hangs, so the process ends without it");
	reed_log_flush(reed_log_of(d->loop), LAST_MS);
	reed_daemon_leave(code);
}

/* What is not said is in no settings, so their check has not asked for its module. */
static void find_accounts(const struct plan *plan, const struct reed_settings *settings)
{
	const struct daemon_settings *daemon = reed_settings_part(settings, 1);
	const char *preset = daemon->auth.n == 0 ? reed_plan_accounts(plan) : NULL;
	struct reed_fault *fault = NULL;

	if (preset)
		reed_checker_check(preset, &fault); /* who opens it says why not */
	reed_fault_free(fault);
}

/* Who gets certificates, or tells DNS of us, has to be loaded before the sandbox, like all modules. */
static enum reed_err find_keeper(struct daemon *d, const char *name, const char *group,
                                 const struct reed_service_kind **keeper)
{
	struct reed_catalog *catalog = reed_catalog_of_process();
	const struct reed_command *command;
	struct reed_fault *fault = NULL;

	if (catalog && !reed_catalog_command(catalog, name, &command, &fault) && command->keeper) {
		*keeper = command->keeper;
		return REED_OK;
	}
	if (!fault)
		fault = reed_fault(REED_ENOENT, NULL,
		                   "%s: the module that does this, %s, is not there; it comes with "
		                   "the program reed",
		                   group, name);
	reed_plan_complain(d->plan, fault);
	return REED_ENOENT;
}

static enum reed_err find_keepers(struct daemon *d, const struct reed_settings *settings)
{
	const struct daemon_settings *daemon = reed_settings_part(settings, 1);
	enum reed_err err = REED_OK;

	if (daemon->acme.names.n > 0)
		err = find_keeper(d, REED_AUTOMATIC, "acme", &d->automatic);
	if (!err && daemon->publish.server)
		err = find_keeper(d, REED_PUBLISHING, "publish", &d->publisher);
	return err;
}

static void make_ready(struct daemon *d, struct reed_settings *settings)
{
	find_accounts(d->plan, settings);
	reed_module_seal();
	reed_process_init(NULL);
	d->first = reed_generation_new(settings);
	d->latest = reed_generation_share(d->first);
	d->services = reed_alloc((d->plan->count + 1) * sizeof(d->services[0]));
}

int reed_plan_run(const struct plan *plan)
{
	struct reed_needs needs = { 0 };
	struct daemon d = {
		.plan = plan,
		.lock = -1,
		.handover.connection = -1,
		.needs = &needs,
	};
	struct reed_settings *settings = reed_plan_gather(plan);
	int code;

	if (reed_plan_is_answered(plan, settings, &code)) {
		reed_settings_free(settings);
		return code;
	}
	if (find_keepers(&d, settings)) {
		reed_settings_free(settings);
		return 1;
	}
	make_ready(&d, settings);
	code = start(&d);
	if (d.loop)
		leave_what_hangs(&d, code);
	reed_fault_free(d.fault);
	reed_loop_free(d.loop);
	reed_loops_free(d.crew);
	reed_handover_end(&d.handover);
	reed_daemon_forget_early(&d);
	reed_state_unlock(d.lock);
	reed_generation_release(d.latest);
	reed_generation_release(d.first);
	reed_needs_finish(&needs);
	reed_free(d.without);
	reed_free(d.certificates);
	reed_free(d.services);
	reed_free(d.name);
	reed_free(d.state);
	reed_process_finish();
	return code;
}
