#include "h2_text.h"

#include "tests/check.h"

static const struct {
	const char *name;
	uint8_t type;
} types[] = {
	{ "DATA", 0 },         { "HEADERS", 1 },
	{ "PRIORITY", 2 },     { "RST_STREAM", 3 },
	{ "SETTINGS", 4 },     { "PING", 6 },
	{ "GOAWAY", 7 },       { "WINDOW_UPDATE", 8 },
	{ "CONTINUATION", 9 }, { "PRIORITY_UPDATE", 16 },
	{ "UNKNOWN", 0x77 },
};

enum { END_STREAM = 1, ACK = 1, END_HEADERS = 4 };

static void add_number(struct reed_buf *out, uint32_t n, int bytes)
{
	while (bytes-- > 0)
		reed_buf_add_char(out, (char)(n >> (8 * bytes)));
}

/* ---- said ---- */

static void add_string(struct reed_buf *out, struct reed_slice s)
{
	size_t n = s.n;

	if (n < 127) {
		reed_buf_add_char(out, (char)n);
	} else {
		reed_buf_add_char(out, 127);
		for (n -= 127; n >= 128; n /= 128)
			reed_buf_add_char(out, (char)(n % 128 + 128));
		reed_buf_add_char(out, (char)n);
	}
	reed_buf_add(out, s);
}

/* RFC 7541 6.2.2: literal, without indexing. */
static void add_fields(struct reed_buf *out, struct reed_slice rest)
{
	while (rest.n > 0) {
		struct reed_slice value = reed_slice_cut(&rest, ' '), name;
		bool pseudo = value.n > 0 && value.p[0] == ':';

		name = reed_slice_cut(&value, '=');
		check(name.n > 0 && (pseudo || name.p[0] != ':'));
		reed_buf_add_char(out, 0);
		add_string(out, name);
		add_string(out, value);
	}
}

static uint32_t take_number(struct reed_slice *rest)
{
	uint64_t n = 0;

	check_int(reed_slice_u64(reed_slice_cut(rest, ' '), UINT32_MAX, &n), REED_OK);
	return (uint32_t)n;
}

static bool take_word(struct reed_slice *rest, const char *word)
{
	struct reed_slice after = *rest;

	if (!reed_slice_is(reed_slice_cut(&after, ' '), word))
		return false;
	*rest = after;
	return true;
}

static void add_settings(struct reed_buf *out, struct reed_slice rest)
{
	while (rest.n > 0) {
		struct reed_slice value = reed_slice_cut(&rest, ' '), id;

		id = reed_slice_cut(&value, '=');
		add_number(out, take_number(&id), 2);
		add_number(out, take_number(&value), 4);
	}
}

static void add_payload(struct reed_buf *out, uint8_t type, bool ack, struct reed_slice rest)
{
	switch (type) {
	case 1:
	case 9:
		add_fields(out, rest);
		break;
	case 4:
		add_settings(out, rest);
		break;
	case 6:
		reed_buf_add(out, ack ? REED_STR("goodbye\0") : REED_STR("12345678"));
		break;
	case 2:
		add_number(out, take_number(&rest), 4);
		reed_buf_add_char(out, 15);
		break;
	case 16:
		add_number(out, take_number(&rest), 4);
		reed_buf_add(out, rest);
		break;
	case 3:
	case 7:
	case 8:
		while (rest.n > 0)
			add_number(out, take_number(&rest), 4);
		break;
	default:
		reed_buf_add(out, rest);
		break;
	}
}

static void add_raw(struct reed_buf *out, struct reed_slice hex)
{
	for (size_t i = 0; i + 1 < hex.n; i += 2) {
		char two[3] = { hex.p[i], hex.p[i + 1], '\0' };

		reed_buf_add_char(out, (char)strtoul(two, NULL, 16));
	}
}

