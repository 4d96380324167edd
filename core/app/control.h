/*
 * The control socket: how the operator of a process talks to it.
 *
 * STATE/ctl.sock, for the user the process runs as and for root.  The client
 * sends one line: a word and its arguments, separated by spaces; one with
 * spaces in it stands in double quotes.  The answer is a line "ok" or "error:
 * SENTENCE", then text, then the end of the stream.  The text behind an error is
 * "usage" when the line was no request at all, so that scripts can tell what will
 * never be answered from what could not be done.  What needs a password has it in
 * a second line: no process list shows it.
 *
 * Limits: a line has REED_CONTROL_LINE bytes and must come within some seconds;
 * some clients at a time.
 */

#ifndef REED_CONTROL_H
#define REED_CONTROL_H

#include "reed/auth.h"
#include "reed/buf.h"
#include "reed/future.h"
#include "reed/log.h"
#include "reed/service.h"
#include "reed/settings.h"

#include "log_filter.h"

enum { REED_CONTROL_LINE = 1024, REED_CONTROL_ARGS = 16 };

#define REED_CONTROL_USAGE "usage"

enum control_what {
	CONTROL_ACCOUNTS,
	CONTROL_BLAME,
	CONTROL_CONNS,
	CONTROL_DRAIN,
	CONTROL_HAND_OVER,
	CONTROL_HEALTHZ,
	CONTROL_HELP,
	CONTROL_KILL,
	CONTROL_LEVEL,
	CONTROL_LOG,
	CONTROL_METRICS,
	CONTROL_READYZ,
	CONTROL_RELOAD,
	CONTROL_SERVICES,
	CONTROL_STATS,
	CONTROL_STOP,
	CONTROL_TASKS,
	CONTROL_TOP,
};

struct control_word {
	const char *name;
	const char *args; /* "[LEVEL]"; "" for none */
	const char *help;
	enum control_what what;
	unsigned least, most; /* arguments */
};

/* Sorted by name; ends with a name of NULL. */
extern const struct control_word reed_control_words[];

/* The same, for the client's help. */
extern const struct reed_settings_verb reed_control_verbs[];

struct crew_replies;

struct control_request {
	const struct control_word *word;
	struct reed_slice args[REED_CONTROL_ARGS]; /* of the line */
	unsigned count;
	bool misused; /* there is no such word, or not with so many behind it */
	const struct crew_replies *others; /* what the other loops say; NULL: there are none */
};

/* What is to be asked of other loops for that; false: nothing. */
struct crew_wish;
bool reed_control_wish(const struct control_request *request, struct crew_wish *wish);

/* REED_EINVAL with a sentence that says what would be right. */
enum reed_err reed_control_parse(struct reed_slice line, struct control_request *request,
                                 struct reed_fault **fault);

/* The next word of a line, without its quotes; empty at the end. */
struct reed_slice reed_control_next_word(struct reed_slice *rest);

/* A line for each word. */
void reed_control_help(struct reed_buf *out);
void reed_control_help_line(struct reed_buf *out, const char *name, const char *args,
                            const char *help);

struct daemon;

/* UTF-8 without control characters. */
bool reed_control_is_printable(struct reed_slice line);

/* ---- words of services (control_service.c) ---- */

/* Which service has the word that line begins with; NULL: none of them. */
struct reed_service;
struct reed_service *reed_control_service(struct daemon *d, struct reed_slice line);

/* Has it answer the line; the words are of the line. */
struct reed_future *reed_control_ask(struct reed_service *service, struct reed_slice line,
                                     struct reed_buf *out);
void reed_control_help_services(struct daemon *d, struct reed_buf *out);

/* Is there a second line, with a password? */
bool reed_control_wants_secret(const struct control_request *request);

/*
 * Of the word "accounts", the same in its own time.  All but out is borrowed
 * for the call; out has all of the text, or none.
 */
