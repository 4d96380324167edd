/* What may be the name of a user or a channel: see casemap.h. */

#include "reed/irc/casemap.h"

#include "utf8.h"

static const struct reed_irc_name_rules strict = { .utf8 = false };

static size_t limit(size_t wanted, size_t usual)
{
	return wanted ? wanted : usual;
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* RFC 2812 2.3.1: special */
static bool is_special(char c)
{
	return (c >= '[' && c <= '`') || (c >= '{' && c <= '}');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_ascii(char c)
{
	return (unsigned char)c < 0x80;
}

/* Characters that nobody sees, or that are not characters (Unicode: Cc, Zs, Zl, Zp, most of Cf). */
static bool is_unseen(uint32_t c)
{
	static const uint32_t ranges[][2] = {
		{ 0x00, 0x20 },       { 0x7f, 0xa0 },       { 0xad, 0xad },
		{ 0x34f, 0x34f },     { 0x61c, 0x61c },     { 0x115f, 0x1160 },
		{ 0x1680, 0x1680 },   { 0x17b4, 0x17b5 },   { 0x180b, 0x180f },
		{ 0x2000, 0x200f },   { 0x2028, 0x202f },   { 0x205f, 0x206f },
		{ 0x2800, 0x2800 },   { 0x3000, 0x3000 },   { 0x3164, 0x3164 },
		{ 0xe000, 0xf8ff },   { 0xfdd0, 0xfdef },   { 0xfe00, 0xfe0f },
		{ 0xfeff, 0xfeff },   { 0xffa0, 0xffa0 },   { 0xfff0, 0xffff },
		{ 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a }, { 0xe0000, 0x10ffff },
	};

	for (size_t i = 0; i < REED_COUNT(ranges); i++)
		if (c >= ranges[i][0] && c <= ranges[i][1])
			return true;
	return (c & 0xfffe) == 0xfffe;
}

/* Of what is not ASCII in s; of ASCII the callers have their own opinion. */
static const char *wrong_beyond_ascii(struct reed_slice s, const struct reed_irc_name_rules *rules)
{
	uint32_t c;
	size_t n;

	for (; s.n > 0; s = reed_slice_from(s, n)) {
		n = utf8_char(s, &c);
		if (c < 0x80)
			continue;
		if (!rules->utf8)
			return "Names are made of ASCII characters here";
		if (c == UTF8_WRONG)
			return "Names are UTF-8 here, and this is not";
		if (is_unseen(c))
			return "A name has no characters that cannot be seen";
	}
	return NULL;
}

const char *reed_irc_nick_wrong(struct reed_slice nick, const struct reed_irc_name_rules *rules)
{
	rules = rules ? rules : &strict;
	if (nick.n == 0)
		return "A nickname has at least one character";
	if (nick.n > limit(rules->nick_max, 30))
		return "This nickname is too long";
	if (is_digit(nick.p[0]) || nick.p[0] == '-')
		return "A nickname does not begin with a digit or '-'";
	for (size_t i = 0; i < nick.n; i++)
		if (is_ascii(nick.p[i]) && !is_letter(nick.p[i]) && !is_special(nick.p[i]) &&
		    !is_digit(nick.p[i]) && nick.p[i] != '-')
			return "A nickname is made of letters, digits and -_[]\\`^{|}";
	return wrong_beyond_ascii(nick, rules);
}

const char *reed_irc_user_wrong(struct reed_slice user, const struct reed_irc_name_rules *rules)
{
	rules = rules ? rules : &strict;
	if (user.n == 0)
		return "A user name has at least one character";
	if (user.n > limit(rules->user_max, 10))
		return "This user name is too long";
	for (size_t i = 0; i < user.n; i++)
		if (is_ascii(user.p[i]) && !is_letter(user.p[i]) && !is_digit(user.p[i]) &&
		    !memchr("-_.~+", user.p[i], 5))
			return "A user name is made of letters, digits and -_.~+";
	return wrong_beyond_ascii(user, rules);
}

const char *reed_irc_channel_wrong(struct reed_slice channel,
                                   const struct reed_irc_name_rules *rules)
{
	const char *types;

	rules = rules ? rules : &strict;
	types = rules->chantypes ? rules->chantypes : "#";
	if (channel.n == 0 || channel.p[0] == '\0' || !strchr(types, channel.p[0]))
		return "The name of a channel begins with '#' or what else CHANTYPES says";
	if (channel.n > limit(rules->channel_max, 64))
		return "This name of a channel is too long";
	for (size_t i = 0; i < channel.n; i++)
		if ((unsigned char)channel.p[i] <= ' ' || channel.p[i] == 0x7f ||
		    channel.p[i] == ',')
			return "The name of a channel has no spaces, commas or control characters";
	return wrong_beyond_ascii(channel, rules);
}
