/*
 * Pages of our own: listings, errors, a welcome.  One look for all, light or
 * dark as the reader has it, without scripts and with nothing from elsewhere.
 */

#ifndef REED_HTTP_PAGE_H
#define REED_HTTP_PAGE_H

#include "reed/buf.h"
#include "reed/http/request.h"

REED_BEGIN_DECLS

/* Up to where the body of the page begins; title is escaped. */
REED_API void reed_http_page_begin(struct reed_buf *out, struct reed_slice title);
REED_API void reed_http_page_end(struct reed_buf *out);

/* Text for HTML, between tags and in quoted attributes. */
REED_API void reed_http_escape(struct reed_slice text, struct reed_buf *out);

/* Answers with such a page, which may load nothing (Content-Security-Policy). */
REED_API void reed_http_respond_page(struct reed_http_request *request, unsigned status,
                                     const struct reed_buf *page);

/*
 * An error as a page for those who take HTML; the others get the plain text of
 * reed_http_fail().  For struct reed_http_server_options.
 */
REED_API void reed_http_error_page(void *unused, struct reed_http_request *request, unsigned status,
                                   const char *why);

REED_END_DECLS

#endif
