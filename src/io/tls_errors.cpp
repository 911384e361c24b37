#include "io/tls_errors.h"

namespace retina::io {
namespace {

struct Fault {
  GTlsCertificateFlags flag;
  const char* nick;  // in tls-validation-flags
  const char* what;
  const char* advice;
};

/// What says most comes first.
constexpr Fault kFaults[] = {
    {G_TLS_CERTIFICATE_BAD_IDENTITY, "bad-identity", "it is made out for another host than ",
     "use the name that it is made out for as the location's host"},
    {G_TLS_CERTIFICATE_EXPIRED, "expired", "it has expired",
     "renew it, or set the clock of this machine right"},
    {G_TLS_CERTIFICATE_NOT_ACTIVATED, "not-activated", "it is not valid yet",
     "set the clocks of the camera and of this machine right"},
    {G_TLS_CERTIFICATE_REVOKED, "revoked", "its authority has revoked it", "give the camera another one"},
    {G_TLS_CERTIFICATE_UNKNOWN_CA, "unknown-ca",
     "no authority that is known here vouches for it (or it is signed by itself)",
     "give the certificate of its authority in tls-database"},
    {G_TLS_CERTIFICATE_INSECURE, "insecure", "it uses an algorithm that is no longer safe",
     "give the camera a newer one"},
    {G_TLS_CERTIFICATE_GENERIC_ERROR, "generic-error", "it can't be checked", "give the camera another one"},
};

void join(std::string& list, const std::string& next, const char* separator) {
  if (!list.empty()) list += separator;
  list += next;
}

}  // namespace

std::string words_for_certificate(GTlsCertificateFlags faults, const std::string& host) {
  std::string what;
  std::string advice;
  std::string nicks;
  for (const Fault& fault : kFaults) {
    if ((faults & fault.flag) == 0) continue;
    join(what, fault.what + (fault.flag == G_TLS_CERTIFICATE_BAD_IDENTITY ? host : ""), ", and ");
    join(advice, fault.advice, "; ");
    join(nicks, fault.nick, " and ");
  }
  return what + ". To mend it, " + advice +
         ". To take it all the same, handle accept-certificate, or leave " + nicks +
         " out of tls-validation-flags";
}

std::string words_for_missing_certificate() {
  return "the camera demands a client certificate; give one with tls-interaction";
}

std::string words_for_no_tls() {
  return "the port doesn't speak TLS; is it the right one, or is it to be rtsp instead of rtsps?";
}

std::string words_for_tls(const GError& error) {
  if (error.domain == G_TLS_ERROR) {
    switch (error.code) {
      case G_TLS_ERROR_UNAVAILABLE:
        return "there is no TLS on this system; install glib-networking";
      case G_TLS_ERROR_NOT_TLS:
        return words_for_no_tls();
      case G_TLS_ERROR_CERTIFICATE_REQUIRED:
        return words_for_missing_certificate();
      default:
        break;
    }
  }
  std::string words = error.message;
  if (words.ends_with('.')) words.pop_back();
  return words;
}

}  // namespace retina::io
