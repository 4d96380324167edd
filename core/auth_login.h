/* One attempt to come in, as its files share it. */

#ifndef REED_AUTH_LOGIN_H
#define REED_AUTH_LOGIN_H

#include "auth_portal.h"

enum { LOGIN_SLICES = 5 };

struct login {
	struct reed_co co;
	struct reed_portal *portal;
	struct reed_credential credential; /* its slices lie in kept */
	struct reed_slice kept[LOGIN_SLICES];
	char *memory[LOGIN_SLICES];
	struct reed_certificate certificate;
	char *interface, *door, *address;
	struct reed_peer from;
	char name[REED_ACCOUNT_ROOM]; /* attempts are counted by it; "" when none is known before */
	struct throttle_attempt attempt;
	int64_t wait;

	/* what the check has found out */
	const char *wrong; /* why it is, for the operator; NULL: it is right */
	struct reed_principal account;
	struct reed_checker *checker; /* that knows the account; NULL when it keeps no record */
	char token[REED_TOKEN_ID + 1];
	char password[REED_PASSWORD_ROOM]; /* prepared */
	struct reed_verifier verifier;     /* derived from it */

	bool asked; /* for the account to act as, which is other */
	struct found other;
	struct reed_avatar *avatar; /* NULL: handed over */
	struct reed_avatar **out;
};

/* ---- auth_check.c ---- */

/* Sets what the check finds out.  An error is trouble of our own. */
struct reed_future *reed_login_check(struct login *self);

/* The password was right, but its verifier is weaker than new ones. */
bool reed_login_is_outdated(const struct login *self);

/* Makes it a new one.  If that fails it remains as it is. */
struct reed_future *reed_login_renew(struct login *self);

#endif
