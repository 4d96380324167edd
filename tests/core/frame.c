/* What is a frame, and what is said of what is none.  Waiting for one: conformance/stream_frame.c. */

#include "reed/frame.h"

#include "reed/alloc.h"
#include "tests/check.h"

enum { MOST = 999 };

static struct reed_slice body;
static size_t whole;
static const char *wrong;

/* Of memory that ends with it, so that a look behind it is the sanitizer's. */
static enum reed_err parse(enum reed_frame kind, uint32_t most, struct reed_slice text)
{
	static char *memory;
	enum reed_err err;

	free(memory);
	memory = malloc(text.n ? text.n : 1);
	check(memory != NULL);
	memcpy(memory, text.p, text.n);
	wrong = NULL;
	err = reed_frame_parse(kind, most, reed_slice(memory, text.n), &body, &whole, &wrong);
	check((wrong != NULL) == (err && err != REED_EAGAIN));
	return err;
}

static void is_frame(enum reed_frame kind, struct reed_slice text, const char *message)
{
	check_int(parse(kind, MOST, text), REED_OK);
	check_slice(body, message);
	check_int(whole, text.n);
	for (size_t n = 0; n < text.n; n++) {
		check_int(parse(kind, MOST, reed_slice_first(text, n)), REED_EAGAIN);
		check(whole > n && whole <= text.n);
	}
}

static void is_none(const char *text, enum reed_err err, const char *words)
{
	check_int(parse(REED_FRAME_NETSTRING, MOST, reed_slice_of(text)), err);
	check_str(wrong, words);
}

static void each_kind_is_read_once_it_is_whole(void)
{
	is_frame(REED_FRAME_NETSTRING, REED_STR("5:hello,"), "hello");
	is_frame(REED_FRAME_NETSTRING, REED_STR("12:hello world!,"), "hello world!");
	is_frame(REED_FRAME_NETSTRING, REED_STR("0:,"), "");
	is_frame(REED_FRAME_8, REED_STR("\5hello"), "hello");
	is_frame(REED_FRAME_8, REED_STR("\0"), "");
	is_frame(REED_FRAME_16, REED_STR("\0\5hello"), "hello");
	is_frame(REED_FRAME_32, REED_STR("\0\0\0\5hello"), "hello");
}

static void what_follows_a_frame_is_left(void)
{
	check_int(parse(REED_FRAME_NETSTRING, MOST, REED_STR("3:abc,1:x,")), REED_OK);
	check_slice(body, "abc");
	check_int(whole, 6);
	check_int(parse(REED_FRAME_16, MOST, REED_STR("\0\1a\0\1b")), REED_OK);
	check_int(whole, 3);
}

static void a_netstring_is_written_in_one_way_only(void)
{
	is_none(":,", REED_EPROTO, "a netstring begins with no length");
	is_none("x", REED_EPROTO, "a netstring begins with no length");
	is_none(" 1:a,", REED_EPROTO, "a netstring begins with no length");
	is_none("-1:a,", REED_EPROTO, "a netstring begins with no length");
	is_none("+1:a,", REED_EPROTO, "a netstring begins with no length");
	is_none("01:a,", REED_EPROTO, "a netstring's length begins with 0");
	is_none("00:,", REED_EPROTO, "a netstring's length begins with 0");
	is_none("1 :a,", REED_EPROTO, "a netstring's length ends without ':'");
	is_none("1,a", REED_EPROTO, "a netstring's length ends without ':'");
	is_none("1:ab", REED_EPROTO, "a netstring ends without ','");
	is_none("1:a\n", REED_EPROTO, "a netstring ends without ','");
}

static void too_long_is_said_as_soon_as_it_can_be_seen(void)
{
	is_none("1000", REED_ETOOBIG, "a netstring is longer than allowed");
	is_none("999999999999999999999999999999999999", REED_ETOOBIG,
	        "a netstring is longer than allowed");
	check_int(parse(REED_FRAME_NETSTRING, MOST, REED_STR("999")), REED_EAGAIN);
	check_int(parse(REED_FRAME_NETSTRING, 0, REED_STR("0")), REED_EAGAIN);
	check_int(parse(REED_FRAME_NETSTRING, 0, REED_STR("1")), REED_ETOOBIG);
	check_int(parse(REED_FRAME_NETSTRING, UINT32_MAX, REED_STR("999999999")), REED_EAGAIN);
	check_int(parse(REED_FRAME_NETSTRING, UINT32_MAX, REED_STR("1000000000")), REED_ETOOBIG);
	check_int(parse(REED_FRAME_8, 4, REED_STR("\5")), REED_ETOOBIG);
	check_int(parse(REED_FRAME_16, MOST, REED_STR("\3\350")), REED_ETOOBIG);
	check_int(parse(REED_FRAME_16, MOST, REED_STR("\3\347")), REED_EAGAIN);
	check_int(parse(REED_FRAME_32, MOST, REED_STR("\377\377\377\377")), REED_ETOOBIG);
	check_str(wrong, "a frame is longer than allowed");
	check_int(parse(REED_FRAME_32, UINT32_MAX, REED_STR("\377\377\377\377")), REED_EAGAIN);
}

static void what_is_put_is_read_again(void)
{
	static const size_t lengths[] = { 0, 1, 9, 10, 255, 256, MOST };
	char bytes[MOST];
	struct reed_buf b = { 0 };

	memset(bytes, 'x', sizeof(bytes));
	for (int kind = REED_FRAME_NETSTRING; kind <= REED_FRAME_32; kind++) {
		for (size_t i = 0; i < REED_COUNT(lengths); i++) {
			struct reed_slice given = reed_slice(bytes, lengths[i]);

			if (lengths[i] > reed_frame_most((enum reed_frame)kind))
				continue;
			check_int(reed_frame_put((enum reed_frame)kind, given, &b), REED_OK);
			check_int(parse((enum reed_frame)kind, MOST, reed_buf_slice(&b)), REED_OK);
			check_int(whole, reed_buf_held(&b));
			check(reed_slice_eq(body, given));
			reed_buf_clear(&b);
		}
	}
	reed_buf_finish(&b);
}

static void what_the_length_cannot_say_is_not_put(void)
{
	struct reed_buf b = { 0 }, exact = { .limit = 4 };
	char bytes[256] = "";

	check_int(reed_frame_put(REED_FRAME_8, reed_slice(bytes, 256), &b), REED_ETOOBIG);
	check_int(reed_buf_held(&b), 0);
	check_int(reed_frame_put(REED_FRAME_8, REED_STR("a"), &b), REED_ETOOBIG);
	check_int(b.err, REED_ETOOBIG);
	check_int(reed_frame_put(REED_FRAME_8, REED_STR("abc"), &exact), REED_OK);
	check_int(reed_frame_put(REED_FRAME_8, REED_STR(""), &exact), REED_ETOOBIG);
	check_int(reed_buf_held(&exact), 4);
	reed_buf_finish(&b);
	reed_buf_finish(&exact);
}

int main(void)
{
	RUN(each_kind_is_read_once_it_is_whole);
	RUN(what_follows_a_frame_is_left);
	RUN(a_netstring_is_written_in_one_way_only);
	RUN(too_long_is_said_as_soon_as_it_can_be_seen);
	RUN(what_is_put_is_read_again);
	RUN(what_the_length_cannot_say_is_not_put);
	return 0;
}
