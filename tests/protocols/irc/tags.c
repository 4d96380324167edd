/* Tags: found, unescaped, and the time that one of them holds. */

#include "check.h"
#include "reed/irc/message.h"

/* Keys and unescaped values, as "key=value,". */
static void check_tags(const char *tags, const char *wanted)
{
	struct reed_slice rest = reed_slice_of(tags), value;
	struct reed_irc_tag tag;
	char got[512] = "", into[512];
	size_t n = 0;

	while (reed_irc_tag_next(&rest, &tag)) {
		value = reed_irc_tag_unescape(tag.value, into);
		n += (size_t)snprintf(got + n, sizeof(got) - n, REED_FMT "=" REED_FMT ",",
		                      REED_ARG(tag.key), REED_ARG(value));
	}
	check_str(got, wanted);
}

static void tags_have_keys_and_may_have_values(void)
{
	check_tags("a=b;c=32;k;rt=ql7", "a=b,c=32,k=,rt=ql7,");
	check_tags("x.example/a=1;+y;x.example/b=", "x.example/a=1,+y=,x.example/b=,");
	check_tags("url=http://x/?a=b", "url=http://x/?a=b,");
	check_tags("", "");
}

static void nothing_between_semicolons_is_no_tag(void)
{
	check_tags(";;a;;b=;", "a=,b=,");
	check_tags("=x;a", "a=,");
}

static void values_are_unescaped(void)
{
	check_tags("a=b\\\\and\\nk;c=72\\s45;d=gh\\:764", "a=b\\and\nk,c=72 45,d=gh;764,");
	check_tags("a=\\\\\\\\\\:\\\\s\\s\\r\\n", "a=\\\\;\\s \r\n,");
	check_tags("a=\\\\n", "a=\\n,");
}

static void a_backslash_before_anything_else_goes(void)
{
	check_tags("a=value\\1", "a=value1,");
	check_tags("a=value\\", "a=value,");
	check_tags("a=\\b\\", "a=b,");
}

static void a_value_without_escapes_is_not_copied(void)
{
	struct reed_slice value = REED_STR("plain");
	char into[8] = "";

	check(reed_irc_tag_unescape(value, into).p == value.p);
	check_str(into, "");
}

static void a_tag_is_looked_up_by_its_key_and_the_last_one_counts(void)
{
	struct reed_irc_message m;
	struct reed_slice value;

	check_int(reed_irc_parse(REED_STR("@a=1;b=3;c;a=5;x/b=8 PING x"), NULL, &m), REED_OK);
	check(reed_irc_tag(&m, REED_STR("a"), &value));
	check_slice(value, "5");
	check(reed_irc_tag(&m, REED_STR("b"), &value));
	check_slice(value, "3");
	check(reed_irc_tag(&m, REED_STR("c"), &value));
	check_slice(value, "");
	check(!reed_irc_tag(&m, REED_STR("A"), &value));
	check(!reed_irc_tag(&m, REED_STR("d"), &value));
	check(!reed_irc_tag(&m, REED_STR(""), &value));
}

static void a_plus_makes_a_tag_one_for_clients(void)
{
	check(reed_irc_tag_is_for_clients(REED_STR("+typing")));
	check(!reed_irc_tag_is_for_clients(REED_STR("typing")));
	check(!reed_irc_tag_is_for_clients(REED_STR("+")));
	check(!reed_irc_tag_is_for_clients(REED_STR("")));
}

static void check_time(int64_t ms, const char *text)
{
	char into[REED_IRC_TIME_SIZE];
	int64_t back = -1;

	check_slice(reed_irc_time_format(ms, into), text);
	check_str(into, text);
	check_int(reed_irc_time_parse(reed_slice_of(text), &back), REED_OK);
	check_int(back, ms);
}

