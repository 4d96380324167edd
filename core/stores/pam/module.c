#include "reed/pam_checker.h"

#include "reed/module.h"

static struct reed_checker_scheme *const checkers[] = { &reed_pam_checker_scheme, NULL };

REED_MODULE(pam, .summary = "Accounts that PAM knows.", .checkers = checkers);
