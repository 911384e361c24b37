#include "codec/parameter_inserter.h"

namespace retina::codec {

bool ParameterInserter::insert(FrameWriter& writer, std::size_t place,
                               const std::shared_ptr<const ParameterSets>& known, ParameterSetInsertion when,
                               bool key_frame) {
  if (!known || when == ParameterSetInsertion::kNever) return true;
  const bool changed = known != inserted_ && (inserted_ || key_frame);
  const bool every = when == ParameterSetInsertion::kKeyFrames;
  if (!changed && !(every && key_frame)) return true;
  std::vector<base::ByteView> nals;
  for (const auto* sets : {&known->vps, &known->sps, &known->sps_extensions, &known->pps})
    nals.insert(nals.end(), sets->begin(), sets->end());
  if (!writer.insert_nals(place, nals)) return false;
  pending_ = known;
  return true;
}

}  // namespace retina::codec
