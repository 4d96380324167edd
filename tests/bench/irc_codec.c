/*
 * How fast IRC lines are read and written, on one core, without any I/O.
 *
 * Prints for each case what one operation takes and how many there are in a
 * second; the best of several rounds, as others use the machine too.
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "reed/irc/build.h"
#include "reed/irc/casemap.h"
#include "reed/irc/modes.h"
#include "reed/irc/text.h"

enum { ROUNDS = 7, OPERATIONS = 400000 };

static const struct reed_slice source = { "somebody!~user@host-12.example.org", 34 };
static const struct reed_slice channel = { "#some-channel", 13 };
static const struct reed_slice text = {
	"A sentence of the length that people write: about sixty bytes.", 62
};

/* Keeps the compiler from leaving out what nobody looks at. */
static volatile uint64_t sink;

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void parse(struct reed_slice line)
{
	struct reed_irc_message m;

	sink += (uint64_t)reed_irc_parse(line, &reed_irc_from_client, &m) + m.count + m.command;
}

static void parse_ping(void)
{
	parse(REED_STR("PING 1234567890\r\n"));
}

static void parse_from_client(void)
{
	parse(REED_STR("PRIVMSG #some-channel :A sentence of the length that people write: about "
	               "sixty bytes.\r\n"));
}

static void parse_from_server(void)
{
	parse(REED_STR(":somebody!~user@host-12.example.org PRIVMSG #some-channel :A sentence of "
	               "the length that people write: about sixty bytes.\r\n"));
}

static void parse_tagged(void)
{
	parse(REED_STR("@time=2011-10-19T16:40:51.620Z;msgid=6YgL4B1BzmMUVTYgWq3cCh;account=some "
	               ":somebody!~user@host-12.example.org PRIVMSG #some-channel :A sentence of "
	               "the length that people write: about sixty bytes.\r\n"));
}

static void parse_utf8_and_check(void)
{
	struct reed_irc_message m;

	reed_irc_parse(REED_STR("PRIVMSG #some-channel :Ein Satz, wie Leute ihn schreiben: "
	                        "ungef\xc3\xa4hr sechzig Bytes lang.\r\n"),
	               &reed_irc_from_client, &m);
	sink += reed_irc_is_utf8(&m);
}

static void compose(void)
{
	char p[REED_IRC_LINE_MAX];
	struct reed_slice line;

	reed_irc_compose(p, source, REED_STR("PRIVMSG"), channel, text, &line);
	sink += line.n;
}

static void build(void)
{
	char p[REED_IRC_LINE_MAX];
	struct reed_irc_builder b;
	struct reed_slice line;

	reed_irc_build(&b, p, sizeof(p));
	reed_irc_build_command(&b, source, REED_STR("PRIVMSG"));
	reed_irc_build_param(&b, channel);
	reed_irc_build_text(&b, text);
	reed_irc_build_end(&b, &line);
	sink += line.n;
}

static void build_numeric(void)
{
	char p[REED_IRC_LINE_MAX];
	struct reed_irc_builder b;
	struct reed_slice line;

	reed_irc_build(&b, p, sizeof(p));
	reed_irc_build_numeric(&b, REED_STR("irc.example.org"), REED_STR("somebody"), 366);
	reed_irc_build_param(&b, channel);
	reed_irc_build_usual_text(&b);
	reed_irc_build_end(&b, &line);
	sink += line.n;
}

/* Read a line, write it for a channel, with tags for three sorts of members. */
static void relay(void)
{
	char p[REED_IRC_LINE_MAX], time[REED_IRC_TIME_SIZE];
	struct reed_irc_envelope e;
	struct reed_irc_message m;
	struct reed_slice body;

	reed_irc_parse(REED_STR("PRIVMSG #some-channel :A sentence of the length that people "
	                        "write: about sixty bytes.\r\n"),
	               &reed_irc_from_client, &m);
	reed_irc_compose(p, source, REED_STR("PRIVMSG"), channel, reed_irc_text(&m), &body);
	reed_irc_envelope_init(&e, body);
	reed_irc_envelope_tag(&e, REED_STR("time"), reed_irc_time_format(1319042451620, time), 1);
	reed_irc_envelope_tag(&e, REED_STR("msgid"), REED_STR("6YgL4B1BzmMUVTYgWq3cCh"), 2);
	reed_irc_envelope_tag(&e, REED_STR("account"), REED_STR("some"), 4);
	sink += reed_irc_envelope_line(&e, 0)->n + reed_irc_envelope_line(&e, 1)->n +
	        reed_irc_envelope_line(&e, 7)->n;
	reed_irc_envelope_finish(&e);
}

/* What one more member of that channel costs, as far as it is done here. */
static void next_recipient(void)
{
	static struct reed_irc_envelope e;
	static uint64_t bits;

	if (!e.body.p) {
		reed_irc_envelope_init(&e, REED_STR(":a PRIVMSG b :c\r\n"));
		reed_irc_envelope_tag(&e, REED_STR("time"), REED_STR("T"), 1);
		reed_irc_envelope_tag(&e, REED_STR("account"), REED_STR("some"), 4);
	}
	sink += reed_irc_envelope_line(&e, ++bits)->n;
}

/* Not known to the compiler, which would do these small things once and for all. */
static volatile unsigned turn;
static const char nicks[2][12] = { "SomeBody_12", "somebody_12" };

static void hash_nick(void)
{
	sink += reed_irc_hash(REED_IRC_CASEMAP_ASCII, reed_slice(nicks[turn], 11), 1);
}

static void compare_nicks(void)
{
	sink += reed_irc_eq(REED_IRC_CASEMAP_ASCII, reed_slice(nicks[turn], 11),
	                    reed_slice(nicks[turn + 1], 11));
}

static void match_ban(void)
{
	sink += reed_irc_match(REED_IRC_CASEMAP_ASCII, REED_STR("*!*@*.example.com"), source);
}

static void format_time(void)
{
	char p[REED_IRC_TIME_SIZE];

	sink += reed_irc_time_format(1319042451620 + turn, p).n + (uint64_t)p[18];
}

static void strip_colours(void)
{
	char p[128];

	sink += reed_irc_strip(REED_STR("\x02"
	                                "A sentence\x02 of \x03"
	                                "04,12sixty\x03 bytes or so, "
	                                "\x1d"
	                                "with colours\x0f."),
	                       p)
	                .n;
}

static void measure(const char *name, void (*run)(void))
{
	uint64_t best = UINT64_MAX;

	for (int round = 0; round < ROUNDS; round++) {
		uint64_t begin = now(), took;

		for (int i = 0; i < OPERATIONS; i++)
			run();
		took = now() - begin;
		best = took < best ? took : best;
	}
	printf("%-24s %7.1f ns %8.2f M/s\n", name, (double)best / OPERATIONS,
	       OPERATIONS * 1e3 / (double)best);
}

int main(void)
{
	measure("parse PING", parse_ping);
	measure("parse from a client", parse_from_client);
	measure("parse from a server", parse_from_server);
	measure("parse with three tags", parse_tagged);
	measure("parse and check UTF-8", parse_utf8_and_check);
	measure("compose", compose);
	measure("build", build);
	measure("build a numeric", build_numeric);
	measure("relay to three sorts", relay);
	measure("next recipient", next_recipient);
	measure("hash a nick", hash_nick);
	measure("compare nicks", compare_nicks);
	measure("match a ban", match_ban);
	measure("write the time", format_time);
	measure("strip colours", strip_colours);
	return 0;
}
