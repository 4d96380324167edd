/* What the files of dnstap share: its bytes. */

#ifndef REED_DNS_TAP_PRIVATE_H
#define REED_DNS_TAP_PRIVATE_H

#include "reed/buf.h"
#include "reed/dns/tap.h"

enum dns_control { DNS_TAP_ACCEPT = 1, DNS_TAP_START, DNS_TAP_STOP, DNS_TAP_READY, DNS_TAP_FINISH };

enum { DNS_TAP_CONTROL_MOST = 512 };

/* A control frame, with the kind of content where it belongs to it. */
void dns_tap_put_control(struct reed_buf *out, enum dns_control type);

/*
 * The control frame that bytes begin with; *n is how many bytes it has.  REED_EAGAIN: more are
 * needed.  REED_EPROTO: that is none, or its content is none of ours.
 */
enum reed_err dns_tap_read_control(struct reed_slice bytes, enum dns_control *type, size_t *n);

struct dns_tap_writer {
	struct reed_slice identity, version;
	int64_t wall; /* ns since 1970 */
};

/* How many bytes a message of n bytes takes at most. */
size_t dns_tap_size(const struct dns_tap_writer *w, size_t n);

/* A data frame. */
void dns_tap_put(struct reed_buf *out, const struct dns_tap_writer *w,
                 const struct reed_dns_tap_event *event);

#endif
