#include "reed/base64.h"

#include "check.h"

static void encodes_to(const char *bytes, const char *text)
{
	char into[64], back[64];
	size_t n;

	check_int(reed_base64(reed_slice_of(bytes), into), strlen(text));
	check_str(into, text);
	check_int(reed_base64_decode(reed_slice_of(text), back, sizeof(back), &n), REED_OK);
	check_int(n, strlen(bytes));
	check(memcmp(back, bytes, n) == 0);
}

/* RFC 4648 10 */
static void the_examples_of_the_rfc_hold(void)
{
	encodes_to("", "");
	encodes_to("f", "Zg==");
	encodes_to("fo", "Zm8=");
	encodes_to("foo", "Zm9v");
	encodes_to("foob", "Zm9vYg==");
	encodes_to("fooba", "Zm9vYmE=");
	encodes_to("foobar", "Zm9vYmFy");
}

static void every_byte_at_every_place_comes_back(void)
{
	unsigned char in[3], back[3];
	char text[REED_BASE64_ROOM(3)];
	size_t n;

	for (size_t place = 0; place < 3; place++) {
		for (unsigned c = 0; c < 256; c++) {
			memset(in, 0x5a, sizeof(in));
			in[place] = (unsigned char)c;
			reed_base64(reed_slice(in, 3), text);
			check(!reed_base64_decode(reed_slice_of(text), back, 3, &n));
			check(n == 3 && memcmp(in, back, 3) == 0);
		}
	}
}

static enum reed_err decoding(const char *text)
{
	char back[64];
	size_t n;

	return reed_base64_decode(reed_slice_of(text), back, sizeof(back), &n);
}

static void what_is_not_base64_is_refused(void)
{
	check_int(decoding("Zg"), REED_ESYNTAX);
	check_int(decoding("Zg="), REED_ESYNTAX);
	check_int(decoding("Zm9v\n"), REED_ESYNTAX);
	check_int(decoding(" m9v"), REED_ESYNTAX);
	check_int(decoding("Zm9-"), REED_ESYNTAX);
	check_int(decoding("Z==="), REED_ESYNTAX);
	check_int(decoding("===="), REED_ESYNTAX);
	check_int(decoding("Zg==Zg=="), REED_ESYNTAX);
	check_int(decoding("Zm=v"), REED_ESYNTAX);
}

static void every_foreign_character_is_refused(void)
{
	const char *known = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char text[4], back[3];
	size_t n;

	for (unsigned c = 0; c < 256; c++) {
		memcpy(text, "AAAA", 4);
		text[1] = (char)c;
		check_int(reed_base64_decode(reed_slice(text, 4), back, 3, &n),
		          memchr(known, (int)c, 64) ? REED_OK : REED_ESYNTAX);
	}
}

static void bits_that_mean_nothing_must_be_zero(void)
{
	check_int(decoding("Zh=="), REED_ESYNTAX);
	check_int(decoding("Zm9="), REED_ESYNTAX);
}

static void too_much_for_the_room_is_refused(void)
{
	char back[3];
	size_t n = 9;

	check_int(reed_base64_decode(REED_STR("Zm9vYg=="), back, 3, &n), REED_ETOOBIG);
	check_int(n, 0);
	check_int(reed_base64_decode(REED_STR("Zm9v"), back, 3, &n), REED_OK);
}

static void a_buffer_takes_base64_up_to_its_limit(void)
{
	struct reed_buf b;

	reed_buf_init(&b, 16);
	reed_buf_add_base64(&b, REED_STR("foob"));
	check_slice(reed_buf_slice(&b), "Zm9vYg==");
	reed_buf_add_base64(&b, REED_STR("foobar"));
	check_slice(reed_buf_slice(&b), "Zm9vYg==Zm9vYmFy");
	reed_buf_add_base64(&b, REED_STR("f"));
	check_int(b.err, REED_ETOOBIG);
	reed_buf_finish(&b);
}

static void url_goes_both_ways(const char *bytes, const char *text)
{
	struct reed_buf out = { .limit = 0 };
	char back[64];
	size_t n;

	reed_buf_add_base64url(&out, reed_slice_of(bytes));
	check_slice(reed_buf_slice(&out), text);
	check_int(reed_base64url_decode(reed_slice_of(text), back, sizeof(back), &n), REED_OK);
	check_int(n, strlen(bytes));
	check(memcmp(back, bytes, n) == 0);
	reed_buf_finish(&out);
}

/* RFC 4648 5 */
static void base64url_has_two_other_letters_and_no_padding(void)
{
	url_goes_both_ways("", "");
	url_goes_both_ways("f", "Zg");
	url_goes_both_ways("fo", "Zm8");
	url_goes_both_ways("foo", "Zm9v");
	url_goes_both_ways("foob", "Zm9vYg");
	url_goes_both_ways("\xfb\xff\xfe?", "-__-Pw");
}

static void what_is_not_base64url_is_refused(void)
{
	const char *wrong[] = { "Z", "Zg==", "Zm9+", "Zm9/", "Zm 8", "Zm9", "Zh", "Zm9vY" };
	char back[64];
	size_t n = 9;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		check_int(reed_base64url_decode(reed_slice_of(wrong[i]), back, sizeof(back), &n),
		          REED_ESYNTAX);
		check_int(n, 0);
	}
	check_int(reed_base64url_decode(REED_STR("Zm9vYg"), back, 3, &n), REED_ETOOBIG);
}

static void hexadecimal_goes_both_ways(void)
{
	char text[REED_HEX_ROOM(3)];
	unsigned char back[3];

	check_int(reed_hex(reed_slice("\x00\xaf\x10", 3), text), 6);
	check_str(text, "00af10");
	check_int(reed_hex_decode(REED_STR("00AF10"), back, 3), REED_OK);
	check(memcmp(back, "\x00\xaf\x10", 3) == 0);
	check_int(reed_hex_decode(REED_STR("00af1"), back, 3), REED_ESYNTAX);
	check_int(reed_hex_decode(REED_STR("00af1g"), back, 3), REED_ESYNTAX);
	check_int(reed_hex_decode(REED_STR("00:f10"), back, 3), REED_ESYNTAX);
	check_int(reed_hex_digit('F'), 15);
	check_int(reed_hex_digit('g'), -1);
	check_int(reed_hex_digit('&'), -1); /* 'F' and 'f' without a bit */
}

int main(void)
{
	RUN(the_examples_of_the_rfc_hold);
	RUN(every_byte_at_every_place_comes_back);
	RUN(what_is_not_base64_is_refused);
	RUN(every_foreign_character_is_refused);
	RUN(bits_that_mean_nothing_must_be_zero);
	RUN(too_much_for_the_room_is_refused);
	RUN(a_buffer_takes_base64_up_to_its_limit);
	RUN(base64url_has_two_other_letters_and_no_padding);
	RUN(what_is_not_base64url_is_refused);
	RUN(hexadecimal_goes_both_ways);
	return 0;
}
