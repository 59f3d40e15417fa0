/* SPDX-License-Identifier: MIT */
/* Linkage of the public API: C linkage for C++, default ELF visibility. */
#ifndef PCPMM_API_H
#define PCPMM_API_H

#ifdef __cplusplus
#define PCPMM_BEGIN_DECLS extern "C" {
#define PCPMM_END_DECLS }
#else
#define PCPMM_BEGIN_DECLS
#define PCPMM_END_DECLS
#endif

#if defined(__GNUC__)
#define PCPMM_API __attribute__((visibility("default")))
#else
#define PCPMM_API
#endif

/*
 * A function that is inlined where it is called, and never compiled as a function
 * of its own: whoever takes its address gets the library's. A program that defines
 * PCPMM_NO_INLINE calls the library's always.
 */
#if defined(__GNUC__) && !defined(PCPMM_NO_INLINE)
#define PCPMM_INLINE                                                           \
	extern inline __attribute__((__gnu_inline__, __always_inline__))
#endif

#endif
