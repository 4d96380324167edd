#include "position.h"

#include "reed/module.h"

REED_MODULE(position, .summary = "Where a receiver says that it is.",
            .commands = (const struct reed_command[]){
		    { .name = "position",
                      .summary = "Show what a satellite receiver or gpsd tells.",
                      .main = reed_position_main,
                      .tool = &reed_position_tool },
		    { .name = NULL },
	    });
