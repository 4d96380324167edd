/* authorized_keys, and keys and signatures that a peer sends. */

#include "reed/ssh_key.h"

#include "check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void parse(struct reed_slice line)
{
	static struct reed_ssh_line parsed;
	const char *why = NULL;
	enum reed_err err = reed_ssh_line_parse(line, &parsed, &why);

	check(err == REED_OK || err == REED_ESYNTAX || err == REED_ENOTSUP);
	if (err)
		return;
	check(parsed.n > 4 && parsed.n <= sizeof(parsed.blob));
	check(parsed.kind.p >= line.p && parsed.kind.p + parsed.kind.n <= line.p + line.n);
	check(parsed.comment.n <= line.n && parsed.options.n <= line.n);
	/* what it yields is judged without a fall, too */
	err = reed_ssh_key_verify(reed_slice(parsed.blob, parsed.n), line, line);
	check(err == REED_EAUTH || err == REED_ESYNTAX || err == REED_ENOTSUP);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reed_slice all = reed_slice(data, size), rest = all;
	enum reed_err err = reed_ssh_key_verify(reed_slice_first(all, size / 2), REED_STR("x"),
	                                        reed_slice_from(all, size / 2));

	check(err == REED_EAUTH || err == REED_ESYNTAX || err == REED_ENOTSUP);
	while (rest.n > 0)
		parse(reed_slice_cut(&rest, '\n'));
	return 0;
}
