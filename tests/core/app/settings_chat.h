/* A program with a setting of every kind, for the tests of settings. */

#ifndef REED_TESTS_SETTINGS_CHAT_H
#define REED_TESTS_SETTINGS_CHAT_H

#include "check.h"
#include "reed/alloc.h"
#include "reed/settings.h"

enum chat_log { CHAT_LOG_DEBUG, CHAT_LOG_INFO, CHAT_LOG_WARNING, CHAT_LOG_ERROR };

struct chat_operator {
	const char *name, *password;
	int level;
	struct reed_texts hosts;
};

struct chat_settings {
	const char *name, *motd, *salt;
	bool public, web;
	enum chat_log log;
	struct {
		size_t sendq;
		int64_t idle;
		unsigned short clients;
		int nice;
		long long balance;
	} limits;
	struct reed_texts irc;
	struct reed_numbers ports;
	struct reed_pairs links;
	struct {
		const struct chat_operator *items;
		size_t n;
	} operators;
	const char *cert, *key;
};

static bool chat_is_host(const char *text, struct reed_buf *why)
{
	if (!strchr(text, ' '))
		return true;
	reed_buf_add_str(why, "is no host name; write one as in example.org");
	return false;
}

static const char *const chat_log_words[] = { "debug", "info", "warning", "error", NULL };

static const struct reed_setting chat_operator_table[] = {
	REED_SETTING(STRING, struct chat_operator, name, .required = true, .help = "Who it is."),
	REED_SETTING(SECRET, struct chat_operator, password, .help = "What only they know."),
	REED_SETTING(INT, struct chat_operator, level, .preset = "1", .least = "1", .most = "9",
	             .help = "How much they may do."),
	REED_SETTING_LIST(STRING, struct chat_operator, hosts, .help = "Where they come from."),
};

static const struct reed_schema chat_operator_schema =
	REED_SCHEMA(struct chat_operator, chat_operator_table, .about = "Somebody with rights.");

static const struct reed_setting chat_table[] = {
	REED_SETTING(STRING, struct chat_settings, name, .preset = "localhost", .letter = 'n',
	             .most = "63", .placeholder = "HOST", .check = chat_is_host,
	             .help = "What the server calls itself."),
	REED_SETTING(PATH, struct chat_settings, motd, .reload = REED_SETTING_LIVE,
	             .help = "A file with the message of the day, which is shown to every client "
	                     "that comes."),
	REED_SETTING(SECRET, struct chat_settings, salt, .help = "What cloaks are made with."),
	REED_SETTING(BOOL, struct chat_settings, public, .letter = 'p', .reload = REED_SETTING_LIVE,
	             .help = "Everybody may register."),
	REED_SETTING(BOOL, struct chat_settings, web, .preset = "true", .rare = true,
	             .help = "Serve the web client."),
	REED_SETTING(ENUM, struct chat_settings, log, .preset = "info", .words = chat_log_words,
	             .help = "How much is told."),
	REED_SETTING_GROUP("limits", .help = "How much one client may use."),
	REED_SETTING(SIZE, struct chat_settings, limits.sendq, .preset = "1M", .least = "4K",
	             .most = "1G", .reload = REED_SETTING_LIVE,
	             .help = "How much may wait for a client to read it."),
	REED_SETTING(DURATION, struct chat_settings, limits.idle, .preset = "5m", .least = "1s",
	             .help = "When a silent client is asked whether it is there."),
	REED_SETTING(INT, struct chat_settings, limits.clients, .preset = "1000",
	             .help = "How many may come."),
	REED_SETTING(INT, struct chat_settings, limits.nice, .least = "-20", .most = "19",
	             .help = "How it is scheduled."),
	REED_SETTING(INT, struct chat_settings, limits.balance, .hidden = true,
	             .help = "Nobody knows."),
	REED_SETTING_LIST(ENDPOINT, struct chat_settings, irc, .preset = "tcp:6667",
	                  .help = "Where IRC clients are awaited."),
	REED_SETTING_LIST(INT, struct chat_settings, ports, .least = "1", .most = "65535",
	                  .help = "Ports of something."),
	REED_SETTING_MAP(STRING, struct chat_settings, links, .help = "Where names lead to."),
	REED_SETTING_RECORDS(struct chat_operator, &chat_operator_schema, struct chat_settings,
	                     operators, .reload = REED_SETTING_LIVE,
	                     .help = "Who may command the server."),
	REED_SETTING_GROUP("tls", .help = "How it proves who it is."),
	REED_SETTING(PATH, struct chat_settings, cert, .key = "tls.cert", .flag = "cert",
	             .help = "The certificates."),
	REED_SETTING(PATH, struct chat_settings, key, .key = "tls.key",
	             .from = REED_FROM_FILE | REED_FROM_ENVIRONMENT, .help = "Their key."),
};

static void chat_check(const void *values, struct reed_setting_judge *judge)
{
	const struct chat_settings *s = values;

	if (s->cert && !s->key)
		judge->reject(judge, &s->cert, "needs tls.key too");
}

static const struct reed_schema chat_schema =
	REED_SCHEMA(struct chat_settings, chat_table, .about = "A chat server.",
                    .check = chat_check);

static const struct reed_settings_part chat_parts[] = {
	{ NULL, &reed_general_schema },
	{ NULL, &chat_schema },
};

static const struct reed_settings_program chat_program =
	REED_SETTINGS_PROGRAM(.program = "reed", .command = "chat",
                              .about = "A chat server for IRC and the web.", .parts = chat_parts,
                              .part_count = REED_COUNT(chat_parts));

static inline struct reed_settings *chat_new(void)
{
	struct reed_settings *settings = reed_settings_new(&chat_program);

	check(reed_settings_problem(settings, 0) == NULL);
	return settings;
}

static inline const struct chat_settings *chat_of(const struct reed_settings *settings)
{
	return reed_settings_of(settings, &chat_schema);
}

/* The caller frees it. */
static inline struct reed_settings *chat_parse(const char *text)
{
	struct reed_settings *settings = chat_new();

	reed_settings_parse(settings, "chat.yaml", reed_slice_of(text));
	reed_settings_finish(settings);
	return settings;
}

static inline char *problems_of(struct reed_settings *settings)
{
	struct reed_buf out = { 0 };

	reed_settings_problems(settings, &out);
	reed_settings_free(settings);
	return reed_buf_take(&out);
}

/* All that is wrong with a file, a line each. */
#define check_file(text, wanted)                                 \
	do {                                                     \
		char *problems_ = problems_of(chat_parse(text)); \
		check_str(problems_, wanted);                    \
		reed_free(problems_);                            \
	} while (0)

#endif
