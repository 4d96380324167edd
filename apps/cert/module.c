#include "cert.h"

#include "reed/module.h"

REED_MODULE(cert, .summary = "Certificates.",
            .commands = (const struct reed_command[]){
		    { .name = "cert",
                      .summary = "Make certificates, sign them, look at them.",
                      .main = reed_cert_main,
                      .tool = &reed_cert_tool },
		    { .name = NULL },
	    });
