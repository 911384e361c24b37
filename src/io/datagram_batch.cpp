#include "io/datagram_batch.h"

#include <netinet/in.h>
#include <netinet/udp.h>

#include <algorithm>
#include <cstring>

namespace retina::io {
namespace {

#ifndef UDP_GRO
constexpr int UDP_GRO = 104;
#endif

}  // namespace

DatagramBatch::DatagramBatch() : arena_(std::make_unique_for_overwrite<std::uint8_t[]>(kMessages * kStride)) {
  for (std::size_t i = 0; i < kMessages; ++i) {
    vectors_[i] = {arena_.get() + i * kStride, kMessageBytes};
    msghdr& header = headers_[i].msg_hdr;
    header.msg_iov = &vectors_[i];
    header.msg_iovlen = 1;
    header.msg_name = senders_[i].raw();
    header.msg_control = controls_[i].bytes.data();
    reset(i);
  }
}

/// The kernel has written over what it was told.
void DatagramBatch::reset(std::size_t index) {
  headers_[index].msg_hdr.msg_namelen = sizeof(sockaddr_storage);
  headers_[index].msg_hdr.msg_controllen = kControlBytes;
}

DatagramBatch::Received DatagramBatch::receive(UdpSocket& socket) {
  message_ = messages_ = offset_ = 0;
  Received received;
  // Errors are of datagrams that were sent (ICMP: nobody listens there yet), or of no interest either.
  const int count = ::recvmmsg(socket.fd(), headers_.data(), kMessages, MSG_DONTWAIT, nullptr);
  if (count <= 0) return received;
  received.messages = static_cast<std::size_t>(count);
  for (std::size_t i = 0; i < received.messages; ++i) {
    const bool whole = (headers_[i].msg_hdr.msg_flags & MSG_TRUNC) == 0;
    Message message{arena_.get() + i * kStride, headers_[i].msg_len, headers_[i].msg_len};
    if (headers_[i].msg_hdr.msg_controllen > 0) read_control(i, message, socket, received);
    if (!whole || !socket.wants(senders_[i])) {
      ++received.refused;
    } else if (message.size > 0) {
      received.bytes += message.size;
      wanted_[messages_++] = message;
    }
    reset(i);
  }
  return received;
}

void DatagramBatch::read_control(std::size_t index, Message& message, UdpSocket& socket, Received& received) {
  msghdr& header = headers_[index].msg_hdr;
  for (cmsghdr* item = CMSG_FIRSTHDR(&header); item != nullptr; item = CMSG_NXTHDR(&header, item)) {
    if (item->cmsg_level == IPPROTO_UDP && item->cmsg_type == UDP_GRO) {
      int segment = 0;
      std::memcpy(&segment, CMSG_DATA(item), sizeof segment);
      if (segment > 0) message.segment = static_cast<std::size_t>(segment);
    } else if (item->cmsg_level == SOL_SOCKET && item->cmsg_type == SO_RXQ_OVFL) {
      std::uint32_t total = 0;
      std::memcpy(&total, CMSG_DATA(item), sizeof total);
      received.dropped += socket.count_drops(total);
    }
  }
}

base::ByteView DatagramBatch::next() {
  const Message& message = wanted_[message_];
  const std::size_t size = std::min(message.segment, message.size - offset_);
  const base::ByteView datagram(message.bytes + offset_, size);
  offset_ += size;
  if (offset_ == message.size) {
    offset_ = 0;
    ++message_;
  }
  return datagram;
}

}  // namespace retina::io
