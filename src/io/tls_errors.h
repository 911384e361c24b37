#pragma once

#include <gio/gio.h>

#include <string>

namespace retina::io {

/// What is wrong with the certificate of `host`, and what to do about it: sentences for the user, without an
/// end to them. `faults`: at least one.
std::string words_for_certificate(GTlsCertificateFlags faults, const std::string& host);

/// Why a TLS connection can't be made or goes no further, and what to do about it: without capital and full
/// stop.
std::string words_for_tls(const GError& error);
/// The same, where the server's first bytes are no TLS record.
std::string words_for_no_tls();
/// The same, where it has asked for a client certificate, got none, and gone.
std::string words_for_missing_certificate();

}  // namespace retina::io
