/* The names of commands: from word to number and back. */

#include "reed/irc/message.h"

#include "bytes.h"

#define NAME_MAX 15
#define CAPITALS (EACH_BYTE * 0xdf)

static const char names[REED_IRC_COMMANDS_END + 1][NAME_MAX + 1] = {
#define X(name) [REED_IRC_##name] = #name,
	REED_IRC_COMMANDS(X)
#undef X
};

/* Where the words with each letter begin; there are at most nine with the same. */
static const uint8_t first[26] = {
	['A' - 'A'] = REED_IRC_ACCEPT, ['B' - 'A'] = REED_IRC_BATCH,
	['C' - 'A'] = REED_IRC_CAP,    ['D' - 'A'] = REED_IRC_DIE,
	['E' - 'A'] = REED_IRC_ERROR,  ['F' - 'A'] = REED_IRC_FAIL,
	['H' - 'A'] = REED_IRC_HELP,   ['I' - 'A'] = REED_IRC_INFO,
	['J' - 'A'] = REED_IRC_JOIN,   ['K' - 'A'] = REED_IRC_KICK,
	['L' - 'A'] = REED_IRC_LINKS,  ['M' - 'A'] = REED_IRC_MAP,
	['N' - 'A'] = REED_IRC_NAMES,  ['O' - 'A'] = REED_IRC_OPER,
	['P' - 'A'] = REED_IRC_PART,   ['Q' - 'A'] = REED_IRC_QUIT,
	['R' - 'A'] = REED_IRC_REDACT, ['S' - 'A'] = REED_IRC_SEARCH,
	['T' - 'A'] = REED_IRC_TAGMSG, ['U' - 'A'] = REED_IRC_UNKLINE,
	['V' - 'A'] = REED_IRC_VERIFY, ['W' - 'A'] = REED_IRC_WALLOPS,
};

/*
 * All bits but 0x20 make capitals of letters, and letters of nothing else: so
 * much folding is exact for names that are made of letters.
 */
enum reed_irc_command reed_irc_command_of(struct reed_slice verb)
{
	uint64_t head, tail = 0;
	unsigned letter;

	if (verb.n == 0 || verb.n > NAME_MAX)
		return REED_IRC_UNKNOWN;
	head = (verb.n < 8 ? load_part(verb.p, verb.n) : load8(verb.p)) & CAPITALS;
	if (verb.n > 8)
		tail = load_part(verb.p + 8, verb.n - 8) & CAPITALS;
	letter = (unsigned)(head & 0xff) - 'A';
	if (letter >= REED_COUNT(first) || !first[letter])
		return REED_IRC_UNKNOWN;
	for (unsigned at = first[letter]; names[at][0] == (char)('A' + letter); at++)
		if (load8(names[at]) == head && load8(names[at] + 8) == tail)
			return (enum reed_irc_command)at;
	return REED_IRC_UNKNOWN;
}

struct reed_slice reed_irc_command_name(enum reed_irc_command command)
{
	return reed_slice_of((unsigned)command < REED_IRC_COMMANDS_END ? names[command] : "");
}
