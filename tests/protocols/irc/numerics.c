/* The table of numerics. */

#include "check.h"
#include "reed/irc/numerics.h"

static const struct {
	unsigned number;
	const char *name, *params, *text;
} all[] = {
#define X(name, number, params, text) { number, #name, params, text },
	REED_IRC_REPLIES(X)
#undef X
};

static void they_are_in_order_and_each_is_there_once(void)
{
	for (size_t i = 1; i < REED_COUNT(all); i++)
		check(all[i - 1].number < all[i].number);
	check(all[REED_COUNT(all) - 1].number < 1000);
}

static void each_is_found_by_its_number(void)
{
	for (size_t i = 0; i < REED_COUNT(all); i++) {
		check_str(reed_irc_numeric_name(all[i].number), all[i].name);
		check_str(reed_irc_numeric_params(all[i].number), all[i].params);
		check(!reed_irc_numeric_text(all[i].number) == !all[i].text);
	}
	check_str(reed_irc_numeric_text(433), "Nickname is already in use");
	check(!reed_irc_numeric_text(332));
	check(!reed_irc_numeric_name(0));
	check(!reed_irc_numeric_name(999));
	check(!reed_irc_numeric_params(100000));
}

static void refusals_are_told_from_answers(void)
{
	for (size_t i = 0; i < REED_COUNT(all); i++)
		check_int(reed_irc_numeric_is_error(all[i].number), all[i].name[0] == 'E');
	check(reed_irc_numeric_is_error(REED_IRC_ERR_SASLFAIL));
	check(!reed_irc_numeric_is_error(REED_IRC_RPL_SASLSUCCESS));
	check(reed_irc_numeric_is_error(599));
	check(!reed_irc_numeric_is_error(299));
	check(!reed_irc_numeric_is_error(600));
}

/* A colon in the parameters and a usual sentence are two last parameters. */
static void there_is_one_last_parameter_at_most(void)
{
	for (size_t i = 0; i < REED_COUNT(all); i++) {
		bool own = all[i].params[0] == ':' || strstr(all[i].params, " :");

		check(!own || !all[i].text);
	}
}

int main(void)
{
	RUN(they_are_in_order_and_each_is_there_once);
	RUN(each_is_found_by_its_number);
	RUN(refusals_are_told_from_answers);
	RUN(there_is_one_last_parameter_at_most);
	return 0;
}
