#include "reed/module.h"

#include "reed/acme_service.h"

REED_MODULE(acme, .summary = "Certificates that are asked for, and renewed, by themselves.",
            .commands = (const struct reed_command[]){
		    { .name = "acme",
                      .summary = "get certificates, and renew them, for others to serve",
                      .service = &reed_acme_service,
                      .keeper = &reed_acme_keeper_service },
		    { 0 },
	    });
