/*
 * The numbers that servers answer with: name, number, what stands behind the
 * client's name, and the usual sentence at the end, if it is always the same.
 *
 * What a client may rely on are number and parameters; sentences are for
 * people.  Where there is no usual sentence the last parameter says something
 * of its own, shown in the parameters with a colon.
 *
 * Sources: RFC 2812 5, modern.ircdocs.horse "Numerics", IRCv3 sasl-3.1, monitor,
 * metadata, bot-mode and whox.
 */

#ifndef REED_IRC_NUMERICS_H
#define REED_IRC_NUMERICS_H

#include "reed/api.h"

REED_BEGIN_DECLS

/* In order of numbers. */
#define REED_IRC_REPLIES(X)                                                                        \
	X(RPL_WELCOME, 1, ":Welcome to the <network> Network, <nick>!<user>@<host>", NULL)         \
	X(RPL_YOURHOST, 2, ":Your host is <server>, running version <version>", NULL)              \
	X(RPL_CREATED, 3, ":This server was created <date>", NULL)                                 \
	X(RPL_MYINFO, 4,                                                                           \
	  "<server> <version> <user modes> <channel modes> "                                       \
	  "[<channel modes with a parameter>]",                                                    \
	  NULL)                                                                                    \
	X(RPL_ISUPPORT, 5, "<token>...", "are supported by this server")                           \
	X(RPL_BOUNCE, 10, "<host> <port> :<info>", NULL)                                           \
	X(RPL_YOURID, 42, "<id>", "your unique ID")                                                \
	X(RPL_REMOTEISUPPORT, 105, "<token>...", "are supported by this server")                   \
	X(RPL_STATSLINKINFO, 211, "<link> <queue> <lines out> <KB out> <lines in> <KB in> <s>",    \
	  NULL)                                                                                    \
	X(RPL_STATSCOMMANDS, 212, "<command> <count> [<bytes> <remote>]", NULL)                    \
	X(RPL_ENDOFSTATS, 219, "<letter>", "End of /STATS report")                                 \
	X(RPL_UMODEIS, 221, "<modes>", NULL)                                                       \
	X(RPL_STATSUPTIME, 242, ":Server Up <days> days <h>:<mm>:<ss>", NULL)                      \
	X(RPL_STATSOLINE, 243, "O <mask> <account> <name> 0 <class>", NULL)                        \
	X(RPL_STATSDEBUG, 249, "<letter> :<text>", NULL)                                           \
	X(RPL_LUSERCLIENT, 251, ":There are <u> users and <i> invisible on <s> servers", NULL)     \
	X(RPL_LUSEROP, 252, "<count>", "operator(s) online")                                       \
	X(RPL_LUSERUNKNOWN, 253, "<count>", "unknown connection(s)")                               \
	X(RPL_LUSERCHANNELS, 254, "<count>", "channels formed")                                    \
	X(RPL_LUSERME, 255, ":I have <c> clients and <s> servers", NULL)                           \
	X(RPL_ADMINME, 256, "[<server>]", "Administrative info")                                   \
	X(RPL_ADMINLOC1, 257, ":<where>", NULL)                                                    \
	X(RPL_ADMINLOC2, 258, ":<where exactly>", NULL)                                            \
	X(RPL_ADMINEMAIL, 259, ":<address>", NULL)                                                 \
	X(RPL_TRACEEND, 262, "<server> <version>", "End of TRACE")                                 \
	X(RPL_TRYAGAIN, 263, "<command>", "Please wait a while and try again.")                    \
	X(RPL_LOCALUSERS, 265, "<now> <most> :Current local users <now>, max <most>", NULL)        \
	X(RPL_GLOBALUSERS, 266, "<now> <most> :Current global users <now>, max <most>", NULL)      \
	X(RPL_SILELIST, 271, "<mask>", NULL)                                                       \
	X(RPL_ENDOFSILELIST, 272, "", "End of SILENCE list")                                       \
	X(RPL_WHOISCERTFP, 276, "<nick> :has client certificate fingerprint <hash>", NULL)         \
	X(RPL_ACCEPTLIST, 281, "<nick>...", NULL)                                                  \
	X(RPL_ENDOFACCEPT, 282, "", "End of ACCEPT list")                                          \
	X(RPL_NONE, 300, "", NULL)                                                                 \
	X(RPL_AWAY, 301, "<nick> :<message>", NULL)                                                \
	X(RPL_USERHOST, 302, ":<nick>[*]=(+|-)<host>...", NULL)                                    \
	X(RPL_ISON, 303, ":<nick>...", NULL)                                                       \
	X(RPL_UNAWAY, 305, "", "You are no longer marked as being away")                           \
	X(RPL_NOWAWAY, 306, "", "You have been marked as being away")                              \
	X(RPL_WHOISREGNICK, 307, "<nick>", "has identified for this nick")                         \
	X(RPL_WHOISUSER, 311, "<nick> <user> <host> * :<real name>", NULL)                         \
	X(RPL_WHOISSERVER, 312, "<nick> <server> :<info>", NULL)                                   \
	X(RPL_WHOISOPERATOR, 313, "<nick>", "is an IRC operator")                                  \
	X(RPL_WHOWASUSER, 314, "<nick> <user> <host> * :<real name>", NULL)                        \
	X(RPL_ENDOFWHO, 315, "<mask>", "End of WHO list")                                          \
	X(RPL_WHOISIDLE, 317, "<nick> <seconds> <signon>", "seconds idle, signon time")            \
	X(RPL_ENDOFWHOIS, 318, "<nick>", "End of /WHOIS list")                                     \
	X(RPL_WHOISCHANNELS, 319, "<nick> :[<prefix>]<channel>...", NULL)                          \
	X(RPL_WHOISSPECIAL, 320, "<nick> :<text>", NULL)                                           \
	X(RPL_LISTSTART, 321, "Channel", "Users  Name")                                            \
	X(RPL_LIST, 322, "<channel> <users> :<topic>", NULL)                                       \
	X(RPL_LISTEND, 323, "", "End of /LIST")                                                    \
	X(RPL_CHANNELMODEIS, 324, "<channel> <modes> [<param>...]", NULL)                          \
	X(RPL_CHANNEL_URL, 328, "<channel> :<url>", NULL)                                          \
	X(RPL_CREATIONTIME, 329, "<channel> <time>", NULL)                                         \
	X(RPL_WHOISACCOUNT, 330, "<nick> <account>", "is logged in as")                            \
	X(RPL_NOTOPIC, 331, "<channel>", "No topic is set")                                        \
	X(RPL_TOPIC, 332, "<channel> :<topic>", NULL)                                              \
	X(RPL_TOPICWHOTIME, 333, "<channel> <nick> <time>", NULL)                                  \
	X(RPL_WHOISBOT, 335, "<nick>", "is a bot")                                                 \
	X(RPL_INVITELIST, 336, "<channel>", NULL)                                                  \
	X(RPL_ENDOFINVITELIST, 337, "", "End of /INVITE list")                                     \
	X(RPL_WHOISACTUALLY, 338, "<nick> [<address>]", "is actually using host")                  \
	X(RPL_USERIP, 340, ":<nick>[*]=(+|-)<user>@<address>...", NULL)                            \
	X(RPL_INVITING, 341, "<nick> <channel>", NULL)                                             \
	X(RPL_INVEXLIST, 346, "<channel> <mask> [<who> <time>]", NULL)                             \
	X(RPL_ENDOFINVEXLIST, 347, "<channel>", "End of channel invite exception list")            \
	X(RPL_EXCEPTLIST, 348, "<channel> <mask> [<who> <time>]", NULL)                            \
	X(RPL_ENDOFEXCEPTLIST, 349, "<channel>", "End of channel exception list")                  \
	X(RPL_WHOISGATEWAY, 350, "<nick> * * :is connected via the <name> WebIRC gateway", NULL)   \
	X(RPL_VERSION, 351, "<version> <server> :<comments>", NULL)                                \
	X(RPL_WHOREPLY, 352,                                                                       \
	  "<channel> <user> <host> <server> <nick> <flags> :<hops> <real name>", NULL)             \
	X(RPL_NAMREPLY, 353, "<symbol> <channel> :[<prefix>]<nick>...", NULL)                      \
	X(RPL_WHOSPCRPL, 354, "<what was asked for>...", NULL)                                     \
	X(RPL_LINKS, 364, "<server> <uplink> :<hops> <info>", NULL)                                \
	X(RPL_ENDOFLINKS, 365, "<mask>", "End of /LINKS list")                                     \
	X(RPL_ENDOFNAMES, 366, "<channel>", "End of /NAMES list")                                  \
	X(RPL_BANLIST, 367, "<channel> <mask> [<who> <time>]", NULL)                               \
	X(RPL_ENDOFBANLIST, 368, "<channel>", "End of channel ban list")                           \
	X(RPL_ENDOFWHOWAS, 369, "<nick>", "End of WHOWAS")                                         \
	X(RPL_INFO, 371, ":<line>", NULL)                                                          \
	X(RPL_MOTD, 372, ":- <line>", NULL)                                                        \
	X(RPL_ENDOFINFO, 374, "", "End of INFO list")                                              \
	X(RPL_MOTDSTART, 375, ":- <server> Message of the day - ", NULL)                           \
	X(RPL_ENDOFMOTD, 376, "", "End of /MOTD command.")                                         \
	X(RPL_WHOISHOST, 378, "<nick> :is connecting from <user>@<host> <address>", NULL)          \
	X(RPL_WHOISMODES, 379, "<nick> :is using modes <modes>", NULL)                             \
	X(RPL_YOUREOPER, 381, "", "You are now an IRC operator")                                   \
	X(RPL_REHASHING, 382, "<file>", "Rehashing")                                               \
	X(RPL_TIME, 391, "<server> [<time>] :<date>", NULL)                                        \
	X(RPL_VISIBLEHOST, 396, "<host>", "is now your visible host")                              \
	X(ERR_UNKNOWNERROR, 400, "<command> :<text>", NULL)                                        \
	X(ERR_NOSUCHNICK, 401, "<nick>", "No such nick/channel")                                   \
	X(ERR_NOSUCHSERVER, 402, "<server>", "No such server")                                     \
	X(ERR_NOSUCHCHANNEL, 403, "<channel>", "No such channel")                                  \
	X(ERR_CANNOTSENDTOCHAN, 404, "<channel>", "Cannot send to channel")                        \
	X(ERR_TOOMANYCHANNELS, 405, "<channel>", "You have joined too many channels")              \
	X(ERR_WASNOSUCHNICK, 406, "<nick>", "There was no such nickname")                          \
	X(ERR_TOOMANYTARGETS, 407, "<target>", "Too many recipients")                              \
	X(ERR_NOORIGIN, 409, "", "No origin specified")                                            \
	X(ERR_INVALIDCAPCMD, 410, "<subcommand>", "Invalid CAP command")                           \
	X(ERR_NORECIPIENT, 411, ":No recipient given (<command>)", NULL)                           \
	X(ERR_NOTEXTTOSEND, 412, "", "No text to send")                                            \
	X(ERR_NOTOPLEVEL, 413, "<mask>", "No top level domain specified")                          \
	X(ERR_WILDTOPLEVEL, 414, "<mask>", "Wildcard in top level domain")                         \
	X(ERR_TOOMANYMATCHES, 416, "<command>", "Too many matches, be more precise")               \
	X(ERR_INPUTTOOLONG, 417, "", "Input line was too long")                                    \
	X(ERR_UNKNOWNCOMMAND, 421, "<command>", "Unknown command")                                 \
	X(ERR_NOMOTD, 422, "", "MOTD File is missing")                                             \
	X(ERR_NOADMININFO, 423, "<server>", "No administrative info available")                    \
	X(ERR_NONICKNAMEGIVEN, 431, "", "No nickname given")                                       \
	X(ERR_ERRONEUSNICKNAME, 432, "<nick>", "Erroneous nickname")                               \
	X(ERR_NICKNAMEINUSE, 433, "<nick>", "Nickname is already in use")                          \
	X(ERR_NICKCOLLISION, 436, "<nick>", "Nickname collision KILL")                             \
	X(ERR_UNAVAILRESOURCE, 437, "<name>", "Nick/channel is temporarily unavailable")           \
	X(ERR_USERNOTINCHANNEL, 441, "<nick> <channel>", "They aren't on that channel")            \
	X(ERR_NOTONCHANNEL, 442, "<channel>", "You're not on that channel")                        \
	X(ERR_USERONCHANNEL, 443, "<nick> <channel>", "is already on channel")                     \
	X(ERR_SUMMONDISABLED, 445, "", "SUMMON has been disabled")                                 \
	X(ERR_USERSDISABLED, 446, "", "USERS has been disabled")                                   \
	X(ERR_NONICKCHANGE, 447, ":Cannot change nickname: <reason>", NULL)                        \
	X(ERR_NOTREGISTERED, 451, "", "You have not registered")                                   \
	X(ERR_ACCEPTFULL, 456, "", "Accept list is full")                                          \
	X(ERR_ACCEPTEXIST, 457, "<nick>", "is already on your accept list")                        \
	X(ERR_ACCEPTNOT, 458, "<nick>", "is not on your accept list")                              \
	X(ERR_NEEDMOREPARAMS, 461, "<command>", "Not enough parameters")                           \
	X(ERR_ALREADYREGISTERED, 462, "", "You may not reregister")                                \
	X(ERR_PASSWDMISMATCH, 464, "", "Password incorrect")                                       \
	X(ERR_YOUREBANNEDCREEP, 465, "", "You are banned from this server.")                       \
	X(ERR_KEYSET, 467, "<channel>", "Channel key already set")                                 \
	X(ERR_LINKCHANNEL, 470, "<channel> <other>", "Forwarding to another channel")              \
	X(ERR_CHANNELISFULL, 471, "<channel>", "Cannot join channel (+l)")                         \
	X(ERR_UNKNOWNMODE, 472, "<letter>", "is unknown mode char to me")                          \
	X(ERR_INVITEONLYCHAN, 473, "<channel>", "Cannot join channel (+i)")                        \
	X(ERR_BANNEDFROMCHAN, 474, "<channel>", "Cannot join channel (+b)")                        \
	X(ERR_BADCHANNELKEY, 475, "<channel>", "Cannot join channel (+k)")                         \
	X(ERR_BADCHANMASK, 476, "<channel>", "Bad channel mask")                                   \
	X(ERR_NEEDREGGEDNICK, 477, "<channel>", "You need to be logged in to an account")          \
	X(ERR_BANLISTFULL, 478, "<channel> <letter>", "Channel list is full")                      \
	X(ERR_NOPRIVILEGES, 481, "", "Permission denied - you're not an IRC operator")             \
	X(ERR_CHANOPRIVSNEEDED, 482, "<channel>", "You're not channel operator")                   \
	X(ERR_CANTKILLSERVER, 483, "", "You can't kill a server!")                                 \
	X(ERR_RESTRICTED, 484, "", "Your connection is restricted!")                               \
	X(ERR_NONONREG, 486, "<nick>", "You must log in to send to this user")                     \
	X(ERR_NOOPERHOST, 491, "", "No O-lines for your host")                                     \
	X(ERR_NOCTCP, 492, "<target>", "Cannot send CTCP to this target")                          \
	X(ERR_UMODEUNKNOWNFLAG, 501, "", "Unknown MODE flag")                                      \
	X(ERR_USERSDONTMATCH, 502, "", "Can't change mode for other users")                        \
	X(ERR_SILELISTFULL, 511, "<mask>", "Your silence list is full")                            \
	X(ERR_HELPNOTFOUND, 524, "<subject>", "No help available on this topic")                   \
	X(ERR_INVALIDKEY, 525, "<channel>", "Key is not well-formed")                              \
	X(ERR_CANTSENDTOUSER, 531, "<nick>", "You are not permitted to send to this user")         \
	X(RPL_STARTTLS, 670, "", "STARTTLS successful, proceed with TLS handshake")                \
	X(RPL_WHOISSECURE, 671, "<nick>", "is using a secure connection")                          \
	X(ERR_STARTTLS, 691, ":STARTTLS failed (<reason>)", NULL)                                  \
	X(ERR_INVALIDMODEPARAM, 696, "<target> <letter> <param> :<reason>", NULL)                  \
	X(ERR_LISTMODEALREADYSET, 697, "<channel> <mask> <letter>", "is on the list already")      \
	X(ERR_LISTMODENOTSET, 698, "<channel> <mask> <letter>", "is not on the list")              \
	X(RPL_HELPSTART, 704, "<subject> :<line>", NULL)                                           \
	X(RPL_HELPTXT, 705, "<subject> :<line>", NULL)                                             \
	X(RPL_ENDOFHELP, 706, "<subject>", "End of /HELP")                                         \
	X(ERR_TARGCHANGE, 707, "<target>", "Targets changing too fast, message dropped")           \
	X(RPL_KNOCK, 710, "<channel> <nick>!<user>@<host>", "has asked for an invite")             \
	X(RPL_KNOCKDLVR, 711, "<channel>", "Your KNOCK has been delivered")                        \
	X(ERR_TOOMANYKNOCK, 712, "<channel>", "Too many KNOCKs")                                   \
	X(ERR_CHANOPEN, 713, "<channel>", "Channel is open")                                       \
	X(ERR_KNOCKONCHAN, 714, "<channel>", "You are already on that channel")                    \
	X(RPL_TARGUMODEG, 716, "<nick>", "is in +g mode (server-side ignore)")                     \
	X(RPL_TARGNOTIFY, 717, "<nick>", "has been informed that you messaged them")               \
	X(RPL_UMODEGMSG, 718, "<nick> <user>@<host>", "is messaging you, and you are +g")          \
	X(ERR_NOPRIVS, 723, "<privilege>", "Insufficient oper privileges.")                        \
	X(RPL_QUIETLIST, 728, "<channel> <letter> <mask> [<who> <time>]", NULL)                    \
	X(RPL_ENDOFQUIETLIST, 729, "<channel> <letter>", "End of channel quiet list")              \
	X(RPL_MONONLINE, 730, ":<nick>!<user>@<host>[,...]", NULL)                                 \
	X(RPL_MONOFFLINE, 731, ":<nick>[,...]", NULL)                                              \
	X(RPL_MONLIST, 732, ":<nick>[,...]", NULL)                                                 \
	X(RPL_ENDOFMONLIST, 733, "", "End of MONITOR list")                                        \
	X(ERR_MONLISTFULL, 734, "<limit> <nicks>", "Monitor list is full.")                        \
	X(ERR_MLOCKRESTRICTED, 742, "<channel> <letter> <lock>", "Mode is locked")                 \
	X(RPL_WHOISKEYVALUE, 760, "<target> <key> <visibility> :<value>", NULL)                    \
	X(RPL_KEYVALUE, 761, "<target> <key> <visibility> :<value>", NULL)                         \
	X(RPL_KEYNOTSET, 766, "<target> <key>", "key not set")                                     \
	X(RPL_METADATASUBOK, 770, "<key>...", NULL)                                                \
	X(RPL_METADATAUNSUBOK, 771, "<key>...", NULL)                                              \
	X(RPL_METADATASUBS, 772, "<key>...", NULL)                                                 \
	X(RPL_METADATASYNCLATER, 774, "<target> [<seconds>]", NULL)                                \
	X(RPL_LOGGEDIN, 900, "<nick>!<user>@<host> <account> :You are now logged in as <account>", \
	  NULL)                                                                                    \
	X(RPL_LOGGEDOUT, 901, "<nick>!<user>@<host>", "You are now logged out")                    \
	X(ERR_NICKLOCKED, 902, "", "You must use a nick assigned to you")                          \
	X(RPL_SASLSUCCESS, 903, "", "SASL authentication successful")                              \
	X(ERR_SASLFAIL, 904, "", "SASL authentication failed")                                     \
	X(ERR_SASLTOOLONG, 905, "", "SASL message too long")                                       \
	X(ERR_SASLABORTED, 906, "", "SASL authentication aborted")                                 \
	X(ERR_SASLALREADY, 907, "", "You have already authenticated using SASL")                   \
	X(RPL_SASLMECHS, 908, "<mechanisms>", "are available SASL mechanisms")

enum reed_irc_numeric {
#define X(name, number, params, text) REED_IRC_##name = (number),
	REED_IRC_REPLIES(X)
#undef X
};

/* "ERR_NICKNAMEINUSE" for 433; NULL for what is not in the list. */
REED_API const char *reed_irc_numeric_name(unsigned number);

/* "<nick>" for 433; NULL for what is not in the list. */
REED_API const char *reed_irc_numeric_params(unsigned number);

/* "Nickname is already in use" for 433; NULL when there is no usual sentence. */
REED_API const char *reed_irc_numeric_text(unsigned number);

/* A refusal: 400 to 599 and those of the list that are called ERR_. */
REED_API bool reed_irc_numeric_is_error(unsigned number);

REED_END_DECLS

#endif
