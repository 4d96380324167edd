/* What an operator may decide. */

#include <string.h>

#include "chat.h"

#include "reed/own_cert.h"
#include "reed/settings.h"
#include "reed/verifier.h"

enum { NETWORK_MOST = 64 };

static const struct reed_setting operator_table[] = {
	REED_SETTING(STRING, struct chat_operator, name, .required = true,
	             .help = "The name to give with OPER."),
	REED_SETTING(STRING, struct chat_operator, account,
	             .help = "The account one must be logged in to."),
	REED_SETTING(SECRET, struct chat_operator, verifier,
	             .help = "The password's verifier, SCRAM-SHA-256$...; without it the account "
	                     "is enough."),
	REED_SETTING(STRING, struct chat_operator, operator_class, .key = "class",
	             .help = "What WHOIS shows."),
};

static const struct reed_schema operator_schema =
	REED_SCHEMA(struct chat_operator, operator_table, .about = "Who runs the server.");

static void check_operator(const struct chat_operator *o, struct reed_setting_judge *judge)
{
	struct reed_verifier v;

	if (!*o->name || strpbrk(o->name, " \t\r\n") || *o->name == ':')
		judge->reject(judge, &o->name,
		              "nobody can give that name with OPER; write one word");
	if (o->verifier && reed_verifier_parse(reed_slice_of(o->verifier), &v))
		judge->reject(judge, &o->verifier,
		              "is no verifier; one is SCRAM-SHA-256$ITERATIONS:SALT$STOREDKEY:"
		              "SERVERKEY");
	if (!o->verifier && !o->account)
		judge->reject(judge, &o->name,
		              "anybody could be this one; give it an account or a verifier");
}

static void check_settings(const void *values, struct reed_setting_judge *judge)
{
	const struct chat_settings *s = values;

	for (size_t i = 0; i < s->operators.n; i++)
		check_operator(&s->operators.items[i], judge);
}

/* It is a token of 005, where a blank ends it (modern.ircdocs.horse, RPL_ISUPPORT). */
static bool check_network(const char *text, struct reed_buf *why)
{
	size_t n = strlen(text);

	if (n > 0 && n <= NETWORK_MOST && strcspn(text, " \t\r\n=") == n)
		return true;
	reed_buf_add_str(why, "is no name of a network; write one word, as in ExampleNet");
	return false;
}

static const struct reed_setting table[] = {
	REED_SETTING_LIST(ENDPOINT, struct chat_settings, irc,
	                  .preset = "tcp:6667:interface=localhost, tls:6697",
	                  .check = reed_own_cert_listens, .help = "Where IRC clients are awaited."),
	REED_SETTING(STRING, struct chat_settings, network, .placeholder = "NAME",
	             .check = check_network,
	             .help = "What the network is called; without it the server's name."),
	REED_SETTING(PATH, struct chat_settings, tls_cert, .key = "tls-cert",
	             .placeholder = "FILE_OR_DIR", .probe = reed_setting_certificate,
	             .help = "Certificate and key in PEM, or a folder of them; without it one of "
	                     "our own making in the state directory."),
	REED_SETTING(SECRET, struct chat_settings, password,
	             .help = "Clients must send it with PASS."),
	REED_SETTING(STRING, struct chat_settings, motd, .reload = REED_SETTING_LIVE,
	             .help = "The message of the day, in lines."),
	REED_SETTING(STRING, struct chat_settings, rules, .reload = REED_SETTING_LIVE,
	             .help = "The rules of the house, in lines."),
	REED_SETTING(BOOL, struct chat_settings, registration, .preset = "yes",
	             .reload = REED_SETTING_LIVE, .help = "Anybody may make an account."),
	REED_SETTING(BOOL, struct chat_settings, account_required, .reload = REED_SETTING_LIVE,
	             .help = "Nobody comes in without an account."),
	REED_SETTING(BOOL, struct chat_settings, show_addresses,
	             .help = "Show the addresses of users to each other."),
	REED_SETTING(BOOL, struct chat_settings, plain_in_clear, .reload = REED_SETTING_LIVE,
	             .rare = true, .help = "Take passwords over connections without TLS."),
	REED_SETTING(BOOL, struct chat_settings, limit_loopback, .rare = true,
	             .help = "Limit clients of this machine as those of others."),
	REED_SETTING_GROUP("admin", .help = "What ADMIN tells."),
	REED_SETTING(STRING, struct chat_settings, admin.place, .reload = REED_SETTING_LIVE,
	             .help = "Where the server is."),
	REED_SETTING(STRING, struct chat_settings, admin.organisation, .reload = REED_SETTING_LIVE,
	             .help = "Who runs it."),
	REED_SETTING(STRING, struct chat_settings, admin.contact, .reload = REED_SETTING_LIVE,
	             .help = "How to reach them."),
	REED_SETTING_RECORDS(struct chat_operator, &operator_schema, struct chat_settings,
	                     operators, .reload = REED_SETTING_LIVE,
	                     .help = "Who runs the server."),
	REED_SETTING_GROUP("limits", .help = "What one IRC client may use."),
#define X(name, value, low, high, text)                                                       \
	REED_SETTING(INT, struct chat_settings, limits.name, .preset = #value, .least = #low, \
	             .most = #high, .reload = REED_SETTING_LIVE, .help = text "."),
	REED_IRC_LIMITS(X)
#undef X
		REED_SETTING_GROUP("rooms", .help = "How much the rooms hold."),
#define X(name, value, low, high, text)                                                      \
	REED_SETTING(INT, struct chat_settings, rooms.name, .preset = #value, .least = #low, \
	             .most = #high, .rare = true, .reload = REED_SETTING_LIVE, .help = text "."),
	REED_ROOMS_LIMITS(X)
#undef X
};

const struct reed_schema reed_chat_schema =
	REED_SCHEMA(struct chat_settings, table, .about = "A chat server.",
                    .check = check_settings);
