/*
 * Private: what the files of the client share.
 *
 *	client.c            options, making and freeing, what is known
 *	client_run.c        one connection after another
 *	client_session.c    one connection: reader, writer, keeper
 *	client_receive.c    a line that came: who must know
 *	client_register.c   from the first line to the end of the MOTD
 *	client_caps.c       capabilities
 *	client_sasl.c       logging in
 *	client_sts.c        strict transport security
 *	client_send.c       lines that wait, their order and pace
 *	client_say.c        texts in lines
 *	client_text.c       what people say; CTCP
 *	client_people.c     users and members
 *	client_channel.c    channels, their topics and modes
 *	client_rooms.c      joins, parts and the like
 *	client_numeric.c    numbers that tell something of the state
 *	client_batch.c      batches
 *	client_event.c      events
 *	client_ask.c        calls and whom an answer belongs to
 *	ask_*.c             the calls
 *	dcc*.c              files and conversations beside the server (dcc_private.h)
 *
 * Everything here happens in the reader's coroutine, or in a call of the
 * user's, neither of which runs code of the user's: that is woken by futures.
 */

#ifndef REED_IRC_CLIENT_PRIVATE_H
#define REED_IRC_CLIENT_PRIVATE_H

#include "reed/alloc.h"
#include "reed/buf.h"
#include "reed/co.h"
#include "reed/irc/ask.h"
#include "reed/irc/build.h"
#include "reed/irc/numerics.h"
#include "reed/random.h"
#include "reed/scope.h"

#include "client_table.h"

enum {
	IRC_LINE_MOST = REED_IRC_BYTES_MAX,
	IRC_CAPS_MOST = 256,
	IRC_BATCHES_MOST = 32,
	IRC_BATCH_REF_MOST = 64,
	IRC_MULTILINE_MOST = 65536, /* bytes of one message */
	IRC_LABEL_ROOM = 24,
	IRC_ASKS_MOST = 10000,
};

/* ---- events ---- */

/* An event, the message that tells it, and its line. */
struct irc_box {
	size_t holders, room;
	bool is_silent;              /* it is told by others */
	struct reed_irc_event event; /* kind REED_IRC_EVENT_KINDS: what nobody has named */
	struct reed_irc_message message;
	struct reed_pool pool; /* for what is not in the line */
	char line[];
};

/* ---- lines that wait ---- */

struct irc_out {
	struct reed_list link; /* in a queue; unlinked: it does not wait */
	struct reed_buf lines; /* those left, each with CR LF */
	enum reed_irc_priority priority;

	/* The last one has left, or none will any more.  Owns the rest. */
	void (*done)(struct irc_out *out, enum reed_err err);
};

/* A cell-rate limit: so many at once, then one each period. */
struct irc_pace {
	int64_t period; /* ns; 0: no limit */
	unsigned burst;
	int64_t spent; /* until when what left is paid for */
};

/* ---- calls ---- */

enum irc_verdict {
	IRC_NOT_MINE,
	IRC_MINE,    /* more will come */
	IRC_DONE,    /* this was the last */
	IRC_REFUSED, /* the same, and why */
	IRC_DOUBTED, /* refused; a last one should follow, but not all servers send it */
};

/* What a numeric means to a call: param is which parameter must be its subject, 0: none. */
struct irc_clue {
	uint16_t numeric; /* 0 ends the table */
	uint8_t param;
	enum irc_verdict verdict;
};

struct irc_ask;

struct irc_ask_kind {
	size_t size;
	const char *verb;             /* NULL: that of the line */
	const struct irc_clue *clues; /* may be NULL */
	bool any_error;               /* of any error that names the subject: refused */
	bool fenced;                  /* without a label a PONG is the end */
	bool keeps_empty;             /* empty parameters at the end are said */
	bool one_name;                /* the subject is one, and not a list of several */
	bool no_label;                /* several lines, of which the fence is the last */

	/* Of messages without a number.  May be NULL. */
	enum irc_verdict (*judge)(struct irc_ask *ask, const struct reed_irc_message *m);

	/* A message that is part of the answer: REED_ETOOBIG.  May be NULL. */
	enum reed_err (*take)(struct irc_ask *ask, const struct reed_irc_message *m);

