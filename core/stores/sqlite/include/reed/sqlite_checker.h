/*
 * sqlite:PATH, accounts in a database (checker.h).  The file may be that of
 * another part of the program, such as rooms.  Keeps everything there is to
 * keep: passwords, roles, certificates, app tokens, and the key that salts of
 * unknown accounts are made with.
 */

#ifndef REED_SQLITE_CHECKER_H
#define REED_SQLITE_CHECKER_H

#include "reed/api.h"

REED_BEGIN_DECLS

/*
 * Makes the kind known, as reed_checker_register() does; once is enough.  A
 * program that registers its modules need not call it.
 */
REED_API void reed_sqlite_checker_register(void);

REED_END_DECLS

#endif
