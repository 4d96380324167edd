#include "h2_memo.h"

enum { MOST = 2048 }; /* bytes of fields and block that are worth it */

/* ---- blocks, as far as their fields have to be told apart (RFC 7541 6) ---- */

/* RFC 7541 5.1; false: it ends too early. */
static bool take_number(struct reed_slice *in, unsigned mask, size_t *n)
{
	unsigned shift = 0;
	unsigned char c;

	if (in->n == 0)
		return false;
	*n = (unsigned char)in->p[0] & mask;
	*in = reed_slice_from(*in, 1);
	if (*n < mask)
		return true;
	do {
		if (in->n == 0 || shift > 21)
			return false;
		c = (unsigned char)in->p[0];
		*n += (size_t)(c & 0x7f) << shift;
		shift += 7;
		*in = reed_slice_from(*in, 1);
	} while (c & 0x80);
	return true;
}

/* RFC 7541 5.2 */
static bool skip_string(struct reed_slice *in)
{
	size_t n;

	if (!take_number(in, 0x7f, &n) || n > in->n)
		return false;
	*in = reed_slice_from(*in, n);
	return true;
}

/* A literal that the table does not take; 6.2.1 and 6.3 are what changes it. */
static bool skip_literal(struct reed_slice *in)
{
	size_t index;

	if ((unsigned char)in->p[0] & 0x60 || !take_number(in, 0x0f, &index))
		return false;
	return (index > 0 || skip_string(in)) && skip_string(in);
}

static bool leaves_the_table(struct reed_slice block)
{
	size_t index;
	bool good = true;

	while (good && block.n > 0)
		good = (unsigned char)block.p[0] & 0x80 ? take_number(&block, 0x7f, &index)
		                                        : skip_literal(&block);
	return good;
}

/* ---- fields ---- */

static bool begins_with(struct reed_slice *rest, const void *p, size_t n)
{
	if (rest->n < n || memcmp(rest->p, p, n) != 0)
		return false;
	*rest = reed_slice_from(*rest, n);
	return true;
}

struct lengths {
	uint32_t name, value;
};

static struct lengths lengths_of(const nghttp2_nv *nv)
{
	return (struct lengths){ (uint32_t)nv->namelen, (uint32_t)nv->valuelen };
}

static bool is_next(struct reed_slice *rest, const nghttp2_nv *nv)
{
	struct lengths lengths = lengths_of(nv);

	return begins_with(rest, &lengths, sizeof(lengths)) &&
	       begins_with(rest, nv->name, nv->namelen) &&
	       begins_with(rest, nv->value, nv->valuelen);
}

struct reed_slice h2_memo_look(const struct h2_memo *memo, const nghttp2_nv *nv, size_t n)
{
	struct reed_slice all = reed_buf_slice(&memo->bytes);
	struct reed_slice rest = reed_slice_first(all, memo->fields);
	bool same = memo->known;

	for (size_t i = 0; same && i < n; i++)
		same = is_next(&rest, &nv[i]);
	return same && rest.n == 0 ? reed_slice_from(all, memo->fields) : reed_slice(NULL, 0);
}

void h2_memo_begin(struct h2_memo *memo, const nghttp2_nv *nv, size_t n)
{
	struct reed_buf *out = &memo->bytes;

	h2_memo_forget(memo);
	reed_buf_clear(out);
	out->limit = MOST;
	for (; n > 0; n--, nv++) {
		struct lengths lengths = lengths_of(nv);

		reed_buf_add(out, reed_slice((const char *)&lengths, sizeof(lengths)));
		reed_buf_add(out, reed_slice((const char *)nv->name, nv->namelen));
		reed_buf_add(out, reed_slice((const char *)nv->value, nv->valuelen));
	}
	memo->fields = reed_buf_held(out);
}

void h2_memo_end(struct h2_memo *memo, struct reed_slice block)
{
	if (!leaves_the_table(block))
		return;
	reed_buf_add(&memo->bytes, block);
	memo->known = !memo->bytes.err;
}

void h2_memo_forget(struct h2_memo *memo)
{
	memo->known = false;
}

void h2_memo_finish(struct h2_memo *memo)
{
	reed_buf_finish(&memo->bytes);
	memo->known = false;
}
