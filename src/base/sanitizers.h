// Whether this is compiled under a sanitizer: 1 or 0. Then memory is not used again in our own ways, and what is allocated is not counted.
#pragma once

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define PDS_TSAN 1
#endif
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define PDS_SANITIZED 1
#endif
#endif
#ifndef PDS_TSAN
#define PDS_TSAN 0
#endif
#ifndef PDS_SANITIZED
#define PDS_SANITIZED 0
#endif
