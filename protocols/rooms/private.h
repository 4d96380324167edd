/*
 * What the files of the hub know of each other.
 *
 * A public struct is the first member of the private one around it.  No
 * function here checks who may do what, unless its comment says so: that is
 * done where somebody asks.
 */

#ifndef REED_ROOMS_PRIVATE_H
#define REED_ROOMS_PRIVATE_H

#include "reed/loop.h"
#include "reed/rooms.h"
#include "hash.h"

/* Waits for the disk, once however often it changed. */
struct reed_unsaved {
	struct reed_list link; /* in hub->unsaved.queue, in the order they came */
	enum {
		REED_UNSAVED_ROOM,
		REED_UNSAVED_ACCOUNT,
		REED_UNSAVED_BAN,
		REED_GONE_ROOM,
		REED_GONE_ACCOUNT,
		REED_GONE_BAN,
	} kind;
	uint64_t serial;
	char *gone; /* the id or mask of what is gone; owned */
};

struct hub_user {
	struct reed_user user;
	struct reed_named by_nick;
	struct reed_list invites; /* of struct hub_invite */
	uint32_t invite_count;
	char *address;            /* of the session that came last */
	bool killed;              /* is not kept */
	bool kept;                /* has no session, and is counted so */
	struct reed_masks blocks; /* while it is a guest */
};

struct hub_room {
	struct reed_room room;
	struct reed_named by_name, by_id;
	struct reed_list invites;
	uint32_t invite_count;
	uint32_t pins;  /* futures that need it to stay */
	bool changed;   /* since it was last given to the store */
	uint64_t looks; /* changes whenever a list does */
	struct reed_unsaved unsaved;
};

struct hub_member {
	struct reed_member member;
	struct reed_hash_link by_both; /* room and user */
	uint64_t look, looks;          /* of user and room when the next two were found out */
	bool banned, quiet;
	int64_t said; /* reed_now() when it spoke last; 0: never */
};

struct hub_account {
	struct reed_account account;
	struct reed_named by_name, by_id;
	struct reed_list claims; /* its nicks, the name first if nobody else had it */
	bool pending;            /* not on the disk yet: nobody may find it */
	struct reed_unsaved unsaved;
};

/* A reserved nick. */
struct hub_claim {
	struct reed_named by_nick;
	struct hub_account *account;
	struct reed_list link;
	char *nick;
};

struct hub_invite {
	struct hub_room *room;
	struct hub_user *user;
	struct reed_list of_room, of_user;
};

struct hub_ban {
	struct reed_server_ban ban;
	struct reed_unsaved unsaved;
};

/* A nick that somebody watches, whether there is a user of that name or not. */
struct reed_nick_watch {
	struct reed_named by_nick;
	struct reed_list monitors;
};

struct hub_monitor {
	struct reed_monitor monitor;
	char *nick;
};

struct hub_whowas {
	struct reed_whowas was;
	uint64_t hash; /* of the folded nick */
	char *strings; /* that was points into */
};

struct reed_hub {
	struct reed_loop *loop;
	struct reed_hub_options options;
	uint64_t seed, serial;

	struct reed_names nicks, rooms, accounts, claims, room_ids, account_ids, watches;
	struct reed_hash members;
	struct reed_list all_users, all_rooms, all_accounts, all_bans;
	size_t user_count, room_count, account_count, ban_count, session_count, registered_count;
	size_t most_users, invisible_count, operator_count, kept_count;
	uint64_t messages, deliveries;

	/* telling */
	unsigned telling;          /* depth: nothing is freed, nothing changes, while it is not 0 */
	uint64_t generation;       /* whom this event has reached */
	struct reed_list endings;  /* sessions that leave ... */
	struct reed_last leavings; /* ... when the turn ends */
	const struct reed_door_ops *doors[REED_DOOR_KINDS];
	unsigned door_count;

	/* ids */
	int64_t id_ms;
	uint8_t id_random[10];

	/* who was here: a ring; the newest before next */
	struct hub_whowas *whowas;
	uint32_t whowas_size, whowas_count, whowas_next;

	/* what is not on the disk */
	struct reed_list unsaved;
	size_t unsaved_count;
	uint64_t unsaved_serial;
	struct reed_unsaved *saving; /* taken from the queue; NULL: none, or its object is gone */
	struct reed_waiter saver;
	struct reed_list flushes;

	struct number *numbers; /* for metrics */
};

static inline struct hub_user *hub_user(const struct reed_user *user)
{
	return reed_container_of((struct reed_user *)(uintptr_t)user, struct hub_user, user);
}

static inline struct hub_room *hub_room(const struct reed_room *room)
{
	return reed_container_of((struct reed_room *)(uintptr_t)room, struct hub_room, room);
}

static inline struct hub_member *hub_member(struct reed_member *member)
{
	return reed_container_of(member, struct hub_member, member);
}

