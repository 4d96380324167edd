/* SCRAM's messages: the first byte says which. */

#include "core/sasl/scram.h"

#include "tests/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was decoded is encoded to the same. */
static void name(struct reed_slice encoded)
{
	char text[64];
	struct reed_buf b;

	if (reed_scram_name(encoded, text, sizeof(text)))
		return;
	reed_buf_init(&b, 0);
	reed_scram_add_name(&b, reed_slice_of(text));
	/* a comma that was not encoded cannot have been in a name */
	if (reed_slice_find(encoded, ',') == encoded.n &&
	    reed_slice_find(encoded, '\0') == encoded.n)
		check(reed_slice_eq(reed_buf_slice(&b), encoded));
	reed_buf_finish(&b);
}

static void client_first(struct reed_slice in)
{
	struct scram_client_first m;

	if (reed_scram_parse_client_first(in, &m))
		return;
	check(m.gs2.n + m.bare.n == in.n);
	check(m.user.n > 0 && m.nonce.n > 0);
	check((m.flag == 'p') == (m.binding.n > 0));
	name(m.user);
	name(m.authzid);
}

static void server_first(struct reed_slice in)
{
	struct scram_server_first m;

	if (reed_scram_parse_server_first(in, &m))
		return;
	check(m.nonce.n > 0 && m.salt_length > 0 && m.salt_length <= sizeof(m.salt));
	check(m.iterations > 0);
}

static void client_final(struct reed_slice in)
{
	struct scram_client_final m;

	if (reed_scram_parse_client_final(in, &m))
		return;
	check(m.nonce.n > 0 && m.proof_length <= sizeof(m.proof));
	check(reed_slice_starts(in, m.without_proof));
	check(reed_slice_starts(reed_slice_from(in, m.without_proof.n), REED_STR(",p=")));
}

static void server_final(struct reed_slice in)
{
	struct scram_server_final m;

	if (!reed_scram_parse_server_final(in, &m))
		check(m.signature_length <= sizeof(m.signature));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reed_slice in = reed_slice(data, size);
	struct reed_slice rest = reed_slice_from(in, 1);

	if (size == 0)
		return 0;
	switch (in.p[0]) {
	case '1':
		client_first(rest);
		break;
	case '2':
		server_first(rest);
		break;
	case '3':
		client_final(rest);
		break;
	case '4':
		server_final(rest);
		break;
	default:
		name(rest);
		break;
	}
	return 0;
}
