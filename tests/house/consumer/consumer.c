/* A program of somebody else's: it says that it has used Reed. */

#include <stdio.h>

#include <reed/err.h>
#include <reed/slice.h>

int main(void)
{
	struct reed_slice word = REED_STR("reed");

	if (!reed_slice_is(word, "reed"))
		return 1;
	printf("consumer: %s\n", reed_strerror(REED_OK));
	return 0;
}
