/*
 * Accounts as far as chat goes: a name, reserved nicks, settings.  Who may log
 * in as whom is not known here (see auth.h): a door that attaches a session
 * with an account's name has had it proven.
 */

#ifndef REED_ROOMS_ACCOUNT_H
#define REED_ROOMS_ACCOUNT_H

#include "reed/rooms/room.h"

REED_BEGIN_DECLS

/* Read only. */
struct reed_account {
	struct reed_hub *hub;
	char *name;
	uint32_t nick_count; /* reserved, see reed_account_nicks() */
	uint64_t flags;      /* of doors and programs */
	struct reed_values settings;
	struct reed_masks blocks; /* see reed_user_blocks() */
	struct reed_user *user;   /* NULL: not here */
	int64_t created, seen;    /* wall clock; seen: when the user last left */
	uint32_t founded;         /* rooms */
	struct reed_id id;        /* a new account of this name has another */
	struct reed_list link;    /* of all accounts, in the order of creation */
};

/*
 * A new account.  When this has settled with success and *refusal is NONE the
 * account is on the disk, and *account may be used; a failure (REED_ENOSPC,
 * ...) leaves none.  by may be NULL; if it has the nick it may take it as its
 * account's name, others are refused with NICK_IN_USE.
 */
REED_API struct reed_future *reed_account_register(struct reed_hub *hub, struct reed_session *by,
                                                   struct reed_slice name,
                                                   enum reed_refusal *refusal,
                                                   struct reed_account **account);

/*
 * Its user is a guest from then on, its rooms are no longer registered, its
 * nicks are free.  Settles when the disk knows.
 */
REED_API struct reed_future *reed_account_delete(struct reed_account *account);

/* Nicks that nobody else may take. */
REED_API enum reed_refusal reed_account_add_nick(struct reed_account *account,
                                                 struct reed_slice nick);
REED_API enum reed_refusal reed_account_drop_nick(struct reed_account *account,
                                                  struct reed_slice nick);
/* Writes up to room nicks, the account's name first; returns how many there are. */
REED_API size_t reed_account_nicks(const struct reed_account *account, const char **into,
                                   size_t room);
/* NULL when it is free for everybody. */
REED_API struct reed_account *reed_nick_owner(const struct reed_hub *hub, struct reed_slice nick);

/* Empty text takes the setting away.  All sessions of the user hear of it. */
REED_API enum reed_refusal reed_account_set(struct reed_account *account,
                                            struct reed_session *origin, struct reed_slice key,
                                            struct reed_slice text);
REED_API void reed_account_set_flags(struct reed_account *account, uint64_t set, uint64_t clear);

/*
 * Whose private messages and invitations the user does not want, as masks.
 * Those of a guest are gone with the guest.
 */
REED_API enum reed_refusal reed_user_block(struct reed_user *user, struct reed_slice mask, bool on);
REED_API const struct reed_masks *reed_user_blocks(const struct reed_user *user);

/*
 * The same as in a room (reed_room_edit()), for what the session's account has
 * said to another.  That one's user hears of it if it is here.
 */
REED_API struct reed_future *reed_talk_edit(struct reed_session *by, struct reed_account *with,
                                            struct reed_slice id, const struct reed_speech *speech,
                                            enum reed_refusal *refusal);
REED_API struct reed_future *reed_talk_redact(struct reed_session *by, struct reed_account *with,
                                              struct reed_slice id, struct reed_slice reason,
                                              enum reed_refusal *refusal);

REED_END_DECLS

#endif
