/* What is shown as long as there is no folder. */

#include "web.h"

#include "reed/http/page.h"

void web_welcome(const struct web *web, struct reed_http_request *r)
{
	struct reed_buf page = { .limit = 64 << 10 };

	reed_http_page_begin(&page, REED_STR("Welcome to Reed"));
	reed_buf_add_str(&page, "<p class=\"big\">It works.</p>\n<h1>Reed web is up as ");
	reed_http_escape(reed_slice_of(web->service->site->name), &page);
	reed_buf_add_str(&page,
	                 "</h1>\n<p>There is nothing to show yet. Tell it which folder:</p>\n"
	                 "<pre>reed web --path /srv/www</pre>\n"
	                 "<p>or write down what it is to do, and check it before it runs:</p>\n"
	                 "<pre>"
	                 "# web.yaml\n"
	                 "listen: [tcp:80, tls:443]\n"
	                 "hosts:\n"
	                 "  - names: [example.org, www.example.org]\n"
	                 "    path: /srv/www\n"
	                 "    https: yes\n"
	                 "    cache: 5m\n"
	                 "    redirects: { /old/*: /new/* }</pre>\n"
	                 "<pre>reed web -c web.yaml --check\nreed web -c web.yaml</pre>\n"
	                 "<p class=\"soft\"><code>reed web --help</code> tells the rest, and "
	                 "<code>reed web --print-example</code> every setting.</p>\n");
	reed_http_page_end(&page);
	reed_http_respond_page(r, 200, &page);
	reed_buf_finish(&page);
}
