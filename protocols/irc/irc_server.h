/* What the files of the server share. */

#ifndef REED_IRC_SERVER_PRIVATE_H
#define REED_IRC_SERVER_PRIVATE_H

#include <assert.h>

#include "reed/alloc.h"
#include "reed/auth.h"
#include "reed/buf.h"
#include "reed/irc/build.h"
#include "reed/irc/isupport.h"
#include "reed/irc/message.h"
#include "reed/irc/modes.h"
#include "reed/irc/numerics.h"
#include "reed/irc/server.h"
#include "reed/irc/text.h"
#include "reed/policy.h"
#include "reed/random.h"
#include "reed/sasl.h"
#include "reed/scope.h"

/* name, what CAP LS 302 says behind it */
#define IRC_CAPS(X)                                   \
	X(ACCOUNT_NOTIFY, "account-notify")           \
	X(ACCOUNT_TAG, "account-tag")                 \
	X(AWAY_NOTIFY, "away-notify")                 \
	X(BATCH, "batch")                             \
	X(CAP_NOTIFY, "cap-notify")                   \
	X(CHGHOST, "chghost")                         \
	X(REGISTRATION, "draft/account-registration") \
	X(ECHO_MESSAGE, "echo-message")               \
	X(EXTENDED_JOIN, "extended-join")             \
	X(EXTENDED_MONITOR, "extended-monitor")       \
	X(INVITE_NOTIFY, "invite-notify")             \
	X(LABELED_RESPONSE, "labeled-response")       \
	X(MESSAGE_TAGS, "message-tags")               \
	X(MULTI_PREFIX, "multi-prefix")               \
	X(SASL, "sasl")                               \
	X(SERVER_TIME, "server-time")                 \
	X(SETNAME, "setname")                         \
	X(STANDARD_REPLIES, "standard-replies")       \
	X(USERHOST_IN_NAMES, "userhost-in-names")

enum irc_cap_index {
#define X(id, name) IRC_CAP_INDEX_##id,
	IRC_CAPS(X)
#undef X
		IRC_CAP_COUNT
};

static_assert(IRC_CAP_COUNT <= 32, "struct irc_conn has room for so many");

enum irc_cap {
#define X(id, name) IRC_CAP_##id = 1 << IRC_CAP_INDEX_##id,
	IRC_CAPS(X)
#undef X
};

/* Why the server parts with a client, as its metric has it. */
#define IRC_PARTING_REASONS(X)            \
	X(CONNECTIONS, "connections")     \
	X(HANDSHAKE, "handshake")         \
	X(REGISTRATION, "registration")   \
	X(ERRORS, "errors")               \
	X(PROTOCOL, "other-protocol")     \
	X(PASSWORD, "password")           \
	X(NO_ACCOUNT, "account-required") \
	X(REFUSAL, "refusal")             \
	X(LOGINS, "failed-logins")        \
	X(REVOKED, "revoked")             \
	X(SILENCE, "ping-timeout")        \
	X(SENDQ, "sendq")

enum irc_parting {
#define X(name, reason) IRC_PARTING_##name,
	IRC_PARTING_REASONS(X)
#undef X
		IRC_PARTINGS
};

enum irc_refusals {
#define X(name, text) +1
	IRC_REFUSALS = REED_REFUSALS(X)
#undef X
};

struct irc_address;
struct irc_label;
struct irc_login;
struct irc_metrics;
struct irc_pacing;

/* Who tries to come in, until it is in. */
struct irc_newcomer {
	struct reed_address peer;
	char *nick, *username, *realname, *password, *account;
	uint32_t errors; /* lines it got wrong so far */
};

/* The longest texts of each kind in a line of IRC, in bytes. */
struct irc_lengths {
	uint32_t nick, user, host, channel, topic, kick, away, realname, key;
};

#define REED_IRC_NICK_MOST 50

/* A line around the nick of whom it is for. */
struct irc_prepared {
	struct reed_slice head, rest;
};

/* What an idle client has no use for. */
struct irc_seldom {
	struct irc_conn *conn;
	struct reed_waiter revoked; /* of the avatar's cell */
	struct reed_timer thaw;     /* of a client that flooded */
	struct reed_last farewell;  /* of one that is sent away */
	char *reason;               /* that its user leaves for, until then */
};

