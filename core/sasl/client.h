/* What the files of the client's side share. */

#ifndef REED_SASL_CLIENT_H
#define REED_SASL_CLIENT_H

#include "reed/alloc.h"
#include "reed/co.h"
#include "reed/offload.h"
#include "scram.h"

enum client_next {
	CLIENT_SEND,   /* what is in out */
	CLIENT_DERIVE, /* the keys, then reed_client_scram_prove() */
	CLIENT_BROKEN, /* the server breaks the rules; why says which */
};

struct client_mechanism {
	const char *name;
	bool (*fits)(const struct reed_sasl_client *self);
	enum client_next (*step)(struct reed_sasl_client *self, struct reed_slice in);
	bool proves; /* the server shows who it is */
	bool sha1;
};

/* Where SCRAM stands. */
enum client_round { CLIENT_FIRST, CLIENT_CHALLENGED, CLIENT_PROVED, CLIENT_SATISFIED };

struct reed_sasl_client {
	struct reed_loop *loop;
	const struct client_mechanism *mechanism;
	char *memory_user, *memory_authzid, *memory_password;
	struct reed_slice user, authzid;
	struct reed_slice in_clear;        /* the password as it was given */
	char password[REED_PASSWORD_ROOM]; /* prepared; "" for none */
	const char *binding_name;          /* NULL: none */
	struct reed_buf binding;
	bool secure, certificate, anonymous, plain_in_clear;
	bool plus_offered, said_all;
	uint32_t iterations_max;
	const char *why;
	struct reed_buf out;

	enum client_round round;
	char nonce[SCRAM_NONCE + 1];
	struct reed_buf gs2, bare, message;
	struct scram_server_first first;
	struct scram_keys keys;
};

enum client_next reed_client_external(struct reed_sasl_client *self, struct reed_slice in);
enum client_next reed_client_plain(struct reed_sasl_client *self, struct reed_slice in);
enum client_next reed_client_anonymous(struct reed_sasl_client *self, struct reed_slice in);
enum client_next reed_client_scram(struct reed_sasl_client *self, struct reed_slice in);
void reed_client_scram_prove(struct reed_sasl_client *self);

#endif
