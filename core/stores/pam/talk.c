#include "talk.h"

#include <security/pam_appl.h>
#include <stdlib.h>
#include <string.h>

/* ---- the conversation ---- */

struct talk {
	const struct pam_attempt *attempt;
	bool told; /* the password, which is told once */
};

/* PAM frees what it is given with free(), so it has to come from where that belongs to. */
static char *give(const char *text)
{
	size_t n = strlen(text) + 1;
	char *copy = malloc(n);

	return copy ? memcpy(copy, text, n) : NULL;
}

static int reply(struct talk *talk, const struct pam_message *message, struct pam_response *out)
{
	switch (message->msg_style) {
	case PAM_PROMPT_ECHO_OFF:
		if (talk->told)
			return PAM_CONV_ERR;
		talk->told = true;
		out->resp = give(talk->attempt->password);
		return out->resp ? PAM_SUCCESS : PAM_BUF_ERR;
	case PAM_PROMPT_ECHO_ON:
		out->resp = give(talk->attempt->user);
		return out->resp ? PAM_SUCCESS : PAM_BUF_ERR;
	case PAM_ERROR_MSG:
	case PAM_TEXT_INFO:
		return PAM_SUCCESS;
	default:
		return PAM_CONV_ERR;
	}
}

static void take_back(struct pam_response *replies, int count)
{
	for (int i = 0; i < count; i++) {
		if (replies[i].resp)
			explicit_bzero(replies[i].resp, strlen(replies[i].resp));
		free(replies[i].resp);
	}
	free(replies);
}

static int converse(int count, const struct pam_message **messages, struct pam_response **out,
                    void *arg)
{
	struct pam_response *replies;
	int err = PAM_SUCCESS;

	if (count < 1 || count > PAM_MAX_NUM_MSG)
		return PAM_CONV_ERR;
	replies = calloc((size_t)count, sizeof(*replies));
	if (!replies)
		return PAM_BUF_ERR;
	for (int i = 0; i < count && !err; i++)
		err = reply(arg, messages[i], &replies[i]);
	if (err)
		take_back(replies, count);
	else
		*out = replies;
	return err;
}

/* ---- the attempt ---- */

static void no_delay(int status, unsigned usec, void *arg)
{
	(void)status;
	(void)usec;
	(void)arg;
}

/* An item is a pointer to an object, and this one a function: ISO C has no cast for it. */
static int leave_delays_out(pam_handle_t *pam)
{
	void (*function)(int, unsigned, void *) = no_delay;
	void *item;

	memcpy(&item, &function, sizeof(item));
	return pam_set_item(pam, PAM_FAIL_DELAY, item);
}

static int ask(pam_handle_t *pam, const struct pam_attempt *a)
{
	int err = leave_delays_out(pam);

	if (!err && *a->address)
		err = pam_set_item(pam, PAM_RHOST, a->address);
	if (!err && *a->door)
		err = pam_set_item(pam, PAM_TTY, a->door);
	if (!err)
		err = pam_authenticate(pam, PAM_SILENT | PAM_DISALLOW_NULL_AUTHTOK);
	return err ? err : pam_acct_mgmt(pam, PAM_SILENT | PAM_DISALLOW_NULL_AUTHTOK);
}

/* A module may have made another user of the one who came. */
static int learn_name(pam_handle_t *pam, struct pam_attempt *a)
{
	const void *user = NULL;
	int err = pam_get_item(pam, PAM_USER, &user);

	if (!err && (!user || !reed_slice_copy(a->name, sizeof(a->name), reed_slice_of(user))))
		err = PAM_SYSTEM_ERR;
	return err;
}

static enum reed_err meaning(struct pam_attempt *a, pam_handle_t *pam, int err)
{
	switch (err) {
	case PAM_SUCCESS:
		return REED_OK;
	case PAM_USER_UNKNOWN:
		return REED_ENOENT;
	case PAM_AUTH_ERR:
	case PAM_PERM_DENIED:
	case PAM_MAXTRIES:
	case PAM_ACCT_EXPIRED:
	case PAM_CRED_EXPIRED:
	case PAM_AUTHTOK_EXPIRED:
	case PAM_NEW_AUTHTOK_REQD:
		return REED_EAUTH;
	case PAM_CONV_ERR:
		snprintf(a->why, sizeof(a->why), "PAM (%s) asks for more than a password",
		         a->service);
		return REED_EIO;
	default:
		snprintf(a->why, sizeof(a->why), "PAM (%s): %s", a->service,
		         pam_strerror(pam, err));
		return REED_EIO;
	}
}

enum reed_err pam_attempt(struct pam_attempt *a)
{
	struct talk talk = { .attempt = a };
	const struct pam_conv conv = { converse, &talk };
	pam_handle_t *pam = NULL;
	enum reed_err result;
	int err = a->folder ? pam_start_confdir(a->service, a->user, &conv, a->folder, &pam)
	                    : pam_start(a->service, a->user, &conv, &pam);

	if (!err)
		err = ask(pam, a);
	if (!err)
		err = learn_name(pam, a);
	result = meaning(a, pam, err);
	if (pam)
		pam_end(pam, err | PAM_DATA_SILENT);
	return result;
}