struct irc_conn {
	struct reed_protocol protocol;
	struct reed_session session;
	struct reed_irc_server *server;
	struct reed_list link;         /* of all */
	struct reed_timer timer;       /* registration, then ping and pong */
	struct irc_newcomer *newcomer; /* NULL once registered */
	struct irc_label *label;       /* of the command that runs; NULL: none */
	struct irc_login *login;       /* SASL or REGISTER under way; NULL: none */
	struct irc_pacing *pacing;     /* long answers under way; NULL: none */
	struct reed_avatar *avatar;    /* NULL: not logged in */
	struct reed_share *share;      /* counts it; NULL: refused */
	struct irc_seldom *seldom;     /* NULL: nothing of it was needed yet */
	int64_t since, heard;          /* when it came, when it last sent something */
	int64_t credit;                /* ns of commands it has paid for in advance */
	int64_t credit_at;
	uint64_t bytes_out; /* that had left when it was last looked for life; UINT64_MAX: all */
	uint32_t caps;      /* of enum irc_cap */
	uint32_t lines_in, lines_out;
	uint8_t cap_version; /* 0 before CAP LS */
	uint8_t sasl_failures;
	bool negotiating : 1; /* between CAP LS or REQ and CAP END */
	bool registered : 1;  /* in the hub, and welcomed */
	bool secure : 1, exempt : 1;
	bool pinged : 1;   /* and has not answered */
	bool skipping : 1; /* the rest of a line that was too long */
	bool closing : 1;  /* nothing is read or sent any more */
	bool waits : 1;    /* for something that runs elsewhere: no command until then */
	bool frozen : 1;   /* flooded: no command until the thaw */
	bool ending : 1;   /* the hub has let go of it, or is about to */
	bool known : 1;    /* secure is what it is: no handshake is under way */
};

struct reed_irc_server {
	struct reed_loop *loop;
	struct reed_hub *hub;
	struct reed_portal *portal;
	struct reed_irc_server_options options; /* strings are in pool */
	struct reed_pool pool;
	struct reed_slice name;
	struct reed_slice network;
	struct reed_list conns;
	struct reed_account_watch watch;
	struct reed_policy *policy; /* how many connections there may be */
	struct reed_policy *makers; /* how many accounts may be made, in an hour */
	struct reed_stream_limits stream_limits;
	struct reed_scope work; /* that goes on when who asked for it has gone */
	struct reed_irc_isupport isupport;
	struct irc_lengths lengths;
	struct irc_prepared *prepared; /* what new clients are told; in texts */
	size_t prepared_count, prepared_isupport, prepared_motd;
	struct reed_pool texts;
	struct reed_slice client_tags; /* of the message that is being said, as they came */
	struct irc_conn *corked;       /* whose output is kept in cork; NULL: nobody's */
	struct reed_buf cork;
	struct reed_irc_modes channel_modes, user_modes;
	char created[64];
	uint8_t cloak_key[32];
	uint64_t batches;
	uint64_t commands[REED_IRC_COMMANDS_END]; /* how often, for STATS m */
	struct reed_irc_server_stats stats;
	uint64_t partings[IRC_PARTINGS];
	struct irc_metrics *metrics;
	int64_t started; /* wall clock */
};

/* A message a client sent, and to whom the answers go. */
typedef void irc_command_fn(struct irc_conn *c, const struct reed_irc_message *m);

struct irc_command {
	irc_command_fn *run;
	uint8_t params; /* at least so many, or 461 */
	bool early;     /* before registration too */
	bool idle;      /* does not count as activity of the person */
};

extern const struct irc_command reed_irc_commands[REED_IRC_COMMANDS_END];

static inline void irc_count_line(struct irc_conn *c)
{
	c->lines_out++;
	c->server->stats.lines_out++;
}

static inline struct irc_conn *irc_conn_of(struct reed_session *s)
{
	return reed_container_of(s, struct irc_conn, session);
}

static inline bool irc_has(const struct irc_conn *c, uint64_t caps)
{
	return (c->caps & caps) == caps;
}

static inline struct reed_user *irc_user(const struct irc_conn *c)
{
	return c->session.user;
}

/* ---- addresses (server_address.c) ---- */

void reed_irc_shown_host(struct reed_irc_server *server, const struct reed_address *a,
                         char out[REED_ADDRESS_TEXT]);

/* ---- connections (server_conn.c) ---- */

extern const struct reed_door_ops reed_irc_door;

/* ERROR, and the end; what is queued still leaves. */
void reed_irc_close_because(struct irc_conn *c, struct reed_slice why);
/* The same of who is sent away, which is counted. */
void reed_irc_send_away(struct irc_conn *c, enum irc_parting reason, const char *format, ...)
	REED_PRINTF(3, 4);

