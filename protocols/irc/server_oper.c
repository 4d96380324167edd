/* OPER, KILL, WALLOPS, KLINE, UNKLINE, REHASH, DIE: for who runs the server. */

#include <stdio.h>
#include <string.h>

#include "irc_login.h"

#include "reed/offload.h"
#include "reed/verifier.h"

/* ---- OPER ---- */

void reed_irc_empower(struct irc_conn *c, const struct reed_irc_operator *op)
{
	reed_user_empower(irc_user(c), op->operator_class ? op->operator_class : op->name,
	                  op->privileges);
	reed_irc_tell(c, REED_IRC_RPL_YOUREOPER);
}

/* A password is derived in a thread: it takes some milliseconds. */
struct check {
	struct reed_job job;
	struct reed_verifier verifier;
	char *password;
	bool right, *out;
};

static enum reed_err check_run(struct reed_job *job)
{
	struct check *self = reed_job_frame(job, struct check);

	self->right = reed_verifier_matches(&self->verifier, reed_slice_of(self->password));
	return REED_OK;
}

static void check_deliver(struct reed_job *job)
{
	struct check *self = reed_job_frame(job, struct check);

	*self->out = self->right;
}

static void check_end(struct reed_job *job)
{
	struct check *self = reed_job_frame(job, struct check);

	reed_wipe(self->password, strlen(self->password));
	reed_free(self->password);
}

static const struct reed_job_kind check_kind = {
	.name = "oper",
	.size = sizeof(struct check),
	.run = check_run,
	.deliver = check_deliver,
	.end = check_end,
};

static const struct reed_irc_operator *find_operator(struct irc_conn *c, struct reed_slice name)
{
	const struct reed_irc_server_options *o = &c->server->options;

	for (size_t i = 0; i < o->operator_count; i++)
		if (reed_slice_is(name, o->operators[i].name))
			return &o->operators[i];
	return NULL;
}

static void oper_failed(struct irc_conn *c)
{
	reed_irc_tell(c, REED_IRC_ERR_PASSWDMISMATCH);
	reed_irc_count_failure(c);
}

/* With those at accounts, by address; false: too many. */
static bool count_attempt(struct irc_conn *c, struct reed_slice name, struct reed_attempt **out)
{
	char address[REED_ADDRESS_TEXT];
	struct reed_peer from = reed_irc_peer(c, address);
	int64_t wait;

	if (!c->server->portal || !reed_attempt_begin(c->server->portal, "oper", name, &from, out))
		return true;
	wait = reed_portal_wait(c->server->portal, REED_STR(""), &from) / REED_S(1) + 1;
	reed_irc_tell_text(c, REED_IRC_ERR_PASSWDMISMATCH, REED_STR(""),
	                   "Too many attempts: try again in %d seconds", (int)wait);
	return false;
}

static void oper_woken(struct reed_waiter *w, enum reed_err err, struct reed_fault *fault)
{
	struct irc_login *login = reed_irc_login_woken(w);
	struct irc_conn *c = login->conn;
	const struct reed_irc_operator *op = find_operator(c, reed_slice_of(login->account));
	/* the settings may have taken the operator away meanwhile */
	bool right = !err && login->right && op;

	reed_attempt_end(login->attempt, right ? REED_OK : REED_EAUTH);
	login->attempt = NULL;
	if (right) {
		reed_irc_empower(c, op);
		if (c->server->options.opered)
			c->server->options.opered(c->server->options.arg, op->name,
			                          c->avatar ? c->avatar->account : NULL);
	}
	reed_irc_label_end(c);
	reed_irc_login_over(login);
	if (!right)
		oper_failed(c);
	reed_fault_free(fault);
}