	/* The answer is complete: hand it over.  May be NULL. */
	void (*deliver)(struct irc_ask *ask);

	/* The last call.  May be NULL. */
	void (*free)(struct irc_ask *ask);
};

struct irc_ask {
	struct reed_future future;
	struct irc_out out;
	struct reed_list link;          /* of the client */
	struct reed_irc_client *client; /* NULL: it waits for nothing any more */
	const struct irc_ask_kind *kind;
	struct reed_timer timer;
	struct reed_pool pool; /* the answer; moves to the caller */
	struct reed_irc_refusal refusal, *refusal_out;
	char *verb, *subject;       /* subject "": none */
	char label[IRC_LABEL_ROOM]; /* also that of the fence */
	size_t rows;                /* taken */
	enum reed_err err;          /* the answer was too big */
	bool is_labeled, is_sent, is_forgotten, is_doubted;
};

/* ---- what is known ---- */

struct irc_user {
	struct reed_irc_user is;
	struct irc_named named; /* is.nick is its name */
	struct reed_list memberships;
};

struct irc_channel {
	struct reed_irc_channel is;
	struct irc_named named;
	struct reed_list link; /* of the client */
	struct reed_list members;
	char *modes[128]; /* by letter; NULL: not set */
};

struct irc_member {
	struct reed_irc_member is;
	struct reed_list in_channel, in_user;
	struct irc_channel *channel;
	struct irc_user *user;
};

/* A channel to be in whenever there is a connection. */
struct irc_home {
	struct reed_list link;
	char *name, *key; /* key "": none */
	bool is_asked;    /* JOIN was said, and is not answered */
	bool is_waiting;  /* to be tried again in a while */
	uint16_t refused; /* why we are not there, as it was told last; 0: we are, or were */
};

/* What the server offers; on: it was acknowledged. */
struct irc_cap {
	struct reed_list link;
	char *name, *value;
	bool is_on, is_asked;
	uint32_t bit; /* of enum irc_known_cap; 0: none of them */
};

/* Those that this client knows what to do with. */
/* clang-format off */
#define IRC_KNOWN_CAPS(X)                                                        \
	X(ACCOUNT_NOTIFY, "account-notify") X(ACCOUNT_TAG, "account-tag")         \
	X(AWAY_NOTIFY, "away-notify") X(BATCH, "batch")                           \
	X(CAP_NOTIFY, "cap-notify") X(CHANNEL_RENAME, "draft/channel-rename")     \
	X(CHGHOST, "chghost") X(ECHO_MESSAGE, "echo-message")                     \
	X(EXTENDED_JOIN, "extended-join") X(EXTENDED_MONITOR, "extended-monitor") \
	X(INVITE_NOTIFY, "invite-notify") X(LABELED_RESPONSE, "labeled-response") \
	X(MESSAGE_TAGS, "message-tags") X(MULTI_PREFIX, "multi-prefix")           \
	X(MULTILINE, "draft/multiline") X(SASL, "sasl")                           \
	X(SERVER_TIME, "server-time") X(SETNAME, "setname")                       \
	X(STANDARD_REPLIES, "standard-replies")                                   \
	X(USERHOST_IN_NAMES, "userhost-in-names")
/* clang-format on */

enum irc_known_cap_index {
#define X(name, word) IRC_CAP_INDEX_##name,
	IRC_KNOWN_CAPS(X)
#undef X
};

enum irc_known_cap {
#define X(name, word) IRC_CAP_##name = 1 << IRC_CAP_INDEX_##name,
	IRC_KNOWN_CAPS(X)
#undef X
};

struct irc_batch {
	struct reed_list link;
	char ref[IRC_BATCH_REF_MOST + 1];
	char label[IRC_LABEL_ROOM]; /* of it, or of the one it is in; "": none */
	char *type;
	bool is_past, is_labeled; /* the label is its own */
	struct irc_box *start;    /* of multiline: its tags are the message's; else NULL */
	struct irc_box *first;    /* its first line; NULL: there was none */
	struct reed_buf text;     /* of all lines; what is too long is cut off */
};

/* ---- one connection ---- */

