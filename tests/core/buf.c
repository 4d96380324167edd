/* What buffers promise. */

#include "reed/buf.h"

#include "tests/core/tools.h"

static void a_zeroed_buffer_is_empty_and_has_no_limit(void)
{
	struct reed_buf b = { 0 };

	check(reed_buf_held(&b) == 0 && reed_buf_slice(&b).n == 0 && reed_buf_slice(&b).p);
	reed_buf_skip(&b, 0);
	reed_buf_clear(&b);
	reed_buf_add(&b, (struct reed_slice){ 0 });
	check(!b.err && !b.p);
	reed_buf_finish(&b);
	reed_buf_finish(&b);
}

static void what_is_added_is_taken_from_the_front(void)
{
	struct reed_buf b = { 0 };

	reed_buf_add(&b, REED_STR("one "));
	reed_buf_add_str(&b, "two");
	reed_buf_add_char(&b, ' ');
	reed_buf_printf(&b, "%s %d", "three", 4);
	reed_buf_printf(&b, "%s", "");
	check_slice(reed_buf_slice(&b), "one two three 4");
	reed_buf_skip(&b, 4);
	check_slice(reed_buf_slice(&b), "two three 4");
	reed_buf_skip(&b, 11);
	check(reed_buf_held(&b) == 0 && b.begin == 0 && b.end == 0);
	reed_buf_finish(&b);
}

static void a_byte_with_the_value_of_a_nul_is_a_byte(void)
{
	struct reed_buf b = { 0 };

	reed_buf_add_char(&b, '\0');
	reed_buf_add(&b, reed_slice("\0x", 2));
	check(reed_slice_eq(reed_buf_slice(&b), reed_slice("\0\0x", 3)));
	reed_buf_finish(&b);
}

/* Bytes go through it for ever in as much memory as is held at a time. */
static void a_buffer_that_is_emptied_does_not_grow(void)
{
	struct reed_buf b = { 0 };

	for (int i = 0; i < 10000; i++) {
		reed_buf_printf(&b, "%07d", i);
		if (i >= 10)
			reed_buf_skip(&b, 7);
		check(i < 10 || reed_buf_slice(&b).p[6] == '0' + (i - 9) % 10);
	}
	check(b.size <= 256);
	reed_buf_finish(&b);
}

static void printing_of_any_length_fits(void)
{
	struct reed_buf b = { 0 };
	char text[601];

	memset(text, 'x', sizeof(text));
	for (int n = 0; n <= 600; n++) {
		reed_buf_clear(&b);
		reed_buf_add(&b, REED_STR("abc"));
		reed_buf_skip(&b, 1);
		reed_buf_printf(&b, "%.*s", n, text);
		check_int(reed_buf_held(&b), 2 + n);
		check(reed_slice_starts(reed_buf_slice(&b), REED_STR("bc")));
		check(n == 0 || reed_slice_ends(reed_buf_slice(&b), REED_STR("x")));
		if (n % 100 == 0)
			reed_buf_finish(&b);
	}
	reed_buf_finish(&b);
}

static void room_can_be_reserved_and_filled(void)
{
	struct reed_buf b = { 0 };

	check_int(reed_buf_reserve(&b, 1000), REED_OK);
	check(b.size - b.end >= 1000);
	memset(b.p + b.end, 'y', 1000);
	reed_buf_added(&b, 10);
	check_int(reed_buf_held(&b), 10);
	check_slice(reed_buf_slice(&b), "yyyyyyyyyy");
	check_int(reed_buf_reserve(&b, 0), REED_OK);
	reed_buf_finish(&b);
}

static void an_addition_over_the_limit_adds_nothing_and_the_buffer_fails(void)
{
	struct reed_buf b;

	reed_buf_init(&b, 10);
	reed_buf_add_str(&b, "0123456789");
	check(!b.err && reed_buf_held(&b) == 10);
	reed_buf_add_char(&b, 'x');
	check_int(b.err, REED_ETOOBIG);
	check_int(reed_buf_held(&b), 10);
	reed_buf_skip(&b, 10);
	reed_buf_add_char(&b, 'x');
	reed_buf_printf(&b, "y");
	check_int(reed_buf_reserve(&b, 1), REED_ETOOBIG);
	check_int(reed_buf_held(&b), 0);
	check(reed_buf_take(&b) == NULL && !b.p && !b.err);
	reed_buf_add_str(&b, "well again");
	check(!b.err && b.limit == 10);
	reed_buf_finish(&b);
}

static void the_limit_is_of_what_is_held_not_of_what_went_through(void)
{
	struct reed_buf b;

	reed_buf_init(&b, 10);
	for (int i = 0; i < 100; i++) {
		reed_buf_add_str(&b, "0123456789");
		check_int(b.err, REED_OK);
		reed_buf_skip(&b, 10);
	}
	reed_buf_printf(&b, "%s", "0123456789");
	check_int(b.err, REED_OK);
	reed_buf_printf(&b, "%s", "x");
	check_int(b.err, REED_ETOOBIG);
	reed_buf_clear(&b);
	check_int(b.err, REED_OK);
	reed_buf_finish(&b);
}

static void sizes_that_nobody_has_are_too_big(void)
{
	struct reed_buf b = { 0 };

	reed_buf_add_str(&b, "abc");
	check_int(reed_buf_reserve(&b, SIZE_MAX), REED_ETOOBIG);
	check_int(b.err, REED_ETOOBIG);
	check_slice(reed_buf_slice(&b), "abc");
	reed_buf_finish(&b);
}

static void what_is_taken_is_the_callers(void)
{
	struct reed_buf b;
	char *text;

	reed_buf_init(&b, 100);
	reed_buf_add_str(&b, "xabc");
	reed_buf_skip(&b, 1);
	text = reed_buf_take(&b);
	check_str(text, "abc");
	reed_free(text);
	check(reed_buf_held(&b) == 0 && b.limit == 100);
	text = reed_buf_take(&b);
	check_str(text, "");
	reed_free(text);
}

/* ---- without memory ---- */

static size_t allowed;

static void *limited_realloc(void *p, size_t size)
{
	return size > allowed ? NULL : realloc(p, size);
}

static void a_buffer_survives_that_there_is_no_memory(void)
{
	static const struct reed_allocator poor = { calloc, malloc, limited_realloc, free, NULL };
	struct reed_buf b = { 0 };

	reed_allocator_set(&poor);
	allowed = 300;
	for (int i = 0; i < 50; i++)
		reed_buf_add_str(&b, "0123456789");
	check_int(b.err, REED_ENOMEM);
	check(reed_buf_held(&b) >= 120 && reed_slice_ends(reed_buf_slice(&b), REED_STR("89")));
	reed_buf_finish(&b);
	count_memory();
}

int main(void)
{
	count_memory();
	RUN(a_zeroed_buffer_is_empty_and_has_no_limit);
	RUN(what_is_added_is_taken_from_the_front);
	RUN(a_byte_with_the_value_of_a_nul_is_a_byte);
	RUN(a_buffer_that_is_emptied_does_not_grow);
	RUN(printing_of_any_length_fits);
	RUN(room_can_be_reserved_and_filled);
	RUN(an_addition_over_the_limit_adds_nothing_and_the_buffer_fails);
	RUN(the_limit_is_of_what_is_held_not_of_what_went_through);
	RUN(sizes_that_nobody_has_are_too_big);
	RUN(what_is_taken_is_the_callers);
	RUN(a_buffer_survives_that_there_is_no_memory);
	check_int(memory.live, 0);
	return 0;
}
