/* What an operator may decide. */

#include "forward.h"
#include "reed/own_cert.h"
#include "reed/settings.h"

static const struct reed_setting table[] = {
	REED_SETTING_LIST(ENDPOINT, struct forward_settings, listen, .required = true, .place = 1,
	                  .check = reed_own_cert_listens, .placeholder = "LISTEN",
	                  .help = "Where connections are awaited."),
	REED_SETTING(ENDPOINT, struct forward_settings, to, .required = true, .place = 2,
	             .check = reed_setting_dials, .placeholder = "TO", .reload = REED_SETTING_LIVE,
	             .help = "Where they are handed on to."),
	REED_SETTING(PATH, struct forward_settings, tls_cert, .key = "tls.cert",
	             .probe = reed_setting_certificate,
	             .help = "Certificate and key of TLS endpoints that name none; our own when "
	                     "not given."),
	REED_SETTING(INT, struct forward_settings, connections, .preset = "1000", .least = "1",
	             .help = "How many are handed on at a time, for each of listen."),
	REED_SETTING(SIZE, struct forward_settings, buffer, .preset = "64K", .least = "1K",
	             .most = "16M", .rare = true,
	             .help = "How much may wait for a slow side, each way, before the other is not "
	                     "read any more."),
	REED_SETTING(DURATION, struct forward_settings, connect, .preset = "30s", .least = "1ms",
	             .reload = REED_SETTING_LIVE,
	             .help = "How long it may take to reach the other end."),
};

const struct reed_schema forward_schema =
	REED_SCHEMA(struct forward_settings, table, .about = "Hands connections on.");
