/* What a client's request is made of. */

#ifndef REED_WEBSOCKET_ASK_H
#define REED_WEBSOCKET_ASK_H

#include "handshake.h"

/* May stand in a request line; with the query, or empty. */
bool ws_path_is_good(struct reed_slice path);
bool ws_host_is_good(struct reed_slice host);

#endif
