/* Changes of modes: parsed by what letters mean, and written back. */

#include "check.h"
#include "reed/irc/modes.h"

static struct reed_irc_modes usual(void)
{
	struct reed_irc_modes modes;

	check_int(reed_irc_modes_init(&modes, REED_STR("beI,k,l,imnst"), REED_STR("(qohv)~@%+")),
	          REED_OK);
	return modes;
}

static void letters_have_kinds(void)
{
	struct reed_irc_modes modes = usual();

	check_int(reed_irc_mode_kind(&modes, 'b'), REED_IRC_MODE_LIST);
	check_int(reed_irc_mode_kind(&modes, 'I'), REED_IRC_MODE_LIST);
	check_int(reed_irc_mode_kind(&modes, 'k'), REED_IRC_MODE_PARAM);
	check_int(reed_irc_mode_kind(&modes, 'l'), REED_IRC_MODE_SET_PARAM);
	check_int(reed_irc_mode_kind(&modes, 't'), REED_IRC_MODE_FLAG);
	check_int(reed_irc_mode_kind(&modes, 'o'), REED_IRC_MODE_MEMBER);
	check_int(reed_irc_mode_kind(&modes, 'x'), REED_IRC_MODE_UNKNOWN);
	check_int(reed_irc_mode_kind(&modes, '\0'), REED_IRC_MODE_UNKNOWN);
	check_int(reed_irc_mode_kind(&modes, '\xff'), REED_IRC_MODE_UNKNOWN);
}

static void members_have_prefixes_and_ranks(void)
{
	struct reed_irc_modes modes = usual();

	check_int(reed_irc_prefix_of_mode(&modes, 'o'), '@');
	check_int(reed_irc_prefix_of_mode(&modes, 'b'), '\0');
	check_int(reed_irc_mode_of_prefix(&modes, '+'), 'v');
	check_int(reed_irc_mode_of_prefix(&modes, '#'), '\0');
	check_int(reed_irc_mode_of_prefix(&modes, '\0'), '\0');
	check(reed_irc_mode_rank(&modes, 'q') < reed_irc_mode_rank(&modes, 'o'));
	check(reed_irc_mode_rank(&modes, 'v') < reed_irc_mode_rank(&modes, 'b'));
}

static void more_kinds_than_four_are_not_understood(void)
{
	struct reed_irc_modes modes;

	check_int(reed_irc_modes_init(&modes, REED_STR("a,b,c,d,e"), REED_STR("")), REED_OK);
	check_int(reed_irc_mode_kind(&modes, 'd'), REED_IRC_MODE_FLAG);
	check_int(reed_irc_mode_kind(&modes, 'e'), REED_IRC_MODE_UNKNOWN);
	check_str(modes.members, "");
}

static void wrong_descriptions_change_nothing(void)
{
	static const char *const wrong[] = {
		"ov@+",
		"(ov",
		"(ov)@",
		"(ov)@+%",
		"ov)@+",
		"(o v)@+%",
		"(abcdefghijklmnop)1234567890123456",
	};
	struct reed_irc_modes modes = usual();

	for (size_t i = 0; i < REED_COUNT(wrong); i++) {
		check_int(reed_irc_modes_set_prefix(&modes, reed_slice_of(wrong[i])), REED_ESYNTAX);
		check_str(modes.members, "qohv");
	}
	check_int(reed_irc_modes_set_chanmodes(&modes, REED_STR("b,k,l,i m")), REED_ESYNTAX);
	check_int(reed_irc_modes_set_chanmodes(&modes, REED_STR("b,k,l,\xc3\xa4")), REED_ESYNTAX);
	check_int(reed_irc_modes_set_chanmodes(&modes, REED_STR("+b")), REED_ESYNTAX);
	check_int(reed_irc_mode_kind(&modes, 'k'), REED_IRC_MODE_PARAM);
}

static void parse(const char *line, struct reed_irc_mode_changes *changes)
{
	struct reed_irc_modes modes = usual();
	struct reed_irc_message m;

	check_int(reed_irc_parse(reed_slice_of(line), NULL, &m), REED_OK);
	check_int(reed_irc_modes_parse(&modes, m.params + 1, m.count - 1u, changes), REED_OK);
}

