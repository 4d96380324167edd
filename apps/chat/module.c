#include "chat.h"

#include "reed/module.h"

REED_MODULE(chat, .summary = "A chat server.",
            .commands = (const struct reed_command[]){
		    { .name = "chat",
                      .summary = "a chat server: IRC, one set of rooms",
                      .service = &reed_chat_service },
		    { .name = NULL },
	    });
