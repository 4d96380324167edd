/* Modules are made known, but for those that do not fit. */

#include "reed/daemon.h"

#include "check.h"
#include "reed/endpoint.h"

static const struct reed_scheme good_scheme = { .size = sizeof(good_scheme),
	                                        .name = "good",
	                                        .help = "A good one." };
static const struct reed_scheme strange_scheme = { .size = sizeof(strange_scheme),
	                                           .name = "strange",
	                                           .help = "Another one." };

REED_MODULE(good, .summary = "A good one.",
            .schemes = (const struct reed_scheme *const[]){ &good_scheme, NULL });

static const struct reed_module strange = {
	.abi = REED_MODULE_ABI + 1,
	.size = sizeof(strange),
	.schemes = (const struct reed_scheme *const[]){ &strange_scheme, NULL },
};

static bool is_known(const char *name)
{
	const struct reed_scheme *s;

	for (unsigned n = 0; (s = reed_scheme_at(n)); n++)
		if (strcmp(s->name, name) == 0)
			return true;
	return false;
}

static void a_module_brings_its_schemes(void)
{
	check_str(REED_MODULE_SYMBOL(good).name, "good");
	check_int(REED_MODULE_SYMBOL(good).abi, REED_MODULE_ABI);
	check(!is_known("good"));
	reed_modules_register(
		(const struct reed_module *const[]){ &REED_MODULE_SYMBOL(good), &strange, NULL });
	check(is_known("good"));
}

static void one_that_does_not_fit_is_left_out(void)
{
	check(!is_known("strange"));
}

int main(void)
{
	RUN(a_module_brings_its_schemes);
	RUN(one_that_does_not_fit_is_left_out);
	return 0;
}
