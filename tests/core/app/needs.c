/* What a process asks of the system: however much there is, each thing is in the list once. */

#include "check.h"
#include "reed/alloc.h"

#include "core/app/needs.h"

enum { MANY = 5000 };

static void add_all(struct reed_needs *needs)
{
	for (int i = 0; i < MANY; i++) {
		char *path = reed_sprintf("/srv/zone%d", i);

		reed_needs_read(needs, path);
		reed_needs_write(needs, path);
		reed_needs_listen(needs, (uint16_t)i);
		reed_free(path);
	}
}

static void what_is_asked_for_twice_is_there_once(void)
{
	struct reed_needs needs = { 0 };

	add_all(&needs);
	check_int(needs.count, 3 * MANY);
	add_all(&needs);
	check_int(needs.count, 3 * MANY);
	reed_needs_finish(&needs);
	check_int(needs.count, 0);
}

static void what_a_reload_needs_beyond_is_found_among_many(void)
{
	struct reed_needs needs = { 0 }, more = { 0 };
	char *beyond;

	check(reed_needs_beyond(&needs, &more) == NULL);
	add_all(&needs);
	add_all(&more);
	check(reed_needs_beyond(&needs, &more) == NULL);
	reed_needs_write(&more, "/srv/else");
	beyond = reed_needs_beyond(&needs, &more);
	check_str(beyond, "to write to /srv/else");
	reed_free(beyond);
	reed_needs_finish(&needs);
	reed_needs_finish(&more);
}

int main(void)
{
	RUN(what_is_asked_for_twice_is_there_once);
	RUN(what_a_reload_needs_beyond_is_found_among_many);
	return 0;
}
