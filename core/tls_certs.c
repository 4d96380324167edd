/* The certificates of a server: loaded from a file or a directory, chosen by name. */

#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "os.h"
#include "tls_private.h"

/* ---- one of them ---- */

static enum reed_err check_dates(X509 *x, const char *name, int64_t wall, struct reed_fault **fault)
{
	int64_t from = reed_x509_ns(X509_get0_notBefore(x));
	int64_t to = reed_x509_ns(X509_get0_notAfter(x));
	char who[REED_X509_NAME], date[REED_X509_DATE];

	if (wall && wall > to)
		return reed_x509_fail(
			fault, reed_fault(REED_ECERT, NULL,
		                          "the certificate of %s in %s expired on %s: renew it",
		                          reed_x509_who(x, who), name, reed_x509_date(to, date)));
	if (wall && wall < from)
		return reed_x509_fail(
			fault,
			reed_fault(REED_ECERT, NULL,
		                   "the certificate of %s in %s is not valid before %s: is the "
		                   "clock right?",
		                   reed_x509_who(x, who), name, reed_x509_date(from, date)));
	return REED_OK;
}

/* The buffer held a private key. */
static void wipe(struct reed_buf *b)
{
	if (b->p)
		reed_wipe(b->p, b->size);
	reed_buf_finish(b);
}

/* The first thing that goes wrong on a new machine. */
static void say_what_makes_one(struct reed_fault **fault)
{
	struct reed_fault *why = fault ? *fault : NULL;

	if (!why)
		return;
	*fault = reed_fault(why->err, NULL, "%s; `reed cert new NAME` makes one", why->sentence);
	reed_fault_free(why);
}

static enum reed_err load_files(struct reed_identity *id, const char *cert, const char *key,
                                struct reed_fault **fault)
{
	struct reed_buf pem, key_pem;
	enum reed_err err;

	reed_buf_init(&pem, REED_X509_FILE);
	reed_buf_init(&key_pem, REED_X509_FILE);
	err = reed_os_read_file(cert, &pem, fault);
	if (!err && key)
		err = reed_os_read_file(key, &key_pem, fault);
	if (err == REED_ENOENT)
		say_what_makes_one(fault);
	if (!err)
		err = reed_identity_read(id, cert, reed_buf_slice(&pem), key,
		                         reed_buf_slice(&key_pem), fault);
	wipe(&pem);
	wipe(&key_pem);
	return err;
}

enum reed_err reed_tls_load_identity(struct reed_identity *id, const char *cert, const char *key,
                                     struct reed_slice cert_pem, struct reed_slice key_pem,
                                     int64_t wall, struct reed_fault **fault)
{
	const char *name = cert_pem.n ? "the certificate given" : cert;
	enum reed_err err;

	*id = (struct reed_identity){ .leaf = NULL };
	if (cert_pem.n)
		err = reed_identity_read(id, name, cert_pem, key_pem.n ? "the key given" : NULL,
		                         key_pem, fault);
	else
		err = load_files(id, cert, key, fault);
	if (!err)
		err = check_dates(id->leaf, name, wall, fault);
	if (err)
		reed_identity_finish(id);
	return err;
}

/* ---- many of them ---- */

void reed_tls_shelf_finish(struct reed_tls_shelf *shelf)
{
	for (size_t i = 0; i < shelf->count; i++) {
		reed_identity_finish(&shelf->ids[i]);
		reed_staple_finish(&shelf->staples[i]);
	}
	reed_free(shelf->ids);
	reed_free(shelf->staples);
	reed_free(shelf->names);
	reed_pool_finish(&shelf->pool);
	*shelf = (struct reed_tls_shelf){ .ids = NULL };
}

static bool is_default(const char *path)
{
	return reed_slice_ends(reed_slice_of(path), REED_STR("/default.pem"));
}

