#include "inetd.h"

REED_MODULE(inetd, .summary = "A program for each connection.",
            .commands = (const struct reed_command[]){
		    { .name = "inetd",
                      .summary = "Start a program for each connection.",
                      .service = &inetd_service },
		    { .name = NULL },
	    });
