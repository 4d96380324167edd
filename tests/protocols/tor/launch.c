/* A tor of our own: how it is started, whose it is, and what ends it. */

#include <string.h>
#include <unistd.h>

#include "protocols/tor/private.h"
#include "reed/log.h"
#include "reed/process.h"
#include "script.h"
#include "tests/check.h"
#include "tests/core/sim_each.h"

#define IS_OURS                                                                                 \
	LOGS_IN, "< GETINFO process/pid", "> 250-process/pid=0", "> 250 OK", "< TAKEOWNERSHIP", \
		"> 250 OK", "< RESETCONF __OwningControllerProcess", "> 250 OK"

static const char *const owned[] = { IS_OURS, "~", NULL };
static const char *const *const once[] = { owned, NULL };

/* ---- the program, whose control port is that of the host "tor" once it says so ---- */

struct program {
	struct reed_co co;
	struct reed_sim_child *child;
};

static int started, ended;
static bool fails;       /* it has a complaint, and ends */
static char words[1024]; /* of its command line */

static void say(struct program *self, const char *line)
{
	reed_write_str(self->child->out, line);
}

static void program_run(struct reed_co *co)
{
	struct program *self = reed_frame(co, struct program);

	reed_coroutine (co) {
		say(self, "Nov 22 14:08:49.263 [notice] Tor 0.4.8.10 running\n");
		reed_try(co, reed_sleep(co->loop, 20));
		if (fails) {
			say(self, "Nov 22 14:08:49.264 [warn] Unknown option 'Nonsense'.\n");
			say(self, "Nov 22 14:08:49.264 [err] Reading config failed--see warnings "
			          "above.\n");
			reed_return(co, REED_OK);
		}
		reed_sim_boot(reed_sim_of(co->loop), "tor", play, &plays);
		reed_try(co, reed_sleep(co->loop, 20));
		say(self, "Nov 22 14:08:49.265 [notice] Opened Control listener\n");
		reed_try(co, reed_forever(co->loop));
	}
}

static void program_end(struct reed_co *co)
{
	(void)co;
	ended++;
}

static const struct reed_co_kind program_kind = {
	.name = "tor",
	.size = sizeof(struct program),
	.run = program_run,
	.end = program_end,
};

static struct reed_future *program(void *arg, struct reed_sim_child *child)
{
	struct program *self = reed_co_new(child->loop, &program_kind);

	(void)arg;
	words[0] = '\0';
	for (const char *const *word = child->argv; *word; word++) {
		strncat(words, *word, sizeof(words) - strlen(words) - 1);
		strncat(words, "\n", sizeof(words) - strlen(words) - 1);
	}
	started++;
	self->child = child;
	return reed_start(&self->co);
}

static struct reed_loop *open_world(struct reed_sim *world, const char *const *const *scripts)
{
	struct reed_loop *us = reed_sim_host(world, "us");

	reed_log_set_level(reed_log_of(us), REED_LOG_ERROR);
	reed_sim_host(world, "tor");
	reed_sim_program(world, "tor", program, NULL);
	plays = (struct play){ .scripts = scripts, .patient = true };
	started = ended = 0;
	fails = false;
	return us;
}

static void begin(const char *const *const *scripts)
{
	sim = reed_sim_new(NULL);
	loop = open_world(sim, scripts);
}

static struct reed_future *launch(struct reed_loop *on, bool single_hop, struct reed_tor **tor)
{
	struct reed_tor_options o = REED_TOR_OPTIONS;

	o.control = "tcp:tor:9051";
	o.launch = in_folder("tor");
	o.single_hop = single_hop;
	return reed_tor_connect(on, &o, tor);
}

static bool has_words(const char *text)
{
	return strstr(words, text) != NULL;
}

/* ---- tests ---- */

static void it_is_started_in_its_folder_and_is_ours(void)
{
	struct reed_tor *tor = NULL;
	char text[64];

	begin(once);
	check_int(outcome(launch(loop, false, &tor)), REED_OK);
	check_int(started, 1);
	check_int(access(in_folder("tor"), R_OK | W_OK | X_OK), 0);
	check(has_words("\n--DataDirectory\n/") && has_words("/tor\n--ControlPort\nunix:\"/"));
	check(has_words("/tor/control\"\n--CookieAuthentication\n1\n"));
	check(has_words("\n--SocksPort\nunix:\"/") && !has_words("SingleHop"));
	snprintf(text, sizeof(text), "\n--__OwningControllerProcess\n%d\n", (int)getpid());
	check(has_words(text));
	check_int(ended, 0);
	reed_tor_close(tor);
	end_play();
	check_int(ended, 1);
	check_int(plays.done, 1);
}

