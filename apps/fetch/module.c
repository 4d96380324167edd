#include "fetch.h"

#include "reed/module.h"

REED_MODULE(fetch, .summary = "What is at a URL.",
            .commands = (const struct reed_command[]){
		    { .name = "fetch",
                      .summary = "Fetch what is at a URL, or send something there.",
                      .main = reed_fetch_main,
                      .tool = &reed_fetch_tool },
		    { .name = NULL },
	    });
