/* SPDX-License-Identifier: MIT */
/* The two annotations ThreadSanitizer needs for order it cannot see. */
#ifndef ARCH_TSAN_H
#define ARCH_TSAN_H

#if defined(__SANITIZE_THREAD__)
#define ARCH_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define ARCH_TSAN 1
#endif
#endif

#ifdef ARCH_TSAN
void __tsan_acquire(void *tag);
void __tsan_release(void *tag);
#define tsan_acquire(tag) __tsan_acquire(tag)
#define tsan_release(tag) __tsan_release(tag)
#else
#define tsan_acquire(tag) ((void)(tag))
#define tsan_release(tag) ((void)(tag))
#endif

#endif
