/* What the hub refuses, in the numerics of IRC. */

#include "irc_server.h"

#include <stdio.h>
#include <string.h>

struct answer {
	unsigned numeric;
	bool named; /* has what it was about as a parameter */
};

static const struct answer answers[] = {
	[REED_REFUSAL_NO_ROOM] = { REED_IRC_ERR_NOSUCHCHANNEL, true },
	[REED_REFUSAL_NO_USER] = { REED_IRC_ERR_NOSUCHNICK, true },
	[REED_REFUSAL_NOT_MEMBER] = { REED_IRC_ERR_NOTONCHANNEL, true },
	[REED_REFUSAL_NEEDS_ROLE] = { REED_IRC_ERR_CHANOPRIVSNEEDED, true },
	[REED_REFUSAL_OUTRANKED] = { REED_IRC_ERR_CHANOPRIVSNEEDED, true },
	[REED_REFUSAL_NEEDS_PRIVILEGE] = { REED_IRC_ERR_NOPRIVILEGES, false },
	[REED_REFUSAL_BANNED] = { REED_IRC_ERR_BANNEDFROMCHAN, true },
	[REED_REFUSAL_SERVER_BANNED] = { REED_IRC_ERR_YOUREBANNEDCREEP, false },
	[REED_REFUSAL_FULL] = { REED_IRC_ERR_CHANNELISFULL, true },
	[REED_REFUSAL_WRONG_KEY] = { REED_IRC_ERR_BADCHANNELKEY, true },
	[REED_REFUSAL_INVITE_ONLY] = { REED_IRC_ERR_INVITEONLYCHAN, true },
	[REED_REFUSAL_OUTSIDE] = { REED_IRC_ERR_CANNOTSENDTOCHAN, true },
	[REED_REFUSAL_MODERATED] = { REED_IRC_ERR_CANNOTSENDTOCHAN, true },
	[REED_REFUSAL_TOO_FAST] = { REED_IRC_ERR_CANNOTSENDTOCHAN, true },
	[REED_REFUSAL_BLOCKED] = { REED_IRC_ERR_CANTSENDTOUSER, true },
	[REED_REFUSAL_NICK_INVALID] = { REED_IRC_ERR_ERRONEUSNICKNAME, true },
	[REED_REFUSAL_NICK_IN_USE] = { REED_IRC_ERR_NICKNAMEINUSE, true },
	[REED_REFUSAL_NICK_RESERVED] = { REED_IRC_ERR_NICKNAMEINUSE, true },
	[REED_REFUSAL_NICK_LOCKED] = { REED_IRC_ERR_NONICKCHANGE, false },
	[REED_REFUSAL_NAME_INVALID] = { REED_IRC_ERR_BADCHANMASK, true },
	[REED_REFUSAL_TOO_MANY_ROOMS] = { REED_IRC_ERR_TOOMANYCHANNELS, true },
	[REED_REFUSAL_HUB_FULL] = { REED_IRC_ERR_UNAVAILRESOURCE, true },
	[REED_REFUSAL_LIST_FULL] = { REED_IRC_ERR_BANLISTFULL, true },
	[REED_REFUSAL_EMPTY] = { REED_IRC_ERR_NOTEXTTOSEND, false },
	[REED_REFUSAL_TOO_LONG] = { REED_IRC_ERR_INPUTTOOLONG, false },
};

bool reed_irc_next_target(struct irc_conn *c, struct reed_slice *rest, unsigned *left,
                          struct reed_slice *target)
{
	while (rest->n > 0) {
		*target = reed_slice_cut(rest, ',');
		if (target->n == 0)
			continue;
		if ((*left)-- > 0)
			return true;
		reed_irc_tell1(c, REED_IRC_ERR_TOOMANYTARGETS, *target);
		break;
	}
	return false;
}

static struct answer answer_of(enum reed_refusal why, const char *command)
{
	struct answer a = { 0, false };

	if (why < REED_COUNT(answers))
		a = answers[why];

	/* a numeric of its own for those who speak and for those who come in */
	if (why == REED_REFUSAL_BANNED && strcmp(command, "PRIVMSG") == 0)
		a.numeric = REED_IRC_ERR_CANNOTSENDTOCHAN;
	if (why == REED_REFUSAL_NEEDS_ACCOUNT && strcmp(command, "JOIN") == 0)
		a = (struct answer){ REED_IRC_ERR_NEEDREGGEDNICK, true };
	else if (why == REED_REFUSAL_NEEDS_ACCOUNT && strcmp(command, "PRIVMSG") == 0)
		a = (struct answer){ REED_IRC_ERR_CANNOTSENDTOCHAN, true };
	return a;
}

void reed_irc_too_long(struct irc_conn *c, const char *command, const char *what, uint32_t most)
{
	char text[100];

	snprintf(text, sizeof(text), "Here a %s has at most %u bytes: make it shorter", what, most);
	reed_irc_standard(c, "FAIL", command, "TOO_LONG", REED_STR(""), text);
}

/* The sentence is the hub's, which says more than the usual one. */
void reed_irc_refuse(struct irc_conn *c, enum reed_refusal why, const char *command,
                     struct reed_slice name)
{
	struct answer a = answer_of(why, command);
	struct irc_line l;

	reed_irc_count_refusal(c->server, why);
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
