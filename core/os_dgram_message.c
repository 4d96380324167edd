/* What stands beside the bytes of a datagram: addresses, interfaces, hop limits. */

#include "os_dgram.h"

#include <netinet/udp.h>
#include <string.h>

/* ---- what comes ---- */

static void read_ipv4_info(const struct cmsghdr *c, struct reed_datagram *in,
                           struct reed_address *to, uint16_t port)
{
#ifdef IP_PKTINFO
	struct in_pktinfo info;

	memcpy(&info, CMSG_DATA(c), sizeof(info));
	*to = (struct reed_address){ .family = REED_FAMILY_IPV4, .port = port };
	memcpy(to->ip, &info.ipi_addr, 4);
	in->to = to;
	in->interface = (uint32_t)info.ipi_ifindex;
	/* RFC 1122 3.3.4.2: what was sent to everybody is not answered from there */
	in->to_many = memcmp(&info.ipi_addr, &info.ipi_spec_dst, 4) != 0;
#else
	(void)c;
	(void)in;
	(void)to;
	(void)port;
#endif
}

/* RFC 3542 6.1 */
static void read_ipv6_info(const struct cmsghdr *c, struct reed_datagram *in,
                           struct reed_address *to, uint16_t port)
{
#ifdef IPV6_PKTINFO
	struct in6_pktinfo info;

	memcpy(&info, CMSG_DATA(c), sizeof(info));
	*to = (struct reed_address){ .family = REED_FAMILY_IPV6, .port = port };
	memcpy(to->ip, &info.ipi6_addr, 16);
	if (IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr) || IN6_IS_ADDR_MC_LINKLOCAL(&info.ipi6_addr))
		to->scope_id = info.ipi6_ifindex;
	reed_address_unmap(to);
	in->to = to;
	in->interface = info.ipi6_ifindex;
	in->to_many = reed_address_is_multicast(to);
#else
	(void)c;
	(void)in;
	(void)to;
	(void)port;
#endif
}

static bool is_ttl(const struct cmsghdr *c)
{
#ifdef IP_RECVTTL
	if (c->cmsg_level == IPPROTO_IP && (c->cmsg_type == IP_TTL || c->cmsg_type == IP_RECVTTL))
		return true;
#endif
#ifdef IPV6_HOPLIMIT
	if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_HOPLIMIT)
		return true;
#endif
	return false;
}

static bool is_info(const struct cmsghdr *c)
{
#ifdef IP_PKTINFO
	if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO)
		return true;
#endif
#ifdef IPV6_PKTINFO
	if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO)
		return true;
#endif
	return false;
}

uint32_t reed_sock_read_control(struct reed_sock_dgram *self, struct msghdr *m,
                                struct reed_datagram *in, struct reed_address *to)
{
	uint16_t port = self->dgram.local.port;
	uint32_t segment = 0;
	int number;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (is_info(c)) {
			if (c->cmsg_level == IPPROTO_IP)
				read_ipv4_info(c, in, to, port);
			else
				read_ipv6_info(c, in, to, port);
		} else if (is_ttl(c)) {
			memcpy(&number, CMSG_DATA(c), sizeof(number));
			in->ttl = (int16_t)number;
		}
#ifdef UDP_GRO
		else if (c->cmsg_level == IPPROTO_UDP && c->cmsg_type == UDP_GRO) {
			memcpy(&number, CMSG_DATA(c), sizeof(number));
			segment = number > 0 ? (uint32_t)number : 0;
		}
#endif
	}
	return segment;
}

/* ---- what goes ---- */

/* RFC 4291 2.5.5.2 */
static void map(const struct reed_address *from, struct in6_addr *to)
{
	memset(to, 0, sizeof(*to));
	memset(to->s6_addr + 10, 0xff, 2);
	memcpy(to->s6_addr + 12, from->ip, 4);
}

/* Written field by field: on the way of every datagram a cleared sockaddr_storage counts. */
socklen_t reed_sock_address(const struct reed_sock_dgram *self, const struct reed_address *to,
                            struct sockaddr_storage *at)
{
	if (self->family == AF_INET) {
		struct sockaddr_in *v4 = (struct sockaddr_in *)(void *)at;

		*v4 = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(to->port) };
		memcpy(&v4->sin_addr, to->ip, 4);
		return sizeof(*v4);
	}
	if (self->family == AF_INET6) {
		struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)(void *)at;

		*v6 = (struct sockaddr_in6){ .sin6_family = AF_INET6,
			                     .sin6_port = htons(to->port) };
		if (to->family == REED_FAMILY_IPV4) {
			map(to, &v6->sin6_addr);
		} else {
			v6->sin6_scope_id = to->scope_id;
			memcpy(&v6->sin6_addr, to->ip, 16);
		}
		return sizeof(*v6);
	}
	return reed_address_to_system(to, at);
}

static void add_control(struct msghdr *m, int level, int type, const void *data, size_t n)
{
	struct cmsghdr *c = (void *)((char *)m->msg_control + m->msg_controllen);

	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(n);
	memcpy(CMSG_DATA(c), data, n);
	m->msg_controllen += CMSG_SPACE(n);
}

void reed_sock_write_source(const struct reed_sock_dgram *self, struct msghdr *m,
                            const struct reed_dgram_out *out)
{
	bool ipv4 = out->to.family == REED_FAMILY_IPV4;

#ifdef IP_PKTINFO
	if (self->family == AF_INET) {
		struct in_pktinfo info = { .ipi_ifindex = 0 };

		memcpy(&info.ipi_spec_dst, out->from, 4);
		add_control(m, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info));
	}
#endif
#ifdef IPV6_PKTINFO
	if (self->family == AF_INET6) {
		struct in6_pktinfo info = { .ipi6_ifindex = out->interface };
		struct reed_address from = { .family = REED_FAMILY_IPV4 };

		memcpy(from.ip, out->from, sizeof(from.ip));
		if (ipv4)
			map(&from, &info.ipi6_addr);
		else
			memcpy(&info.ipi6_addr, out->from, 16);
		add_control(m, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof(info));
	}
#endif
	(void)ipv4;
}

/* ---- errors ---- */

/* Said of what was sent before, by ICMP, or of the network below; the socket is well. */
bool reed_sock_is_passing(int err)
{
	return err != EBADF && err != ENOTSOCK && err != EFAULT && err != ENOMEM && err != EINVAL;
}

enum reed_err reed_sock_error(int err)
{
	switch (err) {
	case ENOBUFS: /* the queue of an interface is full, and so has lost it */
		return REED_EOVERFLOW;
	case ENETDOWN:
	case ENODEV:
	case ENXIO:
		return REED_ENETUNREACH;
	case EHOSTDOWN:
		return REED_EHOSTUNREACH;
	case ENOPROTOOPT: /* ICMP says: protocol unreachable */
		return REED_EREFUSED;
	default:
		return reed_err_of(err);
	}
}
