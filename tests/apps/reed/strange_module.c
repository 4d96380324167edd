/* Shared libraries that are modules, and some that look like one; each CASE is another. */

#include "reed/endpoint.h"
#include "reed/init.h"
#include "reed/module.h"

#ifdef OF_ANOTHER_ABI
#undef REED_MODULE_ABI
#define REED_MODULE_ABI 2u
#endif

#ifdef BRINGS_WHAT_IS_THERE
#define COMMAND "help"
#else
#define COMMAND "strange"
#endif

#ifndef NO_MODULE
static int run(int argc, char **argv)
{
	printf("strange %s\n", argc > 1 ? argv[1] : "nothing");
	return 0;
}

static const struct reed_scheme scheme = {
	.size = sizeof(scheme),
	.name = "strange",
	.listen_usage = "strange:",
	.help = "Only tests have it.",
};

REED_MODULE(strange, .summary = "What only tests have.",
            .commands =
                    (const struct reed_command[]){
			    { .name = COMMAND, .summary = "Say something strange.", .main = run },
			    { .name = NULL },
		    },
            .schemes = (const struct reed_scheme *const[]){ &scheme, NULL });
#endif

#ifdef LACKS_A_SYMBOL
void reed_frobnicate(void);
void strange_call(void);
void strange_call(void)
{
	reed_frobnicate();
}
#endif

#ifdef HAS_A_KERNEL
/* Enough that the archive's goes in. */
REED_API enum reed_err strange_init(void);
enum reed_err strange_init(void)
{
	return reed_process_init(NULL);
}
#endif

#ifdef NO_MODULE
REED_API int strange_number;
int strange_number = 1;
#endif
