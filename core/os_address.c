/* Addresses as the system has them. */

#include "private.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "os.h"

static socklen_t unix_to_system(const struct reed_address *from, struct sockaddr_un *to)
{
	size_t n = strlen(from->path);

	to->sun_family = AF_UNIX;
	if (n >= sizeof(to->sun_path))
		n = sizeof(to->sun_path) - 1;
	memcpy(to->sun_path, from->path, n);
	if (from->path[0] != '@')
		return sizeof(*to);
	to->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
}

unsigned reed_address_to_system(const struct reed_address *from, struct sockaddr_storage *to)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)(void *)to;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)(void *)to;

	memset(to, 0, sizeof(*to));
	switch (from->family) {
	case REED_FAMILY_IPV4:
		v4->sin_family = AF_INET;
		v4->sin_port = htons(from->port);
		memcpy(&v4->sin_addr, from->ip, 4);
		return sizeof(*v4);
	case REED_FAMILY_IPV6:
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(from->port);
		v6->sin6_scope_id = from->scope_id;
		memcpy(&v6->sin6_addr, from->ip, 16);
		return sizeof(*v6);
	case REED_FAMILY_UNIX:
		return unix_to_system(from, (struct sockaddr_un *)(void *)to);
	case REED_FAMILY_NONE:
		break;
	}
	return 0;
}

static void unix_of_system(const struct sockaddr_un *from, size_t n, struct reed_address *to)
{
	size_t room = n - offsetof(struct sockaddr_un, sun_path);

	to->family = REED_FAMILY_UNIX;
	if (n <= offsetof(struct sockaddr_un, sun_path))
		return;
	room = room < sizeof(to->path) - 1 ? room : sizeof(to->path) - 1;
	memcpy(to->path, from->sun_path, room);
	if (room > 0 && to->path[0] == '\0' && room > 1)
		to->path[0] = '@';
}

void reed_address_of_system(const struct sockaddr_storage *from, unsigned n,
                            struct reed_address *to)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)from;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)from;

	*to = (struct reed_address){ .family = REED_FAMILY_NONE };
	if (from->ss_family == AF_INET) {
		to->family = REED_FAMILY_IPV4;
		to->port = ntohs(v4->sin_port);
		memcpy(to->ip, &v4->sin_addr, 4);
	} else if (from->ss_family == AF_INET6) {
		to->family = REED_FAMILY_IPV6;
		to->port = ntohs(v6->sin6_port);
		to->scope_id = v6->sin6_scope_id;
		memcpy(to->ip, &v6->sin6_addr, 16);
		reed_address_unmap(to);
	} else if (from->ss_family == AF_UNIX) {
		unix_of_system((const struct sockaddr_un *)(const void *)from, n, to);
	}
}
