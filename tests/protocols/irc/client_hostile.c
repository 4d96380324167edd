/*
 * Servers that are slow, mad or hostile.  The client's memory stays within its
 * limits, and it leaves when nothing good can come any more.
 */

#include "tests/protocols/irc/client_peer.h"

enum { KB = 1024, MB = 1024 * KB };

static size_t bytes_before;

/* What the client, and what is on the way to and from it, have taken since. */
static bool took_less_than(size_t bytes)
{
	size_t now = memory.bytes > bytes_before ? memory.bytes - bytes_before : 0;

	if (now >= bytes)
		fprintf(stderr, "%zu bytes are taken\n", now);
	return now < bytes;
}

static void online(const struct reed_irc_client_options *options, const char *caps)
{
	begin_online(options, caps, "PREFIX=(ov)@+");
	bytes_before = memory.bytes;
}

static REED_PRINTF(1, 2) void says(const char *format, ...)
{
	char line[600];
	va_list args;

	va_start(args, format);
	peer_writes(line, (size_t)vsnprintf(line, sizeof(line), format, args));
	va_end(args);
}

static bool is_online(void)
{
	return reed_irc_client_state(client)->value == REED_IRC_ONLINE;
}

/* ---- before we are in ---- */

static void notices_without_end_are_no_welcome(void)
{
	begin(NULL);
	play("> CAP LS 302\n> NICK joe\n> USER joe 0 * joe\n");
	bytes_before = memory.bytes;
	for (int s = 0; s < 59; s++) {
		says(":irc NOTICE * :please wait, you are number %d in the queue\r\n", s);
		pass(1000);
		check_int(reed_irc_client_state(client)->value, REED_IRC_REGISTERING);
	}
	check(took_less_than(256 * KB));
	pass(2000);
	check(event_comes("DISCONNECTED tcp:irc.example:6667: the server does not let us in: "
	                  "timed out after 60000 ms"));
	finish();
}

static void a_motd_without_end_does_not_keep_us_out(void)
{
	begin(NULL);
	play("> CAP LS 302\n> NICK joe\n> USER joe 0 * joe\n< :irc 001 joe :Welcome\n");
	bytes_before = memory.bytes;
	for (int i = 0; i < 1100; i++) {
		for (int n = 0; n < 20; n++)
			says(":irc 372 joe :- rule %d: there are more rules\r\n", n);
		pass(10);
	}
	check(is_online());
	check_int(client->stats.lines_in, 22001);
	/* a thousand events wait for us, each with its line */
	check(took_less_than(2 * MB));
	finish();
}

static void capabilities_and_tokens_without_end_are_not_kept(void)
{
	begin(NULL);
	play("> CAP LS 302\n> NICK joe\n> USER joe 0 * joe\n");
	bytes_before = memory.bytes;
	for (int n = 0; n < 20000; n++) {
		says(":irc CAP * LS * :example.org/%d=value\r\n", n);
		says(":irc 005 joe TOKEN%d=value :are supported\r\n", n);
		if (n % 100 == 0)
			settle_down();
	}
	settle_down();
	check(took_less_than(2 * MB));
	check_int(client->cap_count, IRC_CAPS_MOST);
	finish();
}

/* ---- silence of some kind ---- */

static void half_a_line_is_no_sign_of_life(void)
{
	online(NULL, NULL);
	for (int s = 0; s < 239; s++) {
		peer_writes("x", 1);
		pass(1000);
	}
	check(is_online());
	for (int s = 0; s < 3; s++) {
		if (is_online())
			peer_writes("x", 1);
		pass(1000);
	}
	check(event_comes("DISCONNECTED tcp:irc.example:6667: the server has not answered a PING "
	                  "in 120000 ms"));
	finish();
}

static void who_talks_but_does_not_read_is_left(void)
{
	struct reed_irc_client_options options = peer_options();

	options.queue_bytes = 100 * KB;
	online(&options, NULL);
	for (int n = 0; n < 200000; n++) {
		says("PING :%d\r\n", n);
		if (n % 100 == 0)
			settle_down();
	}
	check(client->out_bytes <= 100 * KB && client->out_lines > 1000);
	check(took_less_than(1 * MB));
	for (int s = 0; s < 125 && is_online(); s++) {
		says("PING :%d\r\n", s);
		pass(1000);
	}
	check(event_comes("DISCONNECTED tcp:irc.example:6667: the server talks but does not read: "
	                  "timed out after 120000 ms"));
	finish();
}

static void without_limits_there_is_patience(void)
{
	struct reed_irc_client_options options = peer_options();
	struct owner o;

	options.ping_ms = options.answer_ms = options.register_ms = options.connect_ms = 0;
	begin(&options);
	pass(1000000);
	welcome(NULL, NULL);
	check(is_online());
	own(&o, reed_irc_ping(client, NULL));
	check(strncmp(hear(10), "PING ", 5) == 0);
	check(is_silent(1000000) && !o.told);
	disown(&o);
	finish();
}

