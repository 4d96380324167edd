#include "dns.h"
#include "publisher.h"

#include "reed/module.h"

REED_MODULE(dns, .summary = "A name server.",
            .commands = (const struct reed_command[]){
		    { .name = "dns",
                      .summary = "A name server: your zones, and everybody else's.",
                      .service = &reed_dns_service,
                      .keeper = &reed_dns_publisher },
		    { .name = NULL },
	    });
