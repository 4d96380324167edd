/* reed cert: what is to be done, and with which options. */

#include "cert.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reed/file.h"
#include "reed/random.h"

enum { LARGEST = 1 << 20 };

static const char usage[] =
	"Usage: reed cert new NAME... [--ca FILE] [--out FILE] [--days N] [--key KIND]\n"
	"       reed cert ca [NAME] [--out FILE] [--days N] [--key KIND]\n"
	"       reed cert request NAME... [--out FILE] [--key KIND]\n"
	"       reed cert sign REQUEST --ca FILE [NAME...] [--out FILE] [--days N]\n"
	"       reed cert show FILE_OR_ENDPOINT...\n"
	"\n"
	"new      A certificate and its key for host names or addresses, in NAME.pem; signed by\n"
	"         the CA, or else by itself.\n"
	"ca       A CA of your own, certificate and key, in ca.pem.  Give ca.pem to nobody; what\n"
	"         others need to trust it is in ca.crt.\n"
	"request  What a CA wants to see, in NAME.csr, and the key in NAME.key.\n"
	"sign     The certificate for a request, in REQUEST.crt.  With names, for those instead.\n"
	"show     Certificates in words, and what is wrong with them: of files, or of a server,\n"
	"         such as tls:chat.example:6697.\n"
	"\n"
	"KIND is ecdsa (the default), ecdsa-384, rsa or ed25519.  Certificates last 365 days, CAs\n"
	"ten years, unless --days says otherwise.\n";

static const struct {
	const char *word;
	int (*run)(struct cert_order *order);
	size_t least;
	const char *wants;
} verbs[] = {
	{ "new", reed_cert_new, 1, "a name: that of the host, or its address" },
	{ "ca", reed_cert_ca, 0, NULL },
	{ "request", reed_cert_ask, 1, "a name: that of the host, or its address" },
	{ "sign", reed_cert_grant, 1, "a request: a file that `reed cert request` has made" },
	{ "show", reed_cert_show, 1, "a file, or an endpoint such as tls:chat.example:6697" },
};

static const struct {
	const char *word;
	enum reed_cert_key kind;
} kinds[] = {
	{ "ecdsa", REED_CERT_ECDSA },
	{ "ecdsa-384", REED_CERT_ECDSA_384 },
	{ "rsa", REED_CERT_RSA },
	{ "ed25519", REED_CERT_ED25519 },
};

int reed_cert_failed(struct reed_fault *fault, enum reed_err err)
{
	fprintf(stderr, "reed cert: %s\n", reed_fault_why(fault, err));
	reed_fault_free(fault);
	return 1;
}

enum reed_err reed_cert_load(const char *path, struct reed_buf *into, struct reed_fault **fault)
{
	struct reed_file_stamp stamp;
	enum reed_err err;

	reed_buf_init(into, LARGEST);
	err = reed_file_read(path, into, &stamp);
	if (err)
		*fault = reed_fault(err, NULL, "%s: %s", path, reed_strerror(err));
	return err;
}

static int wrong(const char *flag, const char *wants)
{
	fprintf(stderr, "reed cert: %s wants %s\n", flag, wants);
	return 2;
}

static int set_kind(struct cert_order *order, const char *word)
{
	for (size_t i = 0; i < REED_COUNT(kinds); i++) {
		if (strcmp(word, kinds[i].word) == 0) {
			order->kind = kinds[i].kind;
			return 0;
		}
	}
	return wrong("--key", "ecdsa, ecdsa-384, rsa or ed25519");
}

static int set_days(struct cert_order *order, const char *word)
{
	uint64_t days;

	if (reed_slice_u64(reed_slice_of(word), 36500, &days) || days == 0)
		return wrong("--days", "a number from 1 to 36500");
	order->days = (int)days;
	return 0;
}

/* A flag and its value. */
static int set(struct cert_order *order, const char *flag, const char *value)
{
	if (!value)
		return wrong(flag, "a value behind it");
	if (strcmp(flag, "--out") == 0)
		order->out = value;
	else if (strcmp(flag, "--ca") == 0)
		order->ca = value;
	else if (strcmp(flag, "--days") == 0)
		return set_days(order, value);
	else if (strcmp(flag, "--key") == 0)
		return set_kind(order, value);
	else {
		fprintf(stderr, "reed cert: there is no flag %s; see reed cert --help\n", flag);
		return 2;
	}
	return 0;
}

static int read_words(struct cert_order *order, int argc, char **argv)
{
	int bad = 0;

	for (int i = 0; i < argc && !bad; i++) {
		if (strncmp(argv[i], "--", 2) == 0) {
			bad = set(order, argv[i], argv[i + 1]);
			i++;
		} else if (order->count == CERT_NAMES) {
			bad = wrong("it", "64 names at the most");
		} else {
			order->names[order->count++] = argv[i];
		}
	}
	return bad;
}

static int help(FILE *out, int status)
{
	fputs(usage, out);
	return status;
}

int reed_cert_main(int argc, char **argv)
{
	struct cert_order order = { .loop = NULL };
	int status = 2;

	if (argc < 2)
		return help(stderr, 2);
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		return help(stdout, 0);
	for (size_t i = 0; i < REED_COUNT(verbs); i++) {
		if (strcmp(argv[1], verbs[i].word) != 0)
			continue;
		if (read_words(&order, argc - 2, argv + 2))
			return 2;
		if (order.count < verbs[i].least)
			return wrong(verbs[i].word, verbs[i].wants);
		if (reed_loop_new(NULL, &order.loop))
			return reed_cert_failed(NULL, REED_EMFILE);
		order.wall = reed_wall(order.loop);
		status = verbs[i].run(&order);
		reed_loop_free(order.loop);
		return status;
	}
	fprintf(stderr,
	        "reed cert: there is no \"%s\"; new, ca, request, sign and show there are\n",
	        argv[1]);
	return status;
}
