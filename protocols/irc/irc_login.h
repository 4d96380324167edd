/* What logs in, and what registers, share. */

#ifndef REED_IRC_LOGIN_H
#define REED_IRC_LOGIN_H

#include "irc_server.h"
#include "reed/tls.h"

typedef void reed_wake_fn(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault);

/* Of the peer and the connection, for as long as an exchange looks at it. */
struct irc_known {
	struct reed_certificate certificate;
	uint8_t exporter[REED_TLS_BINDING_ROOM], end_point[REED_TLS_BINDING_ROOM];
	char address[REED_ADDRESS_TEXT];
};

struct irc_login {
	struct irc_conn *conn;
	struct reed_waiter waiter; /* owns what is under way */
	struct irc_label *label;   /* of the command that began it */
	struct reed_sasl *sasl;
	struct reed_sasl_reply reply;
	struct reed_avatar *avatar;
	struct irc_known known;
	struct reed_buf in;                   /* base64 so far */
	char *account, *password;             /* to be registered */
	const char *service;                  /* NickServ's user; NULL: REGISTER's or PASS's */
	struct reed_attempt *attempt;         /* at an operator's password */
	bool right;                           /* it was */
	const char *done;                     /* what is told when an account was changed */
	struct reed_principal *known_account; /* asked for */
	struct reed_principal_list listed;    /* the same, of many */
};

struct irc_login *reed_irc_login_new(struct irc_conn *c);
void reed_irc_login_over(struct irc_login *login);
void reed_irc_login_wait(struct irc_login *login, struct reed_future *f, reed_wake_fn *wake);
struct irc_login *reed_irc_login_woken(struct reed_waiter *w);
struct reed_peer reed_irc_peer(struct irc_conn *c, char text[REED_ADDRESS_TEXT]);
bool reed_irc_logged_in(struct irc_conn *c, struct reed_avatar *avatar);
const char *reed_irc_login_why(enum reed_err err, const struct reed_fault *fault);
void reed_irc_count_failure(struct irc_conn *c);
/* service: NickServ's user, who is told by it; NULL: PASS. */
void reed_irc_login_password(struct irc_conn *c, const char *service, struct reed_slice account,
                             struct reed_slice password);
/* service: NickServ's user, who is told by it; NULL: REGISTER. */
void reed_irc_make_account(struct irc_conn *c, const char *service, struct reed_slice account,
                           struct reed_slice password);
/* It has no avatar any more, and its user no account. */
void reed_irc_logged_out(struct irc_conn *c);

/* Words of NickServ for who is logged in (server_certificate.c); rest is what follows the verb. */
void reed_irc_change_password(struct irc_conn *c, struct reed_slice rest);
void reed_irc_set_something(struct irc_conn *c, struct reed_slice rest);
void reed_irc_certificates(struct irc_conn *c, struct reed_slice rest);
void reed_irc_drop_account(struct irc_conn *c, struct reed_slice rest);
void reed_irc_nickserv(struct irc_conn *c, struct reed_slice verb, struct reed_slice rest);
/* What an account with the role "admin" is. */
extern const struct reed_irc_operator reed_irc_administrator;
void reed_irc_empower(struct irc_conn *c, const struct reed_irc_operator *op);

#endif
