#include "monitor.h"

REED_MODULE(monitor, .summary = "Programs that are kept running.",
            .commands = (const struct reed_command[]){
		    { .name = "monitor",
                      .summary = "Keep programs running, and log what they say.",
                      .service = &monitor_service },
		    { .name = NULL },
	    });