static inline struct hub_account *hub_account(const struct reed_account *account)
{
	return reed_container_of((struct reed_account *)(uintptr_t)account, struct hub_account,
	                         account);
}

static inline struct reed_member *member_of_link(struct reed_list *link)
{
	return reed_container_of(link, struct reed_member, link);
}

static inline const struct reed_rooms_limits *hub_limits(const struct reed_hub *hub)
{
	return &hub->options.limits;
}

/* ---- text.c ---- */

struct reed_folded {
	size_t n; /* 0: not a name */
	char bytes[REED_NAME_MAX];
};

struct reed_folded reed_fold(const struct reed_hub *hub, struct reed_slice name);

static inline struct reed_slice reed_folded_slice(const struct reed_folded *folded)
{
	return reed_slice(folded->bytes, folded->n);
}

/* One line: up to the first NUL, CR or LF, and limit bytes, cut between characters. */
struct reed_slice reed_text_line(struct reed_slice s, size_t limit);
/* Of one line and UTF-8: BAD_TEXT, TOO_LONG. */
enum reed_refusal reed_text_check(struct reed_slice s, size_t limit);
/* Frees *to. */
void reed_text_set(char **to, struct reed_slice s);
/* The same, but NULL when empty. */
void reed_text_set_or_null(char **to, struct reed_slice s);

/* ---- values.c ---- */

/* Sets, or takes away (empty): ALREADY, LIST_FULL, TOO_LONG, BAD_TEXT. */
enum reed_refusal reed_values_set(struct reed_values *values, struct reed_slice key,
                                  struct reed_slice text, uint32_t most, uint32_t bytes);
void reed_values_finish(struct reed_values *values);

/* by is copied.  ALREADY, LIST_FULL, TOO_LONG, BAD_TEXT; NO_ENTRY. */
enum reed_refusal reed_masks_add(struct reed_hub *hub, struct reed_masks *masks,
                                 struct reed_slice mask, struct reed_slice by, int64_t at);
enum reed_refusal reed_masks_remove(struct reed_masks *masks, struct reed_slice mask);
/* Whatever the limits say. */
void reed_masks_restore(struct reed_masks *masks, const struct reed_mask_record *record);
bool reed_masks_match(struct reed_hub *hub, const struct reed_masks *masks,
                      const struct reed_user *user, const struct reed_session *session);
void reed_masks_finish(struct reed_masks *masks);

/* ---- id.c ---- */

/* All ids to come are greater than this one. */
void reed_hub_id_after(struct reed_hub *hub, const struct reed_id *last);

/* ---- tell.c ---- */

/* One event, from begin to end on one stack. */
struct reed_telling {
	struct reed_hub *hub;
	struct reed_hub_event ev;
	void *slots[REED_DOOR_KINDS];
};

/* Aborts when something is being told: who calls is inside an event(). */
void reed_hub_calm(const struct reed_hub *hub, const char *call);

/* With a fresh id and the time of now. */
void reed_tell_begin(struct reed_telling *t, struct reed_hub *hub, enum reed_event_kind kind,
                     struct reed_user *actor, struct reed_session *origin);
void reed_tell_end(struct reed_telling *t);

void reed_tell_session(struct reed_telling *t, struct reed_session *session);
void reed_tell_user(struct reed_telling *t, struct reed_user *user);
/* Members with one of ev.roles, or all. */
void reed_tell_room(struct reed_telling *t, struct reed_room *room);
/* Everybody who shares a room with the actor, and the actor, once. */
void reed_tell_peers(struct reed_telling *t);
/* The same, and who watches the actor's nick. */
void reed_tell_peers_and_watchers(struct reed_telling *t);
void reed_tell_watchers(struct reed_telling *t, struct reed_slice folded);

/* Sessions that end between the two leave when the turn ends. */
void reed_hub_hold(struct reed_hub *hub);
void reed_hub_let_go(struct reed_hub *hub);

/* ---- session.c, user.c ---- */

void reed_hub_leavings(struct reed_last *last);
void reed_user_quit(struct reed_user *user, struct reed_slice reason);
void reed_user_new_look(struct reed_user *user);
/* With the figures of the hub, for a user that is in it. */
void reed_user_put_flags(struct reed_user *user, unsigned flags);
void reed_user_new_away(struct reed_user *user, struct reed_slice latest);
void reed_user_new_account(struct reed_user *user, struct reed_session *origin,
                           struct reed_account *account);
struct reed_was reed_user_was(const struct reed_user *user);
bool reed_session_may(const struct reed_session *by, unsigned privilege);
void reed_whowas_add(struct reed_hub *hub, const struct reed_user *user);
void reed_whowas_finish(struct reed_hub *hub);
/* The nick as such, its length, and whose it is. */
enum reed_refusal reed_nick_check(const struct reed_hub *hub, struct reed_slice nick,
                                  const struct reed_account *account);

