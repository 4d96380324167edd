/*
 * pam:SERVICE, whoever PAM lets in by /etc/pam.d/SERVICE; without one the service
 * is "reed".  pam:/FOLDER/SERVICE is a file of another folder.
 *
 * It checks passwords in clear and nothing else: the modules "auth" and
 * "account" are asked, one attempt after another in a thread of their own, and
 * neither sessions are opened nor passwords changed.  A module may ask for the
 * password once; one that asks for more (a second factor) is a trouble that the
 * log tells.  The delays of modules are not waited for, as the portal counts
 * attempts.
 *
 * Modules run in this process.  pam_unix can check the passwords of others only
 * in a process of root, outside it there is nothing to be root for: see shadow:
 * (crypt_checker.h).
 */

#ifndef REED_PAM_CHECKER_H
#define REED_PAM_CHECKER_H

#include "reed/checker.h"

REED_BEGIN_DECLS

REED_API extern struct reed_checker_scheme reed_pam_checker_scheme;

/*
 * Makes the kind known, as reed_checker_register() does; once is enough.  The
 * program reed has it as the module pam.
 */
REED_API void reed_pam_checker_register(void);

REED_END_DECLS

#endif
