/* A certificate, in PEM or DER, read and put into words that no terminal takes amiss. */

#include "reed/alloc.h"
#include "reed/cert.h"

#include "tests/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reed_slice file = reed_slice(data, size), none = { NULL, 0 }, words;
	const int64_t wall = 1767312000000000000; /* 2026-01-02 */
	struct reed_fault *fault = NULL;
	struct reed_buf out = { .limit = 0 };
	struct reed_cert *cert;

	if (reed_cert_read(file, none, wall, &cert, &fault)) {
		check(fault && fault->sentence[0]);
		reed_fault_free(fault);
		return 0;
	}
	reed_cert_print(cert, wall, &out);
	words = reed_buf_slice(&out);
	check(words.n > 0);
	for (size_t i = 0; i < words.n; i++)
		check(words.p[i] == '\n' || ((unsigned char)words.p[i] >= 32 && words.p[i] != 127));
	reed_buf_finish(&out);
	reed_cert_free(cert);
	return 0;
}
