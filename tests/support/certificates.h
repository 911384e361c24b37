#pragma once

#include <string>

namespace retina::test {

/// A certificate authority of the test's own, made by openssl when the test runs, so that nothing of it ever
/// expires; in a folder that the destructor removes.
class Certificates {
 public:
  Certificates();
  ~Certificates();
  Certificates(const Certificates&) = delete;
  Certificates& operator=(const Certificates&) = delete;

  /// Whether openssl is installed.
  static bool can_be_made();

  /// The authority's certificate, a PEM file.
  std::string authority() const { return file("authority.pem"); }
  /// Certificate and key, in one PEM file, for `names` ("IP:127.0.0.1,DNS:localhost"), from now on for so
  /// many days; -1: until yesterday.
  std::string issue(const std::string& names, int days = 2);
  /// One that is signed by itself.
  std::string issue_self_signed(const std::string& names);

 private:
  std::string file(const std::string& name) const { return folder_ + "/" + name; }
  std::string finish(const std::string& number);

  std::string folder_;
  int issued_ = 0;
};

}  // namespace retina::test
