// From the element's settings to the client's options.

#include "settings.h"

#include "client/farewell.h"
#include "client/stale_sessions.h"
#include "support/check.h"

namespace {

using namespace retina;
using namespace std::chrono_literals;

LAW(settings_and_options_start_with_the_same_policies) {
  const client::Options from_settings = gst::Settings().client_options();
  const client::Options standard;
  ck_assert(from_settings.keep_alive == standard.keep_alive);
  ck_assert(from_settings.initial_timestamp == standard.initial_timestamp);
  ck_assert(from_settings.initial_sequence == standard.initial_sequence);
  ck_assert(from_settings.unknown_rtcp_ssrc == standard.unknown_rtcp_ssrc);
  ck_assert(from_settings.unassigned_channel_data == standard.unassigned_channel_data);
  ck_assert(from_settings.session_id == standard.session_id);
  ck_assert(from_settings.teardown == standard.teardown);
}

LAW(every_policy_that_is_set_reaches_the_client) {
  gst::Settings settings;
  settings.keep_alive = false;
  settings.initial_timestamp = client::InitialTimestamp::kRequire;
  settings.initial_sequence = client::InitialSequence::kRespect;
  settings.unknown_rtcp_ssrc = client::UnknownRtcpSsrc::kAbort;
  settings.unassigned_channel_data = client::UnassignedChannelData::kError;
  settings.session_id = client::SessionId::kRequireMatch;
  settings.teardown = client::Teardown::kNever;
  const client::Options options = settings.client_options();
  ck_assert(!options.keep_alive);
  ck_assert(options.initial_timestamp == client::InitialTimestamp::kRequire);
  ck_assert(options.initial_sequence == client::InitialSequence::kRespect);
  ck_assert(options.unknown_rtcp_ssrc == client::UnknownRtcpSsrc::kAbort);
  ck_assert(options.unassigned_channel_data == client::UnassignedChannelData::kError);
  ck_assert(options.session_id == client::SessionId::kRequireMatch);
  ck_assert(options.teardown == client::Teardown::kNever);
}

LAW(all_elements_share_what_is_known_of_stale_sessions_and_the_background) {
  const client::Options first = gst::Settings().client_options();
  const client::Options second = gst::Settings().client_options();
  ck_assert(first.stale_sessions && first.stale_sessions == second.stale_sessions);
  ck_assert(first.farewell && first.farewell == second.farewell);
}

}  // namespace

int main() {
  return retina::test::run_laws("settings");
}
