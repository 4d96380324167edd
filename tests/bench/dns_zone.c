/*
 * What reading a zone file costs:
 *
 *	dns_zone make RECORDS > FILE	a zone as those of registries and hosters are
 *	dns_zone read FILE		reads it ROUNDS times, tells records a second
 *	dns_zone load FILE		reads it once and keeps every record
 */

#include <inttypes.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <reed/buf.h>
#include <reed/dns/zone.h>

enum { ROUNDS = 5 };

struct tally {
	unsigned records;
	uint64_t bytes;
	struct reed_buf *kept;
};

static double cpu_seconds(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static enum reed_err take(void *arg, const struct reed_dns_zone_record *r)
{
	struct tally *self = arg;

	self->records++;
	self->bytes += r->rdata.n;
	if (self->kept) {
		reed_buf_add(self->kept, reed_dns_name_wire(r->owner));
		reed_buf_add(self->kept, r->rdata);
	}
	return REED_OK;
}

static int read_zone(const char *path, struct reed_buf *kept)
{
	struct reed_dns_scanner_options options = { REED_DNS_SCANNER_OPTIONS, .name = path };
	struct tally tally = { 0, 0, kept };
	struct reed_fault *fault = NULL;
	double begin = cpu_seconds(), seconds;

	if (reed_dns_zone_read(&options, take, &tally, &fault)) {
		fprintf(stderr, "%s\n", reed_fault_why(fault, REED_EIO));
		return 1;
	}
	seconds = cpu_seconds() - begin;
	printf("%u records, %" PRIu64 " bytes of rdata, %.3f s, %.2f million records a second\n",
	       tally.records, tally.bytes, seconds, tally.records / seconds / 1e6);
	return 0;
}

static uint64_t next(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return *state >> 33;
}

static void make(unsigned records)
{
	uint64_t state = 1;

	puts("$ORIGIN example.org.\n$TTL 3600\n@ IN SOA ns1 host 1 7200 900 1209600 300\n"
	     "@ NS ns1\n@ NS ns2\nns1 A 192.0.2.1\nns2 A 192.0.2.2");
	for (unsigned n = 5, i = 0; n < records; i++) {
		unsigned h = (unsigned)next(&state);

		n += (unsigned)(printf("h%x-%u\tIN\tA\t10.%u.%u.%u\n", h, i, h & 255, h >> 8 & 255,
		                       h >> 16 & 255) > 0);
		if (i % 4 == 0)
			n += (unsigned)(printf("h%x-%u\t300\tIN\tAAAA\t2001:db8::%x:%x\n", h, i,
			                       h & 0xffff, h >> 16) > 0);
		if (i % 5 == 0)
			n += (unsigned)(printf("\tIN\tMX\t10 mail.h%x-%u\n", h, i) > 0);
		if (i % 10 == 0)
			n += (unsigned)(printf("\tIN\tTXT\t\"v=spf1 ip4:10.0.0.0/8 -all\"\n") > 0);
		if (i % 3 == 0)
			n += 2U * (unsigned)(printf("d%x-%u\tIN\tNS\tns1.h%x.net.\n"
			                            "\tIN\tNS\tns2.h%x.net.\n",
			                            h, i, h, h) > 0);
	}
}

int main(int argc, char **argv)
{
	struct reed_buf kept = { 0 };
	int failed = 0;

	if (argc != 3) {
		fprintf(stderr, "usage: %s make RECORDS | read FILE | load FILE\n", argv[0]);
		return 2;
	}
	if (strcmp(argv[1], "make") == 0)
		make((unsigned)atoi(argv[2]));
	else if (strcmp(argv[1], "load") == 0)
		failed = read_zone(argv[2], &kept);
	else
		for (unsigned i = 0; i < ROUNDS && !failed; i++)
			failed = read_zone(argv[2], NULL);
	reed_buf_finish(&kept);
	return failed;
}
