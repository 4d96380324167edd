/* sshkeys: lines of authorized_keys, signatures, and who they let in. */

#include "file_house.h"
#include "reed/base64.h"
#include "reed/ssh_key.h"
#include "ssh_keys.h"

struct bytes {
	uint8_t p[4096];
	size_t n;
};

static struct reed_slice decode(const char *text, struct bytes *into)
{
	check_int(reed_base64_decode(reed_slice_of(text), into->p, sizeof(into->p), &into->n),
	          REED_OK);
	return reed_slice(into->p, into->n);
}

static const struct {
	const char *kind, *key, *signature;
} keys[] = {
	{ "ssh-ed25519", ED25519_KEY, ED25519_SIGNATURE },
	{ "ecdsa-sha2-nistp256", P256_KEY, P256_SIGNATURE },
	{ "ecdsa-sha2-nistp384", P384_KEY, P384_SIGNATURE },
	{ "ecdsa-sha2-nistp521", P521_KEY, P521_SIGNATURE },
	{ "ssh-rsa", RSA_KEY, RSA_SIGNATURE },
	{ "ssh-rsa", RSA_KEY, RSA_SIGNATURE_SHA256 },
};

static enum reed_err verify(const char *key, const char *data, const char *signature)
{
	static struct bytes k, d, s;

	return reed_ssh_key_verify(decode(key, &k), decode(data, &d), decode(signature, &s));
}

/* ---- signatures ---- */

static void what_ssh_keygen_signs_is_signed(void)
{
	for (size_t i = 0; i < REED_COUNT(keys); i++) {
		check_int(verify(keys[i].key, SIGNED, keys[i].signature), REED_OK);
		check_int(verify(keys[i].key, "aGVsbG8=", keys[i].signature), REED_EAUTH);
	}
}

static void a_signature_of_another_kind_or_a_weak_one_is_none(void)
{
	check_int(verify(ED25519_KEY, SIGNED, P256_SIGNATURE), REED_ESYNTAX);
	check_int(verify(P256_KEY, SIGNED, P384_SIGNATURE), REED_ESYNTAX);
	check_int(verify(RSA_KEY, SIGNED, ED25519_SIGNATURE), REED_ESYNTAX);
	check_int(verify(RSA_KEY, SIGNED, RSA_SIGNATURE_SHA1), REED_ENOTSUP);
	check_int(verify(WEAK_KEY, SIGNED, WEAK_SIGNATURE), REED_ENOTSUP);
}

/* One bit, one byte less, one byte more: of none of them is it the signature. */
static void nothing_that_was_changed_is_taken(void)
{
	static struct bytes key, data, signature, other;

	for (size_t i = 0; i < REED_COUNT(keys); i++) {
		decode(keys[i].key, &key);
		decode(SIGNED, &data);
		decode(keys[i].signature, &signature);
		for (size_t at = 0; at < signature.n; at++) {
			other = signature;
			other.p[at] ^= 1;
			check(reed_ssh_key_verify(reed_slice(key.p, key.n),
			                          reed_slice(data.p, data.n),
			                          reed_slice(other.p, other.n)));
			check(reed_ssh_key_verify(reed_slice(key.p, key.n),
			                          reed_slice(data.p, data.n),
			                          reed_slice(signature.p, at)));
		}
		for (size_t at = 0; at < key.n; at++)
			check(reed_ssh_key_verify(reed_slice(key.p, at), reed_slice(data.p, data.n),
			                          reed_slice(signature.p, signature.n)));
		check_int(reed_ssh_key_verify(reed_slice(key.p, key.n + 1),
		                              reed_slice(data.p, data.n),
		                              reed_slice(signature.p, signature.n)),
		          REED_ESYNTAX);
	}
}

/* ---- lines ---- */

static struct reed_ssh_line parsed;

static enum reed_err parse(const char *line)
{
	const char *why;

	return reed_ssh_line_parse(reed_slice_of(line), &parsed, &why);
}

static void a_line_has_its_parts(void)
{
	check_int(parse("ssh-ed25519 " ED25519_KEY " alice at \"home\""), REED_OK);
	check_slice(parsed.kind, "ssh-ed25519");
	check_slice(parsed.comment, "alice at \"home\"");
	check(!parsed.conditional && parsed.options.n == 0 && parsed.n == 51);
	check_int(parse("\trestrict,environment=\"A=\\\"b c\\\"\" ssh-rsa\t" RSA_KEY " "), REED_OK);
	check_slice(parsed.options, "restrict,environment=\"A=\\\"b c\\\"\"");
	check(!parsed.conditional && parsed.comment.n == 0);
}

static void options_that_nobody_would_heed_make_a_key_useless(void)
{
	static const char *const conditions[] = {
		"from=\"192.0.2.0/24\"",
		"command=\"/bin/true\"",
		"cert-authority",
		"no-pty,expiry-time=\"20300101\"",
		"principals=\"a,b\",restrict",
		"whatever",
		"no-touch-required",
	};
	char line[1024];

	for (size_t i = 0; i < REED_COUNT(conditions); i++) {
		snprintf(line, sizeof(line), "%s ssh-ed25519 " ED25519_KEY, conditions[i]);
		check_int(parse(line), REED_OK);
		check(parsed.conditional);
	}
}

