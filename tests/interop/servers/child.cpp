#include "interop/servers/child.h"

#include <arpa/inet.h>
#include <glib/gstdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "support/check.h"
#include "support/peer.h"

namespace retina::test {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

/// The port that was bound; 0 if it can't be.
std::uint16_t bind_port(const Descriptor& socket, std::uint16_t port) {
  sockaddr_in address = loopback(port);
  socklen_t size = sizeof address;
  auto* generic = static_cast<sockaddr*>(static_cast<void*>(&address));
  if (bind(socket.get(), generic, size) != 0 || getsockname(socket.get(), generic, &size) != 0) return 0;
  return ntohs(address.sin_port);
}

}  // namespace

Child::Child(const std::vector<std::string>& arguments) {
  std::vector<const char*> argv;
  for (const std::string& argument : arguments)
    argv.push_back(argument.c_str());
  argv.push_back(nullptr);
  GError* error = nullptr;
  constexpr auto flags =
      static_cast<GSubprocessFlags>(G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE);
  process_ = g_subprocess_newv(argv.data(), flags, &error);
  ck_assert_msg(process_ != nullptr, "%s: %s", argv.front(), error != nullptr ? error->message : "");
  reader_ = std::thread([this] { read(); });
}

Child::~Child() {
  g_subprocess_force_exit(process_);
  g_subprocess_wait(process_, nullptr, nullptr);
  reader_.join();
  g_object_unref(process_);
}

void Child::read() {
  GDataInputStream* stream = g_data_input_stream_new(g_subprocess_get_stdout_pipe(process_));
  while (gchar* line = g_data_input_stream_read_line(stream, nullptr, nullptr, nullptr)) {
    {
      const std::lock_guard lock(mutex_);
      lines_.emplace_back(line);
    }
    changed_.notify_all();
    g_free(line);
  }
  g_object_unref(stream);
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
}

std::string Child::wait_for_line(const std::string& text) {
  std::unique_lock lock(mutex_);
  std::string found;
  std::size_t seen = 0;
  changed_.wait_for(lock, kPatience, [&] {
    for (; seen < lines_.size() && found.empty(); ++seen) {
      if (lines_[seen].find(text) != std::string::npos) found = lines_[seen];
    }
    return !found.empty() || ended_;
  });
  return found;
}

std::string Child::output() const {
  const std::lock_guard lock(mutex_);
  std::string output;
  for (const std::string& line : lines_)
    output += line + "\n";
  return output;
}

bool have_program(const char* name) {
  gchar* path = g_find_program_in_path(name);
  const bool found = path != nullptr;
  g_free(path);
  return found;
}

std::vector<std::string> without_root(std::vector<std::string> arguments) {
  if (geteuid() != 0) return arguments;
  const std::vector<std::string> nobody{"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"};
  arguments.insert(arguments.begin(), nobody.begin(), nobody.end());
  return arguments;
}

std::uint16_t free_port(bool udp) {
  for (int attempt = 0; attempt < 100; ++attempt) {
    const int type = udp ? SOCK_DGRAM : SOCK_STREAM;
    const Descriptor first(socket(AF_INET, type | SOCK_CLOEXEC, 0));
    const Descriptor second(socket(AF_INET, type | SOCK_CLOEXEC, 0));
    const std::uint16_t port = bind_port(first, 0);
    if (!udp && port != 0) return port;
    // RTP has the even one of two ports (RFC 3550 s11).
    const bool even = port != 0 && port % 2 == 0;
    if (even && bind_port(second, static_cast<std::uint16_t>(port + 1)) != 0) return port;
  }
  ck_abort_msg("no free port");
  return 0;
}

Folder::Folder() {
  GError* error = nullptr;
  gchar* path = g_dir_make_tmp("retina-servers-XXXXXX", &error);
  ck_assert_msg(path != nullptr, "%s", error != nullptr ? error->message : "");
  path_ = path;
  g_free(path);
  chmod(path_.c_str(), 0755);
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace retina::test
