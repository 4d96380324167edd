/* reed log: files of logs, as people read them. */

#include "reed/daemon.h"

#include <stdlib.h>
#include <string.h>

#include "log_reader.h"
#include "reed/alloc.h"
#include "reed/process.h"
#include "reed/random.h"
#include "settings_private.h"

enum { WRONG = 2 };

struct log_flags {
	int level, last;
	const char *module, *match, *since, *until;
	bool follow, json, utc;
};

static const struct reed_setting table[] = {
	REED_SETTING(INT, struct log_flags, last, .letter = 'n', .placeholder = "N",
	             .from = REED_FROM_FLAG, .least = "1", .most = "1000000000",
	             .help = "Only the last N of those that are wanted."),
	REED_SETTING(BOOL, struct log_flags, follow, .letter = 'f', .from = REED_FROM_FLAG,
	             .help = "Go on with what is logged from now on, to the last FILE, and to "
	                     "others of its name when it is moved away."),
	REED_SETTING(ENUM, struct log_flags, level, .words = reed_log_levels, .preset = "debug",
	             .from = REED_FROM_FLAG, .help = "The least that is shown."),
	REED_SETTING(STRING, struct log_flags, module, .placeholder = "NAME",
	             .from = REED_FROM_FLAG,
	             .help = "Only of that part of the program, named by a folder or file of its "
	                     "sources: http, irc/services."),
	REED_SETTING(STRING, struct log_flags, since, .placeholder = "WHEN", .from = REED_FROM_FLAG,
	             .help = "Nothing before that: 10m, which is ago, 14:30, 2026-11-22, "
	                     "\"2026-11-22 14:30\" or 2026-11-22T14:30:00Z."),
	REED_SETTING(STRING, struct log_flags, until, .placeholder = "WHEN", .from = REED_FROM_FLAG,
	             .help = "Nothing after that."),
	REED_SETTING(STRING, struct log_flags, match, .placeholder = "TEXT", .from = REED_FROM_FLAG,
	             .help = "Only lines with that text in them, in capitals or not."),
	REED_SETTING(BOOL, struct log_flags, json, .from = REED_FROM_FLAG,
	             .help = "As they were written, an object a line."),
	REED_SETTING(BOOL, struct log_flags, utc, .from = REED_FROM_FLAG,
	             .help = "Times in UTC, and not of this place."),
};

static const struct reed_schema schema =
	REED_SCHEMA(struct log_flags, table, .about = "What is shown, and how.");

static const struct reed_settings_part parts[] = { { NULL, &reed_tool_schema }, { NULL, &schema } };

const struct reed_settings_program reed_log_tool = REED_SETTINGS_PROGRAM(
		.program = "reed", .command = "log",
		.about = "Shows what servers have logged to files, as it would be on a terminal.",
		.arguments = "FILE... | -", .parts = parts, .part_count = REED_COUNT(parts),
		.more = "A FILE has a record of JSON on each line, as --log-file makes it. With it go "
			"those that were moved away before it, FILE.1, FILE.2.gz and so on, the oldest "
			"first; - is standard input.\n"
			"A line that is no record is told on standard error, with its file and "
			"number.\n"
			"Ends with 0 when all could be read, 1 when something could not, 2 when the "
			"command line is wrong.");

static enum reed_err take_time(const char *text, int64_t now, int64_t *wall,
                               struct reed_fault **fault)
{
	if (!text || !reed_log_when(reed_slice_of(text), now, wall))
		return REED_OK;
	*fault = reed_log_no_time(reed_slice_of(text));
	return REED_ESYNTAX;
}

static struct reed_slice text_of(const char *text)
{
	return text ? reed_slice_of(text) : REED_STR("");
}

static enum reed_err prepare(struct log_reading *r, const struct log_flags *flags, int64_t now,
                             struct reed_fault **fault)
{
	const char *no_colour = getenv("NO_COLOR");
	enum reed_err err;

	r->out = stdout;
	r->complaints = stderr;
	r->last = (size_t)flags->last;
	r->follows = flags->follow;
	r->json = flags->json;
	r->utc = flags->utc;
	r->colour = reed_is_terminal(1) && !(no_colour && *no_colour);
	r->filter.level = (enum reed_log_level)flags->level;
	r->filter.module = text_of(flags->module);
	r->filter.match = text_of(flags->match);
	err = take_time(flags->since, now, &r->filter.since, fault);
	return err ? err : take_time(flags->until, now, &r->filter.until, fault);
}

static int show(const char *program, const struct log_flags *flags, struct reed_texts files)
{
	struct log_reading reading = { .paths = files.items, .count = files.n };
	struct reed_fault *fault = NULL;
	struct reed_loop *loop;
	enum reed_err err = reed_loop_new(NULL, &loop);

	if (!err) {
		err = prepare(&reading, flags, reed_wall(loop), &fault);
		if (!err)
			err = reed_loop_run_until(loop, reed_log_read(loop, &reading), &fault);
		reed_loop_free(loop);
	}
	if (err)
		fprintf(stderr, "%s log: %s\n", program, reed_fault_why(fault, err));
	reed_fault_free(fault);
	return err == REED_ESYNTAX ? WRONG : err || reading.wrong > 0 ? 1 : 0;
}

int reed_log_main(const char *program, int argc, char **argv)
{
	struct reed_settings *settings;
	int code;

	settings = reed_tool_settings(&reed_log_tool, argc, argv, &code);
	if (!settings)
		return code;
	if (reed_settings_arguments(settings).n == 0) {
		fprintf(stderr,
		        "%s log: it wants the file of a log, such as /var/log/reed/chat.log; a "
		        "running server is asked by %s ctl log\n",
		        program, program);
		code = WRONG;
	} else {
		code = show(program, reed_settings_of(settings, &schema),
		            reed_settings_arguments(settings));
	}
	reed_settings_free(settings);
	return code;
}
