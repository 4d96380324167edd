/* The schemes of this module. */

#ifndef REED_WEBSOCKET_SCHEME_H
#define REED_WEBSOCKET_SCHEME_H

#include "reed/endpoint.h"

REED_API extern const struct reed_scheme reed_ws_scheme, reed_wss_scheme;

#endif
