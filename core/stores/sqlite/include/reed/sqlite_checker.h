/*
 * sqlite:PATH, accounts in a database (checker.h).  The file may be that of
 * another part of the program, such as rooms.  Keeps everything there is to
 * keep: passwords, roles, certificates, app tokens, and the key that salts of
 * unknown accounts are made with.
 */

#ifndef REED_SQLITE_CHECKER_H
#define REED_SQLITE_CHECKER_H

#include "reed/checker.h"

REED_BEGIN_DECLS

REED_API extern struct reed_checker_scheme reed_sqlite_checker_scheme;

/*
 * Makes the kind known, as reed_checker_register() does; once is enough.  The
 * program reed has it as the module sqlite.
 */
REED_API void reed_sqlite_checker_register(void);

REED_END_DECLS

#endif