/* Made at its first use. */
struct irc_seldom *reed_irc_seldom(struct irc_conn *c);

void reed_irc_start_pings(struct irc_conn *c);

/* Asked of the stream once it is registered: an address is larger than it is often needed. */
struct reed_address reed_irc_peer_address(const struct irc_conn *c);

/* No command is looked at between the two. */
void reed_irc_hold(struct irc_conn *c);
void reed_irc_release(struct irc_conn *c);

void reed_irc_leave(struct irc_conn *c);

/* ---- input (server_input.c) ---- */

size_t reed_irc_data(struct reed_protocol *p, struct reed_slice in);
/* In ns of credit. */
int64_t reed_irc_command_cost(const struct reed_irc_server *server);

/* ---- metrics (server_metrics.c) ---- */

void reed_irc_metrics_init(struct reed_irc_server *server);
void reed_irc_metrics_finish(struct reed_irc_server *server);
void reed_irc_count_refusal(struct reed_irc_server *server, enum reed_refusal why);
/* What waits for all clients, in bytes. */
size_t reed_irc_queued(const struct reed_irc_server *server);

/* ---- sending (server_send.c) ---- */

/* One line without tags, CR LF at its end; goes with the tags the client takes. */
void reed_irc_send(struct irc_conn *c, struct reed_slice line);

/* Between the two what is sent is gathered, and then written at once. */
void reed_irc_cork(struct irc_conn *c);
void reed_irc_uncork(struct irc_conn *c);

/* What the server says last, past the bound on what may wait. */
void reed_irc_send_last(struct irc_conn *c, struct reed_slice line);

/* These bytes and nothing else, within the bound; tags without '@', may be empty. */
void reed_irc_put(struct irc_conn *c, struct reed_slice tags, struct reed_slice body);
/* "time=..." for who takes it, else "". */
struct reed_slice reed_irc_time_tag(struct irc_conn *c, char into[40]);

/* A line from an envelope; our own answers to a labeled command are collected. */
void reed_irc_send_blob(struct irc_conn *c, struct reed_blob *line);

/* A line that is being built. */
struct irc_line {
	struct reed_irc_builder b;
	char p[REED_IRC_LINE_MAX];
};

void reed_irc_begin(struct irc_line *l, struct reed_slice source, const char *verb);
void reed_irc_begin_numeric(struct irc_conn *c, struct irc_line *l, unsigned numeric);
/* Sends it; one that came out wrong is not sent. */
void reed_irc_end(struct irc_conn *c, struct irc_line *l);
/* The same with the tags that say who did it. */
void reed_irc_end_from(struct irc_conn *c, struct irc_line *l, const struct reed_user *user);

/* Numerics with so many parameters and the usual text. */
void reed_irc_tell(struct irc_conn *c, unsigned numeric);
void reed_irc_tell1(struct irc_conn *c, unsigned numeric, struct reed_slice a);
void reed_irc_tell2(struct irc_conn *c, unsigned numeric, struct reed_slice a, struct reed_slice b);
/* The same with a text of one's own; a may be empty: no parameter. */
void reed_irc_tell_text(struct irc_conn *c, unsigned numeric, struct reed_slice a,
                        const char *format, ...) REED_PRINTF(4, 5);

/* Words in the text of a numeric, and in another one when they are too many for a line. */
struct irc_words {
	struct irc_conn *c;
	unsigned numeric;
	char between;
	size_t used, room;
	char p[REED_IRC_LINE_MAX];
};

void reed_irc_words(struct irc_words *w, struct irc_conn *c, unsigned numeric, char between);
void reed_irc_words_add(struct irc_words *w, struct reed_slice word);
/* always: a line without words, too. */
void reed_irc_words_end(struct irc_words *w, bool always);

/* FAIL, WARN or NOTE (IRCv3 standard-replies); a NOTICE to those who do not know them. */
void reed_irc_standard(struct irc_conn *c, const char *kind, const char *command, const char *code,
                       struct reed_slice context, const char *text);

/* NOTICE from the server, or from NickServ. */
void reed_irc_notice(struct irc_conn *c, const char *format, ...) REED_PRINTF(2, 3);
void reed_irc_service_notice(struct irc_conn *c, const char *service, const char *format, ...)
	REED_PRINTF(3, 4);

/* "nick" once there is one, else "*". */
struct reed_slice reed_irc_client_name(const struct irc_conn *c);

