/*
 * A control port that goes by a script, a line of which is
 *
 *	< LINE     what it has to hear; with a star at its end, what that begins with
 *	> LINE     what it says
 *	> @LIE     the answer to AUTHCHALLENGE, of somebody who does not know the cookie
 *	> @SAFE    the same of the real one
 *	< @SAFE    the proof that follows
 *	!          it hangs up
 *	~          it says nothing more, and hears the end
 *
 * Cookie is what there is in the file of that name.
 */

#ifndef REED_TESTS_TOR_SCRIPT_H
#define REED_TESTS_TOR_SCRIPT_H

#include "reed/sim.h"

extern const char cookie[33];

/* Makes a folder with the file "cookie" in it; its path. */
const char *script_folder(void);
void script_folder_remove(void);

/* A path in that folder, until the next call but three. */
const char *in_folder(const char *name);
void write_file(const char *name, const char *text, int mode);

/* What a host "tor" runs: each connection goes by the next script; NULL ends them. */
struct play {
	const char *const *const *scripts;
	unsigned done; /* scripts that were gone through */
	bool patient;  /* a client that goes away early is no failure */
};

/* @FOLDER in a line is that folder. */
struct reed_future *play(void *play, struct reed_loop *on);

/* The world of a test: the host "tor" goes by its scripts, and loop is of the host "us". */
extern struct reed_sim *sim;
extern struct reed_loop *loop;
extern struct play plays;

/* One connection after another goes by these. */
void begin_play(const char *const *const *scripts);
/* Lets the world end, well, and frees it. */
void end_play(void);

/* How it ended, with the sentence in why. */
enum reed_err outcome(struct reed_future *f);
extern char why[512];

/* How connections begin that log in by nothing, and by a safe cookie. */
#define LOGS_IN                                                                \
	"< PROTOCOLINFO 1", "> 250-PROTOCOLINFO 1", "> 250-AUTH METHODS=NULL", \
		"> 250-VERSION Tor=\"0.4.8.10\"", "> 250 OK", "< AUTHENTICATE", "> 250 OK"

#endif
