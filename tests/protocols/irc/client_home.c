/* Channels that are a client's homes: it goes there, and back, and says why it cannot. */

#include "tests/protocols/irc/client_peer.h"

static void live_in(const char *channels, bool rejoin_kicked)
{
	struct reed_irc_client_options options = peer_options();

	options.channels = channels;
	options.rejoin_kicked = rejoin_kicked;
	begin_online(&options, NULL, NULL);
}

static void a_channel_that_is_full_is_tried_again(void)
{
	live_in("#reed", false);
	play("> JOIN #reed\n< :irc 471 joe #reed :Cannot join channel (+l)\n");
	for (int i = 0; i < 3; i++) {
		check_str(hear(61000), "JOIN #reed");
		play("< :irc 471 joe #reed :Cannot join channel (+l)\n");
	}
	check_str(hear(61000), "JOIN #reed");
	play("< :joe!j@h JOIN #reed\n");
	check(is_silent(119000));
	finish();
}

static void one_that_cannot_be_is_not(void)
{
	static const char *const refusals[] = {
		"403 joe #reed :No such channel",
		"470 joe #reed ##reed :Forwarding to another channel",
		"476 joe #reed :Bad channel mask",
		"479 joe #reed :Illegal channel name",
	};
	char line[128];

	for (size_t i = 0; i < REED_COUNT(refusals); i++) {
		live_in("#reed", false);
		snprintf(line, sizeof(line), "> JOIN #reed\n< :irc %s\n", refusals[i]);
		play(line);
		check(is_silent(119000));
		finish();
	}
}

static void what_is_said_of_a_channel_later_changes_nothing(void)
{
	live_in("#reed", false);
	play("> JOIN #reed\n< :joe!j@h JOIN #reed\n< :irc 471 joe #reed :Cannot join channel\n"
	     "< :irc 404 joe #reed :Cannot send to channel\n< :irc 473 joe #other :no\n");
	check(is_silent(119000));
	finish();
}

static void whoever_was_kicked_may_come_back(void)
{
	live_in("#reed", true);
	play("> JOIN #reed\n< :joe!j@h JOIN #reed\n< :ann!a@h KICK #reed joe :out\n");
	check_str(hear(61000), "JOIN #reed");
	play("< :irc 474 joe #reed :Cannot join channel (+b)\n");
	check_str(hear(61000), "JOIN #reed");
	finish();
	live_in("#reed", false);
	play("> JOIN #reed\n< :joe!j@h JOIN #reed\n< :ann!a@h KICK #reed joe :out\n");
	check(is_silent(100000));
	finish();
}

/* ---- what the log says ---- */

static int told;
static char why[128];

static void hear_log(struct reed_log_tap *tap, const struct reed_log_event *e)
{
	(void)tap;
	if (!reed_slice_is(e->message, "cannot join"))
		return;
	told++;
	reed_slice_copy(why, sizeof(why), reed_log_value(e, "why"));
}

static void why_it_is_not_there_is_logged_but_not_every_minute(void)
{
	struct reed_log_tap tap = { .hear = hear_log, .level = REED_LOG_WARN };

	live_in("#reed", false);
	reed_log_set_level(reed_log_of(loop), REED_LOG_WARN);
	reed_log_tap(reed_log_of(loop), &tap);
	play("> JOIN #reed\n");
	for (int i = 0; i < 3; i++) {
		play("< :irc 475 joe #reed :Cannot join channel (+k)\n");
		check_str(hear(61000), "JOIN #reed");
	}
	check_int(told, 1);
	check_str(why, "Cannot join channel (+k)");
	play("< :irc 474 joe #reed :Cannot join channel (+b)\n");
	check_int(told, 2);
	check_str(why, "Cannot join channel (+b)");
	reed_log_untap(reed_log_of(loop), &tap);
	finish();
}

int main(void)
{
	lab_open();
	RUN(a_channel_that_is_full_is_tried_again);
	RUN(one_that_cannot_be_is_not);
	RUN(what_is_said_of_a_channel_later_changes_nothing);
	RUN(whoever_was_kicked_may_come_back);
	RUN(why_it_is_not_there_is_logged_but_not_every_minute);
	lab_close();
	return 0;
}
