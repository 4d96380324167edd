/* The index of a module as anybody may have written it; what is taken prints and reads the same. */

#include "core/app/catalog_private.h"

#include "check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reed_buf text = { .limit = 0 }, second = { .limit = 0 };
	struct module_index index, again;

	if (reed_index_parse(reed_slice(data, size), &index))
		return 0;
	reed_index_print(&index, &text);
	check_int(reed_index_parse(reed_buf_slice(&text), &again), REED_OK);
	check_int(again.count, index.count);
	reed_index_print(&again, &second);
	check(reed_slice_eq(reed_buf_slice(&text), reed_buf_slice(&second)));
	reed_index_finish(&index);
	reed_index_finish(&again);
	reed_buf_finish(&text);
	reed_buf_finish(&second);
	return 0;
}
