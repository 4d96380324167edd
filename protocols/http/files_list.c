/* A folder as a page. */

#include "files.h"
#include "reed/http/page.h"

static void add_size(struct reed_buf *out, int64_t size)
{
	static const char units[] = "KMGTP";
	double n = (double)size / 1024;
	int unit = 0;

	if (size < 1024) {
		reed_buf_printf(out, "%d B", (int)size);
		return;
	}
	while (n >= 1024 && units[unit + 1]) {
		n /= 1024;
		unit++;
	}
	reed_buf_printf(out, "%.1f %ciB", n, units[unit]);
}

/* "2026-11-22 04:15", UTC. */
static void add_date(struct reed_buf *out, int64_t ns)
{
	char text[REED_HTTP_DATE + 1] = { 0 };

	reed_http_date(ns / REED_S(1), text);
	reed_buf_printf(out, "<td>%.*s</td>", REED_HTTP_DATE - 5 - 7, text + 5);
}

static void add_entry(struct reed_buf *out, const struct reed_folder_entry *entry)
{
	const char *slash = entry->file.folder ? "/" : "";

	reed_buf_printf(out, "<tr><td><span class=\"i\">%s</span><a href=\"./",
	                entry->file.folder ? "&#9656;" : "");
	reed_http_encode(reed_slice_of(entry->name), "", out);
	reed_buf_printf(out, "%s\">", slash);
	reed_http_escape(reed_slice_of(entry->name), out);
	reed_buf_printf(out, "%s</a></td><td>", slash);
	if (!entry->file.folder)
		add_size(out, entry->file.size);
	reed_buf_add_str(out, "</td>");
	add_date(out, entry->file.modified);
	reed_buf_add_str(out, "</tr>\n");
}

/* Where one is, each folder above a link. */
static void add_way(struct reed_buf *out, struct reed_slice path)
{
	unsigned depth = 0;

	for (size_t i = 0; i < path.n; i++)
		depth += path.p[i] == '/';
	reed_buf_add_str(out, "<h1><a href=\"");
	for (unsigned i = 0; i < depth; i++)
		reed_buf_add_str(out, "../");
	reed_buf_printf(out, "%s\">/</a>", depth ? "" : "./");
	while (path.n > 0) {
		struct reed_slice name = reed_slice_cut(&path, '/');

		reed_buf_add_str(out, "<a href=\"./");
		for (unsigned i = 1; i < depth; i++)
			reed_buf_add_str(out, "../");
		depth -= depth > 0;
		reed_buf_add_str(out, "\">");
		reed_http_escape(name, out);
		reed_buf_add_str(out, "</a><span class=\"of\">/</span>");
	}
	reed_buf_add_str(out, "</h1>\n");
}

static void add_table(struct reed_buf *out, const char *path,
                      const struct reed_folder_entry *entries, size_t count)
{
	reed_buf_add_str(out, "<table>\n<thead><tr><th>Name</th><th>Size</th>"
	                      "<th>Changed (UTC)</th></tr></thead>\n<tbody>\n");
	if (*path)
		reed_buf_add_str(out, "<tr class=\"up\"><td><span class=\"i\">&#8593;</span>"
		                      "<a href=\"../\">../</a></td><td></td><td></td></tr>\n");
	for (size_t i = 0; i < count; i++)
		add_entry(out, &entries[i]);
	reed_buf_add_str(out, "</tbody></table>\n");
}

static void add_page(struct reed_buf *out, const char *path,
                     const struct reed_folder_entry *entries, size_t count, bool more)
{
	char *title = reed_sprintf("/%s", path);

	reed_http_page_begin(out, reed_slice_of(title));
	reed_free(title);
	add_way(out, reed_slice_of(path));
	add_table(out, path, entries, count);
	if (count == 0)
		reed_buf_add_str(out, "<p class=\"soft\">This folder is empty.</p>\n");
	if (more)
		reed_buf_printf(out, "<p class=\"soft\">Only the first %d are shown.</p>\n",
		                FILES_LISTED);
	reed_http_page_end(out);
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
