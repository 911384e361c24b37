#include "support/certificates.h"

#include <gio/gio.h>
#include <glib/gstdio.h>

#include <stdexcept>
#include <vector>

namespace retina::test {
namespace {

void openssl(const std::vector<std::string>& arguments) {
  std::vector<char*> argv{const_cast<char*>("openssl")};
  for (const std::string& argument : arguments)
    argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  gchar* said = nullptr;
  GError* error = nullptr;
  gint status = 0;
  const gboolean ran = g_spawn_sync(nullptr, argv.data(), nullptr, G_SPAWN_SEARCH_PATH, nullptr, nullptr,
                                    nullptr, &said, &status, &error) != FALSE
                           ? g_spawn_check_wait_status(status, nullptr)
                           : FALSE;
  const std::string text = said != nullptr ? said : error != nullptr ? error->message : "";
  g_free(said);
  g_clear_error(&error);
  if (ran == FALSE) throw std::runtime_error("openssl " + arguments[0] + ": " + text);
}

const std::vector<std::string> kNewKey{"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"};

std::vector<std::string> joined(std::vector<std::string> a, const std::vector<std::string>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

std::string contents(const std::string& file) {
  gchar* text = nullptr;
  if (g_file_get_contents(file.c_str(), &text, nullptr, nullptr) == FALSE)
    throw std::runtime_error("can't read " + file);
  std::string copy(text);
  g_free(text);
  return copy;
}

}  // namespace

bool Certificates::can_be_made() {
  gchar* path = g_find_program_in_path("openssl");
  const bool found = path != nullptr;
  g_free(path);
  return found;
}

Certificates::Certificates() {
  gchar* made = g_dir_make_tmp("retina-certificates-XXXXXX", nullptr);
  if (made == nullptr) throw std::runtime_error("no temporary folder");
  folder_ = made;
  g_free(made);
  openssl(joined({"req", "-x509", "-keyout", file("authority.key"), "-out", file("authority.pem"), "-subj",
                  "/CN=An authority for tests", "-days", "2"},
                 kNewKey));
}

Certificates::~Certificates() {
  GDir* dir = g_dir_open(folder_.c_str(), 0, nullptr);
  while (const gchar* name = dir != nullptr ? g_dir_read_name(dir) : nullptr)
    g_unlink(file(name).c_str());
  if (dir != nullptr) g_dir_close(dir);
  g_rmdir(folder_.c_str());
}

std::string Certificates::issue(const std::string& names, int days) {
  const std::string number = std::to_string(++issued_);
  openssl(joined({"req", "-keyout", file(number + ".key"), "-out", file(number + ".csr"), "-subj",
                  "/CN=A camera for tests"},
                 kNewKey));
  const std::string extensions = "subjectAltName=" + names + "\n";
  g_file_set_contents(file("extensions").c_str(), extensions.c_str(), -1, nullptr);
  openssl({"x509", "-req", "-in", file(number + ".csr"), "-CA", file("authority.pem"), "-CAkey",
           file("authority.key"), "-set_serial", number, "-days", std::to_string(days), "-extfile",
           file("extensions"), "-out", file(number + ".pem")});
  return finish(number);
}

std::string Certificates::issue_self_signed(const std::string& names) {
  const std::string number = std::to_string(++issued_);
  openssl(joined({"req", "-x509", "-keyout", file(number + ".key"), "-out", file(number + ".pem"), "-subj",
                  "/CN=A camera for tests", "-days", "2", "-addext", "subjectAltName=" + names},
                 kNewKey));
  return finish(number);
}

std::string Certificates::finish(const std::string& number) {
  const std::string both = contents(file(number + ".pem")) + contents(file(number + ".key"));
  g_file_set_contents(file(number + "-both.pem").c_str(), both.c_str(), -1, nullptr);
  return file(number + "-both.pem");
}

}  // namespace retina::test
