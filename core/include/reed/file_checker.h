/*
 * Checkers of a text file that somebody else writes: passwd(1), htdigest(1),
 * ssh-keygen(1) and a text editor.  A kind of these is a function that judges a
 * credential by a text; all else is here.  The file is read anew for every
 * attempt, so what stands in it is what counts; a lane does it, one attempt
 * after another.
 *
 *	static const struct reed_file_checker_kind kind = {
 *		.takes = REED_CREDENTIAL_BIT(REED_CREDENTIAL_PASSWORD),
 *		.judge = judge, .check = check, .forbidden = REED_FILE_SECRET,
 *	};
 *	struct reed_checker_scheme scheme = { .name = "htpasswd", .file = &kind, ... };
 *
 * The argument is the path.
 */

#ifndef REED_FILE_CHECKER_H
#define REED_FILE_CHECKER_H

#include "reed/checker.h"

REED_BEGIN_DECLS

/* What a credential is judged by, in a thread; all of it is borrowed. */
struct reed_file_attempt {
	struct reed_slice text;                   /* of the file */
	const char *name;                         /* of the account, in normal form */
	const struct reed_credential *credential; /* but digest's key, which goes to: */
	uint8_t key[REED_KEY_BYTES];
	const struct reed_auth_rules *rules;
	int64_t wall;    /* reed_wall() as it began */
	const char *why; /* of an error that is neither REED_EAUTH nor REED_ENOENT; may be NULL */
};

struct reed_file_checker_kind {
	unsigned takes; /* REED_CREDENTIAL_BIT()s, or'ed */

	/* REED_EAUTH: wrong; REED_ENOENT: no such account, which takes about the same work. */
	enum reed_err (*judge)(struct reed_file_attempt *attempt);

	/* Before a program runs: REED_ESYNTAX, with the line from 1 and why.  May be NULL. */
	enum reed_err (*check)(struct reed_slice text, size_t *line, const char **why);

	uint32_t forbidden; /* mode bits that the file must not have; see the next ones */
	bool each; /* a file for each account, whose name takes the place of "%u" in the path */
};

enum {
	REED_FILE_SECRET = 027, /* others may neither read nor write it, nor its group write */
	REED_FILE_PUBLIC = 022, /* nobody else may write it */
};

/* ---- lines of NAME:REST ---- */

/*
 * The next line that has a name; empty ones and those that begin with '#' are
 * passed over.  *line counts.  false: no more.
 */
REED_API bool reed_file_line_next(struct reed_slice *text, size_t *line, struct reed_slice *name,
                                  struct reed_slice *rest);

/* The same for those of the attempt's account; *text is what to go on with. */
REED_API bool reed_file_line_of(struct reed_slice *text, const struct reed_file_attempt *attempt,
                                struct reed_slice *name, struct reed_slice *rest);

REED_END_DECLS

#endif
