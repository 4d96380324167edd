/* Host names.  One that has been read reads as itself. */

#include "check.h"
#include "core/resolve_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reed_fault *fault = NULL;
	struct reed_name name, again;

	if (reed_name_read(reed_slice(data, size), &name, &fault)) {
		check(fault);
		reed_fault_free(fault);
		return 0;
	}
	check(!fault);
	check(strlen(name.text) <= REED_HOST_NAME_MAX);
	check(reed_name_is_host(reed_slice_of(name.text)));
	check_int(reed_name_read(reed_slice_of(name.text), &again, &fault), REED_OK);
	check_str(again.text, name.text);
	return 0;
}
