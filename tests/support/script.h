#pragma once

#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "support/media.h"
#include "support/peer.h"

namespace retina::test {

/// Says what is wrong with a request; empty if nothing is.
using RequestCheck = std::function<std::string(const RtspRequest&)>;

/// What a camera does on one connection, or in place of one standard reply: steps, one after the other.
///
/// Texts are templates. Known in them: {cseq} {url} {method} of the request that was expected last, {address}
/// (host and port) and {base} ("rtsp://" and address) of the camera. Line ends become CR LF, and the blank
/// line and Content-Length are added, unless the text has a blank line of its own: then its bytes go out as
/// they are.
class Script {
 public:
  /// Waits for a request of this method ("": any; "RESPONSE": the client's answer). Anything else is a
  /// problem and ends the script. Without the method being met in kPatience: likewise.
  Script& expect(std::string method, RequestCheck check = {});
  /// "RTSP/1.0 CODE REASON", CSeq, then `headers` and `body`.
  Script& status(unsigned code, const std::string& reason, const std::string& headers = {},
                 std::string body = {}, Delivery delivery = {});
  Script& ok(const std::string& headers = {}, std::string body = {}, Delivery delivery = {});
  /// Exactly this header, as a template.
  Script& reply(std::string text, std::string body = {}, Delivery delivery = {});
  /// Exactly these bytes: packets, garbage, half a message.
  Script& send(std::string bytes, Delivery delivery = {});
  Script& send(base::ByteView bytes, Delivery delivery = {});
  /// Plays interleaved media (stream n on channels 2n and 2n+1) to its end, or until the client leaves; what
  /// the client asks meanwhile is recorded, and not answered.
  Script& play(Media media);
  /// Does nothing for a while. Only for faults that are about time.
  Script& pause(base::Duration duration);
  Script& stall();         ///< sends nothing until the client closes
  Script& stop_reading();  ///< reads nothing more, until the connection breaks or the camera is destroyed
  Script& close();         ///< FIN
  Script& reset();         ///< RST
  Script& half_close();    ///< FIN in our direction
  Script& run(std::function<void()> action);  ///< on the connection's thread
  /// In a StandardCamera: what it would have done with this request.
  Script& standard(Delivery delivery = {});
  /// In a StandardCamera: the same, but the reply isn't sent (it was lost, or the script sent another).
  Script& standard_unanswered();

  struct Expect {
    std::string method;
    RequestCheck check;
  };
  struct Transmit {
    std::string text;
    std::string body;
    Delivery delivery;
    bool is_template;
  };
  struct Standard {
    bool answered;
    Delivery delivery;
  };
  struct Pause {
    base::Duration duration;
  };
  enum class Act { kStall, kStopReading, kClose, kReset, kHalfClose };
  using Step = std::variant<Expect, Transmit, Media, Standard, Pause, Act, std::function<void()>>;

  const std::vector<Step>& steps() const { return steps_; }
  bool empty() const { return steps_.empty(); }

 private:
  Script& add(Step step);

  std::vector<Step> steps_;
};

/// What surrounds a script that replaces one step of a StandardCamera.
struct ScriptContext {
  const RtspRequest* request = nullptr;                   ///< the one that is being answered, borrowed
  std::function<bool(const Script::Standard&)> standard;  ///< false: the connection is over
};

/// Plays a script to its end; false if the connection is over (closed, broken, problem, camera destroyed).
bool play(const Script& script, Peer& peer, const ScriptContext& context = {});

/// The values for a template on this connection; `request` may be null.
Placeholders placeholders(const Peer& peer, const RtspRequest* request);

}  // namespace retina::test
