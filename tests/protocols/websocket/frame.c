/* Heads, masks, codes and text of frames. */

#include "talk.h"

static enum reed_err parse(const char *bytes, size_t n, struct reed_ws_frame *frame, size_t *used)
{
	return reed_ws_frame_parse(reed_slice(bytes, n), frame, used);
}

static void a_head_says_what_was_put_into_it(void)
{
	static const uint64_t lengths[] = {
		0, 1, 125, 126, 127, 65535, 65536, 1u << 31, INT64_MAX
	};

	for (size_t i = 0; i < REED_COUNT(lengths); i++) {
		for (int masked = 0; masked < 2; masked++) {
			struct reed_ws_frame in = { .opcode = REED_WS_BINARY,
				                    .fin = true,
				                    .masked = masked,
				                    .mask = { 1, 2, 3, 4 },
				                    .length = lengths[i] };
			struct reed_ws_frame out;
			char head[REED_WS_HEAD];
			size_t n = reed_ws_frame_put(&in, head), used = 0;

			for (size_t part = 0; part < n; part++)
				check_int(parse(head, part, &out, &used), REED_EAGAIN);
			check_int(parse(head, n, &out, &used), REED_OK);
			check_int(used, n);
			check(out.length == in.length && out.masked == in.masked && out.fin);
			check(!masked || memcmp(out.mask, in.mask, 4) == 0);
		}
	}
}

static void every_first_byte_is_taken_or_refused_as_the_rfc_has_it(void)
{
	for (unsigned first = 0; first < 256; first++) {
		char bytes[2] = { (char)first, 0 };
		unsigned opcode = first & 15;
		bool known = opcode <= 2 || (opcode >= 8 && opcode <= 10);
		bool control_is_plain = opcode < 8 || ((first & 0x80) && !(first & 0x40));
		struct reed_ws_frame frame;
		size_t used;

		check_int(parse(bytes, 2, &frame, &used),
		          known && control_is_plain && !(first & 0x30) ? REED_OK : REED_EPROTO);
	}
}

static void a_length_has_one_form(void)
{
	struct reed_ws_frame frame;
	size_t used;

	check_int(parse("\x82\x7e\x00\x7d", 4, &frame, &used), REED_EPROTO);
	check_int(parse("\x82\x7e\x00\x7e", 4, &frame, &used), REED_OK);
	check_int(parse("\x82\x7f\0\0\0\0\0\0\xff\xff", 10, &frame, &used), REED_EPROTO);
	check_int(parse("\x82\x7f\0\0\0\0\0\1\0\0", 10, &frame, &used), REED_OK);
	check_int(parse("\x82\x7f\x80\0\0\0\0\1\0\0", 10, &frame, &used), REED_EPROTO);
	check_int(parse("\x89\x7e\x00\x7e", 4, &frame, &used), REED_EPROTO);
}

static void a_mask_is_the_same_from_any_place_and_in_any_pieces(void)
{
	static const uint8_t mask[4] = { 0x11, 0x22, 0x44, 0x88 };
	char from[67], whole[67], pieces[67];

	for (size_t i = 0; i < sizeof(from); i++)
		from[i] = (char)(i * 7);
	reed_ws_mask(whole, from, sizeof(from), mask, 0);
	for (size_t i = 0; i < sizeof(from); i++)
		check_int((uint8_t)whole[i], (uint8_t)from[i] ^ mask[i & 3]);
	for (size_t cut = 0; cut <= sizeof(from); cut++) {
		reed_ws_mask(pieces, from, cut, mask, 0);
		reed_ws_mask(pieces + cut, from + cut, sizeof(from) - cut, mask, cut);
		check(memcmp(pieces, whole, sizeof(whole)) == 0);
	}
	reed_ws_mask(whole, whole, sizeof(whole), mask, 0);
	check(memcmp(whole, from, sizeof(from)) == 0);
}

static void codes_are_those_that_may_be_sent(void)
{
	for (unsigned code = 0; code <= 65535; code++) {
		bool good = (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
		            (code >= 3000 && code <= 4999);

		check_int(reed_ws_code_is_good(code), good);
	}
}

static bool good_in_pieces(struct reed_slice text, size_t cut)
{
	struct reed_ws_utf8 utf8 = { .need = 0 };

	return reed_ws_utf8_add(&utf8, reed_slice_first(text, cut)) &&
	       reed_ws_utf8_add(&utf8, reed_slice_from(text, cut)) && reed_ws_utf8_is_whole(&utf8);
}

/* All that two, three and four bytes can be at its borders, against the kernel's check. */
static void text_is_checked_as_the_kernel_does_wherever_it_is_cut(void)
{
	static const unsigned char edges[] = { 0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf,
		                               0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee,
		                               0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff };
	enum { N = sizeof(edges) };
	char text[13] = "abcdefgh";

	for (size_t i = 0; i < (size_t)N * N * N * N; i++) {
		struct reed_slice s = reed_slice(text, 12);
		bool good;

		text[8] = (char)edges[i % N];
		text[9] = (char)edges[i / N % N];
		text[10] = (char)edges[i / N / N % N];
		text[11] = (char)edges[i / N / N / N];
		good = reed_slice_is_utf8(s);
		for (size_t cut = 7; cut <= 12; cut++)
			check_int(good_in_pieces(s, cut), good);
	}
}

static void text_fails_at_the_first_byte_that_spoils_it(void)
{
	struct reed_ws_utf8 utf8 = { .need = 0 };

	check(reed_ws_utf8_add(&utf8, REED_STR("\xf4")));
	check(!reed_ws_utf8_add(&utf8, REED_STR("\x90")));
}

int main(void)
{
	RUN(a_head_says_what_was_put_into_it);
	RUN(every_first_byte_is_taken_or_refused_as_the_rfc_has_it);
	RUN(a_length_has_one_form);
	RUN(a_mask_is_the_same_from_any_place_and_in_any_pieces);
	RUN(codes_are_those_that_may_be_sent);
	RUN(text_is_checked_as_the_kernel_does_wherever_it_is_cut);
	RUN(text_fails_at_the_first_byte_that_spoils_it);
	return 0;
}
