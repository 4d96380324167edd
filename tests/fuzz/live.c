/* Lines and JSON of any page. */

#include "check.h"
#include "protocols/live/private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_inside(struct reed_slice part, struct reed_slice all)
{
	return part.n == 0 || (part.p >= all.p && part.p + part.n <= all.p + all.n);
}

static void parse_lines(struct reed_slice rest)
{
	struct live_line line;

	while (rest.n > 0) {
		struct reed_slice text = reed_slice_cut(&rest, '\n');

		if (live_line_parse(text, &line))
			continue;
		check(is_inside(line.name, text) && is_inside(line.json, text) &&
		      is_inside(line.token, text));
		check(line.word < LIVE_CALL || (line.number > 0 && line.json.n > 0));
		check(line.name.n <= LIVE_NAME);
	}
}

/* A string that was read is the same when it was quoted and is read again. */
static void read_strings(struct reed_slice array)
{
	struct reed_slice element;

	for (unsigned i = 0; i < 20 && !reed_live_element(array, i, &element); i++) {
		struct reed_buf text = { .limit = 0 }, json = { .limit = 0 },
				again = { .limit = 0 };

		check(is_inside(element, array) && element.n > 0);
		if (!reed_live_text(array, i, &text) && reed_slice_is_utf8(reed_buf_slice(&text))) {
			reed_buf_add_char(&json, '[');
			reed_live_quote(&json, reed_buf_slice(&text));
			reed_buf_add_char(&json, ']');
			check(!reed_live_text(reed_buf_slice(&json), 0, &again));
			check(reed_slice_eq(reed_buf_slice(&text), reed_buf_slice(&again)));
		}
		reed_buf_finish(&text);
		reed_buf_finish(&json);
		reed_buf_finish(&again);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	parse_lines(reed_slice(data, size));
	read_strings(reed_slice(data, size));
	return 0;
}
