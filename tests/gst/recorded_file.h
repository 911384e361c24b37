#pragma once

#include <gst/gst.h>

#include <string>
#include <vector>

namespace retina::test {

/// A frame as a demuxer gives it out.
struct StoredFrame {
  GstClockTime pts =
      GST_CLOCK_TIME_NONE;  ///< running time: when it is shown, counted from the file's beginning
  GstClockTime dts = GST_CLOCK_TIME_NONE;
  GstClockTime duration = GST_CLOCK_TIME_NONE;
};

/// What is in a file with one video and, if any, one audio track: H.264, and AAC or mu-law.
struct RecordedFile {
  std::vector<StoredFrame> video;  ///< in the order of the file
  std::vector<StoredFrame> audio;
  std::vector<GstClockTime> pictures;  ///< times of decoded pictures, in the order in which they are shown
  std::vector<GstClockTime> flashes;   ///< of the white ones among them
  std::vector<GstClockTime> beeps;     ///< where a sound begins after silence, to the sample
};

/// Decodes all of it. `demuxer`: "qtdemux", say. `decoder`: of the sound; empty: there is none.
RecordedFile read_back(const std::string& file, const std::string& demuxer, const std::string& decoder);

/// From the first frame's PTS to the end of the last one that is shown.
GstClockTime length(const std::vector<StoredFrame>& frames);

/// What the track's headers in an MP4 file say of its duration (ISO/IEC 14496-12 s8.4.2, s8.3.2).
struct Mp4Track {
  std::string handler;         ///< "vide", "soun"
  GstClockTime media = 0;      ///< of its samples
  GstClockTime presented = 0;  ///< with the edits: from the film's start, in the film's time scale
};
std::vector<Mp4Track> mp4_tracks(const std::string& file);

}  // namespace retina::test
