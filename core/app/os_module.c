/* Modules in shared libraries. */

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "catalog_private.h"
#include "reed/alloc.h"
#include "reed/init.h"

#define BUILD_IT "cc -shared -fPIC $(pkg-config --cflags --libs reed-app)"

/* ---- is it one? ---- */

static enum reed_err cannot_read(const char *path, int saved, struct reed_fault **fault)
{
	enum reed_err err = reed_err_of(saved);

	if (saved == ENOENT)
		*fault = reed_fault(err, NULL, "%s: there is no such file", path);
	else if (saved == EACCES)
		*fault = reed_fault(err, NULL,
		                    "%s: the user this runs as may not read it; "
		                    "chmod a+r the file, and a+x the folders above it",
		                    path);
	else
		*fault = reed_fault(err, NULL, "%s: cannot be read: %s", path, strerror(saved));
	return err;
}

static enum reed_err refuse(const char *path, enum reed_err err, struct reed_fault **fault,
                            const char *why)
{
	*fault = reed_fault(err, NULL, "%s: %s", path, why);
	return err;
}

/* What the linker would say of these tells nobody what to do. */
static enum reed_err look_into(const char *path, int fd, struct reed_fault **fault)
{
	char magic[4] = "";
	struct stat st;

	if (fstat(fd, &st) < 0)
		return cannot_read(path, errno, fault);
	if (S_ISDIR(st.st_mode))
		return refuse(path, REED_EINVAL, fault, "is a folder; name the file in it");
	if (st.st_mode & S_IWOTH)
		return refuse(path, REED_EACCES, fault,
		              "anybody may write to it, and so make this process do anything; "
		              "chmod o-w it");
	if (!S_ISREG(st.st_mode) || read(fd, magic, sizeof(magic)) != sizeof(magic) ||
	    memcmp(magic, "\177ELF", sizeof(magic)) != 0)
		return refuse(path, REED_EINVAL, fault,
		              "is no shared library; build one with " BUILD_IT);
	return REED_OK;
}

static enum reed_err look_at(const char *path, struct reed_fault **fault)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	enum reed_err err;

	if (fd < 0)
		return cannot_read(path, errno, fault);
	err = look_into(path, fd, fault);
	close(fd);
	return err;
}

/* The linker puts the path in front of most of what it says. */
static enum reed_err linker_says(const char *path, struct reed_fault **fault)
{
	const char *why = dlerror();
	size_t n = strlen(path);
	bool is_old = strstr(why, "undefined symbol") || strstr(why, "version `REED") ||
	              strstr(why, "version REED");

	if (strncmp(why, path, n) == 0 && strncmp(why + n, ": ", 2) == 0)
		why += n + 2;
	*fault = reed_fault(REED_EINVAL, NULL, "%s: cannot be loaded: %s%s", path, why,
	                    is_old ? "; if that is Reed's, the module was built against another "
	                             "version than this, " REED_VERSION ": build it again"
	                           : "");
	return REED_EINVAL;
}

/* ISO C has no way from what dlsym() returns to a function. */
static bool has_own_kernel(void *library)
{
	enum reed_err (*own)(const struct reed_init_options *) = reed_process_init;
	void *theirs = dlsym(library, "reed_process_init"), *ours = NULL;

	memcpy(&ours, &own, sizeof(ours));
	return theirs && theirs != ours;
}

static enum reed_err check(const char *path, void *library, const struct reed_module **module,
                           struct reed_fault **fault)
{
	const struct reed_module *m = dlsym(library, "reed_module");

	if (has_own_kernel(library))
		return refuse(
			path, REED_EINVAL, fault,
			"brings a kernel of its own, and a process takes only one; link it with "
			"the shared libraries of Reed " REED_VERSION ", not with archives or "
			"another version's");
	if (!m)
		return refuse(
			path, REED_EINVAL, fault,
			"is a shared library, but no module: it exports no reed_module, which "
			"REED_MODULE() of reed/module.h makes, without REED_MODULE_BUILTIN");
	if (m->abi != REED_MODULE_ABI || m->size < sizeof(*m)) {
		*fault = reed_fault(
			REED_EINVAL, NULL,
			"%s: was built for modules of ABI %u, and this is Reed " REED_VERSION
			" with ABI %u; build it again with its headers",
			path, m->abi, REED_MODULE_ABI);
		return REED_EINVAL;
	}
	*module = m;
	return REED_OK;
}

enum reed_err reed_os_module_open(const char *path, const struct reed_module **module,
                                  struct reed_fault **fault)
{
	enum reed_err err = look_at(path, fault);
	void *library;

	if (err)
		return err;
	library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!library)
		return linker_says(path, fault);
	err = check(path, library, module, fault);
	if (err)
		dlclose(library);
	return err;
}

/* ---- where they are ---- */

char *reed_os_module_folder(void)
{
	struct reed_catalog *(*here)(const struct reed_module *const *) = reed_catalog_new;
	char *folder, *real;
	void *address;
	Dl_info info;

	memcpy(&address, &here, sizeof(address));
	if (!dladdr(address, &info) || !info.dli_fname || !strchr(info.dli_fname, '/'))
		return NULL;
	folder = reed_strdup(info.dli_fname);
	*strrchr(folder, '/') = '\0';
	real = realpath(folder, NULL); /* without the "bin/../" of a run path */
	reed_free(folder);
	if (!real)
		return NULL;
	folder = reed_sprintf("%s/reed", real);
	free(real);
	return folder;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_module(const struct dirent *entry)
{
	struct reed_slice name = reed_slice_of(entry->d_name);

	return name.p[0] != '.' && reed_slice_ends(name, REED_STR(".so"));
}

char **reed_os_module_names(const char *folder, size_t *count)
{
	struct dirent **entries;
	int n = scandir(folder, &entries, is_module, by_name);
	char **names;

	*count = 0;
	if (n < 0)
		return NULL;
	names = reed_alloc((size_t)(n + 1) * sizeof(*names));
	for (int i = 0; i < n; i++) {
		struct reed_slice name = reed_slice_of(entries[i]->d_name);

		names[(*count)++] = reed_slice_dup(reed_slice_first(name, name.n - 3));
		free(entries[i]);
	}
	free(entries);
	return names;
}
