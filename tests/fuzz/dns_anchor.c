/* What was written down of trust anchors, and answers about keys. */

#include <stddef.h>
#include <stdint.h>

#include "reed/dns/anchor.h"
#include "reed/dns/validate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reed_slice in = reed_slice(data, size), text = reed_slice_cut(&in, '\0');
	struct reed_dns_anchors_news news;
	struct reed_dns_anchors *anchors;
	struct reed_dns_name root;
	struct reed_buf out = { 0 };

	reed_dns_name_root(&root);
	reed_dns_validator_trust_text(NULL, text, NULL);
	anchors = reed_dns_anchors_new(&root, reed_dns_root_anchors());
	reed_dns_anchors_read(anchors, text);
	reed_dns_anchors_take(anchors, in, 1767225600, &news);
	reed_dns_anchors_write(anchors, &out);
	reed_dns_anchors_trusted(anchors, &out);
	reed_buf_finish(&out);
	reed_dns_anchors_free(anchors);
	return 0;
}
