#include "reed/module.h"

#include "reed/websocket.h"

static const struct reed_scheme *const schemes[] = { &reed_ws_scheme, &reed_wss_scheme, NULL };

REED_MODULE(websocket, .summary = "Streams over WebSockets (RFC 6455).", .schemes = schemes);
