/* reed cert: what is to be done, and with which options. */

#include "cert.h"

#include <stdio.h>
#include <string.h>

#include "reed/file.h"
#include "reed/random.h"
#include "reed/settings.h"

enum { LARGEST = 1 << 20, WRONG = 2 };

/* ---- what one may say ---- */

static const struct reed_settings_verb verbs[] = {
	{ "new", "NAME...",
	  "A certificate and its key for host names or addresses, in NAME.pem; signed by the CA, or "
	  "else by itself." },
	{ "ca", "[NAME]",
	  "A CA of your own, certificate and key, in ca.pem. Give ca.pem to nobody; what others need "
	  "to trust it is in ca.crt." },
	{ "request", "NAME...", "What a CA wants to see, in NAME.csr, and the key in NAME.key." },
	{ "sign", "REQUEST [NAME]...",
	  "The certificate for a request, in REQUEST.crt. With names, for those instead." },
	{ "show", "FILE_OR_ENDPOINT...",
	  "Certificates in words, and what is wrong with them: of files, or of a server, such as "
	  "tls:chat.example:6697." },
	{ NULL, NULL, NULL },
};

/* In their order. */
static const struct {
	int (*run)(struct cert_order *order);
	size_t least;
	const char *wants;
} works[] = {
	{ reed_cert_new, 1, "a name: that of the host, or its address" },
	{ reed_cert_ca, 0, NULL },
	{ reed_cert_ask, 1, "a name: that of the host, or its address" },
	{ reed_cert_grant, 1, "a request: a file that `reed cert request` has made" },
	{ reed_cert_show, 1, "a file, or an endpoint such as tls:chat.example:6697" },
};

struct cert_flags {
	const char *ca, *out;
	int days;
	int key; /* enum reed_cert_key, in the order of keys */
};

static const char *const keys[] = { "ecdsa", "ecdsa-384", "rsa", "ed25519", NULL };
static const enum reed_cert_key kinds[] = { REED_CERT_ECDSA, REED_CERT_ECDSA_384, REED_CERT_RSA,
	                                    REED_CERT_ED25519 };

static const struct reed_setting table[] = {
	REED_SETTING(PATH, struct cert_flags, ca, .placeholder = "FILE", .from = REED_FROM_FLAG,
	             .help = "The CA that signs, as `reed cert ca` has made it."),
	REED_SETTING(PATH, struct cert_flags, out, .placeholder = "FILE", .from = REED_FROM_FLAG,
	             .help = "Where the certificate, or the request, is written to."),
	REED_SETTING(INT, struct cert_flags, days, .placeholder = "DAYS", .least = "1",
	             .most = "36500", .from = REED_FROM_FLAG,
	             .help = "How long it lasts; a year when not given, and a CA ten."),
	REED_SETTING(ENUM, struct cert_flags, key, .words = keys, .preset = "ecdsa",
	             .from = REED_FROM_FLAG, .help = "The kind of key that is made."),
};

static const struct reed_schema schema =
	REED_SCHEMA(struct cert_flags, table, .about = "What is made.");

static const struct reed_settings_part parts[] = { { NULL, &reed_tool_schema }, { NULL, &schema } };

const struct reed_settings_program reed_cert_tool =
	REED_SETTINGS_PROGRAM(.program = "reed", .command = "cert",
                              .about = "Makes certificates, signs them, looks at them.",
                              .arguments = "...", .parts = parts, .part_count = REED_COUNT(parts),
                              .verbs = verbs);

/* ---- doing it ---- */

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
		*fault = err == REED_ENOENT
		                 ? reed_fault(err, NULL, "there is no file %s", path)
		                 : reed_fault(err, NULL, "%s: %s", path, reed_strerror(err));
	return err;
}

static size_t index_of(const char *verb)
{
	size_t i = 0;

	while (strcmp(verbs[i].name, verb) != 0)
		i++;
	return i;
}

static int wrong(const char *what, const char *wants)
{
	fprintf(stderr, "reed cert: %s wants %s\n", what, wants);
	return WRONG;
}

static int carry_out(size_t verb, struct cert_order *order)
{
	int status;

	if (order->count < works[verb].least)
		return wrong(verbs[verb].name, works[verb].wants);
	if (reed_loop_new(NULL, &order->loop))
		return reed_cert_failed(NULL, REED_EMFILE);
	order->wall = reed_wall(order->loop);
	status = works[verb].run(order);
	reed_loop_free(order->loop);
	return status;
}

int reed_cert_main(int argc, char **argv)
{
	struct cert_order order = { .loop = NULL };
	const struct cert_flags *flags;
	struct reed_settings *settings;
	struct reed_texts words;
	int status;

	settings = reed_tool_settings(&reed_cert_tool, argc, argv, &status);
	if (!settings)
		return status;
	flags = reed_settings_of(settings, &schema);
	words = reed_settings_arguments(settings);
	order.out = flags->out;
	order.ca = flags->ca;
	order.days = flags->days;
	order.kind = kinds[flags->key];
	order.count = words.n - 1;
	memcpy(order.names, words.items + 1,
	       (order.count < CERT_NAMES ? order.count : CERT_NAMES) * sizeof(order.names[0]));
	if (order.count > CERT_NAMES)
		status = wrong("it", "64 names at the most");
	else
		status = carry_out(index_of(words.items[0]), &order);
	reed_settings_free(settings);
	return status;
}
