#pragma once

#include <gst/gst.h>

#include <memory>
#include <vector>

#include "base/guarded.h"
#include "bin_streams.h"
#include "camera.h"
#include "errands.h"
#include "settings.h"
#include "signals.h"

namespace retina::gst {

/// The C++ body of a retinabin: all streams of a camera over one session.
///
/// Threads: a thread of the bin's own (Errands) opens the session, shows the pads, starts the streams, and
/// ends; from there on the session is driven by the streams' threads (Camera), and the bin has a thread only
/// while streams come or go, or end together. change_state() is called by GStreamer, properties from any
/// thread. Locks are leaves.
class CameraBin final : public Camera::Chooser {
 public:
  explicit CameraBin(GstBin* bin);

  GstStateChangeReturn change_state(GstStateChange transition);
  gboolean send_event(GstEvent* event);
  void set_property(guint id, const GValue* value, GParamSpec* spec);
  void get_property(guint id, GValue* value, GParamSpec* spec);
  Signals& signals() { return signals_; }
  void set_location(const char* location) { settings_.lock()->location = location; }

  static guint install_select_stream(GType type);

 private:
  GstElement* element() const { return GST_ELEMENT(bin_); }
  std::shared_ptr<Camera> camera() { return *camera_.lock(); }
  static GstElementClass* parent_class() { return GST_ELEMENT_CLASS(g_type_class_peek(GST_TYPE_BIN)); }

  bool open();
  void run();
  void close();
  bool end();
  std::vector<client::Choice> choose(const sdp::Description& description) override {
    return streams_.choose(camera(), description);
  }
  void add_worst_clock(GstStructure* stats) const;

  GstBin* bin_;  // holds us
  base::Guarded<Settings> settings_;
  Signals signals_;
  base::Guarded<std::shared_ptr<Camera>> camera_;  // stays after close(), for the statistics

  base::Guarded<std::shared_ptr<CommonEnd>> end_;  // since the application has asked for it
  Errands errands_;
  BinStreams streams_;
};

}  // namespace retina::gst