struct irc_sasl {
	struct reed_buf in; /* base64 so far */
	bool is_whole;      /* a message is there */
	uint16_t outcome;   /* 903 and the like; 0: not yet */
	char text[200];
	char offered[512]; /* what 908 said */
	bool is_running;
};

/* Where registering stands.  cell is touched at every step. */
struct irc_progress {
	struct reed_cell cell;
	bool has_heard; /* a line of any kind */
	bool has_caps, has_listed, has_welcomed, has_ended;
	bool may_enter;      /* nothing is left to do but to be let in */
	unsigned unanswered; /* lines of CAP REQ */
	unsigned nicks_tried;
	uint16_t refused; /* 464, 465, ... */
	char refused_text[200];
};

struct reed_irc_client {
	struct reed_loop *loop;
	struct reed_irc_client_options options; /* its strings are of the pool */
	struct reed_pool strings;
	const char **endpoints;
	size_t endpoint_count, endpoint_at; /* the one to be tried next */
	struct reed_cell state;
	struct reed_cell wish; /* 1: to quit */
	char *quit_reason;
	struct reed_cell running; /* 1: somebody runs it */
	unsigned failures;        /* attempts since one that lasted */
	int64_t registered_at;

	struct reed_channel events;
	struct irc_box *scratch; /* nobody else holds it; may be NULL */

	/* what is known */
	struct reed_irc_isupport isupport;
	struct irc_table users, channels;
	struct reed_list channel_list, homes, monitored;
	char *nick, *account, *userhost; /* userhost "": not seen yet */
	char *asked_nick,
		*wanted_nick; /* by set_nick(), or NULL; that of the options or the last got so */
	struct reed_list caps;
	size_t cap_count;
	uint32_t caps_on; /* of enum irc_known_cap */
	struct reed_list batches;
	size_t batch_count;
	struct reed_irc_sts_store *sts;
	bool sts_is_mine;

	/* calls */
	struct reed_list asks;
	size_t ask_count;
	uint64_t last_label;

	struct reed_list dccs; /* of struct irc_dcc_wait */

	/* lines that wait */
	struct reed_list outs[REED_IRC_PRIORITIES];
	size_t out_bytes, out_lines;
	struct reed_cell out_cell; /* touched when there is more to do */
	struct irc_pace pace, ctcp_pace;

	/* the connection */
	struct reed_stream *stream; /* NULL: none */
	char *endpoint_text;        /* of that, or the last one; may be NULL */
	char *host;                 /* of a tcp: or tls: endpoint; else NULL */
	uint16_t port;
	bool is_tls;      /* of the endpoint with that host */
	bool is_doubtful; /* its certificate says nothing */
	bool is_secure;   /* nobody in between can read it */
	struct reed_scope scope;
	struct irc_progress progress;
	struct irc_sasl sasl;
	char *last_words;      /* of an ERROR; may be NULL */
	uint64_t sts_duration; /* promised on this connection; 0: nothing */
	char *upgrade;         /* to be dialled at once instead; may be NULL */
	int64_t heard_at, pinged_at, tended_at;
	bool is_skipping; /* the rest of a line that is too long */
	int64_t lag_ns;   /* -1: not known */
	struct reed_irc_client_stats stats;
};

/* ---- client.c ---- */

struct reed_slice reed_irc_client_server_nick(const struct reed_irc_client *c);
void reed_irc_client_set_nick(struct reed_irc_client *c, struct reed_slice nick);
void reed_irc_client_set_account(struct reed_irc_client *c, struct reed_slice account);
void reed_irc_client_set_userhost(struct reed_irc_client *c, struct reed_slice user,
                                  struct reed_slice host);

/* *text becomes a copy; true when it was something else before. */
bool reed_irc_replace(char **text, struct reed_slice by);

/* Two names, by the server's rules. */
static inline bool reed_irc_client_same(const struct reed_irc_client *c, struct reed_slice a,
                                        struct reed_slice b)
{
	return reed_irc_eq(c->isupport.casemap, a, b);
}

static inline bool reed_irc_client_is_online(const struct reed_irc_client *c)
{
	return c->state.value == REED_IRC_ONLINE;
}

static inline bool irc_is_on(const struct reed_irc_client *c, enum irc_known_cap cap)
{
	return c->caps_on & cap;
}