/* ---- crowds ---- */

enum { CROWD = 5000 };

static void come_all(void)
{
	play("< :joe!j@h JOIN #reed\n");
	for (int n = 0; n < CROWD; n++) {
		says(":irc 353 joe = #reed :@n%d\r\n", n);
		if (n % 100 == 0)
			settle_down();
	}
	play("< :irc 366 joe #reed :End\n");
	check_int(client->stats.members, CROWD + 1); /* and we */
}

static void a_storm_of_quits_leaves_nothing(void)
{
	online(NULL, "batch");
	come_all();
	check(memory.bytes - bytes_before > CROWD * 100);
	play("< :irc BATCH +s netsplit irc.one irc.two\n");
	for (int n = 0; n < CROWD; n++) {
		says("@batch=s :n%d!u@h QUIT :irc.one irc.two\r\n", n);
		if (n % 100 == 0)
			settle_down();
	}
	play("< :irc BATCH -s\n");
	check_int(client->stats.members, 1);
	check_int(reed_irc_channel_find(client, S("#reed"))->members, 1);
	check_int(client->batch_count, 0);
	check_int(outcome(reed_irc_events_next(&events)), REED_EOVERFLOW);
	check(events.queue.missed > CROWD - 1000);
	check(event_comes("QUIT n4999 irc.one irc.two") && events.event->batch.n == 8);
	check(took_less_than(256 * KB));
	finish();
}

static void who_changes_names_without_end_is_one(void)
{
	online(NULL, NULL);
	play("< :joe!j@h JOIN #reed\n< :n0!u@h JOIN #reed\n");
	for (int n = 0; n < 20000; n++) {
		says(":n%d!u@h NICK n%d\r\n", n, n + 1);
		if (n % 100 == 0)
			settle_down();
	}
	settle_down();
	check_int(client->stats.members, 2);
	check(reed_irc_user_find(client, S("n20000")) != NULL);
	check(took_less_than(2 * MB));
	finish();
}

static void rooms_we_never_wanted_are_not_kept_without_end(void)
{
	struct reed_irc_client_options options = peer_options();

	options.channels_most = 100;
	online(&options, NULL);
	for (int n = 0; n < 20000; n++) {
		says(":joe!j@h JOIN #room%d\r\n", n);
		says(":irc 332 joe #room%d :a topic that is rather long, as topics are\r\n", n);
		if (n % 100 == 0)
			settle_down();
	}
	settle_down();
	check_int(client->stats.channels, 100);
	check(took_less_than(2 * MB));
	finish();
}

/* ---- noise ---- */

static uint32_t noise(void)
{
	static uint32_t state = 1;

	state = state * 1664525 + 1013904223;
	return state >> 8;
}

/* Bytes that are nothing, and words of the protocol in no order. */
static size_t rubbish(char *bytes, size_t room)
{
	static const char *const words[] = {
		":irc ",      "joe ",        "#reed ",    "PRIVMSG ", "MODE ",
		"353 ",       "BATCH ",      "@batch=a ", "NICK ",    "CAP ",
		"005 ",       "433 ",        "JOIN ",     "\001",     ":",
		"+ov ",       ":joe!j@h ",   "005 ",      "ERROR ",   "AUTHENTICATE ",
		"ACK :sasl ", " =PREFIX=(a", "\r\n",      "\r\n",     "\r\n",
	};
	size_t n = 0;

	while (n + 20 < room) {
		if (noise() % 8 == 0)
			bytes[n++] = (char)noise();
		else
			n += (size_t)snprintf(bytes + n, room - n, "%s",
			                      words[noise() % REED_COUNT(words)]);
	}
	return n;
}

static void noise_is_outlived(void)
{
	char bytes[2000];

	online(NULL, "batch message-tags");
	play("< :joe!j@h JOIN #reed\n");
	for (int i = 0; i < 2000; i++) {
		peer_writes(bytes, rubbish(bytes, sizeof(bytes)));
		settle_down();
		while (hear(0))
			continue;
	}
	check(is_online());
	check(client->stats.lines_in > 2000);
	check(took_less_than(8 * MB));
	play("< \n< PING :are you there\n> PONG :are you there\n");
	finish();
}

int main(void)
{
	lab_open();
	RUN(notices_without_end_are_no_welcome);
	RUN(a_motd_without_end_does_not_keep_us_out);
	RUN(capabilities_and_tokens_without_end_are_not_kept);
	RUN(half_a_line_is_no_sign_of_life);
	RUN(who_talks_but_does_not_read_is_left);
	RUN(without_limits_there_is_patience);
	RUN(a_storm_of_quits_leaves_nothing);
	RUN(who_changes_names_without_end_is_one);
	RUN(rooms_we_never_wanted_are_not_kept_without_end);
	RUN(noise_is_outlived);
	lab_close();
	return 0;
}
