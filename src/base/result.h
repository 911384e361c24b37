#pragma once

#include <cassert>
#include <cstddef>
#include <optional>
#include <utility>
#include <variant>

namespace retina::base {

/// What kind of fault a leaf found. The client turns it into a sentence for people; a parser only says which.
enum class ErrorCode {
  kTruncated,    ///< the input ends before the structure does
  kMalformed,    ///< the input breaks the grammar or the format
  kUnsupported,  ///< valid, but outside of what this code handles
  kTooLarge,     ///< over a documented bound
  kInvalidState  ///< right in itself, wrong at this point of the stream
};

/// A leaf error: small enough to return by value from the hot path.
/// `what` is always a string literal; `offset` is the byte in the parsed input where the fault is.
struct Error {
  ErrorCode code = ErrorCode::kMalformed;
  std::size_t offset = 0;
  const char* what = "";
};

/// Carries an error into a Result, as std::unexpected does.
template <class E>
class Unexpected {
 public:
  explicit Unexpected(E error) : error_(std::move(error)) {}
  E&& error() && { return std::move(error_); }

 private:
  E error_;
};

/// A value or an error, with std::expected's member names.
template <class T, class E = Error>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  using error_type = E;

  // NOLINTNEXTLINE(google-explicit-constructor)
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  // NOLINTNEXTLINE(google-explicit-constructor)
  Result(Unexpected<E> error) : state_(std::in_place_index<1>, std::move(error).error()) {}

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  T& value() & {
    assert(has_value());
    return *std::get_if<0>(&state_);
  }
  const T& value() const& {
    assert(has_value());
    return *std::get_if<0>(&state_);
  }
  T&& value() && {
    assert(has_value());
    return std::move(*std::get_if<0>(&state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const E& error() const& {
    assert(!has_value());
    return *std::get_if<1>(&state_);
  }
  E&& error() && {
    assert(!has_value());
    return std::move(*std::get_if<1>(&state_));
  }

  template <class U>
  T value_or(U&& fallback) && {
    return has_value() ? std::move(*this).value() : static_cast<T>(std::forward<U>(fallback));
  }

 private:
  std::variant<T, E> state_;
};

/// Success without a value, or an error.
template <class E>
class [[nodiscard]] Result<void, E> {
 public:
  using value_type = void;
  using error_type = E;

  Result() = default;
  Result(Unexpected<E> error) : error_(std::move(error).error()) {}  // NOLINT(google-explicit-constructor)

  bool has_value() const { return !error_.has_value(); }
  explicit operator bool() const { return has_value(); }
  const E& error() const& {
    assert(error_.has_value());
    return *error_;
  }
  E&& error() && {
    assert(error_.has_value());
    return std::move(*error_);
  }

 private:
  std::optional<E> error_;
};

/// `return fail(ErrorCode::kTruncated, offset, "RTP header");`
inline Unexpected<Error> fail(ErrorCode code, std::size_t offset, const char* what) {
  return Unexpected<Error>(Error{code, offset, what});
}

}  // namespace retina::base

#define RETINA_CONCAT_(a, b) a##b
#define RETINA_CONCAT(a, b) RETINA_CONCAT_(a, b)
#define RETINA_TRY_(result, declaration, ...)                                \
  auto result = (__VA_ARGS__);                                               \
  if (!result) return ::retina::base::Unexpected(std::move(result).error()); \
  declaration = std::move(result).value()

/// `TRY(auto header, parse_header(bytes));` declares or assigns the value, or returns the error to the
/// caller.
#define TRY(declaration, ...) RETINA_TRY_(RETINA_CONCAT(try_result_, __LINE__), declaration, __VA_ARGS__)

/// `CHECK_OK(validate(x));` goes on, or returns the error to the caller.
#define CHECK_OK(...)                                                                      \
  do {                                                                                     \
    auto check_result = (__VA_ARGS__);                                                     \
    if (!check_result) return ::retina::base::Unexpected(std::move(check_result).error()); \
  } while (false)
