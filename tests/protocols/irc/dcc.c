/* The words of DCC, and names that strangers give to files. */

#include "check.h"
#include "reed/irc/dcc.h"

static struct reed_irc_dcc read_as(const char *params, enum reed_err wanted)
{
	struct reed_irc_dcc d;
	enum reed_err err = reed_irc_dcc_parse(reed_slice_of(params), &d);

	if (err != wanted)
		fprintf(stderr, "%s\n", params);
	check_int(err, wanted);
	return d;
}

static void is_at(const struct reed_irc_dcc *d, const char *address)
{
	char text[REED_ADDRESS_TEXT];

	check_str(reed_address_text(&d->address, text), address);
}

static void an_offer_of_a_file_has_a_name_an_address_and_a_size(void)
{
	struct reed_irc_dcc d = read_as("SEND reed.txt 3232235777 5000 123456789012", REED_OK);

	check_int(d.kind, REED_IRC_DCC_SEND);
	check_slice(d.name, "reed.txt");
	is_at(&d, "192.168.1.1:5000");
	check(d.has_size);
	check_int(d.size, 123456789012);
	check_slice(d.token, "");
	d = read_as("send \"two words.txt\" 2001:db8::1 1024", REED_OK);
	check_slice(d.name, "two words.txt");
	is_at(&d, "[2001:db8::1]:1024");
	check(!d.has_size);
	d = read_as("SEND x 192.0.2.7 4000 1", REED_OK);
	is_at(&d, "192.0.2.7:4000");
}

static void a_passive_offer_has_a_token_and_no_port(void)
{
	struct reed_irc_dcc d = read_as("SEND x 199 0 10 77", REED_OK);

	check_int(d.address.port, 0);
	check_slice(d.token, "77");
	read_as("SEND x 199 0 10", REED_ESYNTAX);
	d = read_as("CHAT chat 0 0 abc", REED_OK);
	check_int(d.kind, REED_IRC_DCC_CHAT);
	check_slice(d.token, "abc");
}

static void positions_go_with_ports_or_tokens(void)
{
	struct reed_irc_dcc d = read_as("RESUME file.ext 5000 4096", REED_OK);

	check_int(d.kind, REED_IRC_DCC_RESUME);
	check_int(d.address.port, 5000);
	check_int(d.size, 4096);
	d = read_as("ACCEPT \"file.ext\" 0 4096 77", REED_OK);
	check_int(d.kind, REED_IRC_DCC_ACCEPT);
	check_slice(d.token, "77");
}

static void what_is_no_offer_is_refused(void)
{
	static const char *const wrong[] = {
		"",
		"SEND",
		"SEND x",
		"SEND x 1",
		"SEND x 1 65536 1",
		"SEND x 1 -1 1",
		"SEND x 4294967296 5000 1",
		"SEND x host.example 5000 1",
		"SEND x 1 5000 1x",
		"SEND x 1 5000 18446744073709551616",
		"SEND \"x 1 5000 1",
		"SEND \"\" 1 5000 1",
		"XMIT x 1 5000 1",
		"RESUME x 5000",
		"ACCEPT x 5000 -1",
		"CHAT chat 1 0",
		"SEND x 1 0 1 123456789012345678901234567890123",
	};

	for (size_t i = 0; i < REED_COUNT(wrong); i++)
		read_as(wrong[i], REED_ESYNTAX);
}

static void written_as(const struct reed_irc_dcc *d, const char *wanted)
{
	struct reed_slice out;
	char p[200];

	check_int(reed_irc_dcc_format(d, p, sizeof(p), &out), REED_OK);
	check_slice(out, wanted);
	check_int(reed_irc_dcc_format(d, p, strlen(wanted), &out), REED_ETOOBIG);
}

static void offers_are_written(void)
{
	struct reed_irc_dcc d = { .kind = REED_IRC_DCC_SEND,
		                  .name = REED_STR("two words"),
		                  .has_size = true,
		                  .size = 5 };

	check_int(reed_address_parse(REED_STR("192.168.1.1"), 5000, &d.address), REED_OK);
	written_as(&d, "SEND \"two words\" 3232235777 5000 5");
	d.token = REED_STR("t");
	check_int(reed_address_parse(REED_STR("2001:db8::1"), 5000, &d.address), REED_OK);
	written_as(&d, "SEND \"two words\" 2001:db8::1 5000 5 t");
	d.kind = REED_IRC_DCC_RESUME;
	d.token = REED_STR("");
	written_as(&d, "RESUME \"two words\" 5000 5");
}

static void what_would_be_read_as_something_else_is_not_written(void)
{
	struct reed_irc_dcc d = { .kind = REED_IRC_DCC_CHAT, .name = REED_STR("a\"b") };
	struct reed_slice out;
	char p[200];

	check_int(reed_irc_dcc_format(&d, p, sizeof(p), &out), REED_ESYNTAX);
	d.name = REED_STR("a\rb");
	check_int(reed_irc_dcc_format(&d, p, sizeof(p), &out), REED_ESYNTAX);
	d.name = REED_STR("chat");
	d.token = REED_STR("a b");
	check_int(reed_irc_dcc_format(&d, p, sizeof(p), &out), REED_ESYNTAX);
}

static void a_name_never_leaves_its_folder(void)
{
	static const char *const names[][2] = {
		{ "reed.txt", "reed.txt" },
		{ "two words.txt", "two words.txt" },
		{ "/etc/passwd", "passwd" },
		{ "../../.ssh/authorized_keys", "authorized_keys" },
		{ "C:\\Windows\\system.ini", "system.ini" },
		{ ".bashrc", "bashrc" },
		{ "..", "file" },
		{ "a/..", "file" },
		{ "/", "file" },
		{ "", "file" },
		{ " . x", "x" },
		{ "a\033[2Jb\x7f", "a_[2Jb_" },
	};
	char name[REED_IRC_DCC_NAME];

	for (size_t i = 0; i < REED_COUNT(names); i++)
		check_str(reed_irc_dcc_file_name(reed_slice_of(names[i][0]), name), names[i][1]);
}

static void a_long_name_is_cut_between_characters(void)
{
	char name[REED_IRC_DCC_NAME], long_one[400];

	memset(long_one, 'a', 199);
	strcpy(long_one + 199, "\303\244\303\244");
	reed_irc_dcc_file_name(reed_slice_of(long_one), name);
	check_int(strlen(name), 199);
	memset(long_one, 'a', 198);
	strcpy(long_one + 198, "\303\244\303\244");
	reed_irc_dcc_file_name(reed_slice_of(long_one), name);
	check_int(strlen(name), 200);
}

int main(void)
{
	RUN(an_offer_of_a_file_has_a_name_an_address_and_a_size);
	RUN(a_passive_offer_has_a_token_and_no_port);
	RUN(positions_go_with_ports_or_tokens);
	RUN(what_is_no_offer_is_refused);
	RUN(offers_are_written);
	RUN(what_would_be_read_as_something_else_is_not_written);
	RUN(a_name_never_leaves_its_folder);
	RUN(a_long_name_is_cut_between_characters);
	return 0;
}