/* A refusal of the hub, in the numeric that fits; name is what it was about. */
void reed_irc_refuse(struct irc_conn *c, enum reed_refusal why, const char *command,
                     struct reed_slice name);

/* A text that fits no line; what would. */
void reed_irc_too_long(struct irc_conn *c, const char *command, const char *what, uint32_t most);

/* ---- labels (server_label.c) ---- */

/* What a labeled command answers is collected between the two. */
void reed_irc_label_begin(struct irc_conn *c, const struct reed_irc_message *m);
void reed_irc_label_end(struct irc_conn *c);
/* The answer comes later: keep the label, and take it up again. */
struct irc_label *reed_irc_label_keep(struct irc_conn *c);
void reed_irc_label_resume(struct irc_conn *c, struct irc_label *label);
void reed_irc_label_free(struct irc_label *label);
/* Some of the answer comes when the command is over.  NULL: there is no label. */
void reed_irc_label_part(struct irc_label *label);
void reed_irc_label_part_over(struct irc_conn *c, struct irc_label *label);
/* A line of the answer to the command that runs. */
void reed_irc_label_add(struct irc_conn *c, struct reed_slice tags, struct reed_slice body);
/* The last line of all, with the answer that ends so; false: there is none to end. */
bool reed_irc_label_last(struct irc_conn *c, struct reed_slice line);

/* ---- long answers (server_pace.c) ---- */

struct irc_pace {
	const struct irc_pace_kind *kind;
	struct reed_list link;
	struct irc_label *label;
	struct reed_pool pool; /* for what it has to remember */
	unsigned steps;        /* left of this piece */
};

struct irc_pace_kind {
	size_t size;
	bool urgent; /* goes before those that are not */
	/*
	 * Tells what it can, asking before each entry whether it may; true when
	 * that was the last of it.  Reads the hub and remembers no pointer into it.
	 */
	bool (*more)(struct irc_conn *c, struct irc_pace *pace);
};

/* Zeroed, of kind->size. */
void *reed_irc_pace_new(const struct irc_pace_kind *kind);
/* Begins, or waits for others; consumes it. */
void reed_irc_pace(struct irc_conn *c, struct irc_pace *pace);
bool reed_irc_pace_goes_on(struct irc_conn *c, struct irc_pace *pace);
void reed_irc_pacing_drop(struct irc_conn *c);

/* ---- capabilities (server_cap.c) ---- */

/* What of the options decides about them. */
struct irc_cap_state {
	bool registration, plain_in_clear;
};

struct irc_cap_state reed_irc_cap_state(const struct reed_irc_server *server);
/* The options are others now: who wants to know is told. */
void reed_irc_caps_changed(struct reed_irc_server *server, const struct irc_cap_state *was);

/* ---- registration (server_register.c) ---- */

void reed_irc_try_register(struct irc_conn *c);
void reed_irc_newcomer_free(struct irc_newcomer *n);

/* ---- what a new client is told (server_isupport.c, server_welcome.c, server_info.c) ---- */

void reed_irc_make_isupport(struct reed_irc_server *server);
void reed_irc_prepare(struct reed_irc_server *server);
void reed_irc_welcome(struct irc_conn *c);
/* Who was a guest until now joins the user that has the account. */
enum reed_refusal reed_irc_become(struct irc_conn *c, const char *account);
void reed_irc_send_isupport(struct irc_conn *c);
void reed_irc_send_motd(struct irc_conn *c);
void reed_irc_send_lusers(struct irc_conn *c);

/* ---- people (server_who.c) ---- */

bool reed_irc_may_see_address(const struct irc_conn *c, const struct reed_user *user);
/* Seconds since it last did something. */
uint64_t reed_irc_idle_of(struct irc_conn *c, const struct reed_user *user);

/* ---- rooms (server_channel.c, server_names.c, server_list.c) ---- */

/* The most masks of each kind in one LIST. */
#define REED_IRC_LIST_MASKS 8

/*
 * The next of a list with commas, empty ones passed over; false at its end, and
 * when *left have been taken: then the client is told (TARGMAX).
 */
bool reed_irc_next_target(struct irc_conn *c, struct reed_slice *rest, unsigned *left,
                          struct reed_slice *target);

/* That the user has come into the room, in the words that the client takes. */
void reed_irc_send_join(struct irc_conn *c, const struct reed_user *user,
                        const struct reed_room *room);