static void a_line_that_is_not_one_is_refused(void)
{
	static const char *const wrong[] = {
		"",
		"ssh-ed25519",
		"ssh-ed25519 " P256_KEY,
		"ssh-ed25519  x",
		"ssh-ed25519 " ED25519_KEY "=",
		"restrict " ED25519_KEY,
		"restrict, ssh-ed25519 " ED25519_KEY,
		",restrict ssh-ed25519 " ED25519_KEY,
		"from=x ssh-ed25519 " ED25519_KEY,
		"from=\"x ssh-ed25519 " ED25519_KEY,
		"from=\"x\"y ssh-ed25519 " ED25519_KEY,
		"=\"x\" ssh-ed25519 " ED25519_KEY,
	};

	for (size_t i = 0; i < REED_COUNT(wrong); i++)
		check_int(parse(wrong[i]), REED_ESYNTAX);
	check_int(parse("ssh-dss AAAAB3NzaC1kc3M="), REED_ENOTSUP);
	check_int(parse("sk-ssh-ed25519@openssh.com AAAA"), REED_ENOTSUP);
	check_int(parse("ssh-ed25519-cert-v01@openssh.com AAAA"), REED_ENOTSUP);
}

/* ---- the checker ---- */

static struct file_house house;

static enum reed_err come(const char *user, const char *key, const char *data,
                          const char *signature)
{
	static struct bytes k, d, s;
	struct reed_credential c = { .kind = REED_CREDENTIAL_PUBLIC_KEY };

	c.user = reed_slice_of(user);
	c.secret = decode(key, &k);
	c.message = decode(data, &d);
	c.signature = decode(signature, &s);
	return house_try(&house, &c, NULL);
}

/* The house's file is that of the account "file". */
static void open_with(const char *text)
{
	char path[128];

	house_open(&house, text);
	snprintf(path, sizeof(path), "%s/%%u", house.folder);
	check_int(house_add(&house, "sshkeys", path), REED_OK);
}

static void a_key_of_the_account_lets_in_with_a_signature(void)
{
	open_with("# of several machines\n\nno such line\nssh-ed25519 " ED25519_KEY
	          " alice@house\r\nrestrict ssh-rsa " RSA_KEY "\n");
	check_int(come("file", ED25519_KEY, SIGNED, ED25519_SIGNATURE), REED_OK);
	check_int(come("FILE", RSA_KEY, SIGNED, RSA_SIGNATURE), REED_OK);
	check_int(come("file", ED25519_KEY, "aGVsbG8=", ED25519_SIGNATURE), REED_EAUTH);
	check(house_says(&house, "the key is not that of the account"));
	check_int(come("file", P256_KEY, SIGNED, P256_SIGNATURE), REED_EAUTH);
	check_int(come("file", ED25519_KEY, SIGNED, ""), REED_EAUTH);
	check_int(come("other", ED25519_KEY, SIGNED, ED25519_SIGNATURE), REED_EAUTH);
	check_int(come("../file", ED25519_KEY, SIGNED, ED25519_SIGNATURE), REED_EAUTH);
	check_int(house_login(&house, "file", "password"), REED_EAUTH);
	house_close(&house);
}

static void a_key_with_a_condition_lets_nobody_in(void)
{
	open_with("from=\"192.0.2.1\" ssh-ed25519 " ED25519_KEY "\n"
	          "cert-authority ecdsa-sha2-nistp256 " P256_KEY "\n");
	check_int(come("file", ED25519_KEY, SIGNED, ED25519_SIGNATURE), REED_EAUTH);
	check_int(come("file", P256_KEY, SIGNED, P256_SIGNATURE), REED_EAUTH);
	house_close(&house);
}

static void keys_and_passwords_have_checkers_of_their_own(void)
{
	open_with("ssh-ed25519 " ED25519_KEY "\n");
	check_int(house_add(&house, "memory", "file:wonderland"), REED_OK);
	check_int(come("file", ED25519_KEY, SIGNED, ED25519_SIGNATURE), REED_OK);
	check_int(house_login(&house, "file", "wonderland"), REED_OK);
	house_close(&house);
}

static void a_file_that_others_may_write_is_nobodys(void)
{
	open_with("ssh-ed25519 " ED25519_KEY "\n");
	check(chmod(house.path, 0664) == 0);
	check_int(come("file", ED25519_KEY, SIGNED, ED25519_SIGNATURE), REED_EACCES);
	check(house_says(&house, "chmod go-w"));
	check(chmod(house.path, 0644) == 0);
	check_int(come("file", ED25519_KEY, SIGNED, ED25519_SIGNATURE), REED_OK);
	check_int(house_add(&house, "sshkeys", house.path), REED_EINVAL);
	check(house_says(&house, "write %u where its name comes"));
	house_close(&house);
}

int main(void)
{
	RUN(what_ssh_keygen_signs_is_signed);
	RUN(a_signature_of_another_kind_or_a_weak_one_is_none);
	RUN(nothing_that_was_changed_is_taken);
	RUN(a_line_has_its_parts);
	RUN(options_that_nobody_would_heed_make_a_key_useless);
	RUN(a_line_that_is_not_one_is_refused);
	RUN(a_key_of_the_account_lets_in_with_a_signature);
	RUN(a_key_with_a_condition_lets_nobody_in);
	RUN(keys_and_passwords_have_checkers_of_their_own);
	RUN(a_file_that_others_may_write_is_nobodys);
	return 0;
}
