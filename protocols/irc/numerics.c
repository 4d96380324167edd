/* The table behind numerics.h. */

#include "reed/irc/numerics.h"

struct reply {
	unsigned number;
	const char *name, *params, *text;
};

static const struct reply replies[] = {
#define X(name, number, params, text) { number, #name, params, text },
	REED_IRC_REPLIES(X)
#undef X
};

static const struct reply *find(unsigned number)
{
	size_t low = 0, high = REED_COUNT(replies);

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (replies[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low < REED_COUNT(replies) && replies[low].number == number ? &replies[low] : NULL;
}

const char *reed_irc_numeric_name(unsigned number)
{
	const struct reply *reply = find(number);

	return reply ? reply->name : NULL;
}

const char *reed_irc_numeric_params(unsigned number)
{
	const struct reply *reply = find(number);

	return reply ? reply->params : NULL;
}

const char *reed_irc_numeric_text(unsigned number)
{
	const struct reply *reply = find(number);

	return reply ? reply->text : NULL;
}

bool reed_irc_numeric_is_error(unsigned number)
{
	const struct reply *reply = find(number);

	return reply ? reply->name[0] == 'E' : number >= 400 && number <= 599;
}
