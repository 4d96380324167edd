#include "forward.h"

REED_MODULE(forward, .summary = "Connections handed on to somewhere else.",
            .commands = (const struct reed_command[]){
		    { .name = "forward",
                      .summary = "Hand connections on, from any endpoint to any other.",
                      .service = &forward_service },
		    { .name = NULL },
	    });
