/*
 * OCSP responses that a server hands out with its certificate (RFC 6066 8,
 * RFC 6960): read from files that somebody else renews.
 */

#include "os.h"
#include "reed/log.h"
#include "reed/random.h"
#include "tls_private.h"

enum { STAPLE_FILE = 64 << 10 };

void reed_staple_finish(struct reed_staple *staple)
{
	reed_free(staple->path);
	reed_buf_finish(&staple->der);
}

/* ---- is it what it should be? ---- */

static enum reed_err fail(struct reed_fault **fault, const char *path, enum reed_err err,
                          const char *what)
{
	return reed_x509_fail(fault, reed_fault(err, NULL, "%s: %s", path, what));
}

/* By what is wrong with it; NULL: nothing. */
static const char *const words[] = {
	[REED_OCSP_GOOD] = NULL,
	[REED_OCSP_MALFORMED] =
		"this is no OCSP response in DER, or one that only says why there is "
		"none; openssl ocsp -respout FILE writes one",
	[REED_OCSP_OF_ANOTHER] = "this OCSP response is about another certificate",
	[REED_OCSP_UNSIGNED] = "this OCSP response is not signed by who issued the certificate",
	[REED_OCSP_REVOKED] =
		"this OCSP response says that the certificate has been revoked: take a "
		"new one",
	[REED_OCSP_UNKNOWN] = "this OCSP response does not know the certificate",
};

static enum reed_err understand(struct reed_staple *staple, const struct reed_identity *of,
                                int64_t wall, struct reed_fault **fault)
{
	struct reed_ocsp told;
	enum reed_ocsp_verdict verdict =
		reed_ocsp_judge(reed_buf_slice(&staple->der), of, wall, &told);

	if (verdict != REED_OCSP_GOOD)
		return fail(fault, staple->path,
		            verdict == REED_OCSP_MALFORMED ? REED_ESYNTAX : REED_ECERT,
		            words[verdict]);
	staple->from = told.from;
	staple->until = told.until ? told.until : INT64_MAX;
	return REED_OK;
}

enum reed_err reed_staple_read(struct reed_staple *staple, const char *path,
                               const struct reed_identity *of, int64_t wall,
                               struct reed_fault **fault)
{
	enum reed_err err;

	*staple = (struct reed_staple){ .path = reed_strdup(path) };
	reed_buf_init(&staple->der, STAPLE_FILE);
	err = reed_os_read_file(path, &staple->der, fault);
	if (!err)
		err = understand(staple, of, wall, fault);
	if (err) {
		reed_staple_finish(staple);
		*staple = (struct reed_staple){ .path = NULL };
	}
	return err;
}

/* ---- handing it out ---- */

static bool is_fresh(const struct reed_staple *staple, int64_t wall)
{
	return wall >= staple->from && wall <= staple->until;
}

void reed_staple_tell(struct reed_staple *staple, struct reed_loop *loop)
{
	char date[REED_X509_DATE];

	if (!staple->path || is_fresh(staple, reed_wall(loop)) ||
	    atomic_exchange(&staple->told, true))
		return;
	reed_log(loop, REED_LOG_WARN,
	         "OCSP response is out of date, and not handed out any more file=%s until=%s",
	         staple->path, reed_x509_date(staple->until, date));
}

static struct reed_staple *staple_of(struct reed_tls_shelf *shelf, const X509 *leaf)
{
	for (size_t i = 0; leaf && i < shelf->count; i++)
		if (shelf->ids[i].leaf == leaf && shelf->staples[i].path)
			return &shelf->staples[i];
	return NULL;
}

/* The client has asked, and the certificate is chosen.  OpenSSL frees what it is given. */
int reed_tls_staple(SSL *ssl, void *arg)
{
	struct reed_tls *self = reed_tls_of_ssl(ssl);
	struct reed_staple *staple = staple_of(&self->material->shelf, SSL_get_certificate(ssl));
	struct reed_slice der;
	unsigned char *copy;

	(void)arg;
	if (!staple)
		return SSL_TLSEXT_ERR_NOACK;
	if (!is_fresh(staple, reed_wall(self->stream.loop))) {
		reed_staple_tell(staple, self->stream.loop);
		return SSL_TLSEXT_ERR_NOACK;
	}
	der = reed_buf_slice(&staple->der);
	copy = OPENSSL_memdup(der.p, der.n);
	if (!copy)
		return SSL_TLSEXT_ERR_NOACK;
	SSL_set_tlsext_status_ocsp_resp(ssl, copy, (long)der.n);
	return SSL_TLSEXT_ERR_OK;
}
