/* JSON with lines and indents (RFC 8259), as it comes. */

#include "fetch.h"

enum { DEEPEST = 64 }; /* indents grow no further */

static void newline(const struct fetch_pretty *p, struct reed_buf *out)
{
	unsigned depth = p->depth < DEEPEST ? p->depth : DEEPEST;

	reed_buf_add_char(out, '\n');
	for (unsigned i = 0; i < depth; i++)
		reed_buf_add_str(out, "  ");
}

static void open_one(struct fetch_pretty *p, char c, struct reed_buf *out)
{
	if (p->fresh)
		newline(p, out);
	reed_buf_add_char(out, c);
	p->depth++;
	p->fresh = p->empty = true;
}

static void close_one(struct fetch_pretty *p, char c, struct reed_buf *out)
{
	p->depth -= p->depth > 0;
	if (!p->empty)
		newline(p, out);
	reed_buf_add_char(out, c);
	p->fresh = p->empty = false;
}

static void in_string(struct fetch_pretty *p, char c, struct reed_buf *out)
{
	reed_buf_add_char(out, c);
	p->in_string = p->escaped || c != '"';
	p->escaped = !p->escaped && c == '\\';
}

static void add(struct fetch_pretty *p, char c, struct reed_buf *out)
{
	if (p->in_string) {
		in_string(p, c, out);
	} else if (c == '{' || c == '[') {
		open_one(p, c, out);
	} else if (c == '}' || c == ']') {
		close_one(p, c, out);
	} else if (c == ',') {
		reed_buf_add_char(out, c);
		p->fresh = true;
	} else if (c == ':') {
		reed_buf_add_str(out, ": ");
	} else if (c != ' ' && c != '\t' && c != '\n' && c != '\r') {
		if (p->fresh && p->depth > 0)
			newline(p, out);
		p->fresh = p->empty = false;
		p->in_string = c == '"';
		reed_buf_add_char(out, c);
	}
}

void fetch_pretty_add(struct fetch_pretty *p, struct reed_slice in, struct reed_buf *out)
{
	for (size_t i = 0; i < in.n; i++)
		add(p, in.p[i], out);
}
