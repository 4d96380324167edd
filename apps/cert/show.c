/* reed cert show: certificates of files and of servers, in words. */

#include "cert.h"

#include <stdio.h>
#include <string.h>

#include "reed/alloc.h"
#include "reed/endpoint.h"
#include "reed/tls.h"

enum { PATIENCE_MS = 15000 };

static int print(const struct reed_cert *cert, int64_t wall)
{
	struct reed_buf words = { .limit = 0 };
	size_t problems = 0;

	reed_cert_print(cert, wall, &words);
	printf(REED_FMT, REED_ARG(reed_buf_slice(&words)));
	reed_buf_finish(&words);
	for (; cert; cert = cert->next)
		problems += cert->problem_count;
	return problems > 0;
}

static bool has(struct reed_slice pem, const char *label)
{
	return reed_slice_search(pem, reed_slice_of(label)) < pem.n;
}

/* What stands in the file instead of a certificate, and what to do with it. */
static struct reed_fault *no_certificate(const char *path, struct reed_slice pem,
                                         struct reed_fault *cause)
{
	struct reed_fault *fault;

	if (has(pem, "-----BEGIN CERTIFICATE-----"))
		fault = reed_fault(REED_ECERT, NULL, "%s: %s", path, cause->sentence);
	else if (has(pem, " REQUEST-----"))
		fault = reed_fault(REED_ECERT, NULL,
		                   "%s is a request, and no certificate yet; `reed cert sign %s "
		                   "--ca ca.pem` makes one of it",
		                   path, path);
	else if (has(pem, " PRIVATE KEY-----"))
		fault = reed_fault(REED_ECERT, NULL, "%s is a private key without a certificate",
		                   path);
	else
		fault = reed_fault(REED_ECERT, NULL,
		                   "%s holds no certificate in PEM (-----BEGIN CERTIFICATE-----)",
		                   path);
	reed_fault_free(cause);
	return fault;
}

static int show_file(const struct cert_order *order, const char *path)
{
	struct reed_slice none = { NULL, 0 };
	struct reed_fault *fault = NULL;
	struct reed_cert *cert = NULL;
	struct reed_buf file;
	enum reed_err err = reed_cert_load(path, &file, &fault);
	int status;

	if (!err) {
		err = reed_cert_read(reed_buf_slice(&file), none, order->wall, &cert, &fault);
		if (err && fault)
			fault = no_certificate(path, reed_buf_slice(&file), fault);
	}
	if (file.p)
		reed_wipe(file.p, file.size);
	reed_buf_finish(&file);
	if (err)
		return reed_cert_failed(fault, err);
	status = print(cert, order->wall);
	reed_cert_free(cert);
	return status;
}

/* What is wrong with a server's is what a client with the system's roots would say. */
static int show_facts(struct reed_stream *s, int64_t wall)
{
	struct reed_stream_facts facts = { .size = sizeof(facts) };
	int status;

	reed_stream_facts(s, &facts);
	if (!facts.tls || !facts.tls->peer) {
		fputs("reed cert: the server has shown no certificate\n", stderr);
		return 1;
	}
	status = print(facts.tls->peer, wall);
	printf("  %s, %s, %s\n", facts.tls->version, facts.tls->cipher,
	       facts.tls->verified ? "verified" : "NOT VERIFIED");
	if (facts.tls->verified)
		return status;
	printf("  WRONG        %s\n", facts.tls->why_not);
	return 1;
}

static int show_server(const struct cert_order *order, const char *endpoint)
{
	char *any = reed_sprintf("%s:insecure=1", endpoint);
	struct reed_fault *fault = NULL;
	struct reed_stream *s;
	enum reed_err err;
	int status;

	err = reed_loop_run_until(order->loop,
	                          reed_within(PATIENCE_MS, reed_dial(order->loop, any, &s)),
	                          &fault);
	reed_free(any);
	if (err)
		return reed_cert_failed(fault, err);
	status = show_facts(s, order->wall);
	reed_abort(s);
	return status;
}

int reed_cert_show(struct cert_order *order)
{
	int status = 0;

	for (size_t i = 0; i < order->count; i++) {
		const char *what = order->names[i];

		if (strncmp(what, "tls:", 4) == 0)
			status |= show_server(order, what);
		else
			status |= show_file(order, what);
	}
	return status;
}
