/* What allocations, pools and blobs promise. */

#include <stdalign.h>
#include <sys/wait.h>
#include <unistd.h>

#include "reed/blob.h"
#include "reed/pool.h"
#include "tests/core/tools.h"

/* ---- alloc ---- */

static void memory_is_zeroed_and_never_null(void)
{
	char *p = reed_alloc(100), *none = reed_alloc(0);

	check(none != NULL);
	for (int i = 0; i < 100; i++)
		check_int(p[i], 0);
	p = reed_realloc(p, 1000);
	check_int(p[99], 0);
	p = reed_realloc_try(p, 2000);
	check(p != NULL);
	reed_free(p);
	reed_free(none);
	reed_free(NULL);
}

static void strings_are_copied_and_printed(void)
{
	char *copy = reed_strdup("abc"), *text = reed_sprintf("%s-%d", "x", 5);

	check_str(copy, "abc");
	check_str(text, "x-5");
	check(reed_strdup(NULL) == NULL);
	reed_free(copy);
	reed_free(text);
}

static void secrets_are_wiped(void)
{
	char secret[] = "password";

	reed_wipe(secret, sizeof(secret));
	for (size_t i = 0; i < sizeof(secret); i++)
		check_int(secret[i], 0);
	reed_wipe(NULL, 0);
}

static void *nothing_left(size_t size)
{
	(void)size;
	return NULL;
}

static void last_words(size_t size)
{
	_exit(size == 12345 ? 7 : 8);
}

static void without_memory_the_program_says_its_last_words(void)
{
	static const struct reed_allocator empty = { NULL, nothing_left, NULL, NULL, last_words };
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		reed_allocator_set(&empty);
		reed_alloc_raw(12345);
		_exit(9);
	}
	check(waitpid(pid, &status, 0) == pid);
	check(WIFEXITED(status) && WEXITSTATUS(status) == 7);
}

/* ---- pools ---- */

static void a_pool_hands_out_zeroed_and_aligned_memory(void)
{
	struct reed_pool pool = { 0 };

	for (size_t n = 1; n < 3000; n += 37) {
		char *p = reed_pool_alloc(&pool, n);

		check((uintptr_t)p % alignof(max_align_t) == 0);
		for (size_t i = 0; i < n; i++)
			check_int(p[i], 0);
		memset(p, 0xff, n);
	}
	reed_pool_finish(&pool);
	reed_pool_finish(&pool);
}

static void a_pool_copies_with_a_nul_behind(void)
{
	struct reed_pool pool = { 0 };
	struct reed_slice copy = reed_pool_copy(&pool, reed_slice("abcdef", 3));

	check_slice(copy, "abc");
	check(copy.p[3] == '\0');
	check_str(reed_pool_strdup(&pool, REED_STR("x")), "x");
	check_str(reed_pool_strdup(&pool, (struct reed_slice){ 0 }), "");
	reed_pool_finish(&pool);
}

static void a_pool_over_its_limit_gives_nothing(void)
{
	struct reed_pool pool;

	reed_pool_init(&pool, 100);
	check(reed_pool_alloc(&pool, 60) != NULL);
	check(reed_pool_alloc(&pool, 60) == NULL);
	check(reed_pool_copy(&pool, reed_slice("", 60)).p == NULL);
	check(reed_pool_alloc(&pool, SIZE_MAX) == NULL);
	check(reed_pool_alloc(&pool, SIZE_MAX - 15) == NULL);
	check(reed_pool_copy(&pool, (struct reed_slice){ "", SIZE_MAX }).p == NULL);
	check(reed_pool_alloc(&pool, 20) != NULL);
	check(pool.used <= 100);
	reed_pool_finish(&pool);
}

/* However small the pieces: what they cost is what is counted. */
static void many_small_pieces_are_limited_too(void)
{
	struct reed_pool pool;
	size_t n = 0, bytes;

	reed_pool_init(&pool, 4096);
	while (reed_pool_alloc(&pool, 1) && n < 100000)
		n++;
	check(n <= 4096);
	bytes = n * alignof(max_align_t);
	check(bytes <= 4096);
	reed_pool_finish(&pool);
}

static void a_cleared_pool_keeps_one_block_for_the_next_message(void)
{
	struct reed_pool pool;
	size_t live = memory.live, total;

	reed_pool_init(&pool, 10000);
	for (int i = 0; i < 50; i++)
		memset(reed_pool_alloc(&pool, 100), 0xff, 100);
	reed_pool_clear(&pool);
	check_int(memory.live - live, 1);
	total = memory.total;
	for (int round = 0; round < 10; round++) {
		char *p = reed_pool_alloc(&pool, 500);

		for (int i = 0; i < 500; i++)
			check_int(p[i], 0);
		memset(p, 0xff, 500);
		reed_pool_clear(&pool);
	}
	check_int(memory.total, total);
	check(reed_pool_alloc(&pool, 9000) != NULL);
	reed_pool_clear(&pool);
	check(memory.live - live <= 1 && pool.used == 0);
	reed_pool_finish(&pool);
	check_int(memory.live, live);
}

/* ---- blobs ---- */

static void a_blob_lives_as_long_as_its_last_holder(void)
{
	size_t live = memory.live;
	struct reed_blob *blob = reed_blob_new(REED_STR("abc")), *same = reed_blob_share(blob);

	check(same == blob && blob->holders == 2);
	reed_blob_release(blob);
	check_slice(reed_blob_slice(same), "abc");
	reed_blob_release(same);
	reed_blob_release(NULL);
	check_int(memory.live, live);
}

static void a_blob_may_be_filled_in_or_empty(void)
{
	struct reed_blob *blob = reed_blob_alloc(3), *empty = reed_blob_new(REED_STR(""));

	memcpy(blob->bytes, "xyz", 3);
	check_slice(reed_blob_slice(blob), "xyz");
	check_int(reed_blob_slice(empty).n, 0);
	reed_blob_release(blob);
	reed_blob_release(empty);
}

int main(void)
{
	count_memory();
	RUN(memory_is_zeroed_and_never_null);
	RUN(strings_are_copied_and_printed);
	RUN(secrets_are_wiped);
	RUN(without_memory_the_program_says_its_last_words);

	RUN(a_pool_hands_out_zeroed_and_aligned_memory);
	RUN(a_pool_copies_with_a_nul_behind);
	RUN(a_pool_over_its_limit_gives_nothing);
	RUN(many_small_pieces_are_limited_too);
	RUN(a_cleared_pool_keeps_one_block_for_the_next_message);

	RUN(a_blob_lives_as_long_as_its_last_holder);
	RUN(a_blob_may_be_filled_in_or_empty);
	check_int(memory.live, 0);
	return 0;
}
