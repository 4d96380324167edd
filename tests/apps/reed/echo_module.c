/* A module that only tests have. */

#include "core/app/echo.h"
#include "core/app/inmate.h"
#include "reed/module.h"

REED_MODULE(
	echo, .summary = "A service for tests.",
	.commands = (const struct reed_command[]){
		{ .name = "echo", .summary = "Say back what is heard.", .service = &echo_service },
		{ .name = "inmate",
                  .summary = "Do what one is told.",
                  .group = "Tests",
                  .service = &inmate_service },
		{ .name = NULL },
	});