static void times_are_written_and_read(void)
{
	check_time(0, "1970-01-01T00:00:00.000Z");
	check_time(1319042451620, "2011-10-19T16:40:51.620Z");
	check_time(951782399999, "2000-02-28T23:59:59.999Z");
	check_time(951782400000, "2000-02-29T00:00:00.000Z");
	check_time(951868800000, "2000-03-01T00:00:00.000Z");
	check_time(4107542400000, "2100-03-01T00:00:00.000Z");
	check_time(-1, "1969-12-31T23:59:59.999Z");
	check_time(-62167219200000, "0000-01-01T00:00:00.000Z");
	check_time(253402300799999, "9999-12-31T23:59:59.999Z");
}

static void every_day_of_four_centuries_comes_back(void)
{
	char into[REED_IRC_TIME_SIZE];
	int64_t day = 86400000, back;

	for (int64_t ms = -100 * 365 * day; ms < 300 * 365 * day; ms += day + 3601007) {
		check_int(reed_irc_time_parse(reed_irc_time_format(ms, into), &back), REED_OK);
		check_int(back, ms);
	}
}

static void times_beyond_four_digits_of_a_year_are_the_nearest_there_are(void)
{
	char into[REED_IRC_TIME_SIZE];

	check_slice(reed_irc_time_format(INT64_MAX, into), "9999-12-31T23:59:59.999Z");
	check_slice(reed_irc_time_format(INT64_MIN, into), "0000-01-01T00:00:00.000Z");
}

static void a_fraction_may_be_longer_or_missing_and_a_minute_have_61_seconds(void)
{
	int64_t ms;

	check_int(reed_irc_time_parse(REED_STR("1970-01-01T00:00:01Z"), &ms), REED_OK);
	check_int(ms, 1000);
	check_int(reed_irc_time_parse(REED_STR("1970-01-01T00:00:01.5Z"), &ms), REED_OK);
	check_int(ms, 1500);
	check_int(reed_irc_time_parse(REED_STR("1970-01-01T00:00:01.123456789Z"), &ms), REED_OK);
	check_int(ms, 1123);
	check_int(reed_irc_time_parse(REED_STR("2012-06-30T23:59:60.419Z"), &ms), REED_OK);
	check_int(ms, 1341100800419);
}

static void what_is_no_time_is_refused(void)
{
	static const char *const wrong[] = {
		"",
		"Z",
		"2011",
		"2011-10-19",
		"2011-10-19T16:40:51.620",
		"2011-13-19T16:40:51Z",
		"2011-00-19T16:40:51Z",
		"2011-10-32T16:40:51Z",
		"2011-02-29T16:40:51Z",
		"2011-10-19T24:40:51Z",
		"2011-10-19T16:60:51Z",
		"2011-10-19T16:40:61Z",
		"2011-10-19T16:40:51.Z",
		"2011-10-19T16:40:51.620Zx",
		"2011-10-19 16:40:51Z",
		"201a-10-19T16:40:51Z",
		"2011-10-19T16:40:51.62 Z",
		"2011-10-19T16:40:51,620Z",
	};
	int64_t ms;

	for (size_t i = 0; i < REED_COUNT(wrong); i++)
		check_int(reed_irc_time_parse(reed_slice_of(wrong[i]), &ms), REED_ESYNTAX);
}

int main(void)
{
	RUN(tags_have_keys_and_may_have_values);
	RUN(nothing_between_semicolons_is_no_tag);
	RUN(values_are_unescaped);
	RUN(a_backslash_before_anything_else_goes);
	RUN(a_value_without_escapes_is_not_copied);
	RUN(a_tag_is_looked_up_by_its_key_and_the_last_one_counts);
	RUN(a_plus_makes_a_tag_one_for_clients);
	RUN(times_are_written_and_read);
	RUN(every_day_of_four_centuries_comes_back);
	RUN(times_beyond_four_digits_of_a_year_are_the_nearest_there_are);
	RUN(a_fraction_may_be_longer_or_missing_and_a_minute_have_61_seconds);
	RUN(what_is_no_time_is_refused);
	return 0;
}
