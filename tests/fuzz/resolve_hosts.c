/* Hosts files.  Whatever is in them, names are names and lists have their limit. */

#include "check.h"
#include "core/resolve_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The name leads to addresses, and those lead to names that hosts can have. */
static void look_up(const struct reed_hosts *hosts, const char *name, enum reed_family family)
{
	struct reed_addresses a = { NULL, 0 };
	bool there = reed_hosts_addresses(hosts, name, family, &a);

	check(there || a.count == 0);
	check(a.count <= REED_ADDRESSES_MAX);
	for (size_t i = 0; i < a.count; i++) {
		struct reed_slice back;

		check_int(a.list[i].family, family);
		for (size_t n = 0; (back = reed_hosts_name(hosts, &a.list[i], n)).n > 0; n++)
			check(reed_name_is_host(back));
		check(reed_hosts_name(hosts, &a.list[i], 0).n > 0);
	}
	reed_addresses_finish(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reed_slice rest = { (const char *)data, size };
	struct reed_hosts *hosts = reed_hosts_parse(rest);

	while (rest.n > 0) {
		struct reed_slice line = reed_slice_cut(&rest, '\n');

		while (line.n > 0) {
			struct reed_fault *fault = NULL;
			struct reed_name name;

			if (!reed_name_read(reed_slice_cut(&line, ' '), &name, &fault)) {
				look_up(hosts, name.text, REED_FAMILY_IPV4);
				look_up(hosts, name.text, REED_FAMILY_IPV6);
			}
			reed_fault_free(fault);
		}
	}
	reed_hosts_free(hosts);
	return 0;
}
