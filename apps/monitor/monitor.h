/* The process monitor: what its files share. */

#ifndef REED_APPS_MONITOR_H
#define REED_APPS_MONITOR_H

#include "reed/process.h"
#include "reed/service.h"
#include "reed/setting.h"

/* ---- settings.c ---- */

enum monitor_restart { MONITOR_ALWAYS, MONITOR_ON_FAILURE, MONITOR_NEVER };

struct monitor_program {
	const char *name, *directory, *user, *group;
	struct reed_texts command, after;
	struct reed_pairs environment;
	bool clean;
	int restart;
	int64_t first, longest, grace;
};

struct monitor_settings {
	struct {
		const struct monitor_program *items;
		size_t n;
	} programs;
};

extern const struct reed_schema monitor_schema;
extern const struct reed_service_kind monitor_service;

/* NULL: there is none of that name. */
const struct monitor_program *monitor_find(const struct monitor_settings *settings,
                                           struct reed_slice name);

/* A program that runs needs no restart to become the other. */
bool monitor_is_same(const struct monitor_program *a, const struct monitor_program *b);

/* ---- a program, and its life: program.c ---- */

enum program_state {
	PROGRAM_STOPPED, /* by an operator, or not begun */
	PROGRAM_WAITING, /* for those that it comes after */
	PROGRAM_RUNNING,
	PROGRAM_STOPPING,
	PROGRAM_RESTING, /* before it is started again */
	PROGRAM_DONE,    /* it has ended well, and is not to be started again */
	PROGRAM_FAILED,  /* the same, not well */
};

struct program {
	struct reed_list link;
	struct monitor *monitor;
	char *name;
	const struct monitor_program *settings; /* NULL: they know it no more, and it goes */
	enum program_state state;
	int pid;
	uint64_t starts;
	int64_t since; /* reed_now() of the state */
	struct reed_gauge *running;
	struct reed_scope scope; /* of its life */
	bool stopping;           /* its life has been told to end, */
	bool again;              /* and the next is to begin then */
};

struct monitor {
	struct reed_service *service;
	const struct monitor_settings *settings;
	struct reed_list programs;
	struct reed_cell changed; /* the state of any of them */
	bool leaving;
};

struct program *program_new(struct monitor *monitor, const struct monitor_program *settings);

/* What runs of it is ended within its grace. */
void program_free(struct program *self);

/* Unless it runs already, or will: the monitor begins its life when it comes to it. */
void program_start(struct program *self);
void program_begin(struct program *self);

/* Asks it to end; SIGKILL follows after its grace. */
void program_stop(struct program *self);

static inline bool program_is_alive(const struct program *self)
{
	return self->scope.count > 0;
}

/* NULL: there is none. */
struct program *program_find(struct monitor *monitor, struct reed_slice name);

void program_set(struct program *self, enum program_state state);
const char *program_state_name(enum program_state state);

/* ---- control.c ---- */

extern const struct reed_service_verb monitor_verbs[];
struct reed_future *monitor_control(struct reed_service *service, const struct reed_slice *words,
                                    size_t count, struct reed_buf *out);

#endif