static void add_frame(struct reed_buf *out, uint8_t type, struct reed_slice rest)
{
	struct reed_buf payload = { .limit = 0 };
	uint32_t stream = take_number(&rest);
	bool end = take_word(&rest, "end"), open = take_word(&rest, "open");
	bool ack = take_word(&rest, "ack");

	add_payload(&payload, type, ack, rest);
	add_number(out, (uint32_t)reed_buf_held(&payload), 3);
	reed_buf_add_char(out, (char)type);
	reed_buf_add_char(out, (char)((end || ack ? END_STREAM : 0) |
	                              ((type == 1 || type == 9) && !open ? END_HEADERS : 0)));
	add_number(out, stream, 4);
	reed_buf_add(out, reed_buf_slice(&payload));
	reed_buf_finish(&payload);
}

void h2_text_add(struct reed_buf *out, const char *line)
{
	struct reed_slice rest = reed_slice_of(line), word = reed_slice_cut(&rest, ' ');

	if (reed_slice_is(word, "PREFACE")) {
		reed_buf_add_str(out, NGHTTP2_CLIENT_MAGIC);
		return;
	}
	if (reed_slice_is(word, "RAW")) {
		add_raw(out, rest);
		return;
	}
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (reed_slice_is(word, types[i].name)) {
			add_frame(out, types[i].type, rest);
			return;
		}
	fprintf(stderr, "no frame: %s\n", line);
	abort();
}

void h2_text_add_all(struct reed_buf *out, const char *lines)
{
	char line[4096];

	while (*lines) {
		size_t n = strcspn(lines, "\n");

		check(n < sizeof(line));
		memcpy(line, lines, n);
		line[n] = '\0';
		h2_text_add(out, line);
		lines += n + 1;
	}
}

/* ---- heard ---- */

static uint32_t number_of(const char *p, int bytes)
{
	uint32_t n = 0;

	while (bytes-- > 0)
		n = n << 8 | (uint8_t)*p++;
	return n;
}

static void say_fields(nghttp2_hd_inflater *inflater, struct reed_slice in, bool last,
                       struct reed_buf *line)
{
	for (;;) {
		nghttp2_nv nv;
		int flags = 0;
		ssize_t n = nghttp2_hd_inflate_hd2(inflater, &nv, &flags, (const uint8_t *)in.p,
		                                   in.n, last);

		check(n >= 0);
		in = reed_slice_from(in, (size_t)n);
		if (flags & NGHTTP2_HD_INFLATE_EMIT)
			reed_buf_printf(line, " %s=%s", nv.name, nv.value);
		if (flags & NGHTTP2_HD_INFLATE_FINAL) {
			nghttp2_hd_inflate_end_headers(inflater);
			return;
		}
		if (n == 0 && !(flags & NGHTTP2_HD_INFLATE_EMIT))
			return;
	}
}

static void say_numbers(struct reed_slice in, struct reed_buf *line)
{
	for (; in.n >= 4; in = reed_slice_from(in, 4))
		reed_buf_printf(line, " %u", number_of(in.p, 4) & 0x7fffffff);
}

static void say_payload(nghttp2_hd_inflater *inflater, uint8_t type, uint8_t flags,
                        struct reed_slice in, struct reed_buf *line)
{
	if ((type == 0 || type == 1) && flags & END_STREAM)
		reed_buf_add_str(line, " end");
	if ((type == 4 || type == 6) && flags & ACK)
		reed_buf_add_str(line, " ack");
	if (type == 1 || type == 9)
		say_fields(inflater, in, flags & END_HEADERS, line);
	else if (type == 0 && in.n > 0)
		reed_buf_printf(line, " " REED_FMT, REED_ARG(in));
	else if (type == 3 || type == 8)
		say_numbers(in, line);
	else if (type == 7)
		say_numbers(reed_slice_first(in, 8), line);
}

bool h2_text_take(nghttp2_hd_inflater *inflater, struct reed_slice *in, struct reed_buf *line)
{
	uint32_t n = in->n >= 9 ? number_of(in->p, 3) : 0;
	uint8_t type, flags;

	if (in->n < 9 || in->n < 9 + n)
		return false;
	type = (uint8_t)in->p[3];
	flags = (uint8_t)in->p[4];
	reed_buf_clear(line);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (types[i].type == type)
			reed_buf_add_str(line, types[i].name);
	reed_buf_printf(line, " %u", number_of(in->p + 5, 4));
	say_payload(inflater, type, flags, reed_slice(in->p + 9, n), line);
	*in = reed_slice_from(*in, 9 + n);
	return true;
}
