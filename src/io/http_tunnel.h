#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "io/background_connect.h"
#include "io/connection.h"
#include "io/http_response.h"

namespace retina::io {

/// RTSP through HTTP, as QuickTime began it and cameras took it over (Apple, "Tunnelling RTSP and RTP through
/// HTTP"): what the server says comes in the endless body of the answer to a GET, what the client says goes
/// out in base64 as the body of a POST.
///
/// Servers and proxies end the POST when they have had enough of it. Another one is then opened in the
/// background when there is something to say; media goes on meanwhile.
class HttpTunnel final : public Connection {
 public:
  /// Connects, and is woken by the Wakeup at the latest.
  using Connect = std::function<BackgroundConnect::Made(const Wakeup&)>;

  struct Sides {
    std::unique_ptr<Connection> get;  ///< its answer's head has been taken
    base::Bytes early;                ///< what has come behind that head
    std::unique_ptr<Connection> post;
    /// For further ones, on a thread of their own.
    Connect connect;
    /// The head of a POST, one for each connection.
    std::function<std::string()> post_head;
    /// How a POST was answered that has ended, or is over by its answer; status 0: not at all. Not empty: why
    /// there is no use in another one.
    std::function<std::string(const HttpResponse&)> on_post_end;
  };

  explicit HttpTunnel(Sides sides);

  Transfer read(std::span<std::uint8_t> room) override;
  Transfer write(base::ByteView bytes) override;
  void set_low_water(std::size_t bytes) override { sides_.get->set_low_water(bytes); }
  void set_write_timeout(base::Duration timeout) override;
  WaitOutcome wait_with(bool want_write, std::optional<base::TimePoint> deadline, base::TimePoint now,
                        const Wakeup& wakeup, std::span<Watched> others) override;
  std::string words_for(const Transfer& failed) const override;
  std::string peer() const override { return sides_.get->peer(); }
  std::string local() const override { return sides_.get->local(); }
  std::optional<Address> peer_address() const override { return sides_.get->peer_address(); }
  std::optional<Address> local_address() const override { return sides_.get->local_address(); }

 private:
  void flush();
  bool has_unsent() const { return !head_.empty() || !pieces_.empty(); }
  std::size_t send(std::string_view text);
  void look_at_post();
  Transfer read_answer();
  void replace_post();
  void renew_post();
  void take_post();
  WaitOutcome wait_beside_post(std::optional<base::TimePoint> deadline, base::TimePoint now,
                               const Wakeup& wakeup, std::span<Watched> others);

  Sides sides_;
  HttpResponseReader answer_;       // of the POST
  bool answer_unusable_ = false;    // what it says is no answer
  bool post_over_ = false;          // the server hears nothing more through it
  std::string unheard_;             // of base64; what was said last, which the server may not have heard
  int repeats_ = 0;                 // of that
  std::string head_;                // of the POST, what isn't sent
  std::deque<std::string> pieces_;  // of base64; the first is perhaps sent in part
  std::size_t sent_ = 0;            // of the first piece, through this POST
  std::size_t unsent_bytes_ = 0;    // of pieces_
  std::optional<base::Duration> write_timeout_;
  int renewals_ = 0;     // since a piece has been sent
  std::string failure_;  // of the POST side, for good
  std::unique_ptr<BackgroundConnect> connecting_;
  std::vector<Watched> watched_;  // memory that each wait reuses
};

}  // namespace retina::io