/* chain.ocsp beside chain.pem, if it is there. */
static enum reed_err load_beside(struct reed_tls_shelf *shelf, size_t i, const char *path,
                                 int64_t wall, struct reed_fault **fault)
{
	char *beside = reed_sprintf("%.*s.ocsp", (int)(strlen(path) - 4), path);
	struct reed_fault *own = NULL;
	enum reed_err err =
		reed_staple_read(&shelf->staples[i], beside, &shelf->ids[i], wall, &own);

	reed_free(beside);
	if (err && err != REED_ENOENT)
		return reed_x509_fail(fault, own);
	reed_fault_free(own);
	return REED_OK;
}

static enum reed_err load_directory(struct reed_tls_shelf *shelf, const char *path, int64_t wall,
                                    struct reed_fault **fault)
{
	struct reed_slice none = { NULL, 0 };
	char **files;
	size_t count;
	enum reed_err err = reed_os_list(path, ".pem", &files, &count, fault);

	if (err)
		return err;
	if (count == 0)
		err = reed_x509_fail(
			fault,
			reed_fault(REED_ENOENT, NULL,
		                   "%s holds no file *.pem; each should have a chain and its key",
		                   path));
	shelf->ids = reed_alloc((count + 1) * sizeof(*shelf->ids));
	shelf->staples = reed_alloc((count + 1) * sizeof(*shelf->staples));
	for (size_t i = 0; !err && i < count; i++) {
		err = reed_tls_load_identity(&shelf->ids[i], files[i], NULL, none, none, wall,
		                             fault);
		if (is_default(files[i]))
			shelf->fallback = i;
		shelf->count += !err;
		if (!err)
			err = load_beside(shelf, i, files[i], wall, fault);
	}
	reed_os_list_free(files, count);
	return err;
}

static int64_t expiry(const struct reed_tls_shelf *shelf, size_t id)
{
	return reed_x509_ns(X509_get0_notAfter(shelf->ids[id].leaf));
}

/* ---- their names ---- */

static char *lower(struct reed_pool *pool, struct reed_slice s)
{
	char *copy = reed_pool_strdup(pool, s);

	for (size_t i = 0; i < s.n; i++)
		if (copy[i] >= 'A' && copy[i] <= 'Z')
			copy[i] = (char)(copy[i] + 32);
	return copy;
}

static void add_name(struct reed_tls_shelf *shelf, const ASN1_STRING *text, size_t id)
{
	struct reed_slice s =
		reed_slice(ASN1_STRING_get0_data(text), (size_t)ASN1_STRING_length(text));
	struct reed_tls_named *name;

	if (s.n == 0 || reed_slice_find(s, '\0') < s.n)
		return;
	shelf->names = reed_realloc(shelf->names, (shelf->name_count + 1) * sizeof(*shelf->names));
	name = &shelf->names[shelf->name_count++];
	name->name = lower(&shelf->pool, s);
	name->id = id;
	name->expires = expiry(shelf, id);
}

static void add_names(struct reed_tls_shelf *shelf, size_t id)
{
	GENERAL_NAMES *names =
		X509_get_ext_d2i(shelf->ids[id].leaf, NID_subject_alt_name, NULL, NULL);

	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);

		if (name->type == GEN_DNS)
			add_name(shelf, name->d.dNSName, id);
	}
	GENERAL_NAMES_free(names);
}

/* By name, then by expiry: what is used last of equal ones lasts longest. */
static int compare(const void *pa, const void *pb)
{
	const struct reed_tls_named *a = pa, *b = pb;
	int order = strcmp(a->name, b->name);

	return order ? order : (a->expires > b->expires) - (a->expires < b->expires);
}

static enum reed_err load_one(struct reed_tls_shelf *shelf,
                              const struct reed_tls_server_ctx_options *o,
                              struct reed_fault **fault)
{
	enum reed_err err;

