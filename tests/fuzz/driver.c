/*
 * The main() of a fuzz target where there is no libFuzzer: runs every file of
 * the corpus once, whole and cut short at each length (at up to PREFIXES
 * lengths of a long file), so that the sanitizers see every "and here the
 * input ends".  Each input lies in memory of exactly its size.
 */

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PREFIXES = 2048, LONGEST = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void run(const char *bytes, size_t n)
{
	uint8_t *exact = malloc(n ? n : 1);

	if (!exact)
		abort();
	memcpy(exact, bytes, n);
	LLVMFuzzerTestOneInput(n ? exact : exact + 1, n);
	free(exact);
}

static void run_prefixes(const char *bytes, size_t n)
{
	size_t step = 1 + n / PREFIXES;

	for (size_t cut = 0; cut < n; cut += step)
		run(bytes, cut);
	run(bytes, n);
}

static void run_file(const char *path)
{
	char *bytes = malloc(LONGEST);
	FILE *file = fopen(path, "rb");
	size_t n;

	if (!file || !bytes) {
		perror(path);
		exit(1);
	}
	n = fread(bytes, 1, LONGEST, file);
	fclose(file);
	/* A crash ends the program: say beforehand whose it will be. */
	printf("%s: %zu bytes\n", path, n);
	fflush(stdout);
	run_prefixes(bytes, n);
	free(bytes);
}

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int run_folder(const char *folder)
{
	struct dirent **entries;
	int n = scandir(folder, &entries, visible, alphasort);
	char path[4096];

	if (n < 0)
		perror(folder);
	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
		run_file(path);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	return n;
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
		return 2;
	}
	if (run_folder(argv[1]) <= 0) {
		fprintf(stderr, "%s: no corpus here; put at least one good input in\n", argv[1]);
		return 1;
	}
	return 0;
}
