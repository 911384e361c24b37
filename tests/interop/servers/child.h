#pragma once

#include <gio/gio.h>

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace retina::test {

/// A server under test: a process of its own, whose output is kept. The destructor ends it, by its id, and
/// waits.
class Child {
 public:
  /// Fails the test when the program can't be started.
  explicit Child(const std::vector<std::string>& arguments);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// The first line of its output (stdout and stderr) that holds `text`; "" when there is none within
  /// kPatience, or when the program has ended.
  std::string wait_for_line(const std::string& text);
  /// Everything that it has said so far.
  std::string output() const;

 private:
  void read();

  GSubprocess* process_ = nullptr;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> lines_;
  bool ended_ = false;
  std::thread reader_;
};

/// Whether a program of this name can be started.
bool have_program(const char* name);

/// The arguments that start `arguments` as a user without rights where we are root: some servers refuse root.
std::vector<std::string> without_root(std::vector<std::string> arguments);

/// A port of the loopback interface that was free a moment ago, for servers that want to be told one. `udp`:
/// of UDP, and the one after it is free too.
std::uint16_t free_port(bool udp = false);

/// A folder of the test's own that everyone can read; emptied and removed by the destructor.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace retina::test
