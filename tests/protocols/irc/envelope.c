/* One message to many: a body once, a line for each set of tags. */

#include "check.h"
#include "reed/irc/build.h"

enum { TIME = 1, ACCOUNT = 2, TAGS = 4, OTHER = 8 };

static const struct reed_slice body = { ":j!j@h PRIVMSG #c :hi\r\n", 23 };

static void begin(struct reed_irc_envelope *e)
{
	reed_irc_envelope_init(e, body);
	reed_irc_envelope_tag(e, REED_STR("time"), REED_STR("T"), TIME);
	reed_irc_envelope_tag(e, REED_STR("account"), REED_STR("joe s"), ACCOUNT | TAGS);
	reed_irc_envelope_tag(e, REED_STR("bot"), REED_STR(""), TAGS);
	reed_irc_envelope_client_tags(e, REED_STR("x=1;+a=\\s;label=5;+b"), TAGS);
}

static void each_recipient_gets_the_tags_it_takes(void)
{
	struct reed_irc_envelope e;

	begin(&e);
	check_slice(reed_blob_slice(reed_irc_envelope_line(&e, 0)), ":j!j@h PRIVMSG #c :hi\r\n");
	check_slice(reed_blob_slice(reed_irc_envelope_line(&e, OTHER)),
	            ":j!j@h PRIVMSG #c :hi\r\n");
	check_slice(reed_blob_slice(reed_irc_envelope_line(&e, TIME)),
	            "@time=T :j!j@h PRIVMSG #c :hi\r\n");
	check_slice(reed_blob_slice(reed_irc_envelope_line(&e, TIME | ACCOUNT)),
	            "@time=T;account=joe\\ss :j!j@h PRIVMSG #c :hi\r\n");
	check_slice(reed_blob_slice(reed_irc_envelope_line(&e, TAGS)),
	            "@account=joe\\ss;bot;+a=\\s;+b :j!j@h PRIVMSG #c :hi\r\n");
	reed_irc_envelope_finish(&e);
}

static void equal_recipients_share_a_line(void)
{
	struct reed_irc_envelope e;
	struct reed_blob *plain, *timed;

	begin(&e);
	plain = reed_irc_envelope_line(&e, OTHER);
	timed = reed_irc_envelope_line(&e, TIME | OTHER);
	check(plain != timed);
	check(reed_irc_envelope_line(&e, 0) == plain);
	check(reed_irc_envelope_line(&e, TIME) == timed);
	check_int(e.n_lines, 2);
	reed_irc_envelope_finish(&e);
}

static void a_shared_line_outlives_its_envelope(void)
{
	struct reed_irc_envelope e;
	struct reed_blob *kept;

	begin(&e);
	kept = reed_blob_share(reed_irc_envelope_line(&e, TIME));
	reed_irc_envelope_finish(&e);
	check_slice(reed_blob_slice(kept), "@time=T :j!j@h PRIVMSG #c :hi\r\n");
	reed_blob_release(kept);
}

static void more_sets_than_are_kept_are_written_anew(void)
{
	struct reed_irc_envelope e;
	char keys[12][2] = { { 0 } };

	reed_irc_envelope_init(&e, body);
	for (unsigned i = 0; i < REED_COUNT(keys); i++) {
		keys[i][0] = (char)('a' + i);
		reed_irc_envelope_tag(&e, reed_slice(keys[i], 1), REED_STR(""), 1u << i);
	}
	for (int round = 0; round < 3; round++) {
		for (unsigned i = 0; i < REED_COUNT(keys); i++) {
			struct reed_slice line =
				reed_blob_slice(reed_irc_envelope_line(&e, 1u << i));

			check_int(line.n, 3 + body.n);
			check_int(line.p[1], 'a' + (int)i);
		}
	}
	check_int(e.n_lines, REED_IRC_ENVELOPE_LINES);
	reed_irc_envelope_finish(&e);
}

static void tags_without_a_plus_are_not_passed_on(void)
{
	struct reed_irc_envelope e;

	reed_irc_envelope_init(&e, body);
	reed_irc_envelope_client_tags(&e, REED_STR("time=fake;account=admin"), TAGS);
	check_int(e.bits, 0);
	check_slice(reed_blob_slice(reed_irc_envelope_line(&e, TAGS)), ":j!j@h PRIVMSG #c :hi\r\n");
	reed_irc_envelope_finish(&e);
}

static void both_sides_may_fill_their_half_of_the_tags(void)
{
	char ours[REED_IRC_TAG_DATA_MAX], theirs[REED_IRC_TAG_DATA_MAX];
	struct reed_irc_envelope e;

	memset(ours, 'x', sizeof(ours));
	memset(theirs, 'y', sizeof(theirs));
	theirs[0] = '+';
	reed_irc_envelope_init(&e, body);
	reed_irc_envelope_tag(&e, REED_STR("a"), reed_slice(ours, sizeof(ours) - 2), TAGS);
	reed_irc_envelope_client_tags(&e, reed_slice(theirs, sizeof(theirs)), TAGS);
	check_int(reed_irc_envelope_line(&e, TAGS)->n, REED_IRC_TAGS_MAX + body.n);
	reed_irc_envelope_finish(&e);
}

static void too_many_tags_give_no_line(void)
{
	struct reed_irc_envelope e;

	reed_irc_envelope_init(&e, body);
	for (int i = 0; i < REED_IRC_ENVELOPE_TAGS; i++)
		reed_irc_envelope_tag(&e, REED_STR("a"), REED_STR(""), TAGS);
	check(reed_irc_envelope_line(&e, TAGS));
	reed_irc_envelope_tag(&e, REED_STR("a"), REED_STR(""), TAGS);
	check_int(e.err, REED_ETOOBIG);
	check(!reed_irc_envelope_line(&e, 0x4000));
	reed_irc_envelope_finish(&e);
}

static void a_wrong_tag_gives_no_line(void)
{
	struct reed_irc_envelope e;

	reed_irc_envelope_init(&e, body);
	reed_irc_envelope_tag(&e, REED_STR("a b"), REED_STR(""), TAGS);
	check(!reed_irc_envelope_line(&e, TAGS));
	check_int(e.err, REED_ESYNTAX);
	reed_irc_envelope_finish(&e);
}

int main(void)
{
	RUN(each_recipient_gets_the_tags_it_takes);
	RUN(equal_recipients_share_a_line);
	RUN(a_shared_line_outlives_its_envelope);
	RUN(more_sets_than_are_kept_are_written_anew);
	RUN(tags_without_a_plus_are_not_passed_on);
	RUN(both_sides_may_fill_their_half_of_the_tags);
	RUN(too_many_tags_give_no_line);
	RUN(a_wrong_tag_gives_no_line);
	return 0;
}
