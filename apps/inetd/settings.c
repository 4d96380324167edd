/* What an operator may decide. */

#include <string.h>

#include "inetd.h"
#include "reed/settings.h"

static const char *const builtins[] = { "none", "echo",    "discard", "daytime",
	                                "time", "chargen", NULL };

static bool check_datagrams(const char *text, struct reed_buf *why)
{
	return reed_setting_endpoint(text, REED_ENDPOINT_DGRAM_LISTEN, why);
}

static const struct reed_setting entry_table[] = {
	REED_SETTING(STRING, struct inetd_entry, name, .required = true,
	             .help = "What it is called in the log."),
	REED_SETTING_LIST(ENDPOINT, struct inetd_entry, listen, .check = reed_setting_listens,
	                  .help = "Where connections are awaited: each gets a program of its "
	                          "own, with the connection for its standard input and output."),
	REED_SETTING_LIST(ENDPOINT, struct inetd_entry, datagrams, .check = check_datagrams,
	                  .help = "Where datagrams are awaited: a program is started when one "
	                          "comes, gets the socket for its standard input, and answers "
	                          "until it ends."),
	REED_SETTING_LIST(STRING, struct inetd_entry, command, .placeholder = "WORD",
	                  .help = "The program, and a word for each of its arguments; no shell "
	                          "looks at them."),
	REED_SETTING(ENUM, struct inetd_entry, builtin, .words = builtins, .preset = "none",
	             .help = "What answers in place of a program (RFC 862 to 868)."),
	REED_SETTING(STRING, struct inetd_entry, user, .probe = reed_setting_user,
	             .placeholder = "USER",
	             .help = "Who it runs as, by name or number; us when not given."),
	REED_SETTING(STRING, struct inetd_entry, group, .probe = reed_setting_group,
	             .placeholder = "GROUP", .help = "Its group; the user's own when not given."),
	REED_SETTING(PATH, struct inetd_entry, directory, .placeholder = "DIR",
	             .help = "Where it starts; ours when not given."),
	REED_SETTING_MAP(STRING, struct inetd_entry, environment,
	                 .help = "Variables that it gets, besides REMOTE_ADDR, REMOTE_PORT, "
	                         "LOCAL_ADDR and LOCAL_PORT."),
	REED_SETTING(INT, struct inetd_entry, most, .preset = "100", .least = "1", .most = "100000",
	             .help = "How many run at a time, for each of listen; others wait."),
	REED_SETTING(INT, struct inetd_entry, rate, .preset = "1000", .most = "1000000",
	             .help = "How many are started in a minute; others are refused, and 0 is "
	                     "none."),
	REED_SETTING(DURATION, struct inetd_entry, grace, .preset = "5s",
	             .help = "Between SIGTERM, when we stop, and SIGKILL."),
};

static const struct reed_schema entry_schema =
	REED_SCHEMA(struct inetd_entry, entry_table, .about = "A program for whoever comes.");

static void judge(const void *values, struct reed_setting_judge *judge)
{
	const struct inetd_settings *settings = values;

	for (size_t i = 0; i < settings->services.n; i++) {
		const struct inetd_entry *e = &settings->services.items[i];

		if (e->listen.n + e->datagrams.n == 0)
			judge->reject(judge, &e->name, "listen or datagrams has to be given");
		if (e->builtin == INETD_PROGRAM && (e->command.n == 0 || !e->command.items[0][0]))
			judge->reject(judge, &e->name, "a command has to be given, or builtin");
		if (e->builtin != INETD_PROGRAM && e->command.n > 0)
			judge->reject(judge, &e->command.items,
			              "builtin answers already: one of them does");
	}
}

static const struct reed_setting table[] = {
	REED_SETTING_RECORDS(struct inetd_entry, &entry_schema, struct inetd_settings, services,
	                     .from = REED_FROM_FILE, .required = true,
	                     .help = "What is started for whom."),
};

const struct reed_schema inetd_schema =
	REED_SCHEMA(struct inetd_settings, table, .about = "Programs for whoever comes.",
                    .check = judge);
