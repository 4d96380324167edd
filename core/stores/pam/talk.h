/* One attempt with PAM, which blocks as long as its modules like. */

#ifndef REED_PAM_TALK_H
#define REED_PAM_TALK_H

#include "reed/auth.h"

struct pam_attempt {
	const char *service, *folder; /* folder NULL: where PAM has its own */
	const char *user, *password;
	const char *address, *door;
	char name[REED_ACCOUNT_ROOM]; /* who it is, as PAM has it in the end */
	char why[256];                /* of any other error than the two */
};

/* REED_EAUTH; REED_ENOENT: PAM does not know the user; REED_EIO: PAM is in trouble. */
enum reed_err pam_attempt(struct pam_attempt *attempt);

#endif
