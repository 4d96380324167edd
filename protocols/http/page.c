/* Pages of our own. */

#include "reed/http/page.h"

#include "private.h"

static const char style[] =
	":root{color-scheme:light dark;--ink:#1d2b26;--soft:#5f6f68;--paper:#fbfcfa;--line:#dfe6e1;"
	"--link:#1b6b4a;--hover:#eef4f0}"
	"@media(prefers-color-scheme:dark){:root{--ink:#e2e9e5;--soft:#93a39b;--paper:#131917;"
	"--line:#28332e;--link:#7ccfa6;--hover:#1b2420}}"
	"*{box-sizing:border-box}"
	"body{margin:0 auto;max-width:56rem;padding:3rem 1.25rem;background:var(--paper);"
	"color:var(--ink);font:16px/1.55 system-ui,-apple-system,\"Segoe UI\",sans-serif}"
	"h1{font-size:1.5rem;font-weight:600;margin:0 0 1.5rem;overflow-wrap:anywhere}"
	"h1 .of{color:var(--soft);font-weight:400}"
	"a{color:var(--link);text-decoration:none}a:hover{text-decoration:underline}"
	"p{max-width:42rem}.soft,footer{color:var(--soft)}"
	"footer{margin-top:2.5rem;padding-top:1rem;border-top:1px solid var(--line);"
	"font-size:.85rem}"
	"table{width:100%;border-collapse:collapse}"
	"th{text-align:left;font-weight:500;color:var(--soft);font-size:.85rem}"
	"td,th{padding:.45rem .6rem;border-bottom:1px solid var(--line)}"
	"td:first-child{overflow-wrap:anywhere}tbody tr:hover{background:var(--hover)}"
	"td+td,th+th{text-align:right;white-space:nowrap;color:var(--soft);"
	"font-variant-numeric:tabular-nums}"
	"tr.up td{border-bottom-color:transparent}"
	"td:has(.i){width:100%;padding-left:2.2em}.i{float:left;width:1.6em;margin-left:-1.6em;"
	"color:var(--soft)}"
	".big{font-size:4rem;font-weight:700;line-height:1;margin:0 0 .5rem;color:var(--link)}"
	"pre,code{font-family:ui-monospace,SFMono-Regular,Menlo,monospace;font-size:.9em}"
	"pre{background:var(--hover);border:1px solid var(--line);border-radius:6px;"
	"padding:.8rem 1rem;overflow-x:auto}"
	"@media(max-width:34rem){td:nth-child(3),th:nth-child(3){display:none}}";

void reed_http_escape(struct reed_slice s, struct reed_buf *out)
{
	for (size_t i = 0; i < s.n; i++) {
		switch (s.p[i]) {
		case '&':
			reed_buf_add_str(out, "&amp;");
			break;
		case '<':
			reed_buf_add_str(out, "&lt;");
			break;
		case '>':
			reed_buf_add_str(out, "&gt;");
			break;
		case '"':
			reed_buf_add_str(out, "&quot;");
			break;
		case '\'':
			reed_buf_add_str(out, "&#39;");
			break;
		default:
			reed_buf_add_char(out, s.p[i]);
		}
	}
}

void reed_http_page_begin(struct reed_buf *out, struct reed_slice title)
{
	reed_buf_add_str(out,
	                 "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
	                 "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
	                 "<title>");
	reed_http_escape(title, out);
	reed_buf_add_str(out, "</title><style>");
	reed_buf_add_str(out, style);
	reed_buf_add_str(out, "</style></head>\n<body>\n");
}

void reed_http_page_end(struct reed_buf *out)
{
	reed_buf_add_str(out, "<footer>Reed</footer>\n</body></html>\n");
}

void reed_http_respond_page(struct reed_http_request *r, unsigned status,
                            const struct reed_buf *page)
{
	reed_http_add(r, "Content-Security-Policy",
	              REED_STR("default-src 'none'; style-src 'unsafe-inline'"));
	reed_http_respond(r, status, "text/html; charset=utf-8", reed_buf_slice(page));
}

static const char *advice(unsigned status)
{
	switch (status) {
	case 401:
		return "This needs a name and a password.";
	case 403:
		return "You may not see this.";
	case 404:
		return "There is nothing at this address.";
	case 429:
		return "That was too often; please wait a moment.";
	default:
		return status >= 500 ? "Something is wrong here, and not with what you did." : "";
	}
}

static bool takes_html(const struct reed_http_request *r)
{
	struct reed_slice accept = reed_http_header(r, "Accept"), member;

	while (reed_http_list_next(&accept, &member))
		if (reed_slice_starts(member, REED_STR("text/html")))
			return true;
	return false;
}

void reed_http_error_page(void *unused, struct reed_http_request *r, unsigned status,
                          const char *why)
{
	struct reed_buf page = { .limit = 64 << 10 };

	(void)unused;
	if (!takes_html(r))
		return;
	reed_http_page_begin(&page, reed_slice_of(reed_http_reason(status)));
	reed_buf_printf(&page, "<p class=\"big\">%u</p>\n<h1>%s</h1>\n<p>", status,
	                reed_http_reason(status));
	reed_http_escape(reed_slice_of(why ? why : advice(status)), &page);
	reed_buf_add_str(&page, "</p>\n");
	reed_http_page_end(&page);
	reed_http_respond_page(r, status, &page);
	reed_buf_finish(&page);
}
