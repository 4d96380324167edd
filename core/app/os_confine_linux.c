/* Capabilities and the like: what Linux lets a process give up. */

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "confine.h"

static const struct {
	unsigned number;
	const char *name;
} known[] = {
	{ CAP_CHOWN, "CAP_CHOWN" },
	{ CAP_DAC_OVERRIDE, "CAP_DAC_OVERRIDE" },
	{ CAP_FOWNER, "CAP_FOWNER" },
	{ CAP_KILL, "CAP_KILL" },
	{ CAP_SETGID, "CAP_SETGID" },
	{ CAP_SETUID, "CAP_SETUID" },
	{ CAP_NET_BIND_SERVICE, "CAP_NET_BIND_SERVICE" },
};

enum { WORDS = 2, MOST = 64 };

static uint64_t bit(unsigned capability)
{
	return (uint64_t)1 << capability;
}

static uint64_t mask_of(const struct rights *rights)
{
	uint64_t mask = 0;

	if (rights->low_ports)
		mask |= bit(CAP_NET_BIND_SERVICE);
	if (rights->files)
		mask |= bit(CAP_CHOWN) | bit(CAP_DAC_OVERRIDE) | bit(CAP_FOWNER);
	if (rights->users)
		mask |= bit(CAP_SETUID) | bit(CAP_SETGID) | bit(CAP_KILL);
	return mask;
}

/* What is permitted to this thread. */
static uint64_t permitted(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[WORDS] = { { 0 } };

	if (syscall(SYS_capget, &head, data) < 0)
		return 0;
	return data[0].permitted | (uint64_t)data[1].permitted << 32;
}

static void permit(uint64_t mask)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[WORDS] = { { 0 } };

	for (unsigned i = 0; i < WORDS; i++)
		data[i].effective = data[i].permitted = (uint32_t)(mask >> 32 * i);
	syscall(SYS_capset, &head, data);
}

/* Programs of ours get no more of them than we have; that takes a right we are about to lose. */
void reed_rights_keep(const struct rights *rights)
{
	uint64_t mask = mask_of(rights);

	for (unsigned i = 0; i < MOST; i++)
		if (!(mask & bit(i)) && prctl(PR_CAPBSET_READ, i, 0, 0, 0) == 1)
			prctl(PR_CAPBSET_DROP, i, 0, 0, 0);
	prctl(PR_SET_KEEPCAPS, mask ? 1 : 0, 0, 0, 0);
}

void reed_rights_limit(const struct rights *rights)
{
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	permit(permitted() & mask_of(rights));
	prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0);
}

void reed_rights_print(struct reed_buf *out)
{
	uint64_t have = permitted();
	const char *between = "";

	for (size_t i = 0; i < REED_COUNT(known); i++) {
		if (!(have & bit(known[i].number)))
			continue;
		reed_buf_printf(out, "%s%s", between, known[i].name);
		have &= ~bit(known[i].number);
		between = ", ";
	}
	if (have)
		reed_buf_printf(out, "%sothers", between);
	else if (!*between)
		reed_buf_add_str(out, "none");
}

/* ---- secrets ---- */

void reed_secrets_shield(void)
{
	struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

void reed_no_new_rights(void)
{
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}
