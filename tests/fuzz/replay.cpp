// Runs a fuzz target without a fuzzer: on every file of a corpus folder, every prefix of it, and a fixed set
// of mutations; where each input takes long, on one of so many of them. Each file is replayed in a process of
// its own, so that a crash names its input and stops nothing else.
//
// The last line tells how many inputs passed. No input at all is a failure.

#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "fuzz.h"

namespace {

using retina::base::Bytes;
using retina::base::ByteView;

/// Of the processor, so that a busy machine is none: an endless loop is a failure too. Sanitizers are slow.
#ifdef __SANITIZE_ADDRESS__
constexpr time_t kSecondsPerFile = 500;
#else
constexpr time_t kSecondsPerFile = 100;
#endif
constexpr std::size_t kScrambled = 1000;

/// The inputs that are made of one file, by number.
class Variants {
 public:
  explicit Variants(Bytes file) : file_(std::move(file)) {}

  std::size_t count() const { return 1 + file_.size() + file_.size() * kEdits + kScrambled; }

  Bytes make(std::size_t number) const {
    if (number == 0) return file_;
    number -= 1;
    if (number < file_.size())
      return Bytes(file_.begin(), file_.begin() + static_cast<std::ptrdiff_t>(number));
    number -= file_.size();
    if (number < file_.size() * kEdits) return edit(file_, number / kEdits, number % kEdits);
    return scramble(static_cast<std::uint32_t>(number - file_.size() * kEdits));
  }

 private:
  static constexpr std::size_t kEdits = 8;

  static Bytes edit(Bytes bytes, std::size_t at, std::size_t kind) {
    const auto position = bytes.begin() + static_cast<std::ptrdiff_t>(at);
    switch (kind) {
      case 0:
        *position = 0;
        break;
      case 1:
        *position = 0xFF;
        break;
      case 2:
        *position ^= 0x80;
        break;
      case 3:
        *position ^= 0x01;
        break;
      case 4:
        ++*position;
        break;
      case 5:
        *position = '\n';
        break;
      case 6:
        bytes.erase(position);
        break;
      default:
        bytes.insert(position, *position);
        break;
    }
    return bytes;
  }

  /// A few edits at places that follow from `seed`, and now and then a part of the file again at its end.
  Bytes scramble(std::uint32_t seed) const {
    Bytes bytes = file_;
    std::uint32_t state = seed * 2654435761U + 1;
    const auto next = [&state](std::size_t below) {
      state = state * 1664525 + 1013904223;
      return below == 0 ? 0 : (state >> 8) % below;
    };
    for (std::size_t edits = 2 + next(6); edits > 0 && !bytes.empty(); --edits) {
      bytes = edit(std::move(bytes), next(bytes.size()), next(kEdits));
    }
    if (next(4) == 0) {
      const std::size_t from = next(file_.size());
      bytes.insert(bytes.end(), file_.begin() + static_cast<std::ptrdiff_t>(from), file_.end());
    }
    return bytes;
  }

  Bytes file_;
};

/// Written by the process that replays, read by the one that waits for it.
struct Progress {
  volatile std::size_t passed;  // the number of the next one
};

Progress* shared_progress() {
  void* memory = mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    std::perror("mmap");
    std::exit(2);
  }
  return static_cast<Progress*>(memory);
}

void run_all(const Variants& variants, std::size_t step, Progress& progress) {
  const itimerval limit{{}, {kSecondsPerFile, 0}};
  setitimer(ITIMER_PROF, &limit, nullptr);
  for (std::size_t i = 0; i < variants.count(); i += step) {
    Bytes input = variants.make(i);
    input.shrink_to_fit();  // a read past the end is then one past an allocation's end
    LLVMFuzzerTestOneInput(input.data(), input.size());
    progress.passed = i + step;
  }
}

void show_failure(const std::string& file, std::size_t number, const Bytes& input) {
  std::fprintf(stderr, "%s: failed with variant %zu, %zu bytes in hex:\n", file.c_str(), number,
               input.size());
  for (const std::uint8_t byte : input)
    std::fprintf(stderr, "%02x", byte);
  std::fprintf(stderr, "\n");
}

/// All variants of a file passed; adds to `passed` how many did.
bool replay(const std::filesystem::path& path, std::size_t step, Progress& progress, std::size_t& passed) {
  std::ifstream file(path, std::ios::binary);
  const Variants variants(Bytes{std::istreambuf_iterator<char>(file), {}});
  progress.passed = 0;
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    run_all(variants, step, progress);
    std::_Exit(0);
  }
  int status = 0;
  const bool waited = child > 0 && waitpid(child, &status, 0) == child;
  passed += progress.passed / step;
  if (waited && status == 0 && progress.passed >= variants.count()) return true;
  if (progress.passed < variants.count())
    show_failure(path.string(), progress.passed, variants.make(progress.passed));
  return false;
}

std::vector<std::filesystem::path> files_of(const char* folder) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

int main(int argc, char** argv) {
  const unsigned long step = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 1;
  if (argc < 2 || argc > 3 || step == 0) {
    std::fprintf(stderr, "usage: %s CORPUS-FOLDER [ONE-OF-SO-MANY]\n", argv[0]);
    return 2;
  }
  const auto files = files_of(argv[1]);
  if (files.empty()) std::fprintf(stderr, "%s: no files\n", argv[1]);
  Progress* progress = shared_progress();
  std::size_t passed = 0;
  std::size_t failed = 0;
  for (const auto& file : files) {
    if (!replay(file, step, *progress, passed)) ++failed;
  }
  std::printf("%zu passed, %zu failed\n", passed, failed);
  return passed > 0 && failed == 0 ? 0 : 1;
}
