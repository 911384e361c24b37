#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/address.h"

/// System calls of multicast (RFC 3678).
namespace retina::io {

/// The index of the interface of this name; "": of the one that has the address `local`, or 0, which lets the
/// system choose, where none has. The error is a sentence for the user.
base::Result<unsigned, std::string> multicast_interface(const std::string& name, const Address& local);

/// Joins `group`: as a whole, or only what `sources` send to it. Returns 0 or errno.
int join_group(int fd, const Address& group, const std::vector<Address>& sources, unsigned interface);

/// What is sent to a group goes out of `interface`, and as far as `ttl`.
void send_to_group(int fd, int family, std::optional<int> ttl, unsigned interface);

}  // namespace retina::io
