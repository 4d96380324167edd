#include "scram.h"

#include "reed/base64.h"

/* ---- pieces of messages (RFC 5802 7) ---- */

/* Cuts "k=value," off rest. */
static enum reed_err cut_attribute(struct reed_slice *rest, char key, struct reed_slice *value)
{
	struct reed_slice part = reed_slice_cut(rest, ',');

	if (part.n < 2 || part.p[0] != key || part.p[1] != '=')
		return REED_EPROTO;
	*value = reed_slice_from(part, 2);
	return REED_OK;
}

static bool is_letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* attr-val: what an extension looks like, which we do not know and may skip. */
static enum reed_err skip_extensions(struct reed_slice rest)
{
	while (rest.n > 0) {
		struct reed_slice part = reed_slice_cut(&rest, ',');

		if (part.n < 3 || !is_letter(part.p[0]) || part.p[1] != '=')
			return REED_EPROTO;
	}
	return REED_OK;
}

/* A comma at the very end would be lost on reed_slice_cut(). */
static bool is_message(struct reed_slice in)
{
	return in.n > 0 && in.n <= REED_SASL_MESSAGE && in.p[in.n - 1] != ',' &&
	       reed_slice_is_utf8(in) && reed_slice_find(in, '\0') == in.n;
}

/* printable: any of ASCII but the comma, which has been cut away */
static bool is_nonce(struct reed_slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '!' || s.p[i] > '~')
			return false;
	return s.n > 0;
}

/* cb-name */
static bool is_binding_name(struct reed_slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!is_letter(c) && !(c >= '0' && c <= '9') && c != '.' && c != '-')
			return false;
	}
	return s.n > 0;
}

/* ---- names ---- */

void reed_scram_add_name(struct reed_buf *b, struct reed_slice name)
{
	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] == ',')
			reed_buf_add_str(b, "=2C");
		else if (name.p[i] == '=')
			reed_buf_add_str(b, "=3D");
		else
			reed_buf_add_char(b, name.p[i]);
	}
}

enum reed_err reed_scram_name(struct reed_slice in, char *into, size_t room)
{
	size_t n = 0;

	while (in.n > 0 && n < room - 1) {
		size_t length = 1;

		into[n] = in.p[0];
		if (in.p[0] == '=') {
			length = 3;
			into[n] = reed_slice_starts(in, REED_STR("=2C")) ? ',' : '=';
			if (into[n] == '=' && !reed_slice_starts(in, REED_STR("=3D")))
				return REED_EPROTO;
		}
		n++;
		in = reed_slice_from(in, length);
	}
	into[n] = '\0';
	return in.n == 0 ? REED_OK : REED_EPROTO;
}

/* ---- messages ---- */

/* gs2-cbind-flag "," [ authzid ] "," */
static enum reed_err parse_gs2(struct reed_slice *rest, struct scram_client_first *out)
{
	struct reed_slice flag = reed_slice_cut(rest, ',');
	struct reed_slice authzid = reed_slice_cut(rest, ',');

	if (flag.n == 0 || (flag.n > 1) != (flag.p[0] == 'p'))
		return REED_EPROTO;
	out->flag = flag.p[0];
	out->authzid = REED_STR("");
	if (out->flag == 'p') {
		if (flag.p[1] != '=' || !is_binding_name(reed_slice_from(flag, 2)))
			return REED_EPROTO;
		out->binding = reed_slice_from(flag, 2);
	} else if (out->flag != 'n' && out->flag != 'y') {
		return REED_EPROTO;
	}
	if (authzid.n == 0)
		return REED_OK;
	if (authzid.n < 3 || !reed_slice_starts(authzid, REED_STR("a=")))
		return REED_EPROTO;
	out->authzid = reed_slice_from(authzid, 2);
	return REED_OK;
}

/* An extension in front of the name is one we must know, and there is none (RFC 5802 5.1, "m"). */
enum reed_err reed_scram_parse_client_first(struct reed_slice in, struct scram_client_first *out)
{
	struct reed_slice rest = in;
	enum reed_err err;

	*out = (struct scram_client_first){ 0 };
	if (!is_message(in))
		return REED_EPROTO;
	err = parse_gs2(&rest, out);
	if (err)
		return err;
	out->bare = rest;
	out->gs2 = reed_slice_first(in, in.n - rest.n);
	err = cut_attribute(&rest, 'n', &out->user);
	if (!err)
		err = cut_attribute(&rest, 'r', &out->nonce);
	if (err || out->user.n == 0 || !is_nonce(out->nonce))
		return REED_EPROTO;
	return skip_extensions(rest);
}

enum reed_err reed_scram_parse_server_first(struct reed_slice in, struct scram_server_first *out)
{
	struct reed_slice salt, iterations;
	uint64_t n = 0;

	*out = (struct scram_server_first){ 0 };
	if (!is_message(in) || cut_attribute(&in, 'r', &out->nonce) ||
	    cut_attribute(&in, 's', &salt) || cut_attribute(&in, 'i', &iterations))
		return REED_EPROTO;
	if (!is_nonce(out->nonce) || reed_slice_u64(iterations, UINT32_MAX, &n) || n == 0)
		return REED_EPROTO;
	if (reed_base64_decode(salt, out->salt, sizeof(out->salt), &out->salt_length) ||
	    out->salt_length == 0)
		return REED_EPROTO;
	out->iterations = (uint32_t)n;
	return skip_extensions(in);
}

enum reed_err reed_scram_parse_client_final(struct reed_slice in, struct scram_client_final *out)
{
	struct reed_slice rest = in, proof = reed_slice(NULL, 0);

	*out = (struct scram_client_final){ 0 };
	if (!is_message(in) || cut_attribute(&rest, 'c', &out->binding) ||
	    cut_attribute(&rest, 'r', &out->nonce) || !is_nonce(out->nonce))
		return REED_EPROTO;
	/* the proof stands last, behind extensions */
	while (rest.n > 0 && !reed_slice_starts(rest, REED_STR("p="))) {
		struct reed_slice extension = reed_slice_cut(&rest, ',');

		if (extension.n == 0 || skip_extensions(extension))
			return REED_EPROTO;
	}
	if (rest.n == 0)
		return REED_EPROTO;
	out->without_proof = reed_slice_first(in, in.n - rest.n - 1);
	if (cut_attribute(&rest, 'p', &proof) || rest.n > 0 ||
	    reed_base64_decode(proof, out->proof, sizeof(out->proof), &out->proof_length))
		return REED_EPROTO;
	return REED_OK;
}

enum reed_err reed_scram_parse_server_final(struct reed_slice in, struct scram_server_final *out)
{
	struct reed_slice signature;

	*out = (struct scram_server_final){ 0 };
	if (!is_message(in))
		return REED_EPROTO;
	if (reed_slice_starts(in, REED_STR("e="))) {
		cut_attribute(&in, 'e', &out->error);
		return out->error.n > 0 ? skip_extensions(in) : REED_EPROTO;
	}
	if (cut_attribute(&in, 'v', &signature) ||
	    reed_base64_decode(signature, out->signature, sizeof(out->signature),
	                       &out->signature_length))
		return REED_EPROTO;
	return skip_extensions(in);
}
