/* The two examples of protocols/irc/README.md, with a page instead of streams to write to. */

#include "check.h"
#include "reed/irc/build.h"

static char page[1024];
static size_t written;

static void write_down(struct reed_slice s)
{
	check(written + s.n < sizeof(page));
	memcpy(page + written, s.p, s.n);
	written += s.n;
	page[written] = '\0';
}

static void answer(struct reed_slice received)
{
	struct reed_irc_message m;
	struct reed_irc_builder b;
	struct reed_slice out;
	char line[REED_IRC_LINE_MAX];

	if (reed_irc_parse(received, NULL, &m) != REED_OK || m.command != REED_IRC_PRIVMSG)
		return;
	if (!reed_slice_is(reed_irc_text(&m), "!hello"))
		return;
	reed_irc_build(&b, line, sizeof(line));
	reed_irc_build_command(&b, REED_STR(""), REED_STR("PRIVMSG"));
	reed_irc_build_param(&b, reed_irc_param(&m, 0));
	reed_irc_build_textf(&b, "Hello, " REED_FMT, REED_ARG(reed_irc_source(m.source).nick));
	if (reed_irc_build_end(&b, &out) == REED_OK)
		write_down(out);
}

static void a_bot_says_hello(void)
{
	written = 0;
	answer(REED_STR(":joe!j@h PRIVMSG #c :!hello\r\n"));
	answer(REED_STR(":joe!j@h PRIVMSG #c :!goodbye\r\n"));
	answer(REED_STR(":joe!j@h JOIN #c\r\n"));
	check_str(page, "PRIVMSG #c :Hello, joe\r\n");
}

enum { CAP_SERVER_TIME = 1, CAP_ACCOUNT_TAG = 2, CAP_MESSAGE_TAGS = 4 };

static void a_server_passes_a_message_on(void)
{
	static const unsigned members[] = { 0, CAP_SERVER_TIME,
		                            CAP_ACCOUNT_TAG | CAP_MESSAGE_TAGS };
	char body[REED_IRC_LINE_MAX], time[REED_IRC_TIME_SIZE];
	struct reed_irc_envelope e;
	struct reed_irc_message m;
	struct reed_slice out;

	written = 0;
	check_int(reed_irc_parse(REED_STR("@+x=y PRIVMSG #c :hi"), &reed_irc_from_client, &m),
	          REED_OK);
	check_int(reed_irc_compose(body, REED_STR("joe!j@h"), REED_STR("PRIVMSG"), REED_STR("#c"),
	                           reed_irc_text(&m), &out),
	          REED_OK);
	reed_irc_envelope_init(&e, out);
	reed_irc_envelope_tag(&e, REED_STR("time"), reed_irc_time_format(1500, time),
	                      CAP_SERVER_TIME);
	reed_irc_envelope_tag(&e, REED_STR("account"), REED_STR("joe"), CAP_ACCOUNT_TAG);
	reed_irc_envelope_client_tags(&e, m.tags, CAP_MESSAGE_TAGS);
	for (size_t i = 0; i < REED_COUNT(members); i++)
		write_down(reed_blob_slice(reed_irc_envelope_line(&e, members[i])));
	reed_irc_envelope_finish(&e);
	check_str(page, ":joe!j@h PRIVMSG #c :hi\r\n"
	                "@time=1970-01-01T00:00:01.500Z :joe!j@h PRIVMSG #c :hi\r\n"
	                "@account=joe;+x=y :joe!j@h PRIVMSG #c :hi\r\n");
}

int main(void)
{
	RUN(a_bot_says_hello);
	RUN(a_server_passes_a_message_on);
	return 0;
}
