/* What the files of `reed cert` share. */

#ifndef REED_APPS_CERT_H
#define REED_APPS_CERT_H

#include "reed/cert.h"
#include "reed/loop.h"

enum { CERT_NAMES = 64 };

struct cert_order {
	struct reed_loop *loop;
	int64_t wall;
	const char *names[CERT_NAMES + 1]; /* what stands beside the flags; then NULL */
	size_t count;
	const char *out, *ca; /* files; may be NULL */
	enum reed_cert_key kind;
	int days;
};

extern const struct reed_settings_program reed_cert_tool;

int reed_cert_main(int argc, char **argv);

/* Each returns what main() should: 0, 1 (it failed, and said why), 2 (wrongly called). */
int reed_cert_new(struct cert_order *order);
int reed_cert_ca(struct cert_order *order);
int reed_cert_ask(struct cert_order *order);
int reed_cert_grant(struct cert_order *order);
int reed_cert_show(struct cert_order *order);

/* Says why on stderr and frees it; returns 1. */
int reed_cert_failed(struct reed_fault *fault, enum reed_err err);
enum reed_err reed_cert_load(const char *path, struct reed_buf *into, struct reed_fault **fault);

#endif
