#include "io/record_stream.h"

#include <sys/socket.h>

#include <cerrno>
#include <mutex>
#include <new>
#include <optional>

#include "io/record_buffer.h"
#include "io/type_name.h"

namespace retina::io {
namespace {

/// Of reads during the handshake.
constexpr std::size_t kHandshakeRoom = std::size_t{32} * 1024;

struct State {
  std::mutex mutex;  // a leaf
  RecordBuffer buffer;
  std::optional<std::size_t> permitted;  // room of the one read that is allowed, 0: none is; unset: any
};

// --- the input stream ---

struct RecordInput {
  GInputStream parent;
  GSocketConnection* connection;
  alignas(State) unsigned char storage[sizeof(State)];

  State& state() { return *std::launder(static_cast<State*>(static_cast<void*>(storage))); }
  GSocket* socket() const { return g_socket_connection_get_socket(connection); }
};

RecordInput& input_of(gpointer instance) {
  return *static_cast<RecordInput*>(instance);
}

gssize would_block(GError** error) {
  g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "No record is there");
  return -1;
}

gssize read_nonblocking(GPollableInputStream* stream, void* room, gsize size, GError** error) {
  RecordInput& input = input_of(stream);
  State& state = input.state();
  const std::lock_guard lock(state.mutex);
  const std::span<std::uint8_t> to(static_cast<std::uint8_t*>(room), size);
  for (;;) {
    const std::size_t taken = state.buffer.take(to);
    if (taken > 0 || size == 0) return static_cast<gssize>(taken);
    const std::size_t permitted = state.permitted.value_or(kHandshakeRoom);
    if (permitted == 0) return would_block(error);
    if (state.permitted) state.permitted = 0;
    const std::span<std::uint8_t> place = state.buffer.prepare(permitted);
    const ssize_t got = ::recv(g_socket_get_fd(input.socket()), place.data(), place.size(), MSG_DONTWAIT);
    if (got == 0) return 0;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return would_block(error);
    if (got < 0) {
      const int number = errno;
      g_set_error_literal(error, G_IO_ERROR, g_io_error_from_errno(number), g_strerror(number));
      return -1;
    }
    state.buffer.commit(static_cast<std::size_t>(got));
  }
}

gssize read_blocking(GInputStream* stream, void* room, gsize size, GCancellable* cancellable,
                     GError** error) {
  for (;;) {
    GError* failure = nullptr;
    auto* pollable = static_cast<GPollableInputStream*>(static_cast<void*>(stream));
    const gssize got = read_nonblocking(pollable, room, size, &failure);
    if (got >= 0) return got;
    if (g_error_matches(failure, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK) == FALSE) {
      g_propagate_error(error, failure);
      return -1;
    }
    g_clear_error(&failure);
    if (g_socket_condition_wait(input_of(stream).socket(), G_IO_IN, cancellable, error) == FALSE) return -1;
  }
}

gboolean is_readable(GPollableInputStream* stream) {
  RecordInput& input = input_of(stream);
  {
    State& state = input.state();
    const std::lock_guard lock(state.mutex);
    if (state.buffer.has_record()) return TRUE;
  }
  return (g_socket_condition_check(input.socket(), G_IO_IN) & G_IO_IN) != 0 ? TRUE : FALSE;
}

GSource* create_source(GPollableInputStream* stream, GCancellable* cancellable) {
  RecordInput& input = input_of(stream);
  bool ready = false;
  {
    State& state = input.state();
    const std::lock_guard lock(state.mutex);
    ready = state.buffer.has_record();
  }
  GSource* child = ready ? g_timeout_source_new(0) : g_socket_create_source(input.socket(), G_IO_IN, nullptr);
  g_source_set_dummy_callback(child);
  GSource* source = g_pollable_source_new_full(stream, child, cancellable);
  g_source_unref(child);
  return source;
}

void init_pollable(gpointer iface, gpointer) {
  auto* pollable = static_cast<GPollableInputStreamInterface*>(iface);
  pollable->read_nonblocking = read_nonblocking;
  pollable->is_readable = is_readable;
  pollable->create_source = create_source;
}

void finalize_input(GObject* object) {
  RecordInput& input = input_of(object);
  input.state().~State();
  g_object_unref(input.connection);
  static_cast<GObjectClass*>(g_type_class_peek(G_TYPE_INPUT_STREAM))->finalize(object);
}

void init_input_class(gpointer klass, gpointer) {
  static_cast<GObjectClass*>(klass)->finalize = finalize_input;
  static_cast<GInputStreamClass*>(klass)->read_fn = read_blocking;
}

void init_input(GTypeInstance* instance, gpointer) {
  new (input_of(instance).storage) State;
}

// --- both directions ---

struct RecordPair {
  GIOStream parent;
  GInputStream* input;
  GSocketConnection* connection;
};

RecordPair& pair_of(gpointer instance) {
  return *static_cast<RecordPair*>(instance);
}

void finalize_pair(GObject* object) {
  RecordPair& pair = pair_of(object);
  g_object_unref(pair.input);
  g_object_unref(pair.connection);
  static_cast<GObjectClass*>(g_type_class_peek(G_TYPE_IO_STREAM))->finalize(object);
}

void init_pair_class(gpointer klass, gpointer) {
  static_cast<GObjectClass*>(klass)->finalize = finalize_pair;
  auto* stream = static_cast<GIOStreamClass*>(klass);
  stream->get_input_stream = [](GIOStream* self) { return pair_of(self).input; };
  stream->get_output_stream = [](GIOStream* self) {
    return g_io_stream_get_output_stream(
        static_cast<GIOStream*>(static_cast<void*>(pair_of(self).connection)));
  };
}

GType input_type() {
  static const GType type = [] {
    const GType made = g_type_register_static_simple(
        G_TYPE_INPUT_STREAM, unused_type_name("RetinaRecordInput").c_str(), sizeof(GInputStreamClass),
        init_input_class, sizeof(RecordInput), init_input, static_cast<GTypeFlags>(0));
    const GInterfaceInfo pollable{init_pollable, nullptr, nullptr};
    g_type_add_interface_static(made, G_TYPE_POLLABLE_INPUT_STREAM, &pollable);
    return made;
  }();
  return type;
}

GType pair_type() {
  static const GType type = g_type_register_static_simple(
      G_TYPE_IO_STREAM, unused_type_name("RetinaRecordStream").c_str(), sizeof(GIOStreamClass),
      init_pair_class, sizeof(RecordPair), [](GTypeInstance*, gpointer) {}, static_cast<GTypeFlags>(0));
  return type;
}

State& state_of(GIOStream* stream) {
  return input_of(pair_of(stream).input).state();
}

}  // namespace

RecordStream::RecordStream(GSocketConnection* connection) {
  auto* input = static_cast<RecordInput*>(g_object_new(input_type(), nullptr));
  input->connection = static_cast<GSocketConnection*>(g_object_ref(connection));
  auto* pair = static_cast<RecordPair*>(g_object_new(pair_type(), nullptr));
  pair->connection = static_cast<GSocketConnection*>(g_object_ref(connection));
  pair->input = &input->parent;
  stream_ = ObjectRef<GIOStream>(&pair->parent);
}

void RecordStream::permit_read(std::size_t room_bytes) {
  State& state = state_of(stream());
  const std::lock_guard lock(state.mutex);
  state.permitted = room_bytes;
}

std::size_t RecordStream::held() const {
  State& state = state_of(stream());
  const std::lock_guard lock(state.mutex);
  return state.buffer.held();
}

bool RecordStream::is_foreign() const {
  State& state = state_of(stream());
  const std::lock_guard lock(state.mutex);
  return state.buffer.is_foreign();
}

bool RecordStream::has_record() const {
  State& state = state_of(stream());
  const std::lock_guard lock(state.mutex);
  return state.buffer.has_record();
}

}  // namespace retina::io
