// What an nghttp2 session is made with: the functions it calls, its options, and its memory. They note things at H2Session and its streams.
#pragma once

#include <nghttp2/nghttp2.h>

#include <string_view>

namespace pds::http {

inline constexpr size_t h2_frame_head_bytes = 9;

// Made once, never freed.
const nghttp2_session_callbacks* h2_callbacks();
const nghttp2_option* h2_options();
nghttp2_mem* h2_memory();   // recycled like coroutine frames

inline std::string_view text_of(const uint8_t* bytes, size_t size) { return {reinterpret_cast<const char*>(bytes), size}; }

}  // namespace pds::http
