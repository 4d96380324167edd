/* What the program of these tests has beside its own commands. */

#include <stddef.h>

#include "core/app/echo.h"
#include "core/app/inmate.h"
#include "reed/module.h"

extern const struct reed_module *const reed_modules[];

static const struct reed_command commands[] = {
	{ .name = "echo", .summary = "Say back what is heard.", .service = &echo_service },
	{ .name = "inmate",
	  .summary = "Do what one is told.",
	  .group = "Tests",
	  .service = &inmate_service },
	{ 0 },
};

static const struct reed_module echo = {
	.abi = REED_MODULE_ABI,
	.size = sizeof(struct reed_module),
	.name = "echo",
	.summary = "A service for tests.",
	.commands = commands,
};

const struct reed_module *const reed_modules[] = { &echo, NULL };
