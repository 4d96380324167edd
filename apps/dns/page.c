/*
 * A page for the operator's browser: what is asked, what is answered, what zones are like.
 * It comes anew by itself every two seconds, and nothing runs while nobody looks.
 */

#include "dns.h"

#include "reed/alloc.h"
#include "reed/http/page.h"
#include "reed/http/server.h"

enum { SAMPLES = 60, ROWS = 12, WIDTH = 600, HEIGHT = 80, REFRESH_S = 2 };

struct sample {
	int64_t now;
	uint64_t queries;
};

struct figure {
	char name[80];
	uint64_t value;
};

struct table {
	const char *kind, *title;
	struct figure rows[ROWS]; /* the highest first */
	size_t n;
};

struct dns_page {
	struct reed_http_server *http;
	struct sample samples[SAMPLES]; /* the oldest first */
	size_t n;
};

/* ---- figures ---- */

struct gathering {
	struct table *tables;
	size_t n;
	uint64_t queries;
};

static void keep(struct table *t, const char *name, uint64_t value)
{
	size_t at = t->n;

	while (at > 0 && t->rows[at - 1].value < value)
		at--;
	if (at == ROWS)
		return;
	t->n += t->n < ROWS;
	memmove(&t->rows[at + 1], &t->rows[at], (t->n - at - 1) * sizeof(t->rows[0]));
	snprintf(t->rows[at].name, sizeof(t->rows[at].name), "%.75s", name);
	t->rows[at].value = value;
}

static void gather(void *arg, const char *kind, const char *name, uint64_t value)
{
	struct gathering *g = arg;

	for (size_t i = 0; i < g->n; i++)
		if (strcmp(g->tables[i].kind, kind) == 0)
			keep(&g->tables[i], name, value);
	if (strcmp(kind, "transport") == 0)
		g->queries += value;
}

/* ---- the curve ---- */

static void take_sample(struct dns_page *page, int64_t now, uint64_t queries)
{
	if (page->n && now - page->samples[page->n - 1].now < REED_S(1))
		return;
	if (page->n == SAMPLES)
		memmove(page->samples, page->samples + 1, --page->n * sizeof(page->samples[0]));
	page->samples[page->n++] = (struct sample){ now, queries };
}

/* Queries a second up to the i-th sample, which has one before it. */
static double rate_at(const struct dns_page *page, size_t i)
{
	const struct sample *a = &page->samples[i - 1], *b = &page->samples[i];

	return (double)(b->queries - a->queries) * 1e9 / (double)(b->now - a->now);
}

static void draw(const struct dns_page *page, struct reed_buf *out)
{
	double most = 1;

	for (size_t i = 1; i < page->n; i++)
		most = rate_at(page, i) > most ? rate_at(page, i) : most;
	reed_buf_printf(out,
	                "<svg viewBox=\"0 0 %d %d\" width=\"100%%\" role=\"img\" "
	                "aria-label=\"queries a second\"><polyline fill=\"none\" "
	                "stroke=\"currentColor\" stroke-width=\"2\" points=\"",
	                WIDTH, HEIGHT);
	for (size_t i = 1; i < page->n; i++)
		reed_buf_printf(out, "%zu,%.1f ", (SAMPLES - page->n + i) * WIDTH / (SAMPLES - 1),
		                HEIGHT - 2 - rate_at(page, i) / most * (HEIGHT - 4));
	reed_buf_printf(out,
	                "\"/><line x1=\"0\" x2=\"%d\" y1=\"%d\" y2=\"%d\" stroke=\"currentColor\" "
	                "stroke-opacity=\".25\"/></svg><p class=\"soft\">highest here: %.0f a "
	                "second</p>",
	                WIDTH, HEIGHT - 1, HEIGHT - 1, most);
}

/* ---- the page ---- */

