/* A folder as a page. */

#include "files.h"

static void add_escaped(struct reed_buf *out, struct reed_slice s)
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
		default:
			reed_buf_add_char(out, s.p[i]);
		}
	}
}

static void add_size(struct reed_buf *out, int64_t size)
{
	static const char units[] = "KMGTP";
	double n = (double)size / 1024;
	int unit = 0;

	if (size < 1024) {
		reed_buf_printf(out, "%d", (int)size);
		return;
	}
	while (n >= 1024 && units[unit + 1]) {
		n /= 1024;
		unit++;
	}
	reed_buf_printf(out, "%.1f %ciB", n, units[unit]);
}

static void add_entry(struct reed_buf *out, const struct reed_folder_entry *entry)
{
	const char *slash = entry->file.folder ? "/" : "";
	char date[REED_HTTP_DATE];

	reed_http_date(entry->file.modified / 1000000000, date);
	reed_buf_add_str(out, "<tr><td><a href=\"./");
	reed_http_encode(reed_slice_of(entry->name), "", out);
	reed_buf_printf(out, "%s\">", slash);
	add_escaped(out, reed_slice_of(entry->name));
	reed_buf_printf(out, "%s</a></td><td>", slash);
	if (!entry->file.folder)
		add_size(out, entry->file.size);
	reed_buf_printf(out, "</td><td>%.*s</td></tr>\n", REED_HTTP_DATE - 5, date + 5);
}

static void add_page(struct reed_buf *out, const char *path,
                     const struct reed_folder_entry *entries, size_t count, bool more)
{
	reed_buf_add_str(out, "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\">"
	                      "<meta name=\"viewport\" content=\"width=device-width\"><title>/");
	add_escaped(out, reed_slice_of(path));
	reed_buf_add_str(out, "</title><style>body{font:16px/1.5 sans-serif;max-width:60em;"
	                      "margin:2em auto;padding:0 1em;color:#222}table{width:100%;"
	                      "border-collapse:collapse}td{padding:.2em .5em;border-bottom:"
	                      "1px solid #ddd}td+td{text-align:right;white-space:nowrap;"
	                      "color:#666}a{color:#04568c;text-decoration:none}"
	                      "a:hover{text-decoration:underline}</style></head>\n<body><h1>/");
	add_escaped(out, reed_slice_of(path));
	reed_buf_add_str(out, "</h1>\n<table>\n");
	if (*path)
		reed_buf_add_str(out,
		                 "<tr><td><a href=\"../\">../</a></td><td></td><td></td></tr>\n");
	for (size_t i = 0; i < count; i++)
		add_entry(out, &entries[i]);
	reed_buf_add_str(out, "</table>\n");
	if (more)
		reed_buf_printf(out, "<p>Only the first %d are shown.</p>\n", FILES_LISTED);
	reed_buf_add_str(out, "</body></html>\n");
}

enum reed_err files_list(struct reed_http_files *files, const struct reed_folder_file *folder,
                         const char *path, struct reed_blob **html)
{
	struct reed_buf page = { .limit = 16 << 20 };
	struct reed_folder_entry *entries = NULL;
	size_t count;
	bool more;
	enum reed_err err = reed_folder_list(folder->fd, files->options.hidden, FILES_LISTED,
	                                     &entries, &count, &more);

	if (err)
		return err;
	add_page(&page, path, entries, count, more);
	reed_folder_list_free(entries, count);
	if (!page.err)
		*html = reed_blob_new(reed_buf_slice(&page));
	err = page.err;
	reed_buf_finish(&page);
	return err;
}