static void one_for_single_hops_has_nothing_to_dial_through(void)
{
	struct reed_tor *tor = NULL;

	begin(once);
	check_int(outcome(launch(loop, true, &tor)), REED_OK);
	check(has_words("\n--HiddenServiceSingleHopMode\n1\n--HiddenServiceNonAnonymousMode\n1\n"));
	check(has_words("\n--SocksPort\n0\n"));
	reed_tor_close(tor);
	end_play();
}

static void one_that_is_there_already_is_shared_and_not_owned(void)
{
	static const char *const script[] = {
		LOGS_IN, "< GETINFO process/pid", "> 250-process/pid=1", "> 250 OK", "~", NULL
	};
	static const char *const *const scripts[] = { script, NULL };
	struct reed_tor *tor = NULL;

	begin(scripts);
	reed_sim_boot(sim, "tor", play, &plays);
	check_int(reed_sim_run_for(sim, REED_MS(10)), REED_OK);
	check_int(outcome(launch(loop, false, &tor)), REED_OK);
	check_int(started, 0);
	reed_tor_close(tor);
	end_play();
	check_int(plays.done, 1);
}

/* Two at the same moment, in one folder: tor sees to it that one ends. */
static void one_that_lost_to_another_leaves_it_alone(void)
{
	static const char *const script[] = {
		LOGS_IN, "< GETINFO process/pid", "> 250-process/pid=1", "> 250 OK", "~", NULL
	};
	static const char *const *const scripts[] = { script, NULL };
	struct reed_tor *tor = NULL;

	begin(scripts);
	check_int(outcome(launch(loop, false, &tor)), REED_OK);
	check_int(reed_sim_run_for(sim, REED_S(1)), REED_OK);
	check(started == 1 && ended == 1);
	reed_tor_close(tor);
	end_play();
	check_int(plays.done, 1);
}

static void what_it_complains_of_before_it_ends_is_told(void)
{
	struct reed_tor *tor = NULL;

	begin(once);
	fails = true;
	check_int(outcome(launch(loop, false, &tor)), REED_EIO);
	check_str(why, "tor has ended at once: Unknown option 'Nonsense'.");
	end_play();
}

static void a_folder_that_will_not_do_is_told(void)
{
	struct reed_tor_options o = REED_TOR_OPTIONS;
	struct reed_tor *tor = NULL;
	char folder[300];

	begin(once);
	o.launch = in_folder("no/tor");
	check_int(outcome(reed_tor_connect(loop, &o, &tor)), REED_ENOENT);
	check(strstr(why, "no/tor: no folder for tor can be there: "));
	snprintf(folder, sizeof(folder), "%s/%0110d", in_folder("."), 7);
	o.launch = folder;
	check_int(outcome(reed_tor_connect(loop, &o, &tor)), REED_ETOOBIG);
	check(strstr(why, "which have 107 bytes at the most"));
	check_int(started, 0);
	end_play();
}

/* ---- disturbed wherever it waits ---- */

struct visit {
	struct reed_co co;
	struct reed_tor *tor;
};

static void visit_run(struct reed_co *co)
{
	struct visit *self = reed_frame(co, struct visit);

	reed_coroutine (co) {
		reed_try(co, launch(co->loop, false, &self->tor));
		reed_try(co, reed_sleep(co->loop, 100));
	}
}

static void visit_end(struct reed_co *co)
{
	reed_tor_close(reed_frame(co, struct visit)->tor);
}

static const struct reed_co_kind visit_kind = {
	.name = "visit",
	.size = sizeof(struct visit),
	.run = visit_run,
	.end = visit_end,
};

static struct reed_future *scenario(void *arg, struct reed_sim *world)
{
	(void)arg;
	return reed_start(reed_co_new(open_world(world, once), &visit_kind));
}

static void nothing_runs_on(void *arg, struct reed_sim *world, const struct reed_sim_suspension *at)
{
	ends_well_or_canceled(arg, world, at);
	if (started != ended)
		reed_sim_fail(world, "%d were started, and %d have ended", started, ended);
}

static void wherever_it_is_disturbed_no_tor_runs_on(void)
{
	check_each_suspension(scenario, nothing_runs_on, 30);
}

int main(void)
{
	script_folder();
	RUN(it_is_started_in_its_folder_and_is_ours);
	RUN(one_for_single_hops_has_nothing_to_dial_through);
	RUN(one_that_is_there_already_is_shared_and_not_owned);
	RUN(one_that_lost_to_another_leaves_it_alone);
	RUN(what_it_complains_of_before_it_ends_is_told);
	RUN(a_folder_that_will_not_do_is_told);
	RUN(wherever_it_is_disturbed_no_tor_runs_on);
	script_folder_remove();
	return 0;
}
