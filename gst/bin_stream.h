#pragma once

#include <gst/gst.h>

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "camera.h"
#include "gst_ref.h"
#include "source.h"

namespace retina::gst {

/// What the streams of one bin share.
struct StreamGroup {
  guint id = 0;  ///< of their stream-start events
  std::atomic<unsigned> streams = 0;
  std::atomic<unsigned> unlinked = 0;  ///< whose latest buffer met no peer
};

/// One stream of a retinabin: a retinasrc, behind it a depayloader where the encoding has no depacketizer
/// here, and the pad at which the bin shows it. What isn't linked is thrown away: it never stops the other
/// streams.
///
/// Threads: made and shown by whoever drives the session; started and destroyed by another one than the
/// streams'.
class BinStream {
 public:
  struct Place {
    std::size_t number = 0;       ///< among the camera's choices
    std::size_t media_index = 0;  ///< in the description
    unsigned serial = 0;          ///< how many the bin has had before it of this media section
    std::string pad_name;         ///< video_0, say
  };

  /// `bin` and `group` must outlive it.
  BinStream(GstBin* bin, std::shared_ptr<Camera> camera, Place place, StreamGroup& group);
  /// Takes the pad and the elements out of the bin.
  ~BinStream();
  BinStream(const BinStream&) = delete;
  BinStream& operator=(const BinStream&) = delete;

  GstStream* stream() const { return stream_.get(); }
  /// Shows the pad; whoever listens to pad-added links it now.
  void expose();
  /// After expose(): what the camera has to make, for the element that has been linked.
  std::optional<client::Choice> negotiate();
  void start();
  /// All streams that there are with this one; told downstream. Any thread.
  void set_collection(GstStreamCollection* collection) { source().set_collection(collection); }
  /// Calls `over` once EOS has gone out, or now, if it has: on the stream's thread, or here. Until then that
  /// thread may be held up downstream, and whoever stops the stream with it.
  void on_over(std::function<void()> over);
  void set_latency(std::uint32_t latency_ms) { source().set_latency(latency_ms); }
  const Progress& progress() const { return source().progress(); }
  void end_at(std::shared_ptr<CommonEnd> end) { source().end_at(std::move(end)); }
  /// Wherever it is, unless it has ended.
  void end() { source().end(); }

 private:
  static GstFlowReturn chain(GstPad* pad, GstObject* parent, GstBuffer* buffer);
  static GstFlowReturn chain_list(GstPad* pad, GstObject* parent, GstBufferList* list);
  static gboolean pass_event(GstPad* pad, GstObject* parent, GstEvent* event);
  static GstPadProbeReturn on_event(GstPad* pad, GstPadProbeInfo* info, gpointer self);
  GstFlowReturn combine(GstFlowReturn flow);
  Source& source() const;
  void add(GstElement* element);
  PadRef add_elements(const sdp::Description& description);
  void make_pad(GstPad* target);

  GstBin* bin_;
  std::shared_ptr<Camera> camera_;
  Place place_;
  StreamGroup& group_;
  GstElement* source_ = nullptr;       // the bin's
  GstElement* depayloader_ = nullptr;  // the bin's; or null
  GstPad* pad_ = nullptr;              // the bin's
  StreamRef stream_;
  bool unlinked_ = false;  // streaming thread
  std::function<void()> over_;
  enum : unsigned { kOverWanted = 1, kOver = 2 };
  std::atomic<unsigned> over_state_ = 0;
};

}  // namespace retina::gst
