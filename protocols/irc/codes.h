/* Private: the codes of formatting, which strip, parse and split have to agree on. */

#ifndef REED_IRC_CODES_H
#define REED_IRC_CODES_H

#include "reed/irc/text.h"

#define CODE_BOLD      '\002'
#define CODE_COLOUR    '\003'
#define CODE_RGB       '\004'
#define CODE_RESET     '\017'
#define CODE_MONOSPACE '\021'
#define CODE_REVERSE   '\026'
#define CODE_ITALIC    '\035'
#define CODE_STRIKE    '\036'
#define CODE_UNDERLINE '\037'

static inline bool is_code(char c)
{
	const uint32_t codes = UINT32_C(1) << CODE_BOLD | UINT32_C(1) << CODE_COLOUR |
	                       UINT32_C(1) << CODE_RGB | UINT32_C(1) << CODE_RESET |
	                       UINT32_C(1) << CODE_MONOSPACE | UINT32_C(1) << CODE_REVERSE |
	                       UINT32_C(1) << CODE_ITALIC | UINT32_C(1) << CODE_STRIKE |
	                       UINT32_C(1) << CODE_UNDERLINE;

	return (unsigned char)c < 32 && (codes >> (unsigned char)c & 1);
}

/* Applies the code that s begins with to the style; how many bytes it has, 0 when it is none. */
size_t reed_irc_apply_code(struct reed_slice s, struct reed_irc_style *style);

#endif
