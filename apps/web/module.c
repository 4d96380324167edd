#include "web.h"

#include "reed/module.h"

REED_MODULE(web, .summary = "A web server.",
            .commands = (const struct reed_command[]){
		    { .name = "web",
                      .summary = "A web server: files, hosts, proxies, redirects, accounts.",
                      .service = &reed_web_service },
		    { .name = NULL },
	    });
