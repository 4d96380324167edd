/* What the files of SASL share. */

#ifndef REED_SASL_PRIVATE_H
#define REED_SASL_PRIVATE_H

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/proof.h"
#include "scram.h"

/* ---- mechanisms of the server ---- */

/* What a mechanism wants to happen next. */
enum sasl_next {
	SASL_CHALLENGE, /* send what is in out */
	SASL_BEGIN,     /* look user up, then began() */
	SASL_LOGIN,     /* try the credential, then in_with() */
	SASL_DONE,      /* the login was before; nothing is sent */
	SASL_BROKEN,    /* the message is against the rules; why says which */
};

struct sasl_mechanism {
	const char *name;
	enum reed_credential_kind kind;
	bool client_first; /* without an initial response, an empty challenge asks for it */

	/* Is it to be offered? */
	bool (*offered)(const struct reed_sasl_options *o);

	/* The client's message; what of it is kept is copied. */
	enum sasl_next (*step)(struct reed_sasl *self, struct reed_slice in);

	/* Puts the challenge into out.  NULL: never says SASL_BEGIN. */
	void (*began)(struct reed_sasl *self);

	/* Puts into out what proves the server.  NULL: nothing does. */
	void (*in_with)(struct reed_sasl *self);
};

struct sasl_scram {
	int round;
	bool plus;
	struct reed_buf gs2, bare, nonce, message; /* of messages that have been */
	struct reed_exchange *exchange;
	uint8_t proof[SCRAM_KEY];
};

struct sasl_cram {
	char challenge[REED_CHALLENGE_ROOM];
	size_t n; /* 0: not sent yet */
	uint8_t proof[REED_MD5_BYTES];
};

struct reed_sasl {
	struct reed_loop *loop;
	struct reed_sasl_options options;
	const struct sasl_mechanism *mechanism;
	struct reed_buf out;
	struct reed_buf user, authzid;
	struct reed_credential credential;
	struct sasl_scram scram;
	struct sasl_cram cram;
	struct reed_avatar *avatar; /* in, but not handed over */
	const char *why;
	bool begun, over;
};

extern const struct sasl_mechanism reed_sasl_scram_plus, reed_sasl_scram, reed_sasl_external,
	reed_sasl_plain, reed_sasl_cram_md5, reed_sasl_anonymous;

enum sasl_next reed_sasl_break(struct reed_sasl *self, const char *why);

/* Without @HOST, when it is the host of the options. */
struct reed_slice reed_sasl_local_part(const struct reed_sasl *self, struct reed_slice name);

/* Sets user or authzid to a copy. */
void reed_sasl_keep(struct reed_buf *b, struct reed_slice text);

#endif
