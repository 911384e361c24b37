#include "rtsp/sha512_256.h"

#include "rtsp/hash.h"
#include "support/check.h"

namespace {

using namespace retina;
using rtsp::HashAlgorithm;

// The first three are NIST's examples for FIPS 180-4; the others stand around the padding's block limits.
LAW(sha512_256_is_that_of_fips_180_4) {
  struct {
    std::string message;
    const char* digest;
  } const cases[] = {
      {"", "c672b8d1ef56ed28ab87c3622c5114069bdd3ad7b8f9737498d0c01ecef0967a"},
      {"abc", "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23"},
      {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopq"
       "rst"
       "nopqrstu",
       "3928e184fb8690f840da3988121d31be65cb9d3ef83ee6146feac861e19b563a"},
      {std::string(111, 'a'), "0239e429f98d0ed61ee8e2a7c30afe98c1c3a80ce5dff62a107e9c538f7632ce"},
      {std::string(112, 'a'), "9216b5303edb66504570bee90e48ea5beaa5e9fe9f760bbd3e0460559fc005f6"},
      {std::string(127, 'a'), "2fe3b2a6ee7e12f6fe4ba82166541ad9b4ed882c493581cbe300d68f3757b778"},
      {std::string(128, 'a'), "b88f97e274f9c1d49f181c8cbd01a9c74930ad055a46ac4499a1d601f1c80bf2"},
      {std::string(1'000'000, 'a'), "9a59a052930187a97038cae692f30708aa6491923ef5194394dc68d56c74fb21"},
  };
  for (const auto& c : cases)
    ASSERT_TEXT(rtsp::hex_hash(HashAlgorithm::kSha512_256, c.message), c.digest);
}

LAW(the_other_hashes_are_what_their_names_say) {
  ASSERT_TEXT(rtsp::hex_hash(HashAlgorithm::kMd5, "abc"), "900150983cd24fb0d6963f7d28e17f72");
  ASSERT_TEXT(rtsp::hex_hash(HashAlgorithm::kMd5, ""), "d41d8cd98f00b204e9800998ecf8427e");
  ASSERT_TEXT(rtsp::hex_hash(HashAlgorithm::kSha256, "abc"),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace

int main() {
  return retina::test::run_laws("sha512_256");
}