/* "+o joe,?b,!x,-k,": '?' asks for a list, '!' is unknown, '~' lacks its parameter. */
static void check_changes(const char *line, const char *wanted)
{
	struct reed_irc_mode_changes changes;
	char got[512] = "";
	size_t n = 0;

	parse(line, &changes);
	for (size_t i = 0; i < changes.count; i++) {
		const struct reed_irc_mode_change *c = &changes.at[i];
		char sign = c->what == REED_IRC_MODE_QUERY         ? '?'
		            : c->what == REED_IRC_MODE_NO_SUCH     ? '!'
		            : c->what == REED_IRC_MODE_LACKS_PARAM ? '~'
		            : c->set                               ? '+'
		                                                   : '-';

		n += (size_t)snprintf(got + n, sizeof(got) - n, "%c%c%s" REED_FMT ",", sign,
		                      c->letter, c->param.n ? " " : "", REED_ARG(c->param));
	}
	check_str(got, wanted);
}

static void changes_take_the_parameters_their_letters_need(void)
{
	check_changes("MODE #c +o joe", "+o joe,");
	check_changes("MODE #c +nt", "+n,+t,");
	check_changes("MODE #c +ov-b+k a b c!*@* key", "+o a,+v b,-b c!*@*,+k key,");
	check_changes("MODE #c -l+l 5", "-l,+l 5,");
	check_changes("MODE #c +lk-v 5 :key joe x", "+l 5,+k key joe x,~v,");
	check_changes("MODE #c nt", "+n,+t,");
	check_changes("MODE #c +-+i", "+i,");
	check_changes("MODE #c +", "");
	check_changes("MODE #c", "");
}

static void a_list_without_a_parameter_is_asked_for(void)
{
	check_changes("MODE #c b", "?b,");
	check_changes("MODE #c +beI", "?b,?e,?I,");
	check_changes("MODE #c +bb a!*@*", "+b a!*@*,?b,");
}

static void what_lacks_its_parameter_is_told(void)
{
	check_changes("MODE #c +o", "~o,");
	check_changes("MODE #c -o", "~o,");
	check_changes("MODE #c +k", "~k,");
	check_changes("MODE #c +k :", "~k,");
	check_changes("MODE #c +l", "~l,");
}

static void a_key_is_unset_with_and_without_it(void)
{
	check_changes("MODE #c -k", "-k,");
	check_changes("MODE #c -k key", "-k key,");
}

static void unknown_letters_are_told_and_take_nothing(void)
{
	check_changes("MODE #c +xo joe", "!x,+o joe,");
	check_changes("MODE #c +\xc3", "!\xc3,");
}

static void more_changes_than_there_is_room_for_are_an_error(void)
{
	struct reed_irc_modes modes = usual();
	struct reed_irc_mode_changes changes;
	char letters[REED_IRC_CHANGES_MAX + 1];
	struct reed_slice param = { letters, REED_IRC_CHANGES_MAX };

	memset(letters, 'n', sizeof(letters));
	check_int(reed_irc_modes_parse(&modes, &param, 1, &changes), REED_OK);
	check_int(changes.count, REED_IRC_CHANGES_MAX);
	param.n++;
	check_int(reed_irc_modes_parse(&modes, &param, 1, &changes), REED_ETOOBIG);
	check_int(changes.count, REED_IRC_CHANGES_MAX);
	check(!reed_irc_mode_add(&changes, true, 'n', REED_IRC_MODE_FLAG, param));
}

/* The lines that changes make, without head and end, bars between them. */
static void check_lines(const char *line, size_t max_params, size_t room, const char *wanted)
{
	struct reed_irc_mode_changes changes;
	char p[REED_IRC_LINE_MAX], got[1024] = "";
	size_t at = 0, n = 0;

	parse(line, &changes);
	while (at < changes.count) {
		struct reed_irc_builder b;
		struct reed_slice out;

		reed_irc_build(&b, p, room);
		reed_irc_build_command(&b, REED_STR(""), REED_STR("MODE"));
		reed_irc_build_param(&b, REED_STR("#c"));
		reed_irc_build_modes(&b, &changes, &at, max_params);
		check_int(reed_irc_build_end(&b, &out), REED_OK);
		out = reed_slice_trim(reed_slice_from(out, 8));
		n += (size_t)snprintf(got + n, sizeof(got) - n, REED_FMT "|", REED_ARG(out));
	}
	check_str(got, wanted);
}

static void changes_are_written_with_as_few_signs_as_can_be(void)
{
	check_lines("MODE #c +o+v-b-b+n a b c d", 0, 512, "+ov-bb+n a b c d|");
	check_lines("MODE #c -n", 0, 512, "-n|");
	check_lines("MODE #c +n-k", 0, 512, "+n-k|");
	check_lines("MODE #c +b", 0, 512, "+b|");
}

