/* DNS messages: a byte for the type, a name and a NUL, the message. */

#include "check.h"
#include "core/resolve_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_record(enum reed_record_type type, const struct reed_record *r)
{
	switch (type) {
	case REED_RECORD_A:
		check_int(r->address.family, REED_FAMILY_IPV4);
		break;
	case REED_RECORD_AAAA:
		check_int(r->address.family, REED_FAMILY_IPV6);
		break;
	case REED_RECORD_PTR:
	case REED_RECORD_SRV:
		check(r->text.n <= 4 * 255);
		for (size_t i = 0; i < r->text.n; i++)
			check(r->text.p[i] > ' ' && r->text.p[i] < 127);
		break;
	case REED_RECORD_TXT:
		check(r->text.n < 65536);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum reed_record_type types[] = { REED_RECORD_A, REED_RECORD_AAAA,
		                                       REED_RECORD_PTR, REED_RECORD_SRV,
		                                       REED_RECORD_TXT };
	struct reed_slice rest = { (const char *)data, size };
	enum reed_record_type type;
	struct reed_answer a;
	char name[REED_HOST_NAME_MAX + 1];

	if (size < 1)
		return 0;
	type = types[data[0] % REED_COUNT(types)];
	rest = reed_slice_from(rest, 1);
	reed_slice_copy(name, sizeof(name), reed_slice_cut(&rest, '\0'));
	if (reed_message_read(rest, name, type, &a)) {
		check(!a.list && !a.texts.blocks);
		return 0;
	}
	check(a.count <= REED_RECORDS_MAX);
	check(a.ttl <= INT32_MAX);
	for (size_t i = 0; i < a.count; i++)
		check_record(type, &a.list[i]);
	reed_answer_finish(&a);
	return 0;
}
