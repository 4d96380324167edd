/* Whoever looks at a slice after its time shall hear of it, where the sanitizer is there. */

#ifndef REED_POISON_H
#define REED_POISON_H

#if defined(__SANITIZE_ADDRESS__)
#define REED_HAS_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define REED_HAS_ASAN 1
#endif
#endif

#ifdef REED_HAS_ASAN
#include <sanitizer/asan_interface.h>
#define REED_POISON(p, n)   __asan_poison_memory_region((p), (n))
#define REED_UNPOISON(p, n) __asan_unpoison_memory_region((p), (n))
#else
#define REED_POISON(p, n)   ((void)(p), (void)(n))
#define REED_UNPOISON(p, n) ((void)(p), (void)(n))
#endif

#endif