/* 0 of the options: as long as it takes. */
static inline struct reed_future *irc_within(int64_t ms, struct reed_future *f)
{
	return ms > 0 ? reed_within(ms, f) : f;
}

/* A future that has failed because there is no connection. */
struct reed_future *reed_irc_client_no_connection(struct reed_irc_client *c);

/* ---- client_session.c ---- */

/* One connection, from its dialling to its end; fails, or ends because of c->wish. */
struct reed_future *reed_irc_client_session(struct reed_irc_client *c);

/* ---- client_receive.c ---- */

void reed_irc_client_receive(struct reed_irc_client *c, struct reed_slice line);

/* A message that is not of the past, by its command. */
typedef void irc_handler_fn(struct reed_irc_client *c, struct irc_box *box);

/* ---- client_register.c ---- */

/* Settles when the server has let us in. */
struct reed_future *reed_irc_client_register(struct reed_irc_client *c);
irc_handler_fn reed_irc_client_on_welcome, reed_irc_client_on_motd_end;
irc_handler_fn reed_irc_client_on_nick_refused, reed_irc_client_on_shut_out;

static inline void reed_irc_client_progress(struct reed_irc_client *c)
{
	reed_cell_touch(&c->progress.cell);
}

/* Our nick is not the one we want: see about it. */
void reed_irc_client_regain(struct reed_irc_client *c);
void reed_irc_client_nick_is_free(struct reed_irc_client *c, struct reed_slice nick);

/* ---- client_caps.c ---- */

irc_handler_fn reed_irc_client_on_cap, reed_irc_client_on_no_cap;
void reed_irc_client_ask_caps(struct reed_irc_client *c);
void reed_irc_client_forget_caps(struct reed_irc_client *c);
const struct irc_cap *reed_irc_client_cap(const struct reed_irc_client *c, struct reed_slice name);

/* ---- client_sasl.c ---- */

bool reed_irc_client_wants_sasl(const struct reed_irc_client *c);
struct reed_future *reed_irc_client_authenticate(struct reed_irc_client *c);
/* The same of somebody who is in already: a failure is told, and that is all. */
struct reed_future *reed_irc_client_authenticate_late(struct reed_irc_client *c);
irc_handler_fn reed_irc_client_on_authenticate, reed_irc_client_on_sasl_outcome;
irc_handler_fn reed_irc_client_on_sasl_mechanisms;

/* ---- client_sts.c ---- */

/* What to dial instead of what was given, which may be the same; the caller frees it. */
char *reed_irc_client_secured(struct reed_irc_client *c, const char *endpoint);
/* Host and port of the endpoint that is about to be dialled. */
void reed_irc_client_locate(struct reed_irc_client *c);
/* What the capability says; true: this connection is to be left for a secure one. */
bool reed_irc_client_heed_sts(struct reed_irc_client *c);
/* A connection has ended. */
void reed_irc_client_prolong_sts(struct reed_irc_client *c);

/* ---- client_send.c ---- */

void reed_irc_pace_init(struct irc_pace *pace, unsigned burst, int64_t ms);
/* ns until one more may go; 0: now. */
int64_t reed_irc_pace_wait(const struct irc_pace *pace, int64_t now);
void reed_irc_pace_spend(struct irc_pace *pace, int64_t now);

/* Waits from here on.  On an error it does not, and done() is not called. */
enum reed_err reed_irc_client_queue(struct reed_irc_client *c, struct irc_out *out);
/* What has not left does not; done() is not called.  May be unlinked. */
void reed_irc_client_unqueue(struct reed_irc_client *c, struct irc_out *out);
/* Ends all that wait. */
void reed_irc_client_drop_outs(struct reed_irc_client *c, enum reed_err err);
/* Writes while lines may leave; ns until the next one may, -1: none waits. */
int64_t reed_irc_client_write(struct reed_irc_client *c);

/* A line of ours; what cannot be one is not sent.  Params end with a slice whose p is NULL. */
void reed_irc_client_command(struct reed_irc_client *c, enum reed_irc_priority priority,
                             const char *verb, const struct reed_slice *params);
#define reed_irc_client_tell(c, priority, verb, ...)     \
	reed_irc_client_command((c), (priority), (verb), \
	                        (const struct reed_slice[]){ __VA_ARGS__, { NULL, 0 } })

