#include "client/udp_transport.h"

#include <algorithm>

namespace retina::client {
namespace {

constexpr int kDefaultBufferBytes = 2 * 1024 * 1024;

/// The connection must get its turn where datagrams never cease.
constexpr int kMaxReadsInARow = 16;

io::UdpSettings settings_of(const Options& options) {
  io::UdpSettings settings;
  settings.ports = io::parse_port_range(options.port_range).value_or(io::PortRange{});
  settings.buffer_bytes = options.udp_buffer_size > 0 ? options.udp_buffer_size : kDefaultBufferBytes;
  settings.gro = options.udp_gro;
  settings.multicast_interface = options.multicast_interface;
  return settings;
}

}  // namespace

// --- the sockets ---

void UdpTransport::open(std::size_t stream, const io::Connection* connection, Session& session,
                        base::TimePoint now) {
  const auto local = connection != nullptr ? connection->local_address() : std::nullopt;
  if (!local) return session.ports_failed("The local address isn't known that UDP ports are to have.", now);
  auto pair = io::UdpPair::open(*local, settings_of(options_));
  if (!pair) return session.ports_failed(std::move(pair).error(), now);
  take(stream, std::move(pair).value(), session);
  session.ports_opened(stream, pairs_[stream]->rtp_port(), now);
}

void UdpTransport::join(const GroupKnown& known, const io::Connection* connection, Session& session,
                        base::TimePoint now) {
  const auto local = connection != nullptr ? connection->local_address() : std::nullopt;
  const auto camera = connection != nullptr ? connection->peer_address() : std::nullopt;
  const MulticastGroup& group = known.group;
  io::UdpGroup wanted{group.address, group.rtcp_port, group.ttl, group.sources};
  // A group that has a source must be told which; nobody has said another than the camera.
  if (wanted.sources.empty() && wanted.address.is_source_specific() && camera &&
      camera->family() == wanted.address.family()) {
    wanted.sources.push_back(camera->with_port(0));
  }
  auto pair = io::UdpPair::join(wanted, local.value_or(io::Address()), settings_of(options_));
  if (!pair) return session.ports_failed(std::move(pair).error(), now);
  take(known.stream, std::move(pair).value(), session);
}

void UdpTransport::take(std::size_t stream, io::UdpPair pair, Session& session) {
  note_small_buffer(pair, session);
  if (!batch_) batch_ = std::make_unique<io::DatagramBatch>();
  if (pairs_.size() <= stream) pairs_.resize(stream + 1);
  pairs_[stream].emplace(std::move(pair));
  watch();
}

void UdpTransport::note_small_buffer(const io::UdpPair& pair, Session& session) const {
  const int wanted = settings_of(options_).buffer_bytes;
  if (pair.buffer_bytes() >= wanted) return;
  session.note("The system limits the receive buffer of UDP sockets to " +
               std::to_string(pair.buffer_bytes()) + " bytes; large frames may lose packets there. Allow " +
               std::to_string(wanted) + ": sysctl net.core.rmem_max=" + std::to_string(wanted) + ".");
}

void UdpTransport::set_peer(const PeerKnown& peer, const io::Connection* connection) {
  const auto camera = connection != nullptr ? connection->peer_address() : std::nullopt;
  if (!camera || peer.stream >= pairs_.size() || !pairs_[peer.stream]) return;
  // A name isn't looked up: that could take long, and cameras write addresses, if anything.
  const auto source = io::Address::parse(peer.source, 0);
  const bool elsewhere = source && source->family() == camera->family() && !source->same_host(*camera);
  for (const bool rtcp : {false, true}) {
    const std::uint16_t port = rtcp ? peer.rtcp_port : peer.rtp_port;
    std::vector<io::Address> peers{camera->with_port(port)};
    // Behind NAT a camera names an address here that none of its datagrams has: either is good.
    if (elsewhere) peers.push_back(source->with_port(port));
    pairs_[peer.stream]->socket(rtcp).set_peers(std::move(peers), true);
  }
}

void UdpTransport::watch() {
  ports_.clear();
  for (const bool rtcp : {false, true}) {
    for (std::size_t i = 0; i < pairs_.size(); ++i) {
      if (pairs_[i]) ports_.push_back({&pairs_[i]->socket(rtcp), i, rtcp});
    }
  }
  watched_.clear();
  for (const Port& port : ports_)
    watched_.push_back({port.socket->fd(), false});
}

void UdpTransport::close() {
  pairs_.clear();
  watch();
  batch_.reset();
}

void UdpTransport::send(std::vector<Session::Datagram>& datagrams) {
  for (const Session::Datagram& datagram : datagrams) {
    if (datagram.stream < pairs_.size() && pairs_[datagram.stream])
      pairs_[datagram.stream]->socket(datagram.rtcp).send(datagram.bytes);
  }
  datagrams.clear();
}

// --- what comes in ---

bool UdpTransport::busy() const {
  if (has_datagrams()) return true;
  return std::any_of(watched_.begin(), watched_.end(), [](const io::Watched& port) { return port.readable; });
}

void UdpTransport::step(Session& session, const base::Clock& clock) {
  if (batch_->empty()) read(clock);
  while (!batch_->empty() && !session.has_event()) {
    session.receive_datagram(batch_stream_, batch_rtcp_, batch_->next(), batch_arrival_);
  }
  // Where there is always something to read no wait ever ends at its deadline.
  if (session.has_event()) return;
  const auto deadline = session.deadline();
  if (deadline && batch_arrival_ >= *deadline) session.on_time(batch_arrival_);
}

void UdpTransport::read(const base::Clock& clock) {
  const auto ready =
      std::find_if(watched_.begin(), watched_.end(), [](const io::Watched& port) { return port.readable; });
  if (ready == watched_.end()) return;
  const Port& from = ports_[static_cast<std::size_t>(ready - watched_.begin())];
  const io::DatagramBatch::Received got = batch_->receive(*from.socket);
  batch_stream_ = from.stream;
  batch_rtcp_ = from.rtcp;
  batch_arrival_ = clock.now();
  // One that took all it could may have left some.
  const bool full = got.messages == io::DatagramBatch::kMessages;
  ready->readable = full;
  if (!full) {
    reads_in_a_row_ = 0;
  } else if (++reads_in_a_row_ >= kMaxReadsInARow) {
    reads_in_a_row_ = 0;
    for (io::Watched& port : watched_)
      port.readable = false;
  }

  io::ReadStatistics& reads = statistics_.reads;
  if (got.messages > 0) reads.on_batch(got.messages * io::DatagramBatch::kMessageBytes, got.bytes, full);
  if (got.refused > 0) statistics_.packets_invalid.add(got.refused);
  if (got.dropped > 0) statistics_.kernel_drops.add(got.dropped);
}

}  // namespace retina::client
