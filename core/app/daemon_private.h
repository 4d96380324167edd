/* What the files of the daemon share. */

#ifndef REED_DAEMON_PRIVATE_H
#define REED_DAEMON_PRIVATE_H

#include <stdatomic.h>

#include "handover.h"
#include "needs.h"
#include "reed/auth.h"
#include "reed/automatic.h"
#include "reed/daemon.h"
#include "reed/log.h"
#include "reed/process.h"
#include "reed/publishing.h"
#include "reed/settings.h"

/* ---- settings ---- */

struct daemon_settings {
	const char *state, *name;
	struct reed_texts auth, metrics;
	bool help_auth, replace;
	struct {
		int level;  /* enum reed_log_level */
		int format; /* enum reed_log_format */
		int time;
		const char *file;
		uint64_t rotate; /* bytes; 0: never */
		int keep;
		bool compress, daily;
		struct reed_texts modules;
		uint64_t history; /* bytes */
		struct {
			struct reed_texts syslog, json;
			int level, facility;
			uint64_t room;
			const char *id;
		} ship;
	} log;
	int driver, loops;
	int64_t grace, slow_turn;
	int restart; /* enum reed_restart */
	const char *user, *group;
	struct reed_automatic acme;
	struct reed_publishing publish;
	int sandbox; /* auto, off, require */
	bool print_sandbox;
};

extern const struct reed_schema reed_daemon_schema;

/* Of the group acme. */
bool reed_automatic_check_name(const char *text, struct reed_buf *why);
bool reed_automatic_check_url(const char *text, struct reed_buf *why);

struct reed_needs;
void reed_automatic_needs(const struct reed_automatic *acme, struct reed_needs *needs);

/* "auto", "epoll", ... as of the setting. */
const char *reed_daemon_driver(const struct daemon_settings *settings);

/* ---- what is to be run ---- */

struct planned {
	const struct reed_service_kind *kind;
	char *name; /* its key in a suite; owned */
};

struct plan {
	struct reed_settings_program program;
	struct reed_settings_part *parts; /* general, daemon, then one for each service */
	struct planned *services;
	size_t count;
	struct reed_catalog *catalog; /* of what a suite may have; NULL: it is none */
	int argc;
	char **argv;
	const char *file; /* of a suite, when it is no flag; else NULL */
};

enum { PARTS_BEFORE = 2 };

/* Is there such a command, and is it a service? */
bool reed_plan_has_service(const struct plan *plan, const char *name);

/* The settings file: that of the flags, or the suite's; NULL: none. */
const char *reed_plan_file(const struct plan *plan, const struct reed_settings *settings);

/* Where accounts are when nobody says; NULL: there are none. */
const char *reed_plan_accounts(const struct plan *plan);

void reed_plan_init(struct plan *plan, size_t room, int argc, char **argv);
void reed_plan_add(struct plan *plan, const struct reed_service_kind *kind, const char *name);
void reed_plan_finish(struct plan *plan);

/* Everything that can be read is read; ask for problems then. */
struct reed_settings *reed_plan_gather(const struct plan *plan);

/* The keys of a settings file at the top, up to their first dot. */
struct reed_keys {
	char **items;
	size_t count;
};

/* What is no YAML has no keys: the settings will say so. */
void reed_keys_of(struct reed_slice yaml, struct reed_keys *keys);
void reed_keys_of_file(const char *file, struct reed_keys *keys);
void reed_keys_finish(struct reed_keys *keys);

/* Exit codes. */
enum { EXIT_WRONG = 2, EXIT_SIGNAL = 128 };

int reed_plan_run(const struct plan *plan);

/* Tells what is wrong, on standard error; frees it.  Returns 1. */
int reed_plan_complain(const struct plan *plan, struct reed_fault *fault);

/* Where its state is; the caller frees it. */
char *reed_plan_state(const struct plan *plan, const struct reed_settings *settings,
                      struct reed_fault **fault);

/* True when the settings ask for no run, or forbid one; *code says how it ends. */
bool reed_plan_is_answered(const struct plan *plan, struct reed_settings *settings, int *code);

/* Of a suite whose file is not known: help and the like, or what is wrong. */
int reed_plan_answer(const struct plan *plan);

/* ---- settings of a running process ---- */

/* Settings that were read together, and live as long as anybody uses values of theirs. */
struct generation {
	struct reed_settings *settings;
	atomic_uint holders; /* on any loop */
};

struct generation *reed_generation_new(struct reed_settings *settings);
struct generation *reed_generation_share(struct generation *self);
void reed_generation_release(struct generation *self);

/* To the i-th service of the plan, now and for its next life; NULL: it is not there. */
void reed_generation_give(struct generation *self, size_t i, struct reed_service *service);

static inline const struct daemon_settings *reed_generation_daemon(const struct generation *g)
{
	return reed_settings_part(g->settings, 1);
}

/* ---- the running process ---- */

