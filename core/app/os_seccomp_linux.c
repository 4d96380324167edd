/*
 * seccomp: which calls of the system there are for us at all.
 *
 * The filter is a program for the kernel's BPF machine, written here rather
 * than by libseccomp: it is a list of numbers and five looks at arguments, and
 * saves every program of ours a library.  What is not on the list fails with
 * EPERM, and what is newer than this source with ENOSYS, which libc takes as an
 * old kernel.  The kernel remembers which calls are allowed whatever their
 * arguments and does not run the filter for them (since 5.11), so the length of
 * the list costs nothing.
 *
 * When programs are run the filter is theirs too, and knows less: it forbids
 * what a program has no business with, and allows the rest.
 */

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "confine.h"
#include "seccomp_calls.h"

#if defined(__x86_64__)
#define MACHINE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define MACHINE AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define MACHINE AUDIT_ARCH_RISCV64
#else
#define MACHINE 0 /* arguments may stand elsewhere: no filter there */
#endif

#define NEW_SPACES                                                                     \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | \
	 CLONE_NEWPID | CLONE_NEWNET)

enum {
	ROOM = 1024,
	NEWEST = 450,     /* calls up to here were looked at; later ones are ENOSYS */
	X32 = 0x40000000, /* calls of another ABI on x86_64 */
	TYPE_OF_SOCKET = 0xf,
};

struct program {
	struct sock_filter code[ROOM];
	unsigned short n;
};

/* ---- instructions ---- */

static void emit(struct program *p, unsigned code, uint32_t k, unsigned yes, unsigned no)
{
	p->code[p->n++] = (struct sock_filter){ (uint16_t)code, (uint8_t)yes, (uint8_t)no, k };
}

static void load(struct program *p, size_t offset)
{
	emit(p, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void load_number(struct program *p)
{
	load(p, offsetof(struct seccomp_data, nr));
}

/* The lower half: what we look at are ints and flags. */
static void load_argument(struct program *p, unsigned i)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	size_t half = 0;
#else
	size_t half = 4;
#endif

	load(p, offsetof(struct seccomp_data, args) + 8 * i + half);
}

static void answer(struct program *p, uint32_t what)
{
	emit(p, BPF_RET | BPF_K, what, 0, 0);
}

static void allow(struct program *p)
{
	answer(p, SECCOMP_RET_ALLOW);
}

static void refuse(struct program *p, int err)
{
	answer(p, SECCOMP_RET_ERRNO | (uint32_t)err);
}

/* One answer if the accumulator is k; else on with the next instruction. */
static void answer_if_is(struct program *p, uint32_t k, uint32_t what)
{
	emit(p, BPF_JMP | BPF_JEQ | BPF_K, k, 0, 1);
	answer(p, what);
}

static void answer_if_any_bit(struct program *p, uint32_t bits, uint32_t what)
{
	emit(p, BPF_JMP | BPF_JSET | BPF_K, bits, 0, 1);
	answer(p, what);
}

static void mask(struct program *p, uint32_t bits)
{
	emit(p, BPF_ALU | BPF_AND | BPF_K, bits, 0, 0);
}

/* A block for one call, which ends with an answer: begin() gives what end() fills in. */
static unsigned begin(struct program *p, int number)
{
	emit(p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0, 0);
	return p->n - 1u;
}

static void end(struct program *p, unsigned block)
{
	p->code[block].jf = (uint8_t)(p->n - block - 1);
}

#define REFUSED (SECCOMP_RET_ERRNO | EPERM)

/* ---- calls whose arguments matter ---- */

/* Streams and datagrams of the internet and of this machine; netlink for addresses only. */
static void about_socket(struct program *p)
{
	static const int families[] = { AF_UNIX, AF_INET, AF_INET6 };
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET };
	unsigned block = begin(p, SYS_socket), netlink;

	load_argument(p, 0);
	netlink = begin(p, AF_NETLINK);
	load_argument(p, 2);
	answer_if_is(p, 0, SECCOMP_RET_ALLOW);
	/* PAM takes this for a kernel that keeps no audit, and lets nobody in after EPERM */
	answer_if_is(p, NETLINK_AUDIT, SECCOMP_RET_ERRNO | EPROTONOSUPPORT);
	answer(p, REFUSED);
	end(p, netlink);
	for (size_t i = 0; i < REED_COUNT(families); i++)
		emit(p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)families[i],
		     (unsigned)(REED_COUNT(families) - i), 0);
	answer(p, REFUSED);
	load_argument(p, 1);
	mask(p, TYPE_OF_SOCKET);
	for (size_t i = 0; i < REED_COUNT(types); i++)
		answer_if_is(p, (uint32_t)types[i], SECCOMP_RET_ALLOW);
	answer(p, REFUSED);
	end(p, block);
}

