/* What a stranger offers with DCC: what is read is written as the same, names are plain. */

#include "check.h"
#include "reed/irc/dcc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void named(struct reed_slice s)
{
	char name[REED_IRC_DCC_NAME];

	reed_irc_dcc_file_name(s, name);
	check(name[0] != '\0' && name[0] != '.' && strlen(name) <= 200);
	check(!strpbrk(name, "/\\\r\n\001"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reed_slice params = { (const char *)data, size }, out;
	struct reed_irc_dcc d, back;
	char room[2048];

	named(params);
	if (reed_irc_dcc_parse(params, &d))
		return 0;
	named(d.name);
	check(d.name.n > 0 && d.token.n <= REED_IRC_DCC_TOKEN);
	if (reed_irc_dcc_format(&d, room, sizeof(room), &out))
		return 0;
	check_int(reed_irc_dcc_parse(out, &back), REED_OK);
	check(reed_slice_eq(d.name, back.name) && reed_slice_eq(d.token, back.token));
	check(d.kind == back.kind && d.size == back.size && d.has_size == back.has_size);
	check_int(d.address.port, back.address.port);
	return 0;
}
