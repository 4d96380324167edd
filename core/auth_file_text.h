/*
 * The text of the file checker: an account a line,
 *
 *	NAME:VERIFIER[:ROLE,ROLE...][:certfp=SHA256]...
 *
 * VERIFIER is that of verifier.h, or * for none: then only certificates open
 * the account.  Empty lines and those that begin with '#' are left alone, by
 * changes too.
 */

#ifndef REED_AUTH_FILE_TEXT_H
#define REED_AUTH_FILE_TEXT_H

#include "auth_table.h"
#include "reed/buf.h"

enum { REED_ACCOUNT_FILE_MAX = 64 << 20 };

/* What was wrong, and on which line (from 1). */
struct reed_account_file_fault {
	size_t line;
	const char *why;
};

/* t is empty before, and to be finished by the caller.  REED_ESYNTAX, REED_ETOOBIG. */
enum reed_err reed_account_file_parse(struct reed_slice text, const struct reed_auth_rules *rules,
                                      struct reed_principal_table *t,
                                      struct reed_account_file_fault *fault);

/* One line, without its end.  REED_ESYNTAX. */
enum reed_err reed_account_line_parse(struct reed_slice line, const struct reed_auth_rules *rules,
                                      struct reed_principal *account, const char **why);

/* The line, with its end. */
void reed_account_line_print(const struct reed_principal *account, struct reed_buf *out);

/*
 * Adds text to out, with the line of that name replaced by the account's, or
 * taken out if account is NULL, or added at the end if there was none.
 */
void reed_account_file_edit(struct reed_slice text, const char *name,
                            const struct reed_principal *account, struct reed_buf *out);

#endif