/* ---- room.c, member.c ---- */

struct reed_room *reed_room_new(struct reed_hub *hub, struct reed_slice name, struct reed_id id);
/* Without members. */
void reed_room_free(struct reed_room *room);
/* Frees a room that nothing keeps. */
void reed_room_tidy(struct reed_room *room);
bool reed_room_kept(const struct reed_room *room);
enum reed_refusal reed_room_name_check(const struct reed_hub *hub, struct reed_slice name);
/* reed_room_change(), wherever it is called from. */
enum reed_refusal reed_room_make_changes(struct reed_session *by, struct reed_room *room,
                                         struct reed_room_change *changes, size_t count);
/* account may be NULL: nobody.  The second one tells the disk. */
void reed_room_found(struct reed_room *room, struct reed_account *account);
void reed_room_set_founder(struct reed_room *room, struct reed_account *account);
struct reed_member *reed_member_new(struct reed_room *room, struct reed_user *user, unsigned roles);
/* The room may be gone after that. */
void reed_member_free(struct reed_member *member);
/* The user's first session is another one now. */
void reed_members_reseat(struct reed_user *user);
unsigned reed_room_lasting_roles(const struct reed_room *room, const struct reed_account *account);
/* At most so many accounts: LIST_FULL; ALREADY. */
enum reed_refusal reed_room_set_lasting(struct reed_room *room, struct reed_account *account,
                                        unsigned roles, uint32_t most);
bool reed_member_banned(struct reed_member *member);
bool reed_member_quiet(struct reed_member *member);

/* The roles with which by acts in the room: all for the server and for operators. */
unsigned reed_room_power(const struct reed_session *by, const struct reed_room *room);
static inline unsigned reed_rank(unsigned roles)
{
	roles &= REED_ROLES & ~(unsigned)REED_ROLE_MEMBER;
	return roles ? 1u << (31 - __builtin_clz(roles)) : 0;
}

void reed_invite_add(struct reed_room *room, struct reed_user *user);
void reed_invite_remove(struct reed_room *room, struct reed_user *user);
void reed_invites_drop_room(struct reed_room *room);
void reed_invites_drop_user(struct reed_user *user);

/* ---- account.c ---- */

/* The name as such, and that nobody has it: NICK_INVALID, NAME_TAKEN, LIST_FULL. */
enum reed_refusal reed_account_name_check(const struct reed_hub *hub, struct reed_slice name);
/* NULL when there are too many, or the name is none. */
struct reed_account *reed_account_ensure(struct reed_hub *hub, struct reed_slice name);
struct reed_account *reed_account_new(struct reed_hub *hub, struct reed_slice name,
                                      struct reed_id id);
void reed_account_free(struct reed_account *account);
void reed_account_claim(struct reed_account *account, struct reed_slice nick);

/* ---- ban.c, monitor.c ---- */

void reed_server_ban_free(struct reed_hub *hub, struct hub_ban *ban);
struct hub_ban *reed_server_ban_new(struct reed_hub *hub, struct reed_slice mask,
                                    struct reed_slice by, struct reed_slice reason);

/* ---- say.c, keep.c ---- */

/* Into the history, if it is to be kept; sets REED_EVENT_KEPT. */
void reed_keep_in_room(struct reed_telling *t, struct reed_room *room);
void reed_keep_talk(struct reed_telling *t);
void reed_keep_in_talk(struct reed_telling *t, struct reed_slice where);
void reed_keep_in_rooms_of(struct reed_telling *t, struct reed_user *user);
enum reed_refusal reed_speech_check(const struct reed_hub *hub, const struct reed_speech *speech);

/* ---- save.c, record.c ---- */

void reed_unsaved_room(struct reed_room *room);
void reed_unsaved_account(struct reed_account *account);
void reed_unsaved_ban(struct reed_hub *hub, struct hub_ban *ban);
/* The object goes; what the disk has of it goes too. */
void reed_gone_room(struct reed_room *room);
void reed_gone_account(struct reed_account *account);
void reed_gone_ban(struct reed_hub *hub, struct hub_ban *ban);
/* Settles when what waits for the disk now has got there, or could not. */
struct reed_future *reed_saver_flush(struct reed_hub *hub);
void reed_hub_metrics_init(struct reed_hub *hub);
void reed_hub_metrics_finish(struct reed_hub *hub);
void reed_saver_init(struct reed_hub *hub);
void reed_saver_finish(struct reed_hub *hub);

/* Into pool, which has no limit. */
struct reed_room_record reed_room_record_of(struct reed_pool *pool, const struct reed_room *room);
struct reed_account_record reed_account_record_of(struct reed_pool *pool,
                                                  const struct reed_account *account);
struct reed_ban_record reed_ban_record_of(const struct reed_server_ban *ban);

#endif