/* Many names in as few lines as they fit into: "JOIN #one,#two". */
struct irc_lines {
	struct reed_irc_client *client;
	enum reed_irc_priority priority;
	const char *verb;
	struct reed_slice first; /* before the names; empty: nothing */
	unsigned most, count;    /* names in a line; 0: as many as fit */
	struct reed_buf names;
};

void reed_irc_lines_add(struct irc_lines *lines, struct reed_slice name);
void reed_irc_lines_end(struct irc_lines *lines);

/* Bytes of a line, CR LF counted. */
size_t reed_irc_client_line_max(const struct reed_irc_client *c);

/* ---- client_say.c ---- */

struct reed_future *reed_irc_client_reply_v(struct reed_irc_client *c,
                                            const struct reed_irc_event *to, const char *format,
                                            va_list args) REED_PRINTF(3, 0);

/* ---- client_event.c ---- */

extern const struct reed_item_kind reed_irc_event_items;

/* A box with a copy of the line, parsed; its event is about to be filled in. */
struct irc_box *reed_irc_box_new(struct reed_irc_client *c, struct reed_slice line);
void reed_irc_box_release(struct irc_box *box);
struct irc_box *reed_irc_box_of(const struct reed_irc_event *event);
/* What every event has from its message. */
void reed_irc_client_describe(struct reed_irc_client *c, struct irc_box *box);
void reed_irc_client_publish(struct reed_irc_client *c, struct irc_box *box);
/* One that no message tells. */
void reed_irc_client_happen(struct reed_irc_client *c, enum reed_irc_event_kind kind,
                            struct reed_slice target, struct reed_slice text, enum reed_err err);
void reed_irc_client_happen_to(struct reed_irc_client *c, enum reed_irc_event_kind kind,
                               struct reed_slice who);
struct reed_slice reed_irc_box_copy(struct irc_box *box, struct reed_slice s);

/* ---- client_batch.c ---- */

irc_handler_fn reed_irc_client_on_batch;
/* The batch a message is in; NULL: none. */
struct irc_batch *reed_irc_client_batch_of(struct reed_irc_client *c,
                                           const struct reed_irc_message *m);
/* True: the message is part of another one, and there is nothing to tell yet. */
bool reed_irc_client_collect(struct reed_irc_client *c, struct irc_batch *batch,
                             struct irc_box *box);
void reed_irc_client_forget_batches(struct reed_irc_client *c);

/* ---- client_text.c ---- */

irc_handler_fn reed_irc_client_on_text, reed_irc_client_on_tagmsg;
void reed_irc_client_tell_text(struct reed_irc_client *c, struct irc_box *box,
                               struct reed_slice text);

/* ---- client_people.c ---- */

struct irc_user *reed_irc_client_user(struct reed_irc_client *c, struct reed_slice nick);
struct irc_member *reed_irc_client_member(const struct irc_channel *channel,
                                          const struct irc_user *user);
/* The member, new or not; NULL when there are too many. */
struct irc_member *reed_irc_client_add_member(struct reed_irc_client *c,
                                              struct irc_channel *channel, struct reed_slice nick);
void reed_irc_client_remove_member(struct reed_irc_client *c, struct irc_member *member);
void reed_irc_client_remove_user(struct reed_irc_client *c, struct irc_user *user);
void reed_irc_client_saw(struct reed_irc_client *c, struct irc_user *user, struct reed_slice name,
                         struct reed_slice host);
void reed_irc_client_set_user_account(struct irc_user *user, struct reed_slice account);
void reed_irc_client_set_user_realname(struct irc_user *user, struct reed_slice realname);
/* Of a message that is about the present. */
void reed_irc_client_saw_source(struct reed_irc_client *c, const struct reed_irc_event *e);
void reed_irc_client_set_member_mode(const struct reed_irc_client *c, struct irc_member *member,
                                     char letter, bool set);
irc_handler_fn reed_irc_client_on_nick, reed_irc_client_on_quit, reed_irc_client_on_away;
irc_handler_fn reed_irc_client_on_account, reed_irc_client_on_chghost, reed_irc_client_on_setname;

/* ---- client_channel.c ---- */

