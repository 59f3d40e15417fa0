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

#endif