static void print_table(const struct table *t, uint64_t all, struct reed_buf *out)
{
	if (!t->n)
		return;
	reed_buf_printf(out, "<tr><th>%s</th><th></th><th></th></tr>", t->title);
	for (size_t i = 0; i < t->n; i++) {
		reed_buf_add_str(out, "<tr><td>");
		reed_http_escape(reed_slice_of(t->rows[i].name), out);
		reed_buf_printf(out, "</td><td>%ju</td><td>%.1f %%</td></tr>",
		                (uintmax_t)t->rows[i].value,
		                all ? 100.0 * (double)t->rows[i].value / (double)all : 0.0);
	}
}

static void print_zones(const struct dns_app *app, struct reed_buf *out)
{
	struct reed_buf status = { 0 };
	struct reed_slice rest, line;

	dns_zones_tell(app, ROWS, &status);
	rest = reed_buf_slice(&status);
	if (rest.n)
		reed_buf_add_str(out, "<tr><th>Zones here</th><th></th><th></th></tr>");
	while (rest.n) {
		line = reed_slice_cut(&rest, '\n');
		reed_buf_add_str(out, "<tr><td colspan=\"3\">");
		reed_http_escape(line, out);
		reed_buf_add_str(out, "</td></tr>");
	}
	reed_buf_finish(&status);
}

static void print_page(struct dns_app *app, struct reed_buf *out)
{
	struct table tables[] = { { .kind = "transport", .title = "Queries" },
		                  { .kind = "rcode", .title = "Answers" },
		                  { .kind = "type", .title = "Types asked for" },
		                  { .kind = "zone", .title = "Zones asked" },
		                  { .kind = "rate", .title = "Over the rate" } };
	struct gathering g = { tables, REED_COUNT(tables), 0 };
	struct dns_page *page = app->page;

	reed_dns_server_figures(app->server, gather, &g);
	take_sample(page, reed_now(app->service->loop), g.queries);
	reed_http_page_begin(out, REED_STR("Name server"));
	reed_buf_printf(out, "<h1>Name server</h1><p>%ju queries, %.0f a second, %zu zones</p>",
	                (uintmax_t)g.queries, page->n > 1 ? rate_at(page, page->n - 1) : 0.0,
	                reed_dns_server_zones(app->server));
	draw(page, out);
	reed_buf_add_str(out, "<table>");
	for (size_t i = 0; i < REED_COUNT(tables); i++)
		print_table(&tables[i], g.queries, out);
	print_zones(app, out);
	reed_buf_add_str(out, "</table>");
	reed_http_page_end(out);
}

static struct reed_future *handle(void *arg, struct reed_http_request *request)
{
	struct reed_buf out = { 0 };

	if (!reed_slice_is(reed_http_path(request), "/")) {
		reed_http_fail(request, 404, "there is one page, at /");
		return NULL;
	}
	if (reed_http_head(request)->method != REED_HTTP_GET &&
	    reed_http_head(request)->method != REED_HTTP_HEAD) {
		reed_http_add(request, "Allow", REED_STR("GET, HEAD"));
		reed_http_fail(request, 405, "this is only to be read");
		return NULL;
	}
	print_page(arg, &out);
	reed_http_addf(request, "Refresh", "%d", REFRESH_S);
	reed_http_add(request, "Cache-Control", REED_STR("no-store"));
	reed_http_respond_page(request, 200, &out);
	reed_buf_finish(&out);
	return NULL;
}

struct reed_future *dns_page_listen(struct dns_app *app, const char *const *endpoint)
{
	struct reed_http_server_options options = REED_HTTP_SERVER_OPTIONS;

	if (!app->page) {
		app->page = reed_alloc(sizeof(*app->page));
		options.handler = handle;
		options.arg = app;
		app->page->http = reed_http_server_new(app->service->loop, &options);
	}
	return reed_service_listen(app->service, endpoint, reed_http_session, app->page->http,
	                           NULL);
}

void dns_page_finish(struct dns_app *app)
{
	if (!app->page)
		return;
	reed_http_server_free(app->page->http);
	reed_free(app->page);
	app->page = NULL;
}
