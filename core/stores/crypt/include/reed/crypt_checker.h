/*
 * shadow:PATH and htpasswd:PATH: accounts whose passwords are kept as hashes that
 * crypt(3) knows (yescrypt, bcrypt, SHA-512, ...), or Argon2, in files that others
 * write (file_checker.h).  They check passwords in clear and nothing else.
 *
 * Of shadow(5) what is locked or has expired does not open, and neither does what
 * has no password at all.
 */

#ifndef REED_CRYPT_CHECKER_H
#define REED_CRYPT_CHECKER_H

#include "reed/checker.h"

REED_BEGIN_DECLS

REED_API extern struct reed_checker_scheme reed_shadow_checker_scheme;
REED_API extern struct reed_checker_scheme reed_htpasswd_checker_scheme;

/*
 * Makes both known, as reed_checker_register() does; once is enough.  The program
 * reed has them as the module crypt.
 */
REED_API void reed_crypt_checkers_register(void);

REED_END_DECLS

#endif
