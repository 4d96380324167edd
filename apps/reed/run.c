/* reed run FILE: several services in one process. */

#include "reed.h"

#include "reed/alloc.h"

int reed_run_main(int argc, char **argv)
{
	const struct reed_service_kind **kinds;
	const struct reed_command *c;
	size_t n = 0;
	int code;

	while (reed_command_at(n))
		n++;
	kinds = reed_alloc((n + 1) * sizeof(*kinds));
	n = 0;
	for (size_t i = 0; (c = reed_command_at(i)); i++)
		if (c->service)
			kinds[n++] = c->service;
	code = reed_suite_main(PROGRAM, kinds, argc, argv);
	reed_free(kinds);
	return code;
}
