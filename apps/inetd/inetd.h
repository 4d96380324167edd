/* Programs that are started when somebody comes: what the files share. */

#ifndef REED_APPS_INETD_H
#define REED_APPS_INETD_H

#include "reed/dgram.h"
#include "reed/policy.h"
#include "reed/pool.h"
#include "reed/process.h"
#include "reed/service.h"
#include "reed/setting.h"

/* ---- settings.c ---- */

enum inetd_builtin {
	INETD_PROGRAM,
	INETD_ECHO,
	INETD_DISCARD,
	INETD_DAYTIME,
	INETD_TIME,
	INETD_CHARGEN
};

struct inetd_entry {
	const char *name, *user, *group, *directory;
	struct reed_texts listen, datagrams, command;
	struct reed_pairs environment;
	int builtin;
	size_t most, rate;
	int64_t grace;
};

struct inetd_settings {
	struct {
		const struct inetd_entry *items;
		size_t n;
	} services;
};

extern const struct reed_schema inetd_schema;
extern const struct reed_service_kind inetd_service;

/* ---- the service: inetd.c ---- */

struct inetd_one {
	struct inetd *inetd;
	const struct inetd_entry *entry;
	struct reed_pool pool;
	const char *const *argv;
	const char **environment; /* that it gets whoever comes, more_count of them */
	size_t more_count;
	struct reed_serve_options serve;
	struct reed_bucket started;
	struct reed_counter *starts, *refused;
};

struct inetd {
	struct reed_service *service;
	struct reed_list sessions;
	struct inetd_one *ones;
};

/* False, told and counted: it is started too often. */
bool inetd_may_start(struct inetd_one *one);

void inetd_conns(struct reed_service *service, reed_conn_fn *each, void *arg);

/* ---- a program: start.c ---- */

void inetd_prepare(struct inetd_one *one);

enum { INETD_VARIABLES = 4 };

/* What a start needs; it stays until that has ended. */
struct inetd_start {
	struct reed_process_options options;
	const char **environment;
	char *variables[INETD_VARIABLES];
};

/* peer may be NULL.  Standard input and output are said by the caller. */
void inetd_start_init(struct inetd_start *self, const struct inetd_one *one,
                      const struct reed_address *peer, const struct reed_address *local);
void inetd_start_finish(struct inetd_start *self);

struct reed_future *inetd_spawn(struct inetd_one *one, const struct inetd_start *start,
                                struct reed_process **process);

/* It runs: that is counted, and what it says on standard error goes to the log. */
void inetd_started(struct inetd_one *one, struct reed_process *process, struct reed_scope *scope);
void inetd_not_started(struct inetd_one *one, const char *why);
void inetd_ended(struct inetd_one *one, int pid, const struct reed_exit *exit);

/* ---- who comes: stream.c, datagram.c ---- */

/* arg is a struct inetd_one. */
struct reed_future *inetd_session(void *arg, struct reed_stream *stream);

/*
 * A program gets the socket when there is something in it, and has it until it
 * ends.  Owns both; fd is the socket of dgram.
 */
struct reed_future *inetd_datagrams(struct inetd_one *one, struct reed_dgram *dgram, int fd);

/* ---- without a program: builtin.c ---- */

struct reed_future *inetd_builtin_session(struct inetd_one *one, struct reed_stream *stream);
struct reed_future *inetd_builtin_datagrams(struct inetd_one *one, struct reed_dgram *d);

#endif
