/* The kinds of checkers that the kernel has. */

#ifndef REED_AUTH_SCHEMES_H
#define REED_AUTH_SCHEMES_H

#include "reed/checker.h"

extern struct reed_checker_scheme reed_anonymous_scheme, reed_file_scheme, reed_htdigest_scheme,
	reed_htdigest_sha256_scheme, reed_memory_scheme, reed_secrets_scheme, reed_sshkeys_scheme;

#endif
