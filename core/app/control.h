/*
 * The control socket: how the operator of a process talks to it.
 *
 * STATE/ctl.sock, for the user the process runs as and for root.  The client
 * sends one line: a word and its arguments, separated by spaces.  The answer is
 * a line "ok" or "error: SENTENCE", then text, then the end of the stream.  What
 * needs a password has it in a second line: no process list shows it.
 *
 * Limits: a line has REED_CONTROL_LINE bytes and must come within some seconds;
 * some clients at a time.
 */

#ifndef REED_CONTROL_H
#define REED_CONTROL_H

#include "reed/auth.h"
#include "reed/buf.h"
#include "reed/future.h"
#include "reed/settings.h"

enum { REED_CONTROL_LINE = 1024, REED_CONTROL_ARGS = 4 };

enum control_what {
	CONTROL_ACCOUNTS,
	CONTROL_BLAME,
	CONTROL_CONNS,
	CONTROL_HAND_OVER,
	CONTROL_HEALTHZ,
	CONTROL_HELP,
	CONTROL_LEVEL,
	CONTROL_LOG,
	CONTROL_METRICS,
	CONTROL_READYZ,
	CONTROL_RELOAD,
	CONTROL_SERVICES,
	CONTROL_STATS,
	CONTROL_STOP,
	CONTROL_TASKS,
};

struct control_word {
	const char *name;
	const char *args; /* "[LEVEL]"; "" for none */
	const char *help;
	enum control_what what;
	unsigned most; /* arguments */
};

/* Sorted by name; ends with a name of NULL. */
extern const struct control_word reed_control_words[];

/* The same, for the client's help. */
extern const struct reed_settings_verb reed_control_verbs[];

struct control_request {
	const struct control_word *word;
	struct reed_slice args[REED_CONTROL_ARGS]; /* of the line */
	unsigned count;
};

/* REED_EINVAL with a sentence that says what would be right. */
enum reed_err reed_control_parse(struct reed_slice line, struct control_request *request,
                                 struct reed_fault **fault);

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

/* Adds the text to out.  All but accounts, log and reload, which take their time. */
enum reed_err reed_control_answer(struct daemon *d, const struct control_request *request,
                                  struct reed_buf *out, struct reed_fault **fault);

/* "... is no level: ..." */
struct reed_fault *reed_control_no_level(struct reed_slice word);

/* Opens the socket; the listener is the daemon's. */
struct reed_future *reed_control_listen(struct daemon *d);

/* Takes over the listener.  Ends when that is broken; drop it otherwise. */
struct reed_listener;
struct reed_future *reed_control_serve(struct daemon *d, struct reed_listener *listener);

/* The endpoint of the socket in a state directory, with rest behind it; the caller frees it. */
char *reed_control_endpoint(const char *state, const char *rest);

#endif