/* Threads, and no other processes.  clone3 hides its flags, and libc asks clone when it is missing. */
static void about_threads(struct program *p, bool programs)
{
	unsigned block = begin(p, SYS_clone);

	load_argument(p, 0);
	answer_if_any_bit(p, NEW_SPACES, REFUSED);
#ifdef REED_SANITIZED
	programs = true;
#endif
	if (!programs)
		answer_if_any_bit(p, CLONE_THREAD, SECCOMP_RET_ALLOW);
	answer(p, programs ? SECCOMP_RET_ALLOW : REFUSED);
	end(p, block);
#ifdef SYS_clone3
	answer_if_is(p, SYS_clone3, SECCOMP_RET_ERRNO | ENOSYS);
#endif
}

/* Memory that can be written never runs. */
static void about_memory(struct program *p)
{
	unsigned block = begin(p, SYS_mmap);

	load_argument(p, 2);
	mask(p, PROT_WRITE | PROT_EXEC);
	answer_if_is(p, PROT_WRITE | PROT_EXEC, REFUSED);
	allow(p);
	end(p, block);
	block = begin(p, SYS_mprotect);
	load_argument(p, 2);
	answer_if_any_bit(p, PROT_EXEC, REFUSED);
	allow(p);
	end(p, block);
}

/* Nobody types into the terminal of whoever started us. */
static void about_terminals(struct program *p)
{
	unsigned block = begin(p, SYS_ioctl);

	load_argument(p, 1);
	answer_if_is(p, TIOCSTI, REFUSED);
	answer_if_is(p, TIOCLINUX, REFUSED);
	allow(p);
	end(p, block);
}

/* Only for who asks for that driver: what a ring does no filter sees. */
static void about_rings(struct program *p, bool rings)
{
	uint32_t what = rings ? SECCOMP_RET_ALLOW : REFUSED;

#ifdef SYS_io_uring_setup
	answer_if_is(p, SYS_io_uring_setup, what);
#endif
#ifdef SYS_io_uring_enter
	answer_if_is(p, SYS_io_uring_enter, what);
#endif
#ifdef SYS_io_uring_register
	answer_if_is(p, SYS_io_uring_register, what);
#endif
}

/* ---- the filter ---- */

static void about_machine(struct program *p)
{
	load(p, offsetof(struct seccomp_data, arch));
	emit(p, BPF_JMP | BPF_JEQ | BPF_K, MACHINE, 1, 0);
	answer(p, SECCOMP_RET_KILL_PROCESS);
	load_number(p);
#ifdef __x86_64__
	emit(p, BPF_JMP | BPF_JGE | BPF_K, X32, 0, 1);
	refuse(p, ENOSYS);
#endif
}

static void about_all(struct program *p, const int *calls, size_t n, uint32_t what)
{
	for (size_t i = 0; i < n; i++)
		answer_if_is(p, (uint32_t)calls[i], what);
}

static void build(struct program *p, const struct reed_needs *needs)
{
	bool programs = reed_needs_programs(needs);

	p->n = 0;
	about_machine(p);
	about_terminals(p);
	about_threads(p, programs);
	about_rings(p, needs->rings);
	if (programs) {
		about_all(p, denied_calls, REED_COUNT(denied_calls), REFUSED);
		allow(p);
		return;
	}
	about_socket(p);
	about_memory(p);
	about_all(p, allowed_calls, REED_COUNT(allowed_calls), SECCOMP_RET_ALLOW);
	emit(p, BPF_JMP | BPF_JGT | BPF_K, NEWEST, 0, 1);
	refuse(p, ENOSYS);
	refuse(p, EPERM);
}

bool reed_seccomp_is_there(void)
{
	uint32_t action = SECCOMP_RET_ERRNO;

	return MACHINE && syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

size_t reed_seccomp_count(const struct reed_needs *needs)
{
	return reed_needs_programs(needs) ? REED_COUNT(denied_calls) : REED_COUNT(allowed_calls);
}

enum reed_err reed_seccomp_enter(const struct reed_needs *needs, struct reed_fault **fault)
{
	struct program p;
	struct sock_fprog filter = { .filter = p.code };
	enum reed_err err;

	if (!reed_seccomp_is_there()) {
		*fault = reed_fault(REED_ENOTSUP, NULL,
		                    MACHINE ? "this kernel has no seccomp"
		                            : "there is no filter for machines of this kind");
		return REED_ENOTSUP;
	}
	build(&p, needs);
	filter.len = p.n;
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter) == 0)
		return REED_OK;
	err = reed_err_of(errno);
	*fault = reed_fault(err, NULL, "seccomp cannot be entered: %s", strerror(errno));
	return err;
}