struct daemon {
	const struct plan *plan;
	struct generation *first, *latest;
	struct reed_loop *loop;
	struct reed_site site;
	char *name, *state; /* owned */
	int *early;         /* listening sockets that root has bound; owned */
	size_t early_count;
	int lock; /* of the state directory */
	struct handover handover;
	struct reed_service *root;
	const struct reed_service_kind *automatic; /* of certificates; NULL: not wanted */
	const struct reed_service_kind *publisher; /* of records; the same */
	char *certificates;                        /* where they are; owned */
	struct reed_service **services; /* by their number in the plan; NULL: not added yet */
	struct reed_waiter running;     /* owns the root's future */
	struct reed_listener *control_listener; /* NULL: not open, or serving */
	struct reed_address control_address;    /* of it */
	struct reed_waiter control;             /* owns what serves it */
	struct reed_waiter patience;            /* the grace time of a stop */
	struct reed_waiter signals[3];
	struct reed_auditor auditor;
	struct reed_timer watchdog;
	struct reed_fault *fault;
	enum reed_err err;
	int signo; /* that ended it at once, or 0 */
	int64_t started;
	int64_t until; /* reed_now(): the grace time of a stop is over then */
	bool stopping, ended, reloading;
	bool draining;       /* nobody is let in any more */
	unsigned followers;  /* of the log, over the control socket */
	struct ships *ships; /* that the log goes to */
	struct crew *crew;   /* the other loops; NULL: there are none */
	bool reload_again;   /* somebody asked while it was being done */

	struct reed_needs *needs; /* what the sandbox was made of */
	int landlock;             /* its version; 0: off */
	bool seccomp;
	char *without;        /* why one of them is off; owned; NULL: both are on, or not wanted */
	uint64_t descriptors; /* that can be open */
};

/* The service around all others. */
extern const struct reed_service_kind reed_root_kind;

static inline struct daemon *reed_daemon_of(const struct reed_service *root)
{
	return reed_container_of((struct reed_site *)(uintptr_t)root->site, struct daemon, site);
}

/* Of the i-th service of the plan; NULL: that of the process.  The caller frees it. */
char *reed_daemon_state_of(const struct daemon *d, size_t i);

/* On the loop of root; all that it takes of d never changes. */
struct reed_service *reed_daemon_add_service(const struct daemon *d, struct reed_service *root,
                                             size_t i);

/* On the driver of the settings, or else of the environment. */
enum reed_err reed_daemon_new_loop(const struct daemon_settings *settings, struct reed_loop **loop,
                                   struct reed_fault **fault);

enum reed_err reed_daemon_open_log(struct daemon *d, struct reed_fault **fault);

/* Packs log files that were moved away, as long as the latest settings want it. */
struct reed_future *reed_daemon_pack(struct daemon *d);

/* ---- where the log is shipped to ---- */

/* As the latest settings have it; those that stay the same are let be. */
void reed_daemon_ship(struct daemon *d);

/* Before the goodbyes, and after the last record. */
void reed_daemon_ship_rest(struct daemon *d);
void reed_daemon_ship_end(struct daemon *d);

void reed_daemon_log_warnings(struct daemon *d, const struct reed_settings *settings);
void reed_daemon_stop(struct daemon *d, const char *why);
struct reed_future *reed_daemon_reload(struct daemon *d, struct reed_buf *out);
struct reed_future *reed_daemon_open_accounts(struct daemon *d);

/* ---- what it gives up ---- */

struct run_as;

/* What only root can bind is bound, for that user; the loop gets it later. */
void reed_daemon_bind_early(struct daemon *d, const struct run_as *who);
void reed_daemon_inherit_early(struct daemon *d);
void reed_daemon_forget_early(struct daemon *d);

/* The user of the settings, with the state directory made for him.  Before there are threads. */
enum reed_err reed_daemon_become(struct daemon *d, struct reed_fault **fault);
enum reed_err reed_daemon_enter_sandbox(struct daemon *d, struct reed_fault **fault);
void reed_daemon_log_sandbox(struct daemon *d);

/* What settings that were read later would need beyond it. */
void reed_daemon_log_beyond(struct daemon *d, const struct reed_settings *settings,
                            struct reed_buf *told);

/* ---- the system ---- */

/* Where state is kept when nobody says; *fault when that is not known. */
char *reed_state_default(const char *command, struct reed_fault **fault);

/* Of the one process that runs with such a directory; *fault when there is none, or several. */
char *reed_state_running(struct reed_fault **fault);

/* Makes the directory if need be, and sees to it that it is ours to write to. */
enum reed_err reed_state_make(const char *path, struct reed_fault **fault);

/* Would that work?  Nothing is made. */
enum reed_err reed_state_probe(const char *path, struct reed_fault **fault);

/* How what lies in a state directory is laid out; rises when older programs no longer understand it. */
enum { STATE_VERSION = 1 };

/* REED_ENOTSUP, in words: a newer program has written there. */
enum reed_err reed_state_check(const char *path, struct reed_fault **fault);

/* Says what it is written by from now on; whoever has the lock does. */
void reed_state_mark(const char *path);

/* One process at a time: REED_EBUSY with the other's number. */
enum reed_err reed_state_lock(const char *path, int *lock, struct reed_fault **fault);
void reed_state_unlock(int lock);

/* Tells systemd, if it runs us: "READY=1". */
void reed_notify(const char *format, ...) REED_PRINTF(1, 2);

/* The same, with descriptors it is to keep (sd_notify(3), FDSTORE=1). */
void reed_notify_store(const int *fds, size_t n, const char *format, ...) REED_PRINTF(3, 4);

/* How often it wants to hear WATCHDOG=1, ns; 0: never. */
int64_t reed_notify_watchdog(void);

extern const int reed_daemon_signals[3]; /* stop, stop, reload */
const char *reed_daemon_signal_name(int signo);
void reed_daemon_ignore_sigpipe(void);
void reed_daemon_leave(int code);       /* at once, whatever its threads do */
void reed_daemon_unblock_signals(void); /* they end the process from now on */
char *reed_host_name(void);
unsigned reed_own_uid(void);
int64_t reed_own_cpu(void);     /* ns of all threads */
uint64_t reed_own_memory(void); /* bytes, the most so far */
char **reed_environment(void);

#endif
