#pragma once

#include <gio/gio.h>

#include <string>
#include <vector>

#include "support/check.h"

namespace retina::test {

/// tools/retina-camera as a child process; ended by the destructor.
class DemoCamera {
 public:
  explicit DemoCamera(std::vector<std::string> options) {
    const char* program = g_getenv("RETINA_CAMERA");
    std::vector<const char*> arguments{program};
    for (const std::string& option : options)
      arguments.push_back(option.c_str());
    arguments.push_back(nullptr);
    GError* error = nullptr;
    process_ = g_subprocess_newv(arguments.data(), G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error);
    ck_assert_msg(process_ != nullptr, "%s", error != nullptr ? error->message : "");
    GDataInputStream* output = g_data_input_stream_new(g_subprocess_get_stdout_pipe(process_));
    gchar* line = g_data_input_stream_read_line(output, nullptr, nullptr, nullptr);
    url_ = line != nullptr ? line : "";
    g_free(line);
    g_object_unref(output);
    ck_assert_msg(!url_.empty(), "the camera did not start");
  }
  ~DemoCamera() {
    g_subprocess_force_exit(process_);
    g_subprocess_wait(process_, nullptr, nullptr);
    g_object_unref(process_);
  }
  DemoCamera(const DemoCamera&) = delete;
  DemoCamera& operator=(const DemoCamera&) = delete;

  const std::string& url() const { return url_; }

 private:
  GSubprocess* process_ = nullptr;
  std::string url_;
};

}  // namespace retina::test
