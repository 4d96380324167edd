/* The PROXY protocol: version 1, a line of text, and which version it is. */

#include "reed/proxy.h"

#include <stdio.h>

#include "proxy_private.h"

const char reed_proxy_signature[12] = { 0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d,
	                                0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a };

/* ---- in ---- */

static enum reed_err wrong(struct reed_fault **fault, const char *what)
{
	*fault = reed_fault(REED_EPROTO, NULL, "a PROXY header of version 1 with %s", what);
	return REED_EPROTO;
}

static enum reed_err take_address(struct reed_slice text, enum reed_family family,
                                  struct reed_address *address)
{
	/* a zone would be of the proxy's machine */
	if (reed_slice_find(text, '%') < text.n || reed_address_parse(text, 0, address))
		return REED_ESYNTAX;
	return address->family == family ? REED_OK : REED_ESYNTAX;
}

static enum reed_err take_port(struct reed_slice text, struct reed_address *address)
{
	uint64_t port;

	if (text.n > 5 || (text.n > 1 && text.p[0] == '0') || reed_slice_u64(text, 65535, &port))
		return REED_ESYNTAX;
	address->port = (uint16_t)port;
	return REED_OK;
}

/* "TCP4 192.0.2.1 198.51.100.1 56324 443" */
static enum reed_err take_line(struct reed_slice line, struct reed_proxy_facts *told,
                               struct reed_fault **fault)
{
	struct reed_slice words[5];
	enum reed_family family;

	bool more = reed_slice_ends(line, REED_STR(" "));

	for (int i = 0; i < 5; i++)
		words[i] = reed_slice_cut(&line, ' ');
	if (reed_slice_is(words[0], "UNKNOWN"))
		return REED_OK;
	if (reed_slice_is(words[0], "TCP4"))
		family = REED_FAMILY_IPV4;
	else if (reed_slice_is(words[0], "TCP6"))
		family = REED_FAMILY_IPV6;
	else
		return wrong(fault, "another family than TCP4, TCP6 and UNKNOWN");
	if (take_address(words[1], family, &told->source) ||
	    take_address(words[2], family, &told->destination))
		return wrong(fault, "something that is no address of its family");
	if (take_port(words[3], &told->source) || take_port(words[4], &told->destination) ||
	    line.n > 0 || more)
		return wrong(fault, "ports that are not two numbers from 0 to 65535");
	return REED_OK;
}

static enum reed_err parse_1(struct reed_slice in, struct reed_proxy_facts *told, size_t *length,
                             struct reed_fault **fault)
{
	struct reed_slice head = reed_slice_first(in, REED_PROXY_V1_LENGTH);
	size_t end = reed_slice_find(head, '\n');

	if (end == head.n && head.n < REED_PROXY_V1_LENGTH)
		return REED_EAGAIN;
	if (end == head.n) {
		*fault = reed_fault(REED_ETOOBIG, NULL,
		                    "a PROXY header of version 1 that has not ended after %d bytes",
		                    REED_PROXY_V1_LENGTH);
		return REED_ETOOBIG;
	}
	if (head.p[end - 1] != '\r')
		return wrong(fault, "a line feed and no carriage return before it");
	told->version = 1;
	*length = end + 1;
	return take_line(reed_slice(head.p + 6, end - 7), told, fault);
}

static enum reed_err no_header(struct reed_slice in, struct reed_fault **fault)
{
	char shown[17];
	size_t n = in.n < sizeof(shown) - 1 ? in.n : sizeof(shown) - 1;

	for (size_t i = 0; i < n; i++)
		shown[i] = (char)(in.p[i] >= ' ' && in.p[i] < 127 ? in.p[i] : '.');
	shown[n] = '\0';
	*fault = reed_fault(REED_EPROTO, NULL,
	                    "a connection that begins with \"%s\" and not with a PROXY header",
	                    shown);
	return REED_EPROTO;
}

/* Is what is here of in the beginning of what is to be there? */
static bool may_be(struct reed_slice in, struct reed_slice whole)
{
	return reed_slice_eq(reed_slice_first(in, whole.n), reed_slice_first(whole, in.n));
}

enum reed_err reed_proxy_parse(struct reed_slice in, struct reed_proxy_facts *told, size_t *length,
                               struct reed_fault **fault)
{
	const struct reed_slice one = REED_STR("PROXY ");
	const struct reed_slice two = { reed_proxy_signature, sizeof(reed_proxy_signature) };
	bool may_be_one = may_be(in, one), may_be_two = may_be(in, two);

	*told = (struct reed_proxy_facts){ .size = sizeof(*told) };
	*fault = NULL;
	*length = 0;
	if (may_be_one && in.n > one.n)
		return parse_1(in, told, length, fault);
	if (may_be_two && in.n > two.n)
		return reed_proxy_parse_2(in, told, length, fault);
	return may_be_one || may_be_two ? REED_EAGAIN : no_header(in, fault);
}

bool reed_proxy_next(struct reed_slice *tlvs, uint8_t *type, struct reed_slice *value)
{
	size_t n;

	if (tlvs->n < 3)
		return false;
	n = (size_t)(unsigned char)tlvs->p[1] << 8 | (unsigned char)tlvs->p[2];
	if (n > tlvs->n - 3)
		return false;
	*type = (uint8_t)tlvs->p[0];
	*value = reed_slice(tlvs->p + 3, n);
	*tlvs = reed_slice_from(*tlvs, 3 + n);
	return true;
}

/* ---- out ---- */

static bool is_tcp(const struct reed_address *a)
{
	return a->family == REED_FAMILY_IPV4 || a->family == REED_FAMILY_IPV6;
}

static void format_1(const struct reed_proxy_facts *told, struct reed_buf *out)
{
	char from[REED_ADDRESS_TEXT], to[REED_ADDRESS_TEXT];
	struct reed_address source = told->source, destination = told->destination;

	if (!is_tcp(&source)) {
		reed_buf_add_str(out, "PROXY UNKNOWN\r\n");
		return;
	}
	source.scope_id = destination.scope_id = 0;
	reed_buf_printf(out, "PROXY TCP%d %s %s %u %u\r\n",
	                source.family == REED_FAMILY_IPV4 ? 4 : 6, reed_address_host(&source, from),
	                reed_address_host(&destination, to), source.port, destination.port);
}

enum reed_err reed_proxy_format(const struct reed_proxy_facts *told, struct reed_buf *out)
{
	if (told->source.family != told->destination.family ||
	    (told->version != 1 && told->version != 2))
		return REED_EINVAL;
	if (told->version == 2)
		return reed_proxy_format_2(told, out);
	format_1(told, out);
	return out->err;
}
