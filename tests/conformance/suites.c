#include "tests/conformance/suites.h"

#include <string.h>

#include "tests/core/tools.h"

const char *loops_of;

bool of_few_kinds(void)
{
	return false;
}

bool is_driver(void)
{
	return true;
}

bool survives_without_descriptors(void)
{
	return true;
}

size_t watch_cost(void)
{
	return 0;
}

enum reed_err hosting(void)
{
	return strcmp(loops_of, "poll") == 0 ? REED_ENOTSUP : REED_OK;
}

enum reed_err try_open_loop(struct reed_loop **made)
{
	struct reed_loop_options options = REED_LOOP_OPTIONS;
	enum reed_err err;

	options.driver = loops_of;
	err = reed_loop_new(&options, made);
	if (!err && strcmp(loops_of, "uring") == 0)
		uring_or_skip(*made);
	return err;
}

struct reed_loop *open_loop(void)
{
	struct reed_loop *made = NULL;

	check_int(try_open_loop(&made), REED_OK);
	check_str(reed_loop_driver(made), loops_of);
	return made;
}

void leave_alone(struct reed_loop *of)
{
	(void)of;
}

void close_loop(struct reed_loop *of)
{
	reed_loop_free(of);
}

static bool driver_is_here(void)
{
#ifdef REED_POSIX_ONLY
	if (strcmp(loops_of, "epoll") == 0) {
		struct reed_loop *none;

		check_int(try_open_loop(&none), REED_ENOTSUP);
		printf("no epoll in a build of nothing but POSIX\n");
		return false;
	}
#endif
	return true;
}

int main(int argc, char **argv)
{
	char *again[] = { argv[0], argv[1], argv[2], NULL };
	const struct suite *suite = suites;

	check_int(argc, 3);
	loops_of = argv[2];
	while (suite->name && strcmp(suite->name, argv[1]) != 0)
		suite++;
	check(suite->name != NULL);
	return driver_is_here() ? in_shares(again, suite->run) : 0;
}
