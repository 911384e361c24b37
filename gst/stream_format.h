#pragma once

#include <gst/gst.h>

#include <memory>
#include <optional>
#include <vector>

#include "codec/depacketizer.h"
#include "codec/frame.h"
#include "gst_ref.h"
#include "sdp/description.h"
#include "settings.h"

namespace retina::gst {

/// How the frames of one stream go downstream: which of the forms that GStreamer knows for the encoding, and
/// the caps that say so. Made once a session, when the SDP is there. Thread-bound.
class StreamFormat {
 public:
  virtual ~StreamFormat() = default;

  /// Takes the form that the peer prefers; `peer` is the answer to a caps query. False: it takes none.
  virtual bool negotiate(const GstCaps* peer) = 0;
  /// What the depacketizer has to make.
  virtual codec::FrameFormat frame_format(codec::ParameterSetInsertion insertion) const = 0;
  /// All forms that the encoding has.
  virtual CapsRef offered() const = 0;
  /// Null: the parameters that the caps need haven't come yet.
  virtual CapsRef caps(const codec::ParameterSets* parameters) const = 0;
};

/// The native form of a section of the SDP, else its RTP packets, whichever the peer takes. Null: it takes
/// neither. `media` is copied; `session_attributes` are the description's own.
std::unique_ptr<StreamFormat> negotiate_format(const sdp::Media& media,
                                               const std::vector<sdp::Attribute>& session_attributes,
                                               const GstCaps* peer);

/// Whether there is a depacketizer for it here.
bool has_native_form(const sdp::Media& media);

/// What a section of the SDP can come as: all native forms, and RTP packets. Transfer full.
CapsRef offered_caps(const sdp::Media& media, const std::vector<sdp::Attribute>& session_attributes);

/// What can come of the media asked for, and RTP packets: any counts as video, since that is what it finds
/// where there is some. Nullopt: everything that StreamFormat::caps() can return. Transfer full.
CapsRef stream_caps(std::optional<MediaChoice> media);

}  // namespace retina::gst
