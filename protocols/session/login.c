/* Logging in through the portal. */

#include "private.h"
#include "reed/address.h"

struct login {
	struct reed_co co;
	struct reed_web_session *session;
	struct reed_http_request *request;
	char *user, *password;
	struct reed_avatar *avatar;
};

static struct reed_future *attempt(struct login *self)
{
	struct reed_credential credential = { .kind = REED_CREDENTIAL_PASSWORD };
	struct reed_stream_facts facts = { .size = sizeof(facts) };
	char address[REED_ADDRESS_TEXT];
	struct reed_peer from = { address, "web" };

	credential.user = reed_slice_of(self->user);
	credential.secret = reed_slice_of(self->password);
	reed_http_facts(self->request, &facts);
	reed_address_text(&facts.peer, address);
	return reed_portal_login(self->session->sessions->options.portal, &credential, "web", &from,
	                         &self->avatar);
}

static enum reed_err enter(struct login *self)
{
	struct reed_web_session *s = self->session;
	enum reed_err err = reed_web_session_enter(s, self->request, self->avatar->account);

	if (err)
		return err;
	stay_find(s->sessions, s->id)->avatar = self->avatar;
	self->avatar = NULL;
	return REED_OK;
}

static void login_run(struct reed_co *co)
{
	struct login *self = reed_frame(co, struct login);

	reed_coroutine (co) {
		reed_try(co, attempt(self));
		reed_return(co, enter(self));
	}
}

static void login_end(struct reed_co *co)
{
	struct login *self = reed_frame(co, struct login);

	reed_avatar_logout(self->avatar);
	reed_wipe(self->password, strlen(self->password));
	reed_free(self->password);
	reed_free(self->user);
}

static const struct reed_co_kind login_kind = { "login", sizeof(struct login), login_run, NULL,
	                                        login_end };

struct reed_future *reed_web_session_login(struct reed_web_session *session,
                                           struct reed_http_request *request,
                                           struct reed_slice user, struct reed_slice password)
{
	struct reed_loop *loop = session->sessions->loop;
	struct login *self;

	if (!session->sessions->options.portal)
		return reed_failed(loop, REED_ENOTSUP, "there is no portal to log in through");
	if (reed_slice_find(password, '\0') < password.n || reed_slice_find(user, '\0') < user.n)
		return reed_failed(loop, REED_EAUTH, "a NUL is in no name and in no password");
	self = reed_co_new(loop, &login_kind);
	self->session = session;
	self->request = request;
	self->user = reed_slice_dup(user);
	self->password = reed_slice_dup(password);
	return reed_start(&self->co);
}
