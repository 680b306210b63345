// One request and its answer over HTTP/2, whichever end.
#include "http/h2_session.h"

namespace pds::http {

nghttp2_nv field_of(std::string_view name, std::string_view value, uint8_t flags) {
  return {reinterpret_cast<uint8_t*>(const_cast<char*>(name.data())), reinterpret_cast<uint8_t*>(const_cast<char*>(value.data())),
          name.size(), value.size(), flags};
}

H2Stream::~H2Stream() { detach(); }

io::Loop& H2Stream::loop() { return session_->loop(); }

void H2Stream::attach(H2Session& session, int32_t id) {
  session_ = &session;
  id_ = id;
  closed_ = reset_here_ = output_done_ = last_ = deferred_ = false;
  head_bytes_ = sent_bytes_ = 0;
  nghttp2_session_set_stream_user_data(session.session_, id, this);
}

void H2Stream::detach() {
  if (!session_) return;
  body_.drop();
  if (queue_index_ != SIZE_MAX) session_->queue_[queue_index_] = nullptr;
  queue_index_ = SIZE_MAX;
  if (session_->receiving_ == this) session_->receiving_ = nullptr;
  if (!closed_) nghttp2_session_set_stream_user_data(session_->session_, id_, nullptr);
  session_ = nullptr;
}

void H2Stream::queue() {
  if (queue_index_ != SIZE_MAX) return;
  queue_index_ = session_->queue_.size();
  session_->queue_.push_back(this);
  if (!session_->in_batch_) session_->turn_soon();
}

void H2Stream::give_window(size_t bytes) {
  if (!session_ || bytes == 0) return;
  nghttp2_session_consume(session_->session_, id_, bytes);
  session_->push();
}

void H2Stream::reset(uint32_t code) {
  if (!is_open()) return;
  reset_here_ = true;
  nghttp2_submit_rst_stream(session_->session_, NGHTTP2_FLAG_NONE, id_, code);
  session_->push();
}

ssize_t H2Stream::next_piece(size_t room, uint32_t& flags) {
  if (pending_.empty() && !last_) {
    deferred_ = true;
    return NGHTTP2_ERR_DEFERRED;
  }
  size_t size = std::min(room, pending_.size());
  if (size > 0) flags |= NGHTTP2_DATA_FLAG_NO_COPY;
  if (size < pending_.size() || !last_) return static_cast<ssize_t>(size);
  flags |= NGHTTP2_DATA_FLAG_EOF;
  if (trailers_ && trailers_->size() > 0) {
    flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
    std::vector<nghttp2_nv>& fields = session_->scratch();
    fields.clear();
    for (auto [name, value] : *trailers_) fields.push_back(field_of(name, value));
    nghttp2_submit_trailer(session_->session_, id_, fields.data(), fields.size());
  }
  output_done_ = true;
  if (written_.has_waiter()) queue();
  return static_cast<ssize_t>(size);
}

io::Task<Result<void>> H2Stream::put(std::string_view piece, bool last, const Headers* trailers) {
  struct Taken {
    H2Stream& stream;
    ~Taken() {  // a cancelled writer takes its bytes with it
      stream.pending_ = {};
      stream.trailers_ = nullptr;
      if (!stream.output_done_) stream.last_ = false;
    }
  } taken{*this};
  pending_ = piece;
  last_ = last;
  trailers_ = trailers;
  auto under_way = [this] { return !pending_.empty() || (last_ && !output_done_); };
  if (is_open()) {
    if (std::exchange(deferred_, false)) nghttp2_session_resume_data(session_->session_, id_);
    session_->push();
  }
  Patience patience(session_ ? session_->settings_.write_timeout : Duration{}, session_ ? session_->settings_.bytes_per_timeout_min : 1);
  while (is_open() && under_way()) {
    size_t before = pending_.size();
    MonoTime began = loop().exact_now();
    io::Wake wake = co_await written_.wait(loop(), patience.deadline(began));
    MonoTime now = loop().now();
    patience.waited(std::chrono::duration_cast<Duration>(now - began));
    patience.moved(before - pending_.size());
    if (wake == io::Wake::timed_out && under_way() && patience.deadline(now) <= now) reset(NGHTTP2_CANCEL);
    if (reset_here_) break;
  }
  if (!under_way()) co_return Result<void>();
  co_return fail_world("E_CLOSED", reset_here_ ? "the peer takes nothing of this stream" : "the stream is closed", false);
}

}  // namespace pds::http
