#include "chat.h"

#include "reed/module.h"

REED_MODULE(chat, .summary = "A chat server.",
            .commands = (const struct reed_command[]){
		    { .name = "chat",
                      .summary = "A chat server: one set of rooms, over IRC.",
                      .service = &reed_chat_service },
		    { .name = NULL },
	    });
