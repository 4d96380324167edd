/* reed position: what one may say. */

#include "position.h"

#include <stdio.h>

#include "reed/alloc.h"

enum { WRONG = 2 };

static const struct reed_setting table[] = {
	REED_SETTING(BOOL, struct position_flags, json, .from = REED_FROM_FLAG,
	             .help = "An object of JSON a line, in metres, metres a second and degrees."),
	REED_SETTING(INT, struct position_flags, count, .letter = 'n', .placeholder = "N",
	             .from = REED_FROM_FLAG, .least = "0", .most = "1000000000",
	             .help = "End after so many; 0 is as many as come."),
	REED_SETTING(INT, struct position_flags, pace, .placeholder = "N", .from = REED_FROM_FLAG,
	             .least = "0", .most = "100000",
	             .help = "Replay a file N times as fast as it was recorded; 0 is at once."),
	REED_SETTING(BOOL, struct position_flags, strict, .from = REED_FROM_FLAG,
	             .help = "Take no sentence without a checksum."),
};

static const struct reed_schema schema =
	REED_SCHEMA(struct position_flags, table, .about = "What is shown, and how.");

static const struct reed_settings_part parts[] = { { NULL, &reed_tool_schema }, { NULL, &schema } };

const struct reed_settings_program reed_position_tool = REED_SETTINGS_PROGRAM(
		.program = "reed", .command = "position",
		.about = "Shows where a receiver is: of sentences of NMEA 0183, or of gpsd.",
		.arguments = "ENDPOINT | FILE | -", .parts = parts, .part_count = REED_COUNT(parts),
		.more = "An endpoint is where the sentences come from: serial:/dev/ttyUSB0:baud=4800, "
			"tcp:boat:10110, exec:PROGRAM; or tcp:localhost:2947, which is gpsd's. A FILE "
			"is what somebody has recorded; - is standard input.\n"
			"A line is the time, latitude and longitude, and what else is known of that "
			"moment. Lines that cannot be understood are told on standard error.\n"
			"Ends with 0 when there was a position, 1 when there was none or the "
			"connection broke, 2 when it was not understood.");

/* What has no scheme is a file. */
static char *endpoint_of(const char *word)
{
	char *quoted, *endpoint;

	if (strcmp(word, "-") == 0)
		return reed_strdup("stdio:");
	if (strchr(word, ':') && word[0] != '/' && word[0] != '.')
		return reed_strdup(word);
	quoted = reed_endpoint_quote(reed_slice_of(word));
	endpoint = reed_sprintf("file:%s", quoted);
	reed_free(quoted);
	return endpoint;
}

static int show(const struct position_flags *flags, const char *endpoint)
{
	struct reed_fault *fault = NULL;
	struct reed_loop *loop;
	enum reed_err err = reed_loop_new(NULL, &loop);

	if (!err) {
		err = reed_loop_run_until(loop, position_run(loop, flags, endpoint), &fault);
		reed_loop_free(loop);
	}
	if (err)
		fprintf(stderr, "reed position: %s\n", reed_fault_why(fault, err));
	reed_fault_free(fault);
	return err == REED_ESYNTAX ? WRONG : err ? 1 : 0;
}

int reed_position_main(int argc, char **argv)
{
	struct reed_settings *settings;
	struct reed_texts words;
	char *endpoint;
	int status = WRONG;

	settings = reed_tool_settings(&reed_position_tool, argc, argv, &status);
	if (!settings)
		return status;
	words = reed_settings_arguments(settings);
	if (words.n == 1) {
		endpoint = endpoint_of(words.items[0]);
		status = show(reed_settings_of(settings, &schema), endpoint);
		reed_free(endpoint);
	} else {
		status = WRONG;
		fprintf(stderr, "reed position: it wants one place to listen to, such as "
		                "serial:/dev/ttyUSB0:baud=4800\n");
	}
	reed_settings_free(settings);
	return status;
}