static void a_line_has_no_more_parameters_than_allowed(void)
{
	check_lines("MODE #c +ooooo a b c d e", 2, 512, "+oo a b|+oo c d|+o e|");
	check_lines("MODE #c +onoto a b c", 2, 512, "+onot a b|+o c|");
	check_lines("MODE #c +oooooooooooo 1 2 3 4 5 6 7 8 9 10 11 12", 0, 512,
	            "+oooooooooooo 1 2 3 4 5 6 7 8 9 10 11 12|");
}

static void a_line_is_not_longer_than_its_room(void)
{
	/* "MODE #c" and CR LF are 9 */
	check_lines("MODE #c +oo-v aaaa bbbb cccc", 0, 9 + 14, "+oo aaaa bbbb|-v cccc|");
	check_lines("MODE #c +oo-v aaaa bbbb cccc", 0, 9 + 13, "+o aaaa|+o bbbb|-v cccc|");
}

static void what_was_not_a_change_is_left_out(void)
{
	check_lines("MODE #c +xno a", 0, 512, "+no a|");
	check_lines("MODE #c -x+o-o+n a", 0, 512, "+on a|");
}

static void a_parameter_that_needs_a_colon_ends_its_line(void)
{
	check_lines("MODE #c +lk 5 :a b", 0, 512, "+lk 5 :a b|");
	check_lines("MODE #c +vk-n a :b c", 0, 512, "+vk a :b c|-n|");
}

static void a_change_too_long_for_any_line_is_an_error_and_passed_over(void)
{
	struct reed_irc_mode_changes changes = { 0 };
	struct reed_irc_builder b;
	char p[32];
	size_t at = 0;

	reed_irc_mode_add(&changes, true, 'o', REED_IRC_MODE_MEMBER,
	                  REED_STR("a-name-that-is-far-too-long-for-this"));
	reed_irc_build(&b, p, sizeof(p));
	reed_irc_build_command(&b, REED_STR(""), REED_STR("MODE"));
	reed_irc_build_modes(&b, &changes, &at, 0);
	check_int(b.err, REED_ETOOBIG);
	check_int(at, 1);
}

static void nothing_to_write_is_an_error(void)
{
	struct reed_irc_mode_changes changes;
	struct reed_irc_builder b;
	char p[64];
	size_t at = 0;

	parse("MODE #c +x", &changes);
	reed_irc_build(&b, p, sizeof(p));
	reed_irc_build_command(&b, REED_STR(""), REED_STR("MODE"));
	reed_irc_build_modes(&b, &changes, &at, 0);
	check_int(b.err, REED_EINVAL);
	check_int(at, changes.count);
}

static void modes_of_users_are_of_the_last_kind(void)
{
	struct reed_irc_modes modes;
	struct reed_irc_mode_changes changes;
	struct reed_slice params[2] = { REED_STR("+iw-o"), REED_STR("x") };

	check_int(reed_irc_modes_init(&modes, REED_STR(",,s,iow"), REED_STR("")), REED_OK);
	check_int(reed_irc_modes_parse(&modes, params, 2, &changes), REED_OK);
	check_int(changes.count, 3);
	check(changes.at[0].set && changes.at[1].set && !changes.at[2].set);
	check_int(changes.at[2].letter, 'o');
	check_int(changes.at[2].param.n, 0);
}

int main(void)
{
	RUN(letters_have_kinds);
	RUN(members_have_prefixes_and_ranks);
	RUN(more_kinds_than_four_are_not_understood);
	RUN(wrong_descriptions_change_nothing);
	RUN(changes_take_the_parameters_their_letters_need);
	RUN(a_list_without_a_parameter_is_asked_for);
	RUN(what_lacks_its_parameter_is_told);
	RUN(a_key_is_unset_with_and_without_it);
	RUN(unknown_letters_are_told_and_take_nothing);
	RUN(more_changes_than_there_is_room_for_are_an_error);
	RUN(changes_are_written_with_as_few_signs_as_can_be);
	RUN(a_line_has_no_more_parameters_than_allowed);
	RUN(a_line_is_not_longer_than_its_room);
	RUN(what_was_not_a_change_is_left_out);
	RUN(a_parameter_that_needs_a_colon_ends_its_line);
	RUN(a_change_too_long_for_any_line_is_an_error_and_passed_over);
	RUN(nothing_to_write_is_an_error);
	RUN(modes_of_users_are_of_the_last_kind);
	return 0;
}
