/* What a control port says: lines, replies of them, their words; and files of keys. */

#include "check.h"
#include "protocols/tor/private.h"

enum { LIMIT = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_words(struct reed_slice line)
{
	struct reed_buf quoted = { .limit = 0 };
	struct reed_slice rest = line, key, again, none;
	char *value, *same;

	while (!reed_tor_next(&rest, &key, &value)) {
		check(key.n == 0 || key.p >= line.p);
		if (!reed_tor_quote(&quoted, reed_slice_of(value))) {
			again = reed_buf_slice(&quoted);
			check_int(reed_tor_next(&again, &none, &same), REED_OK);
			check_str(same, value);
			reed_free(same);
		}
		reed_buf_clear(&quoted);
		reed_free(value);
	}
	reed_buf_finish(&quoted);
	reed_free(reed_tor_value(line, "METHODS"));
}

static void read_reply(struct tor_collect *c)
{
	struct reed_slice value;
	struct reed_tor_reply r;
	size_t bytes = 0;

	reed_tor_collected(c, &r);
	check(r.count > 0 && r.code >= 0 && r.code <= 999);
	for (size_t i = 0; i < r.count; i++) {
		bytes += r.lines[i].text.n + r.lines[i].data.n;
		check(r.lines[i].has_data || r.lines[i].data.n == 0);
		read_words(r.lines[i].text);
	}
	check(bytes <= LIMIT);
	for (size_t n = 0; reed_tor_reply_value(&r, "version", n, &value); n++)
		check(n < r.count);
	reed_tor_reply_finish(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tor_collect c = { .bytes = { .limit = LIMIT } };
	struct reed_slice rest = { (const char *)data, size };
	char key[REED_TOR_KEY] = "";
	const char *wrong = NULL;
	enum reed_err err = REED_OK;
	bool done;

	if (!reed_tor_key_read(rest, key))
		check(strlen(key) > 64);
	reed_tor_client_secret(rest, key);
	while (rest.n > 0 && !err) {
		struct reed_slice line = reed_slice_cut(&rest, '\n');

		err = reed_tor_collect(&c, line, &done, &wrong);
		check(err != REED_EPROTO || wrong);
		if (!err && done)
			read_reply(&c);
	}
	reed_tor_collect_finish(&c);
	return 0;
}
