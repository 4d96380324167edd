/* The chat daemon: one set of rooms, reached through several doors. */

#ifndef REED_CHAT_H
#define REED_CHAT_H

#include "reed/irc/server.h"
#include "reed/rooms-sqlite.h"
#include "reed/rooms.h"
#include "reed/service.h"
#include "reed/setting.h"

struct chat_operator {
	const char *name, *account, *verifier, *operator_class;
};

struct chat_settings {
	struct reed_texts irc;
	const char *network, *password, *motd, *rules, *tls_cert;
	bool registration, account_required, show_addresses, plain_in_clear, limit_loopback;
	struct {
		const char *place, *organisation, *contact;
	} admin;
	struct {
		const struct chat_operator *items;
		size_t n;
	} operators;
	struct reed_rooms_limits rooms;
	struct reed_irc_limits_of_server limits;
};

extern const struct reed_schema reed_chat_schema;
extern const struct reed_service_kind reed_chat_service;

struct chat {
	struct reed_service *service;
	const struct chat_settings *settings;
	struct reed_rooms_sqlite *db; /* NULL: nothing is kept */
	char *file;                   /* of db */
	struct reed_hub *hub;
	struct reed_irc_server *irc;
	char *certificate;    /* path of our own, when none is set */
	const char *endpoint; /* that is listened on just now */
	char *completed;      /* the same with its certificate, when it lacked one */
	char *invitation;     /* word by which the first operator is known; NULL: none */
	char *invitation_verifier;
	struct reed_irc_operator *operators;
	size_t i;
};

/* Settings that a running server can take. */
void reed_chat_apply(struct chat *chat, const struct chat_settings *s);

/* ---- invitation.c ---- */

/* The word of the first operator, as long as there is none; later NULL. */
struct reed_future *reed_chat_invite(struct chat *chat);
void reed_chat_invited(void *chat, const char *operator_name, const char *account);

/* ---- hello.c ---- */

void reed_chat_hello(struct chat *chat);

#endif
