#include "resolve.h"

#include "reed/module.h"

REED_MODULE(resolve, .summary = "Names and what they stand for.",
            .commands = (const struct reed_command[]){
		    { .name = "resolve",
                      .summary = "Ask what a name stands for: NAME [TYPE] [@server] [+tls].",
                      .main = reed_resolve_main,
                      .tool = &reed_resolve_tool },
		    { .name = NULL },
	    });
