/* How many connections one address has. */

#include "serve.h"

#include "lower.h"

enum { CHAINS = 256 };

struct guest {
	struct guest *next;
	unsigned char ip[16];
	uint32_t count;
};

struct dns_guests {
	struct guest *chains[CHAINS];
};

static struct guest **find(struct reed_dns_server *self, const struct reed_address *address)
{
	struct guest **at;

	if (!self->guests)
		self->guests = reed_alloc(sizeof(*self->guests));
	at = &self->guests->chains[lower_hash(address->ip, sizeof(address->ip), self->rate_seed) %
	                           CHAINS];
	while (*at && memcmp((*at)->ip, address->ip, sizeof((*at)->ip)) != 0)
		at = &(*at)->next;
	return at;
}

bool dns_guest_enter(struct reed_dns_server *self, const struct reed_address *address)
{
	struct guest **at = find(self, address);

	if (!*at) {
		*at = reed_alloc(sizeof(**at));
		memcpy((*at)->ip, address->ip, sizeof((*at)->ip));
	}
	if ((*at)->count >= self->options.connections &&
	    (self->options.limit_loopback || !reed_address_is_loopback(address)))
		return false;
	(*at)->count++;
	return true;
}

void dns_guest_leave(struct reed_dns_server *self, const struct reed_address *address)
{
	struct guest **at = find(self, address), *guest = *at;

	if (!guest || --guest->count)
		return;
	*at = guest->next;
	reed_free(guest);
}

void dns_guests_finish(struct reed_dns_server *self)
{
	for (unsigned i = 0; self->guests && i < CHAINS; i++)
		while (self->guests->chains[i]) {
			struct guest *guest = self->guests->chains[i];

			self->guests->chains[i] = guest->next;
			reed_free(guest);
		}
	reed_free(self->guests);
}