struct reed_future *reed_control_accounts(struct daemon *d, const struct control_request *request,
                                          struct reed_slice secret, struct reed_buf *out);

/*
 * A password from who sits at the terminal, who is asked twice and does not see
 * it; without a terminal the first line of standard input.  Blocks.
 */
enum reed_err reed_ask_secret(const char *prompt, char into[REED_PASSWORD_ROOM],
                              struct reed_fault **fault);

/* Adds the text to out.  All but those that take their time. */
enum reed_err reed_control_answer(struct daemon *d, const struct control_request *request,
                                  struct reed_buf *out, struct reed_fault **fault);

/* For words whose only argument may be --json: *json is whether it is there. */
enum reed_err reed_control_wants_json(const struct control_request *request, bool *json,
                                      struct reed_fault **fault);

/* ,"name":"text", or nothing without a text. */
void reed_control_add_member(struct reed_buf *out, const char *name, const char *text);

/* ---- tables as objects, one on each line (control_json.c) ---- */

void reed_control_blame_json(struct daemon *d, uint64_t most, struct reed_buf *out);
void reed_control_services_json(struct daemon *d, struct reed_buf *out);

/* "... is no level: ..." */
struct reed_fault *reed_control_no_level(struct reed_slice word);

/* ---- connections ---- */

/* Each of those that a service tells of, until it returns false. */
typedef bool reed_control_conn_fn(void *arg, const struct reed_service *service,
                                  const struct reed_conn *conn);
void reed_control_each_conn(struct daemon *d, reed_control_conn_fn *each, void *arg);
size_t reed_control_count_conns(struct daemon *d);

/* With those that the other loops have told of. */
size_t reed_control_sum_conns(struct daemon *d, const struct crew_replies *others);

enum reed_err reed_control_conns(struct daemon *d, const struct control_request *request,
                                 struct reed_buf *out, struct reed_fault **fault);

/* Breaks one, by the number that the list has. */
enum reed_err reed_control_kill(struct daemon *d, const struct control_request *request,
                                struct reed_buf *out, struct reed_fault **fault);

/* Text of others, so that it cannot move a cursor or begin a line. */
void reed_control_add_shown(struct reed_buf *out, const char *text);

/* The same in double quotes, as JSON has it. */
void reed_control_add_json(struct reed_buf *out, const char *text);

/* ---- the log, as it goes on ---- */

#define REED_CONTROL_TAIL                                                                   \
	"[follow] [--last N] [--no-follow] [--level LEVEL] [--module NAME] [--since WHEN] " \
	"[--match TEXT] [--json]"

enum { REED_CONTROL_LAST = 10 }; /* of what has happened before, if nothing is said */

/* What of it is wanted. */
struct control_tail {
	struct log_filter filter; /* its texts are those of the request */
	size_t last;              /* so many of those that have been before */
	bool json, ends;          /* ends: with these */
};

/* now is reed_wall(). */
enum reed_err reed_control_tail(const struct control_request *request, int64_t now,
                                struct control_tail *tail, struct reed_fault **fault);

/* ---- the rest of a process ---- */

/* Lets nobody in any more, and stops when those who are there have left. */
void reed_control_drain(struct daemon *d);

/*
 * For reed top: all that it shows, a line each, with tabs in it; and what one loop has to say
 * for that.
 */
void reed_control_top(struct daemon *d, const struct crew_replies *others, struct reed_buf *out);
void reed_control_top_of_loop(struct daemon *d, struct reed_buf *out);

/* ---- the socket ---- */

/* Opens the socket; the listener is the daemon's. */
struct reed_future *reed_control_listen(struct daemon *d);

/* Takes over the listener.  Ends when that is broken; drop it otherwise. */
struct reed_listener;
struct reed_future *reed_control_serve(struct daemon *d, struct reed_listener *listener);

/* The endpoint of the socket in a state directory, with rest behind it; the caller frees it. */
char *reed_control_endpoint(const char *state, const char *rest);

#endif