void reed_irc_cmd_oper(struct irc_conn *c, const struct reed_irc_message *m)
{
	const struct reed_irc_operator *op = find_operator(c, m->params[0]);
	struct reed_attempt *attempt = NULL;
	struct irc_login *login;
	struct check *check;

	if (op && op->needs_account && !c->avatar) {
		reed_irc_notice(c, "OPER: log in to an account first, so that it is known who you "
		                   "are: /msg NickServ REGISTER <password>");
		return;
	}
	if (!count_attempt(c, m->params[0], &attempt))
		return;
	if (!op || !op->verifier ||
	    (op->account && (!c->avatar || strcmp(c->avatar->account, op->account) != 0))) {
		reed_attempt_end(attempt, REED_EAUTH);
		oper_failed(c);
		return;
	}
	check = reed_job_new(c->server->loop, &check_kind);
	login = reed_irc_login_new(c);
	login->account = reed_strdup(op->name);
	login->attempt = attempt;
	check->password = reed_slice_dup(m->params[1]);
	check->out = &login->right;
	if (reed_verifier_parse(reed_slice_of(op->verifier), &check->verifier))
		check->verifier.iterations = REED_ITERATIONS; /* matches nothing */
	reed_irc_login_wait(login, reed_offload(&check->job), oper_woken);
}

/* ---- KILL, WALLOPS ---- */

void reed_irc_cmd_kill(struct irc_conn *c, const struct reed_irc_message *m)
{
	struct reed_user *user = reed_irc_find_user(c, m->params[0]);
	char reason[400];
	enum reed_refusal why;

	if (!user)
		return;
	snprintf(reason, sizeof(reason), "Killed (%s (" REED_FMT "))", irc_user(c)->nick,
	         REED_ARG(reed_irc_param(m, 1)));
	why = reed_user_kill(&c->session, user, reed_slice_of(reason));
	if (why)
		reed_irc_refuse(c, why, "KILL", m->params[0]);
}

void reed_irc_cmd_wallops(struct irc_conn *c, const struct reed_irc_message *m)
{
	enum reed_refusal why =
		reed_hub_note(c->server->hub, &c->session, REED_USER_HEARS_SERVER, m->params[0]);

	if (why)
		reed_irc_refuse(c, why, "WALLOPS", REED_STR(""));
}

/* ---- KLINE [minutes] <mask> <reason> ---- */

void reed_irc_cmd_kline(struct irc_conn *c, const struct reed_irc_message *m)
{
	struct reed_slice mask = m->params[0], reason = reed_irc_param(m, 1);
	uint64_t minutes = 0;
	enum reed_refusal why;
	size_t gone = 0;

	if (m->count > 1 && !reed_slice_u64(mask, 5256000, &minutes)) {
		mask = m->params[1];
		reason = reed_irc_param(m, 2);
	}
	why = reed_hub_ban(c->server->hub, &c->session, mask, reason, (int64_t)minutes * 60, &gone);
	if (why)
		reed_irc_refuse(c, why, "KLINE", mask);
	else
		reed_irc_notice(c, REED_FMT " is banned; %zu clients are gone", REED_ARG(mask),
		                gone);
}

void reed_irc_cmd_unkline(struct irc_conn *c, const struct reed_irc_message *m)
{
	enum reed_refusal why = reed_hub_unban(c->server->hub, &c->session, m->params[0]);

	if (why)
		reed_irc_refuse(c, why, "UNKLINE", m->params[0]);
	else
		reed_irc_notice(c, REED_FMT " is no longer banned", REED_ARG(m->params[0]));
}

/* ---- REHASH, DIE ---- */

static bool may_run(struct irc_conn *c)
{
	if (irc_user(c)->privileges & REED_MAY_KILL && irc_user(c)->privileges & REED_MAY_BAN)
		return true;
	reed_irc_tell(c, REED_IRC_ERR_NOPRIVILEGES);
	return false;
}

void reed_irc_cmd_rehash(struct irc_conn *c, const struct reed_irc_message *m)
{
	const struct reed_irc_server_options *o = &c->server->options;

	(void)m;
	if (!may_run(c))
		return;
	if (!o->rehash) {
		reed_irc_notice(c, "This server has no settings file to read again");
		return;
	}
	reed_irc_tell1(c, REED_IRC_RPL_REHASHING, REED_STR("settings"));
	o->rehash(o->arg);
}

void reed_irc_cmd_die(struct irc_conn *c, const struct reed_irc_message *m)
{
	const struct reed_irc_server_options *o = &c->server->options;
	char why[300];

	if (!may_run(c))
		return;
	snprintf(why, sizeof(why), "%s: " REED_FMT, irc_user(c)->nick,
	         REED_ARG(reed_irc_param(m, 0)));
	if (o->die)
		o->die(o->arg, why);
	else
		reed_irc_notice(c, "This server cannot be stopped from here");
}
