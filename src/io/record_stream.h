#pragma once

#include <gio/gio.h>

#include <cstddef>

#include "io/object_ref.h"

namespace retina::io {

/// A connected socket for GTlsConnection to work on, which it reads in large pieces (see RecordBuffer), while
/// GIO's own stream would be asked for each record twice.
///
/// Used by one thread at a time, but for what a handshake that the server begins makes GIO do on a thread of
/// its own: so the buffer has a lock.
class RecordStream {
 public:
  /// Keeps a reference to `connection`.
  explicit RecordStream(GSocketConnection* connection);

  GIOStream* stream() const { return stream_.get(); }

  /// From now on the socket is read only where permitted, once for each permission, with room for so many
  /// bytes. (Before, whenever something is wanted.)
  void permit_read(std::size_t room_bytes);
  /// Bytes that have been read, and are waiting in here: with no whole record among them, the beginning of
  /// one.
  std::size_t held() const;
  bool has_record() const;
  /// What came first was no TLS record.
  bool is_foreign() const;

 private:
  ObjectRef<GIOStream> stream_;
};

}  // namespace retina::io