	shelf->ids = reed_alloc(sizeof(*shelf->ids));
	shelf->staples = reed_alloc(sizeof(*shelf->staples));
	err = reed_tls_load_identity(shelf->ids, o->cert, o->key, o->cert_pem, o->key_pem, o->wall,
	                             fault);
	shelf->count = !err;
	if (!err && o->staple)
		err = reed_staple_read(shelf->staples, o->staple, shelf->ids, o->wall, fault);
	return err;
}

enum reed_err reed_tls_shelf_load(struct reed_tls_shelf *shelf,
                                  const struct reed_tls_server_ctx_options *o,
                                  struct reed_fault **fault)
{
	enum reed_err err;

	*shelf = (struct reed_tls_shelf){ .ids = NULL };
	if (o->cert_pem.n || !reed_os_is_directory(o->cert))
		err = load_one(shelf, o, fault);
	else if (o->staple)
		err = reed_x509_fail(fault,
		                     reed_fault(REED_EINVAL, NULL,
		                                "%s: of certificates in a folder each has its own "
		                                "OCSP response beside it, NAME.ocsp beside "
		                                "NAME.pem",
		                                o->staple));
	else
		err = load_directory(shelf, o->cert, o->wall, fault);
	if (err) {
		reed_tls_shelf_finish(shelf);
		return err;
	}
	for (size_t i = 0; i < shelf->count; i++)
		add_names(shelf, i);
	if (shelf->name_count)
		qsort(shelf->names, shelf->name_count, sizeof(*shelf->names), compare);
	return REED_OK;
}

int64_t reed_tls_shelf_expires(const struct reed_tls_shelf *shelf)
{
	int64_t first = INT64_MAX;

	for (size_t i = 0; i < shelf->count; i++)
		if (expiry(shelf, i) < first)
			first = expiry(shelf, i);
	return first;
}

/* ---- choosing ---- */

static size_t first_of(const struct reed_tls_shelf *shelf, const char *name)
{
	size_t from = 0, to = shelf->name_count;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (strcmp(shelf->names[middle].name, name) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

static bool use(const struct reed_tls_shelf *shelf, size_t id, SSL *ssl)
{
	const struct reed_identity *i = &shelf->ids[id];

	return SSL_use_cert_and_key(ssl, i->leaf, i->key, i->chain, 1) == 1;
}

/* All that bear the name, so that OpenSSL picks the kind of key the client can use. */
static int use_named(const struct reed_tls_shelf *shelf, const char *name, SSL *ssl)
{
	int used = 0;

	for (size_t i = first_of(shelf, name);
	     i < shelf->name_count && strcmp(shelf->names[i].name, name) == 0; i++)
		used += use(shelf, shelf->names[i].id, ssl);
	return used;
}

/* RFC 9525 6.3: the asterisk is the whole of the first label, and of no other. */
static int use_wildcard(const struct reed_tls_shelf *shelf, const char *name, SSL *ssl)
{
	const char *dot = strchr(name, '.');
	char wildcard[256];

	if (!dot || strlen(dot) > sizeof(wildcard) - 2)
		return 0;
	snprintf(wildcard, sizeof(wildcard), "*%s", dot);
	return use_named(shelf, wildcard, ssl);
}

static const char *name_of(const struct reed_tls_shelf *shelf, size_t id)
{
	for (size_t i = 0; i < shelf->name_count; i++)
		if (shelf->names[i].id == id)
			return shelf->names[i].name;
	return NULL;
}

bool reed_tls_shelf_use(const struct reed_tls_shelf *shelf, const char *name, SSL *ssl)
{
	char asked[256];

	SSL_certs_clear(ssl);
	if (name && reed_slice_copy(asked, sizeof(asked), reed_slice_of(name))) {
		for (char *p = asked; *p; p++)
			if (*p >= 'A' && *p <= 'Z')
				*p = (char)(*p + 32);
		if (use_named(shelf, asked, ssl) || use_wildcard(shelf, asked, ssl))
			return true;
	}
	name = name_of(shelf, shelf->fallback);
	if (name)
		use_named(shelf, name, ssl);
	return use(shelf, shelf->fallback, ssl);
}
