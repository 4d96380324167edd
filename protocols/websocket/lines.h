/* Lines of a stream as messages, one each: IRCv3's WebSocket transport. */

#ifndef REED_WEBSOCKET_LINES_H
#define REED_WEBSOCKET_LINES_H

#include "private.h"

struct ws_lines {
	struct reed_buf rest; /* of a line that has no end yet */
	bool has_end;         /* what came of a message ends with one */
};

/* REED_ETOOBIG: a line does not end; what reed_ws_send() fails with. */
enum reed_err ws_lines_send(struct ws_lines *self, struct reed_ws *ws, enum reed_ws_form form,
                            struct reed_slice bytes);

#endif
