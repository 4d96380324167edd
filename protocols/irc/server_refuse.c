/* What the hub refuses, in the numerics of IRC. */

#include "irc_server.h"

#include <string.h>

struct answer {
	unsigned numeric;
	bool named; /* has what it was about as a parameter */
};

static const struct answer answers[] = {
	[REED_REFUSAL_NO_ROOM] = { 403, true },
	[REED_REFUSAL_NO_USER] = { 401, true },
	[REED_REFUSAL_NOT_MEMBER] = { 442, true },
	[REED_REFUSAL_NEEDS_ROLE] = { 482, true },
	[REED_REFUSAL_OUTRANKED] = { 482, true },
	[REED_REFUSAL_NEEDS_PRIVILEGE] = { 481, false },
	[REED_REFUSAL_BANNED] = { 474, true },
	[REED_REFUSAL_SERVER_BANNED] = { 465, false },
	[REED_REFUSAL_FULL] = { 471, true },
	[REED_REFUSAL_WRONG_KEY] = { 475, true },
	[REED_REFUSAL_INVITE_ONLY] = { 473, true },
	[REED_REFUSAL_OUTSIDE] = { 404, true },
	[REED_REFUSAL_MODERATED] = { 404, true },
	[REED_REFUSAL_TOO_FAST] = { 404, true },
	[REED_REFUSAL_BLOCKED] = { 531, true },
	[REED_REFUSAL_NICK_INVALID] = { 432, true },
	[REED_REFUSAL_NICK_IN_USE] = { 433, true },
	[REED_REFUSAL_NICK_RESERVED] = { 433, true },
	[REED_REFUSAL_NICK_LOCKED] = { 447, false },
	[REED_REFUSAL_NAME_INVALID] = { 476, true },
	[REED_REFUSAL_TOO_MANY_ROOMS] = { 405, true },
	[REED_REFUSAL_LIST_FULL] = { 478, true },
	[REED_REFUSAL_EMPTY] = { 412, false },
	[REED_REFUSAL_TOO_LONG] = { 417, false },
};

static struct answer answer_of(enum reed_refusal why, const char *command)
{
	struct answer a = { 0, false };

	if (why < REED_COUNT(answers))
		a = answers[why];

	/* a numeric of its own for those who speak and for those who come in */
	if (why == REED_REFUSAL_BANNED && strcmp(command, "PRIVMSG") == 0)
		a.numeric = 404;
	if (why == REED_REFUSAL_NEEDS_ACCOUNT && strcmp(command, "JOIN") == 0)
		a = (struct answer){ 477, true };
	else if (why == REED_REFUSAL_NEEDS_ACCOUNT && strcmp(command, "PRIVMSG") == 0)
		a = (struct answer){ 404, true };
	return a;
}

/* The sentence is the hub's, which says more than the usual one. */
void reed_irc_refuse(struct irc_conn *c, enum reed_refusal why, const char *command,
                     struct reed_slice name)
{
	struct answer a = answer_of(why, command);
	struct irc_line l;

	if (!a.numeric) {
		reed_irc_standard(c, "FAIL", command, reed_refusal_name(why), name,
		                  reed_refusal_text(why));
		return;
	}
	if (why == REED_REFUSAL_LIST_FULL) {
		reed_irc_begin_numeric(c, &l, a.numeric);
		reed_irc_build_param(&l.b, name);
		reed_irc_build_param(&l.b, REED_STR("b"));
		reed_irc_build_text_cut(&l.b, reed_slice_of(reed_refusal_text(why)));
		reed_irc_end(c, &l);
		return;
	}
	reed_irc_tell_text(c, a.numeric, a.named ? name : REED_STR(""), "%s",
	                   reed_refusal_text(why));
}