struct irc_channel *reed_irc_client_channel(const struct reed_irc_client *c,
                                            struct reed_slice name);
struct irc_channel *reed_irc_client_add_channel(struct reed_irc_client *c, struct reed_slice name);
void reed_irc_client_remove_channel(struct reed_irc_client *c, struct irc_channel *channel);
void reed_irc_client_forget_state(struct reed_irc_client *c);
void reed_irc_client_change_modes(struct reed_irc_client *c, struct irc_channel *channel,
                                  const struct reed_slice *params, size_t n);
void reed_irc_client_set_topic(struct irc_channel *channel, struct reed_slice topic,
                               struct reed_slice by, int64_t time);
void reed_irc_client_clear_modes(struct irc_channel *channel);
irc_handler_fn reed_irc_client_on_topic, reed_irc_client_on_mode, reed_irc_client_on_rename;

/* ---- client_rooms.c ---- */

irc_handler_fn reed_irc_client_on_join, reed_irc_client_on_part, reed_irc_client_on_kick;
irc_handler_fn reed_irc_client_on_invite;
void reed_irc_client_add_home(struct reed_irc_client *c, struct reed_slice name,
                              struct reed_slice key);
void reed_irc_client_remove_home(struct reed_irc_client *c, struct reed_slice name);
void reed_irc_client_rename_home(struct reed_irc_client *c, struct reed_slice name,
                                 struct reed_slice now);
void reed_irc_client_go_home(struct reed_irc_client *c);
/* Those that kicked us out or did not let us in. */
void reed_irc_client_go_back(struct reed_irc_client *c);
/* An error about a channel, which may be the answer to a JOIN of ours. */
void reed_irc_client_on_join_refused(struct reed_irc_client *c, struct irc_box *box);
void reed_irc_client_forget_homes(struct reed_irc_client *c);

/* ---- client_numeric.c ---- */

void reed_irc_client_on_numeric(struct reed_irc_client *c, struct irc_box *box);
void reed_irc_client_remember_monitored(struct reed_irc_client *c, struct reed_slice nicks);
void reed_irc_client_forget_monitored(struct reed_irc_client *c, struct reed_slice nicks);
void reed_irc_client_monitor_again(struct reed_irc_client *c);

/* ---- client_ask.c ---- */

/* A call about subject, which may be empty; its line is to be built. */
void *reed_irc_ask_new(struct reed_irc_client *c, const struct irc_ask_kind *kind,
                       struct reed_slice subject, struct reed_irc_refusal *refusal);
/* Params end with a slice whose p is NULL. */
struct reed_future *reed_irc_ask_send(struct irc_ask *ask, const struct reed_slice *params);
#define reed_irc_ask_say(ask, ...) \
	reed_irc_ask_send((ask), (const struct reed_slice[]){ __VA_ARGS__, { NULL, 0 } })
/* Lines that are in ask->out already. */
struct reed_future *reed_irc_ask_send_lines(struct irc_ask *ask);
/* The same with a line that is there, without CR LF. */
struct reed_future *reed_irc_ask_send_line(struct irc_ask *ask, struct reed_slice line);

/* True: somebody had asked for it. */
bool reed_irc_client_hear(struct reed_irc_client *c, const struct irc_batch *batch,
                          const struct reed_irc_message *m);
/* By its label. */
bool reed_irc_client_answers(struct reed_irc_client *c, const struct reed_irc_message *m,
                             const char *verb);
/* A batch with this label has ended. */
void reed_irc_client_batch_ended(struct reed_irc_client *c, const char *label);
/* The connection has ended, or the client does (REED_ECANCELED). */
void reed_irc_client_drop_asks(struct reed_irc_client *c, enum reed_err err);

/* A number in the message, or 0. */
int64_t reed_irc_number(const struct reed_irc_message *m, size_t i);
/* Moves the answer to the caller. */
void reed_irc_ask_move(struct irc_ask *ask, struct reed_pool *to);
/* One more row of an array in the pool: room for it; NULL over the limit. */
void *reed_irc_ask_row(struct irc_ask *ask, void **rows, size_t size);
enum reed_err reed_irc_ask_copy(struct irc_ask *ask, struct reed_slice s, struct reed_slice *out);

#endif
