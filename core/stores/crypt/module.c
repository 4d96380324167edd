#include "reed/crypt_checker.h"

#include "reed/module.h"

static struct reed_checker_scheme *const checkers[] = { &reed_htpasswd_checker_scheme,
	                                                &reed_shadow_checker_scheme, NULL };

REED_MODULE(crypt, .summary = "Accounts of the system and of web servers, as crypt(3) keeps them.",
            .checkers = checkers);
