/*
 * What every public header begins with: visibility, compiler attributes, and
 * the one way from a member to its struct.
 */

#ifndef REED_API_H
#define REED_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REED_VERSION_MAJOR 0
#define REED_VERSION_MINOR 1
#define REED_VERSION_PATCH 0
#define REED_VERSION       "0.1.0"
#define REED_DATE          "November 21, 2026" /* of that version, for its manual pages */

#define REED_API                __attribute__((visibility("default")))
#define REED_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))

#ifdef __cplusplus
#define REED_NORETURN [[noreturn]]
/* A struct and a function may share a name, as with stat(); g++ calls that a shadow. */
#define REED_BEGIN_DECLS                                                                         \
	_Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Wshadow\"") extern "C" \
	{
#define REED_END_DECLS \
	}              \
	_Pragma("GCC diagnostic pop")
#define REED_FLEXIBLE(name) name[1]
#else
#define REED_NORETURN _Noreturn
#define REED_BEGIN_DECLS
#define REED_END_DECLS
#define REED_FLEXIBLE(name) name[]
#endif

/* The struct that p is a member of; p must have the type of that member. */
#define reed_container_of(p, type, member) \
	((type *)(void *)((char *)(1 ? (p) : &((type *)0)->member) - offsetof(type, member)))

#define REED_COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