/* What a client is shown of a room it is in now. */
void reed_irc_show_room(struct irc_conn *c, struct reed_room *room);
void reed_irc_send_topic(struct irc_conn *c, struct reed_room *room);
void reed_irc_send_names(struct irc_conn *c, struct reed_room *room);
/* The prefixes of these roles, highest first, all or only the first; returns how many. */
size_t reed_irc_prefixes(unsigned roles, bool all, char into[8]);
unsigned reed_irc_role_of_prefix(char prefix);
char reed_irc_letter_of_role(unsigned role);
unsigned reed_irc_role_of_letter(char letter);
/* NULL, and 403, when there is none the client may see. */
struct reed_room *reed_irc_find_room(struct irc_conn *c, struct reed_slice name);
/* NULL, and 401, when there is none. */
struct reed_user *reed_irc_find_user(struct irc_conn *c, struct reed_slice nick);

/* ---- modes (server_mode.c) ---- */

/* "+nt-k" for a CHANGE event, as changes of letters; pool is for their parameters. */
void reed_irc_changes_of(const struct reed_hub_event *ev, struct reed_pool *pool,
                         struct reed_irc_mode_changes *out);
size_t reed_irc_user_modes_text(const struct reed_user *user, char into[32]);
size_t reed_irc_user_change_text(unsigned before, unsigned after, char into[32]); /* "+w-i" */

/* ---- events (server_event.c) ---- */

/* server_personal.c: true when there is no more to say of it. */
bool reed_irc_tell_personally(struct irc_conn *c, const struct reed_hub_event *ev);
/* To who takes away-notify. */
void reed_irc_tell_that_away(struct irc_conn *c, const struct reed_user *user);
void reed_irc_event(struct reed_session *session, const struct reed_hub_event *ev);
void reed_irc_event_release(void *encoded);

/* ---- login (server_login.c) ---- */

void reed_irc_login_drop(struct irc_conn *c);
void reed_irc_avatar_drop(struct irc_conn *c);
/* A dialogue that waits for the client's next word is over, and the client told. */
void reed_irc_login_abort(struct irc_conn *c);
/* Whether passwords may be sent over this connection. */
bool reed_irc_may_tell_password(const struct irc_conn *c);
/* By the account's role, or because the settings name the account. */
void reed_irc_become_operator(struct irc_conn *c);
/* "SCRAM-SHA-256,PLAIN" as it can be offered to this client; empty: no SASL. */
void reed_irc_sasl_mechanisms(struct irc_conn *c, struct reed_buf *out);

/* ---- commands ---- */

irc_command_fn reed_irc_cmd_admin, reed_irc_cmd_authenticate, reed_irc_cmd_away, reed_irc_cmd_cap,
	reed_irc_cmd_chanserv, reed_irc_cmd_die, reed_irc_cmd_help, reed_irc_cmd_info,
	reed_irc_cmd_invite, reed_irc_cmd_ison, reed_irc_cmd_join, reed_irc_cmd_kick,
	reed_irc_cmd_kill, reed_irc_cmd_kline, reed_irc_cmd_knock, reed_irc_cmd_links,
	reed_irc_cmd_list, reed_irc_cmd_lusers, reed_irc_cmd_mode, reed_irc_cmd_monitor,
	reed_irc_cmd_motd, reed_irc_cmd_names, reed_irc_cmd_nick, reed_irc_cmd_nickserv,
	reed_irc_cmd_notice, reed_irc_cmd_oper, reed_irc_cmd_part, reed_irc_cmd_pass,
	reed_irc_cmd_ping, reed_irc_cmd_pong, reed_irc_cmd_privmsg, reed_irc_cmd_quit,
	reed_irc_cmd_register, reed_irc_cmd_rehash, reed_irc_cmd_rules, reed_irc_cmd_setname,
	reed_irc_cmd_silence, reed_irc_cmd_stats, reed_irc_cmd_tagmsg, reed_irc_cmd_time,
	reed_irc_cmd_topic, reed_irc_cmd_unkline, reed_irc_cmd_user, reed_irc_cmd_userhost,
	reed_irc_cmd_userip, reed_irc_cmd_verify, reed_irc_cmd_version, reed_irc_cmd_wallops,
	reed_irc_cmd_who, reed_irc_cmd_whois, reed_irc_cmd_whowas;

/* A name that users must not have: people tell it their passwords. */
bool reed_irc_is_service(struct reed_slice nick);

/* What is said to NickServ and its like; true when there is such a service. */
bool reed_irc_service_message(struct irc_conn *c, struct reed_slice service,
                              struct reed_slice text);

#endif
