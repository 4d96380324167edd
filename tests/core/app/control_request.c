/* What the control socket understands, and what it says to the rest. */

#include "core/app/control.h"

#include "check.h"
#include "reed/alloc.h"

static struct control_request request;

static enum reed_err parse(const char *line)
{
	struct reed_fault *fault = NULL;
	enum reed_err err = reed_control_parse(reed_slice_of(line), &request, &fault);

	check((err != REED_OK) == (fault != NULL));
	reed_fault_free(fault);
	return err;
}

static void refused(const char *line, const char *why)
{
	struct reed_fault *fault = NULL;

	check_int(reed_control_parse(reed_slice_of(line), &request, &fault), REED_EINVAL);
	check_str(fault->sentence, why);
	reed_fault_free(fault);
}

static void every_word_is_found_and_they_are_sorted(void)
{
	for (const struct control_word *w = reed_control_words; w->name; w++) {
		check_int(parse(w->name), w->least ? REED_EINVAL : REED_OK);
		check(request.word == w);
		check_int(request.count, 0);
		check(w->most <= REED_CONTROL_ARGS);
		check((w->most > 0) == (*w->args != '\0'));
		check(!w[1].name || strcmp(w->name, w[1].name) < 0);
	}
}

static void words_are_separated_by_spaces_however_many(void)
{
	check_int(parse("  conns   25 "), REED_OK);
	check_int(request.word->what, CONTROL_CONNS);
	check_int(request.count, 1);
	check_slice(request.args[0], "25");
}

static void a_word_with_spaces_stands_in_quotes(void)
{
	check_int(parse("log follow --match \"has left\" --json"), REED_OK);
	check_int(request.count, 4);
	check_slice(request.args[2], "has left");
	check_slice(request.args[3], "--json");
	check_int(parse("log \"no end"), REED_OK);
	check_slice(request.args[0], "no end");
}

static struct control_tail tail;

static enum reed_err wants(const char *line)
{
	struct reed_fault *fault = NULL;
	enum reed_err err;

	check_int(parse(line), REED_OK);
	err = reed_control_tail(&request, REED_S(1000000), &tail, &fault);
	check((err != REED_OK) == (fault != NULL));
	reed_fault_free(fault);
	return err;
}

static bool shows(const char *message, const char *nick, int64_t seconds)
{
	struct reed_log_field field = { "nick", reed_slice_of(nick), false };
	struct reed_log_event event = { .message = reed_slice_of(message),
		                        .wall = REED_S(seconds),
		                        .fields = &field,
		                        .count = 1,
		                        .file = "protocols/irc/server.c" };

	return reed_log_filter_wants(&tail.filter, &event);
}

static void the_log_is_followed_by_level_and_text(void)
{
	check_int(wants("log"), REED_OK);
	check_int(tail.filter.level, REED_LOG_INFO);
	check_int(wants("log debug"), REED_OK);
	check_int(tail.filter.level, REED_LOG_DEBUG);
	check_int(wants("log follow --level warn --match=Nick=ann --json"), REED_OK);
	check_int(tail.filter.level, REED_LOG_WARN);
	check(tail.json && shows("has left", "ann", 5));
	check(!shows("has left", "an", 5));
	check_int(wants("log --level loud"), REED_EINVAL);
	check_int(wants("log follow follow"), REED_EINVAL);
	check_int(wants("log --level"), REED_EINVAL);
	check_int(wants("log --lvel=info"), REED_EINVAL);
}

static void the_log_is_followed_by_module_and_time_from_the_last_records_on(void)
{
	check_int(wants("log"), REED_OK);
	check(tail.last == REED_CONTROL_LAST && !tail.ends && shows("x", "y", 0));
	check_int(wants("log -n 3 --no-follow --module irc --since 10s"), REED_OK);
	check(tail.last == 3 && tail.ends);
	check(shows("x", "y", 999990) && !shows("x", "y", 999989));
	check_int(wants("log --module=http --last=0"), REED_OK);
	check(tail.last == 0 && !shows("x", "y", 5));
	check_int(wants("log --since 1970-01-02T00:00:00Z"), REED_OK);
	check(shows("x", "y", 86400) && !shows("x", "y", 86399));
	check_int(wants("log --since \"1970-01-05 12:30\""), REED_OK);
	check(tail.filter.since > REED_S(4 * 86400 - 86400) && tail.filter.since % REED_S(60) == 0);
	check_int(wants("log --since soon"), REED_EINVAL);
	check_int(wants("log --since 2026-02-30T00:00:00Z"), REED_EINVAL);
	check_int(wants("log --since 2026-02-30"), REED_EINVAL);
	check_int(wants("log -n many"), REED_EINVAL);
	check_int(wants("log -n -1"), REED_EINVAL);
	check_int(wants("log -x"), REED_EINVAL);
}

static void what_is_wrong_is_told_with_what_would_be_right(void)
{
	refused("", "an empty request; \"help\" lists what there is");
	refused("   ", "an empty request; \"help\" lists what there is");
	refused("blame --json 1 2", "too many words: write blame [--json] [MOST]");
	refused("kill", "too few words: write kill CONN");
	refused("stop now", "too many words: write stop");
	refused("stpo", "\"stpo\" is not understood; did you mean stop?");
	refused("Metrics", "\"Metrics\" is not understood; did you mean /metrics?");
	refused("frobnicate", "\"frobnicate\" is not understood; \"help\" lists what is");
	refused("x\t", "a request is UTF-8 without control characters");
	refused("\xff", "a request is UTF-8 without control characters");
}

static void a_long_word_is_cut_between_characters(void)
{
	refused("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\xc3\xa9yyy",
	        "\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\" is not understood; \"help\" lists what is");
}

static void a_line_has_a_limit(void)
{
	char line[REED_CONTROL_LINE + 2];

	memset(line, ' ', sizeof(line));
	memcpy(line, "stop", 4);
	line[REED_CONTROL_LINE] = '\0';
	check_int(parse(line), REED_OK);
	line[REED_CONTROL_LINE] = ' ';
	line[REED_CONTROL_LINE + 1] = '\0';
	refused(line, "a request has at most 1024 bytes");
}

static void help_has_a_line_for_each(void)
{
	struct reed_buf out = { 0 };
	char *text;

	reed_control_help(&out);
	text = reed_buf_take(&out);
	for (const struct control_word *w = reed_control_words; w->name; w++)
		check(strstr(text, w->help));
	check(strstr(text, "kill CONN         end a"));
	check(strstr(text, "level [LEVEL | MODULE=LEVEL]\n                  the least"));
	reed_free(text);
}

int main(void)
{
	RUN(every_word_is_found_and_they_are_sorted);
	RUN(words_are_separated_by_spaces_however_many);
	RUN(a_word_with_spaces_stands_in_quotes);
	RUN(the_log_is_followed_by_level_and_text);
	RUN(the_log_is_followed_by_module_and_time_from_the_last_records_on);
	RUN(what_is_wrong_is_told_with_what_would_be_right);
	RUN(a_long_word_is_cut_between_characters);
	RUN(a_line_has_a_limit);
	RUN(help_has_a_line_for_each);
	return 0;
}
